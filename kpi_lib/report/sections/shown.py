"""Values beside those of others, where cities seldom have data of the same period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.report.view.city import CityView
from kpi_lib.scoring.scoreboard import Scoreboard

MOST_COMPARED = 15
"""Indicators that are shown beside others."""


def beside(view: CityView) -> tuple[pd.DataFrame, bool]:
    """Values of the other cities for the indicators that the city has, and if of its period.

    Where no other city has any of them in the city's period, these are the values of each
    city's latest period: what is published for cities of the world seldom has one year.
    """
    codes = [indicator.code for indicator in view.observed]
    same = view.other_values[codes]
    if same.notna().to_numpy().any():
        return same, True
    values, latest = view.board.values, view.board.latest
    last = [city != view.city and latest[city] == period for city, period in values.index]
    return values.loc[last, codes].droplevel("period"), False


def compared(view: CityView) -> pd.DataFrame:
    """Values that another city has too: ``value, low, high, cities``, by indicator.

    ``low`` and ``high`` are the lowest and the highest value of all ``cities`` that have
    one. At most fifteen, those of the most cities, in the order of the framework.
    """
    others, _ = beside(view)
    own = view.values[others.columns]
    cities = others.notna().sum() + 1
    kept = cities[cities >= 2].sort_values(ascending=False, kind="stable").head(MOST_COMPARED)
    low, high = np.fmin(others.min(), own), np.fmax(others.max(), own)
    table = pd.DataFrame({"value": own, "low": low, "high": high, "cities": cities})
    return table[table.index.isin(kept.index)]


def ranked(board: Scoreboard, period: str, code: str = TOTAL) -> pd.DataFrame:
    """The cities of a period that have a score, best first: ``score, rank, coverage``."""
    return board.table(code, period).dropna(subset=["score"])
