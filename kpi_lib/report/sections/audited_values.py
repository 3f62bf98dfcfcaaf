"""What an audit says of values: how they are distributed, which are far away, which are missing."""

from __future__ import annotations

import pandas as pd

from kpi_lib.analysis.audit import missingness
from kpi_lib.analysis.audit import outliers as outliers_of
from kpi_lib.analysis.audit import statistics as statistics_of
from kpi_lib.locale.catalogue import Lang, tr, tr_in, tr_n
from kpi_lib.locale.words import amount, number, percent, word
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.sections.folded import folded
from kpi_lib.report.view.names import city_name, node_title
from kpi_lib.scoring.scoreboard import Scoreboard

MOST = 25
"""Rows of a table; what is worst comes first."""


def statistics(board: Scoreboard, values: pd.DataFrame, lang: Lang) -> Piece:
    """Describe each indicator, with flags of what to look at."""
    table = statistics_of(values)
    flags = ["few_values", "many_zeros", "few_distinct", "outliers"]
    names = {
        "few_values": tr(lang, "few values"),
        "many_zeros": tr(lang, "many zeros"),
        "few_distinct": tr(lang, "few distinct values"),
        "outliers": tr(lang, "outliers"),
    }
    rows = [
        (
            node_title(board, str(code), lang),
            *(_amount(row[key], lang) for key in ("low", "median", "high", "sd", "skewness")),
            number(row["available"], lang, 0),
            ", ".join(names[flag] for flag in flags if row[flag]) or "–",
        )
        for code, row in table.to_dict("index").items()
    ]
    heads = [
        word("indicator", lang),
        tr(lang, "Lowest"),
        tr(lang, "Median"),
        tr(lang, "Highest"),
        tr(lang, "Standard deviation"),
        tr(lang, "Skewness"),
        tr(lang, "Values"),
        tr(lang, "To look at"),
    ]
    flagged = int(table[flags].any(axis=1).sum())
    text = tr_n(
        lang,
        "{flagged} of {n} indicator have something to look at.",
        "{flagged} of {n} indicators have something to look at.",
        len(table),
        flagged=flagged,
        n=len(table),
    )
    return folded(
        lang, "statistics", tr_in(lang, "audit", "Indicators"), [text], heads, rows, table
    )


def outliers(board: Scoreboard, values: pd.DataFrame, lang: Lang) -> Piece:
    """List the values that are far from the others."""
    table = outliers_of(values)
    rows = [
        (
            city_name(board, str(city), lang),
            node_title(board, str(code), lang),
            _amount(value, lang),
            number(distance, lang),
        )
        for city, _, code, value, distance in table.head(MOST).itertuples(index=False)
    ]
    heads = [
        board.framework.unit_noun(lang, first=True),
        word("indicator", lang),
        word("value", lang),
        tr(lang, "Quartile ranges away"),
    ]
    text = tr_n(
        lang,
        "{n} value more than three interquartile ranges from the quartiles (Tukey 1977).",
        "{n} values more than three interquartile ranges from the quartiles (Tukey 1977).",
        len(table),
        n=len(table),
    )
    return folded(
        lang,
        "outliers",
        tr_in(lang, "audit", "Outliers"),
        [text],
        heads,
        rows,
        table,
        numeric=(2, 3),
    )


def missing(board: Scoreboard, period: str, lang: Lang) -> Piece:
    """Give the share of cities without a value, for the indicators that lack most."""
    shares = missingness(board)
    worst = shares[period].sort_values(ascending=False, kind="stable")
    worst = worst[worst > 0].head(MOST)
    rows = [
        (node_title(board, str(code), lang), *(percent(float(x), lang) for x in shares.loc[code]))
        for code in worst.index
    ]
    heads = [word("indicator", lang), *map(str, shares.columns)]
    text = tr(lang, "Share without a value, by period.")
    return folded(
        lang,
        "missing",
        tr_in(lang, "audit", "Missing data"),
        [],
        heads,
        rows,
        shares,
        caption=text,
    )


def _amount(x: float, lang: Lang) -> str:
    return "–" if pd.isna(x) else amount(float(x), lang)
