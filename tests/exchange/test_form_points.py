"""The form of a framework of points asks for points as offices give them, and reads them back."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from builders import both, group, indicator
from builders import framework as framework_of

import kpi_lib as kpi
from kpi_lib.errors import Problem
from kpi_lib.exchange.files import examine
from kpi_lib.exchange.form.layout import POINT_PARTS
from kpi_lib.exchange.form.rule_words import rule_words
from kpi_lib.exchange.form.write import write_form
from kpi_lib.framework.model import Framework
from kpi_lib.methods.registry import Method

Enter = Callable[..., None]

YAML = """\
id: table
version: "1"
title: {vi: Bảng điểm, en: Table}
scale: points
groups:
  - code: A
    title: A
    indicators:
      - code: A.1
        title: Internet
        unit: "%"
        points: 10
        normalise: {method: piecewise, knots: [[0, 0], [80, 10]]}
        formula: {numerator: households with it, denominator: households, multiplier: 100}
        valid: [0, 100]
      - code: A.2
        title: Late
        unit: "%"
        points: 3
        normalise: {method: bands, steps: [[0, 3], [5, 2], [10, 0]]}
      - code: A.3
        title: Lights
        unit: "%"
        points: 5
        normalise:
          method: bands
          by: class
          steps: {I: [[0, 0], [90, 5]], II: [[0, 0], [80, 5]]}
      - code: A.4
        title: Centre
        points: 5
        normalise: {method: categories, scores: {có: 5, không: 0}}
      - code: A.5
        title: Survey
        unit: điểm
        direction: higher
        points: 4
        goalposts: [0, 10]
  - code: B
    title: B
    indicators:
      - code: B.1
        title: Reports
        deduction: 1
        normalise: {method: piecewise, knots: [[0, 0], [4, -1]]}
      - code: B.2
        title: Plan
        unit: "%"
        points: 2
        normalise: {method: piecewise, knots: [[0, 0], [80, 0], [80, 1.6], [100, 2]]}
