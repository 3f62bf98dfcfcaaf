"""What a revision does to scores: the change of each city split into data, weights and the rest.

A score goes from one version and period to another through four switches: *data* (the values
of the indicators that both versions hold), *weights* (among the parts that both hold),
*membership* (which indicators and groups there are, and in which group) and *rules*
(goalposts, directions, methods, caps, decimals, the treatment of missing values and of what does
not apply). Thrown one after another
they lead from the old score to the new one, and each moves it by an amount that depends on
those thrown before. The part of a switch is the mean of what it does over all orders: the
value of Shapley, A value for n-person games (1953), applied to changes of an index as in
Shorrocks, Decomposition procedures for distributional analysis (2013). So the parts sum to
the change, none depends on an arbitrary order, and they turn their signs when old and new
are exchanged.

What only one version holds has one value and one weight, those with which it counts there;
what it brings or takes away is membership. Under the weights of the other version, the parts
of a group that both hold divide as they do there the share that they have together here. Where
points are summed they are the weights, as they are: rules say what share of them is earned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.revision_sides import Ruled, Side, cities_of, points_of, ruled_by
from kpi_lib.errors import InputError, plain
from kpi_lib.framework.diff import match
from kpi_lib.framework.model import TOTAL, Framework, Group, Indicator
from kpi_lib.locale.catalogue import SOURCE
from kpi_lib.locale.words import in_language
from kpi_lib.methods.digits import half_up
from kpi_lib.scoring.indicators import fill
from kpi_lib.scoring.rollup import roll_up
from kpi_lib.scoring.scoreboard import Scoreboard

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Merge = tuple[pd.DataFrame, pd.DataFrame, Framework, Mask | None, Mask]
"""Scores of indicators, which are known, their framework, which count, and whose do not fit."""

PARTS = ("data", "weights", "membership", "rules")
"""The parts of a change, each a column of :func:`split`."""

_COLUMNS = ("score_before", "score_after", "rank_before", "rank_after", "change", *PARTS)


def split(
    before: Scoreboard,
    after: Scoreboard,
    period_before: str | int | None = None,
    period_after: str | int | None = None,
) -> pd.DataFrame:
    """Split each city's change of ``TOTAL`` from one version and period to another.

    Without a period, it is the last one of its scoreboard. Gives a row for each city of
    either, with ``score_before, score_after, rank_before, rank_after, change`` and the parts
    ``data, weights, membership, rules`` in points, which sum to ``change``. ``rules`` is 0
    where both versions score alike. The change is NaN for a city without a score on one side,
    its parts also where no order of the switches has a score at every step (too few data for
    the weights or the rules of the other version).

    An indicator whose unit, denominator or multiplier was changed counts as another one, and so
    does one whose values became words, or whose points became a bonus or a deduction.
    Values are those that each side scored, after its own treatment.
    Raises :class:`InputError` for a period that is not there.
    """
    periods = _period(before, period_before), _period(after, period_after)
    cities = sorted(cities_of(before, periods[0]) | cities_of(after, periods[1]))
    old, new = Side(before, periods[0], cities), Side(after, periods[1], cities)
    scores = [side.wide(side.board.points)[TOTAL] for side in (old, new)]
    ranks = [side.wide(side.board.ranks)[TOTAL] for side in (old, new)]
    columns = [*scores, *ranks, scores[1] - scores[0], *_average(_Walk((old, new)))]
    table = pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)), index=scores[0].index)
    return table.astype({"rank_before": "Int64", "rank_after": "Int64"})


def _period(board: Scoreboard, period: str | int | None) -> str:
    return board.period("latest" if period is None else period)


def _average(walk: _Walk) -> Array:
    """The mean move of each switch over all orders, shape ``(parts, cities)``."""
    switches = range(len(PARTS))
    totals = {state: walk.total(*state) for state in product((0, 1), repeat=len(PARTS))}
    moved = np.zeros((len(PARTS), len(walk.cities)))
    orders = np.zeros(len(walk.cities))
    for order in permutations(switches):
        thrown = [order[:count] for count in range(len(PARTS) + 1)]
        path = np.array([totals[tuple(int(i in first) for i in switches)] for first in thrown])
        whole = ~np.isnan(path).any(axis=0)
        for switch, move in zip(order, np.diff(path, axis=0), strict=True):
            moved[switch] += np.where(whole, move, 0.0)
        orders += whole
    return np.where(orders > 0, moved / np.where(orders > 0, orders, 1.0), np.nan)


class _Walk:
    """Scores of every state of the switches; each is 0 for the old side and 1 for the new one."""

    def __init__(self, sides: tuple[Side, Side]) -> None:
        self.sides = sides
        self.cities = sides[0].cities
        self._rows = pd.MultiIndex.from_product([self.cities, [""]], names=["city", "period"])
        old, new = (side.framework for side in sides)
        forth = {
            a: b
            for a, b in match(old, new).items()
            if _is_same_quantity((old, old.nodes[a]), (new, new.nodes[b]))
        }
        self._pairs = (forth, {b: a for a, b in forth.items()})
        self._ruled: dict[tuple[int, int], Ruled] = {}
        self._merged: dict[tuple[int, ...], Merge] = {}

    def total(self, data: int, weights: int, members: int, rules: int) -> Array:
        """``TOTAL`` by city, NaN throughout where the rules cannot take the data."""
        # What an indicator earns of its points does not follow from weights, its points do.
        points = weights if self.sides[members].framework.sums_points else members
        key = (data, points, members, rules)
        try:
            if key not in self._merged:
                self._merged[key] = self._parts(*key)
            filled, seen, framework, counts, unfit = self._merged[key]
            shares = self._weights(members, weights, framework)
            totals, _ = roll_up(filled, seen, framework, shares, counts)
        except InputError:
            return np.full(len(self.cities), np.nan)
        return np.where(unfit, np.nan, totals[TOTAL].to_numpy(dtype=float))

    def _parts(self, data: int, points: int, members: int, rules: int) -> Merge:
        """Scores of indicators as they enter the tree, and what is known of them."""
        framework = self._framework(members, rules, points)
        there = self.sides[data].present
        scores, seen, counts = {}, {}, {}
        unfit = np.zeros(len(self.cities), dtype=np.bool_)
        for indicator in framework.indicators:
            code = indicator.code
            side, own = self._source(code, members, data)
            ruled = self._under(
                side, members if self._other(code, members, rules) is None else rules
            )
            scored = _scored(ruled, own, indicator, framework)
            scores[code] = np.where(there, scored, np.nan)
            seen[code] = there & (ruled.known[own] == 1)
            counts[code] = ruled.applies[own] == 1
            unfit |= there & (ruled.unfit[own] == 1)
        filled = fill(pd.DataFrame(scores, index=self._rows), framework)
        applies = np.column_stack(list(counts.values()))
        known = pd.DataFrame(seen, index=self._rows)
        return filled, known, framework, None if applies.all() else applies, unfit

    def _other(self, code: str, side: int, wanted: int) -> str | None:
        """The code on the wanted side of a node of one side; None where it is not there."""
        return code if side == wanted else self._pairs[side].get(code)

    def _source(self, code: str, members: int, data: int) -> tuple[int, str]:
        """The side and the code that give a member's values: its own where the other has none."""
        other = self._other(code, members, data)
        return (members, code) if other is None else (data, other)

    def _under(self, side: int, rules: int) -> Ruled:
        """The values of one side under the rules of one side, where it has them."""
        if (side, rules) not in self._ruled:
            framework = self._framework(side, rules, rules)
            self._ruled[side, rules] = ruled_by(self.sides[side], framework, own=side == rules)
        return self._ruled[side, rules]

    def _framework(self, members: int, rules: int, points: int) -> Framework:
        """The tree of one side under the rules and the points that others give what both hold."""
        own, other = self.sides[members].framework, self.sides[rules].framework

        def indicator(node: Indicator) -> Indicator:
            code, weighing = (self._other(node.code, members, side) for side in (rules, points))
            framework, ruling = (own, node) if code is None else (other, other.nodes[code])
            weighed = node if weighing is None else self.sides[points].framework.nodes[weighing]
            assert isinstance(ruling, Indicator)
            assert isinstance(weighed, Indicator)
            return replace(
                ruling,
                code=node.code,
                normalise=framework.normalisation_of(ruling),
                not_applicable=framework.not_applicable_of(ruling),
                points=weighed.points,
                bonus=weighed.bonus,
                deduction=weighed.deduction,
            )

        def group(node: Group) -> Group:
            code = self._other(node.code, members, rules)
            framework, ruling = (own, node) if code is None else (other, other.nodes[code])
            assert isinstance(ruling, Group)
            return replace(
                node,
                aggregate=ruling.aggregate if own.sums_points else framework.method_of(ruling),
                cap=ruling.cap,
                floor=ruling.floor,
                groups=tuple(group(child) for child in node.groups),
                indicators=tuple(indicator(child) for child in node.indicators),
            )

        return replace(
            own,
            groups=tuple(group(node) for node in own.groups),
            aggregate=other.aggregate,
            missing=other.missing,
            decimals=other.decimals,
        )

    def _weights(self, members: int, weights: int, framework: Framework) -> Mapping[str, float]:
        """The weights of one side for the tree of the other; of points those of ``framework``."""
        own = dict(self.sides[members].board.weights)
        if framework.sums_points:
            return self._asked(members, weights, framework)
        if members == weights:
            return own
        tree, theirs = self.sides[members].framework, self.sides[weights]
        result = dict(own)
        for group in tree.all_groups:
            match_of_group = self._pairs[members].get(group.code)
            kept = {
                child.code: theirs.board.weights[other]
                for child in group.children
                if (other := self._pairs[members].get(child.code)) is not None
                and theirs.framework.parents[other] == match_of_group
            }
            together = sum(own[code] for code in kept)
            if (total := sum(kept.values())) > 0:
                result.update({code: together * weight / total for code, weight in kept.items()})
        return result

    def _asked(self, members: int, weights: int, framework: Framework) -> Mapping[str, float]:
        """The points as weights, times what a side was asked to count beside its points."""
        found = {}
        for code, most in framework.maxima.items():
            side = weights
            theirs = self._other(code, members, weights)
            if theirs is None:
                side, theirs = members, code
            board = self.sides[side].board
            stated = board.framework.maxima[theirs]
            asked = board.weights.get(theirs, stated)
            found[code] = most * asked / stated if stated and asked != stated else most
        return found


