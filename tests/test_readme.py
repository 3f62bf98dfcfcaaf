"""What the README says is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from builders import ROOT

import kpi_lib as kpi

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, containing: str) -> str:
    """Give the fenced block of a language that contains a text."""
    for text in re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL):
        if containing in text:
            return str(text)
    raise AssertionError(f"the README has no {language} block with {containing!r}")


def test_the_worked_example_gives_the_numbers_that_it_works_out(tmp_path: Path) -> None:
    """City X scores 65 from 26.67, 25 and 13.33 points; Y 63.33 on a coverage of two thirds."""
    (tmp_path / "mini.yaml").write_text(block("yaml", "id: mini"), encoding="utf-8")
    (tmp_path / "mini.csv").write_text(block("csv", "A1,A2,B1"), encoding="utf-8")
    framework = kpi.load_framework(tmp_path / "mini.yaml")
    board = kpi.score(kpi.read_observations(tmp_path / "mini.csv", framework), framework)
    table = board.table("TOTAL", 2025)
    assert table["score"].to_dict() == pytest.approx({"X": 65, "Y": 63 + 1 / 3})
    assert table["rank"].to_dict() == {"X": 1, "Y": 2}
    assert table["coverage"].to_dict() == pytest.approx({"X": 1, "Y": 2 / 3})
    points = board.contributions.loc[("X", "2025")]
    assert points.to_dict() == pytest.approx({"A1": 80 / 3, "A2": 25, "B1": 40 / 3})


def test_the_example_of_ones_own_data_is_read(tmp_path: Path) -> None:
    """Codes and titles both lead to indicators, and a reason stands for a missing value."""
    path = tmp_path / "my-data.csv"
    path.write_text(block("csv", "Huế,2024"), encoding="utf-8")
    framework = kpi.load_framework("vn-smart-city@1.0")
    table = kpi.read_observations(path, framework).table
    assert set(table["indicator"]) == {"PS.ONL.1", "IC.CON.1", "UM.PLA.3"}
    assert table["value"].isna().sum() == 1


def test_the_example_of_a_dataframe_gives_the_scores_that_it_says() -> None:
    names: dict[str, Any] = {}
    exec(block("python", "pd.DataFrame"), names)
    scores = names["board"].table("TOTAL", 2025)["score"].to_dict()
    said = re.search(r"# Huế \(46\) ([\d.]+), Vinh \(40\) ([\d.]+)", README)
    assert said is not None
    assert scores == {"46": float(said[1]), "40": float(said[2])}


def test_every_dependency_has_its_reason() -> None:
    """Each package that the project declares stands in the table of packages."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=;\[ ]", name)[0].lower() for name in project["dependencies"]}
    rows = README.split("| package | why |")[1].split("\n\n")[0].lower()
    missing = {name for name in declared if name not in rows}
    assert not missing


def test_the_readme_shows_files_that_exist() -> None:
    """Pictures, notebooks and folders that the README names are in the repository."""
    named = re.findall(r"\]\(([^)#]+)\)", README)
    named += re.findall(r"`((?:notebooks|data/raw|kpi_lib)/[\w./-]+?)/?`", README)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_links_within_the_readme_lead_to_its_headings() -> None:
    """Each heading's anchor is made as code hosts make it: lower case, hyphens, no commas."""
    headings = re.findall(r"^#+ (.+)$", README, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in headings}
    links = set(re.findall(r"\]\(#([^)]+)\)", README))
    assert links
    assert links <= anchors


def test_the_library_offers_what_the_readme_calls() -> None:
    """Each ``kpi.name`` of the README's Python exists, and so does every name in ``__all__``."""
    called = set(re.findall(r"\bkpi\.([a-z_]+)\(", README))
    assert {"score", "weigh", "what_if"} <= called
    assert [name for name in sorted(called | set(kpi.__all__)) if not hasattr(kpi, name)] == []


def test_the_table_of_criteria_is_a_framework(tmp_path: Path) -> None:
    section = README.partition("\n## Tables of criteria with points\n")[2].partition("\n## ")[0]
    text = section.partition("```yaml\n")[2].partition("```")[0]
    file = tmp_path / "criteria.yaml"
    file.write_text(f'id: criteria\nversion: "1"\ntitle: T\n{text}', encoding="utf-8")
    framework = kpi.load_framework(file)
    assert framework.maxima["TOTAL"] == 15
    assert [leaf.code for leaf in framework.indicators] == [f"A{n}" for n in range(1, 7)]
