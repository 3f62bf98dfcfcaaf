"""The commands that write forms and workbooks and read annexes, as people run them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from annexes import official_annex, table
from commands import done, fails

from kpi_lib import load_framework


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_annex_is_imported_and_the_file_passes_the_check(there: Path) -> None:
    official_annex(there / "annex.xlsx")
    said = done("framework", "import", "annex.xlsx", "-o", "vn.yaml", "--id", "vn").output
    assert "vn@1.0: 4 groups, 5 indicators" in said
    assert "5 indicators cannot be scored yet" in said
    assert "kpi framework suggest" in said
    done("framework", "check", "vn.yaml")


def test_an_official_annex_says_who_issued_it_and_when(there: Path) -> None:
    official_annex(there / "annex.xlsx")
    words = ("framework", "import", "annex.xlsx", "-o", "vn.yaml", "--status", "official")
    assert "add --by, --document, --date" in fails(*words)
    issued = ("--by", "Bộ TTTT", "--document", "3098/BTTTT-KHCN", "--date", "2019-09-13")
    done(*words, *issued)
    assert load_framework("vn.yaml").status == "official"


def test_an_annex_with_unreadable_rows_writes_nothing_and_exits_with_1(there: Path) -> None:
    table(there / "annex.xlsx", ("I", "Nhóm"), (1, "Một", "%", "nhiều"))
    words = ("framework", "import", "annex.xlsx", "-o", "f.yaml", "--title", "Thử")
    assert "row 3, column 'D: Mục tiêu 2025': found 'nhiều'" in fails(*words)
    assert not Path("f.yaml").exists()
    assert "error: annex.xlsx" in done(*words, "--lenient").output


def test_export_and_import_are_inverse_on_the_command_line(there: Path) -> None:
    done("framework", "export", "dti@2020", "-o", "dti.xlsx")
    done("framework", "import", "dti.xlsx", "-o", "dti.yaml")
    assert load_framework("dti.yaml") == load_framework("dti@2020")
    assert "--force" in fails("framework", "export", "dti@2020", "-o", "dti.xlsx")


def test_a_filled_form_is_checked_like_any_data(there: Path) -> None:
    asked = ("form", "-f", "dti@2020", "--city", "Huế", "--period", "2020", "--lang", "en")
    assert "1 sheet written to form.xlsx" in done(*asked).output
    book = openpyxl.load_workbook("form.xlsx")
    sheet = book.worksheets[1]
    rows = {cell.value: cell.row for cell in sheet["A"]}
    heading = rows["Code"]
    value = next(cell.column for cell in sheet[heading] if cell.value == "Value")
    for code, entry in (("CQS", 0.5), ("KTS", 2), ("XHS", 0.25)):
        sheet.cell(rows[code], value).value = entry
    book.save("form.xlsx")
    check = ("check", "form.xlsx", "--framework", "dti@2020")
    assert f"cell H{rows['KTS']}: found 2; expected a value from 0 to 1" in fails(*check)
    sheet.cell(rows["KTS"], value).value = 0.2
    book.save("form.xlsx")
    assert "1 city, 1 period (2020), 3 indicators" in done(*check).output


def test_a_form_asks_an_agency_that_the_framework_names(there: Path) -> None:
    refused = fails("form", "-f", "vn-smart-city@1.0", "--agency", "Sở Y")
    assert "Agencies: Sở Y tế, " in refused
    assert not list(there.iterdir())


def test_a_file_for_each_agency_goes_into_a_folder(there: Path) -> None:
    words = ("form", "-f", "vn-smart-city@1.0", "--city", "hue", "--period", "2025", "--split")
    said = done(*words, "-o", "forms", "--lang", "en").output
    assert "department-of-health.xlsx  Department of Health: " in said
    files = sorted(path.name for path in (there / "forms").iterdir())
    assert f"{len(files)} files written to forms" in said
    assert all(name.isascii() for name in files)
    assert "--force" in fails(*words, "-o", "forms", "--lang", "en")
    assert "name a folder" in fails(*words, "-o", "form.xlsx", "--lang", "en")
