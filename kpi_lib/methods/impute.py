"""Estimates for missing values.

Each function gives an array of the shape of its values in which some of the missing ones
(NaN) are estimated; those for which there is nothing to go by stay missing, and values
that are there are never changed. Source of the methods and of the caution they need: OECD
and JRC, *Handbook on Constructing Composite Indicators* (2008), section 1.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Average = Callable[[Array], float]

# A correlation or a regression over fewer units than this says nothing.
_LEAST_UNITS = 8


def average(values: Array, of: Average) -> Array:
    """Fill with the ``of`` (mean, median) of the values that are there."""
    there = values[~np.isnan(values)]
    if there.size == 0:
        return values.copy()
    # The mean of equal values is that value; its sum may be off by the last digit.
    return np.where(np.isnan(values), np.clip(of(there), there.min(), there.max()), values)


def group_average(values: Array, groups: npt.NDArray[np.object_], of: Average) -> Array:
    """Fill with the average of the same group; without a group (None) nothing is filled."""
    result = values.copy()
    for group in {label for label in groups if label is not None}:
        rows = groups == group
        result[rows] = average(values[rows], of)
    return result


def linear(values: Array, times: Array) -> Array:
    """Fill the years between two values of a city on the line from one to the other.

    ``times`` (in years) rise. What lies before the first or after the last value stays
    missing.
    """
    there = np.flatnonzero(~np.isnan(values))
    if there.size < 2:
        return values.copy()
    result = values.copy()
    inside = slice(there[0], there[-1] + 1)
    result[inside] = np.interp(times[inside], times[there], values[there])
    return result


def forward(values: Array, times: Array, years: float = np.inf) -> Array:
    """Carry a city's last value forward, for at most so many ``years``."""
    there = ~np.isnan(values)
    last = np.maximum.accumulate(np.where(there, np.arange(len(values)), -1))
    usable = (last >= 0) & (times - times[np.maximum(last, 0)] <= years)
    return np.where(there | ~usable, values, values[np.maximum(last, 0)])


@dataclass(frozen=True)
class Estimate:
    """An estimate by regression: of which unit, how far off it may be, and from what.

    ``error`` is the standard error of the prediction in the unit of the value, ``fit`` the
    share of variance explained (R²), ``units`` how many the regression is over, and
    ``predictors`` the columns it uses.
    """

    unit: int
    value: float
    error: float
    fit: float
    units: int
    predictors: tuple[int, ...]


def regression(table: Array, column: int, predictors: int = 3) -> list[Estimate]:
    """Estimate the missing values of a column from the columns closest to it.

    ``table`` has the shape ``(units, columns)``. Closest is the highest absolute
    correlation; a unit uses the ``predictors`` closest columns of those it has, in an
    ordinary least-squares regression over all units that have them and the column.
    Source: OECD and JRC (2008), section 1.3, regression imputation; the error is that of a
    new observation (Draper and Smith, Applied Regression Analysis, 1998, section 3.1).
    """
    own = table[:, column]
    near, there = _closest(table, column), ~np.isnan(table)
    by_set: dict[tuple[int, ...], list[int]] = {}
    for unit in np.flatnonzero(np.isnan(own)):
        chosen = tuple(islice((c for c in near if there[unit, c]), predictors))
        if chosen:
            by_set.setdefault(chosen, []).append(int(unit))
    estimates = []
    for chosen, units in by_set.items():
        columns = list(chosen)
        known = ~np.isnan(own) & ~np.any(np.isnan(table[:, columns]), axis=1)
        count = int(np.count_nonzero(known))
        free = count - len(columns) - 1
        if count < _LEAST_UNITS or free < 2:
            continue
        centre = table[known][:, columns].mean(axis=0)
        design = np.column_stack([np.ones(count), table[known][:, columns] - centre])
        solved = np.linalg.pinv(design)
        slopes = solved @ own[known]
        rest = own[known] - design @ slopes
        spread = own[known] - own[known].mean()
        variance = float(rest @ rest) / free
        fit = 1 - float(rest @ rest) / float(spread @ spread) if np.any(spread) else 1.0
        inverse = solved @ solved.T
        for missing in units:
            at = np.concatenate([[1.0], table[missing, columns] - centre])
            error = float(np.sqrt(variance * (1 + at @ inverse @ at)))
            estimates.append(Estimate(missing, float(at @ slopes), error, fit, count, chosen))
    return sorted(estimates, key=lambda estimate: estimate.unit)


def _closest(table: Array, column: int) -> list[int]:
    """Columns by how strongly they go with one, strongest first; those that cannot be said, not."""
    own = table[:, [column]]
    both = ~np.isnan(own) & ~np.isnan(table)
    count = both.sum(axis=0)
    one, two = np.where(both, own, 0.0), np.where(both, table, 0.0)
    one = np.where(both, one - one.sum(axis=0) / np.maximum(count, 1), 0.0)
    two = np.where(both, two - two.sum(axis=0) / np.maximum(count, 1), 0.0)
    spread = np.sqrt(np.sum(one**2, axis=0) * np.sum(two**2, axis=0))
    strength = np.abs(np.sum(one * two, axis=0)) / np.where(spread > 0, spread, np.inf)
    said = (count >= _LEAST_UNITS) & _varies(own, both) & _varies(table, both)
    said[column] = False
    order = np.argsort(-np.round(strength, 12), kind="stable")
    return [int(other) for other in order if said[other]]


def _varies(values: Array, counted: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Say which columns have more than one value among those that count."""
    high = np.max(np.where(counted, values, -np.inf), axis=0)
    return np.asarray(high > np.min(np.where(counted, values, np.inf), axis=0))
