"""Ranks under drawn weights, methods and data are those that scoring itself would give."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import NAN, arrays, framework, group, indicator, observe
from hypothesis import given, settings
from hypothesis import strategies as st
from uncertain import NOISE, a_board, data, example

from kpi_lib.analysis.robustness.draws import (
    Drawn,
    Plan,
    draw,
    drawn_weights,
    evaluate,
    plan_of,
    weights_of,
)
from kpi_lib.analysis.robustness.ranks import rank_interval, rank_uncertainty, weight_draws
from kpi_lib.analysis.robustness.words import described
from kpi_lib.errors import InputError
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Framework
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.scoring.ensemble import effective_weights, totals
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.tree import pruned, tree_of


def evaluated(plan: Plan, drawn: Drawn, count: int) -> np.ndarray:
    return evaluate(plan, drawn, drawn_weights(plan, drawn, count))


def all_totals(board: Scoreboard, spec: Any, count: int) -> tuple[np.ndarray, dict[str, Any]]:
    plan = plan_of(board, spec, board.periods[-1])
    drawn = draw(plan, 1, (0,), count)
    return evaluated(plan, drawn, count), drawn


@pytest.mark.parametrize("missing", [0.0, 0.1, 0.4])
@pytest.mark.parametrize("policy", ["rescale", "zero", "worst", "strict"])
@pytest.mark.parametrize(
    "aggregate", ["arithmetic", "geometric", "harmonic", "min", "median", "copeland"]
)
def test_totals_under_drawn_weights_are_those_of_a_loop_over_score(
    missing: float, policy: str, aggregate: str
) -> None:
    if aggregate in {"geometric", "harmonic"} and policy == "zero" and missing:
        pytest.skip("these means take no score of 0")
    board = a_board(missing, policy=policy, min_coverage=0, aggregate=aggregate)
    ours, _ = all_totals(board, [NOISE], 20)
    weights = weight_draws(board, 20, spec=[NOISE])
    scored = [code for code in weights if code != "C.2"]
    for row, total in zip(weights[scored].to_dict("records"), ours, strict=True):
        again = score(board.observations, board.framework, weights=row)
        np.testing.assert_allclose(total, again.points["TOTAL"], rtol=1e-12)


@pytest.mark.parametrize("policy", ["rescale", "strict"])
def test_a_threshold_of_coverage_is_judged_by_the_frameworks_own_weights(policy: str) -> None:
    """A group that the score leaves out is left out in each draw, and no other is."""
    board = a_board(0.3, cities=30, policy=policy, min_coverage=0.5)
    points = board.points.droplevel("period")
    assert points[["A", "B", "B.X", "C", "TOTAL"]].isna().any().all()

    def total(city: str, group: Any, weights: dict[str, float]) -> float:
        if np.isnan(points.loc[city, group.code]):
            return NAN
        parts = [
            (weights[child.code], total(city, child, weights))
            if hasattr(child, "children")
            else (weights[child.code], float(points.loc[city, child.code]))
            for child in group.children
            if child.code != "C.2"
        ]
        there = [(weight, score) for weight, score in parts if not np.isnan(score)]
        return sum(w * s for w, s in there) / sum(w for w, _ in there)

    ours, _ = all_totals(board, [NOISE], 20)
    weights = weight_draws(board, 20, spec=[NOISE]).to_dict("records")
    for row, found in zip(weights, ours, strict=True):
        expected = [total(city, board.framework.root, row) for city in points.index]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    result = rank_uncertainty(board, 50, spec=[NOISE])
    assert result.ranks["scored"].isin([0, 1]).all()


def test_no_weights_lift_a_city_over_one_that_is_better_in_all_it_has() -> None:
    """A coverage at its threshold is not moved to either side of it by drawn weights."""
    frame = framework(group("G", indicator("A"), indicator("B")), min_coverage=0.5)
    values = pd.DataFrame(
        {"A": [90.0, 40, 20], "B": [NAN, 40, 20]},
        index=pd.MultiIndex.from_product([["Good", "Weak", "Poor"], ["2025"]]),
    ).rename_axis(["city", "period"])
    result = rank_uncertainty(score(observe(values), frame), 1000)
    assert result.ranks["low"].to_dict() == {"Good": 1, "Weak": 2, "Poor": 3}
    assert result.ranks["high"].to_dict() == {"Good": 1, "Weak": 2, "Poor": 3}
    assert result.top(1).to_dict() == {"Good": 1, "Weak": 0, "Poor": 0}
    assert (result.ranks["scored"] == 1).all()
    assert not result.moves


def lonely(**changes: Any) -> Framework:
    """Groups of a single indicator, so that what is imputed may stand alone."""
    return framework(
        group("A", indicator("A.1"), weight=2),
        group("B", group("B.X", indicator("B.1")), group("B.Y", indicator("B.2"))),
        group("C", indicator("C.1"), indicator("C.2")),
        **changes,
    )


@pytest.mark.parametrize("policy", ["rescale", "zero", "worst", "strict"])
@pytest.mark.parametrize("aggregate", ["arithmetic", "min"])
@pytest.mark.parametrize("indicators", [["A.1", "B.1"], None])
def test_imputed_values_count_in_draws_as_they_do_in_scores(
    policy: str, aggregate: str, indicators: list[str] | None
) -> None:
    frame = lonely(policy=policy, min_coverage=0, aggregate=aggregate)
    step = {"method": "impute", "by": "mean"} | ({"indicators": indicators} if indicators else {})
    observations = observe(data(frame, 12, 0.35))
    board = score(observations, frame, treatment=[step])
    choices = [NOISE, {"vary": "impute", "among": ["none", "median", step]}]
    for spec in ([NOISE], choices):
        ours, drawn = all_totals(board, spec, 20)
        weights = weight_draws(board, 20, spec=[NOISE]).to_dict("records")
        for i, (row, total) in enumerate(zip(weights, ours, strict=True)):
            done = [[], [{"method": "impute", "by": "median"}], [step]]
            steps = done[drawn["impute"][i]] if "impute" in drawn else [step]
            again = score(observations, frame, weights=row, treatment=steps)
            np.testing.assert_allclose(total, again.points["TOTAL"], rtol=1e-12)


def test_ranks_of_many_draws_are_those_of_a_loop_over_score() -> None:
    board = a_board(0.2, min_coverage=0)
    result = rank_uncertainty(board, 50, spec=[NOISE])
    counts = pd.DataFrame(0, index=result.counts.index, columns=result.counts.columns)
    wins = pd.DataFrame(0.0, index=result.beats.index, columns=result.beats.columns)
    met = wins.copy()
    for row in weight_draws(board, 50, spec=[NOISE]).to_dict("records"):
        ranks = score(board.observations, board.framework, weights=row).ranks["TOTAL"]
        ranks = ranks.droplevel("period")
        for city, rank in ranks.dropna().items():
            counts.loc[city, int(rank)] += 1
            wins.loc[city] += (rank < ranks).astype(float)
            met.loc[city] += ranks.notna().astype(float)
    pd.testing.assert_frame_equal(result.counts, counts, check_names=False)
    expected = (wins / met).to_numpy(copy=True)
    np.fill_diagonal(expected, NAN)
    np.testing.assert_array_equal(result.beats.to_numpy(), expected)


def test_a_rank_interval_holds_its_share_of_the_draws() -> None:
    board = a_board(cities=30)
    result = rank_uncertainty(board, 3000, spec=[NOISE], level=0.8)
    plan = plan_of(board, [NOISE], "2024")
    blocks = [evaluated(plan, draw(plan, 1, (b,), 1000), 1000) for b in range(3)]
    ranks = (-np.vstack(blocks)).argsort(axis=1).argsort(axis=1) + 1
    for column, share in {"low": 0.1, "median": 0.5, "high": 0.9}.items():
        expected = np.quantile(ranks, share, axis=0, method="inverted_cdf")
        np.testing.assert_array_equal(result.ranks[column].to_numpy(dtype=float), expected)
    np.testing.assert_allclose(result.ranks["mean"], ranks.mean(axis=0))
    same = ranks == result.ranks["rank"].to_numpy(dtype=int)
    np.testing.assert_allclose(result.ranks["p_same"], same.mean(axis=0))
    np.testing.assert_allclose(result.top(5), (ranks <= 5).mean(axis=0))


def test_the_short_form_says_the_same_as_the_whole() -> None:
    board = a_board(0.1)
    short = rank_interval(board, period="2024", draws=500)
    whole = rank_uncertainty(board, 500).ranks
    pd.testing.assert_frame_equal(short, whole[["rank", "low", "high", "p_same"]])
    assert short.index.name == "city"
    pd.testing.assert_series_equal(
        short["rank"].astype(float),
        board.ranks["TOTAL"].droplevel("period"),
        check_names=False,
    )


@pytest.mark.parametrize(
    "spec",
    [
        None,
        [{"vary": "weights", "draw": "dirichlet"}, {"vary": "missing", "among": ["zero", "worst"]}],
        [NOISE, {"vary": "data", "draw": "errors", "relative": 0.1}],
    ],
)
def test_the_seed_fixes_every_number_whatever_the_number_of_workers(spec: Any) -> None:
    board = a_board(0.2, cities=40)
    one, two = (rank_uncertainty(board, 3500, seed=5, spec=spec, workers=w) for w in (1, 2))
    pd.testing.assert_frame_equal(one.ranks, two.ranks, check_exact=True)
    pd.testing.assert_frame_equal(one.counts, two.counts, check_exact=True)
    pd.testing.assert_frame_equal(one.beats, two.beats, check_exact=True)
    other = rank_uncertainty(board, 3500, seed=6, spec=spec)
    assert not one.counts.equals(other.counts)


def test_one_more_choice_leaves_the_draws_of_the_others_as_they_are() -> None:
    board = a_board(0.2)
    more = [NOISE, {"vary": "missing", "among": ["rescale", "worst"]}]
    pd.testing.assert_frame_equal(
        weight_draws(board, 10, spec=[NOISE]), weight_draws(board, 10, spec=more)
    )


def test_noise_keeps_each_weight_within_its_size_at_each_level() -> None:
    board = a_board()
    spec = [{"vary": "weights", "draw": "noise", "size": {1: 0.1, 2: 0.4}}]
    ratio = weight_draws(board, 4000, spec=spec) / pd.Series(board.weights)
    for code, size in {"A": 0.1, "B": 0.1, "A.1": 0.4, "B.X": 0.4, "B.2": 0.4}.items():
        assert ratio[code].between(1 - size, 1 + size).all()
        assert ratio[code].std() == pytest.approx(size / 3**0.5, rel=0.05)
    for code in ("B.X.1", "B.X.2", "C.1"):
        assert (ratio[code] == 1).all()


def test_dirichlet_shares_have_the_nominal_mean_and_the_spread_asked_for() -> None:
    frame = framework(
        group("A", *[indicator(f"A.{i}") for i in range(4)]), group("B", indicator("B.1"))
    )
    board = score(observe(data(frame)), frame)
    spec = [{"vary": "weights", "draw": "dirichlet", "spread": 0.3, "levels": [2]}]
    drawn = weight_draws(board, 20_000, spec=spec)[[f"A.{i}" for i in range(4)]]
    shares = drawn.div(drawn.sum(axis=1), axis=0)
    np.testing.assert_allclose(shares.mean(), 0.25, atol=0.002)
    np.testing.assert_allclose(shares.std() / shares.mean(), 0.3, rtol=0.02)


def test_the_simplex_is_filled_evenly() -> None:
    """The share of one of three parts has the density 2(1 - x): P(x < 0.5) is 0.75."""
    board = a_board()
    spec = [{"vary": "weights", "draw": "simplex", "levels": [1]}]
    drawn = weight_draws(board, 20_000, spec=spec)[["A", "B", "C"]]
    shares = drawn.div(drawn.sum(axis=1), axis=0)
    assert (shares < 0.5).mean().to_numpy() == pytest.approx([0.75] * 3, abs=0.01)


def test_each_combination_of_methods_is_scored_as_score_does() -> None:
    board = a_board(0.15, min_coverage=0)
    spec = [
        NOISE,
        {"vary": "normalise", "among": ["goalposts", {"method": "minmax", "low": 1, "high": 100}]},
        {"vary": "aggregate", "among": ["arithmetic", "geometric", {"method": "power", "p": 0.5}]},
        {"vary": "missing", "among": ["rescale", "worst"]},
    ]
    count = 60
    ours, drawn = all_totals(board, spec, count)
    weights = weight_draws(board, count, spec=spec).to_dict("records")
    seen = set()
    for i in range(count):
        chosen = {choice["vary"]: choice["among"][drawn[choice["vary"]][i]] for choice in spec[1:]}
        seen.add(str(chosen))
        again = score(board.observations, board.framework, weights=weights[i], **chosen)
        np.testing.assert_allclose(ours[i], again.points["TOTAL"], rtol=1e-12)
    assert len(seen) == 12


def skewed_board(treatment: Sequence[Any] = ()) -> Scoreboard:
    """Values of two years with outliers and gaps, and two regions."""
    frame = example(normalise="minmax", min_coverage=0)
    values = data(frame, 20, 0.1, periods=("2023", "2024"))
    values["A.1"] = np.exp(values["A.1"] / 8)
    values.loc[("c03", "2024"), "B.1"] = 4000
    observations = observe(values)
    regions = np.where(np.arange(20) % 2, "north", "south")
    observations = replace(observations, cities=observations.cities.assign(region=regions))
    return score(observations, frame, treatment=treatment)


IMPUTE = ["none", "median", {"by": "group_mean", "group": "region"}]
TREAT = ["none", {"method": "winsorise", "points": 2}, ["log", "winsorise"]]


@pytest.mark.parametrize("nominal", [(), ("winsorise", {"method": "impute", "by": "linear"})])
def test_each_treatment_is_applied_as_score_does(nominal: Sequence[Any]) -> None:
    board = skewed_board(nominal)
    spec = [
        NOISE,
        {"vary": "impute", "among": IMPUTE},
        {"vary": "treat", "among": TREAT},
        {"vary": "normalise", "among": ["minmax", "zscore"]},
    ]
    count = 40
    ours, drawn = all_totals(board, spec, count)
    weights = weight_draws(board, count, spec=spec).to_dict("records")
    imputations = [[], [{"method": "impute", "by": "median"}], [{"method": "impute", **IMPUTE[2]}]]
    treatments = [[], [TREAT[1]], TREAT[2]]
    for i in range(count):
        fill, tame = imputations[drawn["impute"][i]], treatments[drawn["treat"][i]]
        again = score(
            board.observations,
            board.framework,
            weights=weights[i],
            normalise=["minmax", "zscore"][drawn["normalise"][i]],
            treatment=[*tame, *fill] if nominal else [*fill, *tame],
            period="2024",
        )
        np.testing.assert_allclose(ours[i], again.points["TOTAL"], rtol=1e-12)


def test_drawn_values_are_treated_as_observed_ones_are() -> None:
    board = skewed_board(["winsorise", {"method": "impute", "by": "linear"}])
    spec = [{"vary": "data", "draw": "errors", "relative": 0.1}]
    plan = plan_of(board, spec, "2024")
    drawn = draw(plan, 3, (0,), 4)
    ours = evaluated(plan, drawn, 4)
    columns = np.flatnonzero(plan.errors.any(axis=0))
    for i in range(4):
        values = plan.values.to_numpy(copy=True)
        values[:, columns] += plan.errors[:, columns] * drawn["data"][i]
        table = pd.DataFrame(values, plan.values.index, plan.values.columns)
        again = score(observe(table), board.framework, period="2024")
        np.testing.assert_allclose(ours[i], again.points["TOTAL"], rtol=1e-12)


def test_a_group_may_be_named_to_take_the_drawn_mean() -> None:
    board = a_board()
    spec = [{"vary": "aggregate", "among": ["arithmetic", "geometric"], "groups": ["A"]}]
    ours, drawn = all_totals(board, spec, 20)
    geometric = a_board(aggregate="geometric").points["A"].to_numpy()
    groups = board.points[["A", "B", "C"]].to_numpy()
    for i, option in enumerate(drawn["aggregate"]):
        parts = groups.copy()
        if option == 1:
            parts[:, 0] = geometric
        np.testing.assert_allclose(ours[i], parts @ [3 / 6, 1 / 6, 2 / 6], rtol=1e-12)


def test_an_indicator_that_a_method_alone_can_score_counts_under_that_method_only() -> None:
    frame = framework(
        group("A", indicator("A.1"), indicator("A.2", goalposts=None)), group("B", indicator("B.1"))
    )
    board = score(observe(data(frame)), frame)
    spec = [{"vary": "normalise", "among": ["goalposts", "minmax"]}]
    ours, drawn = all_totals(board, spec, 10)
    for total, option in zip(ours, drawn["normalise"], strict=True):
        again = score(board.observations, frame, normalise=["goalposts", "minmax"][option])
        np.testing.assert_allclose(total, again.points["TOTAL"], rtol=1e-12)


@pytest.mark.parametrize(
    "normalise",
    [
        "goalposts",
        "minmax",
        {"method": "minmax", "across": "panel"},
        "percentile",
        {"method": "zscore", "across": "panel"},
        {"method": "reference", "city": "c02"},
    ],
)
def test_drawn_values_are_scored_as_score_does(normalise: Any) -> None:
    frame = example()
    values = data(frame, 8, 0.1, periods=("2023", "2024"))
    values.loc["c02"] = values.loc[["c02"]].fillna(50.0).to_numpy()
    board = score(observe(values), frame, normalise=normalise)
    spec = [{"vary": "data", "draw": "errors", "standard_error": {"A.1": 5}, "relative": 0.1}]
    plan = plan_of(board, spec, "2024")
    drawn = draw(plan, 3, (0,), 6)
    ours = evaluated(plan, drawn, 6)
    columns = np.flatnonzero(plan.errors.any(axis=0))
    for i in range(6):
        values = board.values.copy()
        moved = plan.values.to_numpy(copy=True)
        moved[:, columns] += plan.errors[:, columns] * drawn["data"][i]
        values.loc[plan.values.index] = moved
        again = score(observe(values), frame, normalise=normalise, period="2024")
        np.testing.assert_allclose(ours[i], again.points["TOTAL"], rtol=1e-12)


@pytest.mark.parametrize("method", [name for name in NORMALISE if NORMALISE[name].relative])
@given(st.data())
@settings(deadline=None, max_examples=40)
def test_draws_are_normalised_at_once_as_one_by_one(method: str, data: st.DataObject) -> None:
    cities = data.draw(st.integers(1, 8))
    values = data.draw(arrays((4, cities), 0, 9))
    # Some values are equal, as they are among few cities.
    values = np.round(values) if data.draw(st.booleans()) else values
    direction = data.draw(st.sampled_from(["higher", "lower"]))
    options = {}
    if NORMALISE[method].place:
        # The reference city has a value above 0, of which others are a share.
        values, options = np.where(values > 0, values, NAN), {NORMALISE[method].place: 0}
        values[:, 0] = 5.0
    expected = [NORMALISE[method](row, direction, **options) for row in values]
    ours = NORMALISE[method](values, direction, **options)
    np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-12)


def test_drawn_values_scatter_as_their_standard_errors_say() -> None:
    frame = framework(group("A", indicator("A.1", valid=(0, None))), group("B", indicator("B.1")))
    values = data(frame, 3)
    values["A.1"] = [50.0, 0.5, NAN]
    board = score(observe(values), frame)
    errors = pd.DataFrame(
        {"city": ["c00", None], "indicator": ["A.1", "A.1"], "standard_error": [2.0, 4.0]}
    )
    spec = [{"vary": "data", "draw": "errors", "standard_error": errors}]
    plan = plan_of(board, spec, "2024")
    np.testing.assert_array_equal(plan.errors[:, 0], [2.0, 4.0, 0.0])
    ours, _ = all_totals(board, spec, 4000)
    part = 2 * ours - board.points["B"].to_numpy()
    assert part[:, 0].std() == pytest.approx(2.0, rel=0.05)
    assert part[:, 1].min() >= -1e-9  # within what is valid
    assert np.isnan(board.points["A"].to_numpy()[2])
    np.testing.assert_allclose(ours[:, 2], board.points["B"].to_numpy()[2])


def test_errors_of_the_observations_are_drawn_unless_the_choice_says_others() -> None:
    frame = framework(group("A", indicator("A.1")), group("B", indicator("B.1")))
    observations = observe(data(frame, 3))
    errors = {("c00", "A.1"): 2.0, ("c01", "A.1"): 3.0, ("c00", "B.1"): 0.5}
    pairs = zip(observations.table["city"], observations.table["indicator"], strict=True)
    given = [errors.get(pair, NAN) for pair in pairs]
    observations = replace(observations, table=observations.table.assign(se=given))
    board = score(observations, frame)
    plan = plan_of(board, [{"vary": "data", "draw": "errors"}], "2024")
    np.testing.assert_array_equal(plan.errors, [[2, 0.5], [3, 0], [0, 0]])
    both = {"vary": "data", "draw": "errors", "standard_error": {"B.1": 9}, "relative": 0.1}
    relative = 0.1 * board.values.loc[("c02", "2024"), "A.1"]
    plan = plan_of(board, [both], "2024")
    np.testing.assert_allclose(plan.errors, [[2, 9], [3, 9], [relative, 9]])
    ours, _ = all_totals(board, [{"vary": "data", "draw": "errors"}], 4000)
    expected = [np.hypot(2, 0.5) / 2, 1.5, 0]
    np.testing.assert_allclose(ours.std(axis=0), expected, rtol=0.05, atol=1e-9)


def test_an_error_is_divided_by_what_the_value_is_divided_by() -> None:
    frame = framework(group("A", indicator("A.1", denominator="people"), indicator("A.2")))
    quantities = pd.DataFrame(
        {"city": ["x", "y"], "period": "2024", "quantity": "people", "value": [4.0, 5.0]}
    )
    index = pd.MultiIndex.from_product([["x", "y"], ["2024"]], names=["city", "period"])
    observations = observe(pd.DataFrame({"A.1": [80.0, 90], "A.2": 50}, index), quantities)
    observations = replace(observations, table=observations.table.assign(se=[8.0, NAN, 10.0, NAN]))
    plan = plan_of(score(observations, frame), [{"vary": "data", "draw": "errors"}], "2024")
    np.testing.assert_array_equal(plan.errors, [[2, 0], [2, 0]])


def test_effective_weights_are_drawn_where_that_is_asked_for() -> None:
    """Each share of the whole is within its size of its own but for what keeps their sum."""
    board = a_board()
    drawn = weight_draws(board, 3000, spec=[{**NOISE, "size": 0.25, "on": "effective"}])
    tree = tree_of(board.framework)
    weights = np.column_stack([np.ones(3000), drawn.to_numpy()])
    shares = effective_weights(tree, pruned(tree, weights)[:, 0])
    plan = plan_of(board, None, "2024")
    own = effective_weights(tree, plan.weights[np.newaxis])[0]
    counts = own > 0
    ratio = shares[:, counts] / own[counts]
    factor = drawn.to_numpy()[:, tree.leaf_nodes - 1][:, counts] / own[counts]
    assert factor.min() >= 0.75
    assert factor.max() <= 1.25
    np.testing.assert_allclose(ratio, factor / (factor @ own[counts])[:, np.newaxis], rtol=1e-9)


def test_draws_are_said_by_what_they_do_to_effective_weights() -> None:
    board = a_board()
    result = rank_uncertainty(board, 2500, spec=[NOISE])
    plan = plan_of(board, [NOISE], "2024")
    own = effective_weights(plan.tree, plan.weights[np.newaxis])[0]
    blocks = [draw(plan, 1, (b,), n) for b, n in enumerate((1000, 1000, 500))]
    shares = np.vstack(
        [effective_weights(plan.tree, weights_of(plan, d, len(d["weights"]))) for d in blocks]
    )
    there = own > 0
    np.testing.assert_allclose(result.weights["weight"], own[there])
    np.testing.assert_allclose(result.weights["least"], shares[:, there].min(axis=0))
    np.testing.assert_allclose(result.weights["most"], shares[:, there].max(axis=0))
    ratios = shares[:, there] / own[there]
    assert result.weight_ratios == pytest.approx((ratios.min(), ratios.max()))
    said = described(result)
    assert said[0] == "Each weight varies by up to ±50 % relative to its siblings."
    assert f"from {ratios.min():.2f} to {ratios.max():.2f} times" in said[1]


def test_effective_weights_of_the_national_framework_run_from_0_42_to_2_18_times_their_own() -> (
    None
):
    frame = load_framework("vn-smart-city@1.0")
    board = score(observe(data(frame, 3)), frame)
    result = rank_uncertainty(board)
    assert result.weight_ratios == pytest.approx((0.42, 2.18), abs=0.005)
    effective = rank_uncertainty(board, noise="effective").weight_ratios
    assert effective is not None
    assert 0.7 < effective[0] < 0.75
    assert 1.25 < effective[1] < 1.4
    with pytest.raises(InputError, match="both a list of choices and the kind of noise"):
        rank_uncertainty(board, spec=[NOISE], noise="effective")


def test_where_no_rank_moves_that_is_what_is_said() -> None:
    frame = framework(group("A", indicator("A.1")), group("B", indicator("B.1")))
    values = data(frame, 3)
    values["A.1"] = values["B.1"] = [10.0, 50, 90]
    result = rank_uncertainty(score(observe(values), frame), 200)
    assert not result.moves
    assert described(result)[-1].startswith("No rank changes in any draw")
    alone = framework(group("A", indicator("A.1")))
    single = rank_uncertainty(score(observe(data(alone, 3)), alone), 10)
    assert single.weight_ratios is None
    assert any(said.startswith("No weight can vary") for said in described(single))


def test_the_jackknife_leaves_out_one_indicator_as_if_it_were_not_in_the_framework() -> None:
    board = a_board(0.1)
    ours, drawn = all_totals(board, [{"vary": "data", "draw": "jackknife"}], 40)
    leaves = [leaf.code for leaf in board.framework.indicators if leaf.code != "C.2"]
    assert set(drawn["data"]) == set(range(len(leaves)))
    for total, option in zip(ours, drawn["data"], strict=True):
        parts = {
            code: indicator(
                code,
                weight=node.weight,
                direction=None if code == leaves[option] else node.direction,
            )
            for code, node in board.framework.nodes.items()
            if not hasattr(node, "children")
        }
        inner = group("B.X", parts["B.X.1"], parts["B.X.2"], weight=2)
        frame = framework(
            group("A", parts["A.1"], parts["A.2"], parts["A.3"], weight=3),
            group("B", inner, parts["B.1"], parts["B.2"]),
            group("C", parts["C.1"], parts["C.2"], weight=2),
        )
        again = score(board.observations, frame).points["TOTAL"]
        np.testing.assert_allclose(total, again, rtol=1e-12)


def test_effective_weights_sum_to_one_and_give_the_total() -> None:
    board = a_board()
    plan = plan_of(board, None, "2024")
    weights = weights_of(plan, draw(plan, 1, (0,), 100), 100)
    shares = effective_weights(plan.tree, weights)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    tree = tree_of(board.framework)
    one = pruned(tree, plan.weights[np.newaxis])
    scenario = plan.scenarios[()]
    missing, methods = board.framework.missing, scenario.methods
    total = totals(tree, scenario.counted, scenario.known, one, methods, missing)
    np.testing.assert_allclose(total[0], board.points["TOTAL"], rtol=1e-12)


def test_the_latest_period_is_ranked_and_who_is_not_in_it_is_named() -> None:
    frame = example()
    values = data(frame, 5, periods=("2023", "2024")).drop(("c03", "2024"))
    result = rank_uncertainty(score(observe(values), frame), 10)
    assert result.period == "2024"
    assert result.absent == ("c03",)
    assert "c03" not in result.ranks.index


def test_a_city_that_is_scored_in_no_draw_has_no_rank() -> None:
    frame = example(min_coverage=0.5)
    values = data(frame, 4)
    values.iloc[2, 1:] = NAN
    result = rank_uncertainty(score(observe(values), frame), 100)
    assert result.ranks.loc["c02", "scored"] == 0
    assert result.ranks.loc["c02", ["rank", "low", "median", "high"]].isna().all()
    assert result.beats.loc["c02"].isna().all()


def test_without_siblings_no_weight_can_move_and_every_rank_is_sure() -> None:
    frame = framework(group("A", indicator("A.1")))
    board = score(observe(data(frame, 5)), frame)
    table = rank_interval(board, period="2024", draws=50)
    assert (table["low"] == table["rank"]).all()
    assert (table["high"] == table["rank"]).all()
    assert (table["p_same"] == 1).all()
    assert not rank_uncertainty(board, 10, spec=[NOISE]).moves


def test_where_nothing_can_be_scored_nobody_has_a_rank() -> None:
    frame = framework(group("A", indicator("A.1", direction=None)))
    table = rank_interval(score(observe(data(frame, 3)), frame), period="2024", draws=10)
    assert table.isna().all(axis=None)


def test_memory_does_not_grow_with_the_draws() -> None:
    board = a_board(0.1, cities=60)

    def peak(draws: int) -> int:
        tracemalloc.start()
        rank_uncertainty(board, draws)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1000)
    assert peak(10_000) < 1.2 * peak(2000)


@pytest.mark.parametrize(
    ("call", "message"),
    [({"draws": 0}, "draws must be"), ({"level": 1.0}, "level"), ({"workers": 0}, "workers")],
)
def test_a_run_that_makes_no_sense_is_refused(call: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        rank_uncertainty(a_board(), **call)
