"""The audit: published statistics, what goes with what, and what depends on what."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import published
import pytest
from builders import NAN, arrays, few, framework, group, indicator, observe, panel, table
from hypothesis import given
from published import ASEM_STEPS, PCI_VERSIONS, pci_board, pci_table
from scipy import stats
from sklearn.decomposition import PCA

from kpi_lib.analysis.audit import (
    components,
    cronbach,
    missingness,
    outliers,
    reliability,
    statistics,
    totals,
)
from kpi_lib.analysis.correlations import adjusted, effective_weights, links, p_values, pairs
from kpi_lib.analysis.leave_out import leave_out
from kpi_lib.errors import InputError
from kpi_lib.framework.model import Framework
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard


@pytest.fixture(scope="module")
def asem(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference/asem/asem_idata.csv").set_index("uCode")


@pytest.fixture(scope="module")
def meta(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference/asem/asem_imeta.csv", keep_default_na=False)


def test_statistics_of_indicators_agree_with_an_independent_implementation(
    shared: Path, asem: pd.DataFrame
) -> None:
    """COINr 1.1.14, rounded there to three significant digits."""
    expected = pd.read_csv(shared / "reference/asem/p3_indicator_stats.csv").set_index("iCode")
    ours = statistics(asem[list(expected.index)])
    names = {
        "low": "Min", "high": "Max", "mean": "Mean", "median": "Median", "sd": "Std",
        "skewness": "Skew", "kurtosis": "Kurt", "available": "N.Avail",
        "nonzero": "N.NonZero", "unique": "N.Unique", "same": "N.Same",
    }  # fmt: skip
    for own, theirs in names.items():
        printed = expected[theirs].to_numpy(dtype=float)
        unit = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(printed), 1e-300))) - 2)
        assert np.all(np.abs(ours[own] - printed) <= unit * (0.5 + 1e-9))
    flags = {"few_values": "Avail", "many_zeros": "NonZero", "few_distinct": "Unique",
             "outliers": "SkewKurt"}  # fmt: skip
    for own, theirs in flags.items():
        assert (ours[own] == (expected[f"Flag.{theirs}"] != "ok")).all()


def test_cronbachs_alpha_agrees_with_an_independent_implementation(
    shared: Path, asem: pd.DataFrame, meta: pd.DataFrame
) -> None:
    expected = pd.read_csv(shared / "reference/asem/p3_cronbach.csv").set_index("pillar")["alpha"]
    for pillar, alpha in expected.items():
        parts = meta.loc[meta["Parent"] == pillar, "iCode"]
        assert cronbach(asem[list(parts)]) == pytest.approx(alpha, rel=1e-9)


def test_correlations_with_the_index_agree_with_an_independent_implementation(
    shared: Path, tmp_path: Path
) -> None:
    loaded, observed = published.asem(shared, tmp_path)
    board = score(observed, loaded, treatment=ASEM_STEPS)
    expected = pd.read_csv(shared / "reference/asem/p3_corr_index_subindex.csv")
    for _, row in expected.iterrows():
        ours = links(board).at[row["Var2"], "total"]
        assert ours == pytest.approx(row["Correlation"], rel=1e-9)


def test_only_the_totals_of_2011_do_not_follow_from_their_parts(shared: Path) -> None:
    """The Provincial Competitiveness Index, 2006 to 2016, in its three versions."""
    table = pci_table(shared)
    given = table.set_index(["prov", "period"])["pci_weighted"].rename_axis(["city", "period"])
    found = []
    for version, years in PCI_VERSIONS.items():
        board = pci_board(table, version, *years)
        found.append(totals(board, given[given.index.isin(board.points.index)]))
    checked = pd.concat(found)
    assert list(checked.index) == [str(year) for year in range(2006, 2017)]
    assert checked.index[~checked["agrees"]].tolist() == ["2011"]
    assert checked.at["2011", "follow"] == 0
    assert checked.at["2011", "largest"] == pytest.approx(0.55, abs=0.01)
    # No weights at all explain the totals of 2011; those of other years are found again.
    assert checked.at["2011", "at_best"] > 0.3
    assert checked.drop("2011")["at_best"].max() < 1e-4


def test_published_totals_of_other_cities_are_an_error() -> None:
    board = small()
    other = pd.Series([1.0], pd.MultiIndex.from_tuples([("far", "2024")]))
    with pytest.raises(InputError, match="no city and period has both"):
        totals(board, other)


# Single tables


def simple() -> Framework:
    first = group("X", indicator("a"), indicator("b"), weight=3.0)
    return framework(first, group("Y", indicator("c"), indicator("d")))


def small(seed: int = 0, **options: object) -> Scoreboard:
    """Thirty cities: a and b go together, c against them, d with nothing."""
    rng = np.random.default_rng(seed)
    common = rng.normal(50, 10, 30)
    values = {
        "a": common + rng.normal(0, 1, 30),
        "b": common + rng.normal(0, 1, 30),
        "c": 100 - common + rng.normal(0, 2, 30),
        "d": rng.normal(50, 3, 30),
    }
    return score(observe(table(values)), simple(), **options)


def test_far_values_are_listed_farthest_first() -> None:
    values = panel(np.array([[[x, 1.0]] for x in (1, 2, 3, 4, 40, -90, NAN)]), "ab", ["2024"])
    found = outliers(values)
    assert found["city"].tolist() == ["c5", "c4"]
    assert found["value"].tolist() == [-90, 40]
    low, high = np.quantile([1, 2, 3, 4, 40, -90], [0.25, 0.75])
    assert found["distance"].tolist() == [(low + 90) / (high - low), (40 - high) / (high - low)]


def test_missingness_is_by_indicator_and_period() -> None:
    values = panel(np.array([[[1.0], [NAN]], [[2], [NAN]]]), "a", ("2023", "2024"))
    board = score(observe(values), framework(group("M", indicator("a"))))
    assert missingness(board).loc["a"].to_dict() == {"2023": 0, "2024": 1}


@few
@given(values=arrays((12, 3), 0, 100, missing=False))
def test_alpha_is_that_of_the_sum_of_the_items(values: np.ndarray) -> None:
    """k/(k−1) · (1 − Σ var(item) / var(sum)), as Cronbach (1951) writes it."""
    values[:3] = [[1, 5, 9], [50, 20, 30], [80, 99, 60]]
    items = values.var(axis=0, ddof=1).sum()
    whole = values.sum(axis=1).var(ddof=1)
    expected = 1.5 * (1 - items / whole)
    assert cronbach(pd.DataFrame(values)) == pytest.approx(expected, abs=1e-9)
    assert np.isnan(cronbach(pd.DataFrame(values[:, :1])))


def test_components_agree_with_scikit_learn() -> None:
    scores = small().points[list("abcd")]
    ours = components(scores)
    model = PCA().fit((scores - scores.mean()) / scores.std())
    np.testing.assert_allclose(ours["eigenvalue"], model.explained_variance_)
    np.testing.assert_allclose(ours["share"], model.explained_variance_ratio_)
    assert ours["cumulative"].iloc[-1] == pytest.approx(1)
    loadings = ours[list("abcd")].to_numpy()
    theirs = model.components_ * np.sqrt(model.explained_variance_)[:, np.newaxis]
    np.testing.assert_allclose(np.abs(loadings), np.abs(theirs), atol=1e-9)
    assert components(scores.assign(e=1.0)).empty


def test_a_group_about_one_thing_is_told_from_one_about_two() -> None:
    found = reliability(small())
    assert found.at["X", "alpha"] > 0.95
    assert found.at["X", "dimensions"] == 1
    assert found.at["Y", "alpha"] < 0.5
    assert found.at["TOTAL", "correlation"] < 0
    assert found.loc["X", ["parts", "cities"]].tolist() == [2, 30]


def test_parts_that_go_against_their_group_or_do_not_show_are_flagged() -> None:
    found = links(small())
    assert found.loc["X", ["group", "negative", "lost"]].tolist() == ["TOTAL", False, False]
    assert found.at["Y", "negative"]
    assert not found.at["a", "lost"]
    assert found.at["c", "lost"]
    assert found.at["a", "other"] == "Y"
    assert found.at["a", "own"] == pytest.approx(small().points["a"].corr(small().points["X"]))
    assert not found.loc[["a", "b"], "stray"].any()


def test_pairs_that_say_the_same_or_the_opposite_are_listed() -> None:
    found = pairs(small()).set_index(["one", "other"])
    assert found.at[("a", "b"), "flag"] == "collinear"
    assert found.at[("a", "b"), "siblings"]
    assert found.at[("a", "c"), "flag"] == "negative"
    assert not found.at[("a", "c"), "siblings"]
    assert ("a", "d") not in found.index
    assert found["rows"].unique().tolist() == [30]


@pytest.mark.parametrize("kind", ["pearson", "spearman"])
def test_p_values_of_pairs_are_those_of_scipy_corrected_for_all_pairs(kind: Any) -> None:
    board = small()
    codes = ["a", "b", "c", "d"]
    test = stats.pearsonr if kind == "pearson" else stats.spearmanr
    p = {
        pair: test(board.points[pair[0]], board.points[pair[1]]).pvalue
        for pair in combinations(codes, 2)
    }
    corrected = dict(zip(p, stats.false_discovery_control(list(p.values())), strict=True))
    for row in pairs(board, kind=kind).to_dict("records"):
        pair = (row["one"], row["other"])
        assert row["p"] == pytest.approx(p[pair], rel=1e-6)
        assert row["p_adjusted"] == pytest.approx(corrected[pair], rel=1e-6)
        assert row["p_adjusted"] >= row["p"]


def test_p_values_of_parts_with_their_groups_are_corrected_for_the_number_of_parts() -> None:
    board, found = small(), links(small())
    p = [
        stats.pearsonr(board.points[code], board.points[row["group"]]).pvalue
        for code, row in found.to_dict("index").items()
    ]
    np.testing.assert_allclose(found["own_p"], stats.false_discovery_control(p), rtol=1e-6)


def test_of_correlations_by_chance_hardly_any_stays_after_the_correction() -> None:
    """Scores without any relation: one in twenty of 4950 has p < 0.05 before, none after."""
    scores = np.random.default_rng(5).normal(size=(40, 100))
    p = p_values(np.corrcoef(scores, rowvar=False), np.full((100, 100), 40))
    p = p[np.triu_indices(100, 1)]
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.01)
    assert np.sum(adjusted(p) < 0.05) <= 1
    assert np.isnan(p_values(np.array([1.0]), np.array([2]))).all()


@pytest.mark.parametrize("aggregate", ["arithmetic", "geometric", "min"])
def test_effective_weights_split_the_variance_of_the_total(aggregate: str) -> None:
    board = small(aggregate=aggregate)
    found = effective_weights(board)
    leaves = found[found["level"] == 2]
    assert leaves["effective"].sum() == pytest.approx(1)
    assert leaves["weight"].sum() == pytest.approx(1)
    assert found.at["X", "weight"] == 0.75
    assert found.at["X", "effective"] == pytest.approx(leaves.loc[["a", "b"], "effective"].sum())
    assert found.at["a", "correlation"] == pytest.approx(
        board.points["a"].corr(board.points["TOTAL"])
    )


def test_a_part_that_evens_out_the_others_has_an_effective_weight_under_zero() -> None:
    found = effective_weights(small())
    assert found.at["c", "weight"] > 0.1
    assert found.at["c", "effective"] < 0


def test_where_nothing_splits_there_is_no_effective_weight() -> None:
    found = effective_weights(small(aggregate=Method("copeland")))
    assert found["effective"].isna().all()
    assert found["correlation"].notna().all()


# Leaving parts out


def without(code: str) -> Framework:
    """The simple framework as it would be written without a part."""
    groups = {"X": ["a", "b"], "Y": ["c", "d"]}
    kept = {
        name: [indicator(leaf) for leaf in leaves if leaf != code]
        for name, leaves in groups.items()
        if name != code
    }
    weight = {"X": 3.0, "Y": 1.0}
    return framework(*(group(name, *leaves, weight=weight[name]) for name, leaves in kept.items()))


@pytest.mark.parametrize("code", ["a", "d", "X", "Y"])
def test_leaving_a_part_out_is_scoring_a_framework_without_it(code: str) -> None:
    board = small()
    left = leave_out(board, 2024, [code])
    again = score(board.observations, without(code))
    np.testing.assert_allclose(left.scores[code], again.points["TOTAL"])
    np.testing.assert_array_equal(left.ranks[code], again.ranks["TOTAL"])
    np.testing.assert_array_equal(left.ranks["TOTAL"], board.ranks["TOTAL"])


def test_the_summary_says_what_moves_and_how_much() -> None:
    board = small()
    left = leave_out(board, "2024")
    assert list(left.scores.columns) == ["TOTAL", "X", "a", "b", "Y", "c", "d"]
    found = left.summary()
    assert found.index[0] == "X"
    moves = left.moves["X"]
    assert found.at["X", "largest_move"] == moves.abs().max()
    assert found.at["X", "mean_move"] == pytest.approx(moves.abs().mean())
    assert found.at["X", "city"] == moves.abs().idxmax()
    assert found.at["X", "first"] == left.ranks["X"].idxmin()
    expected = left.ranks[["TOTAL", "X"]].corr(method="kendall").iloc[0, 1]
    assert found.at["X", "agreement"] == pytest.approx(expected)
    assert found["agreement"].between(-1, 1).all()


def test_the_only_part_of_a_group_takes_the_group_with_it() -> None:
    one = framework(group("X", indicator("a"), indicator("b")), group("Y", indicator("c")))
    board = score(observe(table({"a": [1, 2], "b": [3, 9], "c": [50, 1]})), one)
    left = leave_out(board, 2024)
    np.testing.assert_allclose(left.scores["c"], left.scores["Y"])
    np.testing.assert_allclose(left.scores["c"], board.points["X"])


def test_a_city_that_loses_its_score_has_no_rank_without_the_part() -> None:
    both = framework(group("X", indicator("a"), indicator("b")), min_coverage=0.5)
    board = score(observe(table({"a": [1, 2, 3], "b": [3, NAN, 9]})), both)
    left = leave_out(board, 2024, ["a"])
    assert np.isnan(left.ranks.at["c1", "a"])
    assert left.summary().at["a", "moved"] == 0


@pytest.mark.parametrize(
    ("codes", "period", "message"),
    [
        (["z"], 2024, "no group or indicator 'z'"),
        (["TOTAL"], 2024, "'TOTAL' cannot be left out"),
        (None, 1999, "no period '1999'; there are: 2024"),
    ],
)
def test_what_cannot_be_left_out_is_refused(
    codes: list[str] | None, period: int, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        leave_out(small(), period, codes)
