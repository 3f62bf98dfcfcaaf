"""What is made of an annex, and the columns of figures that it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kpi_lib.errors import Problem
from kpi_lib.exchange.annex.cells import Figures, read_figures, without_marks
from kpi_lib.exchange.annex.columns import Use
from kpi_lib.exchange.annex.points import KINDS, Award, award
from kpi_lib.exchange.annex.rules import Kind
from kpi_lib.exchange.annex.tree import Row
from kpi_lib.framework.origins import Origins
from kpi_lib.io.yaml import Place
from kpi_lib.locale.display import Displayed

_FIGURES = (
    *KINDS,
    *("weight", "multiplier", "target"),
    *("low goalpost", "high goalpost", "lowest", "highest"),
)


@dataclass(repr=False)
class AnnexData(Displayed):
    """The ``groups`` of a framework file, and what was and was not read on the way.

    ``points``: they are of ``scale: points``. ``rules`` are the wordings of scoring rules that
    were read, by their place, and ``assumed`` is what they leave open; ``unread`` are the codes
    whose rule was not read; ``proposed`` are the reasons of what no cell says, by its place.
    """

    groups: list[Any] = field(default_factory=list)
    points: bool = False
    rules: dict[Place, str] = field(default_factory=dict)
    assumed: dict[Place, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    proposed: dict[Place, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(repr=False)
class Making(Displayed):
    """What has been made so far, and what the columns of figures say.

    ``codes`` are those of the rows of the annex.
    """

    origins: Origins
    made: AnnexData
    codes: frozenset[str]
    figures: dict[Use, Figures] = field(default_factory=dict)
    rows: dict[Row, int] = field(default_factory=dict)

    def report(
        self,
        row: Row,
        fault: Sequence[str],
        use: Use | None = None,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        """Add a problem of a cell."""
        message, fix = (*fault, "")[:2]
        line, column = row.line, use.name if use else ""
        place = (self.origins.file, line.sheet, line.row, column)
        self.made.problems.append(Problem(message, fix, *place, severity=severity))

    def read_figures(self, rows: Sequence[Row]) -> None:
        """Read each column of figures as a whole: its texts prove its decimal mark."""
        self.rows = {row: at for at, row in enumerate(rows)}
        uses = {use for row in rows for use in row.cells if use.field in _FIGURES}
        for use in sorted(uses, key=lambda use: use.column):
            if use.field == "target" and not use.year:
                continue
            texts = {self.rows[row]: row.cells[use] for row in rows if use in row.cells}
            self.figures[use] = read = read_figures(
                {at: without_marks(text) for at, text in texts.items()}
            )
            for row in rows:
                if fault := read.faults.get(self.rows[row]):
                    self.report(row, fault, use)

    def figure(self, row: Row, use: Use) -> int | float | None:
        """The figure of a row in a column; None where there is none."""
        read = self.figures.get(use)
        value = read.values.get(self.rows[row]) if read else None
        if value is None:
            return None
        return int(value) if value.is_integer() else value

    def award(self, row: Row, kind: Kind) -> Award:
        """The points of a row, from the column that has them."""
        for use, text in row.cells.items():
            if use.field in KINDS and (value := self.figure(row, use)) is not None:
                own: Kind = kind if use.field == "points" else use.field
                return award(own, text, value, self.figures[use].directions.get(self.rows[row]))
        return Award(kind)


def title_of(row: Row) -> str | dict[str, str]:
    """The title of a row, in both languages where the annex has both."""
    english = next((u for u in row.cells if u.field == "title" and u.english), None)
    if english is None or without_marks(row.cells[english]) == row.title:
        return row.title
    return {"vi": row.title, "en": without_marks(row.cells[english])}
