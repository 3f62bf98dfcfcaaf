"""The explorer tries weights without changing what the framework says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import papermill
import pytest
from conftest import ROOT

import kpi_lib as kpi
from kpi_lib.report.explorer import Explorer


@pytest.fixture(scope="module")
def board() -> kpi.Scoreboard:
    framework = kpi.load_framework("vn-smart-city@1.0")
    return kpi.score(kpi.read_observations(ROOT / "data/raw/demo", framework), framework)


def test_trying_weights_scores_as_scoring_with_them_does(board: kpi.Scoreboard) -> None:
    changes = {"PS": 3.0, "IC.DAT": 0.0}
    tried = Explorer(board, "2025").under(changes)
    scored = kpi.score(board.observations, board.framework, period=2025, weights=changes)
    pd.testing.assert_frame_equal(tried.points, scored.points)
    pd.testing.assert_frame_equal(tried.coverage, scored.coverage)


def test_the_framework_s_own_weights_move_nobody(board: kpi.Scoreboard) -> None:
    result = Explorer(board, "latest").result()
    assert (result["moved"] == 0).all()
    assert (result["low"] <= result["rank"]).all()
    assert (result["rank"] <= result["high"]).all()


def test_a_kept_weight_set_gives_the_same_ranking_on_the_command_line(
    board: kpi.Scoreboard, tmp_path: Path
) -> None:
    explorer = Explorer(board, "2025", "en", {"CO": 4.0})
    path = explorer.save(tmp_path / "weights.yaml")
    weights = kpi.read_weights(path)
    assert weights == {"CO": 4.0}
    again = kpi.score(board.observations, board.framework, period=2025, weights=weights)
    ranks = again.table("TOTAL", 2025)["rank"]
    assert explorer.result()["rank"].to_dict() == ranks.to_dict()


def test_nothing_changed_is_nothing_to_keep(board: kpi.Scoreboard, tmp_path: Path) -> None:
    with pytest.raises(kpi.InputError, match="nothing to keep"):
        Explorer(board, "2025").save(tmp_path / "weights.yaml")
    assert not list(tmp_path.iterdir())


def test_moving_a_slider_moves_the_ranking(board: kpi.Scoreboard) -> None:
    explorer = Explorer(board, "2025", "en")
    panel = explorer.show()
    ranking = panel.children[1]
    before = ranking.value
    sections = panel.children[0].children[0]
    slider = sections.children[0].children[0].children[1]
    slider.value = slider.max
    assert explorer.changes == {slider.description: slider.max}
    assert ranking.value != before


def test_the_notebook_runs_with_its_default_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    done = papermill.execute_notebook(
        "notebooks/explore_weights.ipynb",
        str(tmp_path / "out.ipynb"),
        parameters={"data": "data/raw/demo"},
        progress_bar=False,
    )
    kinds = {
        kind
        for cell in done.cells
        for output in cell.get("outputs", [])
        for kind in output.get("data", {})
    }
    assert {"image/svg+xml", "text/html", "application/vnd.jupyter.widget-view+json"} <= kinds
