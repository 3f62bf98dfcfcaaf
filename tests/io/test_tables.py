"""Files are read as they are, and one that cannot be read says what it is and what to do."""

import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from builders import both
from pyarrow import parquet
from supplied import FRAMEWORK, Folder, complaint, complaints, long, values, warnings

from kpi_lib.exchange.files import examine, read_observations
from kpi_lib.framework.model import Framework, Group, Indicator
from kpi_lib.io.tables.export import write_table
from kpi_lib.io.tables.read import read_sheets


@pytest.fixture
def write(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_is_read_in_the_encodings_that_spreadsheets_write(
    write: Folder, encoding: str
) -> None:
    path = write(*long("Đà Nẵng,2025,A.1,5"), encoding=encoding)
    assert read_observations(path, FRAMEWORK).cities["city"].tolist() == ["Đà Nẵng"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["city,period,indicator,value,extra", "An,2025,A.1,5,7"],
            "'extra': the column of numbers is unknown",
        ),
        (["city,period,A.1,Out put,unti", "An,2025,1,2,3"], "Did you mean 'Output'?"),
        (["city,period,indicator,valeu", "An,2025,A.1,5"], "expected also value"),
        (["city,indicator,value", "An,A.1,5"], "expected also period"),
        (["city,A.1", "An,5"], "expected also period"),
        (["city,Đô thị,period,indicator,value", "An,An,2025,A.1,5"], "both mean city"),
        (["city,period,A.1,Internet access", "An,2025,1,2"], "both mean A.1"),
        (["city,period", "An,2025"], "there is no column of an indicator"),
        (["city,period,A.1,", "An,2025,1,2"], "column 4 has cells but no name"),
        (["city,period,A.1", "An,2025,97,5"], "found 4 cells; expected 3"),
        (["city,period,A.1", "An,2025"], "row 2: found 2 cells; expected 3"),
        (["city,period,A.1", '"An,2025,5'], "cannot be split into cells at line"),
        (["city,period,A.1"], "there are no rows below the header"),
        ([""], "the file is empty"),
    ],
)
def test_a_table_that_is_not_one_of_observations_says_what_is_wrong(
    write: Folder, lines: list[str], said: str
) -> None:
    assert any(said in line for line in complaints(write(*lines)))


def test_empty_rows_and_columns_are_nothing_and_rows_keep_their_numbers(write: Folder) -> None:
    path = write("city,period,A.1,", "", "An,2025,5,", ",,,", "An,2024,y,")
    assert ", row 5, column 'A.1': found 'y'" in complaint(path)


def test_a_file_that_is_not_what_its_ending_says_is_named_for_what_it_is(
    write: Folder, tmp_path: Path
) -> None:
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    cases = {
        "a.csv": (book.getvalue(), "is an Excel workbook or another zip archive; expected CSV"),
        "b.xlsx": (b"city,period\n", "is something else; expected an Excel workbook"),
        "c.xlsx": (b"\xd0\xcf\x11\xe0old", "old (.xls) or password-protected"),
        "d.xlsx": (b"<html>", "is a web page"),
        "e.parquet": (b"city,period\n", "expected a Parquet file"),
        "f.parquet": (b"PAR1broken", "the Parquet file cannot be read"),
        "g.xlsx": (b"PK\x03\x04broken", "the workbook cannot be read"),
        "h.csv": (b"city\n\0\0", "line 2 has a NUL character"),
        "i.csv": (
            "city\nĐà Lạt".encode("cp1252", errors="replace") + b"\xe0",
            "in line 2 is not UTF-8. Save it as 'CSV UTF-8'",
        ),
        "j.ods": (b"x", "ends in '.ods'; expected .csv, .tsv, .xlsx, .parquet"),
    }
    for name, (content, said) in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert said in complaint(path)


def book(path: Path, sheets: dict[str, list[list[object]]], style: str = "") -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        page = workbook.create_sheet(title)
        for row in rows:
            page.append(row)
        if style:
            page.cell(2, 4).number_format = style
    workbook.save(path)
    return path


def test_cells_of_a_workbook_are_taken_as_they_are(tmp_path: Path) -> None:
    head = ["city", "period", "indicator", "value"]
    rows = [["An", 2025, "A.1", 12.345], ["An", 2024.0, "A.1", "97,5"], [None] * 4]
    march = [48, datetime.datetime(2025, 3, 1), "A.2", 1234]
    path = book(tmp_path / "d.xlsx", {"one": [head, *rows], "two": [head, march]})
    table = read_observations(path, FRAMEWORK).table
    assert table["period"].tolist() == ["2025-03", "2024", "2025"]
    assert table["value"].tolist() == [1234, 97.5, 12.345]
    assert table["city"].tolist() == ["48", "An", "An"]


def test_a_cell_shown_in_per_cent_is_the_number_that_is_shown(tmp_path: Path) -> None:
    head = ["city", "period", "indicator", "value"]
    rows = {"s": [head, ["An", 2025, "A.1", 0.07]]}
    assert values(read_observations(book(tmp_path / "p.xlsx", rows, "0.0%"), FRAMEWORK)) == [7]
    assert values(read_observations(book(tmp_path / "q.xlsx", rows, '0.0"%"'), FRAMEWORK)) == [0.07]


