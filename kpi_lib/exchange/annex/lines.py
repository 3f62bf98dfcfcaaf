"""Calculations of points as lines in the unit of an indicator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from kpi_lib.exchange.annex.clauses import Earned
from kpi_lib.exchange.annex.wording import WORDS, Unread, folded
from kpi_lib.io.cells.units import is_percent
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import numeral

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


def share(earned: Earned, unit: str, points: float | None, limit: float | None) -> Keys | None:
    """A line from nothing to the whole, of which no more than ``limit`` is earned."""
    scale = scale_of(unit, not unit, points)
    if earned.kind != "line" or scale is None or math.isinf(scale.top):
        return None
    line = fitted(earned, (0.0, scale.top), scale, limit)
    at_none, at_top = line(0.0), line(scale.top)
    most = max(at_none, at_top)
    keys: Keys = {"goalposts": [0, neat(scale.top)], "most": most}
    if limit is not None and limit < most and at_none == 0:
        knots = [[0, 0], [neat(limit / line.factor), neat(limit)]]
        keys = {"normalise": {"method": "piecewise", "knots": knots}, "most": limit}
    elif math.isclose(min(at_none, at_top), 0, abs_tol=1e-9):
        keys = {"direction": "higher" if at_top > at_none else "lower", **keys}
    else:
        knots = [[0, neat(at_none)], [neat(scale.top), neat(at_top)]]
        keys = {"normalise": {"method": "piecewise", "knots": knots}, "most": most}
    return {**with_unit(unit, scale), **keys}


def with_unit(unit: str, scale: Scale) -> Keys:
    """The unit that a rule in per cent gives an indicator without one."""
    return {"unit": "%"} if scale.percent and not unit else {}


@dataclass(frozen=True)
class Line:
    """Points by value: ``alone + factor × value``."""

    alone: float
    factor: float

    def __call__(self, value: float) -> float:
        """The points of a value."""
        return self.alone + self.factor * value


def fitted(
    earned: Earned, ends: tuple[float, float], scale: Scale, limit: float | None = None
) -> Line:
    """The line of a calculation: its value stands for a share (0–1) or for its number.

    Of the two that one is meant which earns points of the size of the maximum at its end.
    """
    factors = [earned.factor / 100, earned.factor] if scale.percent else [earned.factor]
    lines = [Line(earned.value, factor) for factor in factors]
    if scale.most is None:
        return lines[0]
    reached = {line: sorted(line(end) for end in ends) for line in lines}
    near = [
        line
        for line, (least, most) in reached.items()
        if least >= -1e-9 and 0.05 <= most / scale.most < 5
    ]
    if len(near) != 1:
        raise Unread(msg("It is not clear what its calculation gives."))
    most = reached[near[0]][1]
    if limit is None and most > scale.most * (1 + 1e-9):
        raise above_most(most, scale.most)
    return near[0]


def above_most(given: float, most: float) -> Unread:
    """Say that a rule earns another maximum than its column has."""
    return Unread(
        msg(
            "It earns at most {given}, but the column of points has {most}.",
            given=numeral(round(given, 4)),
            most=numeral(most),
        )
    )


def in_proportion(width: float) -> str:
    """What is assumed of parts of 'each 10 %'."""
    return msg("parts of {width} % earn in proportion", width=numeral(width))


def neat(value: float) -> int | float:
    """A number as people write it, without the noise of binary fractions."""
    value = float(f"{value:.12g}")
    return int(value) if value.is_integer() else value
