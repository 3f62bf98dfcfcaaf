"""Find iMeta and iData in a workbook, in two CSV files or in a folder that has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl.workbook.workbook import Workbook

from kpi_lib.errors import InputError, Problem
from kpi_lib.exchange.coin.entries import Coin, Row, Table, table_with
from kpi_lib.exchange.coin.tool import is_tool, read_tool
from kpi_lib.io.tables.grids import read_content, read_csv
from kpi_lib.locale.catalogue import msg

_META, _DATA = "iCode", "uCode"
_RAW, _UNITS = "Data.Raw", "Meta.Unit"  # sheets of COINr's export_to_excel()
_COLUMNS = ("iCode", "Level", "Parent", "Direction", "Weight", "Type")


def coin_of_book(book: Workbook, file: str) -> Coin | None:
    """Read an index from a workbook, whatever its sheets are called; None where it has none.

    Raises :class:`InputError` where iData is not there, or a column of iMeta.
    """
    if is_tool(book):
        return read_tool(book, file)
    tables = list(_sheet_tables(book, file))
    return _coin(tables, file) if any(map(_is_meta, tables)) else None


def coin_of_file(source: Path) -> Coin | None:
    """Read an index from iMeta.csv or iData.csv and the other one, which lies beside it.

    Gives None where the file is neither; raises :class:`InputError` as :func:`coin_of_book`.
    """
    tables = _csv_tables(source)
    if not tables:
        return None
    others = [table for path in _beside(source) for table in _csv_tables(path)]
    return _coin([*tables, *others], str(source.parent))


def table_in(folder: Path) -> Path:
    """The file of a folder that has iMeta."""
    for path in sorted(folder.glob("*.csv")):
        if any(map(_is_meta, _csv_tables(path))):
            return path
    found = msg("there is no CSV file with the columns iCode and Parent in the folder.")
    fix = msg("A project can start from a folder that has iMeta.csv and iData.csv of COINr.")
    raise InputError(Problem(found, fix, str(folder)))


def _is_meta(table: Table) -> bool:
    return _META in table.names and "Parent" in table.names


def _csv_tables(path: Path) -> list[Table]:
    lines = [line.cells for line in read_csv(path, read_content(path)).lines]
    return list(_tables(str(path), "", lines))


def _beside(source: Path) -> list[Path]:
    """The other tables of a folder; those that are called iMeta or iData, if any are."""
    others = sorted(path for path in source.parent.glob("*.csv") if path != source)
    return [path for path in others if path.stem.lower().endswith(("imeta", "idata"))] or others


def _sheet_tables(book: Workbook, file: str) -> Iterator[Table]:
    for sheet in book.worksheets:
        lines = [list(line) for line in sheet.iter_rows(values_only=True)]
        yield from _tables(file, sheet.title, lines)


def _tables(file: str, sheet: str, lines: Sequence[Sequence[Any]]) -> Iterator[Table]:
    for name in (_META, _DATA):
        if table := table_with(name, file, sheet, lines):
            yield table
            return


def _coin(tables: list[Table], where: str) -> Coin:
    meta = next(filter(_is_meta, tables), None)
    data = _data(tables)
    if meta is None or data is None:
        name, column = ("iMeta", _META) if meta is None else ("iData", _DATA)
        found = msg(
            "there is no table {name}; expected one with a column {column}.",
            name=name,
            column=column,
        )
        fix = msg("COINr needs both, iMeta and iData: put them in one workbook or one folder.")
        raise InputError(Problem(found, fix, where))
    problems = [*meta.twice(), *data.twice()]
    lacking = [name for name in _COLUMNS if name not in meta.names]
    if lacking:
        found = msg("there is no column {lacking}.", lacking=", ".join(lacking))
        has = msg("The columns are {names}.", names=", ".join(filter(None, meta.names)))
        problems.append(meta.place.problem(found, has))
    if problems:
        raise InputError(problems)
    return Coin(list(meta.rows()), list(_with_units(data, tables)))


def _data(tables: list[Table]) -> Table | None:
    """The raw data: by its name in what COINr exports, else the table of units that is widest."""
    own = [one for one in tables if _DATA in one.names]
    raw = [one for one in own if one.sheet == _RAW]
    return raw[0] if raw else max(own, key=lambda one: len(one.names), default=None)


def _with_units(data: Table, tables: list[Table]) -> Iterator[Row]:
    """The rows of the data, with what an export of COINr says of the units in a sheet apart."""
    units = next((one for one in tables if one.sheet == _UNITS and data.sheet == _RAW), None)
    known = {row.text(_DATA): row.cells for row in units.rows()} if units else {}
    for row in data.rows():
        yield Row(row.place, {**known.get(row.text(_DATA), {}), **row.cells})
