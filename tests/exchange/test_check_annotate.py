"""The problems of a workbook are written into a copy of it, to be sent back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from openpyxl.comments import Comment
from supplied import both

from kpi_lib.cli.main import main
from kpi_lib.exchange.annotate import annotate
from kpi_lib.exchange.files import examine
from kpi_lib.exchange.form.write import write_form
from kpi_lib.framework.dump import file_data, yaml_text
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Framework, Group, Indicator
from kpi_lib.locale.catalogue import messages_in

RED, YELLOW = "00FFC7CE", "00FFEB9C"
LIST_VI, LIST_EN = "Kết quả kiểm tra (kpi check)", "Problems found by kpi check"

SHARE = Indicator(
    *("A.1", {"vi": "Tỷ lệ", "en": "Share"}),
    unit=both("%"),
    valid=(0, 100),
    direction="higher",
    goalposts=(0, 100),
    agency=both("Sở A"),
)
OTHER = Indicator("A.2", both("Số"), agency=both("Sở A"))
FRAMEWORK = Framework(
    "small", "1", both("Small"), (Group("A", both("A"), indicators=(SHARE, OTHER)),)
)


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(yaml_text(file_data(FRAMEWORK)), encoding="utf-8")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def workbook(path: str, *rows: list[Any], title: str = "Data") -> Any:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = title
    for row in rows:
        page.append(row)
    book.save(path)
    return book


def filled_form(path: str, value: Any) -> None:
    write_form(load_framework("f.yaml"), Path(path), "vi", cities=["Huế"], periods=["2025"])
    book = openpyxl.load_workbook(path)
    page = book["Sở A"]
    page[f"H{next(c.row for c in page['A'] if c.value == 'A.1')}"] = value
    book.save(path)


def test_a_problem_of_a_form_is_a_comment_and_a_colour_in_its_cell_in_vietnamese(
    there: Path,
) -> None:
    filled_form("form.xlsx", 120)
    before = Path("form.xlsx").read_bytes()
    told = run("check", "form.xlsx", "-f", "f.yaml", "--lang", "vi", "--annotate", "back/x.xlsx")
    assert told.exit_code == 1
    assert Path("form.xlsx").read_bytes() == before
    book = openpyxl.load_workbook("back/x.xlsx")
    cell = book["Sở A"]["H9"]
    assert cell.fill.fgColor.rgb == RED
    assert cell.value == 120
    assert "lỗi: tìm thấy 120; cần giá trị từ 0 đến 100 (%)" in cell.comment.text
    assert book.sheetnames[0] == LIST_VI
    assert book["kpi-form"].sheet_state == "hidden"
    untouched = [c for row in book["Sở A"].iter_rows() for c in row if c.comment]
    assert [c.coordinate for c in untouched] == ["H9"]


def test_problems_without_a_cell_stand_first_in_the_list(there: Path) -> None:
    filled_form("form.xlsx", 120)
    run("check", "form.xlsx", "-f", "f.yaml", "--lang", "en", "--annotate", "x.xlsx")
    rows = list(openpyxl.load_workbook("x.xlsx")[LIST_EN].iter_rows(values_only=True))
    assert rows[0][:5] == ("Kind", "Sheet", "Cell", "What was found", "What to do")
    assert rows[1][:4] == ("warning", "Sở A", None, "nothing is entered for A.2.")
    assert rows[2][:3] == ("error", "Sở A", "H9")


def test_every_row_that_shares_a_fault_is_marked_in_a_workbook_of_data(there: Path) -> None:
    head = ["Đô thị", "Kỳ", "Chỉ số", "Giá trị"]
    rows = [["Huế", 2025, "A.9", 1], ["Huế", 2024, "A.1", 50], ["Huế", 2023, "A.9", 2]]
    workbook("d.xlsx", head, *rows, ["Huế", 2022, "A.1", "nhiều"])
    told = run("check", "d.xlsx", "-f", "f.yaml", "--lang", "en", "--annotate", "x.xlsx")
    assert "Written to x.xlsx" in told.output
    page = openpyxl.load_workbook("x.xlsx")["Data"]
    marked = {c.coordinate: c.fill.fgColor.rgb for row in page for c in row if c.comment}
    assert marked == {"C2": RED, "C4": RED, "D5": RED}
    assert "'A.9' is not an indicator of small@1" in page["C4"].comment.text
    assert "found 'nhiều'; expected a number" in page["D5"].comment.text


def test_a_question_is_a_warning_in_yellow_and_the_exit_code_stays(there: Path) -> None:
    workbook("d.xlsx", ["city", "period", "A.1"], ["Huế", 2025, 0.95])
    told = run("check", "d.xlsx", "-f", "f.yaml", "--lang", "vi", "--annotate", "x.xlsx")
    assert told.exit_code == 0
    cell = openpyxl.load_workbook("x.xlsx")["Data"]["C2"]
    assert cell.fill.fgColor.rgb == YELLOW
    assert "cảnh báo: tìm thấy 0,95 cho A.1, đơn vị là %" in cell.comment.text


def test_the_input_is_never_written_over(there: Path) -> None:
    workbook("d.xlsx", ["city", "period", "A.1"], ["Huế", 2025, 500])
    before = Path("d.xlsx").read_bytes()
    Path("link.xlsx").symlink_to("d.xlsx")
    for out in ("d.xlsx", "./d.xlsx", "link.xlsx"):
        words = ("check", "d.xlsx", "-f", "f.yaml", "--lang", "en", "--annotate", out)
        told = run(*words, "--force")
        assert (told.exit_code, "is what is checked" in told.output) == (1, True)
    assert run("check", ".", "-f", "f.yaml", "--annotate", ".", "--force").exit_code == 1
    assert Path("d.xlsx").read_bytes() == before
    Path("x.xlsx").write_bytes(b"mine")
    words = ("check", "d.xlsx", "-f", "f.yaml", "--lang", "en", "--annotate", "x.xlsx")
    assert "--force" in run(*words).output
    assert Path("x.xlsx").read_bytes() == b"mine"
    assert "Written to x.xlsx" in run(*words, "--force").output


def test_a_corrected_copy_is_read_and_what_was_written_into_it_is_taken_out(there: Path) -> None:
    filled_form("form.xlsx", 120)
    run("check", "form.xlsx", "-f", "f.yaml", "--lang", "vi", "--annotate", "back.xlsx")
    book = openpyxl.load_workbook("back.xlsx")
    open_cells = openpyxl.load_workbook("form.xlsx")["Sở A"]["H9"].fill.fgColor.rgb
    book["Sở A"]["H9"] = 95
    book["Sở A"]["H10"] = "nhiều"
    book.save("back.xlsx")
    told = run("check", "back.xlsx", "-f", "f.yaml", "--lang", "en", "--annotate", "again.xlsx")
    assert "1 error" in told.output
    again = openpyxl.load_workbook("again.xlsx")
    assert [name for name in again.sheetnames if "kpi check" in name] == [LIST_EN]
    assert again["Sở A"]["H9"].comment is None
    assert again["Sở A"]["H9"].fill.fgColor.rgb == open_cells
    assert again["Sở A"]["H10"].fill.fgColor.rgb == RED


def test_a_comment_of_someone_else_stays(there: Path) -> None:
    book = workbook("d.xlsx", ["city", "period", "A.1"], ["Huế", 2025, 500])
    book["Data"]["C2"].comment = Comment("from the yearbook", "Lan")
    book.save("d.xlsx")
    words = ("-f", "f.yaml", "--lang", "en", "--annotate")
    run("check", "d.xlsx", *words, "x.xlsx")
    run("check", "x.xlsx", *words, "y.xlsx")
    comment = openpyxl.load_workbook("y.xlsx")["Data"]["C2"].comment
    assert comment.text.startswith("from the yearbook\n\nkpi check:\nerror: found 500")
    assert comment.text.count("found 500") == 1
    assert comment.author == "Lan"


def test_a_folder_of_forms_is_annotated_into_a_folder(there: Path) -> None:
    Path("in").mkdir()
    workbook("in/a.xlsx", ["city", "period", "A.1"], ["Huế", 2025, 500])
    workbook("in/b.xlsx", ["city", "period", "A.2"], ["Huế", 2025, 5])
    told = run("check", "in", "-f", "f.yaml", "--lang", "en", "--annotate", "out")
    assert [path.name for path in Path("out").iterdir()] == ["a.xlsx"]
    assert "b.xlsx has no problems; no copy is written" in told.output
    one = run("check", "in", "-f", "f.yaml", "--lang", "en", "--annotate", "out.xlsx")
    assert "2 workbooks are checked; name a folder" in one.output
    Path("d.csv").write_text("city,period,A.1\nHuế,2025,500\n", encoding="utf-8")
    csv = run("check", "d.csv", "-f", "f.yaml", "--lang", "en", "--annotate", "x.xlsx")
    assert "there is no workbook (.xlsx) to annotate" in csv.output


def test_a_merged_cell_and_a_text_like_a_formula_take_their_problems(there: Path) -> None:
    book = workbook(
        "d.xlsx", ["city", "period", "A.1"], ["Huế", 2025, 500], ["Vinh", 2025, 1], ["=A2", 2024, 2]
    )
    book["Data"]["A4"].data_type = "s"
    book["Data"].merge_cells("A2:A3")
    book.save("d.xlsx")
    with messages_in("en"):
        _, found = examine(Path("d.xlsx"), FRAMEWORK)
        annotate(Path("d.xlsx"), Path("x.xlsx"), found)
    copy = openpyxl.load_workbook("x.xlsx")
    assert "is already given in row 2" in copy["Data"]["A2"].comment.text
    assert (copy["Data"]["A4"].value, copy["Data"]["A4"].data_type) == ("=A2", "s")
    assert copy.sheetnames[0] == LIST_EN
