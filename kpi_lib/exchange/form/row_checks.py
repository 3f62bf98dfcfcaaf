"""What is entered in a row of a form, held against what the form asks for in its columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kpi_lib.errors import did_you_mean, plain
from kpi_lib.exchange.form import layout
from kpi_lib.exchange.form.points import Line
from kpi_lib.framework.model import Indicator
from kpi_lib.io.names import tidy
from kpi_lib.locale.catalogue import languages, message_language, msg


class Report(Protocol):
    """Takes what was found, what to do, where, and whether that is a warning only."""

    def __call__(self, message: str, fix: str, cell: str = "", warning: bool = False) -> None:
        """Report it."""


def check_closed(
    line: Line, indicator: Indicator | None, at: Callable[[str], str], report: Report
) -> None:
    """Find what is entered where nothing is to be."""
    if indicator is None:
        return
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


def check_title(line: Line, indicator: Indicator, at: Callable[[str], str], report: Report) -> None:
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


def check_ratio(
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
