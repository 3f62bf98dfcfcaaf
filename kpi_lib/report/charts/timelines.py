"""Figures over the periods: how scores moved, and which data there are.

See :mod:`kpi_lib.report.charts.figures`, which gives these with the others.
"""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure

from kpi_lib.analysis.changes import new_sets
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import percent
from kpi_lib.report.charts.sheet import Rows
from kpi_lib.report.charts.style import (
    CITY,
    FAINT,
    INK,
    INNER,
    LABEL,
    LINE,
    OTHERS,
    SMALL,
    SOFT,
    score_axis,
    score_limits,
    spread,
    text_width,
    tick_name,
    ticks,
    wrap,
)
from kpi_lib.report.sections import shown
from kpi_lib.report.view import CityView, view_of
from kpi_lib.scoring.scoreboard import Scoreboard

Array = npt.NDArray[np.float64]

_LARGE, _SMALL = 150.0, 70.0  # heights of the panels of progress
_BELOW, _BETWEEN = 22.0, 22.0  # under a panel for its periods; between two panels
_HALF_LETTER = 4.0  # from the middle of a small letter to its baseline

# Light enough throughout for a dark number in each cell.
_SHARES = LinearSegmentedColormap.from_list("shares", ["#F5F5F5", "#C6DCEC", "#86B9DC"])


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
    side = text_width(tr(lang, "median"), SMALL) + 8
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
    rows = Rows(0.0, INNER)
    panels = _Panels(rows, view, scale)
    if TOTAL in codes:
        rows.write(
            f"{view.title(TOTAL)}, {score_axis(view).lower()}", 0, LINE, size=LABEL, bold=True
        )
        wide = INNER - axis - side
        place = _Place(axis, LINE + 10, wide, _LARGE)
        panels.draw(place, own[TOTAL], [band[TOTAL] for band in bands])
        panels.mark(place)
        panels.name_ends(place, own[TOTAL], bands[1][TOTAL])
    rows.y = LINE + 10 + _LARGE + _BELOW if TOTAL in codes else 4.0
    for pair, head in zip(pairs, heads, strict=True):
        for i, code in enumerate(pair):
            place = _Place(axis + i * (half + _BETWEEN), rows.y + head, half, _SMALL)
            baseline = place.top - 8
            for j, line in enumerate(titles[code]):
                up = LINE * (len(titles[code]) - 1 - j)
                rows.write(line, place.left, baseline - up)
            rows.write(scores[code], place.left + half, baseline, "right", CITY, bold=True)
            panels.draw(place, own[code], [band[code] for band in bands])
            panels.mark(place, scores=i == 0, periods=code in small[-2:])
        rows.gap(head + _SMALL + 12)
    rows.gap(_BELOW - 4)
    panels.finish()
    return rows.finish(lang, "", board.observations.demo)


class _Place(NamedTuple):
    """Where a panel is, in points from the upper left corner."""

    left: float
    top: float
    width: float
    height: float


