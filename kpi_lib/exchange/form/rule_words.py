"""The rule by which an indicator earns points, as a form says it in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.locale.catalogue import Lang, mark, tr
from kpi_lib.locale.words import capital, in_language, number
from kpi_lib.methods.registry import NORMALISE
from kpi_lib.methods.rules import is_above
from kpi_lib.observations.categories import kind_name

Write = Callable[[float], str]

# By whether the lower and the upper bound of a band belong to what is below them.
_BETWEEN: Mapping[tuple[bool, bool], str] = {
    (False, False): mark("from {low} to below {high}"),
    (False, True): mark("from {low} up to {high}"),
    (True, False): mark("above {low} to below {high}"),
    (True, True): mark("above {low} up to {high}"),
}


def maximum(indicator: Indicator, lang: Lang) -> str:
    """Write the most points that an indicator earns; of a deduction, the most that it takes."""
    if indicator.deduction is not None:
        return _exact(-indicator.deduction, lang)
    if indicator.bonus is not None:
        return f"+{_exact(indicator.bonus, lang)}"
    return _exact(indicator.points or 0.0, lang)


def rule_words(framework: Framework, indicator: Indicator, lang: Lang) -> list[str]:
    """Say how an indicator earns points, a line for each part; nothing where that is no table.

    A rule that differs by class of city has the lines of each class after its name.
    """
    if not framework.sums_points and not NORMALISE[framework.normalisation_of(indicator).name].rule:
        return []
    if indicator.by is None:
        return list(_lines(framework, indicator, lang))
    said = []
    for kind in indicator.kinds:
        lines = list(_lines(framework, indicator.of(kind), lang))
        if lines:
            name = kind_name(indicator.by, kind, lang)
            if indicator.by == "class":
                said.append(f"{capital(name)}:")
            else:
                said.append(tr(lang, "Where {column} is {kind}:", column=indicator.by, kind=name))
            said += lines
    return said


def in_one_line(lines: Sequence[str]) -> str:
    """Put the lines of a rule into one, for a list of indicators."""
    return "; ".join(line.removesuffix(".") for line in lines).replace(":; ", ": ")


def _lines(framework: Framework, indicator: Indicator, lang: Lang) -> Iterator[str]:
    method = framework.normalisation_of(indicator)
    unit = in_language(indicator.unit, lang)

    def write(value: float) -> str:
        return _exact(value, lang) + (unit if unit == "%" else "")

    highest = (indicator.valid or (None, None))[1]
    closed = str(method.parameters.get("closed", "low"))
    if method.name == "bands":
        yield from _bands(method.parameters["steps"], closed, write, lang)
    elif method.name == "piecewise":
        yield from _knots(method.parameters["knots"], closed, highest, write, lang)
    elif method.name == "categories":
        scores: Mapping[str, float] = method.parameters["scores"]
        for word, score in scores.items():
            yield _earns(word, score, lang)
    elif method.name == "goalposts" and indicator.goalposts:
        low, high = indicator.range
        ends = (low, high) if indicator.direction == "higher" else (high, low)
        if method.parameters.get("scale") == "log":
            for value, score in zip(indicator.goalposts, ends, strict=True):
                yield _earns(write(value), score, lang)
            yield tr(lang, "In between on a log scale.")
        else:
            knots = list(zip(indicator.goalposts, ends, strict=True))
            yield from _knots(knots, closed, highest, write, lang)


def _exact(value: float, lang: Lang) -> str:
    """Write a number of a rule with all its digits: a threshold is never rounded."""
    decimals = f"{value:.12f}".rstrip("0").partition(".")[2]
    return number(value, lang, len(decimals))


def _earns(condition: str, score: float, lang: Lang) -> str:
    return tr(lang, "{condition}: {points} points", condition=condition, points=_exact(score, lang))


def _bands(steps: Sequence[Any], closed: str, write: Write, lang: Lang) -> Iterator[str]:
    """Bands as tables of criteria write them; below the first number its score holds as well."""
    if len(steps) == 1:
        yield _earns(tr(lang, "any value"), steps[0][1], lang)
        return
    above = [is_above(step, closed) for step in steps]
    for at, (value, score, *_) in enumerate(steps):
        low, high = write(value), ""
        if at + 1 == len(steps):
            text = mark("above {low}") if above[at] else mark("from {low}")
        else:
            high = write(steps[at + 1][0])
            text = _BETWEEN[above[at], above[at + 1]]
            if not at:
                text = mark("up to {high}") if above[1] else mark("below {high}")
        yield _earns(tr(lang, text, low=low, high=high), score, lang)


def _knots(
    knots: Sequence[Any], closed: str, highest: float | None, write: Write, lang: Lang
) -> Iterator[str]:
    """Knots with their points; of a jump it is said to which side its number belongs.

    The last one holds for all above it, where values go on to more, up to ``highest``.
    """
    for at, (value, score, *_) in enumerate(knots):
        condition = write(value)
        if at + 1 < len(knots) and knots[at + 1][0] == value:
            above = is_above(knots[at + 1], closed)
            text = mark("up to {value}") if above else mark("to just below {value}")
            condition = tr(lang, text, value=condition)
        elif at and knots[at - 1][0] == value:
            above = is_above(knots[at], closed)
            text = mark("from just above {value}") if above else mark("from {value}")
            condition = tr(lang, text, value=condition)
        elif at and at + 1 == len(knots) and (highest is None or highest > value):
            condition = tr(lang, "from {value}", value=condition)
        yield _earns(condition, score, lang)
    if len(knots) > 1:
        yield tr(lang, "In between in proportion.")
