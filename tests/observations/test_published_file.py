"""published.csv beside the data: read with the same care, and compared by the audit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import kpi_lib as kpi
from kpi_lib.analysis.published import agreement, differences
from kpi_lib.report.sections.published import published
from kpi_lib.scoring.scoreboard import Scoreboard

FRAMEWORK = """
id: small
version: "1"
title: Small
groups:
  - code: A
    title: Part A
    indicators:
      - {code: A1, title: One, direction: higher, goalposts: [0, 100]}
      - {code: A2, title: Two, direction: higher, goalposts: [0, 100]}
"""
DATA = "city,period,A1,A2\n" + "".join(f"c{n},2024,{10 * n},{10 * n + 10}\n" for n in range(1, 9))
Score = Callable[[str], Scoreboard]


@pytest.fixture
def scored(tmp_path: Path) -> Score:
    """Score eight cities, whose totals are 15, 25, … 85, with a text as published.csv."""

    def run(published: str) -> Scoreboard:
        (tmp_path / "small.yaml").write_text(FRAMEWORK, encoding="utf-8")
        (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
        (tmp_path / "published.csv").write_text(published, encoding="utf-8")
        framework = kpi.load_framework(tmp_path / "small.yaml")
        return kpi.score(kpi.read_observations(tmp_path, framework), framework)

    return run


def test_what_was_printed_is_no_observation(scored: Score) -> None:
    board = scored("city,period,code,score,rank\nc1,2024,TOTAL,15.0,8\nc2,2024,A,25.0,7\n")
    assert set(board.observations.table["indicator"]) == {"A1", "A2"}
    published = board.observations.published
    assert published[["city", "code", "score", "rank"]].to_numpy().tolist() == [
        ["c1", "TOTAL", 15.0, 8.0],
        ["c2", "A", 25.0, 7.0],
    ]
    assert [path.name for path in board.observations.files] == ["data.csv", "published.csv"]


def test_rounding_is_no_difference_and_one_digit_more_is(scored: Score) -> None:
    """A score printed as 15.1 may be anything from 15.05 on; 15 is not."""
    board = scored("city,period,code,score\nc1,2024,TOTAL,15.1\nc2,2024,TOTAL,25.0\n")
    apart = differences(board)
    assert apart[["city", "published", "computed"]].to_numpy().tolist() == [["c1", 15.1, 15.0]]
    row = agreement(board).loc[("TOTAL", "2024")]
    assert row[["cities", "follow"]].tolist() == [2, 1]
    whole = scored("city,period,code,score\nc1,2024,TOTAL,15\nc2,2024,TOTAL,25\n")
    assert differences(whole).empty


def test_a_city_printed_as_zero_and_a_wrong_rank_are_named(scored: Score) -> None:
    rows = [f"c{n},2024,TOTAL,{0 if n == 3 else 10 * n + 5},{9 - n}" for n in range(1, 9)]
    board = scored("city,period,code,score,rank\n" + "\n".join(rows) + "\n")
    assert differences(board)["city"].tolist() == ["c3"]
    row = agreement(board).loc[("TOTAL", "2024")]
    # By the printed scores c3 comes last, and c1 and c2 before it.
    assert row[["ranks", "ranks_follow"]].tolist() == [8, 5]


def test_a_fresh_kept_board_and_written_files_have_what_was_printed(
    scored: Score, tmp_path: Path
) -> None:
    board = scored("city,period,code,score,rank\nc1,2024,TOTAL,15.5,\n")
    path = kpi.write_observations(board.observations, tmp_path / "again")
    again = kpi.read_observations(path, board.framework)
    assert again.published.equals(board.observations.published)


@pytest.mark.parametrize(
    ("published", "found"),
    [
        ("city,period,score\nc1,2024,15\n", "expected city, period, code, score"),
        ("city,period,code,score\nc1,2024,TOTAL,many\n", "many"),
        ("city,period,code,score\nc9,2024,TOTAL,15\n", "'c9' is not in the cities file"),
        ("city,period,code,score\nc1,2024,TOTAL,15\nc1,2024,TOTAL,16\n", "more than once"),
        ("city,period,code,score\nc1,,TOTAL,15\n", "the cell is empty"),
        ("city,period,code,score,place\nc1,2024,TOTAL,15,1\n", "the column is unknown"),
    ],
)
def test_what_is_wrong_in_it_is_an_error_with_its_place(
    scored: Score, published: str, found: str
) -> None:
    with pytest.raises(kpi.InputError, match=found) as caught:
        scored(published)
    assert "published.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("published", "found"),
    [
        (
            "city,period,code,place\nc9,2024,TOTAL,1\nc1,soon,TOTAL,1\nc1,2024,,2\n",
            ["is unknown", "expected city, period, code, score", "'soon'", "is empty", "'c9'"],
        ),
        ("city,code,score\nc9,TOTAL,many\nc1,TOTAL,15\n", ["expected city", "'many'", "'c9'"]),
        ("period,code,score,rank\n2024,TOTAL,15,1.5\n", ["expected city", "found 1.5"]),
        ("city,period,code,score\nc1,,A,15\nc1,,A,15\nc9,2024,A,many\n", ["empty", "many", "c9"]),
    ],
)
def test_everything_that_is_wrong_in_it_is_said_in_one_round(
    scored: Score, published: str, found: list[str]
) -> None:
    """Also beside a column that is absent: what it holds is asked, the rest is read."""
    with pytest.raises(kpi.InputError) as caught:
        scored(published)
    problems = list(map(str, caught.value.problems))
    assert all(any(text in problem for problem in problems) for text in found)
    assert len(problems) == len(found)


def test_a_code_of_another_version_is_passed_over_with_a_warning(scored: Score) -> None:
    board = scored("city,period,code,score\nc1,2024,B,15\nc1,2024,TOTAL,15\n")
    assert board.observations.published["code"].tolist() == ["TOTAL"]
    (warning,) = board.observations.warnings
    assert "'B' is not a code of small@1" in str(warning)


def test_nothing_published_is_nothing_to_compare(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(FRAMEWORK, encoding="utf-8")
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    framework = kpi.load_framework(tmp_path / "small.yaml")
    board = kpi.score(kpi.read_observations(tmp_path / "data.csv", framework), framework)
    assert agreement(board).empty
    assert differences(board).empty


def test_scores_printed_from_0_to_1_are_compared_on_the_scale_of_the_framework(
    scored: Score,
) -> None:
    """0.150 is 15.0, and 0.270 is not 25."""
    rows = "c1,2024,TOTAL,0.150\nc2,2024,TOTAL,0.270\nc1,2024,A,15.0\n"
    board = scored(f"city,period,code,score\n{rows}")
    found = agreement(board)
    assert found.loc[("TOTAL", "2024"), ["cities", "follow", "factor"]].tolist() == [2, 1, 100]
    assert found.loc[("TOTAL", "2024"), "largest"] == pytest.approx(2)
    assert found.loc[("A", "2024"), ["follow", "factor"]].tolist() == [1, 1]
    apart = differences(board)
    assert apart[["city", "published", "computed", "decimals"]].to_numpy().tolist() == [
        ["c2", 27.0, 25.0, 1]
    ]
    said = repr(published(board, "en"))
    assert "they are compared after multiplying by 100." in said
    assert (
        "1 of the 2 published scores do not follow from the data under small@1, by up to 2.0"
        in said
    )


def test_what_no_factor_explains_stays_as_it_was_printed(scored: Score) -> None:
    board = scored("city,period,code,score\nc1,2024,TOTAL,0.9\n")  # and 15 computed
    assert agreement(board).at[("TOTAL", "2024"), "factor"] == 1
    board = scored("city,period,code,score\nc1,2024,TOTAL,15\nc2,2024,TOTAL,1\n")
    assert agreement(board).at[("TOTAL", "2024"), "factor"] == 1
