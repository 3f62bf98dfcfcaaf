"""Treatment of values: published results, the single methods, and the log of what was done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import published
import pytest
from builders import NAN, arrays, framework, group, indicator, observe, panel, table
from hypothesis import assume, given
from hypothesis import strategies as st
from published import ASEM_STEPS
from scipy import stats
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import PowerTransformer

from kpi_lib.analysis.leave_out import leave_out
from kpi_lib.errors import InputError
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.dump import file_data, yaml_text
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Framework
from kpi_lib.methods import outliers
from kpi_lib.methods.impute import average, forward, group_average, linear, regression
from kpi_lib.methods.outliers import (
    Limits,
    boxcox_curve,
    kurtosis,
    log_curve,
    skewness,
    winsorise,
)
from kpi_lib.methods.registry import Method
from kpi_lib.observations.read import Observations
from kpi_lib.scoring.national import national_board
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.steps import LOG, reason_of
from kpi_lib.scoring.treatment import as_steps, treat, values_of


@pytest.fixture(scope="module")
def asem(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Framework, Observations]:
    return published.asem(shared, tmp_path_factory.mktemp("asem"))


def reference(shared: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(shared / f"reference/asem/{name}.csv").set_index("uCode").sort_index()


@pytest.mark.parametrize(("steps", "name"), [(1, "p2_imputed"), (3, "p2_treated")])
def test_asem_values_agree_with_an_independent_implementation_at_each_step(
    shared: Path, asem: tuple[Framework, Observations], steps: int, name: str
) -> None:
    """COINr 1.1.14."""
    loaded, observed = asem
    before = values_of(observed, loaded)
    ours = treat(before, ASEM_STEPS[:steps], loaded.indicators, observed.cities)
    expected = reference(shared, name)[list(before.columns)]
    np.testing.assert_allclose(ours.values.to_numpy(), expected.to_numpy(), rtol=1e-9)


def test_asem_scores_after_treatment_agree_at_every_level(
    shared: Path, asem: tuple[Framework, Observations]
) -> None:
    """COINr 1.1.14, the full example: impute, screen, treat outliers, min-max, means."""
    board = score(asem[1], asem[0], treatment=ASEM_STEPS)
    expected = reference(shared, "p2_full_example")
    ours = board.points.xs("2018", level="period").rename(columns={"TOTAL": "Index"})
    assert set(expected.columns) == set(ours.columns)
    np.testing.assert_allclose(
        ours[expected.columns].to_numpy(), expected.to_numpy(), rtol=1e-9, atol=1e-12
    )


def test_the_log_holds_every_changed_value_and_nothing_else(
    asem: tuple[Framework, Observations],
) -> None:
    board = score(asem[1], asem[0], treatment=ASEM_STEPS)
    log = board.treated
    assert tuple(log.columns) == LOG
    assert set(log["step"]) == {"impute group_mean", "winsorise"}
    long = board.values.stack(future_stack=True)
    after = board.inputs.stack(future_stack=True)
    changed = long[~((long == after) | (long.isna() & after.isna()))]
    logged = log.set_index(["city", "period", "code"])
    assert set(logged.index) == set(changed.index)
    last = logged[~logged.index.duplicated(keep="last")]["after"]
    np.testing.assert_array_equal(last, after[last.index])
    first = logged[~logged.index.duplicated(keep="first")]["before"]
    np.testing.assert_array_equal(first, long[first.index])
    assert all(reason_of(row, lang) for row in log.to_dict("records") for lang in ("vi", "en"))


def test_nothing_is_treated_unless_it_is_asked_for(asem: tuple[Framework, Observations]) -> None:
    board = score(asem[1], asem[0])
    assert board.treated.empty
    assert tuple(board.treated.columns) == LOG
    assert board.inputs is board.values


# Outliers


@given(values=arrays((12,), -50, 50, missing=False))
def test_skewness_and_kurtosis_agree_with_pandas(values: np.ndarray) -> None:
    assume(np.ptp(values) > 0.01)
    series = pd.Series(values)
    assert skewness(values) == pytest.approx(series.skew(), rel=1e-6, abs=1e-9)
    assert kurtosis(values) == pytest.approx(series.kurt(), rel=1e-6, abs=1e-9)
    gaps = np.append(values, [NAN, NAN])
    assert (skewness(gaps), kurtosis(gaps)) == (skewness(values), kurtosis(values))


def test_two_outliers_are_drawn_in() -> None:
    """The example of COINr's Treat: 1 to 10, then 30 and 100."""
    values = np.array([*range(1, 11), 30, 100, NAN], dtype=float)
    limits = Limits()
    assert not limits.passed(values)
    expected = [*range(1, 11), 30, 30, NAN]
    np.testing.assert_array_equal(winsorise(values, limits), expected)
    np.testing.assert_array_equal(winsorise(-values, limits), -np.array(expected))


