"""Cities compared within groups: positions of the others, ranks, counts and medians, on arrays.

Tables have a row for each city and a column for each thing that is compared: the codes of a
framework, or draws. NaN is no value. Two kinds of groups have the same functions: those that
share a value (:class:`Same`) and the nearest of each city (:class:`Nearest`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from kpi_lib.locale.display import Displayed
from kpi_lib.scoring.ranks import ranks_of

Array = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

# Numbers that are gathered at once: they bound the memory of a table of many cities.
_STEP = 2_000_000


class Groups(Protocol):
    """What is asked of groups, of whatever kind."""

    @property
    def grouped(self) -> npt.NDArray[np.bool_]:
        """Which cities have others to be compared with."""
        ...

    def others(self, city: int) -> Positions:
        """Positions of the others of a city's group."""
        ...

    def ranks(self, ranks: Array) -> Array:
        """Ranks within each city's group from ranks among all; ties share the better rank."""
        ...

    def counts(self, there: npt.NDArray[np.bool_]) -> Array:
        """How many of each city's group, itself included, are there."""
        ...

    def medians(self, values: Array) -> Array:
        """Median of the others of each city's group."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Same(Displayed):
    """Groups of cities with the same label; -1 is none. A city alone has no group."""

    labels: Positions

    @cached_property
    def _members(self) -> dict[int, Positions]:
        order = np.argsort(self.labels, kind="stable")
        found, first = np.unique(self.labels[order], return_index=True)
        parts = np.split(order, first[1:])
        return {
            int(label): rows
            for label, rows in zip(found, parts, strict=True)
            if label >= 0 and len(rows) > 1
        }

    @property
    def grouped(self) -> npt.NDArray[np.bool_]:
        """Which cities share their label with another."""
        return np.isin(self.labels, list(self._members))

    def others(self, city: int) -> Positions:
        """Positions of the others with a city's label, in order."""
        members = self._members.get(int(self.labels[city]), np.array([], dtype=np.intp))
        return np.asarray(members[members != city])

    def ranks(self, ranks: Array) -> Array:
        """Ranks within each label from ranks among all; ties share the better rank."""
        within = np.full(ranks.shape, np.nan)
        for rows in self._members.values():
            within[rows] = ranks_of(-ranks[rows])
        return within

    def counts(self, there: npt.NDArray[np.bool_]) -> Array:
        """How many cities of each label are there."""
        counts = np.full(there.shape, np.nan)
        for rows in self._members.values():
            counts[rows] = there[rows].sum(axis=0)
        return counts

    def medians(self, values: Array) -> Array:
        """Median of the other cities with the same label."""
        medians = np.full(values.shape, np.nan)
        for rows in self._members.values():
            own = values[rows]
            order = np.argsort(own, axis=0, kind="stable")
            place = np.empty_like(order)
            np.put_along_axis(place, order, np.arange(len(rows))[:, np.newaxis], axis=0)
            ordered = np.take_along_axis(own, order, axis=0)
            # Who has no value stands behind all that have one, and takes none away.
            medians[rows] = _middle(ordered, (~np.isnan(own)).sum(axis=0), place, ~np.isnan(own))
        return medians


@dataclass(frozen=True, eq=False, repr=False)
class Nearest(Displayed):
    """The nearest others of each city: ``at`` has shape ``(cities, k)``; -1 is none."""

    at: Positions

    @cached_property
    def _there(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.at >= 0)

    @property
    def grouped(self) -> npt.NDArray[np.bool_]:
        """Which cities have others near them."""
        return np.asarray(self._there.any(axis=1))

    def others(self, city: int) -> Positions:
        """Positions of the others that are nearest, the nearest first."""
        return np.asarray(self.at[city][self._there[city]])

    def ranks(self, ranks: Array) -> Array:
        """Rank of each city among itself and its nearest, from ranks among all."""
        within = np.ones(ranks.shape)
        for at, there in zip(self.at.T, self._there.T, strict=True):
            within += there[:, np.newaxis] & (ranks[at] < ranks)
        within[~self.grouped] = np.nan
        return np.where(np.isnan(ranks), np.nan, within)

    def counts(self, there: npt.NDArray[np.bool_]) -> Array:
        """How many of each city and its nearest are there."""
        counts = there.astype(float)
        for at, known in zip(self.at.T, self._there.T, strict=True):
            counts += known[:, np.newaxis] & there[at]
        counts[~self.grouped] = np.nan
        return counts

    def medians(self, values: Array) -> Array:
        """Median of the nearest others of each city."""
        medians = np.full(values.shape, np.nan)
        for rows in self._blocks(values.shape[1]):
            near = np.where(self._there[rows, :, np.newaxis], values[self.at[rows]], np.nan)
            ordered = np.moveaxis(np.sort(near, axis=1), 1, 0)
            medians[rows] = _middle(ordered, (~np.isnan(ordered)).sum(axis=0))[0]
        return medians

    def _blocks(self, columns: int) -> Iterator[slice]:
        step = max(1, _STEP // max(1, self.at.shape[1] * columns))
        return (slice(start, start + step) for start in range(0, len(self.at), step))


def nearest(amounts: Array, k: int) -> Nearest:
    """Find the ``k`` nearest others of each city by an amount above 0, on a log scale.

    Parameters
    ----------
    amounts : (cities,) array
        NaN, and what is not above 0, is unknown: such a city has no nearest and is nobody's.
    k : int
        How many others; fewer where there are fewer. Of two that are as near, the one that
        stands first among the cities.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes = np.log(amounts)
    known = np.flatnonzero(np.isfinite(sizes))
    order = known[np.argsort(sizes[known], kind="stable")]
    at = np.full((len(amounts), k), -1, dtype=np.intp)
    # In order of size, the k nearest are among the k before and the k after.
    near = np.arange(len(order))[:, np.newaxis] + np.r_[-k:0, 1 : k + 1]
    outside = (near < 0) | (near >= len(order))
    found = order[np.clip(near, 0, max(0, len(order) - 1))] if len(order) else near
    distance = np.abs(sizes[found] - sizes[order][:, np.newaxis])
    distance[outside] = np.inf
    chosen = np.lexsort((found, distance), axis=1)[:, :k]
    at[order] = np.where(
        np.take_along_axis(outside, chosen, axis=1), -1, np.take_along_axis(found, chosen, axis=1)
    )
    return Nearest(at)


def _middle(
    ordered: Array,
    known: npt.NDArray[np.intp],
    place: Positions | None = None,
    own: npt.NDArray[np.bool_] | None = None,
) -> Array:
    """Median down each column of ``known`` values that stand in order; NaN where there is none.

    With ``place``, a row for each city: the median without the one in its place, where the city
    has a value of its ``own``.
    """
    if place is None or own is None:
        place = np.full((1, *known.shape), len(ordered), dtype=np.intp)
        own = np.zeros(place.shape, dtype=np.bool_)
    rest = known - own
    ends = []
    for end in ((rest - 1) // 2, rest // 2):
        end = np.clip(end + (own & (end >= place)), 0, len(ordered) - 1)
        ends.append(np.take_along_axis(ordered, end, axis=0))
    return np.where(rest > 0, (ends[0] + ends[1]) / 2, np.nan)
