"""What a notebook shows: escaped HTML fragments and drawings with a text alternative.

Both display the same in JupyterLab, in an executed notebook and on the exported page.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.report.page.axes import as_bytes, figure_of, save_chart

Bundle = tuple[dict[str, str], dict[str, Any]]


class Fragment:
    """A piece of HTML, with plain text for where HTML is not shown.

    ``html`` must be escaped already: see :func:`heading` and :func:`paragraph`.
    """

    def __init__(self, html: str, text: str) -> None:
        """Keep the two forms."""
        self.html, self.text = html, text

    def __repr__(self) -> str:
        """Give the plain text."""
        return self.text

    def _repr_html_(self) -> str:
        return self.html


class Drawing:
    """A chart with an alternative text and a caption, both plain; ``ax`` is yours to alter.

    ``data`` is what it shows.
    """

    def __init__(
        self, ax: Axes, alt: str, caption: str = "", data: pd.DataFrame | None = None
    ) -> None:
        """Keep the axes; their figure is shown by this only, not by the notebook once more."""
        self.ax, self.alt, self.caption = ax, alt, caption
        self.data = pd.DataFrame() if data is None else data.copy()
        plt.close(figure_of(ax))

    @property
    def svg(self) -> str:
        """The chart as SVG, as it is now."""
        return as_bytes(self.ax).decode()

    def save(self, path: str | Path) -> None:
        """Write the chart as SVG or PNG, by the ending of the path."""
        save_chart(self.ax, path)

    def __repr__(self) -> str:
        """Give the alternative text."""
        return self.alt

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        data = {"image/svg+xml": self.svg, "text/plain": self.alt}
        return data, {"image/svg+xml": {"alt": self.alt, "caption": self.caption}}


def heading(text: str, anchor: str, level: int = 2) -> Fragment:
    """Give a heading; ``anchor`` is its id, by which the table of contents links to it."""
    html = f'<h{level} id="{escape(anchor)}">{escape(text)}</h{level}>'
    return Fragment(html, text)


def paragraphs(*texts: str, css: str = "") -> Fragment:
    """Give one paragraph for each non-empty plain text."""
    kept = [text for text in texts if text]
    attribute = f' class="{escape(css)}"' if css else ""
    html = "\n".join(f"<p{attribute}>{escape(text)}</p>" for text in kept)
    return Fragment(html, "\n\n".join(kept))


def bullets(*texts: str) -> Fragment:
    """Give a list with one item for each plain text."""
    html = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return Fragment(f"<ul>{html}</ul>", "\n".join(f"- {text}" for text in texts))


def joined(*fragments: Fragment | None) -> Fragment:
    """Give several fragments as one, those that are None left out."""
    kept = [fragment for fragment in fragments if fragment is not None]
    return Fragment("\n".join(f.html for f in kept), "\n\n".join(f.text for f in kept))


def scrolled(table: Fragment, name: str) -> Fragment:
    """Put a wide table into a region that scrolls, and that the keyboard reaches by its name."""
    opening = f'<div class="scroll" role="group" tabindex="0" aria-label="{escape(name)}">'
    return Fragment(f"{opening}{table.html}</div>", table.text)


def facts(*pairs: tuple[str, str, str]) -> Fragment:
    """Give key figures to be read at a glance: label, figure, and what is small behind it."""
    items = "".join(
        f"<div><dt>{escape(label)}</dt>"
        f"<dd>{escape(figure)} <small>{escape(rest)}</small></dd></div>"
        for label, figure, rest in pairs
    )
    text = "\n".join(f"{label}: {figure} {rest}".strip() for label, figure, rest in pairs)
    return Fragment(f'<dl class="facts">{items}</dl>', text)
