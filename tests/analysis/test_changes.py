"""A change over time is on the indicators of both periods; the rest is apart, and both sum up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from builders import NAN, arrays, few, framework, group, indicator, observe, panel
from hypothesis import given
from hypothesis import strategies as st

import kpi_lib as kpi
from kpi_lib.analysis.changes import like_for_like, new_sets
from kpi_lib.framework.model import TOTAL, Framework

CODES = ("a", "b", "c", "d")
PERIODS = ("2024", "2025")


def tree(**changes: object) -> Framework:
    return framework(
        group("G", indicator("a"), indicator("b")),
        group("H", indicator("c"), indicator("d"), weight=2.0),
        **changes,
    )


def flat(**changes: object) -> Framework:
    return framework(group("G", *(indicator(code) for code in CODES)), **changes)


def board(
    values: list[list[list[float]]], model: Framework, periods: tuple[str, ...] = PERIODS
) -> kpi.Scoreboard:
    return kpi.score(observe(panel(np.array(values, dtype=float), CODES, periods)), model)


# Of the first city three indicators fall by 2 and the weakest one is missing in the second period.
FALL = [[[60, 60, 60, 20], [58, 58, 58, NAN]], [[50, 50, 50, 50], [55, 55, 55, 55]]]


def test_what_is_missing_in_one_period_is_no_change_of_the_city() -> None:
    # 50 = (60 + 60 + 60 + 20)/4 becomes 58; on the three of both periods 60 becomes 58.
    found = like_for_like(board(FALL, flat()), "c0", 2024, 2025)
    row = found.table.loc[TOTAL]
    assert row[["before", "after", "change"]].to_list() == pytest.approx([50, 58, 8])
    assert row[["before_like", "after_like", "like"]].to_list() == pytest.approx([60, 58, -2])
    assert row[["left", "entered"]].to_list() == pytest.approx([10, 0])
    assert (found.shared, found.left, found.entered) == (("a", "b", "c"), ("d",), ())


def test_turned_round_what_left_enters() -> None:
    turned = [[city[1], city[0]] for city in FALL]
    found = like_for_like(board(turned, flat()), "c0", 2024, 2025)
    assert found.table.loc[TOTAL, ["like", "left", "entered"]].to_list() == pytest.approx(
        [2, 0, -10]
    )
    assert found.entered == ("d",)


def test_the_same_indicators_in_both_periods_leave_nothing_apart() -> None:
    found = like_for_like(board(FALL, flat()), "c1", 2024, 2025)
    assert found.table.loc[TOTAL, ["like", "left", "entered"]].to_list() == pytest.approx([5, 0, 0])
    assert not found.differs


@pytest.mark.parametrize("policy", ["rescale", "zero", "worst"])
@pytest.mark.parametrize("aggregate", ["arithmetic", "power", "copeland"])
def test_the_parts_sum_to_the_change_whatever_the_method(policy: str, aggregate: str) -> None:
    method = kpi.Method("power", {"p": 2.0}) if aggregate == "power" else kpi.Method(aggregate)
    values = [[[60, 50, 40, 20], [58, 70, 30, NAN]], [[50, 10, 50, 50], [55, 20, 55, 55]]]
    found = like_for_like(board(values, tree(policy=policy, aggregate=method)), "c0", 2024, 2025)
    parts = found.table[["like", "left", "entered"]].sum(axis=1)
    assert np.allclose(parts, found.table["change"], atol=1e-9)
    assert found.left == ("d",)


@few
@given(arrays((2, 2, 4), 0, 100), st.sampled_from(["rescale", "zero", "worst"]))
def test_the_parts_always_sum_to_the_change(values: np.ndarray, policy: str) -> None:
    found = like_for_like(board(values.tolist(), tree(policy=policy)), "c0", 2024, 2025)
    table = found.table.dropna()
    parts = table[["like", "left", "entered"]].sum(axis=1)
    assert np.allclose(parts, table["change"], atol=1e-9)
    # Where the same indicators count, all of a change is like for like.
    if not found.differs:
        assert np.allclose(found.table["like"], found.table["change"], equal_nan=True, atol=1e-9)


def test_without_any_shared_indicator_nothing_is_like_for_like() -> None:
    values = [[[60, NAN, NAN, NAN], [NAN, 40, NAN, NAN]]]
    found = like_for_like(board(values, flat()), "c0", 2024, 2025)
    assert np.isnan(found.table.at[TOTAL, "like"])
    assert found.table.at[TOTAL, "change"] == -20
    assert (found.shared, found.left, found.entered) == ((), ("a",), ("b",))


def test_a_group_that_loses_its_score_takes_its_indicators_with_it() -> None:
    # H has a score only where both c and d are there; then a and b alone are in both periods.
    values = [[[10, 10, 70, 70], [20, 20, 90, NAN]]]
    model = tree()
    model = replace(model, missing=replace(model.missing, min_coverage=0.6))
    model = replace(model, groups=(model.groups[0], replace(model.groups[1], weight=0.5)))
    found = like_for_like(board(values, model), "c0", 2024, 2025)
    assert found.shared == ("a", "b")
    assert found.left == ("c", "d")
    assert found.table.at[TOTAL, "like"] == pytest.approx(10)


def test_an_indicator_that_is_not_scored_neither_enters_nor_leaves() -> None:
    bare = indicator("d", goalposts=None)
    model = framework(group("G", indicator("a"), indicator("b"), indicator("c"), bare))
    found = like_for_like(board(FALL, model), "c0", 2024, 2025)
    assert not found.differs
    assert found.shared == ("a", "b", "c")


def test_a_period_with_another_set_is_marked_and_one_without_a_score_passed_over() -> None:
    values = [[[1, 1, 1, 1], [2, 2, 2, NAN], [NAN] * 4, [3, 3, 3, NAN], [3, 3, 3, 3]]]
    years = ("2021", "2022", "2023", "2024", "2025")
    scores = board(values, tree(), years)
    found = new_sets(scores, "c0", years)
    assert list(found[TOTAL]) == [False, True, False, False, True]
    assert list(found["G"]) == [False] * 5
    assert new_sets(scores, "c0", []).empty


def test_an_unknown_period_is_named() -> None:
    with pytest.raises(kpi.InputError, match="1999"):
        like_for_like(board(FALL, flat()), "c0", 1999, 2025)
