"""Figures as files and as notebooks show them: the same chart, the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import Bbox

# What would differ from day to day and from version to version.
TRACES: dict[str, tuple[str, ...]] = {
    ".svg": ("Creator", "Date", "Format", "Type"),
    ".png": ("Software",),
}
"""Facts that a picture is written without, by the ending of its file."""

_EDGE = 0.1
"""Inches left free around a chart."""

_WIDER = 1.1
"""How much wider labels may be where the typeface is not installed, as beside JupyterLab."""


class Chart(Figure):
    """A figure that a notebook shows as it is written to a file: as wide as the page."""


def chart_svg(chart: Figure) -> str:
    """Write a figure as the text of an SVG, as notebooks show it."""
    return picture(chart, ".svg").decode()


def picture(figure: Figure, ending: str) -> bytes:
    """Write a figure as SVG, its text as text, or as PNG, by the ending of a file."""
    written, nothing = io.BytesIO(), dict.fromkeys(TRACES[ending])
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "kpi"}), _laid_out(figure):
        figure.savefig(written, format=ending[1:], metadata=nothing)
    return written.getvalue()


@contextmanager
def _laid_out(figure: Figure) -> Iterator[None]:
    """Place the axes so that what stands around them just fits into the figure.

    A single pair of axes is measured once. matplotlib measures it twice and draws the figure once
    more than it shows it, which is more than half of the time of a chart.
    """
    engine = figure.get_layout_engine()
    if not isinstance(engine, ConstrainedLayoutEngine) or len(figure.axes) != 1:
        yield
        return
    (ax,) = figure.axes
    around, own = ax.get_tightbbox(for_layout_only=True), ax.get_window_extent()
    if around is None:  # axes that are not shown
        yield
        return
    free = figure.bbox.padded(-_EDGE * figure.dpi)
    lower = (free.x0 + _WIDER * (own.x0 - around.x0), free.y0 + own.y0 - around.y0)
    upper = (free.x1 + own.x1 - around.x1, free.y1 + own.y1 - around.y1)
    ax.set_position(Bbox([lower, upper]).transformed(figure.transFigure.inverted()))
    ax.set_in_layout(True)  # for the next time, when there may be more axes
    figure.set_layout_engine(None)
    try:
        yield
    finally:
        figure.set_layout_engine(engine)
