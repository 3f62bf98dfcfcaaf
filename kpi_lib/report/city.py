"""The report of one city, section by section: what a notebook shows in each cell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from kpi_lib.analysis.levels import assess
from kpi_lib.analysis.readiness import readiness
from kpi_lib.analysis.targets import track
from kpi_lib.analysis.what_if import leverage, priorities
from kpi_lib.errors import check_language
from kpi_lib.framework.model import Framework
from kpi_lib.framework.schemes import Scheme
from kpi_lib.locale.catalogue import Lang, mark, tr
from kpi_lib.locale.words import capital, period_name, word
from kpi_lib.report.charts import figures
from kpi_lib.report.charts import paths as paths_figure
from kpi_lib.report.html import Drawing, Fragment, heading, joined, paragraphs
from kpi_lib.report.sections import levels as level_report
from kpi_lib.report.sections import listings, narrative
from kpi_lib.report.sections import points as point_report
from kpi_lib.report.sections import readiness as readiness_report
from kpi_lib.report.sections import targets as tracking_report
from kpi_lib.report.sections.about import about, page_title, report_name
from kpi_lib.report.view import CityView, city_code, view_of
from kpi_lib.scoring.cache import scoreboard
from kpi_lib.scoring.scoreboard import Scoreboard


def city_report(
    city: str,
    period: str | int = "latest",
    framework: str | Path | Framework = "vn-smart-city@1.0",
    data: str | Path = "data/processed/demo",
    lang: str = "vi",
    cities: str | Path | None = None,
    quality: str = "verified",
) -> CityReport:
    """Open the report of one city in one period.

    ``city`` is a code or a name, ``period`` a period or ``latest``, ``lang`` is ``vi`` or ``en``,
    ``cities`` the cities file where it is not beside the data, ``quality`` is ``verified`` or
    ``reported``: which counts where a city scored itself and an agency verified it.
    Scores are read from data/processed/, where they are computed once for all cities. Raises
    :class:`InputError` for an unknown city, period, language, framework or file.
    """
    language = check_language(lang)
    board = scoreboard(data, framework, cities, quality)
    code, own_period = board.unit(city_code(board, city), period)
    return CityReport(view_of(board, code, own_period, language))


@dataclass(frozen=True)
class CityReport:
    """What is shown of one city; each method gives one table, figure or piece of text."""

    view: CityView

    @property
    def board(self) -> Scoreboard:
        """The scores of all cities."""
        return self.view.board

    @property
    def lang(self) -> Lang:
        """The language of the report."""
        return self.view.lang

    def title(self) -> Fragment:
        """Give the page's title, the framework's name, and the DEMO notice where it is due."""
        name = f"{self.view.name} – {period_name(self.view.period, self.lang)}"
        title = f"{report_name(self.board.framework, self.lang)}: {name}"
        return page_title(self.board, self.lang, title, self.view.period)

    def standing(self) -> Fragment:
        """Say where the city stands."""
        return joined(
            heading(word("standing", self.lang), "standing"),
            listings.key_figures(self.view),
            paragraphs(*narrative.standing(self.view)),
        )

    def parts(self) -> Fragment | None:
        """Give the composite and its parts as a table; None where nothing is scored."""
        return listings.parts(self.view)

    def points(self) -> Fragment | None:
        """Say where points are lost, added and taken off; None where scores are no points."""
        if not self.board.framework.sums_points:
            return None
        view = self.view
        pieces = [point_report.lost_table(view), point_report.extra_table(view)]
        pieces.append(point_report.review_table(view))
        return joined(
            self._subheading("points", mark("Points lost and won")),
            paragraphs(*point_report.points(view)),
            *(piece for piece in pieces if piece is not None),
        )

    def profile(self) -> Drawing | None:
        """Draw the parts beside the other cities'."""
        return self._draw(
            "profile",
            tr(self.lang, "The city's scores by part, beside the other cities of the period"),
        )

    def contributions(self) -> Drawing | None:
        """Draw the points that each part gives and could still give."""
        return self._draw(
            "contributions",
            tr(self.lang, "How many points each part gives, and how many it could still give"),
        )

    def level(self, scheme: str | Path | Scheme | None = None) -> Fragment | None:
        """Say which maturity level the city reaches, and what the next one takes.

        ``scheme`` is a scheme, its ``id@version`` or its file; without it, that of the framework.
        Nothing where there is none.
        """
        chosen = level_report.scheme_for(self.board, scheme)
        if chosen is None:
            return None
        found = assess(chosen, self.board, self.view.city, self.view.period)
        return joined(
            self._subheading("level", mark("Maturity level")),
            paragraphs(*level_report.level(self.view, found)),
            level_report.level_table(self.view, found),
            level_report.criteria_table(self.view, found),
            paragraphs(level_report.about_scheme(self.view, chosen), css="notice"),
        )

    def peers(self) -> Fragment:
        """Say what is strong and what is weak beside the other cities."""
        return self._section("peers", narrative.peers(self.view))

    def strengths(self) -> Drawing | None:
        """Draw the indicators furthest above and below the other cities' median."""
        return self._draw(
            "strengths",
            tr(self.lang, "The indicators furthest from the median of the other cities"),
        )

    def values(self) -> Drawing | None:
        """Draw values beside the other cities' where the framework gives few scores."""
        if self.view.ahead.size >= 2:
            return None
        return self._draw(
            "compare_values",
            tr(self.lang, "The city's values within the range of the cities that have data"),
        )

    def targets(self) -> Fragment | None:
        """Say which targets are met and which gap is most worth closing; None without targets."""
        texts = narrative.targets(self.view)
        return self._section("gaps", texts) if texts else None

    def gaps(self) -> Drawing | None:
        """Draw the open gaps to the targets in force."""
        return self._draw(
            "gaps",
            tr(
                self.lang, "From the present value to the target, by the points that it would bring"
            ),
        )

    def gap_table(self) -> Fragment | None:
        """Give every target in force as a table."""
        return listings.gaps(self.view)

    def priorities(self) -> Fragment | None:
        """Give the gaps by the points that a first step in each brings."""
        gaps = priorities(self.board, self.view.city, self.view.period)
        listed = tracking_report.priority_table(self.view, gaps)
        if listed is None:
            return None
        return joined(
            self._subheading("priorities", mark("Priorities")),
            paragraphs(*tracking_report.priorities(self.view, gaps)),
            listed,
        )

    def progress(self) -> Fragment:
        """Say how the scores moved over the years."""
        texts = [*narrative.progress(self.view), *tracking_report.merged(self.view)]
        return self._section("progress", texts)

    def trajectory(self) -> Drawing | None:
        """Draw the scores over the years."""
        return self._draw(
            "progress",
            tr(
                self.lang,
                "The composite and its parts over the years; the band is the other cities",
            ),
        )

    def tracking(self) -> Fragment | None:
        """Say which targets are on track, and which are not."""
        texts = tracking_report.tracking(self.view, self._tracked)
        if not texts:
            return None
        title = self._subheading("tracking", mark("On track or not"))
        return joined(title, paragraphs(*texts))

    def ways(self) -> Drawing | None:
        """Draw how much of the way to each open target is covered."""
        figure = paths_figure.paths(self.view, self._tracked)
        if figure is None:
            return None
        caption = tr(
            self.lang, "From baseline to target: how much is covered, how much the path asks for"
        )
        return Drawing(figure, paths_figure.describe_paths(self.view, self._tracked), caption)

    def track_table(self) -> Fragment | None:
        """Give each target with its path, status, and the year in which it is met."""
        return tracking_report.track_table(self.view, self._tracked)

    def missing(self) -> Fragment:
        """Say what is missing."""
        texts = [*narrative.missing(self.view), *narrative.unscored(self.view)]
        return self._section("missing", texts)

    def availability(self) -> Drawing | None:
        """Draw which data there are, by field and year."""
        return self._draw(
            "availability",
            tr(self.lang, "Share of indicators with data, by group and year"),
        )

    def absences(self) -> Fragment | None:
        """Give the indicators without data by agency."""
        return listings.absences(self.view)

    def checklist(self) -> Fragment | None:
        """Give what is to be supplied, by agency, and how often."""
        found = readiness(
            self.board.framework, self.board.observations, self.view.city, self.view.period
        )
        listed = readiness_report.checklist(self.view, found)
        if listed is None:
            return None
        return joined(paragraphs(*readiness_report.readiness(self.view, found)), listed)

    def collect_first(self) -> Fragment | None:
        """Give the missing indicators by what they weigh."""
        absent = leverage(self.board, self.view.city, self.view.period)
        listed = readiness_report.leverage_table(self.view, absent)
        if listed is None:
            return None
        return joined(paragraphs(*readiness_report.leverage(self.view, absent)), listed)

    def indicators(self) -> Fragment:
        """Give the whole tree as a table, under its heading."""
        return joined(heading(word("table", self.lang), "table"), listings.indicators(self.view))

    def treated(self) -> Fragment | None:
        """Give every value that was changed before scoring; nothing where none was."""
        return listings.treated(self.view)

    def method(self) -> Fragment:
        """Say how scores are made, from what, and what is not official."""
        return joined(
            heading(word("method", self.lang), "method"),
            about(self.board, self.lang, self.view.rows),
        )

    @cached_property
    def _tracked(self) -> pd.DataFrame:
        return track(self.board, self.view.city, self.view.period)

    def _subheading(self, anchor: str, text: str) -> Fragment:
        return heading(tr(self.lang, text), anchor, level=3)

    def _section(self, key: str, texts: list[str]) -> Fragment:
        return joined(heading(word(key, self.lang), key), paragraphs(*texts))

    def _draw(self, name: str, caption: str) -> Drawing | None:
        view = self.view
        arguments = (view.board, view.city, view.period, view.lang)
        figure = getattr(figures, name)(*arguments)
        if figure is None:
            return None
        return Drawing(figure, getattr(figures, f"describe_{name}")(*arguments), capital(caption))
