"""What stands above the table of an annex: its title, and the unit of all."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kpi_lib.errors import plain
from kpi_lib.exchange.annex.cells import without_marks
from kpi_lib.exchange.annex.wording import folded
from kpi_lib.io.tables.grids import Line
from kpi_lib.io.vocabulary import any_of, vocabulary

_WORDS = vocabulary(__package__)
_ANNEX = re.compile(
    rf"(?:{any_of(_WORDS['annex'])})\b(?:\s+(?:(?:so\s+)?\d+|[ivxlc]+|[a-z])\b)?[\s.:–-]*"
)
_NOT_A_TITLE = re.compile(any_of(_WORDS["not titles"]))
_TITLE = re.compile(any_of(_WORDS["titles"]))
_UNIT_ABOVE = re.compile(rf"\(?(?:{any_of(_WORDS['unit said'])})\s*:\s*(.+?)\)?$")
LONGEST_TITLE = 300


def find_titles(above: Iterable[Line]) -> list[str]:
    """Find the title of the annex among the lines above its table."""
    texts = [line.text(line.filled[0]) for line in above if line.filled]
    texts = [
        without_marks(text)
        for text in map(_without_annex, texts)
        if text and not _NOT_A_TITLE.match(plain(text)) and len(text) <= LONGEST_TITLE
    ]
    for at, text in enumerate(texts):
        if _TITLE.search(plain(text)):
            following = [one for one in texts[at + 1 :] if one.isupper() and text.isupper()]
            return [text, *following[:2]]
    capitals = [text for text in texts if text.isupper()]
    return capitals[:1]


def _without_annex(text: str) -> str:
    """Take 'Annex 1:' off what may be a title."""
    text = " ".join(text.split())
    found = _ANNEX.match(folded(text))
    return text[found.end() :] if found else text


def find_unit(above: Iterable[Line]) -> str:
    """Find a line such as 'Unit: %' above the table."""
    for line in above:
        for column in line.filled:
            text = line.text(column)
            if found := _UNIT_ABOVE.search(plain(text)):
                return text[-len(found[1]) :].rstrip(")") if found[1] else ""
    return ""
