"""What a change would bring is what a scoring of the changed values gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import NAN, framework, group, indicator, observe, panel
from hypothesis import given, settings
from hypothesis import strategies as st

import kpi_lib as kpi
from kpi_lib.analysis.what_if import leverage, priorities, weights_in_all, what_if
from kpi_lib.methods.registry import Method

CODES = ["A1", "A2", "B1"]


def tree(**options: object) -> kpi.Framework:
    leaves = [indicator(code, targets={2026: 80.0}, valid=(0, 100)) for code in CODES]
    return framework(group("A", *leaves[:2], weight=2.0), group("B", leaves[2]), **options)


def table(cities: int = 4) -> pd.DataFrame:
    values = np.random.default_rng(1).uniform(10, 70, (cities, 2, 3)).round(1)
    return panel(values, CODES, ["2024", "2025"])


@pytest.mark.parametrize("normalise", ["goalposts", "minmax", "rank", "percentile"])
@pytest.mark.parametrize("across", ["period", "panel"])
@pytest.mark.parametrize("aggregate", ["arithmetic", "median", "copeland"])
def test_the_result_is_that_of_a_scoring_with_the_new_value(
    normalise: str, across: str, aggregate: str
) -> None:
    """Also where a city is scored against others, whose scores then change too."""
    parameters = {"across": "panel"} if across == "panel" else {}
    tested = tree(normalise=Method(normalise, parameters), aggregate=aggregate)
    values = table()
    for period in (None, "2025"):
        board = kpi.score(observe(values), tested, period=period)
        changed = values.copy()
        changed.loc[("c1", "2025"), "A1"] = 90
        expected = kpi.score(observe(changed), tested, period=period)
        found = what_if(board, {"A1": 90}, city="c1")
        pd.testing.assert_frame_equal(found.points, expected.points)
        pd.testing.assert_frame_equal(found.coverage, expected.coverage)
        pd.testing.assert_frame_equal(found.ranks, expected.ranks)


def test_without_a_city_every_city_gets_the_value_in_its_latest_period() -> None:
    board = kpi.score(observe(table()), tree())
    found = what_if(board, {"A1": 90})
    latest = found.values["A1"].xs("2025", level="period")
    assert (latest == 90).all()
    assert (
        found.values["A1"]
        .xs("2024", level="period")
        .equals(board.values["A1"].xs("2024", level="period"))
    )
    assert (what_if(board, {"A1": 90}, period=2024).values["A1"].xs("2024", level=1) == 90).all()


def test_the_board_that_was_asked_stays_as_it_was() -> None:
    board = kpi.score(observe(table()), tree())
    before = board.points.copy()
    assert what_if(board, {"A1": 90, "B1": 95}, "c0").points.loc[("c0", "2025"), "TOTAL"] > 0
    pd.testing.assert_frame_equal(board.points, before)


def test_a_value_per_inhabitant_is_given_per_inhabitant() -> None:
    """What is observed is a count; the value is the count divided by what the city has."""
    leaf = indicator("A1", denominator="people")
    values = panel(np.array([[[40.0]], [[60.0]]]), ["A1"], ["2025"])
    quantities = pd.DataFrame(
        [("c0", "2025", "people", 2.0), ("c1", "2025", "people", 4.0)],
        columns=["city", "period", "quantity", "value"],
    )
    board = kpi.score(observe(values, quantities), framework(group("A", leaf)))
    found = what_if(board, {"A1": 35}, "c0")
    assert found.values["A1"].to_list() == [35, 15]
    assert found.observations.table["value"].to_list() == [70, 60]


def test_a_city_without_a_row_for_the_indicator_gets_one() -> None:
    observations = observe(table())
    rows = observations.table
    there = (rows["city"] != "c0") | (rows["indicator"] != "B1")
    sparse = replace(observations, table=rows[there].reset_index(drop=True))
    found = what_if(kpi.score(sparse, tree()), {"B1": 35}, "c0")
    assert found.values.loc[("c0", "2025"), "B1"] == 35
    assert np.isnan(found.values.loc[("c0", "2024"), "B1"])
    assert list(found.observations.table["city"]) == sorted(found.observations.table["city"])


def test_a_missing_value_can_be_supposed() -> None:
    values = table()
    values.loc[("c0", "2025"), "B1"] = NAN
    board = kpi.score(observe(values), tree())
    found = what_if(board, {"B1": 50}, "c0")
    assert found.coverage.loc[("c0", "2025"), "TOTAL"] == 1
    assert board.coverage.loc[("c0", "2025"), "TOTAL"] == pytest.approx(2 / 3)


def test_what_is_impossible_is_told() -> None:
    board = kpi.score(observe(table()), tree())
    with pytest.raises(kpi.InputError, match="expected a number from 0 to 100"):
        what_if(board, {"A1": 101})
    with pytest.raises(kpi.InputError, match="expected a number"):
        what_if(board, {"A1": float("nan")})
    with pytest.raises(kpi.InputError, match="'A' is a group"):
        what_if(board, {"A": 50})
    with pytest.raises(kpi.InputError, match="Did you mean 'A1'"):
        what_if(board, {"A11": 50})
    with pytest.raises(kpi.InputError, match="no period '2020'"):
        what_if(board, {"A1": 50}, period=2020)


@settings(max_examples=25)
@given(st.floats(0, 100), st.sampled_from(CODES))
def test_one_change_alone_brings_the_gain_that_a_board_states(value: float, code: str) -> None:
    board = kpi.score(observe(table()), tree(aggregate="arithmetic"))
    change = (what_if(board, {code: value}, "c2").points - board.points).loc[
        ("c2", "2025"), "TOTAL"
    ]
    assert board.gains("c2", "2025", {code: value})[code] == pytest.approx(change, abs=1e-9)


def test_the_gap_that_brings_most_per_tenth_closed_comes_first() -> None:
    """A1 has a third of the weight and a gap of 60; B1 a third and 40; A2 is met."""
    values = panel(np.array([[[20.0, 90.0, 40.0]]]), CODES, ["2025"])
    found = priorities(kpi.score(observe(values), tree()), "c0")
    assert list(found.index) == ["A1", "B1"]
    assert found.loc["A1", "step"] == pytest.approx(26)
    assert found.loc["A1", "gain"] == pytest.approx(2)
    assert found.loc["A1", "whole"] == pytest.approx(20)
    assert found.loc["B1", "gain"] == pytest.approx(4 / 3)
    with pytest.raises(kpi.InputError, match="above 0"):
        priorities(kpi.score(observe(values), tree()), "c0", share=0)


def test_under_a_geometric_mean_the_weakest_gap_pays_most() -> None:
    values = panel(np.array([[[10.0, 60.0, 40.0]]]), CODES, ["2025"])
    even = kpi.score(observe(values), tree())
    uneven = kpi.score(observe(values), tree(aggregate="geometric"))
    first, second = (priorities(board, "c0")["gain"] for board in (even, uneven))
    assert second["A1"] / second["B1"] > first["A1"] / first["B1"]


def test_what_is_missing_is_ordered_by_what_it_weighs() -> None:
    """A is twice B, and A1, A2 share it: a third each."""
    values = panel(np.array([[[NAN, 60.0, NAN]], [[50.0, 60.0, 40.0]]]), CODES, ["2025"])
    board = kpi.score(observe(values), tree(aggregate="arithmetic"))
    found = leverage(board, "c0")
    assert found["weight"].to_dict() == pytest.approx({"A1": 1 / 3, "B1": 1 / 3})
    supposed = what_if(board, {"A1": 60}, "c0").coverage - board.coverage
    assert supposed.loc[("c0", "2025"), "TOTAL"] == pytest.approx(found.loc["A1", "weight"])
    assert leverage(board, "c1").empty


def test_the_weights_of_all_indicators_sum_to_one_and_what_is_not_scored_has_none() -> None:
    leaves = [indicator("A1", weight=3.0), indicator("A2", goalposts=None)]
    tested = framework(group("A", *leaves), group("B", indicator("B1", weight=5.0)))
    values = panel(np.full((1, 1, 3), 50.0), CODES, ["2025"])
    found = weights_in_all(kpi.score(observe(values), tested))
    assert found.to_dict() == {"A1": 0.5, "A2": 0.0, "B1": 0.5}
