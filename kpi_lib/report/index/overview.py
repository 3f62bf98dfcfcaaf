"""The overview of a set of cities in the pieces that its page and a notebook show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.errors import check_language
from kpi_lib.framework.model import Framework
from kpi_lib.locale.catalogue import Lang
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.report.index import findings, maps, ranking, targets
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.labels import label
from kpi_lib.report.page.axes import chart_axes, shorten
from kpi_lib.report.page.html import Fragment
from kpi_lib.report.page.piece import ChartPiece, Piece, piece_of
from kpi_lib.report.page.templating import style
from kpi_lib.report.sections.about import about, page_title
from kpi_lib.report.sections.unscored import spread_table
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.cache import scoreboard
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
    own = board.observations.project.speaks(language)
    return overview_of(board, board.period(period), own)


def overview_of(board: Scoreboard, period: str, lang: Lang) -> Overview:
    """The overview of the cities that have data in a period."""
    there = board.points.index[board.by_period[period]].get_level_values("city")
    return Overview(CitySet(board, {str(city): period for city in there}, lang))


@dataclass(frozen=True, repr=False)
class Overview(Displayed):
    """What is shown of a set of cities; each method gives a piece, with its data."""

    cities: CitySet

    def _display(self) -> Display:
        return self.cities._display()

    @property
    def board(self) -> Scoreboard:
        """The scores of all cities and periods."""
        return self.cities.board

    @property
    def period(self) -> str:
        """The last period of the set."""
        return self.cities.found[-1]

    @property
    def lang(self) -> Lang:
        """The language of what is shown."""
        return self.cities.lang

    @property
    def codes(self) -> list[str]:
        """The codes of the parts of the composite."""
        return [node.code for node in self.cities.parts]

    def label(self, key: str) -> str:
        """A label in the language of the overview (``report/labels.py``)."""
        return label(key, self.lang)

    def axes(self, title: str = "", height: float = 4.0) -> Axes:
        """Axes of a new figure as wide as the page; of made-up figures the title says DEMO."""
        return chart_axes(title, self.board.observations.demo, height, self.lang)

    def titles(self, codes: Iterable[str]) -> list[str]:
        """Titles of groups and indicators in the language of the overview, by their codes."""
        return [shorten(self.cities.title(str(code))) for code in codes]

    def names(self, cities: Iterable[str]) -> list[str]:
        """Names of cities in the language of the overview, by their codes."""
        return [city_name(self.board, str(city), self.lang) for city in cities]

    def title(self) -> Piece:
        """The title, the framework, and the DEMO notice where it is due."""
        title = page_title(self.board, self.lang, self.cities.heading(), self.period)
        html = title.html + style("index/index.css")  # which the ranking and the map need
        return Piece(pd.DataFrame(), html, text=title.text)

    @cached_property
    def _findings(self) -> Piece:
        return findings.piece(self.cities)

    def findings(self) -> Piece:
        """Who leads and how surely, who moved, where data are missing."""
        return self._findings

    def ranking(self) -> ChartPiece:
        """The rank of each city with its interval, its score and those of its parts."""
        return ranking.piece(self.cities)

    def map(self) -> Piece | None:
        """The scores on a map; None where nothing is known of places."""
        return maps.piece(self.cities)

    def values(self) -> Fragment | None:
        """Compare the values of what is not scored, as a table; None where all is scored."""
        return spread_table(self.board, self.cities.periods, self.lang)

    def targets(self) -> Piece | None:
        """How many cities meet each target in force; None where no target has data."""
        return targets.piece(self.cities)

    def method(self) -> Piece:
        """Say how scores are made, from what, and what is not official."""
        table = self.board.observations.table
        own = table["period"].isin(self.cities.found)
        return piece_of(pd.DataFrame(), about(self.board, self.lang, table[own]))
