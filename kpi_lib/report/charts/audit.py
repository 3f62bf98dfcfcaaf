"""The figures of an audit: what goes with what, and how far ranks depend on each part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import number
from kpi_lib.report.charts.sheet import Rows
from kpi_lib.report.charts.style import (
    CITY,
    INK,
    INNER,
    LEFT,
    LINE,
    OTHERS,
    SMALL,
    SOFT,
    WIDTH,
    styled,
    text_width,
    wrap,
)

# More parts than these would not be read.
_MOST = 12
# The parts in a map of correlations, whose names stand left, on this share of the width.
_MAPPED, _NAMES = 10, 0.4


@styled
def correlation_map(
    table: pd.DataFrame, titles: Mapping[str, str], lang: Lang, demo: bool
) -> Figure | None:
    """Draw the correlations of some parts with each other: a cell for each pair.

    ``table`` is a square of correlations by code, ``titles`` name the parts. At most ten
    parts; None with fewer than three, or where nothing correlates.
    """
    import seaborn as sns

    codes = list(table.columns[:_MAPPED])
    if len(codes) < 3 or not np.isfinite(table.to_numpy()[np.tril_indices(len(table), -1)]).any():
        return None
    names = [f"{i}. {titles[code]}" for i, code in enumerate(codes, start=1)]
    lines = [wrap(name, _NAMES * INNER - 8, SMALL) for name in names]
    tall = LINE * max(map(len, lines)) + 4
    across, down = len(codes) - 1, len(codes)  # the last has all others beside its name
    height = LINE + down * tall + 4 + (LINE if demo else 0)
    figure = Figure(figsize=(WIDTH / 72, height / 72))
    left, wide = LEFT + _NAMES * INNER, (1 - _NAMES) * INNER
    top = height - LINE
    axes = figure.add_axes(
        (left / WIDTH, (top - down * tall) / height, wide / WIDTH, down * tall / height)
    )
    shown = table.loc[codes, codes[:-1]]
    digits = 2 if text_width("−0,00", SMALL) < wide / across else 1
    sns.heatmap(
        shown,
        mask=np.triu(np.ones(shown.shape, dtype=bool)) | shown.isna().to_numpy(),
        annot=shown.map(lambda x: number(float(x), lang, digits)),
        fmt="",
        cmap="vlag",
        vmin=-1.4,  # so that the ends are light enough for dark letters
        vmax=1.4,
        cbar=False,
        linewidths=1.5,
        annot_kws={"fontsize": SMALL, "color": INK},
        ax=axes,
    )
    axes.set_axis_off()

    def write(text: str, x: float, y: float, color: str) -> None:
        figure.text(x / WIDTH, 1 - y / height, text, fontsize=SMALL, color=color)

    for i in range(across):
        column = f"{i + 1}"
        middle = left + (i + 0.5) * wide / across - text_width(column, SMALL) / 2
        write(column, middle, LINE - 3, SOFT)
    for i, own in enumerate(lines):
        first = LINE + (i + 0.5) * tall - LINE * len(own) / 2
        for j, line in enumerate(own, start=1):
            write(line, LEFT, first + j * LINE - 4, INK)
    if demo:
        write("DEMO", WIDTH - text_width("DEMO", SMALL) - 4, height - 5, OTHERS)
    return figure


def places_moved(
    summary: pd.DataFrame, titles: Mapping[str, str], lang: Lang, demo: bool
) -> Figure | None:
    """Draw the places that cities move on average without each part, most first.

    ``summary`` is that of :class:`kpi_lib.analysis.leave_out.LeftOut`, ``titles`` name
    the parts. None where nothing moves.
    """
    moved = summary["mean_move"]
    moved = moved[moved > 0].head(_MOST)
    if moved.empty:
        return None
    rows = Rows(0.0, float(moved.max()))
    for code, places in moved.items():
        rows.gap(6)
        rows.label(titles[str(code)], [(number(float(places), lang, 2), CITY)])
        rows.bars([rows.band(12)], [float(places)], 10, CITY)
    axis = tr(lang, "Places moved, on average")
    return rows.finish(lang, axis, demo)