def test_a_fault_in_a_workbook_names_the_sheet(tmp_path: Path) -> None:
    head = ["city", "period", "indicator", "value"]
    path = book(
        tmp_path / "d.xlsx", {"Q1": [head, ["An", 2025, "A.1", True]], "Help": [["read me"]]}
    )
    assert ", sheet 'Q1', row 2, column 'value': found True" in complaint(path)
    formula = book(tmp_path / "f.xlsx", {"Q1": [head, ["An", 2025, "A.1", "=1+1"]]})
    assert "the formula in cell D2 has no saved result" in complaint(formula)


def test_a_sheet_of_something_else_is_passed_over_with_a_warning(tmp_path: Path) -> None:
    head = ["city", "period", "indicator", "value"]
    sheets = {"Help": [["How to"], ["fill in"]], "Data": [head, ["An", 2025, "A.1", 5]]}
    (said,) = warnings(book(tmp_path / "d.xlsx", sheets))
    assert "sheet 'Help': the sheet is not read" in said


def test_a_hidden_sheet_with_a_table_is_not_read_and_said(tmp_path: Path) -> None:
    head = ["city", "period", "indicator", "value"]
    sheets: dict[str, list[list[object]]] = {
        "2025": [head, ["An", 2025, "A.1", 5]],
        "2024": [head, ["An", 2024, "A.1", 4]],
        "lists": [["yes"], ["no"]],
    }
    path = book(tmp_path / "d.xlsx", sheets)
    workbook = openpyxl.load_workbook(path)
    workbook["2024"].sheet_state = "hidden"
    workbook["lists"].sheet_state = "veryHidden"
    workbook.save(path)
    (said,) = warnings(path)
    assert "sheet '2024': the sheet is hidden and is not read" in said


def test_a_name_that_begins_like_a_formula_stays_a_text_in_a_workbook(tmp_path: Path) -> None:
    names = ['=HYPERLINK("http://example.org","X")', "=1+1", "Huế"]
    write_table(pd.DataFrame({"city": names, "score": [1.0, 2.0, 3.0]}), tmp_path / "s.xlsx")
    page = openpyxl.load_workbook(tmp_path / "s.xlsx").worksheets[0]
    assert [(c.value, c.data_type) for c in page["A"][1:]] == [(name, "s") for name in names]
    assert page["A2"].quotePrefix
    assert [c.value for c in page["B"][1:]] == [1, 2, 3]


def test_a_code_that_a_spreadsheet_made_a_number_is_not_guessed(tmp_path: Path) -> None:
    codes = tuple(Indicator(code, both(f"No {code}.")) for code in ("5.1", "5.10", "5.2"))
    framework = Framework("n", "1", both("n"), (Group("G", both("G"), indicators=codes),))
    head = ["city", "period", "indicator", "value"]
    path = book(tmp_path / "d.xlsx", {"s": [head, ["An", 2025, 5.1, 1], ["An", 2025, 5.2, 1]]})
    _, (problem,) = examine(path, framework)
    assert "the number 5.1 may stand for any of the codes 5.1, 5.10" in str(problem)


def workbook(folder: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(folder / "data.xlsx")
    return folder / "data.xlsx"


def altered(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """A workbook in which one part is changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content) if name == part else content)
    return path


@pytest.mark.parametrize("cell", ["<v>50.5</v><v>7</v>", "<is><t>A</t></is><v>7</v>"])
def test_a_cell_with_two_values_is_read_as_neither(tmp_path: Path, cell: str) -> None:
    path = workbook(tmp_path, ["city", "period", "A.1"], ["An", 2025, 50])
    sheet = "xl/worksheets/sheet1.xml"
    altered(path, sheet, lambda text: text.replace(b"<v>50</v>", cell.encode()))
    sheets, (problem,) = read_sheets(path, path.read_bytes())
    assert not sheets
    assert "cell C2 holds two values" in problem.message


def test_a_workbook_whose_index_points_outside_it_is_damaged(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["city", "period", "A.1"], ["An", 2025, 50])
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    data[end + 16 : end + 20] = (1 << 28).to_bytes(4, "little")
    path.write_bytes(data)
    observations, problems = examine(path, FRAMEWORK)
    assert observations is None
    assert [problem.file for problem in problems] == [str(path)]


def test_texts_of_any_encoding_are_read_from_parquet(tmp_path: Path) -> None:
    """Spark and DuckDB write what names have in common once, which pyarrow gives otherwise."""
    rows = {"city": ["An", "Anh"], "period": ["2025"] * 2, "indicator": ["A.1"] * 2}
    table = pa.table({**rows, "value": [5.0, 6.0]})
    path = tmp_path / "data.parquet"
    told = {"city": "DELTA_BYTE_ARRAY"}
    parquet.write_table(table, path, use_dictionary=False, column_encoding=told)
    (sheet,), problems = read_sheets(path, path.read_bytes())
    assert not problems
    assert sheet.columns[0].tolist() == ["An", "Anh"]


def test_parquet_reads_as_csv_does(write: Folder, tmp_path: Path) -> None:
    rows = ("Huế,2025,A.1,90.5", "An,2024,A.2,")
    path = write(*long(*rows))
    pd.read_csv(path).to_parquet(tmp_path / "d.parquet")
    tables = [read_observations(p, FRAMEWORK).table for p in (path, tmp_path / "d.parquet")]
    pd.testing.assert_frame_equal(*tables)
