"""What the sheets of COINr and of the COIN Tool hold: rows of cells that know where they stand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpi_lib.errors import Problem, plain
from kpi_lib.io.names import tidy
from kpi_lib.io.vocabulary import vocabulary
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed

WORDS = vocabulary(__package__)
_MISSING = frozenset(WORDS["missing"])


@dataclass(frozen=True)
class Place:
    """Where a cell stands."""

    file: str
    sheet: str
    row: int
    column: str

    def problem(self, message: str, fix: str = "") -> Problem:
        """Make a problem of the cell."""
        return Problem(message, fix, self.file, self.sheet, self.row or None, self.column)


@dataclass(frozen=True)
class Cell:
    """A value, and where it stands."""

    value: Any
    place: Place

    @property
    def text(self) -> str:
        """The text of the cell; nothing where it says that there is no value."""
        said = tidy(self.value)
        return "" if plain(said) in _MISSING else said

    @property
    def number(self) -> float:
        """The number; NaN where there is none. Raises ValueError for another text."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return float(self.value)
        number = float(self.text or "nan")
        if math.isinf(number):
            raise ValueError(self.text)
        return number


@dataclass(frozen=True)
class Row:
    """The cells of a row, or of what stands for one, by the names of COINr."""

    place: Place
    cells: Mapping[str, Cell]

    def at(self, name: str) -> Cell:
        """The cell of a column; one without a value where the table has no such column."""
        return self.cells.get(name) or Cell(None, self.where(name))

    def where(self, name: str) -> Place:
        """The place of the cell of a column."""
        if name in self.cells:
            return self.cells[name].place
        return Place(self.place.file, self.place.sheet, self.place.row, name)

    def text(self, name: str) -> str:
        """The text of a cell."""
        return self.at(name).text


@dataclass(repr=False)
class Coin(Displayed):
    """An index as COINr has it: ``meta`` are the rows of iMeta, ``data`` those of iData."""

    meta: list[Row]
    data: list[Row]
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """A sheet below its heading: the rows, and the names of COINr by column."""

    file: str
    sheet: str
    lines: Sequence[Sequence[Any]]
    header: int

    @property
    def names(self) -> list[str]:
        """The headings."""
        return [tidy(cell) for cell in self.lines[self.header]]

    @property
    def place(self) -> Place:
        """The place of the heading."""
        return Place(self.file, self.sheet, self.header + 1, "")

    def rows(self) -> Iterator[Row]:
        """The rows that are not empty."""
        for number, line in enumerate(self.lines[self.header + 1 :], start=self.header + 2):
            place = Place(self.file, self.sheet, number, "")
            cells = {
                name: Cell(value, Place(self.file, self.sheet, number, name))
                for name, value in zip(self.names, line, strict=False)
                if name
            }
            if any(cell.text for cell in cells.values()):
                yield Row(place, cells)

    def twice(self) -> Iterator[Problem]:
        """Columns of one name."""
        for name in dict.fromkeys(name for name in self.names if name):
            if self.names.count(name) > 1:
                message = msg("{n} columns are named {name}.", n=self.names.count(name), name=name)
                place = Place(self.file, self.sheet, self.header + 1, name)
                yield place.problem(message, msg("Keep one of them."))


def table_with(name: str, file: str, sheet: str, lines: Sequence[Sequence[Any]]) -> Table | None:
    """Find the heading that has a column of this name among the first rows; None without one."""
    for at, line in enumerate(lines[:20]):
        if name in map(tidy, line):
            return Table(file, sheet, lines, at)
    return None
