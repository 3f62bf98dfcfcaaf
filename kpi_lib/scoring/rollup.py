"""Scores of groups from their indicators, on wide tables of cities and periods.

A row for each ``(city, period)``, a column for each code; what is done is
:mod:`kpi_lib.scoring.tree`'s, of which a table is one draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.framework.model import Framework, Group
from kpi_lib.io.cells.periods import periods_of
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.indicators import scorable
from kpi_lib.scoring.points import Limits, part_weights, spoken_for
from kpi_lib.scoring.tree import (
    Blocks,
    Branch,
    Climbed,
    Tree,
    applying_of,
    climb,
    covers,
    enough,
    maxima_of,
    pruned,
    tree_of,
)
from kpi_lib.scoring.weights import Weights

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def scored_weights(framework: Framework, weights: Weights) -> dict[str, float]:
    """The weights, with 0 for whatever holds nothing that can be scored."""
    kept: dict[str, float] = {}
    for code, node in reversed(list(framework.nodes.items())):
        if isinstance(node, Group):
            counts = any(kept[child.code] > 0 for child in node.children)
        else:
            counts = scorable(node, framework)
        kept[code] = weights.get(code, 1.0) if counts else 0.0
    return kept


def roll_up(
    scores: pd.DataFrame,
    known: pd.DataFrame,
    framework: Framework,
    weights: Weights,
    applies: Bools | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Aggregate indicator scores up the tree.

    ``scores`` (filled by the policy) and ``known`` (bool: a value is observed or imputed) have
    a column for each indicator and rows ``(city, period)``; ``applies`` (rows, indicators) says
    which count for which row, all where it is None. Gives points and the share (0–1) that is
    known, with the same rows and a column for each code. A group under the framework's
    ``min_coverage`` has no points; into the group above it enters as the policy says, left out
    or as filled. Raises :class:`InputError` where a method cannot take a score, naming city,
    group and part.
    """
    work = _Work(scores, known, framework, weights, applies)
    points = dict(zip(work.tree.leaf_codes, work.counted.T, strict=True))
    for branch in work.tree.branches:
        points[branch.code] = np.where(
            work.shown(branch), work.climbed.points[branch.node][0], np.nan
        )
    ordered = {code: points[code] for code in (*work.tree.leaf_codes, *work.group_codes)}
    return _wide(ordered, scores.index), _wide(work.coverage(work.climbed.cover), scores.index)


def coverage_of(
    observed: pd.DataFrame, framework: Framework, weights: Weights, applies: Bools | None = None
) -> pd.DataFrame:
    """Give the share (0–1) of the weight of each code that is observed; as in :func:`roll_up`."""
    none = pd.DataFrame(np.nan, index=observed.index, columns=observed.columns)
    work = _Work(none, observed, framework, weights, applies)
    cover = covers(work.tree, work.known, work.weights)
    return _wide(work.coverage(cover), observed.index)


def maximum_points(
    framework: Framework, rows: pd.Index[Any], applies: Bools | None
) -> pd.DataFrame | None:
    """The most points of each code in each row, wide; None where scores are no points."""
    tree = tree_of(framework)
    most = maxima_of(tree, applies)
    if most is None:
        return None
    whole = np.broadcast_to(most, (len(rows), len(tree.codes)))
    return pd.DataFrame(whole.copy(), index=rows, columns=list(tree.codes))


def contributions(
    scores: pd.DataFrame,
    known: pd.DataFrame,
    framework: Framework,
    weights: Weights,
    applies: Bools | None = None,
) -> pd.DataFrame:
    """Points of ``TOTAL`` that each indicator gives; arguments as in :func:`roll_up`.

    A score times its partial derivative, which sums to the whole for every mean of degree one
    (Euler's theorem). NaN where there is no ``TOTAL``, and below a group whose method does
    not split. What a group loses or gains by a limit or by rounding is borne by its parts in
    proportion; where a floor lifts it, deductions take less, and what the floor gives beyond
    that is shared by what its parts weigh.
    """
    work = _Work(scores, known, framework, weights, applies)
    tree = work.tree
    root = tree.branches[-1]
    has_total = ~np.isnan(work.climbed.points[root.node][0]) & work.shown(root)
    slope, lifted = {root.node: np.ones(len(scores))}, {root.node: np.zeros(len(scores))}
    for branch in reversed(tree.branches):
        slopes, lifts = work.slopes(branch)
        own = slope[branch.node]
        for at, node in enumerate(branch.below):
            slope[node] = own * slopes[:, at]
            lifted[node] = np.zeros(len(scores))
        if lifts is not None or lifted[branch.node].any():
            portion = work.portions(branch)
            lift = lifted[branch.node] + (0.0 if lifts is None else own * lifts)
            for at, node in enumerate(branch.below):
                lifted[node] = lift * portion[:, at]
    gained = {
        code: np.where(
            has_total, slope[node] * np.nan_to_num(work.counted[:, at]) + lifted[node], np.nan
        )
        for at, (code, node) in enumerate(
            zip(tree.leaf_codes, tree.leaf_nodes.tolist(), strict=True)
        )
    }
    return _wide(gained, scores.index)


