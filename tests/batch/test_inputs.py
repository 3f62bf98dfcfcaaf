"""What a city's report depends on: all that its notebook can reach."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import DEMO

from kpi_lib.batch import fingerprint as inputs
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import load_framework
from kpi_lib.observations.read import Observations
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

FRAMEWORK = "vn-smart-city@1.0"


@pytest.fixture
def observations(demo: Scoreboard) -> Observations:
    return demo.observations


def board_of(observations: Observations, **options: object) -> Scoreboard:
    return score(observations, load_framework(FRAMEWORK), **options)  # type: ignore[arg-type]


def with_value(
    observations: Observations, city: str, period: str, code: str, change: Callable[[float], float]
) -> Observations:
    table = observations.table.copy()
    at = (table.city == city) & (table.period == period) & (table.indicator == code)
    assert at.sum() == 1
    table.loc[at, "value"] = change(float(table.loc[at, "value"].iloc[0]))
    table.loc[at, ["numerator", "denominator"]] = np.nan
    return replace(observations, table=table, fingerprint="another")


def hashes(board: Scoreboard) -> dict[str, dict[str, str]]:
    return inputs.of_cities(board, board.latest)


def test_the_same_data_have_the_same_hashes(observations: Observations) -> None:
    again = replace(observations, table=observations.table.copy(), fingerprint="moved")
    assert hashes(board_of(observations)) == hashes(board_of(again))


@pytest.mark.parametrize("change", [lambda x: x + 1e-9, lambda _: np.nan])
@pytest.mark.parametrize(
    ("period", "code"), [("2025", "QL.HEA.1"), ("2021", "PS.ONL.1"), ("2019", "QL.HEA.1")]
)
def test_one_value_of_one_city_in_any_period_makes_all_reports_again(
    observations: Observations, period: str, code: str, change: Callable[[float], float]
) -> None:
    old = hashes(board_of(observations))
    new = hashes(board_of(with_value(observations, "hue", period, code, change)))
    assert all(old[city] != new[city] for city in old)


@pytest.mark.parametrize(
    "change",
    [
        {"demo": False},
        {"files": (Path("other.csv"),)},
        {"quality": "reported"},
    ],
)
def test_what_a_page_says_of_its_data_makes_it_again(
    observations: Observations, change: dict[str, Any]
) -> None:
    old = hashes(board_of(observations))
    new = hashes(board_of(replace(observations, **change)))
    assert all(old[city] != new[city] for city in old)


def test_what_cities_reported_of_themselves_is_shown_and_so_counts(
    observations: Observations,
) -> None:
    reported = observations.table.head(1).assign(quality="reported")
    boards = [
        board_of(replace(observations, reported=rows))
        for rows in (reported, reported.assign(value=reported["value"] + 1))
    ]
    old, new = map(hashes, boards)
    assert all(old[city] != new[city] for city in old)


def test_every_page_of_an_extension_depends_on_the_national_scores_of_all() -> None:
    """A national rank stands on each of its pages, whoever moves it."""
    extension = load_framework("hue-heritage-demo@1.0")
    found = read_observations(DEMO, extension)
    better = with_value(found, "hue", "2025", "QL.HEA.1", lambda x: x + 0.4)
    old, new = hashes(score(found, extension)), hashes(score(better, extension))
    assert all(old[city] != new[city] for city in old)


def test_changes_are_named() -> None:
    before, now = {"data": "1", "library": "2"}, {"data": "3", "library": "2", "notebook": "4"}
    assert inputs.changed(inputs.text_of(before), inputs.text_of(now)) == ["data", "notebook"]
    assert inputs.changed(inputs.text_of(now), inputs.text_of(now)) == []


def test_the_library_is_all_its_files() -> None:
    assert re.fullmatch("[0-9a-f]{16}", inputs.library())
