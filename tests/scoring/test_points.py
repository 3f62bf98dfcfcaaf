"""Sums of points: what each clause of a table of criteria gives, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import NAN, framework, group, indicator, observe, table
from commands import done
from scored_points import CITIES, DATA, FILE, NOT_APPLICABLE, scored, scored_by

import kpi_lib as kpi
from kpi_lib.analysis.correlations import effective_weights, links
from kpi_lib.analysis.leave_out import leave_out
from kpi_lib.analysis.robustness.ranks import rank_interval
from kpi_lib.errors import InputError
from kpi_lib.framework.model import Framework, Group, Indicator, Missing
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.scoreboard import Scoreboard


@pytest.fixture
def board(tmp_path: Path) -> Scoreboard:
    return scored(tmp_path)


def points(board: Scoreboard, city: str) -> dict[str, float]:
    return board.points.loc[(city, "2025")].to_dict()


def test_each_clause_gives_the_points_that_it_says(board: Scoreboard) -> None:
    """A1 60 of 80 %: 7.5; A2 half way from 1.6 to 2; late twice: -0.5; class I under 90: 0."""
    found = points(board, "a")
    expected = {"A1": 7.5, "A2": 1.8, "A3": 3, "A4": -0.5, "A5": 2, "A6": 0, "B1": 1.5, "B2": 1.6}
    assert {code: found[code] for code in expected} == pytest.approx(expected)
    assert found["A"] == pytest.approx(7.5 + 1.8 + 3 - 0.5 + 2 + 0)
    assert found["B"] == 1.6  # only the best part counts
    assert found["C"] == 2  # a bonus
    assert found["TOTAL"] == pytest.approx(13.8 + 1.6 + 2)


def test_points_as_such_a_jump_a_class_and_a_floor_of_a_deduction(board: Scoreboard) -> None:
    found = points(board, "b")
    assert found["A1"] == 8.25  # given in points, as verified
    assert found["A2"] == 1.6  # on the jump the later score counts
    assert found["A4"] == -1
    assert found["A6"] == 5  # class II from 80 %
    assert found["B1"] == 3  # words are compared without accents
    assert found["A"] == pytest.approx(8.25 + 1.6 - 1 + 0 + 5)
    assert found["TOTAL"] == pytest.approx(13.85 + 3 + 0)


def test_what_does_not_apply_leaves_the_maximum_and_what_is_missing_does_not(
    board: Scoreboard,
) -> None:
    assert board.maximum is not None
    most = board.maximum.loc[("b", "2025")]
    # 10 + 2 + 3 + 5 without A3: just the cap of 20.
    assert (most["A"], most["B"], most["C"], most["TOTAL"]) == (20, 3, 0, 23)
    assert most["A3"] == 0
    long = board.scores.set_index(["city", "code"])
    assert long.at[("b", "A3"), "reason"] == "not applicable"
    assert long.at[("b", "A5"), "reason"] == "no data"
    assert long.at[("b", "TOTAL"), "maximum"] == 23
    assert long.at[("b", "A"), "coverage"] == pytest.approx(17 / 20)


def two(most: float = 10.0, **changes: Any) -> Framework:
    """One group of two indicators of 10 points each, on goalposts from 0 to 10."""
    leaves = [indicator(code, points=most, goalposts=(0.0, 10.0)) for code in ("A1", "A2")]
    return framework(group("A", *leaves, **changes), scale="points", policy="zero")


def test_cities_are_ranked_by_their_share() -> None:
    """6 of 10 is better than 7 of 20, whatever the points; so in every draw and without a part."""
    board = scored_by(two(), {"A1": [5, 6], "A2": [2, NOT_APPLICABLE]})
    assert board.points["TOTAL"].to_list() == [7, 6]
    assert board.ranks["TOTAL"].to_list() == [2, 1]
    drawn = kpi.rank_uncertainty(board, draws=50).ranks
    assert drawn["rank"].to_list() == [2, 1]
    assert drawn[["low", "high", "p_same"]].to_numpy().tolist() == [[2, 2, 1], [1, 1, 1]]
    assert rank_interval(board, period=2024, draws=50)["rank"].to_list() == [2, 1]
    assert leave_out(board, 2024, ["A2"]).ranks.to_numpy().tolist() == [[2, 2], [1, 1]]


def test_the_audit_compares_cities_by_their_share() -> None:
    """Of 20 points or of 10, what a city earns of A1 goes with its total in the same way."""
    values = [1.0, 2, 3, 4, 5, 6, 7, 8]
    board = scored_by(two(), {"A1": values, "A2": [*values[:4], *[NOT_APPLICABLE] * 4]})
    assert effective_weights(board, 2024).at["A1", "correlation"] == pytest.approx(1)
    assert effective_weights(board, 2024).loc[["A1", "A2"], "effective"].sum() == pytest.approx(1)
    assert links(board, 2024).at["A1", "total"] == pytest.approx(1)


@pytest.mark.parametrize("policy", ["zero", "rescale"])
def test_a_part_of_less_weight_leaves_its_share_of_the_maximum_to_the_others(policy: str) -> None:
    """Weights 1 and 3 make 5 and 15 of the 20 points, 0 and 1 none and all of them."""
    columns = {"A1": [5.0, NAN], "A2": [2.0, 2.0]}
    for weights, expected in (
        ({}, [7, 2 if policy == "zero" else 4]),
        ({"A1": 1, "A2": 3}, [5 * 0.5 + 2 * 1.5, 2 * 1.5 if policy == "zero" else 4]),
        ({"A1": 0}, [4, 4]),
    ):
        frame = replace(two(), missing=Missing(policy, 0.0))
        board = scored_by(frame, columns, weights=weights)
        assert board.points["TOTAL"].to_list() == pytest.approx(expected)
        assert board.maximum is not None
        assert board.maximum["TOTAL"].to_list() == [20, 20]


def test_the_best_part_earns_at_most_its_group_whatever_the_weights() -> None:
    board = scored_by(
        two(aggregate=Method("max")), {"A1": [10.0], "A2": [0.0]}, weights={"A1": 3, "A2": 1}
    )
    assert board.points["TOTAL"].to_list() == [10]


def test_where_nothing_with_a_maximum_applies_there_is_no_share_to_compare() -> None:
    off = indicator("D", deduction=5.0, normalise=Method("bands", {"steps": ((0, 0), (1, -1))}))
    leaf = indicator("A1", points=10.0, goalposts=(0.0, 10.0))
    frame = framework(group("A", leaf, off), scale="points", policy="zero")
    none = NOT_APPLICABLE
    board = scored_by(frame, {"A1": [5, none, none], "D": [1, 1, NAN]})
    total = board.scores.set_index(["code", "city"]).loc["TOTAL"]
    assert total["score"].to_list() == pytest.approx([4, -1, NAN], nan_ok=True)
    assert total["rank"].fillna(0).to_list() == [1, 0, 0]
    assert total["maximum"].to_list() == [10, 0, 0]
    assert total["reason"].to_list() == ["", "", "not applicable"]
    assert board.contributions["D"].to_list() == pytest.approx([-1, -1, NAN], nan_ok=True)
    assert kpi.rank_uncertainty(board, draws=20).ranks["scored"].to_list() == [1, 0, 0]


def test_a_framework_that_only_adds_and_takes_ranks_by_points() -> None:
    extra = indicator("B1", bonus=5.0, goalposts=(0.0, 10.0))
    frame = framework(group("B", extra), scale="points", policy="zero")
    board = scored_by(frame, {"B1": [4, 10]})
    assert board.ranks["TOTAL"].to_list() == [2, 1]
    assert board.contributions["B1"].to_list() == [2, 5]
    ranks = kpi.rank_uncertainty(board, draws=20).ranks
    assert ranks[["rank", "scored"]].to_numpy().tolist() == [[2, 1], [1, 1]]


def test_what_a_floor_gives_is_taken_from_deductions_first_and_then_shared() -> None:
    """5 less 6 is held at 0: the deduction takes 5. Of nothing, a floor of 2 gives each part 1."""
    off = indicator("D", deduction=6.0, normalise=Method("bands", {"steps": ((0, 0), (1, -6))}))
    leaves = [indicator(code, points=10.0, goalposts=(0.0, 10.0)) for code in ("A1", "A2")]
    for floor, columns, expected in (
        (0.0, {"A1": [3.0], "A2": [2.0], "D": [1.0]}, [3, 2, -5]),
        (2.0, {"A1": [0.0], "A2": [0.0], "D": [0.0]}, [1, 1, 0]),
        (2.0, {"A1": [1.0], "A2": [0.0], "D": [1.0]}, [1.5, 0.5, 0]),
    ):
        frame = framework(group("A", *leaves, off, floor=floor), scale="points", policy="zero")
        given = scored_by(frame, columns).contributions.iloc[0]
        assert given[["A1", "A2", "D"]].to_list() == pytest.approx(expected)


def earns(code: str, most: float) -> Indicator:
    """An indicator that earns its points at 100, or below 0 takes them as a deduction."""
    if most > 0:
        return indicator(code, points=most)
    rule = Method("bands", {"steps": ((0, 0), (100, most))})
    return indicator(code, deduction=-most, goalposts=None, normalise=rule)


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param([group("A", earns("a", 0.1), earns("b", 0.2), earns("c", -0.3))], id="a sum"),
        pytest.param(
            [group("A", earns("a", 0.1), earns("b", -0.4)), group("B", earns("c", 0.3))],
            id="a sum of groups",
        ),
        pytest.param(
            [group("A", earns("a", 0.3), *map(earns, "bc", (-0.1, -0.2)), aggregate=Method("max"))],
            id="the best less deductions",
        ),
    ],
)
def test_points_that_deductions_take_whole_tie_with_none_earned(groups: list[Group]) -> None:
    """0.1 + 0.2 - 0.3 is 0 on paper, whichever of them are added first."""
    frame = framework(*groups, scale="points", policy="zero")
    values = table({leaf.code: [100.0, 0.0] for leaf in frame.indicators})
    board = kpi.score(observe(values), frame)
    assert board.points["TOTAL"].to_list() == [0, 0]
    assert board.ranks["TOTAL"].to_list() == [1, 1]


def test_a_small_difference_of_large_points_is_no_tie() -> None:
    leaf = indicator("A.0", points=1000.0, normalise=Method("none"))
    off = indicator("D.0", deduction=1000.0, normalise=Method("none"))
    frame = framework(group("A", leaf, off), scale="points", policy="zero")
    values = table({"A.0": [1000.0, 999.9999999], "D.0": [-999.9999999, -999.9999999]})
    board = kpi.score(observe(values), frame)
    assert board.ranks["TOTAL"].to_list() == [1, 2]


def test_under_rescale_what_is_there_speaks_for_what_is_missing(tmp_path: Path) -> None:
    """16.5 of the 25 points with data are 19.8 of 30."""
    leaves = [indicator(f"A.{i}", points=p) for i, p in enumerate([10.0, 15.0, 5.0])]
    frame = framework(group("A", *leaves), scale="points")
    nan = float("nan")
    board = kpi.score(observe(table({"A.0": [60.0], "A.1": [70.0], "A.2": [nan]})), frame)
    assert board.points.at[("c0", "2024"), "TOTAL"] == pytest.approx(19.8)
    zero = replace(frame, missing=Missing("zero", 0.0))
    board = kpi.score(board.observations, zero)
    assert board.points.at[("c0", "2024"), "TOTAL"] == pytest.approx(16.5)


def test_points_are_rounded_half_up_and_never_before_a_bound() -> None:
    leaf = indicator(
        "A.1", points=10.0, normalise=Method("piecewise", {"knots": ((0, 0), (100, 10))})
    )
    step = indicator("A.2", points=5.0, normalise=Method("bands", {"steps": ((0, 0), (79.96, 5))}))
    frame = framework(group("A", leaf, step), scale="points", decimals=1, policy="zero")
    board = kpi.score(observe(table({"A.1": [72.5, 0.5], "A.2": [79.95, 79.96]})), frame)
    assert board.points["A.1"].to_list() == [7.3, 0.1]
    assert board.points["A.2"].to_list() == [0, 5]


def test_what_does_not_apply_in_full_earns_what_the_best_value_earns() -> None:
    """The best band gives 3.6 points, which are 4: to those who reach it and where it is full."""
    rule = Method("bands", {"steps": ((0, 0), (50, 3.6))})
    leaves = [
        indicator(code, points=4.0, normalise=rule, not_applicable="full") for code in ("A1", "A2")
    ]
    frame = framework(group("A", *leaves), scale="points", decimals=0, policy="zero")
    values = [60, NOT_APPLICABLE, 0]
    board = scored_by(frame, {"A1": values, "A2": values})
    assert board.points["TOTAL"].to_list() == [8, 8, 0]
    assert board.ranks["TOTAL"].to_list() == [1, 1, 3]
    assert board.potential("c2", "2024").to_list() == [4, 4]


@pytest.mark.parametrize("by", ["mean", "median"])
def test_an_imputation_goes_by_values_and_never_by_points(by: str, tmp_path: Path) -> None:
    """Of 40 %, 60 % and 9 of 10 points, the mean of the values is 50 %: 5 points."""
    frame = replace(two(), treatment=(Method("impute", {"by": by}),))
    leaf = replace(frame.indicators[0], goalposts=(0.0, 100.0), not_applicable="exclude")
    frame = replace(frame, groups=(replace(frame.groups[0], indicators=(leaf,)),))
    rows = ["a,40,%", "b,60,%", "c,9,điểm", "d,,%", "e,không áp dụng,"]
    data = "city,value,unit,period,indicator\n" + "".join(f"{row},2025,A1\n" for row in rows)
    (tmp_path / "data.csv").write_text(data, encoding="utf-8")
    board = kpi.score(kpi.read_observations(tmp_path / "data.csv", frame), frame)
    assert board.points["A1"].to_list() == pytest.approx([4, 6, 9, 5, NAN], nan_ok=True)
    assert board.points["TOTAL"].isna().to_list() == [False] * 4 + [True]
    assert board.ranks["TOTAL"].to_list() == pytest.approx([4, 2, 1, 3, NAN], nan_ok=True)
    assert board.treated["city"].to_list() == ["d"]


def test_a_screen_counts_points_as_there_and_not_what_does_not_apply() -> None:
    frame = replace(two(), treatment=(Method("screen", {"min_available": 1.0}),))
    board = scored_by(frame, {"A1": [5, 6, 7], "A2": [2, NOT_APPLICABLE, NAN]})
    assert board.points["TOTAL"].to_list() == pytest.approx([7, 6, NAN], nan_ok=True)


def test_a_deduction_that_rounds_to_nothing_is_written_as_0() -> None:
    frame = framework(group("A", earns("a", -0.04)), scale="points", decimals=1, policy="zero")
    board = kpi.score(observe(table({"a": [100.0]})), frame)
    assert str(board.points.at[("c0", "2024"), "a"]) == "0.0"


def test_contributions_and_gains_are_points(board: Scoreboard) -> None:
    given = board.contributions.loc[("a", "2025")]
    assert given.sum() == pytest.approx(17.4)
    assert given["A4"] == -0.5
    assert given["B1"] == 0  # the best part is another
    gains = board.gains("a", "2025", {"A1": 80, "A6": 90, "B1": 3})
    assert gains.to_dict() == pytest.approx({"A1": 2.5, "A6": 5, "B1": 1.4})
    assert "A3" not in board.potential("b", "2025")


def test_a_cap_binds_and_its_parts_bear_it_in_proportion() -> None:
    leaves = [indicator(f"A.{i}", points=10.0) for i in range(2)]
    extra = indicator("A.2", bonus=5.0)
    frame = framework(group("A", *leaves, extra, cap=15.0), scale="points", policy="zero")
    board = kpi.score(observe(table({"A.0": [100.0], "A.1": [90.0], "A.2": [100.0]})), frame)
    assert board.points.at[("c0", "2024"), "A"] == 15
    assert board.contributions.iloc[0].sum() == pytest.approx(15)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a,2025,A1,11,điểm,,", "found 11 points for A1; expected from 0 to 10"),
        ("a,2025,B1,hơi có,,,", "found 'hơi có' for B1; expected one of không, một phần, có"),
    ],
)
def test_what_no_clause_allows_is_an_error(tmp_path: Path, line: str, message: str) -> None:
    code = line.split(",")[2]
    kept = [row for row in DATA.splitlines() if not row.startswith(f"a,2025,{code},")]
    with pytest.raises(InputError, match=message):
        scored(tmp_path, "\n".join([*kept, line, ""]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"aggregate": "geometric"}, "sums points, so that no other aggregate is used"),
        ({"aggregate": "max"}, "sums points, so that no other aggregate is used"),
        ({"normalise": "rank"}, "A1, A2: the scores of 'rank' are not from 0 to 100"),
    ],
)
def test_a_choice_that_points_cannot_follow_is_an_error(
    options: dict[str, str], message: str
) -> None:
    board = scored_by(two(), {"A1": [5, 6], "A2": [2, 3]})
    with pytest.raises(InputError, match=message):
        kpi.score(board.observations, board.framework, **options)
    ((vary, option),) = options.items()
    other = "arithmetic" if vary == "aggregate" else "percentile"
    with pytest.raises(InputError, match=message):
        kpi.rank_uncertainty(board, draws=5, spec=[{"vary": vary, "among": [other, option]}])


def of_points(folder: Path, value: float, own: str) -> float:
    """What is earned where a row gives so many points of the only indicator, or an error."""
    text = f"{{id: t, version: '1', title: T, scale: points, groups: [{{code: A, title: A, \
        indicators: [{{code: A1, title: A1, {own}}}]}}]}}"
    (folder / "f.yaml").write_text(text, encoding="utf-8")
    data = f"city,period,indicator,value,unit\na,2025,A1,{value},điểm\n"
    frame = kpi.load_framework(folder / "f.yaml")
    return float(points(scored(folder, data, frame), "a")["A1"])


@pytest.mark.parametrize(
    ("own", "least", "most"),
    [
        ("points: 5, normalise: {method: bands, steps: [[0, -1], [4, 5]]}", -1, 5),
        ("points: 5, normalise: {method: categories, scores: {không: -2, có: 5}}", -2, 5),
        ("bonus: 4, normalise: {method: piecewise, knots: [[0, -3], [10, 4]]}", -3, 4),
        ("deduction: 2, normalise: {method: piecewise, knots: [[0, 0], [4, -1]]}", -2, 0),
        ("points: 5, direction: higher, goalposts: [0, 10]", 0, 5),
        ("points: 5", 0, 5),
    ],
)
def test_points_given_are_what_a_rule_can_give(
    tmp_path: Path, own: str, least: float, most: float
) -> None:
    assert of_points(tmp_path, least, own) == least
    assert of_points(tmp_path, most, own) == most
    for beyond in (least - 0.5, most + 0.5):
        with pytest.raises(InputError, match=f"expected from {least} to {most}"):
            of_points(tmp_path, beyond, own)


def test_a_city_without_a_class_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    (tmp_path / "cities.csv").write_text(CITIES.replace("b,B,B,II", "b,B,B,"), encoding="utf-8")
    with pytest.raises(InputError, match=r"'' in the column 'class' of b; A6 has rules for I, II"):
        kpi.read_observations(tmp_path / "data.csv", kpi.load_framework(FILE))


def test_without_a_cities_file_it_is_named_where_a_rule_differs_by_class(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    framework = kpi.load_framework(FILE)
    with pytest.raises(InputError, match=r"Add the column to cities\.csv beside the data"):
        kpi.read_observations(tmp_path / "data.csv", framework)


def test_a_word_of_another_class_is_an_error_that_lists_those_of_the_citys_own(
    tmp_path: Path,
) -> None:
    scores = {"I": {"không": 0, "một phần": 2, "có": 4}, "II": {"không": 0, "có": 4}}
    rule = Method("categories", {"by": "class", "scores": scores})
    leaf = indicator("A1", points=4.0, goalposts=None, direction=None, normalise=rule, by="class")
    frame = framework(group("A", leaf), scale="points", policy="zero")
    (tmp_path / "cities.csv").write_text(CITIES, encoding="utf-8")
    data = tmp_path / "data.csv"
    head = "city,period,indicator,value\n"
    data.write_text(f"{head}a,2025,A1,một phần\nb,2025,A1,một phần\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        kpi.read_observations(data, frame)
    (problem,) = error.value.problems
    assert (problem.row, problem.column) == (3, "value")
    assert "for A1 of b, whose 'class' is II; expected one of không, có." in problem.message
    data.write_text(f"{head}a,2025,A1,một phần\nb,2025,A1,có\n", encoding="utf-8")
    board = kpi.score(kpi.read_observations(data, frame), frame)
    assert board.points["TOTAL"].to_list() == [2, 4]


def test_what_was_reported_scores_the_other_way(board: Scoreboard) -> None:
    other = kpi.score(board.observations.of_quality("reported"), board.framework)
    assert other.points.at[("b", "2025"), "A1"] == 9.5
    assert other.observations.of_quality("reported") is other.observations
    again = other.observations.of_quality("verified")
    assert kpi.score(again, board.framework).points.equals(board.points)
    with pytest.raises(InputError, match="found 'self' for quality; expected verified or reported"):
        board.observations.of_quality("self")  # type: ignore[arg-type]


def test_the_command_scores_by_what_was_reported_if_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(tmp_path)
    monkeypatch.chdir(tmp_path)
    given = ("score", "data.csv", "-f", str(FILE), "-o", "scores.csv")
    for options, total in (((), "16.85,23.0"), (("--quality", "reported"), "18.1,23.0")):
        done(*given, *options)
        assert f"b,2025,TOTAL,0,{total}," in (tmp_path / "scores.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("rows", [["d,,%"], ["d,,%", "e,không áp dụng,"]])
def test_points_given_take_no_part_in_an_imputation(rows: list[str], tmp_path: Path) -> None:
    """Of 40 % and 9 of 10 points, the mean of the values is 40 %: 4 points."""
    frame = replace(two(), treatment=(Method("impute", {"by": "mean"}),))
    leaf = replace(frame.indicators[0], goalposts=(0.0, 100.0), not_applicable="exclude")
    frame = replace(frame, groups=(replace(frame.groups[0], indicators=(leaf,)),))
    data = "city,value,unit,period,indicator\n" + "".join(
        f"{row},2025,A1\n" for row in ("a,40,%", "c,9,điểm", *rows)
    )
    (tmp_path / "data.csv").write_text(data, encoding="utf-8")
    board = kpi.score(kpi.read_observations(tmp_path / "data.csv", frame), frame)
    assert board.points["A1"].to_list()[:3] == pytest.approx([4, 9, 4])


def test_under_rescale_a_bonus_gives_its_own_points_and_no_more() -> None:
    """5 of 10 points with data speak for 20, so 10; the bonus of 2 is 2 of the 12."""
    leaves = [indicator(code, points=10.0, goalposts=(0.0, 10.0)) for code in ("A1", "A2")]
    extra = indicator("B", bonus=2.0, goalposts=(0.0, 10.0))
    frame = framework(group("A", *leaves, extra), scale="points")
    board = scored_by(frame, {"A1": [5.0], "A2": [NAN], "B": [10.0]})
    assert board.points["TOTAL"].to_list() == pytest.approx([12])
    given = board.contributions.iloc[0]
    assert given[["A1", "A2", "B"]].to_list() == pytest.approx([10, 0, 2])
