"""Values far from the rest: when a column has them, and what is done about them.

Each function takes the values of one indicator (array of shape ``(cities,)``, missing as
NaN, which stays missing and takes no part) and gives an array of the same shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.digits import at_bound, same_values

Array = npt.NDArray[np.float64]
Curve = Callable[[Array], Array]


def skewness(values: Array) -> float:
    """Skewness of a sample (G1): 0 for symmetric values, above 0 for a long upper tail.

    NaN for fewer than three values, or where all are equal. Source: Joanes and Gill,
    Comparing measures of sample skewness and kurtosis (1998).
    """
    there = same_values(values[~np.isnan(values)])
    n = there.size
    if n < 3 or there.min() == there.max():
        return float("nan")
    square, cube = _moment(there, 2), _moment(there, 3)
    return float(np.sqrt(n * (n - 1)) / (n - 2) * cube / square**1.5)


def kurtosis(values: Array) -> float:
    """Excess kurtosis of a sample (G2): 0 for normal values, above 0 for heavy tails.

    NaN for fewer than four values, or where all are equal. Source: as :func:`skewness`.
    """
    there = same_values(values[~np.isnan(values)])
    n = there.size
    if n < 4 or there.min() == there.max():
        return float("nan")
    excess = _moment(there, 4) / _moment(there, 2) ** 2 - 3
    return float((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6))


@dataclass(frozen=True)
class Limits:
    """A column has outliers where ``|skewness|`` and kurtosis are both above these.

    Source: OECD and JRC, Handbook on Constructing Composite Indicators (2008), section
    1.4; the values are those of the Global Innovation Index.
    """

    skewness: float = 2.0
    kurtosis: float = 3.5

    def passed(self, values: Array) -> bool:
        """Say whether a column has no outliers; too few values to say counts as none."""
        return not (abs(skewness(values)) > self.skewness and kurtosis(values) > self.kurtosis)


def winsorise(values: Array, limits: Limits, points: int = 5) -> Array:
    """Set the most extreme value to the next one, ties together, until the column passes.

    The largest where skewness is positive, else the smallest. Stops once ``points`` values
    are changed, passed or not. Source: Dixon, Simplified estimation from censored normal
    samples (1960); the rule is that of ``winsorise`` in COINr.
    """
    result = values.copy()
    while not limits.passed(result) and np.sum(~_same(result, values)) < points:
        high = skewness(result) >= 0
        extreme = np.nanmax(result) if high else np.nanmin(result)
        at = at_bound(result, extreme) == extreme
        rest = result[~at & ~np.isnan(result)]
        if rest.size == 0:
            break
        result[at] = rest.max() if high else rest.min()
    return result


def log_curve(values: Array) -> Curve:
    """Give ``ln(x − min + 0.01 · (max − min))`` with the range of these values.

    It rises with ``x`` and takes zeros and negative values; a value under the range counts
    as its end. Source: the COIN Tool of the JRC (``log_CT`` in COINr).
    """
    values = same_values(values)
    low, high = np.nanmin(values), np.nanmax(values)
    offset = 0.01 * (high - low)
    if offset == 0:
        raise ValueError(msg("all values are equal, and have no logarithm of their distance"))
    return lambda x: np.log(np.maximum(x - low, 0.0) + offset)


def boxcox_curve(values: Array, exponent: float | None = None) -> Curve:
    """Give the transformation of Box and Cox of ``x − min + 1``.

    ``(y^λ − 1) / λ``, or ``ln y`` where λ is 0; ``exponent`` is λ, by default the one under
    which these values are most likely to be normal. It rises with ``x``; a value under the
    range counts as its end. Source: Box and Cox, An analysis of transformations (1964).
    """
    from scipy import stats

    values = same_values(values)
    low = np.nanmin(values)
    if low == np.nanmax(values):
        raise ValueError(msg("all values are equal, and no transformation makes them normal"))
    if exponent is None:
        shifted = values[~np.isnan(values)] - low + 1
        exponent = float(stats.boxcox_normmax(shifted, method="mle"))
    chosen = exponent
    return lambda x: np.asarray(
        stats.boxcox(np.maximum(x - low, 0.0) + 1, chosen), dtype=np.float64
    )


CURVES: dict[str, Callable[[Array], Curve]] = {"log": log_curve, "boxcox": boxcox_curve}
"""Transformations by name, each fitted to a column."""


def _moment(values: Array, order: int) -> float:
    """Central moment in units of the range, so that no power overflows."""
    spread = values.max() - values.min()
    return float(np.mean(((values - values.mean()) / spread) ** order))


def _same(one: Array, other: Array) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = (one == other) | (np.isnan(one) & np.isnan(other))
    return same
