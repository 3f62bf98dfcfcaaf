"""What a revision does to scores: the change of each city split into data, weights and the rest.

A score goes from one version and period to another through four switches: *data* (the values
of the indicators that both versions hold), *weights* (among the parts that both hold),
*membership* (which indicators and groups there are, and in which group) and *rules*
(goalposts, directions, methods, the treatment of missing values). Thrown one after another
they lead from the old score to the new one, and each moves it by an amount that depends on
those thrown before. The part of a switch is the mean of what it does over all orders: the
value of Shapley, A value for n-person games (1953), applied to changes of an index as in
Shorrocks, Decomposition procedures for distributional analysis (2013). So the parts sum to
the change, none depends on an arbitrary order, and they turn their signs when old and new
are exchanged.

What only one version holds has one value and one weight, those with which it counts there;
what it brings or takes away is membership. Under the weights of the other version, the parts
of a group that both hold divide as they do there the share that they have together here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations, product

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import InputError, plain
from kpi_lib.framework.diff import match
from kpi_lib.framework.model import TOTAL, Framework, Group, Indicator
from kpi_lib.locale.catalogue import SOURCE
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import in_language
from kpi_lib.scoring.indicators import fill, score_values
from kpi_lib.scoring.rollup import roll_up
from kpi_lib.scoring.scoreboard import Scoreboard

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Merge = tuple[pd.DataFrame, pd.DataFrame, Framework, Mask | None]

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

    An indicator whose unit, denominator or multiplier was changed counts as another one.
    Values are those that each side scored, after its own treatment.
    Raises :class:`InputError` for a period that is not there.
    """
    periods = _period(before, period_before), _period(after, period_after)
    cities = sorted(_cities(before, periods[0]) | _cities(after, periods[1]))
    old, new = _Side(before, periods[0], cities), _Side(after, periods[1], cities)
    scores = [side.wide(side.board.points)[TOTAL] for side in (old, new)]
    ranks = [side.wide(side.board.ranks)[TOTAL] for side in (old, new)]
    columns = [*scores, *ranks, scores[1] - scores[0], *_average(_Walk((old, new)))]
    table = pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)), index=scores[0].index)
    return table.astype({"rank_before": "Int64", "rank_after": "Int64"})


def _cities(board: Scoreboard, period: str) -> set[str]:
    return {city for city, own in board.points.index if own == period}


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


