"""The report of one city, piece by piece: what a notebook shows in each cell."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from markupsafe import escape
from matplotlib.axes import Axes

from kpi_lib.errors import check_language
from kpi_lib.framework.load import Named
from kpi_lib.framework.model import Policy
from kpi_lib.framework.schemes import Scheme
from kpi_lib.locale.catalogue import Lang, message_language
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.observations.quality import Quality
from kpi_lib.report.labels import HEADINGS, label
from kpi_lib.report.page.axes import chart_axes
from kpi_lib.report.page.piece import ChartPiece, Piece
from kpi_lib.report.page.tables import frame_table
from kpi_lib.report.sections import (
    glance,
    indicators,
    levels,
    method,
    needed,
    parts,
    points,
    strengths,
    targets,
    unscored,
)
from kpi_lib.report.view.city import CityView, view_of
from kpi_lib.report.view.describe import of_view
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.cache import scoreboard
from kpi_lib.scoring.scoreboard import Scoreboard

_SECTIONS: Mapping[str, Callable[[CityView], Piece | None]] = {
    "title": glance.title,
    "glance": glance.piece,
    "parts": parts.piece,
    "points": points.piece,
    "targets": targets.piece,
    "level": levels.piece,
    "strengths": strengths.piece,
    "values": unscored.piece,
    "indicators": indicators.piece,
    "needed": needed.piece,
    "method": method.piece,
}


def city_report(
    city: str,
    period: str | int = "latest",
    framework: Named = "vn-smart-city@1.0",
    data: str | Path | pd.DataFrame = "data/raw/demo",
    lang: str = "vi",
    cities: str | Path | pd.DataFrame | None = None,
    peers: str | None = "auto",
    quality: Quality = "verified",
    weights: str | Path | None = None,
    normalise: str | None = None,
    aggregate: str | None = None,
    missing: Policy | None = None,
    spec: str | Path | None = None,
) -> CityReport:
    """Open the report of one city in one period.

    Parameters
    ----------
    city
        Its code, a name, or the name of its files (slug).
    period
        A period of the data, or ``latest``: the city's last one.
    framework
        A framework, or what :func:`kpi_lib.load_framework` takes.
    data
        A file or a folder of observations, or a DataFrame.
    lang
        The language of the report.
    cities
        The cities file, where it is not beside the data, or a DataFrame.
    peers
        Whom the city is compared with beside all: a column of the cities file (those with the
        same value), ``population`` (the nearest by it), ``auto`` (by ``class`` where there is
        one, else by population) or None.
    quality
        Which counts where a city scored itself and an agency verified it: ``verified`` or
        ``reported``.
    weights
        A file of weights in place of the framework's, as ``kpi.read_weights`` reads it.
    normalise, aggregate, missing
        Methods in place of the framework's defaults: ``rank``, ``power:p=0.5``, ``worst``.
    spec
        A file that lists what is uncertain, for the intervals of ranks.

    Raises
    ------
    InputError
        For an unknown city, period, language, framework, column or file.
    """
    check_language(lang)
    methods = (normalise, aggregate, missing)
    board = scoreboard(data, framework, cities, quality, weights, *methods, spec)
    code, own_period = board.unit(city, period)
    language = board.observations.project.speaks(lang)
    return CityReport(view_of(board, code, own_period, language, peers=peers))


@dataclass(frozen=True, repr=False)
class CityReport(Displayed):
    """What is shown of one city; each method gives one piece: data, HTML, and often a chart."""

    view: CityView
    _made: dict[str, Piece | None] = field(default_factory=dict, compare=False)

    def _display(self) -> Display:
        return of_view(self.view, self.board.framework.report_title(message_language()))

    @property
    def board(self) -> Scoreboard:
        """The scores of all cities."""
        return self.view.board

    @property
    def lang(self) -> Lang:
        """The language of the report."""
        return self.view.lang

    @property
    def city(self) -> str:
        """The city's code."""
        return self.view.city

    @property
    def name(self) -> str:
        """The city's name in the language of the report."""
        return self.view.name

    @property
    def period(self) -> str:
        """The period of the report."""
        return self.view.period

    @property
    def place(self) -> Mapping[Hashable, Any]:
        """The city's row of the cities file."""
        return self.view.place

    @property
    def codes(self) -> list[str]:
        """The codes of the parts, in order: the groups below the composite."""
        return [node.code for node in self.view.objectives]

    @property
    def peers(self) -> list[str]:
        """The codes of the other cities of the peer group."""
        return list(self.view.peer_codes)

    @property
    def part_of(self) -> Mapping[str, str]:
        """The title of the part that each indicator belongs to, by code."""
        return {
            leaf.code: self.view.title(code)
            for code in self.codes
            for leaf in self.board.framework.leaves(code)
        }

    def titles(self, codes: Mapping[str, object] | list[str] | pd.Index[Any]) -> list[str]:
        """Titles of groups and indicators in the language of the report, by their codes."""
        return [self.view.title(str(code)) for code in codes]

    def names(self, cities: list[str] | pd.Index[Any]) -> list[str]:
        """Names of cities in the language of the report, by their codes."""
        return [city_name(self.board, str(city), self.lang) for city in cities]

    def beside(self, code: str) -> pd.DataFrame:
        """All that are scored in the period beside each other on one code, best first.

        Columns: ``name``, ``value`` (in the indicator's unit; NaN for a group), ``score``,
        ``rank`` and ``peer`` (whether it is of the peer group); a row for each city, by its code.
        """
        table = self.board.table(code, self.period)[["score", "rank"]]
        values = self.board.values.xs(self.period, level="period")
        table.insert(0, "name", self.names(table.index))
        table.insert(1, "value", values[code].reindex(table.index) if code in values else np.nan)
        return table.assign(peer=table.index.isin(self.peers))

    def label(self, key: str) -> str:
        """A label in the language of the report: ``label("score")``; see ``report/labels.py``."""
        return label(key, self.lang)

    def heading(self, key: str) -> Piece | None:
        """The heading of a section: ``heading("targets")``; None where the section is empty."""
        text = label(key, self.lang)
        if key in _SECTIONS and self._piece(key) is None:
            return None
        html = f'<h2 id="{escape(key)}">{escape(text)}</h2>'
        return Piece(pd.DataFrame({"heading": [text]}), html, text=text)

    def axes(self, title: str = "", height: float = 4.0) -> Axes:
        """Axes of a new figure as wide as the page; of made-up figures the title says DEMO.

        ``height`` is in inches.
        """
        return chart_axes(title, self.board.observations.demo, height, self.lang)

    def table(self, frame: pd.DataFrame, digits: int = 1) -> Piece:
        """A table of one's own as the page shows it: heads and numbers in its language.

        Columns named by keys of :meth:`label` have that label as their head.
        """
        return frame_table(frame, self.lang, digits)

    def sections(self) -> Iterator[tuple[str, Piece]]:
        """The sections that have something to say, in the order of the page, by their keys."""
        found = ((key, self._piece(key)) for key in _SECTIONS if key in HEADINGS)
        return ((key, piece) for key, piece in found if piece is not None)

    def _piece(self, key: str) -> Any:
        """A piece of the report, made once: its heading asks whether there is one.

        There is none where the project's kpi.toml takes the section out.
        """
        if key not in self._made:
            out = key in self.board.observations.project.without
            self._made[key] = made = None if out else _SECTIONS[key](self.view)
            if made is not None:
                made.name = key
        return self._made[key]

    def title(self) -> Piece:
        """The title, under what limits the page."""
        return cast("Piece", self._piece("title"))

    def glance(self) -> Piece:
        """Headline figures and three sentences: standing, what to do first, a caution."""
        return cast("Piece", self._piece("glance"))

    def parts(self) -> ChartPiece | None:
        """The composite and its parts; None where nothing is scored."""
        return cast("ChartPiece | None", self._piece("parts"))

    def points(self) -> Piece | None:
        """Points lost, added and taken off; None where scores are no points."""
        return cast("Piece | None", self._piece("points"))

    def targets(self) -> ChartPiece | None:
        """Every target in force; None where there is none."""
        return cast("ChartPiece | None", self._piece("targets"))

    def level(self, scheme: str | Path | Scheme | None = None) -> Piece | None:
        """The maturity level and what the next one takes; None where there is no scheme.

        ``scheme`` is a scheme, its ``id@version`` or its file; without it, that of the framework.
        """
        if scheme is None:
            return cast("Piece | None", self._piece("level"))
        return levels.piece(self.view, scheme)

    def strengths(self) -> ChartPiece | None:
        """The indicators furthest from the median of the peers, five a side; None without data."""
        return cast("ChartPiece | None", self._piece("strengths"))

    def values(self) -> Piece | None:
        """Values beside the others' where few indicators are scored; None where most are."""
        return cast("Piece | None", self._piece("values"))

    def indicators(self) -> Piece | None:
        """Every indicator, folded by part; None without any data."""
        return cast("Piece | None", self._piece("indicators"))

    def needed(self) -> Piece | None:
        """The data that are still needed, by agency."""
        return cast("Piece | None", self._piece("needed"))

    def method(self) -> Piece:
        """How scores are made, from what, how sure they are, and what is not official."""
        return cast("Piece", self._piece("method"))
