"""`kpi edition`: what was published, kept so that anyone can verify it from the archive alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from cli.test_verify_choices import FILES
from commands import SMALL, done, kpi
from small_report import TITLE, VALUES, write_inputs

PAGES = "reports/small@1/latest"
SCORES = """\
import kpi_lib as kpi
board = kpi.scoreboard(data, framework)
board.points.loc[[(city, period)]].droplevel("period").T.round(2)"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "copy"
    monkeypatch.chdir(tmp_path)
    write_inputs(folder, [TITLE, SCORES])
    monkeypatch.chdir(folder)
    return folder


def test_an_edition_is_verified_from_itself_and_says_what_it_corrects_and_why(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = "edition", *SMALL, "--notebook", "report.ipynb", "-o"
    done(*make, "one.zip")
    Path(SMALL[0]).write_text(VALUES.replace("dong-ha,2024,A1,80", "dong-ha,2024,A1,90"))
    said = done(*make, "two.zip", "--final", "--corrects", "one.zip").stdout
    assert "1 city" in said
    with ZipFile("two.zip") as packed:
        about = json.loads(packed.read("edition.json"))
        changes = packed.read("changes.csv").decode()
        page = packed.read("index.html").decode()
        spoilt = {name: packed.read(name) for name in packed.namelist()}
    assert about["status"] == "final"
    assert about["corrects"]["sha256"] == hashlib.sha256(Path("one.zip").read_bytes()).hexdigest()
    assert "dong-ha,70.0,75.0,1,1,5.0,5.0,0.0,0.0,0.0" in changes
    assert "<td>75,00</td><td>+5,00</td><td>+5,00</td>" in page
    page_of = spoilt[f"{PAGES}/vi/dong-ha.html"].decode()
    for part in ("70,00 → 75,00", "+5,00", "one.zip"):
        assert part in page_of.partition('<p class="edition">')[2].partition("</p>")[0]
    monkeypatch.chdir(tmp_path)
    own = "--notebook", "copy/report.ipynb"
    assert done("verify", "copy/two.zip", *own).stdout == "3 reports: the same.\n"
    spoilt["data/observations.csv"] = spoilt["data/observations.csv"].replace(b"90", b"91")
    with ZipFile("spoilt.zip", "w") as packed:
        for name, content in spoilt.items():
            packed.writestr(name, content)
    result = kpi("verify", "spoilt.zip", *own)
    assert result.exit_code == 1
    assert "data/observations.csv was changed after it was made" in result.output
    assert "dong-ha, A1, value: on the page 90.0, recomputed 91.0" in result.output


def test_an_edition_holds_all_that_was_chosen(here: Path, tmp_path: Path) -> None:
    """Weights, places, columns, rows and uncertainties that lie elsewhere come along."""
    Path("elsewhere").mkdir()
    for name, text in FILES.items():
        Path(name).write_text(text, encoding="utf-8")
    Path("cities.csv").unlink()
    rows = VALUES.replace("indicator", "thing").splitlines()
    rows = [rows[0] + ",sex", *(f"{row},{sex}" for row in rows[1:] for sex in ("all", "men"))]
    Path("observations.csv").write_text("\n".join(rows), encoding="utf-8")
    chosen = (
        *("--weights", "elsewhere/weights.yaml", "--spec", "elsewhere/choices.yaml"),
        *("--cities", "elsewhere/places.csv", "--columns", "elsewhere/map.yaml"),
        *("--where", "sex=all", "--missing", "worst"),
    )
    done("edition", *SMALL, *chosen, "-o", "one.zip")
    with ZipFile("one.zip") as packed:
        about, names = json.loads(packed.read("edition.json")), packed.namelist()
        page = packed.read(f"{PAGES}/en/dong-ha.html")
    assert about["inputs"]["weights"] == "weights/weights.yaml"
    assert {"data/cities-places.csv", "data/columns-map.yaml", "spec/errors.csv"} < set(names)
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "dong-ha.html").write_bytes(page)
    (alone / "one.zip").write_bytes(Path("one.zip").read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(alone)
        assert done("verify", "one.zip").stdout == "3 reports: the same.\n"
        page_alone = ("verify", "dong-ha.html", "--edition", "one.zip")
        assert done(*page_alone).stdout == "1 report: the same.\n"
        Path("dong-ha.html").write_bytes(page.replace(b"80", b"81"))
        assert kpi(*page_alone).exit_code == 1
    Path("elsewhere/weights.yaml").write_text("weights: {A1: 1}\n", encoding="utf-8")
    done("edition", *SMALL, *chosen, "--since", "one.zip", "-o", "two.zip")
    with ZipFile("two.zip") as packed:
        changes = packed.read("changes.csv").decode().splitlines()
    weights = changes[0].split(",").index("weights")
    assert any(float(row.split(",")[weights]) for row in changes[1:])
