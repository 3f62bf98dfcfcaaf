"""A page for each method, from the registry, the schema and `docs/words/methods.yaml`."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pictures
from keys import rows_of, schema, step_of
from markdown import from_docstring, nested_toctree, page, table, words

from kpi_lib.methods import impute, outliers
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.parameters import keyword_only
from kpi_lib.methods.registry import Aggregation, Entry, Normalisation

KINDS = {
    "normalise": "Normalisations: from a value to a score",
    "aggregate": "Aggregations: from the scores of parts to that of the whole",
    "missing": "What is missing",
    "treatment": "Treatment before scoring",
}
_DOCUMENTED = {
    "impute": impute,
    "winsorise": outliers.winsorise,
    "log": outliers.log_curve,
    "boxcox": outliers.boxcox_curve,
}
_WRITTEN = {
    "normalise": "normalise: {what}",
    "aggregate": "aggregate: {what}",
    "missing": "missing: {{policy: {name}, min_coverage: 0.5}}",
    "treatment": "treatment:\n  - {what}",
}


def names() -> dict[str, list[str]]:
    """Every method by its kind, as the registry and the schema of framework files have them."""
    shape = schema("framework")
    policies = shape["properties"]["missing"]["properties"]["policy"]["enum"]
    steps = shape["$defs"]["step"]["properties"]["method"]["enum"]
    return {
        "normalise": [entry for entry in NORMALISE if entry in NORMALISE.own],
        "aggregate": [entry for entry in AGGREGATE if entry in AGGREGATE.own],
        "missing": policies,
        "treatment": steps,
    }


def pages(folder: Path) -> dict[str, str]:
    """The index of methods, and a page for each."""
    made, found, sections = {}, names(), []
    (folder / "methods").mkdir(exist_ok=True)
    links = {name: f"{kind}-{name}.md" for kind, own in found.items() for name in own}
    for kind, own in found.items():
        rows = []
        for name in own:
            entry = {"normalise": NORMALISE, "aggregate": AGGREGATE}.get(kind, {}).get(name)
            said = words("methods")[kind][name]
            title = entry.title if entry else said["title"]
            pictures.draw(kind, name, entry, said.get("example", {}), folder / "methods")
            made[f"methods/{kind}-{name}"] = _page(kind, name, title, entry, said, links)
            rows.append((f"[`{name}`]({links[name]})", title))
        sections.append(f"## {KINDS[kind]}\n\n{table(['method', 'what it does'], rows)}")
    every = [f"{kind}-{name}" for kind, own in found.items() for name in own]
    made["methods/index"] = page(
        "Methods",
        "These pages are written from the registry of methods when the documentation is built. "
        "How the steps follow each other: [](../../guide/scoring.md). Methods of your own: "
        "[](../../guide/own-methods.md).",
        *sections,
        nested_toctree(every),
    )
    return made


def _page(
    kind: str, name: str, title: str, entry: Entry | None, said: Any, links: dict[str, str]
) -> str:
    given = said.get("example", {})
    function = entry.function if entry else _DOCUMENTED.get(name)
    prose, _, source = inspect.getdoc(function).partition("Source: ") if function else ("", "", "")
    source = source or said.get("source", "")
    example = ", ".join(
        [f"method: {name}", *(f"{key}: {_plain(value)}" for key, value in given.items())]
    )
    what = f"{{{example}}}" if given or kind == "treatment" else name
    return page(
        f"`{name}`",
        f"*{title[0].upper()}{title[1:]}.*",
        f"$$\n{said['formula']}\n$$",
        f"![The picture of {name}]({kind}-{name}.svg)",
        from_docstring(prose, links),
        f"**When to use it.** {said['use']}",
        "In a framework file:\n\n```yaml\n" + _WRITTEN[kind].format(what=what, name=name) + "\n```",
        _facts(entry) or _keys(kind, name),
        f"**Source.** {from_docstring(source, links)}" if source else "",
    )


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {v}" for k, v in value.items()) + "}"
    return str(value)


def _keys(kind: str, name: str) -> str:
    if kind != "treatment":
        return ""
    return table(["key", "what it is", "expected"], rows_of(step_of(name), f"step.{name}"))


def _facts(entry: Entry | None) -> str:
    if entry is None:
        return ""
    rows = [("compares cities with each other", "yes" if entry.relative else "no")]
    if isinstance(entry, Normalisation):
        bounds = "by its parameters" if callable(entry.bounds) else entry.bounds
        ends = f"{bounds[0]} to {bounds[1]}" if isinstance(bounds, tuple) else bounds
        rows.append(("scores", str(ends or "on a scale of their own")))
        if entry.needs:
            also = " and ".join(f"`{name}`" for name in entry.or_parameters)
            rows.append(("needs", f"`{entry.needs}` of the indicator, or the parameters {also}"))
    if isinstance(entry, Aggregation):
        takes = "by its parameters" if callable(entry.takes) else entry.takes
        rows.append(("scores that it takes", takes))
        rows.append(("splits into contributions", "yes" if entry.slopes else "no"))
    for parameter in keyword_only(entry):
        none = parameter.default is inspect.Parameter.empty
        rows.append(
            (f"parameter `{parameter.name}`", "given" if none else f"`{parameter.default}`")
        )
    return table(["", ""], rows)
