"""Totals as linear functions of weights: what the inverse questions are asked of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import InputError
from kpi_lib.framework.model import TOTAL, Framework, Group
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.ensemble import effective_weights, totals
from kpi_lib.scoring.indicators import fill, scorable
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.tree import Tree, pruned, tree_of

Array = npt.NDArray[np.float64]
Of = Literal["groups", "indicators"]

# The least share of a city's weight that must be known where the framework asks for less:
# with none it would have no score.
_OBSERVED = 0.01


@dataclass(frozen=True, repr=False)
class Parts(Displayed):
    """Scores of the parts whose weights are asked for, of the cities that have a total.

    ``scores`` and ``covered`` have shape ``(cities, parts)``: the score of each part (NaN where
    it is left out) and the share (0–1) of it that is known. ``now`` are the shares as they
    stand, which sum to 1.
    """

    board: Scoreboard
    period: str
    of: Of
    codes: tuple[str, ...]
    cities: pd.Index[str]
    scores: Array
    covered: Array
    now: Array

    def position(self, city: str) -> int:
        """Where a city is among those that have a total, or why it is not."""
        city, _ = self.board.unit(city, self.period)
        found = np.flatnonzero(self.cities == city)
        if len(found):
            return int(found[0])
        raise InputError(
            msg(
                "'{city}' has no total in {period}, so that it has no rank.",
                city=city,
                period=self.period,
            )
        )

    def ahead(self, city: int, others: npt.NDArray[np.intp], margin: float) -> Array:
        """Rows r, one for each other city, with ``r · shares <= 0`` where the city is ahead.

        Scores and ``margin`` are in units of :attr:`range`. Raises :class:`InputError` for
        cities that lack different parts, whose totals are means over different weights.
        """
        there = ~np.isnan(self.scores)
        lacking = there[others] != there[city]
        if self.of == "indicators":
            # A missing indicator hands its weight to its group, not to all the others.
            lacking = ~(there[others] & there[city])
        if lacking.any():
            row, part = np.argwhere(lacking)[0]
            missing = msg("score with missing='worst' or 'zero'")
            if self.of == "indicators":
                missing += msg(", or ask for of='groups'")
            raise InputError(
                msg(
                    "'{cities}' and '{cities_2}' have not both a score in {codes}, so that "
                    "their totals are means over other weights, which no linear programme "
                    "compares: {missing}.",
                    cities=self.cities[city],
                    cities_2=self.cities[others[row]],
                    codes=self.codes[part],
                    missing=missing,
                )
            )
        behind = (self.scores[others] - self.scores[city]) / self.range + margin
        return np.where(there[city], behind, 0.0)

    def level(self, city: int) -> npt.NDArray[np.bool_]:
        """Where each city has the same score as one of them, shape ``(cities, parts)``."""
        own = self.scores[city]
        level = np.isclose(self.scores, own, rtol=0, atol=1e-12 * self.range, equal_nan=True)
        return np.asarray(level, dtype=np.bool_)

    @property
    def range(self) -> float:
        """From the lowest score of any part to the highest, in points; 1 where all are equal."""
        between = float(np.nanmax(self.scores) - np.nanmin(self.scores))
        return between if between > 0 else 1.0

    def lead(self, city: int, others: npt.NDArray[np.intp], shares: Array) -> float:
        """Points by which a city's total is ahead of the best other, under some shares."""
        there = ~np.isnan(self.scores[city])
        behind = (self.scores[others] - self.scores[city])[:, there] @ shares[there]
        return float(-np.max(behind) / shares[there].sum())

    @property
    def kept(self) -> Array:
        """Rows r with ``r · shares <= 0`` where every city keeps enough coverage for its total."""
        least = max(self.board.framework.missing.min_coverage, _OBSERVED)
        rows = least - self.covered
        return rows[(rows > 0).any(axis=1)]

    def weights(self, shares: Array) -> dict[str, float]:
        """Relative weights by code that give these shares of the total."""
        share = dict(zip(self.codes, shares.tolist(), strict=True))
        if self.of == "groups":
            return share
        framework = self.board.framework
        given = dict.fromkeys((leaf.code for leaf in framework.indicators), 0.0) | share
        for group in reversed(framework.all_groups):
            total = sum(given[child.code] for child in group.children)
            if total > 0:
                given[group.code] = total
            else:
                # Its own weight is 0; the parts keep theirs, as a group needs some.
                given[group.code] = 0.0
                given |= {child.code: self.board.weights[child.code] for child in group.children}
        del given[TOTAL]
        return given


