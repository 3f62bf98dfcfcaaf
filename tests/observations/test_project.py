"""Data that are an extract say so wherever they are shown; ``kpi.toml`` beside them names it."""

from __future__ import annotations

import pickle
import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from builders import ROOT
from supplied import FRAMEWORK, Folder, complaint, long

import kpi_lib as kpi
from kpi_lib.exchange.files import examine
from kpi_lib.locale.catalogue import tr
from kpi_lib.observations.describe import of_observations
from kpi_lib.observations.project.colours import PALETTE, colour_faults, contrast
from kpi_lib.observations.project.file import Project, files_named, read_project
from kpi_lib.observations.sources import gather
from kpi_lib.report.city import city_report
from kpi_lib.report.index.overview import national_overview
from kpi_lib.report.labels import HEADINGS
from kpi_lib.report.page.templating import TEMPLATES

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
        (['lang = "en"', 'peers = ""'], "line 2: peers: found ''; expected a column"),
        (["[sections]", "method = false"], "line 2: unknown key 'method' of sections."),
        (["[colours]", 'me = "blue"'], "line 2: colours › me: found 'blue'; expected a colour"),
        (['lang = "xx"'], "line 1: lang: there is no language 'xx'"),
        (['logo = "../logo.svg"'], "line 1: logo: found '../logo.svg'; expected the name"),
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
    project, problems = read_project(file, file.read_bytes())
    assert not problems
    assert set(project.extract) == {"vi", "en"}


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{}</svg>'


def project_of(folder: Folder, *lines: str, **files: str) -> tuple[Project, list[str]]:
    """What a kpi.toml of these lines says, with files beside it; and what is wrong."""
    for name, content in files.items():
        folder(content, name=name.replace("__", "."))
    file = folder(*lines, name="kpi.toml")
    project, problems = read_project(file, file.read_bytes())
    return project, [f"{problem.severity}: {problem}" for problem in problems]


# Black on white is 21 to 1; #767676 is the lightest grey that WCAG AA lets be text on white.
@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#767676", "#ffffff", 4.54), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


def test_our_own_colours_can_be_read_and_are_those_of_the_style() -> None:
    assert not list(colour_faults(PALETTE))
    css = (TEMPLATES / "kpi.css").read_text(encoding="utf-8")
    for name, (light, dark) in PALETTE.items():
        found = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", css)
        assert found is not None, name
        assert found.groups() == (light, dark)


def test_a_colour_that_cannot_be_read_in_the_dark_is_an_error_that_says_one_that_can(
    folder: Folder,
) -> None:
    _, said = project_of(folder, "[colours]", 'me = "#0b5cad"')
    (error,) = said
    assert "line 2: me (#0b5cad) on wash (#1d2228), dark: the contrast is 2.40" in error
    proposed = re.search(r"me = {light.*?}", error)
    assert proposed is not None
    project, said = project_of(folder, "[colours]", proposed[0])
    assert not said
    assert project.colours["me"][0] == "#0b5cad"


@pytest.mark.parametrize(
    "inside",
    [
        "<script>x()</script>",
        '<rect onload="x()"/>',
        '<a href="javascript:x()"/>',
        '<image href="https://elsewhere/x.png"/>',
        "<style>@import url(x.css)</style>",
        '<rect fill="url(https://elsewhere/x)"/>',
        "<foreignObject/>",
    ],
)
def test_a_logo_runs_nothing_and_fetches_nothing(folder: Folder, inside: str) -> None:
    project, said = project_of(folder, 'logo = "logo.svg"', logo__svg=SVG.format(inside))
    assert not project.logo
    assert all("a logo may hold none" in text for text in said)
    assert said


