"""The tables of a city report, as HTML that a screen reader can read and a phone can show."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import tr
from kpi_lib.locale.words import percent, word
from kpi_lib.report.page.html import Fragment
from kpi_lib.report.page.tables import Row as Table
from kpi_lib.report.page.tables import table as plain_table
from kpi_lib.report.view.city import CityView
from kpi_lib.scoring.steps import reason_of

Row = Sequence[str]


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Row],
    numeric: Collection[int] = (),
    kinds: Sequence[str] = (),
) -> Fragment:
    """Make a table of plain texts; the first cell of a row is its heading.

    ``numeric`` are the columns to set flush right, ``kinds`` a style class for each row. Each
    cell carries its column's name, so that the page can show a row as a card where it is narrow.
    """
    rows = list(rows)
    kinds = kinds or [""] * len(rows)
    given = [Table(row, kind) for row, kind in zip(rows, kinds, strict=True)]
    lines = [caption, " | ".join(heads), *(" | ".join(row) for row in rows)]
    return Fragment(plain_table(caption, heads, given, numeric), "\n".join(lines))


def treated(view: CityView) -> Fragment | None:
    """Give every value of the city that treatment changed; None where it changed none."""
    if not view.board.framework.treatment:
        return None
    log = view.board.treated
    own = log[(log["city"] == view.city) & (log["period"] == view.period)]
    if own.empty:
        return None
    rows = [
        (view.title(row["code"]), *_before_and_after(view, row), reason_of(row, view.lang))
        for row in own.to_dict("records")
    ]
    heads = [
        word("indicator", view.lang),
        tr(view.lang, "Before"),
        tr(view.lang, "After"),
        word("reason", view.lang),
    ]
    caption = tr(view.lang, "Values treated before scoring")
    return table(caption, heads, rows, numeric=(1, 2))


def _before_and_after(view: CityView, row: Mapping[Hashable, Any]) -> tuple[str, str]:
    if row["code"] == TOTAL:  # screened out: the share of its values that is there
        return percent(float(row["before"]), view.lang), word("no_score", view.lang)
    before, after = (
        word("no_data", view.lang) if pd.isna(x) else view.with_unit(row["code"], float(x))
        for x in (row["before"], row["after"])
    )
    return before, after
