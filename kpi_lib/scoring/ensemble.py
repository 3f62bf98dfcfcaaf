"""Totals of every city under many sets of weights at once.

The same arithmetic as :func:`kpi_lib.scoring.tree.roll_up`, with an axis of draws in front. Where
every mean is arithmetic and nothing is missing, the tree folds into one effective weight for
each indicator, and a block of draws into one matrix product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.model import Framework, Missing
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.aggregate import AGGREGATE, RELATIVE, domain, outside
from kpi_lib.methods.registry import Method

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

# As in scoring: a group at exactly its threshold must not fail by rounding.
_ROUNDING = 1e-9

# Policies by which a group under its least coverage is left out of the group above.
_LEFT_OUT = frozenset({"rescale", "strict"})

# Numbers in one array of a chunk of draws, where the draws cannot be one matrix product.
_CHUNK = 500_000

# Multiplications in one matrix product. OpenBLAS gives so few to one thread: quicker here, and
# the last bit of a sum cannot depend on how many threads there are.
_PRODUCT = 250_000


@dataclass(frozen=True)
class Branch:
    """A group as positions: of itself, its groups and its leaves among all nodes.

    ``leaves`` are the positions of its indicators among the indicators, ``leaf_nodes`` among
    all nodes; ``children`` are the codes of groups and then indicators.
    """

    code: str
    node: int
    groups: Positions
    leaves: Positions
    leaf_nodes: Positions
    children: tuple[str, ...]

    @property
    def below(self) -> Positions:
        """Positions of all children among all nodes, in the order of ``children``."""
        return np.concatenate([self.groups, self.leaf_nodes])


@dataclass(frozen=True)
class Tree:
    """A framework's tree as positions, for arithmetic on arrays.

    ``codes`` are all nodes, parents before children, ``TOTAL`` first: the columns of an array
    of weights. ``leaf_codes`` are the indicators, the columns of an array of scores, at
    ``leaf_nodes`` among the codes. ``branches`` are the groups, children before parents.
    """

    codes: tuple[str, ...]
    leaf_codes: tuple[str, ...]
    leaf_nodes: Positions
    branches: tuple[Branch, ...]


def tree_of(framework: Framework) -> Tree:
    """Lay out a framework for arithmetic on arrays."""
    codes = tuple(framework.nodes)
    node_of = {code: i for i, code in enumerate(codes)}
    leaf_of = {leaf.code: i for i, leaf in enumerate(framework.indicators)}

    def positions(codes: Sequence[str], among: Mapping[str, int]) -> Positions:
        return np.array([among[code] for code in codes], dtype=np.intp)

    branches = []
    for group in reversed(framework.all_groups):
        leaves = [child.code for child in group.indicators]
        branches.append(
            Branch(
                code=group.code,
                node=node_of[group.code],
                groups=positions([child.code for child in group.groups], node_of),
                leaves=positions(leaves, leaf_of),
                leaf_nodes=positions(leaves, node_of),
                children=tuple(child.code for child in group.children),
            )
        )
    return Tree(codes, tuple(leaf_of), positions(list(leaf_of), node_of), tuple(branches))


def pruned(tree: Tree, weights: Array) -> Array:
    """Give weights ``(draws, nodes)`` with 0 for each group that has no part with weight."""
    kept = weights.copy()
    for branch in tree.branches:
        kept[:, branch.node] *= np.any(kept[:, branch.below] > 0, axis=1)
    return kept


def effective_weights(tree: Tree, weights: Array) -> Array:
    """Share of ``TOTAL`` that each indicator has in a tree of arithmetic means.

    ``weights`` (draws, nodes) are :func:`pruned`; the result has shape ``(draws, leaves)`` and
    rows that sum to 1.
    """
    columns = weights.T
    shares = np.zeros_like(columns)
    shares[0] = 1.0
    for branch in reversed(tree.branches):
        below = branch.below
        total = columns[below].sum(axis=0)
        shares[below] = columns[below] * (shares[branch.node] / np.where(total > 0, total, 1.0))
    return np.ascontiguousarray(shares[tree.leaf_nodes].T)


def totals(
    tree: Tree,
    counted: Array,
    known: Bools,
    weights: Array,
    methods: Mapping[str, Method],
    missing: Missing,
    judged: Array | None = None,
) -> Array:
    """Give ``TOTAL`` of every city in every draw, shape ``(draws, cities)``, NaN where none.

    ``counted`` are the indicators' scores as they enter the means, filled by the policy: shape
    ``(cities, leaves)`` or, where they differ by draw, ``(draws, cities, leaves)``;
    ``known`` (cities, leaves) says what is observed or imputed; ``weights`` (draws, nodes) are
    :func:`pruned`, with 0 for what does not count; ``methods`` is the aggregation by group.
    ``judged`` (draws, nodes), or one row for all draws, are the weights by which coverage is
    compared with its threshold: without them, ``weights``.
    Raises :class:`InputError` where a mean cannot take a score.
    """
    judged = weights if judged is None else judged
    arithmetic = all(method.name == "arithmetic" for method in methods.values())
    if not arithmetic or counted.ndim == 3:
        return _in_chunks(tree, counted, known, weights, judged, methods, missing)
    counts = np.any(weights[:, tree.leaf_nodes] > 0, axis=0)
    if not counts.any():
        return np.full((len(weights), len(counted)), np.nan)
    there = ~np.isnan(counted)
    if missing.policy in _LEFT_OUT:
        there &= known
    whole = np.all(there[:, counts], axis=1)
    result = np.empty((len(weights), len(counted)))
    if whole.any():
        shares = effective_weights(tree, weights)
        merged = _product(shares, np.where(counts, counted[whole], 0.0))
        if not known[whole][:, counts].all():
            covered = _product(effective_weights(tree, judged), known[whole])
            enough = _enough(covered, missing)
            merged = np.where(enough, merged, np.nan)
        result[:, whole] = merged
    if not whole.all():
        rest = counted[~whole], known[~whole]
        result[:, ~whole] = _in_chunks(tree, *rest, weights, judged, methods, missing)
    return result


def _in_chunks(
    tree: Tree,
    counted: Array,
    known: Bools,
    weights: Array,
    judged: Array,
    methods: Mapping[str, Method],
    missing: Missing,
) -> Array:
    """Go up the tree group by group, a chunk of draws at a time to bound the memory."""
    widest = max(len(branch.children) for branch in tree.branches)
    size = max(1, _CHUNK // (counted.shape[-2] * widest))
    result = np.empty((len(weights), counted.shape[-2]))
    for start in range(0, len(weights), size):
        rows = slice(start, start + size)
        scores = counted[rows] if counted.ndim == 3 else counted[np.newaxis]
        own = judged if len(judged) == 1 else judged[rows]
        result[rows] = _by_group(tree, scores, known, weights[rows], own, methods, missing)
    return result


def _by_group(
    tree: Tree,
    counted: Array,
    known: Bools,
    weights: Array,
    judged: Array,
    methods: Mapping[str, Method],
    missing: Missing,
) -> Array:
    """Totals of one chunk; ``counted`` has one leading row for all draws, or one for each."""
    points: dict[int, Array] = {}
    cover: dict[int, Array] = {}
    for branch in tree.branches:
        share = weights[:, branch.leaf_nodes]
        leaves = counted[..., branch.leaves]
        seen = _product(judged[:, branch.leaf_nodes], known[:, branch.leaves])
        for group in branch.groups:
            seen += judged[:, group, np.newaxis] * cover[group]
        total = judged[:, branch.below].sum(axis=1)[:, np.newaxis]
        covered = seen / np.where(total > 0, total, 1.0)
        cover[branch.node] = covered
        enough = np.ones((len(weights), len(known)), dtype=bool)
        if missing.policy in _LEFT_OUT:
            enough &= _enough(covered, missing)
        children = [points[group] for group in branch.groups]
        if missing.policy == "strict":
            enough &= ~np.any(np.isnan(leaves) & (share > 0)[:, np.newaxis], axis=-1)
            for group, score in zip(branch.groups, children, strict=True):
                enough &= ~(np.isnan(score) & (weights[:, group, np.newaxis] > 0))
        method = methods[branch.code]
        if method.name == "arithmetic":
            merged = _weighted_mean(branch, leaves, weights, children)
        else:
            merged = _any_mean(branch, leaves, weights, children, enough, method)
        points[branch.node] = np.where(enough, merged, np.nan)
    return np.where(_enough(cover[0], missing), points[0], np.nan)


def _enough(cover: Array, missing: Missing) -> Bools:
    """Where enough is known for a score."""
    return (cover > 0) & (cover >= missing.min_coverage - _ROUNDING)


def _weighted_mean(
    branch: Branch, leaves: Array, weights: Array, children: Sequence[Array]
) -> Array:
    share = weights[:, branch.leaf_nodes]
    there = ~np.isnan(leaves)
    leaves = np.where(there, leaves, 0.0)
    if len(leaves) == 1:
        top, below = _product(share, leaves[0]), _product(share, there[0])
    else:
        top = np.einsum("dck,dk->dc", leaves, share)
        below = np.einsum("dck,dk->dc", there, share)
    for group, score in zip(branch.groups, children, strict=True):
        own = weights[:, group, np.newaxis]
        known = ~np.isnan(score)
        top += own * np.where(known, score, 0.0)
        below += own * known
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Array = top / below
    return mean


def _any_mean(
    branch: Branch,
    leaves: Array,
    weights: Array,
    children: Sequence[Array],
    enough: Bools,
    method: Method,
) -> Array:
    share = weights[:, np.newaxis, branch.below]
    if children:
        spread = np.broadcast_to(leaves, (*enough.shape, leaves.shape[-1]))
        parts = np.concatenate([np.stack(children, axis=-1), spread], axis=-1)
    else:
        parts = leaves
    bad = outside(parts, domain(method.name, method.parameters))
    if bad.any():
        bad = bad & (share > 0) & enough[..., np.newaxis]
        if bad.any():
            raise _unfit(np.broadcast_to(parts, bad.shape), bad, branch, method)
        # Those scores have no weight, or their city no score here: they take no part.
        parts = np.where(enough[..., np.newaxis] & (share > 0), parts, np.nan)
    function = AGGREGATE[method.name]
    if method.name not in RELATIVE:
        return function(parts, share, **method.parameters)
    # A city that is not scored is not compared with others either.
    parts = np.where(enough[..., np.newaxis], parts, np.nan)
    merged = [
        function(scores, own[0], **method.parameters)
        for scores, own in zip(parts, share, strict=True)
    ]
    return np.stack(merged)


def _unfit(parts: Array, bad: Bools, branch: Branch, method: Method) -> InputError:
    draw, city, child = np.argwhere(bad)[0]
    return InputError(
        Problem(
            msg(
                "the {name} mean of {code} cannot take the score {parts} of {children}.",
                name=method.name,
                code=branch.code,
                parts=format(parts[draw, city, child], "g"),
                children=branch.children[child],
            ),
            msg(
                "Leave that mean out of the choices, or keep scores above 0, as with "
                "{method: minmax, low: 1, high: 100}."
            ),
        )
    )


def _product(weights: Array, scores: Array | Bools) -> Array:
    """``weights @ scores.T``, shape ``(draws, cities)``."""
    columns = np.ascontiguousarray(scores.T, dtype=float)
    product = np.empty((len(weights), columns.shape[1]))
    step = max(1, _PRODUCT // max(1, columns.size))
    for start in range(0, len(weights), step):
        rows = slice(start, start + step)
        np.matmul(weights[rows], columns, out=product[rows])
    return product