@dataclass(frozen=True, repr=False)
class _Side(Displayed):
    """One version with its scores, in one period; rows are the cities of both versions."""

    board: Scoreboard
    period: str
    cities: list[str]

    @property
    def framework(self) -> Framework:
        return self.board.framework

    def wide(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table of the scoreboard in this period, by city."""
        rows = table[table.index.get_level_values("period") == self.period]
        rows = rows.set_axis(rows.index.get_level_values("city"), axis="index")
        return rows.reindex(self.cities)

    @cached_property
    def present(self) -> Mask:
        there = _cities(self.board, self.period)
        return np.array([city in there for city in self.cities])

    @cached_property
    def points(self) -> Mapping[str, Array]:
        return _arrays(self.wide(self.board.points))

    @cached_property
    def known(self) -> Mapping[str, Array]:
        return _arrays(self.wide(self.board.known.astype(float)))

    @cached_property
    def applies(self) -> Mapping[str, Array]:
        counts = pd.DataFrame(1.0, self.board.known.index, self.board.known.columns)
        if self.board.applies is not None:
            counts = counts.where(self.board.applies, 0.0)
        return _arrays(self.wide(counts).fillna(1.0))


def _arrays(table: pd.DataFrame) -> dict[str, Array]:
    return dict(zip(table.columns, table.to_numpy(dtype=float).T, strict=True))


class _Walk:
    """Scores of every state of the switches; each is 0 for the old side and 1 for the new one."""

    def __init__(self, sides: tuple[_Side, _Side]) -> None:
        self.sides = sides
        self.cities = sides[0].cities
        self._rows = pd.MultiIndex.from_product([self.cities, [""]], names=["city", "period"])
        old, new = (side.framework for side in sides)
        forth = {
            a: b
            for a, b in match(old, new).items()
            if _is_same_quantity(old.nodes[a], new.nodes[b])
        }
        self._pairs = (forth, {b: a for a, b in forth.items()})
        self._scored: dict[tuple[int, int, str], Array] = {}
        self._merged: dict[tuple[int, int, int], Merge] = {}

    def total(self, data: int, weights: int, members: int, rules: int) -> Array:
        """``TOTAL`` by city, NaN throughout where the rules cannot take the data."""
        key = (data, members, rules)
        try:
            if key not in self._merged:
                self._merged[key] = self._parts(*key)
            filled, seen, framework, counts = self._merged[key]
            points, _ = roll_up(filled, seen, framework, self._weights(members, weights), counts)
        except InputError:
            return np.full(len(self.cities), np.nan)
        return points[TOTAL].to_numpy()

    def _parts(self, data: int, members: int, rules: int) -> Merge:
        """Scores of indicators, whether they are known, their framework, and which count."""
        framework = self._framework(members, rules)
        there = self.sides[data].present
        scores, seen, counts = {}, {}, {}
        for indicator in framework.indicators:
            code = indicator.code
            side, own = self._source(code, members, data)
            scores[code] = np.where(there, self._column(side, own, code, members, rules), np.nan)
            seen[code] = there & (self.sides[side].known[own] == 1)
            counts[code] = self.sides[side].applies[own] == 1
        filled = fill(pd.DataFrame(scores, index=self._rows), framework)
        applies = np.column_stack(list(counts.values()))
        known = pd.DataFrame(seen, index=self._rows)
        return filled, known, framework, None if applies.all() else applies

    def _other(self, code: str, side: int, wanted: int) -> str | None:
        """The code on the wanted side of a node of one side; None where it is not there."""
        return code if side == wanted else self._pairs[side].get(code)

    def _source(self, code: str, members: int, data: int) -> tuple[int, str]:
        """The side and the code that give a member's values: its own where the other has none."""
        other = self._other(code, members, data)
        return (members, code) if other is None else (data, other)

    def _column(self, side: int, own: str, code: str, members: int, rules: int) -> Array:
        """Scores from the values of ``own`` on one side, by the rules for the member ``code``."""
        ruling = self._other(code, members, rules)
        if ruling is None:
            rules, ruling = members, code
        if side == rules:
            return self.sides[side].points[own]
        key = (side, rules, own)
        if key not in self._scored:
            framework = self.sides[rules].framework
            indicator = framework.nodes[ruling]
            assert isinstance(indicator, Indicator)
            values = self.sides[side].board.inputs[[own]]
            scored = score_values(values, framework, [replace(indicator, code=own)])
            self._scored[key] = self.sides[side].wide(scored)[own].to_numpy(dtype=float)
        return self._scored[key]

    def _framework(self, members: int, rules: int) -> Framework:
        """The tree of one side under the rules of the other where both hold a part."""
        own, other = self.sides[members].framework, self.sides[rules].framework

        def indicator(node: Indicator) -> Indicator:
            code = self._other(node.code, members, rules)
            framework, ruling = (own, node) if code is None else (other, other.nodes[code])
            assert isinstance(ruling, Indicator)
            return replace(ruling, code=node.code, normalise=framework.normalisation_of(ruling))

        def group(node: Group) -> Group:
            code = self._other(node.code, members, rules)
            framework, ruling = (own, node) if code is None else (other, other.nodes[code])
            assert isinstance(ruling, Group)
            return replace(
                node,
                aggregate=framework.method_of(ruling),
                groups=tuple(group(child) for child in node.groups),
                indicators=tuple(indicator(child) for child in node.indicators),
            )

        groups = tuple(group(node) for node in own.groups)
        return replace(own, groups=groups, aggregate=other.aggregate, missing=other.missing)

    def _weights(self, members: int, weights: int) -> Mapping[str, float]:
        """The weights of one side for the tree of the other."""
        own = dict(self.sides[members].board.weights)
        if members == weights:
            return own
        framework, theirs = self.sides[members].framework, self.sides[weights]
        result = dict(own)
        for group in framework.all_groups:
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


def _is_same_quantity(one: Group | Indicator, other: Group | Indicator) -> bool:
    """Say whether the values of two indicators can stand for each other."""
    if not isinstance(one, Indicator) or not isinstance(other, Indicator):
        return True
    times = [node.formula.multiplier if node.formula else None for node in (one, other)]
    return (
        plain(in_language(one.unit, SOURCE)) == plain(in_language(other.unit, SOURCE))
        and one.denominator == other.denominator
        and (None in times or times[0] == times[1])
    )
