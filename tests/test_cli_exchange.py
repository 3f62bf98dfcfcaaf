"""The commands that write forms and workbooks and read annexes, as people run them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from annexes import official_annex, table
from click.testing import CliRunner, Result

import kpi_lib as kpi
from kpi_lib.cli.main import main


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_an_annex_is_imported_and_the_file_passes_the_check(there: Path) -> None:
    official_annex(there / "annex.xlsx")
    made = run("framework", "import", "annex.xlsx", "-o", "vn.yaml", "--id", "vn")
    assert made.exit_code == 0
    assert "vn@1.0: 4 groups, 5 indicators" in made.output
    assert "5 indicators cannot be scored yet" in made.output
    assert "warning: annex.xlsx, sheet 'Phụ lục', row 17: the note is left out" in made.output
    assert run("framework", "check", "vn.yaml").exit_code == 0


def test_an_official_annex_says_who_issued_it_and_when(there: Path) -> None:
    official_annex(there / "annex.xlsx")
    words = ("framework", "import", "annex.xlsx", "-o", "vn.yaml", "--status", "official")
    refused = run(*words)
    assert refused.exit_code == 1
    assert "add --by, --document, --date" in refused.output
    issued = ("--by", "Bộ TTTT", "--document", "3098/BTTTT-KHCN", "--date", "2019-09-13")
    assert run(*words, *issued).exit_code == 0
    assert kpi.load_framework("vn.yaml").status == "official"


def test_an_annex_with_unreadable_rows_writes_nothing_and_exits_with_1(there: Path) -> None:
    table(there / "annex.xlsx", ("I", "Nhóm"), (1, "Một", "%", "nhiều"))
    words = ("framework", "import", "annex.xlsx", "-o", "f.yaml", "--title", "Thử")
    failed = run(*words)
    assert failed.exit_code == 1
    assert "row 3, column 'D: Mục tiêu 2025': found 'nhiều'" in failed.output
    assert not Path("f.yaml").exists()
    lenient = run(*words, "--lenient")
    assert lenient.exit_code == 0
    assert "error: annex.xlsx" in lenient.output


def test_export_and_import_are_inverse_on_the_command_line(there: Path) -> None:
    assert run("framework", "export", "dti@2020", "-o", "dti.xlsx").exit_code == 0
    assert run("framework", "import", "dti.xlsx", "-o", "dti.yaml").exit_code == 0
    assert kpi.load_framework("dti.yaml") == kpi.load_framework("dti@2020")
    again = run("framework", "export", "dti@2020", "-o", "dti.xlsx")
    assert (again.exit_code, "--force" in again.output) == (1, True)


def test_a_filled_form_is_checked_like_any_data(there: Path) -> None:
    made = run("form", "-f", "dti@2020", "--city", "Huế", "--period", "2020", "--lang", "en")
    assert made.exit_code == 0
    assert "1 sheet written to form.xlsx" in made.output
    book = openpyxl.load_workbook("form.xlsx")
    sheet = book.worksheets[1]
    rows = {cell.value: cell.row for cell in sheet["A"]}
    heading = rows["Code"]
    value = next(cell.column for cell in sheet[heading] if cell.value == "Value")
    for code, entry in (("CQS", 0.5), ("KTS", 2), ("XHS", 0.25)):
        sheet.cell(rows[code], value).value = entry
    book.save("form.xlsx")
    checked = run("check", "form.xlsx", "--framework", "dti@2020")
    assert checked.exit_code == 1
    assert f"cell H{rows['KTS']}: found 2; expected a value from 0 to 1" in checked.output
    sheet.cell(rows["KTS"], value).value = 0.2
    book.save("form.xlsx")
    checked = run("check", "form.xlsx", "--framework", "dti@2020")
    assert checked.exit_code == 0
    assert "1 city, 1 period (2020), 3 indicators" in checked.output


def test_a_form_asks_an_agency_that_the_framework_names(there: Path) -> None:
    refused = run("form", "-f", "vn-smart-city@1.0", "--agency", "Sở Y")
    assert refused.exit_code == 1
    assert "Agencies: Sở Y tế, " in refused.output
    assert not list(there.iterdir())


def test_a_file_for_each_agency_goes_into_a_folder(there: Path) -> None:
    words = ("form", "-f", "vn-smart-city@1.0", "--city", "hue", "--period", "2025", "--split")
    made = run(*words, "-o", "forms", "--lang", "en")
    assert made.exit_code == 0
    assert "department-of-health.xlsx  Department of Health: " in made.output
    files = sorted(path.name for path in (there / "forms").iterdir())
    assert f"{len(files)} files written to forms" in made.output
    assert all(name.isascii() for name in files)
    again = run(*words, "-o", "forms", "--lang", "en")
    assert (again.exit_code, "--force" in again.output) == (1, True)
    named = run(*words, "-o", "form.xlsx", "--lang", "en")
    assert named.exit_code == 1
    assert "name a folder" in named.output
