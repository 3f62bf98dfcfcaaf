"""The composite of every city, best first."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import period_name, word
from kpi_lib.report.charts.axes import chart_axes
from kpi_lib.report.names import city_name
from kpi_lib.report.theme import COLOURS
from kpi_lib.report.view import view_of
from kpi_lib.scoring.scoreboard import Scoreboard

MOST = 40
"""Cities up to which all are drawn; of more, the first and the last twenty."""


def ranking(board: Scoreboard, period: str, lang: Lang) -> Axes | None:
    """Draw the composite of every city of a period, best first; None where no city has one."""
    table = board.table(period=period).dropna(subset=["score"])
    if table.empty:
        return None
    kept = (
        table if len(table) <= MOST else pd.concat([table.head(MOST // 2), table.tail(MOST // 2)])
    )
    names = [f"{r:.0f}  {city_name(board, str(c), lang)}" for c, r in kept["rank"].items()]
    ax = chart_axes("", board.observations.demo, height=0.24 * len(kept) + 1)
    ax.hlines(names, 0, kept["score"].to_numpy(), color=COLOURS["line"], lw=3)
    ax.plot(kept["score"].to_numpy(), names, "o", color=COLOURS["me"])
    ax.invert_yaxis()
    ax.set(xlabel=word("score", lang), ylabel=None)
    return ax


def describe_ranking(board: Scoreboard, period: str, lang: Lang) -> str:
    """Give the number of ranked cities, the first and the last."""
    table = board.table(period=period).dropna(subset=["score"])
    if table.empty:
        return ""
    view = view_of(board, str(table.index[0]), period, lang)
    score = [view.score(x) for x in table["score"]]
    first, last = (city_name(board, str(table.index[i]), lang) for i in (0, -1))
    n = f"{len(table)} {board.framework.unit_noun(lang, len(table))}"
    texts = [
        tr(
            lang,
            "{n} with a score in {period}; the highest is {first} ({score}).",
            n=n,
            period=period_name(period, lang),
            first=first,
            score=score[0],
        )
    ]
    if len(table) > 1:
        texts.append(tr(lang, "The lowest is {last} ({score}).", last=last, score=score[-1]))
    return " ".join(texts)
