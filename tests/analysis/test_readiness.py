"""What a city can compute today, and what it needs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from builders import framework, group, indicator

import kpi_lib as kpi
from kpi_lib.analysis.readiness import HALF, LAPSED, NEEDED, READY, SETTLED, readiness
from kpi_lib.framework.model import Formula
from kpi_lib.observations.write import write_observations

RATIO = Formula({"vi": "t", "en": "n"}, {"vi": "m", "en": "d"}, 100)
FRAMEWORK = framework(
    group("G", indicator("A"), indicator("R", formula=RATIO), indicator("Q", denominator="area"))
)


def read(folder: Path, rows: str) -> kpi.Observations:
    head = "city,period,indicator,value,numerator,denominator,note\n"
    (folder / "data.csv").write_text(head + rows, encoding="utf-8")
    (folder / "cities.csv").write_text("city,name_vi\nx,X\nnew,Mới\n", encoding="utf-8")
    return kpi.read_observations(folder / "data.csv", FRAMEWORK)


def test_a_value_makes_an_indicator_ready(tmp_path: Path) -> None:
    found = readiness(FRAMEWORK, read(tmp_path, "x,2024,A,5,,,\nx,2024,R,,1,4,\n"), "x")
    assert found["state"].to_dict() == {"A": READY, "R": READY, "Q": NEEDED}
    assert found["lacks"].to_dict() == {"A": "", "R": "", "Q": "value"}


def test_a_ratio_may_lack_one_number_only(tmp_path: Path) -> None:
    observations = read(tmp_path, "x,2024,A,5,,,\nx,2024,R,,1,,no denominator\n")
    row = readiness(FRAMEWORK, observations, "x").loc["R"]
    assert (row["state"], row["lacks"], row["note"]) == (HALF, "denominator", "no denominator")


def test_a_count_lacks_what_it_is_divided_by(tmp_path: Path) -> None:
    rows = "x,2024,Q,30,,,\nx,2023,Q,30,,,\nx,2023,area,2,,,\n"
    observations = read(tmp_path, rows)
    row = readiness(FRAMEWORK, observations, "x").loc["Q"]
    assert (row["state"], row["lacks"]) == (HALF, "denominator")
    assert readiness(FRAMEWORK, observations, "x", 2023).loc["Q", "state"] == READY


def test_what_was_there_once_has_lapsed(tmp_path: Path) -> None:
    rows = "x,2023,A,5,,,\nx,2023,R,20,,,\nx,2024,A,,,,not reported\nx,2025,A,7,,,\n"
    observations = read(tmp_path, rows)
    found = readiness(FRAMEWORK, observations, "x", 2024)
    assert (found.loc["A", "state"], found.loc["A", "last"]) == (LAPSED, "2023")
    assert found.loc["R", "lacks"] == "numerator+denominator"
    assert readiness(FRAMEWORK, observations, "x").loc["A", "state"] == READY


def test_a_city_that_is_starting_needs_everything(tmp_path: Path) -> None:
    observations = read(tmp_path, "x,2024,A,5,,,\n")
    found = readiness(FRAMEWORK, observations, "new")
    assert set(found["state"]) == {NEEDED}
    with pytest.raises(kpi.InputError, match="Did you mean 'new'"):
        readiness(FRAMEWORK, observations, "neww")


def test_what_is_written_is_what_is_read_again(tmp_path: Path) -> None:
    rows = 'x,2024,A,0.1,,,"a ""note"", quoted"\nx,2024,R,,1,3,\nx,2024,Q,,,,not reported\n'
    observations = read(tmp_path, rows + "x,2024,area,12.5,,,\n")
    path = write_observations(observations, tmp_path / "out")
    again = kpi.read_observations(path, FRAMEWORK)
    pd.testing.assert_frame_equal(again.table, observations.table)
    pd.testing.assert_frame_equal(again.quantities, observations.quantities)
    pd.testing.assert_frame_equal(again.cities, observations.cities)


def test_made_up_figures_stay_marked_when_they_are_written(tmp_path: Path) -> None:
    observations = read(tmp_path, "x,2024,A,5,,,\n")
    (tmp_path / "data.csv").rename(tmp_path / "data-demo.csv")
    observations = kpi.read_observations(tmp_path / "data-demo.csv", FRAMEWORK)
    path = write_observations(observations, tmp_path / "out")
    assert path.name == "observations-demo.csv"
    assert kpi.read_observations(path, FRAMEWORK).demo


def test_what_does_not_apply_is_not_needed(tmp_path: Path) -> None:
    rows = "x,2024,A,không áp dụng,,,no canal\nx,2024,R,,,,\nx,2024,Q,3,,,\nx,2024,area,1,,,\n"
    observations = read(tmp_path, rows)
    row = readiness(FRAMEWORK, observations, "x").loc["A"]
    assert (row["state"], row["lacks"], row["note"]) == (SETTLED, "", "no canal")
    board = kpi.score(observations, FRAMEWORK)
    found = kpi.leverage(board, "x")
    assert found["weight"].to_dict() == {"R": 0.5}  # of R and Q: A has no weight here
    with_it = kpi.what_if(board, {"R": 50}, "x").coverage.at[("x", "2024"), "TOTAL"]
    assert with_it == board.coverage.at[("x", "2024"), "TOTAL"] + 0.5
