"""Charts of an audit: what goes with what, and how far ranks depend on each part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import number
from kpi_lib.report.charts.axes import chart_axes, shorten

MOST_MAPPED, MOST_PARTS = 10, 12
"""Parts in a map of correlations, and of those left out: more would not be read."""


def correlation_map(
    table: pd.DataFrame, titles: Mapping[str, str], lang: Lang, demo: bool
) -> Axes | None:
    """Draw the correlations of some parts with each other: a cell for each pair.

    ``table`` is a square of correlations by code, ``titles`` name the parts. At most ten
    parts; None with fewer than three, or where nothing correlates.
    """
    codes = list(table.columns[:MOST_MAPPED])
    if len(codes) < 3 or not np.isfinite(table.to_numpy()[np.tril_indices(len(table), -1)]).any():
        return None
    shown = table.loc[codes[1:], codes[:-1]]
    ax = chart_axes("", demo, height=0.45 * len(codes) + 1)
    sns.heatmap(
        shown,
        mask=np.triu(np.ones(shown.shape, dtype=bool), k=1) | shown.isna().to_numpy(),
        annot=shown.map(lambda x: number(float(x), lang, 2)),
        fmt="",
        cmap="vlag",
        vmin=-1.4,  # so that the ends are light enough for dark letters
        vmax=1.4,
        cbar=False,
        linewidths=1.5,
        annot_kws={"color": "#16191d"},
        xticklabels=[str(i) for i in range(1, len(codes))],
        yticklabels=[shorten(f"{i}. {titles[c]}") for i, c in enumerate(codes[1:], start=2)],
        ax=ax,
    )
    ax.set(xlabel=shorten(f"1. {titles[codes[0]]}"), ylabel=None)
    return ax


def places_moved(
    summary: pd.DataFrame, titles: Mapping[str, str], lang: Lang, demo: bool
) -> Axes | None:
    """Draw the places that cities move on average without each part, most first.

    ``summary`` is that of :class:`kpi_lib.analysis.leave_out.LeftOut`, ``titles`` name
    the parts. None where nothing moves.
    """
    moved = summary["mean_move"]
    moved = moved[moved > 0].head(MOST_PARTS)
    if moved.empty:
        return None
    ax = chart_axes("", demo, height=0.35 * len(moved) + 1)
    names = [shorten(titles[str(code)]) for code in moved.index]
    bars = ax.barh(names, moved.to_numpy(dtype=float))
    ax.invert_yaxis()
    ax.bar_label(bars, [number(float(x), lang, 2) for x in moved], padding=4)
    ax.set(xlabel=tr(lang, "Places moved, on average"), ylabel=None)
    return ax
