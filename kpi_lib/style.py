"""How figures look: width, colours and letters, and labels that keep clear of each other.

All lengths are points (1/72 inch). A figure is as wide as the text of a page; its height
grows with what it shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator

from kpi_lib.letters import EM, Align, OneLine, face
from kpi_lib.view import CityView
from kpi_lib.words import Lang, amount, word

P = ParamSpec("P")
R = TypeVar("R")

WIDTH = 5.6 * 72
LEFT, RIGHT = 12.0, 18.0
"""Margins: half a tick label fits into each."""
INNER = WIDTH - LEFT - RIGHT

# Blue and vermillion of Okabe and Ito (2008), "Color Universal Design"; the vermillion is
# darkened so that letters in it have a contrast of 4.5 to white.
CITY, BELOW = "#0072B2", "#B84B00"
PALE = "#BFD9EA"
INK, SOFT, OTHERS, FAINT = "#222222", "#595959", "#767676", "#DDDDDD"

LABEL, SMALL = 11.0, 10.5
LINE = 15.0
"""From one baseline to the next: room for Vietnamese capitals with two marks."""

_FAMILY = "DejaVu Sans"

_STYLE: dict[Any, Any] = {
    "font.family": _FAMILY,
    "font.size": LABEL,
    "text.color": INK,
    "text.parse_math": False,  # a $ in a name is a $
    "figure.facecolor": "white",
    "figure.constrained_layout.use": False,
    "figure.autolayout": False,
    "axes.facecolor": "none",
    "axes.grid": False,
    "axes.axisbelow": True,
    "lines.solid_capstyle": "round",
}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function under the style and leave the settings of matplotlib as they were."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        with matplotlib.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return drawn


@lru_cache(maxsize=50_000)
def text_width(text: str, size: float = LABEL, bold: bool = False) -> float:
    """Give the width of one line of text."""
    return face(font(size, bold)).line(text)[1] * size / EM


@lru_cache(maxsize=64)
def font(size: float, bold: bool = False) -> FontProperties:
    """Give the letters of the figures."""
    return FontProperties(family=_FAMILY, size=size, weight="bold" if bold else "normal")


def learn_letters(texts: Iterable[str]) -> None:
    """Measure texts in both weights, so that who draws them finds their letters known."""
    for text in texts:
        for bold in (False, True):
            text_width(text, bold=bold)


def wrap(text: str, width: float, size: float = LABEL, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than ``width``, between words where it can."""
    lines = [""]
    for part in re.findall(r"[^ \t\r\n]+", text):  # a no-break space keeps a unit at its number
        longer = f"{lines[-1]} {part}".strip()
        if not lines[-1] or text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
        while text_width(lines[-1], size, bold) > width and len(lines[-1]) > 1:
            # A word wider than the line (a code, an address) is broken where it is full.
            whole = lines[-1]
            fits = [n for n in range(1, len(whole)) if text_width(whole[:n], size, bold) <= width]
            cut = max(fits, default=1)
            lines[-1:] = [whole[:cut], whole[cut:]]
    return lines


def shorten(text: str, width: float, size: float = SMALL) -> str:
    """Cut a text that is wider than ``width``, and say so with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    return wrap(text, width - text_width("…", size), size)[0] + "…"


def spread(
    centres: Sequence[float], sizes: Sequence[float], low: float, high: float, gap: float = 6.0
) -> list[float]:
    """Move labels of given centres and sizes apart, as little as that takes, within low–high."""
    order = np.argsort(centres, kind="stable")
    placed = [float(c) for c in centres]
    edge = low
    for i in order:
        placed[i] = max(placed[i], edge + sizes[i] / 2)
        edge = placed[i] + sizes[i] / 2 + gap
    edge = high
    for i in order[::-1]:
        placed[i] = min(placed[i], edge - sizes[i] / 2)
        edge = placed[i] - sizes[i] / 2 - gap
    return placed


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Give about ``count`` round numbers between two limits."""
    found = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = (high - low) * 1e-9
    return [float(x) for x in found if low - slack <= x <= high + slack]


def tick_name(x: float, lang: Lang) -> str:
    """Write a number of a scale, with a real minus."""
    return amount(x, lang).replace("-", "\N{MINUS SIGN}")


