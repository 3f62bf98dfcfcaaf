"""A folded section: sentences and a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.templating import render
from kpi_lib.report.sections import listings


def folded(
    lang: Lang,
    anchor: str,
    title: str,
    texts: Sequence[str],
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    data: pd.DataFrame,
    *,
    numeric: Iterable[int] | None = None,
    caption: str = "",
    nothing: str = "",
) -> Piece:
    """A folded section: sentences and a table, of which ``data`` is all.

    ``nothing`` is said where there are no rows.
    """
    columns = set(range(1, len(heads)) if numeric is None else numeric)
    body = listings.table(caption or title, heads, rows, numeric=columns) if rows else None
    said = list(texts)
    if body is None:
        said.append(nothing or tr(lang, "Nothing to look at."))
    html = render(
        "sections/folded.html.j2",
        lang,
        anchor=anchor,
        title=title,
        texts=said,
        body=body.html if body else "",
    )
    return Piece(data, html, text="\n\n".join([title, *said, *([body.text] if body else [])]))
