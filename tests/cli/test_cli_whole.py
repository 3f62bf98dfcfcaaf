"""The commands on all cities at once, and the cities file that is not beside the data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from builders import DEMO, ROOT
from commands import done, fails


@pytest.mark.parametrize("kind", ["audit", "overview"])
def test_a_notebook_and_a_page_are_written(kind: str, tmp_path: Path) -> None:
    done(kind, str(DEMO), "-f", "vn-smart-city@1.0", "--lang", "vi", "-o", str(tmp_path))
    folder = tmp_path / "vn-smart-city@1.0" / "2025"
    assert sorted(path.name for path in folder.iterdir()) == [f"{kind}.vi.html", f"{kind}.vi.ipynb"]
    page = (folder / f"{kind}.vi.html").read_text(encoding="utf-8")
    assert '<html lang="vi">' in page
    assert "DEMO" in page


def test_wrong_input_writes_nothing(tmp_path: Path) -> None:
    output = tmp_path / "out"
    words = ("audit", str(DEMO), "-f", "vn-smart-city@1.0", "--period", "1999")
    assert "there is no period '1999'" in fails(*words, "-o", str(output))
    assert not output.exists()


def test_a_cities_file_elsewhere_names_the_cities_of_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "data/raw/dti/cities.csv", tmp_path / "places.csv")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "dti.csv").write_text(
        "city,period,CQS,KTS,XHS\n48,2020,0.5346,0.4155,0.4964\n46,2020,0.522,0.304,0.3655\n"
    )
    words = ("report", "data/dti.csv", "-f", "dti@2020", "--cities", "places.csv", "--city", "48")
    done(*words, "--lang", "en", "-o", "out")
    page = (tmp_path / "out/dti@2020/latest/en/48.html").read_text(encoding="utf-8")
    assert "In 2020 Da Nang scores 0.4874 out of 1" in page


def test_an_audit_is_told_its_peer_groups(tmp_path: Path) -> None:
    data = (str(DEMO), "-f", "vn-smart-city@1.0", "--lang", "en", "-o", str(tmp_path))
    done("audit", *data, "--peers", "region")
    (page,) = tmp_path.rglob("audit.en.html")
    assert "The peers of each are the cities of the same region." in page.read_text("utf-8")
    assert "no column 'regoin'" in fails("audit", *data, "--peers", "regoin")


def test_robustness_gives_ranks_among_peers(tmp_path: Path) -> None:
    data = (str(DEMO), "-f", "vn-smart-city@1.0", "--draws", "50")
    said = done("robustness", *data, "--peers", "class").stdout
    assert "The peers of each are the cities of the same class." in said
    hue = next(line for line in said.splitlines() if line.startswith("hue ")).split()
    assert hue[-5:-3] == ["2", "8"]
    assert "peer_rank" not in done("robustness", *data, "--peers", "none").stdout
