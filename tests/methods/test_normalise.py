"""From a value to a score: direction, range, missing values and published definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from builders import NAN, arrays
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from kpi_lib.methods.digits import same_values
from kpi_lib.methods.normalise import NORMALISE

RELATIVE = {name for name, entry in NORMALISE.items() if entry.relative}
KNOTS = [[0, 0], [40, 10], [40, 30], [70, 100]]
PARAMETERS: dict[str, dict[str, Any]] = {
    "goalposts": {"low": -20, "high": 60},
    "minmax": {"low": 10, "high": 90},
    "target": {"target": 35},
    "pass_fail": {"target": 35},
    "zscore": {"mean": 50, "sd": 10},
    "scaled": {"low": -20, "high": 60},
    "bands": {"steps": [[0, 0], [40, 30], [70, 100]]},
    "piecewise": {"knots": KNOTS},
    "categories": {"scores": {}},
    "reference": {"city": -1},
}
RULES = [name for name, entry in NORMALISE.items() if entry.rule]
# A reference is one of the cities: which it is would change with those that are left out.
DIRECTED = [name for name in NORMALISE if name not in {"none", "reference", *RULES}]
CASES = [(name, direction) for name in DIRECTED for direction in ("higher", "lower")]
CASES += [(name, "higher") for name in ("none", *RULES)]


def run(name: str, values: np.ndarray, direction: str) -> np.ndarray:
    return NORMALISE[name](values, direction, **PARAMETERS.get(name, {}))


@pytest.mark.parametrize(("name", "direction"), CASES)
@given(values=arrays((7,), 0, 100))
def test_scores_stay_in_the_range_that_the_method_states(
    name: str, direction: str, values: np.ndarray
) -> None:
    scores = run(name, values, direction)
    bounds = NORMALISE[name].scale(PARAMETERS.get(name, {}))
    assert scores.shape == values.shape
    if bounds is not None:
        there = scores[~np.isnan(scores)]
        assert np.all((there >= bounds[0]) & (there <= bounds[1]))


@pytest.mark.parametrize(("name", "direction"), CASES)
@given(values=arrays((7,), 0, 100))
def test_a_score_is_missing_where_the_value_is_and_nowhere_else(
    name: str, direction: str, values: np.ndarray
) -> None:
    assert np.array_equal(np.isnan(run(name, values, direction)), np.isnan(values))


@pytest.mark.parametrize(("name", "direction"), CASES)
@given(values=arrays((7,), 0, 100), data=st.data())
def test_a_missing_value_changes_no_other_score(
    name: str, direction: str, values: np.ndarray, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, 7))
    with_gap = np.insert(values, at, NAN)
    again = np.delete(run(name, with_gap, direction), at)
    np.testing.assert_array_equal(again, run(name, values, direction))


@pytest.mark.parametrize(("name", "direction"), CASES)
@given(values=arrays((6,), 0, 100), other=st.integers(0, 100))
def test_a_better_value_never_lowers_a_score(
    name: str, direction: str, values: np.ndarray, other: int
) -> None:
    values[0] = other if np.isnan(values[0]) else values[0]
    low, high = sorted([values[0], float(other)])
    worse, better = (low, high) if direction == "higher" else (high, low)
    scores = [run(name, np.array([v, *values[1:]]), direction)[0] for v in (worse, better)]
    assert scores[1] >= scores[0] - 1e-9


@pytest.mark.parametrize(("name", "direction"), CASES)
@given(values=arrays((6,), 0, 100, missing=False))
def test_the_better_of_two_cities_never_has_the_lower_score(
    name: str, direction: str, values: np.ndarray
) -> None:
    up = np.sort(values) if direction == "higher" else np.sort(values)[::-1]
    assert np.all(np.diff(run(name, up, direction)) >= -1e-9)


@pytest.mark.parametrize(("name", "direction"), CASES)
@given(values=arrays((6,), 0, 100), order=st.permutations(range(6)))
def test_the_order_of_cities_changes_nothing(
    name: str, direction: str, values: np.ndarray, order: list[int]
) -> None:
    np.testing.assert_allclose(
        run(name, values[order], direction), run(name, values, direction)[order], atol=1e-9
    )


@pytest.mark.parametrize(("name", "direction"), CASES)
def test_values_that_are_all_missing_have_no_score(name: str, direction: str) -> None:
    assert np.isnan(run(name, np.full(3, NAN), direction)).all()


@pytest.mark.parametrize("direction", ["higher", "lower"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [("minmax", 50), ("zscore", 50), ("percentile", 50), ("rank", 1), ("fraction_of_max", 100)],
)
def test_a_city_alone_is_neither_good_nor_bad(name: str, expected: float, direction: str) -> None:
    parameters = {"mean": 50} if name == "zscore" else {}
    scores = NORMALISE[name](np.array([NAN, 7.0]), direction, **parameters)
    np.testing.assert_array_equal(scores, [NAN, expected])


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_a_city_whose_value_is_the_mean_scores_exactly_that(direction: str) -> None:
    """The mean of 0.1, 0.2 and 0.3 is 0.2 on paper."""
    assert NORMALISE["zscore"](np.array([0.1, 0.2, 0.3]), direction)[1] == 0


def test_goalposts_clip_and_a_scale_goes_on() -> None:
    values = np.array([-10.0, 0, 5, 10, 20, NAN])
    goalposts, scaled = NORMALISE["goalposts"], NORMALISE["scaled"]
    up = goalposts(values, "higher", low=0, high=10)
    np.testing.assert_array_equal(up, [0, 0, 50, 100, 100, NAN])
    down = goalposts(values, "lower", low=0, high=10)
    np.testing.assert_array_equal(down, [100, 100, 50, 0, 0, NAN])
    free = scaled(values, "lower", low=0, high=10)
    np.testing.assert_array_equal(free, [200, 100, 50, 0, -100, NAN])


def test_a_city_that_meets_its_target_scores_100() -> None:
    values = np.array([0.0, 40, 80, 90, NAN])
    target, met = NORMALISE["target"], NORMALISE["pass_fail"]
    np.testing.assert_array_equal(target(values, "higher", target=80), [0, 50, 100, 100, NAN])
    np.testing.assert_array_equal(met(values, "higher", target=80), [0, 0, 100, 100, NAN])
    np.testing.assert_array_equal(target(values, "lower", target=40), [100, 100, 50, 400 / 9, NAN])
    np.testing.assert_array_equal(met(values, "lower", target=40), [100, 100, 0, 0, NAN])
    np.testing.assert_array_equal(target(values, "lower", target=0), [100, 0, 0, 0, NAN])


def test_the_reference_city_scores_100_and_the_others_their_share_of_its_value() -> None:
    """OECD and JRC (2008), section 1.5, method 4: the value divided by the reference's."""
    values, reference = np.array([40.0, 80, 100, NAN, 20]), NORMALISE["reference"]
    np.testing.assert_array_equal(reference(values, "higher", city=1), [50, 100, 125, NAN, 25])
    np.testing.assert_array_equal(reference(values, "lower", city=1), [200, 100, 80, NAN, 400])
    assert NORMALISE["reference"].scale({"city": "hue"}) is None


