"""Ranks of many draws at once, and what is counted of them without keeping the draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kpi_lib.locale.display import Displayed
from kpi_lib.methods.digits import significant

Array = npt.NDArray[np.float64]
Ranks = npt.NDArray[np.unsignedinteger[Any]]
Counts = npt.NDArray[np.int64]

# Draws that are compared at once: in eight lanes, of which none holds more than 255.
_LANES = 2000

# Scores that are ranked in one step: enough to be worth the call, few enough for the cache.
_STEP = 50_000


def ranks_of(scores: Array) -> Ranks:
    """Rank cities within each draw: 1 is best, ties share the better rank, 0 is no score.

    ``scores`` and the result have shape ``(draws, cities)``. As in
    :attr:`kpi_lib.scoring.score.Scoreboard.ranks`, scores that agree in twelve digits are equal.
    """
    draws, cities = scores.shape
    kind: type[np.unsignedinteger[Any]] = np.uint16 if cities < 2**16 - 1 else np.uint32
    ranks = np.empty((draws, cities), dtype=kind)
    step = max(1, _STEP // max(1, cities))
    for start in range(0, draws, step):
        rows = slice(start, start + step)
        ranks[rows] = _ranks_of(scores[rows], kind)
    return ranks


def _ranks_of(scores: Array, kind: type[np.unsignedinteger[Any]]) -> Ranks:
    order = np.argsort(-scores, axis=1)
    ordered = np.take_along_axis(scores, order, axis=1)
    places: Ranks = np.broadcast_to(np.arange(1, scores.shape[1] + 1, dtype=kind), scores.shape)
    tied = _tied(ordered)
    if tied is not None:
        firsts = places.copy()
        firsts[:, 1:][tied] = 0
        places = np.maximum.accumulate(firsts, axis=1)
    # Missing scores come last, if there are any.
    if np.isnan(ordered[:, -1:]).any():
        places = np.where(np.isnan(ordered), kind(0), places)
    ranks = np.empty(scores.shape, dtype=kind)
    np.put_along_axis(ranks, order, places, axis=1)
    return ranks


def _tied(ordered: Array) -> npt.NDArray[np.bool_] | None:
    """Which of each draw's scores, best first, equals the one before; None where none does."""
    before, after = ordered[:, :-1], ordered[:, 1:]
    # Two numbers that agree in twelve digits differ by less than this share of themselves.
    tied: npt.NDArray[np.bool_] = before - after <= 1.1e-11 * np.abs(before)
    if not tied.any():
        return None
    tied[tied] = significant(before[tied]) == significant(after[tied])
    return tied


