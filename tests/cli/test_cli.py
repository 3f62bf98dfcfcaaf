"""The command `kpi`: what it does, says, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from commands import REPORT, SMALL, done, fails, kpi
from small_report import TITLE, VALUES, write_inputs

from kpi_lib import __version__


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with data, cities, framework and notebook."""
    monkeypatch.chdir(tmp_path)
    write_inputs(tmp_path, [TITLE])
    return tmp_path


def test_version_and_help() -> None:
    assert kpi("--version").stdout == f"kpi-lib {__version__}\n"
    for command in ("check", "score", "report", "framework check", "framework show"):
        assert "Examples:\n  kpi " in done(*command.split(), "--help").stdout


def test_wrong_usage_is_exit_code_2() -> None:
    assert kpi("score").exit_code == 2
    assert kpi("report", "x", "--framework", "y", "--lang", "fr").exit_code == 2


def test_check_counts_what_is_there(place: Path) -> None:
    said = done("check", *SMALL).stdout
    said, cities = said.splitlines(keepends=True)[::-1]
    assert cities == f"Cities: {place / 'cities.csv'}\n"
    assert said == "3 cities, 2 periods (2023 to 2024), 2 indicators; 6 values, 0 missing.\n"


def test_check_gives_all_problems_at_once(place: Path) -> None:
    text = VALUES + "an-binh,2024,A1,60\ndong-ha,2024,A9,5\ndong-ha,2023,A1,abc\n"
    (place / "observations.csv").write_text(text, encoding="utf-8")
    said = fails("check", *SMALL)
    assert said.count("error: ") == 3
    assert "A9" in said
    assert "'abc'" in said
    assert "row 8" in said
    assert said.endswith("3 errors.\n")


def test_score_shows_the_composite_and_its_parts(place: Path) -> None:
    said = done("score", *SMALL).stdout
    assert "1/2  Dong Ha   70.0      100%" in said
    assert "small@1, 2024" in said
    assert "small@1, 2023" in said
    assert "The latest period is not the same for all: 2024 (2 cities), 2023 (1 city)." in said


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_score_writes_the_long_table_unrounded(place: Path, ending: str) -> None:
    target = place / f"scores{ending}"
    done("score", *SMALL, "--period", "all", "--aggregate", "geometric", "-o", str(target))
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".xlsx": pd.read_excel}[ending]
    table = read(target, **({} if ending == ".parquet" else {"dtype": {"period": str}}))
    columns = ["city", "period", "code", "level", "score", "rank", "coverage"]
    assert list(table.columns[:7]) == columns
    row = table[(table.city == "dong-ha") & (table.code == "TOTAL")].iloc[0]
    assert row["score"] == pytest.approx((80 * 60) ** 0.5, rel=1e-15)
    assert len(table) == 4 * 4


def test_score_takes_latest_or_one_period(place: Path) -> None:
    for period, cities in (("latest", 3), ("2023", 2)):
        kpi("score", *SMALL, "--period", period, "-o", "s.csv")
        assert pd.read_csv("s.csv")["city"].nunique() == cities
    assert "there are: 2023, 2024" in fails("score", *SMALL, "--period", "1999")


def test_score_options_replace_the_frameworks(place: Path) -> None:
    (place / "w.yaml").write_text("weights: {A2: 3}")
    kpi("score", *SMALL, "--weights", "w.yaml", "--missing", "zero", "-o", "s.csv")
    scores = pd.read_csv("s.csv").set_index(["city", "code"])["score"]
    assert scores["dong-ha", "TOTAL"] == pytest.approx((80 + 3 * 60) / 4)
    assert scores["an-binh", "TOTAL"] == pytest.approx(60 / 4)


