"""Annexes in Word documents: their tables, the paragraphs between them, and list numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from annexes import HEADING, codes, complaint, document, imported
from builders import both
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from kpi_lib.exchange.imports import Head


def test_tables_of_a_document_go_on_under_the_heading_of_the_first(tmp_path: Path) -> None:
    path = document(
        tmp_path / "annex.docx",
        "PHỤ LỤC",
        "BỘ CHỈ SỐ ĐÔ THỊ THÔNG MINH",
        "I. Hạ tầng số",
        [HEADING, ("1", "Tỷ lệ phủ sóng", "%", "≥ 90", "Sở TTTT")],
        "II. Nhân lực",
        [("1", "Số cán bộ", "người", "10", "Sở Nội vụ"), ("2", "Số lớp", "lớp", "", "")],
        "Ghi chú: số liệu cuối năm.",
    )
    framework = imported(path, Head()).framework
    assert codes(framework) == ["I", "I.1", "II", "II.1", "II.2"]
    assert framework.title == both("BỘ CHỈ SỐ ĐÔ THỊ THÔNG MINH")


def test_merged_cells_of_a_document_are_filled(tmp_path: Path) -> None:
    group = ("I. Hạ tầng",) * len(HEADING)
    rows = [HEADING, group, ("1", "Một", "%", "80", "Sở A"), ("2", "Hai", "%", "80", "")]
    path = document(tmp_path / "annex.docx", rows)
    made = Document(str(path))
    grid = made.tables[0]
    grid.cell(2, 4).merge(grid.cell(3, 4))
    made.save(str(path))
    agencies = [leaf.agency for leaf in imported(path).framework.indicators]
    assert agencies == [both("Sở A")] * 2


def test_numbers_that_word_counts_itself_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "annex.docx"
    made = Document()
    grid = made.add_table(rows=0, cols=3)
    for row in (("TT", "Chỉ số", "Đơn vị"), ("I", "Nhóm", ""), ("", "Một", "%"), ("", "Hai", "%")):
        cells = grid.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text
    for at in (2, 3):
        grid.cell(at, 0).paragraphs[0].style = made.styles["List Number"]
        properties = grid.cell(at, 0).paragraphs[0]._p.get_or_add_pPr()
        numbered = properties._add_numPr()
        for tag, value in (("w:ilvl", "0"), ("w:numId", _decimal_list(made))):
            element = OxmlElement(tag)
            element.set(qn("w:val"), value)
            numbered.append(element)
    made.save(str(path))
    assert codes(imported(path).framework) == ["I", "I.1", "I.2"]


def _decimal_list(made: Any) -> str:
    """Find the list of the template that the style 'List Number' uses."""
    style = made.styles["List Number"].element
    return str(style.find(f".//{qn('w:numId')}").get(qn("w:val")))


def test_an_unreadable_row_of_a_document_is_named_by_table_and_row(tmp_path: Path) -> None:
    rows = [HEADING, ("I", "Nhóm", "", "", ""), ("1", "Một", "%", "nhiều", "")]
    assert complaint(document(tmp_path / "a.docx", rows)).startswith(
        "sheet 'table 1', row 3, column 'D: Mục tiêu 2025': found 'nhiều'"
    )


def test_raised_marks_and_deleted_text_of_a_document_are_no_part_of_titles(tmp_path: Path) -> None:
    rows = [HEADING, ("I", "Nhóm", "", "", ""), ("1", "Mật độ", "người/km", "", "")]
    path = document(tmp_path / "annex.docx", rows)
    made = Document(str(path))
    title, unit = (made.tables[0].cell(2, column).paragraphs[0] for column in (1, 2))
    title.add_run("2").font.superscript = True
    unit.add_run("2").font.superscript = True
    deleted = OxmlElement("w:del")
    run = title.add_run(" cũ")._r
    run.find(qn("w:t")).tag = qn("w:delText")
    run.addprevious(deleted)
    deleted.append(run)
    made.save(str(path))
    (leaf,) = imported(path).framework.indicators
    assert (leaf.title, leaf.unit) == (both("Mật độ"), both("người/km²"))
