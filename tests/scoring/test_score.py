"""Scoring: laws that hold for every framework, missing values, ranks and gains."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import NAN, ROOT, arrays, few, framework, group, indicator, observe, panel, table
from hypothesis import given
from hypothesis import strategies as st

from kpi_lib.errors import InputError
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Framework
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.indicators import few as few_of
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

CODES = ("a", "b", "c", "d", "e")
PERIODS = ("2023", "2024")
VALUES = arrays((4, 2, 5), 0, 100)
BOUNDED = ("goalposts", "minmax", "target", "pass_fail", "percentile", "fraction_of_max")
POLICIES = ("rescale", "zero", "worst", "strict")


def nested(method: str = "arithmetic", weights: Mapping[str, float] | None = None) -> Framework:
    """Two groups, one of them in two groups, with indicators of both directions."""
    own = dict(weights or {})
    leaves = {
        code: indicator(
            code,
            direction="lower" if code in "be" else "higher",
            weight=own.get(code, 1 + i),
            goalposts=(-20.0, 120.0),
            targets={2024: 60.0},
        )
        for i, code in enumerate(CODES)
    }
    first = group("X", leaves["a"], leaves["b"], weight=own.get("X", 2))
    inner = group("Y1", leaves["c"], leaves["d"], weight=own.get("Y1", 1))
    second = group("Y", inner, leaves["e"], weight=own.get("Y", 3))
    return framework(first, second, aggregate=method)


def scored(values: np.ndarray, chosen: Framework, **options: object) -> Scoreboard:
    return score(observe(panel(values, CODES, PERIODS)), chosen, **options)


@few
@given(
    normalise=st.sampled_from(BOUNDED),
    aggregate=st.sampled_from(["arithmetic", "min", "median", "copeland"]),
    values=VALUES,
    policy=st.sampled_from(POLICIES),
)
def test_every_score_is_from_0_to_100(
    normalise: str, aggregate: str, values: np.ndarray, policy: str
) -> None:
    points = scored(values, nested(aggregate), normalise=normalise, missing=policy).points
    there = points.to_numpy()[points.notna().to_numpy()]
    assert np.all((there >= -1e-9) & (there <= 100 + 1e-9))


@few
@given(
    normalise=st.sampled_from([*BOUNDED, "zscore", "rank", "borda"]),
    aggregate=st.sampled_from(["arithmetic", "min", "median", "copeland"]),
    values=VALUES,
    code=st.sampled_from(CODES),
    other=st.integers(0, 100),
    policy=st.sampled_from(POLICIES),
)
def test_a_better_value_never_lowers_a_score(
    normalise: str, aggregate: str, values: np.ndarray, code: str, other: int, policy: str
) -> None:
    """Neither of the indicator, nor of any group above it, nor the total."""
    at = CODES.index(code)
    if np.isnan(values[0, 1, at]):
        values[0, 1, at] = 50
    low, high = sorted([values[0, 1, at], float(other)])
    ends = (high, low) if code in "be" else (low, high)
    rows = []
    for value in ends:
        values[0, 1, at] = value
        board = scored(values, nested(aggregate), normalise=normalise, missing=policy)
        rows.append(board.points.loc[("c0", "2024"), [code, *board.framework.ancestors(code)]])
    worse, better = rows
    assert worse.isna().equals(better.isna())
    assert np.all(better.dropna() >= worse.dropna() - 1e-9)


@few
@given(
    aggregate=st.sampled_from(["arithmetic", "geometric", "min", "median", "copeland"]),
    values=VALUES,
    factor=st.integers(1, 1000),
)
def test_scaling_the_weights_of_all_siblings_changes_nothing(
    aggregate: str, values: np.ndarray, factor: int
) -> None:
    chosen = nested(aggregate)
    board = scored(values, chosen)
    siblings = {child.code: child.weight * factor / 7 for child in chosen.node("Y").children}
    again = scored(values, chosen, weights=siblings)
    np.testing.assert_allclose(again.points, board.points, atol=1e-9)
    np.testing.assert_allclose(again.coverage, board.coverage, atol=1e-12)
    pd.testing.assert_frame_equal(again.ranks, board.ranks)


@few
@given(
    values=VALUES,
    rows=st.permutations(range(8)),
    columns=st.permutations(CODES),
    policy=st.sampled_from(POLICIES),
)
def test_the_order_of_rows_and_columns_changes_nothing(
    values: np.ndarray, rows: list[int], columns: list[str], policy: str
) -> None:
    wide = panel(values, CODES, PERIODS)
    board = score(observe(wide), nested(), missing=policy)
    again = score(observe(wide.iloc[rows][columns]), nested(), missing=policy)
    pd.testing.assert_frame_equal(again.scores, board.scores)
    pd.testing.assert_frame_equal(again.contributions, board.contributions)


@few
@given(
    top=st.sampled_from(["arithmetic", "geometric", "harmonic", "min", "median"]),
    values=VALUES,
    policy=st.sampled_from(["rescale", "worst"]),
    data=st.data(),
)
def test_contributions_sum_to_the_total(
    top: str, values: np.ndarray, policy: str, data: st.DataObject
) -> None:
    methods = st.sampled_from(["arithmetic", "geometric", "min", "power"])
    inner = {"X": data.draw(methods), "Y1": data.draw(methods), "Y": data.draw(methods)}
    board = scored(values, mixed(top, inner), missing=policy)
    total = board.points["TOTAL"]
    summed = board.contributions.sum(axis=1, skipna=False)
    pd.testing.assert_series_equal(summed, total, check_names=False, atol=1e-9)


def mixed(top: str, inner: Mapping[str, str]) -> Framework:
    """The nested framework with a method for each group."""
    chosen = {
        code: Method(name, {"p": 0.5} if name == "power" else {}) for code, name in inner.items()
    }
    leaf = {code: indicator(code, goalposts=(-20.0, 120.0)) for code in CODES}
    first = group("X", leaf["a"], leaf["b"], weight=2, aggregate=chosen["X"])
    deep = group("Y1", leaf["c"], leaf["d"], aggregate=chosen["Y1"])
    second = group("Y", deep, leaf["e"], weight=3, aggregate=chosen["Y"])
    return framework(first, second, aggregate=top)


def test_any_group_may_have_a_method_of_its_own() -> None:
    inner = {"X": "geometric", "Y1": "min", "Y": "power"}
    board = score(
        observe(table({"a": [60], "b": [80], "c": [20], "d": [90], "e": [50]})),
        mixed("harmonic", inner),
    )
    row = board.points.iloc[0]
    assert row["X"] == pytest.approx((row["a"] * row["b"]) ** 0.5)
    assert row["Y1"] == min(row["c"], row["d"])
    assert row["Y"] == pytest.approx(((row["Y1"] ** 0.5 + row["e"] ** 0.5) / 2) ** 2)
    assert row["TOTAL"] == pytest.approx(5 / (2 / row["X"] + 3 / row["Y"]))


def simple(**changes: object) -> Framework:
    """One group of three indicators with weights 1, 1 and 2, and one of one."""
    main = group("M", indicator("a"), indicator("b"), indicator("c", weight=2.0))
    return framework(main, group("N", indicator("d")), **changes)


GAPS = {
    "a": [80, 80, NAN, NAN],
    "b": [40, NAN, NAN, NAN],
    "c": [20, 60, 60, NAN],
    "d": [50, 50, NAN, NAN],
}


@pytest.mark.parametrize(
    ("policy", "main", "total"),
    [
        ("rescale", [40, 200 / 3, 60, NAN], [45, (200 / 3 + 50) / 2, 60, NAN]),
        ("zero", [40, 50, 30, NAN], [45, 50, 15, NAN]),
        ("worst", [40, 60, 60, NAN], [45, 55, 55, NAN]),
        ("strict", [40, NAN, NAN, NAN], [45, NAN, NAN, NAN]),
    ],
)
def test_what_each_policy_makes_of_missing_values(
    policy: str, main: list[float], total: list[float]
) -> None:
    board = score(observe(table(GAPS)), simple(policy=policy))
    np.testing.assert_allclose(board.points["M"], main)
    np.testing.assert_allclose(board.points["TOTAL"], total)
    # The indicator itself is missing whatever the policy, and coverage says how much is.
    assert np.isnan(board.points.loc[("c1", "2024"), "b"])
    np.testing.assert_allclose(board.coverage["b"], [1, 0, 0, 0])
    np.testing.assert_allclose(board.coverage["M"], [1, 0.75, 0.5, 0])
    np.testing.assert_allclose(board.coverage["TOTAL"], [1, 0.875, 0.25, 0])


def test_under_the_least_coverage_there_is_no_score_and_it_says_why() -> None:
    board = score(observe(table(GAPS)), simple(min_coverage=0.5))
    np.testing.assert_allclose(board.points["M"], [40, 200 / 3, 60, NAN])
    np.testing.assert_allclose(board.points["TOTAL"], [45, (200 / 3 + 50) / 2, NAN, NAN])
    reasons = board.reasons["TOTAL"].tolist()
    assert reasons == ["", "", "coverage 0.25 under 0.50", "no data"]
    strict = score(observe(table(GAPS)), simple(policy="strict"))
    assert strict.reasons["M"].tolist()[1] == "a value is missing (policy strict)"
    assert strict.scores.set_index(["city", "code"]).loc[("c1", "M"), "reason"] != ""


def test_exactly_the_least_coverage_is_enough() -> None:
    leaves = [indicator(code) for code in "abc"]
    board = score(
        observe(table({"a": [50], "b": [NAN], "c": [NAN]})),
        framework(group("M", *leaves), min_coverage=1 / 3),
    )
    assert board.points["TOTAL"].iloc[0] == 50


def test_an_indicator_that_cannot_be_scored_has_no_weight() -> None:
    plain = indicator("b", direction=None, goalposts=None)
    no_posts = indicator("c", goalposts=None)
    main = group("M", indicator("a"), plain, no_posts)
    empty = group("N", indicator("d", direction=None, goalposts=None))
    values = table({"a": [30, NAN], "b": [7, 7], "c": [7, 7], "d": [7, 7]})
    board = score(observe(values), framework(main, empty, min_coverage=0.9))
    assert board.points["TOTAL"].iloc[0] == 30
    assert board.coverage["TOTAL"].tolist() == [1, 0]
    assert board.coverage[["b", "N"]].isna().to_numpy().all()
    assert board.reasons.loc[("c0", "2024"), ["b", "c", "d", "N"]].unique() == ["not scored"]
    assert board.values.loc[("c0", "2024"), "b"] == 7
    assert board.contributions.iloc[0].to_dict() == {"a": 30, "b": 0, "c": 0, "d": 0}
    assert board.potential("c0", "2024").to_dict() == {"a": 70}


def test_a_zero_in_a_geometric_mean_names_city_group_and_indicator() -> None:
    values = table({"a": [50, 0], "b": [50, 50], "c": [50, 50], "d": [50, 50]})
    with pytest.raises(InputError, match=r"geometric mean of M .* score 0 of a \(c1 2024\)"):
        score(observe(values), simple(aggregate="geometric"))


def test_a_city_without_a_score_stops_no_other() -> None:
    """Its coverage is too low for a group score, so its zero does not matter."""
    values = table({"a": [50, 0], "b": [50, NAN], "c": [50, NAN], "d": [50, NAN]})
    board = score(observe(values), simple(aggregate="geometric", min_coverage=0.5))
    assert board.points["TOTAL"].round(9).tolist()[0] == 50
    assert np.isnan(board.points["TOTAL"].iloc[1])


def test_ties_share_the_better_rank_whatever_the_rounding() -> None:
    three = framework(group("M", *(indicator(code) for code in "abc")))
    values = table(
        {"a": [10, 40, 20, 90, NAN], "b": [20, 20, 10, 90, NAN], "c": [40, 10, 40, 90, NAN]}
    )
    board = score(observe(values / 3), three)
    assert board.ranks["TOTAL"].dropna().tolist() == [2, 2, 2, 1]
    assert board.scores["rank"].dtype == "Int64"
    top = board.table("TOTAL", period=2024)
    assert top.index[0] == "c3"
    assert board.table("TOTAL", "latest").equals(top)
    assert top["rank"].isna().tolist()[-1]


def test_a_value_that_is_a_bound_on_paper_is_valid_and_scores_as_the_bound(
    tmp_path: Path,
) -> None:
    frame = framework(group("G", indicator("A", valid=(0, 100))))
    data = tmp_path / "d.csv"
    data.write_text("city,period,indicator,value\nx,2024,A,100.00000000000001\ny,2024,A,5\n")
    board = score(read_observations(data, frame), frame)
    assert board.points["TOTAL"].tolist() == [100, 5]
    data.write_text("city,period,indicator,value\nx,2024,A,100.0001\n")
    with pytest.raises(InputError, match="expected a value from 0 to 100"):
        read_observations(data, frame)


@few
@given(points=arrays((6, 3), 0, 2))
def test_ranks_agree_with_pandas(points: np.ndarray) -> None:
    leaves = [indicator(code) for code in "abc"]
    wide = table({code: points[:, i] for i, code in enumerate("abc")})
    board = score(observe(wide), framework(group("M", *leaves)))
    expected = board.points.rank(method="min", ascending=False)
    np.testing.assert_array_equal(board.ranks[list("abc")], expected[list("abc")])


def test_periods_are_scored_apart_unless_across_the_panel() -> None:
    values = np.array([[[10.0], [20]], [[30], [60]]])
    one = framework(group("M", indicator("a")))
    wide = panel(values, ["a"], ["2023", "2024"])
    apart = score(observe(wide), one, normalise="minmax")
    assert apart.points["a"].tolist() == [0, 0, 100, 100]
    across = Method("minmax", {"across": "panel"})
    together = score(observe(wide), one, normalise=across)
    assert together.points["a"].tolist() == [0, 20, 40, 100]
    late = score(observe(wide), one, normalise=across, period=2024)
    assert late.points["a"].tolist() == [20, 100]
    assert late.periods == ["2024"]
    assert late.gains("c0", "2024", {"a": 40}).tolist() == [40]
    assert together.ranks["TOTAL"].tolist() == [2, 2, 1, 1]


def test_a_reference_city_is_found_by_its_code_in_each_period() -> None:
    frame = framework(group("A", indicator("A.1"), indicator("A.2", direction="lower")))
    index = pd.MultiIndex.from_product([["x", "y"], ["2023", "2024"]], names=["city", "period"])
    values = pd.DataFrame({"A.1": [40.0, 50, 80, 25], "A.2": [10.0, 4, 20, 8]}, index=index)
    method = {"method": "reference", "city": "y"}
    board = score(observe(values), frame, normalise=method)
    assert board.points["A.1"].tolist() == [50, 200, 100, 100]
    assert board.points["A.2"].tolist() == [200, 200, 100, 100]
    again = values.copy()
    again.loc[("y", "2024"), "A.1"] = 50.0
    gain = board.gains("y", "2024", {"A.1": 50.0})
    changed = score(observe(again), frame, normalise=method)
    assert changed.points.loc[("x", "2024"), "A.1"] == 100
    total = changed.points.loc[("y", "2024"), "TOTAL"] - board.points.loc[("y", "2024"), "TOTAL"]
    assert gain["A.1"] == pytest.approx(total)


def test_a_reference_city_without_a_value_is_named() -> None:
    frame = framework(group("A", indicator("A.1")))
    index = pd.MultiIndex.from_product([["hue", "x"], ["2024"]], names=["city", "period"])
    values = pd.DataFrame({"A.1": [NAN, 50]}, index=index)
    with pytest.raises(InputError, match="the reference city 'hue' has no value of it in 2024"):
        score(observe(values), frame, normalise={"method": "reference", "city": "hue"})
    with pytest.raises(InputError, match="Did you mean 'hue'"):
        score(observe(values), frame, normalise={"method": "reference", "city": "hu"})


def test_mazziotta_and_pareto_of_z_scores_of_mean_100_and_sd_10() -> None:
    """Two parts: the mean of a city's z-scores less the square of half their difference by it."""
    frame = framework(group("A", indicator("A.1"), indicator("A.2", direction="lower")))
    rng = np.random.default_rng(3)
    index = pd.MultiIndex.from_product([[f"c{i}" for i in range(8)], ["2024"]])
    values = pd.DataFrame(rng.normal(50, 9, (8, 2)), index, ["A.1", "A.2"])
    values = values.rename_axis(["city", "period"])
    board = score(
        observe(values),
        frame,
        normalise={"method": "zscore", "mean": 100, "sd": 10},
        aggregate="mpi",
    )
    up = 100 + 10 * (values["A.1"] - values["A.1"].mean()) / values["A.1"].std()
    down = 100 - 10 * (values["A.2"] - values["A.2"].mean()) / values["A.2"].std()
    mean = (up + down) / 2
    np.testing.assert_allclose(board.points["A"], mean - ((up - down) / 2) ** 2 / mean)
    np.testing.assert_allclose(board.contributions.sum(axis=1), board.points["TOTAL"])


