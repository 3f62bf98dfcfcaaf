"""The explorer tries weights without changing what the framework says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from notebook_runs import kinds_of_output, run

import kpi_lib as kpi
from kpi_lib.report.explorer import Explorer


def test_trying_weights_scores_as_scoring_with_them_does(demo: kpi.Scoreboard) -> None:
    changes = {"PS": 3.0, "IC.DAT": 0.0}
    tried = Explorer(demo, "2025").under(changes)
    scored = kpi.score(demo.observations, demo.framework, period=2025, weights=changes)
    pd.testing.assert_frame_equal(tried.points, scored.points)
    pd.testing.assert_frame_equal(tried.coverage, scored.coverage)


def test_the_framework_s_own_weights_move_nobody(demo: kpi.Scoreboard) -> None:
    result = Explorer(demo, "latest").result()
    assert (result["moved"] == 0).all()
    assert (result["low"] <= result["rank"]).all()
    assert (result["rank"] <= result["high"]).all()


def test_a_kept_weight_set_gives_the_same_ranking_on_the_command_line(
    demo: kpi.Scoreboard, tmp_path: Path
) -> None:
    explorer = Explorer(demo, "2025", "en", {"CO": 4.0})
    path = explorer.save(tmp_path / "weights.yaml")
    weights = kpi.read_weights(path)
    assert weights == {"CO": 4.0}
    again = kpi.score(demo.observations, demo.framework, period=2025, weights=weights)
    ranks = again.table("TOTAL", 2025)["rank"]
    assert explorer.result()["rank"].to_dict() == ranks.to_dict()


def test_nothing_changed_is_nothing_to_keep(demo: kpi.Scoreboard, tmp_path: Path) -> None:
    with pytest.raises(kpi.InputError, match="nothing to keep"):
        Explorer(demo, "2025").save(tmp_path / "weights.yaml")
    assert not list(tmp_path.iterdir())


def test_moving_a_slider_moves_the_ranking(demo: kpi.Scoreboard) -> None:
    explorer = Explorer(demo, "2025", "en")
    panel = explorer.show()
    ranking = panel.children[1]
    before = ranking.value
    sections = panel.children[0].children[0]
    slider = sections.children[0].children[0].children[1]
    slider.value = slider.max
    assert explorer.changes == {slider.description: slider.max}
    assert ranking.value != before


def test_the_notebook_runs_with_its_default_parameters(tmp_path: Path) -> None:
    done = run("explore_weights", tmp_path / "out.ipynb", data="data/raw/demo")
    widget = "application/vnd.jupyter.widget-view+json"
    assert {"image/svg+xml", "text/html", widget} <= kinds_of_output(done)
