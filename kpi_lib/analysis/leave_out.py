"""What would change without a part: scores and ranks with each group or indicator left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from kpi_lib.analysis.audit import rows_of
from kpi_lib.errors import InputError
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.scoring.facts import facts_of
from kpi_lib.scoring.indicators import fill
from kpi_lib.scoring.ranks import ranks_of
from kpi_lib.scoring.rollup import roll_up, scored_weights
from kpi_lib.scoring.scoreboard import Scoreboard

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class LeftOut(Displayed):
    """Composite scores and ranks of one period with each part left out in turn.

    ``scores`` and ``ranks`` have a row for each city with a composite score, a column for each
    part (its code), and first the column ``TOTAL``: as they are, with nothing left out.
    """

    scores: pd.DataFrame
    ranks: pd.DataFrame

    @property
    def moves(self) -> pd.DataFrame:
        """Places that a city gains (above 0) or loses without each part."""
        return -self.ranks.drop(columns=TOTAL).sub(self.ranks[TOTAL], axis=0)

    def summary(self) -> pd.DataFrame:
        """Say for each part how much depends on it, most first.

        Gives by code: ``score``, the mean change of a score without regard to sign;
        ``moved``, the share of cities with another rank; ``mean_move`` and ``largest_move``
        in places; ``city``, which moves most ('' where none does); ``first``, the city that
        leads without the part; and ``agreement``, Kendall's tau between the two rankings (1: the
        same).
        """
        changes = self.scores.drop(columns=TOTAL).sub(self.scores[TOTAL], axis=0)
        moves = self.moves
        rows = {}
        for code in moves.columns:
            move, rank = moves[code].dropna(), self.ranks[code]
            if move.empty:
                continue
            tau = stats.kendalltau(self.ranks[TOTAL].loc[move.index], rank.loc[move.index])
            rows[code] = {
                "score": float(changes[code].abs().mean()),
                "moved": float((move != 0).mean()),
                "mean_move": float(move.abs().mean()),
                "largest_move": float(move.abs().max()),
                "city": str(move.abs().idxmax()) if (move != 0).any() else "",
                "first": str(rank.idxmin()),
                "agreement": float(tau.statistic),
            }
        columns = ["score", "moved", "mean_move", "largest_move", "city", "first", "agreement"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("code")
        return table.sort_values("mean_move", ascending=False, kind="stable")


def leave_out(
    board: Scoreboard, period: str | int, codes: Collection[str] | None = None
) -> LeftOut:
    """Score a period again without each part (by default every scored group and indicator).

    A part that is left out has no weight, and its siblings take it over in proportion; a
    city may lose its score where what remains is not enough. Cities are ranked among
    those that have a score as things are. Raises :class:`InputError` for unknown codes.
    Source: OECD and JRC, Handbook on Constructing Composite Indicators (2008), section 1.8,
    inclusion and exclusion of single indicators.
    """
    framework = board.framework
    known = scored_weights(framework, board.weights)
    if codes is None:
        codes = [code for code, weight in known.items() if weight > 0 and code != TOTAL]
        codes = [code for code in framework.nodes if code in codes]
    for code in codes:
        framework.node(code)
        if code == TOTAL or known[code] == 0:
            raise InputError(
                msg("'{code}' cannot be left out: it is the whole, or has no weight.", code=code)
            )
    leaves = [leaf.code for leaf in framework.indicators]
    points = board.points.loc[rows_of(board, period).index]
    counted = fill(points[leaves], framework)
    there = board.known.loc[points.index]
    applies = facts_of(board.observations, framework, points.index).applies
    scores = {TOTAL: points[TOTAL].to_numpy(dtype=float)}
    for code in codes:
        weights = {**board.weights, code: 0.0}
        again, _ = roll_up(counted, there, framework, weights, applies)
        scores[code] = again[TOTAL].to_numpy(dtype=float)
    cities = points.index.get_level_values("city")
    table = pd.DataFrame(scores, index=cities)
    shares = table
    if board.maximum is not None and framework.maxima[TOTAL] > 0:
        most = board.maximum.loc[points.index, TOTAL].to_numpy(dtype=float)
        shares = table.div(np.where(most > 0, most, np.nan), axis=0)
    kept = shares[TOTAL].notna().to_numpy()
    ranks = pd.DataFrame(ranks_of(shares[kept].to_numpy()), cities[kept], table.columns)
    return LeftOut(table[kept], ranks)
