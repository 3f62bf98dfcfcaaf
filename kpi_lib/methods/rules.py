"""Rules that give scores as tables of criteria do: bands, lines between knots, words.

Each function takes values of shape ``(…, cities)``, missing as NaN, and gives scores of the
same shape, in the unit of the second numbers of its rule: 0–100, or points where a framework
sums points. Direction plays no part: a rule says itself what is better.

Two values that agree to twelve significant digits are the same value, so a value that is a
bound on paper is on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from kpi_lib.locale.catalogue import mark
from kpi_lib.methods.digits import at_bound
from kpi_lib.methods.parameters import Rule, Words
from kpi_lib.methods.registry import NORMALISE, Direction, Method, normalisation

Array = npt.NDArray[np.float64]
Pairs = Sequence[Sequence[Any]]
Closed = Literal["low", "high"]
"""To which of two bands the bound between them belongs: to the upper (low) or the lower."""
Side = Literal["from", "above", "up to", "below"]
"""On which side of a bound a band lies; "from" and "up to" are with the bound itself."""


@normalisation(rule="steps", arrays=True, title=mark("points by bands"))
def bands(
    values: Array, direction: Direction | None, *, steps: Rule, closed: Closed = "low"
) -> Array:
    """Give each value the score of the band that it lies in.

    ``steps`` are pairs of a number in the indicator's unit and a score; the numbers rise.
    From a number up to below the next, a value earns the second; with ``closed="high"``,
    from above a number up to and including the next; ``[80, 5, "above"]`` says so of one
    step. Under the first number it is the first score.
    """
    numbers, begins, scores = _columns(steps, closed)
    values = _on_bounds(values, numbers)
    found = np.maximum(np.searchsorted(begins, values, side="right") - 1, 0)
    return np.where(np.isnan(values), np.nan, scores[found])


@normalisation(rule="knots", arrays=True, title=mark("straight lines between given values"))
def piecewise(
    values: Array, direction: Direction | None, *, knots: Rule, closed: Closed = "low"
) -> Array:
    """Draw straight lines between knots, flat outside.

    ``knots`` are pairs of a number in the indicator's unit and a score; the numbers rise, and
    one that stands twice is a jump: on it the later score counts (``closed="high"``: the
    earlier; ``[80, 5, "above"]`` as the later knot says so of one jump).
    """
    numbers, begins, scores = _columns(knots, closed)
    values = _on_bounds(values, numbers)
    last = len(numbers) - 1
    begin = np.searchsorted(begins, values, side="right") - 1
    begin, end = np.clip(begin, 0, last), np.clip(begin + 1, 0, last)
    width = numbers[end] - numbers[begin]
    share = np.where(width > 0, (values - numbers[begin]) / np.where(width > 0, width, 1.0), 0.0)
    share = np.clip(share, 0, 1)
    between = scores[begin] + share * (scores[end] - scores[begin])
    between = np.where(share == 1, scores[end], between)
    return np.where(np.isnan(values), np.nan, between)


@normalisation(rule="scores", arrays=True, title=mark("points by category"))
def categories(values: Array, direction: Direction | None, *, scores: Words) -> Array:
    """Keep the scores of words, which reading has put in their place.

    ``scores`` gives the score of each word; a value is the score of the word that was found.
    """
    return values


def rule_parameter(name: str) -> str:
    """The parameter that holds the rule of a method, '' where that is none."""
    return NORMALISE[name].rule if name in NORMALISE else ""


def rule_of(method: Method) -> Any:
    """The steps, knots or scores of a method that is a rule, as they stand; None for others."""
    return method.parameters.get(rule_parameter(method.name))


def gives_share(method: Method) -> bool:
    """Whether scores are points by a rule, or lie from 0 to 100, of which points are a share."""
    if method.name not in NORMALISE:
        return True  # that is a fault of its own
    entry = NORMALISE[method.name]
    bounds = entry.scale(method.parameters)
    return bool(entry.rule) or (bounds is not None and 0 <= bounds[0] <= bounds[1] <= 100)


def scores_in(method: Method) -> tuple[float, ...]:
    """Every score that a rule names, in its order, over all classes; none for other methods."""
    return tuple(score for table in _tables(method) for score in _scores(table))


def numbers_in(method: Method) -> tuple[float, ...]:
    """Every number in the indicator's unit that a rule names, over all classes; none of words."""
    if method.name == "categories":
        return ()
    return tuple(float(pair[0]) for table in _tables(method) for pair in table)


