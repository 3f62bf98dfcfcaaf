"""Tables in files (CSV, XLSX, Parquet): their cells and the rows where a person finds them."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openpyxl
import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.io.names import tidy
from kpi_lib.io.numbers import Percent
from kpi_lib.io.workbook import is_list_of_problems
from kpi_lib.locale.catalogue import mark, message_language, msg, tr_n
from kpi_lib.locale.display import Displayed

_SIGNATURES = {
    b"PK\x03\x04": mark("an Excel workbook or another zip archive"),
    b"\xd0\xcf\x11\xe0": mark("an old (.xls) or password-protected Excel workbook"),
    b"PAR1": mark("a Parquet file"),
    b"%PDF": mark("a PDF"),
}
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DECIMAL = {",": ".", ";": ","}
"""The decimal mark where this mark separates cells: Excel takes ';' where ',' is taken."""
_SEARCHED = 30  # rows in which a hidden sheet may show that it has a table
_SAVE_AS_UTF8 = mark("Save it as 'CSV UTF-8' (in Excel: File, Save As).")
_QUOTED_FORMAT = re.compile(r'"[^"]*"|\\.')
_UNSAVED_FORMULA = re.compile(
    rb'<c\b(?![^>]*\bt="str")[^>]*\br="([A-Z]+[0-9]+)"[^>]*>'
    rb"<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>"
)


@dataclass(frozen=True, repr=False)
class Sheet(Displayed):
    """A table as it stands: cells by column, under the headers of its first row.

    ``columns`` hold texts (CSV), or texts, numbers, dates and None (XLSX, Parquet);
    ``rows`` are the row numbers that a spreadsheet shows, the header being row 1. In a form,
    ``cells`` says by header in which column a cell is (F), or which one cell holds for all (B4).
    ``decimal`` is the decimal mark that the kind of file suggests: that of programs in CSV and
    Parquet, the comma where ';' separates cells, none in texts that someone typed in a workbook.
    """

    file: str
    name: str
    header: tuple[str, ...]
    columns: tuple[pd.Series[Any], ...]
    rows: npt.NDArray[np.int64]
    cells: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ""

    def problem(self, message: str, fix: str = "", column: str = "", row: int = 0) -> Problem:
        """Make a problem of this sheet; row 0 is none in particular."""
        cell = self.cell(column, row) if row else ""
        return Problem(message, fix, self.file, self.name, row or None, column, cell=cell)

    def cell(self, column: str, row: int) -> str:
        """Name a cell of a form by its header and row; '' where the sheet is no form."""
        place = self.cells.get(column, "")
        return f"{place}{row}" if place.isalpha() else place

    def problem_at(
        self, positions: Iterable[int], message: str, fix: str = "", column: str = ""
    ) -> Problem:
        """Make one problem of all rows that share a fault: the first, and the others named."""
        first, *others = sorted(int(self.rows[at]) for at in positions)
        names = dict.fromkeys(self.cell(column, row) or str(row) for row in others)
        names.pop(self.cell(column, first), None)  # one cell that holds for all rows
        if names:
            named = ", ".join(list(names)[:10])
            named += msg(" and {n} more", n=len(names) - 10) if len(names) > 10 else ""
            message += " " + _the_same(named, len(names), in_cells=column in self.cells)
        return replace(self.problem(message, fix, column, first), also=tuple(others))


def _the_same(named: str, n: int, *, in_cells: bool) -> str:
    lang = message_language()
    if in_cells:
        return tr_n(lang, "The same in cell {named}.", "The same in cells {named}.", n, named=named)
    return tr_n(lang, "The same in row {named}.", "The same in rows {named}.", n, named=named)


def read_sheets(path: Path, data: bytes) -> tuple[list[Sheet], list[Problem]]:
    """Read the sheets of a file from its content; what cannot be read becomes problems."""
    kind, shown = path.suffix.lower(), str(path)
    if not data.strip():
        return [], [Problem(msg("the file is empty."), "", shown)]
    if fault := _wrong_kind(kind, data):
        return [], [Problem(*fault, shown)]
    sheets, problems = FORMATS[kind].read(shown, data)
    wrong = any(problem.severity == "error" for problem in problems)
    if not wrong and not any(len(sheet.rows) for sheet in sheets):
        problems = [*problems, Problem(msg("there are no rows below the header."), "", shown)]
    return [sheet for sheet in sheets if len(sheet.rows)], problems


def _wrong_kind(kind: str, data: bytes) -> tuple[str, str] | None:
    """Say what a file is that is not what its ending promises."""
    if kind not in FORMATS:
        return (
            msg(
                "the file ends in '{kind}'; expected {ENDINGS}.",
                kind=kind,
                ENDINGS=", ".join(ENDINGS),
            ),
            "",
        )
    expected = FORMATS[kind].sign
    if expected and data.startswith(expected):
        return None
    start = data.lstrip().lower()
    found = next((msg(said) for sign, said in _SIGNATURES.items() if data.startswith(sign)), "")
    if not found and start.startswith((b"<html", b"<!doctype", b"<?xml")):
        found = msg("a web page or XML")
    if not found and not expected:
        return None
    return (
        msg(
            "the file ends in {kind} but is {found}; expected {what}.",
            kind=kind,
            found=found or msg("something else"),
            what=msg(FORMATS[kind].what),
        ),
        msg("Open it in the program that made it and save it in the expected form."),
    )


def _sheet(
    shown: str,
    name: str,
    header: Sequence[Any],
    rows: Iterable[tuple[int, Sequence[Any]]],
    decimal: str = "",
) -> tuple[list[Sheet], list[Problem]]:
    """Make a sheet of numbered rows, leaving out empty rows and empty columns without a name."""
    kept = [
        (number, cells)
        for number, cells in rows
        if cells and (_filled(cells[0]) or any(map(_filled, cells)))  # the first mostly decides
    ]
    width = max([len(header), *(len(cells) for _, cells in kept)])
    columns = [_objects(cells) for cells in zip_longest(*(cells for _, cells in kept))]
    columns += [_objects([None] * len(kept))] * (width - len(columns) if kept else 0)
    headers = [tidy(cell) for cell in header] + [""] * (width - len(header))
    numbers = np.array([number for number, _ in kept], dtype=np.int64)
    problems = [
        Problem(
            msg("column {at} has cells but no name in row 1.", at=at + 1),
            msg("Give it a name or clear it."),
            shown,
            name,
        )
        for at, column in enumerate(columns)
        if not headers[at] and any(_filled(cell) for cell in column)
    ]
    named = [at for at in range(width) if headers[at]]
    empty: pd.Series[Any] = _objects([])
    series = tuple(columns[at] if columns else empty for at in named)
    kept_headers = tuple(headers[at] for at in named)
    return [Sheet(shown, name, kept_headers, series, numbers, decimal=decimal)], problems


def _objects(cells: Iterable[Any]) -> pd.Series[Any]:
    return pd.Series(list(cells), dtype=object)


def _filled(cell: Any) -> bool:
    return cell is not None and cell != "" and (not isinstance(cell, str) or not cell.isspace())


def _read_csv(shown: str, data: bytes) -> tuple[list[Sheet], list[Problem]]:
    encoding = next((name for bom, name in _BOMS.items() if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        byte = f"{error.object[error.start]:#04x}"
        found = msg(
            "byte {byte} in line {line} is not {encoding}.",
            byte=byte,
            line=line,
            encoding=error.encoding.upper(),
        )
        return [], [Problem(found, msg(_SAVE_AS_UTF8), shown)]
    if not text.strip():
        return [], [Problem(msg("the file is empty."), "", shown)]
    if "\0" in text:
        return [], [
            Problem(msg("the file is binary; expected CSV text."), msg(_SAVE_AS_UTF8), shown)
        ]
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header, *rows = list(reader)
    except csv.Error as error:
        found = msg(
            "the text cannot be split into cells at line {line_num}: {error}.",
            line_num=reader.line_num,
            error=error,
        )
        fix = msg('Close every quoted text with " and write a " inside one twice.')
        return [], [Problem(found, fix, shown)]
    width = len(header)
    ragged = [
        Problem(
            msg("found {n} cells; expected {width}, as in the header.", n=len(cells), width=width),
            msg(
                "Put a text that contains '{delimiter}' in double quotes; leave no cell out.",
                delimiter=delimiter,
            ),
            shown,
            row=number,
        )
        for number, cells in enumerate(rows, start=2)
        if cells and (len(cells) < width or any(cells[width:])) and any(cells)
    ]
    if ragged:
        return [], ragged
    numbered = ((n, cells) for n, cells in enumerate(rows, start=2))
    return _sheet(shown, "", header, numbered, _DECIMAL.get(delimiter, ""))


def _delimiter(text: str) -> str:
    """Find what separates the cells: the mark that cuts the first rows into equally many."""

    def fit(delimiter: str) -> tuple[bool, int]:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            widths = [len(cells) for cells in islice(records, 20) if cells]
        except csv.Error:
            return False, 0
        return len(set(widths)) == 1 and widths[0] > 1, widths[0] if widths else 0

    return max(",;\t", key=fit)


def _read_xlsx(shown: str, data: bytes) -> tuple[list[Sheet], list[Problem]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets: list[Sheet] = []
        problems = [_unsaved(shown, cell) for cell in _unsaved_formulas(data)]
        for page in book.worksheets:
            if is_list_of_problems(page.title):
                continue
            page.reset_dimensions()  # some programs write a wrong size, which would cut rows off
            if page.sheet_state != "visible":
                problems += hidden_sheet(shown, page)
                continue
            rows: Iterator[tuple[int, list[Any]]] = (
                (number, [shown_value(cell) for cell in cells])
                for number, cells in enumerate(page.iter_rows(), start=1)
            )
            _, header = next(rows, (1, []))
            read, faults = _sheet(shown, page.title, header, rows)
            sheets += read
            problems += faults
    except Exception as error:  # a damaged workbook fails anywhere in openpyxl, in many ways
        found = msg(
            "the workbook cannot be read ({name}: {error}).", name=type(error).__name__, error=error
        )
        return [], [Problem(found, msg("Open it in Excel and save it again as .xlsx."), shown)]
    return sheets, problems


def hidden_sheet(shown: str, page: Any) -> list[Problem]:
    """Warn of a hidden sheet with a table in it; a list to choose from is one column."""
    rows = islice(page.iter_rows(values_only=True), _SEARCHED)
    if not any(sum(map(_filled, cells)) > 1 for cells in rows):
        return []
    found = msg("the sheet is hidden and is not read.")
    fix = msg("Show it in Excel (Unhide) and save, if it holds data.")
    return [Problem(found, fix, shown, page.title, severity="warning")]


def shown_value(cell: Any) -> Any:
    """Give the value of a cell; one that is shown in per cent becomes what it shows."""
    value = cell.value
    if type(value) not in (int, float):
        return value
    shown_as = cell.number_format
    if "%" in shown_as and "%" in _QUOTED_FORMAT.sub("", shown_as):
        return Percent(f"{value * 100:.12g}")
    return value


def _unsaved_formulas(data: bytes) -> Iterator[str]:
    """Find formulas without a result: a program wrote them and nobody opened the workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.namelist():
            if part.startswith("xl/worksheets/sheet"):
                for found in _UNSAVED_FORMULA.finditer(archive.read(part)):
                    yield found[1].decode()


