"""What the documents for developers say holds: their paths are there, their recipes work."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from builders import ROOT

import kpi_lib as kpi

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")

FRAMEWORK = """
id: tried
version: "1"
title: Tried
normalise: {method: half_way, middle: 0.25}
aggregate: midrange
groups:
  - code: A
    title: A
    indicators:
      - {code: A1, title: One, direction: higher, goalposts: [0, 100]}
      - {code: A2, title: Two, direction: higher, goalposts: [0, 100]}
      - {code: A3, title: Three, direction: lower, goalposts: [0, 100]}
"""


def recipe(title: str, language: str = "python", after: str = "") -> str:
    """The first block of code under a heading, or behind a text under it."""
    section = CONTRIBUTING.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    section = section[section.index(after) :]
    found = re.search(rf"```{language}\n(.*?)```", section, flags=re.DOTALL)
    assert found is not None, title
    return found[1]


def line(of: str) -> str:
    """The line in the document that is put into a table of the code."""
    said = {"HEADINGS": r'`("near": mark\(.*?\),)`', "_SECTIONS": r'`("near": near\.piece,)`'}[of]
    found = re.search(said, CONTRIBUTING, flags=re.DOTALL)
    assert found is not None, of
    return " ".join(found[1].split())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the library, of which the recipes change the files."""
    for folder in ("kpi_lib", "tools"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old)
    file.write_text(text.replace(old, new), encoding="utf-8")


def run(copy: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={"PYTHONPATH": str(copy), "KPI_LANG": "en", "KPI_CACHE": str(copy / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.system
def test_a_normalisation_an_aggregation_and_a_format_are_added_as_written(copy: Path) -> None:
    """By hand: 25 of 0 to 100 is half way at 0.25; the middle of 50, 100 and 0 is 50."""
    methods = copy / "kpi_lib/methods"
    own = recipe("Add a normalisation")
    change(methods / "normalise.py", "NORMALISE.close()\n", f"{own}\n\nNORMALISE.close()\n")
    own = recipe("Add an aggregation")
    change(methods / "aggregate.py", "AGGREGATE.close()\n", f"{own}\n\nAGGREGATE.close()\n")
    reader, _, entry = recipe("Add an input format").partition("FORMATS: Mapping")
    line = next(line for line in entry.splitlines() if ".json" in line)
    tables = copy / "kpi_lib/io/tables/read.py"
    change(tables, "@dataclass(frozen=True)\nclass Format:", f"{reader}@dataclass\nclass Format:")
    change(tables, "FORMATS: Mapping[str, Format] = {\n", f"FORMATS = {{\n{line}\n")
    change(tables, "from pathlib import Path\n", "import json\nfrom pathlib import Path\n")
    (copy / "f.yaml").write_text(FRAMEWORK, encoding="utf-8")
    row = '{"city": "x", "period": 2025, "A1": 25, "A2": 100, "A3": 100}'
    (copy / "data.json").write_text(f"[{row}]", encoding="utf-8")
    run(copy, "-m", "kpi_lib.cli", "score", "data.json", "-f", "f.yaml", "-o", "scores.csv")
    scores = (copy / "scores.csv").read_text(encoding="utf-8").splitlines()
    found = {line.split(",")[2]: float(line.split(",")[4]) for line in scores[1:]}
    assert found["A1"] == pytest.approx(50)
    assert found["A2"] == 100
    assert found["A3"] == 0
    assert found["TOTAL"] == pytest.approx(50)
    missing = subprocess.run(
        [sys.executable, "tools/catalogues.py", "check"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert "half of the points half way" in missing


@pytest.mark.system
def test_a_section_is_added_as_written(copy: Path) -> None:
    """In the demo data Hue is third of twelve: the first five are nearest."""
    title, report = "Add a section to the city page", copy / "kpi_lib/report"
    (report / "sections/near.py").write_text(recipe(title), encoding="utf-8")
    template = report / "templates/sections/near.html.j2"
    template.write_text(recipe(title, "jinja"), encoding="utf-8")
    method = recipe(title, after="_SECTIONS")
    change(report / "labels.py", "HEADINGS = {\n", f"HEADINGS = {{\n{line('HEADINGS')}\n")
    change(report / "city.py", "    needed,\n", "    near,\n    needed,\n")
    start = "Piece | None]] = {\n"
    change(report / "city.py", start, f"{start}    {line('_SECTIONS')}\n")
    change(report / "city.py", "    def needed(self)", f"{method}\n    def needed(self)")
    told = f"""
import kpi_lib
report = kpi_lib.city_report("hue", data={str(ROOT / "data/raw/demo")!r}, lang="en")
print(report.heading("near"), report.near(), *report.near().data["rank"], sep="\\n")
assert report.near().plot().has_data()
assert '<th scope="row">Hue</th>' in report.near()._repr_html_()"""
    said = run(copy, "-c", told).split("\n")
    assert said[:2] == ["Nearest in the ranking", "Hue is at rank 3 of 12."]
    assert [float(rank) for rank in said[2:7]] == [1, 2, 3, 4, 5]


@pytest.mark.system
def test_a_language_is_added_as_written(copy: Path) -> None:
    command = recipe("Add a language", "sh").split()
    run(copy, *command[1:])
    catalogue = copy / "kpi_lib/locale/lo.po"
    text = catalogue.read_text(encoding="utf-8")
    wanted = 'msgid "the file is empty."\nmsgstr ""'
    assert wanted in text
    change(catalogue, wanted, wanted[:-1] + 'ຟາຍຫວ່າງເປົ່າ."')
    (copy / "empty.csv").write_text("", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "kpi_lib.cli", "check", "empty.csv", "-f", "u4ssc@2017"],
        cwd=copy,
        env={"PYTHONPATH": str(copy), "KPI_LANG": "lo"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ຟາຍຫວ່າງເປົ່າ" in done.stdout + done.stderr


def test_an_indicator_of_a_third_language_is_read(tmp_path: Path) -> None:
    title = "title: {vi: Một, en: One, lo: ໜຶ່ງ}"
    file = tmp_path / "f.yaml"
    text = FRAMEWORK.replace("{method: half_way, middle: 0.25}", "minmax")
    text = text.replace("aggregate: midrange\n", "").replace("title: One", title)
    file.write_text(text, encoding="utf-8")
    leaf = kpi.load_framework(file).node("A1")
    assert leaf.title["lo"] == "ໜຶ່ງ"


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_the_paths_that_a_document_names_are_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:kpi_lib|tests|tools|docs|notebooks|data)/[\w./@-]+)`", text))
    assert paths
    assert [
        path for path in sorted(paths) if not (ROOT / path).exists() and "lo.po" not in path
    ] == []


def test_the_picture_names_the_rooms_that_there_are() -> None:
    line = next(line for line in ARCHITECTURE.splitlines() if line.startswith("cli →"))
    there = {path.parent.name for path in (ROOT / "kpi_lib").glob("*/__init__.py")}
    there |= {"errors", "datasets"}
    assert set(line.split(" → ")) == there
    table = re.findall(r"^\| `(\w+)(?:\.py)?` \|", ARCHITECTURE, flags=re.MULTILINE)
    assert set(table) == there
    for room, first in re.findall(r"^\| `(\w+)` \|[^|]*\| `(\w+\.py)` \|", ARCHITECTURE, re.M):
        assert (ROOT / "kpi_lib" / room / first).is_file()
