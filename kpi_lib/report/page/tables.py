"""Plain tables of texts: a row becomes a card where the page is narrow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from kpi_lib.locale.catalogue import SOURCE, Lang
from kpi_lib.locale.words import number
from kpi_lib.report.labels import LABELS, label
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.templating import render


@dataclass(frozen=True)
class Row:
    """Cells of a row, the first its heading; ``kind`` is ``group`` for the head of rows below."""

    cells: Sequence[str]
    kind: str = ""


def table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str] | Row],
    numeric: Collection[int] = (),
) -> Markup:
    """A table of texts under a caption; ``numeric`` are the columns set flush right."""
    given = [row if isinstance(row, Row) else Row(row) for row in rows]
    return render(
        "sections/table.html.j2", SOURCE, caption=caption, heads=heads, rows=given, numeric=numeric
    )


def frame_table(frame: pd.DataFrame, lang: Lang, digits: int = 1, caption: str = "") -> Piece:
    """A DataFrame as a page shows it: heads and numbers in its language.

    The index is its first column. Heads that are keys of ``report/labels.py`` are those labels;
    others stand as they are.
    """
    flat = frame.reset_index()
    heads = [label(head, lang) if head in LABELS else str(head) for head in flat.columns]
    numeric = [at for at, head in enumerate(flat) if pd.api.types.is_numeric_dtype(flat[head])]
    rows = [
        [
            _cell(value, lang, digits) if at in numeric else str(value)
            for at, value in enumerate(row)
        ]
        for row in flat.astype(object).itertuples(index=False)
    ]
    return Piece(frame, table(caption, heads, rows, numeric), text=frame.to_string())


def _cell(value: float, lang: Lang, digits: int) -> str:
    return "–" if pd.isna(value) else number(value, lang, 0 if isinstance(value, int) else digits)