class _Work:
    """The arrays of one table, climbed once."""

    def __init__(
        self,
        scores: pd.DataFrame,
        known: pd.DataFrame,
        framework: Framework,
        weights: Weights,
        applies: Bools | None,
    ) -> None:
        self.framework, self.rows, self.applies = framework, scores.index, applies
        self.tree: Tree = tree_of(framework)
        leaves = list(self.tree.leaf_codes)
        self.counted = scores[leaves].to_numpy(dtype=float)
        self.known = known[leaves].to_numpy(dtype=bool)
        if applies is not None:
            self.known = self.known & applies
        scored = scored_weights(framework, weights)
        given = np.array([[scored[code] for code in self.tree.codes]], dtype=float)
        self.weights = pruned(self.tree, given, applies)
        self.methods: Mapping[str, Method] = {
            group.code: framework.method_of(group) for group in framework.all_groups
        }
        self.blocks = Blocks([rows for _, rows in periods_of(scores.index)], _Names(scores.index))

    @cached_property
    def climbed(self) -> Climbed:
        """Points and coverage of the groups."""
        return climb(
            self.tree,
            self.counted[np.newaxis],
            self.known,
            self.weights,
            self.methods,
            self.framework.missing,
            self.applies,
            self.blocks,
        )

    @property
    def group_codes(self) -> list[str]:
        return [branch.code for branch in self.tree.branches]

    def coverage(self, cover: Mapping[int, Array]) -> dict[str, Array]:
        """The share that is known, by code: of an indicator 0 or 1, NaN where it has no score."""
        found: dict[str, Array] = {}
        for at, code in enumerate(self.tree.leaf_codes):
            node = self.framework.node(code)
            assert not isinstance(node, Group)
            counts = np.full(len(self.known), scorable(node, self.framework))
            if self.applies is not None:
                counts &= self.applies[:, at]
            found[code] = np.where(counts, self.known[:, at], np.nan)
        for branch in self.tree.branches:
            found[branch.code] = cover[branch.node][0]
        return found

    def shown(self, branch: Branch) -> Bools:
        """Where a group has a score: enough of it is known, or it only adds and takes points.

        A group of which nothing with a maximum applies to a row says what a bonus or deduction
        gives there, if one is known.
        """
        shown = enough(self.climbed.cover[branch.node][0], self.framework.missing)
        if self.tree.maxima is None:
            return shown
        alone = np.isnan(self.climbed.cover[branch.node][0])
        if self.tree.maxima[branch.node] > 0 and alone.any():
            leaves = self.framework.leaves(branch.code)
            scored = [leaf.code for leaf in leaves if scorable(leaf, self.framework)]
            below = [self.framework.positions[code] for code in scored]
            alone &= self.known[:, below].any(axis=1)
        return np.asarray(shown | alone)

    def slopes(self, branch: Branch) -> tuple[Array, Array | None]:
        """What a point of each part adds to its group, shape ``(rows, parts)``.

        With it what the group has beside that (rows), where a floor lifts it.
        """
        merged = self.climbed.points[branch.node][0]
        has_score = ~np.isnan(merged)[:, np.newaxis]
        parts = np.where(has_score, self._parts(branch), np.nan)
        if self.tree.maxima is not None:
            slopes = self._point_slopes(branch, parts)
            return _held(parts, slopes, merged, branch.limits)
        share = self.weights[0][:, branch.below]
        method = self.methods[branch.code]
        slopes = np.where(has_score, np.full(parts.shape, np.nan), 0.0)
        entry = AGGREGATE[method.name]
        if entry.slopes is None:
            return slopes, None
        if entry.relative:
            for rows in self.blocks.rows:
                slopes[rows] = entry.slopes(
                    parts[rows] * (100 / self.tree.top), share.max(axis=0), **method.parameters
                )
        else:
            slopes = entry.slopes(parts, share, **method.parameters)
        if self.tree.decimals is None:
            return slopes, None
        return _to_the_whole(parts, slopes, merged), None

    def portions(self, branch: Branch) -> Array:
        """The part of a group's own points that each part bears, shape ``(rows, parts)``."""
        most, applying = self._maxima(branch)
        count = most * (self.weights[0][:, branch.below] > 0)
        count = np.where(count.sum(axis=1, keepdims=True) > 0, count, applying)
        count = np.broadcast_to(count, (len(self.rows), len(branch.below)))
        whole = count.sum(axis=1, keepdims=True)
        return np.asarray(count / np.where(whole > 0, whole, 1))

    def _parts(self, branch: Branch) -> Array:
        groups = [self.climbed.points[group][0] for group in branch.groups]
        return np.column_stack([*groups, *self.counted[:, branch.leaves].T])

    def _maxima(self, branch: Branch) -> tuple[Array, Bools]:
        """The most points of the parts of a group, and which apply: ``(1 or rows, parts)``."""
        maxima = maxima_of(self.tree, self.applies)
        assert maxima is not None
        return maxima[:, branch.below], applying_of(self.tree, self.applies)[:, branch.below]

    def _point_slopes(self, branch: Branch, parts: Array) -> Array:
        most, applying = self._maxima(branch)
        share = self.weights[0][:, branch.below]
        slopes = part_weights(share, most, applying, branch.limits)
        slopes = np.broadcast_to(slopes, parts.shape)
        if branch.limits.best:
            earned = np.where((most > 0) & (slopes > 0), parts * slopes, -np.inf)
            best = earned == np.nanmax(earned, axis=1, initial=-np.inf, keepdims=True)
            one = best / np.maximum(best.sum(axis=1, keepdims=True), 1)
            slopes = np.where(most > 0, slopes * one, slopes)
        elif self.framework.missing.policy == "rescale":
            there = ~np.isnan(parts) & (slopes > 0) & (most > 0)
            times = spoken_for(there, slopes * most)[:, np.newaxis]
            slopes = np.where(most > 0, slopes * times, slopes)
        return np.where(np.isnan(parts), 0.0, slopes)


