"""An annex of points becomes a framework file that loads and scores in points."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from annexes import CRITERIA, TITLED, imported, workbook
from annexes import CRITERIA_HEADING as HEADING
from click.testing import CliRunner

import kpi_lib as kpi
from kpi_lib.cli.main import main
from kpi_lib.exchange.imports import Head
from kpi_lib.io.yaml import read_yaml


@pytest.mark.parametrize("name", ["annex.xlsx", "annex-without-sums.xlsx"])
def test_a_table_of_criteria_is_the_same_with_and_without_sums(
    name: str, shared: Path, tmp_path: Path
) -> None:
    source = tmp_path / name
    folder = shared / "cases" / "reading-and-running" / "points-of-a-ministry"
    source.write_bytes((folder / name).read_bytes())
    made = imported(source, Head())
    assert made.framework.title["vi"] == "BỘ TIÊU CHÍ ĐÁNH GIÁ"
    assert (made.rules, made.unread, made.problems) == (5, (), ())
    data, _ = read_yaml(source.with_suffix(".yaml"))
    assert data["scale"] == "points"
    points = [sum(leaf["points"] for leaf in group["indicators"]) for group in data["groups"]]
    assert points == [20, 15]


def test_maximum_points_sum_in_their_groups(tmp_path: Path) -> None:
    rows = [
        ("TT", "Chỉ số, chỉ số thành phần", "Điểm tối đa"),
        (1, "NHẬN THỨC SỐ", 100),
        (1.1, "Ban chỉ đạo", 60),
        (1.2, "Chuyên mục", 40),
        (2, "THỂ CHẾ SỐ", 50),
    ]
    made = imported(workbook(tmp_path / "a.xlsx", rows))
    data, _ = read_yaml(tmp_path / "a.yaml")
    assert [leaf["points"] for leaf in data["groups"][0]["indicators"]] == [60, 40]
    assert made.framework.node("2").title["vi"] == "THỂ CHẾ SỐ"


def test_the_wording_of_each_rule_stands_beside_what_was_made_of_it(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "a.xlsx", [HEADING, ("I", "Hạ tầng"), *CRITERIA]))
    written = (tmp_path / "a.yaml").read_text(encoding="utf-8")
    assert "- code: I.1  # rule: Tỷ lệ × điểm tối đa\n" in written


def test_the_import_counts_the_rules_and_names_those_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [HEADING, ("I", "N"), *CRITERIA, (3, "Chất lượng", "%", 5, "Theo hướng dẫn")]
    workbook(tmp_path / "a.xlsx", rows)
    words = ("framework", "import", "a.xlsx", "-o", "a.yaml", "--title", TITLED.title)
    made = CliRunner().invoke(main, list(words))
    assert made.exit_code == 0
    assert "Scoring rules: 2 were read, 1 were not: I.3." in made.output


def test_an_annex_of_points_scores_in_points(tmp_path: Path) -> None:
    made = imported(workbook(tmp_path / "a.xlsx", [HEADING, ("I", "Hạ tầng"), *CRITERIA]))
    data = tmp_path / "data.csv"
    data.write_text(
        "city,period,indicator,value\nhue,2025,I.1,80\nhue,2025,I.2,có\n", encoding="utf-8"
    )
    board = kpi.score(kpi.read_observations(data, made.framework), made.framework)
    total = board.scores.query("code == 'TOTAL'").iloc[0]
    assert total["score"] == pytest.approx(13)


def test_yes_or_no_is_proposed_in_the_points_of_the_indicator(tmp_path: Path) -> None:
    rows = [HEADING, ("I", "N"), (1, "Có trung tâm dữ liệu", "có/không", 5, "theo minh chứng")]
    imported(workbook(tmp_path / "a.xlsx", rows))
    words = ("framework", "suggest", str(tmp_path / "a.yaml"), "-o", str(tmp_path / "b.yaml"))
    assert CliRunner().invoke(main, list(words)).exit_code == 0
    data, _ = read_yaml(tmp_path / "b.yaml")
    (leaf,) = data["groups"][0]["indicators"]
    assert leaf["normalise"] == {"method": "categories", "scores": {"có": 5, "không": 0}}


def test_what_is_proposed_is_marked_and_keeps_wrong_values_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    workbook(tmp_path / "a.xlsx", [HEADING, ("I", "Hạ tầng"), *CRITERIA])
    words = ("framework", "import", "a.xlsx", "-o", "a.yaml", "--title", TITLED.title)
    said = CliRunner().invoke(main, words).output
    assert "A range of possible values (valid:) is proposed for 1 indicator" in said
    written = Path("a.yaml").read_text(encoding="utf-8")
    assert "valid: [0, 100]  # proposed: a share in % lies between 0 and 100\n" in written
    Path("d.csv").write_text("city,period,indicator,value\nx,2025,I.1,950\n", encoding="utf-8")
    checked = CliRunner().invoke(main, ["check", "d.csv", "-f", "a.yaml"])
    assert checked.exit_code == 1
    assert "found 950; expected a value from 0 to 100 (%) for I.1." in checked.output


def test_indicators_beside_a_group_get_a_group_of_their_own_with_their_points(
    tmp_path: Path,
) -> None:
    """A group holds groups or indicators, and the points stay where they were given."""
    rows = [
        HEADING,
        ("I", "Hạ tầng", None, 30),
        (1, "Mạng", None, 15),
        (1.1, "Tỷ lệ hộ có Internet", "%", 10, "Tỷ lệ × điểm tối đa"),
        (1.2, "Có trung tâm dữ liệu", "có/không", 5, "Có: 5 điểm; không: 0 điểm"),
        (2, "Tỷ lệ dân có điện thoại", "%", 8, "Tỷ lệ × điểm tối đa"),
        (3, "Tỷ lệ xã có cáp", "%", 7, "Tỷ lệ × điểm tối đa"),
    ]
    made = imported(workbook(tmp_path / "a.xlsx", rows))
    data, _ = read_yaml(tmp_path / "a.yaml")
    (whole,) = data["groups"]
    assert "indicators" not in whole
    assert [group["code"] for group in whole["groups"]] == ["I.1", "I.0"]
    assert whole["groups"][1]["title"]["vi"] == "Hạ tầng: các chỉ số khác"
    assert [leaf["points"] for leaf in whole["groups"][1]["indicators"]] == [8, 7]
    (note,) = made.problems
    assert note.row == 6
    assert "'Hạ tầng' has groups and indicators side by side" in note.message


def test_of_groups_and_indicators_side_by_side_the_best_alone_counts_if_it_did(
    tmp_path: Path,
) -> None:
    rows = [
        HEADING,
        ("I", "Sáng tạo (chỉ tính nội dung cao nhất)", None, 9),
        (1, "Mạng", None, 4),
        (1.1, "Có cáp", "có/không", 4, "Có: 4 điểm; không: 0 điểm"),
        (2, "Có trung tâm", "có/không", 9, "Có: 9 điểm; không: 0 điểm"),
        (3, "Có nền tảng", "có/không", 8, "Có: 8 điểm; không: 0 điểm"),
    ]
    made = imported(workbook(tmp_path / "a.xlsx", rows))
    data = pd.DataFrame({"city": ["x"], "period": ["2025"]} | {f"I.{n}": ["có"] for n in (2, 3)})
    board = kpi.score(kpi.read_observations(data, made.framework), made.framework)
    total = board.scores.set_index("code").loc["TOTAL"]
    assert total[["score", "maximum"]].tolist() == [9, 9]
