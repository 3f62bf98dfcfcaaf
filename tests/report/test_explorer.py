"""The explorer tries weights without changing what the framework says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from builders import DEMO
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
    page = kpi.city_report("hue", 2025, data=DEMO, lang="en", weights=path)
    assert page.board.table("TOTAL", 2025)["rank"].to_dict() == explorer.result()["rank"].to_dict()
    assert "Scored with weights other than the framework's: “" in str(page.method())
    again = kpi.score(demo.observations, demo.framework, period=2025, weights=weights)
    ranks = again.table("TOTAL", 2025)["rank"]
    assert explorer.result()["rank"].to_dict() == ranks.to_dict()


def test_nothing_changed_is_nothing_to_keep(demo: kpi.Scoreboard, tmp_path: Path) -> None:
    with pytest.raises(kpi.InputError, match="nothing to keep"):
        Explorer(demo, "2025").save(tmp_path / "weights.yaml")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("code", ["PS", "IC.DAT", "PS.ONL.1"])
def test_moving_the_slider_of_a_group_or_an_indicator_moves_the_chart(
    demo: kpi.Scoreboard, code: str
) -> None:
    explorer = Explorer(demo, "2025", "en")
    panel = explorer.show()
    before = panel.ranking.value
    slider = panel.sliders[code]
    slider.value = slider.max
    assert explorer.changes == {code: slider.max}
    assert dots(panel.ranking.value) != dots(before)
    panel.sliders[code].value = explorer.plain[code]
    assert panel.ranking.value == before


def test_every_part_with_siblings_has_a_slider(demo: kpi.Scoreboard) -> None:
    panel = Explorer(demo, "2025", "en").show()
    groups = [group for group in demo.framework.all_groups if len(group.children) > 1]
    assert set(panel.sliders) == {child.code for group in groups for child in group.children}


def test_weights_that_cannot_be_are_said_in_place_of_the_chart(demo: kpi.Scoreboard) -> None:
    panel = Explorer(demo, "2025", "en").show()
    for group in demo.framework.groups:
        panel.sliders[group.code].value = 0
    assert "all weights in TOTAL are 0" in panel.ranking.value


def dots(html: str) -> str:
    """The chart, without the table."""
    return html[html.index("<svg") : html.index("</svg>")]


def test_the_notebook_runs_with_its_default_parameters(tmp_path: Path) -> None:
    done = run("explore_weights", tmp_path / "out.ipynb", data="data/raw/demo")
    widget = "application/vnd.jupyter.widget-view+json"
    assert {"image/svg+xml", "text/html", widget} <= kinds_of_output(done)
