"""Ranges of values set side by side: bands, or straight lines between knots."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kpi_lib.exchange.annex.clauses import WORDS, Earned, Range, folded, one_subject
from kpi_lib.io.units import is_percent

Keys = dict[str, Any]


@dataclass(frozen=True)
class Scale:
    """What the numbers of a rule are measured in; ``top`` is the largest value, if there is one."""

    top: float
    percent: bool
    most: float | None


def scale_of(unit: str, percent: bool, points: float | None) -> Scale | None:
    """The scale of a rule's numbers; None where they are per cent and the indicator is not."""
    if is_percent(unit) or (not unit and percent):
        return Scale(100.0, True, points)
    if folded(unit).strip() in WORDS["ratios"]:
        return Scale(1.0, False, points)
    return None if percent else Scale(math.inf, False, points)


def share(earned: Earned, unit: str, points: float | None) -> Keys | None:
    """Share times points: goalposts from nothing to the whole."""
    scale = scale_of(unit, not unit, points)
    if earned.kind != "multiple" or scale is None or math.isinf(scale.top):
        return None
    slope = _slope(earned.value, scale.top, scale)
    if slope is None:
        return None
    keys: Keys = {"direction": "higher", "goalposts": [0, neat(scale.top)]}
    return {**_with_unit(unit, scale), **keys, "most": slope * scale.top}


def _with_unit(unit: str, scale: Scale) -> Keys:
    return {"unit": "%"} if scale.percent and not unit else {}


def _slope(factor: float, top: float, scale: Scale) -> float | None:
    """Points per unit of the value: the value stands for a share (0–1) or for its number.

    Of the two that one is meant which earns points of the size of the maximum at ``top``.
    """
    readings = [factor / 100, factor] if scale.percent else [factor]
    if scale.most is None:
        return readings[0]
    fit = [one for one in readings if 0.05 * scale.most <= one * top <= scale.most * (1 + 1e-9)]
    return fit[0] if len(fit) == 1 else None


def ranges_of(
    ranged: list[tuple[Range, Earned]], otherwise: list[Earned], unit: str, points: float | None
) -> Keys | None:
    """Bands or knots from ranges and what each earns; ``otherwise``: what all others earn.

    None where the ranges overlap, leave a gap, or are not of one quantity in the unit.
    """
    ranges = [one for one, _ in ranged]
    scale = scale_of(unit, any(one.percent for one in ranges), points)
    if scale is None or not one_subject(ranges):
        return None
    factor = 0.01 if scale.top == 1 and any(one.percent for one in ranges) else 1.0
    scaled = [
        (replace(one, low=one.low * factor, high=one.high * factor), earned)
        for one, earned in ranged
    ]
    pieces = _joined(_completed(_clipped(scaled), otherwise, scale), scale)
    if pieces is None:
        return None
    made = _bands(pieces) if pieces.all_points else _piecewise(pieces, scale)
    return None if made is None else {**_with_unit(unit, scale), **made}


def _clipped(ranged: list[tuple[Range, Earned]]) -> list[tuple[Range, Earned]]:
    """Read '≥ 80: 5; ≥ 50: 3' as bands: a bound ends where the next one begins."""
    ordered = sorted(ranged, key=lambda one: (one[0].low, one[0].high))
    for at in range(len(ordered) - 2, -1, -1):
        own, above = ordered[at][0], ordered[at + 1][0]
        if math.isinf(own.high) and math.isinf(above.high) and own.low < above.low:
            own = replace(own, high=above.low, high_closed=not above.low_closed)
            ordered[at] = own, ordered[at][1]
    for at in range(1, len(ordered)):
        own, below = ordered[at][0], ordered[at - 1][0]
        if math.isinf(own.low) and math.isinf(below.low) and below.high < own.high:
            own = replace(own, low=below.high, low_closed=not below.high_closed)
            ordered[at] = own, ordered[at][1]
    return ordered


def _completed(
    ordered: list[tuple[Range, Earned]], otherwise: list[Earned], scale: Scale
) -> list[tuple[Range, Earned]] | None:
    """Add what the rule leaves unsaid: nothing is earned on the worse side of its ranges."""
    rest = otherwise[0] if otherwise else Earned("points", 0.0)
    (lowest, first), (highest, last) = ordered[0], ordered[-1]
    if highest.high >= scale.top and not math.isinf(highest.high):
        ordered[-1] = highest, last = replace(highest, high=math.inf, high_closed=False), last
    if lowest.low <= 0 and lowest.low_closed is not False and not math.isinf(lowest.low):
        lowest = replace(lowest, low=-math.inf, low_closed=False)
        ordered[0] = lowest, ordered[0][1]
    open_below, open_above = not math.isinf(lowest.low), not math.isinf(ordered[-1][0].high)
    if open_below and open_above:
        return None
    single = len(ordered) == 1
    if open_below:
        if not (single or otherwise or _worse(first, last)):
            return None
        below = Range(-math.inf, lowest.low, False, lowest.low_closed is False)
        ordered.insert(0, (below, rest))
    elif open_above:
        if not (single or otherwise or _worse(last, first)):
            return None
        above = Range(highest.high, math.inf, highest.high_closed is False, False)
        ordered.append((above, rest))
    elif otherwise:
        return None
    return ordered


def _worse(one: Earned, other: Earned) -> bool:
    """Whether one clause surely earns less than another."""
    if one.kind == other.kind == "points":
        return one.value < other.value
    return one.kind != "points" and other.kind == "points"