def score_limits(view: CityView, scores: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Give the ends of a scale for scores: the framework's where it has some, else those seen."""
    seen = scores[~np.isnan(scores)]
    low, high = float(seen.min()), float(seen.max())
    if view.top is not None and low >= 0 and high <= view.top:
        return 0.0, view.top
    room = 0.05 * (high - low) or 1.0
    return low - room, high + room


def score_axis(view: CityView) -> str:
    """Name the scale of scores, with its ends where it has some."""
    name = word("score", view.lang)
    return name if view.top is None else f"{name} (0–{amount(view.top, view.lang)})"


def mark_demo(figure: Figure, top: float) -> None:
    """Say DEMO in the lower right corner; ``top`` is the height of the strip kept for it."""
    height = figure.get_figheight() * 72
    figure.text(
        1 - 4 / WIDTH, (top - 10) / height, "DEMO", ha="right", fontsize=SMALL, color=OTHERS
    )


class Rows:
    """Rows under one another over one horizontal scale.

    The axes' y runs down in points; ``y`` is where the next row begins. ``aside`` is kept
    free left of the scale, for names.
    """

    def __init__(self, low: float, high: float, aside: float = 0.0) -> None:
        """Begin a figure whose scale runs from ``low`` to ``high``."""
        self.figure = Figure(figsize=(WIDTH / 72, 1.0))
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()  # its ticks are slow to make; the scale is drawn at the end
        self.low, self.high = low, high
        self.aside, self.width = aside, INNER - aside
        self.y = 0.0
        self._bands: list[tuple[float, float]] = []
        self.axes.set_xlim(low, high)

    def points(self, x: float) -> float:
        """Give the distance of a number on the scale from the left end of the scale."""
        return (x - self.low) / (self.high - self.low) * self.width

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
        at = self.low + x * (self.high - self.low) / self.width
        line = OneLine(text, at, y, align, color, font(size, bold))
        line.set_transform(self.axes.transData)
        self.figure.add_artist(line)

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

    def bars(
        self,
        y: Iterable[float],
        lengths: Iterable[float],
        height: float,
        color: str,
        left: Iterable[float] | None = None,
    ) -> None:
        """Draw bars of a height at places on the axis, from ``left`` (0) on; NaN draws none."""
        to = np.array(list(lengths), dtype=float)
        start = np.zeros(len(to)) if left is None else np.array(list(left), dtype=float)
        middle = np.array(list(y), dtype=float)
        low, high, end = middle - height / 2, middle + height / 2, start + to
        corners = [(start, low), (end, low), (end, high), (start, high)]
        boxes = np.stack([np.column_stack(corner) for corner in corners], axis=1)
        there = ~np.isnan(boxes).any(axis=(1, 2)) & (to != 0)
        drawn = PolyCollection(boxes[there], facecolors=color, linewidths=0, zorder=1)
        self.axes.add_collection(drawn, autolim=False)

    def dots(
        self, x: Iterable[float], y: Iterable[float], hollow: bool = False, size: float = 85
    ) -> None:
        """Draw the dots of the city, or of its targets (hollow); NaN draws none."""
        self.axes.scatter(
            list(x),
            list(y),
            s=size * 0.7 if hollow else size,
            color="none" if hollow else CITY,
            edgecolors=INK if hollow else "white",
            linewidths=1.5 if hollow else 0.8,
            zorder=4,
            clip_on=False,
        )

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
            self.axes.vlines(*np.transpose(lines), color=FAINT, linewidth=0.8, zorder=0)
        for x in marks:
            self.write(tick_name(x, lang), self.points(x), self.y + 14, "center", SOFT)
        name = wrap(axis, INNER, SMALL) if axis else []
        for i, line in enumerate(name, start=1):
            middle = INNER / 2 - self.aside
            self.write(line, middle, self.y + 16 + LINE * i, "center", SOFT)
        below = (22 + LINE * len(name) if axis else 4) + (LINE if demo else 0)
        height = 4 + self.y + below
        self.figure.set_figheight(height / 72)
        self.axes.set_ylim(self.y, 0)
        self.axes.set_position(
            (
                (LEFT + self.aside) / WIDTH,
                below / height,
                self.width / WIDTH,
                self.y / height,
            )
        )
        if demo:
            mark_demo(self.figure, LINE)
        return self.figure
