"""Sobol indices are those of closed forms, and say which choice moves a ranking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import framework, group, indicator, observe
from uncertain import NOISE, a_board, data

from kpi_lib.analysis.robustness.sobol import sensitivity, sobol_design, sobol_indices
from kpi_lib.errors import InputError
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard


def within(table: pd.DataFrame, kind: str, expected: list[float]) -> bool:
    low, high = table[f"{kind}_low"].to_numpy(), table[f"{kind}_high"].to_numpy()
    return bool(np.all((low <= expected) & (expected <= high)))


def test_indices_of_the_ishigami_function_are_those_of_its_closed_form() -> None:
    """Ishigami and Homma (1990): f = sin x + 7 sin² y + 0.1 z⁴ sin x on (-π, π)."""
    design = sobol_design(3, 2048, seed=3)
    x, y, z = (np.pi * (2 * design.uniform - 1)).T
    table = sobol_indices(np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x), 3, seed=3)
    first = [(1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 49 / 8, 0]
    inner = 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = sum(first) + inner
    total = [first[0] + inner, first[1], inner]
    assert within(table, "first", [part / variance for part in first])
    assert within(table, "total", [part / variance for part in total])
    assert (table["total_high"] - table["total_low"]).max() < 0.15


def test_indices_of_the_g_function_hold_for_choices_that_are_many_numbers() -> None:
    """Saltelli and Sobol (1995): g = Π (|4x - 2| + a) / (1 + a); the second choice has two x.

    The first choice is a number of the design, the second draws of its own on either side.
    """
    samples, a = 4096, np.array([0.0, 1.0, 4.5])
    design = sobol_design(2, samples, seed=1)
    own = np.random.default_rng(5).random((2, samples, 2))
    pair = own[design.other[:, 1].astype(int), design.base]
    x = np.column_stack([design.uniform[:, 0], pair])
    table = sobol_indices(np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1), 2, seed=1)
    single = 1 / (3 * (1 + a) ** 2)
    parts = [single[0], (1 + single[1]) * (1 + single[2]) - 1]
    variance = (1 + parts[0]) * (1 + parts[1]) - 1
    both = parts[0] * parts[1]
    assert within(table, "first", [part / variance for part in parts])
    assert within(table, "total", [(part + both) / variance for part in parts])


def two_levels() -> Scoreboard:
    """Groups that differ much and indicators within them that hardly do."""
    frame = framework(
        group("A", indicator("A.1"), indicator("A.2")),
        group("B", indicator("B.1"), indicator("B.2")),
    )
    values = data(frame, 20)
    values["A.2"] = values["A.1"] + 0.01 * values["A.2"] / 100
    values["B.2"] = values["B.1"] + 0.01 * values["B.2"] / 100
    return score(observe(values), frame)


def test_the_choice_that_moves_the_ranking_has_the_high_index() -> None:
    spec = [
        {"vary": "weights", "draw": "noise", "size": {1: 0.9}, "name": "groups"},
        {"vary": "weights", "draw": "noise", "size": {2: 0.1}, "name": "indicators"},
    ]
    table = sensitivity(two_levels(), spec, samples=256, cities=["c00"])
    table = table.set_index(["output", "choice"])
    for output in ("mean rank shift", "rank", "score"):
        assert table.loc[(output, "groups"), "total"] > 0.8
        assert table.loc[(output, "indicators"), "total"] < 0.05


def test_indices_of_a_score_that_is_a_sum_are_shares_of_its_variance() -> None:
    """A total of two groups: the errors of each add up, and nothing is between them."""
    frame = framework(
        group("A", indicator("A.1", goalposts=(-1000.0, 1000.0))),
        group("B", indicator("B.1", goalposts=(-1000.0, 1000.0)), indicator("B.2")),
    )
    board = score(observe(data(frame, 5)), frame)
    spec = [
        {"vary": "data", "draw": "errors", "standard_error": {"A.1": 20}},
        {"vary": "missing", "among": ["rescale", "zero"]},
    ]
    values = board.values.copy()
    values.loc[("c00", "2024"), "B.2"] = np.nan
    board = score(observe(values), frame)
    table = sensitivity(board, spec, samples=2048, cities=["c00"], seed=2)
    table = table[table["output"] == "score"].set_index("choice")
    error = (0.5 * 20 / 20) ** 2
    one = float(board.points.loc[("c00", "2024"), "B.1"])
    choice = (0.5 * (one - one / 2)) ** 2 / 4
    shares = [error / (error + choice), choice / (error + choice)]
    assert within(table, "first", shares)
    assert within(table, "total", shares)


SPEC: list[dict[str, Any]] = [
    NOISE,
    {"vary": "missing", "among": ["rescale", "worst"]},
    {"vary": "data", "draw": "jackknife"},
]


def test_the_seed_fixes_the_indices_whatever_the_number_of_workers() -> None:
    board = a_board(0.1)
    one, two = (
        sensitivity(board, SPEC, samples=256, workers=workers, cities=["c01"]) for workers in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert not one.equals(sensitivity(board, SPEC, samples=256, seed=2, cities=["c01"]))


def test_what_never_varies_has_no_indices() -> None:
    table = sobol_indices(np.full(4 * 8, 3.0), 2, seed=1)
    assert table.isna().all(axis=None)


def test_a_city_that_is_not_always_scored_is_an_error() -> None:
    board = a_board(0.4)
    spec = [NOISE, {"vary": "missing", "among": ["rescale", {"min_coverage": 0.9}]}]
    with pytest.raises(InputError, match="has no score in"):
        sensitivity(board, spec, samples=64, cities=list(board.latest))


@pytest.mark.parametrize(
    ("spec", "options", "message"),
    [
        ([NOISE], {}, "two choices or more"),
        (SPEC, {"samples": 1000}, "a power of 2"),
        (SPEC, {"cities": ["c1"]}, "no data of a city 'c1'"),
    ],
)
def test_a_question_without_an_answer_is_refused(
    spec: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        sensitivity(a_board(0.1), spec, **options)