class _Names:
    """The names of rows, made only where a message asks for one."""

    def __init__(self, rows: pd.Index[Any]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, row: int) -> str:
        return " ".join(str(part) for part in np.atleast_1d(np.asarray(self._rows[row], object)))


def _to_the_whole(parts: Array, slopes: Array, merged: Array) -> Array:
    """Slopes such that the parts sum to the group's score."""
    summed = np.sum(np.nan_to_num(parts) * slopes, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(summed != 0, merged / summed, 1.0)
    factor = np.where(np.isnan(factor), 1.0, factor)
    return slopes * np.where(np.isclose(factor, 1.0, rtol=1e-13), 1.0, factor)[:, np.newaxis]


def _held(parts: Array, slopes: Array, merged: Array, limits: Limits) -> tuple[Array, Array | None]:
    """Slopes such that the parts sum to the group's points, but for what a floor gives."""
    if limits.floor is None:
        return _to_the_whole(parts, slopes, merged), None
    earned = np.nan_to_num(parts) * slopes
    gained, taken = np.maximum(earned, 0.0).sum(axis=1), np.minimum(earned, 0.0).sum(axis=1)
    lifted = limits.floor > gained + taken
    left = np.minimum(merged - gained, 0.0) / np.where(taken < 0, taken, 1.0)
    slopes = np.where((earned < 0) & lifted[:, np.newaxis], slopes * left[:, np.newaxis], slopes)
    given = np.where(lifted, np.maximum(np.nan_to_num(merged) - gained, 0.0), 0.0)
    return np.where(lifted[:, np.newaxis], slopes, _to_the_whole(parts, slopes, merged)), given


def _wide(columns: dict[str, Array], rows: pd.Index[Any]) -> pd.DataFrame:
    """Put arrays side by side: quicker than a table made of a dictionary."""
    return pd.DataFrame(np.column_stack(list(columns.values())), index=rows, columns=list(columns))
