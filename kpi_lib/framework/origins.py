"""Where each part of a framework was read, so that a fault is named by sheet, row and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kpi_lib.errors import Problem
from kpi_lib.io.yaml import Fault, Lines, Place, with_places
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed


@dataclass(repr=False)
class Origins(Displayed):
    """The cells that parts of a framework come from.

    ``lines`` stands in for the lines of a YAML file: each number is one of the cells, so that
    the rules of framework files apply as they are.
    """

    file: str
    lines: Lines = field(default_factory=dict)
    _cells: list[tuple[str, int, str]] = field(default_factory=lambda: [("", 0, "")])

    def note(self, place: Place, sheet: str, row: int, column: str = "") -> None:
        """Keep the cell that a place of the framework was read from."""
        self._cells.append((sheet, row, column))
        self.lines[place] = len(self._cells)

    def problems(self, faults: Iterable[Fault]) -> list[Problem]:
        """Name each fault by the cell that it comes from, in the order of the cells."""
        distinct = sorted(dict.fromkeys(faults), key=lambda fault: fault[0])
        return [self._problem(number, message) for number, message in distinct]

    def _problem(self, number: int, message: str) -> Problem:
        sheet, row, column = self._cell(number)
        said = with_places(message, lambda at: self._in_row(at, sheet))
        return Problem(said, "", self.file, sheet, row or None, column)

    def _cell(self, number: int) -> tuple[str, int, str]:
        return self._cells[number - 1] if 0 < number <= len(self._cells) else ("", 0, "")

    def _in_row(self, number: int, sheet: str) -> str:
        other, row, _ = self._cell(number)
        if not row:
            return msg("in line {line}", line=number)
        return (
            msg("in row {row}", row=row)
            if other == sheet
            else msg("in row {row} of sheet '{other}'", row=row, other=other)
        )
