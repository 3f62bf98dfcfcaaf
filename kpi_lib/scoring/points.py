"""Sums of points, as tables of criteria are scored: cap and floor, bonus, the best of several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi_lib.methods.digits import cancelled

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Limits:
    """What a group of points earns: at most ``cap``, at least ``floor``, or its ``best`` part."""

    cap: float | None = None
    floor: float | None = None
    best: bool = False

    def maximum(self, parts: Array) -> Array:
        """The most points of a group from those of its parts, shape ``(…, parts)``."""
        whole: Array = np.max(parts, axis=-1, initial=0.0) if self.best else np.sum(parts, axis=-1)
        return whole if self.cap is None else np.minimum(whole, self.cap)

    def held(self, points: Array) -> Array:
        """Points of a group within its limits."""
        if self.cap is not None:
            points = np.minimum(points, self.cap)
        return points if self.floor is None else np.maximum(points, self.floor)


def sum_points(
    parts: Array,
    share: Array,
    maxima: Array,
    applies: Bools,
    limits: Limits,
    *,
    rescale: bool,
) -> Array:
    """Points of a group from those of its parts.

    ``parts`` (…, rows, parts) are points; ``maxima`` (1 or rows, parts) the most of each, 0
    where it does not apply and for what only adds or takes (bonus, deduction); ``applies``
    (1 or rows, parts) says which apply. ``share`` (…, 1 or rows, parts) are weights, which are the
    maxima unless others were asked for: then a part's points count in proportion. With
    ``rescale`` a missing part earns what the others do in proportion; else it earns nothing.
    NaN where no part is there; where only a bonus or deduction applies, it is what they give.
    """
    weights = part_weights(share, maxima, applies, limits)
    regular = maxima > 0
    there = ~np.isnan(parts) & (weights > 0) & regular
    weighed = parts * weights
    earned = np.where(there, weighed, 0.0)
    summed = np.max(np.where(there, earned, -np.inf), axis=-1) if limits.best else earned.sum(-1)
    if rescale and not limits.best:
        summed = summed * spoken_for(there, weights * maxima)
    adds = applies & ~regular
    some = there.any(axis=-1) | (adds.any(axis=-1) & ~regular.any(axis=-1))
    summed = np.where(there.any(axis=-1), summed, 0.0)
    added = np.where(adds, np.nan_to_num(parts), 0.0).sum(-1)
    points = cancelled(summed + added, weighed)
    return np.where(some, limits.held(points), np.nan)


def spoken_for(there: Bools, maxima: Array) -> Array:
    """How many times their own points parts earn under ``rescale``, as they speak for others.

    ``there`` (…, parts) says which parts with a maximum have points, ``maxima`` is what all
    count at most.
    """
    whole = np.broadcast_to(maxima, there.shape).sum(-1)
    seen = np.where(there, maxima, 0.0).sum(-1)
    lacking = (seen > 0) & (seen < whole)
    return np.where(lacking, whole / np.where(lacking, seen, 1.0), 1.0)


def part_weights(share: Array, maxima: Array, applies: Bools, limits: Limits) -> Array:
    """Factors of each part's points: 1 unless other weights than the maxima were asked for.

    Shapes as in :func:`sum_points`. The factors leave the maximum of the group as it is: what a
    part weighs less, its siblings weigh more. 0 where a part does not apply, 1 for what only
    adds or takes.
    """
    regular = maxima > 0
    ratio = np.where(regular, share / np.where(regular, maxima, 1.0), 0.0)
    alike = np.isclose(ratio, 1.0, rtol=1e-12, atol=0) | ~regular
    most = np.max if limits.best else np.sum
    weighed = most(ratio * maxima, axis=-1, keepdims=True)
    whole = most(np.broadcast_to(maxima, ratio.shape), axis=-1, keepdims=True)
    factor = ratio * (whole / np.where(weighed > 0, weighed, 1.0))
    factor = np.where(alike.all(axis=-1, keepdims=True), 1.0, factor)
    return np.where(regular, factor, np.where(applies, 1.0, 0.0))
