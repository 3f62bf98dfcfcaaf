"""One side of a revision: its values under its own rules, or under those of the other side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import plain
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.locale.display import Displayed
from kpi_lib.methods.rules import words_of
from kpi_lib.observations.layout import SAID
from kpi_lib.observations.values import NOT_APPLICABLE
from kpi_lib.scoring.facts import Facts, facts_of
from kpi_lib.scoring.indicators import score_values
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.treatment import known_values

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def cities_of(board: Scoreboard, period: str) -> set[str]:
    """The cities that a scoreboard has in a period."""
    return {city for city, own in board.points.index if own == period}


@dataclass(frozen=True, repr=False)
class Side(Displayed):
    """One version with its scores, in one period; rows are the cities of both versions."""

    board: Scoreboard
    period: str
    cities: list[str]

    @property
    def framework(self) -> Framework:
        """The version that the scores follow."""
        return self.board.framework

    def wide(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table of the scoreboard in this period, by city."""
        rows = table[table.index.get_level_values("period") == self.period]
        rows = rows.set_axis(rows.index.get_level_values("city"), axis="index")
        return rows.reindex(self.cities)

    @cached_property
    def present(self) -> Mask:
        """Which of the cities are there in this period."""
        there = cities_of(self.board, self.period)
        return np.array([city in there for city in self.cities])


@dataclass(frozen=True, repr=False)
class Ruled(Displayed):
    """The values of one side under the rules of one side, by code: an entry for each city.

    ``scores`` are not rounded; ``known``, ``applies``, ``earned`` (points that were given as such)
    and ``unfit`` (a word that the rules do not have) are 1 where it is so. ``points`` are those
    of each indicator by the rules, and by the side whose values they are.
    """

    scores: Mapping[str, Array]
    known: Mapping[str, Array]
    applies: Mapping[str, Array]
    earned: Mapping[str, Array]
    unfit: Mapping[str, Array]
    points: Mapping[str, tuple[float, float]]


def ruled_by(side: Side, framework: Framework, own: bool) -> Ruled:
    """Score a side by the rules of a framework with its codes: its ``own``, or those of another."""
    board = side.board
    unrounded = replace(framework, decimals=None)
    facts = facts_of(board.observations, unrounded, board.inputs.index)
    inputs, unfit = _reworded(board, unrounded, facts)
    known = known_values(board.values, inputs, facts)
    leaves = [leaf.code for leaf in framework.indicators]
    if own and not (framework.sums_points and framework.decimals is not None):
        scores = board.points[leaves]
    else:
        scores = score_values(inputs, unrounded, unrounded.indicators, facts)

    def arrays(table: Any) -> Mapping[str, Array]:
        """By code, of an array of the board's rows; nothing holds nowhere."""
        if table is None:
            return dict.fromkeys(leaves, np.zeros(len(side.cities)))
        wide = pd.DataFrame(np.asarray(table, dtype=float), board.inputs.index, leaves)
        return _arrays(side.wide(wide))

    counts = np.ones(inputs.shape) if facts.applies is None else facts.applies
    applies = {code: np.where(np.isnan(x), 1.0, x) for code, x in arrays(counts).items()}
    points = {}
    for leaf in framework.indicators:
        given = board.framework.nodes[leaf.code]
        assert isinstance(given, Indicator)
        points[leaf.code] = (points_of(leaf) or 1.0, points_of(given) or 1.0)
    return Ruled(
        arrays(scores[leaves]),
        arrays(known[leaves]),
        applies,
        arrays(facts.earned),
        arrays(unfit),
        points,
    )


def points_of(indicator: Indicator) -> float | None:
    """What an indicator earns, adds or takes at most; None where scores are no points."""
    return indicator.points or indicator.bonus or indicator.deduction


def _reworded(
    board: Scoreboard, framework: Framework, facts: Facts
) -> tuple[pd.DataFrame, Mask | None]:
    """Give words the scores of the framework's rules, and say where these do not know them."""
    table = board.observations.table
    worded = [
        leaf
        for leaf in framework.indicators
        if framework.normalisation_of(leaf).name == "categories"
    ]
    if not worded or SAID not in table.columns:
        return board.inputs, None
    inputs = board.inputs.to_numpy(dtype=float, copy=True)
    unfit = np.zeros(inputs.shape, dtype=np.bool_)
    index = board.inputs.index
    for leaf in worded:
        at = list(board.inputs.columns).index(leaf.code)
        own = table[(table["indicator"] == leaf.code) & ~table[SAID].isin(["", NOT_APPLICABLE])]
        rows = index.get_indexer(pd.MultiIndex.from_frame(own[["city", "period"]]))
        kinds = facts.kind(leaf)
        for row, word in zip(rows.tolist(), own[SAID], strict=True):
            if row < 0 or np.isnan(inputs[row, at]):
                continue
            rule = framework.normalisation_of(leaf if kinds is None else leaf.of(str(kinds[row])))
            scores = {plain(text): score for text, score in words_of(rule)}
            found = scores.get(plain(str(word)))
            unfit[row, at] = found is None
            inputs[row, at] = 0.0 if found is None else found
    return pd.DataFrame(inputs, index, board.inputs.columns), unfit


def _arrays(table: pd.DataFrame) -> dict[str, Array]:
    return dict(zip(table.columns, table.to_numpy(dtype=float).T, strict=True))
