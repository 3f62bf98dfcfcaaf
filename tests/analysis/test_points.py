"""Where the points of a city went."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scored_points import scored

from kpi_lib.analysis.points import (
    extra_points,
    lost_points,
    not_applicable,
    of_quality,
    reviewed,
    verified_of,
)
from kpi_lib.report.city import CityReport
from kpi_lib.report.sections import glance, needed, points
from kpi_lib.report.view.city import view_of
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard


@pytest.fixture
def board(tmp_path: Path) -> Scoreboard:
    return scored(tmp_path)


def test_points_lost_stand_largest_first(board: Scoreboard) -> None:
    lost = lost_points(board, "b")
    assert list(lost.index[:3]) == ["A5", "A1", "A2"]
    assert lost["lost"].head(3).to_list() == pytest.approx([3, 1.75, 0.4])
    assert lost.at["A5", "missing"]
    assert "A3" not in lost.index  # it does not apply
    assert "A4" not in lost.index  # a deduction


def test_what_does_not_apply_is_not_missing(board: Scoreboard) -> None:
    view = view_of(board, "b", "2025", "en")
    assert [leaf.code for leaf in view.absent] == ["A5", "C1"]
    assert view.measured("A3") == "not applicable"
    assert "A3" not in needed.data(view).index
    assert glance.data(view)["indicators"].item() == len(board.framework.indicators) - 1


def test_points_given_are_not_compared_with_values(board: Scoreboard) -> None:
    view = view_of(board, "a", "2025", "en")
    assert view.other_values["A1"].isna().all()  # 8.25 points of b beside 60 % of a
    assert not view.other_values["A2"].isna().any()
    own = view_of(board, "b", "2025", "en")
    assert own.measured("A1") == "8.25 points"


def test_losses_that_do_not_sum_say_why(board: Scoreboard) -> None:
    view = view_of(board, "a", "2025", "en")
    lost = lost_points(board, "a")["lost"].sum()
    maximum, earned = board.maximum, board.points.loc[("a", "2025"), "TOTAL"]
    assert maximum is not None
    assert lost != pytest.approx(maximum.loc[("a", "2025"), "TOTAL"] - (earned - 1.5))
    assert "only the best part counts" in str(points.points(view)[0])


def test_what_counts_nothing_loses_nothing(board: Scoreboard) -> None:
    other = score(board.observations, board.framework, weights={"A5": 0})
    assert "A5" not in lost_points(other, "b").index


def test_what_weighs_nothing_is_of_no_points_and_its_group_of_as_many(board: Scoreboard) -> None:
    """Its siblings stand in for it; what its rule gives, and how it compares, stays to be seen."""
    before = board.scores.set_index(["city", "code"])
    for weights, idle in (({"A5": 0}, {"A5"}), ({"B": 0}, {"B", "B1", "B2"})):
        other = score(board.observations, board.framework, weights=weights)
        after = other.scores.set_index(["city", "code"])
        for city, code in before.index:
            expected = 0 if code in idle else before.at[(city, code), "maximum"]
            assert after.at[(city, code), "maximum"] == expected
        assert other.shares[list(idle)].equals(board.shares[list(idle)])
    assert not {"B1", "B2"} & set(lost_points(other, "b").index)


def test_bonus_and_deduction_are_lines_of_their_own(board: Scoreboard) -> None:
    extra = extra_points(board, "a")
    assert extra["points"].to_dict() == {"A4": -0.5, "C1": 2}
    assert extra["limit"].to_dict() == {"A4": -1, "C1": 2}


def test_what_a_review_changed_is_said_with_its_reason(board: Scoreboard) -> None:
    found = reviewed(board, "b")
    assert found.loc["A1"].to_dict() == {
        "reported": 9.5,
        "verified": 8.25,
        "difference": -1.25,
        "note": "hồ sơ thiếu",
    }
    assert verified_of(board, "b") == (1, 6)  # A1 of all that b has, A1 to B2 but for A3 and A5
    assert verified_of(board, "a") == (0, 0)  # nobody says who looked at them
    assert reviewed(board, "a").empty
    assert list(not_applicable(board, "b").index) == ["A3"]


def page(report: CityReport) -> str:
    """The text of a report's pieces, without markup."""
    pieces = (report.title(), report.glance(), report.parts(), report.points())
    html = " ".join(piece.html for piece in pieces if piece is not None)
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


def test_the_report_says_points_of_how_many(board: Scoreboard) -> None:
    text = page(CityReport(view_of(board, "b", "2025", "en")))
    assert "Composite score 16.85 out of 23" in text
    assert "13.85 out of 20.00" in text
    assert "5.15 points are lost, most of them in “slow” (3.00 of 3.00)" in text
    assert "By what was reported the total is 18.10, by what is verified 16.85." in text
    assert "Not applicable: “each”." in text


def test_a_report_by_what_was_reported_gives_both_totals_and_says_what_counts(
    board: Scoreboard,
) -> None:
    other = of_quality(board, "reported")
    assert reviewed(other, "b").equals(reviewed(board, "b"))
    assert verified_of(other, "b") == verified_of(board, "b") == (1, 6)
    report = CityReport(view_of(other, "b", "2025", "en"))
    text = page(report)
    assert "Composite score 18.10 out of 23" in text
    assert "By what was reported the total is 18.10, by what is verified 16.85." in text
    said = "Where a value was self-scored and verified, the self-scored one counts here"
    assert said in report.method().text
    assert said not in CityReport(view_of(board, "b", "2025", "en")).method().text


def test_provisional_values_are_counted_at_the_top(board: Scoreboard) -> None:
    said = page(CityReport(view_of(board, "a", "2025", "vi")))
    assert "1 giá trị là số sơ bộ" in said
    assert "17,40 trên 23" in said
