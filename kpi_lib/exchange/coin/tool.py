"""The workbook of the COIN Tool, as rows of iMeta and iData.

Its sheet Database has a column for each indicator, and above the values a row each for weight,
direction, goalposts, the groups from the index down, name and code; the sheet Framework has the
names and weights of groups. COINr's ``import_coin_tool()`` reads the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpi_lib.errors import InputError
from kpi_lib.exchange.coin.entries import Cell, Coin, Place, Row
from kpi_lib.locale.catalogue import msg

_DATABASE, _FRAMEWORK = "Database", "Framework"
_ROWS = {"Weight": 7, "Direction": 8, "low": 9, "high": 10, "iName": 15, "iCode": 16}
_LEVELS = (14, 13, 12, 11)  # sub-pillar, pillar, sub-index, index
_FIRST_ROW, _FIRST_COLUMN = 17, 5
_UNIT_NAME, _UNIT_CODE = 2, 3
_GROUP = {"iCode": 3, "Weight": 5, "iName": 8}


def is_tool(book: Workbook) -> bool:
    """Say whether a workbook is one of the COIN Tool."""
    return {_DATABASE, _FRAMEWORK} <= set(book.sheetnames)


def read_tool(book: Workbook, file: str) -> Coin:
    """Read the workbook into the rows of COINr's tables."""
    sheet = book[_DATABASE]
    columns = [
        at
        for at in range(_FIRST_COLUMN, sheet.max_column + 1)
        if _cell(file, sheet, _ROWS["iCode"], at).text and _has_values(file, sheet, at)
    ]
    if not columns:
        found = msg("there is no indicator; expected codes in row 16 from column E on.")
        fix = msg("Leave the sheet as the COIN Tool lays it out.")
        raise InputError(Place(file, sheet.title, _ROWS["iCode"], "E").problem(found, fix))
    levels = _used(file, sheet, columns)
    meta = list(_indicators(file, sheet, columns, levels[0]))
    meta += _groups(file, book, columns, levels)
    codes = {at: row.text("iCode") for at, row in zip(columns, meta, strict=False)}
    return Coin(meta, list(_units(file, sheet, codes)))


def _cell(file: str, sheet: Worksheet, row: int, column: int) -> Cell:
    place = Place(file, sheet.title, row, get_column_letter(column))
    return Cell(sheet.cell(row, column).value, place)


def _has_values(file: str, sheet: Worksheet, column: int) -> bool:
    rows = range(_FIRST_ROW, sheet.max_row + 1)
    return any(_cell(file, sheet, row, column).text for row in rows)


def _used(file: str, sheet: Worksheet, columns: list[int]) -> list[int]:
    """The rows of groups that are used, from below; one with the same group everywhere is not."""
    *below, index = _LEVELS
    used = [
        row for row in below if len({_cell(file, sheet, row, at).text for at in columns} - {""}) > 1
    ]
    return [*used, index]


def _indicators(file: str, sheet: Worksheet, columns: list[int], parents: int) -> Iterator[Row]:
    for at in columns:
        cells = {name: _cell(file, sheet, row, at) for name, row in _ROWS.items()}
        place = cells["iCode"].place
        cells |= {
            "Parent": _cell(file, sheet, parents, at),
            "Type": Cell("Indicator", place),
            "Level": Cell(1, place),
        }
        yield Row(place, cells)


def _groups(file: str, book: Workbook, columns: list[int], levels: list[int]) -> Iterator[Row]:
    """The groups that indicators are in, named and weighed as the sheet Framework says."""
    database, framework = book[_DATABASE], book[_FRAMEWORK]
    said: dict[str, dict[str, Cell]] = {}
    for row in range(1, framework.max_row + 1):
        cells = {name: _cell(file, framework, row, at) for name, at in _GROUP.items()}
        said.setdefault(cells["iCode"].text, cells)
    for number, (row, above) in enumerate(zip(levels, [*levels[1:], 0], strict=True), start=2):
        for code, at in {_cell(file, database, row, at).text: at for at in columns}.items():
            own = _cell(file, database, row, at)
            cells = dict(said.get(code, {"iCode": own, "Weight": Cell(1, own.place)}))
            cells["Parent"] = _cell(file, database, above, at) if above else _nothing(own.place)
            cells |= {"Type": Cell("Aggregate", own.place), "Level": Cell(number, own.place)}
            yield Row(cells["iCode"].place, cells)


def _nothing(place: Place) -> Cell:
    return Cell(None, place)


def _units(file: str, sheet: Worksheet, codes: dict[int, str]) -> Iterator[Row]:
    for row in range(_FIRST_ROW, sheet.max_row + 1):
        cells: dict[str, Any] = {code: _cell(file, sheet, row, at) for at, code in codes.items()}
        cells["uName"] = _cell(file, sheet, row, _UNIT_NAME)
        cells["uCode"] = _cell(file, sheet, row, _UNIT_CODE)
        if any(cell.text for cell in cells.values()):
            yield Row(Place(file, sheet.title, row, ""), cells)
