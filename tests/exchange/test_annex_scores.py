"""Annexes of points in layouts that offices use score without a line of YAML being edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from annexes import Rows, imported, workbook
from docx import Document

import kpi_lib as kpi
from kpi_lib.errors import InputError, Problem
from kpi_lib.exchange.imports import Head, Imported
from kpi_lib.io.yaml import read_yaml

Annex = tuple[Rows, list[str]]

POINTS_OF_GROUPS: Annex = (
    [
        ("PHỤ LỤC I",),
        ("BỘ TIÊU CHÍ ĐÁNH GIÁ CHUYỂN ĐỔI SỐ CẤP XÃ",),
        ("STT", "Tiêu chí", "Đơn vị", "Điểm tối đa", "Cách chấm"),
        ("I", "CHÍNH QUYỀN SỐ", None, 40),
        (1, "Hồ sơ trực tuyến", "%", 20, "Đạt 100%: 20 điểm; mỗi 1% giảm trừ 0,5 điểm"),
        (2, "Hồ sơ đúng hạn", "%", 15, "80% - 100%: 15; 50% - 79%: 5; dưới 50%: 0"),
        (3, "Ban hành kế hoạch", "", 5, "Ban hành trước 31/01: 5; sau: 2,5; không: 0"),
        ("II", "XÃ HỘI SỐ", None, 20),
        (1, "Tài khoản định danh (*)", "%", 10, "Điểm = tỷ lệ × 10/90%, tối đa 10 điểm"),
        (2, "Số lớp tập huấn", "lớp", 10, "Mỗi lớp được 2 điểm nhưng không quá 10 điểm"),
        ("TỔNG CỘNG", None, None, 60),
        ("(*) Tính trên dân số từ 14 tuổi trở lên",),
    ],
    ["A2:E2"],
)
RULES_IN_REMARKS: Annex = (
    [
        ("Biểu 02: THANG ĐIỂM ĐÁNH GIÁ ĐÔ THỊ THÔNG MINH",),
        ("TT", "Nội dung đánh giá", "Thang điểm", "Ghi chú"),
        ("I. Hạ tầng số (20 điểm)",),
        (1, "Tỷ lệ phủ sóng 5G", 10, "Tỷ lệ (%) × 10"),
        (2, "Có trung tâm điều hành", 10, "Có (10 điểm)/Không (0 điểm)"),
        ("II. Dữ liệu số (15 điểm)",),
        (3, "Số bộ dữ liệu mở", 10, "Mỗi bộ dữ liệu 0,5 điểm, tối đa 10 điểm"),
        (4, "Tỷ lệ kết nối", 5, "Từ 80% trở lên: 5 điểm\nDưới 80%: tính điểm theo tỷ lệ"),
    ],
    ["A1:D1", "A3:D3", "A6:D6"],
)
CLAUSES_IN_ROWS: Annex = (
    [
        ("BẢNG TIÊU CHÍ CHẤM ĐIỂM",),
        ("TT", "Tiêu chí", "Điểm chuẩn", "Cách tính điểm", "Điểm tự chấm"),
        ("A", "CẢI CÁCH HÀNH CHÍNH", 9),
        (1, "Thực hiện kế hoạch", 4),
        (None, "Hoàn thành 100% kế hoạch: 4 điểm"),
        (None, "Hoàn thành từ 80% đến dưới 100% kế hoạch: 2 điểm"),
        (None, "Hoàn thành dưới 80% kế hoạch: 0 điểm"),
        (2, "Báo cáo định kỳ", 5, "Đúng hạn: 5 điểm; chậm mỗi ngày trừ 0,5 điểm"),
        ("B", "ĐIỂM THƯỞNG", 2),
        (1, "Sáng kiến", 2, "Mỗi sáng kiến được cộng 1 điểm, tối đa 2 điểm"),
        ("C", "ĐIỂM TRỪ", -3),
        (1, "Để xảy ra vi phạm", -3, "Mỗi vụ vi phạm trừ 1 điểm, tối đa trừ 3 điểm"),
    ],
    [],
)
HEADING_OF_TWO_ROWS: Annex = (
    [
        ("BỘ CHỈ SỐ ĐÔ THỊ THÔNG MINH CẤP TỈNH",),
        ("STT", "Lĩnh vực", "Chỉ số", "Điểm", None, "Cơ quan theo dõi"),
        (None, None, None, "Tối đa", "Cách chấm", None),
        (1, "Giao thông", "Tỷ lệ nút giao", 10, "Từ 80%: 10; dưới 80%: theo tỷ lệ", "Sở A"),
        (2, None, "Thời gian chờ (phút)", 5, "Dưới 1 phút: 5; từ 1 phút: 2 điểm", "Sở A"),
        (3, "Môi trường", "Số trạm (trạm)", 5, "Từ 05: 5; 3 - 4 trạm: 3; dưới 3: 0", "Sở B"),
    ],
    ["D2:E2", "A2:A3", "B2:B3", "C2:C3", "F2:F3", "B4:B5"],
)
LAYOUTS: list[tuple[Annex, dict[str, Any], float, float]] = [
    # 20 − 2,5 + 15 + 2,5 + 5 + 8
    (
        POINTS_OF_GROUPS,
        {"I.1": 95, "I.2": 80, "I.3": "sau 31/01", "II.1": 45, "II.2": 4},
        48,
        60,
    ),
    # 5,5 + 10 + 2 + 2,5
    (RULES_IN_REMARKS, {"I.1": 55, "I.2": "có", "II.3": 4, "II.4": 40}, 20, 35),
    # 2 + 4 + 1 − 2
    (CLAUSES_IN_ROWS, {"A.1": 80, "A.2": 2, "B.1": 1, "C.1": 2}, 5, 9),
    # 5 + 2 + 3
    (HEADING_OF_TWO_ROWS, {"G1.1": 40, "G1.2": 1, "G2.3": 4}, 10, 20),
]


def total(made: Imported, folder: Path, values: dict[str, Any]) -> tuple[float, float]:
    """The points of a city that has these values, and of how many."""
    rows = "".join(f"hue,2025,{code},{value}\n" for code, value in values.items())
    (folder / "data.csv").write_text(f"city,period,indicator,value\n{rows}", encoding="utf-8")
    read = kpi.read_observations(folder / "data.csv", made.framework)
    row = kpi.score(read, made.framework).scores.query("code == 'TOTAL'").iloc[0]
    return float(row["score"]), float(row["maximum"])


@pytest.mark.parametrize(("annex", "values", "earned", "most"), LAYOUTS)
def test_an_annex_scores_as_it_is_written(
    annex: Annex, values: dict[str, Any], earned: float, most: float, tmp_path: Path
) -> None:
    rows, merged = annex
    made = imported(workbook(tmp_path / "a.xlsx", rows, merged), Head())
    assert made.unread == ()
    assert total(made, tmp_path, values) == pytest.approx((earned, most))


@pytest.mark.parametrize(("annex", "values", "earned", "most"), LAYOUTS)
def test_a_word_table_scores_as_the_workbook_does(
    annex: Annex, values: dict[str, Any], earned: float, most: float, tmp_path: Path
) -> None:
    rows, merged = annex
    document = Document()
    document.add_paragraph(rows[0][0] if len(rows[1]) > 1 else rows[1][0])
    body = [row for row in rows if row[0] is None or len(row) > 1 or row[0][:2] in ("I.", "II")]
    width = max(map(len, body))
    table = document.add_table(0, width)
    for row in body:
        cells = table.add_row().cells
        for cell, value in zip(cells, row, strict=False):
            cell.text = "" if value is None else str(value)
        if len(row) == 1:
            cells[0].merge(cells[-1])
    for cells in merged:  # only the headings of two rows need it in Word
        if annex is HEADING_OF_TWO_ROWS and ":" in cells:
            first, last = (
                table.cell(int(one[1:]) - 2, ord(one[0]) - ord("A")) for one in cells.split(":")
            )
            first.merge(last)
    document.save(str(tmp_path / "a.docx"))
    made = imported(tmp_path / "a.docx", Head())
    assert made.unread == ()
    assert total(made, tmp_path, values) == pytest.approx((earned, most))


def test_points_in_the_brackets_of_a_group_are_its_sum_and_no_unit(tmp_path: Path) -> None:
    rows, merged = RULES_IN_REMARKS
    imported(workbook(tmp_path / "a.xlsx", rows, merged), Head())
    data, _ = read_yaml(tmp_path / "a.yaml")
    assert [group["title"] for group in data["groups"]] == ["Hạ tầng số", "Dữ liệu số"]
    assert "unit" not in data["groups"][0]["indicators"][1]
    wrong = [*rows[:2], ("I. Hạ tầng số (30 điểm)",), *rows[3:]]
    with pytest.raises(InputError, match="has 30 points, but those below it sum to 20"):
        imported(workbook(tmp_path / "b.xlsx", wrong, merged), Head())


def test_what_a_rule_leaves_open_is_said_in_the_row_and_in_the_file(tmp_path: Path) -> None:
    rows, merged = POINTS_OF_GROUPS
    made = imported(workbook(tmp_path / "a.xlsx", rows, merged), Head())
    (problem,) = made.problems
    assert (problem.severity, problem.row) == ("warning", 6)
    assert "values between 79 and 80 earn what 79 does" in problem.message
    written = (tmp_path / "a.yaml").read_text(encoding="utf-8")
    assert "dưới 50%: 0 | assumed: values between 79 and 80 earn what 79 does\n" in written


def test_a_rule_that_is_not_read_says_what_it_lacks(tmp_path: Path) -> None:
    rows = [*POINTS_OF_GROUPS[0][:3], ("I", "N"), (1, "Hồ sơ", "%", 10, "≥80: 10; 50-80: 5")]
    made = imported(workbook(tmp_path / "a.xlsx", rows), Head())
    (problem,) = made.problems
    assert "'≥80: 10; 50-80: 5'. It does not say what values below 50 earn." in problem.message
    assert made.unread == ("I.1",)


def test_errors_stand_before_warnings_and_each_says_which_it_is() -> None:
    said = str(InputError([Problem("odd.", severity="warning"), Problem("wrong.")]))
    assert said.splitlines()[1:] == ["  error: wrong.", "  warning: odd."]
    assert "error:" not in str(InputError([Problem("wrong."), Problem("worse.")]))
