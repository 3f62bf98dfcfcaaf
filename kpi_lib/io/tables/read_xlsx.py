"""Sheets of Excel workbooks, cell by cell: nothing is held but the cells that are there."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.parsers import expat

import numpy as np
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601

from kpi_lib.errors import InputError, Problem
from kpi_lib.io import limits
from kpi_lib.io.cells.coded import object_column
from kpi_lib.io.cells.numbers import Percent
from kpi_lib.io.tables.sheet import SEARCHED, Area, Raw, filled
from kpi_lib.io.tables.workbook import damaged, is_list_of_problems, quiet
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import tally

_QUOTED_FORMAT = re.compile(r'"[^"]*"|\\.')
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,9})")
_AREA = re.compile(rf"{_PLACE.pattern}:{_PLACE.pattern}")
_MOST_UNSAVED = 100  # formulas without a result that are named


def read_xlsx(shown: str, data: bytes) -> tuple[list[Raw], list[Problem]]:
    """Read the visible sheets of a workbook; what cannot be read becomes problems."""
    sheets: list[Raw] = []
    problems: list[Problem] = []
    try:
        limits.check_archive(shown, data)
        reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True)
        with quiet():
            reader.read_manifest()
            reader.read_strings()
            reader.read_workbook()
            apply_stylesheet(reader.archive, reader.wb)
        for page, relation in reader.parser.find_sheets():
            if is_list_of_problems(page.name) or relation.target not in reader.valid_files:
                continue
            cells = _Cells(reader.shared_strings, reader.wb)
            with reader.archive.open(relation.target) as part:
                cells.parse(part)
            if page.state != "visible":
                problems += hidden(shown, page.name, cells.first_rows())
                continue
            problems += [_unsaved(shown, page.name, cell) for cell in cells.unsaved]
            sheets.append(_raw(shown, page.name, cells))
    except InputError as error:
        return [], list(error.problems)
    except Exception as error:  # a damaged workbook fails anywhere in openpyxl, in many ways
        return [], [damaged(shown, error)]
    return sheets, problems


def hidden(shown: str, name: str, rows: Iterable[Sequence[Any]]) -> list[Problem]:
    """Warn of a hidden sheet with a table in it; a list to choose from is one column."""
    if not any(sum(map(filled, cells)) > 1 for cells in rows):
        return []
    found = msg("the sheet is hidden and is not read.")
    fix = msg("Show it in Excel (Unhide) and save, if it holds data.")
    return [Problem(found, fix, shown, name, severity="warning")]


def shown_value(cell: Any) -> Any:
    """Give the value of a cell of openpyxl; one in per cent becomes what it shows."""
    value = cell.value
    if type(value) in (int, float) and _shows_percent(cell.number_format):
        return _in_percent(value)
    return value


def _shows_percent(number_format: str) -> bool:
    return "%" in number_format and "%" in _QUOTED_FORMAT.sub("", number_format)


def _in_percent(value: float) -> Percent:
    return Percent(f"{value * 100:.12g}")


def _unsaved(shown: str, name: str, cell: str) -> Problem:
    return Problem(
        msg("the formula in cell {cell} has no saved result.", cell=cell),
        msg("Open the workbook in Excel, save it, and read it again."),
        shown,
        name,
    )


class _Cells:
    """The cells of a sheet by row and column, as its XML is read."""

    def __init__(self, strings: Sequence[Any], book: Any) -> None:
        self.rows: dict[int, dict[int, Any]] = {}
        self.merged: list[Area] = []
        self.unsaved: list[str] = []
        self._strings, self._book = strings, book
        formats = [_format_of(style.numFmtId, book) for style in book._cell_styles]
        self._percent = {at for at, said in enumerate(formats) if _shows_percent(said)}
        self._row = self._column = 0
        self._cell: dict[str, str] = {}
        self._place = ""
        self._text: list[str] = []
        self._taken = self._has_text = self._formula = False

    def parse(self, part: Any) -> None:
        """Read the XML of a sheet."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.ParseFile(part)

    def first_rows(self) -> list[list[Any]]:
        return [list(self.rows[row].values()) for row in sorted(self.rows)[:SEARCHED]]

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "c":
            self._begin(attributes)
        elif name in ("v", "t"):
            if self._has_text and name == "v":
                raise ValueError(msg("cell {cell} holds two values", cell=self._place))
            self._taken = self._has_text = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            row = attributes.get("r", "")
            self._row = int(row) if row.isascii() and row.isdigit() else self._row + 1
            self._column = -1
        elif name == "rPh":  # how to pronounce a text
            self._text, self._taken = [], False
        elif name == "mergeCell" and (found := _AREA.fullmatch(attributes.get("ref", ""))):
            left, top, right, bottom = found.groups()
            columns = column_index_from_string(left) - 1, column_index_from_string(right) - 1
            self.merged.append((int(top), columns[0], int(bottom), columns[1]))

    def _begin(self, attributes: dict[str, str]) -> None:
        self._cell, self._place = attributes, attributes.get("r", "")
        self._text, self._has_text, self._formula = [], False, False
        if found := _PLACE.fullmatch(self._place):
            self._row, self._column = int(found[2]), column_index_from_string(found[1]) - 1
        else:
            self._column += 1

    def _characters(self, text: str) -> None:
        if self._taken:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name in ("v", "t"):
            self._taken = False
        elif name == "c":
            value = self._value("".join(self._text)) if self._has_text else None
            if value is not None:
                self.rows.setdefault(self._row, {})[self._column] = value
            elif self._lacks_result and len(self.unsaved) < _MOST_UNSAVED:
                self.unsaved.append(self._place)
            self._text = []

    @property
    def _lacks_result(self) -> bool:
        return self._formula and self._cell.get("t") != "str"

    def _value(self, text: str) -> Any:
        kind, style = self._cell.get("t", "n"), int(self._cell.get("s", "0"))
        if kind == "s":
            return self._strings[int(text)]
        if kind in ("str", "inlineStr", "e"):
            return text or None
        if kind == "b":
            return text.strip() not in ("", "0")
        if kind == "d":
            return from_ISO8601(text)  # type: ignore[no-untyped-call]
        if not text.strip():
            return None
        try:
            number = float(text) if set(text) & set(".eE") else int(text)
        except ValueError:
            return text  # said to be no number where it stands
        if style in self._book._date_formats:
            try:
                span = style in self._book._timedelta_formats
                return from_excel(number, self._book.epoch, timedelta=span)
            except (OverflowError, ValueError):
                return text
        if style in self._percent and abs(number) < 1e300:
            return _in_percent(number)
        return number


