"""Changes over time on the indicators that both periods have, and what the other ones bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.display import Displayed
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.scoring.indicators import fill
from kpi_lib.scoring.rollup import roll_up, scored_weights
from kpi_lib.scoring.scoreboard import Scoreboard

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, repr=False)
class Change(Displayed):
    """A city's change from one period to another, split by the indicators that count.

    ``table``, by code of a group: ``before`` and ``after``, the scores; ``change``, their
    difference; ``before_like`` and ``after_like``, the scores from the shared indicators alone;
    ``like``, the difference of these; ``left`` and ``entered``, what comes from indicators that
    count in the first or in the second period only. ``like + left + entered`` is ``change``;
    all are in score points, NaN where a score is not there. ``shared``, ``left`` and
    ``entered`` are the codes of the indicators.
    """

    table: pd.DataFrame
    shared: tuple[str, ...]
    left: tuple[str, ...]
    entered: tuple[str, ...]

    @property
    def total(self) -> dict[str, float]:
        """The row of ``TOTAL`` by column."""
        return dict(zip(self.table.columns, self.table.loc[TOTAL].to_numpy(float), strict=True))

    @property
    def differs(self) -> bool:
        """Whether other indicators count in the second period than in the first."""
        return bool(self.left or self.entered)


def like_for_like(board: Scoreboard, city: str, before: str | int, after: str | int) -> Change:
    """Split a city's change into that on the indicators of both periods, and the rest.

    See :func:`counting` for which indicators count. Both periods are scored again from the
    shared ones alone, as if no other applied to the city; what is filled in both periods, by
    the policies ``zero`` and ``worst``, stays filled. ``like`` is NaN where too few are shared
    for a score. Raises :class:`InputError` for a city or period that is not there.
    """
    units = [board.unit(city, before), board.unit(city, after)]
    counts = counting(board, units)
    shared: Bools = np.asarray(counts.all(axis=0))
    leaves = [leaf.code for leaf in board.framework.indicators]
    groups = [group.code for group in board.framework.all_groups]
    points = board.points.loc[units][groups].to_numpy(dtype=float)
    kept = shared
    if board.framework.missing.policy in {"zero", "worst"}:
        kept = shared | ~np.asarray(counts.any(axis=0))
    like = _scored_again(board, units, kept)[groups].to_numpy(dtype=float)
    table = pd.DataFrame(
        {
            "before": points[0],
            "after": points[1],
            "change": points[1] - points[0],
            "before_like": like[0],
            "after_like": like[1],
            "like": like[1] - like[0],
            "left": like[0] - points[0],
            "entered": points[1] - like[1],
        },
        index=groups,
    )
    only = [counts[i] & ~shared for i in (0, 1)]
    return Change(table, *(_named(leaves, which) for which in (shared, *only)))


def counting(board: Scoreboard, units: Sequence[tuple[str, str]]) -> Bools:
    """Which indicators count in each row, shape ``(rows, indicators)``.

    Those that have a score and weight, and so has every group that they are in; a group with
    too few data has no score, and then nothing in it counts.
    """
    framework = board.framework
    weights = scored_weights(framework, board.weights)
    rows = board.points.index.get_indexer(pd.MultiIndex.from_tuples(units))
    there = ~np.isnan(board.points.to_numpy(dtype=float)[rows])
    place = {str(code): at for at, code in enumerate(board.points.columns)}
    columns = []
    for leaf in framework.indicators:
        path = [leaf.code, *(code for code in framework.ancestors(leaf.code) if code != TOTAL)]
        weighed = all(weights[code] > 0 for code in path)
        columns.append(there[:, [place[code] for code in path]].all(axis=1) & weighed)
    scored: Bools = np.column_stack(columns)
    if board.applies is not None:
        scored &= board.applies[rows]
    return scored


def new_sets(board: Scoreboard, city: str, periods: Sequence[str], code: str) -> list[bool]:
    """Whether other indicators count below a code than in the period before, for each period.

    Of periods without a score it is never said, and they are passed over.
    """
    if not periods:
        return []
    units = [(city, period) for period in periods]
    own = {leaf.code for leaf in board.framework.leaves(code)}
    below = np.array([leaf.code in own for leaf in board.framework.indicators])
    counts = counting(board, units)[:, below]
    scores = board.points.loc[units][code].notna().to_numpy()
    found, last = [], None
    for row, there in zip(counts, scores, strict=True):
        found.append(bool(there and last is not None and (row != last).any()))
        last = row if there else last
    return found


def _scored_again(
    board: Scoreboard, units: Sequence[tuple[str, str]], taken: Bools
) -> pd.DataFrame:
    """Scores of a city in some periods from some of the indicators alone."""
    framework, leaves = board.framework, [leaf.code for leaf in board.framework.indicators]
    rows = np.unique(np.concatenate([board.by_period[period] for _, period in units]))
    index = board.points.index[rows]
    own = index.isin(units)
    compared = any(
        AGGREGATE[framework.method_of(group).name].relative for group in framework.all_groups
    )
    scores = fill(board.points[leaves].iloc[rows], framework)
    applies = np.ones(scores.shape, dtype=bool)
    if board.applies is not None:
        applies &= board.applies[rows]
    applies[own] &= taken
    kept = np.ones(len(rows), dtype=bool) if compared else own
    points, _ = roll_up(
        scores[kept],
        board.known[leaves].iloc[rows][kept],
        framework,
        board.weights,
        applies[kept],
    )
    return points.loc[list(units)]


def _named(codes: Sequence[str], which: Bools) -> tuple[str, ...]:
    return tuple(code for code, chosen in zip(codes, which, strict=True) if chosen)
