"""The figure of a revision: what moved each city's score, and how far."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from kpi_lib.analysis.revision import PARTS
from kpi_lib.locale.catalogue import Lang, tr, tr_in
from kpi_lib.locale.words import counted, listed, signed
from kpi_lib.report.charts.sheet import Rows
from kpi_lib.report.charts.style import (
    BELOW,
    CITY,
    INK,
    INNER,
    LABEL,
    LINE,
    SMALL,
    SOFT,
    text_width,
    wrap,
)

MOST_CITIES = 40
"""With more cities, those that moved furthest down and furthest up are drawn."""

# Blue, vermillion, green and purple of Okabe and Ito (2008), darkened for contrast to white.
COLOURS = {"data": CITY, "weights": BELOW, "membership": "#00664B", "rules": "#8F4574"}


def part_name(part: str, lang: Lang) -> str:
    """Name a part of a change."""
    return {
        "data": tr_in(lang, "cause of a change", "data"),
        "weights": tr_in(lang, "cause of a change", "weights"),
        "membership": tr_in(lang, "cause of a change", "membership"),
        "rules": tr_in(lang, "cause of a change", "rules"),
    }[part]


def parts_shown(table: pd.DataFrame) -> list[str]:
    """Parts to show: ``rules`` only where they change a score."""
    rules = bool((table["rules"].abs() > 1e-9).any())
    return [part for part in PARTS if rules or part != "rules"]


def changes(table: pd.DataFrame, names: pd.Series[str], lang: Lang, demo: bool) -> Figure | None:
    """Draw the change of each city as bars of its parts, the greatest gain first.

    ``table`` is that of :func:`kpi_lib.analysis.revision.split`, ``names`` the cities' names. Parts
    that raise the score run right from 0, parts that lower it left; the dot is the change.
    None where no city has a split.
    """
    known = table.dropna(subset=list(PARTS)).sort_values("change", ascending=False, kind="stable")
    if known.empty:
        return None
    half = MOST_CITIES // 2
    few = len(known) <= MOST_CITIES
    kept = known if few else pd.concat([known.head(half), known.tail(half)])
    parts = parts_shown(known)
    ups, downs = kept[parts].clip(lower=0).sum(axis=1), kept[parts].clip(upper=0).sum(axis=1)
    widest = max(text_width(names[city], SMALL) for city in kept.index)
    aside = min(widest, 0.35 * INNER) + 10
    low, high = min(0.0, downs.min()), max(1e-9, ups.max())
    said = [signed(change, lang) for change in kept["change"]]
    room = max(text_width(text, SMALL) for text in said) + 12
    high += (high - low) * room / (INNER - aside - room)
    rows = Rows(low, high, aside)
    _legend(rows, parts, lang)
    top = rows.y
    for i, (city, row) in enumerate(kept[[*parts, "change"]].iterrows()):
        if not few and i == half:
            _hidden(rows, len(known) - len(kept), lang)
        lines = wrap(names[str(city)], aside - 10, SMALL)
        middle = rows.band(LINE)
        for j, line in enumerate(lines):
            rows.write(line, -aside, middle + 4 + j * LINE)
        rows.gap(LINE * (len(lines) - 1))
        ends = {True: 0.0, False: 0.0}
        for part in parts:
            up = row[part] > 0
            rows.bars([middle], [row[part]], 9, COLOURS[part], left=ends[up])
            ends[up] += row[part]
        rows.dots([row["change"]], [middle], fill="white", edge=INK, size=6, stroke=1)
        rows.write(said[i], rows.points(ends[True]) + 8, middle + 4)
    rows.upright(0, top, rows.y, SOFT, 1, zorder=3)
    axis = tr(lang, "Change of the composite score (points)")
    return rows.finish(lang, axis, demo)


def _legend(rows: Rows, parts: list[str], lang: Lang) -> None:
    """Name the parts in their colours above the bars, as many to a line as there is room for."""
    change = tr(lang, "○ change")
    x = -rows.aside
    for text, colour in [*((part_name(p, lang), COLOURS[p]) for p in parts), (change, INK)]:
        width = text_width(text, LABEL, bold=True)
        if x > -rows.aside and x + width > rows.width:
            x = -rows.aside
            rows.y += LINE
        rows.write(text, x, rows.y + LINE - 3, color=colour, size=LABEL, bold=True)
        x += width + 16
    rows.y += LINE + 4


def _hidden(rows: Rows, hidden: int, lang: Lang) -> None:
    rows.gap(4)
    text = counted(hidden, lang, "{n} other city", "{n} other cities")
    rows.write(f"… {text} …", -rows.aside, rows.y + LINE - 4, color=SOFT)
    rows.gap(LINE + 4)


def describe_changes(table: pd.DataFrame, names: pd.Series[str], lang: Lang) -> str:
    """Give the words for :func:`changes` where it is not seen."""
    known = table.dropna(subset=list(PARTS)).sort_values("change", ascending=False, kind="stable")
    parts = parts_shown(known)

    def told(row: Mapping[Hashable, Any]) -> str:
        pieces = [f"{part_name(part, lang)} {signed(row[part], lang)}" for part in parts]
        return f"{names[row['city']]} {signed(row['change'], lang)} ({listed(pieces, lang)})"

    records = known.reset_index().to_dict("records")
    some = records if len(records) <= 6 else [*records[:3], *records[-3:]]
    cities = counted(len(known), lang, "{n} city", "{n} cities")
    return (
        tr(lang, "Change of the composite score of {cities}, split by cause: ", cities=cities)
        + "; ".join(told(row) for row in some)
        + "."
    )