def test_methods_take_parameters(place: Path) -> None:
    kpi("score", *SMALL, "--aggregate", "power:p=2", "-o", "s.csv")
    scores = pd.read_csv("s.csv").set_index(["city", "code"])["score"]
    assert scores["dong-ha", "TOTAL"] == pytest.approx(((80**2 + 60**2) / 2) ** 0.5)
    assert "p=0.5" in fails("score", *SMALL, "--aggregate", "power:0.5")
    assert "geometric" in fails("score", *SMALL, "--aggregate", "geometrik")


def test_framework_check_and_show(place: Path) -> None:
    assert kpi("framework", "check", "small.yaml").stdout == (
        "small@1: OK, 1 group, 2 indicators (2 scored, 0 with targets; 2 adapted).\n"
    )
    shown = kpi("framework", "show", "small.yaml", "--lang", "vi").stdout
    assert "small@1: Bộ thử\ntình trạng: tạm thời\n" in shown
    assert "  A1  Chỉ số một  [trọng số 1; %; cao hơn là tốt hơn; mốc 0 đến 100]" in shown
    assert "vn-smart-city@1.0" in kpi("framework", "show").stdout


def test_report_makes_notebook_page_and_list(place: Path) -> None:
    result = done(*REPORT, "--city", "Đông Hà", "--lang", "en")
    folder = place / "reports" / "small@1" / "latest" / "en"
    assert (folder / "dong-ha.html").is_file()
    assert (folder / "dong-ha.ipynb").is_file()
    assert str(Path("reports/small@1/latest/en/index.html")) in result.stdout
    assert result.stdout.startswith("1 report made")


def test_pages_of_several_languages_lead_to_each_other(place: Path) -> None:
    done(*REPORT, "--city", "Đông Hà", "--lang", "en", "--lang", "vi")
    for lang, other in (("en", "vi"), ("vi", "en")):
        page = place / "reports" / "small@1" / "latest" / lang / "dong-ha.html"
        address = f"../{other}/dong-ha.html"
        assert f'<a href="{address}" lang="{other}"' in page.read_text(encoding="utf-8")
        assert (page.parent / address).resolve().is_file()


def test_report_with_a_failure_ends_with_3(place: Path) -> None:
    write_inputs(place, [TITLE, 'if city == "x-y": undefined'])
    result = kpi(*REPORT, "--workers", "2")
    assert result.exit_code == 3
    assert "2 reports made" in result.stdout
    assert "1 city failed:" in result.stderr
    assert "x-y: cell [4]: NameError: name 'undefined' is not defined" in result.stderr


WRONG = {
    "unknown indicator": (VALUES + "an-binh,2022,A11,5\n", "'A1'"),
    "text where a number belongs": (VALUES + "an-binh,2022,A1,nhiều\n", "nhiều"),
    "outside valid": (VALUES + "an-binh,2022,A1,150\n", "150"),
    "duplicate": (VALUES + "an-binh,2023,A1,50\n", "row"),
    "unknown city": (VALUES + "an-bin,2022,A1,50\n", "An Bình|An Binh|an-binh"),
    "empty file": ("", "empty"),
    "only a header": ("city,period,indicator,value\n", "no rows"),
}


