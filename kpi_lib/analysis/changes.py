"""Changes over time on the indicators that both periods have, and what the other ones bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.framework.model import TOTAL, Framework
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


def changes_of(board: Scoreboard, pairs: Mapping[str, tuple[str, str]]) -> pd.Series[float]:
    """Changes of ``TOTAL`` of many cities on the indicators that both periods have.

    ``pairs`` are the two periods of each city. Gives :attr:`Change.total`'s ``like`` by city, in
    one go where no method compares cities with each other.
    """
    if not pairs:
        return pd.Series(dtype=float)
    if _compares(board.framework):
        found = {c: like_for_like(board, c, *both).total["like"] for c, both in pairs.items()}
        return pd.Series(found)
    units = [[(city, both[i]) for city, both in pairs.items()] for i in (0, 1)]
    counts = [counting(board, each) for each in units]
    kept = counts[0] & counts[1]
    if board.framework.missing.policy in {"zero", "worst"}:
        kept |= ~(counts[0] | counts[1])
    rows = board.points.index.get_indexer(pd.MultiIndex.from_tuples([*units[0], *units[1]]))
    leaves = [leaf.code for leaf in board.framework.indicators]
    applies = np.concatenate([kept, kept])
    if board.applies is not None:
        applies &= board.applies[rows]
    points, _ = roll_up(
        fill(board.points[leaves], board.framework).iloc[rows],
        board.known[leaves].iloc[rows],
        board.framework,
        board.weights,
        applies,
    )
    before, after = points[TOTAL].to_numpy().reshape(2, -1)
    return pd.Series(after - before, index=list(pairs))


def counting(board: Scoreboard, units: Sequence[tuple[str, str]]) -> Bools:
    """Which indicators count in each row, shape ``(rows, indicators)``.

    Those that have a score and weight, and so has every group that they are in; a group with
    too few data has no score, and then nothing in it counts. A bonus or a deduction has no
    weight and counts where it has a score.
    """
    rows = board.points.index.get_indexer(pd.MultiIndex.from_tuples(units))
    return _counting(board, rows)


def _counting(board: Scoreboard, rows: npt.NDArray[np.intp]) -> Bools:
    framework = board.framework
    weights = scored_weights(framework, board.weights)
    nodes = [code for code in framework.nodes if code != TOTAL]
    under = below(framework, nodes)
    absent = np.isnan(board.points[nodes].to_numpy(dtype=float)[rows])
    unweighed = np.array([weights[code] <= 0 for code in nodes]) @ under
    extra = np.array([leaf.extra for leaf in framework.indicators])
    scored: Bools = ~(absent @ under) & (~unweighed | extra)
    if board.applies is not None:
        scored &= board.applies[rows]
    return scored


def below(framework: Framework, codes: Sequence[str]) -> Bools:
    """Which indicators stand at or below some codes, shape ``(codes, indicators)``."""
    found = np.zeros((len(codes), len(framework.indicators)), dtype=bool)
    for row, code in zip(found, codes, strict=True):
        row[[framework.positions[leaf.code] for leaf in framework.leaves(code)]] = True
    return found


def new_sets(board: Scoreboard, city: str, periods: Sequence[str]) -> pd.DataFrame:
    """Whether other indicators count than in the period before: rows are periods, columns codes.

    Of periods without a score it is never said, and they are passed over.
    """
    rows = board.points.index.get_indexer(pd.MultiIndex.from_product([[city], periods]))
    scored = board.points.iloc[rows].notna()
    inside = below(board.framework, list(scored.columns))
    found = np.zeros(scored.shape, dtype=bool)
    last, seen = np.zeros_like(inside), np.zeros(len(inside), dtype=bool)
    steps = zip(found, scored.to_numpy(), _counting(board, rows), strict=True)
    for new, there, counts in steps:
        new[:] = there & seen & ((last != counts) & inside).any(axis=1)
        last[there] = counts
        seen |= there
    return pd.DataFrame(found, index=list(periods), columns=scored.columns)


def _scored_again(
    board: Scoreboard, units: Sequence[tuple[str, str]], taken: Bools
) -> pd.DataFrame:
    """Scores of a city in some periods from some of the indicators alone."""
    framework, leaves = board.framework, [leaf.code for leaf in board.framework.indicators]
    rows = np.unique(np.concatenate([board.by_period[period] for _, period in units]))
    index = board.points.index[rows]
    own = index.isin(units)
    compared = _compares(framework)
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


def _compares(framework: Framework) -> bool:
    """Whether a group is scored by comparing cities with each other."""
    return any(
        AGGREGATE[framework.method_of(group).name].relative for group in framework.all_groups
    )


def _named(codes: Sequence[str], which: Bools) -> tuple[str, ...]:
    return tuple(code for code, chosen in zip(codes, which, strict=True) if chosen)