def test_the_period_must_be_there() -> None:
    with pytest.raises(InputError, match="no data for the period '2020'; there are: 2024"):
        score(observe(table(GAPS)), simple(), period=2020)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"normalise": "min-max"}, "no method 'min-max'. Did you mean 'minmax'"),
        ({"normalise": Method("minmax", {"lo": 1})}, "no parameter 'lo'. Did you mean 'low'"),
        ({"aggregate": "geometrical"}, "Did you mean 'geometric'"),
        ({"aggregate": "power"}, "'power' needs p"),
        ({"missing": "rescaled"}, "Did you mean 'rescale'"),
        ({"weights": {"Z": 1}}, "which test@1 does not have"),
        ({"normalise": {"method": "zscore", "sd": 0}}, "expected a number above 0"),
        ({"aggregate": {"method": "benefit_of_the_doubt", "low": 3}}, "low"),
    ],
)
def test_a_wrong_option_says_what_there_is(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        score(observe(table(GAPS)), simple(), **options)


@few
@given(
    normalise=st.sampled_from(["goalposts", "minmax", "target", "zscore", "percentile"]),
    aggregate=st.sampled_from(["arithmetic", "min", "median", "copeland"]),
    values=VALUES,
    changes=st.dictionaries(st.sampled_from(CODES), st.integers(0, 100), min_size=1),
    policy=st.sampled_from(POLICIES),
)
def test_a_gain_is_what_scoring_again_would_show(
    normalise: str,
    aggregate: str,
    values: np.ndarray,
    changes: dict[str, int],
    policy: str,
) -> None:
    board = scored(values, nested(aggregate), normalise=normalise, missing=policy)
    gains = board.gains("c1", "2024", changes)
    assert list(gains.index) == list(changes)
    for code, value in changes.items():
        changed = values.copy()
        changed[1, 1, CODES.index(code)] = value
        again = scored(changed, nested(aggregate), normalise=normalise, missing=policy)
        unit = ("c1", "2024")
        expected = again.points.loc[unit, "TOTAL"] - board.points.loc[unit, "TOTAL"]
        np.testing.assert_allclose(gains[code], expected, atol=1e-9)


@few
@given(values=VALUES)
def test_the_potential_of_an_indicator_is_the_gain_of_its_best_value(values: np.ndarray) -> None:
    board = scored(values, nested())
    best = {code: -20.0 if code in "be" else 120.0 for code in CODES}
    potential = board.potential("c0", "2023")
    gains = board.gains("c0", "2023", best)
    pd.testing.assert_series_equal(potential, gains[potential.index], atol=1e-9)
    if board.values.loc[("c0", "2023")].notna().all():
        whole = potential.sum() + board.points.loc[("c0", "2023"), "TOTAL"]
        assert whole == pytest.approx(100)


def test_where_a_scale_is_open_the_best_city_sets_the_potential() -> None:
    two = framework(group("M", indicator("a"), indicator("b")), normalise="zscore")
    values = table({"a": [1, 2, 3], "b": [3, 1, 2]})
    board = score(observe(values), two)
    assert board.potential("c0", "2024").to_dict() == {"a": 1.0, "b": 0.0}


def test_a_group_has_no_value_to_change() -> None:
    board = score(observe(table(GAPS)), simple())
    with pytest.raises(InputError, match="'M' is a group"):
        board.gains("c0", "2024", {"M": 3})


def test_below_a_copeland_group_nothing_splits() -> None:
    values = table({"a": [60, 70], "b": [80, 20], "c": [20, 20], "d": [90, NAN]})
    main = group("M", indicator("a"), indicator("b"), aggregate=Method("copeland"))
    board = score(observe(values), framework(main, group("N", indicator("c"), indicator("d"))))
    assert board.points["M"].tolist() == [50, 50]
    assert board.contributions[["a", "b"]].isna().to_numpy().all()
    assert board.contributions[["c", "d"]].to_numpy().tolist() == [[5, 22.5], [10, 0]]


def test_the_long_table_has_a_row_for_each_city_period_and_code() -> None:
    board = score(observe(table(GAPS)), simple())
    long = board.scores
    assert list(long.columns) == [
        "city", "period", "code", "level", "score", "rank", "coverage", "reason",
    ]  # fmt: skip
    assert len(long) == 4 * len(board.framework.nodes)
    first = long.iloc[0]
    assert (first["city"], first["period"], first["code"], first["level"]) == (
        "c0", "2024", "TOTAL", 0,
    )  # fmt: skip
    assert long.set_index("code").loc["a", "level"].unique() == [2]


def test_the_nine_published_totals_of_the_digital_transformation_index() -> None:
    """DTI 2020, to the four decimals printed; a five after them rounds up."""
    raw = pd.read_csv(ROOT / "data/raw/dti/dti_2020_top9.csv", dtype={"city": str, "period": str})
    units = raw.set_index(["city", "period"])
    board = score(observe(units[["CQS", "KTS", "XHS"]]), load_framework("dti@2020"))
    ours = board.points["TOTAL"].loc[units.index]
    printed = [
        float(Decimal(f"{total:.12g}").quantize(Decimal("0.0001"), ROUND_HALF_UP)) for total in ours
    ]
    assert len(units) == 9
    assert printed == units["dti_published"].tolist()
    assert board.ranks["TOTAL"].loc[units.index].tolist() == units["rank_published"].tolist()


def test_a_group_of_which_nothing_can_be_scored_weighs_nothing() -> None:
    """Else the policy that counts what is missing as 0 would halve the score."""
    unscored = group("N", indicator("c", goalposts=None))
    main, other = group("M", indicator("a"), indicator("b")), unscored
    values = table({"a": [60], "b": [80], "c": [NAN]})
    frame = framework(main, other, policy="zero")
    board = score(observe(values), frame)
    assert board.points["TOTAL"].tolist() == [70]
    assert board.coverage["TOTAL"].tolist() == [1]
    assert score(observe(values), frame, missing="worst").points["TOTAL"].tolist() == [70]


@pytest.mark.parametrize(("direction", "best"), [("higher", 80.0), ("lower", -40.0)])
def test_beyond_the_goalposts_the_best_valid_value_sets_the_potential(
    direction: str, best: float
) -> None:
    leaf = indicator("a", direction=direction, goalposts=(0.0, 50.0), valid=(-40.0, 80.0))
    board = score(observe(table({"a": [20]})), framework(group("M", leaf)), normalise="scaled")
    gain = board.gains("c0", "2024", {"a": best})["a"]
    assert board.potential("c0", "2024")["a"] == pytest.approx(gain)
    assert gain > 0


def test_a_city_or_a_period_that_is_not_there_is_named_with_those_that_are() -> None:
    board = score(observe(table({"a": [1], "b": [1], "c": [1], "d": [1]})), simple())
    with pytest.raises(InputError, match=r"no period '1999'; there are: 2024"):
        board.unit("c0", "1999")


def test_of_many_codes_the_first_three_are_named() -> None:
    assert [few_of("abcde"[:n]) for n in (1, 3, 5)] == ["a", "a, b, c", "a, b, c and 2 more"]
