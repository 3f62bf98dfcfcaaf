"""What the overview knows of each city of a set: names, ranks, scores, changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.changes import changes_of
from kpi_lib.analysis.robustness.kept import intervals
from kpi_lib.framework.model import TOTAL, Node
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.locale.words import number, percent, period_name, word
from kpi_lib.report.view.city import CityView, view_of
from kpi_lib.report.view.graphics import Scale, scale_of
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.describe import of_board
from kpi_lib.scoring.indicators import scorable
from kpi_lib.scoring.scoreboard import Scoreboard

Array = npt.NDArray[np.float64]

STEPS = (0.4, 0.55, 0.7, 0.85)
"""Where shading steps up, as shares of the scale."""


@dataclass(frozen=True, eq=False, repr=False)
class CitySet(Displayed):
    """The cities of a set of reports, each in its period.

    ``periods`` are the periods by city, ``others`` cities that have no data there, ``pages`` the
    addresses of their pages as seen from the index, ``failures`` what went wrong with a report.
    """

    board: Scoreboard
    periods: Mapping[str, str]
    lang: Lang
    others: Sequence[str] = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)

    def _display(self) -> Display:
        return of_board(self.board, tr(self.lang, "Overview"), self.found[-1])

    @cached_property
    def found(self) -> list[str]:
        """The periods of the set, in order."""
        return sorted(set(self.periods.values()))

    @cached_property
    def when(self) -> str:
        """The period of the set as a title says it."""
        if len(self.found) == 1:
            return period_name(self.found[0], self.lang)
        return tr(self.lang, "latest")

    def noun(self, n: int = 2) -> str:
        """What is scored, one or many: ``city``, ``cities``."""
        return self.board.framework.unit_noun(self.lang, n)

    def number_of(self, n: int) -> str:
        """A number of what is scored: ``12 cities``."""
        return tr(self.lang, "{n} {nouns}", n=number(n, self.lang, 0), nouns=self.noun(n))

    @cached_property
    def view(self) -> CityView:
        """Any city's view: it writes scores as the framework's scale asks."""
        city = next(iter(self.periods))
        return view_of(self.board, city, self.periods[city], self.lang)

    @cached_property
    def scale(self) -> Scale:
        """The scale that scores are shaded on; of points, the share of the maximum in %."""
        return scale_of(self.view)

    @cached_property
    def parts(self) -> tuple[Node, ...]:
        """The groups below the composite; where there is only one, what is in it."""
        return self.view.objectives

    def title(self, code: str) -> str:
        """The title of a group or indicator."""
        return self.view.title(code)

    @property
    def scored(self) -> bool:
        """Whether the framework can score anything."""
        framework = self.board.framework
        return any(scorable(leaf, framework) for leaf in framework.indicators)

    @cached_property
    def rows(self) -> npt.NDArray[np.intp]:
        """Positions of the cities' rows in the board, in the order of :attr:`table`."""
        keys = pd.MultiIndex.from_arrays([self.table.index, self.table["period"]])
        return self.board.points.index.get_indexer(keys)

    @cached_property
    def ranked_rows(self) -> npt.NDArray[np.intp]:
        """The same, and then those of cities that are ranked beside one in its earlier period."""
        rows = np.concatenate([self.board.by_period[period] for period in self.found])
        return np.concatenate([self.rows, rows[~np.isin(rows, self.rows)]])

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each city that has data, best first.

        Columns: ``name``, ``period``, ``region``, ``class``, ``rank``, ``ranked`` (how many of
        the period have a score), ``low`` and ``high`` (the interval of the rank), ``same`` (the
        share of draws in which the rank stays), ``score``, ``maximum`` (of points), ``share``
        (the score that cities are compared by), ``coverage``, ``before`` (the period before),
        ``change`` (of the score since then, on the indicators of both).
        """
        board, lang = self.board, self.lang
        cities = list(self.periods)
        keys = pd.MultiIndex.from_tuples(list(self.periods.items()))
        at = board.points.index.get_indexer(keys)
        totals = board.points[TOTAL].to_numpy(dtype=float)
        ranked = {p: int((~np.isnan(totals[own])).sum()) for p, own in board.by_period.items()}
        places = self.groups(cities)
        found = pd.DataFrame(
            {
                "name": [city_name(board, city, lang) for city in cities],
                "period": list(self.periods.values()),
                "region": places["region"].to_numpy(),
                "class": places["class"].to_numpy(),
                "rank": board.ranks[TOTAL].to_numpy()[at],
                "ranked": [ranked[period] for period in self.periods.values()],
                **self._sure(cities),
                "score": totals[at],
                "maximum": np.nan if board.maximum is None else board.maximum[TOTAL].iloc[at],
                "share": board.shares[TOTAL].to_numpy(dtype=float)[at],
                "coverage": board.coverage[TOTAL].to_numpy()[at],
            },
            index=pd.Index(cities, name="city"),
        )
        before = self._before()
        found["before"] = pd.Series(before, dtype=object).reindex(cities).fillna("")
        changes = changes_of(board, {c: (p, self.periods[c]) for c, p in before.items()})
        found["change"] = changes.reindex(cities).to_numpy(dtype=float)
        place = found["rank"].fillna(np.inf)
        order = np.lexsort((found["name"], place))
        return found.iloc[order]

    def groups(self, cities: Sequence[str]) -> pd.DataFrame:
        """``region`` and ``class`` of some cities as cities.csv has them, else empty."""
        places = self.board.observations.places.reindex(list(cities))
        return places.reindex(columns=["region", "class"]).astype(object).fillna("")

    def _sure(self, cities: Sequence[str]) -> dict[str, Array]:
        """The interval of each rank, of those that are ranked beside another."""
        columns = ["low", "high", "p_same"]
        known = {
            period: intervals(self.board, period)
            for period in self.found
            if self.board.points[TOTAL].iloc[self.board.by_period[period]].notna().sum() > 1
        }
        told = {
            (city, period): row
            for period, table in known.items()
            for city, row in zip(
                table.index, table[columns].to_numpy(float, na_value=np.nan), strict=True
            )
        }
        none = np.full(3, np.nan)
        rows = np.array([told.get((c, self.periods[c]), none) for c in cities], dtype=float)
        return dict(zip(("low", "high", "same"), rows.reshape(-1, 3).T, strict=True))

    def _before(self) -> dict[str, str]:
        """The last period before, of the cities that have one with a score in both."""
        totals = self.board.points[TOTAL]
        found: dict[str, str] = {}
        for city, period in totals.dropna().index:
            if city in self.periods and period < self.periods[city]:
                found[str(city)] = max(found.get(str(city), ""), str(period))
        there = set(totals.dropna().index)
        return {city: p for city, p in found.items() if (city, self.periods[city]) in there}

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Scores of the parts, a row for each city as in :attr:`table`."""
        return self._parts_of(self.board.points)

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Scores of the parts as cities are compared by them."""
        return self._parts_of(self.board.shares)

    def _parts_of(self, wide: pd.DataFrame) -> pd.DataFrame:
        own = wide[[node.code for node in self.parts]].iloc[self.rows]
        return own.set_axis(self.table.index)

    def step(self, share: float) -> int | None:
        """The step of shading (0–4) of a score that cities are compared by; None without one."""
        if np.isnan(share):
            return None
        return sum(share >= bound for bound in self.bounds)

    @cached_property
    def bounds(self) -> tuple[float, ...]:
        """The scores at which shading steps up."""
        low, high = self.scale.low, self.scale.high
        return tuple(low + step * (high - low) for step in STEPS)

    def total(self, score: float, maximum: float) -> str:
        """Write a composite score as the framework wants it shown."""
        shown = self.board.framework.shown
        if np.isnan(score):
            return "–"
        if self.board.maximum is None or shown in {None, "points"}:
            return self.view.score(score)
        share = score / maximum
        if shown == "percent":
            return number(100 * share, self.lang, 2)
        return number(share, self.lang, 4)

    def covered(self, share: float) -> str:
        """Write a share of data."""
        return "–" if np.isnan(share) else percent(share, self.lang)

    def heading(self) -> str:
        """The title of the page: what is looked at, and when."""
        return tr(
            self.lang,
            "Overview of {cities}, {when}",
            cities=self.number_of(len(self.table)),
            when=self.when,
        )

    @property
    def series(self) -> str:
        """The title of the set: the project's, else the framework's."""
        return self.board.framework.series(self.lang)

    @property
    def status(self) -> str:
        """Whether the framework is official."""
        return word(self.board.framework.status, self.lang)
