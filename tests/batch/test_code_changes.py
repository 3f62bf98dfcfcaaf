"""Scores and pages follow from all code: one changed file makes them again."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from builders import ROOT
from small_report import TITLE, write_inputs

ROOMS = sorted(path.parent.name for path in (ROOT / "kpi_lib").glob("*/__init__.py"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library as a wheel installs it, outside the repository, and a set of two pages."""
    place = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(place / "site")
    (place / "work").mkdir()
    write_inputs(place / "work", [TITLE])
    assert "3 reports made" in report(place)
    assert len(kept(place)) == 1
    assert "0 reports" in report(place)
    return place


def report(place: Path, *options: str) -> str:
    given = ("observations.csv", "-f", "small.yaml", "--notebook", "report.ipynb", "--lang", "en")
    done = subprocess.run(
        [sys.executable, "-m", "kpi_lib.cli", "report", *given, *options],
        cwd=place / "work",
        env={
            **os.environ,
            "PYTHONPATH": str(place / "site"),
            "KPI_CACHE": str(place / "kept"),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def kept(place: Path) -> set[str]:
    return {folder.name for folder in (place / "kept/scores").iterdir()}


@pytest.mark.system
@pytest.mark.parametrize(
    "pattern",
    [f"{room}/*.py" for room in ROOMS] + ["errors.py", "locale/*.po", "report/templates/*.css"],
)
def test_one_changed_file_makes_scores_and_pages_again(site: Path, pattern: str) -> None:
    file = sorted((site / "site/kpi_lib").glob(pattern))[-1]
    comment = "/* other */\n" if file.suffix == ".css" else "# other\n"
    before, scores = file.read_bytes(), kept(site)
    try:
        file.write_bytes(before + comment.encode())
        planned = report(site, "--dry-run")
        assert "library" in planned
        assert "3 reports" in planned
        assert len(kept(site) - scores) == 1
    finally:
        file.write_bytes(before)
    assert "library" not in report(site, "--dry-run")
