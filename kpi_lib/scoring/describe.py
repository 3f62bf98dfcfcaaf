"""What a scoreboard shows of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.display import Display, Table
from kpi_lib.locale.words import amount, capital, in_language, number, percent, period_name, word
from kpi_lib.observations.cities import name_of
from kpi_lib.observations.describe import limits_of, span

if TYPE_CHECKING:
    from kpi_lib.scoring.scoreboard import Scoreboard

_TOP = 10


def of_board(board: Scoreboard, title: str = "", period: str | int = "latest") -> Display:
    """A scoreboard: of what and whom, and the best of a period; titled as what shows it."""
    lang, framework = message_language(), board.framework
    facts = [
        (word("framework", lang), f"{framework.name}, {in_language(framework.title, lang)}"),
        (msg("Cities"), number(len(board.latest), lang, 0)),
        (msg("Periods"), span(board.periods)),
        (msg("Indicators"), number(len(framework.indicators), lang, 0)),
    ]
    tables = [_best(board, board.period(period))] if board.periods else []
    return Display(title or msg("Scores"), limits_of(board.observations), facts, tables)


def _best(board: Scoreboard, period: str) -> Table:
    lang = message_language()
    table = board.table(TOTAL, period)
    places = board.observations.places
    most = None if board.maximum is None else board.maximum[TOTAL].xs(period, level="period")
    rows = []
    for city, row in table.head(_TOP).to_dict("index").items():
        score = "–" if pd.isna(row["score"]) else amount(row["score"], lang)
        if most is not None and not pd.isna(row["score"]):
            score = f"{score} / {amount(float(most[str(city)]), lang)}"
        rank = "–" if pd.isna(row["rank"]) else number(row["rank"], lang, 0)
        coverage = "–" if pd.isna(row["coverage"]) else percent(row["coverage"], lang)
        rows.append((rank, str(city), name_of(places, str(city), lang), score, coverage))
    heads = [
        word("rank", lang),
        word("code", lang),
        word("city", lang),
        word("score", lang),
        word("coverage", lang),
    ]
    caption = msg(
        "{period}: the first {n} of {all} by composite score",
        period=capital(period_name(period, lang)),
        n=number(len(rows), lang, 0),
        all=number(len(table), lang, 0),
    )
    return Table(caption, heads, rows, numeric=(0, 3, 4))
