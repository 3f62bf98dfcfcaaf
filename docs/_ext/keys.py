"""Keys of framework files and kpi.toml, and columns of data, from schemas and readers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from markdown import page, table, words

from kpi_lib.io.schema import KINDS
from kpi_lib.io.vocabulary import vocabulary
from kpi_lib.methods.parameters import method_schemas
from kpi_lib.observations import cities, column_map, evidence, headers, published

_PARTS = {
    "the file": (),
    "`issued`": ("properties", "issued"),
    "`missing`": ("properties", "missing"),
    "a group": ("$defs", "group"),
    "an indicator": ("$defs", "indicator"),
    "`formula`": ("$defs", "indicator", "properties", "formula"),
    "`references`": ("$defs", "indicator", "properties", "references", "items"),
    "a maturity level": ("$defs", "level"),
    "`rule` of a level": ("$defs", "rule"),
    "a criterion": ("$defs", "criterion"),
}
"""The parts of a framework file, in the order of the page."""


@cache
def schema(name: str) -> dict[str, Any]:
    """A schema of the package, with what it takes from the methods that there are."""
    text = (resources.files("kpi_lib.framework") / f"{name}_schema.yaml").read_text("utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return {**read, "$defs": {**read.get("$defs", {}), **method_schemas()}}


def step_of(name: str) -> dict[str, Any]:
    """The shape of a step of treatment."""
    for case in schema("framework")["$defs"]["step"]["allOf"]:
        chosen = case["if"]["properties"]["method"]
        if name in chosen.get("enum", [chosen.get("const")]):
            return dict(case["then"])
    raise KeyError(name)


def rows_of(shape: dict[str, Any], place: str) -> Iterator[tuple[str, str, str]]:
    """A row for each key: its name, what it is, and what is expected."""
    required = shape.get("required", [])
    for key, said in shape.get("properties", {}).items():
        if said is True:
            continue
        yield (
            f"`{key}`" + (" (needed)" if key in required else ""),
            meaning(place, key),
            _expected(said),
        )


def meaning(place: str, key: str) -> str:
    """What a key means: as said for its place, else for any place."""
    said = words("keys")
    return str(said.get(f"{place}.{key}") or said.get(key, ""))


def places() -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of a framework file with their shapes."""
    for title, path in _PARTS.items():
        shape: Any = schema("framework")
        for step in path:
            shape = shape[step]
        yield title, shape


def _expected(said: dict[str, Any]) -> str:
    while "$ref" in said and "description" not in said:
        name = said["$ref"].rpartition("/")[2]
        if name == "normalise":
            return "a [normalisation](methods/index.md), by its name or with parameters"
        if name == "aggregate":
            return "an [aggregation](methods/index.md), by its name or with parameters"
        said = schema("framework")["$defs"].get(name, {})
    if "enum" in said:
        return ", ".join(f"`{value}`" for value in said["enum"])
    if "description" in said:
        return str(said["description"])
    for branch in ("then", "else"):
        if found := said.get(branch, {}).get("description"):
            return str(found)
    kinds = said.get("type", "")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    return str(KINDS.get(kind, kind)).replace("{", "").replace("}", "")


def pages(folder: Path) -> dict[str, str]:
    """The pages of keys and of columns."""
    parts = [
        f"## Keys of {title}\n\n{table(['key', 'what it is', 'expected'], rows_of(shape, title))}"
        for title, shape in places()
    ]
    intro = (
        "A framework is one YAML file. This page is written from the schema by which such files "
        "are checked; an unknown key is an error that names key, file and line. How to write "
        "one: [](../guide/frameworks.md)."
    )
    toml = table(["key", "what it is", "expected"], rows_of(schema("project"), "kpi.toml"))
    return {
        "framework": page("Every key of a framework file", intro, *parts),
        "data": page("Every column of the data", _INTRO, *_columns()),
        "kpi-toml": page(
            "Every key of kpi.toml",
            "`kpi.toml` stands beside the data and holds what is a project's own.",
            toml,
            _inner(schema("project")),
        ),
    }


def _inner(shape: dict[str, Any]) -> str:
    """The keys of the tables in kpi.toml that have keys of their own."""
    parts = []
    for key, said in shape.get("properties", {}).items():
        if said.get("properties"):
            own = table(["key", "what it is", "expected"], rows_of(said, f"kpi.toml.{key}"))
            parts.append(f"## `[{key}]`\n\n{own}")
    return "\n\n".join(parts)


_INTRO = (
    "Tables are CSV, XLSX or Parquet files, or DataFrames. Columns are known by the names on this "
    "page, without regard to case or accents; it is written from the word lists by which files are "
    "read. How tables may be laid out: [](../guide/data.md)."
)


def _columns() -> Iterator[str]:
    known = vocabulary("kpi_lib.observations")
    rows = []
    for name in headers.FIELDS:
        also = ", ".join(known["columns"][name]) or "—"
        others = known["publishers"].get(name, [])
        rows.append((f"`{name}`", meaning("observations", name), also, ", ".join(others[:8])))
    head = ["column", "what it is", "also called", "known of publishers as (among others)"]
    yield f"## Observations\n\n{table(head, rows)}"
    own = dict.fromkeys([*cities.COLUMNS[:1], *cities.COLUMNS[1:], *cities.DEGREES])
    yield _listed("cities.csv", "Cities: `cities.csv`", own)
    yield _listed("evidence", "Evidence: `evidence.csv`", evidence.COLUMNS)
    shown = [name for name in published.COLUMNS if name != "half_step"]
    yield _listed("published", "What was published: `published.csv`", shown)
    rows = [(f"`{key}`", meaning("columns.yaml", key)) for key in column_map._KEYS]
    yield f"## How to read a table: `columns.yaml`\n\n{table(['key', 'what it is'], rows)}"


def _listed(place: str, title: str, names: Any) -> str:
    rows = [(f"`{name}`", meaning(place, name)) for name in names]
    return f"## {title}\n\n{table(['column', 'what it is'], rows)}"


def unsaid() -> list[str]:
    """The keys and columns of which nothing is said yet."""
    found = [f"{title}.{key}" for title, shape in places() for key in shape.get("properties", {})]
    for place, names in (
        ("observations", headers.FIELDS),
        ("cities.csv", (*cities.COLUMNS, *cities.DEGREES)),
        ("columns.yaml", column_map._KEYS),
    ):
        found += [f"{place}.{name}" for name in names]
    return [name for name in found if not meaning(*name.rpartition(".")[::2])]
