"""Pieces of a report: data with plain names, a part of the page, a drawing; and what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from builders import DEMO, ROOT
from small_report import CITIES, VALUES, write_inputs

from kpi_lib.errors import InputError
from kpi_lib.report.city import CityReport, city_report
from kpi_lib.report.labels import HEADINGS
from kpi_lib.report.page import piece as pieces
from kpi_lib.report.page.piece import ChartPiece, Piece
from kpi_lib.report.sections import (
    glance,
    indicators,
    levels,
    method,
    needed,
    parts,
    points,
    strengths,
    targets,
)

NAMES = ["title", "glance", *HEADINGS]
CHARTS = ["parts", "targets", "strengths"]
POINTS = ROOT / "data/raw/scoring-demo/observations-demo.csv"
PROVINCES = ROOT / "data/raw/pci/pci-2013.csv"
DOCUMENTED: dict[str, Callable[..., pd.DataFrame]] = {
    "glance": glance.data,
    "parts": parts.data,
    "points": points.data,
    "targets": targets.data,
    "level": levels.data,
    "strengths": strengths.data,
    "indicators": indicators.data,
    "needed": needed.data,
    "method": method.data,
}


@pytest.fixture(autouse=True)
def _figures_are_closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def report() -> CityReport:
    return city_report("hue", data=DEMO, lang="en")


@pytest.fixture(scope="module")
def of_points() -> CityReport:
    city = pd.read_csv(POINTS)["city"].iloc[0]
    return city_report(city, "latest", "provincial-scoring-demo@1.0", POINTS, "en")


def province(lang: str) -> CityReport:
    return city_report("an-giang", "latest", "pci@2013", PROVINCES, lang)


def test_what_does_not_apply_is_not_missing() -> None:
    report = city_report("mau-g", "latest", "provincial-scoring-demo@1.0", POINTS, "en")
    glance, indicators = report.glance(), report.indicators()
    assert indicators is not None
    assert "16 of 16 values" in glance.html
    assert "no data" not in glance.text + repr(glance.sentences)
    assert 'value="missing"' not in indicators.html


def shown(report: CityReport) -> dict[str, Piece]:
    """The pieces that a report has, by name."""
    every = {name: getattr(report, name)() for name in NAMES}
    return {name: piece for name, piece in every.items() if piece is not None}


def words(piece: Piece) -> str:
    """What of a piece is read or heard."""
    heard = " ".join(re.findall(r'(?:aria-label|title|data-l)="([^"]*)"', piece.html))
    return unescape(re.sub(r"<[^>]+>", " ", piece.html) + heard)


def test_data_have_plain_names_by_which_they_are_sorted_and_joined(
    report: CityReport, of_points: CityReport
) -> None:
    for name, piece in [*shown(report).items(), *shown(of_points).items()]:
        columns = [str(column) for column in piece.data.reset_index().columns]  # no name twice
        assert all(re.fullmatch(r"[a-z_]+", column) for column in columns), (name, columns)
        assert piece.data.index.name in {None, "code", "city"}, name


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_columns_of_data_are_those_that_are_documented(
    name: str, report: CityReport, of_points: CityReport
) -> None:
    said = str(DOCUMENTED[name].__doc__).partition("Columns:")[2]
    while said != (shorter := re.sub(r"\([^()]*\)", "", said)):
        said = shorter
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"``([^`]+)``", said))))
    found = [getattr(each, name)() for each in (report, of_points)]
    assert documented == {str(c) for piece in found if piece is not None for c in piece.data}


def test_every_section_is_shown_of_one_set_or_another(
    report: CityReport, of_points: CityReport, tmp_path: Path
) -> None:
    small = write_inputs(tmp_path)
    unscored = small["framework"].read_text(encoding="utf-8").replace("goalposts: [0, 100]", "")
    small["framework"].write_text(unscored, encoding="utf-8")
    values = city_report("an-binh", "2024", small["framework"], small["data"], "en")
    assert set(shown(report) | shown(of_points) | shown(values)) == set(NAMES)


def test_a_piece_is_a_part_of_the_page_and_text_where_there_is_no_page(report: CityReport) -> None:
    for name, piece in shown(report).items():
        assert re.fullmatch(r'<div class="kpi">.*</div>', piece._repr_html_(), re.S), name
        assert "<" not in repr(piece), name
        assert repr(piece).strip(), name


def test_the_style_comes_once_in_a_process_and_again_with_the_piece_that_brought_it(
    report: CityReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_brought_by", None)
    made = shown(report)
    first, *others = [piece._repr_html_() for piece in made.values()]
    assert first.startswith('<div class="kpi"><style data-kpi>')
    assert not any("<style" in html for html in others)
    assert made["title"]._repr_html_() == first  # its cell is run again


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_drawn_on_the_axes_that_it_is_given(name: str, report: CityReport) -> None:
    piece = getattr(report, name)()
    assert isinstance(piece, ChartPiece)
    _, (left, right) = plt.subplots(ncols=2)
    assert piece.plot(right) is right
    assert right.has_data()
    assert not left.has_data()
    assert right.get_xlabel()
    drawn = {
        label.get_text().replace("\n", " ").rstrip(" …")[:30] for label in right.get_yticklabels()
    }
    titles = piece.data["part" if name == "parts" else "title"]
    assert drawn & {title[:30] for title in titles}
    assert piece.plot().figure is not right.figure


@pytest.mark.parametrize("name", CHARTS)
def test_a_saved_chart_is_the_same_bytes_and_says_demo(
    name: str, report: CityReport, tmp_path: Path
) -> None:
    piece, before = getattr(report, name)(), dict(plt.rcParams)
    for file in ("chart.svg", "chart.PNG"):
        piece.save(tmp_path / file)
        made = (tmp_path / file).read_bytes()
        piece.save(str(tmp_path / file))
        assert (tmp_path / file).read_bytes() == made
    text = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert ">DEMO</text>" in text
    assert "<dc:date>" not in text
    assert dict(plt.rcParams) == before
    assert not plt.get_fignums()
    with pytest.raises(InputError, match=r"'\.gif'.*\.svg, \.png"):
        piece.save(tmp_path / "chart.gif")


def test_what_is_changed_in_the_data_of_a_piece_changes_nothing_that_it_shows(
    report: CityReport,
) -> None:
    piece = report.strengths()
    assert piece is not None
    html = piece._repr_html_()
    del piece.data["ahead"], piece.data["title"]
    assert piece._repr_html_() == html
    assert piece.plot().has_data()


def test_only_made_up_figures_are_called_demo(report: CityReport) -> None:
    assert "DEMO" in words(report.title())
    assert report.axes("Scores").get_title("left") == "DEMO: Scores"
    real = province("en")
    assert real.axes("Scores").get_title("left") == "Scores"
    assert not any("DEMO" in words(piece) for piece in shown(real).values())


def test_a_city_without_data_is_told_so_and_what_is_needed(tmp_path: Path) -> None:
    paths = write_inputs(tmp_path)
    paths["data"].write_text(VALUES + "moi,2024,A1,\nmoi,2024,A2,\n", encoding="utf-8")
    paths["cities"].write_text(CITIES + "moi,Mới,Moi,I\n", encoding="utf-8")
    report = city_report("moi", "2024", paths["framework"], paths["data"], "en")
    made = shown(report)
    assert set(made) == {"title", "glance", "needed", "method"}
    assert {key for key in HEADINGS if report.heading(key)} == {"needed", "method"}
    assert "Moi has no data for 2024: all 2 indicators are empty." in words(made["glance"])
    assert list(made["needed"].data.index) == ["A1", "A2"]


@pytest.mark.parametrize(
    ("lang", "noun", "others"),
    [("en", "province", r"\bcit(y|ies)\b"), ("vi", "tỉnh, thành phố", "đô thị")],
)
def test_pages_of_provinces_speak_of_provinces(lang: str, noun: str, others: str) -> None:
    made = shown(province(lang))
    said = {name: re.sub(r"[\w-]+\.csv", "", words(piece)) for name, piece in made.items()}
    assert noun in said["glance"]
    assert noun in said["parts"]
    assert {name for name, text in said.items() if re.search(others, text, re.I)} == set()