class _Panels:
    """Several small diagrams of scores over the periods, on one sheet."""

    def __init__(self, rows: Rows, view: CityView, scale: tuple[float, float]) -> None:
        self._rows, self._view, self._scale = rows, view, scale
        self._names = shown.same_kind(view)
        self._times: Array = np.array([shown.when(name) for name in self._names])
        self._room = max(text_width(name, SMALL) for name in self._names) + 8
        self._lines: list[tuple[float, float, float]] = []
        # Of all panels, one after the other, with a gap between: x, city, low, median, high.
        self._drawn: list[Array] = []
        self._new_sets: list[tuple[float, float]] = []

    def draw(self, place: _Place, own: pd.Series[float], bands: list[pd.Series[float]]) -> None:
        """Draw a city's scores over the band and the median of the others; a gap is a gap."""
        columns = [self._y(place, series.to_numpy(dtype=float)) for series in (own, *bands)]
        x = self._x(place)
        panel = np.vstack([x, *columns])
        view = self._view
        new = new_sets(view.board, view.city, self._names, str(own.name))
        self._new_sets += zip(x[new].tolist(), columns[0][new].tolist(), strict=True)
        self._drawn.append(np.append(panel, np.full((len(panel), 1), np.nan), axis=1))

    def mark(self, place: _Place, scores: bool = True, periods: bool = True) -> None:
        """Mark scores and name scores and periods if asked, as many as there is room for."""
        for score in ticks(*self._scale, 4):
            y = float(self._y(place, score))
            self._lines.append((y, place.left, place.left + place.width))
            if scores:
                name = tick_name(score, self._view.lang)
                self._rows.write(name, place.left - 3, y + _HALF_LETTER, "right", SOFT)
        x = self._x(place)
        for i in _clear(x, self._room) if periods else []:
            below = place.top + place.height + 14
            self._rows.write(self._names[i], float(x[i]), below, "center", SOFT)

    def name_ends(self, place: _Place, own: pd.Series[float], median: pd.Series[float]) -> None:
        """Name the lines at their right ends."""
        view = self._view
        ends = [(own.iloc[-1], view.score(own.iloc[-1]), CITY)]
        ends.append((median.iloc[-1], tr(view.lang, "median"), SOFT))
        ends = [end for end in ends if pd.notna(end[0])]
        low, high = place.top, place.top + place.height
        centres = [float(self._y(place, end[0])) for end in ends]
        centres = spread(centres, [LINE] * len(ends), low, high, gap=0)
        for y, (_, text, color) in zip(centres, ends, strict=True):
            right = place.left + place.width + 7
            self._rows.write(text, right, y + _HALF_LETTER, "left", color, bold=color == CITY)

    def finish(self) -> None:
        """Put all panels into the figure."""
        rows = self._rows
        heights, left, right = np.transpose(self._lines)
        rows.across(heights, left, right, FAINT, 0.8, zorder=0)
        x, own, low, median, high = np.hstack(self._drawn)
        rows.area(x, low, high, FAINT)
        rows.curve(x, median, OTHERS, 1.4)
        rows.curve(x, own, CITY, 2.2, marker="o", markersize=4.5, zorder=3)
        if self._new_sets:
            across, heights = zip(*self._new_sets, strict=True)
            rows.dots(across, heights, fill="white", edge=CITY, size=7.5, stroke=1.6)
            rows.gap(4)
            rows.note(
                tr(
                    self._view.lang,
                    "Hollow dots: other indicators count than in the period before.",
                )
            )

    def _x(self, place: _Place) -> Array:
        """Give the periods' places; half a name fits in at either end."""
        first, last = self._times[0], self._times[-1]
        share: Array = (self._times - first) / (last - first)
        x: Array = place.left + self._room / 2 + share * (place.width - self._room)
        return x

    def _y(self, place: _Place, scores: npt.ArrayLike) -> Array:
        low, high = self._scale
        share: Array = (high - np.asarray(scores, dtype=float)) / (high - low)
        return place.top + place.height * share


def _clear(x: Array, distance: float) -> list[int]:
    """Choose the first, the last, and those between that keep a distance to all chosen."""
    last = len(x) - 1
    chosen = [0]
    for i in range(1, last):
        if x[i] - x[chosen[-1]] >= distance and x[last] - x[i] >= distance:
            chosen.append(i)
    return [*chosen, last]


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
    cells: list[tuple[float, float, float, float]] = []
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
                cells.append((x, rows.y, x + 1, rows.y + tall))
            rows.gap(tall)
        rows.gap(3)
    edges, shares = np.array(cells), table.to_numpy(dtype=float).ravel()
    for share in np.unique(shares):
        left, top, right, bottom = edges[shares == share].T
        color = to_hex(_SHARES(share))
        rows.boxes(left, top, right, bottom, color, edgecolor="white", linewidth=1.5)
    rows.gap(2)
    rows.write(
        tr(lang, "Share of the field's indicators with a value (%)"),
        -aside,
        rows.y + LINE - 4,
        color=SOFT,
    )
    rows.gap(LINE)
    return rows.finish(lang, "", board.observations.demo)
