"""Figures over the periods: how scores moved, and which data there are.

See :mod:`kpi_lib.figures`, which gives these with the others.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from kpi_lib import shown
from kpi_lib.framework import TOTAL
from kpi_lib.score import Scoreboard
from kpi_lib.style import (
    CITY,
    FAINT,
    INK,
    INNER,
    LABEL,
    LEFT,
    LINE,
    OTHERS,
    SMALL,
    SOFT,
    WIDTH,
    Rows,
    mark_demo,
    score_axis,
    score_limits,
    spread,
    styled,
    text_width,
    tick_name,
    ticks,
    wrap,
)
from kpi_lib.view import CityView, view_of
from kpi_lib.words import Lang, percent, say

_LARGE, _SMALL = 150.0, 70.0  # heights of the panels of progress
_BELOW, _BETWEEN = 22.0, 22.0  # under a panel for its periods; between two panels

# Light enough throughout for a dark number in each cell.
_SHARES = LinearSegmentedColormap.from_list("shares", ["#F5F5F5", "#C6DCEC", "#86B9DC"])


@styled
def progress(board: Scoreboard, city: str, period: str, lang: Lang) -> Figure | None:
    """Draw the composite and the objectives over the city's periods, over the other cities.

    The band is the middle 80 % of the other cities and the grey line their median. Periods
    of the same kind (years, quarters or months) up to ``period``. None where no score can
    be followed over two periods.
    """
    view = view_of(board, city, period, lang)
    codes = shown.followed(view)
    if not codes:
        return None
    own = shown.series(view)[codes]
    bands = shown.others_over_time(view, codes)
    scale = score_limits(view, np.concatenate([own.to_numpy(), *(b.to_numpy() for b in bands)]))
    side = text_width(say(lang, "trung vị", "median"), SMALL) + 8
    axis = max(text_width(tick_name(x, lang), SMALL) for x in ticks(*scale, 4)) + 6

    small = [code for code in codes if code != TOTAL]
    half = (INNER - axis - _BETWEEN) / 2
    scores = {code: view.score(own[code].iloc[-1]) for code in small}
    titles = {
        code: wrap(view.title(code), half - text_width(scores[code], SMALL, bold=True) - 8, SMALL)
        for code in small
    }
    pairs = [small[i : i + 2] for i in range(0, len(small), 2)]
    heads = [LINE * max(len(titles[code]) for code in pair) + 6 for pair in pairs]
    first = LINE + 10 + _LARGE + _BELOW if TOTAL in codes else 4.0
    strip = LINE if board.observations.demo else 0.0
    sheet = _Sheet(first + sum(heads) + len(pairs) * (_SMALL + 12) + _BELOW + strip)

    if TOTAL in codes:
        sheet.write(f"{view.title(TOTAL)}, {score_axis(view).lower()}", 0, LINE, bold=True)
        wide = INNER - axis - side
        axes = sheet.panel(axis, LINE + 10, wide, _LARGE)
        _draw(axes, own[TOTAL], [band[TOTAL] for band in bands], scale)
        _mark(axes, view, scale, wide)
        _name_ends(axes, view, own[TOTAL], bands[1][TOTAL], scale)
    top = first
    for pair, head in zip(pairs, heads, strict=True):
        for i, code in enumerate(pair):
            left = axis + i * (half + _BETWEEN)
            for j, line in enumerate(titles[code]):
                sheet.write(line, left, top + head - 8 - LINE * (len(titles[code]) - 1 - j))
            sheet.write(scores[code], left + half, top + head - 8, bold=True, color=CITY, end=True)
            axes = sheet.panel(left, top + head, half, _SMALL)
            _draw(axes, own[code], [band[code] for band in bands], scale)
            _mark(axes, view, scale, half, scores=i == 0, periods=code in small[-2:])
        top += head + _SMALL + 12
    if board.observations.demo:
        mark_demo(sheet.figure, LINE)
    return sheet.figure


class _Sheet:
    """A figure of several panels, placed in points from its upper left corner."""

    def __init__(self, height: float) -> None:
        self.height = height
        self.figure = Figure(figsize=(WIDTH / 72, height / 72))

    def panel(self, left: float, top: float, width: float, height: float) -> Axes:
        bottom = 1 - (top + height) / self.height
        return self.figure.add_axes(
            ((LEFT + left) / WIDTH, bottom, width / WIDTH, height / self.height)
        )

    def write(
        self,
        text: str,
        left: float,
        top: float,
        bold: bool = False,
        color: str = INK,
        end: bool = False,
    ) -> None:
        self.figure.text(
            (LEFT + left) / WIDTH,
            1 - top / self.height,
            text,
            fontsize=LABEL if bold and not end else SMALL,
            fontweight="bold" if bold else "normal",
            color=color,
            ha="right" if end else "left",
        )


def _draw(
    axes: Axes, own: pd.Series[float], bands: list[pd.Series[float]], scale: tuple[float, float]
) -> None:
    """Draw a city's scores over the band and the median of the others; a gap is a gap."""
    x = [shown.when(str(period)) for period in own.index]
    low, median, high = bands
    axes.fill_between(x, low, high, color=FAINT, linewidth=0, zorder=1)
    axes.plot(x, median, color=OTHERS, linewidth=1.4, zorder=2)
    axes.plot(
        x, own, color=CITY, linewidth=2.2, marker="o", markersize=4.5, zorder=3, clip_on=False
    )
    axes.set_ylim(*scale)


