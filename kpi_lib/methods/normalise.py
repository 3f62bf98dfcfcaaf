"""From the value of an indicator to its score.

Each method takes the values of one indicator (array of shape ``(cities,)``, missing as
NaN) and gives scores of the same shape, missing where the value is. A missing value takes
no part in anything: not in a range, a mean or a rank, nor in the number of cities.
Direction is handled here and nowhere else: whatever the indicator's direction, a better
value never has a lower score. The methods and their names follow the *Handbook on
Constructing Composite Indicators* (OECD and JRC, 2008), section 1.5.

Two values that agree to twelve significant digits are the same value, and one that agrees
so with a target or a bound is at it: what is equal on paper must not differ by rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.aggregate import at_bound, same_values
from kpi_lib.methods.registry import Direction

Array = npt.NDArray[np.float64]


def goalposts(values: Array, direction: Direction, *, low: float, high: float) -> Array:
    """Score 0 at one goalpost and 100 at the other, in proportion between, clipped outside.

    ``low`` and ``high`` are in the indicator's unit; ``high`` scores 100 where higher is
    better, ``low`` where lower is. Source: UNDP, Human Development Report 1990, technical
    note (fixed minimum and maximum).
    """
    return np.clip(scaled(values, direction, low=low, high=high), 0, 100)


def scaled(values: Array, direction: Direction, *, low: float, high: float) -> Array:
    """Score as :func:`goalposts` does, and go on beyond 0 and 100 in the same proportion.

    Source: the Global Innovation Index 2020 (Cornell, INSEAD and WIPO, 2020), appendix I,
    for indicators with a given range; ``n_scaled`` of the R package COINr.
    """
    if not low < high:
        raise ValueError(
            msg(
                "low ({low}) must be under high ({high})",
                low=format(low, "g"),
                high=format(high, "g"),
            )
        )
    values = at_bound(at_bound(values, low), high)
    share = (values - low) / (high - low)
    return 100 * (share if direction == "higher" else 1 - share)


def minmax(values: Array, direction: Direction, *, low: float = 0, high: float = 100) -> Array:
    """Stretch the observed range onto ``low``–``high``: the worst value scores ``low``.

    Where all values are equal there is nothing to tell apart, and each scores the middle.
    Source: OECD and JRC (2008), section 1.5, method 3.
    """
    if not low < high:
        raise ValueError(
            msg(
                "low ({low}) must be under high ({high})",
                low=format(low, "g"),
                high=format(high, "g"),
            )
        )
    if np.all(np.isnan(values)):
        return np.full_like(values, np.nan)
    values = same_values(values)
    worst, best = np.nanmin(values), np.nanmax(values)
    if worst == best:
        return _where_there(values, (low + high) / 2)
    if direction == "lower":
        worst, best = best, worst
    return np.clip(low + (high - low) * ((values - worst) / (best - worst)), low, high)


def target(values: Array, direction: Direction, *, target: float) -> Array:
    """Give the share of the target that is reached, 0–100.

    Where higher is better: ``100 · value / target``; where lower is better:
    ``100 · target / value``; clipped at 0 and 100. Raises ``ValueError`` for a target under
    0, of which a share has no meaning. Source: OECD and JRC (2008), section 1.5, method 4
    (distance to a reference).
    """
    if target < 0:
        raise ValueError(
            msg("there is no share of a target under 0 ({target})", target=format(target, "g"))
        )
    values = at_bound(values, target)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = values / target if direction == "higher" else target / values
    met = values >= target if direction == "higher" else values <= target
    return _where_there(values, np.clip(100 * np.where(met, 1.0, share), 0, 100))


def pass_fail(values: Array, direction: Direction, *, target: float) -> Array:
    """Score 100 where the value meets the target, else 0."""
    values = at_bound(values, target)
    met = values >= target if direction == "higher" else values <= target
    return _where_there(values, np.where(met, 100.0, 0.0))


def zscore(values: Array, direction: Direction, *, mean: float = 0, sd: float = 1) -> Array:
    """Standardise to the given mean and (sample) standard deviation.

    Where all values are equal, each scores the mean. Source: OECD and JRC (2008),
    section 1.5, method 2.
    """
    if not sd > 0:
        raise ValueError(msg("sd must be above 0, not {sd}", sd=format(sd, "g")))
    values = same_values(values)
    there = values[~np.isnan(values)]
    if there.size == 0 or there.min() == there.max():
        return _where_there(values, mean)
    distance: Array = (values - there.mean()) / there.std(ddof=1)
    return mean + sd * (distance if direction == "higher" else -distance)


def rank(values: Array, direction: Direction) -> Array:
    """Count from 1 for the worst value up; ties share the lower number.

    Source: OECD and JRC (2008), section 1.5, method 1.
    """
    from scipy import stats

    values = same_values(values)
    upward = values if direction == "higher" else -values
    return np.asarray(stats.rankdata(upward, method="min", nan_policy="omit"), dtype=np.float64)


def borda(values: Array, direction: Direction) -> Array:
    """Count the cities that are worse: one less than :func:`rank`.

    Source: Borda (1784); OECD and JRC (2008), section 1.7.
    """
    return rank(values, direction) - 1


def percentile(values: Array, direction: Direction) -> Array:
    """Give ``100 · (r − 1) / (n − 1)``: the share of the other cities that are worse.

    ``r`` is the :func:`rank` and ``n`` the number of values; a single value scores the
    middle, 50. Source: ``PERCENTRANK`` as spreadsheets define it; ``n_prctile`` of COINr.
    """
    others = np.count_nonzero(~np.isnan(values)) - 1
    if others < 1:
        return _where_there(values, 50.0)
    return 100 * borda(values, direction) / others


def fraction_of_max(values: Array, direction: Direction) -> Array:
    """Give the share of the best city's value, 0–100.

    Where higher is better: ``100 · value / highest``; where lower is better:
    ``100 · lowest / value``. Raises ``ValueError`` for a value under 0. Source: OECD and
    JRC (2008), section 1.5, method 4 (distance to the group leader).
    """
    values = same_values(values)
    there = values[~np.isnan(values)]
    if there.size == 0:
        return np.full_like(values, np.nan)
    if there.min() < 0:
        raise ValueError(
            msg(
                "there is no share of the best where a value is under 0 ({min})",
                min=format(there.min(), "g"),
            )
        )
    best = there.max() if direction == "higher" else there.min()
    return target(values, direction, target=float(best))


def none(values: Array, direction: Direction) -> Array:
    """Keep the value as its own score; only for indicators of which higher is better.

    Raises ``ValueError`` where lower is better: the scale would run the wrong way.
    """
    if direction == "lower":
        raise ValueError(msg("a scale on which lower is better cannot be kept as a score"))
    return values


def reference(values: Array, direction: Direction, *, city: int) -> Array:
    """Score each city by its share of a reference city's value, which itself scores 100.

    ``city`` is the place of the reference among the values; in a framework file it is its
    code. Where higher is better: ``100 · value / reference``; where lower is better:
    ``100 · reference / value``; a city that does better scores above 100. Raises
    ``ValueError`` where the reference has no value, and for values of which a share has no
    meaning: any under 0, and a divisor of 0. Source: OECD and JRC (2008), section 1.5, method
    4 (distance to a reference).
    """
    values = same_values(values)
    there = values[~np.isnan(values)]
    if there.size == 0:
        return np.full_like(values, np.nan)
    if np.isnan(values[city]):
        raise ValueError(msg("the reference city has no value"))
    if there.min() < 0:
        raise ValueError(
            msg(
                "there is no share of the reference where a value is under 0 ({min})",
                min=format(there.min(), "g"),
            )
        )
    divisors = values[city] if direction == "higher" else there.min()
    if divisors == 0:
        raise ValueError(msg("a value of 0 has no share of the reference, or the reference is 0"))
    share: Array = values / values[city] if direction == "higher" else values[city] / values
    return 100 * share


NORMALISE: Mapping[str, Callable[..., Array]] = {
    "goalposts": goalposts,
    "minmax": minmax,
    "target": target,
    "pass_fail": pass_fail,
    "zscore": zscore,
    "rank": rank,
    "borda": borda,
    "percentile": percentile,
    "fraction_of_max": fraction_of_max,
    "scaled": scaled,
    "none": none,
    "reference": reference,
}
"""The methods by the name that framework files use."""

NEEDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "goalposts": ("goalposts", ("low", "high")),
    "scaled": ("goalposts", ("low", "high")),
    "target": ("targets", ("target",)),
    "pass_fail": ("targets", ("target",)),
}
"""What an indicator must say for a method to apply, or else the parameters that say it."""

RELATIVE = frozenset(
    {"minmax", "zscore", "rank", "borda", "percentile", "fraction_of_max", "reference"}
)
"""Methods that score a city against the other cities' values."""


def scale(name: str, parameters: Mapping[str, Any]) -> tuple[float, float] | None:
    """The lowest and the highest score that a method can give, or None where it has no bounds."""
    if name in {"zscore", "rank", "borda", "scaled", "none", "reference"}:
        return None
    if name == "minmax":
        return float(parameters.get("low", 0)), float(parameters.get("high", 100))
    return 0.0, 100.0


def _where_there(values: Array, scores: Array | float) -> Array:
    return np.where(np.isnan(values), np.nan, scores)
