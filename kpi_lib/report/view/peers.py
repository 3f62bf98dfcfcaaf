"""The peer group of a city as a report shows it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpi_lib.analysis.peers import group_name, peers
from kpi_lib.locale.catalogue import Lang
from kpi_lib.scoring.scoreboard import Scoreboard


@dataclass(frozen=True, eq=False, repr=False)
class PeerGroup:
    """Peers of a city: the others by code, what the group is, ranks, counts and medians in it.

    ``ranks``, ``counts`` (that have a score, the city included) and ``medians`` (of scores as
    cities are compared by them) are by code, ``value_medians`` by indicator.
    """

    others: tuple[str, ...]
    label: str
    ranks: pd.Series[float]
    counts: pd.Series[float]
    medians: pd.Series[float]
    value_medians: pd.Series[float]


def peer_group(
    board: Scoreboard, city: str, period: str, lang: Lang, by: str | None, noun: str
) -> PeerGroup | None:
    """The peers of a city in a period; None where nothing is known of any.

    ``by`` is as for :func:`kpi_lib.peers`, ``noun`` what several of what is scored are called.
    """
    found = peers(board, by, period)
    if found is None or city not in found:
        return None
    tables = (found.ranks, found.counts, found.medians, found.value_medians)
    ranks, counts, medians, value_medians = (table.T[city] for table in tables)
    label = group_name(found, city, lang, noun)
    return PeerGroup(found[city], label, ranks, counts, medians, value_medians)
