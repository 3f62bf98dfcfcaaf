"""Weights: as given, by what people say, and by what the scores tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import NAN, arrays, framework, group, indicator, observe, table
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.decomposition._factor_analysis import _ortho_rotation

from kpi_lib.analysis.data_weights import (
    DATA_WEIGHTS,
    balance,
    correlation_with_whole,
    critic,
    entropy,
    pca,
    varimax,
    weigh,
)
from kpi_lib.analysis.elicited import ahp, budget
from kpi_lib.errors import InputError
from kpi_lib.framework.model import Framework
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.weights import equal, nominal, read_weights
from kpi_lib.scoring.weights import given as given_weights

SCORES = arrays((12, 4), 1, 100, missing=False)


def two_groups(**changes: object) -> Framework:
    first = group("X", *(indicator(code) for code in "abc"), weight=3.0)
    return framework(first, group("Y", indicator("d"), indicator("e")), **changes)


def many(count: int = 40, seed: int = 0) -> pd.DataFrame:
    """Cities whose indicators share a common factor, less and less."""
    rng = np.random.default_rng(seed)
    common = rng.normal(50, 12, count)
    return table(
        {
            code: np.clip(common + rng.normal(0, 4 + 5 * i, count), 1, 99)
            for i, code in enumerate("abcde")
        }
    )


# As given


def test_weights_are_those_of_the_file_all_equal_or_some_replaced() -> None:
    chosen = two_groups()
    assert nominal(chosen) == {"X": 3, "Y": 1, "a": 1, "b": 1, "c": 1, "d": 1, "e": 1}
    assert set(equal(chosen).values()) == {1.0}
    assert given_weights(chosen, {"a": 5}) == {**nominal(chosen), "a": 5}
    board = score(observe(many()), chosen, weights={"Y": 0})
    np.testing.assert_allclose(board.points["TOTAL"], board.points["X"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Xx": 1}, "given for 'Xx'"),
        ({"TOTAL": 1}, "given for 'TOTAL'"),
        ({"a": -1}, "weight of 'a' is -1; expected a number of 0 or more"),
        ({"a": True}, "weight of 'a' is True"),
        ({"a": NAN}, "weight of 'a' is nan"),
        ({"d": 0, "e": 0}, "all weights in Y are 0"),
    ],
)
def test_a_wrong_weight_is_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        given_weights(two_groups(), changes)


def test_a_weight_set_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "weights.yaml"
    path.write_text("title: More of X\nweights:\n  X: 4\n  a: 2.5\n", encoding="utf-8")
    assert read_weights(path) == {"X": 4, "a": 2.5}
    path.write_text("X: 4\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"weights\.yaml: no weights are in the file"):
        read_weights(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_weights(tmp_path / "none.yaml")


# Comparisons in pairs

DRINKS = ["coffee", "wine", "tea", "beer", "sodas", "milk", "water"]
PAIRS = [
    ["1", "9", "5", "2", "1", "1", "1/2"],
    ["1/9", "1", "1/3", "1/9", "1/9", "1/9", "1/9"],
    ["1/5", "3", "1", "1/3", "1/4", "1/3", "1/9"],
    ["1/2", "9", "3", "1", "1/2", "1", "1/3"],
    ["1", "9", "4", "2", "1", "2", "1/2"],
    ["1", "9", "3", "1", "1/2", "1", "1/3"],
    ["2", "9", "9", "3", "2", "3", "1"],
]


def test_the_published_example_of_drinks() -> None:
    """Saaty, Decision making with the analytic hierarchy process (2008), table 2."""
    judged = ahp(pd.DataFrame(PAIRS, DRINKS, DRINKS))
    published = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    np.testing.assert_allclose(list(judged.weights.values()), published, atol=5e-4)
    assert round(judged.consistency, 3) == 0.022
    assert judged.accepted


def test_the_consistency_of_random_tables_is_that_of_saaty() -> None:
    """Saaty, The Analytic Hierarchy Process (1980): the random indices of 3 to 10 parts."""
    published = [0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49]
    for count, random_index in enumerate(published, start=3):
        codes = [f"c{i}" for i in range(count)]
        table = pd.DataFrame(np.ones((count, count)), codes, codes)
        table.iloc[0, 1], table.iloc[1, 0] = 4.0, 0.25
        judged = ahp(table)
        index = (judged.eigenvalue - count) / (count - 1)
        assert judged.consistency == pytest.approx(index / random_index)


def test_half_a_table_is_enough() -> None:
    upper = pd.DataFrame(PAIRS, DRINKS, DRINKS).where(np.triu(np.ones((7, 7)), 1) == 1)
    assert ahp(upper) == ahp(pd.DataFrame(PAIRS, DRINKS, DRINKS))
    np.testing.assert_allclose(
        list(ahp(upper.T.map(lambda x: x)).weights.values()),
        list(ahp(pd.DataFrame(PAIRS, DRINKS, DRINKS).T).weights.values()),
    )


@given(weights=st.lists(st.integers(1, 9), min_size=2, max_size=8))
def test_consistent_comparisons_give_back_the_weights(weights: list[int]) -> None:
    sizes = np.array(weights, dtype=float)
    codes = [f"p{i}" for i in range(len(sizes))]
    judged = ahp(pd.DataFrame(sizes[:, np.newaxis] / sizes, codes, codes))
    np.testing.assert_allclose(list(judged.weights.values()), sizes / sizes.sum())
    assert judged.consistency == pytest.approx(0, abs=1e-9)


def test_contradictions_show_in_the_consistency_ratio() -> None:
    around = pd.DataFrame([[1, 9, NAN], [NAN, 1, 9], [9, NAN, 1]], list("abc"), list("abc"))
    judged = ahp(around)
    np.testing.assert_allclose(list(judged.weights.values()), 1 / 3)
    assert judged.consistency > 1
    assert not judged.accepted


def test_every_cell_at_fault_is_named() -> None:
    codes = list("abc")
    cells = pd.DataFrame([[1, 3, "much"], [3, 2, 0], ["", "", 1]], codes, codes, dtype=object)
    with pytest.raises(InputError) as caught:
        ahp(cells)
    text = str(caught.value)
    assert "row a, column c: found much; expected a number above 0" in text
    assert "row b, column c: found 0" in text
    assert "row b, column b: found 2; expected 1 on the diagonal" in text
    assert "row b, column a: found 3; expected 1/3" in text
    assert len(caught.value.problems) == 4
    with pytest.raises(InputError, match="row a, column c: found nothing; expected a comparison"):
        ahp(pd.DataFrame([[1, 2, NAN], [NAN, 1, 2], [NAN, NAN, 1]], codes, codes))


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (["a", "d"], "d is not a part of X"),
        (["a", "b"], "c of X has none here"),
        (["a", "z"], "no group or indicator 'z'"),
        (["a"], "two or more codes"),
    ],
)
def test_what_is_compared_are_all_parts_of_one_group(codes: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ahp(pd.DataFrame(1, codes, codes), two_groups())


# Points of experts

POINTS = pd.DataFrame(
    {"a": [50, 2, NAN], "b": [30, 2, NAN], "c": [20, NAN, NAN], "d": [1, 3, 4], "e": [1, 1, 0]},
    index=["An", "Bình", "Chi"],
)


def test_points_of_experts_become_weights_with_their_spread() -> None:
    weights = budget(POINTS, two_groups())
    np.testing.assert_allclose(weights.loc[list("abc"), "weight"], [0.5, 0.4, 0.1])
    np.testing.assert_allclose(weights.loc[list("de"), "weight"], [0.75, 0.25])
    assert weights.loc["a", "experts"] == 2
    assert weights.loc["d", "experts"] == 3
    assert weights.loc["d", ["low", "high"]].tolist() == [0.5, 1]
    assert weights.loc["d", "sd"] == pytest.approx(np.std([0.5, 0.75, 1], ddof=1))
    board = score(observe(many()), two_groups(), weights=weights["weight"].to_dict())
    parts = board.points.iloc[0]
    assert parts["X"] == pytest.approx(parts[list("abc")] @ [0.5, 0.4, 0.1])


def test_points_may_be_in_long_form() -> None:
    long = POINTS.rename_axis("expert").reset_index().melt("expert", var_name="code",
                                                           value_name="points")  # fmt: skip
    pd.testing.assert_frame_equal(budget(long, two_groups()), budget(POINTS, two_groups()))
    with pytest.raises(InputError, match="An gave points to a twice"):
        budget(pd.concat([long, long.head(1)]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"a": [-1, 2, 3]}, "expert An, a: found -1"),
        ({"a": ["many", 2, 3]}, "expert An, a: found many"),
        ({"d": [0, 0, 0], "e": [0, 0, 0]}, "no expert gave points to d, e"),
        ({"z": [1, 1, 1]}, "'z'"),
    ],
)
def test_wrong_points_are_refused(change: dict[str, list[object]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        budget(POINTS.assign(**change), two_groups())


# From the scores


@pytest.mark.parametrize("name", ["pca", "entropy", "critic"])
@given(scores=SCORES)
def test_weights_are_shares_whatever_the_order_of_the_cities(name: str, scores: np.ndarray) -> None:
    assume(np.all(np.ptp(scores, axis=0) > 1))
    weights = DATA_WEIGHTS[name](scores)
    assert weights.shape == (4,)
    assert np.all(weights >= 0)
    assert weights.sum() == pytest.approx(1)
    if name != "pca":
        np.testing.assert_allclose(DATA_WEIGHTS[name](scores[::-1]), weights, atol=1e-9)
        turned = DATA_WEIGHTS[name](scores[:, ::-1])
        np.testing.assert_allclose(turned[::-1], weights, atol=1e-9)


def test_critic_gives_the_published_weights() -> None:
    """Diakoulaki, Mavrotas and Papayannakis (1995): eight pharmaceutical companies."""
    companies = [
        [61, 1.08, 4.33], [20.7, 0.26, 4.34], [16.3, 1.98, 2.53], [9, 3.29, 1.65],
        [5.4, 2.77, 2.33], [4, 4.12, 1.21], [-6.1, 3.52, 2.10], [-34.6, 3.31, 0.98],
    ]  # fmt: skip
    np.testing.assert_allclose(critic(np.array(companies)), [0.20, 0.48, 0.32], atol=5e-3)


@given(scores=SCORES)
def test_entropy_agrees_with_scipy(scores: np.ndarray) -> None:
    even = stats.entropy(scores, axis=0) / np.log(len(scores))
    assume(np.sum(1 - even) > 1e-6)
    np.testing.assert_allclose(entropy(scores), (1 - even) / np.sum(1 - even), atol=1e-9)


def test_entropy_takes_each_part_over_the_cities_that_have_it() -> None:
    scores = np.array([[10.0, 5], [20, 5], [30, NAN], [NAN, 5]])
    np.testing.assert_allclose(entropy(scores), [1, 0], atol=1e-12)
    np.testing.assert_allclose(entropy(np.full((4, 2), 7.0)), [0.5, 0.5])
    with pytest.raises(ValueError, match="0 or more"):
        entropy(np.array([[-1.0, 2], [3, 4]]))


@given(scores=SCORES)
def test_the_first_component_agrees_with_scikit_learn(scores: np.ndarray) -> None:
    assume(np.all(np.ptp(scores, axis=0) > 1))
    values = np.linalg.eigvalsh(np.corrcoef(scores, rowvar=False))
    assume(values[-1] - values[-2] > 0.05)
    model = PCA(1).fit((scores - scores.mean(axis=0)) / scores.std(axis=0))
    np.testing.assert_allclose(pca(scores, components=1), model.components_[0] ** 2, atol=1e-6)


def test_the_signed_first_component_is_the_whole_but_for_its_scale() -> None:
    """Weights times standardised parts go with the component of scikit-learn, one to one."""
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(60, 1)) * [1.0, 2, 3] + rng.normal(size=(60, 3))
    weights = pca(scores, variant="first")
    standard = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    component = PCA(1).fit_transform(standard)[:, 0]
    assert abs(np.corrcoef(standard @ weights, component)[0, 1]) == pytest.approx(1)
    assert weights.sum() == pytest.approx(1)
    loadings = np.abs(PCA(1).fit(standard).components_[0])
    np.testing.assert_allclose(weights, loadings / loadings.sum(), atol=1e-9)


def test_a_part_that_would_weigh_less_than_nothing_is_refused_with_the_reason() -> None:
    rng = np.random.default_rng(2)
    common = rng.normal(size=(60, 1))
    scores = common * [1.0, 1, -1] + 0.3 * rng.normal(size=(60, 3))
    with pytest.raises(ValueError, match=r"part 3 goes against the others.*cannot be negative"):
        pca(scores, variant="first")
    assert np.all(pca(scores) > 0)
    with pytest.raises(ValueError, match="expected one of: rotated, first"):
        pca(scores, variant="second")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="takes no components"):
        pca(scores, variant="first", components=2)


def test_the_part_that_is_refused_is_named_with_its_group() -> None:
    frame = framework(group("G", *[indicator(code) for code in ("G.1", "G.2", "G.3")]))
    rng = np.random.default_rng(2)
    values = 50 + 10 * (rng.normal(size=(30, 1)) * [1.0, 1, -1] + 0.3 * rng.normal(size=(30, 3)))
    index = pd.MultiIndex.from_product([[f"c{i:02}" for i in range(30)], ["2024"]])
    table = pd.DataFrame(values, index, ["G.1", "G.2", "G.3"]).rename_axis(["city", "period"])
    board = score(observe(table), frame)
    with pytest.raises(InputError, match=r"G\.3 goes against the other parts of G: .* −?-?0"):
        weigh(board, {"method": "pca", "variant": "first"})
    weights = weigh(board, {"method": "pca", "variant": "rotated"})
    assert sum(weights[code] for code in ("G.1", "G.2", "G.3")) == pytest.approx(1)


def test_varimax_agrees_with_scikit_learn() -> None:
    loadings = np.random.default_rng(4).normal(size=(8, 3))
    ours, theirs = varimax(loadings), _ortho_rotation(loadings, tol=1e-14, max_iter=1000)

    def simplicity(turned: np.ndarray) -> float:
        return float(np.sum(np.var(turned**2, axis=0)))

    assert simplicity(ours) == pytest.approx(simplicity(np.asarray(theirs).T), rel=1e-6)
    np.testing.assert_allclose(ours @ ours.T, loadings @ loadings.T, atol=1e-9)


def test_pca_weighs_each_part_by_the_factor_it_is_nearest_to() -> None:
    """Two pairs that go together, and one part that goes with neither."""
    rng = np.random.default_rng(0)
    one, two, rest = rng.normal(size=(3, 400))
    noise = rng.normal(0, 0.05, (4, 400))
    scores = np.column_stack([one + noise[0], one + noise[1], two + noise[2], two + noise[3], rest])
    weights = pca(scores, components=3)
    np.testing.assert_allclose(weights, 0.2, atol=0.005)
    with pytest.raises(ValueError, match="expected 1 to 5"):
        pca(scores, components=6)


@pytest.mark.parametrize("squared", [False, True])
def test_balanced_weights_make_each_part_matter_as_wanted(squared: bool) -> None:
    scores = many().to_numpy()
    wanted = np.array([1.0, 1, 1.2, 1, 0.9])
    found = balance(scores, wanted, squared=squared)
    whole = AGGREGATE["arithmetic"](scores, found.weights)
    importance = np.array([stats.pearsonr(column, whole)[0] for column in scores.T])
    importance = importance**2 if squared else importance
    np.testing.assert_allclose(importance / importance.sum(), wanted / wanted.sum(), atol=1e-6)
    assert found.gap < 1e-6
    assert found.weights.sum() == pytest.approx(1)


def test_what_goes_against_the_rest_cannot_be_balanced() -> None:
    scores = many().to_numpy().copy()
    scores[:, 4] = 100 - scores[:, 0]
    assert balance(scores, np.ones(5)).gap > 0.05


@given(scores=arrays((15, 4), 0, 100))
def test_the_correlation_with_the_whole_agrees_with_pandas(scores: np.ndarray) -> None:
    scores[:3] = [[1, 2, 3, 4], [50, 3, 60, 1], [90, 70, 20, 80]]
    whole = AGGREGATE["arithmetic"](scores, np.ones(4))
    expected = pd.DataFrame(scores).corrwith(pd.Series(whole))
    np.testing.assert_allclose(correlation_with_whole(scores, whole), expected, atol=1e-9)


# From a scoreboard


def board(**changes: object) -> Scoreboard:
    return score(observe(many()), two_groups(**changes))


@pytest.mark.parametrize("method", ["pca", "entropy", "critic", "balance"])
def test_weights_from_scores_can_be_scored_with(method: str) -> None:
    first = board()
    weights = weigh(first, method)
    assert set(weights) == set(nominal(first.framework))
    again = score(first.observations, first.framework, weights=weights)
    np.testing.assert_allclose(
        again.points["X"], AGGREGATE["arithmetic"](
            again.points[list("abc")].to_numpy(), np.array([weights[c] for c in "abc"])),
    )  # fmt: skip
    if method != "balance":
        tops = again.points[["X", "Y"]].to_numpy()
        expected = DATA_WEIGHTS[method](tops)
        ratio = weights["X"] / (weights["X"] + weights["Y"])
        assert ratio == pytest.approx(expected[0])


def test_a_balanced_framework_matters_as_its_file_says() -> None:
    first = board(aggregate="geometric")
    again = score(first.observations, first.framework, weights=weigh(first, "balance"))
    parts = again.points[list("abc")].to_numpy()
    importance = correlation_with_whole(parts, again.points["X"].to_numpy())
    np.testing.assert_allclose(importance, importance[0], atol=1e-5)


def test_groups_that_are_not_asked_for_keep_their_weights() -> None:
    weights = weigh(board(), "critic", groups=["Y"], period=2024)
    assert (weights["X"], weights["Y"], weights["a"]) == (3, 1, 1)
    assert weights["d"] + weights["e"] == pytest.approx(1)


def test_an_unscored_part_is_not_weighed() -> None:
    plain = group("X", indicator("a"), indicator("b"), indicator("c", direction=None,
                                                              goalposts=None))  # fmt: skip
    chosen = framework(plain, group("Y", indicator("d"), indicator("e")))
    weights = weigh(score(observe(many()), chosen), "entropy")
    assert weights["c"] == 1
    assert weights["a"] + weights["b"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "pcas"}, "Did you mean 'pca'"),
        ({"method": {"method": "pca", "components": 9}}, "parts of Y cannot be weighed by 'pca'"),
        ({"method": "pca", "groups": ["a"]}, "'a' is an indicator"),
        ({"method": "pca", "period": 1999}, "no period '1999'; there are: 2024"),
    ],
)
def test_what_cannot_be_weighed_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        weigh(board(), **options)


def test_a_group_with_few_cities_or_jumps_is_named() -> None:
    few = score(observe(many(5)), two_groups())
    with pytest.raises(
        InputError,
        match=r"parts of Y .* 5 rows \(a city in a period each\) have all of them; it takes 8",
    ):
        weigh(few, "critic")
    jumps = score(observe(many()), two_groups(), aggregate=Method("copeland"))
    with pytest.raises(InputError, match="importance under 'copeland'"):
        weigh(jumps, "balance")