@given(values=arrays((15,), 0, 10), far=st.integers(20, 1000), points=st.integers(1, 6))
def test_drawing_in_keeps_the_order_and_changes_few(
    values: np.ndarray, far: int, points: int
) -> None:
    values[0] = far
    drawn = winsorise(values, Limits(), points)
    assert np.array_equal(np.isnan(drawn), np.isnan(values))
    there = ~np.isnan(values)
    order = np.argsort(values[there], kind="stable")
    assert np.all(np.diff(drawn[there][order]) >= 0)
    changed = np.flatnonzero(there & (drawn != values))
    # Ties go together, so that the last of them may exceed the number of points.
    assert len(np.unique(values[changed])) <= points


@pytest.mark.parametrize("fitted", [log_curve, boxcox_curve])
@given(values=arrays((10,), -30, 90))
def test_a_transformation_rises_with_the_value(fitted: object, values: np.ndarray) -> None:
    there = np.sort(values[~np.isnan(values)])
    assume(there.size > 2 and np.ptp(there) > 1)
    bent = fitted(values)(np.array([there[0] - 5, *there]))
    assert np.isfinite(bent).all()
    assert np.all(np.diff(bent) >= 0)


def test_box_cox_agrees_with_scikit_learn() -> None:
    values = np.random.default_rng(3).lognormal(1, 0.8, 60)
    shifted = values - values.min() + 1
    model = PowerTransformer(method="box-cox", standardize=False)
    expected = model.fit_transform(shifted[:, np.newaxis])[:, 0]
    np.testing.assert_allclose(boxcox_curve(values)(values), expected, rtol=1e-4)
    np.testing.assert_allclose(boxcox_curve(values, 0)(values), np.log(shifted))
    np.testing.assert_allclose(boxcox_curve(values, 2)(values), (shifted**2 - 1) / 2)


# Imputation


def test_averages_leave_what_is_there() -> None:
    values = np.array([1.0, NAN, 6, NAN, 2, NAN])
    np.testing.assert_array_equal(average(values, np.mean), [1, 3, 6, 3, 2, 3])
    np.testing.assert_array_equal(average(values, np.median), [1, 2, 6, 2, 2, 2])
    assert np.isnan(average(np.array([NAN]), np.mean)).all()
    groups = np.array(["n", "n", "s", "s", "n", None], dtype=object)
    np.testing.assert_array_equal(group_average(values, groups, np.mean), [1, 1.5, 6, 6, 2, NAN])


def test_years_between_are_on_the_line_and_later_ones_carried_forward() -> None:
    values, times = np.array([NAN, 2, NAN, NAN, 8, NAN]), np.array([1.0, 2, 3, 4, 5, 7])
    np.testing.assert_array_equal(linear(values, times), [NAN, 2, 4, 6, 8, NAN])
    np.testing.assert_array_equal(forward(values, times), [NAN, 2, 2, 2, 8, 8])
    np.testing.assert_array_equal(forward(values, times, 1), [NAN, 2, 2, NAN, 8, NAN])