@dataclass(frozen=True)
class _Pieces:
    """What is earned between bounds; ``upper``: whether each bound belongs to what is above it."""

    bounds: tuple[float, ...]
    upper: tuple[bool, ...]
    earned: tuple[Earned, ...]

    @property
    def all_points(self) -> bool:
        return all(one.kind == "points" for one in self.earned)


def _joined(ordered: list[tuple[Range, Earned]] | None, scale: Scale) -> _Pieces | None:
    """Set ranges side by side; None where they overlap or leave a gap."""
    if ordered is None:
        return None
    bounds: list[float] = []
    upper: list[bool] = []
    for (below, _), (above, _) in itertools.pairwise(ordered):
        if below.high == above.low:
            owner = _owner(below.high_closed, above.low_closed)
        elif (
            above.low - below.high == 1 and above.low.is_integer() and math.isinf(scale.top)
        ) and (below.high_closed is not False and above.low_closed is not False):
            owner = True  # counts: from 1 to 3, from 4 to 6
        else:
            return None
        if owner is None:
            return None
        bounds.append(above.low)
        upper.append(owner)
    return _Pieces(tuple(bounds), tuple(upper), tuple(earned for _, earned in ordered))


def _owner(high_closed: bool | None, low_closed: bool | None) -> bool | None:
    """Whether a bound belongs above (True) or below (False); None where the text leaves it open.

    'From 50 to 80; from 80' gives 80 to the second: 'from' is surely with, 'to' may be.
    """
    if low_closed and not high_closed:
        return True
    if high_closed and not low_closed:
        return False
    if high_closed is None and low_closed is False:
        return False
    if high_closed is False and low_closed is None:
        return True
    return None


def _first(bounds: Sequence[float]) -> float:
    return 0.0 if bounds[0] > 0 else bounds[0] - 1


def _rule(method: str, key: str, pairs: list[list[Any]], bounds: Mapping[int, bool]) -> Keys:
    """A rule; ``bounds`` say of each pair that begins at one whether the bound belongs to it."""
    if bounds and not any(bounds.values()):
        return {"method": method, key: pairs, "closed": "high"}
    return {"method": method, key: _above(pairs, [at for at, own in bounds.items() if not own])}


def opened(rule: Keys, key: str) -> Keys:
    """The same rule, of which each bound says itself that it belongs below."""
    if "closed" not in rule:
        return rule
    pairs = rule[key]
    bounds = [
        at for at in range(1, len(pairs)) if key == "steps" or pairs[at - 1][0] == pairs[at][0]
    ]
    return {"method": rule["method"], key: _above(pairs, bounds)}


def _above(pairs: list[list[Any]], bounds: Collection[int]) -> list[list[Any]]:
    return [[*pair, "above"] if at in bounds else pair for at, pair in enumerate(pairs)]


def _bands(pieces: _Pieces) -> Keys | None:
    values = [one.value for one in pieces.earned]
    steps = [[neat(_first(pieces.bounds)), neat(values[0])]]
    upper: dict[int, bool] = {}
    for bound, owner, before, value in zip(
        pieces.bounds, pieces.upper, values, values[1:], strict=False
    ):
        if value != before:
            upper[len(steps)] = owner
            steps.append([neat(bound), neat(value)])
    if len(steps) < 2:
        return None
    normalise = _rule("bands", "steps", steps, upper)
    return {"normalise": normalise, "most": max(values), "least": min(values)}


def _piecewise(pieces: _Pieces, scale: Scale) -> Keys | None:
    edges = [-math.inf, *pieces.bounds, math.inf]
    drawn: list[list[list[float]]] = []
    for at, earned in enumerate(pieces.earned):
        low, high = edges[at], edges[at + 1]
        line = _line(earned, low, high, at, pieces, scale)
        if line is None:
            return None
        drawn.append(line)
    knots, jumps = list(drawn[0]), {}
    for line, owner in zip(drawn[1:], pieces.upper, strict=True):
        if not math.isclose(knots[-1][1], line[0][1], rel_tol=1e-9, abs_tol=1e-12):
            jumps[len(knots)] = owner
            knots.append(line[0])
        knots += line[1:]
    scores = [score for _, score in knots]
    pairs = [[neat(value), neat(score)] for value, score in knots]
    normalise = _rule("piecewise", "knots", pairs, jumps)
    return {"normalise": normalise, "most": max(scores), "least": min(scores)}


def _line(
    earned: Earned, low: float, high: float, at: int, pieces: _Pieces, scale: Scale
) -> list[list[float]] | None:
    """The knots of one piece: at its finite bounds, from 0, and up to the largest value."""
    start = min(0.0, _first(pieces.bounds)) if math.isinf(low) else low
    if earned.kind == "points":
        ends = [start] if math.isinf(high) and not math.isinf(low) else [start, high]
        return [[end, earned.value] for end in ends]
    if earned.kind == "proportional":
        following = pieces.earned[at + 1] if at + 1 < len(pieces.earned) else None
        if following is None or following.kind != "points" or not math.isinf(low):
            return None
        return [[0.0, 0.0], [high, following.value]]
    top = high if math.isfinite(high) else scale.top
    if math.isinf(top):
        return None
    slope = _slope(earned.value, top, scale)
    return None if slope is None else [[start, slope * start], [top, slope * top]]


def neat(value: float) -> int | float:
    """A number as people write it, without the noise of binary fractions."""
    value = float(f"{value:.12g}")
    return int(value) if value.is_integer() else value
