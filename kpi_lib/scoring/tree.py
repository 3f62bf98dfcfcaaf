"""The engine: scores of groups from those of their parts, up the tree, on arrays.

Arrays have an axis of draws in front: weights, or scores, that differ from draw to draw. A
scoreboard is one draw. Which parts of a group count for a city, and how much, is in its
weights: a part that does not apply to a city has none there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.model import Framework, Missing
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.digits import half_up
from kpi_lib.methods.registry import Method, outside
from kpi_lib.scoring.points import Limits, sum_points

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

# Coverage is a sum of shares: a group at exactly its threshold must not fail by rounding.
_ROUNDING = 1e-9

LEFT_OUT = frozenset({"rescale", "strict"})
"""Policies by which a group under its least coverage is left out of the group above."""

# Multiplications in one matrix product. OpenBLAS gives so few to one thread: quicker here, and
# the last bit of a sum cannot depend on how many threads there are.
_PRODUCT = 250_000


@dataclass(frozen=True, repr=False)
class Branch(Displayed):
    """A group as positions: of itself, its groups and its leaves among all nodes.

    ``leaves`` are the positions of its indicators among the indicators, ``leaf_nodes`` among
    all nodes; ``children`` are the codes of groups and then indicators. ``limits`` are those
    of a group of points.
    """

    code: str
    node: int
    groups: Positions
    leaves: Positions
    leaf_nodes: Positions
    children: tuple[str, ...]
    limits: Limits

    @cached_property
    def below(self) -> Positions:
        """Positions of all children among all nodes, in the order of ``children``."""
        return np.concatenate([self.groups, self.leaf_nodes])


@dataclass(frozen=True, repr=False)
class Tree(Displayed):
    """A framework's tree as positions, for arithmetic on arrays.

    ``codes`` are all nodes, parents before children, ``TOTAL`` first: the columns of an array
    of weights. ``leaf_codes`` are the indicators, the columns of an array of scores, at
    ``leaf_nodes`` among the codes. ``branches`` are the groups, children before parents.
    ``maxima`` (nodes) are the most points of each where scores are points, else None;
    ``decimals`` are those to which a group's score is rounded, ``top`` what a method's 100 is.
    """

    codes: tuple[str, ...]
    leaf_codes: tuple[str, ...]
    leaf_nodes: Positions
    branches: tuple[Branch, ...]
    maxima: Array | None = None
    decimals: int | None = None
    top: float = 100.0

    @property
    def plain(self) -> bool:
        """Whether means are all there is: no points, and no rounding on the way."""
        return self.maxima is None and self.decimals is None


class Names(Protocol):
    """The name of each row, asked for one at a time."""

    def __len__(self) -> int: ...

    def __getitem__(self, row: int, /) -> str: ...


@dataclass(frozen=True, repr=False)
class Blocks(Displayed):
    """The rows that are compared with each other, and the names of all rows, for messages."""

    rows: Sequence[Positions | slice] = (slice(None),)
    names: Names = ()


@dataclass(frozen=True, repr=False)
class Climbed(Displayed):
    """What a climb gives for each group, by its position; arrays of shape ``(draws, rows)``.

    ``points`` as they enter the group above, ``cover`` the share of the weight that is known,
    NaN where there is no weight.
    """

    points: Mapping[int, Array]
    cover: Mapping[int, Array]


def tree_of(framework: Framework) -> Tree:
    """Lay out a framework for arithmetic on arrays."""
    codes = tuple(framework.nodes)
    node_of = {code: i for i, code in enumerate(codes)}
    leaf_of = framework.positions

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
                limits=Limits(group.cap, group.floor, framework.takes_best(group)),
            )
        )
    maxima = None
    if framework.sums_points:
        maxima = np.array([framework.maxima[code] for code in codes], dtype=float)
    return Tree(
        codes,
        tuple(leaf_of),
        positions(list(leaf_of), node_of),
        tuple(branches),
        maxima,
        framework.decimals,
        framework.top,
    )


def pruned(tree: Tree, weights: Array, applies: Bools | None = None) -> Array:
    """Give the weights that count, shape ``(draws, 1 or rows, nodes)``.

    ``weights`` (draws, nodes) hold 0 for what is not scored; ``applies`` (rows, leaves) says
    which indicator applies to which row. A group without any part that has weight has none.
    A group of points weighs less where less of it applies. Where all weights count, it is a view
    of them.
    """
    kept = weights[:, np.newaxis, :]
    if applies is None and np.all(weights > 0):
        return kept
    most = tree.maxima
    if applies is None:
        kept = kept.copy(order="K")
    else:
        kept = np.repeat(kept, len(applies), axis=1)
        kept[..., tree.leaf_nodes] *= applies
        most = maxima_of(tree, applies)
    for branch in tree.branches:
        kept[..., branch.node] *= np.any(kept[..., branch.below] > 0, axis=-1)
        if most is not None and applies is not None and tree.maxima is not None:
            whole = tree.maxima[branch.node]
            kept[..., branch.node] *= most[:, branch.node] / (whole if whole > 0 else 1.0)
    return kept


def maxima_of(tree: Tree, applies: Bools | None) -> Array | None:
    """The most points of each node, shape ``(1 or rows, nodes)``; None without points."""
    if tree.maxima is None:
        return None
    if applies is None:
        return tree.maxima[np.newaxis]
    most = np.repeat(tree.maxima[np.newaxis], len(applies), axis=0)
    most[:, tree.leaf_nodes] *= applies
    for branch in tree.branches:
        most[:, branch.node] = branch.limits.maximum(most[:, branch.below])
    return most


def applying_of(tree: Tree, applies: Bools | None) -> Bools:
    """Which nodes have any indicator that applies, shape ``(1 or rows, nodes)``."""
    if applies is None:
        return np.ones((1, len(tree.codes)), dtype=bool)
    some = np.zeros((len(applies), len(tree.codes)), dtype=bool)
    some[:, tree.leaf_nodes] = applies
    for branch in tree.branches:
        some[:, branch.node] = some[:, branch.below].any(axis=1)
    return some


def climb(
    tree: Tree,
    counted: Array,
    known: Bools,
    weights: Array,
    methods: Mapping[str, Method],
    missing: Missing,
    applies: Bools | None = None,
    blocks: Blocks = Blocks(),
    judged: Array | None = None,
) -> Climbed:
    """Go up the tree, group by group.

    ``counted`` (1 or draws, rows, leaves) are scores as they enter the means, filled by the
    policy; ``known`` (rows, leaves) says what is observed or imputed; ``weights`` are
    :func:`pruned`; ``methods`` is the aggregation by group. ``judged``, or else ``weights``, are
    those by which coverage is compared with its threshold. Raises :class:`InputError` where a
    mean cannot take a score.
    """
    points: dict[int, Array] = {}
    cover = covers(tree, known, weights if judged is None else judged)
    maxima, applying = maxima_of(tree, applies), applying_of(tree, applies)
    for branch in tree.branches:
        share = weights[..., branch.below]
        leaves = counted[..., branch.leaves]
        children = [points[group] for group in branch.groups]
        counts = _counts(leaves, children, share, cover[branch.node], missing)
        method = methods[branch.code]
        if maxima is not None:
            parts = _parts(leaves, children)
            merged = sum_points(
                np.where(counts[..., np.newaxis], parts, np.nan),
                share,
                maxima[:, branch.below],
                applying[:, branch.below],
                branch.limits,
                rescale=missing.policy == "rescale",
            )
        elif method.name == "arithmetic" and len(share) > 1 and share.shape[1] == 1:
            merged = np.where(counts, _weighted_mean(branch, leaves, weights, children), np.nan)
        else:
            parts = np.where(counts[..., np.newaxis], _parts(leaves, children), np.nan)
            merged = _merged(parts, share, branch, method, tree.top, blocks)
        if tree.decimals is not None:
            merged = half_up(merged, tree.decimals)
        points[branch.node] = merged
    return Climbed(points, cover)


def covers(tree: Tree, known: Bools, weights: Array) -> dict[int, Array]:
    """Give the share of the weight of each group that is known; arguments as in :func:`climb`."""
    cover: dict[int, Array] = {}
    for branch in tree.branches:
        cover[branch.node] = _covered(branch, known, weights, cover)
    return cover


def enough(cover: Array, missing: Missing) -> Bools:
    """Where enough is known for a score."""
    least = missing.min_coverage
    # Where nothing is asked for, what was not given has earned nothing: that is a score.
    some = cover > 0 if least > 0 or missing.policy != "zero" else ~np.isnan(cover)
    return some & (cover >= least - _ROUNDING)


def _covered(branch: Branch, known: Bools, weights: Array, cover: Mapping[int, Array]) -> Array:
    share = weights[..., branch.leaf_nodes]
    if share.shape[1] == 1:
        seen = product(share[:, 0], known[:, branch.leaves])
    else:
        seen = np.einsum("dck,ck->dc", share, known[:, branch.leaves])
    for group in branch.groups:
        seen = seen + weights[..., group] * np.nan_to_num(cover[group])
    total = weights[..., branch.below].sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        covered: Array = np.where(total > 0, seen / total, np.nan)
    return covered


def _counts(
    leaves: Array, children: Sequence[Array], share: Array, cover: Array, missing: Missing
) -> Bools:
    """Which rows have a score that enters the group above."""
    if missing.policy not in LEFT_OUT:
        return np.ones(cover.shape, dtype=bool)
    counts = enough(cover, missing) | np.isnan(cover)
    if missing.policy == "strict":
        own = share[..., len(children) :]
        counts = counts & ~np.any(np.isnan(leaves) & (own > 0), axis=-1)
        for at, score in enumerate(children):
            counts = counts & ~(np.isnan(score) & (share[..., at] > 0))
    return counts


def _parts(leaves: Array, children: Sequence[Array]) -> Array:
    """Scores of all children, shape ``(draws, rows, children)``: groups, then indicators."""
    if not children:
        return leaves
    draws = np.broadcast_shapes(leaves.shape[:-1], *(child.shape for child in children))
    spread = np.broadcast_to(leaves, (*draws, leaves.shape[-1]))
    groups = np.stack([np.broadcast_to(child, draws) for child in children], axis=-1)
    return np.concatenate([groups, spread], axis=-1)


def _weighted_mean(
    branch: Branch, leaves: Array, weights: Array, children: Sequence[Array]
) -> Array:
    """The arithmetic mean of many draws, without an array of all parts."""
    share = weights[:, 0, branch.leaf_nodes]
    there = ~np.isnan(leaves)
    leaves = np.where(there, leaves, 0.0)
    if len(leaves) == 1:
        top, below = product(share, leaves[0]), product(share, there[0])
    else:
        top = np.einsum("dck,dk->dc", leaves, share)
        below = np.einsum("dck,dk->dc", there, share)
    for group, score in zip(branch.groups, children, strict=True):
        own = weights[..., group]
        known = ~np.isnan(score)
        top += own * np.where(known, score, 0.0)
        below += own * known
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Array = top / below
    return mean


def _merged(
    parts: Array, share: Array, branch: Branch, method: Method, top: float, blocks: Blocks
) -> Array:
    function = AGGREGATE[method.name]
    bad = outside(parts, function.domain(method.parameters))
    if bad.any():
        bad = bad & (share > 0)
        if bad.any():
            raise _unfit(np.broadcast_to(parts, bad.shape), bad, branch, method, blocks)
        # Those scores have no weight: they take no part.
        parts = np.where(share > 0, parts, np.nan)
    try:
        if not function.relative:
            return function(parts, share, **method.parameters)
        draws = np.broadcast_shapes(parts.shape, share.shape)
        merged = np.full(draws[:-1], np.nan)
        # A part that does not apply to a city is missing there; its weight is that of the others.
        weights = np.broadcast_to(share.max(axis=1), (draws[0], draws[-1]))
        scores = np.broadcast_to(np.where(share > 0, parts, np.nan), draws) * (100 / top)
        for draw in range(draws[0]):
            for rows in blocks.rows:
                merged[draw, rows] = function(
                    scores[draw, rows], weights[draw], **method.parameters
                )
        return merged * (top / 100)
    except (TypeError, ValueError) as error:
        raise InputError(
            Problem(
                msg(
                    "{code} cannot be aggregated by '{name}': {error}.",
                    code=branch.code,
                    name=method.name,
                    error=error,
                ),
                msg(
                    "Mend its parameters, or choose another aggregate: for {code}.",
                    code=branch.code,
                ),
            )
        ) from None


def _unfit(parts: Array, bad: Bools, branch: Branch, method: Method, blocks: Blocks) -> InputError:
    draw, row, child = np.argwhere(bad)[0]
    where = f" ({blocks.names[row]})" if blocks.names else ""
    fix = (
        msg(
            "Set aggregate: arithmetic for {code}, or goalposts or a normalise: "
            "range that keep scores above 0.",
            code=branch.code,
        )
        if blocks.names
        else msg(
            "Leave that mean out of the choices, or keep scores above 0, as with "
            "{method: minmax, low: 1, high: 100}."
        )
    )
    return InputError(
        Problem(
            msg(
                "the {name} mean of {code} cannot take the score {parts} of {children}{where}.",
                name=method.name,
                code=branch.code,
                parts=format(parts[draw, row, child], "g"),
                children=branch.children[child],
                where=where,
            ),
            fix,
        )
    )


def product(weights: Array, scores: Array | Bools) -> Array:
    """``weights @ scores.T``, shape ``(draws, rows)``."""
    columns = np.ascontiguousarray(scores.T, dtype=float)
    result = np.empty((len(weights), columns.shape[1]))
    step = max(1, _PRODUCT // max(1, columns.size))
    for start in range(0, len(weights), step):
        rows = slice(start, start + step)
        np.matmul(weights[rows], columns, out=result[rows])
    return result
