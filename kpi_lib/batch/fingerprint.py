"""What each city's report depends on, as short hashes: an equal hash, an equal report.

A report shows all of its own city, and of the others only how their scores and values lie
around its own: medians, quantiles, how many there are, and dots where these are few. A change
in the data of one city therefore changes the reports that show a number that it moved, and
no others.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.batch.job import default_notebook, notebook_source
from kpi_lib.framework.model import TOTAL, Framework
from kpi_lib.methods import aggregate, normalise
from kpi_lib.report.charts.figures import MOST_DOTS
from kpi_lib.report.view import CityView
from kpi_lib.scoring.cache import intervals
from kpi_lib.scoring.score import Scoreboard
from kpi_lib.scoring.tree import best_score, scorable

Array = npt.NDArray[np.float64]

# What draws, writes and computes: another version may give another page.
_PACKAGES = (
    "babel",
    "ipykernel",
    "ipython",
    "matplotlib",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "seaborn",
)


def hashed(*parts: str | bytes) -> str:
    """Give 16 hexadecimal digits for some texts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


@cache
def library() -> str:
    """Hash the library with its templates and word lists, and the packages that it builds on."""
    package = Path(str(resources.files("kpi_lib")))
    files = sorted(
        path
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".ipynb"}
    )
    names = [path.relative_to(package).as_posix() for path in files]
    packages = [f"{name} {version(name)}" for name in _PACKAGES]
    return hashed(platform.python_version(), *packages, *names, *(p.read_bytes() for p in files))


def common(board: Scoreboard, notebook: Path) -> dict[str, str]:
    """Hash what all reports of a set depend on, by its name."""
    return {
        "library": library(),
        "framework": hashed(board.framework.fingerprint, _json(dict(board.weights))),
        "notebook": hashed(notebook_source(notebook)),
    }


def of_cities(
    board: Scoreboard, periods: Mapping[str, str], notebook: Path
) -> dict[str, dict[str, str]]:
    """Hash the data that each city's report shows in its period: ``data`` and ``others``.

    A notebook other than the library's may show anything: its reports depend on all data.
    """
    if notebook.resolve() != default_notebook().resolve():
        everything = hashed(board.observations.fingerprint)
        return {city: {"data": everything} for city in periods}
    own = _own(board, periods)
    others = _Others(board)
    return {city: {"data": own[city], "others": others.hashed(city, periods[city])} for city in own}


def text_of(parts: Mapping[str, str]) -> str:
    """Write hashes by their names as one text."""
    return " ".join(f"{name}:{value}" for name, value in sorted(parts.items()))


def changed(before: str, now: str) -> list[str]:
    """Give the names of the parts in which two such texts differ."""
    old, new = (dict(part.split(":", 1) for part in text.split()) for text in (before, now))
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _own(board: Scoreboard, periods: Mapping[str, str]) -> dict[str, str]:
    """Hash the rows of each city in every table."""
    observations = board.observations
    parts: dict[str, list[bytes]] = {city: [] for city in periods}
    for name in ("table", "cities", "quantities", "evidence"):
        table = getattr(observations, name, None)
        if table is None or table.empty:
            continue
        rows = pd.util.hash_pandas_object(table, index=False).to_numpy()
        for city, at in table.groupby("city", sort=False).indices.items():
            if city in parts:
                parts[str(city)] += [name.encode(), rows[at].tobytes()]
    for name in ("values", "points", "coverage"):
        wide = getattr(board, name)
        numbers = _plain(wide)
        cities = pd.Series(wide.index.get_level_values("city"))
        for city, at in cities.groupby(cities, sort=False).indices.items():
            if city in parts:
                parts[str(city)] += [name.encode(), numbers[at].tobytes()]
    whole = _json([str(path.name) for path in observations.files])
    return {
        city: hashed(whole, str(observations.demo), periods[city], *found)
        for city, found in parts.items()
    }


