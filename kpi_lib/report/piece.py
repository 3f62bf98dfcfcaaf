"""A piece of a report: a table that shows itself as a part of the page, and draws itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import matplotlib.pyplot as plt
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from kpi_lib.report.html import Fragment, joined
from kpi_lib.report.sentences import Sentence
from kpi_lib.report.templating import style

Draw = Callable[[Axes], None]


class Piece:
    """A part of a report as data, as HTML and as plain text.

    Parameters
    ----------
    data
        What the piece shows, as a table with plain column names. Yours to change: the piece
        keeps what it shows.
    html
        The piece as HTML, escaped.
    sentences
        The sentences in it, each with the values that it names.
    text
        Plain text for where HTML is not shown; without it, the sentences.
    """

    def __init__(
        self,
        data: pd.DataFrame,
        html: str,
        sentences: Iterable[Sentence] = (),
        text: str = "",
    ) -> None:
        self.data = data.copy()
        self.html = Markup(html)
        self.sentences = tuple(sentences)
        self.text = text or "\n".join(map(str, self.sentences))

    def __repr__(self) -> str:
        """Plain text; of a piece without any, its data."""
        return self.text or repr(self.data)

    def _repr_html_(self) -> str:
        """The piece in a box of its own, with the style where this notebook does not have it."""
        return f'<div class="kpi">{_style_once(self.html)}{self.html}</div>'


class ChartPiece(Piece):
    """A piece that can also be drawn on axes of one's own."""

    def __init__(
        self,
        data: pd.DataFrame,
        html: str,
        draw: Draw,
        sentences: Iterable[Sentence] = (),
        text: str = "",
    ) -> None:
        super().__init__(data, html, sentences, text)
        self._draw = draw

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the piece with matplotlib.

        Parameters
        ----------
        ax
            Axes to draw on; without them, those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            The axes, to be altered, annotated and saved.
        """
        if ax is None:
            _, ax = plt.subplots(figsize=(8, max(2.0, 0.45 * len(self.data) + 1)))
        self._draw(ax)
        return ax


def piece_of(data: pd.DataFrame, *fragments: Fragment | None) -> Piece:
    """One piece of several fragments, those that are None left out, and of their data."""
    whole = joined(*fragments)
    return Piece(data, whole.html, text=whole.text)


_brought_by: str | None = None


def _style_once(html: str) -> str:
    """The style for the first piece that is shown in a process, and when that is shown again."""
    global _brought_by
    if _brought_by is None:
        _brought_by = html
    return style() if html == _brought_by else ""


def style_anew() -> None:
    """Let the next piece bring the style: what was shown before was in another notebook."""
    global _brought_by
    _brought_by = None
