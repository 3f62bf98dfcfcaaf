"""Exploring weights: sliders by group, scores, ranks and intervals at once, weight sets to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import ipywidgets as widgets
import pandas as pd
import yaml

from kpi_lib.analysis.robustness.ranks import rank_interval
from kpi_lib.errors import InputError, check_language
from kpi_lib.framework.model import TOTAL
from kpi_lib.io.store import write_whole
from kpi_lib.locale.catalogue import Lang, msg, tr
from kpi_lib.locale.words import in_language, number, word
from kpi_lib.report.html import Fragment, paragraphs
from kpi_lib.report.sections import listings
from kpi_lib.report.sections.unscored import no_scores, scored_count
from kpi_lib.report.view import CityView, city_name
from kpi_lib.scoring.indicators import fill
from kpi_lib.scoring.rollup import roll_up
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.weights import Weights, given, nominal

# Draws behind an interval while a slider moves: enough for whole ranks, and done at once.
_DRAWS = 300
# Cities that the moving table shows; all are ranked.
_SHOWN = 25


@dataclass
class Explorer:
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
        interval = rank_interval(board, self.period, draws=draws)
        return table.join(interval[["low", "high"]])

    def schemes(self, schemes: Mapping[str, Weights]) -> pd.DataFrame:
        """Give the rank of every city under several weight sets, a column for each."""
        ranks = {
            name: self.under(changes).ranks[TOTAL].droplevel("period")
            for name, changes in schemes.items()
        }
        table = pd.DataFrame(ranks)
        return table.sort_values(list(table.columns), kind="stable")

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

    def listing(self, shown: int = _SHOWN) -> Fragment:
        """Give the result under the present weights as a table."""
        result = self.result()
        if result.empty:
            nothing = no_scores(self.board.framework, self.lang)
            return paragraphs(nothing or tr(self.lang, "No city has a score to rank."))
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
            word("city", self.lang),
            word("score", self.lang),
            word("rank", self.lang),
            tr(self.lang, "Places moved"),
            tr(self.lang, "Rank interval (90 %)"),
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
        heads = [word("city", self.lang), *table.columns]
        return listings.table(caption, heads, rows, numeric=range(1, len(heads)))

    def show(self) -> widgets.Widget:
        """Give the sliders beside the ranking that follows them, with a button to keep the set."""
        ranking = widgets.HTML(self.listing().html)
        sliders = {code: self._slider(code) for code in self._adjustable()}

        def follow(_: object) -> None:
            plain = nominal(self.board.framework)
            self.changes = {c: s.value for c, s in sliders.items() if s.value != plain[c]}
            try:
                ranking.value = self.listing().html
            except InputError as error:
                ranking.value = paragraphs(str(error)).html

        for slider in sliders.values():
            slider.observe(follow, names="value")
        name = widgets.Text("weights.yaml", description=tr(self.lang, "File"))
        keep = widgets.Button(description=tr(self.lang, "Save weights"))
        said = widgets.Label()

        def save(_: object) -> None:
            try:
                said.value = str(self.save(name.value))
            except (InputError, OSError) as error:
                said.value = str(error)

        keep.on_click(save)
        left = widgets.VBox([self._sections(sliders), widgets.HBox([name, keep]), said])
        return widgets.HBox([left, ranking])

    def _adjustable(self) -> list[str]:
        """The groups, where a group has siblings; its weight alone changes nothing."""
        framework = self.board.framework
        return [
            child.code
            for group in framework.all_groups
            for child in group.groups
            if len(group.children) > 1
        ]

    def _slider(self, code: str) -> widgets.FloatSlider:
        weight = self.board.framework.node(code).weight
        return widgets.FloatSlider(
            value=self.changes.get(code, weight),
            min=0,
            max=max(3.0, 3 * weight),
            step=max(weight, 1.0) / 20,
            description=code,
            tooltip=in_language(self.board.framework.node(code).title, self.lang),
            continuous_update=True,
        )

    def _sections(self, sliders: Mapping[str, widgets.FloatSlider]) -> widgets.Widget:
        framework = self.board.framework
        boxes, titles = [], []
        for group in framework.all_groups:
            own = [sliders[child.code] for child in group.groups if child.code in sliders]
            if own:
                rows = [
                    widgets.VBox(
                        [
                            widgets.Label(
                                in_language(framework.node(s.description).title, self.lang)
                            ),
                            s,
                        ]
                    )
                    for s in own
                ]
                boxes.append(widgets.VBox(rows))
                titles.append(
                    word("total", self.lang)
                    if group.code == TOTAL
                    else in_language(group.title, self.lang)
                )
        accordion = widgets.Accordion(children=boxes, selected_index=0 if boxes else None)
        for i, title in enumerate(titles):
            accordion.set_title(i, title)
        return accordion


def _moved(places: float) -> str:
    if places == 0:
        return "="
    return f"{'▲' if places > 0 else '▼'} {abs(places):.0f}"
