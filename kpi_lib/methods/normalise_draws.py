"""Normalisation of many draws of an indicator's values at once.

The methods of :mod:`kpi_lib.methods.normalise` that compare cities with each other, for values of
shape ``(draws, cities)``: each draw is by itself, and the scores are the same numbers. Their
sources are named there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from kpi_lib.methods.aggregate import same_values
from kpi_lib.methods.registry import Direction

Array = npt.NDArray[np.float64]


def minmax(values: Array, direction: Direction, *, low: float = 0, high: float = 100) -> Array:
    """Stretch each draw's range onto ``low``–``high``; the middle where all are equal."""
    values = same_values(values)
    # fmin and fmax leave NaN out, and give it without a word where there is nothing else.
    worst = np.fmin.reduce(values, axis=1, keepdims=True)
    best = np.fmax.reduce(values, axis=1, keepdims=True)
    equal = worst == best
    if direction == "lower":
        worst, best = best, worst
    share = (values - worst) / np.where(equal, 1.0, best - worst)
    scores = np.clip(low + (high - low) * share, low, high)
    return np.where(equal & ~np.isnan(values), (low + high) / 2, scores)


def zscore(values: Array, direction: Direction, *, mean: float = 0, sd: float = 1) -> Array:
    """Standardise each draw; ``mean`` where all are equal."""
    values = same_values(values)
    there = ~np.isnan(values)
    count = there.sum(axis=1, keepdims=True)
    known = np.where(there, values, 0.0)
    centre = known.sum(axis=1, keepdims=True) / np.maximum(count, 1)
    apart = np.where(there, values - centre, 0.0)
    spread = np.sqrt((apart**2).sum(axis=1, keepdims=True) / np.maximum(count - 1, 1))
    worst = np.fmin.reduce(values, axis=1, keepdims=True)
    equal = worst == np.fmax.reduce(values, axis=1, keepdims=True)
    distance = (values - centre) / np.where(equal | (spread == 0), 1.0, spread)
    scores = mean + sd * (distance if direction == "higher" else -distance)
    return np.where(equal & there, mean, scores)


def rank(values: Array, direction: Direction) -> Array:
    """Count from 1 for the worst value of each draw up; ties share the lower number."""
    values = same_values(values)
    upward = values if direction == "higher" else -values
    order = np.argsort(upward, axis=1)
    ordered = np.take_along_axis(upward, order, axis=1)
    places = np.broadcast_to(np.arange(1.0, values.shape[1] + 1), values.shape).copy()
    places[:, 1:][ordered[:, 1:] == ordered[:, :-1]] = 0.0
    places = np.maximum.accumulate(places, axis=1)
    ranks = np.empty_like(places)
    np.put_along_axis(ranks, order, places, axis=1)
    return np.where(np.isnan(values), np.nan, ranks)


def borda(values: Array, direction: Direction) -> Array:
    """Count the cities of each draw that are worse."""
    return rank(values, direction) - 1


def percentile(values: Array, direction: Direction) -> Array:
    """Give the share of each draw's other cities that are worse, 0–100; 50 for a single one."""
    others = np.count_nonzero(~np.isnan(values), axis=1, keepdims=True) - 1
    scores = 100 * borda(values, direction) / np.maximum(others, 1)
    return np.where((others < 1) & ~np.isnan(values), 50.0, scores)


NORMALISE_DRAWS: Mapping[str, Callable[..., Array]] = {
    "minmax": minmax,
    "zscore": zscore,
    "rank": rank,
    "borda": borda,
    "percentile": percentile,
}
"""The methods by the name that framework files use."""
