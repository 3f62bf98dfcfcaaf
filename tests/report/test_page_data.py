"""Every number on a city's page is in the data beside it."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from builders import DEMO, ROOT

import kpi_lib as kpi
from kpi_lib.report.city import CityReport
from kpi_lib.report.page import page_data
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.view.city import view_of

SETS = {
    "vn-smart-city@1.0": [DEMO],
    "hue-heritage-demo@1.0": [DEMO, ROOT / "data/raw/heritage-demo"],
    "u4ssc@2017": [ROOT / "data/processed/u4ssc"],
    "dti@2020": [ROOT / "data/processed/dti"],
    "pci@2013": [ROOT / "data/raw/pci/pci-2013.csv"],
    "provincial-scoring-demo@1.0": [ROOT / "data/raw/scoring-demo"],
}
SECTIONS = ["title", "glance", "parts", "points", "targets", "level", "strengths", "values"]
SECTIONS += ["indicators", "needed", "method"]

# What is no number of the city: heads with their scales and legends, counts of the lines below,
# and texts that explain the method, with its constants and the names of standards and units. The
# values of all others, on the pages of small sets, are in values.csv of the set.
EXPLAINED = "svg, style, thead, caption, legend, .filters, .ticks, .years, .notice, .unit, .key"
COUNTED = ".group, .part > summary, .fold > summary, .empty-part, .ind-head"
TEXTS = {"Definition", "Formula", "How it is scored", "Comes from", "Source", "Note"}
CONSTANT = re.compile(r"\S+@\S+|out of 100\b|in 90% of draws")
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?")

Row = dict[str, str]


def sections(report: CityReport) -> dict[str, Piece]:
    made = {name: getattr(report, name)() for name in SECTIONS}
    return {name: piece for name, piece in made.items() if piece is not None}


def rows_of(pieces: dict[str, Piece]) -> list[Row]:
    payloads = [piece._repr_mimebundle_()[page_data.MIME] for piece in pieces.values()]
    return list(csv.DictReader(io.StringIO(page_data.as_csv(payloads).decode("utf-8-sig"))))


def shown(html: str, units: list[str]) -> Iterator[tuple[str, str]]:
    """The texts of a section, each under the title of its line; "" where it is of no line."""
    page = BeautifulSoup(html, "html.parser")
    for left_out in page.select(f"{EXPLAINED}, {COUNTED}"):
        left_out.decompose()
    for label in page.select("dt"):
        if label.get_text() in TEXTS or label.get_text().startswith("All "):
            label.find_next_sibling("dd").decompose()
    for line in page.select("tr, details.ind"):
        first = line.select_one(".name, th, td")
        title = next(first.stripped_strings, "") if first else ""
        yield title, without(units, line.get_text("\n"))
        line.decompose()
    yield "", without(units, page.get_text("\n"))


def without(units: list[str], text: str) -> str:
    text = CONSTANT.sub("", text.replace("\N{NO-BREAK SPACE}", " "))
    for unit in units:
        text = text.replace(unit, "")
    return text


def is_in(written: str, rows: list[Row]) -> bool:
    """Whether a number is in a row, rounded as it is written, as a share or in per cent."""
    digits = re.sub(r"[^\d.]", "", written)
    decimals = len(digits.partition(".")[2])
    limit = 0.5000001 * 10.0**-decimals
    for row in rows:
        for column, cell in row.items():
            if not cell or (column == "text" and row["section"] != "method"):
                continue
            if column == "sentence" and row["text"]:  # whose numbers must stand as numbers
                continue
            if page_data.type_of(column) != "number":
                if digits in re.findall(r"\d+(?:\.\d+)?", cell.replace(",", "")):
                    return True
                continue
            value = abs(float(cell))
            near = [value, 100 * value]
            if column.startswith("met_") and math.isfinite(value):
                near.append(math.ceil(value))  # within the year that ends then
            if any(abs(each - float(digits)) <= limit for each in near):
                return True
    return False


@pytest.mark.parametrize("name", SETS)
def test_every_number_of_a_page_is_in_the_data_beside_it(name: str) -> None:
    framework = kpi.load_framework(name)
    board = kpi.score(kpi.read_observations(SETS[name], framework), framework)
    units = sorted({(i.unit or {}).get("en", "%") for i in framework.indicators} - {"%"}, key=len)
    cities = list(board.latest)
    for city in (cities[0], cities[-1]):
        pieces = sections(CityReport(view_of(board, city, board.latest[city], "en")))
        rows = rows_of(pieces)
        titled = {row["title"] for row in rows if row["title"]}
        numbers = 0
        for section, piece in pieces.items():
            near = {section, "title", "glance", *piece.beside}
            for title, text in shown(piece.html, units[::-1]):
                of_line = [row for row in rows if row["title"] == title]
                codes = {row["code"] for row in of_line}
                own = (
                    [row for row in rows if row["code"] in codes or row["section"] == "title"]
                    if title in titled
                    else [row for row in rows if row["section"] in near]
                )
                found = NUMBER.findall(re.sub(re.escape(title), "", text) if title else text)
                missing = [written for written in found if not is_in(written, own)]
                assert not missing, (city, section, title, text, missing)
                numbers += len(found)
        assert numbers > 40
