"""An annex of points: what each row earns, adds or takes, and the sums that its groups give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from annexes import CRITERIA, workbook
from annexes import CRITERIA_HEADING as HEADING

from kpi_lib.exchange.annex.keys import annex_data
from kpi_lib.exchange.annex.making import AnnexData
from kpi_lib.exchange.annex.read import read_annex
from kpi_lib.framework.origins import Origins
from kpi_lib.io.tables.grids import workbook_grids


def mapped(path: Path, *rows: Sequence[Any], heading: Sequence[Any] = HEADING) -> AnnexData:
    """Read a table of criteria into the keys of a framework file."""
    source = workbook(path / "annex.xlsx", [heading, *rows])
    annex = read_annex(workbook_grids(openpyxl.load_workbook(source)), str(source))
    made = annex_data(annex.root, Origins(str(source)), "Thử", annex.total)
    made.problems[:0] = annex.problems
    return made


def leaves(made: AnnexData) -> list[dict[str, Any]]:
    return [leaf for group in made.groups for leaf in group["indicators"]]


def errors(made: AnnexData) -> list[str]:
    return [
        f"row {problem.row}: {problem.message}"
        for problem in made.problems
        if problem.severity == "error"
    ]


@pytest.mark.parametrize("sum_", [15, None])
def test_points_belong_to_criteria_and_groups_sum_them(sum_: int | None, tmp_path: Path) -> None:
    made = mapped(tmp_path, ("I", "Hạ tầng", None, sum_), *CRITERIA)
    assert made.points
    (group,) = made.groups
    assert "weight" not in group
    assert "cap" not in group
    assert [leaf["points"] for leaf in group["indicators"]] == [10, 5]
    assert [leaf.get("goalposts") for leaf in group["indicators"]] == [[0, 100], None]
    assert errors(made) == []


def test_a_group_whose_points_are_not_the_sum_is_an_error_with_both(tmp_path: Path) -> None:
    made = mapped(tmp_path, ("I", "Hạ tầng", None, 20), *CRITERIA)
    assert errors(made) == ["row 2: 'Hạ tầng' has 20 points, but those below it sum to 15."]


@pytest.mark.parametrize(
    ("title", "points"),
    [("Hạ tầng", "tối đa 12"), ("Hạ tầng", "≤ 12"), ("Hạ tầng (không quá 12 điểm)", None)],
)
def test_a_group_may_earn_less_than_its_parts(title: str, points: Any, tmp_path: Path) -> None:
    made = mapped(tmp_path, ("I", title, None, points), *CRITERIA)
    assert made.groups[0]["cap"] == 12
    assert errors(made) == []


def test_the_total_below_the_table_is_compared(tmp_path: Path) -> None:
    rows = [("I", "Hạ tầng", None, 15), *CRITERIA]
    assert errors(mapped(tmp_path, *rows, (None, "Tổng cộng", None, 15))) == []
    made = mapped(tmp_path, *rows, (None, "TỔNG ĐIỂM", None, 100))
    assert errors(made) == ["row 5: the total is 100 points, but the points above it sum to 15."]


def test_bonus_and_deduction_are_known_by_group_title_and_sign(tmp_path: Path) -> None:
    made = mapped(
        tmp_path,
        ("I", "Hạ tầng"),
        *CRITERIA,
        (3, "Điểm thưởng cho sáng kiến", "sáng kiến", 2, "mỗi sáng kiến 1 điểm, tối đa 2"),
        (4, "Báo cáo chậm", "báo cáo", -1, "trễ: trừ 0,25 điểm mỗi báo cáo, thấp nhất −1"),
        ("II", "Điểm trừ", None, 3),
        (1, "Để xảy ra sự cố", "vụ", 3, "mỗi vụ trừ 1 điểm, tối đa 3"),
        ("III", "Điểm cộng"),
        (1, "Có mô hình mới", "có/không", "+2", "Có: 2 điểm; không: 0"),
    )
    kinds = [
        next((kind, leaf[kind]) for kind in ("points", "bonus", "deduction") if kind in leaf)
        for leaf in leaves(made)
    ]
    assert kinds == [
        *(("points", 10), ("points", 5), ("bonus", 2), ("deduction", 1)),
        *(("deduction", 3), ("bonus", 2)),
    ]
    assert leaves(made)[3]["normalise"]["knots"] == [[0, 0], [4, -1]]
    assert errors(made) == []
    assert made.unread == []


def test_columns_of_bonus_and_deduction_stand_beside_the_points(tmp_path: Path) -> None:
    made = mapped(
        tmp_path,
        ("I", "N"),
        (1, "Một", "%", 5, None, None),
        (2, "Hai", "giải", None, 2, None),
        (3, "Ba", "vụ", None, None, 1),
        heading=("TT", "Tiêu chí", "Đơn vị", "Thang điểm", "Điểm thưởng", "Điểm trừ"),
    )
    assert [
        {key: leaf[key] for key in ("points", "bonus", "deduction") if key in leaf}
        for leaf in leaves(made)
    ] == [{"points": 5}, {"bonus": 2}, {"deduction": 1}]


def test_of_several_criteria_only_the_best_may_count(tmp_path: Path) -> None:
    made = mapped(
        tmp_path,
        ("I", "Danh hiệu (chỉ tính tiêu chí cao nhất)", None, 10),
        *CRITERIA,
    )
    assert made.groups[0]["aggregate"] == "max"
    assert errors(made) == []


def test_a_rule_that_is_not_understood_is_kept_and_listed(tmp_path: Path) -> None:
    made = mapped(
        tmp_path,
        ("I", "N"),
        *CRITERIA,
        (3, "Chất lượng", "%", 5, "Theo hướng dẫn của Bộ"),
    )
    assert made.unread == ["I.3"]
    assert len(made.rules) == 2
    leaf = leaves(made)[2]
    assert leaf["points"] == 5
    assert leaf["definition"] == "Cách chấm điểm: Theo hướng dẫn của Bộ"
    (problem,) = made.problems
    assert (problem.severity, problem.row, problem.column) == ("warning", 5, "E: Cách chấm điểm")


def test_a_rule_may_stand_in_the_column_of_the_calculation(tmp_path: Path) -> None:
    made = mapped(
        tmp_path,
        ("I", "N"),
        (1, "Một", "%", 10, "Tỷ lệ × điểm tối đa"),
        (2, "Hai", "%", 5, "Số hồ sơ trực tuyến / Tổng số hồ sơ × 100%"),
        heading=("TT", "Chỉ số", "Đơn vị", "Điểm", "Phương pháp tính"),
    )
    first, second = leaves(made)
    assert first["goalposts"] == [0, 100]
    assert "definition" not in first
    assert second["formula"]["denominator"] == "Tổng số hồ sơ"
    assert "goalposts" not in second
    assert made.unread == []


def test_a_rule_gives_the_points_that_no_column_has(tmp_path: Path) -> None:
    made = mapped(
        tmp_path,
        ("I", "N"),
        (1, "Một", "%", "từ 80%: 10 điểm; dưới 80%: 0"),
        (2, "Hai", "%", "xem hướng dẫn"),
        heading=("TT", "Chỉ số", "Đơn vị", "Thang điểm"),
    )
    assert made.points
    assert leaves(made)[0]["points"] == 10
    assert errors(made) == ["row 4: the indicator has no points."]


def test_weights_without_points_stay_weights(tmp_path: Path) -> None:
    heading = ("TT", "Chỉ số", "Đơn vị", "Trọng số")
    made = mapped(tmp_path, ("I", "N", None, 2), (1, "Một", "%", 0.6), heading=heading)
    assert not made.points
    assert (made.groups[0]["weight"], leaves(made)[0]["weight"]) == (2, 0.6)


def test_what_those_who_score_fill_in_is_no_part_of_the_framework(tmp_path: Path) -> None:
    made = mapped(
        tmp_path,
        ("I", "N"),
        (1, "Một", "%", 10, 8, 7),
        heading=("TT", "Chỉ số", "Đơn vị", "Điểm tối đa", "Điểm tự chấm", "Điểm thẩm định"),
    )
    assert leaves(made)[0]["points"] == 10
    assert [problem.column for problem in made.problems] == [
        "E: Điểm tự chấm",
        "F: Điểm thẩm định",
    ]


@pytest.mark.parametrize("unit", ["%", None])
@pytest.mark.parametrize("apart", [False, True])
def test_the_clauses_of_a_rule_may_stand_in_rows_below_their_criterion(
    unit: str | None, apart: bool, tmp_path: Path
) -> None:
    def option(words: str, points: str) -> tuple[Any, ...]:
        return (None, words, None, points) if apart else (None, f"{words}: {points} điểm")

    made = mapped(
        tmp_path,
        ("1", "Cải cách hành chính", None, 2),
        ("1.1", "Mức độ hoàn thành kế hoạch", unit, 1.5),
        option("Hoàn thành từ 90% trở lên", "1,5"),
        option("Hoàn thành từ 70% - dưới 90%", "1"),
        option("Hoàn thành dưới 70%", "0"),
        ("1.2", "Ban hành kế hoạch", None, 0.5),
        option("Ban hành kịp thời", "0,5"),
        option("Ban hành không kịp thời", "0"),
        heading=("STT", "Tiêu chí", "Đơn vị", "Điểm tối đa"),
    )
    assert errors(made) == []
    first, second = leaves(made)
    assert first["normalise"]["steps"] == [[0, 0], [70, 1], [90, 1.5]]
    assert (first["unit"], first["points"], second["points"]) == ("%", 1.5, 0.5)
    assert second["normalise"]["scores"] == {
        "ban hành kịp thời": 0.5,
        "ban hành không kịp thời": 0,
    }


def test_rows_below_a_group_that_are_no_rule_are_criteria(tmp_path: Path) -> None:
    made = mapped(
        tmp_path,
        ("1", "Cải cách hành chính", None, 2),
        ("-", "Có kế hoạch", None, 1.5),
        ("-", "Có báo cáo", None, 0.5),
        heading=("STT", "Tiêu chí", "Đơn vị", "Điểm tối đa"),
    )
    assert [leaf["points"] for leaf in leaves(made)] == [1.5, 0.5]


def test_rows_without_points_below_a_criterion_are_the_text_of_its_rule(tmp_path: Path) -> None:
    made = mapped(
        tmp_path,
        ("1", "Cải cách hành chính", None, 3),
        ("1.1", "Ban hành kế hoạch", None, 2),
        (None, "Có kế hoạch được duyệt: 1 điểm"),
        (None, "Kế hoạch nêu đủ nội dung: 1 điểm"),
        ("1.2", "Báo cáo", None, 1),
        heading=("STT", "Tiêu chí", "Đơn vị", "Điểm tối đa"),
    )
    assert errors(made) == []
    assert made.unread == ["1.1"]
    assert leaves(made)[0]["definition"] == (
        "Có kế hoạch được duyệt: 1 điểm; Kế hoạch nêu đủ nội dung: 1 điểm"
    )


@pytest.mark.parametrize(
    ("title", "unit", "rule", "valid"),
    [
        ("Tỷ lệ hộ có Internet", "%", "≥ 70%: 10 điểm; dưới 70%: 0 điểm", [0, 100]),
        ("Tỷ lệ hồ sơ trực tuyến", "", "Từ 80% trở lên: 10 điểm; dưới 80%: 0 điểm", [0, 100]),
        ("Số điểm wifi", "", "Mỗi điểm 1 điểm, không quá 10", [0, None]),
        ("Báo cáo trễ hạn", "", "Mỗi báo cáo 2 điểm, không quá 10", [0, None]),
        ("Thu ngân sách so với dự toán", "%", "Từ 110%: 10 điểm; dưới 110%: 0 điểm", None),
        ("Tỷ lệ thu hồi nợ", "%", "Từ 110% trở lên: 10 điểm; dưới 110%: 0 điểm", None),
        ("Tỷ lệ hoàn thành kế hoạch", "%", "≥ 70%: 10 điểm; dưới 70%: 0 điểm", [0, None]),
        ("Tốc độ tăng năng suất", "%", "≥ 7%: 10 điểm; dưới 7%: 0 điểm", None),
        ("Có trung tâm dữ liệu", "có/không", "Có: 10 điểm; không: 0 điểm", None),
        ("Có trung tâm dữ liệu", "", "Có: 10 điểm; không: 0 điểm", None),
    ],
)
def test_possible_values_are_proposed_where_unit_and_title_tell_them(
    title: str, unit: str, rule: str, valid: Any, tmp_path: Path
) -> None:
    """A growth may be below 0, and what is measured against a plan above 100 %."""
    rows = [(1, title, unit, 10, rule)]
    made = mapped(tmp_path, *rows)
    (leaf,) = leaves(made)
    assert "normalise" in leaf
    assert leaf.get("valid") == valid
    assert len(made.proposed) == (valid is not None)


def test_targets_outside_a_proposal_leave_it_out(tmp_path: Path) -> None:
    heading = ("TT", "Tên chỉ số", "Đơn vị tính", "Mục tiêu 2025")
    rows = (1, "Tỷ lệ phủ sóng", "%", 120), (2, "Tỷ lệ hộ", "%", 80)
    made = mapped(tmp_path, *rows, heading=heading)
    assert [leaf.get("valid") for leaf in leaves(made)] == [None, [0, 100]]
