"""Numbers that are equal on paper: twelve significant digits say whether two values agree."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Values further apart than this, in units of themselves, differ within twelve digits.
_NEAR = 2e-11

# What rounding leaves of a sum that is 0 on paper, in units of its largest part, at most.
_LEFT = 1e-12


def significant(values: Array, digits: int = 12) -> Array:
    """Round to significant digits: sums that are equal on paper must not differ by rounding."""
    with np.errstate(divide="ignore", invalid="ignore"):
        places = 10.0 ** (digits - 1 - np.floor(np.log10(np.abs(values))))
        rounded = np.round(values * places) / places
    return np.where(np.isfinite(rounded), rounded, values)


def half_up(values: Array, decimals: int) -> Array:
    """Round to decimals, a half away from 0, as tables of scores are rounded.

    What is a half on paper is one: twelve digits count, whatever the last bit says.
    """
    steps = significant(np.abs(values) * 10.0**decimals)
    return np.asarray(np.sign(values) * np.floor(steps + 0.5) / 10.0**decimals + 0.0)


def cancelled(total: Array, parts: Array) -> Array:
    """Give 0 for a total whose parts, along the last axis, cancel to twelve digits of the largest.

    0.1 + 0.2 - 0.3 is 0 on paper and 5.6e-17 in binary, which would rank above 0.
    """
    if not (parts < 0).any():  # NaN is not, and nothing cancels
        return total
    largest = np.fmax.reduce(np.abs(parts), axis=-1)
    return np.where(np.abs(total) <= _LEFT * largest, 0.0, total)


def same_values(values: Array) -> Array:
    """Give values that agree to twelve digits, along the last axis, the least of them.

    Values that agree with no other stay as they are, to the last bit.
    """
    if values.size == 0:
        return values
    rows = values.reshape(-1, values.shape[-1])
    few = _with_near(np.sort(rows, axis=-1))
    if few.size == 0:
        return values
    result = rows.copy()
    order = np.argsort(rows[few], axis=-1)
    one = np.empty(order.shape)
    np.put_along_axis(one, order, _least(np.take_along_axis(rows[few], order, axis=-1)), axis=-1)
    result[few] = one
    return result.reshape(values.shape)


def same_ordered(ordered: Array) -> Array:
    """What :func:`same_values` gives for values that rise along the last axis."""
    if ordered.size == 0:
        return ordered
    rows = ordered.reshape(-1, ordered.shape[-1])
    few = _with_near(rows)
    if few.size == 0:
        return ordered
    result = rows.copy()
    result[few] = _least(rows[few])
    return result.reshape(ordered.shape)


def _with_near(ordered: Array) -> npt.NDArray[np.intp]:
    """The rows in which two values in order differ, but so little that they may agree."""
    return np.flatnonzero(np.any(_nearly(ordered[:, :-1], ordered[:, 1:]), axis=-1))


def _least(ordered: Array) -> Array:
    """The least value that agrees with each, of values that rise along the rows."""
    digits = significant(ordered)
    begins = np.zeros(ordered.shape, dtype=np.intp)
    begins[:, 1:] = np.where(digits[:, 1:] == digits[:, :-1], 0, np.arange(1, ordered.shape[-1]))
    return np.take_along_axis(ordered, np.maximum.accumulate(begins, axis=-1), axis=-1)


def at_bound(values: Array, bound: float | Array) -> Array:
    """Give a bound itself for each value that agrees with it to twelve digits."""
    near = _nearly(values, np.asarray(bound))
    if not near.any():
        return values
    return np.where(near & (significant(values) == significant(np.asarray(bound))), bound, values)


def _nearly(one: Array, other: Array) -> npt.NDArray[np.bool_]:
    """Say which pairs differ so little that only their digits can tell whether they tie."""
    with np.errstate(invalid="ignore"):
        near = np.abs(other - one) <= _NEAR * np.abs(other)
    return np.asarray(near & (one != other), dtype=np.bool_)