@given(seed=st.integers(0, 1000))
def test_regression_agrees_with_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(40, 5))
    table[:, 0] = table[:, 1] - 2 * table[:, 2] + 0.5 * table[:, 3] + rng.normal(0, 0.3, 40)
    table[:3, 0] = NAN
    table[0, 2] = NAN
    found = regression(table, 0, predictors=2)
    assert [estimate.unit for estimate in found] == [0, 1, 2]
    for estimate in found:
        columns = list(estimate.predictors)
        known = ~np.isnan(table[:, [0, *columns]]).any(axis=1)
        model = LinearRegression().fit(table[known][:, columns], table[known, 0])
        expected = model.predict(table[[estimate.unit]][:, columns])[0]
        assert estimate.value == pytest.approx(expected)
        assert estimate.fit == pytest.approx(model.score(table[known][:, columns], table[known, 0]))
        assert estimate.units == known.sum()


def test_the_error_of_a_regression_is_that_of_a_new_observation() -> None:
    """For one predictor: s · √(1 + 1/n + (x − x̄)² / Sxx), with s from scipy's linregress."""
    rng = np.random.default_rng(5)
    x = rng.uniform(0, 10, 30)
    y = 3 + 2 * x + rng.normal(0, 1.5, 30)
    table = np.column_stack([np.append(y, NAN), np.append(x, 14.0)])
    (estimate,) = regression(table, 0)
    fit = stats.linregress(x, y)
    spread = np.sum((x - x.mean()) ** 2)
    s = fit.stderr * np.sqrt(spread)
    assert estimate.value == pytest.approx(fit.intercept + 14 * fit.slope)
    assert estimate.error == pytest.approx(s * np.sqrt(1 + 1 / 30 + (14 - x.mean()) ** 2 / spread))
    assert estimate.fit == pytest.approx(fit.rvalue**2)


def test_too_few_cities_give_no_regression() -> None:
    table = np.array([[1.0, 1], [2, 2], [NAN, 3]])
    assert regression(table, 0) == []


# Steps


def one(**changes: object) -> Framework:
    return framework(group("M", indicator("a", **changes)), normalise="minmax")


def test_imputed_values_are_scored_but_are_no_coverage() -> None:
    values = table({"a": [10, 20, NAN], "b": [1, 3, 5]})
    two = framework(group("M", indicator("a"), indicator("b")), normalise="minmax")
    board = score(observe(values), two, treatment=[{"method": "impute", "by": "mean"}])
    assert board.points["a"].tolist() == [0, 100, 50]
    assert board.coverage["a"].tolist() == [1, 1, 0]
    assert board.coverage["TOTAL"].tolist() == [1, 1, 0.5]
    assert np.isnan(board.values.loc[("c2", "2024"), "a"])
    assert board.inputs.loc[("c2", "2024"), "a"] == 15
    strict = score(observe(values), two, missing="strict",
                   treatment=[{"method": "impute", "by": "mean"}])  # fmt: skip
    assert strict.points["TOTAL"].tolist() == [0, 75, 75]


def two_groups(**changes: object) -> Framework:
    return framework(
        group("M", indicator("a"), indicator("b"), weight=3),
        group("N", group("N1", indicator("c"))),
        **changes,
    )


PART = {"a": [10, 90, NAN, NAN], "b": [30, 50, 40, NAN], "c": [20, 60, NAN, NAN]}
MEAN = {"method": "impute", "by": "mean"}


@pytest.mark.parametrize("policy", ["rescale", "strict", "zero", "worst"])
def test_an_imputed_value_counts_wherever_it_stands_in_the_tree(policy: str) -> None:
    frame = two_groups(policy=policy, min_coverage=0.5)
    board = score(observe(table(PART)), frame, treatment=[MEAN])
    # As if the estimates had been measured: 50, 40 and 40.
    full = {"a": [10, 90, 50, 50], "b": [30, 50, 40, 40], "c": [20, 60, 40, 40]}
    measured = score(observe(table(full)), frame)
    pd.testing.assert_frame_equal(board.points, measured.points)
    pd.testing.assert_frame_equal(board.contributions, measured.contributions)
    asked = {"a": 70.0, "c": 90.0}
    gains = [each.gains("c2", "2024", asked) for each in (board, measured)]
    pd.testing.assert_series_equal(*gains)
    left_out = [leave_out(each, "2024").scores for each in (board, measured)]
    pd.testing.assert_frame_equal(*left_out)
    # Coverage stays that of what was observed.
    assert board.coverage["TOTAL"].tolist() == [1, 1, 0.375, 0]
    assert board.coverage["N1"].tolist() == [1, 1, 0, 0]
    assert set(board.reasons["TOTAL"]) == {""}


