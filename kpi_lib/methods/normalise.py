"""From the value of an indicator to its score.

Each method takes the values of one indicator (array of shape ``(…, cities)``, missing as
NaN) and gives scores of the same shape, missing where the value is; along other axes than
the last, such as draws, nothing is compared. A missing value takes
no part in anything: not in a range, a mean or a rank, nor in the number of cities.
Direction is handled here and nowhere else: whatever the indicator's direction, a better
value never has a lower score. The methods and their names follow the *Handbook on
Constructing Composite Indicators* (OECD and JRC, 2008), section 1.5.

Two values that agree to twelve significant digits are the same value, and one that agrees
so with a target or a bound is at it: what is equal on paper must not differ by rounding.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt

from kpi_lib.locale.catalogue import mark, msg
from kpi_lib.methods.digits import at_bound, same_ordered, same_values
from kpi_lib.methods.parameters import ABOVE_0, CITY
from kpi_lib.methods.registry import NORMALISE, Direction, normalisation

__all__ = ["NORMALISE", "bands"]

Array = npt.NDArray[np.float64]


@normalisation(
    needs="goalposts",
    or_parameters=("low", "high"),
    bounds=(0, 100),
    arrays=True,
    title=mark("between goalposts, no further at both ends"),
)
def goalposts(
    values: Array,
    direction: Direction,
    *,
    low: float,
    high: float,
    scale: Literal["linear", "log"] = "linear",
) -> Array:
    """Score 0 at one goalpost and 100 at the other, in proportion between, clipped outside.

    ``low`` and ``high`` are in the indicator's unit; ``high`` scores 100 where higher is
    better, ``low`` where lower is. With ``scale="log"`` the proportion is that of logarithms,
    and ``low`` must be above 0. Source: UNDP, Human Development Report 1990, technical note
    (fixed minimum and maximum); of 2010, technical note 1 (income on a log scale).
    """
    if scale == "log":
        if low <= 0:
            raise ValueError(
                msg("on a log scale low ({low}) must be above 0", low=format(low, "g"))
            )
        values = at_bound(at_bound(values, low), high)
        # Whatever is not above 0 is under the low goalpost, as a logarithm has no end below.
        values = np.log(np.where(values <= 0, low / 2, values))
        low, high = float(np.log(low)), float(np.log(high))
    return np.clip(scaled(values, direction, low=low, high=high), 0, 100)


@normalisation(
    needs="goalposts",
    or_parameters=("low", "high"),
    arrays=True,
    title=mark("between two given values, going on beyond both"),
)
def scaled(values: Array, direction: Direction, *, low: float, high: float) -> Array:
    """Score as :func:`goalposts` does, and go on beyond 0 and 100 in the same proportion.

    Source: the Global Innovation Index 2020 (Cornell, INSEAD and WIPO, 2020), appendix I,
    for indicators with a given range; ``n_scaled`` of the R package COINr.
    """
    _check_ends(low, high)
    values = at_bound(at_bound(values, low), high)
    share = (values - low) / (high - low)
    return 100 * (share if direction == "higher" else 1 - share)


def _given_ends(low: float = 0, high: float = 100) -> tuple[float, float]:
    return float(low), float(high)


@normalisation(
    bounds=_given_ends,
    relative=True,
    arrays=True,
    title=mark("between the lowest and the highest value"),
)
def minmax(values: Array, direction: Direction, *, low: float = 0, high: float = 100) -> Array:
    """Stretch the observed range onto ``low``–``high``: the worst value scores ``low``.

    Where all values are equal there is nothing to tell apart, and each scores the middle.
    Source: OECD and JRC (2008), section 1.5, method 3.
    """
    _check_ends(low, high)
    values = same_values(values)
    worst, best = _ends(values)
    equal = worst == best
    if direction == "lower":
        worst, best = best, worst
    share = (values - worst) / np.where(equal, 1.0, best - worst)
    scores = np.clip(low + (high - low) * share, low, high)
    return np.where(equal & ~np.isnan(values), (low + high) / 2, scores)


@normalisation(
    needs="targets",
    or_parameters=("target",),
    bounds=(0, 100),
    arrays=True,
    title=mark("share of the period's target reached"),
)
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
    return _reached(at_bound(values, target), direction, np.asarray(target, dtype=np.float64))


@normalisation(
    needs="targets",
    or_parameters=("target",),
    bounds=(0, 100),
    arrays=True,
    title=mark("met or not met"),
)
def pass_fail(values: Array, direction: Direction, *, target: float) -> Array:
    """Score 100 where the value meets the target, else 0."""
    values = at_bound(values, target)
    met = values >= target if direction == "higher" else values <= target
    return _where_there(values, np.where(met, 100.0, 0.0))


@normalisation(
    relative=True, arrays=True, title=mark("distance from the mean, in standard deviations")
)
def zscore(
    values: Array, direction: Direction, *, mean: float = 0, sd: Annotated[float, ABOVE_0] = 1
) -> Array:
    """Standardise to the given mean and (sample) standard deviation.

    Where all values are equal, each scores the mean. Source: OECD and JRC (2008),
    section 1.5, method 2.
    """
    if not sd > 0:
        raise ValueError(msg("sd must be above 0, not {sd}", sd=format(sd, "g")))
    values = same_values(values)
    there = ~np.isnan(values)
    count = there.sum(axis=-1, keepdims=True)
    centre = _sum(values, there) / np.maximum(count, 1)
    spread = np.sqrt(_sum((values - centre) ** 2, there) / np.maximum(count - 1, 1))
    worst, best = _ends(values)
    equal = worst == best
    distance = (at_bound(values, centre) - centre) / np.where(equal | (spread == 0), 1.0, spread)
    scores = mean + sd * (distance if direction == "higher" else -distance)
    return np.where(equal & there, mean, scores)


@normalisation(relative=True, arrays=True, title=mark("place, counted from the worst up"))
def rank(values: Array, direction: Direction) -> Array:
    """Count from 1 for the worst value up; ties share the lower number.

    Source: OECD and JRC (2008), section 1.5, method 1.
    """
    upward = values if direction == "higher" else -values
    order = np.argsort(upward, axis=-1)
    ordered = same_ordered(np.take_along_axis(upward, order, axis=-1))
    places = np.broadcast_to(np.arange(1.0, values.shape[-1] + 1), values.shape).copy()
    places[..., 1:][ordered[..., 1:] == ordered[..., :-1]] = 0.0
    ranks = np.empty_like(places)
    np.put_along_axis(ranks, order, np.maximum.accumulate(places, axis=-1), axis=-1)
    return _where_there(values, ranks)


@normalisation(relative=True, arrays=True, title=mark("number of others that are worse"))
def borda(values: Array, direction: Direction) -> Array:
    """Count the cities that are worse: one less than :func:`rank`.

    Source: Borda (1784); OECD and JRC (2008), section 1.7.
    """
    return rank(values, direction) - 1


@normalisation(
    bounds=(0, 100),
    relative=True,
    arrays=True,
    title=mark("share of the others that are worse"),
)
def percentile(values: Array, direction: Direction) -> Array:
    """Give ``100 · (r − 1) / (n − 1)``: the share of the other cities that are worse.

    ``r`` is the :func:`rank` and ``n`` the number of values; a single value scores the
    middle, 50. Source: ``PERCENTRANK`` as spreadsheets define it; ``n_prctile`` of COINr.
    """
    others = np.count_nonzero(~np.isnan(values), axis=-1, keepdims=True) - 1
    scores = 100 * borda(values, direction) / np.maximum(others, 1)
    return np.where((others < 1) & ~np.isnan(values), 50.0, scores)


@normalisation(
    bounds=(0, 100),
    relative=True,
    arrays=True,
    title=mark("share of the best value"),
)
def fraction_of_max(values: Array, direction: Direction) -> Array:
    """Give the share of the best city's value, 0–100.

    Where higher is better: ``100 · value / highest``; where lower is better:
    ``100 · lowest / value``. Raises ``ValueError`` for a value under 0. Source: OECD and
    JRC (2008), section 1.5, method 4 (distance to the group leader).
    """
    values = same_values(values)
    lowest, highest = _ends(values)
    if np.any(lowest < 0):
        raise ValueError(
            msg(
                "there is no share of the best where a value is under 0 ({min})",
                min=format(float(np.nanmin(lowest)), "g"),
            )
        )
    return _reached(values, direction, highest if direction == "higher" else lowest)


@normalisation(arrays=True, title=mark("kept on its own scale"))
def none(values: Array, direction: Direction) -> Array:
    """Keep the value as its own score; only for indicators of which higher is better.

    Raises ``ValueError`` where lower is better: the scale would run the wrong way.
    """
    if direction == "lower":
        raise ValueError(msg("a scale on which lower is better cannot be kept as a score"))
    return values


@normalisation(
    place="city",
    relative=True,
    arrays=True,
    title=mark("share of the reference's value"),
)
def reference(values: Array, direction: Direction, *, city: Annotated[str, CITY]) -> Array:
    """Score each city by its share of a reference city's value, which itself scores 100.

    ``city`` is the code of the reference in a framework file, and its place among the values
    here. Where higher is better: ``100 · value / reference``; where lower is better:
    ``100 · reference / value``; a city that does better scores above 100. Raises
    ``ValueError`` where the reference has no value, and for values of which a share has no
    meaning: any under 0, and a divisor of 0. Source: OECD and JRC (2008), section 1.5, method
    4 (distance to a reference).
    """
    place = int(city)
    values = same_values(values)
    lowest, _ = _ends(values)
    own = values[..., place : place + 1 or None]
    if np.any(np.isnan(own) & ~np.isnan(lowest)):
        raise ValueError(msg("the reference city has no value"))
    if np.any(lowest < 0):
        raise ValueError(
            msg(
                "there is no share of the reference where a value is under 0 ({min})",
                min=format(float(np.nanmin(lowest)), "g"),
            )
        )
    if np.any((own if direction == "higher" else lowest) == 0):
        raise ValueError(msg("a value of 0 has no share of the reference, or the reference is 0"))
    return 100 * (values / own if direction == "higher" else own / values)


def _check_ends(low: float, high: float) -> None:
    if not low < high:
        raise ValueError(
            msg(
                "low ({low}) must be under high ({high})",
                low=format(low, "g"),
                high=format(high, "g"),
            )
        )


def _ends(values: Array) -> tuple[Array, Array]:
    """The lowest and the highest value along the last axis, NaN where there is none."""
    # fmin and fmax leave NaN out, and give it without a word where there is nothing else.
    lowest: Array = np.fmin.reduce(values, axis=-1, keepdims=True, initial=np.nan)
    highest: Array = np.fmax.reduce(values, axis=-1, keepdims=True, initial=np.nan)
    return lowest, highest


def _sum(values: Array, there: npt.NDArray[np.bool_]) -> Array:
    """The sum of what is there along the last axis: to the last bit as if nothing else were."""
    rows, kept = values.reshape(-1, values.shape[-1]), there.reshape(-1, there.shape[-1])
    if len(kept) and (kept == kept[0]).all():
        sums = rows[:, kept[0]].sum(axis=-1)
    else:
        sums = np.array([row[own].sum() for row, own in zip(rows, kept, strict=True)])
    return np.asarray(sums, dtype=np.float64).reshape(*values.shape[:-1], 1)


def _reached(values: Array, direction: Direction, aim: Array) -> Array:
    """The share of an aim that is reached, 0–100; all of it where the aim is met."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = values / aim if direction == "higher" else aim / values
    met = values >= aim if direction == "higher" else values <= aim
    return _where_there(values, np.clip(100 * np.where(met, 1.0, share), 0, 100))


def _where_there(values: Array, scores: Array | float) -> Array:
    return np.where(np.isnan(values), np.nan, scores)


# Methods in files of their own join after those above.
from kpi_lib.methods.rules import bands  # noqa: E402

NORMALISE.close()
