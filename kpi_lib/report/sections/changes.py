"""Changes over time on the indicators of both periods, computed once for a city's report."""

from __future__ import annotations

from functools import lru_cache

from kpi_lib.analysis.changes import Change, like_for_like
from kpi_lib.report.view.city import CityView
from kpi_lib.scoring.scoreboard import Scoreboard


@lru_cache(maxsize=8)
def _split(board: Scoreboard, city: str, before: str, after: str) -> Change:
    return like_for_like(board, city, before, after)


def change_since(view: CityView, before: str) -> Change:
    """Split the city's change since an earlier period: see :func:`like_for_like`."""
    return _split(view.board, view.city, before, view.period)
