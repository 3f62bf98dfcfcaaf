"""From the scores of the parts to the score of the whole, method by method."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from builders import NAN, arrays
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from kpi_lib.methods.aggregate import AGGREGATE, outranking
from kpi_lib.methods.benefit import benefit_weights
from kpi_lib.methods.digits import significant

PARAMETERS: dict[str, dict[str, float]] = {"power": {"p": 0.5}}
METHODS = [name for name in AGGREGATE if name != "sum"]
"""The means: a sum of several parts is larger than any of them."""
ALONE = [name for name in METHODS if not AGGREGATE[name].relative]
# A penalty for unequal parts may outweigh the gain of the part that is best already.
PENALISED = {"mpi", "ampi"}
PARTS = 4
WEIGHTS = st.lists(st.integers(1, 9), min_size=PARTS, max_size=PARTS).map(
    lambda weights: np.array(weights, dtype=float)
)
SCORES = arrays((5, PARTS), 1, 100)


def slopes_of(name: str) -> Callable[..., np.ndarray]:
    slopes = AGGREGATE[name].slopes
    assert slopes is not None
    return slopes


def run(name: str, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return AGGREGATE[name](scores, weights, **PARAMETERS.get(name, {}))


@pytest.mark.parametrize("name", [name for name in ALONE if name not in PENALISED])
@given(scores=SCORES, weights=WEIGHTS)
def test_the_whole_lies_between_its_lowest_and_its_highest_part(
    name: str, scores: np.ndarray, weights: np.ndarray
) -> None:
    scores[:, 0] = np.nan_to_num(scores[:, 0], nan=50)
    merged = run(name, scores, weights)
    assert np.all(merged >= np.nanmin(scores, axis=1) - 1e-9)
    assert np.all(merged <= np.nanmax(scores, axis=1) + 1e-9)


@pytest.mark.parametrize("name", ["arithmetic", "sum"])
def test_scores_that_make_up_for_each_other_give_exactly_0(name: str) -> None:
    """4.8 · 0.5 + 4.3 · 2 - 11 · 1 is 0 on paper."""
    scores, weights = np.array([[4.8, 4.3, -11], [0, 0, 0]]), np.array([0.5, 2, 1])
    assert run(name, scores, weights).tolist() == [0, 0]


@pytest.mark.parametrize("name", METHODS)
@given(scores=SCORES, weights=WEIGHTS, factor=st.integers(1, 1000))
def test_scaling_all_weights_changes_nothing(
    name: str, scores: np.ndarray, weights: np.ndarray, factor: int
) -> None:
    again = run(name, scores, weights * factor / 7)
    np.testing.assert_allclose(again, run(name, scores, weights), atol=1e-6)


@pytest.mark.parametrize("name", METHODS)
@given(scores=SCORES, weights=WEIGHTS, order=st.permutations(range(PARTS)))
def test_the_order_of_the_parts_changes_nothing(
    name: str, scores: np.ndarray, weights: np.ndarray, order: list[int]
) -> None:
    again = run(name, scores[:, order], weights[order])
    np.testing.assert_allclose(again, run(name, scores, weights), atol=1e-6)


@pytest.mark.parametrize("name", [name for name in METHODS if name not in PENALISED])
@given(
    scores=SCORES,
    weights=WEIGHTS,
    part=st.integers(0, PARTS - 1),
    more=st.integers(0, 50),
)
def test_a_better_score_never_lowers_the_whole(
    name: str, scores: np.ndarray, weights: np.ndarray, part: int, more: int
) -> None:
    scores[0, part] = np.nan_to_num(scores[0, part], nan=30)
    better = scores.copy()
    better[0, part] += more
    assert run(name, better, weights)[0] >= run(name, scores, weights)[0] - 1e-6


@pytest.mark.parametrize("name", METHODS)
@given(scores=SCORES, weights=WEIGHTS)
def test_a_missing_part_is_left_out_and_the_weights_of_the_others_rescaled(
    name: str, scores: np.ndarray, weights: np.ndarray
) -> None:
    scores[:, 2] = NAN
    without = run(name, np.delete(scores, 2, axis=1), np.delete(weights, 2))
    np.testing.assert_allclose(run(name, scores, weights), without, atol=1e-6)
    weightless = np.where(np.arange(PARTS) == 2, 0.0, weights)
    scores[:, 2] = 1.0
    np.testing.assert_allclose(run(name, scores, weightless), without, atol=1e-6)


@pytest.mark.parametrize("name", METHODS)
def test_where_nothing_is_there_the_whole_is_missing(name: str) -> None:
    scores = np.array([[50.0, 60], [NAN, NAN], [70, NAN]])
    merged = run(name, scores, np.ones(2))
    assert np.array_equal(np.isnan(merged), [False, True, False])
    assert np.isnan(run(name, scores, np.zeros(2))).all()


@pytest.mark.parametrize("name", ["arithmetic", "geometric", "harmonic", "power", "min", "mpi"])
@given(scores=SCORES, weights=WEIGHTS)
def test_score_times_slope_sums_to_the_whole(
    name: str, scores: np.ndarray, weights: np.ndarray
) -> None:
    merged = run(name, scores, weights)
    slopes = slopes_of(name)(scores, weights, **PARAMETERS.get(name, {}))
    total = np.sum(np.nan_to_num(scores) * slopes, axis=1)
    np.testing.assert_allclose(total, np.nan_to_num(merged), rtol=1e-9)
    assert not np.any(slopes[np.isnan(scores)])


@given(scores=SCORES, weights=WEIGHTS)
def test_the_median_and_the_benefit_of_the_doubt_split_into_their_parts(
    scores: np.ndarray, weights: np.ndarray
) -> None:
    for name in ("median", "benefit_of_the_doubt"):
        merged, slopes = run(name, scores, weights), slopes_of(name)(scores, weights)
        total = np.sum(np.nan_to_num(scores) * slopes, axis=1)
        np.testing.assert_allclose(total, np.nan_to_num(merged), rtol=1e-9)


@pytest.mark.parametrize("name", ["arithmetic", "geometric", "harmonic", "power", "mpi"])
@given(scores=arrays((PARTS,), 1, 100, missing=False), weights=WEIGHTS)
def test_slopes_are_the_derivatives(name: str, scores: np.ndarray, weights: np.ndarray) -> None:
    slopes = slopes_of(name)(scores, weights, **PARAMETERS.get(name, {}))
    numeric = optimize.approx_fprime(scores, lambda s: run(name, s, weights), 1e-7)
    np.testing.assert_allclose(slopes, numeric, rtol=1e-4, atol=1e-6)


@given(scores=arrays((PARTS,), 1, 100, missing=False), weights=WEIGHTS)
def test_means_agree_with_scipy(scores: np.ndarray, weights: np.ndarray) -> None:
    expected = {
        "arithmetic": stats.pmean(scores, 1, weights=weights),
        "geometric": stats.gmean(scores, weights=weights),
        "harmonic": stats.hmean(scores, weights=weights),
        "power": stats.pmean(scores, 0.5, weights=weights),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(run(name, scores, weights), value, rtol=1e-9)
    for p in (-3, -1, 0, 1, 2.5):
        ours = AGGREGATE["power"](scores, weights, p=p)
        np.testing.assert_allclose(ours, stats.pmean(scores, p, weights=weights), rtol=1e-9)


@given(scores=arrays((PARTS,), 1, 100, missing=False), weights=WEIGHTS)
def test_the_weighted_median_agrees_with_numpy(scores: np.ndarray, weights: np.ndarray) -> None:
    lower = np.quantile(scores, 0.5, weights=weights, method="inverted_cdf")
    upper = -np.quantile(-scores, 0.5, weights=weights, method="inverted_cdf")
    np.testing.assert_allclose(run("median", scores, weights), (lower + upper) / 2)
    np.testing.assert_allclose(run("median", scores, np.ones(PARTS)), np.median(scores))


def test_a_zero_is_outside_what_geometric_and_harmonic_means_take() -> None:
    scores, weights = np.array([[0.0, 50]]), np.array([1.0, 1])
    for name in ("geometric", "harmonic"):
        assert AGGREGATE[name].domain({}) == "positive"
        with pytest.raises(ValueError, match="above 0"):
            run(name, scores, weights)
        assert run(name, scores, np.array([0.0, 1])) == pytest.approx(50)
    with pytest.raises(ValueError, match="above 0"):
        AGGREGATE["power"](scores, weights, p=-1)
    assert AGGREGATE["power"](scores, weights, p=0.5) == pytest.approx(12.5)
    with pytest.raises(ValueError, match="0 or more"):
        AGGREGATE["power"](np.array([[-1.0, 50]]), weights, p=0.5)
    slopes = slopes_of("power")(scores, weights, p=0.5)
    assert np.sum(scores * slopes) == pytest.approx(12.5)


def test_the_power_mean_does_not_overflow() -> None:
    scores = np.array([1e-3, 100.0])
    assert AGGREGATE["power"](scores, np.ones(2), p=200) == pytest.approx(100 * 0.5 ** (1 / 200))
    assert AGGREGATE["power"](scores, np.ones(2), p=-80) == pytest.approx(1e-3 * 2 ** (1 / 80))


@pytest.mark.parametrize("name", ["mpi", "ampi"])
@given(scores=arrays((PARTS,), 70, 130, missing=False), weights=WEIGHTS)
def test_mazziotta_and_pareto_take_the_spread_times_its_coefficient_of_variation(
    name: str, scores: np.ndarray, weights: np.ndarray
) -> None:
    """M ∓ S · cv, with the mean and standard deviation of parts repeated as they weigh."""
    parts = np.repeat(scores, weights.astype(int))
    mean, spread = parts.mean(), parts.std()
    for penalty, sign in (("minus", -1), ("plus", 1)):
        ours = AGGREGATE[name](scores, weights, penalty=penalty)
        assert ours == pytest.approx(mean + sign * spread * (spread / mean), rel=1e-12)
    assert AGGREGATE[name](scores, weights) <= AGGREGATE["arithmetic"](scores, weights) + 1e-9


def test_mazziotta_and_pareto_by_hand() -> None:
    """Parts of 90, 100 and 110 have the variance 200/3: 100 − 2/3, and equal ones no penalty."""
    weights = np.ones(3)
    assert AGGREGATE["mpi"](np.array([90.0, 100, 110]), weights) == pytest.approx(100 - 2 / 3)
    assert AGGREGATE["ampi"](np.array([104.0] * 3), weights) == pytest.approx(104)
    with pytest.raises(ValueError, match="above 0"):
        AGGREGATE["mpi"](np.array([0.0, 100, 110]), weights)
    with pytest.raises(ValueError, match="expected minus or plus"):
        AGGREGATE["mpi"](np.array([90.0, 100, 110]), weights, penalty="none")


def copeland_by_hand(scores: np.ndarray, weights: np.ndarray) -> list[float]:
    """Wins less losses in pairs, written as the definition reads."""
    net = []
    for one in scores:
        balance = 0
        for other in scores:
            both = ~np.isnan(one) & ~np.isnan(other)
            ahead = weights[both & (one > other)].sum() - weights[both & (one < other)].sum()
            balance += np.sign(ahead)
        net.append(50 * (1 + balance / (len(scores) - 1)))
    return net


@given(scores=arrays((6, PARTS), 0, 3), weights=WEIGHTS)
def test_copeland_counts_the_cities_that_a_city_beats(
    scores: np.ndarray, weights: np.ndarray
) -> None:
    scores[:, 0] = np.nan_to_num(scores[:, 0], nan=1)
    expected = copeland_by_hand(scores, weights)
    np.testing.assert_allclose(run("copeland", scores, weights), expected, atol=1e-9)


def test_copeland_of_a_majority_cycle_is_a_tie() -> None:
    """Condorcet (1785): each of three beats the next by two to one."""
    scores = np.array([[3.0, 1, 2], [2, 3, 1], [1, 2, 3]])
    matrix = outranking(scores, np.ones(3))
    np.testing.assert_allclose(matrix[[0, 1, 2], [1, 2, 0]], 2 / 3)
    assert np.isnan(np.diag(matrix)).all()
    np.testing.assert_allclose(run("copeland", scores, np.ones(3)), 50)


def test_copeland_leaves_out_a_city_without_scores() -> None:
    scores = np.array([[3.0, 3], [NAN, NAN], [1, 1], [2, NAN]])
    np.testing.assert_allclose(run("copeland", scores, np.ones(2)), [100, NAN, 0, 50])
    np.testing.assert_allclose(run("copeland", scores[:1], np.ones(2)), [50])


@given(scores=arrays((6, PARTS), 0, 9), weights=WEIGHTS)
def test_of_two_cities_what_one_wins_the_other_loses(
    scores: np.ndarray, weights: np.ndarray
) -> None:
    both = outranking(scores, weights) + outranking(scores, weights).T
    assert np.all(np.isnan(both) | (np.abs(both - 1) < 1e-9))


def test_free_benefit_of_the_doubt_weights_put_every_frontier_city_at_100() -> None:
    """Two parts: (100, 20), (20, 100) and (80, 80) are on the frontier; (40, 40) is half way."""
    scores = np.array([[100.0, 20], [20, 100], [80, 80], [40, 40], [100, NAN], [0, 0]])
    free = AGGREGATE["benefit_of_the_doubt"](scores, np.ones(2), low=0, high=np.inf)
    np.testing.assert_allclose(free, [100, 100, 100, 50, 100, 0], atol=1e-6)


@given(scores=arrays((6, 3), 1, 100, missing=False))
def test_free_benefit_of_the_doubt_agrees_with_the_dual_programme(scores: np.ndarray) -> None:
    """The envelope form: how far all scores of a city can grow within a mix of cities."""
    ours = AGGREGATE["benefit_of_the_doubt"](scores, np.ones(3), low=0, high=np.inf)
    for city, own in enumerate(scores):
        # Least sum of shares of cities that together reach the scores of this one.
        solved = optimize.linprog(np.full(6, 100.0), A_ub=-scores.T, b_ub=-own)
        assert ours[city] == pytest.approx(solved.fun, abs=1e-5)


@given(scores=arrays((6, 3), 1, 100), weights=arrays((3,), 1, 5, missing=False))
def test_benefit_of_the_doubt_weights_keep_their_bounds(
    scores: np.ndarray, weights: np.ndarray
) -> None:
    own = benefit_weights(scores, weights, low=0.5, high=1.5)
    nominal = np.where(np.isnan(scores), 0, weights)
    nominal = nominal / np.maximum(nominal.sum(axis=1, keepdims=True), 1e-300)
    share = own / np.maximum(own.sum(axis=1, keepdims=True), 1e-300)
    assert np.all(share >= 0.5 * nominal - 1e-6)
    assert np.all(share <= 1.5 * nominal + 1e-6)
    # Bounds of one leave the nominal weights, scaled so that the best city has 100.
    full = np.nan_to_num(scores, nan=50)
    fixed = AGGREGATE["benefit_of_the_doubt"](full, weights, low=1, high=1)
    mean = full @ weights
    np.testing.assert_allclose(fixed, 100 * mean / mean.max(), rtol=1e-6)


def test_bounds_that_shut_out_the_nominal_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="low"):
        AGGREGATE["benefit_of_the_doubt"](np.ones((2, 2)), np.ones(2), low=1.2, high=2)


def test_rounding_keeps_twelve_digits_of_any_size() -> None:
    values = np.array([1 / 3, 1e9 / 3, -2e-7 / 3, 0, NAN])
    expected = [float(f"{value:.12g}") for value in values]
    np.testing.assert_allclose(significant(values), expected, rtol=1e-15)
    assert significant(np.array([0.1 + 0.2]))[0] == significant(np.array([0.3]))[0]


def test_a_sum_is_the_mean_times_the_sum_of_all_weights() -> None:
    weights = np.array([0.5, 1.5, 2.0])
    scores = np.array([[10.0, 20.0, 30.0], [10.0, NAN, 30.0]])
    found = AGGREGATE["sum"](scores, weights)
    assert found[0] == pytest.approx(0.5 * 10 + 1.5 * 20 + 2 * 30)
    assert found[1] == pytest.approx((0.5 * 10 + 2 * 30) / 2.5 * 4)
    slopes = slopes_of("sum")(scores, weights)
    assert np.nansum(slopes * np.nan_to_num(scores), axis=1) == pytest.approx(found)


def test_a_power_of_0_or_less_takes_no_zero_and_parts_that_are_all_0_make_0() -> None:
    power = AGGREGATE["power"]
    assert [power.domain({"p": p}) for p in (-1, 0, 0.5)] == [
        "positive",
        "positive",
        "not negative",
    ]
    zeros = np.array([[0.0, 0, 0], [0, 0, 4]])
    np.testing.assert_allclose(power(zeros, np.ones(3), p=2), [0, 4 / np.sqrt(3)])


def test_the_highest_part_bears_the_whole_and_ties_share_it() -> None:
    scores = np.array([[10.0, 70, 40], [60, 20, 60], [NAN, 5, 3]])
    slopes = slopes_of("max")(scores, np.array([1.0, 1, 1]))
    np.testing.assert_array_equal(slopes, [[0, 1, 0], [0.5, 0, 0.5], [0, 1, 0]])
    weightless = slopes_of("max")(scores[:1], np.array([1.0, 0, 1]))
    np.testing.assert_array_equal(weightless, [[0, 0, 1]])


@pytest.mark.parametrize("size", [1.0, 1e9])
def test_a_majority_that_is_a_tie_on_paper_is_one_whatever_the_size_of_the_weights(
    size: float,
) -> None:
    """0.1 + 0.2 is 0.3 on paper."""
    scores = np.array([[5.0, 5, 1], [2, 2, 9]])
    weights = size * np.array([0.1, 0.2, 0.3])
    assert run("copeland", scores, weights).tolist() == [50, 50]
