"""Tables as people lay them out in XLSX, CSV and DOCX: lines of texts, merged cells filled."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils import get_column_letter
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpi_lib.errors import InputError, Problem
from kpi_lib.io import limits
from kpi_lib.io.names import tidy, tidy_lines
from kpi_lib.io.paths import bytes_of, of_another_ending
from kpi_lib.io.tables.read_csv import why_not_split
from kpi_lib.io.tables.workbook import open_book
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import tally

ENDINGS = (".xlsx", ".csv", ".docx")

_RAISED = str.maketrans("0123456789()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾")
_ENCODINGS = ("utf-8-sig", "utf-16")


@dataclass(frozen=True)
class Line:
    """A row of a table, or a paragraph beside one (``prose``).

    ``cells`` are texts in which raised digits are ¹²³; a merged cell stands in every column
    that it covers. ``left`` is the column where the cell of each column begins, ``begins``
    says whether it begins in this row. ``broken`` are the texts with their line breaks, of the
    columns where there are any.
    """

    sheet: str
    row: int
    cells: tuple[str, ...]
    left: tuple[int, ...]
    begins: tuple[bool, ...]
    prose: bool = False
    broken: Mapping[int, str] = field(default_factory=dict, compare=False)

    def text(self, column: int) -> str:
        """The text in a column; nothing beyond the last one."""
        return self.cells[column] if column < len(self.cells) else ""

    def left_at(self, column: int) -> bool:
        """Say whether the cell of a column begins there, and not further left."""
        return column < len(self.left) and self.left[column] == column

    @property
    def filled(self) -> tuple[int, ...]:
        """The columns where a cell with a text begins, whatever it covers."""
        return tuple(at for at, text in enumerate(self.cells) if text and self.left[at] == at)


@dataclass(frozen=True, repr=False)
class Grid(Displayed):
    """The lines of a sheet, or of a table of a document with the paragraphs around it."""

    name: str
    lines: tuple[Line, ...]


def plain_line(sheet: str, row: int, texts: Sequence[str], prose: bool = False) -> Line:
    """Make a line without merged cells."""
    columns = tuple(range(len(texts)))
    return Line(sheet, row, tuple(texts), columns, (True,) * len(texts), prose)


def raised(text: str) -> str:
    """Write what is set as superscript with raised digits."""
    return text.translate(_RAISED)


def read_content(path: Path) -> bytes:
    """Give the content of a file that tables can be read from; else say what is expected."""
    kind = path.suffix.lower()
    if kind not in ENDINGS:
        raise InputError(Problem(*of_another_ending(path.suffix, ENDINGS), str(path)))
    data = bytes_of(path)
    if not data.strip():
        raise InputError(Problem(msg("the file is empty."), "", str(path)))
    if kind != ".csv" and not zipfile.is_zipfile(io.BytesIO(data)):
        found = msg("the file ends in {kind}, but its content is something else.", kind=kind)
        fix = msg(
            "Open it in the program that made it and save it as {kind}, without a password.",
            kind=kind,
        )
        raise InputError(Problem(found, fix, str(path)))
    limits.check_archive(str(path), data)
    return data


def open_workbook(path: Path, data: bytes) -> Workbook:
    """Open a workbook with the results of its formulas, which must all be saved."""
    book = open_book(str(path), data, data_only=True, rich_text=True)
    formulas = open_book(str(path), data)
    _check_extent(path, book)
    problems = [
        Problem(
            msg(
                "the formula in cell {coordinate} has no saved result.", coordinate=cell.coordinate
            ),
            msg("Open the workbook in Excel, save it, and read it again."),
            str(path),
            sheet.title,
        )
        for sheet in formulas.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f" and book[sheet.title][cell.coordinate].value is None
    ]
    if problems:
        raise InputError(problems)
    return book


def workbook_grids(book: Workbook) -> list[Grid]:
    """Give the visible sheets of a workbook, merged cells filled."""
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return [Grid(sheet.title, tuple(_sheet_lines(sheet))) for sheet in shown]


def _check_extent(path: Path, book: Workbook) -> None:
    """Refuse cells that stand so far apart that the rectangle around them fills the memory."""
    for sheet in book.worksheets:
        covered = sheet.max_row * sheet.max_column
        if covered > max(limits.limit(limits.FAR_CELLS), limits.CROWDED * len(sheet._cells)):
            found = msg(
                "cells stand far apart, over {rows} rows and {columns} columns.",
                rows=tally(sheet.max_row),
                columns=tally(sheet.max_column),
            )
            raise InputError(limits.over(found, str(path), sheet.title))


def _sheet_lines(sheet: Worksheet) -> Iterator[Line]:
    corner: dict[tuple[int, int], tuple[int, int]] = {}
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                corner[row, column] = (area.min_row, area.min_col)
    for row in range(1, sheet.max_row + 1):
        corners = [corner.get((row, c), (row, c)) for c in range(1, sheet.max_column + 1)]
        yield Line(
            sheet.title,
            row,
            tuple(cell_text(sheet.cell(*at)) for at in corners),
            tuple(column - 1 for _, column in corners),
            tuple(top == row for top, _ in corners),
            broken=with_breaks([_words(sheet.cell(*at).value) for at in corners]),
        )


def with_breaks(texts: Sequence[str]) -> dict[int, str]:
    """The texts that run over several lines, by position."""
    tidied = {at: tidy_lines(text) for at, text in enumerate(texts)}
    return {at: text for at, text in tidied.items() if "\n" in text}


def _words(value: Any) -> str:
    if isinstance(value, CellRichText):
        return "".join(_run_text(part) for part in value)
    return value if isinstance(value, str) else ""


def column_letter(column: int) -> str:
    """Name a column (from 0) as spreadsheets do."""
    return get_column_letter(column + 1)


def cell_text(cell: Any) -> str:
    """Give the text of a cell as it is shown: 1.10 where the format says two decimals."""
    value = cell.value
    if isinstance(value, CellRichText):
        return tidy(_words(value))
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date):
        return value.isoformat().removesuffix("T00:00:00")
    if not isinstance(value, int | float):
        return tidy(value)
    shown_as = str(cell.number_format).split(";")[0]
    decimals = len(shown_as.partition(".")[2].rstrip('%"').rstrip("\\ ")) if "." in shown_as else 0
    if "%" in shown_as:
        return f"{value * 100:.12g}%"
    if set(shown_as) <= set("#,0.") and decimals and round(value, decimals) == value:
        return f"{value:.{decimals}f}"
    return tidy(float(f"{value:.15g}")) if isinstance(value, float) else str(value)


def _run_text(part: Any) -> str:
    if isinstance(part, TextBlock):
        return raised(part.text) if part.font.vertAlign == "superscript" else part.text
    return str(part)


def read_csv(path: Path, data: bytes) -> Grid:
    """Read a CSV file of any layout; the mark that makes the most cells separates them."""
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeError:
            continue
    else:
        fix = msg("Save it as 'CSV UTF-8' (in Excel: File, Save As).")
        raise InputError(Problem(msg("the file is not UTF-8."), fix, str(path)))
    try:
        read = {mark: _split(text, mark) for mark in ",;\t"}
    except csv.Error as error:
        found = msg("the text cannot be split into cells: {error}.", error=why_not_split(error))
        raise InputError(
            Problem(found, msg('Close every quoted text with ".'), str(path))
        ) from None
    rows = max(read.values(), key=lambda rows: sum(len(row) > 2 for row in rows))
    return Grid("", tuple(plain_line("", at, row) for at, row in enumerate(rows, start=1)))


def _split(text: str, mark: str) -> list[list[str]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    return [[tidy(cell) for cell in row] for row in rows]
