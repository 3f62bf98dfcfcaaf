"""Data that are an extract say so wherever they are shown; ``kpi.toml`` beside them names it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from builders import ROOT
from supplied import FRAMEWORK, Folder, complaint, long

import kpi_lib as kpi
from kpi_lib.exchange.files import examine
from kpi_lib.observations.describe import of_observations
from kpi_lib.observations.project import read_extract
from kpi_lib.observations.sources import gather
from kpi_lib.report.city import city_report
from kpi_lib.report.index.overview import national_overview

ROWS = long("hue,2025,A.1,91", "da-nang,2025,A.1,95")
EN = "the nine leading provinces of 63"
VI = "chín tỉnh, thành phố dẫn đầu trong số 63"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def leading(tmp_path: Path) -> Path:
    """The nine published provinces, as notebooks/prepare_dti.ipynb writes them."""
    raw = (ROOT / "data/raw/dti/dti_2020_top9.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in raw[1:]]
    wide = ["city,period,CQS,KTS,XHS", *(",".join([r[0], *r[2:6]]) for r in rows)]
    (tmp_path / "observations.csv").write_text("\n".join(wide), encoding="utf-8")
    for name in ("cities.csv", "kpi.toml"):
        shutil.copy(ROOT / "data/raw/dti" / name, tmp_path)
    return tmp_path / "observations.csv"


def test_the_extract_is_read_in_each_language(folder: Folder) -> None:
    data = folder(*ROWS)
    assert kpi.read_observations(data, FRAMEWORK).extract == {}
    folder("# ours", "[extract]", f'vi = "{VI}"', f'en = "{EN}"', name="kpi.toml")
    observations = kpi.read_observations(data, FRAMEWORK)
    assert observations.extract == {"vi": VI, "en": EN}
    assert any(EN in note for note in of_observations(observations).notes)


def test_one_text_is_for_all_languages(folder: Folder) -> None:
    folder('extract = "a half"', name="kpi.toml")
    extract = kpi.read_observations(folder(*ROWS), FRAMEWORK).extract
    assert set(extract.values()) == {"a half"}
    assert {"vi", "en"} <= set(extract)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['title = "x"', 'extrakt = "a half"'], "line 2: unknown key 'extrakt'."),
        (["extract = 9"], "line 1: extract: found 9; expected a text"),
        (["[extract]", 'en = ""'], "line 1: extract: "),
        (["extract = a half"], "this is not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    folder: Folder, lines: list[str], expected: str
) -> None:
    file = folder(*lines, name="kpi.toml")
    observations, problems = examine(folder(*ROWS), FRAMEWORK)
    assert observations is None
    said = [str(problem) for problem in problems]
    assert all(str(file) in text for text in said)
    assert any(expected in text for text in said), said


def test_a_file_in_another_encoding_is_refused(folder: Folder) -> None:
    folder('extract = "chín tỉnh"', name="kpi.toml", encoding="utf-16")
    assert "not UTF-8" in complaint(folder(*ROWS))


def test_two_projects_are_not_read_as_one(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data.csv").write_text("\n".join(ROWS), encoding="utf-8")
        (tmp_path / name / "kpi.toml").write_text('extract = "a half"', encoding="utf-8")
    both = [tmp_path / "a", tmp_path / "b"]
    assert len(gather(both).project) == 1
    (tmp_path / "b" / "kpi.toml").write_text('extract = "a third"', encoding="utf-8")
    with pytest.raises(kpi.InputError, match="differ"):
        gather(both)


def test_what_is_written_is_an_extract_still(folder: Folder, tmp_path: Path) -> None:
    folder('extract = {vi = "“chín” \\"tỉnh\\"", en = "nine"}', name="kpi.toml")
    observations = kpi.read_observations(folder(*ROWS), FRAMEWORK)
    written = kpi.write_observations(observations, tmp_path / "written")
    assert kpi.read_observations(written, FRAMEWORK).extract == observations.extract


def test_another_extract_is_other_data(folder: Folder) -> None:
    data = folder(*ROWS)
    before = gather(data).fingerprint
    folder('extract = "a half"', name="kpi.toml")
    assert gather(data).fingerprint != before


@pytest.mark.parametrize(("lang", "extract"), [("vi", VI), ("en", EN)])
def test_pages_of_an_extract_say_so_before_all_else(leading: Path, lang: str, extract: str) -> None:
    report = city_report("48", "latest", "dti@2020", leading, lang)
    assert extract in str(report.title().sentences[0])
    assert report.title().html.index(extract) < report.title().html.index("<h1")
    first = str(report.glance().sentences[0]).partition(".")[0]
    assert {"vi": "bản trích", "en": "of this extract"}[lang] in first
    overview = national_overview("latest", "dti@2020", leading, lang)
    assert overview.title().html.index(extract) < overview.title().html.index("<h1")


def test_scores_that_were_kept_are_those_of_an_extract_still(leading: Path) -> None:
    made = kpi.scoreboard(leading, "dti@2020")
    kpi.scoreboard(ROOT / "data/raw/pci/pci-2013.csv", "pci@2013")  # the last one is remembered
    kept = kpi.scoreboard(leading, "dti@2020")
    assert kept is not made
    assert kept.observations.extract == {"vi": VI, "en": EN}


@pytest.mark.parametrize("name", ["dti", "u4ssc"])
def test_the_bundled_extracts_are_named(name: str) -> None:
    notebook = (ROOT / f"notebooks/prepare_{name}.ipynb").read_text(encoding="utf-8")
    assert "kpi.toml" in notebook  # it goes on to the prepared data
    file = ROOT / f"data/raw/{name}/kpi.toml"
    extract, problems = read_extract(file, file.read_bytes())
    assert not problems
    assert set(extract) == {"vi", "en"}
