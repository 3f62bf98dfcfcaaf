"""An annex, or the workbook of a framework, made into a framework file that is checked at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_lib.errors import InputError, Problem
from kpi_lib.exchange.annex.columns import in_all_languages
from kpi_lib.exchange.annex.keys import annex_data
from kpi_lib.exchange.annex.making import AnnexData
from kpi_lib.exchange.annex.read import read_annex
from kpi_lib.exchange.book.read import is_framework_book, read_book
from kpi_lib.exchange.coin.entries import Coin
from kpi_lib.exchange.coin.framework import framework_of
from kpi_lib.exchange.coin.read import coin_of_book, coin_of_file
from kpi_lib.exchange.coin.units import units_of
from kpi_lib.framework.check import meaning_faults, shape_faults
from kpi_lib.framework.dump import yaml_text
from kpi_lib.framework.extend import extension_faults
from kpi_lib.framework.load import load_framework, locate_extended
from kpi_lib.framework.model import Framework
from kpi_lib.framework.origins import Origins
from kpi_lib.io.store import write_whole
from kpi_lib.io.tables.grids import Grid, open_workbook, read_content, read_csv, workbook_grids
from kpi_lib.io.tables.workbook import check_free
from kpi_lib.io.yaml_edit import with_comments
from kpi_lib.locale.catalogue import either, msg
from kpi_lib.locale.display import Displayed
from kpi_lib.observations.cities import slug


@dataclass(frozen=True)
class Head:
    """What is said of the whole framework, before what the file itself says."""

    id: str = ""
    version: str = ""
    title: str = ""
    status: str = ""
    by: str = ""
    document: str = ""
    date: str = ""


Units = tuple[pd.DataFrame, pd.DataFrame]
"""What :func:`kpi_lib.exchange.coin.units.units_of` makes: the values, and the cities."""


@dataclass(frozen=True, repr=False)
class Imported(Displayed):
    """A framework that was written, and what was noted or (``lenient``) left out on the way.

    ``rules`` is the number of scoring rules that were read, ``unread`` are the codes of the
    indicators whose rule was kept as text, ``proposed`` is the number of ranges (``valid``) that
    no cell says. ``units`` are the tables of values and of cities that COINr or the COIN Tool has
    beside it, where it was made from theirs.
    """

    framework: Framework
    problems: tuple[Problem, ...]
    rules: int = 0
    unread: tuple[str, ...] = ()
    proposed: int = 0
    units: Units | None = None


def import_framework(
    source: Path,
    output: Path,
    head: Head | None = None,
    *,
    lenient: bool = False,
    force: bool = False,
) -> Imported:
    """Read a table of indicators (.xlsx, .csv, .docx) and write it as a framework file.

    The table is an annex as ministries lay it out, the workbook that ``export_framework``
    writes, which gives an equal framework, or what COINr or the COIN Tool has of an index.
    ``head`` holds what the table does not say.
    Raises :class:`InputError` with every row that cannot be read and every rule of framework
    files that the result breaks; then nothing is written. ``lenient`` writes what can be read,
    if it is a framework; one that is official must be whole.
    """
    head = head or Head()
    _check_output(output, force)
    content = read_content(source)
    origins = Origins(str(source))
    data, made, units = _read(source, content, head, origins)
    problems = made.problems
    _check_official(data, lenient, str(source))
    if not data.get("groups") and "extends" not in data:
        missing = Problem(
            msg("there is no indicator in the file."),
            msg(
                "Name a column {part}, and another such as {part_2}, in the heading of the table.",
                part=in_all_languages("Indicator", either),
                part_2=in_all_languages("Unit", either),
            ),
            str(source),
        )
        raise InputError([*problems, missing])
    faults = _faults(data, origins, output)
    errors = [problem for problem in problems if problem.severity == "error"]
    if faults or (errors and not lenient):
        raise InputError(faults if lenient else _ordered([*problems, *faults]))
    framework = _written(data, source, output, made)
    counts = len(made.rules), tuple(made.unread), len(made.proposed)
    return Imported(framework, tuple(_ordered(problems)), *counts, units)


def _check_output(output: Path, force: bool) -> None:
    if output.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(
            msg(
                "{output}: the file ends in '{suffix}'; expected .yaml.",
                output=output,
                suffix=output.suffix,
            )
        )
    check_free(output, force)


def _check_official(data: dict[str, Any], lenient: bool, file: str) -> None:
    """An official framework says who issued it, and is read whole or not at all."""
    if data.get("status") != "official":
        return
    issued = data.get("issued", {})
    missing = [f"--{key}" for key in ("by", "document", "date") if not issued.get(key)]
    if missing:
        raise InputError(
            Problem(
                msg(
                    "an official framework needs its issuer, document and date: add {missing}.",
                    missing=", ".join(missing),
                ),
                msg("Or set --status working."),
                file,
            )
        )
    if lenient:
        raise InputError(
            msg("an official framework is read whole or not at all: leave --lenient out.")
        )


def _read(
    source: Path, content: bytes, head: Head, origins: Origins
) -> tuple[dict[str, Any], AnnexData, Units | None]:
    kind = source.suffix.lower()
    if kind == ".xlsx":
        book = open_workbook(source, content)
        if coin := coin_of_book(book, str(source)):
            return _of_coin(coin, source, head, origins)
        if is_framework_book(book):
            data, problems = read_book(book, origins)
            return _with_head(data, head), AnnexData(problems=problems), None
        return *_of_annex(workbook_grids(book), source, head, origins), None
    if kind == ".csv" and (coin := coin_of_file(source)):
        return _of_coin(coin, source, head, origins)
    grids = _read_docx(source, content) if kind == ".docx" else [read_csv(source, content)]
    return *_of_annex(grids, source, head, origins), None


def _of_coin(
    coin: Coin, source: Path, head: Head, origins: Origins
) -> tuple[dict[str, Any], AnnexData, Units]:
    """The framework of tables of COINr, the problems of both, and the units."""
    data, problems = framework_of(coin, origins)
    values, cities, of_units = units_of(coin)
    data = _with_head({"id": slug(source.stem) or "framework", **data}, head)
    return data, AnnexData(problems=[*problems, *of_units]), (values, cities)


def _of_annex(
    grids: list[Grid], source: Path, head: Head, origins: Origins
) -> tuple[dict[str, Any], AnnexData]:
    annex = read_annex(grids, str(source))
    data = _with_head({}, replace(head, title=head.title or annex.title))
    data = {"id": slug(source.stem) or "framework", "version": "1.0", "status": "working", **data}
    made = annex_data(annex.root, origins, data.get("title", data["id"]), annex.total)
    if "title" not in data:
        found = msg("the framework has no title: no line above the table reads as one.")
        made.problems.append(Problem(found, msg("Give one with --title."), str(source)))
        data["title"] = data["id"]
    if annex.notes:
        data["note"] = "\n".join(annex.notes)
    if made.points:
        data["scale"] = "points"
    order = ("id", "version", "status", "title", "note", "issued", "scale")
    data = {key: data[key] for key in order if key in data}
    made.problems[:0] = annex.problems
    return {**data, "groups": made.groups}, made


def _read_docx(source: Path, content: bytes) -> list[Grid]:
    from kpi_lib.io.tables.docx import read_docx  # which needs what only some have

    return read_docx(source, content)


def _with_head(data: dict[str, Any], head: Head) -> dict[str, Any]:
    given = {
        key: getattr(head, key)
        for key in ("id", "version", "status", "title")
        if getattr(head, key)
    }
    issued = {key: getattr(head, key) for key in ("by", "document", "date") if getattr(head, key)}
    if issued:
        given["issued"] = {**data.get("issued", {}), **issued}
    return {**data, **given}


def _faults(data: dict[str, Any], origins: Origins, output: Path) -> list[Problem]:
    """Check the result by the rules of framework files; a fault is named by its cell."""
    keyed = _as_read(data)
    faults = list(shape_faults(keyed, origins.lines))
    if faults:
        return origins.problems(faults)
    extends = keyed.get("extends")
    if extends is None:
        return origins.problems(meaning_faults(keyed, origins.lines))
    try:
        base = load_framework(locate_extended(extends, output.parent))
    except InputError as error:
        said = "; ".join(str(problem) for problem in error.problems)
        faults = list(meaning_faults(keyed, origins.lines, extends=True))
        where = Problem(msg("what it extends cannot be read: {said}", said=said), file=origins.file)
        return [*origins.problems(faults), where]
    if any(one.path and one.path.resolve() == output.resolve() for one in base.stack):
        found = msg(
            "'{extends}' is extended by the file that {output} would be written over.",
            extends=extends,
            output=output,
        )
        return [Problem(found, msg("Choose another name for the new file."), origins.file)]
    faults = list(meaning_faults(keyed, origins.lines, extends=True, scale=base.scale))
    return origins.problems([*faults, *extension_faults(keyed, origins.lines, base)])


def _as_read(value: Any) -> Any:
    """Give data as a YAML file would: the keys of maps are texts."""
    if isinstance(value, dict):
        return {str(key): _as_read(one) for key, one in value.items()}
    return [_as_read(one) for one in value] if isinstance(value, list) else value


def _ordered(problems: list[Problem]) -> list[Problem]:
    """Put errors before warnings, and each in the order of the rows."""
    sheets = list(dict.fromkeys(problem.sheet for problem in problems))
    return sorted(
        problems,
        key=lambda problem: (problem.severity, sheets.index(problem.sheet), problem.row or 0),
    )


def _written(data: dict[str, Any], source: Path, output: Path, made: AnnexData) -> Framework:
    """Write the file and load it; what was there before stays if that fails.

    The wording of each rule stands as a comment beside what was made of it, and the reason
    beside what is proposed.
    """
    before = output.read_bytes() if output.exists() else None
    text = f"# From {' '.join(source.name.split())}\n{yaml_text(data)}"
    comments = {(*place, "code"): f"rule: {rule}" for place, rule in made.rules.items()}
    for place, said in made.assumed.items():
        comments[(*place, "code")] += f" | assumed: {said}"
    comments |= {place: f"proposed: {reason}" for place, reason in made.proposed.items()}
    write_whole(output, with_comments(text, comments))
    try:
        return load_framework(output)
    except InputError:
        if before is None:
            output.unlink()
        else:
            write_whole(output, before)
        raise