def test_a_logo_is_small_and_what_its_name_says(folder: Folder) -> None:
    project, said = project_of(folder, 'logo = "logo.svg"', logo__svg=SVG.format("<path/>"))
    assert not said
    assert project.logo.startswith("data:image/svg+xml;base64,")
    for name, content, why in (
        ("big.svg", SVG.format("<path/>" * 10_000), "KB"),
        ("logo.png", "no picture", "not a PNG"),
        ("logo.gif", "GIF89a", "SVG or a PNG"),
    ):
        folder(content, name=name)
        assert why in project_of(folder, f'logo = "{name}"')[1][0]


PO = 'msgid ""\nmsgstr ""\n"Language: en\\n"\n\nmsgid "{}"\nmsgstr "{}"\n'


def test_a_sentence_of_ones_own_is_said_in_its_language_only(folder: Folder) -> None:
    own = PO.format("Where it stands", "At a glance")
    project, said = project_of(folder, 'sentences = "own.po"', own__po=own)
    assert not said
    english, vietnamese = project.speaks("en"), project.speaks("vi")
    assert tr(english, "Where it stands") == "At a glance"
    assert tr("en", "Where it stands") == "Where it stands"
    assert tr(vietnamese, "Where it stands") == tr("vi", "Where it stands")
    again = pickle.loads(pickle.dumps(english))
    assert tr(again, "Where it stands") == "At a glance"
    assert again == "en"


@pytest.mark.parametrize(
    ("text", "own", "found"),
    [
        ("Were it stands", "x", "warning: {file}: line 5: no page has the text 'Were it stands'."),
        ("{name} ranks {rank} of {n} {nouns}.", "{nome}", "error: {file}: line 5: 'nome' is no"),
        ("{name} ranks {rank} of {n} {nouns}.", "{name", "error: {file}: line 5: '{{' is no"),
    ],
)
def test_a_text_that_is_not_ours_or_does_not_fit_is_said(
    folder: Folder, text: str, own: str, found: str
) -> None:
    _, said = project_of(folder, 'sentences = "own.po"', own__po=PO.format(text, own))
    assert said[0].startswith(found.format(file=folder(*ROWS).with_name("own.po")))


def test_files_that_a_project_names_are_in_its_fingerprint(folder: Folder) -> None:
    data = folder(*ROWS)
    project_of(folder, 'logo = "logo.svg"', logo__svg=SVG.format(""))
    before = gather(data)
    assert [file.name for file in before.project] == ["kpi.toml", "logo.svg"]
    folder(SVG.format("<path/>"), name="logo.svg")
    assert gather(data).fingerprint != before.fingerprint
    assert not list(files_named(data, b'logo = "../../etc/passwd"'))


def test_the_sections_of_the_schema_are_those_of_a_city_page() -> None:
    schema = files("kpi_lib.framework") / "project_schema.yaml"
    told = yaml.safe_load(schema.read_text(encoding="utf-8"))["properties"]
    assert {*told["sections"]["properties"], "method"} == set(HEADINGS)
    assert set(told["colours"]["properties"]) == set(PALETTE)


def test_a_project_names_its_pages_and_takes_sections_out(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data/raw/demo", tmp_path / "data")
    lines = [
        'title = {vi = "Chỉ số X", en = "Index X"}',
        'unit_noun = {vi = "tỉnh", en = {one = "province", other = "provinces"}}',
        'peers = "region"',
        "[sections]",
        "level = false",
    ]
    (tmp_path / "data/kpi.toml").write_text("\n".join(lines), encoding="utf-8")
    report = city_report("hue", "latest", "vn-smart-city@1.0", tmp_path / "data", "en")
    plain = city_report("hue", "latest", "vn-smart-city@1.0", ROOT / "data/raw/demo", "en")
    assert "Index X" in report.title().html
    assert "of 12 provinces" in report.glance().html
    assert "(provinces of the same region" in str(report.glance().sentences[0])
    assert plain.level() is not None
    assert report.level() is None
    assert report.heading("level") is None
    assert report.board.framework.fingerprint == plain.board.framework.fingerprint
