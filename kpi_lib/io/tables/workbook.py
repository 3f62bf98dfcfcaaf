"""Workbooks that people edit: cells that keep what is written, headings, lists to choose from."""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from kpi_lib.errors import InputError, Problem, plain
from kpi_lib.io.archives import packed
from kpi_lib.io.store import write_whole
from kpi_lib.locale.catalogue import Lang, languages, message_language, msg, tr_in
from kpi_lib.locale.words import number

BAND = PatternFill("solid", fgColor="DCE6F1")
BOLD = Font(name="Calibri", bold=True)
WRAPPED = Alignment(vertical="top", wrap_text=True)

# Excel keeps no more in a cell, and openpyxl would cut the rest off without a word.
_LONGEST = 32_767
_A4 = 9
_TIME = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_LINE, _HIGHEST = 14.5, 400  # points; Excel allows 409


def open_book(shown: str, data: bytes, **options: bool) -> Workbook:
    """Open a workbook, all of it, with what openpyxl takes; warnings of openpyxl are nobody's.

    Raises :class:`InputError` where it is damaged.
    """
    try:
        with quiet():
            return openpyxl.load_workbook(io.BytesIO(data), **options)
    except Exception as error:  # a damaged workbook fails anywhere in openpyxl, in many ways
        raise InputError(damaged(shown, error)) from None


def quiet() -> warnings.catch_warnings[None]:
    """Say nothing of the parts of a workbook that openpyxl passes over."""
    return warnings.catch_warnings(action="ignore")


def damaged(shown: str, error: Exception) -> Problem:
    """Say that a workbook cannot be read."""
    found = msg(
        "the workbook cannot be read ({name}: {error}).",
        name=type(error).__name__,
        error=str(error)[:200],
    )
    return Problem(found, msg("Open it in Excel and save it again as .xlsx."), shown)


def check_name(path: Path, force: bool = False) -> None:
    """Say before any work is done where a workbook cannot be written as this file."""
    if path.suffix.lower() != ".xlsx":
        raise InputError(
            msg(
                "{path}: the file ends in '{suffix}'; expected .xlsx.",
                path=path,
                suffix=path.suffix,
            )
        )
    check_free(path, force)


def check_free(path: Path, force: bool = False) -> None:
    """Say where a file is there already, which somebody may have worked on."""
    if path.is_dir():
        raise InputError(msg("{path} is a folder; name a file in it.", path=path))
    if path.exists() and not force:
        raise InputError(
            Problem(
                msg("the file is there already, and somebody may have edited it."),
                msg("Choose another name, or add --force to write over it."),
                str(path),
            )
        )


def put(sheet: Worksheet, row: int, column: int, value: str | int | float) -> Cell:
    """Write a cell; a text stays a text, though it begins with '=' or looks like a number.

    Raises :class:`InputError` for a text that no workbook can hold.
    """
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.alignment = WRAPPED
    if value == "":
        return cell
    if not isinstance(value, str):
        cell.value = value
        return cell
    fault = ""
    if len(value) > _LONGEST:
        fault = msg(
            "found a text of {n} characters; a cell holds {LONGEST}.",
            n=number(len(value), message_language(), 0),
            LONGEST=number(_LONGEST, message_language(), 0),
        )
    elif bad := ILLEGAL_CHARACTERS_RE.search(value.replace("\r", "\0")):
        fault = msg(
            "found the character {value}, which no cell can hold.", value=repr(value[bad.start()])
        )
    if fault:
        shown = value if len(value) <= 60 else value[:57] + "…"
        raise InputError(
            Problem(fault, msg("Change the text {shown}.", shown=repr(shown)), sheet=sheet.title)
        )
    cell.number_format = "@"
    cell.value = value
    cell.data_type = "s"
    return cell


def keep_texts(cells: Iterable[Any]) -> None:
    """Make texts of the formulas that openpyxl sees in texts beginning with '='."""
    for cell in cells:
        if cell.data_type == "f":
            cell.data_type, cell.quotePrefix = "s", True


def list_of_problems(lang: Lang) -> str:
    """Name of the sheet that lists the problems of a workbook which was checked."""
    return tr_in(lang, "sheet", "Problems found by kpi check")


def is_list_of_problems(title: str) -> bool:
    """Recognise the sheet that lists problems, in any language: it holds no data."""
    return plain(title) in {plain(list_of_problems(lang)) for lang in languages()}


def heading(sheet: Worksheet, row: int, column: int, text: str, width: float) -> None:
    """Write the heading of a column and set its width (in characters)."""
    cell = put(sheet, row, column, text)
    cell.font, cell.fill = BOLD, BAND
    sheet.column_dimensions[cell.column_letter].width = width


def fit_height(sheet: Worksheet, row: int) -> None:
    """Make a row as high as its longest text needs; not every program does it by itself."""
    most = 1
    for cell in sheet[row]:
        if isinstance(cell, Cell) and cell.value is not None and cell.alignment.wrap_text:
            width = sheet.column_dimensions[cell.column_letter].width
            lines = [math.ceil(len(line) / width) or 1 for line in str(cell.value).split("\n")]
            most = max(most, sum(lines))
    sheet.row_dimensions[row].height = min(_LINE * most + 2, _HIGHEST)


def offer(sheet: Worksheet, cells: str, source: str, error: str = "") -> None:
    """Give cells a drop-down list; with an ``error`` nothing else can be entered."""
    choice = DataValidation(type="list", formula1=source, allow_blank=True)
    choice.showErrorMessage = bool(error)
    choice.error = error or None
    choice.add(cells)
    sheet.add_data_validation(choice)


def for_paper(sheet: Worksheet, repeat: str, fit: bool = True) -> None:
    """Print on A4, landscape, with the rows ``repeat`` on each page; ``fit``: as wide as it."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.print_title_rows = repeat
    if fit:
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def save(book: Workbook, path: Path) -> None:
    """Write a workbook; the file appears whole or not at all."""
    write_whole(path, as_bytes(book))


def as_bytes(book: Workbook) -> bytes:
    """A workbook as its file; equal workbooks give equal bytes."""
    buffer = io.BytesIO()
    book.save(buffer)
    return without_time(buffer.getvalue())


def without_time(content: bytes) -> bytes:
    """The file of a workbook without the time at which it was made."""
    with zipfile.ZipFile(io.BytesIO(content)) as read:
        parts = {name: read.read(name) for name in read.namelist()}
    core = "docProps/core.xml"
    if core in parts:
        parts[core] = _TIME.sub(rb"\g<1>1980-01-01T00:00:00Z", parts[core])
    return packed(parts.items())


def plain_cell(sheet: Any, text: str, **look: Any) -> Any:
    """A cell of a workbook that is only written: a text, though it begins with '='.

    What no cell can hold is left out.
    """
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST])
    cell.data_type, cell.number_format = "s", "@"
    for name, value in look.items():
        setattr(cell, name, value)
    return cell
