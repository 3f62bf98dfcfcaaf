"""Benefit of the doubt: each city by the weights that favour it most."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from kpi_lib.locale.catalogue import mark, msg
from kpi_lib.methods.parameters import FROM_1, UP_TO_1
from kpi_lib.methods.parts import check_scores, shares, where_any
from kpi_lib.methods.registry import aggregation

Array = npt.NDArray[np.float64]

# Of that many weights or fewer, all corners of what bounds allow are found at once.
_MOST_CORNERED = 6


def benefit_weights(scores: Array, weights: Array, *, low: float = 0.5, high: float = 2) -> Array:
    """The weights by which :func:`benefit_of_the_doubt` scores each city.

    Shape ``(cities, children)``: points of the score for each point of a child. They are
    not relative, and 0 for a child that a city does not have.
    """
    if not 0 <= low <= 1 <= high:
        raise ValueError(
            msg(
                "low ({low}) must be from 0 to 1, and high ({high}) 1 or more",
                low=format(low, "g"),
                high=format(high, "g"),
            )
        )
    present, share = shares(scores, weights)
    check_scores(scores, present, "not negative")
    known = np.where(present, scores, 0.0)
    result = np.zeros_like(known)
    frontier = known[_undominated(known)]
    # Cities that have the same children choose among the same weights.
    patterns, which = np.unique(present, axis=0, return_inverse=True)
    for i, has in enumerate(patterns):
        cities = np.flatnonzero((which == i) & np.any(known > 0, axis=-1))
        if cities.size:
            own = known[np.ix_(cities, has)]
            bounds = _bounds(frontier[:, has], share[cities[0], has], low, high)
            result[np.ix_(cities, has)] = _most_favourable(own, *bounds)
    return result


@aggregation(
    title=mark("the weights that favour each city most (benefit of the doubt)"),
    slopes=benefit_weights,
    takes="not negative",
    relative=True,
    arrays=True,
)
def benefit_of_the_doubt(
    scores: Array,
    weights: Array,
    *,
    low: Annotated[float, UP_TO_1] = 0.5,
    high: Annotated[float, FROM_1] = 2,
) -> Array:
    """Score each city by the weights that favour it most: 100 is a city that none outdoes.

    With those weights no city may pass 100. ``low`` and ``high`` bound them: a weight's share
    of the sum is from ``low`` to ``high`` times its nominal share among the children that the
    city has; 0 and infinity leave the weights free. A missing score gives nothing. Scores
    must not be negative; raises ``ValueError`` where they are. Source: Cherchye, Moesen,
    Rogge and Van Puyenbroeck, An introduction to 'benefit of the doubt' composite indicators
    (2007); the bounds are assurance regions (Thompson and others, 1986).
    """
    own = benefit_weights(scores, weights, low=low, high=high)
    present, _ = shares(scores, weights)
    return where_any(present, np.sum(own * np.where(present, scores, 0.0), axis=-1))


def _bounds(frontier: Array, nominal: Array, low: float, high: float) -> tuple[Array, Array]:
    """Inequalities ``rows · w ≤ limits``: nobody over 100, and the bounds on shares of w."""
    nominal, single = nominal[:, np.newaxis], np.eye(len(nominal))
    # Bounds on w / Σw, multiplied by Σw to be linear.
    least, most = low * nominal - single, single - np.minimum(high * nominal, 1.0)
    rows = np.vstack([frontier, least, most, -single])
    return rows, np.concatenate([np.full(len(frontier), 100.0), np.zeros(3 * len(nominal))])


def _most_favourable(own: Array, rows: Array, limits: Array) -> Array:
    """Weights that give each city (row of ``own``) the highest score within the bounds."""
    from scipy import optimize

    corners = _corners(rows, limits)
    if corners is not None:
        chosen: Array = corners[np.argmax(own @ corners.T, axis=1)]
        return chosen
    return np.array([optimize.linprog(-city, A_ub=rows, b_ub=limits).x for city in own])


def _corners(rows: Array, limits: Array) -> Array | None:
    """Corners of the bounds, at one of which each programme has its solution.

    None where there are too many, or the bounds leave no room inside, or go on for ever.
    """
    from scipy import optimize, spatial

    count = rows.shape[1]
    if not 2 <= count <= _MOST_CORNERED:
        return None
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    ball = optimize.linprog(np.append(np.zeros(count), -1.0), np.hstack([rows, lengths]), limits)
    centre: Array = np.asarray(ball.x, dtype=np.float64)
    if ball.status != 0 or centre[-1] < 1e-9:
        return None
    try:
        found = spatial.HalfspaceIntersection(np.column_stack([rows, -limits]), centre[:-1])
    except spatial.QhullError:
        return None
    corners: Array = np.maximum(found.intersections, 0.0)
    return corners if np.isfinite(corners).all() else None


def _undominated(scores: Array) -> npt.NDArray[np.intp]:
    """Rows that no other row equals or exceeds in every column; of equal rows the first.

    With weights of 0 or more, what holds for these holds for all.
    """
    _, rows = np.unique(scores, axis=0, return_index=True)
    kept = [r for r in rows if np.sum(np.all(scores[rows] >= scores[r], axis=1)) == 1]
    return np.sort(np.array(kept, dtype=np.intp))