def _scored(ruled: Ruled, own: str, indicator: Indicator, framework: Framework) -> Array:
    """Scores of an indicator: of points, the share that was earned of those that it has."""
    scores, now = ruled.scores[own], points_of(indicator)
    if now is None:
        return scores
    by_rule, as_given = ruled.points[own]
    scores = scores * (now / np.where(ruled.earned[own] == 1, as_given, by_rule))
    return scores if framework.decimals is None else half_up(scores, framework.decimals)


def _is_same_quantity(
    one: tuple[Framework, Group | Indicator], other: tuple[Framework, Group | Indicator]
) -> bool:
    """Say whether the values of two indicators can stand for each other."""
    (old, a), (new, b) = one, other
    if not isinstance(a, Indicator) or not isinstance(b, Indicator):
        return True
    times = [node.formula.multiplier if node.formula else None for node in (a, b)]
    worded = [f.normalisation_of(x).name == "categories" for f, x in ((old, a), (new, b))]
    given = [[part is not None for part in (x.points, x.bonus, x.deduction)] for x in (a, b)]
    return (
        plain(in_language(a.unit, SOURCE)) == plain(in_language(b.unit, SOURCE))
        and a.denominator == b.denominator
        and (None in times or times[0] == times[1])
        and worded[0] == worded[1]
        and given[0] == given[1]
    )
