"""What scoring must know of a value beside its number: does it apply, is it points, whose rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.names import Names
from kpi_lib.locale.display import Displayed
from kpi_lib.observations.read import Observations
from kpi_lib.observations.values import NOT_APPLICABLE, Known, in_points

Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, repr=False)
class Facts(Displayed):
    """Facts on the rows ``(city, period)`` and indicators of wide tables.

    ``cities`` are the cities of the rows.
    ``absent`` (shape ``(rows, indicators)``) is true where an indicator does not apply,
    ``earned`` where a value is the points that were earned; None where that is nowhere so.
    ``names`` are those that the cities go by.
    ``kinds`` gives the value of each column of the cities by which rules differ, a row each.
    """

    framework: Framework
    cities: pd.Index[Any] = field(default_factory=lambda: pd.Index([]))
    absent: Bools | None = None
    earned: Bools | None = None
    kinds: Mapping[str, Texts] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names([]))

    @cached_property
    def applies(self) -> Bools | None:
        """Where an indicator counts in maximum and coverage; None where all do."""
        if self.absent is None:
            return None
        leaves = self.framework.indicators
        out = np.array([self.framework.not_applicable_of(leaf) == "exclude" for leaf in leaves])
        counts: Bools = ~(self.absent & out)
        return counts

    @cached_property
    def settled(self) -> Bools | None:
        """Where an indicator that does not apply has a score all the same: full, or zero."""
        if self.absent is None or self.applies is None:
            return None
        return self.absent & self.applies

    def at(self, rows: Any) -> Facts:
        """Give the facts on some rows, by position or mask."""
        return Facts(
            self.framework,
            self.cities[rows],
            None if self.absent is None else self.absent[rows],
            None if self.earned is None else self.earned[rows],
            {column: kinds[rows] for column, kinds in self.kinds.items()},
            self.names,
        )

    def with_value(self, row: int, code: str) -> Facts:
        """Give the facts where a row has a value of an indicator.

        It is in the indicator's unit, and in points where only points given score it.
        """
        at, given = self.framework.positions[code], code in self.framework.given
        earned = self.earned
        if earned is None and given:
            earned = np.zeros((len(self.cities), len(self.framework.positions)), dtype=bool)
        return replace(
            self, absent=_put(self.absent, row, at, False), earned=_put(earned, row, at, given)
        )

    def kind(self, indicator: Indicator) -> Texts | None:
        """The kind of each row's city by which the rule of an indicator differs, if it does."""
        return None if indicator.by is None else self.kinds.get(indicator.by)


def _put(table: Bools | None, row: int, at: int, value: bool) -> Bools | None:
    if table is None:
        return None
    changed = table.copy()
    changed[row, at] = value
    return changed


def with_given(framework: Framework, observations: Observations) -> Framework:
    """Let points that the data give score the indicators that have no rule.

    What the project of the data calls its reports, and what is scored, goes with it. Points given
    pass a rule by, so that an indicator of a sum of points can do without one where some row of
    it gives points.
    """
    project = observations.project
    framework = replace(
        framework, own_title=project.title or None, own_noun=project.unit_noun or None
    )
    without = {leaf.code for leaf in framework.indicators if framework.lacking(leaf)}
    if not framework.sums_points or not without:
        return framework
    table = observations.table
    rows = in_points(table, Known(framework)) & table["value"].notna().to_numpy()
    found = without & set(table.loc[rows, "indicator"])
    return replace(framework, given=framework.given | found) if found else framework


def facts_of(observations: Observations, framework: Framework, rows: pd.Index[Any]) -> Facts:
    """Find what the observations say of some rows beside values."""
    table = observations.table
    absent = earned = None
    if "said" in table.columns:
        absent = _where(table, table["said"] == NOT_APPLICABLE, framework, rows)
        earned = _where(table, in_points(table, Known(framework)), framework, rows)
    columns = {leaf.by for leaf in framework.indicators if leaf.by is not None}
    cities = rows.get_level_values("city")
    places = observations.cities.set_index("city")
    kinds = {
        column: places[column].astype(str).reindex(cities).fillna("").to_numpy(dtype=object)
        for column in sorted(columns)
        if column in places.columns
    }
    return Facts(framework, cities, absent, earned, kinds, observations.names)


def _where(
    table: pd.DataFrame, chosen: Any, framework: Framework, rows: pd.Index[Any]
) -> Bools | None:
    own = table[np.asarray(chosen, dtype=bool)]
    if own.empty:
        return None
    codes = pd.Index(list(framework.positions))
    row = rows.get_indexer(pd.MultiIndex.from_frame(own[["city", "period"]]))
    column = codes.get_indexer(pd.Index(own["indicator"]))
    here = (row >= 0) & (column >= 0)
    if not here.any():
        return None
    found = np.zeros((len(rows), len(codes)), dtype=bool)
    found[row[here], column[here]] = True
    return found