@pytest.mark.parametrize("command", ["score", "report"])
@pytest.mark.parametrize("case", WRONG)
def test_wrong_data_get_one_message_and_nothing_is_written(
    place: Path, command: str, case: str
) -> None:
    text, expected = WRONG[case]
    (place / "observations.csv").write_text(text, encoding="utf-8")
    before = sorted(place.rglob("*"))
    said = fails(command, *SMALL, "-o", "out.csv" if command == "score" else "out")
    assert re.search(expected, said), said
    assert "observations.csv" in said
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["none.csv", "--framework", "small.yaml"], "none.csv"),
        (["observations.csv", "--framework", "vn-smart-cty@1.0"], "vn-smart-city@1.0"),
        (["observations.csv", "--framework", "broken.yaml"], "goalpost"),
        (["observations.csv", "--framework", "none.yaml"], "none.yaml"),
        (["really.xlsx", "--framework", "small.yaml"], "xlsx"),
        (["latin.csv", "--framework", "small.yaml"], "UTF-8"),
        ([*SMALL, "--city", "Đông Hạp"], "Đông Hà"),
        ([*SMALL, "--period", "1999"], "2024"),
        ([*SMALL, "--notebook", "none.ipynb"], "none.ipynb"),
        ([*SMALL, "--cities", "none.csv"], "none.csv"),
    ],
)
def test_wrong_asking_gets_one_message_and_nothing_is_written(
    place: Path, arguments: list[str], expected: str
) -> None:
    (place / "broken.yaml").write_text(
        (place / "small.yaml").read_text(encoding="utf-8").replace("goalposts", "goalpost"),
        encoding="utf-8",
    )
    (place / "really.xlsx").write_text("a,b\n1,2\n")
    (place / "latin.csv").write_bytes(VALUES.encode() + "Hué,2024,A1,5\n".encode("cp1252"))
    before = set(place.rglob("*"))
    said = fails("report", *arguments, "-o", "out")
    assert expected in said
    assert set(place.rglob("*")) == before


def test_a_folder_that_cannot_be_written_is_said(place: Path) -> None:
    (place / "reports").write_text("a file where the folder should be")
    assert kpi(*REPORT).exit_code in (1, 2)
    said = fails("score", *SMALL, "-o", "scores.txt")
    assert ".csv, .xlsx, .parquet" in said


def test_report_makes_only_what_has_changed(place: Path) -> None:
    assert "3 reports to be made, 0 up to date." in kpi(*REPORT, "--dry-run").stdout
    assert not (place / "reports").exists()
    assert "3 reports made" in kpi(*REPORT).stdout
    assert "0 reports made" in kpi(*REPORT).stdout
    assert "3 up to date" in kpi(*REPORT).stdout
    assert kpi(*REPORT, "--force", "--dry-run", "--city", "x-y").stdout == (
        "x-y: forced\n1 report to be made, 0 up to date.\n"
    )


def test_a_run_leaves_a_record(place: Path) -> None:
    write_inputs(place, [TITLE, 'if city == "x-y": undefined'])
    kpi(*REPORT)
    told = json.loads((place / "reports/small@1/latest/vi/run.json").read_text(encoding="utf-8"))
    assert told["framework"] == "small@1"
    assert told["counts"] == {"made": 2, "failed": 1, "kept": 0}
    assert told["cities"]["an-binh"]["status"] == "made"
    assert told["cities"]["an-binh"]["why"] == ["new"]
    assert told["cities"]["an-binh"]["seconds"] > 0
    assert told["cities"]["x-y"]["error"]["name"] == "NameError"
    assert {"begun", "seconds", "kpi-lib", "python", "data", "lang", "period"} <= set(told)


def test_a_scheduler_gets_lines_of_json(place: Path) -> None:
    result = kpi(*REPORT, "--log-format", "json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["event"] for each in lines] == ["begin", "city", "city", "city", "end"]
    assert {each["city"] for each in lines[1:4]} == {"an-binh", "dong-ha", "x-y"}
    assert lines[-1]["made"] == 3
    assert all("time" in each for each in lines)


def test_show_says_of_points_what_points_are() -> None:
    said = kpi("framework", "show", "provincial-scoring-demo@1.0").output
    assert "sum of points, at most 100" in said
    assert "aggregate" not in said
    assert "weight 1" not in said
    assert "((" not in said
    assert "V  New models and digital economy  [points: 20; at most 20]" in said
    assert "[points: 3; %; below 5%: 3 points; from 5% to below 10%: 2 points;" in said
    assert "Class I: below 90%: 0 points" in said
    assert "class I: target 95% in 2030; class II: target 85% in 2030" in said
    assert "missing: a missing value scores 0" in said  # in words, not the name in the file
    assert "17 indicators (17 scored, 3 with targets" in said
