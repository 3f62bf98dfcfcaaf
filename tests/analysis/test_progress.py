"""Targets over the years: on track or not, how far to go, and by when at the present pace."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import NAN, framework, group, indicator, observe, panel
from hypothesis import given
from hypothesis import strategies as st

import kpi_lib as kpi
from kpi_lib.analysis.targets import STATUSES, pace, track
from kpi_lib.io.cells.periods import years


def follow(
    values: Sequence[float],
    targets: Mapping[int, float],
    direction: str = "higher",
    start: int = 2020,
    city: str = "c0",
    **options: Any,
) -> pd.Series[Any]:
    """Track one indicator whose values are of successive years, in the last of them."""
    leaf = indicator("A", targets=targets, direction=direction)
    periods = [str(start + i) for i in range(len(values))]
    table = panel(np.array([values])[:, :, np.newaxis], ["A"], periods)
    board = kpi.score(observe(table), framework(group("G", leaf)))
    return track(board, city, periods[-1], **options).loc["A"]


def test_a_city_on_the_straight_line_is_on_track() -> None:
    found = follow([20, 30, 40], {2026: 80})
    assert found["expected"] == 40
    assert found["status"] == "on track"
    assert found["way"] == pytest.approx(100 / 3)
    assert found["gap"] == 40


@pytest.mark.parametrize(
    ("value", "status"),
    [(43.0, "on track"), (43.1, "ahead"), (37.0, "on track"), (36.9, "behind"), (80, "met")],
)
def test_on_track_ends_five_per_cent_of_the_way_from_the_path(value: float, status: str) -> None:
    """The way is 60 units long, so the path of 40 has a margin of 3 on either side."""
    assert follow([20, 30, value], {2026: 80})["status"] == status


def test_where_lower_is_better_everything_turns_round() -> None:
    found = follow([60, 50, 40], {2026: 0}, direction="lower")
    assert (found["expected"], found["gap"], found["status"]) == (40, 40, "on track")
    assert found["met_by"] == pytest.approx(2026)
    assert follow([60, 50, 30], {2026: 0}, direction="lower")["status"] == "ahead"


def test_a_target_that_is_due_and_not_met_is_behind_however_near() -> None:
    assert follow([20, 79.9], {2021: 80})["status"] == "behind"
    assert follow([20, 79.9], {2019: 80})["status"] == "behind"
    assert follow([20, 80], {2021: 80})["status"] == "met"


def test_a_value_that_is_the_target_on_paper_meets_it() -> None:
    found = follow([20, np.nextafter(80, 0)], {2021: 80})
    assert (found["status"], found["gap"]) == ("met", 0)
    found = follow([20, 0.1 * 3], {2021: 0.3}, direction="lower")
    assert (found["status"], found["gap"]) == ("met", 0)


def test_who_was_past_the_target_and_fell_back_is_behind() -> None:
    found = follow([90, 75], {2026: 80})
    assert found["status"] == "behind"
    assert math.isnan(found["way"])


def test_one_value_is_a_start_and_none_is_no_data() -> None:
    assert follow([40], {2026: 80})["status"] == "starting"
    gone = follow([40, 50, NAN], {2026: 80})
    assert gone["status"] == "no data"
    assert gone["baseline"] == 40
    assert math.isnan(gone["gap"])
    never = follow([NAN, NAN], {2026: 80})
    assert (never["status"], never["values"], never["baseline_period"]) == ("no data", 0, "")


def test_the_path_goes_by_the_framework_s_own_milestones() -> None:
    """80 by 2025 and 100 by 2030: in 2027 the second is in force, and the path is at 88."""
    values = [20, 30, 40, 50, 60, 80, 84, 88]
    targets = {2025: 80, 2030: 100}
    assert follow(values, targets)["expected"] == pytest.approx(88)
    assert follow(values, targets, path="linear")["expected"] == pytest.approx(76)
    assert follow(values, targets)["target"] == 100
    assert follow(values[:4], targets)["target"] == 80


def test_given_milestones_take_the_place_of_the_framework_s() -> None:
    found = follow([20, 30], {2024: 100}, milestones={"A": {2022: 40}})
    assert found["expected"] == pytest.approx(30)
    found = follow([20, 30], {2024: 100}, path="front-loaded", milestones={"A": {2022: 40}})
    assert found["expected"] == pytest.approx(30)


def test_a_front_loaded_path_asks_for_three_quarters_at_half_time() -> None:
    found = follow([20, 40, 60], {2024: 100}, path="front-loaded")
    assert found["expected"] == pytest.approx(80)
    assert found["status"] == "behind"


def test_the_baseline_may_be_a_later_period() -> None:
    found = follow([0, 50, 60], {2024: 80}, baseline=2021)
    assert (found["baseline_period"], found["baseline"], found["values"]) == ("2021", 50, 2)
    assert found["expected"] == 60
    with pytest.raises(kpi.InputError, match="after the period"):
        follow([0, 50], {2024: 80}, baseline=2030)


def test_a_baseline_without_a_value_is_the_next_that_has_one() -> None:
    assert follow([NAN, 50, 60], {2024: 80}, baseline=2020)["baseline_period"] == "2021"


def test_a_steady_pace_meets_the_target_when_arithmetic_says() -> None:
    found = follow([20, 30, 40, 50], {2030: 80})
    assert (found["pace"], found["met_by"]) == (10, 2026)
    assert (found["met_earliest"], found["met_latest"]) == (2026, 2026)


def test_three_values_have_a_pace_but_no_interval() -> None:
    found = follow([20, 30, 40], {2030: 80})
    assert found["met_by"] == 2026
    assert math.isnan(found["met_earliest"])
    assert math.isnan(found["met_latest"])


def test_a_pace_away_from_the_target_never_meets_it() -> None:
    found = follow([50, 45, 40, 35], {2030: 80})
    assert found["met_by"] == found["met_latest"] == math.inf
    unsure = follow([40, 50, 40, 52, 41], {2030: 80})
    assert unsure["met_latest"] == math.inf
    assert unsure["met_earliest"] < math.inf


def test_the_pace_is_the_median_slope_and_its_interval_the_slopes_that_sen_ranks() -> None:
    """Six values, 15 slopes: Sen's 90 % interval takes the 3rd and the 13th of them."""
    series = pd.Series([1.0, 4.0, 3.0, 8.0, 5.0, 9.0], index=[str(2019 + i) for i in range(6)])
    slopes = sorted(
        (series.iloc[j] - series.iloc[i]) / (j - i)
        for i, j in itertools.combinations(range(len(series)), 2)
    )
    found = pace(series)
    assert found.change == pytest.approx(np.median(slopes))
    assert found.low == pytest.approx(slopes[2])
    assert found.high == pytest.approx(slopes[-3])


