"""Annexes for tests, laid out as ministries lay them out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from kpi_lib.errors import InputError
from kpi_lib.exchange.imports import Head, Imported, import_framework
from kpi_lib.framework.model import Framework

Rows = Sequence[Sequence[Any]]

RAISED = InlineFont(vertAlign="superscript")


def footnoted(text: str, mark: str) -> CellRichText:
    """Make a text with a raised footnote mark."""
    return CellRichText(text, TextBlock(RAISED, mark))


def workbook(path: Path, rows: Rows, merged: Sequence[str] = (), sheet: str = "Phụ lục") -> Path:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for cells in merged:
        page.merge_cells(cells)
    book.save(path)
    return path


TITLED = Head(title="Bộ chỉ số thử")
HEADING = ("TT", "Tên chỉ số", "Đơn vị tính", "Mục tiêu 2025", "Cơ quan cung cấp")
CRITERIA_HEADING = ("TT", "Tiêu chí", "Đơn vị tính", "Điểm tối đa", "Cách chấm điểm")
CRITERIA = [
    (1, "Tỷ lệ hộ có Internet", "%", 10, "Tỷ lệ × điểm tối đa"),
    (2, "Có trung tâm dữ liệu", "có/không", 5, "Có: 5 điểm; không: 0 điểm"),
]


def table(path: Path, *rows: Sequence[Any]) -> Path:
    """Make a workbook of the rows under the usual heading, which is row 1."""
    return workbook(path, [HEADING, *rows])


def official_annex(path: Path) -> Path:
    """Title lines, a heading of two rows, merged group rows, a merged agency, and footnotes."""
    rows = [
        ("PHỤ LỤC",),
        ("BỘ CHỈ SỐ (KPI) ĐÔ THỊ THÔNG MINH VIỆT NAM",),
        ("(Kèm theo Công văn số 1/BTTTT ngày 13/9/2019)",),
        (),
        ("TT", "Tên chỉ số", "Đơn vị tính", "Cách tính", "Mục tiêu", None, "Cơ quan", "Tần suất"),
        (None, None, None, None, "2025", "2030"),
        tuple(f"({i})" for i in range(1, 9)),
        ("I. CHẤT LƯỢNG CUỘC SỐNG",),
        (1, "Y tế"),
        (
            *(1.1, "Tỷ lệ người dân có hồ sơ sức khỏe điện tử (*)", "%"),
            *("Số người có hồ sơ / Tổng số dân × 100%", "≥ 90%", 100, "Sở Y tế", "Hằng năm"),
        ),
        (1.2, "Số lượt khám từ xa (lượt/1.000 dân)", None, None, "50", "100", None, "hằng quý"),
        (2, "Giáo dục"),
        (2.1, footnoted("Tỷ lệ trường học có Internet", "1"), "%", None, 95.5, 100, "Sở GDĐT"),
        ("II. MÔI TRƯỜNG (µg/m³)",),
        (1, "Nồng độ PM2.5", None, None, "≤ 25", None, "Sở TNMT", "tháng"),
        (2, "Nồng độ PM10", None, None, "tối đa 50", None, "Sở TNMT", "tháng"),
        ("* Áp dụng cho đô thị loại I trở lên",),
        (CellRichText(TextBlock(RAISED, "1"), " Trường phổ thông"),),
    ]
    across = [f"A{row}:H{row}" for row in (1, 2, 3, 8, 14, 17)]
    down = [f"{column}5:{column}6" for column in "ABCDGH"]
    return workbook(path, rows, [*across, *down, "E5:F5", "B9:H9", "B12:H12", "G10:G11"])


def document(path: Path, *blocks: str | Rows) -> Path:
    """Make a Word document of paragraphs and tables; equal neighbours in a row are merged."""
    made = Document()
    for block in blocks:
        if isinstance(block, str):
            made.add_paragraph(block)
            continue
        width = max(len(row) for row in block)
        grid = made.add_table(rows=0, cols=width)
        for row in block:
            cells = grid.add_row().cells
            at = 0
            while at < len(row):
                end = at
                while end + 1 < len(row) and row[end + 1] == row[at] and row[at]:
                    end += 1
                cell = cells[at].merge(cells[end]) if end > at else cells[at]
                cell.text = str(row[at])
                at = end + 1
    made.save(str(path))
    return path


def imported(source: Path, head: Head = TITLED, **options: bool) -> Imported:
    return import_framework(source, source.with_suffix(".yaml"), head, **options)


def codes(framework: Framework) -> list[str]:
    return list(framework.nodes)[1:]


def titles(framework: Framework) -> list[str]:
    return [node.title["vi"] for node in framework.nodes.values()][1:]


def complaints(source: Path, head: Head = TITLED) -> list[str]:
    output = source.with_suffix(".yaml")
    with pytest.raises(InputError) as caught:
        import_framework(source, output, head)
    assert not output.exists()
    errors = [problem for problem in caught.value.problems if problem.severity == "error"]
    return [str(problem).removeprefix(f"{source}, ") for problem in errors]


def complaint(source: Path, head: Head = TITLED) -> str:
    (only,) = complaints(source, head)
    return only


def warned(result: Imported) -> list[str]:
    return [f"row {problem.row}: {problem.message}" for problem in result.problems]
