"""Strengths and weaknesses: the indicators furthest from the median of the peers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.locale.catalogue import tr
from kpi_lib.locale.words import reason
from kpi_lib.report.page.piece import ChartPiece
from kpi_lib.report.page.sentences import Sentence, said
from kpi_lib.report.page.templating import render
from kpi_lib.report.page.theme import COLOURS
from kpi_lib.report.sections.indicators import quality
from kpi_lib.report.view import named
from kpi_lib.report.view.city import CityView

MOST = 5
"""Indicators on each side."""


def data(view: CityView) -> pd.DataFrame:
    """The indicators furthest ahead of and behind the median, best first, five on each side.

    Columns: ``title``, ``value`` and ``median`` (in the indicator's unit), ``ahead`` (points of
    score), ``direction`` (which values are better), ``quality`` and ``note`` of the value. The
    median is that of the peer group where it has two others, else of all.
    """
    ahead = view.ahead_of_peers
    ahead = ahead[ahead.abs() > 1e-9]
    kept = pd.concat([ahead[ahead > 0].head(MOST), ahead[ahead < 0].tail(MOST)])
    codes = [str(code) for code in kept.index]
    rows = view.rows.reindex(codes)
    return pd.DataFrame(
        {
            "title": [view.title(code) for code in codes],
            "value": view.values[codes].to_numpy(),
            "median": view.peer_value_medians[codes].to_numpy(),
            "ahead": kept.to_numpy(),
            "direction": [view.indicator(code).direction or "" for code in codes],
            "quality": rows["quality"].fillna("").to_numpy(),
            "note": rows["note"].fillna("").to_numpy(),
        },
        index=pd.Index(codes, name="code"),
    )


def sentences(view: CityView, found: pd.DataFrame) -> list[Sentence]:
    """What the bars show, and in how many indicators the city is better and worse."""
    if found.empty:
        return [_too_few(view)]
    ahead = view.ahead_of_peers
    better, worse = int((ahead > 1e-9).sum()), int((ahead < -1e-9).sum())
    whose = view.median_group.label if view.median_group else tr(view.lang, "all others")
    return [
        said(
            view.lang,
            "Of {n} indicators that can be compared, {name} is better than the median ({whose}) in "
            "{better} and worse in {worse}. Bars show the difference of scores{share}, both sides "
            "to one scale.",
            n=named.count(view, len(ahead), "compared"),
            name=view.name,
            share="" if view.maximum is None else tr(view.lang, " in per cent of the maximum"),
            whose=whose,
            better=named.count(view, better, "better"),
            worse=named.count(view, worse, "worse"),
        )
    ]


def _too_few(view: CityView) -> Sentence:
    return said(
        view.lang,
        "Too few others have scores for the same period to compare single indicators: at least two "
        "are needed.",
    )


def piece(view: CityView) -> ChartPiece | None:
    """Five and five, side by side; None without any data."""
    if not view.observed:
        return None
    found = data(view)
    texts = sentences(view, found)
    widest = found["ahead"].abs().max() if len(found) else 1.0
    rows = [_row(view, str(code), row, widest) for code, row in found.to_dict("index").items()]
    sides = (
        ("up", "▲", tr(view.lang, "Strongest against the others"), [r for r in rows if r["good"]]),
        (
            "down",
            "▼",
            tr(view.lang, "Weakest against the others"),
            [r for r in rows if not r["good"]][::-1],
        ),
    )
    html = render("sections/strengths.html.j2", view.lang, sides=sides, lead=texts)
    return ChartPiece.of(view, found, html, lambda ax: draw(view, found, ax), texts)


def _row(
    view: CityView, code: str, row: Mapping[Hashable, Any], widest: float
) -> dict[str, object]:
    better = {
        "higher": tr(view.lang, "higher is better"),
        "lower": tr(view.lang, "lower is better"),
    }
    flags = [quality(row["quality"], view.lang), reason(row["note"], view.lang)]
    return {
        "title": row["title"],
        "value": view.measured(code),
        "median": view.peer_median(code),
        "direction": better.get(row["direction"], "") if row["direction"] == "lower" else "",
        "flags": [flag for flag in flags if flag],
        "good": row["ahead"] > 0,
        "size": round(100 * abs(row["ahead"]) / widest, 1),
        "ahead": view.change(row["ahead"]),
    }


def draw(view: CityView, found: pd.DataFrame, ax: Axes) -> None:
    """Draw the differences as bars, best on top."""
    order = found.iloc[::-1]
    colours = [COLOURS["up" if ahead > 0 else "down"] for ahead in order["ahead"]]
    ax.barh(order["title"], order["ahead"], color=colours)
    ax.axvline(0, color=COLOURS["ink"], lw=1)
    ax.set(xlabel=tr(view.lang, "points of score from the median"), ylabel=None)