def test_the_interval_covers_the_true_pace_as_often_as_it_says() -> None:
    """Every order of five errors around a straight line is equally likely: at least 90 %."""
    errors = [-0.4, -0.25, 0.02, 0.19, 0.5]
    hits = [
        found.low <= 3 <= found.high
        for order in itertools.permutations(errors)
        for found in [pace(pd.Series([3 * i + e for i, e in enumerate(order)], years_of(5)))]
    ]
    assert np.mean(hits) >= 0.9


def years_of(count: int) -> list[str]:
    return [str(2020 + i) for i in range(count)]


def test_quarters_and_months_stand_for_their_ends() -> None:
    assert years("2025") == years("2025-Q4") == years("2025-12") == 2025
    assert years("2025-Q1") == years("2025-03") == 2024.25


def test_only_periods_of_one_kind_are_followed() -> None:
    leaf = indicator("A", targets={2026: 80})
    table = panel(
        np.array([[[20.0], [21.0], [30.0], [50.0]]]), ["A"], ["2023", "2024", "2025", "2025-Q1"]
    )
    board = kpi.score(observe(table), framework(group("G", leaf)))
    assert track(board, "c0", "2025").loc["A", "values"] == 3
    assert track(board, "c0", "2025-Q1").loc["A", "status"] == "starting"


def test_closing_the_gap_brings_the_points_that_a_scoring_would() -> None:
    leaves = [indicator("A", targets={2026: 80}), indicator("B")]
    table = panel(np.array([[[40.0, 60.0]]]), ["A", "B"], ["2025"])
    board = kpi.score(observe(table), framework(group("G", *leaves)))
    assert track(board, "c0", "2025").loc["A", "gain"] == pytest.approx(20)


def test_what_has_no_target_is_not_followed() -> None:
    leaves = [indicator("A"), indicator("B", direction=None, targets={2026: 1}, goalposts=None)]
    table = panel(np.array([[[40.0, 60.0]]]), ["A", "B"], ["2025"])
    board = kpi.score(observe(table), framework(group("G", *leaves)))
    assert track(board, "c0").empty


def test_wrong_arguments_are_told() -> None:
    with pytest.raises(kpi.InputError, match=r"no path 'liner'.*'linear'"):
        follow([1, 2], {2026: 80}, path="liner")
    with pytest.raises(kpi.InputError, match="'B', which has no target"):
        follow([1, 2], {2026: 80}, milestones={"B": {2025: 1}})
    with pytest.raises(kpi.InputError, match="no data of a city 'x'"):
        follow([1, 2], {2026: 80}, city="x")


@given(
    st.lists(st.integers(0, 100), min_size=2, max_size=8),
    st.integers(0, 100),
    st.sampled_from(["milestones", "linear", "front-loaded"]),
)
def test_a_better_value_never_has_a_worse_status(before: list[int], better: int, path: str) -> None:
    """Among values of the same city with the same past, the order of statuses is kept."""
    *past, last = before
    order = [s for s in STATUSES if s not in {"starting", "no data"}]
    targets = {2024: 60, 2030: 90}
    worse = follow([*past, min(last, better)], targets, path=path)["status"]
    best = follow([*past, max(last, better)], targets, path=path)["status"]
    if len(past) > 0 and "starting" not in {worse, best}:
        assert order.index(best) <= order.index(worse)
