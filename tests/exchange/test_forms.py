"""The form for agencies asks for what is needed, and a filled one is read with every check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from builders import both

import kpi_lib as kpi
from kpi_lib.errors import InputError
from kpi_lib.exchange.files import examine, read_observations
from kpi_lib.exchange.form import layout as form_layout
from kpi_lib.exchange.form.write import FormSheet, write_form, write_forms
from kpi_lib.framework.model import Formula, Framework, Group, Indicator
from kpi_lib.methods.rules import words_of

Fill = Callable[[Any], None]

HEALTH = {"vi": "Sở Y tế", "en": "Department of Health"}
ROADS = {"vi": "Sở Giao thông", "en": "Department of Transport"}


def share(code: str, title: str) -> Indicator:
    return Indicator(
        code,
        {"vi": title, "en": f"{title} (en)"},
        unit=both("%"),
        valid=(0, 100),
        formula=Formula(both("people with it"), both("all people"), 100),
        agency=HEALTH,
    )


INDICATORS = (
    *(share(f"H.{i}", f"Tỷ lệ {i}") for i in range(1, 11)),
    Indicator("H.11", both("Bác sĩ"), unit=both("người"), valid=(0, None), agency=HEALTH),
    Indicator("H.12", both("Lượt khám"), formula=Formula(both("visits")), agency=HEALTH),
    Indicator("H.13", both("Chi phí"), unit=both("tỷ đồng"), denominator="gdp", agency=HEALTH),
)
FRAMEWORK = Framework(
    "small",
    "1",
    both("Small"),
    (
        Group("H", both("Y tế"), indicators=INDICATORS),
        Group("R", both("Đường"), indicators=(Indicator("R.1", both("Tai nạn"), agency=ROADS),)),
        Group("O", both("Khác"), indicators=(Indicator("O.1", both("Khác"), valid=(None, 5)),)),
    ),
)


def form(path: Path, fill: Fill | None = None, lang: Any = "vi", **options: Any) -> Path:
    """Write a form for Huế in 2025, and fill it in."""
    options = {"cities": ["Huế"], "periods": ["2025"], **options}
    file = path / "form.xlsx"
    write_form(FRAMEWORK, file, lang, **options)
    if fill is not None:
        book = openpyxl.load_workbook(file)
        fill(book)
        book.save(file)
    return file


def row_of(sheet: Any, code: str) -> int:
    return next(c.row for c in sheet["A"] if c.value == code)


def letter_of(sheet: Any, heading: str) -> str:
    found = next(c for row in sheet.iter_rows() for c in row if c.value == heading)
    return str(found.column_letter)


def enter(sheet: Any, code: str, **entries: Any) -> None:
    """Enter by code and column: value, numerator, denominator, quality, source, note."""
    headings = {part.key: (part.heading("vi"), part.heading("en")) for part in form_layout.PARTS}
    for key, value in entries.items():
        row = next(row for row in sheet.iter_rows() if row[0].value in ("Mã", "Code"))
        column = next(c.column for c in row if c.value in headings[key])
        sheet.cell(row_of(sheet, code), column).value = value


def problems(path: Path, cities: Path | None = None, severity: str = "error") -> list[str]:
    _, found = examine(path, FRAMEWORK, cities)
    return [str(p).removeprefix(f"{path}, ") for p in found if p.severity == severity]


def test_each_agency_has_a_sheet_and_those_without_one_come_last(tmp_path: Path) -> None:
    made = write_form(FRAMEWORK, tmp_path / "form.xlsx")
    named = [(sheet.sheet, len(sheet.indicators)) for sheet in made]
    assert named == [("Sở Y tế", 13), ("Sở Giao thông", 1), ("Chưa nêu cơ quan", 1)]
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    assert next(s.title for s in book if s.sheet_state == "visible") == "Hướng dẫn"
    assert book["kpi-form"].sheet_state == "hidden"


def test_a_form_may_be_made_for_some_agencies_in_either_language(tmp_path: Path) -> None:
    made: list[FormSheet] = write_form(
        FRAMEWORK, tmp_path / "form.xlsx", "en", agencies=["Sở Y tế", "department of transport"]
    )
    assert [sheet.sheet for sheet in made] == ["Department of Health", "Department of Transport"]
    with pytest.raises(InputError, match="Did you mean 'Sở Y tế'"):
        write_form(FRAMEWORK, tmp_path / "other.xlsx", agencies=["Sở Y tê'"])


def test_a_form_that_may_be_filled_in_is_not_written_over(tmp_path: Path) -> None:
    file = form(tmp_path)
    with pytest.raises(InputError, match="--force"):
        write_form(FRAMEWORK, file)


def test_cells_say_what_is_asked_and_only_these_are_open(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(form(tmp_path))["Sở Y tế"]
    row = row_of(sheet, "H.1")
    texts = [c.value for c in sheet[row]][:5]
    assert texts[:2] == ["H.1", "Tỷ lệ 1"]
    assert "Tử số: people with it." in texts[2]
    assert "Giá trị = 100 × tử số / mẫu số." in texts[2]
    assert texts[3:] == ["%", "0 – 100"]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    open_cells = [c.column_letter for c in sheet[row] if not c.protection.locked]
    assert open_cells == list("FGHIJK")
    plain_row = sheet[row_of(sheet, "H.11")]
    assert [c.column_letter for c in plain_row if not c.protection.locked] == list("HIJK")
    quantity = sheet[row_of(sheet, "H.12")]
    assert [c.column_letter for c in quantity if not c.protection.locked] == list("FHIJK")


def test_cells_take_only_what_is_possible(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(form(tmp_path))
    sheet = book["Sở Y tế"]
    checks = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
    row = row_of(sheet, "H.1")
    value, below = checks[f"H{row}"], checks[f"G{row}"]
    assert (value.type, value.operator, value.formula1, value.formula2) == (
        *("decimal", "between", "0", "100"),
    )
    assert value.error == "Cần một con số: 0 – 100 %."
    assert (below.operator, below.formula1, below.prompt) == ("notEqual", "0", "all people")
    assert checks[f"H{row_of(sheet, 'H.11')}"].operator == "greaterThanOrEqual"
    lists = {one.formula1: one for one in checks.values() if one.type == "list"}
    assert lists['"theo báo cáo,đã thẩm định,sơ bộ,ước tính"'].showErrorMessage
    reasons = '"chưa báo cáo,chưa được thẩm định,chưa thu thập,không áp dụng,thiếu mẫu số"'
    assert not lists[reasons].showErrorMessage


def test_what_indicators_are_divided_by_is_asked_for_too(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        enter(book["Sở Y tế"], "H.13", value=12)
        enter(book["Sở Y tế"], "gdp", value=3000)

    read = read_observations(form(tmp_path, fill), FRAMEWORK)
    assert read.quantities[["quantity", "value"]].to_numpy().tolist() == [["gdp", 3000]]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_filled_form_is_read_as_observations(lang: str, tmp_path: Path) -> None:
    name = HEALTH[lang]

    def fill(book: Any) -> None:
        sheet = book[name]
        quality = {"vi": "đã thẩm định", "en": "verified"}[lang]
        reason = {"vi": "chưa thu thập", "en": "not yet collected"}[lang]
        enter(sheet, "H.1", numerator=30, denominator=40, quality=quality, source="Sổ")
        enter(sheet, "H.2", value=0.5)
        sheet.cell(row_of(sheet, "H.2"), 8).number_format = "0%"
        enter(sheet, "H.3", note=reason)
        enter(sheet, "H.11", value="1.234,5")

    table = read_observations(form(tmp_path, fill, lang), FRAMEWORK).table
    read = table.set_index("indicator")
    assert read["value"].iloc[[0, 1, 3]].tolist() == [75, 50, 1234.5]
    assert pd.isna(read.at["H.3", "value"])
    assert read.at["H.3", "note"] == "not yet collected"
    assert read.at["H.1", "quality"] == "verified"
    assert set(read["city"]) == {"Huế"}
    assert set(read["period"]) == {"2025"}


def test_rows_left_empty_are_no_observations_and_are_said(tmp_path: Path) -> None:
    file = form(tmp_path, lambda book: enter(book["Sở Y tế"], "H.11", value=5))
    assert read_observations(file, FRAMEWORK).table["indicator"].tolist() == ["H.11"]
    warned = problems(file, severity="warning")
    assert "sheet 'Sở Giao thông': nothing is entered for R.1." in warned[1]
    assert "nothing is entered for H.1, H.2, H.3" in warned[0]


def test_an_empty_form_says_so(tmp_path: Path) -> None:
    assert any("nothing is entered in the form" in line for line in problems(form(tmp_path)))


def test_forms_of_several_agencies_are_read_together(tmp_path: Path) -> None:
    for name, code, agency in (("a", "H.11", "Sở Y tế"), ("b", "R.1", "Sở Giao thông")):
        (tmp_path / name).mkdir()
        file = form(tmp_path / name, lambda b, s=agency, c=code: enter(b[s], c, value=3))
        file.rename(tmp_path / f"{name}.xlsx")
    read = read_observations([tmp_path / "a.xlsx", tmp_path / "b.xlsx"], FRAMEWORK)
    assert read.table["indicator"].tolist() == ["H.11", "R.1"]


def test_several_cities_and_periods_have_rows_of_their_own(tmp_path: Path) -> None:
    cities, periods = ["Huế", "Đà Nẵng"], ["2024", "Quý I/2025"]

    def fill(book: Any) -> None:
        sheet = book["Sở Giao thông"]
        for at, row in enumerate(c.row for c in sheet["A"] if c.value == "R.1"):
            sheet[f"{letter_of(sheet, 'Giá trị')}{row}"] = at

    file = form(tmp_path, fill, cities=cities, periods=periods)
    table = read_observations(file, FRAMEWORK).table
    assert table[["city", "period", "value"]].to_numpy().tolist() == [
        *(["Huế", "2024", 0.0], ["Huế", "2025-Q1", 1.0]),
        *(["Đà Nẵng", "2024", 2.0], ["Đà Nẵng", "2025-Q1", 3.0]),
    ]


def test_city_and_period_that_were_not_given_are_asked_for(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book["Sở Giao thông"]
        assert not sheet["B4"].protection.locked
        sheet["B5"] = "năm nay"
        enter(sheet, "R.1", value=1)

    file = form(tmp_path, fill, cities=[], periods=[])
    assert [line.split(";")[0] for line in problems(file)] == [
        "sheet 'Sở Giao thông', cell B5: found 'năm nay'",
        "sheet 'Sở Giao thông', cell B4: the city is not given. Fill in the cell.",
    ]


def twenty_mistakes(book: Any) -> None:
    health, roads, other = book["Sở Y tế"], book["Sở Giao thông"], book["Chưa nêu cơ quan"]
    enter(health, "H.1", value="nhiều")  # a word
    enter(health, "H.2", value=120)  # more than possible
    enter(health, "H.3", numerator=30, denominator=40, value=80)  # three that disagree
    enter(health, "H.4", numerator=30)  # half a ratio
    enter(health, "H.5", numerator=30, denominator=0)  # nothing to divide by
    enter(health, "H.6", value=50, note="chưa báo cáo")  # a value and a reason
    enter(health, "H.7", value=50, quality="tốt")  # not in the list
    enter(health, "H.8", quality="sơ bộ")  # neither value nor reason
    enter(health, "H.9", value=50, unit="người")  # another unit
    enter(health, "H.10", value="=1/8")  # a formula that nobody saved
    enter(health, "H.11", value="5%", numerator=3)  # a per cent sign; a closed cell
    enter(health, "H.13", value="12,345", title="Tỷ lệ 1")  # 12345 or 12.345; a title moved
    enter(health, "gdp", value=True)  # no number
    row = row_of(health, "H.13") + 4
    health.cell(row, 1).value, health.cell(row, 8).value = "H.99", 5  # no indicator
    health.cell(row + 1, 1).value, health.cell(row + 1, 8).value = "H.2", 5  # there already
    health.cell(row + 2, 8).value = 7  # no code
    roads["B4"] = "Hoế"  # no city
    enter(roads, "R.1", value=1)
    other["B5"] = "2o25"  # no period
    enter(other, "O.1", value=1)


def test_twenty_different_mistakes_give_twenty_messages_each_with_its_cell(tmp_path: Path) -> None:
    cities = tmp_path / "cities.csv"
    cities.write_text("city,name_vi\nhue,Huế\n", encoding="utf-8")
    found = problems(form(tmp_path, twenty_mistakes), cities)
    sheet = openpyxl.load_workbook(tmp_path / "form.xlsx")["Sở Y tế"]
    at = {code: row_of(sheet, code) for code in ("gdp", *(i.code for i in INDICATORS))}
    row = at["H.13"] + 4
    expected = {
        f"H{at['H.1']}": "found 'nhiều'; expected a number",
        f"H{at['H.2']}": "found 120; expected a value from 0 to 100 (%) for H.2",
        f"H{at['H.3']}": "found 80 for H.3, but its numerator and denominator give 75",
        f"G{at['H.4']}": "the denominator of H.4 is missing; its numerator is given",
        f"G{at['H.5']}": "found 0; expected a denominator of H.5 other than 0",
        f"K{at['H.6']}": "found the reason 'chưa báo cáo' beside a value",
        f"I{at['H.7']}": "found 'tốt'; expected one of theo báo cáo",
        f"H{at['H.8']}": "there is no value of H.8, and no reason",
        f"D{at['H.9']}": "found the unit 'người'; expected '%' for H.9",
        f"H{at['H.10']}": "the formula has no saved result",
        f"H{at['H.11']}": "found a percent sign; expected H.11 in người",
        f"F{at['H.11']}": "found '3', but nothing is to be entered here: H.11 has no formula",
        f"H{at['H.13']}": "found '12,345', which is 12345 or 12.345",
        f"B{at['H.13']}": "found the title 'Tỷ lệ 1' beside the code H.13",
        f"H{at['gdp']}": "found True; expected a number",
        f"A{row}": "'H.99' is not an indicator of small@1",
        f"A{row + 1}": f"H.2 is already given in A{at['H.2']}",
        f"H{row + 2}": "found '7' in a row without a code",
        "B4": "found 'Hoế'; the form was made for Huế. Put it back",
        "B5": "found '2o25'; the form was made for 2025. Put it back",
    }
    sheets = {"B4": "Sở Giao thông", "B5": "Chưa nêu cơ quan"}
    wanted = [
        f"sheet '{sheets.get(cell, 'Sở Y tế')}', cell {cell}: {said}"
        for cell, said in expected.items()
    ]
    missing = [line for line in wanted if not any(one.startswith(line) for one in found)]
    assert missing == []
    assert len(found) == len(wanted) == 20


def test_a_form_of_another_framework_is_refused(tmp_path: Path) -> None:
    write_form(kpi.load_framework("dti@2020"), tmp_path / "form.xlsx")
    (said,) = problems(tmp_path / "form.xlsx")
    assert "the form is of dti@2020; the data are read with small@1" in said


def test_a_framework_that_has_changed_since_is_a_warning(tmp_path: Path) -> None:
    changed = Framework("small", "1", both("Small, changed"), FRAMEWORK.groups)
    write_form(changed, tmp_path / "form.xlsx")
    assert any(
        "small@1 has changed since the form was made" in line
        for line in problems(tmp_path / "form.xlsx", severity="warning")
    )


def test_rows_and_columns_that_are_gone_are_said(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book["Sở Y tế"]
        sheet.protection.disable()
        sheet.delete_rows(row_of(sheet, "H.2"))
        enter(sheet, "H.1", value=5)
        sheet[f"{letter_of(sheet, 'Ghi chú (lý do nếu thiếu)')}7"] = "Nhận xét"

    file = form(tmp_path, fill)
    assert any("the rows of H.2 are gone" in line for line in problems(file, severity="warning"))
    said = problems(file)
    assert "cell K7: 'Nhận xét' is no column of the form." in said[0]
    assert "cell A7: the column 'Ghi chú (lý do nếu thiếu)' (Note (reason if missing))" in said[1]


def test_another_city_or_period_than_the_form_was_made_for_is_an_error(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        enter(book["Sở Y tế"], "H.11", value=5)
        enter(book["Sở Y tế"], "H.12", numerator=5)
        book["Sở Y tế"]["B4"], book["Sở Y tế"]["B5"] = "Đà Nẵng", 2024

    city, period = problems(form(tmp_path, fill))
    assert "cell B4: found 'Đà Nẵng'; the form was made for Huế. Put it back" in city
    assert "cell B5: found '2024'; the form was made for 2025." in period


def test_another_spelling_of_city_and_period_is_the_same(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        enter(book["Sở Y tế"], "H.11", value=5)
        book["Sở Y tế"]["B4"], book["Sở Y tế"]["B5"] = "HUẾ", "Năm 2025"

    assert problems(form(tmp_path, fill)) == []


def test_a_heading_that_was_altered_is_named_by_its_cell(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        enter(book["Sở Y tế"], "H.11", value=5)
        book["Sở Y tế"]["H7"] = "Con số"

    altered, gone = problems(form(tmp_path, fill))
    assert "cell H7: 'Con số' is no column of the form. If it is the column 'Giá trị'" in altered
    assert "cell A7: the column 'Giá trị' (Value) is gone." in gone


def test_a_city_typed_loosely_in_a_row_is_the_one_of_the_form(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        enter(book["Sở Y tế"], "H.11", value=5)
        roads = book["Sở Giao thông"]
        enter(roads, "R.1", value=5)
        (cell,) = (c for c in roads[row_of(roads, "R.1")] if c.value == "Quảng Điền")
        cell.value = "Quảng Diền"

    file = form(tmp_path, fill, cities=["Quảng Điền", "Huế"])
    assert set(read_observations(file, FRAMEWORK).table["city"]) == {"Quảng Điền"}


def test_another_city_in_a_row_of_its_own_is_named_by_its_cell(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book["Sở Giao thông"]
        enter(sheet, "R.1", value=3, city="Vinh")

    (said,) = problems(form(tmp_path, fill, cities=["Huế", "Đà Nẵng"]))
    assert "found 'Vinh'; the form was made for Huế, Đà Nẵng" in said


def test_a_sheet_that_is_gone_is_said_and_a_renamed_one_is_read(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        enter(book["Sở Giao thông"], "R.1", value=9)
        book["Sở Giao thông"].title = "SGT"
        book.remove(book["Sở Y tế"])

    file = form(tmp_path, fill)
    assert read_observations(file, FRAMEWORK).table["value"].tolist() == [9]
    (gone,) = [line for line in problems(file, severity="warning") if "gone" in line]
    assert gone.startswith("sheet 'Sở Y tế': the sheet is gone; nothing is read for H.1, H.2")


def test_a_sheet_of_another_form_is_said(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        enter(book["Sở Giao thông"], "R.1", value=9)
        strange = book.copy_worksheet(book["Chưa nêu cơ quan"])
        strange.title = "Khác"
        enter(strange, "O.1", value=1)

    warned = problems(form(tmp_path, fill), severity="warning")
    assert any("sheet 'Khác': the form was made without this sheet" in line for line in warned)


def test_a_hidden_sheet_with_entries_is_said(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        enter(book["Sở Giao thông"], "R.1", value=9)
        enter(book["Sở Y tế"], "H.11", value=9)
        book["Sở Y tế"].sheet_state = "hidden"

    warned = problems(form(tmp_path, fill), severity="warning")
    assert "sheet 'Sở Y tế': the sheet is hidden and is not read." in " ".join(warned)


@pytest.mark.parametrize("altered", ["framework", "city", "row", "empty"])
def test_nothing_is_taken_from_a_hidden_sheet_that_was_altered(
    altered: str, tmp_path: Path
) -> None:
    def fill(book: Any) -> None:
        enter(book["Sở Y tế"], "H.11", value=5)
        marker = book["kpi-form"]
        if altered == "framework":
            marker["A1"] = "dti@2020"
        elif altered == "city":
            for row in range(2, marker.max_row + 1):
                marker.cell(row, 3).value = "Đà Nẵng"
        elif altered == "row":
            marker.delete_rows(3)
        else:
            marker.delete_rows(1, marker.max_row)

    file = form(tmp_path, fill)
    assert read_observations(file, FRAMEWORK).table["city"].tolist() == ["Huế"]
    warned = problems(file, severity="warning")
    assert "the hidden sheet 'kpi-form' was altered or is of another form" in warned[0]
    assert "are checked against small@1" in warned[0]


def test_codes_of_another_framework_are_found_without_the_hidden_sheet(tmp_path: Path) -> None:
    write_form(kpi.load_framework("u4ssc@2017"), tmp_path / "form.xlsx", cities=["Huế"])
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    page = next(p for p in book.worksheets[1:] if p.sheet_state == "visible")
    code = next(c.value for c in page["A"][7:] if c.value)
    enter(page, code, value=1)
    page["B5"], book["kpi-form"]["A1"] = 2025, "small@1"
    book.save(tmp_path / "form.xlsx")
    assert any(
        f"'{code}' is not an indicator of small@1" in line
        for line in problems(tmp_path / "form.xlsx")
    )


def test_each_agency_may_have_a_file_of_its_own_and_they_are_read_together(
    tmp_path: Path,
) -> None:
    made = write_forms(FRAMEWORK, tmp_path / "forms", cities=["Huế"], periods=["2025"])
    assert [path.name for path in made] == [
        *("so-y-te.xlsx", "so-giao-thong.xlsx", "chua-neu-co-quan.xlsx"),
    ]
    entries = {"Sở Y tế": "H.11", "Sở Giao thông": "R.1", "Chưa nêu cơ quan": "O.1"}
    for path, sheet in made.items():
        book = openpyxl.load_workbook(path)
        assert [s.title for s in book if s.sheet_state == "visible"] == ["Hướng dẫn", sheet.sheet]
        enter(book[sheet.sheet], entries[sheet.agency], value=3)
        book.save(path)
    read, found = examine(tmp_path / "forms", FRAMEWORK)
    assert not [problem for problem in found if problem.severity == "error"]
    assert read is not None
    assert sorted(read.table["indicator"]) == ["H.11", "O.1", "R.1"]
    assert not [problem for problem in found if "made together" in problem.message]
    (tmp_path / "forms/so-giao-thong.xlsx").unlink()
    read, found = examine(tmp_path / "forms", FRAMEWORK)
    (missing,) = [problem for problem in found if "made together" in problem.message]
    assert "(Huế, 2025), those of these agencies are not here: Sở Giao thông" in missing.message
    assert missing.message.endswith("Nothing is read for R.1.")
    assert read is not None
    assert missing in read.warnings
    (tmp_path / "forms/roads.csv").write_text("city,period,R.1\nHuế,2025,3\n", encoding="utf-8")
    assert not [p for p in examine(tmp_path / "forms", FRAMEWORK)[1] if "together" in p.message]
    with pytest.raises(InputError, match="--force"):
        write_forms(FRAMEWORK, tmp_path / "forms")


def test_agencies_with_the_same_plain_name_have_files_of_their_own(tmp_path: Path) -> None:
    leaves = tuple(
        Indicator(f"I{i}", both(f"i{i}"), agency=both(name))
        for i, name in enumerate(["Sở A", "Sổ A", "Sở A B"])
    )
    framework = Framework("odd", "1", both("Odd"), (Group("G", both("G"), indicators=leaves),))
    made = write_forms(framework, tmp_path)
    assert [path.name for path in made] == ["so-a.xlsx", "so-a-2.xlsx", "so-a-b.xlsx"]
    assert [sheet.agency for sheet in made.values()] == ["Sở A", "Sổ A", "Sở A B"]


def test_rows_put_above_the_table_do_no_harm(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book["Sở Giao thông"]
        enter(sheet, "R.1", value=9)
        sheet.insert_rows(1, 3)

    assert read_observations(form(tmp_path, fill), FRAMEWORK).table["value"].tolist() == [9]


def test_an_agency_may_have_a_name_that_no_sheet_can(tmp_path: Path) -> None:
    names = ["Sở: A/B", "Ban chỉ huy phòng chống thiên tai và tìm kiếm cứu nạn 1", "x'"]
    names.append("Ban chỉ huy phòng chống thiên tai và tìm kiếm cứu nạn 2")
    leaves = tuple(Indicator(f"I{i}", both(f"i{i}"), agency=both(n)) for i, n in enumerate(names))
    framework = Framework("odd", "1", both("Odd"), (Group("G", both("G"), indicators=leaves),))
    made = write_form(framework, tmp_path / "form.xlsx")
    sheets = openpyxl.load_workbook(tmp_path / "form.xlsx").sheetnames
    assert {sheet.sheet for sheet in made} <= set(sheets)
    assert all(len(name) <= 31 for name in sheets)
    assert len({name.casefold() for name in sheets}) == len(sheets)


@pytest.mark.parametrize("name", kpi.bundled_frameworks())
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_bundled_framework_has_a_form_that_asks_for_every_indicator(
    name: str, lang: Any, tmp_path: Path
) -> None:
    framework = kpi.load_framework(name)
    made = write_form(framework, tmp_path / "form.xlsx", lang, cities=["Huế"], periods=["2025"])
    asked = {indicator.code for sheet in made for indicator in sheet.indicators}
    assert asked == {indicator.code for indicator in framework.indicators}
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    for sheet in made:
        page = book[sheet.sheet]
        for indicator in sheet.indicators:
            low, high = indicator.valid or (None, None)
            method = framework.normalisation_of(indicator)
            words = dict(words_of(method)) if method.name == "categories" else {}
            value: Any = next(iter(words), high if low is None else low)
            enter(page, indicator.code, value=1 if value is None else value)
    book.save(tmp_path / "form.xlsx")
    cities = tmp_path / "cities.csv"
    cities.write_text("city,name_vi,class\nhue,Huế,I\n", encoding="utf-8")
    read, found = examine(tmp_path / "form.xlsx", framework, cities)
    assert [problem for problem in found if problem.severity == "error"] == []
    assert read is not None
    assert len(read.table) == len(framework.indicators)


def test_fractions_for_percentages_are_said_in_the_same_round_as_errors(tmp_path: Path) -> None:
    """The office that mends one number is asked about the others at once; no fault hides them."""

    def fill(book: Any) -> None:
        enter(book["Sở Y tế"], "H.1", value=0.95)
        enter(book["Sở Y tế"], "H.2", value=0.4)
        enter(book["Sở Y tế"], "H.11", value="nhiều")

    path = form(tmp_path, fill)
    (error,) = problems(path)
    assert "nhiều" in error
    warnings = problems(path, severity="warning")
    assert any(
        "all 2 percentages that are given here are at most 1: H.1, H.2." in w for w in warnings
    )
