"""What a city's report depends on: as little as it shows, and all of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from kpi_lib.batch import fingerprint as inputs
from kpi_lib.batch.job import default_notebook
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import load_framework
from kpi_lib.observations.read import Observations
from kpi_lib.report.charts import figures
from kpi_lib.report.city import CityReport, city_report
from kpi_lib.report.view import CityView
from kpi_lib.scoring.score import Scoreboard, score

FRAMEWORK = "vn-smart-city@1.0"


@pytest.fixture(scope="module")
def observations() -> Observations:
    return read_observations(ROOT / "data" / "raw" / "demo", load_framework(FRAMEWORK))


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


def hashes(board: Scoreboard, notebook: Path | None = None) -> dict[str, dict[str, str]]:
    return inputs.of_cities(board, board.latest, notebook or default_notebook())


def shown(board: Scoreboard, city: str) -> list[str]:
    """All that the cells of the library's notebook show of a city, but for the data's hash."""
    source = nbformat.read(default_notebook(), as_version=4)
    view = CityView(board, city, board.latest[city], "vi")
    names = {"report": CityReport(view), "city_report": city_report}
    texts = []
    for cell in source.cells:
        lines = cell.source.splitlines()
        if cell.cell_type == "code" and lines[-1].startswith("report."):
            made = eval(lines[-1], names)
            for form in ("_repr_html_", "svg"):
                found = getattr(made, form, "")
                texts.append(re.sub(r"sha256 \w+", "", found() if callable(found) else found))
    assert len(texts) > 20
    return texts


def test_the_same_data_have_the_same_hashes(observations: Observations) -> None:
    again = replace(observations, table=observations.table.copy(), fingerprint="moved")
    assert hashes(board_of(observations)) == hashes(board_of(again))


@pytest.mark.parametrize(
    ("period", "code", "change"),
    [
        ("2025", "QL.HEA.1", lambda x: x + 0.4),
        ("2021", "PS.ONL.1", lambda x: x * 0.7),
        ("2024", "UM.PLA.3", lambda x: x + 0.3),
    ],
)
def test_a_report_changes_only_with_its_hashes(
    observations: Observations,
    monkeypatch: pytest.MonkeyPatch,
    period: str,
    code: str,
    change: Callable[[float], float],
) -> None:
    # As with the hundreds of cities of a country, whose dots are drawn as a band.
    monkeypatch.setattr(figures, "MOST_DOTS", 3)
    monkeypatch.setattr(inputs, "MOST_DOTS", 3)
    city = "hue"
    before = board_of(observations)
    after = board_of(with_value(observations, city, period, code, change))
    old, new = hashes(before), hashes(after)
    assert old[city] != new[city]
    unmoved = [c for c in old if old[c] == new[c]]
    assert unmoved, "a change in one city should leave some reports as they are"
    for each in unmoved[:4]:
        assert shown(before, each) == shown(after, each), each


def test_few_cities_are_drawn_one_by_one(observations: Observations) -> None:
    before = board_of(observations)
    after = board_of(with_value(observations, "hue", "2025", "QL.HEA.1", lambda x: x + 0.4))
    old, new = hashes(before), hashes(after)
    assert all(old[city] != new[city] for city in old)
    assert [city for city in old if old[city]["data"] != new[city]["data"]] == ["hue"]


def test_a_value_that_is_gone_changes_every_count(observations: Observations) -> None:
    before = board_of(observations)
    after = board_of(with_value(observations, "hue", "2025", "QL.HEA.1", lambda _: np.nan))
    assert all(hashes(before)[city] != hashes(after)[city] for city in before.latest)


def test_where_cities_are_compared_all_depend_on_all(observations: Observations) -> None:
    changed = with_value(observations, "hue", "2019", "QL.HEA.1", lambda x: x + 0.4)
    for options in ({"normalise": "rank"}, {"aggregate": "copeland"}, {"missing": "worst"}):
        old = hashes(board_of(observations, **options))
        new = hashes(board_of(changed, **options))
        assert all(old[city]["others"] != new[city]["others"] for city in old)


def test_another_notebook_may_show_anything(observations: Observations, tmp_path: Path) -> None:
    mine = tmp_path / "mine.ipynb"
    mine.write_text(default_notebook().read_text(encoding="utf-8"), encoding="utf-8")
    changed = with_value(observations, "hue", "2019", "QL.HEA.1", lambda x: x + 0.4)
    old, new = hashes(board_of(observations), mine), hashes(board_of(changed), mine)
    assert all(old[city] != new[city] for city in old)


def test_the_numbers_around_a_quantile_are_those_of_the_others() -> None:
    rng = np.random.default_rng(1)
    columns = np.round(rng.uniform(0, 5, (40, 3)), 1)
    columns[rng.uniform(size=columns.shape) < 0.3] = np.nan
    columns[:, 2] = np.nan
    columns[4, 2] = 1.0
    for quantile in (0.1, 0.5, 0.9):
        near = inputs._near(columns, quantile)
        for row in range(len(columns)):
            for at in range(3):
                others = pd.Series(np.delete(columns[:, at], row)).dropna().sort_values()
                if others.empty:
                    assert np.isnan(near[row, 2 * at : 2 * at + 2]).all()
                    continue
                low, high = (
                    others.quantile(quantile, interpolation=i) for i in ("lower", "higher")
                )
                assert tuple(near[row, 2 * at : 2 * at + 2]) == (low, high)


def test_changes_are_named() -> None:
    before, now = {"data": "1", "library": "2"}, {"data": "3", "library": "2", "others": "4"}
    assert inputs.changed(inputs.text_of(before), inputs.text_of(now)) == ["data", "others"]
    assert inputs.changed(inputs.text_of(now), inputs.text_of(now)) == []


def test_the_library_is_all_its_files() -> None:
    assert re.fullmatch("[0-9a-f]{16}", inputs.library())
