"""`kpi verify`: what was published is recomputed, and what differs is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import REPORT, SMALL, done, kpi
from openpyxl import load_workbook
from small_report import TITLE, write_inputs

from kpi_lib.scoring import cache

ROOT = Path(__file__).parents[2]
PAGES = Path("reports/small@1/latest")
OWN = "--notebook", "report.ipynb"
SCORES = """\
import kpi_lib as kpi
board = kpi.scoreboard(data, framework)
board.points.loc[[(city, period)]].droplevel("period").T.round(2)"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with inputs and the pages that were made from them, in both languages."""
    folder = tmp_path_factory.mktemp("published")
    write_inputs(folder, [TITLE, SCORES])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done(*REPORT, "--lang", "vi", "--lang", "en", "--workers", "1")
    return folder


@pytest.fixture
def here(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(published, folder)
    monkeypatch.chdir(folder)
    return folder


def change(path: str | Path, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert text.count(old) >= 1
    Path(path).write_text(text.replace(old, new, 1), encoding="utf-8")


def differs(*words: str) -> str:
    result = kpi("verify", *words)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.output


def test_what_nobody_has_changed_is_the_same_to_the_byte(here: Path) -> None:
    assert done("verify", "reports", *OWN).stdout == "6 reports: the same.\n"


def test_rows_that_were_chosen_are_chosen_again(here: Path) -> None:
    data = Path("observations.csv")
    head, *rows = data.read_text(encoding="utf-8").splitlines()
    doubled = [f"{row},{sex}" for row in rows for sex in ("all", "women")]
    data.write_text("\n".join([f"{head},sex", *doubled]), encoding="utf-8")
    shutil.rmtree("reports")
    done(*REPORT, "--where", "sex=all", "--city", "an-binh", "--workers", "1")
    assert done("verify", "reports", *OWN).stdout == "1 report: the same.\n"


def test_an_audit_made_after_the_list_does_not_change_it(here: Path) -> None:
    later = PAGES.with_name("2024") / "audit.vi.html"
    later.parent.mkdir()
    later.touch()
    noted, said = done("verify", "reports", *OWN).stdout.splitlines()
    assert noted.startswith("reports/small@1/2024/audit.vi.html: it does not say what made it")
    assert said == "6 reports: the same."
    done(*REPORT, "--lang", "vi", "--workers", "1", "--force")
    assert "../../2024/audit.vi.html" in (PAGES / "vi/index.html").read_text()
    noted, said = done("verify", "reports", *OWN).stdout.splitlines()
    assert noted.startswith("reports/small@1/2024/audit.vi.html: it does not say what made it")
    assert said == "6 reports: the same."


def test_a_page_alone_is_verified_wherever_the_data_are(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(PAGES / "vi/dong-ha.html", elsewhere)
    monkeypatch.chdir(elsewhere)
    assert "'observations.csv'" in differs("dong-ha.html")
    inputs = "--data", str(here / SMALL[0]), "-f", str(here / SMALL[2])
    said = done("verify", "dong-ha.html", *inputs).stdout
    assert said.endswith("1 report: the same.\n")
    assert "--notebook" in said
    notebook = "--notebook", str(here / "report.ipynb")
    assert done("verify", "dong-ha.html", *inputs, *notebook).stdout == "1 report: the same.\n"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda: change(SMALL[0], "dong-ha,2024,A1,80", "dong-ha,2024,A1,81"),
            ["observations.csv has changed", "dong-ha, A1, value: on the page 80.0, recomputed 81"],
        ),
        (
            lambda: change(SMALL[2], "goalposts: [0, 100]", "goalposts: [0, 160]"),
            ["small@1 has changed", "dong-ha, A1, score: on the page 80.0, recomputed 50.0"],
        ),
        (
            lambda: change("report.ipynb", "round(2)", "round(1)"),
            ["report.ipynb has changed"],
        ),
    ],
)
def test_an_input_that_has_changed_is_named_with_what_follows(
    here: Path, spoil: Callable[[], None], told: list[str]
) -> None:
    spoil()
    said = differs("reports", *OWN)
    for part in told:
        assert part in said


