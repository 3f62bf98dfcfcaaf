"""The commands on all cities at once, and the cities file that is not beside the data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from builders import DEMO, ROOT
from commands import done, fails

from kpi_lib.cli.whole import job_of
from kpi_lib.scoring.scoreboard import Scoreboard


def test_an_audit_is_a_notebook_and_a_page(tmp_path: Path) -> None:
    done("audit", str(DEMO), "-f", "vn-smart-city@1.0", "--lang", "vi", "-o", str(tmp_path))
    folder = tmp_path / "vn-smart-city@1.0" / "2025"
    assert sorted(path.name for path in folder.iterdir()) == ["audit.vi.html", "audit.vi.ipynb"]
    page = (folder / "audit.vi.html").read_text(encoding="utf-8")
    assert '<html lang="vi">' in page
    assert "DEMO" in page


REVIEW = ("framework", "review", "vn-smart-city@1.0", "vn-smart-city-revision-demo@1.1")


@pytest.mark.system
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_review_of_two_versions_is_a_notebook_and_a_page(lang: str, tmp_path: Path) -> None:
    periods = ("--period-old", "2024", "--period-new", "2025")
    told = done(*REVIEW, str(DEMO), *periods, "--lang", lang, "-o", str(tmp_path)).output
    folder = tmp_path / "vn-smart-city-revision-demo@1.1" / "2025"
    files = [folder / f"review-vn-smart-city@1.0.{lang}.{ending}" for ending in ("ipynb", "html")]
    assert told.splitlines() == [str(file) for file in files]
    assert sorted(folder.iterdir()) == sorted(files)
    page = files[1].read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in page
    assert "vn-smart-city@1.0 → vn-smart-city-revision-demo@1.1</title>" in page
    assert "DEMO" in page
    assert ("Hà Nội" if lang == "vi" else "Ha Noi") in page


@pytest.mark.system
def test_a_review_may_have_data_of_each_version_and_cities_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("places.csv").write_text("city,name_vi,name_en\nx,Xứ X,Land X\n", encoding="utf-8")
    for version, value in (("1", 40), ("2", 90)):
        leaf = "{code: A1, title: One, direction: higher, goalposts: [0, 100]}"
        Path(f"{version}.yaml").write_text(
            f"id: own\nversion: '{version}'\ntitle: Own\n"
            f"groups:\n  - {{code: A, title: A, indicators: [{leaf}]}}\n"
        )
        Path(f"data{version}").mkdir()
        Path(f"data{version}/values.csv").write_text(f"city,period,A1\nXứ X,2025,{value}\n")
    words = ("framework", "review", "1.yaml", "2.yaml", "data1", "--data-new", "data2")
    done(*words, "--cities", "places.csv", "--lang", "en", "-o", "out")
    page = Path("out/own@2/2025/review-own@1.en.html").read_text(encoding="utf-8")
    assert "Land X" in page
    assert "own@1 and own@2 do not differ." in page
    assert "+50" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*REVIEW, str(DEMO), "--period-new", "1999"), "there is no period '1999'"),
        ((*REVIEW[:3], "vn-smart-city@9", str(DEMO)), "there is no framework 'vn-smart-city@9'"),
        ((*REVIEW, "no-such-folder"), "no-such-folder"),
    ],
)
def test_a_review_of_what_is_not_there_writes_nothing(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    assert said in fails(*words, "-o", str(output))
    assert not output.exists()


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
    assert "<b>0.4874</b> <span>out of 1</span>" in page
    assert "Da Nang ranks 1st of 2" in page


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


def test_a_page_on_the_whole_leads_to_the_index_and_to_the_other_language_where_they_are(
    tmp_path: Path, demo: Scoreboard
) -> None:
    def links() -> tuple[str, dict[str, str]]:
        job = job_of(demo, "audit", "Audit", "2025", "vi", str(tmp_path), {})
        return job.index, dict(job.others)

    assert links() == ("", {})
    place = tmp_path / demo.framework.name
    for page in ("latest/vi/index.html", "2025/audit.en.html"):
        (place / page).parent.mkdir(parents=True)
        (place / page).touch()
    assert links() == ("../latest/vi/index.html", {"en": "audit.en.html"})
