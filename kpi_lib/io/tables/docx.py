"""Tables of Word documents, with the paragraphs around them and the numbers of their lists."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_lib.errors import InputError, Problem, needs_extra
from kpi_lib.io import limits
from kpi_lib.io.names import tidy, tidy_lines
from kpi_lib.io.tables.grids import Grid, Line, plain_line, raised, with_breaks
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import tally

with needs_extra("word"):
    from docx import Document
    from docx.oxml.ns import qn
    from docx.table import Table, _Row
    from docx.text.paragraph import Paragraph

_SPAN = re.compile("[0-9]{1,3}")
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def read_docx(path: Path, data: bytes) -> list[Grid]:
    """Give each table of a document, with the paragraphs above it (and below the last one).

    A number that Word makes of a list is written out. What is deleted under tracked changes
    is left out, what is inserted is read.
    """
    try:
        return _grids(path, Document(io.BytesIO(data)))
    except InputError:
        raise
    except Exception as error:  # a damaged document fails anywhere in python-docx, in many ways
        found = msg(
            "the document cannot be read ({name}: {error}).", name=type(error).__name__, error=error
        )
        raise InputError(
            Problem(found, msg("Open it in Word and save it again."), str(path))
        ) from None


def _grids(path: Path, document: Any) -> list[Grid]:
    parts = sum(1 for _ in document.element.body.iter(qn("w:tr"), qn("w:p")))
    if parts > limits.limit(limits.ELEMENTS):
        found = msg("the document has {n} rows and paragraphs.", n=tally(parts))
        raise InputError(limits.over(found, str(path)))
    spans = (one.get(qn("w:val"), "") for one in document.element.body.iter(qn("w:gridSpan")))
    covered = sum(int(span) for span in spans if _SPAN.fullmatch(span))
    if covered > limits.limit(limits.COVERED):
        found = msg("merged cells cover over {n} cells.", n=tally(covered))
        raise InputError(limits.over(found, str(path)))
    texts = _Texts(_Lists(document))
    grids: list[Grid] = []
    above: list[Line] = []
    for block in document.iter_inner_content():
        name = msg("table {n}", n=len(grids) + 1)
        if isinstance(block, Table):
            grids.append(Grid(name, (*above, *_table_lines(path, block, name, texts))))
            above = []
        elif text := tidy(texts.of(block)):
            where = msg("text above {name}", name=name)
            above.append(plain_line(where, len(above) + 1, (text,), prose=True))
    if grids and above:
        last = grids[-1]
        below = [
            plain_line(msg("text below {name}", name=last.name), at, line.cells, prose=True)
            for at, line in enumerate(above, start=1)
        ]
        grids[-1] = Grid(last.name, (*last.lines, *below))
    return grids


def _table_lines(path: Path, table: Table, name: str, texts: _Texts) -> Iterator[Line]:
    kept: dict[Any, str] = {}
    before: frozenset[Any] = frozenset()
    for number, row in enumerate(table.rows, start=1):
        # A merged cell is one element, given for each column and row that it covers.
        _check_width(path, row, name, number)
        blank, cells = [None] * row.grid_cols_before, row.cells
        elements = (*blank, *(cell._tc for cell in cells), *([None] * row.grid_cols_after))
        left: dict[Any, int] = {}
        for at, element in enumerate(elements):
            left.setdefault(element, at)
        for cell in cells:
            if cell._tc not in kept:
                kept[cell._tc] = "\n".join(filter(None, map(texts.of, cell.paragraphs)))
        lines = ["" if element is None else kept[element] for element in elements]
        yield Line(
            name,
            number,
            tuple(map(tidy, lines)),
            tuple(at if element is None else left[element] for at, element in enumerate(elements)),
            tuple(element is None or element not in before for element in elements),
            broken=with_breaks(lines),
        )
        before = frozenset(elements)


def _check_width(path: Path, row: _Row, name: str, number: int) -> None:
    """Refuse a row whose cells say that they cover more columns than any table has."""
    spans = [cell.grid_span for cell in row._tr.tc_lst]
    width = row.grid_cols_before + row.grid_cols_after + sum(spans)
    if width > limits.limit(limits.SPANNED):
        found = msg("the cells cover {n} columns.", n=tally(width))
        raise InputError(limits.over(found, str(path), name, number))


@dataclass
class _Texts:
    """Gives the texts of paragraphs, in the order of the document."""

    lists: _Lists

    def of(self, paragraph: Paragraph) -> str:
        text = "".join(_run_texts(paragraph))
        number = self.lists.number_of(paragraph)
        return tidy_lines(f"{number} {text}" if number else text)


def _run_texts(paragraph: Paragraph) -> Iterator[str]:
    for run in paragraph._p.iter(qn("w:r")):
        text = ""
        for part in run:
            if part.tag == qn("w:t"):
                text += part.text or ""
            elif part.tag == qn("w:tab"):
                text += " "
            elif part.tag in (qn("w:br"), qn("w:cr")):
                text += "\n"
            elif part.tag == qn("w:noBreakHyphen"):
                text += "-"
        place = run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
        is_raised = place is not None and place.get(qn("w:val")) == "superscript"
        yield raised(text) if is_raised else text


class _Lists:
    """The numbers that Word shows before the paragraphs of its lists."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._abstract: dict[str, str] = {}
        self._counts: dict[str, dict[int, int]] = {}
        try:
            numbering = document.part.numbering_part.element
        except (KeyError, NotImplementedError):  # a document without lists
            return
        for one in numbering.findall(qn("w:abstractNum")):
            self._levels[one.get(qn("w:abstractNumId"))] = {
                int(level.get(qn("w:ilvl"))): (
                    _value(level, "w:numFmt", "decimal"),
                    _value(level, "w:lvlText", ""),
                    int(_value(level, "w:start", "1")),
                )
                for level in one.findall(qn("w:lvl"))
            }
        for one in numbering.findall(qn("w:num")):
            self._abstract[one.get(qn("w:numId"))] = _value(one, "w:abstractNumId", "")

    def number_of(self, paragraph: Paragraph) -> str:
        """Count a paragraph and give its number, or nothing where it has none."""
        found = paragraph._p.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if found is None:
            return ""
        key, at = self._abstract.get(_value(found, "w:numId", ""), ""), _value(found, "w:ilvl", "0")
        levels, level = self._levels.get(key, {}), int(at)
        if level not in levels:
            return ""
        counts = self._counts.setdefault(key, {})
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        kind, text, _ = levels[level]
        if kind == "bullet":
            return "-"
        for other, (form, _, start) in levels.items():
            text = text.replace(f"%{other + 1}", _written(counts.get(other, start), form))
        return text


def _value(element: Any, tag: str, default: str) -> str:
    found = element.find(qn(tag))
    return default if found is None else str(found.get(qn("w:val"), default))


def _written(count: int, form: str) -> str:
    if form in ("upperRoman", "lowerRoman"):
        text = ""
        for value, sign in _ROMAN:
            text += sign * (count // value)
            count %= value
        return text if form == "upperRoman" else text.lower()
    if form in ("upperLetter", "lowerLetter"):
        text = chr(ord("A") + (count - 1) % 26)
        return text if form == "upperLetter" else text.lower()
    return str(count)