def test_a_group_is_judged_by_what_is_observed_or_imputed_and_says_so() -> None:
    step = {**MEAN, "indicators": ["a"]}
    frame = two_groups(min_coverage=0.9)
    board = score(observe(table(PART)), frame, treatment=[step])
    assert board.points["M"].tolist()[:3] == [20, 70, 45]
    assert board.points["TOTAL"].isna().tolist() == [False, False, True, True]
    assert board.reasons["TOTAL"].iloc[2] == "share observed or imputed 0.75 under 0.90"
    assert board.reasons["N1"].iloc[2] == "no data"
    untreated = score(observe(table(PART)), frame)
    assert untreated.reasons["TOTAL"].iloc[2] == "coverage 0.38 under 0.90"


def test_the_national_score_counts_what_is_imputed() -> None:
    national = two_groups(treatment=as_steps([MEAN]))
    local = group("L", indicator("d"))
    wider = replace(national, groups=(*national.groups, local), base=national)
    values = table({**PART, "d": [5, NAN, 7, 9]})
    alone = score(observe(values[["a", "b", "c"]]), national)
    found = national_board(score(observe(values), wider))
    pd.testing.assert_frame_equal(found.points, alone.points)
    pd.testing.assert_frame_equal(found.coverage, alone.coverage)
    assert found.points["N1"].tolist() == [20, 60, 40, 40]


def test_a_city_that_is_screened_out_has_no_score_and_no_part_in_the_others() -> None:
    values = table({"a": [10, 20, 90], "b": [1, 3, NAN], "c": [4, 5, NAN]})
    three = framework(group("M", *(indicator(code) for code in "abc")), normalise="minmax")
    steps = [{"method": "screen", "min_available": 0.5}, {"method": "impute", "by": "mean"}]
    board = score(observe(values), three, treatment=steps)
    assert board.points["a"].tolist()[:2] == [0, 100]
    assert board.points.iloc[2].isna().all()
    assert board.reasons.iloc[2].unique().tolist() == ["screened out"]
    assert board.coverage["TOTAL"].iloc[2] == pytest.approx(1 / 3)
    assert board.values.loc[("c2", "2024"), "a"] == 90
    (row,) = board.treated.to_dict("records")
    assert (row["city"], row["code"], row["step"]) == ("c2", "TOTAL", "screen")
    assert row["before"] == pytest.approx(1 / 3)
    zeros = treat(table({"a": [0, 1], "b": [0, 0]}), [{"method": "screen", "min_nonzero": 0.5}],
                  [indicator("a"), indicator("b")])  # fmt: skip
    assert zeros.screened.tolist() == [("c0", "2024")]


def test_a_step_is_about_the_indicators_and_periods_it_names() -> None:
    values = panel(
        np.array([[[10.0, NAN], [NAN, 4]], [[30, 2], [50, NAN]]]), "ab", ("2023", "2024")
    )
    leaves = [indicator("a"), indicator("b")]
    here = treat(values, [{"method": "impute", "by": "mean", "indicators": ["a"]}], leaves)
    np.testing.assert_array_equal(here.values["a"], [10, 50, 30, 50])
    assert here.values["b"].isna().sum() == 2
    step = {"method": "impute", "by": "mean", "indicators": "a", "across": "panel"}
    np.testing.assert_array_equal(treat(values, [step], leaves).values["a"], [10, 30, 30, 50])