def words_of(method: Method) -> Iterator[tuple[str, float]]:
    """Every word of categories with its score; over several classes the first score of each."""
    told: dict[str, float] = {}
    for table in _tables(method):
        for word, score in table.items():
            told.setdefault(str(word), float(score))
    yield from told.items()


def is_above(pair: Sequence[Any], closed: str) -> bool:
    """Whether a step or knot of a rule holds only above its number, not on it."""
    return closed == "high" or len(pair) > 2


@dataclass(frozen=True)
class Bound:
    """Where a band begins: ``number`` in the indicator's unit, and the score beyond it.

    ``inside`` is a value in the band: the number itself where the band holds on it.
    """

    number: float
    side: Side
    score: float
    inside: float


def next_bound(method: Method, value: float) -> Bound | None:
    """The nearest bound beyond which bands score a value higher; None where there is none.

    ``method`` are bands without ``by``.
    """
    steps: Pairs = method.parameters["steps"]
    closed: Closed = method.parameters.get("closed", "low")
    scores = [float(pair[1]) for pair in steps]
    _, begins, _ = _columns(steps, closed)
    known = _on_bounds(np.array([value]), np.array([float(pair[0]) for pair in steps]))
    here = max(int(np.searchsorted(begins, known[0], side="right")) - 1, 0)
    better = [at for at, score in enumerate(scores) if score > scores[here]]
    bounds = [_bound(steps, closed, at, upward=at > here) for at in better]
    return min(bounds, key=lambda bound: abs(bound.number - value), default=None)


def _bound(steps: Pairs, closed: Closed, at: int, *, upward: bool) -> Bound:
    """The bound at which a band is entered from below (``upward``) or from above."""
    numbers = [float(pair[0]) for pair in steps]
    entry = at if upward else at + 1
    number, beyond = numbers[entry], entry + (1 if upward else -1)
    open_ended = beyond >= len(numbers) or at == 0
    other = number + (1 if upward else -1) if open_ended else numbers[beyond]
    above = is_above(steps[entry], closed)
    holds = above != upward
    side: Side = ("above" if above else "from") if upward else ("up to" if above else "below")
    return Bound(number, side, float(steps[at][1]), number if holds else (number + other) / 2)


def direction_of(method: Method) -> Direction | None:
    """Which way a rule's scores go as its numbers rise; None where they go both ways or none.

    Words have no order of their own: of their scores, the higher is the better value.
    """
    if method.name == "categories":
        return "higher"
    ways = {way for table in _tables(method) for way in _ways(_scores(table))}
    if len(ways) != 1:
        return None
    return "higher" if ways.pop() > 0 else "lower"


def _tables(method: Method) -> Iterator[Any]:
    """The rule, or that of each class."""
    rule = rule_of(method)
    if rule is None:
        return
    if "by" in method.parameters:
        yield from rule.values()
    else:
        yield rule


def _scores(table: Any) -> tuple[float, ...]:
    if isinstance(table, Mapping):
        return tuple(float(score) for score in table.values())
    return tuple(float(pair[1]) for pair in table)


def _ways(scores: Sequence[float]) -> Iterator[int]:
    for one, other in pairwise(scores):
        if one != other:
            yield 1 if other > one else -1


def _columns(pairs: Pairs, closed: Closed) -> tuple[Array, Array, Array]:
    """The numbers of a rule, the least value to which each score belongs, and the scores."""
    numbers = np.array([pair[0] for pair in pairs], dtype=np.float64)
    above = np.array([is_above(pair, closed) for pair in pairs])
    begins = np.where(above, np.nextafter(numbers, np.inf), numbers)
    return numbers, begins, np.array([pair[1] for pair in pairs], dtype=np.float64)


def _on_bounds(values: Array, numbers: Array) -> Array:
    for number in np.unique(numbers).tolist():
        values = at_bound(values, number)
    return values
