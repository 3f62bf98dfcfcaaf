"""One city in one period of a scoreboard: its row, the others, its past and its targets."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.analysis.robustness.kept import intervals
from kpi_lib.framework.model import TOTAL, Indicator, Node
from kpi_lib.locale.catalogue import Lang
from kpi_lib.methods.digits import at_bound
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.indicators import scorable
from kpi_lib.scoring.scoreboard import Scoreboard, row_of
from kpi_lib.scoring.treatment import errors_of


@dataclass(frozen=True, repr=False)
class CityRow:
    """A city's row of a scoreboard beside the other cities of the same period.

    With ``in_shares``, scores are those by which cities are compared: of points, the share of the
    maximum in %.
    """

    board: Scoreboard
    city: str
    period: str
    lang: Lang
    in_shares: bool = False
    peers: str | None = "auto"

    @property
    def _scores(self) -> pd.DataFrame:
        return self.board.shares if self.in_shares else self.board.points

    @cached_property
    def name(self) -> str:
        """The city's name in the language, else as it stands in the data."""
        return city_name(self.board, self.city, self.lang)

    @cached_property
    def points(self) -> pd.Series[float]:
        """The city's scores by code."""
        return row_of(self._scores, (self.city, self.period))

    @cached_property
    def values(self) -> pd.Series[float]:
        """The city's values by indicator, in the indicators' units."""
        return row_of(self.board.values, (self.city, self.period))

    @property
    def comparable(self) -> pd.Series[float]:
        """The city's values that are in the unit of the indicator: see ``board.measured``."""
        return row_of(self.board.measured, (self.city, self.period))

    @cached_property
    def errors(self) -> pd.Series[float]:
        """The standard errors of the city's values that have one, in the indicators' units."""
        if not self.rows["se"].notna().any():
            return pd.Series(dtype=float)
        observations = self.board.observations
        table = errors_of(observations, self.board.framework)
        return row_of(table, (self.city, self.period)).dropna()

    @cached_property
    def ranks(self) -> pd.Series[float]:
        """The city's ranks by code."""
        return row_of(self.board.ranks, (self.city, self.period))

    @cached_property
    def coverage(self) -> pd.Series[float]:
        """The share (0–1) of each code's weight that is observed."""
        return row_of(self.board.coverage, (self.city, self.period))

    @cached_property
    def contributions(self) -> pd.Series[float]:
        """Points of TOTAL that each indicator gives, by code."""
        return row_of(self.board.contributions, (self.city, self.period))

    @cached_property
    def others(self) -> pd.DataFrame:
        """Scores of the other cities of the period: a row for each city."""
        return self._others(self._scores)

    @cached_property
    def other_values(self) -> pd.DataFrame:
        """Values of the other cities of the period."""
        return self._others(self.board.measured)

    @cached_property
    def medians(self) -> pd.Series[float]:
        """The median score of the other cities by code."""
        return self.others.median()

    @cached_property
    def value_medians(self) -> pd.Series[float]:
        """The median value of the other cities by indicator."""
        return self.other_values.median()

    @cached_property
    def _scored_others(self) -> Mapping[str, int]:
        counts = self.others.notna().to_numpy().sum(axis=0)
        return dict(zip(self.others.columns, counts.tolist(), strict=True))

    @cached_property
    def valued_others(self) -> Mapping[str, int]:
        """How many of the other cities of the period have a value, by indicator."""
        counts = self.other_values.notna().to_numpy().sum(axis=0)
        return dict(zip(self.other_values.columns, counts.tolist(), strict=True))

    def _others(self, wide: pd.DataFrame) -> pd.DataFrame:
        there = wide.iloc[self.board.by_period[self.period]]
        return there.droplevel("period").drop(index=self.city)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The city's observations of the period by indicator: value, note, source."""
        return self.board.observations.of_unit(self.city, self.period).set_index("indicator")

    @property
    def periods(self) -> list[str]:
        """The city's periods up to this one."""
        return list(self.history.index)

    @cached_property
    def history(self) -> pd.DataFrame:
        """The city's scores up to this period: a row for each period, in order."""
        own = self._scores.iloc[self.board.by_city[self.city]]
        table = own.droplevel("city").sort_index()
        return table[table.index <= self.period]

    @cached_property
    def observed(self) -> list[Indicator]:
        """The indicators with a value, scored or not."""
        return [i for i in self.board.framework.indicators if pd.notna(self.values[i.code])]

    @cached_property
    def not_applicable(self) -> frozenset[str]:
        """The indicators that do not apply to the city, whatever the framework then counts."""
        return self.board.not_applicable(self.city, self.period)

    @cached_property
    def applying(self) -> list[Indicator]:
        """The indicators that apply to the city."""
        return [i for i in self.board.framework.indicators if i.code not in self.not_applicable]

    @cached_property
    def absent(self) -> list[Indicator]:
        """The indicators that apply and have no value."""
        return [i for i in self.applying if pd.isna(self.values[i.code])]

    @cached_property
    def scored(self) -> list[Indicator]:
        """The indicators that the framework can score."""
        framework = self.board.framework
        return [i for i in framework.indicators if scorable(i, framework)]

    def scored_of(self, code: str = TOTAL) -> tuple[int, int] | None:
        """How many indicators of a group have a score, of how many; None where all can have one."""
        if len(self.scored) == len(self.board.framework.indicators):
            return None
        leaves = [leaf.code for leaf in self.board.framework.leaves(code)]
        return int(self.points[leaves].notna().sum()), len(leaves)

    @cached_property
    def objectives(self) -> tuple[Node, ...]:
        """The groups below TOTAL; where there is only one, what is in it."""
        top = self.board.framework.groups
        return top[0].children if len(top) == 1 else top

    @cached_property
    def interval(self) -> tuple[int, int, float] | None:
        """The lowest and highest likely rank and how often the rank stays; None without a rank.

        Of draws of what the board's ``spec`` lists, or in which each weight varies by up to ±25 %
        relative to its siblings, 90 % lie between them.
        """
        if pd.isna(self.points[TOTAL]) or self.ranked() < 2:
            return None
        table = intervals(self.board, self.period)
        low, high, same = table[["low", "high", "p_same"]].to_numpy()[table.index == self.city][0]
        return int(low), int(high), float(same)

    @property
    def weight_ratios(self) -> tuple[float, float] | None:
        """Least and most effective weight in those draws, in times their own; None: none moves."""
        least_most = intervals(self.board, self.period).attrs["weights"]
        return None if least_most is None else (least_most[0], least_most[1])

    @cached_property
    def maximum(self) -> pd.Series[float] | None:
        """The most points of each code for this city; None where scores are no points."""
        most = self.board.maximum
        return None if most is None else row_of(most, (self.city, self.period))

    def ranked(self, code: str = TOTAL) -> int:
        """How many cities of the period have a score."""
        return self._scored_others[code] + bool(pd.notna(self.points[code]))

    @cached_property
    def open_targets(self) -> Mapping[str, tuple[int, float]]:
        """The targets in force that the city's values do not meet: code → (year, value)."""
        return {c: t for c, t in self.targets.items() if not self.meets(c)}

    @cached_property
    def targets(self) -> Mapping[str, tuple[int, float]]:
        """The targets in force for indicators that have a value: code → (year, value)."""
        comparable = self.comparable
        observed = {i.code for i in self.observed if i.direction and pd.notna(comparable[i.code])}
        own = self.board.indicators_of(self.city, self.period)
        found = {i.code: i.target(self.period) for i in own if i.code in observed}
        return {code: target for code, target in found.items() if target is not None}

    def meets(self, code: str) -> bool:
        """Say whether the value is at its target or better."""
        indicator, (_, target) = self.indicator(code), self.targets[code]
        value = float(at_bound(np.asarray(self.values[code]), target))
        return bool(value >= target if indicator.direction == "higher" else value <= target)

    @cached_property
    def target_gains(self) -> pd.Series[float]:
        """Points of TOTAL that closing each open gap alone would bring, largest first."""
        values = {code: target for code, (_, target) in self.open_targets.items()}
        gains = self.board.gains(self.city, self.period, values)
        return gains.sort_values(ascending=False, kind="stable")

    @property
    def place(self) -> Mapping[Hashable, Any]:
        """The city's row of cities.csv; empty where there is none."""
        places = self.board.observations.places
        return dict(places.T[self.city]) if self.city in places.index else {}

    def indicator(self, code: str) -> Indicator:
        """Give an indicator by its code."""
        node = self.board.framework.node(code)
        assert isinstance(node, Indicator)
        return node