def parts_of(board: Scoreboard, period: str | int, of: Of) -> Parts:
    """Give the parts of the total whose weights are asked for.

    ``groups`` are the children of ``TOTAL``, which must be an arithmetic mean; ``indicators``
    are all leaves, where every group must be one. Raises :class:`InputError` where they are not.
    """
    if of not in {"groups", "indicators"}:
        raise InputError(msg("'of' is {of}; expected groups or indicators.", of=repr(of)))
    board = _as_means(board)
    period = board.period(period)
    framework = board.framework
    methods = {group.code: framework.method_of(group) for group in framework.all_groups}
    _check_linear(framework, methods, of)
    leaves = [leaf.code for leaf in framework.indicators]
    rows = board.points.index.get_level_values("period") == period
    here = rows & board.points[TOTAL].notna().to_numpy()
    if not here.any():
        raise InputError(msg("no city has a total in {period}.", period=period))
    # Filled within the period before cities without a total are left aside.
    filled = fill(board.points.loc[rows, leaves], framework)
    counted = filled[board.points.loc[rows, TOTAL].notna()].to_numpy(dtype=float)
    known = board.known.loc[here, leaves].to_numpy()
    tree = tree_of(framework)
    weights = np.array([board.weights.get(code, 1.0) for code in tree.codes], dtype=float)
    scored = np.array([scorable(leaf, framework) for leaf in framework.indicators])
    weights[tree.leaf_nodes[~scored]] = 0.0
    weights = pruned(tree, weights[np.newaxis])[0, 0]
    if of == "indicators":
        now = effective_weights(tree, weights[np.newaxis])[0]
        codes = np.array(leaves)[now > 0]
        scores, covered = counted[:, now > 0], known[:, now > 0].astype(float)
        now = now[now > 0]
    else:
        root = tree.branches[-1]
        nodes = root.below[weights[root.below] > 0]
        codes = np.array(tree.codes)[nodes]
        now = weights[nodes] / weights[nodes].sum()
        scores, covered = _children(tree, nodes, weights, counted, known, methods, framework)
    return Parts(
        board=board,
        period=period,
        of=of,
        codes=tuple(str(code) for code in codes),
        cities=board.points.index[here].get_level_values("city"),
        scores=scores,
        covered=covered,
        now=now,
    )


def _as_means(board: Scoreboard) -> Scoreboard:
    """Give a board of points as one of shares: its maxima are the weights of arithmetic means.

    Raises :class:`InputError` where points are more than sums: limits, bonus and deduction, the
    best of several, rounding, and what does not apply to some city.
    """
    framework = board.framework
    if not framework.sums_points:
        return board
    more = [group.code for group in framework.all_groups if _is_more(group, framework)]
    more += [leaf.code for leaf in framework.indicators if leaf.extra]
    if more or framework.decimals is not None or board.applies is not None:
        raise InputError(
            msg(
                "the points of {name} are no plain sum ({what}), so that no linear programme "
                "answers.",
                name=framework.name,
                what=", ".join(more) or msg("decimals, or indicators that do not apply"),
            )
        )
    shares = board.points.copy()
    for code, most in framework.maxima.items():
        shares[code] = 100 * board.points[code] / most
    means = replace(framework, scale="hundred")
    return replace(board, framework=means, points=shares, weights=dict(board.weights))


def _is_more(group: Group, framework: Framework) -> bool:
    limited = group.cap is not None or group.floor is not None
    return limited or framework.takes_best(group) or framework.maxima[group.code] == 0


def _children(
    tree: Tree,
    nodes: npt.NDArray[np.intp],
    weights: Array,
    counted: Array,
    known: npt.NDArray[np.bool_],
    methods: Mapping[str, Method],
    framework: Framework,
) -> tuple[Array, Array]:
    """Scores and coverage of the children of ``TOTAL``: totals with all weight on one of them."""
    alone = np.repeat(weights[np.newaxis], len(nodes), axis=0)
    alone[:, nodes] = np.diag(weights[nodes])
    seen = known
    if framework.missing.policy in {"zero", "worst"}:
        # A part enters the total as it was filled, however little of it is known.
        seen = np.ones_like(known)
    scores = totals(tree, counted, seen, alone[:, np.newaxis], methods, framework.missing)
    covered = effective_weights(tree, alone) @ known.T
    return scores.T, covered.T


def _check_linear(framework: Framework, methods: Mapping[str, Method], of: Of) -> None:
    asked = [TOTAL] if of == "groups" else list(methods)
    other = [code for code in asked if methods[code].name != "arithmetic"]
    if other:
        raise InputError(
            msg(
                "{other} is a {name} mean, which is not linear in the weights, so that "
                "no linear programme answers. ",
                other=other[0],
                name=methods[other[0]].name,
            )
            + (
                msg("Ask for of='groups', or score with aggregate='arithmetic'.")
                if of == "indicators" and methods[TOTAL].name == "arithmetic"
                else msg("Score with aggregate='arithmetic'.")
            )
        )
