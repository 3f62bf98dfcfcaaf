"""Where two pages differ, as a reader would find it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from difflib import SequenceMatcher
from html.parser import HTMLParser
from itertools import zip_longest

from openpyxl import load_workbook

from kpi_lib.locale.catalogue import msg

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "summary", "caption"})
_AROUND = 30
_SILENT = frozenset({"style", "script"})


class _Texts(HTMLParser):
    """The texts of a page, each with the heading and the row that it stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self._open: list[str] = []
        self._heading = self._row = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        if tag == "tr":
            self._row = ""

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open and self._open.pop() != tag:
            pass
        if tag in ("tr", "table"):
            self._row = ""

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text or not _SILENT.isdisjoint(self._open):
            return
        self.found.append((self._heading, self._row, text))
        if not _HEADINGS.isdisjoint(self._open):
            self._heading, self._row = text, ""
        elif "tr" in self._open:
            self._row = self._row or text


def between(before: bytes, now: bytes, name: str) -> Iterator[str]:
    """Say where two files of a name that are not the same differ: texts, cells or lines."""
    found: Iterator[str] = iter(())
    try:
        if name.endswith(".html"):
            found = _in_texts(before.decode(errors="replace"), now.decode())
        elif name.endswith(".docx"):
            found = _in_texts(_words(before), _words(now))
        elif name.endswith(".xlsx"):
            found = _in_cells(before, now)
        first = next(found, None)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):  # it is no such file any more
        first = None
    yield _in_lines(before, now) if first is None else first
    yield from found


def _words(document: bytes) -> str:
    """The XML that holds the text of a Word file."""
    with zipfile.ZipFile(io.BytesIO(document)) as parts:
        return parts.read("word/document.xml").decode()


def _in_cells(before: bytes, now: bytes) -> Iterator[str]:
    """Say which cells of two workbooks differ."""
    was, made = (_cells(each) for each in (before, now))
    for sheet, cell in dict.fromkeys([*made, *was]):
        one, other = was.get((sheet, cell)), made.get((sheet, cell))
        if one != other:
            yield msg(
                "sheet '{sheet}', cell {cell}: '{was}', recomputed '{made}'",
                sheet=sheet,
                cell=cell,
                was="" if one is None else one,
                made="" if other is None else other,
            )


def _cells(workbook: bytes) -> dict[tuple[str, str], object]:
    """The values of all cells that are not empty, by sheet and place."""
    sheets = load_workbook(io.BytesIO(workbook)).worksheets
    cells = ((sheet.title, cell) for sheet in sheets for row in sheet.iter_rows() for cell in row)
    return {(title, one.coordinate): one.value for title, one in cells if one.value is not None}


def _in_texts(page: str, again: str) -> Iterator[str]:
    """Say which texts of a page are others where it is made again, and where they stand."""
    before, now = _texts(page), _texts(again)
    words = [[text for *_, text in texts] for texts in (before, now)]
    for kind, i, j, k, n in SequenceMatcher(None, words[0], words[1], autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for was, made in zip_longest(before[i:j], now[k:n], fillvalue=("", "", "")):
            heading, row, _ = was if was[2] else made
            texts = _cut(was[2], made[2])
            yield msg(
                "{where}: on the page '{was}', recomputed '{made}'",
                where=" › ".join(dict.fromkeys(filter(None, (heading, row)))) or "…",
                was=texts[0],
                made=texts[1],
            )


def _cut(was: str, made: str) -> tuple[str, str]:
    """Leave of two long texts what differs, with a few words around it."""
    first = max(0, _alike(was, made) - _AROUND)
    last = max(0, _alike(was[:first:-1], made[:first:-1]) - _AROUND)
    ends = "…" if first else "", "…" if last else ""
    cut_was, cut_made = (text[first : len(text) - last].join(ends) for text in (was, made))
    return cut_was, cut_made


def _alike(one: str, other: str) -> int:
    """With how many same letters two texts begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _in_lines(before: bytes, now: bytes) -> str:
    """Say in which line two files differ first, and how where they are text."""
    lines = zip_longest(before.splitlines(), now.splitlines(), fillvalue=b"")
    pairs = enumerate(lines, 1)
    number, was, made = next(((i, a, b) for i, (a, b) in pairs if a != b), (0, b"", b""))
    first = msg("differs from what is made again, first in line {number}", number=number)
    try:
        texts = _cut(was.decode(), made.decode())
    except UnicodeDecodeError:
        return first
    shown = msg("'{was}', recomputed '{made}'", was=texts[0], made=texts[1])
    return f"{first}: {shown}" if number else first


def _texts(page: str) -> list[tuple[str, str, str]]:
    texts = _Texts()
    texts.feed(page)
    return texts.found