@pytest.mark.parametrize(
    ("values", "direction", "message"),
    [
        ([NAN, 5.0], "higher", "the reference city has no value"),
        ([5.0, -1], "higher", "a value is under 0"),
        ([0.0, 5], "higher", "a value of 0 has no share"),
        ([5.0, 0], "lower", "a value of 0 has no share"),
    ],
)
def test_a_share_of_the_reference_without_meaning_is_refused(
    values: list[float], direction: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        NORMALISE["reference"](np.array(values), direction, city=0)


@pytest.mark.parametrize("direction", ["higher", "lower"])
@given(values=arrays((6,), 1, 100, missing=False), city=st.integers(0, 5))
def test_no_unit_of_measurement_changes_a_share_of_the_reference(
    direction: str, values: np.ndarray, city: int
) -> None:
    ours = [NORMALISE["reference"](values * unit, direction, city=city) for unit in (1, 1000)]
    np.testing.assert_allclose(*ours)
    better = ours[0] > 100 + 1e-9
    np.testing.assert_array_equal(
        better, values > values[city] if direction == "higher" else values < values[city]
    )


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_there_is_no_share_of_a_target_under_zero(direction: str) -> None:
    with pytest.raises(ValueError, match="share of a target under 0"):
        NORMALISE["target"](np.array([-5.0, 1]), direction, target=-2)


@given(values=arrays((9,), -50, 50, missing=False))
def test_minmax_and_zscore_agree_with_scikit_learn(values: np.ndarray) -> None:
    values[0], values[1] = -51, 51
    column = values[:, np.newaxis]
    expected = MinMaxScaler((0, 100)).fit_transform(column)[:, 0]
    np.testing.assert_allclose(NORMALISE["minmax"](values, "higher"), expected, atol=1e-9)
    # scikit-learn divides by the standard deviation of the population, not of a sample.
    sample = StandardScaler().fit_transform(column)[:, 0] * np.sqrt((9 - 1) / 9)
    ours = NORMALISE["zscore"](values, "lower", mean=3, sd=2)
    np.testing.assert_allclose(ours, 3 - 2 * sample, atol=1e-9)


def test_ranks_count_from_the_worst_and_ties_share_the_lower() -> None:
    values = np.array([30.0, 10, NAN, 20, 10])
    for direction, ranks in (("higher", [4, 1, NAN, 3, 1]), ("lower", [1, 3, NAN, 2, 3])):
        ranks_ = np.array(ranks)
        np.testing.assert_array_equal(NORMALISE["rank"](values, direction), ranks_)
        np.testing.assert_array_equal(NORMALISE["borda"](values, direction), ranks_ - 1)
        percentile = NORMALISE["percentile"](values, direction)
        np.testing.assert_allclose(percentile, 100 * (ranks_ - 1) / 3)


@given(values=arrays((8,), 0, 3, missing=False))
def test_percentile_is_the_share_of_the_others_that_are_worse(values: np.ndarray) -> None:
    expected = [
        stats.percentileofscore(np.delete(values, i), value, kind="strict")
        for i, value in enumerate(values)
    ]
    np.testing.assert_allclose(NORMALISE["percentile"](values, "higher"), expected, atol=1e-9)


def test_fraction_of_max_is_the_share_of_the_best_city() -> None:
    values = np.array([20.0, 50, 40, NAN])
    fraction = NORMALISE["fraction_of_max"]
    np.testing.assert_allclose(fraction(values, "higher"), [40, 100, 80, NAN])
    np.testing.assert_allclose(fraction(values, "lower"), [100, 40, 50, NAN])
    with pytest.raises(ValueError, match="under 0"):
        fraction(np.array([-1.0, 2]), "higher")


def test_a_scale_that_runs_the_wrong_way_cannot_be_a_score() -> None:
    np.testing.assert_array_equal(NORMALISE["none"](np.array([0.4, NAN]), "higher"), [0.4, NAN])
    with pytest.raises(ValueError, match="lower is better"):
        NORMALISE["none"](np.array([0.4]), "lower")


@pytest.mark.parametrize("name", ["goalposts", "scaled", "minmax"])
def test_bounds_must_rise(name: str) -> None:
    with pytest.raises(ValueError, match="must be under high"):
        NORMALISE[name](np.array([1.0, 2]), "higher", low=5, high=5)


def test_the_relative_methods_are_those_that_other_cities_move() -> None:
    values = np.array([20.0, 50, 40])
    more = np.array([20.0, 50, 40, 10, 99])
    for name in NORMALISE:
        alone, among = run(name, values, "higher"), run(name, more, "higher")[:3]
        assert (name in RELATIVE) == (not np.array_equal(alone, among)), name


# What is equal on paper: 1.1 three times, by three ways of computing it.
ON_PAPER = np.array([3.3 / 3, 1.1, 0.1 * 11, 2.2 - 1.1])
EQUAL = {"minmax": 50, "zscore": 50, "rank": 1, "borda": 0, "percentile": 0, "fraction_of_max": 100}


def a_last_digit_apart(value: float, count: int = 4) -> np.ndarray:
    steps = [value]
    for _ in range(count - 1):
        steps.append(float(np.nextafter(steps[-1], np.inf)))
    return np.array(steps)


@pytest.mark.parametrize("direction", ["higher", "lower"])
@pytest.mark.parametrize(("name", "expected"), EQUAL.items())
def test_a_column_that_is_equal_on_paper_is_constant(
    name: str, expected: float, direction: str
) -> None:
    parameters = {"mean": 50} if name == "zscore" else {}
    assert name in RELATIVE
    for values in (ON_PAPER, a_last_digit_apart(-7.3), np.array([NAN, *a_last_digit_apart(6e-9)])):
        if name == "fraction_of_max" and values[0] < 0:
            continue
        scores = NORMALISE[name](values, direction, **parameters)
        np.testing.assert_array_equal(scores[~np.isnan(values)], expected)
        drawn = NORMALISE[name](np.stack([values, abs(values) + 1]), direction, **parameters)
        np.testing.assert_array_equal(drawn[0], scores)


@pytest.mark.parametrize("direction", ["higher", "lower"])
@pytest.mark.parametrize("name", sorted(RELATIVE))
def test_values_that_tie_on_paper_score_alike_among_others(name: str, direction: str) -> None:
    values = np.array([5.0, *ON_PAPER, NAN, 1.1 + 1e-9, 0.4])
    parameters = PARAMETERS[name] if name == "reference" else {}
    scores = NORMALISE[name](values, direction, **parameters)
    assert len(set(scores[1:5])) == 1
    assert scores[6] != scores[1]
    drawn = NORMALISE[name](np.stack([values[::-1], values]), direction, **parameters)
    np.testing.assert_array_equal(drawn[1], scores)
    assert len(set(drawn[1, 1:5])) == 1


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_places_are_those_of_values_in_twelve_digits(direction: str) -> None:
    random = np.random.default_rng(3)
    values = random.integers(1, 9, (200, 8)) * (1 + 4e-12 * random.integers(-2, 3, (200, 8)))
    values[random.random(values.shape) < 0.1] = NAN
    as_one = np.array([[float(f"{value:.11e}") for value in row] for row in values])
    better = as_one if direction == "higher" else -as_one
    expected = np.array([[1 + np.sum(row < one) for one in row] for row in better])
    ranks = NORMALISE["rank"](values, direction)
    np.testing.assert_array_equal(ranks, np.where(np.isnan(values), NAN, expected))
    np.testing.assert_array_equal(NORMALISE["rank"](same_values(values), direction), ranks)


@pytest.mark.parametrize(("name", "direction"), CASES)
@given(values=arrays((7,), 0, 100))
def test_ordinary_values_score_as_they_would_without_ties(
    name: str, direction: str, values: np.ndarray
) -> None:
    """Values of four decimals tie only where they are equal: not a bit of them may change."""
    np.testing.assert_array_equal(same_values(values), values)
    near = values * (1 + 2e-16)
    np.testing.assert_allclose(
        run(name, near, direction), run(name, values, direction), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_a_value_that_is_its_target_on_paper_meets_it(direction: str) -> None:
    below, above = np.nextafter(0.3, 0), 0.1 * 3
    values = np.array([below, 0.3, above])
    for name in ("target", "pass_fail"):
        scores = NORMALISE[name](values, direction, target=0.3)
        np.testing.assert_array_equal(scores, 100)
    apart = np.array([0.3 - 1e-9]) if direction == "higher" else np.array([0.3 + 1e-9])
    assert NORMALISE["pass_fail"](apart, direction, target=0.3)[0] == 0


def test_a_value_that_is_a_goalpost_on_paper_has_its_score() -> None:
    values = np.array([0.1 * 3, np.nextafter(0.3, 0), 0.7, np.nextafter(0.7, 1)])
    for name in ("goalposts", "scaled"):
        scores = NORMALISE[name](values, "higher", low=0.3, high=0.7)
        np.testing.assert_array_equal(scores, [0, 0, 100, 100])


def test_a_value_on_the_other_side_of_0_reaches_nothing_of_a_target() -> None:
    found = NORMALISE["target"](np.array([-50.0, 0, 50, 250]), "higher", target=100.0)
    assert found.tolist() == [0, 0, 50, 100]
