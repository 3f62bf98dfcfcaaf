"""Scoreboards of many shapes, for tests of what is drawn and written from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
from builders import observe

from kpi_lib import load_framework
from kpi_lib.framework.model import Framework
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

YEARS = [str(year) for year in range(2019, 2026)]


def national() -> Framework:
    return load_framework("vn-smart-city@1.0")


def random_values(
    framework: Framework, cities: int, periods: list[str], share: float = 1.0, seed: int = 0
) -> pd.DataFrame:
    """Make values over the whole range of each indicator, of which a share is observed."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"c{i:03}" for i in range(cities)], periods], names=["city", "period"]
    )
    columns = {}
    for indicator in framework.indicators:
        low, high = indicator.goalposts or (0.0, 1234.5)
        column = low + (high - low) * rng.random(len(index))
        columns[indicator.code] = np.where(rng.random(len(index)) < share, column, np.nan)
    return pd.DataFrame(columns, index=index)


def constant(framework: Framework, score_of_all: float, cities: int = 3) -> pd.DataFrame:
    """Make values that all have one score."""
    values = random_values(framework, cities, YEARS)
    for indicator in framework.indicators:
        low, high = indicator.goalposts or (0.0, 100.0)
        share = score_of_all / 100 if indicator.direction == "higher" else 1 - score_of_all / 100
        values[indicator.code] = low + (high - low) * share
    return values


def named(board: Scoreboard, name: str) -> Scoreboard:
    cities = board.observations.cities.assign(name_vi=name, name_en=name)
    return dataclasses.replace(
        board, observations=dataclasses.replace(board.observations, cities=cities)
    )


def one_city() -> Scoreboard:
    return score(observe(random_values(national(), 1, YEARS)), national())


def two_cities() -> Scoreboard:
    return score(observe(random_values(national(), 2, YEARS[-2:])), national())


def many_cities() -> Scoreboard:
    return score(observe(random_values(national(), 200, YEARS[-3:])), national())


def gaps_in_data() -> Scoreboard:
    return score(observe(random_values(national(), 12, YEARS, share=0.45)), national())


def few_data() -> Scoreboard:
    framework = load_framework("u4ssc@2017")
    return score(observe(random_values(framework, 11, ["2020", "2021"], share=0.25)), framework)


def full_u4ssc() -> Scoreboard:
    framework = load_framework("u4ssc@2017")
    return score(observe(random_values(framework, 40, ["2020", "2021"])), framework)


def all_zero() -> Scoreboard:
    return score(observe(constant(national(), 0.0)), national())


def all_full() -> Scoreboard:
    return score(observe(constant(national(), 100.0)), national())


def pillars() -> Scoreboard:
    framework = load_framework("dti@2020")
    values = random_values(framework, 9, ["2020", "2021"]) / 1234.5
    return score(observe(values), framework)


def without_scale() -> Scoreboard:
    return score(observe(random_values(national(), 15, YEARS)), national(), normalise="zscore")


def by_month() -> Scoreboard:
    months = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]
    return score(observe(random_values(national(), 3, months)), national())


def by_quarter() -> Scoreboard:
    quarters = [f"{year}-Q{quarter}" for year in (2024, 2025) for quarter in range(1, 5)]
    return score(observe(random_values(national(), 5, [*quarters, "2024"])), national())


def long_names() -> Scoreboard:
    board = score(observe(random_values(national(), 45, YEARS)), national())
    return named(board, "Thị xã Phường-Ở-Giữa Hai Dòng Sông Nguyễn Ễ $x_1$ <b>&amp;</b>")


BOARDS: dict[str, tuple[Callable[[], Scoreboard], str]] = {
    board.__name__: (board, period)
    for board, period in (
        (one_city, "2025"),
        (two_cities, "2025"),
        (many_cities, "2025"),
        (gaps_in_data, "2025"),
        (few_data, "2021"),
        (full_u4ssc, "2021"),
        (all_zero, "2025"),
        (all_full, "2025"),
        (pillars, "2021"),
        (without_scale, "2025"),
        (by_month, "2025-12"),
        (by_quarter, "2025-Q4"),
        (long_names, "2025"),
    )
}
