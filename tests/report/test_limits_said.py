"""What limits the figures of a page is said: other indicators than before, values not final."""

from __future__ import annotations

from pathlib import Path

import kpi_lib as kpi
from kpi_lib.report.sections import glance
from kpi_lib.report.view.city import CityView

FRAMEWORK = """\
id: t
version: "1"
title: T
groups:
  - code: A
    title: A
    indicators:
      - {code: A1, title: A1, direction: higher, goalposts: [0, 100]}
      - {code: A2, title: A2, direction: higher, goalposts: [0, 100]}
      - {code: A3, title: A3, direction: higher, goalposts: [0, 100]}
"""


def view(folder: Path, data: str, lang: str = "en") -> CityView:
    (folder / "f.yaml").write_text(FRAMEWORK, encoding="utf-8")
    (folder / "d.csv").write_text(data, encoding="utf-8")
    framework = kpi.load_framework(folder / "f.yaml")
    board = kpi.score(kpi.read_observations(folder / "d.csv", framework), framework)
    return CityView(board, "x", "2025", lang)


def test_what_comes_from_other_indicators_is_said_and_all_sums_up(tmp_path: Path) -> None:
    """x: (60 + 20)/2 = 40, then (56 + 80)/2 = 68; on A1, that both have, it loses 4."""
    own = view(tmp_path, "city,period,A1,A2,A3\nx,2024,60,20,\nx,2025,56,,80\ny,2025,5,6,7\n")
    said = glance.piece(own).text
    assert "Against 2024 the score moved by +28.0 in all: −4.0 on the indicators of both" in said
    assert "+20.0 as these no longer count: “A2” and +12.0 as these now count: “A3”." in said
    same = view(tmp_path, "city,period,A1,A2,A3\nx,2024,60,20,5\nx,2025,56,1,80\ny,2025,5,6,7\n")
    assert "in all:" not in glance.piece(same).text


def test_values_that_are_not_final_are_counted_in_the_words_of_the_data(tmp_path: Path) -> None:
    rows = [("A1", "ước tính"), ("A2", "sơ bộ"), ("A3", "chính thức")]
    lines = [f"x,2025,{code},50,{quality}" for code, quality in rows]
    own = view(tmp_path, "\n".join(["city,period,indicator,value,quality", *lines]))
    assert "Of 3 values, 1 is provisional and 1 is estimated." in glance.title(own).html
