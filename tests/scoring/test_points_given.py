"""Criteria without a rule: points that are given score them; without any they are left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import kpi as run

import kpi_lib as kpi
from kpi_lib.framework.model import Framework
from kpi_lib.scoring.cache import scoreboard
from kpi_lib.scoring.scoreboard import Scoreboard

FRAMEWORK = """
id: table
version: "1"
title: Table
scale: points
groups:
  - code: A
    title: A
    indicators:
      - {code: A1, title: A1, unit: "%", points: 6, direction: higher, goalposts: [0, 100]}
      - {code: A2, title: A2, unit: "%", points: 10}
  - code: B
    title: B
    indicators:
      - {code: B1, title: B1, points: 5}
"""

VALUES = "city,period,indicator,value,unit\nx,2025,A1,50,\ny,2025,A1,100,\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "f.yaml").write_text(FRAMEWORK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KPI_CACHE", str(tmp_path / "cache"))
    return tmp_path


def read(folder: Path, more: str = "") -> tuple[kpi.Observations, Framework]:
    (folder / "d.csv").write_text(VALUES + more, encoding="utf-8")
    framework = kpi.load_framework(folder / "f.yaml")
    return kpi.read_observations(folder / "d.csv", framework), framework


def total(board: Scoreboard, city: str) -> tuple[float, float, float]:
    """Points, maximum and coverage of a city."""
    row = board.scores.set_index(["city", "code"]).loc[(city, "TOTAL")]
    return row["score"], row["maximum"], row["coverage"]


def test_points_given_score_what_has_no_rule(folder: Path) -> None:
    board = kpi.score(*read(folder, "x,2025,A2,7.5,điểm\nx,2025,B1,4,điểm\n"))
    assert total(board, "x") == (3 + 7.5 + 4, 21, 1)
    # y has no points of A2 and B1, which count: they are missing.
    assert total(board, "y") == (6, 21, pytest.approx(6 / 21))


def test_without_points_it_is_left_out_of_the_maximum(folder: Path) -> None:
    board = kpi.score(*read(folder, "x,2025,B1,4,điểm\n"))
    assert total(board, "x") == (7, 11, 1)
    reasons = board.reasons.loc[("x", "2025")]
    assert reasons["A2"] == "not scored"
    assert board.maximum is not None
    assert board.maximum.loc[("x", "2025"), ["A", "A2"]].to_list() == [6, 0]


def test_a_value_in_its_unit_is_no_score(folder: Path) -> None:
    board = kpi.score(*read(folder, "x,2025,A2,80,%\ny,2025,A2,8,điểm\n"))
    assert total(board, "x") == (3, 16, pytest.approx(6 / 16))
    assert total(board, "y") == (14, 16, 1)


def test_weights_and_gains_are_of_what_is_scored(folder: Path) -> None:
    board = kpi.score(*read(folder, "x,2025,A2,7.5,điểm\n"))
    assert board.contributions.loc[("x", "2025")].to_dict() == {"A1": 3, "A2": 7.5, "B1": 0}
    assert kpi.leverage(board, "y")["weight"].to_dict() == {"A2": 10 / 16}
    assert board.gains("x", "2025", {"A2": 9})["A2"] == pytest.approx(1.5)
    assert board.gains("y", "2025", {"A2": 9})["A2"] == pytest.approx(9)
    assert board.potential("x", "2025")["A2"] == pytest.approx(2.5)
    changed = kpi.what_if(board, {"A2": 9}, city="x")
    assert total(changed, "x") == (12, 16, 1)
    with pytest.raises(kpi.InputError, match="A2: found 11; expected a number from 0 to 10"):
        kpi.what_if(board, {"A2": 11}, city="x")


def test_uncertain_weights_start_from_the_same_total(folder: Path) -> None:
    more = "y,2025,B1,0,điểm\nz,2025,A1,10,\nz,2025,B1,5,điểm\nx,2025,B1,1,điểm\n"
    board = kpi.score(*read(folder, more))
    found = kpi.rank_uncertainty(board, period=2025, draws=50, seed=1)
    assert found.ranks["rank"].to_dict() == {"y": 1, "z": 2, "x": 3}


def test_a_kept_board_is_the_board_that_was_kept(folder: Path) -> None:
    read(folder, "x,2025,A2,7.5,điểm\n")
    first = scoreboard(folder / "d.csv", folder / "f.yaml")
    from kpi_lib.scoring import cache

    cache._recent.clear()
    again = scoreboard(folder / "d.csv", folder / "f.yaml")
    assert again is not first
    assert again.framework.given == {"A2"}
    assert total(again, "x") == total(first, "x") == (10.5, 16, 1)
    assert again.framework.fingerprint == kpi.load_framework(folder / "f.yaml").fingerprint


def test_check_and_score_say_what_is_left_out_of_how_many(folder: Path) -> None:
    read(folder, "x,2025,A2,80,%\nx,2025,B1,4,điểm\n")
    said = (
        "Left out are A2: the framework has no rule that turns their values into points, and the "
        "data give no points of them. The total is out of 11 points, not 21."
    )
    checked = run("check", "d.csv", "-f", "f.yaml")
    assert f"warning: {said} Give their points, with the unit 'điểm', or their rules." in (
        checked.output
    )
    assert (
        "d.csv, row 4, column 'value': A2 has no rule that turns values into points: no points "
        "for 1 value." in checked.output
    )
    assert "2 warnings" in checked.output
    assert said in run("score", "d.csv", "-f", "f.yaml").output
    read(folder, "x,2025,A2,8,điểm\nx,2025,B1,4,điểm\n")
    assert "Left out" not in run("check", "d.csv", "-f", "f.yaml").output
    assert "Left out" not in run("score", "d.csv", "-f", "f.yaml").output
