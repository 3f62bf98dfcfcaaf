"""Ranks and wins of many draws are those of their definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
from builders import NAN
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_lib.analysis.robustness.counts import RankCounts, ranks_of


def test_ties_share_the_better_rank_and_a_city_without_a_score_has_none() -> None:
    scores = np.array([[3.0, 1.0, 3.0, NAN, 2.0], [1 / 3, 0.1 + 0.2, 0.3, 5.0, NAN]])
    np.testing.assert_array_equal(ranks_of(scores), [[1, 4, 1, 0, 3], [2, 3, 3, 1, 0]])


def test_who_has_no_score_neither_wins_nor_loses() -> None:
    counts = RankCounts(3)
    counts.add(ranks_of(np.array([[3.0, 2.0, NAN], [NAN, 2.0, NAN], [2.0, 2.0, 1.0]])))
    np.testing.assert_array_equal(counts.scored, [2, 3, 1])
    np.testing.assert_array_equal(counts.wins, [[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    np.testing.assert_array_equal(counts.met[0], [2, 2, 1])


@given(
    st.integers(1, 7).flatmap(
        lambda n: st.lists(
            st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, NAN]), min_size=n, max_size=n),
            min_size=1,
            max_size=6,
        )
    )
)
@settings(deadline=None)
def test_ranks_and_wins_are_those_of_the_definition(rows: list[list[float]]) -> None:
    scores = np.array(rows)
    expected = pd.DataFrame(scores).rank(axis=1, method="min", ascending=False).fillna(0)
    np.testing.assert_array_equal(ranks_of(scores), expected)
    counts = RankCounts(scores.shape[1])
    counts.add(ranks_of(scores))
    wins = (scores[:, :, np.newaxis] > scores[:, np.newaxis, :]).sum(axis=0)
    there = ~np.isnan(scores)
    np.testing.assert_array_equal(counts.wins, wins)
    np.testing.assert_array_equal(counts.met, there.T.astype(int) @ there)


def test_counts_of_blocks_add_up() -> None:
    scores = np.random.default_rng(1).integers(0, 9, (4100, 7)).astype(float)
    ranks = ranks_of(scores)
    whole, left, right = RankCounts(7), RankCounts(7), RankCounts(7)
    whole.add(ranks)
    left.add(ranks[:1500])
    right.add(ranks[1500:])
    left.merge(right)
    np.testing.assert_array_equal(whole.wins, left.wins)
    np.testing.assert_array_equal(whole.ranks.toarray(), left.ranks.toarray())
    np.testing.assert_array_equal(whole.wins[0, 1], np.sum(scores[:, 0] > scores[:, 1]))
    assert left.draws == 4100
