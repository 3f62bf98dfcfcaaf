"""An annex becomes a framework, and every row that cannot be read is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from annexes import (
    codes,
    complaint,
    complaints,
    imported,
    official_annex,
    table,
    titles,
    warned,
    workbook,
)
from builders import both

from kpi_lib.errors import InputError
from kpi_lib.exchange.imports import Head, Imported
from kpi_lib.framework.model import Formula


@pytest.fixture
def annex(tmp_path: Path) -> Imported:
    return imported(official_annex(tmp_path / "annex.xlsx"), Head())


def test_roman_numerals_and_numbers_are_the_tree(annex: Imported) -> None:
    assert codes(annex.framework) == [
        "I",
        "I.1",
        "I.1.1",
        "I.1.2",
        "I.2",
        "I.2.1",
        "II",
        *(
            "II.1",
            "II.2",
        ),
    ]
    assert annex.framework.parents["I.2.1"] == "I.2"


def test_the_title_is_found_above_the_table(annex: Imported) -> None:
    assert annex.framework.title["vi"] == "BỘ CHỈ SỐ (KPI) ĐÔ THỊ THÔNG MINH VIỆT NAM"


def test_an_annex_in_vietnamese_has_the_same_text_in_both_languages(annex: Imported) -> None:
    assert annex.framework.node("I.1").title == both("Y tế")


def test_units_come_from_their_column_the_title_or_the_group(annex: Imported) -> None:
    units = {leaf.code: leaf.unit["vi"] for leaf in annex.framework.indicators}
    assert units == {
        "I.1.1": "%",
        "I.1.2": "lượt/1.000 dân",
        "I.2.1": "%",
        "II.1": "µg/m³",
        "II.2": "µg/m³",
    }
    assert annex.framework.node("I.1.2").title["vi"] == "Số lượt khám từ xa"
    assert annex.framework.node("II").title["vi"] == "MÔI TRƯỜNG"


def test_foot_notes_are_no_part_of_titles_and_are_kept_as_the_note(annex: Imported) -> None:
    assert "(*)" not in "".join(titles(annex.framework))
    assert annex.framework.node("I.2.1").title["vi"] == "Tỷ lệ trường học có Internet"
    assert annex.framework.note == both("* Áp dụng cho đô thị loại I trở lên\n¹ Trường phổ thông")
    assert warned(annex) == []


def test_who_receives_the_document_is_no_foot_note(tmp_path: Path) -> None:
    rows = [("I", "Nhóm"), (1, "Một", "%"), ("Ghi chú: số liệu cả năm",), ("Nơi nhận: các sở",)]
    made = imported(table(tmp_path / "a.xlsx", *rows))
    assert made.framework.note == both("Ghi chú: số liệu cả năm")
    assert warned(made) == ["row 5: the note is left out: 'Nơi nhận: các sở'."]


@pytest.mark.parametrize(
    ("above", "title"),
    [
        ("PHỤ LỤC: BỘ TIÊU CHÍ ĐÁNH GIÁ", "BỘ TIÊU CHÍ ĐÁNH GIÁ"),
        ("PHỤ LỤC I\nBỘ CHỈ SỐ THỬ", "BỘ CHỈ SỐ THỬ"),
        ("Phụ lục số 02. Bảng tiêu chí chấm điểm", "Bảng tiêu chí chấm điểm"),
        ("Annex 1 – Framework of indicators", "Framework of indicators"),
        ("BỘ TIÊU CHÍ", "BỘ TIÊU CHÍ"),
    ],
)
def test_a_title_may_stand_beside_the_word_annex(above: str, title: str, tmp_path: Path) -> None:
    rows = [(above,), ("TT", "Chỉ số", "Đơn vị"), ("I", "N"), (1, "Một", "%")]
    made = imported(workbook(tmp_path / "a.xlsx", rows, ["A1:C1"]), Head())
    assert made.framework.title["vi"] == title


def test_a_row_of_data_is_no_heading_whatever_words_are_in_it(tmp_path: Path) -> None:
    sentence = "This indicator and its unit are reported at the frequency that the agency sets"
    rows = [
        (
            "The indicators below are reported with a frequency that each agency agrees with us "
            "and in the unit that the table of codes gives",
            "see the note on weights and units",
        ),
        ("1", "Chỉ tiêu thử", "Tần suất"),
        ("TT", "Tên chỉ số", "Đơn vị tính", "Định nghĩa"),
        ("I", "Nhóm"),
        (1, "Chỉ tiêu về tần suất báo cáo", "%", sentence),
        (2, "Hai", "%", "Đơn vị, chỉ tiêu, tần suất, cơ quan và mục tiêu của chỉ số này"),
    ]
    framework = imported(workbook(tmp_path / "a.xlsx", rows)).framework
    assert titles(framework) == ["Nhóm", "Chỉ tiêu về tần suất báo cáo", "Hai"]
    assert framework.indicators[0].definition == both(sentence)


def test_a_heading_of_two_rows_names_the_years_of_targets(annex: Imported) -> None:
    first = annex.framework.indicators[0]
    assert first.targets == {2025: 90, 2030: 100}
    assert first.formula == Formula(both("Số người có hồ sơ"), both("Tổng số dân"), 100)


def test_at_least_and_at_most_say_which_way_is_better(annex: Imported) -> None:
    directions = {leaf.code: leaf.direction for leaf in annex.framework.indicators}
    assert directions == {
        "I.1.1": "higher",
        "I.1.2": None,
        "I.2.1": None,
        "II.1": "lower",
        "II.2": "lower",
    }


def test_a_merged_cell_stands_for_all_rows_that_it_covers(annex: Imported) -> None:
    agencies = [leaf.agency and leaf.agency["vi"] for leaf in annex.framework.indicators]
    assert agencies == ["Sở Y tế", "Sở Y tế", "Sở GDĐT", "Sở TNMT", "Sở TNMT"]


def test_frequencies_are_read_as_people_write_them(annex: Imported) -> None:
    found = [leaf.frequency for leaf in annex.framework.indicators]
    assert found == ["annual", "quarterly", None, "monthly", "monthly"]


def test_an_import_is_a_working_set_unless_it_is_said_to_be_official(tmp_path: Path) -> None:
    source = official_annex(tmp_path / "annex.xlsx")
    assert imported(source, Head()).framework.status == "working"
    issued = {"by": "Bộ TTTT", "document": "1/BTTTT", "date": "2019-09-13"}
    official = imported(source, Head(status="official", **issued), force=True).framework
    assert official.issued is not None
    assert official.issued.document == "1/BTTTT"
    assert {leaf.provenance for leaf in official.indicators} == {"official"}


def test_an_official_import_needs_issuer_document_and_date(tmp_path: Path) -> None:
    source = official_annex(tmp_path / "annex.xlsx")
    with pytest.raises(InputError, match="add --by, --date"):
        imported(source, Head(status="official", document="1/BTTTT"))
    issued = Head(status="official", by="Bộ", document="1", date="13/9/2019")
    with pytest.raises(InputError, match="13/9/2019"):
        imported(source, issued)
    with pytest.raises(InputError, match="leave --lenient out"):
        imported(source, Head(status="official", by="a", document="b", date="2019"), lenient=True)


def test_a_file_that_is_there_is_not_written_over_unasked(tmp_path: Path) -> None:
    source = official_annex(tmp_path / "annex.xlsx")
    imported(source)
    with pytest.raises(InputError, match="--force"):
        imported(source)


def test_every_unreadable_row_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    source = table(
        tmp_path / "annex.xlsx",
        ("I", "Hạ tầng"),
        (1, "Tỷ lệ phủ sóng", "%", "gần hết", "Sở TTTT"),
        ("?!", "Số trạm", "trạm", 10, "Sở TTTT"),
        (3, None, "%", 10, "Sở TTTT"),
        (4, "Tốc độ", "Mbps", "80%", "Sở TTTT"),
        (4, "Độ trễ", "ms", 20, "Sở TTTT"),
        ("5.1", "Số vụ", "vụ", 1, "Sở TTTT"),
        ("II", "Nhân lực"),
    )
    assert complaints(source) == [
        "sheet 'Phụ lục', row 3, column 'D: Mục tiêu 2025': found 'gần hết'; expected a number. "
        "Write one number, such as 80 or ≥ 80%; leave the cell empty where there is none.",
        "sheet 'Phụ lục', row 4: found the number '?!'; expected one such as I, A, 1, 1.1 or a). "
        "Number the row as its neighbours are numbered.",
        "sheet 'Phụ lục', row 5, column 'B: Tên chỉ số': the row has 'TT', 'Đơn vị tính' and "
        "'Mục tiêu 2025', but no title. Write the title of the indicator, or clear the row.",
        "sheet 'Phụ lục', row 6, column 'D: Mục tiêu 2025': found a figure in '%'; expected one in "
        "Mbps. Give it in the unit of the indicator, as a number alone.",
        "sheet 'Phụ lục', row 7: the number 4 is there already, in row 6. Give each row a number "
        "of its own.",
        "sheet 'Phụ lục', row 8: the row is numbered 5.1, but stands below 4 (row 7). Put it below "
        "5, or correct its number.",
        "sheet 'Phụ lục', row 9: 'Nhân lực' has no indicators below it and nothing in the other "
        "columns. List its indicators, or fill in the row if it is an indicator itself.",
    ]


def test_lenient_writes_what_can_be_read_and_lists_the_rest(tmp_path: Path) -> None:
    source = table(
        tmp_path / "annex.xlsx",
        ("I", "Hạ tầng"),
        (1, "Tỷ lệ phủ sóng", "%", "gần hết", "Sở TTTT"),
        (2, "Số trạm", "trạm", 10, "Sở TTTT"),
    )
    result = imported(source, lenient=True)
    assert [leaf.targets for leaf in result.framework.indicators] == [{}, {2025: 10}]
    assert warned(result) == ["row 3: found 'gần hết'; expected a number."]


def test_a_column_that_a_framework_does_not_have_is_named(tmp_path: Path) -> None:
    rows = [("TT", "Chỉ số", "Đơn vị", "Hiện trạng 2018"), ("I", "N"), (1, "Một", "%", 12)]
    (problem,) = imported(workbook(tmp_path / "a.xlsx", rows)).problems
    assert (problem.severity, problem.column) == ("warning", "D: Hiện trạng 2018")


def test_an_unknown_frequency_is_named_with_what_is_known(tmp_path: Path) -> None:
    rows = [("TT", "Chỉ số", "Đơn vị", "Tần suất"), ("I", "N"), (1, "Một", "%", "5 năm một lần")]
    assert "row 3, column 'D: Tần suất': found '5 năm một lần'; expected monthly" in complaint(
        workbook(tmp_path / "a.xlsx", rows)
    )


def test_the_rules_of_framework_files_name_the_row(tmp_path: Path) -> None:
    rows = [
        ("TT", "Chỉ số", "Đơn vị", "Mốc thấp", "Mốc cao"),
        ("I", "Nhóm"),
        (1, "Một", "%", 100, 0),
    ]
    said = complaints(workbook(tmp_path / "a.xlsx", rows))
    assert [line.split(":")[0] for line in said] == ["sheet 'Phụ lục', row 3, column 'E"] * 2
    assert "must rise" in said[0]
    assert "goalposts need direction" in said[1]


def test_a_date_that_a_spreadsheet_made_of_a_number_is_named(tmp_path: Path) -> None:
    import datetime

    source = table(tmp_path / "a.xlsx", (1, "N"), (datetime.datetime(2025, 1, 1), "Một", "%"))
    assert "row 3: found the number '2025-01-01'" in complaints(source)[0]


def test_csv_is_read_as_a_workbook_is(tmp_path: Path) -> None:
    path = tmp_path / "annex.csv"
    lines = [
        "PHỤ LỤC;;;;",
        "BỘ CHỈ SỐ THỬ;;;;",
        "TT;Tên chỉ số;Đơn vị tính;Mục tiêu;",
        ";;;2025;2030",
        "I;Hạ tầng;;;",
        "1;Tỷ lệ phủ sóng;%;≥ 95,5;100",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    framework = imported(path, Head()).framework
    assert framework.title == both("BỘ CHỈ SỐ THỬ")
    assert framework.indicators[0].targets == {2025: 95.5, 2030: 100}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("annex.doc", b"\xd0\xcf\x11\xe0", "save it as .docx"),
        ("annex.pdf", b"%PDF", "expected .xlsx, .csv, .docx"),
        ("annex.xlsx", b"\xd0\xcf\x11\xe0", "without a password"),
        ("annex.docx", b"PK\x05\x06" + bytes(18), "the document cannot be read"),
        ("annex.csv", b"", "the file is empty"),
        ("annex.csv", b"a,b,c\n1,2,3\n", "there is no indicator"),
        ("annex.csv", b"ten,\xe0\xff,c\n", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_annex_is_said_to_be_none(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        imported(tmp_path / name)


def test_a_formula_without_a_saved_result_is_named_by_its_cell(tmp_path: Path) -> None:
    source = table(tmp_path / "a.xlsx", ("I", "N"), (1, "Một", "%", "=40+40"))
    assert "the formula in cell D3 has no saved result" in complaint(source)
