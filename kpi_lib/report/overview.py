"""All cities of one period: their ranking, their parts, and how many meet each target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.errors import check_language
from kpi_lib.framework.model import TOTAL, Framework
from kpi_lib.locale.catalogue import Lang, message_language, tr, tr_n
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.locale.words import in_language, number, percent, period_name, word
from kpi_lib.report.charts.axes import chart_axes, shorten
from kpi_lib.report.charts.ranking import describe_ranking, ranking
from kpi_lib.report.html import Drawing, Fragment, heading, joined, paragraphs
from kpi_lib.report.labels import label
from kpi_lib.report.names import city_name
from kpi_lib.report.sections import listings
from kpi_lib.report.sections.about import about, among, page_title
from kpi_lib.report.sections.unscored import no_scores, scored_count, spread_table
from kpi_lib.report.view import CityView
from kpi_lib.scoring.cache import scoreboard
from kpi_lib.scoring.describe import of_board
from kpi_lib.scoring.scoreboard import Scoreboard


def national_overview(
    period: str | int = "latest",
    framework: str | Path | Framework = "vn-smart-city@1.0",
    data: str | Path = "data/processed/demo",
    lang: str = "vi",
    cities: str | Path | None = None,
) -> Overview:
    """Open the overview of all cities in one period; ``latest`` is the last one of the data.

    Raises :class:`InputError` for an unknown period, language, framework or file.
    """
    language = check_language(lang)
    board = scoreboard(data, framework, cities)
    chosen = board.period(period)
    return Overview(board, chosen, language)


@dataclass(frozen=True, repr=False)
class Overview(Displayed):
    """What is shown of all cities; each method gives one table, figure or piece of text."""

    board: Scoreboard
    period: str
    lang: Lang

    def _display(self) -> Display:
        return of_board(self.board, _name(self.board, message_language()), self.period)

    @property
    def name(self) -> str:
        """What it is of: all cities, provinces or countries."""
        return _name(self.board, self.lang)

    def noun(self, n: int = 2) -> str:
        """What is scored, one or many: ``city``, ``cities``."""
        return self.board.framework.unit_noun(self.lang, n)

    def label(self, key: str) -> str:
        """A label in the language of the overview (``report/labels.py``)."""
        return label(key, self.lang)

    def axes(self, title: str = "", height: float = 4.0) -> Axes:
        """Axes of a new figure as wide as the page; of made-up figures the title says DEMO."""
        return chart_axes(title, self.board.observations.demo, height)

    def titles(self, codes: Iterable[str]) -> list[str]:
        """Titles of groups and indicators in the language of the overview, by their codes."""
        return [shorten(self.views[0].title(str(code))) for code in codes]

    def names(self, cities: Iterable[str]) -> list[str]:
        """Names of cities in the language of the overview, by their codes."""
        return [city_name(self.board, str(city), self.lang) for city in cities]

    @property
    def codes(self) -> list[str]:
        """The codes of the parts of the composite."""
        return [node.code for node in self.views[0].objectives]

    @cached_property
    def views(self) -> list[CityView]:
        """The cities of the period, best first, those without a score last."""
        table = self.board.table(TOTAL, self.period)
        return [CityView(self.board, str(city), self.period, self.lang) for city in table.index]

    def title(self) -> Fragment:
        """Give the page's title, the framework, and the DEMO notice where it is due."""
        title = f"{self.name} – {period_name(self.period, self.lang)}"
        return page_title(self.board, self.lang, title, self.period)

    def standing(self) -> Fragment:
        """Say how many cities have a score, and how far apart they are."""
        totals = self.board.table(TOTAL, self.period)["score"].dropna()
        head = heading(tr(self.lang, "Ranking"), "ranking")
        cities = len(self.views)
        if text := no_scores(self.board.framework, self.lang):
            return joined(
                heading(tr(self.lang, "Comparison of values"), "ranking"), paragraphs(text)
            )
        if totals.empty:
            text = tr_n(
                self.lang,
                "The only {unit} does not have enough data for a composite score.",
                "None of the {cities} {unit} has enough data for a composite score.",
                cities,
                unit=among(self.board, self.lang, cities),
                cities=cities,
            )
            return joined(head, paragraphs(text))
        best, worst = self.views[0], self.views[len(totals) - 1]
        count = scored_count(self.board.framework, self.lang)
        count = f"{count}." if count else ""
        if len(totals) == 1:
            text = tr_n(
                self.lang,
                "{name} is the only {unit}, with a composite score of {score}.",
                "{name} is the only one of {cities} {unit} with a composite score: {score}.",
                cities,
                unit=among(self.board, self.lang, cities),
                name=best.name,
                cities=cities,
                score=best.score(totals.max()),
            )
            return joined(head, paragraphs(f"{text} {count}".strip()))
        middle = best.score(float(totals.median()))
        text = tr(
            self.lang,
            "{n} of {cities} {unit} have a composite score, from {low} ({worst}) to "
            "{high} ({best}); the median is {middle}.",
            n=len(totals),
            unit=among(self.board, self.lang, cities),
            cities=cities,
            low=worst.score(totals.min()),
            worst=worst.name,
            high=best.score(totals.max()),
            best=best.name,
            middle=middle,
        )
        return joined(head, paragraphs(f"{text} {count}".strip()))

    def ranking(self) -> Drawing | None:
        """Draw the composite of every city; None where no city has one."""
        figure = ranking(self.board, self.period, self.lang)
        if figure is None:
            return None
        alt = describe_ranking(self.board, self.period, self.lang)
        caption = tr(self.lang, "The composite score")
        if count := scored_count(self.board.framework, self.lang):
            caption += f" ({count})"
        return Drawing(figure, alt, caption)

    def parts(self) -> Fragment | None:
        """Give every city's rank with its interval, coverage, and scores by part, as a table.

        None where the framework scores nothing.
        """
        if not self.views[0].scored:
            return None
        objectives = [node.code for node in self.views[0].objectives]
        rows = []
        for view in self.views:
            rank = view.ranks[TOTAL]
            between = view.interval
            rows.append(
                (
                    view.name,
                    "–" if pd.isna(rank) else number(float(rank), self.lang, 0),
                    "–" if between is None else f"{between[0]}–{between[1]}",
                    percent(float(view.coverage[TOTAL]), self.lang),
                    *listings.scored_cells(view),
                    *(view.score(view.points[code]) for code in [TOTAL, *objectives]),
                )
            )
        interval = tr(self.lang, "Rank interval")
        heads = [
            self.board.framework.unit_noun(self.lang, first=True),
            word("rank", self.lang),
            interval,
        ]
        heads.append(word("coverage", self.lang))
        if self.views[0].scored_of() is not None:
            heads.append(tr(self.lang, "Indicators scored"))
        heads.append(word("total", self.lang))
        heads += objectives  # codes: the titles of many parts would not fit beside each other
        caption = tr(self.lang, "All scores")
        legend = "; ".join(f"{code}: {self.views[0].title(code)}" for code in objectives)
        return joined(
            listings.table(caption, heads, rows, numeric=range(1, len(heads))),
            paragraphs(legend, css="note"),
        )

    def values(self) -> Fragment | None:
        """Compare the values of what is not scored, as a table; None where all is scored."""
        return spread_table(self.board, self.period, self.lang)

    def targets(self) -> Fragment | None:
        """Give how many cities meet each target in force; None where the framework sets none."""
        if not self.board.framework.has_targets:
            return None
        head = heading(word("gaps", self.lang), "gaps")
        rows = []
        for indicator in self.board.framework.indicators:
            code, found = indicator.code, [v for v in self.views if indicator.code in v.targets]
            if not found:
                continue
            due = {view.targets[code] for view in found}
            year, target = next(iter(due))
            shown = f"{found[0].with_unit(code, target)} ({year})"
            if len(due) > 1:
                shown = tr(self.lang, "differs by {column}", column=indicator.by)
            rows.append(
                (
                    in_language(indicator.title, self.lang),
                    shown,
                    found[0].with_unit(code, float(np.median([v.values[code] for v in found]))),
                    f"{sum(view.meets(code) for view in found)}/{len(found)}",
                )
            )
        if not rows:
            text = tr(self.lang, "No target has data in this period.")
            return joined(head, paragraphs(text))
        heads = [
            word("indicator", self.lang),
            word("target", self.lang),
            tr(self.lang, "Median"),
            tr(self.lang, "Meet it"),
        ]
        caption = tr(self.lang, "How many meet each target")
        return joined(head, listings.table(caption, heads, rows, numeric=(1, 2, 3)))

    def method(self) -> Fragment:
        """Say how scores are made, from what, and what is not official."""
        table = self.board.observations.table
        return joined(
            heading(word("method", self.lang), "method"),
            about(self.board, self.lang, table[table["period"] == self.period]),
        )


def _name(board: Scoreboard, lang: Lang) -> str:
    return tr(lang, "All {cities}", cities=board.framework.unit_noun(lang, 2))
