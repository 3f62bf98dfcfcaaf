"""Tables of a Word document: heads repeated on each page, rows never split."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

WIDTH = 9638
"""Width of the text in twentieths of a point: A4 with margins of 20 mm."""

_RIGHT = '<w:jc w:val="right"/>'
_WASH, _LINE = "F3F5F8", "B8C0C8"
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LETTER, _SIDES = 105, 150  # twentieths of a point: a bold letter, the margins of a cell
_MOST = 36  # letters: a column of longer texts is no wider, for those are broken


@dataclass(frozen=True)
class Run:
    """Some text of one look; one that begins a line stands below what comes before it."""

    text: str
    bold: bool = False
    small: bool = False
    begins: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell: its text in runs, flush right where it is a number."""

    runs: Sequence[Run] = ()
    right: bool = False

    @property
    def text(self) -> str:
        """All of its text; lines are apart by a space."""
        return " ".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Table:
    """A table: its head, and rows of as many cells; a row of one cell is the head of those below.

    ``caption`` says what it holds to who cannot see it.
    """

    heads: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    strong: frozenset[int] = field(default_factory=frozenset)


def clean(text: str) -> str:
    """Leave out of a text what XML cannot hold."""
    return _FORBIDDEN.sub("", text)


def runs_xml(runs: Sequence[Run], bold: bool = False) -> str:
    """Runs as the XML of a paragraph's content."""
    written = []
    for number, run in enumerate(runs):
        look = "<w:b/>" * (bold or run.bold) + '<w:sz w:val="16"/>' * run.small
        new_line = "<w:br/>" if run.begins and number else ""
        text = escape(clean(run.text))
        written.append(
            f'<w:r><w:rPr>{look}</w:rPr>{new_line}<w:t xml:space="preserve">{text}</w:t></w:r>'
        )
    return "".join(written)


def table_xml(table: Table) -> Any:
    """A table as an element of a document's body."""
    widths = _widths(table)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = []
    if any(head.runs for head in table.heads):
        rows.append(_row(table.heads, widths, head=True))
    for number, row in enumerate(table.rows):
        rows.append(_row(row, widths, bold=number in table.strong))
    side = 'w:w="60" w:type="dxa"'
    edge = f'w:val="single" w:sz="4" w:space="0" w:color="{_LINE}"'
    caption = f"<w:tblCaption w:val={quoteattr(clean(table.caption))}/>" if table.caption else ""
    return parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tblPr>"
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f"<w:tblBorders><w:top {edge}/><w:bottom {edge}/><w:insideH {edge}/></w:tblBorders>"
        '<w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar><w:left {side}/><w:right {side}/></w:tblCellMar>"
        f'<w:tblLook w:val="0020" w:firstRow="1"/>{caption}</w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _row(
    cells: Sequence[Cell], widths: Sequence[int], *, head: bool = False, bold: bool = False
) -> str:
    spanning = len(cells) == 1 < len(widths)
    own = [sum(widths)] if spanning else widths
    kept = "<w:keepNext/>" if head or spanning else ""
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{_WASH}"/>' * (head or bold)
    span = f'<w:gridSpan w:val="{len(widths)}"/>' * spanning
    below = "bottom" if head else "center"
    written = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{fill}<w:vAlign w:val="{below}"/>'
        f'</w:tcPr><w:p><w:pPr><w:pStyle w:val="Cell"/>{kept}{_RIGHT * cell.right}</w:pPr>'
        f"{runs_xml(cell.runs, head or bold or spanning)}</w:p></w:tc>"
        for cell, width in zip(cells, own, strict=True)
    )
    repeated = "<w:tblHeader/>" * head
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{written}</w:tr>"


def _widths(table: Table) -> list[int]:
    """Widths of columns: of the longest word of each, and a share of what is left over."""
    least, wanted = [], []
    for column, head in enumerate(table.heads):
        cells = [head, *(row[column] for row in table.rows if len(row) == len(table.heads))]
        words = (word for cell in cells for word in cell.text.split(" "))
        lines = [len(line) for cell in cells[1:] for line in _lines(cell)]
        least.append(_LETTER * max(map(len, words)) + _SIDES)
        # A head may take three lines.
        letters = max(*lines, len(head.text) // 3) if lines else len(head.text)
        wanted.append(_LETTER * min(letters, _MOST) + _SIDES)
    over = [max(0, most - few) for few, most in zip(least, wanted, strict=True)]
    left, total = WIDTH - sum(least), sum(over) or len(over)
    shares = over if any(over) else [1] * len(over)
    return [few + left * share // total for few, share in zip(least, shares, strict=True)]


def _lines(cell: Cell) -> list[str]:
    lines = [""]
    for run in cell.runs:
        lines = [*lines, run.text] if run.begins else [*lines[:-1], lines[-1] + run.text]
    return lines
