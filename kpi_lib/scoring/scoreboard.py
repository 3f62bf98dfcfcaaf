"""Scores of every city and period, with all that follows from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import InputError
from kpi_lib.framework.model import TOTAL, Framework, Indicator
from kpi_lib.io.cells.periods import periods_of
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.observations.read import Observations
from kpi_lib.scoring.describe import of_board
from kpi_lib.scoring.facts import Facts, facts_of
from kpi_lib.scoring.indicators import (
    across_panel,
    best_score,
    fill,
    scorable,
    score_column,
)
from kpi_lib.scoring.ranks import ranks_of
from kpi_lib.scoring.reasons import reasons_of
from kpi_lib.scoring.rollup import contributions, coverage_of, maximum_points, roll_up
from kpi_lib.scoring.treatment import (
    Treated,
    known_values,
    treated_values,
    values_of,
)
from kpi_lib.scoring.weights import Weights, weightless

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Scoreboard(Displayed):
    """Scores of every city, period, group and indicator.

    ``values``, ``points`` and ``coverage`` are wide tables: a row for each
    ``(city, period)``, a column for each code. ``values`` are as observed and denominated,
    in the indicators' units; ``inputs`` are the same after treatment, as they are scored;
    ``points`` are scores (indicators and groups), ``coverage`` is the observed share (0–1) of
    the weight that can be scored, NaN where nothing can. An imputed value counts in scores
    like any other, but is not observed. ``issued`` is the framework as it was given, before
    methods were put in place of its own; ``spec`` lists what is uncertain when ranks are drawn
    (:func:`kpi_lib.analysis.robustness.spec.read_spec`), None for its default.
    """

    framework: Framework
    observations: Observations
    weights: Weights
    values: pd.DataFrame
    points: pd.DataFrame
    coverage: pd.DataFrame
    issued: Framework | None = None
    spec: Any = None

    def _display(self) -> Display:
        return of_board(self)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the framework, the weights and every number of the board."""
        found = hashlib.sha256(self.framework.fingerprint.encode())
        found.update(json.dumps(dict(self.weights), sort_keys=True).encode())
        for table in (self.values, self.points, self.coverage):
            found.update(json.dumps([str(column) for column in table.columns]).encode())
            found.update(pd.util.hash_pandas_object(table).to_numpy().tobytes())
        return found.hexdigest()

    @cached_property
    def cities(self) -> pd.DataFrame:
        """The cities that have data, by code, with the columns of cities.csv."""
        places = self.observations.places
        return places[places.index.isin(list(self.latest))]

    @cached_property
    def by_city(self) -> Mapping[str, npt.NDArray[np.intp]]:
        """Positions of the rows of each city in the wide tables."""
        groups = self.points.groupby(level="city", sort=False).indices
        return {str(city): np.asarray(rows) for city, rows in groups.items()}

    @cached_property
    def by_period(self) -> Mapping[str, npt.NDArray[np.intp]]:
        """Positions of the rows of each period in the wide tables."""
        return dict(periods_of(self.points.index))

    @cached_property
    def ranks(self) -> pd.DataFrame:
        """Rank of each city within its period, by code; ties share the better rank.

        Points of cities with other maxima are compared by their share.
        """
        points = self.shares.to_numpy(dtype=float)
        ranks = np.full(points.shape, np.nan)
        for rows in self.by_period.values():
            ranks[rows] = ranks_of(points[rows])
        return pd.DataFrame(ranks, index=self.points.index, columns=self.points.columns)

    @cached_property
    def facts(self) -> Facts:
        """What the observations say of each value beside its number."""
        return facts_of(self.observations, self.framework, self.points.index)

    @cached_property
    def _leaves(self) -> list[str]:
        return list(self.framework.positions)

    @cached_property
    def measured(self) -> pd.DataFrame:
        """The values, wide, without those that are points although the indicator has a rule.

        What is left of an indicator is in one unit: it can be compared, and meet a target.
        """
        earned = self.facts.earned
        if earned is None:
            return self.values
        ruled = [code not in self.framework.given for code in self._leaves]
        there = pd.DataFrame(earned & np.array(ruled), self.values.index, self._leaves)
        return self.values.mask(there[list(self.values.columns)])

    def not_applicable(self, city: str, period: str) -> frozenset[str]:
        """The indicators that do not apply to a city, whatever the framework then counts."""
        if self.facts.absent is None:
            return frozenset()
        own = self.facts.absent[self.points.index.get_loc((city, period))]
        return frozenset(code for code, at in self.framework.positions.items() if own[at])

    @property
    def applies(self) -> npt.NDArray[np.bool_] | None:
        """Which indicators count in each row, shape ``(rows, indicators)``; None where all do."""
        return self.facts.applies

    @cached_property
    def possible(self) -> pd.DataFrame | None:
        """The most points that each code's rule gives, wide; None where scores are no points."""
        most = maximum_points(self.framework, self.points.index, self.applies)
        return None if most is None else most[list(self.points.columns)]

    @cached_property
    def maximum(self) -> pd.DataFrame | None:
        """The most points of each code as ``possible``, 0 for what was asked to weigh nothing."""
        none = dict.fromkeys(weightless(self.framework, self.weights), 0.0)
        return None if self.possible is None else self.possible.assign(**none)

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Scores as cities are compared by them, wide: points as a share of the maximum, in %.

        Scores that are no points, and those of a code that only adds or takes points, are what
        they are. A city to which nothing with a maximum applies has no share, where others have.
        """
        if self.possible is None:
            return self.points
        shares = 100 * self.points / self.possible.where(self.possible > 0)
        without = [code for code in shares.columns if self.framework.maxima[code] == 0]
        shares[without] = self.points[without]
        return shares

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Long table: ``city, period, code, level, score, rank, coverage, reason``.

        ``level`` is 0 for ``TOTAL`` and rises towards the indicators; ``reason`` says why a
        score is missing. Where scores are points, ``maximum`` says of how many.
        """
        codes = list(self.points.columns)
        long = pd.DataFrame(
            {
                "score": self.points.to_numpy().ravel(),
                "rank": pd.array(self.ranks.to_numpy().ravel()).astype("Int64"),
                "coverage": self.coverage.to_numpy().ravel(),
                "reason": self.reasons.to_numpy().ravel(),
            }
        )
        if self.maximum is not None:
            long.insert(1, "maximum", self.maximum.to_numpy().ravel())
        units = self.points.index
        long.insert(0, "city", np.repeat(units.get_level_values("city"), len(codes)))
        long.insert(1, "period", np.repeat(units.get_level_values("period"), len(codes)))
        long.insert(2, "code", np.tile(np.array(codes, dtype=object), len(units)))
        levels = np.array([self.framework.level(code) for code in codes])
        long.insert(3, "level", np.tile(levels, len(units)))
        return long

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """Why a score is missing, wide; an empty text where it is not."""
        screened = self.points.index.isin(self._treated.screened)
        return reasons_of(self, self._judged, screened)

    def table(self, code: str = TOTAL, period: int | str | None = None) -> pd.DataFrame:
        """Give one code wide: a row for each city, a column for each period.

        With ``period``, a row for each city with ``score, rank, coverage``, best first.
        """
        self.framework.node(code)
        if period is None:
            return self.points[code].unstack("period")
        chosen_period = self.period(period)
        columns = {"score": self.points, "rank": self.ranks, "coverage": self.coverage}
        chosen = {
            name: wide[code].xs(chosen_period, level="period") for name, wide in columns.items()
        }
        return pd.DataFrame(chosen).sort_values("rank", kind="stable")

    def indicators_of(self, city: str, period: str) -> list[Indicator]:
        """The indicators with the goalposts, rules and targets that hold for a city's class."""
        at = self.points.index.get_loc((city, period))
        found = []
        for leaf in self.framework.indicators:
            kinds = self.facts.kind(leaf)
            found.append(leaf if kinds is None else leaf.of(str(kinds[at])))
        return found

    @property
    def periods(self) -> list[str]:
        """Every period, in order."""
        return list(self.by_period)

    @cached_property
    def latest(self) -> Mapping[str, str]:
        """The latest period of each city."""
        periods = self.points.index.to_frame(index=False)
        return {str(c): str(p) for c, p in periods.groupby("city")["period"].max().items()}

    def unit(self, city: str, period: str | int = "latest") -> tuple[str, str]:
        """Give the key of a city's row, or say which city or period there is.

        The city may be called by code, name or file name.
        """
        city = self.observations.code_of(city, self.latest)
        unit = (city, self.latest[city] if period == "latest" else str(period))
        if unit not in self.points.index:
            self.period(unit[1])
            own = [p for c, p in self.points.index if c == city]
            raise InputError(
                msg(
                    "'{city}' has no data for {unit}; it has: {own}.",
                    city=city,
                    unit=unit[1],
                    own=", ".join(own),
                )
            )
        return unit

    def period(self, asked: str | int = "latest") -> str:
        """Give a period that there are data of, ``latest`` the last of all, or say which are."""
        period = self.periods[-1] if asked == "latest" else str(asked)
        if period not in self.periods:
            there = ", ".join(self.periods)
            raise InputError(
                msg(
                    "there is no period '{period}'; there are: {there}.", period=period, there=there
                )
            )
        return period

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """Points of ``TOTAL`` that each indicator gives; the row sum is ``TOTAL``.

        Wide: rows as ``points``, a column for each indicator, 0 where it does not count, NaN
        where there is no ``TOTAL`` and below a group whose method does not split (copeland).
        """
        return contributions(self._counted, self.known, self.framework, self.weights, self.applies)

    @cached_property
    def _counted(self) -> pd.DataFrame:
        """Indicator scores as they entered the aggregation: missing ones filled by the policy."""
        leaves = self._leaves
        return fill(self.points[leaves], self.framework)

    def gains(self, city: str, period: str, values: Mapping[str, float]) -> pd.Series[float]:
        """Points of ``TOTAL`` that each value alone would add to a city, all else unchanged.

        ``values`` holds the new value of an indicator by code, in its unit. What was done to
        the other values stays as it is. NaN where there is no ``TOTAL``.
        """
        unit = self.unit(city, period)
        known = self._known_gains.setdefault(unit, {})
        scores, asked = {}, {code: float(value) for code, value in values.items()}
        for code, value in asked.items():
            indicator = self.framework.node(code)
            if not isinstance(indicator, Indicator):
                raise InputError(
                    msg("'{code}' is a group; only an indicator has a value to change.", code=code)
                )
            if (code, value) not in known:
                changed = self._treated.transformed(code, unit[1], value)
                scores[code] = self._scored_again(indicator, unit, changed)
        if scores:
            new = self._gains(unit, scores).to_list()
            known |= zip([(code, asked[code]) for code in scores], new, strict=True)
        return pd.Series([known[key] for key in asked.items()], index=list(asked), dtype=float)

    @cached_property
    def _known_gains(self) -> dict[tuple[str, str], dict[tuple[str, float], float]]:
        """What was asked before of each city and period: several parts of a report ask alike."""
        return {}

    def _scored_again(self, indicator: Indicator, unit: tuple[str, str], value: float) -> Array:
        """Scores of an indicator in the rows of a period, with another value in one city."""
        code, rows = indicator.code, self.by_period[unit[1]]
        if not across_panel(indicator, self.framework):
            column = self.inputs[code].to_numpy(dtype=float)[rows]
            facts = self.facts.at(rows).with_value(self._place(unit), code)
            column[self._place(unit)] = value
            return score_column(column, self.framework, indicator, unit[1], facts)
        table = self._treated.values
        at = table.index.get_loc(unit)
        facts = facts_of(self.observations, self.framework, table.index)
        facts = facts.with_value(int(np.flatnonzero(table.index == unit)[0]), code)
        column = table[code].to_numpy(dtype=float, copy=True)
        column[at] = value
        scores = score_column(column, self.framework, indicator, "", facts)
        return scores[table.index.get_indexer(self.points.index[rows])]

    def _place(self, unit: tuple[str, str]) -> int:
        """Where a city stands among the rows of its period."""
        at = self.points.index.get_loc(unit)
        return int(np.flatnonzero(self.by_period[unit[1]] == at)[0])

    def potential(self, city: str, period: str) -> pd.Series[float]:
        """Points of ``TOTAL`` that each scored indicator could still give, by code.

        Where a method has no highest score, the best city of the period sets it.
        """
        unit = self.unit(city, period)
        scores, place = {}, self._place(unit)
        now = self.points.iloc[self.by_period[unit[1]]]
        columns = dict(zip(now.columns, now.to_numpy(dtype=float).T, strict=True))
        for indicator in self.framework.indicators:
            column = columns[indicator.code].copy()
            kinds = self.facts.kind(indicator)
            kind = "" if kinds is None else str(kinds[self.points.index.get_loc(unit)])
            best = best_score(indicator, self.framework, kind)
            if best is None:
                best = float(np.fmax.reduce(column))
            here = self.points.index.get_loc(unit)
            at = self.framework.positions[indicator.code]
            if self.applies is not None and not self.applies[here, at]:
                continue
            if scorable(indicator, self.framework) and not np.isnan(best):
                column[place] = best
                scores[indicator.code] = column
        return self._gains(unit, scores)

    def _gains(self, unit: tuple[str, str], scores: Mapping[str, Array]) -> pd.Series[float]:
        """Total of a city with each column of scores in place of what it is, less the total.

        The columns have a score for each row of the period.
        """
        leaves = self._leaves
        rows, own = self.by_period[unit[1]], self._place(unit)
        compared = any(
            AGGREGATE[self.framework.method_of(group).name].relative
            for group in self.framework.all_groups
        )
        taken = slice(None)
        if not compared:
            taken, own = slice(own, own + 1), 0
        rows = rows[taken]
        # Where cities are compared, a change may also change by what others are filled.
        start = self.points[leaves] if compared else self._counted
        now = start.iloc[rows].to_numpy(dtype=float)
        seen = self.known.iloc[rows].to_numpy()
        cities = self.points.index[rows].get_level_values("city")
        # One block of cities for each change, as if it were a period of its own; the first is now.
        blocks = np.repeat(now[np.newaxis], len(scores) + 1, axis=0)
        known = np.repeat(seen[np.newaxis], len(scores) + 1, axis=0)
        for i, (code, column) in enumerate(scores.items(), start=1):
            at = self.framework.positions[code]
            blocks[i, :, at] = column[taken]
            known[i, own, at] = True
        applies = None
        if self.applies is not None:
            # A city that is given a value is one to which the indicator applies.
            one = np.repeat(self.applies[rows][np.newaxis], len(blocks), axis=0)
            for i, code in enumerate(scores, start=1):
                one[i, own, self.framework.positions[code]] = True
            applies = one.reshape(-1, len(leaves))
        names = [f"{change:06}" for change in range(len(blocks))]
        index = pd.MultiIndex.from_product([names, cities], names=["period", "city"])
        counted = pd.DataFrame(blocks.reshape(-1, len(leaves)), index=index, columns=leaves)
        points, _ = roll_up(
            fill(counted, self.framework) if compared else counted,
            pd.DataFrame(known.reshape(-1, len(leaves)), index=index, columns=leaves),
            self.framework,
            self.weights,
            applies,
        )
        totals = points[TOTAL].to_numpy().reshape(len(blocks), -1)[:, own]
        return pd.Series(totals[1:] - totals[0], index=list(scores), dtype=float)

    @cached_property
    def known(self) -> pd.DataFrame:
        """Whether each value of an indicator is observed or imputed, and so counts; wide."""
        leaves = self._leaves
        return known_values(self.values[leaves], self.inputs[leaves], self.facts)

    @cached_property
    def _judged(self) -> pd.DataFrame:
        """The share of the weight by which a score is given or not: observed or imputed."""
        if not self.framework.treatment:
            return self.coverage
        judged = coverage_of(self.known, self.framework, self.weights, self.applies)
        return judged[self.coverage.columns]

    @property
    def treated(self) -> pd.DataFrame:
        """Every value that treatment changed: see :data:`kpi_lib.scoring.steps.LOG`."""
        log = self._treated.log
        here = pd.MultiIndex.from_frame(log[["city", "period"]]).isin(self.points.index)
        return log[here].reset_index(drop=True)

    @cached_property
    def inputs(self) -> pd.DataFrame:
        """Values as they are scored: observed, or as treatment has left them."""
        if not self.framework.treatment:
            return self.values
        return self._treated.values.loc[self.values.index]

    @cached_property
    def _treated(self) -> Treated:
        """Values of all periods after treatment, also where the scoreboard keeps one only."""
        return treated_values(
            values_of(self.observations, self.framework), self.observations, self.framework
        )


def row_of(wide: pd.DataFrame, unit: tuple[str, str]) -> pd.Series[Any]:
    """Give the row of a city and period of a wide table."""
    found: pd.Series[Any] = cast(Any, wide).loc[unit, :]
    return found
