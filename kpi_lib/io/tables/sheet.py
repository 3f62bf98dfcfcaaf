"""Tables before and after it is known where their header is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.io.cells.coded import column_of, object_column
from kpi_lib.locale.catalogue import message_language, msg, tr_n
from kpi_lib.locale.display import Displayed

SEARCHED = 40
"""So many rows are looked at to find a header."""

_TOLD = 10  # rows of one fault that are named

Area = tuple[int, int, int, int]
"""A merged cell: its first row and column, and its last; rows by number, columns from 0."""


class Place(TypedDict):
    """What a problem says of a place beside its row and column."""

    cell: str
    label: str


@dataclass(frozen=True, repr=False)
class Raw(Displayed):
    """A sheet as it stands: columns over all rows that have a cell, the header among them.

    ``rows`` are the row numbers that a spreadsheet shows; ``widths`` says of text in how many
    cells each row was cut, where rows differ. Where ``header`` is given the columns have their
    names apart, as in Parquet, and all rows are rows of the table. ``over`` and ``labels`` are
    those of :class:`Sheet`.
    """

    file: str
    name: str
    columns: tuple[pd.Series[Any], ...]
    rows: npt.NDArray[np.signedinteger[Any]]
    decimal: str = ""
    merged: tuple[Area, ...] = ()
    widths: npt.NDArray[np.int64] | None = None
    header: tuple[str, ...] | None = None
    delimiter: str = ""
    over: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def head(self) -> list[list[Any]]:
        """The first rows, as lists of cells."""
        firsts = [column.array[:SEARCHED].tolist() for column in self.columns]
        return [list(cells) for cells in zip(*firsts, strict=True)]


@dataclass(frozen=True, repr=False)
class Sheet(Displayed):
    """A table: cells by column, under the headers that it has.

    ``columns`` hold texts (CSV), or texts, numbers, dates and None (XLSX, Parquet); ``rows`` are
    the row numbers that a spreadsheet shows. ``over`` is what stands above each header where it
    has two rows, ``titles`` are the texts above the table. In a form, ``cells`` says by header in
    which column a cell is (F), or which one cell holds for all (B4). ``decimal`` is the decimal
    mark that the kind of file suggests: that of programs in CSV and Parquet, the comma where ';'
    separates cells, none in texts that someone typed in a workbook. ``labels`` are the names of
    rows 1, 2, … where they have any but their numbers, as those of a DataFrame do.
    """

    file: str
    name: str
    header: tuple[str, ...]
    columns: tuple[pd.Series[Any], ...]
    rows: npt.NDArray[np.signedinteger[Any]]
    cells: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ""
    over: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    def problem(self, message: str, fix: str = "", column: str = "", row: int = 0) -> Problem:
        """Make a problem of this sheet; row 0 is none in particular."""
        place = self.place(column, row) if row else Place(cell="", label="")
        return Problem(message, fix, self.file, self.name, row or None, column, **place)

    def label(self, row: int) -> str:
        """Name a row by its label; '' where its number is its name."""
        return self.labels[row - 1] if self.labels else ""

    def place(self, column: str, row: int) -> Place:
        """Name a place as people know the sheet: by its cells, or by the labels of its rows."""
        return Place(cell=self.cell(column, row), label=self.label(row))

    def cell(self, column: str, row: int) -> str:
        """Name a cell of a form by its header and row; '' where the sheet is no form."""
        place = self.cells.get(column, "")
        return f"{place}{row}" if place.isalpha() else place

    def problem_at(
        self, positions: Iterable[int], message: str, fix: str = "", column: str = ""
    ) -> Problem:
        """Make one problem of all rows that share a fault: the first, and the others named."""
        at = np.fromiter(positions, dtype=np.intp)
        first, *others = pd.unique(np.sort(self.rows[at])).tolist()
        n, named = len(others), [self.label(row) or str(row) for row in others[:_TOLD]]
        if self.cells:
            cells = dict.fromkeys(self.cell(column, row) or str(row) for row in others)
            cells.pop(self.cell(column, first), None)  # one cell that holds for all rows
            n, named = len(cells), list(cells)[:_TOLD]
        if named:
            told = ", ".join(named)
            told += msg(" and {n} more", n=n - _TOLD) if n > _TOLD else ""
            message += " " + _the_same(told, n, in_cells=column in self.cells)
        return replace(self.problem(message, fix, column, first), also=tuple(others))

    def only(self, kept: npt.NDArray[np.bool_]) -> Sheet:
        """Give the sheet with some of its rows."""
        columns = tuple(column_of(column.array[kept]) for column in self.columns)
        return replace(self, columns=columns, rows=self.rows[kept])


def _the_same(named: str, n: int, *, in_cells: bool) -> str:
    lang = message_language()
    if in_cells:
        return tr_n(lang, "The same in cell {named}.", "The same in cells {named}.", n, named=named)
    return tr_n(lang, "The same in row {named}.", "The same in rows {named}.", n, named=named)


def filled(cell: Any) -> bool:
    """Whether a cell has something in it."""
    return cell is not None and cell != "" and (not isinstance(cell, str) or not cell.isspace())


def columns_of(rows: Sequence[Sequence[Any]], width: int) -> tuple[pd.Series[Any], ...]:
    """Turn rows of cells into columns; a row that ends early has no more cells."""
    return tuple(
        object_column(cells[at] if at < len(cells) else None for cells in rows)
        for at in range(width)
    )
