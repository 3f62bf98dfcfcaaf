"""Totals of every city under many sets of weights at once.

What :mod:`kpi_lib.scoring.tree` works out, a chunk of draws at a time. Where every mean is
arithmetic and nothing is missing, the tree folds into one effective weight for each indicator,
and a block of draws into one matrix product.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from kpi_lib.framework.model import Missing
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.tree import LEFT_OUT, Tree, climb, enough, maxima_of, product

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Numbers in one array of a chunk of draws, where the draws cannot be one matrix product.
_CHUNK = 500_000


def effective_weights(tree: Tree, weights: Array) -> Array:
    """Share of ``TOTAL`` that each indicator has in a tree of arithmetic means.

    ``weights`` (draws, nodes) are pruned; the result has shape ``(draws, leaves)`` and rows
    that sum to 1.
    """
    columns = weights.T
    shares = np.zeros_like(columns)
    shares[0] = 1.0
    for branch in reversed(tree.branches):
        below = columns[branch.below]
        total = below.sum(axis=0)
        shares[branch.below] = below * (shares[branch.node] / np.where(total > 0, total, 1.0))
    return np.ascontiguousarray(shares[tree.leaf_nodes].T)


def totals(
    tree: Tree,
    counted: Array,
    known: Bools,
    weights: Array,
    methods: Mapping[str, Method],
    missing: Missing,
    applies: Bools | None = None,
    judged: Array | None = None,
) -> Array:
    """Give ``TOTAL`` of every city in every draw, shape ``(draws, cities)``, NaN where none.

    ``counted`` are the indicators' scores as they enter the means, filled by the policy: shape
    ``(cities, leaves)`` or, where they differ by draw, ``(draws, cities, leaves)``; ``known``
    (cities, leaves) says what is observed or imputed; ``weights`` (draws, 1 or cities, nodes)
    are :func:`kpi_lib.scoring.tree.pruned`, with 0 for what does not count; ``methods`` is the
    aggregation by group. ``judged``, with as many draws or one for all, are the weights by
    which coverage is compared with its threshold: without them, ``weights``. Points of cities
    with different maxima are given as shares of the framework's maximum. Raises
    :class:`InputError` where a mean cannot take a score.
    """
    judged = weights if judged is None else judged
    arithmetic = all(method.name == "arithmetic" for method in methods.values())
    if not (arithmetic and tree.plain) or counted.ndim == 3 or weights.shape[1] > 1:
        return _in_chunks(tree, counted, known, weights, judged, methods, missing, applies)
    alike = weights[:, 0]
    counts = np.any(alike > 0, axis=0)[tree.leaf_nodes]
    if not counts.any():
        return np.full((len(weights), len(counted)), np.nan)
    there = ~np.isnan(counted)
    if missing.policy in LEFT_OUT:
        there &= known
    whole = np.all(there[:, counts], axis=1)
    result = np.empty((len(weights), len(counted)))
    if whole.any():
        shares = effective_weights(tree, alike)
        merged = product(shares, np.where(counts, counted[whole], 0.0))
        if not known[whole][:, counts].all():
            covered = product(effective_weights(tree, judged[:, 0]), known[whole])
            merged = np.where(enough(covered, missing), merged, np.nan)
        result[:, whole] = merged
    if not whole.all():
        rest = counted[~whole], known[~whole]
        result[:, ~whole] = _in_chunks(tree, *rest, weights, judged, methods, missing, None)
    return result


def _in_chunks(
    tree: Tree,
    counted: Array,
    known: Bools,
    weights: Array,
    judged: Array,
    methods: Mapping[str, Method],
    missing: Missing,
    applies: Bools | None,
) -> Array:
    """Climb the tree a chunk of draws at a time, to bound the memory."""
    widest = max(len(branch.children) for branch in tree.branches)
    size = max(1, _CHUNK // (counted.shape[-2] * widest))
    result = np.empty((len(weights), counted.shape[-2]))
    root = tree.branches[-1].node
    whole = np.nan if tree.maxima is None else tree.maxima[root]
    maxima = None if applies is None else maxima_of(tree, applies)
    most = None if maxima is None else maxima[:, root]
    for start in range(0, len(weights), size):
        rows = slice(start, start + size)
        scores = counted[rows] if counted.ndim == 3 else counted[np.newaxis]
        own = judged if len(judged) == 1 else judged[rows]
        climbed = climb(tree, scores, known, weights[rows], methods, missing, applies, judged=own)
        shown = enough(climbed.cover[root], missing)
        if whole == 0:
            shown |= np.isnan(climbed.cover[root])  # there is nothing but what adds or takes
        total = np.where(shown, climbed.points[root], np.nan)
        if whole > 0 and most is not None:
            total = total * (whole / np.where(most > 0, most, np.nan))
        result[rows] = total
    return result