def test_years_of_a_city_are_filled_from_its_own_years() -> None:
    values = panel(
        np.array([[[1.0], [NAN], [5]], [[NAN], [4], [NAN]]]), ["a"], ("2021", "2022", "2024")
    )
    line = treat(values, [{"method": "impute", "by": "linear"}], [indicator("a")])
    np.testing.assert_allclose(line.values["a"], [1, 1 + 4 / 3, 5, NAN, 4, NAN])
    step = {"method": "impute", "by": "forward", "within": 1}
    carried = treat(values, [step], [indicator("a")])
    np.testing.assert_array_equal(carried.values["a"], [1, 1, 5, NAN, 4, NAN])
    late = score(observe(values), one(), treatment=[{"method": "impute", "by": "forward"}],
                 period=2024)  # fmt: skip
    np.testing.assert_array_equal(late.inputs["a"], [5, 4])
    assert late.treated["city"].tolist() == ["c1"]


def test_an_estimate_shows_its_error_and_stays_within_what_is_possible() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 10, 20)
    a = np.append(10 * x + rng.normal(0, 1, 20), NAN)
    values = table({"a": a, "b": np.append(x, 40.0)})
    leaves = [indicator("a", valid=(0.0, 100.0)), indicator("b")]
    treated = treat(values, [{"method": "impute", "by": "regression"}], leaves)
    assert treated.values.iloc[-1]["a"] == 100
    (row,) = treated.log.to_dict("records")
    assert row["error"] > 1
    assert "regression on b (R² 1.00, 20 cities)" in reason_of(row, "en")
    assert "hồi quy theo b" in reason_of(row, "vi")


@pytest.mark.parametrize("otherwise", ["log", "boxcox", "none"])
def test_where_drawing_in_is_not_enough_the_original_values_are_transformed(
    otherwise: str,
) -> None:
    far = [10.0**i for i in range(3, 12)]
    values = table({"a": [*range(1, 40), *far, NAN]})
    step = {"method": "winsorise", "points": 4, "otherwise": otherwise}
    treated = treat(values, [step], [indicator("a")])
    own = values["a"].to_numpy()
    if otherwise == "none":
        assert treated.log.empty
        np.testing.assert_array_equal(treated.values["a"], own)
    else:
        curve = {"log": log_curve, "boxcox": boxcox_curve}[otherwise](own)
        np.testing.assert_allclose(treated.values["a"], np.append(curve(own[:-1]), NAN))
        assert treated.log["step"].unique().tolist() == [otherwise]
        assert len(treated.log) == 48
    if otherwise == "log":
        span = 1e11 - 1
        expected = np.log(own[:-1] - 1 + 0.01 * span)
        np.testing.assert_allclose(treated.values["a"].to_numpy()[:-1], expected)


def test_a_new_value_is_transformed_as_the_others_were() -> None:
    rng = np.random.default_rng(1)
    values = table({"a": np.exp(rng.normal(0, 3, 30))})
    steps = [{"method": "log", "always": True}]
    board = score(observe(values), one(), treatment=steps)
    best = float(values["a"].max())
    assert board.gains("c3", "2024", {"a": best}).iloc[0] == pytest.approx(
        100 - board.points.loc[("c3", "2024"), "TOTAL"]
    )
    doubled = board.gains("c3", "2024", {"a": 2 * board.values.loc[("c3", "2024"), "a"]})
    curve = log_curve(values["a"].to_numpy())
    before, after = curve(values["a"].to_numpy()[3] * np.array([1, 2]))
    span = np.ptp(curve(values["a"].to_numpy()))
    assert doubled.iloc[0] == pytest.approx(100 * (after - before) / span)