def _format_of(number: int, book: Any) -> str:
    if number < 164:
        return str(BUILTIN_FORMATS.get(number, ""))
    own = book._number_formats
    return str(own[number - 164]) if number - 164 < len(own) else ""


def _raw(shown: str, name: str, cells: _Cells) -> Raw:
    """Lay the cells out in columns over the rows that have any."""
    numbers = sorted(cells.rows)
    width = max((max(row) for row in cells.rows.values()), default=-1) + 1
    there = sum(map(len, cells.rows.values()))
    if width > limits.limit(limits.COLUMNS):
        raise InputError(limits.over(_too_wide(width), shown, name))
    if width * len(numbers) > max(limits.limit(limits.FAR_CELLS), limits.CROWDED * there):
        far = next(row for row in numbers if max(cells.rows[row]) == width - 1)
        found = msg(
            "{n} cells stand far apart, over {rows} rows and {columns} columns.",
            n=tally(there),
            rows=tally(len(numbers)),
            columns=tally(width),
        )
        raise InputError(limits.over(found, shown, name, far))
    merged = tuple(_within(cells.merged, numbers, width, shown, name))
    columns = tuple(
        object_column(cells.rows[row].get(at) for row in numbers) for at in range(width)
    )
    return Raw(shown, name, columns, np.array(numbers, dtype=np.int64), merged=merged)


def _too_wide(width: int) -> str:
    return msg("there are {n} columns; a table has far fewer.", n=tally(width))


def _within(
    merged: list[Area], numbers: Sequence[int], width: int, shown: str, name: str
) -> Iterator[Area]:
    """Cut merged cells off at the last row and column that have cells; leave out those beyond."""
    covered = 0
    last = numbers[-1] if numbers else 0
    for top, left, bottom, right in merged:
        if top > last or left >= width:
            continue
        area = (top, left, min(bottom, last), min(right, width - 1))
        covered += max(area[2] - top + 1, 0) * max(area[3] - left + 1, 0)
        if covered > limits.limit(limits.FAR_CELLS):
            found = msg("merged cells cover over {n} cells.", n=tally(covered))
            raise InputError(limits.over(found, shown, name, top))
        yield area