def test_one_digit_is_named_whatever_it_is_of(here: Path) -> None:
    own = PAGES / "vi"
    change(own / "dong-ha.html", "<td>80.0</td>", "<td>90.0</td>")
    change(own / "dong-ha.ipynb", "<td>80.0</td>", "<td>90.0</td>")
    change(own / "an-binh.html", "A1&quot;:[60.0", "A1&quot;:[6.0")
    change(own / "scores.csv", "80.0", "90.0")
    change(own / "index.html", "Đông Hà", "Đông Hải")
    book = load_workbook(own / "scores.xlsx")
    numbers = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
    cell = next(cell for cell in numbers if isinstance(cell.value, int | float))
    cell.value += 1
    book.save(own / "scores.xlsx")
    (own / "weights.csv").unlink()
    said = differs(str(own), *OWN)
    for part in (
        "dong-ha.html was changed after it was made",
        "A1: on the page '90.0', recomputed '80.0'",
        "dong-ha.ipynb was changed after it was made",
        "dong-ha.ipynb: differs from what is made again, first in line",
        "an-binh, A1, value: on the page 6.0, recomputed 60.0",
        "scores.csv: differs from what is made again, first in line",
        f"scores.xlsx: sheet '{cell.parent.title}', cell {cell.coordinate}: '{cell.value}', "
        f"recomputed '{cell.value - 1}'",
        "weights.csv is not there",
        "on the page 'Đông Hải đứng đầu",
        "recomputed 'Đông Hà đứng đầu",
        "3 pages not the same.",
    ):
        assert part in said


def test_a_page_of_kept_scores_that_were_changed_is_found_out(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_CACHE", str(tmp_path / "cache"))
    cache._recent.clear()
    board = cache.scoreboard(SMALL[0], SMALL[2])
    board.points.loc[("dong-ha", "2024"), "A1"] = 99.0
    shutil.rmtree(tmp_path / "cache")
    cache._keep(board, cache.scores_folder() / cache.key_of(board))
    cache._recent.clear()
    done(*REPORT, "--lang", "en", "--workers", "1", "--force")
    cache._recent.clear()
    said = differs(str(PAGES / "en"))
    assert "dong-ha, A1, score: on the page 99.0, recomputed 80.0" in said


def test_a_page_that_does_not_say_what_made_it_is_named(here: Path) -> None:
    page = PAGES / "vi/dong-ha.html"
    text = page.read_text(encoding="utf-8")
    audit = PAGES / "audit.vi.html"
    audit.write_text(text.replace('name="made"', 'name="other"'), encoding="utf-8")
    said = done("verify", "reports", *OWN).stdout.splitlines()
    assert said == [
        f"{audit}: it does not say what made it, so that it is not verified",
        "6 reports: the same.",
    ]
    page.write_text(audit.read_text(encoding="utf-8"), encoding="utf-8")
    assert f"{page}: it does not say what made it" in differs(str(PAGES / "vi"), *OWN)


def test_where_no_page_says_what_made_it_that_is_said(tmp_path: Path) -> None:
    assert "what made it" in differs(str(tmp_path))


def test_a_notebook_of_somebody_is_run_only_where_it_is_named(here: Path) -> None:
    source = Path("report.ipynb").read_text(encoding="utf-8")
    source = source.replace("import kpi_lib", "open('ran', 'a').close()\\nimport kpi_lib")
    Path("report.ipynb").write_text(source, encoding="utf-8")
    done(*REPORT, "--lang", "vi", "--workers", "1")
    assert Path("ran").exists()
    Path("ran").unlink()
    said = done("verify", str(PAGES / "vi")).stdout
    assert "report.ipynb is not a notebook of the library" in said
    assert said.endswith("3 reports: the same.\n")
    assert not Path("ran").exists()
    done("verify", str(PAGES / "vi"), *OWN)
    assert Path("ran").exists()


SURROUNDINGS = (
    (["--kernel", "warm", "--workers", "2"], "UTC", "C.UTF-8", "0", 0o022),
    (["--kernel", "plain", "--workers", "1"], "Asia/Ho_Chi_Minh", "vi_VN.UTF-8", "7", 0o077),
)


@pytest.mark.system
def test_the_same_inputs_give_the_same_bytes_wherever_they_are(tmp_path: Path) -> None:
    made = []
    for options, zone, locale, seed, umask in SURROUNDINGS:
        folder = tmp_path / f"a folder {seed}"
        write_inputs(folder)
        told = {
            "TZ": zone,
            "LC_ALL": locale,
            "PYTHONHASHSEED": seed,
            "KPI_CACHE": str(folder / "c"),
        }
        subprocess.run(
            [sys.executable, "-m", "kpi_lib.cli", "report", *SMALL, *options],
            cwd=folder,
            env={**os.environ, **told},
            umask=umask,
            check=True,
        )
        pages = folder / "reports"
        files = {path.relative_to(pages): path for path in pages.rglob("*") if path.is_file()}
        made.append(
            {
                str(name): path.read_bytes()
                for name, path in files.items()
                if path.name != "run.json"
            }
        )
    assert len(made[0]) > 9
    assert made[0] == made[1]
