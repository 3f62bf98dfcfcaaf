"""The peer group of a city as a report shows it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpi_lib.locale.catalogue import Lang
from kpi_lib.scoring.scoreboard import Scoreboard, row_of


@dataclass(frozen=True, eq=False)
class PeerGroup:
    """Peers of a city: the others by code, what the group is, and the city's ranks in it."""

    others: tuple[str, ...]
    label: str
    ranks: pd.Series[float]


def peer_group(
    board: Scoreboard, city: str, period: str, lang: Lang, by: str | None
) -> PeerGroup | None:
    """The peers of a city in a period, by a column of cities.csv or by population."""
    places = board.observations.places
    if by is None or "class" not in places.columns or city not in places.index:
        return None
    same = places.index[places["class"] == places.at[city, "class"]]
    there = board.points.index[board.by_period[period]].get_level_values("city")
    codes = [c for c in there if c in set(same)]
    shares = board.shares.loc[[(code, period) for code in codes]]
    ranks = row_of(shares.rank(ascending=False, method="min"), (city, period))
    return PeerGroup(tuple(c for c in codes if c != city), str(places.at[city, "class"]), ranks)
