"""From a sheet as it stands to a table: header, merged cells, headings and notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import Problem, plain
from kpi_lib.io.cells.coded import column_of
from kpi_lib.io.names import tidy
from kpi_lib.io.tables.sheet import Raw, Sheet, filled
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import tally


class Header(NamedTuple):
    """The first and the last row of a header, and whether its first column has no name.

    That column then holds the places.
    """

    first: int
    last: int
    corner: bool = False


FindHeader = Callable[[Sequence[Sequence[str]], Sequence[Sequence[str]]], Header]
"""From the texts of the first rows, without and with merged cells filled: where the header is."""

_NOTE = re.compile(rf"[*†‡(]|[0-9a-z][)/.]? |(?:{any_of(vocabulary(__package__)['note'])})\b")
_UNNAMED = re.compile(r"Unnamed: [0-9]+")
CORNER = "city"
"""What the first column is called where it has no name and the others are periods."""
_TRAILING = 30  # so many rows at the end may be notes
_MOST_NAMED = 100
_CODES = 1000  # cells by which a column is told to be one of codes


def first_row(_: Sequence[Sequence[str]], __: Sequence[Sequence[str]]) -> Header:
    """Take the first row as the header, as in tables of a fixed form."""
    return Header(0, 0)


def to_sheet(raw: Raw, find: FindHeader = first_row) -> tuple[Sheet, list[Problem]]:
    """Make a table of a sheet, leaving out headings, notes and empty columns without a name."""
    if raw.header is not None:
        named = [at for at, name in enumerate(raw.header) if name]
        header = tuple(raw.header[at] for at in named)
        columns = tuple(raw.columns[at] for at in named)
        above = tuple(raw.over[at] for at in named) if raw.over else ()
        return Sheet(
            *(raw.file, raw.name, header, columns, raw.rows),
            decimal=raw.decimal,
            over=above,
            labels=raw.labels,
        ), []
    if not len(raw.rows):
        return Sheet(raw.file, raw.name, (), (), raw.rows), []
    texts = [[tidy(cell) for cell in cells] for cells in raw.head]
    across = _across(raw, texts)
    first, last, corner = find(texts, across) if texts else Header(0, 0)
    headers, over = _header(texts, across, first, last)
    raw, headers = _shifted(raw, headers, last)
    if corner:
        headers[0] = CORNER
    titles = tuple(text for cells in texts[:first] for text in cells if text)
    below = np.arange(len(raw.rows)) > last
    end = _block_below(raw, last)
    kept = below & ~_passed_over(raw, last) & (np.arange(len(raw.rows)) < end)
    problems = _ragged(raw, kept, last)
    columns = _down(raw, last)
    if not kept.all():
        columns = tuple(column_of(column.array[kept]) for column in columns)
    _name_of_codes(headers, columns)
    named = []
    for at, column in enumerate(columns):
        if headers[at]:
            named.append(at)
        elif not problems and _has_cells(column) and not (at == 0 and _counts(column)):
            problems.append(_nameless(raw, at, last))
    sheet = Sheet(
        raw.file,
        raw.name,
        tuple(headers[at] for at in named),
        tuple(columns[at] for at in named),
        raw.rows[kept],
        decimal=raw.decimal,
        over=tuple(over[at] for at in named) if any(over) else (),
        titles=titles,
    )
    return sheet, [*problems, *_notes(raw, end)]


def _name_of_codes(headers: list[str], columns: Sequence[pd.Series[Any]]) -> None:
    """Give a name that stands over codes and over texts beside them to the texts."""
    for at in range(1, len(headers)):
        if headers[at - 1] and headers[at] in ("", headers[at - 1]):
            codes, texts = columns[at - 1], columns[at]
            if _has_cells(texts) and _are_numbers(codes) and not _are_numbers(texts):
                headers[at - 1 : at + 1] = [f"{headers[at - 1]} code", headers[at - 1]]


def _shifted(raw: Raw, headers: list[str], last: int) -> tuple[Raw, list[str]]:
    """Leave the numbers of rows without a name, as R and pandas write them, where they stand first.

    R may leave out their empty header, so that each row has one cell more than the header.
    """
    headers = ["" if _UNNAMED.fullmatch(text) else text for text in headers]
    if raw.widths is None or len(raw.rows) <= last + 1 or headers[-1]:
        return raw, headers
    one_more = (raw.widths[last + 1 :] == raw.widths[last] + 1).all()
    if not one_more or not _counts(column_of(raw.columns[0].array[last + 1 :])):
        return raw, headers
    widths = raw.widths.copy()
    widths[last] += 1
    return replace(raw, widths=widths), ["", *headers[:-1]]


def _counts(column: pd.Series[Any]) -> bool:
    """Whether a column counts its rows, from 0 or from 1."""
    cells = [str(cell) for cell in column.array[:_CODES]]
    return any(cells == [str(at + first) for at in range(len(cells))] for first in (0, 1))


def _are_numbers(column: pd.Series[Any]) -> bool:
    cells = [cell for cell in column.array[:_CODES] if filled(cell)]
    return all(str(cell).strip().replace(".", "", 1).isdigit() for cell in cells)


def _nameless(raw: Raw, at: int, last: int) -> Problem:
    row = raw.rows[last] if len(raw.rows) > last else 1
    return Problem(
        msg("column {at} has cells but no name in row {row}.", at=at + 1, row=row),
        msg("Give it a name or clear it."),
        raw.file,
        raw.name,
    )


def _across(raw: Raw, texts: Sequence[Sequence[str]]) -> list[list[str]]:
    """Fill the first rows to the right: merged cells, or in text what is left empty."""
    filled_in = [list(cells) for cells in texts]
    if raw.delimiter:
        for at, cells in enumerate(filled_in[:-1]):
            for column in range(1, len(cells)):
                if not cells[column] and texts[at + 1][column]:
                    cells[column] = cells[column - 1]
        return filled_in
    row_at = {int(number): at for at, number in enumerate(raw.rows[: len(texts)])}
    for top, left, bottom, right in raw.merged:
        if top not in row_at:
            continue
        for number in range(top, min(bottom, top + len(texts)) + 1):
            if number in row_at:
                cells = filled_in[row_at[number]]
                cells[left : right + 1] = [texts[row_at[top]][left]] * (right + 1 - left)
    return filled_in


def _header(
    texts: Sequence[Sequence[str]], across: Sequence[Sequence[str]], first: int, last: int
) -> tuple[list[str], list[str]]:
    """Give the header of each column and what stands above it."""
    if not texts:
        return [], []
    if first == last:
        return list(texts[first]), [""] * len(texts[first])
    header, over = [], []
    for at, lowest in enumerate(across[last]):
        above = [cells[at] for cells in across[first:last] if cells[at]]
        top = above[-1] if above else ""
        header.append(lowest or top)
        over.append(top if lowest and top != lowest else "")
    return header, over


def _down(raw: Raw, last: int) -> tuple[pd.Series[Any], ...]:
    """Fill merged cells of the table downwards."""
    columns = list(raw.columns)
    first_row = raw.rows[last] if len(raw.rows) > last else 0
    top, left, bottom, _ = np.array(raw.merged, dtype=np.int64).reshape(-1, 4).T
    starts, stops = np.searchsorted(raw.rows, top), np.searchsorted(raw.rows, bottom + 1)
    down = (top > first_row) & (bottom > top) & (left < len(columns)) & (stops > starts)
    for column in np.unique(left[down]):
        cells = columns[column].to_numpy(dtype=object, copy=True)
        for at in np.flatnonzero(down & (left == column)):
            cells[starts[at] : stops[at]] = cells[starts[at]]
        columns[column] = pd.Series(cells, dtype=object)
    return tuple(columns)


def _passed_over(raw: Raw, last: int) -> npt.NDArray[np.bool_]:
    """Find rows that are no rows of the table: headings across it, and the notes below it."""
    none = np.zeros(len(raw.rows), dtype=np.bool_)
    if len(raw.columns) < 2:
        return none
    if raw.merged:
        top, left, _, right = np.array(raw.merged, dtype=np.int64).T
        across = np.flatnonzero(np.isin(raw.rows, top[right > left]))
        columns = [column.to_numpy(dtype=object) for column in raw.columns]
        for at in across[across > last]:
            none[at] = sum(filled(column[at]) for column in columns) == 1
    for at in range(len(raw.rows) - 1, max(last, len(raw.rows) - 1 - _TRAILING), -1):
        cells = _texts_in(raw, at)
        if len(cells) != 1 or not isinstance(cells[0], str):
            break
        text = plain(cells[0])
        if not _NOTE.match(text) and len(text) <= 40:
            break
        none[at] = True
    return none


def _block_below(raw: Raw, last: int) -> int:
    """Where notes begin that stand in two columns behind an empty line, below a wider table."""
    n, wide = len(raw.rows), len(raw.columns) > 2
    gaps = np.flatnonzero(np.diff(raw.rows[last + 1 :]) > 1) + last + 2
    for start in gaps[n - gaps <= _TRAILING].tolist() if wide else ():
        beyond = any(filled(cell) for one in raw.columns[2:] for cell in one.array[start:])
        texts = _texts_in(raw, start)
        if not beyond and all(isinstance(text, str) and text[:1].isalpha() for text in texts):
            return int(start)
    return n


def _texts_in(raw: Raw, at: int) -> list[Any]:
    cells = (column.array[at] for column in raw.columns)
    return list(islice((cell for cell in cells if filled(cell)), 2))


def _notes(raw: Raw, start: int) -> list[Problem]:
    """Say which rows below the table are taken for notes."""
    if start == len(raw.rows):
        return []
    found = msg("the rows from here on, below an empty one, are taken for notes and not read.")
    row = int(raw.rows[start])
    return [Problem(found, "", raw.file, raw.name, row, severity="warning")]


def _ragged(raw: Raw, kept: npt.NDArray[np.bool_], last: int) -> list[Problem]:
    """Find the rows of text that have another number of cells than the header."""
    if raw.widths is None or len(raw.rows) <= last:
        return []
    width = int(raw.widths[last])
    short = np.flatnonzero(kept & (raw.widths < width))
    beyond = [column.to_numpy(dtype=object) for column in raw.columns[width:]]
    long = [
        at
        for at in np.flatnonzero(kept & (raw.widths > width)).tolist()
        if any(filled(cells[at]) for cells in beyond)
    ]
    fix = msg(
        "Put a text that contains '{delimiter}' in double quotes; leave no cell out.",
        delimiter=raw.delimiter,
    )
    wrong = np.sort(np.concatenate([short, np.array(long, dtype=np.intp)])).tolist()
    problems = [
        Problem(
            msg(
                "found {n} cells; expected {width}, as in the header.",
                n=int(raw.widths[at]),
                width=width,
            ),
            fix,
            raw.file,
            row=int(raw.rows[at]),
        )
        for at in wrong[:_MOST_NAMED]
    ]
    if len(wrong) > _MOST_NAMED:
        found = msg(
            "{n} more rows have another number of cells than the header.",
            n=tally(len(wrong) - _MOST_NAMED),
        )
        row = int(raw.rows[wrong[_MOST_NAMED]])
        problems.append(Problem(found, fix, raw.file, row=row))
    return problems


def _has_cells(column: pd.Series[Any]) -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype):
        used = column.cat.categories[np.unique(column.cat.codes)]
        return any(map(filled, used))
    return any(map(filled, column))
