"""A framework as a workbook that people edit and import again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from kpi_lib.exchange.book import layout
from kpi_lib.exchange.book.cells import to_cell
from kpi_lib.exchange.book.layout import Field
from kpi_lib.exchange.book.rules import spread
from kpi_lib.framework.dump import file_data
from kpi_lib.framework.model import Framework
from kpi_lib.io.tables.workbook import (
    BOLD,
    check_name,
    fit_height,
    for_paper,
    heading,
    offer,
    put,
    save,
)
from kpi_lib.locale.catalogue import Lang, languages, mark, tr, tr_in
from kpi_lib.locale.words import capital

# Rows below the last one that have drop-downs too, for what people add.
_SPARE = 500

_NOTES = (
    mark("Each row of the sheet of groups is a group, each row of the sheet of indicators one."),
    mark(
        "In group: the code of the group it is in; empty for a group at the top. The "
        "order of the rows is the order in the framework."
    ),
    mark("Leave the English column empty where it is the same as the Vietnamese one."),
    mark(
        "Low and high goalposts: the values that score 0 and 100; the direction (higher, "
        "lower) says which of them scores 100."
    ),
    mark("Value = multiplier × numerator / denominator. An empty multiplier is 1."),
    mark(
        "A value outside the possible range is an error in the data; goalposts are another thing."
    ),
    mark("Add a column '{heading}' for another year."),
    mark("A method with parameters is written so: minmax: low=0, high=100"),
    mark(
        "A scoring rule has a line for each number or word and its score, such as '80 → 10'; "
        "bands, piecewise or categories stands under Normalise. '> 80 → 10' is from above 80 on."
    ),
    mark(
        "Where rules, goalposts or targets differ by class of city, name the column of cities.csv "
        "under 'Rules differ by' and begin each line with the class: 'I | 90 → 5'."
    ),
    mark(
        "On the scale of points each indicator has points, a bonus or a deduction, and no weight."
    ),
    mark("In an extension, a group with a code and no title is one of the extended framework."),
    mark("Read it again: kpi framework import FILE.xlsx -o FRAMEWORK.yaml"),
)


def _from_list() -> str:
    return layout.joined(lambda lang: tr_in(lang, "workbook", "Choose from the list."))


def export_framework(framework: Framework, path: Path, force: bool = False) -> None:
    """Write a framework as a workbook; importing it gives an equal framework.

    Of an extension its own part is written. Raises :class:`InputError` where the file does
    not end in .xlsx or is there already (unless ``force``), and for a text that no workbook
    can hold.
    """
    check_name(path, force)
    data = file_data(framework)
    book = Workbook()
    book.remove(book.worksheets[0])
    _write_head(book, data)
    groups, indicators = _rows(data)
    years = sorted({str(year) for leaf in indicators for year in leaf.get("targets", {})})
    targets = [layout.target_field(year) for year in (years or ("2025", "2030"))]
    at = layout.INDICATOR_FIELDS.index(_field("target_source"))
    leaf_fields = (*layout.INDICATOR_FIELDS[:at], *targets, *layout.INDICATOR_FIELDS[at:])
    group_sheet = _write_table(book, layout.GROUPS, layout.GROUP_FIELDS, groups)
    leaf_sheet = _write_table(book, layout.INDICATORS, leaf_fields, indicators)
    for sheet, fields in ((group_sheet, layout.GROUP_FIELDS), (leaf_sheet, leaf_fields)):
        _offer_groups(sheet, fields)
    if "levels" in data:
        _write_levels(book, data["levels"])
    _write_notes(book)
    save(book, path)


def _field(key: str) -> Field:
    return next(field for field in layout.INDICATOR_FIELDS if field.path == (key,))


def _rows(data: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """Give all groups, parents first, and all indicators, each with the code of its group."""
    groups: list[Any] = []
    indicators: list[Any] = []

    def walk(items: Sequence[Mapping[str, Any]], parent: str) -> None:
        for item in items:
            groups.append({**item, "group": parent} if parent else item)
            code = item["code"]
            walk(item.get("groups", ()), code)
            leaves = item.get("indicators", ())
            indicators.extend({**spread(leaf), "group": code} for leaf in leaves)

    walk(data.get("groups", ()), "")
    return groups, indicators


@dataclass(frozen=True)
class _Entry:
    """A value that goes to a cell: the position of its column, and what stands there."""

    column: int
    cell: str | int | float


def _entries(fields: Sequence[Field], item: Mapping[str, Any]) -> Iterator[_Entry]:
    column = 0
    for field in fields:
        value: Any = item
        for step in field.path:
            if isinstance(value, list | tuple) and isinstance(step, int):
                value = value[step]
            else:
                value = value.get(step) if isinstance(value, Mapping) else None
            if value is None:
                break
        if field.bilingual and isinstance(value, Mapping):
            for at, lang in enumerate(languages(), start=1):
                if lang in value:
                    yield _Entry(column + at, to_cell(field.kind, value[lang]))
        elif value is not None:
            yield _Entry(column + 1, to_cell(field.kind, value))
        column += len(field.columns)


def _write_table(
    book: Workbook, name: str, fields: Sequence[Field], items: Sequence[Mapping[str, Any]]
) -> Worksheet:
    sheet: Worksheet = book.create_sheet(name)
    column = 0
    for field in fields:
        for text, _ in field.columns:
            column += 1
            heading(sheet, 1, column, text, field.width)
            if field.options:
                _offer(sheet, column, f'"{",".join(field.options)}"', len(items))
    for row, item in enumerate(items, start=2):
        for entry in _entries(fields, item):
            put(sheet, row, entry.column, entry.cell)
        fit_height(sheet, row)
    fit_height(sheet, 1)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(column)}{len(items) + 1}"
    for_paper(sheet, "1:1", fit=False)
    return sheet


def _offer(sheet: Worksheet, column: int, source: str, count: int) -> None:
    letter = get_column_letter(column)
    offer(sheet, f"{letter}2:{letter}{count + 1 + _SPARE}", source, _from_list())


def _offer_groups(sheet: Worksheet, fields: Sequence[Field]) -> None:
    """Let people choose the group from the codes in the sheet of groups."""
    column = 1
    for field in fields:
        if field is layout.IN_GROUP:
            source = f"{quote_sheetname(layout.GROUPS)}!$A$2:$A$1000"
            _offer(sheet, column, source, sheet.max_row)
        column += len(field.columns)


def _language_heading(of: Lang, *, first: bool) -> str:
    """The heading of the column of a language; that of the first holds other values too."""

    def said(lang: Lang) -> str:
        name = layout.language_name(of, lang)
        return tr(lang, "Value, {language}", language=name) if first else capital(name)

    return layout.joined(said)


def _write_head(book: Workbook, data: Mapping[str, Any]) -> None:
    sheet: Worksheet = book.create_sheet(layout.FRAMEWORK)
    heading(sheet, 1, 1, layout.joined(lambda lang: tr(lang, "Item")), 38)
    for column, of in enumerate(languages(), start=2):
        heading(sheet, 1, column, _language_heading(of, first=column == 2), 70)
    for row, field in enumerate(layout.HEAD_FIELDS, start=2):
        put(sheet, row, 1, field.shown).font = BOLD
        for entry in _entries([field], data):
            put(sheet, row, entry.column + 1, entry.cell)
        fit_height(sheet, row)
        if field.options:
            offer(sheet, f"B{row}", f'"{",".join(field.options)}"', _from_list())
    sheet.freeze_panes = "B2"
    for_paper(sheet, "1:1")


def _write_levels(book: Workbook, levels: Sequence[Mapping[str, Any]]) -> None:
    criteria = [
        {**criterion, "level": level["code"]}
        for level in levels
        for criterion in level.get("criteria", ())
    ]
    _write_table(book, layout.LEVELS, layout.LEVEL_FIELDS, levels)
    _write_table(book, layout.CRITERIA, layout.CRITERION_FIELDS, criteria)


def _write_notes(book: Workbook) -> None:
    sheet: Worksheet = book.create_sheet(layout.NOTES)
    for column, lang in enumerate(languages(), start=1):
        heading(sheet, 1, column, tr(lang, "Notes"), 80)
    target, _ = layout.target_field(2035).columns[0]
    for row, text in enumerate(_NOTES, start=2):
        for column, lang in enumerate(languages(), start=1):
            put(sheet, row, column, tr(lang, text, heading=target))
        fit_height(sheet, row)
    for_paper(sheet, "1:1")
