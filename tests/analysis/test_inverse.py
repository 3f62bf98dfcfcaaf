"""What the inverse questions answer holds when the board is scored again, and is the least."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from builders import NAN, framework, group, indicator, observe, table
from scipy.spatial import ConvexHull
from uncertain import a_board, data, example

from kpi_lib.analysis.inverse.linear_parts import parts_of
from kpi_lib.analysis.inverse.nearest import Near, Norm, nearest
from kpi_lib.analysis.inverse.questions import WeightChange, lead_region, overtake, reach_rank
from kpi_lib.errors import InputError
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

Of = Literal["groups", "indicators"]


def three_parts(rows: list[list[float]], **changes: Any) -> Scoreboard:
    """Score cities c0, c1, … on three groups of one indicator each, with equal weights."""
    frame = framework(*[group(g, indicator(f"{g}.1")) for g in "ABC"], **changes)
    return score(
        observe(table({f"{g}.1": [r[i] for r in rows] for i, g in enumerate("ABC")})), frame
    )


def again(board: Scoreboard, change: WeightChange) -> pd.Series:
    scored = score(board.observations, board.framework, weights=change.weights)
    return scored.points["TOTAL"].xs(board.periods[-1], level="period")


def test_the_smallest_change_by_hand() -> None:
    """0.9·A has to weigh more than 1·B + 0.2·C: the least to move is from B to A."""
    board = three_parts([[90, 0, 0], [0, 100, 20]])
    change = overtake(board, "c0", "c1")
    moved = 30 / 190 / 3
    np.testing.assert_allclose(
        change.shares["then"], [1 / 3 + moved, 1 / 3 - moved, 1 / 3], atol=1e-5
    )
    assert change.distance == pytest.approx(2 * moved, abs=1e-5)
    largest = overtake(board, "c0", "c1", norm="largest")
    assert largest.distance == pytest.approx(moved, abs=1e-5)
    assert again(board, largest)["c0"] > again(board, largest)["c1"]


def test_a_city_that_is_ahead_already_needs_no_change() -> None:
    change = overtake(three_parts([[90, 50, 50], [0, 100, 20]]), "c0", "c1")
    assert change.possible
    assert change.distance == pytest.approx(0, abs=1e-9)


def test_no_weights_put_a_city_ahead_of_one_that_is_better_in_every_part() -> None:
    board = three_parts([[50, 50, 50], [60, 50, 51], [70, 60, 52]])
    for change in (overtake(board, "c0", "c2"), reach_rank(board, "c0", 2)):
        assert not change.possible
        assert np.isnan(change.distance)
        assert change.weights == {}
    assert reach_rank(board, "c0", 3).distance == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("of", ["groups", "indicators"])
@pytest.mark.parametrize("norm", ["sum", "largest"])
def test_the_answer_holds_when_the_board_is_scored_with_it(of: Of, norm: Any) -> None:
    board = a_board(cities=15)
    total = board.points["TOTAL"].droplevel("period")
    order = list(total.sort_values().index)
    answers = [overtake(board, order[i], order[i + 3], of=of, norm=norm) for i in range(10)]
    assert any(answer.possible for answer in answers)
    for i, answer in enumerate(answers):
        assert answer.shares["now"].sum() == pytest.approx(1)
        if answer.possible:
            scored = again(board, answer)
            assert scored[order[i]] > scored[order[i + 3]]
            assert answer.shares["then"].sum() == pytest.approx(1)
            sizes = answer.shares["change"].abs()
            size = sizes.sum() if norm == "sum" else sizes.max()
            assert answer.distance == pytest.approx(size)


@pytest.mark.parametrize("of", ["groups", "indicators"])
def test_nothing_smaller_turns_the_pair_round(of: Of) -> None:
    """No draw of weights nearer than the answer puts the city ahead; the answer is on the edge."""
    board = a_board(cities=15)
    order = list(board.points["TOTAL"].droplevel("period").sort_values().index)
    change = overtake(board, order[5], order[9], of=of)
    assert change.possible
    codes, now = list(change.shares.index), change.shares["now"].to_numpy()
    parts = board.points[codes].droplevel("period")
    difference = (parts.loc[order[5]] - parts.loc[order[9]]).to_numpy()
    random = np.random.default_rng(3)
    step = random.normal(size=(20_000, len(now)))
    step -= step.mean(axis=1, keepdims=True)
    step *= change.distance * 0.999 / np.abs(step).sum(axis=1, keepdims=True)
    near = now + step
    assert (difference @ near[(near >= 0).all(axis=1)].T < 0).all()
    assert difference @ change.shares["then"].to_numpy() == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("of", ["groups", "indicators"])
@pytest.mark.parametrize("norm", ["sum", "largest"])
def test_a_rank_is_reached_by_the_least_of_all_ways(of: Of, norm: Norm) -> None:
    """Against the definition: the least over all pairs of cities that may stay ahead."""
    board = a_board(cities=9)
    parts = parts_of(board, "2024", of)
    near = Near(parts.now, parts.kept, norm, ((0.0, 1.0),) * len(parts.codes))
    order = list(board.points["TOTAL"].droplevel("period").sort_values(ascending=False).index)
    reached = 0
    for city in order[3:]:
        own = parts.position(city)
        ahead = parts.ahead(own, np.delete(np.arange(9), own), 1e-6)
        ways = [nearest(near, np.delete(ahead, pair, axis=0)) for pair in combinations(range(8), 2)]
        least = min((near.size(way) for way in ways if way is not None), default=None)
        change = reach_rank(board, city, 3, of=of, norm=norm)
        assert change.proven
        assert change.possible == (least is not None)
        if least is not None:
            reached += 1
            assert change.distance == pytest.approx(least, abs=1e-5)
            assert again(board, change).rank(ascending=False)[city] <= 3
    assert reached > 1


def test_an_answer_that_is_not_proven_to_be_the_least_says_so() -> None:
    board = a_board(cities=60)
    city = board.table("TOTAL", "2024").index[40]
    quick, whole = (reach_rank(board, city, 15, seconds=s) for s in (1e-6, 60))
    assert whole.proven
    assert not quick.proven
    assert quick.distance >= whole.distance - 1e-6
    for change in (quick, whole):
        assert again(board, change).rank(ascending=False)[city] <= 15


def test_who_is_level_in_every_part_takes_no_rank_away() -> None:
    board = three_parts([[50, 40, 30], [50, 40, 30], [40, 60, 60]])
    change = reach_rank(board, "c0", 1)
    assert change.possible
    assert not overtake(board, "c0", "c1").possible
    assert again(board, change)["c0"] > again(board, change)["c2"]


def test_shares_stay_within_their_bounds() -> None:
    board = three_parts([[90, 0, 0], [0, 100, 20]])
    change = overtake(board, "c0", "c1", bounds={"A": (0.0, 0.34)})
    assert change.shares.loc["A", "then"] <= 0.34 + 1e-9
    assert again(board, change)["c0"] > again(board, change)["c1"]
    fixed = {code: (0.3, 0.35) for code in "ABC"}
    assert not overtake(board, "c0", "c1", bounds=fixed).possible


def test_the_region_of_the_lead_is_that_of_geometry() -> None:
    """In the plane of three weights the region is a polygon: its extent and its area."""
    rows = [[90, 20, 40], [30, 80, 50], [50, 50, 60]]
    region = lead_region(three_parts(rows), "c2", draws=40_000)
    scores = np.array(rows, dtype=float)
    corners = []
    edges = np.vstack([scores[:2] - scores[2], -np.eye(3)])
    for i in range(5):
        for j in range(i):
            lines = np.vstack([edges[i], edges[j], np.ones(3)])
            if abs(np.linalg.det(lines)) > 1e-9:
                point = np.linalg.solve(lines, [0, 0, 1])
                if (edges @ point <= 1e-9).all():
                    corners.append(point)
    points = np.array(corners)
    assert region.possible
    np.testing.assert_allclose(region.extent["low"], points.min(axis=0), atol=1e-8)
    np.testing.assert_allclose(region.extent["high"], points.max(axis=0), atol=1e-8)
    area = ConvexHull(points[:, :2]).volume / 0.5
    assert region.share == pytest.approx(area, abs=0.01)
    best = scores @ region.extent["best"].to_numpy()
    assert region.lead == pytest.approx(best[2] - best[:2].max())
    assert region.lead > 0


def test_shares_of_the_lead_sum_to_all_weights() -> None:
    board = a_board(cities=12)
    cities = list(board.latest)
    regions = [lead_region(board, city, draws=4000) for city in cities]
    assert sum(region.share for region in regions) == pytest.approx(1)
    for city, region in zip(cities, regions, strict=True):
        assert region.possible or region.share == 0
        if region.possible:
            weights = region.extent["best"].to_dict()
            scored = score(board.observations, board.framework, weights=weights)
            assert scored.ranks.loc[(city, "2024"), "TOTAL"] == 1


def test_no_weights_let_a_city_lead_that_is_always_behind_another() -> None:
    region = lead_region(three_parts([[50, 50, 50], [60, 50, 51]]), "c0")
    assert region.possible  # level where B alone has weight
    assert region.lead == pytest.approx(0, abs=1e-9)
    region = lead_region(three_parts([[50, 49, 50], [60, 50, 51]]), "c0")
    assert not region.possible
    assert region.share == 0
    assert region.extent[["low", "high", "best"]].isna().all(axis=None)


def test_the_total_alone_must_be_arithmetic_to_ask_for_groups() -> None:
    def board(total: str) -> Scoreboard:
        frame = framework(
            group("A", indicator("A.1"), indicator("A.2"), aggregate=Method("geometric")),
            group("B", indicator("B.1"), indicator("B.2"), aggregate=Method("min")),
            aggregate=total,
        )
        return score(observe(data(frame, 3)), frame)

    linear = board("arithmetic")
    order = list(linear.points["TOTAL"].droplevel("period").sort_values().index)
    change = overtake(linear, order[1], order[2])
    if change.possible:
        scored = again(linear, change)
        assert scored[order[1]] > scored[order[2]]
    with pytest.raises(InputError, match=r"geometric mean.* Ask for of='groups'"):
        overtake(linear, order[1], order[2], of="indicators")
    with pytest.raises(InputError, match="TOTAL is a geometric mean"):
        overtake(board("geometric"), order[1], order[2])
    with pytest.raises(InputError, match="'of' is 'leaves'"):
        overtake(linear, "c00", "c01", of="leaves")  # type: ignore[arg-type]


@pytest.mark.parametrize("policy", ["zero", "worst"])
@pytest.mark.parametrize("of", ["groups", "indicators"])
def test_filled_values_count_as_they_do_in_scoring(policy: str, of: Of) -> None:
    board = a_board(0.25, cities=15, policy=policy, min_coverage=0.5)
    total = board.points["TOTAL"].droplevel("period").dropna()
    order = list(total.sort_values().index)
    found = 0
    for i in range(len(order) - 2):
        change = overtake(board, order[i], order[i + 2], of=of)
        if change.possible:
            found += 1
            scored = again(board, change)
            assert scored[order[i]] > scored[order[i + 2]]
            assert scored[total.index].notna().all()
    assert found > 2


def test_every_city_keeps_the_coverage_that_its_total_needs() -> None:
    """c0 is ahead with more weight on A only, which c2 lacks: c2 would lose its total."""
    rows = [[90.0, 0.0, 0.0], [0.0, 100.0, 20.0], [NAN, 50.0, 50.0]]
    board = three_parts(rows, policy="zero", min_coverage=0.65)
    change = overtake(board, "c0", "c1")
    assert change.possible
    assert change.shares.loc["A", "then"] <= 0.35 + 1e-9
    assert again(board, change).notna().all()


def test_cities_that_lack_different_parts_cannot_be_compared() -> None:
    board = three_parts([[90.0, 0.0, 0.0], [0.0, 100.0, 20.0], [NAN, 50.0, 50.0]])
    assert overtake(board, "c0", "c1").possible
    with pytest.raises(InputError, match="'c0' and 'c2' have not both a score in A"):
        overtake(board, "c0", "c2")
    with pytest.raises(InputError, match="missing='worst'"):
        lead_region(board, "c0")


def test_a_missing_indicator_does_not_stop_the_question_of_groups() -> None:
    board = a_board(0.1, cities=15)
    groups = board.points[["A", "B", "C"]].droplevel("period").dropna()
    whole = list(groups.index)
    assert (board.values.loc[(whole, "2024"), :].drop(columns="C.2").isna()).any(axis=None)
    change = overtake(board, whole[0], whole[1])
    if change.possible:
        scored = again(board, change)
        assert scored[whole[0]] > scored[whole[1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda b: overtake(b, "c00", "c00"), "cannot overtake itself"),
        (lambda b: overtake(b, "c00", "c0"), "no data of a city 'c0'"),
        (lambda b: overtake(b, "c00", "c01", norm="L1"), "'norm' is 'L1'"),
        (lambda b: overtake(b, "c00", "c01", bounds={"X": (0, 1)}), "bounds are given for 'X'"),
        (lambda b: overtake(b, "c00", "c01", bounds={"A": (1, 0)}), "expected shares"),
        (lambda b: overtake(b, "c00", "c01", period="1999"), "there is no period '1999'"),
        (lambda b: reach_rank(b, "c00", 0), "expected one from 1 to 12"),
        (lambda b: lead_region(b, "c00", draws=0), "draws must be"),
    ],
)
def test_a_question_without_sense_is_refused(call: Any, message: str) -> None:
    board = a_board()
    board = score(board.observations, example(), period="2024")
    with pytest.raises(InputError, match=message):
        call(board)


def points(**changes: Any) -> Scoreboard:
    """Score two cities on three groups of 10, 20 and 30 points."""
    leaves = [indicator(f"{g}.1", points=p) for g, p in zip("ABC", (10.0, 20.0, 30.0), strict=True)]
    groups = [group(leaf.code[0], leaf) for leaf in leaves]
    frame = framework(*groups, scale="points", policy="zero", **changes)
    return score(observe(table({"A.1": [90, 0], "B.1": [0, 60], "C.1": [50, 55]})), frame)


def test_points_are_asked_about_as_shares_of_which_the_maxima_are_the_weights() -> None:
    board = points()
    leaves = [
        group(g, indicator(f"{g}.1"), weight=w) for g, w in zip("ABC", (10, 20, 30), strict=True)
    ]
    means = score(board.observations, framework(*leaves))
    ours, expected = (overtake(each, "c0", "c1") for each in (board, means))
    np.testing.assert_allclose(ours.shares["then"], expected.shares["then"], atol=1e-9)
    assert ours.distance == pytest.approx(expected.distance)


def test_what_is_more_than_a_sum_of_points_is_refused() -> None:
    with pytest.raises(InputError, match="no plain sum"):
        overtake(points(decimals=1), "c0", "c1")
