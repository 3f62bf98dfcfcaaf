"""Ranks under weights that are being tried: drawn once, then moved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from markupsafe import Markup

from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.report.page.axes import chart_axes, figure_html, figure_of, save_chart, shorten
from kpi_lib.report.page.theme import COLOURS


class RankChart:
    """Rank of each city under its weights: a dot, its interval a bar, before the change a ring.

    Cities stay on their rows, so that a change is seen as a move; ``ax`` is yours to alter.

    Parameters
    ----------
    result
        Rank and interval (``rank, low, high``) by city, in the order of the rows.
    names
        Names of the cities.
    """

    def __init__(
        self, result: pd.DataFrame, names: Mapping[str, str], lang: Lang, demo: bool
    ) -> None:
        self.rows, self.lang = list(result.index), lang
        y = range(len(result))
        self.ax = chart_axes(
            tr(lang, "Ranks under these weights"), demo, 0.26 * len(result) + 1.2, lang
        )
        self._bars = self.ax.hlines(y, 0, 0, color=COLOURS["line"], lw=6)
        self.ax.plot(
            result["rank"].to_numpy(),
            y,
            "o",
            mfc=COLOURS["paper"],
            mec=COLOURS["o"],
            label=tr(lang, "under the framework's weights"),
        )
        (self._dots,) = self.ax.plot(
            [], [], "o", color=COLOURS["me"], label=tr(lang, "under these weights")
        )
        self.ax.set_yticks(y, [shorten(names[city]) for city in self.rows])
        self.ax.invert_yaxis()
        self.ax.set(xlabel=tr(lang, "Rank (bar: 90% of draws)"), ylabel=None)
        self.ax.legend(ncols=2, loc="lower right", bbox_to_anchor=(1, 1))
        self.move(result)
        plt.close(figure_of(self.ax))

    def move(self, result: pd.DataFrame) -> None:
        """Move dots and bars to other ranks; a city without one has no dot."""
        here = result.reindex(self.rows)
        self._dots.set_data(here["rank"].to_numpy(dtype=float), range(len(here)))
        ends = enumerate(here[["low", "high"]].to_numpy(dtype=float))
        self._bars.set_segments([[(low, y), (high, y)] for y, (low, high) in ends])
        last = max(float(result["high"].max()), float(len(here)))
        self.ax.set_xlim(0.5, last + 0.5)

    def save(self, path: str | Path) -> None:
        """Write the chart as it is now as SVG or PNG, by the ending of the path."""
        save_chart(self.ax, path)

    def html(self, alt: str) -> Markup:
        """The chart as it is now, in the colours of the page; ``alt`` is what it shows."""
        html = figure_html(self.ax, "ranks", alt)
        figure_of(self.ax).set_layout_engine(None)  # room is made once: half the time of a move
        return html
