"""The workbook of a framework read back: the keys of its file, and the cell that each is from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpi_lib.errors import Problem, did_you_mean
from kpi_lib.exchange.book import layout
from kpi_lib.exchange.book.cells import from_cell
from kpi_lib.exchange.book.layout import Field
from kpi_lib.exchange.book.rules import RULES, gather
from kpi_lib.framework.origins import Origins
from kpi_lib.io.tables.grids import cell_text
from kpi_lib.io.yaml import Place
from kpi_lib.locale.catalogue import languages, msg

_Path = tuple[str | int, ...]


def is_framework_book(book: Workbook) -> bool:
    """Say whether a workbook has the sheets that an exported framework has."""
    return bool({layout.FRAMEWORK, layout.INDICATORS} & set(book.sheetnames))


@dataclass
class _Row:
    """One row: the values of its fields by path, and the heading of the column of each."""

    sheet: str
    number: int
    values: dict[_Path, Any] = field(default_factory=dict)
    headings: dict[_Path, str] = field(default_factory=dict)


@dataclass
class _Reading:
    origins: Origins
    problems: list[Problem] = field(default_factory=list)

    def report(
        self, message: str, fix: str = "", sheet: str = "", row: int = 0, column: str = ""
    ) -> None:
        self.problems.append(Problem(message, fix, self.origins.file, sheet, row or None, column))


def read_book(book: Workbook, origins: Origins) -> tuple[dict[str, Any], list[Problem]]:
    """Read an exported workbook into the keys of a framework file, and the problems of cells.

    Texts are taken as they stand, letter by letter.
    """
    reading = _Reading(origins)
    data = _head(book, reading)
    groups = _rows(book, layout.GROUPS, layout.GROUP_FIELDS, reading)
    indicators = _rows(book, layout.INDICATORS, layout.INDICATOR_FIELDS, reading)
    for name in (layout.FRAMEWORK, layout.GROUPS, layout.INDICATORS):
        if name not in book.sheetnames:
            message = msg(
                "there is no sheet '{name}'; the workbook has {sheetnames}.",
                name=name,
                sheetnames=", ".join(book.sheetnames),
            )
            reading.report(message, msg("Give the sheet its name again."))
    if layout.LEVELS in book.sheetnames:
        data["levels"] = _levels(book, reading)
    if groups or indicators:
        data["groups"] = _tree(groups, indicators, reading)
    return data, reading.problems


def _head(book: Workbook, reading: _Reading) -> dict[str, Any]:
    if layout.FRAMEWORK not in book.sheetnames:
        return {}
    sheet = book[layout.FRAMEWORK]
    labels = {one.shown: one for one in layout.HEAD_FIELDS}
    known = {one.label(lang): one for one in layout.HEAD_FIELDS for lang in languages()} | labels
    row = _Row(layout.FRAMEWORK, 0)
    data: dict[str, Any] = {}
    for number in range(2, sheet.max_row + 1):
        label = cell_text(sheet.cell(number, 1))
        found = known.get(label)
        values = [sheet.cell(number, column).value for column in range(2, 2 + len(languages()))]
        if found is None:
            if label or any(map(_has_text, values)):
                fix = did_you_mean(label, labels) or msg("Take the row out.")
                reading.report(
                    msg("'{label}' is not an item of a framework.", label=label),
                    fix,
                    row.sheet,
                    number,
                )
            continue
        row = _Row(layout.FRAMEWORK, number)
        for at, ((_, path), value) in enumerate(zip(found.columns, values, strict=False), start=2):
            _take(row, found, path, get_column_letter(at), value, reading)
        _settle(row, [found], data, (), reading)
    if isinstance(data.get("normalise"), str):
        data["normalise"] = {"method": data["normalise"]}
    return data


def _has_text(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def _rows(book: Workbook, name: str, fields: Sequence[Field], reading: _Reading) -> list[_Row]:
    """Read the rows of a sheet; empty rows are left out."""
    if name not in book.sheetnames:
        return []
    sheet: Worksheet = book[name]
    usual = [heading for one in fields for heading, _ in one.columns]
    known = {heading: (one, path) for one in fields for heading, path in one.headings.items()}
    columns: dict[int, tuple[Field, _Path, str]] = {}
    used: dict[str, int] = {}
    for column in range(1, sheet.max_column + 1):
        heading = cell_text(sheet.cell(1, column))
        target = layout.field_of_target(heading) if name == layout.INDICATORS else None
        found = (target, target.path) if target else known.get(heading)
        cells = (sheet.cell(row, column).value for row in range(2, sheet.max_row + 1))
        if found is None:
            if heading or any(map(_has_text, cells)):
                fix = did_you_mean(heading, usual) or msg("Take the column out.")
                message = msg("the column is none of those that this sheet has.")
                reading.report(message, fix, name, 1, heading or str(column))
        elif heading in used:
            reading.report(
                msg("the column is there twice."), msg("Keep one of them."), name, 1, heading
            )
        else:
            used[heading] = column
            columns[column] = (*found, heading)
    rows = []
    for number in range(2, sheet.max_row + 1):
        row = _Row(name, number)
        for column, (one, path, heading) in columns.items():
            _take(row, one, path, heading, sheet.cell(number, column).value, reading)
        if row.values:
            rows.append(row)
    return rows


def _take(row: _Row, one: Field, path: _Path, heading: str, value: Any, reading: _Reading) -> None:
    """Read a cell into its row; an empty one is nothing."""
    if not _has_text(value):
        return
    value = value if isinstance(value, int | float) else str(value)
    try:
        row.values[path] = from_cell(one.kind, value)
    except ValueError as error:
        message, fix = (*error.args, "")[:2]
        reading.report(message, fix, row.sheet, row.number, heading)
    row.headings[path] = heading


def _settle(
    row: _Row, fields: Sequence[Field], data: dict[str, Any], place: Place, reading: _Reading
) -> None:
    """Put the values of a row into ``data``, in the order of the fields."""
    for one in fields:
        paths = [path for _, path in one.columns]
        found = {path: row.values[path] for path in paths if path in row.values}
        if not found:
            continue
        first = next(iter(found))
        # A text that is there once is that of every language; forms of a noun are of one.
        if one.bilingual and (len(found) == len(paths) or not isinstance(found[first], str)):
            value: Any = {str(path[-1]): value for path, value in found.items()}
        else:
            value = found[first]
        reading.origins.note(
            (*place, *(str(step) for step in one.path if isinstance(step, str))),
            row.sheet,
            row.number,
            row.headings[first],
        )
        _put(data, one.path, value)


def _put(data: dict[str, Any], path: _Path, value: Any) -> None:
    key = str(path[0])
    if len(path) == 1:
        data[key] = value
    elif isinstance(path[1], int) and key != "targets":
        pair = data.setdefault(key, [None, None])
        pair[path[1]] = value
    else:
        data.setdefault(key, {})[path[1]] = value


def _tree(
    groups: Sequence[_Row], indicators: Sequence[_Row], reading: _Reading
) -> list[dict[str, Any]]:
    """Put groups and indicators into their groups, in the order of the rows."""
    by_code: dict[str, _Row] = {}
    for row in groups:
        by_code.setdefault(str(row.values.get(("code",), "")), row)
    inside: dict[str, list[_Row]] = {}
    leaves: dict[str, list[_Row]] = {}
    for rows, members in ((groups, inside), (indicators, leaves)):
        for row in rows:
            parent = str(row.values.get(layout.IN_GROUP.path, ""))
            if parent and parent not in by_code:
                fix = did_you_mean(parent, by_code) or msg("Add the group to its sheet.")
                found = msg("'{parent}' is no code of a group.", parent=parent)
                heading = row.headings[layout.IN_GROUP.path]
                reading.report(found, fix, row.sheet, row.number, heading)
            elif not parent and rows is indicators:
                reading.report(
                    msg("the indicator is in no group."),
                    msg("Write the code of its group."),
                    row.sheet,
                    row.number,
                    layout.IN_GROUP.columns[0][0],
                )
            else:
                members.setdefault(parent, []).append(row)
    reached: set[int] = set()

    def build(row: _Row, place: Place) -> dict[str, Any]:
        reached.add(row.number)
        data: dict[str, Any] = {}
        reading.origins.note(place, row.sheet, row.number)
        _settle(row, _without(layout.GROUP_FIELDS), data, place, reading)
        code = str(data.get("code", ""))
        own = inside.get(code, []) if by_code.get(code) is row and code else []
        if own:
            data["groups"] = [build(one, (*place, "groups", i)) for i, one in enumerate(own)]
        below = leaves.get(code, []) if by_code.get(code) is row and code else []
        if below:
            data["indicators"] = [
                _indicator(one, (*place, "indicators", i), reading) for i, one in enumerate(below)
            ]
        return data

    tree = [build(row, ("groups", i)) for i, row in enumerate(inside.get("", []))]
    for row in groups:
        parent = str(row.values.get(layout.IN_GROUP.path, ""))
        if row.number not in reached and (not parent or parent in by_code):
            reading.report(
                msg("the group is inside itself, by way of the groups that it is in."),
                msg("Leave 'In group' empty for a group at the top."),
                row.sheet,
                row.number,
                row.headings.get(layout.IN_GROUP.path, ""),
            )
    return tree


def _without(fields: Sequence[Field]) -> list[Field]:
    return [one for one in fields if one not in (layout.IN_GROUP, layout.IN_LEVEL)]


def _indicator(row: _Row, place: Place, reading: _Reading) -> dict[str, Any]:
    data: dict[str, Any] = {}
    fields = _without(layout.INDICATOR_FIELDS)
    years = sorted(int(path[1]) for path in row.values if path[0] == "targets")
    at = next(i for i, one in enumerate(fields) if one.path == ("target_source",))
    fields[at:at] = [layout.target_field(year) for year in years]
    reading.origins.note(place, row.sheet, row.number)
    _settle(row, fields, data, place, reading)
    if heading := row.headings.get(("rule",)):
        for parameter in RULES:
            reading.origins.note((*place, "normalise", parameter), row.sheet, row.number, heading)
    try:
        gather(data)
    except ValueError as error:
        columns = (row.headings.get((key,), "") for key in ("rule", "by"))
        heading = next(filter(None, columns), "")
        message, fix = error.args
        reading.report(message, fix, row.sheet, row.number, heading)
    posts = data.get("goalposts")
    if posts and None in posts:
        message = msg("one goalpost is there without the other.")
        headings = (row.headings.get(("goalposts", i), "") for i in (0, 1))
        heading = next(filter(None, headings), "")
        reading.report(message, msg("Give both, or neither."), row.sheet, row.number, heading)
        del data["goalposts"]
    return data


def _levels(book: Workbook, reading: _Reading) -> list[dict[str, Any]]:
    levels: list[dict[str, Any]] = []
    place_of: dict[str, int] = {}
    for row in _rows(book, layout.LEVELS, layout.LEVEL_FIELDS, reading):
        level: dict[str, Any] = {}
        place: Place = ("levels", len(levels))
        reading.origins.note(place, row.sheet, row.number)
        _settle(row, layout.LEVEL_FIELDS, level, place, reading)
        place_of.setdefault(str(level.get("code", "")), len(levels))
        levels.append(level)
    for row in _rows(book, layout.CRITERIA, layout.CRITERION_FIELDS, reading):
        code = str(row.values.get(layout.IN_LEVEL.path, ""))
        if code not in place_of:
            message = (
                msg("'{code}' is no code of a level.", code=code)
                if code
                else msg("the level is missing.")
            )
            fix = did_you_mean(code, place_of) or msg("Write the code of a level.")
            heading = layout.IN_LEVEL.columns[0][0]
            reading.report(message, fix, row.sheet, row.number, heading)
            continue
        at = place_of[code]
        criteria = levels[at].setdefault("criteria", [])
        place = ("levels", at, "criteria", len(criteria))
        criterion: dict[str, Any] = {}
        reading.origins.note(place, row.sheet, row.number)
        _settle(row, _without(layout.CRITERION_FIELDS), criterion, place, reading)
        criteria.append(criterion)
    return levels
