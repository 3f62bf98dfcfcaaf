"""A piece of a report: a table that shows itself as a part of the page, and draws itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol, Self

import matplotlib.pyplot as plt
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from kpi_lib.locale.catalogue import SOURCE, Lang
from kpi_lib.report.page.axes import chart_axes, figure_of, save_chart
from kpi_lib.report.page.html import Fragment, joined
from kpi_lib.report.page.page_data import MIME, payload
from kpi_lib.report.page.sentences import Sentence
from kpi_lib.report.page.templating import style
from kpi_lib.report.page.theme import use_style
from kpi_lib.scoring.scoreboard import Scoreboard

Draw = Callable[[Axes], None]


class _View(Protocol):
    """What a section shows: of which scores, in which language."""

    @property
    def board(self) -> Scoreboard: ...

    @property
    def lang(self) -> Lang: ...


MOST_ROWS = 40
"""Rows that the height of a new figure grows with."""


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
    beside
        Further tables that the HTML shows, by name.

    Attributes
    ----------
    name
        The section of a report that the piece is; "" of one's own pieces.
    """

    name = ""

    def __init__(
        self,
        data: pd.DataFrame,
        html: str,
        sentences: Iterable[Sentence] = (),
        text: str = "",
        beside: Mapping[str, pd.DataFrame] | None = None,
    ) -> None:
        self.beside = dict(beside or {})
        self.data = data.copy()
        self.html = Markup(html)
        self.sentences = tuple(sentences)
        self.text = text or "\n".join(map(str, self.sentences))

    def __repr__(self) -> str:
        """Plain text; of a piece without any, its data."""
        return self.text or repr(self.data)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The data of a section, which go beside the page; how it is shown stands below."""
        if not self.name:
            return {}
        return {MIME: payload({self.name: self.data, **self.beside}, self.sentences)}

    def _repr_html_(self) -> str:
        """The piece in a box of its own, with the style where this notebook does not have it."""
        return f'<div class="kpi">{_style_once(self.html)}{self.html}</div>'


class ChartPiece(Piece):
    """A piece that can also be drawn on axes of one's own, and saved as a picture.

    ``demo`` says that its figures are made up: then a new figure says DEMO. Its numbers have the
    decimal mark of the language ``lang``.
    """

    def __init__(
        self,
        data: pd.DataFrame,
        html: str,
        draw: Draw,
        sentences: Iterable[Sentence] = (),
        text: str = "",
        demo: bool = False,
        beside: Mapping[str, pd.DataFrame] | None = None,
        lang: Lang = SOURCE,
    ) -> None:
        super().__init__(data, html, sentences, text, beside)
        self._draw, self._demo, self._lang = draw, demo, lang
        self._height = max(2.0, 0.45 * min(len(data), MOST_ROWS) + 1)

    @classmethod
    def of(
        cls,
        view: _View,
        data: pd.DataFrame,
        html: str,
        draw: Draw,
        sentences: Iterable[Sentence] = (),
        text: str = "",
        beside: Mapping[str, pd.DataFrame] | None = None,
    ) -> Self:
        """A section of a view: in its language, and DEMO where its figures are made up."""
        demo = view.board.observations.demo
        return cls(data, html, draw, sentences, text, demo, beside, view.lang)

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
            ax = chart_axes("", self._demo, self._height, self._lang)
        self._draw(ax)
        return ax

    def save(self, path: str | Path) -> None:
        """Write the piece as a picture in the look of the pages: SVG or PNG, by the ending.

        Raises :class:`InputError` for another ending.
        """
        with plt.rc_context():
            use_style()
            ax = self.plot()
            save_chart(ax, path)
            plt.close(figure_of(ax))


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