def _unsaved(shown: str, cell: str) -> Problem:
    return Problem(
        msg("the formula in cell {cell} has no saved result.", cell=cell),
        msg("Open the workbook in Excel, save it, and read it again."),
        shown,
    )


def _read_parquet(shown: str, data: bytes) -> tuple[list[Sheet], list[Problem]]:
    try:
        table = pd.read_parquet(io.BytesIO(data))
    except Exception as error:  # a damaged file fails anywhere in pyarrow, in many ways
        return [], [
            Problem(msg("the Parquet file cannot be read ({error}).", error=error), "", shown)
        ]
    if any(name is not None for name in table.index.names):
        table = table.reset_index()
    columns = tuple(
        column if pd.api.types.is_numeric_dtype(column) else column.astype(object)
        for _, column in table.reset_index(drop=True).items()
    )
    rows = np.arange(2, len(table) + 2, dtype=np.int64)
    header = tuple(tidy(name) for name in table.columns)
    return [Sheet(shown, "", header, columns, rows, decimal=".")], []


@dataclass(frozen=True)
class Format:
    """A kind of file that holds tables.

    ``what`` names it in messages; ``read`` gives the sheets of a file from its name, as it is
    shown, and its content, with what is wrong; ``sign`` is how the content begins, where it always
    begins so.
    """

    what: str
    read: Callable[[str, bytes], tuple[list[Sheet], list[Problem]]]
    sign: bytes = b""


FORMATS: Mapping[str, Format] = {
    ".csv": Format(mark("CSV text"), _read_csv),
    ".xlsx": Format(mark("an Excel workbook"), _read_xlsx, b"PK\x03\x04"),
    ".parquet": Format(mark("a Parquet file"), _read_parquet, b"PAR1"),
}
"""The kinds of files that are read, by their ending in small letters."""

ENDINGS = tuple(FORMATS)
