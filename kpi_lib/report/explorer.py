"""Exploring weights: sliders by group, scores, ranks and intervals at once, weight sets to keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml
from matplotlib.axes import Axes

from kpi_lib.analysis.inverse.questions import (
    LeadRegion,
    WeightChange,
    lead_region,
    overtake,
    reach_rank,
)
from kpi_lib.analysis.robustness.ranks import rank_interval
from kpi_lib.errors import InputError, check_language
from kpi_lib.framework.model import TOTAL
from kpi_lib.io.store import write_whole
from kpi_lib.locale.catalogue import Lang, msg, tr, tr_n
from kpi_lib.locale.display import Display, Displayed, in_short
from kpi_lib.locale.words import number, word
from kpi_lib.report.charts.weights import RankChart
from kpi_lib.report.labels import label
from kpi_lib.report.page.axes import chart_axes
from kpi_lib.report.page.html import Fragment, paragraphs
from kpi_lib.report.sections import listings
from kpi_lib.report.sections.unscored import no_scores, scored_count
from kpi_lib.report.view.city import CityView
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.describe import of_board
from kpi_lib.scoring.indicators import fill
from kpi_lib.scoring.rollup import roll_up
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.weights import Weights, given, nominal

if TYPE_CHECKING:
    from kpi_lib.report.sliders import Panel

# Draws behind an interval while a slider moves: enough for whole ranks, and done at once.
_DRAWS = 300
# Weights that differ by no more are the same.
_SAME = 1e-6
# Cities that the moving table shows; all are ranked.
_SHOWN = 25


@dataclass(repr=False)
class Explorer(Displayed):
    """The cities of one period under weights that are being tried.

    ``changes`` are the weights that differ from the framework's, by code.
    """

    board: Scoreboard
    period: str
    lang: Lang = "vi"
    changes: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the rows of the period only: no other counts while weights are tried."""
        self.lang = check_language(self.lang)
        self.period = self.board.period(self.period)
        rows = self.board.points.index.get_level_values("period") == self.period
        self.board = replace(
            self.board,
            values=self.board.values[rows],
            points=self.board.points[rows],
            coverage=self.board.coverage[rows],
        )

    def _display(self) -> Display:
        shown = of_board(self.board, msg("Weights being tried"), self.period)
        return replace(shown, facts=[*shown.facts, (msg("Changed"), in_short(self.changes))])

    def under(self, changes: Weights) -> Scoreboard:
        """Give the board of the period under the framework's weights with some changed.

        Raises :class:`InputError` for a code or weight that cannot be.
        """
        weights = given(self.board.framework, changes)
        leaves = [indicator.code for indicator in self.board.framework.indicators]
        scores = self.board.points[leaves]
        counted = fill(scores, self.board.framework)
        points, coverage = roll_up(
            counted, scores.notna(), self.board.framework, weights, self.board.applies
        )
        points[leaves] = scores
        order = list(self.board.framework.nodes)
        return replace(self.board, weights=weights, points=points[order], coverage=coverage[order])

    @cached_property
    def _before(self) -> pd.Series[float]:
        return self.under({}).ranks[TOTAL].droplevel("period")

    def result(self, changes: Weights | None = None, draws: int = _DRAWS) -> pd.DataFrame:
        """Give every city with a score, best first, under changed weights.

        Columns ``score, rank, moved`` (places gained against the framework's own weights),
        ``low`` and ``high``: the ranks between which 90 % of draws lie when each weight varies
        by up to ±25 % relative to its siblings.
        """
        board = self.under(self.changes if changes is None else changes)
        table = board.table(TOTAL, self.period)[["score", "rank"]].dropna()
        table["moved"] = self._before.reindex(table.index) - table["rank"]
        interval = rank_interval(board, period=self.period, draws=draws)
        return table.join(interval[["low", "high"]])

    def schemes(self, schemes: Mapping[str, Weights]) -> pd.DataFrame:
        """Give the rank of every city under several weight sets, a column for each."""
        ranks = {
            name: self.under(changes).ranks[TOTAL].droplevel("period")
            for name, changes in schemes.items()
        }
        table = pd.DataFrame(ranks)
        return table.sort_values(list(table.columns), kind="stable")

    def overtake(self, city: str, other: str, **how: Any) -> WeightChange:
        """The smallest change of the present weights that puts a city ahead of another.

        ``how`` is as for :func:`kpi_lib.overtake`.
        """
        return overtake(self.under(self.changes), city, other, period=self.period, **how)

    def reach_rank(self, city: str, rank: int, **how: Any) -> WeightChange:
        """The smallest change of the present weights that gives a city a rank, or a better one.

        ``how`` is as for :func:`kpi_lib.reach_rank`.
        """
        return reach_rank(self.under(self.changes), city, rank, period=self.period, **how)

    def lead_region(self, city: str, **how: Any) -> LeadRegion:
        """The weights under which a city leads; ``how`` is as for :func:`kpi_lib.lead_region`."""
        return lead_region(self.board, city, period=self.period, **how)

    def take(self, answer: WeightChange) -> Explorer:
        """Try the weights of an answer: they become ``changes``, on the framework's scale.

        Raises :class:`InputError` where no weights do what was asked.
        """
        if not answer.possible:
            raise InputError(f"{answer.question} {msg('No weights do that.')}".strip())
        weights = {**self.plain, **self.changes, **answer.weights}
        for group in self.board.framework.all_groups:
            codes = [child.code for child in group.children]
            if total := sum(weights[code] for code in codes):
                by = sum(self.plain[code] for code in codes) / total
                weights |= {code: round(weights[code] * by, 6) for code in codes}
        self.changes = {
            code: weight
            for code, weight in weights.items()
            if abs(weight - self.plain[code]) > _SAME
        }
        return self

    def save(self, path: str | Path, title: str = "") -> Path:
        """Write the changed weights to a YAML file that ``kpi score --weights`` accepts."""
        path = Path(path)
        given(self.board.framework, self.changes)
        if not self.changes:
            raise InputError(
                msg("no weight differs from the framework's: there is nothing to keep.")
            )
        data = {
            "title": title or path.stem,
            "framework": self.board.framework.name,
            "weights": dict(self.changes),
        }
        write_whole(path, yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
        return path

    def listing(self, shown: int = _SHOWN, result: pd.DataFrame | None = None) -> Fragment:
        """Give the result under the present weights, or one that is there, as a table."""
        result = self.result() if result is None else result
        if result.empty:
            nothing = no_scores(self.board.framework, self.lang)
            return paragraphs(nothing or tr(self.lang, "There is no score to rank."))
        view = CityView(self.board, str(result.index[0]), self.period, self.lang)
        rows = [
            (
                city_name(self.board, str(city), self.lang),
                view.score(float(score)),
                number(float(rank), self.lang, 0),
                _moved(float(moved)),
                f"{number(float(low), self.lang, 0)}–{number(float(high), self.lang, 0)}",
            )
            for city, score, rank, moved, low, high in result.head(shown).itertuples()
        ]
        heads = [
            self.board.framework.unit_noun(self.lang, first=True),
            word("score", self.lang),
            word("rank", self.lang),
            tr(self.lang, "Places moved"),
            tr(self.lang, "Rank interval (90%)"),
        ]
        caption = tr(self.lang, "Ranks under these weights")
        if count := scored_count(self.board.framework, self.lang):
            caption += f" ({count})"
        return listings.table(caption, heads, rows, numeric=range(1, 5))

    def scheme_listing(self, schemes: Mapping[str, Weights]) -> Fragment:
        """Give the ranks under several weight sets side by side, as a table."""
        table = self.schemes(schemes).dropna()
        rows = [
            (
                city_name(self.board, str(city), self.lang),
                *(number(float(rank), self.lang, 0) for rank in ranks),
            )
            for city, *ranks in table.itertuples()
        ]
        caption = tr(self.lang, "Ranks under each weight set")
        heads = [self.board.framework.unit_noun(self.lang, first=True), *table.columns]
        return listings.table(caption, heads, rows, numeric=range(1, len(heads)))

    def show(self) -> Panel:
        """Sliders beside the ranks that follow them, with a button to keep the weights."""
        from kpi_lib.report.sliders import Panel  # which only some have

        return Panel(self)

    def moved(self) -> str:
        """The chart and the table under the present weights, as HTML."""
        result = self.result()
        if result.empty:
            return self.listing(result=result).html
        self._chart.move(result)
        return self._chart.html(self._told(result)) + self.listing(result=result).html

    def axes(self, title: str, height: float = 4.0) -> Axes:
        """Axes of a new figure as wide as the page; of made-up figures the title says DEMO."""
        return chart_axes(title, self.board.observations.demo, height, self.lang)

    def names(self, cities: Iterable[str]) -> list[str]:
        """Names of cities in the language of the explorer, by their codes."""
        return [city_name(self.board, str(city), self.lang) for city in cities]

    def label(self, key: str) -> str:
        """A label in the language of the explorer (``report/labels.py``)."""
        return label(key, self.lang)

    @cached_property
    def plain(self) -> dict[str, float]:
        """The framework's own weights by code."""
        return nominal(self.board.framework)

    @property
    def adjustable(self) -> list[str]:
        """The codes whose weights change anything: those with siblings that have weight."""
        return [
            child.code
            for group in self.board.framework.all_groups
            for child in group.children
            if sum(self.plain[each.code] > 0 for each in group.children) > 1
        ]

    @cached_property
    def _chart(self) -> RankChart:
        first = self.result({}).head(_SHOWN)
        names = dict(zip(map(str, first.index), self.names(first.index), strict=True))
        return RankChart(first, names, self.lang, self.board.observations.demo)

    def _told(self, result: pd.DataFrame) -> str:
        """The chart in words: who leads, and how many have another rank."""
        n = int((result["moved"] != 0).sum())
        return tr_n(
            self.lang,
            "{name} leads; {n} has another rank than under the framework's weights.",
            "{name} leads; {n} have another rank than under the framework's weights.",
            n,
            name=city_name(self.board, str(result.index[0]), self.lang),
            n=n,
        )


def _moved(places: float) -> str:
    if places == 0:
        return "="
    return f"{'▲' if places > 0 else '▼'} {abs(places):.0f}"
