"""Axes of a chart as wide as the page, short names beside them, and the chart as a file."""

from __future__ import annotations

import textwrap
from html import escape
from pathlib import Path
from typing import cast

import matplotlib.pyplot as plt
from babel.numbers import get_decimal_symbol
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from kpi_lib.io.store import write_whole
from kpi_lib.io.tables.export import check_ending
from kpi_lib.locale.catalogue import SOURCE, Lang
from kpi_lib.report.page.figures import TRACES, Chart, picture
from kpi_lib.report.page.inline_svg import inline

WIDTH = 9.0
"""Width of a chart in inches: that of the page."""


class _Numbers(ScalarFormatter):
    """matplotlib's own numbers, with the decimal mark of a language."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self._mark = mark

    def __call__(self, x: float, pos: int | None = None) -> str:
        return super().__call__(x, pos).replace(".", self._mark)


def chart_axes(title: str, demo: bool, height: float = 4.0, lang: Lang = SOURCE) -> Axes:
    """Axes of a new figure as wide as the page; of made-up figures the title says DEMO.

    ``height`` is in inches. Numbers have the decimal mark of the language ``lang``.
    """
    _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained", FigureClass=Chart)
    text = ": ".join(part for part in ("DEMO" if demo else "", title) if part)
    ax.set_title(text, loc="left")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(_Numbers(get_decimal_symbol(lang)))
        axis.isDefault_majfmt = True  # names of places and parts are written as they are
    return ax


def shorten(name: str, width: int = 38) -> str:
    """A name in at most two lines of so many letters."""
    return "\n".join(textwrap.wrap(name, width, max_lines=2, placeholder=" …"))


def as_bytes(ax: Axes, ending: str = ".svg") -> bytes:
    """The figure of some axes as SVG, its text as text, or as PNG; the same chart, the same bytes.

    ``ending`` is that of a file: ``.svg`` or ``.png``.
    """
    return picture(figure_of(ax), ending)


def save_chart(ax: Axes, path: str | Path) -> None:
    """Write the figure of some axes as SVG or PNG, by the ending of the path.

    Raises :class:`InputError` for another ending.
    """
    file = Path(path)
    check_ending(file, tuple(TRACES))
    write_whole(file, as_bytes(ax, file.suffix.lower()))


def figure_of(ax: Axes) -> Figure:
    """The figure that some axes are of."""
    return cast(Figure, ax.figure)


def figure_html(ax: Axes, name: str, alt: str, caption: str = "") -> Markup:
    """The figure of some axes in the colours of the page, under an id that no other has."""
    drawing = inline(as_bytes(ax).decode(), name, alt)
    label = escape(caption or alt)
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return Markup(
        f'<figure><div class="scroll" role="group" tabindex="0" aria-label="{label}">{drawing}'
        f"</div>{below}</figure>"
    )
