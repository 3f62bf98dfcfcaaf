"""Places of scores in the graphics of table cells: strips of the others, lines over the years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.changes import new_sets
from kpi_lib.io.cells.periods import kind, years
from kpi_lib.locale.words import amount, number
from kpi_lib.report.view.city import CityView
from kpi_lib.scoring.scoreboard import Scoreboard

Array = npt.NDArray[np.float64]

MOST_SINGLE = 40
"""Cities up to which each of the others is a point of its own in a strip."""

MOST_PEERS = 10
"""Peers that are points of their own in a strip of more cities."""

FULL = 0.8
"""The share of data under which a score over the years is drawn hollow."""

# The box of a line, as in the template `graphics.html.j2`.
_LEFT, _RIGHT, _TOP, _BOTTOM = 4.0, 104.0, 3.0, 29.0


@dataclass(frozen=True)
class Scale:
    """Ends of a scale of scores, with the labels of both ends and the middle."""

    low: float
    high: float
    labels: tuple[str, str, str]

    def at(self, score: float) -> float:
        """Place a score, in per cent of the width, with a decimal; what is outside, at the end."""
        share = (score - self.low) / (self.high - self.low)
        return round(float(100 * min(max(share, 0.0), 1.0)), 1)


@lru_cache(maxsize=64)
def _ends(board: Scoreboard, period: str) -> tuple[float, float]:
    """Least and greatest score of a period, for scales without a natural end."""
    scores = board.shares.iloc[board.by_period[period]].to_numpy(dtype=float)
    known = scores[np.isfinite(scores)]
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if low < high else (low - 1, high + 1)


@lru_cache(maxsize=8)
def scale_of(view: CityView) -> Scale:
    """The scale of a view's scores: 0 to the best score; where none is best, over the period.

    Points are drawn as their share of the maximum, in per cent.
    """
    top = view.compared.top
    if top is None:
        low, high = _ends(view.board, view.period)
        ends = tuple(number(x, view.lang, 1) for x in (low, (low + high) / 2, high))
    else:
        low, high = 0.0, float(top)
        ends = tuple(amount(x, view.lang) for x in (low, high / 2, high))
    return Scale(low, high, (ends[0], ends[1], ends[2]))


@dataclass(frozen=True)
class Strip:
    """Places on a scale, in per cent of its width.

    ``points`` are single others; of many, ``box`` is smallest, quartiles and largest.
    """

    own: float | None
    median: float | None
    points: tuple[float, ...]
    box: tuple[float, ...] = ()


@lru_cache(maxsize=8)
def strips(view: CityView) -> Mapping[str, Strip]:
    """Place a city's score of each code among those of the others.

    Up to forty others are points of their own; of more, smallest, quartiles and largest, and up
    to ten peers.
    """
    scale, shared = scale_of(view), view.compared
    others = shared.others.to_numpy(dtype=float)
    peers = shared.others.index.get_indexer(pd.Index(view.peer_codes))
    rows = zip(shared.others.columns, shared.points, shared.medians, others.T, strict=True)
    return {
        str(code): _strip(own, median, scores, peers, scale) for code, own, median, scores in rows
    }


def _strip(
    own: float, median: float, others: Array, peers: npt.NDArray[np.intp], scale: Scale
) -> Strip:
    """Place one score; ``peers`` are positions among the ``others``."""
    known = others[~np.isnan(others)]
    at_median = scale.at(median) if len(known) >= 2 else None
    at_own = None if np.isnan(own) else scale.at(own)
    if len(known) <= MOST_SINGLE:
        return Strip(at_own, at_median, _places(known, scale))
    ends = _places(np.quantile(known, [0, 0.25, 0.75, 1]), scale)
    near = others[peers]
    return Strip(at_own, at_median, _places(near[~np.isnan(near)][:MOST_PEERS], scale), ends)


def _places(scores: Iterable[float], scale: Scale) -> tuple[float, ...]:
    return tuple(scale.at(float(score)) for score in scores)


@dataclass(frozen=True)
class Line:
    """A score over the years: ``points`` are (x, y, hollow) in the box of the template.

    ``first`` and ``last`` are the periods with a score; hollow points rest on less than 80 % of
    the data, or on other indicators than the last one.
    """

    points: tuple[tuple[float, float, bool], ...]
    first: str = ""
    last: str = ""


def span(view: CityView) -> tuple[str, str]:
    """First and last period that lines of a view show: of the same kind, up to the view's."""
    periods = line_periods(view)
    return periods[0], periods[-1]


def line_periods(view: CityView) -> list[str]:
    """The city's periods up to the view's that are years, quarters or months as it is."""
    return [p for p in view.periods if kind(p) == kind(view.period)]


@lru_cache(maxsize=8)
def lines(view: CityView) -> Mapping[str, Line]:
    """Place a city's scores of each code over the years."""
    scale, periods = scale_of(view), line_periods(view)
    scores = view.compared.history.loc[periods]
    hollow = _hollow(view, periods).to_numpy()
    start, end = years(periods[0]), years(periods[-1])
    across = [
        round(_RIGHT - (_RIGHT - _LEFT) * (end - years(p)) / max(end - start, 1e-9), 1)
        for p in periods
    ]
    found = {}
    for at, (code, column) in enumerate(scores.items()):
        points = [
            (x, round(_BOTTOM - (_BOTTOM - _TOP) * scale.at(score) / 100, 1), bool(marked))
            for x, score, marked in zip(across, column, hollow[:, at], strict=True)
            if not np.isnan(score)
        ]
        there = column.dropna().index
        found[str(code)] = Line(tuple(points), there[0], there[-1]) if points else Line(())
    return found


def _hollow(view: CityView, periods: list[str]) -> pd.DataFrame:
    """Which scores rest on less data, or on other indicators than that of the last period."""
    board = view.board
    own = board.coverage.iloc[board.by_city[view.city]].droplevel("city")
    few = own.loc[periods, board.points.columns] < FULL
    changed = new_sets(board, view.city, periods).to_numpy()
    later = np.zeros_like(changed)
    later[:-1] = np.logical_or.accumulate(changed[:0:-1])[::-1]
    return few | later