"""
HEADINGS = {part.key: part.heading("vi") for part in POINT_PARTS}


@pytest.fixture
def framework(tmp_path: Path) -> Framework:
    (tmp_path / "table.yaml").write_text(YAML, encoding="utf-8")
    return kpi.load_framework(tmp_path / "table.yaml")


def sheet_of(book: Any) -> Any:
    return next(sheet for sheet in book if sheet.title.startswith("Chưa"))


def cell(sheet: Any, code: str, key: str) -> Any:
    heading = next(row for row in sheet.iter_rows() if row[0].value == "Mã")
    column = next(c.column for c in heading if c.value == HEADINGS[key])
    row = next(row[0].row for row in sheet.iter_rows() if row[0].value == code)
    return sheet.cell(row, column)


def filled(framework: Framework, folder: Path, **entries: dict[str, Any]) -> Path:
    """Write a form for a city of class II and fill it in, by code (A1 for A.1) and column."""
    file = folder / "form.xlsx"
    write_form(framework, file, "vi", cities=["Huế"], periods=["2025"], force=True)
    book = openpyxl.load_workbook(file)
    for code, own in entries.items():
        for key, value in own.items():
            name = {"scored": "self-scored", "document": "source"}.get(key, key)
            cell(sheet_of(book), f"{code[0]}.{code[1:]}", name).value = value
    book.save(file)
    return file


def read(framework: Framework, file: Path) -> tuple[pd.DataFrame, kpi.Scoreboard, list[Problem]]:
    cities = file.with_name("cities.csv")
    cities.write_text("city,name_vi,class\nhue,Huế,II\n", encoding="utf-8")
    observations, found = examine(file, framework, cities)
    assert observations is not None, found
    board = kpi.score(observations, framework)
    return observations.table.set_index("indicator"), board, found


def points(board: kpi.Scoreboard, code: str) -> float:
    return float(board.scores.set_index("code").at[code, "score"])


def warned(found: list[Problem]) -> list[str]:
    return [f"{p.cell}: {p.message}" for p in found if p.severity == "warning" and p.cell]


def test_the_form_has_the_columns_of_points_and_says_maximum_and_rule(
    framework: Framework, tmp_path: Path
) -> None:
    file = filled(framework, tmp_path)
    sheet = sheet_of(openpyxl.load_workbook(file))
    heading = [c.value for row in sheet.iter_rows() if row[0].value == "Mã" for c in row]
    for text in ("Điểm tối đa", "Điểm tự chấm", "Điểm thẩm định", "Tài liệu kiểm chứng"):
        assert text in heading
    assert "Chất lượng" not in heading
    assert [cell(sheet, code, "maximum").value for code in ("A.1", "B.1")] == ["10", "−1"]
    rule = str(cell(sheet, "A.1", "definition").value)
    assert "0%: 0 điểm\ntừ 80%: 10 điểm\nGiữa các mốc tính theo tỷ lệ." in rule
    rule = str(cell(sheet, "A.2", "definition").value)
    assert "dưới 5%: 3 điểm\ntừ 5% đến dưới 10%: 2 điểm\ntừ 10%: 0 điểm" in rule
    rule = str(cell(sheet, "A.3", "definition").value)
    assert "Loại II:\ndưới 80%: 0 điểm\ntừ 80%: 5 điểm" in rule
    rule = str(cell(sheet, "B.2", "definition").value)
    assert "đến sát 80%: 0 điểm\ntừ 80%: 1,6 điểm\ntừ 100%: 2 điểm" in rule
    assert "có: 5 điểm\nkhông: 0 điểm" in str(cell(sheet, "A.4", "definition").value)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            {"method": "bands", "steps": [[0, 0], [50, 3], [80, 5, "above"]]},
            ["below 50%: 0 points", "from 50% up to 80%: 3 points", "above 80%: 5 points"],
        ),
        (
            {"method": "bands", "steps": [[0, 0], [50, 3, "above"], [80, 5]]},
            ["up to 50%: 0 points", "above 50% to below 80%: 3 points", "from 80%: 5 points"],
        ),
        (
            {"method": "piecewise", "knots": [[0, 0], [80, 0], [80, 1.6, "above"], [100, 2]]},
            [
                *("0%: 0 points", "up to 80%: 0 points", "from just above 80%: 1.6 points"),
                *("from 100%: 2 points", "In between in proportion."),
            ],
        ),
    ],
)
def test_the_words_of_a_rule_say_to_which_side_each_bound_belongs(
    rule: dict[str, Any], said: list[str]
) -> None:
    name = rule.pop("method")
    leaf = indicator("A.1", unit=both("%"), points=5.0, normalise=Method(name, rule))
    points = framework_of(group("A", leaf), scale="points")
    assert rule_words(points, leaf, "en") == said


def test_words_are_offered_and_points_are_held_to_their_range(
    framework: Framework, tmp_path: Path
) -> None:
    sheet = sheet_of(openpyxl.load_workbook(filled(framework, tmp_path)))
    checks = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
    words = checks[cell(sheet, "A.4", "value").coordinate]
    assert (words.type, words.formula1) == ("list", '"có,không,không áp dụng"')
    taken = checks[cell(sheet, "B.1", "verified").coordinate]
    assert (taken.formula1, taken.formula2) == ("-1", "0")
    assert checks[cell(sheet, "A.2", "value").coordinate].errorStyle == "warning"


def test_none_is_an_answer_where_the_rule_has_that_word(tmp_path: Path) -> None:
    file = tmp_path / "table.yaml"
    file.write_text(YAML.replace("không: 0", "không có: 0"), encoding="utf-8")
    framework = kpi.load_framework(file)
    table, _, found = read(framework, filled(framework, tmp_path, A4={"value": "không có"}))
    assert table.at["A.4", "value"] == 0
    assert [problem.message for problem in found if problem.severity == "error"] == []


def test_points_are_read_with_who_gave_them_and_their_document(
    framework: Framework, tmp_path: Path
) -> None:
    file = filled(
        framework,
        tmp_path,
        A1={"scored": 8, "verified": 7.5, "document": "BC 12", "note": "thiếu sổ"},
        A2={"value": 6, "document": "BC 13"},
        B1={"scored": -0.5},
    )
    table, board, _ = read(framework, file)
    rows = table[["value", "unit", "quality", "source"]]
    assert rows.loc["A.1"].tolist() == [7.5, "điểm", "verified", "BC 12"]
    assert rows.loc["A.2"].tolist() == [6, "%", "reported", "BC 13"]
    assert rows.loc["B.1", ["value", "unit", "quality"]].tolist() == [-0.5, "điểm", "reported"]
    reported = board.observations.reported.set_index("indicator")
    assert reported.loc["A.1", ["value", "quality", "note"]].tolist() == [8, "reported", "thiếu sổ"]
    assert [points(board, code) for code in ("A.1", "A.2", "B.1")] == [7.5, 2, -0.5]


def test_verified_points_count_before_the_value_that_was_reported(
    framework: Framework, tmp_path: Path
) -> None:
    file = filled(
        framework,
        tmp_path,
        A1={"numerator": 60, "denominator": 100, "verified": 7},
        A4={"value": "có"},
    )
    _, board, _ = read(framework, file)
    assert [points(board, code) for code in ("A.1", "A.4")] == [7, 5]
    own = kpi.score(board.observations.of_quality("reported"), framework)
    assert points(own, "A.1") == 7.5


@pytest.mark.parametrize(
    ("own", "warning"),
    [
        ({"value": 60, "scored": 7.5}, ""),
        ({"value": 61, "scored": 7.6}, ""),  # 7.625, rounded
        ({"value": 60, "scored": 9}, "found 9 points self-scored for A.1; its value gives 7.5"),
        (
            {"numerator": 30, "denominator": 50, "scored": "8,5"},
            "found 8,5 points self-scored for A.1; its value gives 7.5",
        ),
    ],
)
def test_self_scored_points_beside_a_value_are_compared_with_the_rule(
    framework: Framework, tmp_path: Path, own: dict[str, Any], warning: str
) -> None:
    table, board, found = read(framework, filled(framework, tmp_path, A1=own))
    assert table.at["A.1", "unit"] == "%"
    assert points(board, "A.1") == pytest.approx(table.at["A.1", "value"] / 8)
    said = [line for line in warned(found) if "self-scored" in line]
    assert len(said) == bool(warning)
    assert all(warning in line for line in said)


def test_points_by_the_rule_of_any_class_are_right_and_others_are_said(
    framework: Framework, tmp_path: Path
) -> None:
    _, _, found = read(framework, filled(framework, tmp_path, A3={"value": 85, "scored": 5}))
    assert not any("self-scored" in line for line in warned(found))
    _, _, found = read(framework, filled(framework, tmp_path, A3={"value": 85, "scored": 3}))
    assert any("its value gives 0 / 5 by the rule" in line for line in warned(found))


def test_points_of_an_indicator_that_is_measured_in_points_are_told_apart(
    framework: Framework, tmp_path: Path
) -> None:
    _, board, _ = read(framework, filled(framework, tmp_path, A5={"value": 5}))
    assert points(board, "A.5") == 2  # half way between the goalposts, of 4 points
    _, board, _ = read(framework, filled(framework, tmp_path, A5={"verified": 3}))
    assert points(board, "A.5") == 3


@pytest.mark.parametrize(
    "own",
    [
        {"value": "không áp dụng"},
        {"value": "Không phát sinh hồ sơ"},
        {"note": "không áp dụng"},
        {"numerator": 0, "denominator": 0},
    ],
)
def test_what_does_not_apply_leaves_the_maximum(
    framework: Framework, tmp_path: Path, own: dict[str, Any]
) -> None:
    file = filled(framework, tmp_path, A1=own, A2={"value": 0})
    _, board, _ = read(framework, file)
    total = board.scores.set_index("code").loc["TOTAL"]
    assert (total["score"], total["maximum"]) == (3, 19)  # 29 without the 10 of A.1


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"scored": 11}, "found 11 points for A.1; expected from 0 to 10."),
        ({"verified": "nhiều"}, "found 'nhiều'; expected a number"),
        ({"scored": 5, "note": "chưa báo cáo"}, "found the reason 'chưa báo cáo' beside a value."),
        (
            {"value": "không áp dụng", "verified": 5},
            "found points of A.1, which does not apply.",
        ),
        (
            {"value": "không áp dụng", "scored": 0},
            "found points of A.1, which does not apply.",
        ),
        ({"value": 40, "scored": "tối đa"}, "found 'tối đa'; expected a number."),
        ({"scored": 5, "value": "khoảng 40"}, "found 'khoảng 40'; expected a number."),
        ({"value": 40, "scored": 11}, "found 11 points self-scored for A.1; expected from 0 to"),
        ({"value": 40, "scored": -1}, "found -1 points self-scored for A.1; expected from 0 to"),
    ],
)
def test_a_mistake_in_points_is_named_by_its_cell(
    framework: Framework, tmp_path: Path, own: dict[str, Any], said: str
) -> None:
    file = filled(framework, tmp_path, A1=own)
    _, found = examine(file, framework)
    (error,) = [problem for problem in found if problem.severity == "error"]
    assert error.message.startswith(said)
    sheet = sheet_of(openpyxl.load_workbook(file))
    key = {"note": "note", "value": "value"}.get(next(reversed(own)), "")
    if not key:
        absent = own.get("value") == "không áp dụng"
        key = "value" if absent else "self-scored" if "scored" in own else "verified"
    assert error.cell == cell(sheet, "A.1", key).coordinate


def test_nothing_of_nothing_earns_no_points(framework: Framework, tmp_path: Path) -> None:
    for own in ({"scored": 0}, {"verified": 5}):
        file = filled(framework, tmp_path, A1={"numerator": 0, "denominator": 0, **own})
        (error,) = [one for one in examine(file, framework)[1] if one.severity == "error"]
        assert error.message == "found points of A.1, which does not apply."
        assert (
            error.cell
            == cell(sheet_of(openpyxl.load_workbook(file)), "A.1", "numerator").coordinate
        )


@pytest.mark.parametrize(
    ("own", "earned"), [({"scored": 5}, 5), ({"verified": 4}, 4), ({"scored": 5, "verified": 4}, 4)]
)
def test_points_count_beside_half_a_ratio_which_is_said(
    framework: Framework, tmp_path: Path, own: dict[str, Any], earned: float
) -> None:
    file = filled(framework, tmp_path, A1={"numerator": 40, **own})
    _, board, found = read(framework, file)
    assert points(board, "A.1") == earned
    assert "the denominator of A.1 is missing; its numerator is given." in " ".join(warned(found))


def test_of_a_value_and_other_points_it_is_said_which_counts(
    framework: Framework, tmp_path: Path
) -> None:
    _, board, found = read(framework, filled(framework, tmp_path, A1={"value": 40, "scored": 6}))
    assert points(board, "A.1") == 5
    assert "The value counts. Correct one of them, or clear the points." in [p.fix for p in found]
    own = {"value": 40, "scored": 6, "verified": 4}
    _, board, found = read(framework, filled(framework, tmp_path, A1=own))
    assert points(board, "A.1") == 4
    assert any(p.fix.startswith("The verified points count; of what is") for p in found)


def test_points_of_a_value_are_rounded_as_the_framework_rounds(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(YAML.replace("scale: points", "scale: points\ndecimals: 0"))
    whole = kpi.load_framework(tmp_path / "f.yaml")
    _, board, found = read(whole, filled(whole, tmp_path, A1={"value": 51, "scored": 6}))
    assert points(board, "A.1") == 6  # 6.375
    assert not any("self-scored" in line for line in warned(found))


def test_points_that_wait_to_be_verified_may_say_so(framework: Framework, tmp_path: Path) -> None:
    file = filled(framework, tmp_path, A1={"scored": 5, "note": "chưa được thẩm định"})
    table, board, _ = read(framework, file)
    assert table.at["A.1", "quality"] == "reported"
    assert points(board, "A.1") == 5


@pytest.mark.parametrize(
    ("code", "text", "asked"),
    [
        ("A4", "x", "found 'x' for A.4; expected one of có, không."),
        ("A4", "-", "found '-'; expected one of có, không."),
        ("A2", "không có", "found 'không có': it may mean 0 or that there are no data."),
        ("B1", "–", "found '–': it may mean 0 or that there are no data."),
        ("A2", "x", "found 'x': it may mean 0 or that there are no data."),
    ],
)
@pytest.mark.parametrize("note", [None, "QĐ số 12/QĐ-UBND"])
def test_a_sign_that_may_be_an_answer_is_no_missing_value(
    framework: Framework, tmp_path: Path, code: str, text: str, asked: str, note: str | None
) -> None:
    """A tick means yes and a dash none of it, whatever else is noted: both would lose points."""
    own = {code: {"value": text, "note": note}, "B2": {"value": 90}}
    read_too, found = examine(filled(framework, tmp_path, **own), framework)
    assert read_too is None
    told = [problem for problem in found if problem.severity == "error"]
    assert [problem.message for problem in told] == [asked]
    assert all(problem.cell for problem in told)


@pytest.mark.parametrize("text", ["chưa có", "n/a", ".."])
def test_what_says_that_data_lack_is_missing_and_needs_its_reason(
    framework: Framework, tmp_path: Path, text: str
) -> None:
    reason = {"value": text, "note": "chưa thu thập"}
    _, board, _ = read(framework, filled(framework, tmp_path, A2=reason, B2={"value": 90}))
    assert pd.isna(points(board, "A.2"))
    own = {"value": text, "note": "chờ đơn vị"}
    _, _, found = read(framework, filled(framework, tmp_path, A2=own, B2={"value": 90}))
    assert any("no value is read for A.2" in problem.message for problem in found)


def test_points_count_where_no_rule_turns_a_value_into_points(tmp_path: Path) -> None:
    """A 0 typed beside a deduction of 2 must not take the deduction away."""
    file = tmp_path / "table.yaml"
    ruled = "normalise: {method: piecewise, knots: [[0, 0], [4, -1]]}"
    file.write_text(YAML.replace(ruled, "").replace("deduction: 1", "deduction: 2"), "utf-8")
    framework = kpi.load_framework(file)
    own = {"B1": {"value": 0, "scored": -2}, "B2": {"value": 90}}
    _, board, found = read(framework, filled(framework, tmp_path, **own))
    assert points(board, "B.1") == -2
    assert any("The points count; clear the value." in problem.fix for problem in found)
    assert not any("The total is out of" in problem.message for problem in found)


def test_a_value_beside_a_row_of_points_is_named_by_its_own_cell(
    framework: Framework, tmp_path: Path
) -> None:
    """Points in another row of the sheet do not move the cell that a warning names."""
    file = filled(framework, tmp_path, A1={"scored": 5}, B2={"value": 0.95})
    place = cell(sheet_of(openpyxl.load_workbook(file)), "B.2", "value").coordinate
    _, _, found = read(framework, file)
    assert [p.cell for p in found if "0.95" in p.message] == [place]


def said(framework: Framework, path: Any, cities: Path | None = None) -> list[str]:
    """All problems with their places, without the name of the file."""
    found = examine(path, framework, cities)[1]
    return [str(one).partition("sheet ")[2].partition(", ")[2] or str(one) for one in found]


def test_what_excel_or_an_answer_too_many_made_of_a_value_is_said_in_its_cell(
    framework: Framework, tmp_path: Path
) -> None:
    form = filled(
        framework,
        tmp_path,
        A1={"numerator": 50, "denominator": 40},
        A2={"value": datetime.datetime(2025, 5, 3)},
        A4={"value": "có, không"},
        A5={"value": "≥ 8"},
        B2={"value": ".."},
    )
    book = openpyxl.load_workbook(form)
    sheet = sheet_of(book)
    at = {one: cell(sheet, one, "value").coordinate for one in ("A.2", "A.4", "A.5", "B.2")}
    above, below = (cell(sheet, "A.1", key).coordinate for key in ("numerator", "denominator"))
    found = said(framework, form)
    wanted = {
        above: f"the numerator of A.1 in {above} (50) is above its denominator in {below} (40)",
        at["A.2"]: "found the date 2025-05-03",
        at["A.4"]: "One answer is asked",
        at["A.5"]: "Write one number",
        at["B.2"]: "found '..': no value of B.2",
    }
    for place, text in wanted.items():
        assert [text in line for line in found if line.startswith(f"cell {place}:")] == [True]
    assert not any("bounds" in line or "--columns" in line for line in found)


def test_a_formula_that_was_not_saved_is_said_once(framework: Framework, tmp_path: Path) -> None:
    form = filled(framework, tmp_path, A2={"value": "=1+1"}, A5={"value": 3})
    assert sum("A.2" in line or "formula" in line for line in said(framework, form)) == 1


def test_a_form_without_its_hidden_sheet_is_called_what_it_is(
    framework: Framework, tmp_path: Path
) -> None:
    sheet = sheet_of(openpyxl.load_workbook(filled(framework, tmp_path, A5={"value": 3})))
    rows = list(sheet.iter_rows(values_only=True))
    with (tmp_path / "saved.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "copied.xlsx")
    (of_csv,) = examine(tmp_path / "saved.csv", framework)[1]
    (of_copy,) = examine(tmp_path / "copied.xlsx", framework)[1]
    assert "a form that was saved as CSV" in of_csv.message
    assert "copied into another workbook" in of_copy.message


def test_a_form_given_twice_is_one_problem(framework: Framework, tmp_path: Path) -> None:
    form = filled(framework, tmp_path, A2={"value": 3}, A5={"value": 3}, A4={"value": "có"})
    other = tmp_path / "other.xlsx"
    other.write_bytes(form.read_bytes())
    found = [one for one in examine([form, other], framework)[1] if one.severity == "error"]
    assert [one.message.partition(" given")[0] for one in found] == ["all its rows are already"]


def test_a_sheet_of_ones_own_is_passed_over(framework: Framework, tmp_path: Path) -> None:
    file = filled(framework, tmp_path, B2={"value": 90})
    book = openpyxl.load_workbook(file)
    book.create_sheet("Empty")
    book.create_sheet("Notes").append(["who was asked", "when"])
    book.save(file)
    _, board, found = read(framework, file)
    assert points(board, "B.2") == 1.8
    own = [
        (problem.sheet, problem.message) for problem in found if "not of the form" in str(problem)
    ]
    assert own == [("Notes", "the sheet is not of the form and is not read.")]


def test_a_reason_of_ones_own_is_quoted(framework: Framework, tmp_path: Path) -> None:
    form = filled(framework, tmp_path, A2={"note": "đang làm"}, A5={"value": 3})
    assert any("A.2 ('đang làm')" in line for line in map(str, examine(form, framework)[1]))
