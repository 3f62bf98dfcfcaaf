"""What a framework of points may say of them, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kpi_lib as kpi


def problems(folder: Path, indicator: str, *, group: str = "", whole: str = "") -> list[str]:
    """What is wrong with a framework of one group and two indicators, of which one is given."""
    text = f"""\
id: points
version: "1"
title: Points
scale: points
{whole}
groups:
  - code: A
    title: A
    {group}
    indicators:
      - {{code: A1, title: One, {indicator}}}
      - {{code: A2, title: Two, points: 5, direction: higher, goalposts: [0, 10]}}
"""
    path = folder / "points.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        kpi.load_framework(path)
    except kpi.InputError as error:
        return [re.sub(r"^line \d+: ", "", problem.message) for problem in error.problems]
    return []


def words(scores: str, by: str = "") -> str:
    return f"points: 3, normalise: {{method: categories, {by}scores: {scores}}}"


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ("{Có: 1, co: 2}", "'co' and 'Có' in scores are one word, as capitals and accents"),
        ("{không: 0, Không áp dụng: 1}", "'Không áp dụng' in data says that the indicator does"),
        ("{có: 1, n/a: 0}", "'n/a' in data says that there is no value"),
        ("{có: 1, '': 0}", "'' in data says that there is no value"),
    ],
)
def test_words_that_data_cannot_tell_apart_are_refused(
    tmp_path: Path, scores: str, message: str
) -> None:
    (found,) = problems(tmp_path, words(scores))
    assert message in found
    (found,) = problems(tmp_path, words(f"{{I: {{có: 1}}, II: {scores}}}", "by: class, "))
    assert message in found


def test_none_may_be_an_answer(tmp_path: Path) -> None:
    assert problems(tmp_path, words("{có: 1, không có: 0, chưa có: 0.5}")) == []


def test_a_word_may_stand_in_the_rules_of_several_classes(tmp_path: Path) -> None:
    scores = "{I: {không: 0, có: 1}, II: {Không: 0, có: 2}}"
    assert problems(tmp_path, words(scores, "by: class, ")) == []


@pytest.mark.parametrize(
    "method",
    [
        "rank",
        "borda",
        "zscore",
        "{method: scaled, low: 0, high: 10}",
        "none",
        "{method: minmax, low: 0, high: 200}",
        "{method: minmax, low: -10, high: 50}",
    ],
)
def test_a_method_that_may_earn_more_than_the_points_is_refused(
    tmp_path: Path, method: str
) -> None:
    own = f"points: 3, direction: higher, normalise: {method}"
    (found,) = problems(tmp_path, own)
    assert found.startswith("A1: the scores of '")
    assert "are not from 0 to 100, so that they are no share of points" in found
    (found,) = problems(tmp_path, "points: 3, direction: higher", whole=f"normalise: {method}")[:1]
    assert found.startswith("A1: the scores of '")


@pytest.mark.parametrize("method", ["percentile", "{method: minmax, low: 20, high: 80}"])
def test_a_method_from_0_to_100_earns_a_share_of_the_points(tmp_path: Path, method: str) -> None:
    assert problems(tmp_path, f"points: 3, direction: higher, normalise: {method}") == []


GOALPOSTS = "direction: higher, goalposts: [0, 10]"


@pytest.mark.parametrize(
    ("own", "more", "message"),
    [
        (
            "points: 7.5",
            {"whole": "decimals: 0"},
            "A1: points: 7.5 has more decimals than the 0 of decimals:",
        ),
        (
            "bonus: 0.25",
            {"whole": "decimals: 1"},
            "A1: bonus: 0.25 has more decimals than the 1 of decimals:",
        ),
        (
            "points: 3",
            {"group": "cap: 2.5", "whole": "decimals: 0"},
            "A: cap: 2.5 has more decimals than the 0 of decimals:",
        ),
        ("points: 3", {"group": "floor: 20"}, "A: floor 20 is above the 8 points that it can earn"),
        ("bonus: 3", {"group": "floor: 6"}, "A: floor 6 is above the 5 points that it can earn"),
        (
            "points: 3",
            {"group": "aggregate: max\n    floor: 6"},
            "A: floor 6 is above the 5 points that it can earn",
        ),
        ("points: 3", {"group": "cap: 0"}, "A › cap: found 0; expected the most points"),
        (
            "points: 3",
            {"whole": "classes: [[9, A], [5, B]]"},
            "the class 'A' begins at 9, and a total is at most 8.",
        ),
        (
            "bonus: 3",
            {"whole": "classes: [[200, A]]\nshown: percent"},
            "the class 'A' begins at 200, and a total is at most 160.",
        ),
    ],
)
def test_what_points_can_never_be_is_refused(
    tmp_path: Path, own: str, more: dict[str, str], message: str
) -> None:
    (found,) = problems(tmp_path, f"{own}, {GOALPOSTS}", **more)
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("own", "more"),
    [
        ("points: 7.5", {"whole": "decimals: 1\nclasses: [[12.5, A], [5, B]]"}),
        ("bonus: 3", {"whole": "classes: [[160, A], [90, B]]\nshown: percent"}),
        ("points: 3", {"group": "floor: 8"}),
    ],
)
def test_what_points_can_just_be_is_taken(tmp_path: Path, own: str, more: dict[str, str]) -> None:
    assert problems(tmp_path, f"{own}, {GOALPOSTS}", **more) == []


def test_a_class_above_100_is_refused_where_no_score_reaches_it(tmp_path: Path) -> None:
    text = """id: means
version: "1"
title: Means
classes: [[200, A]]
groups:
  - {code: A, title: A, indicators: [{code: A1, title: One, direction: higher, goalposts: [0, 10]}]}
"""
    path = tmp_path / "means.yaml"
    path.write_text(text)
    with pytest.raises(kpi.InputError, match="class 'A' begins at 200, and a total is at most 100"):
        kpi.load_framework(path)
    path.write_text(text.replace("goalposts: [0, 10]", "normalise: zscore"))
    assert kpi.load_framework(path).classes == ((200, "A"),)
