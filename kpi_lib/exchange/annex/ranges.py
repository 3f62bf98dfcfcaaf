"""Ranges of values set side by side: bands, or straight lines between knots."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kpi_lib.exchange.annex.clauses import Earned, Range, one_subject
from kpi_lib.exchange.annex.lines import (
    Keys,
    Scale,
    fitted,
    in_proportion,
    neat,
    scale_of,
    with_unit,
)
from kpi_lib.exchange.annex.wording import Unread
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import numeral


@dataclass(frozen=True)
class Step:
    """Points that are earned (``rate`` above 0) or lost for each ``width`` of the value.

    ``side`` of the ranges: "less", "more", or "" where the rule leaves it to them; ``least``
    and ``most`` are where it ends.
    """

    width: float
    rate: float
    side: str = ""
    least: float = 0.0
    most: float | None = None


class Whole(str):
    """What is assumed where the measure may lie between whole numbers, and clear where not."""


@dataclass(frozen=True)
class Beside:
    """What a rule says beside its ranges: of all other values, of steps, and of what is between."""

    otherwise: Earned | None = None
    step: Step | None = None
    interpolated: bool = False


Piece = tuple[Range, Earned]


def ranges_of(ranged: list[Piece], unit: str, points: float | None, beside: Beside) -> Keys | None:
    """Bands or knots from ranges and what each earns.

    Raises :class:`Unread` where the ranges overlap, leave a gap, or earn too much; None where
    they are not of one quantity in the unit.
    """
    ranges = [one for one, _ in ranged]
    scale = scale_of(unit, any(one.percent for one in ranges), points)
    if scale is None or not one_subject(ranges):
        return None
    assumed: list[str] = []
    factor = _factor(ranged, scale, assumed)
    pieces = _clipped(
        [
            (replace(one, low=one.low * factor, high=one.high * factor), earned)
            for one, earned in ranged
        ]
    )
    if beside.interpolated:
        pieces = _with_lines_between(pieces)
    if beside.step:
        pieces = _with_step(pieces, beside.step, scale)
        if scale.percent and beside.step.width != 1:
            assumed.append(in_proportion(beside.step.width))
    pieces = _completed(pieces, beside.otherwise, scale, assumed)
    joined = _joined(pieces, scale, assumed)
    made = _bands(joined) if joined.all_points else _piecewise(joined, scale)
    return None if made is None else {**with_unit(unit, scale), **made, "assumed": assumed}


def _factor(ranged: Sequence[Piece], scale: Scale, assumed: list[str]) -> float:
    """What the numbers of the rule are multiplied by, to be in the unit.

    Thresholds of a percentage such as 0.8, all without a sign, are shares where nothing lies
    above 1 and more is better.
    """
    percent = any(one.percent for one, _ in ranged)
    if percent or scale.top != 100:
        return 0.01 if percent and scale.top == 1 else 1.0
    bounds = {x for one, _ in ranged for x in (one.low, one.high) if math.isfinite(x) and x}
    broken = sorted(x for x in bounds if not x.is_integer())
    if not broken or max(bounds) > 1:
        return 1.0
    (first, lowest), (last, highest) = (
        function(ranged, key=lambda piece: (piece[0].low, piece[0].high)) for function in (min, max)
    )
    rises = first != last and lowest.kind == highest.kind == "points"
    rises = lowest.value < highest.value if rises else math.isinf(last.high)
    if not rises or last.low >= 1:
        raise Unread(
            msg(
                "{number} may be {number} % or a share: write it with %.", number=numeral(broken[0])
            )
        )
    assumed.append(
        msg(
            "{number} is read as a share, {percent} %",
            number=numeral(broken[0]),
            percent=numeral(broken[0] * 100),
        )
    )
    return 100.0


def _with_lines_between(pieces: list[Piece]) -> list[Piece]:
    """Straight lines between the points that a rule gives, flat outside."""
    points = [
        (replace(one, low=end, high=end, low_closed=True, high_closed=True), earned)
        for one, earned in pieces
        for end in (one.low if math.isfinite(one.low) else one.high,)
    ]
    made = points[:1]
    for at in points[1:]:
        between = Range(made[-1][0].high, at[0].low, False, False)
        made += [(between, Earned("interpolated")), at]
    (lowest, first), (_, last) = made[0], made[-1]
    made[0] = replace(lowest, low=-math.inf), first
    made[-1] = replace(made[-1][0], high=math.inf, high_closed=False), last
    return made


def _with_step(pieces: list[Piece], step: Step, scale: Scale) -> list[Piece]:
    """Add the line that a step draws from the ranges, and what is earned beyond it."""
    (lowest, first), (highest, last) = pieces[0], pieces[-1]
    below = math.isfinite(lowest.low) and step.side != "more"
    if not below and not math.isfinite(highest.high):
        raise Unread(msg("It is not clear where its steps begin."))
    begins, start = (lowest.low, first) if below else (highest.high, last)
    if start.kind != "points":
        raise Unread(msg("It is not clear where its steps begin."))
    ends_at = step.least if step.rate < 0 else step.most
    if ends_at is None:
        ends_at = scale.most if scale.most is not None else math.inf
    length = (ends_at - start.value) / step.rate * step.width
    if length <= 0:
        raise Unread(msg("Its steps lead nowhere."))
    bottom, top = (0.0, scale.top) if below or math.isfinite(scale.top) else (0.0, math.inf)
    end = max(begins - length, bottom) if below else min(begins + length, top)
    reached = start.value + step.rate * abs(end - begins) / step.width
    if not math.isfinite(reached):
        raise Unread(msg("It does not say where its steps end."))
    if below:
        beyond = Range(-math.inf, end, False, True), Earned("points", reached)
        between = Range(end, begins, False, not lowest.low_closed), Earned("interpolated")
        return [beyond, between, *pieces]
    between = Range(begins, end, not highest.high_closed, False), Earned("interpolated")
    return [*pieces, between, (Range(end, math.inf, True, False), Earned("points", reached))]


def _clipped(ranged: list[tuple[Range, Earned]]) -> list[tuple[Range, Earned]]:
    """Read '≥ 80: 5; ≥ 50: 3' as bands: a bound ends where the next one begins."""
    said = sorted(ranged, key=lambda one: (one[0].low, one[0].high))
    ordered = list(said)
    for at in range(len(ordered) - 2, -1, -1):
        own, above = ordered[at][0], said[at + 1][0]
        if math.isinf(own.high) and math.isinf(above.high) and own.low < above.low:
            own = replace(own, high=above.low, high_closed=not above.low_closed)
            ordered[at] = own, ordered[at][1]
    for at in range(1, len(ordered)):
        own, below = ordered[at][0], said[at - 1][0]
        if math.isinf(own.low) and math.isinf(below.low) and below.high < own.high:
            own = replace(own, low=below.high, low_closed=not below.high_closed)
            ordered[at] = own, ordered[at][1]
    return ordered


def _completed(
    ordered: list[Piece], otherwise: Earned | None, scale: Scale, assumed: list[str]
) -> list[Piece]:
    """Add what all others earn; a single range earns its points, and all others nothing."""
    (lowest, first), (highest, last) = ordered[0], ordered[-1]
    if scale.top <= highest.high < math.inf:
        ordered[-1] = highest, last = replace(highest, high=math.inf, high_closed=False), last
    if lowest.low <= 0 and lowest.low_closed is not False and not math.isinf(lowest.low):
        ordered[0] = lowest, first = replace(ordered[0][0], low=-math.inf, low_closed=False), first
    open_below, open_above = not math.isinf(lowest.low), not math.isinf(ordered[-1][0].high)
    if not open_below and not open_above:
        if otherwise is not None:
            raise Unread(msg("It gives points to all values, and to others as well."))
        return ordered
    unsaid = [
        *([msg("values below {bound}", bound=numeral(lowest.low))] if open_below else []),
        *([msg("values above {bound}", bound=numeral(highest.high))] if open_above else []),
    ]
    if len(unsaid) == 2 or (otherwise is None and len(ordered) > 1):
        raise Unread(msg("It does not say what {values} earn.", values=", ".join(unsaid)))
    if otherwise is None:
        assumed.append(msg("{values} earn 0", values=unsaid[0]))
    rest = otherwise or Earned("points", 0.0)
    if open_below:
        below = Range(-math.inf, lowest.low, False, lowest.low_closed is False)
        return [(below, rest), *ordered]
    return [*ordered, (Range(highest.high, math.inf, highest.high_closed is False, False), rest)]


@dataclass(frozen=True)
class _Pieces:
    """What is earned between bounds; ``upper``: whether each bound belongs to what is above it."""

    bounds: tuple[float, ...]
    upper: tuple[bool, ...]
    earned: tuple[Earned, ...]

    @property
    def all_points(self) -> bool:
        return all(one.kind == "points" for one in self.earned)


def _joined(ordered: list[Piece], scale: Scale, assumed: list[str]) -> _Pieces:
    """Set ranges side by side."""
    bounds: list[float] = []
    upper: list[bool] = []
    for (below, left), (above, right) in itertools.pairwise(ordered):
        owner = _owner(below.high_closed, above.low_closed)
        if below.high == above.low and owner is None and _meet(left, right):
            owner = True
        if below.high != above.low:
            owner = _over_a_gap(below, above, scale, assumed)
        if owner is None:
            at = numeral(above.low)
            if below.high_closed is False:
                raise Unread(msg("It does not say what {bound} earns.", bound=at))
            raise Unread(msg("It gives two numbers of points for {bound}.", bound=at))
        bound = above.low
        if bounds and bound <= bounds[-1]:
            bound, owner = _next_whole(bounds[-1]), True
            assumed.append(
                Whole(
                    msg(
                        "values above {low} are {high} or more",
                        low=numeral(below.high),
                        high=numeral(bound),
                    )
                )
            )
        bounds.append(bound)
        upper.append(owner)
    return _Pieces(tuple(bounds), tuple(upper), tuple(earned for _, earned in ordered))


def _next_whole(bound: float) -> float:
    """Where '2: 1 point; above 2: 0' has its next band, since only whole numbers fit the rule."""
    if not bound.is_integer():
        raise Unread(msg("It gives points for {bound} alone.", bound=numeral(bound)))
    return bound + 1


def _meet(left: Earned, right: Earned) -> bool:
    """Whether a line runs into what is beside it, so that the bound may belong to either."""
    return "interpolated" in (left.kind, right.kind)


def _over_a_gap(below: Range, above: Range, scale: Scale, assumed: list[str]) -> bool:
    """Read ranges of whole numbers, 'from 50 to 79; from 80', as bounded by the upper number."""
    first, second = neat(below.high), neat(above.low)
    low, high = numeral(below.high), numeral(above.low)
    if first > second:
        raise Unread(
            msg("It gives more than one number of points for {high} to {low}.", high=high, low=low)
        )
    with_bounds = below.high_closed is not False and above.low_closed is not False
    if not (second - first == 1 and isinstance(second, int) and with_bounds):
        raise Unread(
            msg("It does not say what values between {low} and {high} earn.", low=low, high=high)
        )
    said = msg("values between {low} and {high} earn what {low} does", low=low, high=high)
    assumed.append(said if math.isfinite(scale.top) else Whole(said))
    return True


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
        knots += [knot for knot in line[1:] if knot != knots[-1]]
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
    following = pieces.earned[at + 1] if at + 1 < len(pieces.earned) else None
    if earned.kind == "proportional":
        if following is None or following.kind != "points" or not math.isinf(low):
            return None
        return [[0.0, 0.0], [high, following.value]]
    if earned.kind == "interpolated":
        before = pieces.earned[at - 1] if at else None
        if before is None or following is None or not before.kind == following.kind == "points":
            return None
        return [[low, before.value], [high, following.value]]
    top = high if math.isfinite(high) else scale.top
    if math.isinf(top) or top <= start:
        return None
    line = fitted(earned, (start, top), scale)
    return [[start, line(start)], [top, line(top)]]
