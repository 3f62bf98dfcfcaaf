"""From the scores of a group's children to the score of the group.

Each method takes ``scores`` and ``weights`` of shape ``(..., children)``, which broadcast
against each other, and gives an array of shape ``(...)``. A missing score (NaN) is left
out and the weights of the others are rescaled; where nothing is left the result is
missing. Weights are relative: only their ratios count. The methods follow the *Handbook
on Constructing Composite Indicators* (OECD and JRC, 2008), section 1.7.

Those that are ``relative`` compare cities with each other: their scores have the
shape ``(cities, children)``, all cities of one period.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from kpi_lib.locale.catalogue import mark, msg
from kpi_lib.methods.digits import cancelled, significant
from kpi_lib.methods.parts import check_scores, shares, where_any
from kpi_lib.methods.registry import AGGREGATE, Domain, aggregation

__all__ = ["AGGREGATE", "benefit_of_the_doubt"]

Array = npt.NDArray[np.float64]
Penalty = Literal["minus", "plus"]

# A sum of shares that is a half on paper must be one, whatever the rounding.
_ROUNDING = 1e-12


def arithmetic_slopes(scores: Array, weights: Array) -> Array:
    """Partial derivatives of :func:`arithmetic`: the rescaled weights."""
    return shares(scores, weights)[1]


@aggregation(title=mark("weighted arithmetic mean"), slopes=arithmetic_slopes, arrays=True)
def arithmetic(scores: Array, weights: Array) -> Array:
    """Weighted arithmetic mean: a loss in one part is made good by a gain in another."""
    present, share = shares(scores, weights)
    parts = share * np.where(present, scores, 0.0)
    return where_any(present, cancelled(np.sum(parts, axis=-1), parts))


def weighted_sum_slopes(scores: Array, weights: Array) -> Array:
    """Partial derivatives of :func:`weighted_sum`: the rescaled weights times their sum."""
    _, share = shares(scores, weights)
    whole: Array = np.sum(np.broadcast_to(weights, share.shape), axis=-1, keepdims=True)
    return share * whole


@aggregation("sum", title=mark("weighted sum"), slopes=weighted_sum_slopes, arrays=True)
def weighted_sum(scores: Array, weights: Array) -> Array:
    """Sum of weight times score.

    Where a part is missing, the mean of what is there times the sum of all weights.
    """
    every = np.broadcast_to(weights, np.broadcast_shapes(scores.shape, weights.shape))
    return np.asarray(np.sum(every, axis=-1) * arithmetic(scores, weights))


def geometric_slopes(scores: Array, weights: Array) -> Array:
    """Partial derivatives of :func:`geometric`: ``share · mean / score``."""
    present, share = shares(scores, weights)
    mean = geometric(scores, weights)[..., np.newaxis]
    return np.where(present, share * mean / np.where(present, scores, 1.0), 0.0)


@aggregation(
    title=mark("weighted geometric mean"), slopes=geometric_slopes, takes="positive", arrays=True
)
def geometric(scores: Array, weights: Array) -> Array:
    """Weighted geometric mean, which rewards balance. Scores must be above 0.

    Raises ``ValueError`` for a score of 0 or less that has weight.
    """
    present, share = shares(scores, weights)
    check_scores(scores, present, "positive")
    logs = np.log(np.where(present, scores, 1.0))
    return where_any(present, np.exp(np.sum(share * logs, axis=-1)))


def harmonic_slopes(scores: Array, weights: Array) -> Array:
    """Partial derivatives of :func:`harmonic`: ``share · (mean / score)²``."""
    present, share = shares(scores, weights)
    mean = harmonic(scores, weights)[..., np.newaxis]
    return np.where(present, share * (mean / np.where(present, scores, 1.0)) ** 2, 0.0)


@aggregation(
    title=mark("weighted harmonic mean"), slopes=harmonic_slopes, takes="positive", arrays=True
)
def harmonic(scores: Array, weights: Array) -> Array:
    """Weighted harmonic mean, in which a low score counts more still. Scores must be above 0.

    Raises ``ValueError`` for a score of 0 or less that has weight.
    """
    present, share = shares(scores, weights)
    check_scores(scores, present, "positive")
    inverse = np.sum(share / np.where(present, scores, 1.0), axis=-1)
    return where_any(present, 1 / np.where(inverse == 0, 1.0, inverse))


def _domain_of_power(p: float) -> Domain:
    return "positive" if p <= 0 else "not negative"


def power_slopes(scores: Array, weights: Array, *, p: float) -> Array:
    """Partial derivatives of :func:`power`: ``share · (score / mean)^(p−1)``.

    A score of 0 has 0 where the true one is infinite (``p`` under 1): it gives nothing.
    """
    present, share = shares(scores, weights)
    mean = power(scores, weights, p=p)[..., np.newaxis]
    rising = present & (scores > 0) & (mean > 0)
    ratio = np.where(rising, scores, 1.0) / np.where(rising, mean, 1.0)
    return np.where(rising, share * ratio ** (p - 1), 0.0)


@aggregation(
    title=mark("weighted power mean"), slopes=power_slopes, takes=_domain_of_power, arrays=True
)
def power(scores: Array, weights: Array, *, p: float) -> Array:
    """Weighted power mean: ``(Σ wᵢ sᵢᵖ)^(1/p)``, the geometric mean for ``p`` = 0.

    The lower ``p``, the less a high score makes good for a low one: 1 is the arithmetic,
    −1 the harmonic mean. Scores must not be negative, and above 0 where ``p`` is 0 or
    less; raises ``ValueError`` where they are not. Source: Hardy, Littlewood and Pólya,
    *Inequalities* (1934), chapter II.
    """
    if p == 0:
        return geometric(scores, weights)
    present, share = shares(scores, weights)
    check_scores(scores, present, _domain_of_power(p))
    # In units of the score that leads the sum, so that no power overflows.
    if p > 0:
        lead = np.max(np.where(present, scores, 0.0), axis=-1, keepdims=True)
    else:
        lead = np.min(np.where(present, scores, np.inf), axis=-1, keepdims=True)
    lead = np.where((lead > 0) & np.isfinite(lead), lead, 1.0)
    mean = np.sum(share * (np.where(present, scores, lead) / lead) ** p, axis=-1)
    return where_any(present, lead[..., 0] * np.where(mean > 0, mean, float(p < 0)) ** (1 / p))


def minimum_slopes(scores: Array, weights: Array) -> Array:
    """Partial derivatives of :func:`minimum`: all to the lowest score, ties in equal parts."""
    present, _ = shares(scores, weights)
    return _equal_parts(present & (scores == minimum(scores, weights)[..., np.newaxis]))


@aggregation("min", title=mark("the lowest score"), slopes=minimum_slopes, arrays=True)
def minimum(scores: Array, weights: Array) -> Array:
    """The lowest score that has weight: nothing makes good for the weakest part."""
    present, _ = shares(scores, weights)
    return where_any(present, np.min(np.where(present, scores, np.inf), axis=-1))


def maximum_slopes(scores: Array, weights: Array) -> Array:
    """Partial derivatives of :func:`maximum`: all to the highest score, ties in equal parts."""
    present, _ = shares(scores, weights)
    return _equal_parts(present & (scores == maximum(scores, weights)[..., np.newaxis]))


@aggregation("max", title=mark("the highest score"), slopes=maximum_slopes, arrays=True)
def maximum(scores: Array, weights: Array) -> Array:
    """The highest score: only the best part counts."""
    present, _ = shares(scores, weights)
    return where_any(present, np.max(np.where(present, scores, -np.inf), axis=-1))


def median_slopes(scores: Array, weights: Array) -> Array:
    """Partial derivatives of :func:`median`: half to each middle score, ties in equal parts."""
    present, _ = shares(scores, weights)
    low, high = _middle(scores, weights)
    at_low = _equal_parts(present & (scores == low[..., np.newaxis]))
    at_high = _equal_parts(present & (scores == high[..., np.newaxis]))
    return (at_low + at_high) / 2


@aggregation(title=mark("weighted median"), slopes=median_slopes, arrays=True)
def median(scores: Array, weights: Array) -> Array:
    """Weighted median: half of the weight is on scores no higher, half on scores no lower.

    Where two neighbouring scores both satisfy that, it is their mean; with equal weights it is
    the ordinary median. Source: Edgeworth, On a new method of reducing observations (1888).
    """
    present, _ = shares(scores, weights)
    low, high = _middle(scores, weights)
    return where_any(present, (low + high) / 2)


def mpi_slopes(scores: Array, weights: Array, *, penalty: Penalty = "minus") -> Array:
    """Partial derivatives of :func:`mpi`: ``share · (1 ∓ (2 (score − M) / M − S² / M²))``."""
    present, share, mean, spread = _mean_and_spread(scores, weights)
    mean, spread = np.where(mean > 0, mean, 1.0)[..., np.newaxis], spread[..., np.newaxis]
    apart = np.where(present, scores, mean) - mean
    slopes = share * (1 + _sign(penalty) * (2 * apart / mean - spread / mean**2))
    return np.where(present, slopes, 0.0)


@aggregation(
    title=mark("mean with a penalty for unequal parts (Mazziotta–Pareto)"),
    slopes=mpi_slopes,
    takes="positive",
    arrays=True,
)
def mpi(scores: Array, weights: Array, *, penalty: Penalty = "minus") -> Array:
    """Mazziotta–Pareto index: the mean, less (or plus) a penalty for unequal parts.

    ``M ∓ S²/M`` with the weighted mean ``M`` and variance ``S²`` of a city's scores (divided by
    the sum of the weights), which is ``M ∓ S · cv``. It is meant for scores of ``{method:
    zscore, mean: 100, sd: 10}``; scores must be above 0, and raises ``ValueError`` where they
    are not. ``penalty`` is ``minus`` where more is better (development), ``plus`` where more
    is worse (poverty). Source: Mazziotta and Pareto, Methods for constructing composite
    indices: one for all or all for one? (2013); equal weights there.
    """
    present, _, mean, spread = _mean_and_spread(scores, weights)
    ratio = spread / np.where(mean > 0, mean, 1.0)
    return where_any(present, mean + _sign(penalty) * ratio)


@aggregation(
    title=mark("mean with a penalty for unequal parts (adjusted Mazziotta–Pareto)"),
    slopes=mpi_slopes,
    takes="positive",
    arrays=True,
)
def ampi(scores: Array, weights: Array, *, penalty: Penalty = "minus") -> Array:
    """Adjusted Mazziotta–Pareto index: :func:`mpi` of scores that compare over time.

    It is meant for scores of ``{method: minmax, low: 70, high: 130, across: panel}``, so that
    100 is the middle of the range over all periods. Source: Mazziotta and Pareto, On a
    generalized non-compensatory composite index for measuring socio-economic phenomena (2016).
    """
    return mpi(scores, weights, penalty=penalty)


def outranking(scores: Array, weights: Array) -> Array:
    """Weight of the children in which the city of the row beats the city of the column.

    Shape ``(cities, cities)``, 0–1; a tie gives half of its weight to each. Only children
    that both cities have count, their weights rescaled; NaN for a pair with none in common,
    and on the diagonal. Source: Munda and Nardo, Constructing consistent composite
    indicators (2005); ``outrankMatrix`` of COINr.
    """
    scores = significant(scores)
    wins = np.zeros((len(scores), len(scores)))
    shared = np.zeros_like(wins)
    for column, weight in zip(scores.T, weights, strict=True):
        if weight > 0:
            one, other = column[:, np.newaxis], column[np.newaxis, :]
            wins += weight * ((one > other) + 0.5 * (one == other))
            shared += weight * ~(np.isnan(one) | np.isnan(other))
    np.fill_diagonal(shared, 0)
    return np.where(shared > 0, wins / np.where(shared > 0, shared, 1.0), np.nan)


@aggregation(
    title=mark("Copeland: share of the other cities beaten in pairs"), relative=True, arrays=True
)
def copeland(scores: Array, weights: Array) -> Array:
    """Share of the other cities that a city beats in pairs, ties counting half, 0–100.

    A beats B where it is better in more than half of the weight (:func:`outranking`); cities
    with no child in common tie. With ``n`` cities it is ``50 · (1 + c / (n − 1))``, where
    ``c`` is the score of Copeland (1951), wins less losses; so 50 for a city alone. Only the
    order of scores within a child counts, never their distance. A city with no score at all
    takes no part.
    """
    present = np.any(shares(scores, weights)[0], axis=-1)
    result = np.full(len(scores), np.nan)
    others = np.count_nonzero(present) - 1
    known, least = significant(scores[present]), _ROUNDING * np.sum(weights)
    ahead = np.zeros((others + 1, others + 1))
    for column, weight in zip(known.T, weights, strict=True):
        if weight > 0:
            # A missing score is neither ahead nor behind.
            ahead += np.multiply(column[:, np.newaxis] > column, weight)
    margin = ahead - ahead.T
    net = np.sum(margin > least, axis=-1) - np.sum(margin < -least, axis=-1)
    result[present] = 50 * (1 + net / max(others, 1))
    return result


def _middle(scores: Array, weights: Array) -> tuple[Array, Array]:
    """The lower and the upper weighted median."""
    present, share = shares(scores, weights)
    scores = np.where(present, scores, np.inf)
    order = np.argsort(scores, axis=-1)
    up = np.take_along_axis(scores, order, axis=-1)
    below = np.cumsum(np.take_along_axis(share, order, axis=-1), axis=-1)
    low = np.argmax(below >= 0.5 - _ROUNDING, axis=-1)[..., np.newaxis]
    high = np.argmax(below > 0.5 + _ROUNDING, axis=-1)[..., np.newaxis]
    return np.take_along_axis(up, low, -1)[..., 0], np.take_along_axis(up, high, -1)[..., 0]


def _mean_and_spread(
    scores: Array, weights: Array
) -> tuple[npt.NDArray[np.bool_], Array, Array, Array]:
    """Which parts count, their shares, and the mean and variance of their scores."""
    present, share = shares(scores, weights)
    check_scores(scores, present, "positive")
    known = np.where(present, scores, 0.0)
    mean = np.sum(share * known, axis=-1)
    spread = np.sum(share * np.where(present, known - mean[..., np.newaxis], 0.0) ** 2, axis=-1)
    return present, share, mean, spread


def _sign(penalty: str) -> int:
    if penalty not in {"minus", "plus"}:
        raise ValueError(msg("the penalty is '{penalty}'; expected minus or plus", penalty=penalty))
    return -1 if penalty == "minus" else 1


def _equal_parts(chosen: npt.NDArray[np.bool_]) -> Array:
    count = np.sum(chosen, axis=-1, keepdims=True)
    parts: Array = chosen / np.where(count == 0, 1, count)
    return parts


# Methods in files of their own join after those above.
from kpi_lib.methods.benefit import benefit_of_the_doubt  # noqa: E402

AGGREGATE.close()
