"""Scores are those that a second, plain implementation of the method gives."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scoring.plain_scoring import MEANS, NOT_APPLICABLE, NotTakenError, Scored, plain_scores
from scoring.random_frameworks import (
    ABSOLUTE,
    OF_RULES,
    RELATIVE,
    Draw,
    draw,
    framework_of,
    read,
)

from kpi_lib.errors import InputError
from kpi_lib.framework.model import Framework
from kpi_lib.observations.read import Observations
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

Key = tuple[str, str, str]


def observed(draw: Draw, framework: Framework) -> Observations:
    """The drawn rows as reading would give them."""
    rows = []
    for row in draw.rows:
        said, value = "", row["value"]
        if isinstance(value, str):
            said, value = value, None
            if said != NOT_APPLICABLE:
                rule = framework.nodes[row["indicator"]].normalise
                scores = rule.parameters["scores"]
                if "by" in rule.parameters:
                    scores = scores[draw.cities[row["city"]]["class"]]
                value = scores[said]
        number = math.nan if value is None else float(value)
        rows.append({**row, "value": number, "said": said})
    table = pd.DataFrame(rows)
    for column in ("numerator", "denominator", "se"):
        table[column] = math.nan
    for column in ("source", "quality", "note"):
        table[column] = ""
    cities = pd.DataFrame([{"city": city, **own} for city, own in draw.cities.items()])
    for column in ("name_vi", "name_en", "slug"):
        cities[column] = cities["city"]
    return Observations(
        table=table,
        cities=cities,
        quantities=pd.DataFrame(columns=["city", "period", "quantity", "value"]),
    )


def told(board: Scoreboard) -> dict[Key, Scored]:
    """The long table of scores, None for what is missing."""
    long = board.scores.astype(object).where(board.scores.notna(), None)
    if "maximum" not in long:
        long["maximum"] = None
    columns = long[["city", "period", "code", "score", "coverage", "maximum", "rank"]]
    return {(c, p, code): Scored(*rest) for c, p, code, *rest in columns.to_numpy().tolist()}


def near(found: Any, expected: Any) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def agree(found: Scored, expected: Scored) -> bool:
    return (
        near(found.score, expected.score)
        and near(found.coverage, expected.coverage)
        and near(found.maximum, expected.maximum)
        and found.rank == expected.rank
    )


def compare(draw: Draw, folder: Path, by_files: bool = False) -> str:
    """What the two implementations say differently, '' where they agree."""
    framework = framework_of(draw, folder)
    try:
        expected = plain_scores(draw.spec, draw.rows, draw.cities)
    except NotTakenError:
        expected = None
    observations = read(draw, framework, folder) if by_files else observed(draw, framework)
    try:
        found = told(score(observations, framework))
    except InputError as error:
        return f"refused: {error}" if expected is not None else ""
    if expected is None:
        return "not refused"
    assert found.keys() == expected.keys()
    lines = [
        f"{key}: {one} instead of {expected[key]}"
        for key, one in found.items()
        if not agree(one, expected[key])
    ]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn")


seeds = st.integers(0, 2**40)


@settings(max_examples=200)
@given(seed=seeds)
@example(seed=10_957_886_842)  # points that a deduction takes whole
def test_both_implementations_agree(seed: int, folder: Path) -> None:
    assert compare(draw(seed), folder) == ""


@settings(max_examples=150)
@given(seed=seeds)
@example(seed=19_185)  # a deduction that is nothing on paper, and not quite in binary numbers
def test_both_implementations_agree_on_sums_of_points(seed: int, folder: Path) -> None:
    assert compare(draw(seed, "points"), folder) == ""


@settings(max_examples=40)
@given(seed=seeds)
def test_both_implementations_agree_on_what_files_hold(seed: int, folder: Path) -> None:
    assert compare(draw(seed), folder, by_files=True) == ""


@settings(max_examples=150)
@given(seed=seeds)
def test_contributions_sum_to_the_total_of_any_sum_of_points(seed: int, folder: Path) -> None:
    drawn = draw(seed, "points")
    framework = framework_of(drawn, folder)
    try:
        board = score(observed(drawn, framework), framework)
    except InputError:
        assume(False)
    total = board.points["TOTAL"].to_numpy(dtype=float)
    summed = board.contributions.sum(axis=1, min_count=1).to_numpy(dtype=float)
    assert summed == pytest.approx(total, nan_ok=True, abs=1e-9)


@pytest.mark.system
@settings(max_examples=4000)
@given(seed=seeds)
def test_both_implementations_agree_on_thousands(seed: int, folder: Path) -> None:
    assert compare(draw(seed), folder) == ""


@pytest.mark.system
@settings(max_examples=400)
@given(seed=seeds)
def test_both_implementations_agree_on_hundreds_of_files(seed: int, folder: Path) -> None:
    assert compare(draw(seed), folder, by_files=True) == ""


def test_what_is_drawn_holds_every_method_and_most_of_it_has_a_score() -> None:
    drawn = [draw(seed) for seed in range(400)]
    text = json.dumps([one.spec for one in drawn], ensure_ascii=False)
    methods = (*RELATIVE, *ABSOLUTE, *OF_RULES, *MEANS, "sum", "power", "max")
    policies = ("rescale", "zero", "worst", "strict", "exclude", "full", "one", "panel")
    keys = ("impute", "group_mean", "cap", "floor", "bonus", "deduction", "decimals", "by")
    assert [word for word in (*methods, *policies, *keys) if f'"{word}"' not in text] == []
    totals = []
    for one in drawn:
        try:
            scores = plain_scores(one.spec, one.rows, one.cities)
        except NotTakenError:
            continue
        totals += [found.score for key, found in scores.items() if key[2] == "TOTAL"]
    assert sum(total is not None for total in totals) > 0.6 * len(totals)
    assert len(totals) > 1000


# Sums of points by hand


def points(policy: str, values: dict[str, Any], **changes: Any) -> Draw:
    """Three indicators of 10, 15 and 5 points on goalposts 0–100, and values of one city."""
    leaves = [
        {"code": code, "title": code, "direction": "higher", "goalposts": [0, 100], "points": most}
        for code, most in (("a", 10), ("b", 15), ("c", 5))
    ]
    group = {"code": "G", "title": "G", "indicators": leaves} | changes
    group["indicators"] = leaves + changes.get("indicators", [])
    spec = {
        "id": "hand",
        "version": "1",
        "title": "By hand",
        "scale": "points",
        "missing": {"policy": policy, "min_coverage": 0},
        "groups": [group],
    }
    rows = [
        {"city": "An", "period": "2024", "indicator": code, "value": value, "unit": ""}
        for code, value in values.items()
    ]
    return Draw(spec, rows, {"An": {"class": "I"}})


# a: 7,5 of 10; b: 9 of 15: 16,5 of the 25 points that have data, which is 19,8 of 30.
SEEN = {"a": Fraction(75), "b": Fraction(60), "c": None}
BONUS = {"code": "d", "title": "d", "bonus": 2, "direction": "higher", "goalposts": [0, 100]}


@pytest.mark.parametrize(
    ("drawn", "score_", "maximum", "coverage"),
    [
        (points("zero", SEEN), "16.5", 30, "25/30"),
        (points("rescale", SEEN), "19.8", 30, "25/30"),
        (points("zero", SEEN | {"c": NOT_APPLICABLE}), "16.5", 25, "1"),
        (points("rescale", SEEN | {"c": NOT_APPLICABLE}), "16.5", 25, "1"),
        (points("rescale", SEEN, cap=18), "18", 18, "25/30"),
        (points("zero", SEEN, floor=17), "17", 30, "25/30"),
        (points("zero", SEEN, aggregate="max"), "9", 15, "25/30"),
        (points("rescale", SEEN | {"d": Fraction(50)}, indicators=[BONUS]), "20.8", 30, "25/30"),
        (
            points(
                "zero",
                dict.fromkeys("abc", NOT_APPLICABLE) | {"d": Fraction(50)},
                indicators=[BONUS],
            ),
            "1",
            0,
            None,
        ),
    ],
)
def test_points_by_hand(
    drawn: Draw, score_: str, maximum: int, coverage: str | None, tmp_path: Path
) -> None:
    rank = 1 if maximum else None  # points of no maximum are no share of it
    seen = coverage and Fraction(coverage)
    expected = Scored(Fraction(score_), seen, Fraction(maximum), rank)
    framework = framework_of(drawn, tmp_path)
    found = told(score(observed(drawn, framework), framework))
    plain = plain_scores(drawn.spec, drawn.rows, drawn.cities)
    for code in ("G", "TOTAL"):
        assert plain["An", "2024", code] == expected
        assert agree(found["An", "2024", code], expected)


def test_a_bonus_that_is_missing_adds_nothing_where_others_are_filled_by_the_worst(
    tmp_path: Path,
) -> None:
    drawn = points("worst", SEEN | {"d": Fraction(50)}, indicators=[BONUS])
    other = [{**row, "city": "Bo"} for row in drawn.rows if row["indicator"] != "d"]
    drawn = Draw(drawn.spec, [*drawn.rows, *other], {city: {"class": "I"} for city in ("An", "Bo")})
    framework = framework_of(drawn, tmp_path)
    totals = score(observed(drawn, framework), framework).points["TOTAL"]
    assert totals.tolist() == pytest.approx([17.5, 16.5])


def test_a_word_earns_what_the_rule_of_the_citys_own_class_gives_it(tmp_path: Path) -> None:
    drawn = points("zero", {})
    scores = {"I": {"không": 0, "có": 4}, "II": {"không": 1, "có": 10}}
    rule = {"method": "categories", "by": "class", "scores": scores}
    leaf = {"code": "w", "title": "w", "points": 10, "normalise": rule}
    spec = {**drawn.spec, "groups": [{"code": "G", "title": "G", "indicators": [leaf]}]}
    rows = [
        {"city": city, "period": "2024", "indicator": "w", "value": "Co", "unit": ""}
        for city in ("An", "Bo")
    ]
    drawn = Draw(spec, rows, {"An": {"class": "I"}, "Bo": {"class": "II"}})
    framework = framework_of(drawn, tmp_path)
    totals = score(read(drawn, framework, tmp_path), framework).points["TOTAL"]
    assert totals.tolist() == [4, 10]


def test_in_full_is_the_best_that_the_rule_of_the_citys_own_class_gives(tmp_path: Path) -> None:
    steps = {"I": [[0, 0], [90, 10]], "II": [[0, 0], [80, 8]]}
    rule = {"method": "bands", "by": "class", "steps": steps}
    leaf = {"code": "w", "title": "w", "points": 10, "normalise": rule, "not_applicable": "full"}
    drawn = points("zero", {})
    spec = {**drawn.spec, "groups": [{"code": "G", "title": "G", "indicators": [leaf]}]}
    rows = [
        {"city": city, "period": "2024", "indicator": "w", "value": NOT_APPLICABLE, "unit": ""}
        for city in ("An", "Bo")
    ]
    drawn = Draw(spec, rows, {"An": {"class": "I"}, "Bo": {"class": "II"}})
    framework = framework_of(drawn, tmp_path)
    totals = score(observed(drawn, framework), framework).points["TOTAL"]
    assert totals.tolist() == [10, 8]
