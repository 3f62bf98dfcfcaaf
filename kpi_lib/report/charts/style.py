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
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator

from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import amount, word
from kpi_lib.report.letters import Font
from kpi_lib.report.view import CityView

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
    return font(size, bold).width(text)


@lru_cache(maxsize=64)
def font(size: float, bold: bool = False) -> Font:
    """Give the letters of the figures."""
    weight = "bold" if bold else "normal"
    return Font.of(FontProperties(family=_FAMILY, size=size, weight=weight))


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
    if view.in_shares:
        return tr(view.lang, "Share of the maximum points (%)")
    return name if view.top is None else f"{name} (0–{amount(view.top, view.lang)})"
