"""Points in a filled form: self-scored and verified, beside the value or in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from kpi_lib.errors import plain
from kpi_lib.exchange.form.layout import AWARDS, ENTERED, FIGURES
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.cells.marks import is_missing, says_not_applicable
from kpi_lib.io.cells.numbers import Column
from kpi_lib.io.names import tidy
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import numeral
from kpi_lib.methods.digits import half_up
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.rules import rule_parameter, words_of
from kpi_lib.observations.values import Known, unit_of_points

_NEAR = 1e-9


class Report(Protocol):
    """Takes what was found, what to do, and whether that is a warning only."""

    def __call__(self, message: str, fix: str, *, warning: bool) -> None:
        """Report it."""


@dataclass
class Line:
    """A row of the form: its number and what stands in it, by column.

    ``answers`` are the words that its indicator takes as a value: "none" may be one of them.
    """

    row: int
    code: str
    cells: dict[str, Any]
    answers: frozenset[str] = frozenset()

    def has(self, key: str) -> bool:
        """Say whether something is entered that is not a sign for nothing.

        That an indicator does not apply is something, as a value, and so is an answer.
        """
        text = tidy(self.cells.get(key))
        answered = says_not_applicable(text) or plain(text) in self.answers
        return not is_missing(text, bool(self.answers)) or (key == "value" and answered)

    @property
    def is_filled(self) -> bool:
        """Whether anything is entered at all."""
        return any(tidy(self.cells.get(key)) for key in ENTERED)

    @property
    def figures(self) -> list[str]:
        """The columns of the value and its parts in which something is entered."""
        return [key for key in FIGURES if self.has(key)]

    @property
    def awards(self) -> list[str]:
        """The columns of points in which something is entered."""
        return [key for key in AWARDS if self.has(key)]

    @property
    def says_nothing_applies(self) -> bool:
        """Whether the value says so in words, or numerator and denominator are both 0."""
        if self.has("value"):
            return says_not_applicable(tidy(self.cells["value"]))
        return [number_in(tidy(self.cells.get(key))) for key in FIGURES[:2]] == [0, 0]

    @property
    def has_value(self) -> bool:
        """Whether a value is given, or both its parts."""
        return self.has("value") or {"numerator", "denominator"} <= set(self.figures)


def value_lines(lines: Sequence[Line], of_points: bool) -> list[Line]:
    """The rows that give a value, or a reason why there is none, and no points instead.

    In a form ``of_points`` a value is what was reported: who verifies gives points.
    """
    kept = [line for line in lines if not line.awards or (line.figures and _is_value(line))]
    for line in kept:
        if of_points and line.figures:
            line.cells["quality"] = "reported"
    return kept


def _is_value(line: Line) -> bool:
    """Whether figures are a value, not half a ratio beside points that count."""
    return line.has_value or not line.has("self-scored")


def award_lines(lines: Sequence[Line], key: str, framework: Framework) -> list[Line]:
    """The rows of points in a column, as observations say them: by unit and quality."""
    known = Known(framework)
    made = []
    for line in lines:
        if line.has(key):
            own = {"value": line.cells[key], "numerator": None, "denominator": None}
            own |= {"unit": unit_of_points(line.code, known), "quality": AWARDS[key]}
            made.append(replace(line, cells={**line.cells, **own}))
    return made


def settle(line: Line, framework: Framework, indicator: Indicator, report: Report) -> None:
    """Let the value count where self-scored points stand beside it, and compare them.

    ``report`` takes what was found and what to do, where the points are not those that the
    rule gives for the value. Points that the indicator cannot earn stay, and are an error.
    """
    if not (line.has_value and line.has("self-scored")):
        return
    points = tidy(line.cells["self-scored"])
    claimed, value = number_in(points), _value(line, framework, indicator)
    line.cells["self-scored"] = None
    if claimed is None:
        report(
            msg("found '{shown}'; expected a number.", shown=points),
            msg("Correct the points, or clear them: the value gives them."),
            warning=False,
        )
        return
    if value is None:
        return  # reading the value says why
    low, high = framework.points_of(indicator)
    if not low - _NEAR <= claimed <= high + _NEAR:
        report(
            msg(
                "found {points} points self-scored for {code}; expected from {low} to {high}.",
                points=points,
                code=line.code,
                low=numeral(low),
                high=numeral(high),
            ),
            msg("Correct the points, or clear them: the value gives them."),
            warning=False,
        )
        return
    given = [float(one) for one in _by_rule(framework, indicator, value)]
    if framework.lacking(indicator):
        line.cells |= dict.fromkeys(FIGURES) | {"self-scored": points}
        report(
            msg(
                "found a value of {code} beside its points; no rule gives points for a value.",
                code=line.code,
            ),
            msg("The points count; clear the value."),
            warning=True,
        )
        return
    decimals = len(points.replace(",", ".").partition(".")[2])
    off = 0.5 * 10.0 ** -max(1, decimals) + _NEAR
    if not any(abs(claimed - one) <= off for one in given):
        said = " / ".join(dict.fromkeys(numeral(one, 6) for one in given))
        found = (
            msg(
                "found {points} points self-scored for {code}; its value gives {said} by the rule.",
                points=points,
                code=line.code,
                said=said,
            )
            if given
            else msg(
                "found {points} points self-scored for {code} beside its value.",
                points=points,
                code=line.code,
            )
        )
        fix = (
            msg(
                "The verified points count; of what is reported, the value is kept. Correct it, or "
                "clear the points that are self-scored."
            )
            if line.has("verified")
            else msg("The value counts. Correct one of them, or clear the points.")
        )
        report(found, fix, warning=True)


def number_in(text: str) -> float | None:
    """The number that a cell has; None where it has none."""
    numbers = Column([text]).read()
    found = float(numbers.values[0])
    return None if numbers.faults or np.isnan(found) else found


def _value(line: Line, framework: Framework, indicator: Indicator) -> float | None:
    """The value of a row as its rule takes it: of a word, its score."""
    text = tidy(line.cells.get("value"))
    if framework.normalisation_of(indicator).name == "categories":
        scores = {plain(word): s for word, s in words_of(framework.normalisation_of(indicator))}
        return scores.get(plain(text))
    if line.has("value"):
        return None if says_not_applicable(text) else number_in(text)
    above, below = (number_in(tidy(line.cells[key])) for key in ("numerator", "denominator"))
    if indicator.formula is None or above is None or not below:
        return None
    return indicator.formula.multiplier * above / below


def _by_rule(framework: Framework, indicator: Indicator, value: float) -> Iterator[float]:
    """The points of a value by the rule of each class of city; none where others matter too."""
    for points in _unrounded(framework, indicator, value):
        decimals = framework.decimals
        yield points if decimals is None else float(half_up(np.array(points), decimals))


def _unrounded(framework: Framework, indicator: Indicator, value: float) -> Iterator[float]:
    for own in [indicator.of(kind) for kind in indicator.kinds] or [indicator]:
        method = framework.normalisation_of(own)
        parameters = {k: v for k, v in method.parameters.items() if k != "across"}
        values = np.array([value], dtype=np.float64)
        if rule_parameter(method.name):
            yield float(NORMALISE[method.name](values, own.direction, **parameters)[0])
        elif method.name == "goalposts" and own.goalposts:
            low, high = own.goalposts
            score = NORMALISE["goalposts"](
                values, own.direction, **{"low": low, "high": high, **parameters}
            )[0]
            least, most = own.range
            yield least + float(score) / 100 * (most - least)
