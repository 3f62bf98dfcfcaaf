"""What is entered in a row of a form, held against what the form asks for in its columns."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Protocol

from kpi_lib.errors import did_you_mean, plain
from kpi_lib.exchange.form import layout
from kpi_lib.exchange.form.points import Line, number_in
from kpi_lib.framework.model import Indicator
from kpi_lib.io.names import tidy
from kpi_lib.locale.catalogue import languages, message_language, msg
from kpi_lib.locale.words import numeral


class Report(Protocol):
    """Takes what was found, what to do, where, and whether that is a warning only."""

    def __call__(self, message: str, fix: str, cell: str = "", warning: bool = False) -> None:
        """Report it."""


def check_row(
    line: Line, indicator: Indicator, at: Callable[[str], str], report: Report, note: str
) -> None:
    """Check the title and the figures of an indicator; ``note`` is the heading of reasons."""
    _check_closed(line, indicator, at, report)
    _check_title(line, indicator, at, report)
    _check_dates(line, at, report)
    _check_ratio(line, indicator, at, report, note)
    _check_swapped(line, indicator, at, report)


def _check_dates(line: Line, at: Callable[[str], str], report: Report) -> None:
    """Find numbers that a spreadsheet has made dates: 3.5 is the third of May."""
    for key in layout.FIGURES:
        cell = line.cells.get(key)
        if isinstance(cell, datetime.date | datetime.time) and not line.answers:
            report(
                msg("found the date {date}; expected a number.", date=tidy(cell)),
                msg(
                    "Excel has turned what was typed into a date: set the format of the cell to "
                    "Number and type the number again."
                ),
                at(key),
            )
            line.cells[key] = None


def _check_swapped(
    line: Line, indicator: Indicator, at: Callable[[str], str], report: Report
) -> None:
    """Find a numerator above its denominator, where the value cannot be so high."""
    formula, (_, most) = indicator.formula, indicator.valid or (None, None)
    if formula is None or formula.denominator is None or most is None or line.has("value"):
        return
    above, below = (number_in(tidy(line.cells.get(key))) for key in layout.FIGURES[:2])
    if not above or not below or not 0 < below < above:
        return
    if formula.multiplier * above / below > most * (1 + 1e-9):
        report(
            msg(
                "the numerator of {code} in {cell} ({above}) is above its denominator in {cell_2} "
                "({below}).",
                code=line.code,
                cell=at("numerator"),
                above=numeral(above),
                cell_2=at("denominator"),
                below=numeral(below),
            ),
            msg("Correct one of them; they may be the wrong way round."),
            at("numerator"),
        )
        line.cells |= dict.fromkeys(layout.FIGURES)


def _check_closed(
    line: Line, indicator: Indicator, at: Callable[[str], str], report: Report
) -> None:
    """Find what is entered where nothing is to be."""
    for key in ("numerator", "denominator"):
        if line.has(key) and key not in layout.takes(indicator):
            why = msg("has no formula") if indicator.formula is None else msg("is no ratio")
            report(
                msg(
                    "found '{cells}', but nothing is to be entered here: {code} {why}.",
                    cells=tidy(line.cells[key]),
                    code=line.code,
                    why=why,
                ),
                msg("Give the value and clear this cell."),
                at(key),
            )
            line.cells[key] = None


def _check_title(
    line: Line, indicator: Indicator, at: Callable[[str], str], report: Report
) -> None:
    """Find a title that stands beside the code of another indicator."""
    title = plain(tidy(line.cells.get("title")))
    if title and title not in {plain(text) for text in indicator.title.values()}:
        report(
            msg(
                "found the title '{title}' beside the code {code}.",
                title=tidy(line.cells["title"]),
                code=line.code,
            ),
            msg("Put code and title back as they were: a row may have been moved."),
            at("title"),
        )


def _check_ratio(
    line: Line, indicator: Indicator, at: Callable[[str], str], report: Report, note: str
) -> None:
    """Find half a ratio, where neither a value nor a reason (in the column ``note``) says more."""
    formula = indicator.formula
    if formula is None or formula.denominator is None or line.has("value"):
        return
    above, below = line.has("numerator"), line.has("denominator")
    if above != below and not tidy(line.cells.get("note")):
        given, lacking = ("numerator", "denominator")[:: 1 if above else -1]
        report(
            msg(
                "the {lacking} of {code} is missing; its {given} is given.",
                lacking=_as_headed(lacking),
                code=line.code,
                given=_as_headed(given),
            ),
            msg("The points count. Enter it, or clear the other.")
            if line.awards
            else msg("Enter it, or choose the reason under {note}.", note=note),
            at(lacking),
            warning=bool(line.awards),
        )


def _as_headed(key: str) -> str:
    """A column as its heading says it, within a sentence."""
    return layout.PART[key].heading(message_language()).lower()


def check_quality(line: Line, at: Callable[[str], str], report: Report) -> None:
    """Find a quality that is none, and put its word of observations in the place of another."""
    quality = layout.in_observations("quality", tidy(line.cells.get("quality")))
    if quality and quality not in layout.QUALITIES:
        first, *others = (layout.qualities(lang) for lang in languages())
        said = [*first, *(name for names in others for name in names)]
        more = f" ({'; '.join(map(', '.join, others))})" if others else ""
        report(
            msg(
                "found '{quality}'; expected one of {first}{more}.",
                quality=quality,
                first=", ".join(first),
                more=more,
            ),
            did_you_mean(quality, said) or msg("Choose from the list."),
            at("quality"),
        )
    line.cells["quality"] = quality
