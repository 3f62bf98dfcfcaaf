"""Scores under other weights are in the page what they are in the library, in a real browser."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import random_values
from builders import ROOT, observe
from scored_points import CITIES, DATA, FILE
from scoring.random_frameworks import draw, framework_of, read

import kpi_lib as kpi
from kpi_lib.errors import InputError
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.index.trial import adjustable, given, refused
from kpi_lib.scoring.scoreboard import Scoreboard

SCRIPT = ROOT / "kpi_lib/report/templates/index/scores.js"
# NaN is no JSON: what has no score comes back as null.
SCORED = """([model, weights]) => {
  const engine = scorer(model);
  const told = (values) => [...values].map((x) => Number.isNaN(x) ? null : x);
  try {
    const { points, ranks, coverage } = engine.score(weights);
    return { points: told(points), ranks: told(ranks), coverage: told(coverage) };
  } catch (group) {
    if (!group.code) throw group;
    return { refused: group.code };
  }
}"""

Evaluate = Callable[[str, Any], Any]


@pytest.fixture(scope="module")
def evaluate(browser: object) -> Evaluate:
    """Run JavaScript in a page that has the script of scores."""
    page = browser.new_page()  # type: ignore[attr-defined]
    page.add_script_tag(content=SCRIPT.read_text(encoding="utf-8"))
    return page.evaluate


def set_of(board: Scoreboard) -> CitySet:
    return CitySet(board, board.latest, "en")


def drawn_weights(cities: CitySet, rng: random.Random) -> dict[str, float]:
    """Other weights for some codes; now and then none, and a whole number."""
    return {
        code: rng.choice([0.0, 1.0, 2.0, rng.uniform(0.05, 3), rng.uniform(0.05, 3)])
        * (cities.board.weights[code] or 1)
        for code in adjustable(cities)
        if rng.random() < 0.7
    }


def agrees(evaluate: Evaluate, cities: CitySet, changes: Mapping[str, float]) -> bool:
    """Compare the page's scores and ranks with the library's; whether there were any."""
    board = cities.board
    codes = list(board.framework.nodes)
    model = given(cities)
    weights = [changes.get(code, board.weights.get(code, 1.0)) for code in codes]
    found = evaluate(SCORED, [model, weights])
    try:
        expected = kpi.score(board.observations, board.framework, weights=changes)
    except InputError as error:
        told = str(error)
    else:
        told = ""
    if told:  # of weights that are all 0 the page says so before it scores
        assert "all weights in" in told or found["refused"] in told
        return False
    units = board.points.index[cities.ranked_rows]
    rows = expected.points.index.get_indexer(units)
    points = expected.points[codes].to_numpy(dtype=float)[rows]
    own = np.array(found["points"], dtype=float).reshape(points.shape)
    np.testing.assert_allclose(own, points, rtol=1e-9, atol=1e-9)
    ranks = expected.ranks["TOTAL"].to_numpy(dtype=float)[rows]
    np.testing.assert_array_equal(np.array(found["ranks"], dtype=float), ranks)
    coverage = expected.coverage["TOTAL"].to_numpy(dtype=float)[rows]
    own = np.array(found["coverage"], dtype=float)
    np.testing.assert_allclose(own, coverage, rtol=1e-9, atol=1e-9)
    return True


@pytest.mark.parametrize("aggregate", ["arithmetic", "geometric", {"method": "power", "p": 0.5}])
def test_ten_sets_of_weights_on_data_with_gaps(evaluate: Evaluate, aggregate: Any) -> None:
    framework = kpi.load_framework("vn-smart-city@1.0")
    values = random_values(framework, 30, ["2024", "2025"], share=0.8, seed=5)
    board = kpi.score(observe(values), framework, aggregate=aggregate)
    cities, rng = set_of(board), random.Random(1)
    assert not refused(cities)
    assert sum(agrees(evaluate, cities, drawn_weights(cities, rng)) for _ in range(13)) >= 10


def test_ten_sets_of_weights_on_points(evaluate: Evaluate, tmp_path: Path) -> None:
    """Caps, floors, a bonus, deductions, what does not apply, and the best of two."""
    more = DATA.replace("a,2025,A1,60", "c,2025,A1,15").replace("\na,", "\nc,")
    more = more.replace("\nb,", "\nd,").replace("A2,80", "A2,95").splitlines(keepends=True)
    places = tmp_path / "cities.csv"
    places.write_text(CITIES + "c,C,C,II\nd,D,D,I\n", encoding="utf-8")
    (tmp_path / "data.csv").write_text(DATA + "".join(more[1:]), encoding="utf-8")
    framework = kpi.load_framework(FILE)
    board = kpi.score(kpi.read_observations(tmp_path / "data.csv", framework), framework)
    cities, rng = set_of(board), random.Random(2)
    assert not refused(cities)
    found = [agrees(evaluate, cities, drawn_weights(cities, rng)) for _ in range(14)]
    assert sum(found) >= 10


@pytest.mark.parametrize("seed", range(40))
def test_frameworks_of_any_shape(evaluate: Evaluate, seed: int, tmp_path: Path) -> None:
    try:
        drawn = draw(seed)
        framework = framework_of(drawn, tmp_path)
        board = kpi.score(read(drawn, framework, tmp_path), framework)
    except InputError:
        pytest.skip("the library refuses this draw")
    cities, rng = set_of(board), random.Random(seed)
    if refused(cities):
        pytest.skip(refused(cities))
    agrees(evaluate, cities, {})
    for _ in range(3):
        agrees(evaluate, cities, drawn_weights(cities, rng))
