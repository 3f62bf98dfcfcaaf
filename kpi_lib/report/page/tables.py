"""Plain tables of texts: a row becomes a card where the page is narrow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kpi_lib.locale.catalogue import SOURCE
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
