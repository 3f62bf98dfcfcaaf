"""The composite of every city, best first."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import word
from kpi_lib.report.piece import ChartPiece
from kpi_lib.report.sections.unscored import scored_count
from kpi_lib.report.templating import render
from kpi_lib.report.theme import COLOURS
from kpi_lib.report.view import CityView
from kpi_lib.scoring.scoreboard import Scoreboard

MOST = 40
"""Cities up to which all are drawn; of more, the first and the last twenty."""


def data(views: Sequence[CityView]) -> pd.DataFrame:
    """The cities that have a composite score, best first.

    Columns: ``name``, ``score``, ``share`` (of the highest score there is, else of the best
    one; 0–1), ``rank``, ``rank_low`` and ``rank_high`` (the interval that holds 90 % of draws of
    the weights).
    """
    rows = {}
    for view in views:
        if pd.isna(view.points[TOTAL]):
            continue
        low, high = view.interval[:2] if view.interval else (None, None)
        rows[view.city] = {
            "name": view.name,
            "score": view.points[TOTAL],
            "share": view.compared.points[TOTAL],
            "rank": view.ranks[TOTAL],
            "rank_low": low,
            "rank_high": high,
        }
    columns = ["name", "score", "share", "rank", "rank_low", "rank_high"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("city")
    top = views[0].compared.top if views else None
    most = found["share"].max() if top is None else top
    return found.assign(share=(found["share"] / most).clip(0, 1) if most else 0.0)


def piece(
    board: Scoreboard, period: str, views: Sequence[CityView], lang: Lang
) -> ChartPiece | None:
    """The ranking as bars; None where no city has a score."""
    found = data(views)
    if found.empty:
        return None
    shown = first_and_last(found)
    score = {view.city: view.out_of(TOTAL) for view in views}
    rows = [
        {
            "rank": f"{row['rank']:.0f}",
            "name": row["name"],
            "size": round(100 * row["share"], 1),
            "score": score[str(city)],
            "gap": len(shown) < len(found) and at == MOST // 2,
        }
        for at, (city, row) in enumerate(shown.iterrows())
    ]
    caption = tr(lang, "The composite score")
    if count := scored_count(board.framework, lang):
        caption += f" ({count})"
    html = render("sections/ranking.html.j2", lang, caption=caption, rows=rows)
    text = "\n".join(f"{row['rank']}. {row['name']}: {row['score']}" for row in rows)
    return ChartPiece(found, html, lambda ax: draw(found, lang, ax), text=f"{caption}\n{text}")


def first_and_last(found: pd.DataFrame) -> pd.DataFrame:
    """All rows up to :data:`MOST`; of more, the first and the last."""
    if len(found) <= MOST:
        return found
    return pd.concat([found.head(MOST // 2), found.tail(MOST // 2)])


def draw(found: pd.DataFrame, lang: Lang, ax: Axes) -> None:
    """Draw the scores as points on lines from 0, best on top."""
    kept = first_and_last(found)
    names = [f"{row['rank']:.0f}  {row['name']}" for _, row in kept.iterrows()]
    ax.hlines(names, 0, kept["score"].to_numpy(), color=COLOURS["line"], lw=3)
    ax.plot(kept["score"].to_numpy(), names, "o", color=COLOURS["me"])
    ax.invert_yaxis()
    ax.set(xlabel=word("score", lang), ylabel=None)
