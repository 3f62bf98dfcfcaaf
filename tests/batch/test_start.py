"""`kpi init` writes a project that runs as it is, from whatever it starts."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from annexes import official_annex
from commands import done, fails

import kpi_lib as kpi
from kpi_lib.batch.start import NOTEBOOKS, prepared, start_project


def board_of(folder: Path) -> kpi.Scoreboard:
    return kpi.score(folder / "data", folder / "framework.yaml")


def parameters(notebook: Path) -> dict[str, object]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    (cell,) = [one for one in cells if "parameters" in one["metadata"].get("tags", ())]
    found: dict[str, object] = {}
    exec("".join(cell["source"]), {}, found)
    return found


def test_a_project_runs_in_a_folder_with_spaces_and_vietnamese_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = done("init", "Dự án mới", "--lang", "en").stdout
    assert "cd 'Dự án mới'" in said
    monkeypatch.chdir(tmp_path / "Dự án mới")
    assert (
        "4 cities, 3 periods (2023 to 2025)"
        in done("check", "data", "-f", "framework.yaml", "--lang", "en").stdout
    )
    board = board_of(Path())
    assert board.observations.demo
    assert board.table("TOTAL", 2025)["score"].notna().all()


@pytest.mark.parametrize("name", kpi.datasets.FRAMEWORKS)
def test_a_project_from_a_data_set_gives_its_scores(name: str, tmp_path: Path) -> None:
    start_project(tmp_path / "project", name)
    own = board_of(tmp_path / "project")
    read = getattr(kpi.datasets, name.replace("-", "_"))()
    pd.testing.assert_frame_equal(own.points, kpi.score(read, kpi.datasets.FRAMEWORKS[name]).points)
    beside = {path.name for path in (tmp_path / "project/data").iterdir()}
    assert beside & {"SOURCES.md", "README.md"}


def test_a_project_from_an_annex_waits_for_its_data(tmp_path: Path) -> None:
    annex = official_annex(tmp_path / "phụ lục.xlsx")
    start_project(tmp_path / "project", str(annex))
    board = board_of(tmp_path / "project")
    codes = {indicator.code for indicator in board.framework.indicators}
    table = board.observations.table
    assert set(table["indicator"]) == codes
    assert table["value"].isna().all()
    assert not board.observations.demo
    framework = board.framework
    assert framework.report_title("vi") == framework.title["vi"] != "Báo cáo đô thị thông minh"


def test_a_project_from_a_framework_is_that_framework(tmp_path: Path) -> None:
    start_project(tmp_path / "one", "vn-smart-city@1.0")
    own = kpi.load_framework(tmp_path / "one/framework.yaml")
    assert own.fingerprint == kpi.load_framework("vn-smart-city@1.0").fingerprint
    start_project(tmp_path / "two", str(tmp_path / "one/framework.yaml"))
    assert kpi.load_framework(tmp_path / "two/framework.yaml").fingerprint == own.fingerprint


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_template_is_read_once_it_is_filled_in(lang: str, tmp_path: Path) -> None:
    start_project(tmp_path / "project", lang=lang)  # type: ignore[arg-type]
    template = pd.read_csv(tmp_path / "project/template.csv")
    framework = kpi.load_framework(tmp_path / "project/framework.yaml")
    assert len(template) == 4 * len(framework.indicators)
    assert set(template["note"]) == {{"vi": "chưa thu thập", "en": "not yet collected"}[lang]}
    filled = template.assign(value=50, note="")
    cities = tmp_path / "project/data/cities-demo.csv"
    observations = kpi.read_observations(filled, framework, cities)
    assert set(observations.table["period"]) == {"2026"}
    assert set(observations.table["indicator"]) == {one.code for one in framework.indicators}


def test_its_notebooks_name_its_own_data_and_cities(tmp_path: Path) -> None:
    start_project(tmp_path / "project")
    folder = tmp_path / "project/notebooks"
    assert {path.stem for path in folder.iterdir()} == set(NOTEBOOKS)
    for path in folder.iterdir():
        told = parameters(path)
        assert (told["framework"], told["data"]) == ("framework.yaml", "data")
    assert parameters(folder / "city_report.ipynb")["city"] == "mau-a"
    assert parameters(folder / "compare_cities.ipynb")["cities"] == ["mau-a", "mau-b", "mau-c"]
    assert parameters(folder / "analysis.ipynb")["city"] is None


def test_commands_that_a_notebook_tells_are_of_the_project(tmp_path: Path) -> None:
    """The explorer ends with the commands that use the weights which were found."""
    start_project(tmp_path / "project")
    told = (tmp_path / "project/notebooks/explore_weights.ipynb").read_text(encoding="utf-8")
    assert told.count("`kpi score data -f framework.yaml --weights weights.yaml`") == 2
    assert "data/raw/demo" not in told
    spaced = prepared("explore_weights", {"data": "số liệu", "framework": "dti@2020"})
    assert "kpi report 'số liệu' -f dti@2020 --weights weights.yaml -o" in spaced


def test_its_makefile_calls_the_commands(tmp_path: Path) -> None:
    start_project(tmp_path / "project")
    dry = ["make", "-n", "-C", str(tmp_path / "project"), "check", "report", "lab"]
    said = subprocess.run(dry, check=True, capture_output=True, text=True).stdout
    assert "kpi check data --framework framework.yaml" in said
    assert "kpi report data --framework framework.yaml --output reports" in said


def test_nothing_is_written_over_and_nothing_is_left_of_what_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    assert "expected a new or an empty folder" in fails("init", "mine", "--lang", "en")
    said = fails("init", "new", "--from", "u4scc", "--lang", "en")
    assert "Did you mean 'u4ssc'" in said
    assert "there is no 'gone.xlsx'" in fails("init", "new", "--from", "gone.xlsx").lower()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    (tmp_path / "mine/thesis.txt").unlink()
    done("init", "mine")
