"""Annexes are read however ministries lay them out: numbering, columns, units, targets."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from annexes import HEADING, codes, complaint, imported, table, titles, warned, workbook
from builders import both
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from kpi_lib.errors import InputError
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Formula, Reference


def test_a_gap_in_the_numbers_is_pointed_out(tmp_path: Path) -> None:
    source = table(tmp_path / "a.xlsx", ("A", "Nhóm"), (1, "Một", "%"), (3, "Ba", "%"))
    assert warned(imported(source)) == [
        "row 4: the number 3 follows 1; what is between them is not there."
    ]


def test_1_10_that_a_spreadsheet_made_1_1_is_1_10_again(tmp_path: Path) -> None:
    rows = [(f"1.{i}", f"Chỉ số {i} của nhóm", "%") for i in range(1, 10)]
    source = table(tmp_path / "a.xlsx", (1, "Nhóm"), *rows, (1.1, "Mười", "%"), (1.11, "11", "%"))
    assert codes(imported(source).framework)[-2:] == ["1.10", "1.11"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [("A", "Nhóm A"), ("I", "Một"), (1, "a", "%"), ("II", "Hai"), (1, "b", "%")],
            ["A", "A.I", "A.I.1", "A.II", "A.II.1"],
            id="letters, then roman numerals",
        ),
        pytest.param(
            [
                *((c, f"Nhóm {c}") for c in ()),
                *(x for c in "ABCDEFGHI" for x in ((c, c), (1, c, "%"))),
            ],
            [x for c in "ABCDEFGHI" for x in (c, f"{c}.1")],
            id="the letter I after H is no numeral",
        ),
        pytest.param(
            [
                ("I", "Nhóm"),
                (1, "Chỉ số", "%"),
                ("a)", "Cấp tỉnh"),
                ("b)", "Cấp xã"),
                (2, "x", "%"),
            ],
            ["I", "I.1", "I.1.a", "I.1.b", "I.0", "I.2"],
            id="parts of an indicator, and one beside them",
        ),
        pytest.param(
            [("I", "Nhóm"), (1, "x", "%"), (None, "y", "%"), (2, "z", "%")],
            ["I", "I.1", "I.3", "I.2"],
            id="a row without a number takes none that another has",
        ),
        pytest.param(
            [("I", "Nhóm"), (1, "Chỉ số", "%"), ("-", "Cấp tỉnh"), ("-", "Cấp xã")],
            ["I", "I.1", "I.1.1", "I.1.2"],
            id="dashes",
        ),
        pytest.param(
            [("I", "Nhóm"), ("1.1", "a", "%"), ("1.2", "b", "%"), ("II", "N"), ("2.1", "c", "%")],
            ["I", "I.1.1", "I.1.2", "II", "II.2.1"],
            id="numbers that count the roman groups",
        ),
        pytest.param(
            [("I", "Nhóm"), (1, "a", "%"), (2, "b", "%"), ("II", "Nhóm hai"), (3, "c", "%")],
            ["I", "I.1", "I.2", "II", "II.3"],
            id="indicators counted through",
        ),
        pytest.param(
            [
                (None, "Mục tiêu 1: Sống"),
                (1, "Y tế"),
                (1.1, "a", "%"),
                (None, "Mục tiêu 2: Làm"),
                (1, "b", "%"),
            ],
            ["1", "1.1", "1.1.1", "2", "2.1"],
            id="objectives numbered in words",
        ),
        pytest.param(
            [(1, "Y tế"), (1, "a", "%"), (2, "b", "%"), (2, "Giáo dục"), (1, "c", "%")],
            ["1", "1.1", "1.2", "2", "2.1"],
            id="groups and indicators numbered alike",
        ),
        pytest.param(
            [(None, "Y tế"), (1, "a", "%"), (None, "Giáo dục"), (2, "b", "%")],
            ["G1", "G1.1", "G2", "G2.2"],
            id="groups without numbers",
        ),
        pytest.param(
            [("I", "Nhóm"), ("đ)", "a", "%")], ["I", "I.dd"], id="a letter that codes lack"
        ),
    ],
)
def test_numbering_is_the_tree_however_it_is_written(
    rows: list[tuple[Any, ...]], expected: list[str], tmp_path: Path
) -> None:
    assert codes(imported(table(tmp_path / "annex.xlsx", *rows)).framework) == expected


def test_what_a_group_row_says_holds_for_its_parts(tmp_path: Path) -> None:
    source = table(
        tmp_path / "annex.xlsx",
        ("I", "Nhóm"),
        (1, "Dịch vụ công", "%", None, "Văn phòng"),
        ("a)", "Cấp tỉnh"),
        ("b)", "Cấp xã", None, 50, "Các xã"),
    )
    first, second = imported(source).framework.indicators
    assert (first.unit, second.unit) == (both("%"), both("%"))
    assert (first.agency, second.agency) == (both("Văn phòng"), both("Các xã"))


def test_a_number_that_the_title_repeats_is_taken_off_it_and_no_other(tmp_path: Path) -> None:
    source = table(tmp_path / "a.xlsx", ("I", "I. Nhóm"), (1, "1. Một", "%"), (2, "20 xã có", "%"))
    assert titles(imported(source).framework) == ["Nhóm", "Một", "20 xã có"]


def test_groups_may_stand_in_columns_of_their_own(tmp_path: Path) -> None:
    rows = [
        ("STT", "Mục tiêu", "Lĩnh vực", "Chỉ số", "ĐVT", "Trọng số"),
        (1, "Chất lượng sống", "Y tế", "Hồ sơ sức khỏe", "%", "0,6"),
        (2, None, None, "Khám từ xa", "lượt", "0,4"),
        (3, None, "Giáo dục", "Trường có mạng", "%", 1),
        (4, "Môi trường", "Không khí", "PM2.5", "µg/m³", 1),
    ]
    source = workbook(tmp_path / "a.xlsx", rows, ["B2:B4", "C2:C3"])
    framework = imported(source).framework
    assert titles(framework) == [
        *("Chất lượng sống", "Y tế", "Hồ sơ sức khỏe", "Khám từ xa"),
        *("Giáo dục", "Trường có mạng", "Môi trường", "Không khí", "PM2.5"),
    ]
    assert [leaf.weight for leaf in framework.indicators] == [0.6, 0.4, 1, 1]
    unmerged = imported(workbook(tmp_path / "b.xlsx", rows)).framework
    assert unmerged.groups == framework.groups


def test_codes_of_the_annex_are_kept(tmp_path: Path) -> None:
    rows = [
        ("Mã số", "Tên chỉ số", "Tên tiếng Anh", "Đơn vị"),
        ("PS", "Dịch vụ công", "Public services"),
        ("PS.ONL", "Trực tuyến", "Online"),
        ("PS.ONL.1", "Tỷ lệ hồ sơ", "Share of files", "%"),
        ("QL", "Chất lượng", "Quality"),
        ("QL.1", "Số điểm", "Points", "điểm"),
    ]
    framework = imported(workbook(tmp_path / "a.xlsx", rows)).framework
    assert codes(framework) == ["PS", "PS.ONL", "PS.ONL.1", "QL", "QL.1"]
    assert framework.node("PS.ONL.1").title == {"vi": "Tỷ lệ hồ sơ", "en": "Share of files"}


def test_a_code_with_other_letters_is_respelled_and_said_to_be(tmp_path: Path) -> None:
    rows = [("Mã", "Chỉ số", "Đơn vị"), ("ĐT", "Đô thị"), ("ĐT.1", "Một", "%")]
    result = imported(workbook(tmp_path / "a.xlsx", rows))
    assert codes(result.framework) == ["DT", "DT.1"]
    assert warned(result)[0] == "row 2: the code 'ĐT' is written DT."


def test_two_rows_of_one_code_are_an_error(tmp_path: Path) -> None:
    rows = [("Mã", "Chỉ số", "Đơn vị"), ("A", "Nhóm"), ("A1", "Một", "%"), ("A1", "Hai", "%")]
    assert "row 4: the code 'A1' is there already, in row 3." in complaint(
        workbook(tmp_path / "a.xlsx", rows)
    )


def test_columns_are_known_in_english(tmp_path: Path) -> None:
    rows = [
        (
            "No.",
            "Indicator",
            "Definition",
            "Unit",
            "Numerator",
            "Denominator",
            *(
                *("Direction", "Target 2030", "Data source", "Reporting frequency", "Reference"),
                *("Low goalpost", "High goalpost", "Weight"),
            ),
        ),
        ("A", "Services"),
        (
            1,
            "Services online",
            "Full online services",
            "%",
            "online",
            "all services",
            *(
                *(
                    "higher",
                    100,
                    "City office",
                    "annually",
                    "ISO 37122:2019, 10.2; ITU-T Y.4903 1A",
                ),
                *(0, 100, 2),
            ),
        ),
    ]
    (leaf,) = imported(workbook(tmp_path / "a.xlsx", rows)).framework.indicators
    assert leaf.formula == Formula(both("online"), both("all services"), 100)
    assert (leaf.direction, leaf.goalposts, leaf.weight) == ("higher", (0, 100), 2)
    assert (leaf.targets, leaf.frequency) == ({2030: 100}, "annual")
    assert leaf.references == (Reference("ISO 37122:2019", "10.2"), Reference("ITU-T Y.4903", "1A"))


@pytest.mark.parametrize(
    "heading",
    [
        ("TT", "Lĩnh vực/Tiêu chí/Tiêu chí thành phần", "Điểm tối đa", "Căn cứ chấm điểm"),
        ("STT", "Tiêu chí, tiêu chí thành phần", "Thang điểm", "Chi tiết cách cho điểm"),
        ("Số TT", "Nhóm tiêu chí - Tiêu chí", "Điểm chuẩn", "Quy định chấm điểm"),
    ],
)
def test_one_column_may_be_headed_by_groups_and_indicators(
    heading: tuple[str, ...], tmp_path: Path
) -> None:
    rows = [
        heading,
        ("I", "Hạ tầng số", "10đ"),
        (1, "Tỷ lệ phủ sóng 5G", "10đ", "Từ 50%: 10đ; dưới 50%: 0đ"),
    ]
    (leaf,) = imported(workbook(tmp_path / "a.xlsx", rows)).framework.indicators
    assert (leaf.code, leaf.points, leaf.unit["vi"]) == ("I.1", 10, "%")
    assert leaf.normalise is not None
    assert leaf.normalise.name == "bands"


def test_targets_may_carry_their_years_in_the_cell(tmp_path: Path) -> None:
    rows = [
        ("TT", "Chỉ số", "Đơn vị", "Mục tiêu"),
        ("I", "Nhóm"),
        (1, "Một", "%", "2025: 80%; 2030: 100%"),
        (2, "Hai", "%", "80% vào năm 2025"),
    ]
    one, two = imported(workbook(tmp_path / "a.xlsx", rows)).framework.indicators
    assert (one.targets, two.targets) == ({2025: 80, 2030: 100}, {2025: 80})
    rows.append((3, "Ba", "%", "80%"))
    assert "found '80%' without its year" in complaint(workbook(tmp_path / "b.xlsx", rows))


def test_a_calculation_that_is_no_ratio_is_kept_with_the_definition(tmp_path: Path) -> None:
    rows = [
        ("TT", "Chỉ số", "Định nghĩa", "Phương pháp tính"),
        ("I", "Nhóm"),
        (1, "Một", "Số trạm quan trắc.", "Đếm theo danh sách của Sở"),
    ]
    (leaf,) = imported(workbook(tmp_path / "a.xlsx", rows)).framework.indicators
    assert leaf.formula is None
    assert leaf.definition == both("Số trạm quan trắc. Phương pháp tính: Đếm theo danh sách của Sở")


def test_a_unit_in_the_heading_holds_for_the_column(tmp_path: Path) -> None:
    rows = [("TT", "Chỉ số", "Mục tiêu 2025 (%)"), ("I", "Nhóm"), (1, "Một", 80)]
    (leaf,) = imported(workbook(tmp_path / "a.xlsx", rows)).framework.indicators
    assert (leaf.unit, leaf.targets) == (both("%"), {2025: 80})


def test_a_unit_above_the_table_holds_for_all(tmp_path: Path) -> None:
    rows = [("Đơn vị tính: tỷ đồng",), ("TT", "Chỉ số", "Cơ quan"), ("I", "N"), (1, "Một", "Sở TC")]
    (leaf,) = imported(workbook(tmp_path / "a.xlsx", rows)).framework.indicators
    assert leaf.unit == both("tỷ đồng")


def test_brackets_that_are_no_unit_stay_in_the_title(tmp_path: Path) -> None:
    source = table(tmp_path / "a.xlsx", ("I", "N"), (1, "Nền tảng tích hợp (LGSP)", "nền tảng"))
    assert imported(source).framework.indicators[0].title == both("Nền tảng tích hợp (LGSP)")


def test_a_percentage_that_the_sheet_shows_is_read_as_it_is_shown(tmp_path: Path) -> None:
    path = table(tmp_path / "a.xlsx", ("I", "N"), (1, "Một", "%", 0.8))
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["D3"].number_format = "0%"
    book.save(path)
    assert imported(path).framework.indicators[0].targets == {2025: 80}


def test_a_heading_printed_again_is_no_row(tmp_path: Path) -> None:
    source = table(tmp_path / "a.xlsx", ("I", "N"), (1, "Một", "%"), HEADING, (2, "Hai", "%"))
    assert codes(imported(source).framework) == ["I", "I.1", "I.2"]


def test_indicators_in_no_group_are_put_in_one(tmp_path: Path) -> None:
    result = imported(table(tmp_path / "a.xlsx", (1, "Một", "%"), (2, "Hai", "%")))
    assert result.framework.groups[0].title == both("Bộ chỉ số thử")
    assert warned(result) == [
        "row 2: the row is in no group; it is put in one named after the whole."
    ]


def test_a_heading_may_run_over_numbers_and_titles(tmp_path: Path) -> None:
    rows = [("Chỉ số", None, "Đơn vị"), ("I", "Nhóm"), (1, "Một", "%"), (2, "Hai", "%")]
    framework = imported(workbook(tmp_path / "a.xlsx", rows, ["A1:B1"])).framework
    assert codes(framework) == ["I", "I.1", "I.2"]


CELLS = st.sampled_from(
    [
        *("I", "II.", "1", "1.1", "1.10", "a)", "-", "A", "Mục tiêu 1: Sống", "I. Y tế", "PS.1"),
        *("Ghi chú: x", "* x", "(1) y", "%", "người", "80", "≥ 80%", "Sở Y tế", "năm", "1..1"),
        *("TT", "Tên chỉ số", "Đơn vị", "Mục tiêu", "2025", "A / B x 100", "Tỷ lệ (%)", "x¹", "²"),
        *(None, None, None, None, 1, 1.1, 0.5, True, "()", "(", "IIII", "đ", "=1", "[1]", "0,5"),
        *("Tỷ lệ × 10", "Có: 1; không: 0", "từ 80%: 5 điểm", "Điểm trừ", "-1", "tối đa 5", "Tổng"),
    ]
)
HEADINGS = st.sampled_from(
    [
        *("TT", "Mã", "Tên chỉ số", "Tiêu chí", "Đơn vị", "Mục tiêu 2025", "Mục tiêu", "Lĩnh vực"),
        *("Cơ quan", "Tần suất", "Trọng số", "Cách tính", "Tử số", "Mẫu số", "ISO 37122"),
        *("Ghi chú", "Name (en)", "Mốc thấp", "Mốc cao", "Chiều", "Khác"),
        *("Điểm tối đa", "Cách chấm điểm", "Điểm thưởng", "Điểm trừ"),
    ]
)
AREAS = st.tuples(*(st.integers(1, 8) for _ in range(2)), st.integers(0, 2), st.integers(0, 3))


@given(
    heading=st.lists(HEADINGS, min_size=1, max_size=5),
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=12),
    merged=st.lists(AREAS, max_size=3),
    lenient=st.booleans(),
)
@settings(max_examples=60)
def test_any_table_is_a_framework_or_is_said_to_be_none(
    heading: list[str], rows: list[list[Any]], merged: list[tuple[int, ...]], lenient: bool
) -> None:
    areas = [
        f"{get_column_letter(column)}{row}:{get_column_letter(column + wide)}{row + deep}"
        for row, column, deep, wide in merged
        if deep or wide
    ]
    with tempfile.TemporaryDirectory() as folder:
        whole = [["TT", "Tên chỉ số", *heading], *rows]
        source = workbook(Path(folder) / "a.xlsx", whole, areas)
        try:
            made = imported(source, lenient=lenient)
        except InputError:
            assert not source.with_suffix(".yaml").exists()
        else:
            assert made.framework == load_framework(source.with_suffix(".yaml"))


def test_indicators_beside_groups_weigh_as_before_in_a_group_of_their_own(tmp_path: Path) -> None:
    """5 and 15 beside a group of 20 are an eighth, three eighths and a half."""
    rows = [
        ("TT", "Tên chỉ số", "Đơn vị tính", "Trọng số"),
        ("I", "Hạ tầng", None, 60),
        (1, "Mạng", None, 20),
        (1.1, "Tỷ lệ hộ có cáp", "%", 3),
        (2, "Tỷ lệ dân có điện thoại", "%", 5),
        (3, "Tỷ lệ xã có cáp", "%", 15),
        ("II", "Tỷ lệ hồ sơ trực tuyến", "%", 40),
    ]
    framework = imported(workbook(tmp_path / "a.xlsx", rows)).framework
    first, last = framework.groups
    assert (first.weight, last.weight) == (60, 40)
    assert not first.indicators
    assert [(one.code, one.weight) for one in first.groups] == [("I.1", 20), ("I.0", 20)]
    assert [one.weight for one in first.groups[1].indicators] == [5, 15]
