"""Scores are those that a second, plain implementation of the method gives."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring.plain_scoring import NOT_APPLICABLE, NotTakenError, Scored, plain_scores
from scoring.random_frameworks import Draw, draw

from kpi_lib.errors import InputError
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Framework
from kpi_lib.observations.read import Observations
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

Key = tuple[str, str, str]


def framework_of(draw: Draw, folder: Path) -> Framework:
    """The drawn framework, by way of a file, which refuses what is no framework."""
    path = folder / "drawn.yaml"
    path.write_text(json.dumps(draw.spec, ensure_ascii=False), encoding="utf-8")
    return load_framework(path)


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


def read(draw: Draw, framework: Framework, folder: Path) -> Observations:
    """The drawn rows by way of CSV files."""
    rows = pd.DataFrame(draw.rows)
    rows["value"] = [v if isinstance(v, str | None) else repr(float(v)) for v in rows["value"]]
    rows.to_csv(folder / "observations.csv", index=False)
    cities = pd.DataFrame([{"city": city, **own} for city, own in draw.cities.items()])
    cities.to_csv(folder / "cities.csv", index=False)
    return read_observations(folder / "observations.csv", framework)


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


@settings(max_examples=300)
@given(seed=st.integers(0, 2**40))
def test_both_implementations_agree(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert compare(draw(seed), tmp_path_factory.getbasetemp()) == ""