@dataclass(repr=False)
class RankCounts(Displayed):
    """Counts over draws: ranks by city, and wins by pair of cities.

    ``ranks`` has shape ``(cities, cities + 1)``; column r counts draws of rank r, column 0
    those without a score. It is sparse: a city has few of all ranks. ``wins[a, b]`` counts draws
    in which a ranks better than b, ``met`` those in which both have a score.
    """

    cities: int
    pairs: bool = True
    draws: int = 0
    ranks: Any = field(init=False)
    wins: Counts = field(init=False)
    met: Counts = field(init=False)

    def __post_init__(self) -> None:
        """Begin with no draw."""
        self.ranks = sparse.csr_array((self.cities, self.cities + 1), dtype=np.int64)
        shape = (self.cities, self.cities) if self.pairs else (0, 0)
        self.wins = np.zeros(shape, dtype=np.int64)
        self.met = np.zeros(shape, dtype=np.int64)

    def add(self, ranks: Ranks) -> None:
        """Count a block of draws, shape ``(draws, cities)``."""
        self.draws += len(ranks)
        width = self.cities + 1
        cities = np.repeat(np.arange(self.cities, dtype=np.int32), len(ranks))
        once = np.ones(len(cities), dtype=np.int64)
        cells = sparse.coo_array((once, (cities, ranks.T.ravel())), self.ranks.shape)
        self.ranks = self.ranks + cells.tocsr()
        if not self.pairs:
            return
        missing = ranks == 0
        if missing.any():
            # Whoever has no score comes last here; wins against them are taken back.
            scored = (~missing).astype(float)
            met = (scored.T @ scored).astype(np.int64)
            alone = scored.sum(axis=0).astype(np.int64)[:, np.newaxis] - met
            self.wins += _wins(np.where(missing, ranks.dtype.type(width), ranks), True) - alone
            self.met += met
        else:
            # Where ranks are shared they sum to less.
            sums = ranks.sum(axis=1, dtype=np.int64)
            self.wins += _wins(ranks, bool(np.any(sums < self.cities * width // 2)))
            self.met += len(ranks)

    def merge(self, other: RankCounts) -> None:
        """Add the counts of other draws of the same cities."""
        self.draws += other.draws
        self.ranks = self.ranks + other.ranks
        self.wins += other.wins
        self.met += other.met

    @property
    def scored(self) -> Counts:
        """Draws in which each city has a rank."""
        return self.draws - self.of_rank(np.zeros(self.cities, dtype=np.intp))

    def of_rank(self, ranks: npt.NDArray[np.intp]) -> Counts:
        """Draws in which each city has the rank that is given for it."""
        found = self.ranks.tocoo()
        same = found.col == ranks[found.row]
        counts: Counts = np.zeros(self.cities, dtype=np.int64)
        counts[found.row[same]] = found.data[same]
        return counts

    def quantile(self, share: float) -> Array:
        """Give the best rank that each city keeps or betters in at least this share of its draws.

        NaN where a city has no rank in any draw. This is numpy's method ``inverted_cdf``.
        """
        counts, scored = self.ranks[:, 1:], self.scored
        counts.sort_indices()
        city = np.repeat(np.arange(self.cities), np.diff(counts.indptr))
        reached = np.cumsum(counts.data)
        reached -= np.r_[0, reached][counts.indptr[:-1]][city]
        # Never 0 draws: the lowest quantile is the best rank that occurs.
        needed = np.maximum(np.ceil(share * scored - 1e-9), 1)
        short = np.bincount(city[reached < needed[city]], minlength=self.cities)
        rank = np.full(self.cities, np.nan)
        some = scored > 0
        rank[some] = counts.indices[(counts.indptr[:-1] + short)[some]] + 1.0
        return rank


def _wins(ranks: Ranks, shared: bool) -> Counts:
    """Draws in which the city of the row has a lower rank than that of the column.

    ``shared`` says that cities may have the same rank.
    """
    draws, cities = ranks.shape
    best, worst = ranks.min(axis=0), ranks.max(axis=0)
    order = np.argsort(best, kind="stable")
    # In this order a city always beats those whose best rank is beyond its worst.
    ends = np.searchsorted(best[order], worst[order], side="right")
    wins = np.full((cities, cities), draws, dtype=np.int64)
    ties = np.zeros((cities, cities), dtype=np.int64) if shared else None
    for start in range(0, draws, _LANES):
        block = np.ascontiguousarray(ranks[start : start + _LANES, order].T)
        for row, end in enumerate(ends):
            rest = slice(row + 1, max(row + 1, int(end)))
            better = _count(np.less, block[row], block[rest])
            wins[row, rest] += better - block.shape[1]
            if ties is not None:
                ties[row, rest] += _count(np.equal, block[row], block[rest])
    lost = draws - wins.T - (0 if ties is None else ties.T)
    later = np.arange(cities)
    result = np.empty_like(wins)
    result[np.ix_(order, order)] = np.where(later[:, np.newaxis] < later, wins, lost)
    np.fill_diagonal(result, 0)
    return result


def _count(holds: np.ufunc, one: Ranks, others: Ranks) -> Counts:
    """Count the draws in which a comparison holds between one city and each of the others.

    ``one`` has shape ``(draws,)``, ``others`` ``(cities, draws)``. Eight truths are added at
    once, as the bytes of one number, none of which reaches 256.
    """
    draws = others.shape[1]
    truths = np.zeros((len(others), -(-draws // 8) * 8), dtype=np.bool_)
    holds(one, others, out=truths[:, :draws])
    sums = np.add.reduce(truths.view(np.uint64), axis=1)
    counts: Counts = sums.view(np.uint8).reshape(len(others), 8).sum(axis=1, dtype=np.int64)
    return counts