class _Others:
    """Hashes what a report shows of the other cities."""

    def __init__(self, board: Scoreboard) -> None:
        self._board = board
        self._intervals: dict[str, Mapping[Any, Any]] = {}
        self._compares = _compares(board.framework)
        self._all = hashed(_plain(board.points).tobytes(), _plain(board.values).tobytes())
        units = [(str(city), str(period)) for city, period in board.points.index]
        objectives = CityView(board, *units[0], "en").objectives
        drawn = [TOTAL, *(node.code for node in objectives)]
        scored = [i.code for i in board.framework.indicators if scorable(i, board.framework)]
        rows = board.points.groupby(level="period").indices
        points, values, ranks = board.points, board.values, board.ranks
        self._periods = {
            str(name): _Period(points.iloc[at], values.iloc[at], ranks.iloc[at], drawn, scored)
            for name, at in rows.items()
        }
        self._of_city: dict[str, list[str]] = {}
        for city, period in sorted(units):
            self._of_city.setdefault(city, []).append(period)

    def hashed(self, city: str, period: str) -> str:
        """Hash what the report of a city in a period shows of the others."""
        now = self._periods[period]
        # Where few indicators have scores, values are drawn beside the others' in their place.
        if self._compares or now.scores(city) < 2:
            return self._all
        until = [self._periods[p] for p in self._of_city[city] if p <= period]
        sure = _json(self._sure(period).get(city))
        return hashed(now.around(city), now.dots(city), sure, *(p.over_time(city) for p in until))

    def _sure(self, period: str) -> Mapping[Any, Any]:
        """How sure each rank of a period is, by city; nothing where there are no ranks."""
        if period not in self._intervals:
            ranked = self._board.points[TOTAL].iloc[self._board.by_period[period]].notna().sum()
            table = intervals(self._board, period) if ranked > 1 else pd.DataFrame()
            self._intervals[period] = table.to_dict("index")
        return self._intervals[period]


class _Period:
    """How the cities of one period lie around each of them."""

    def __init__(
        self,
        points: pd.DataFrame,
        values: pd.DataFrame,
        ranks: pd.DataFrame,
        drawn: list[str],
        scored: list[str],
    ) -> None:
        cities = points.index.get_level_values("city")
        self._row = {str(city): i for i, city in enumerate(cities)}
        shown = np.hstack([_plain(points), _plain(values)])
        self._counts = (~np.isnan(shown)).sum(axis=0)
        self._medians = _near(shown, 0.5)
        self._ranks = _plain(ranks)
        self._drawn = _plain(points[drawn])
        self._quantiles = np.hstack([_near(self._drawn, q) for q in (0.1, 0.5, 0.9)])
        own = ~np.isnan(_plain(points[scored]))
        self._scores = (own & (own.sum(axis=0) > 2)).sum(axis=1)

    def scores(self, city: str) -> int:
        """How many indicators of the city can be compared by their scores."""
        return int(self._scores[self._row[city]])

    def around(self, city: str) -> bytes:
        """The medians of the others and how many there are, for everything."""
        return bytes(self._counts.tobytes() + self._medians[self._row[city]].tobytes())

    def over_time(self, city: str) -> bytes:
        """The city's ranks, and the quantiles of the others' scores that are drawn over years."""
        row = self._row[city]
        return bytes(self._ranks[row].tobytes() + self._quantiles[row].tobytes())

    def dots(self, city: str) -> bytes:
        """The others' scores one by one, where they are drawn so."""
        if len(self._row) - 1 > MOST_DOTS:
            return b""
        return np.delete(self._drawn, self._row[city], axis=0).tobytes()


def _near(columns: Array, quantile: float) -> Array:
    """For each row, the numbers of the other rows between which their quantile lies.

    Two for each column: what the quantile is computed from, and so all that can change it.
    """
    found = []
    for column in columns.T:
        there = ~np.isnan(column)
        ordered = np.append(np.sort(column[there]), np.nan)
        last = len(ordered) - 1
        place = np.where(there, np.searchsorted(ordered[:-1], column), last)
        middle = quantile * np.maximum(last - there - 1, 0)
        for at in (np.floor(middle), np.ceil(middle)):
            at = at.astype(int)
            found.append(ordered[np.minimum(at + (at >= place), last)])
    return np.column_stack(found)


def _compares(framework: Framework) -> bool:
    """Say whether a city's own scores, or what it could gain, follow from the others' values."""
    leaves = [leaf for leaf in framework.indicators if scorable(leaf, framework)]
    methods = [framework.normalisation_of(leaf) for leaf in leaves]
    merged = {framework.method_of(group).name for group in framework.all_groups}
    return bool(
        framework.treatment
        or framework.missing.policy == "worst"
        or any(m.name in normalise.RELATIVE or "across" in m.parameters for m in methods)
        or merged & aggregate.RELATIVE
        or any(best_score(leaf, framework) is None for leaf in leaves)
    )


def _plain(table: pd.DataFrame) -> Array:
    """Give numbers whose bytes are equal where they are: one NaN, one zero."""
    numbers = np.ascontiguousarray(table.to_numpy(dtype=float, copy=True)) + 0.0
    numbers[np.isnan(numbers)] = np.nan
    return numbers