def test_a_transformed_value_is_not_compared_with_goalposts_in_its_unit() -> None:
    values = table({"a": [1, 2, 3, 500]})
    with pytest.raises(InputError, match=r"a is transformed .* scored by 'goalposts'"):
        score(
            observe(values),
            framework(group("M", indicator("a"))),
            treatment=[{"method": "boxcox", "always": True}],
        )


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("imput", "step 1: there is no method 'imput'. Did you mean 'impute'"),
        ({"method": "impute"}, "'impute' needs by"),
        ({"method": "impute", "by": "men"}, "Did you mean 'mean'"),
        ({"method": "impute", "by": "mean", "of": 1}, "no parameter 'of'"),
        ({"method": "impute", "by": "group_mean"}, "needs group: a column"),
        ({"method": "impute", "by": "group_mean", "group": "regio"}, "no column 'regio'"),
        ({"method": "log", "across": "time"}, "across: is 'time'"),
        ({"method": "winsorise", "otherwise": "ln"}, "otherwise: is 'ln'"),
        ({"method": "log", "indicators": ["z"]}, "no indicator 'z'"),
        ({"method": "screen", "min_available": "all"}, "step 1, screen"),
    ],
)
def test_a_wrong_step_says_what_there_is(step: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        score(observe(table({"a": [1, NAN, 3]})), one(), treatment=[step])


FILE = """\
id: own
version: "1"
title: Own
normalise: minmax
treatment:
  - {{method: impute, by: {by}}}
  - {{method: winsorise, points: 3, {key}: none, indicators: [A.1]}}
groups:
  - code: A
    title: A
    aggregate: {aggregate}
    indicators:
      - {{code: A.1, title: One, direction: higher, normalise: {{method: zscore, {sd}: 10}}}}
"""


def write(folder: Path, **changes: str) -> Path:
    said = {"by": "median", "key": "otherwise", "aggregate": "median", "sd": "sd"} | changes
    path = folder / "own.yaml"
    path.write_text(FILE.format(**said), encoding="utf-8")
    return path


def test_a_framework_file_holds_its_treatment(tmp_path: Path) -> None:
    loaded = load_framework(write(tmp_path))
    impute, draw = loaded.treatment
    assert (impute.name, dict(impute.parameters)) == ("impute", {"by": "median"})
    assert draw.parameters["indicators"] == ("A.1",)
    assert loaded.fingerprint != replace(loaded, treatment=()).fingerprint
    again = tmp_path / "again.yaml"
    again.write_text(yaml_text(file_data(loaded)), encoding="utf-8")
    assert load_framework(again).fingerprint == loaded.fingerprint
    board: Scoreboard = score(observe(table({"A.1": [1, 2, NAN]})), loaded)
    assert board.inputs["A.1"].tolist() == [1, 2, 1.5]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": "avg"}, "line 6: .*by.*expected one of mean, median"),
        ({"key": "otherwis"}, "line 7: unknown key 'otherwis'.*Did you mean 'otherwise'"),
        ({"aggregate": "power"}, "line 11: .*power with its parameter"),
        ({"aggregate": "{method: power}"}, "line 11: .*'p'.* is missing"),
        ({"aggregate": "{method: min, p: 2}"}, "line 11: unknown key 'p'"),
        ({"sd": "std"}, "line 13: unknown key 'std'.*Known keys: method, mean, sd, across"),
    ],
)
def test_a_fault_in_the_methods_of_a_framework_file_is_named_with_its_line(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        load_framework(write(tmp_path, **changes))


def test_an_imputed_mean_of_equal_values_leaves_the_column_constant() -> None:
    equal = np.full(6, 0.7)
    assert np.mean(equal) != 0.7
    np.testing.assert_array_equal(average(np.array([*equal, NAN]), np.mean), 0.7)
    for by in ("mean", "median"):
        step = {"method": "impute", "by": by}
        board = score(observe(table({"a": [*equal, NAN]})), one(), treatment=[step])
        assert board.points["a"].tolist() == [50] * 7


def test_a_column_that_is_equal_on_paper_has_no_outliers_and_is_not_bent() -> None:
    values = np.array([3.3 / 3, *[1.1] * 20, 0.1 * 11])
    assert np.isnan(skewness(values))
    assert np.isnan(kurtosis(values))
    assert Limits().passed(values)
    assert np.isnan(skewness(np.full(4, NAN)))
    for curve in (log_curve, boxcox_curve):
        with pytest.raises(ValueError, match="all values are equal"):
            curve(values)


def test_the_group_of_an_imputation_is_any_column_of_the_cities_file(tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_text(
        "city,name_en,tier\np,P,upper\nq,Q,upper\nr,R,lower\ns,S,\nt,T,upper\n"
    )
    data = tmp_path / "data.csv"
    rows = [
        f"{city},2024,a,{value}" for city, value in zip("pqrst", (40, "", 6, "", 60), strict=True)
    ]
    data.write_text("\n".join(["city,period,indicator,value", *rows, ""]))
    step = Method("impute", {"by": "group_mean", "group": "tier"})
    named = replace(one(), treatment=(step,))
    board = score(read_observations(data, named), named)
    np.testing.assert_array_equal(board.inputs["a"], [40, 50, 6, NAN, 60])
    other = score(read_observations(data, one()), one(), treatment=[step])
    pd.testing.assert_frame_equal(other.points, board.points)
    with pytest.raises(InputError, match=r"no column 'teir'. Did you mean 'tier'"):
        score(read_observations(data, one()), one(),
              treatment=[{"method": "impute", "by": "group_mean", "group": "teir"}])  # fmt: skip


@pytest.mark.parametrize("cities", ["", "city,class\np,\nq,\n"])
def test_an_imputation_by_a_group_that_no_city_has_is_an_error(tmp_path: Path, cities: str) -> None:
    if cities:
        (tmp_path / "cities.csv").write_text(cities)
    data = tmp_path / "data.csv"
    data.write_text("city,period,indicator,value\np,2024,a,40\nq,2024,a,\n")
    step = {"method": "impute", "by": "group_mean", "group": "class"}
    with pytest.raises(InputError, match="no city has an entry under 'class'"):
        score(read_observations(data, one()), one(), treatment=[step])


def test_the_closest_column_is_the_one_that_goes_with_it_however_large_it_is() -> None:
    """A column of large numbers in a few of which others are missing is as close as any."""
    rng = np.random.default_rng(3)
    own = rng.normal(size=30)
    near = 5000 + own + rng.normal(0, 0.2, 30)
    far = own + rng.normal(0, 2, 30)
    near[:4] = NAN
    own[-1] = NAN
    (estimate,) = regression(np.column_stack([own, far, near]), 0, predictors=1)
    assert estimate.predictors == (2,)


def test_a_regression_is_over_the_cities_that_have_every_predictor() -> None:
    x, z = np.arange(12.0), np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])
    own = 1 + 2 * x - 3 * z
    own[-1] = NAN
    z[2] = NAN
    (estimate,) = regression(np.column_stack([own, x, z]), 0, predictors=2)
    assert estimate.units == 10
    assert estimate.value == pytest.approx(1 + 2 * 11 - 3 * 8)


def test_a_column_at_a_limit_has_not_passed_it() -> None:
    values = np.array([1.0, 2, 3, 4, 5, 60])
    skew, tails = abs(outliers.skewness(values)), outliers.kurtosis(values)
    for limits, passed in (
        ((skew, 0.0), True),
        ((0.0, tails), True),
        ((0.99 * skew, 0.99 * tails), False),
    ):
        assert outliers.Limits(*limits).passed(values) == passed


def test_a_screen_gives_one_reason_and_counts_one_value_as_all_there_is() -> None:
    """Of three cities one has two values missing of three, and of its one value none is 0."""
    values = table({"a": [5, 0, 7], "b": [NAN, 0, 8], "c": [NAN, 4, 0]})
    leaves = [indicator(code) for code in "abc"]
    by_zeros = treat(values, [{"method": "screen", "min_nonzero": 0.6}], leaves)
    assert by_zeros.screened.tolist() == [("c1", "2024")]
    both = {"method": "screen", "min_available": 0.5, "min_nonzero": 0.6}
    found = treat(values.replace({5.0: 0.0}), [both], leaves)
    assert found.screened.tolist() == [("c0", "2024"), ("c1", "2024")]
    assert found.log["city"].tolist() == ["c0", "c1"]
