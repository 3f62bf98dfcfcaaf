"""Problems written into a copy of the workbook that they are in, to be sent back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.worksheet.worksheet import Worksheet

from kpi_lib.errors import InputError, Problem
from kpi_lib.io.limits import check_archive
from kpi_lib.io.names import tidy
from kpi_lib.io.paths import bytes_of
from kpi_lib.io.tables.workbook import (
    check_name,
    fit_height,
    for_paper,
    heading,
    is_list_of_problems,
    list_of_problems,
    open_book,
    put,
    save,
)
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.observations.headers import field_of

AUTHOR = "kpi check"
"""Who the comments are by, and their first line: what an earlier check wrote is known by it."""

_FILLS = {
    "error": PatternFill("solid", fgColor="FFC7CE"),
    "warning": PatternFill("solid", fgColor="FFEB9C"),
}
_WIDTH, _LETTERS, _LINE = 380, 55, 17  # of a comment: points, letters in a line, points a line
_KEPT = 6  # the hidden column of the list that keeps which fill a cell had
_NO_FILL = "-"


def targets(files: Sequence[Path], out: Path, force: bool = False) -> dict[Path, Path]:
    """Decide which workbook is copied to which file, before any work is done.

    Parameters
    ----------
    files
        The files that are checked.
    out
        A workbook, where one workbook is checked; else a folder, for a copy of each.
    force
        Whether a file that is there already may be written over; an input never is.

    Raises
    ------
    InputError
        No workbook is checked, several would go into one file, or a file is in the way.
    """
    books = [file for file in files if file.suffix.lower() == ".xlsx"]
    if not books:
        raise InputError(msg("there is no workbook (.xlsx) to annotate; CSV has no comments."))
    if out.suffix.lower() == ".xlsx":
        if len(books) > 1:
            raise InputError(
                msg("{n} workbooks are checked; name a folder to annotate.", n=len(books))
            )
        into = {books[0]: out}
    else:
        into = {book: out / book.name for book in books}
    for target in into.values():
        if any(target.exists() and target.samefile(file) for file in files):
            raise InputError(
                msg("{name} is what is checked; choose another name for the copy.", name=target)
            )
        check_name(target, force)
    return into


def annotate(file: Path, out: Path, problems: Sequence[Problem]) -> None:
    """Copy a workbook with a comment and a colour in every cell that has a problem.

    Red is an error, yellow a warning. A sheet in front lists all problems, also those that are
    of no cell; it is passed over when the workbook is read again. Comments, colours and list of
    an earlier check are taken out first. The texts are those of the problems, so in the language
    of messages. Charts and pictures of the workbook are not copied, and formulas have a result
    again once it is saved in Excel.
    """
    content = bytes_of(file)
    check_archive(str(file), content)
    book = open_book(str(file), content)
    _clear(book)
    by_cell: dict[tuple[str, str], list[Problem]] = {}
    listed = []
    for problem in problems:
        cells = list(_cells(book, problem)) if problem.file == str(file) else []
        listed.append((problem, cells[0] if cells else ""))
        for cell in cells:
            by_cell.setdefault((problem.sheet, cell), []).append(problem)
    kept = [
        (sheet, cell, _mark(book[sheet], cell, found)) for (sheet, cell), found in by_cell.items()
    ]
    _write_list(book, listed, kept, str(file))
    out.parent.mkdir(parents=True, exist_ok=True)
    save(book, out)


def _cells(book: Workbook, problem: Problem) -> Iterator[str]:
    """Find the cells that a problem is about: those of all rows that share it."""
    if problem.sheet not in book.sheetnames:
        return
    page = book[problem.sheet]
    if problem.cell:
        letter, row = coordinate_from_string(problem.cell)
        yield _visible(page, problem.cell)
        if row == problem.row:  # else one cell holds for all rows
            yield from (_visible(page, f"{letter}{other}") for other in problem.also)
        return
    if problem.row is None and not problem.column:
        return
    head = _head(page, problem.column, problem.row)
    if problem.row is None:
        if head:
            yield head
        return
    letter = coordinate_from_string(head)[0] if head else "A"
    for row in (problem.row, *problem.also):
        yield _visible(page, f"{letter}{row}")


def _head(page: Worksheet, column: str, row: int | None) -> str:
    """Find the cell with the heading of a column, above a row; '' where there is none."""
    if not column:
        return ""
    last = page.max_row if row is None else row - 1
    meant = ""
    for cells in page.iter_rows(min_row=1, max_row=max(last, 1)):
        for cell in cells:
            text = tidy(cell.value)
            if text == column:
                return str(cell.coordinate)
            if text and not meant and field_of(text) == column:
                meant = str(cell.coordinate)
    return meant


def _visible(page: Worksheet, cell: str) -> str:
    """Give the cell that holds what is shown in a merged one."""
    if isinstance(page[cell], MergedCell):
        for area in page.merged_cells.ranges:
            if cell in area:
                return f"{get_column_letter(area.min_col)}{area.min_row}"
    return cell


def _mark(page: Worksheet, place: str, problems: Sequence[Problem]) -> str:
    """Write a comment and a colour into a cell; the colour that it had is given back."""
    cell: Any = page[place]
    said = [f"{one.kind}: {one.message} {one.fix}".strip() for one in problems]
    text, author = f"{AUTHOR}:\n" + "\n\n".join(dict.fromkeys(said)), AUTHOR
    if cell.comment:
        text, author = f"{cell.comment.text}\n\n{text}", cell.comment.author
    lines = sum(1 + len(line) // _LETTERS for line in text.split("\n"))
    cell.comment = Comment(text, author, height=_LINE * (lines + 1), width=_WIDTH)
    had = cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" else _NO_FILL
    wrong = any(one.severity == "error" for one in problems)
    cell.fill = _FILLS["error" if wrong else "warning"]
    return had if isinstance(had, str) else _NO_FILL


def _clear(book: Workbook) -> None:
    """Take out what an earlier check wrote."""
    for listing in [page for page in book.worksheets if is_list_of_problems(page.title)]:
        for line in listing.iter_rows(min_row=2, min_col=_KEPT, max_col=_KEPT + 2):
            sheet, place, had = (tidy(one.value) for one in line)
            if sheet in book.sheetnames and place:
                fill = PatternFill() if had == _NO_FILL else PatternFill("solid", fgColor=had)
                book[sheet][place].fill = fill
        book.remove(listing)
    for page in book.worksheets:
        for cells in page.iter_rows():
            for cell in cells:
                if cell.comment is not None and f"{AUTHOR}:\n" in cell.comment.text:
                    before = cell.comment.text.partition(f"{AUTHOR}:\n")[0].strip()
                    author = cell.comment.author
                    cell.comment = Comment(before, author) if before else None


def _write_list(
    book: Workbook,
    listed: Sequence[tuple[Problem, str]],
    kept: Sequence[tuple[str, str, str]],
    file: str,
) -> None:
    """Write the sheet of all problems in front, those that are of no cell first."""
    page: Worksheet = book.create_sheet(list_of_problems(message_language()), 0)
    heads: Mapping[str, float] = {
        msg("Kind"): 12,
        msg("Sheet"): 22,
        msg("Cell"): 10,
        msg("What was found"): 70,
        msg("What to do"): 60,
    }
    for column, (text, width) in enumerate(heads.items(), start=1):
        heading(page, 1, column, text, width)
    for row, (problem, cell) in enumerate(sorted(listed, key=_order), start=2):
        where = problem.where if problem.file != file else problem.sheet
        place = cell or ("" if problem.row is None else msg("row {row}", row=problem.row))
        texts = (problem.kind, where, place, problem.message, problem.fix)
        for column, text in enumerate(texts, start=1):
            put(page, row, column, text)
        page.cell(row, 1).fill = _FILLS[problem.severity]
        if cell:
            title = problem.sheet.replace("'", "''")
            page.cell(row, 3).hyperlink = f"#'{title}'!{cell}"
        fit_height(page, row)
    for row, had in enumerate(kept, start=2):
        for column, text in enumerate(had, start=_KEPT):
            put(page, row, column, text)
    for column in range(_KEPT, _KEPT + 3):
        page.column_dimensions[get_column_letter(column)].hidden = True
    page.freeze_panes = "A2"
    for_paper(page, "1:1")
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False


def _order(one: tuple[Problem, str]) -> tuple[bool, str, str, int]:
    problem, cell = one
    return bool(cell), problem.severity, problem.sheet, problem.row or 0
