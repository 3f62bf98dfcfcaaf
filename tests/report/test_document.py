"""The Word file of a city: what the page says, in headings and tables that Word knows as such."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import cache

import docx
import pandas as pd
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table

from kpi_lib.report.city import CityReport
from kpi_lib.report.document.city import city_document
from kpi_lib.report.document.pieces import Writer
from kpi_lib.report.view.city import view_of
from kpi_lib.scoring.scoreboard import Scoreboard


@pytest.fixture(scope="module", params=["vi", "en"])
def report(request: pytest.FixtureRequest, demo: Scoreboard) -> CityReport:
    return CityReport(view_of(demo, "hue", demo.latest["hue"], request.param))


@cache
def opened(report: CityReport) -> Document:
    return docx.Document(io.BytesIO(city_document(report)))


def rows(table: Table) -> list[list[str]]:
    """Cells of the rows below the head, those of a merged row once."""
    return [
        list(dict.fromkeys(cell.text for cell in row.cells))
        if len({id(cell._tc) for cell in row.cells}) == 1
        else [cell.text for cell in row.cells]
        for row in table.rows[1:]
    ]


def under(document: Document, heading: str) -> Iterator[Table]:
    """The tables of a section."""
    inside = False
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            if inside:
                yield block
        elif block.style.name == "Heading 1":
            inside = block.text == heading


def test_the_headings_are_those_of_the_page_in_its_order(report: CityReport) -> None:
    document = opened(report)
    titles = [p.text for p in document.paragraphs if p.style.name == "Title"]
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert titles == [report.name]
    assert headings == [report.label(key) for key, _ in report.sections()]
    assert {"parts", "targets", "strengths", "indicators", "needed", "method"} <= {
        key for key, _ in report.sections()
    }


def test_scores_and_ranks_are_those_of_the_board(report: CityReport) -> None:
    view, codes = report.view, ["TOTAL", *report.codes]
    (parts,) = under(opened(report), report.label("parts"))
    found = rows(parts)
    assert [row[0] for row in found] == report.titles(codes)
    assert [row[1] for row in found] == [view.score(view.points[code]) for code in codes]
    for row, code in zip(found, codes, strict=True):
        assert f"{view.ranks[code]:.0f}/{view.ranked(code)}" in row


def test_every_indicator_stands_in_a_table_with_its_value(report: CityReport) -> None:
    tables = list(under(opened(report), report.label("indicators")))
    found = {row[0]: row[1] for table in tables for row in rows(table) if len(row) > 1}
    leaves = report.board.framework.indicators
    assert list(found) == report.titles([leaf.code for leaf in leaves])
    for leaf, value in zip(leaves, found.values(), strict=True):
        if pd.notna(report.view.values[leaf.code]):
            assert value.startswith(report.view.measured(leaf.code))


def test_sentences_and_targets_are_those_of_the_page(report: CityReport) -> None:
    document = opened(report)
    text = "\n".join(p.text for p in document.paragraphs)
    for sentence in report.glance().sentences:
        assert str(sentence) in text
    (targets,) = under(document, report.label("targets"))
    told = "\n".join(cell for row in rows(targets) for cell in row)
    assert all(title in told for title in report.targets().data["title"])


def test_made_up_figures_say_demo_on_every_page_and_in_every_picture(report: CityReport) -> None:
    document = opened(report)
    assert document.paragraphs[0].text.startswith("DEMO")
    assert document.sections[0].footer.paragraphs[0].text.startswith("DEMO")
    assert document.core_properties.keywords == "DEMO"
    said = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert len(said) == 3
    assert all(each.startswith("DEMO") and report.name in each for each in said)


def test_heads_repeat_on_each_page_and_no_row_is_split(report: CityReport) -> None:
    for table in opened(report).tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_the_properties_name_the_report_and_nobodys_machine(report: CityReport) -> None:
    document = opened(report)
    about = document.core_properties
    assert report.name in about.title
    assert (about.author, about.last_modified_by, about.created) == ("kpi-lib", "", None)
    language = {"vi": "vi-VN", "en": "en-US"}[report.lang]
    assert about.language == language
    assert language in [
        each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))
    ]


def test_the_same_report_is_the_same_bytes(demo: Scoreboard) -> None:
    report = CityReport(view_of(demo, "da-nang", "2025", "vi"))
    first = city_document(report)
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {entry.date_time[0] for entry in packed.infolist()} == {1980}
    assert city_document(CityReport(view_of(demo, "da-nang", "2025", "vi"))) == first


def test_any_text_is_text() -> None:
    """Signs that mean something in XML, and those that it cannot hold."""
    document = docx.Document()
    for style in ("Gap", "Cell", "Note"):
        document.styles.add_style(style, 1)
    Writer(document, "en").add(
        '<table><caption>A &amp; "B"</caption><thead><tr><th>x &lt; y</th></tr></thead>'
        "<tbody><tr><td>&lt;b&gt;\x0b5&nbsp;%</td></tr></tbody></table>"
    )
    (table,) = document.tables
    assert [cell.text for row in table.rows for cell in row.cells] == ["x < y", "<b>5\xa0%"]
