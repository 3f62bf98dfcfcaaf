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
from kpi_lib.locale.catalogue import Lang, message_language, tr, tr_in, tr_n
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.locale.words import in_language, number, percent, period_name, word
from kpi_lib.report.charts import ranking
from kpi_lib.report.charts.axes import chart_axes, shorten
from kpi_lib.report.html import heading, paragraphs, scrolled
from kpi_lib.report.labels import label
from kpi_lib.report.names import city_name
from kpi_lib.report.piece import ChartPiece, Piece, piece_of
from kpi_lib.report.sections import listings
from kpi_lib.report.sections.about import about, among, page_title
from kpi_lib.report.sections.unscored import no_scores, scored_count, spread, spread_table
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

    def title(self) -> Piece:
        """The title under what limits the page, the framework, and whose data it shows."""
        title = f"{self.name} – {period_name(self.period, self.lang)}"
        facts = {"framework": self.board.framework.name, "period": self.period, "title": title}
        return piece_of(
            pd.DataFrame([facts]), page_title(self.board, self.lang, title, self.period)
        )

    def standing(self) -> Piece:
        """Say how many cities have a score, and how far apart they are.

        Columns of its data, one row: ``cities``, ``scored``, ``low``, ``median``, ``high``.
        """
        totals = self._totals
        key, text = "ranking", no_scores(self.board.framework, self.lang)
        title = tr(self.lang, "Comparison of values") if text else tr(self.lang, "Ranking")
        if not text:
            count = scored_count(self.board.framework, self.lang)
            text = f"{self._standing()} {count}." if count else self._standing()
        facts = {
            "cities": len(self.views),
            "scored": len(totals),
            "low": totals.min(),
            "median": totals.median(),
            "high": totals.max(),
        }
        return piece_of(pd.DataFrame([facts]), heading(title, key), paragraphs(text))

    @property
    def _totals(self) -> pd.Series[float]:
        """The composite of each city that has one, best first."""
        return self.board.table(TOTAL, self.period)["score"].dropna()

    def _standing(self) -> str:
        totals, cities = self._totals, len(self.views)
        unit = among(self.board, self.lang, cities)
        if totals.empty:
            return tr_n(
                self.lang,
                "The only {unit} does not have enough data for a composite score.",
                "None of the {cities} {unit} has enough data for a composite score.",
                cities,
                unit=unit,
                cities=cities,
            )
        best, worst = self.views[0], self.views[len(totals) - 1]
        if len(totals) == 1:
            return tr_n(
                self.lang,
                "{name} is the only {unit}, with a composite score of {score}.",
                "{name} is the only one of {cities} {unit} with a composite score: {score}.",
                cities,
                unit=unit,
                name=best.name,
                cities=cities,
                score=best.score(totals.max()),
            )
        return tr(
            self.lang,
            "{n} of {cities} {unit} have a composite score, from {low} ({worst}) to "
            "{high} ({best}); the median is {middle}.",
            n=len(totals),
            unit=unit,
            cities=cities,
            low=worst.score(totals.min()),
            worst=worst.name,
            high=best.score(totals.max()),
            best=best.name,
            middle=best.score(float(totals.median())),
        )

    def ranking(self) -> ChartPiece | None:
        """The composite of every city as bars; None where no city has one."""
        return ranking.piece(self.board, self.period, self.views, self.lang)

    def parts(self) -> Piece | None:
        """Give every city's rank with its interval, coverage, and scores by part, as a table.

        None where the framework scores nothing. Columns of its data: ``name``, ``rank``,
        ``rank_low``, ``rank_high``, ``coverage`` (0–1), ``TOTAL`` and the code of each part.
        """
        if not self.views[0].scored:
            return None
        objectives = [node.code for node in self.views[0].objectives]
        rows: list[tuple[str, ...]] = []
        data: dict[str, dict[str, object]] = {}
        for view in self.views:
            rank = view.ranks[TOTAL]
            between = view.interval
            low, high = between[:2] if between else (None, None)
            known = {"name": view.name, "rank": rank, "rank_low": low, "rank_high": high}
            known["coverage"] = view.coverage[TOTAL]
            scores = view.points[[TOTAL, *objectives]]
            data[view.city] = known | {str(code): score for code, score in scores.items()}
            rows.append(
                (
                    view.name,
                    "–" if pd.isna(rank) else number(float(rank), self.lang, 0),
                    _span(low, high),
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
        heads.append(tr_in(self.lang, "figure", "Data"))
        if self.views[0].scored_of() is not None:
            heads.append(tr(self.lang, "Indicators scored"))
        heads.append(word("total", self.lang))
        heads += objectives  # codes: the titles of many parts would not fit beside each other
        caption = tr(self.lang, "All scores")
        legend = "; ".join(f"{code}: {self.views[0].title(code)}" for code in objectives)
        table = listings.table(caption, heads, rows, numeric=range(1, len(heads)))
        found = pd.DataFrame.from_dict(data, orient="index").rename_axis("city")
        return piece_of(found, scrolled(table, caption), paragraphs(legend, css="lead"))

    def values(self) -> Piece | None:
        """Compare the values of what is not scored, as a table; None where all is scored."""
        table = spread_table(self.board, self.period, self.lang)
        return None if table is None else piece_of(spread(self.board, self.period), table)

    def targets(self) -> Piece | None:
        """Give how many cities meet each target in force; None where the framework sets none.

        Columns of its data: ``title``, ``target``, ``year``, ``median``, ``met`` (how many meet
        it) and ``cities`` (how many have a value); by code.
        """
        if not self.board.framework.has_targets:
            return None
        head = heading(word("gaps", self.lang), "gaps")
        rows: list[tuple[str, ...]] = []
        data: dict[str, dict[str, object]] = {}
        for indicator in self.board.framework.indicators:
            code, found = indicator.code, [v for v in self.views if indicator.code in v.targets]
            if not found:
                continue
            due = {view.targets[code] for view in found}
            year, target = next(iter(due))
            shown = f"{found[0].with_unit(code, target)} ({year})"
            if len(due) > 1:
                shown = tr(self.lang, "differs by {column}", column=indicator.by)
            title = in_language(indicator.title, self.lang)
            median = float(np.median([view.values[code] for view in found]))
            met = sum(view.meets(code) for view in found)
            one = (year, target) if len(due) == 1 else (None, None)
            data[code] = dict(zip(("title", "year", "target"), (title, *one), strict=True))
            data[code] |= {"median": median, "met": met, "cities": len(found)}
            rows.append((title, shown, found[0].with_unit(code, median), f"{met}/{len(found)}"))
        columns = ["title", "target", "year", "median", "met", "cities"]
        table = pd.DataFrame.from_dict(data, orient="index", columns=columns).rename_axis("code")
        if not rows:
            text = tr(self.lang, "No target has data in this period.")
            return piece_of(table, head, paragraphs(text))
        heads = [
            word("indicator", self.lang),
            word("target", self.lang),
            tr(self.lang, "Median"),
            tr(self.lang, "Meet it"),
        ]
        caption = tr(self.lang, "How many meet each target")
        return piece_of(table, head, listings.table(caption, heads, rows, numeric=(1, 2, 3)))

    def method(self) -> Piece:
        """Say how scores are made, from what, and what is not official; with the observations."""
        table = self.board.observations.table
        rows = table[table["period"] == self.period]
        head = heading(word("method", self.lang), "method")
        return piece_of(rows, head, about(self.board, self.lang, rows))


def _span(low: int | None, high: int | None) -> str:
    """Write an interval of ranks; one rank alone where both ends are the same."""
    if low is None:
        return "–"
    return str(low) if low == high else f"{low}–{high}"


def _name(board: Scoreboard, lang: Lang) -> str:
    return tr(lang, "All {cities}", cities=board.framework.unit_noun(lang, 2))
