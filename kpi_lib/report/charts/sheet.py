"""The sheet that a figure is drawn on: rows under one another over one horizontal scale.

Lines, bars and dots of one look are one path of matplotlib, and all texts one artist: axes with
their ticks and spines, and an artist for each mark, would cost several times what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, IdentityTransform

from kpi_lib.locale.catalogue import Lang
from kpi_lib.report.charts.style import (
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
    font,
    shorten,
    spread,
    text_width,
    tick_name,
    ticks,
    wrap,
)
from kpi_lib.report.letters import Align, OneLine, Writing

Array = npt.NDArray[np.float64]
Marks = npt.ArrayLike
"""A number for each mark, or one for all."""

_CIRCLE = Path.unit_circle()
_RING, _ROUND = np.asarray(_CIRCLE.vertices), np.asarray(_CIRCLE.codes).tolist()
_BOX = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
_STROKE = [Path.MOVETO, Path.LINETO]


class Rows:
    """Rows under one another over one horizontal scale.

    Heights are points from the upper edge down; ``y`` is where the next row begins. ``aside``
    is kept free left of the scale, for names. The figure has no axes: change what is on it by
    its ``artists``.
    """

    def __init__(self, low: float, high: float, aside: float = 0.0) -> None:
        """Begin a figure whose scale runs from ``low`` to ``high``."""
        self.figure = Figure(figsize=(WIDTH / 72, 1.0), facecolor="white")
        self.figure.set_layout_engine("none")
        self.low, self.high = low, high
        self.aside, self.width = aside, INNER - aside
        self._unit = self.width / (high - low)
        self.y = 0.0
        self._bands: list[tuple[float, float]] = []
        self._place = Affine2D()  # from points on the sheet to inches on the figure
        self._transform = self._place + self.figure.dpi_scale_trans
        self._lines: list[OneLine] = []
        self.figure.add_artist(Writing(self._lines, self._transform))

    def points(self, x: float) -> float:
        """Give the distance of a number on the scale from the left end of the scale."""
        return (x - self.low) * self._unit

    def write(
        self,
        text: str,
        x: float,
        y: float,
        align: Align = "left",
        color: str = INK,
        size: float = SMALL,
        bold: bool = False,
    ) -> None:
        """Write one line with its baseline at ``y``, ``x`` points right of the scale's left end."""
        if text:
            self._lines.append(OneLine(text, x, y, align, color, font(size, bold)))

    def label(
        self,
        text: str,
        cells: Iterable[tuple[str, str]] = (),
        column: float = 0.0,
        bold: bool = False,
    ) -> None:
        """Write the label of a row, as many lines as it needs, and step below it.

        ``cells`` are bold short texts with their colours at the right end, each in a column
        of the width ``column`` (0: as wide as its text).
        """
        taken = 0.0
        first = self.y + LINE - 3
        for cell, color in reversed(list(cells)):
            self.write(cell, self.width - taken, first, "right", color, LABEL, bold=True)
            taken += max(column, text_width(cell, LABEL, bold=True) + 14)
        for line in wrap(text, self.width - taken, LABEL, bold):
            self.write(line, 0, self.y + LINE - 3, size=LABEL, bold=bold)
            self.y += LINE

    def note(self, text: str, color: str = SOFT) -> None:
        """Write a smaller text across, and step below it."""
        for line in wrap(text, self.width, SMALL):
            self.write(line, 0, self.y + LINE - 3, color=color)
            self.y += LINE

    def place(self, labels: Iterable[tuple[float, str, str]]) -> None:
        """Write short labels (number on the scale, text, colour) at their numbers, kept apart."""
        kept = [(x, shorten(text, 0.55 * self.width), color) for x, text, color in labels if text]
        sizes = [text_width(text, SMALL) for _, text, _ in kept]
        centres = spread([self.points(x) for x, _, _ in kept], sizes, -4, self.width + 4)
        for centre, (_, text, color) in zip(centres, kept, strict=True):
            self.write(text, centre, self.y + LINE - 4, "center", color)
        self.y += LINE

    def bars(self, y: Marks, lengths: Marks, height: float, color: str, left: Marks = 0.0) -> None:
        """Draw bars of a height around ``y``, from ``left`` on; NaN draws none."""
        middle, start, long = _array(y), _array(left), _array(lengths)
        end = start + np.where(long == 0, np.nan, long)
        self.boxes(start, middle - height / 2, end, middle + height / 2, color)

    def boxes(
        self, left: Marks, top: Marks, right: Marks, bottom: Marks, color: str, **look: Any
    ) -> None:
        """Draw boxes of one colour by their edges; NaN draws none."""
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self._shapes(corners, _BOX, **{"facecolor": color, "linewidth": 0, "zorder": 1, **look})

    def across(
        self, y: Marks, left: Marks, right: Marks, color: str, width: float, zorder: float = 1
    ) -> None:
        """Draw a line at each ``y`` between numbers of the scale; NaN draws none."""
        self._strokes((left, y), (right, y), color, width, zorder)

    def upright(
        self, x: Marks, top: Marks, bottom: Marks, color: str, width: float, zorder: float = 2
    ) -> None:
        """Draw a line at each number of the scale between two heights; NaN draws none."""
        self._strokes((x, top), (x, bottom), color, width, zorder)

    def dots(
        self,
        x: Marks,
        y: Marks,
        fill: str = CITY,
        edge: str = "white",
        size: float = 9.2,
        stroke: float = 0.8,
    ) -> None:
        """Draw dots of a diameter, those of the city if nothing is said; NaN draws none."""
        middles = self._on_sheet(x, y)
        rings = middles[~np.isnan(middles).any(axis=1), None] + _RING * (size / 2)
        self._put(rings, _ROUND, facecolor=fill, edgecolor=edge, linewidth=stroke, zorder=4)

    def crowd(self, x: Marks, y: Marks) -> None:
        """Draw dots that are seen through: the more in a place, the darker."""
        dots = PathCollection(
            [_CIRCLE],
            sizes=[11.0],
            offsets=self._on_sheet(x, y),
            offset_transform=self._transform,
            facecolors=OTHERS,
            edgecolors="face",
            alpha=0.45,
            linewidths=0,
            zorder=1,
            transform=IdentityTransform(),
        )
        self.figure.add_artist(dots)

    def curve(self, x: Marks, y: Marks, color: str, width: float, **look: Any) -> None:
        """Draw a line through points; NaN interrupts it."""
        look = {"color": color, "linewidth": width, "solid_capstyle": "round", **look}
        line = Line2D(*self._on_sheet(x, y).T, transform=self._transform, **look)
        self.figure.add_artist(line)

    def area(self, x: Marks, low: Marks, high: Marks, color: str) -> None:
        """Fill what is between two curves; NaN interrupts it."""
        below, above = self._on_sheet(x, low), self._on_sheet(x, high)
        there = np.flatnonzero(~np.isnan(below + above).any(axis=1))
        for run in np.split(there, np.flatnonzero(np.diff(there) > 1) + 1):
            ring = np.concatenate([below[run], above[run[::-1]], below[run[:1]]])
            codes = [Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY]
            self._put(ring[None], codes, facecolor=color, linewidth=0, zorder=1)

    def band(self, height: float) -> float:
        """Keep a band for marks and step below it; give the y of its middle."""
        self.y += 2  # clear of the letters above
        self._bands.append((self.y, self.y + height))
        self.y += height
        return self.y - height / 2

    def gap(self, height: float = 9.0) -> None:
        """Leave room."""
        self.y += height

    def finish(self, lang: Lang, axis: str = "", demo: bool = False) -> Figure:
        """Draw the scale with the name ``axis`` (nothing where it is empty) and fit the height."""
        marks = ticks(self.low, self.high) if axis else []
        lines = [(x, *band) for x in marks for band in self._bands]
        if lines:
            at, top, bottom = np.transpose(lines)
            self.upright(at, top, bottom, FAINT, 0.8, zorder=0)
        for x in marks:
            self.write(tick_name(x, lang), self.points(x), self.y + 14, "center", SOFT)
        name = wrap(axis, INNER, SMALL) if axis else []
        for i, line in enumerate(name, start=1):
            middle = INNER / 2 - self.aside
            self.write(line, middle, self.y + 16 + LINE * i, "center", SOFT)
        below = (22 + LINE * len(name) if axis else 4) + (LINE if demo else 0)
        if demo:
            corner = WIDTH - 4 - LEFT - self.aside
            self.write("DEMO", corner, self.y + below - LINE + 10, "right", OTHERS)
        self._place.scale(1, -1).translate(LEFT + self.aside, self.y + below).scale(1 / 72)
        self.figure.set_figheight((4 + self.y + below) / 72)
        return self.figure

    def _on_sheet(self, x: Marks, y: Marks) -> Array:
        """Give numbers of the scale and heights as points of the sheet, a row for each."""
        placed = np.broadcast_arrays((_array(x) - self.low) * self._unit, _array(y))
        return np.column_stack(placed)

    def _strokes(
        self,
        begin: tuple[Marks, Marks],
        end: tuple[Marks, Marks],
        color: str,
        width: float,
        zorder: float,
    ) -> None:
        look = {"edgecolor": color, "linewidth": width, "zorder": zorder}
        self._shapes([begin, end], _STROKE, fill=False, **look)

    def _shapes(
        self, corners: Sequence[tuple[Marks, Marks]], codes: npt.ArrayLike, **look: Any
    ) -> None:
        """Draw shapes of the same codes, given by their first corners, their second and so on."""
        shapes = np.stack([self._on_sheet(*corner) for corner in corners], axis=1)
        self._put(shapes[~np.isnan(shapes).any(axis=(1, 2))], codes, **look)

    def _put(self, shapes: Array, codes: npt.ArrayLike, **look: Any) -> None:
        """Draw shapes (number, corner, x and y) as one path."""
        if len(shapes) and shapes.shape[1]:
            path = Path(shapes.reshape(-1, 2), np.tile(codes, len(shapes)))
            self.figure.add_artist(PathPatch(path, transform=self._transform, **look))


def _array(marks: Marks) -> Array:
    return np.asarray(marks, dtype=float)