def _mark(
    axes: Axes,
    view: CityView,
    scale: tuple[float, float],
    width: float,
    scores: bool = True,
    periods: bool = True,
) -> None:
    """Mark scores and periods, as many periods as there is room for, and name them if asked."""
    marks = ticks(*scale, 4)
    axes.hlines(
        marks, 0, 1, FAINT, linewidth=0.8, transform=axes.get_yaxis_transform(), clip_on=False
    )
    named = marks if scores else []  # a tick is slow to make: only where it is named
    axes.set_yticks(named, [tick_name(x, view.lang) for x in named])
    names = shown.same_kind(view)
    x = np.array([shown.when(name) for name in names])
    needed = max(text_width(name, SMALL) for name in names) + 8
    # Half a name fits in at either end.
    unit = (x[-1] - x[0]) / (width - needed)
    axes.set_xlim(x[0] - unit * needed / 2, x[-1] + unit * needed / 2)
    chosen = _clear(x, needed * unit) if periods else []
    axes.set_xticks(x[chosen], [names[i] for i in chosen])


def _clear(x: npt.NDArray[np.float64], distance: float) -> list[int]:
    """Choose the first, the last, and those between that keep a distance to all chosen."""
    last = len(x) - 1
    chosen = [0]
    for i in range(1, last):
        if x[i] - x[chosen[-1]] >= distance and x[last] - x[i] >= distance:
            chosen.append(i)
    return [*chosen, last]


def _name_ends(
    axes: Axes,
    view: CityView,
    own: pd.Series[float],
    median: pd.Series[float],
    scale: tuple[float, float],
) -> None:
    """Name the lines at their right ends."""
    ends = [(own.iloc[-1], view.score(own.iloc[-1]), CITY)]
    ends.append((median.iloc[-1], say(view.lang, "trung vị", "median"), SOFT))
    ends = [end for end in ends if pd.notna(end[0])]
    unit = _LARGE / (scale[1] - scale[0])
    centres = [(end[0] - scale[0]) * unit for end in ends]
    for centre, (_, text, color) in zip(
        spread(centres, [LINE] * len(ends), 0, _LARGE, gap=0), ends, strict=True
    ):
        axes.annotate(
            text,
            (1, centre / _LARGE),
            xytext=(7, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=color,
            fontsize=SMALL,
            fontweight="bold" if color == CITY else "normal",
        )


@styled
def availability(board: Scoreboard, city: str, period: str, lang: Lang) -> Figure | None:
    """Draw the share of each field's indicators that have a value, by period.

    A row for each field under its objective, a column for each of the city's last periods,
    as many as there is room for. None where the city has no value in any of them.
    """
    view = view_of(board, city, period, lang)
    column = text_width(period, SMALL) + 6
    most = int(0.62 * INNER // column)
    table = shown.observed(view, most)
    if not table.to_numpy().any():
        return None
    columns = len(table.columns)
    column = min(0.62 * INNER / columns, column + 14)
    aside = INNER - column * columns
    rows = Rows(0.0, float(columns), aside)
    for i, name in enumerate(table.columns):
        rows.write(str(name), (i + 0.5) * column, LINE - 4, "center", SOFT)
    rows.gap(LINE)
    cells: list[list[tuple[float, float]]] = []
    fields = zip(shown.fields(view), table.to_numpy(), strict=True)
    for objective, group in groupby(fields, key=lambda field: field[0][0]):
        members = list(group)
        title = view.title(objective)
        if [field for (_, field, _), _ in members] != [title]:
            for line in wrap(title, INNER, SMALL, bold=True):
                rows.write(line, -aside, rows.y + LINE - 2, bold=True)
                rows.gap(LINE)
            rows.gap(4)
        for (_, field, _), shares in members:
            lines = wrap(field, aside - 8, SMALL)
            tall = LINE * len(lines) + 5
            for j, line in enumerate(lines):
                rows.write(line, -aside, rows.y + LINE * (j + 1) - 2)
            for x, share in enumerate(shares):
                rows.write(
                    percent(share, lang).rstrip("%\N{NO-BREAK SPACE}"),
                    (x + 0.5) * column,
                    rows.y + tall / 2 + 4,
                    "center",
                    INK,
                )
                top, bottom = rows.y, rows.y + tall
                cells.append([(x, top), (x + 1, top), (x + 1, bottom), (x, bottom)])
            rows.gap(tall)
        rows.gap(3)
    mosaic = PolyCollection(
        cells, array=table.to_numpy().ravel(), cmap=_SHARES, edgecolors="white", linewidths=1.5
    )
    mosaic.set_clim(0, 1)
    rows.axes.add_collection(mosaic, autolim=False)
    rows.gap(2)
    rows.write(
        say(
            lang,
            "Tỷ lệ chỉ số có số liệu trong lĩnh vực (%)",
            "Share of the field's indicators with a value (%)",
        ),
        -aside,
        rows.y + LINE - 4,
        color=SOFT,
    )
    rows.gap(LINE)
    return rows.finish(lang, "", board.observations.demo)
