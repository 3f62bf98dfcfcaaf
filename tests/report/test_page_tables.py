"""Tables of a researcher's own on a page, and medians beside what they are medians of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kpi_lib as kpi
from kpi_lib.report.page.tables import frame_table

ROOT = Path(__file__).parents[2]


def test_a_table_has_heads_and_numbers_in_the_language_of_the_page() -> None:
    frame = pd.DataFrame({"part": ["A"], "score": [1234.56], "mine": [np.nan]}).set_index("part")
    shown = frame_table(frame, "vi")
    assert "Điểm</th>" in shown.html
    assert "1.234,6" in shown.html
    assert "mine</th>" in shown.html
    assert "nan" not in shown.html
    assert "1,234.6" in frame_table(frame, "en").html
    pd.testing.assert_frame_equal(shown.data, frame)


def test_the_median_beside_points_is_of_points() -> None:
    """The council gives II.4 of one city in points; the others have shares of a survey."""
    report = kpi.city_report(
        "mau-c", framework="provincial-scoring-demo@1.0", data=ROOT / "data/raw/scoring-demo"
    )
    view, shares = report.view, report.board.shares.xs(report.period, level="period")["II.4"]
    others = view.median_group
    beside = shares[report.peers] if others else shares.drop(index="mau-c")
    assert view.peer_value_medians["II.4"] == pytest.approx(beside.median() * 10 / 100)
    assert view.measured("II.4").endswith("điểm")
    assert view.peer_median("II.4").endswith("điểm")


@pytest.mark.parametrize(("decimals", "written"), [(3, "0.667"), (None, "0.6667")])
def test_a_score_has_the_decimals_that_the_framework_asks_for(
    decimals: int | None, written: str
) -> None:
    leaf = {"code": "A1", "title": "One", "direction": "higher", "goalposts": [0, 3]}
    group = {"code": "A", "title": "A", "indicators": [leaf]}
    framework = {"id": "x", "version": "1", "title": "X", "scale": "one", "groups": [group]}
    if decimals is not None:
        framework["decimals"] = decimals
    rows = [("a", 2025, "A1", 2.0), ("b", 2025, "A1", 1.0)]
    data = pd.DataFrame(rows, columns=["city", "period", "indicator", "value"])
    view = kpi.city_report("a", 2025, kpi.load_framework(framework), data, "en").view
    assert view.score(view.points["TOTAL"]) == written
