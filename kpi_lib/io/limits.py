"""Limits on what a file unpacks to, so that no file, whoever sent it, takes the machine."""

from __future__ import annotations

import codecs
import io
import os
import re
import zipfile
import zlib

import numpy as np

from kpi_lib.errors import InputError, Problem
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import tally

FACTOR = "KPI_LIMITS"
"""The environment variable that multiplies all limits."""

MB = 1_000_000
COLUMNS = 16_384  # as many as a spreadsheet has
SPANNED = 1_000  # columns that the cells of a table in a document cover
COVERED = 500_000  # cells of a document's tables, as their cells say that they span
ELEMENTS = 100_000  # rows of tables and paragraphs of a document, each of which is gone through
FAR_CELLS = 5_000_000  # cells of the rectangle around the cells that are there
SHEETS = 1000  # of a workbook
AREAS = 50_000  # merged areas of a sheet, each of which is gone through
CROWDED = 20  # so many times the cells that are there may the rectangle around them have
UNPACKED, RATIO = 60 * MB, 60  # bytes, and how many times the size of the file
PART = 8 * MB  # bytes of a part of a workbook that holds no cells
TAG = 200_000  # bytes of one tag: some parsers read an unfinished one again and again
NODES, DEPTH = 200_000, 100  # of a YAML file
TEXT = 20 * MB  # of a YAML file, in bytes

DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, NotImplementedError),
    *(RuntimeError, OSError, ValueError, EOFError),
)
"""What :mod:`zipfile` raises of an archive that is not whole, or that it cannot open."""

TAGS = 5_000_000  # of a part of XML; more in a file that is large itself

_MERGED = re.compile(
    rb"mergeCell\s[^<>]{0,1000}?ref\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,9}):([A-Z]{1,3})([0-9]{1,9})[\"']"
)
_BOOK, _SHEET = "xl/workbook.xml", re.compile(rb"<(?:\w{1,20}:)?sheet\s")
_CELLS = ("xl/worksheets/", "xl/sharedstrings", "word/document")


def limit(most: float) -> int:
    """Give a limit as it is in force: times ``KPI_LIMITS``, where that is set."""
    try:
        factor = float(os.environ.get(FACTOR, "1"))
    except ValueError:
        factor = 1.0
    return int(most * max(factor, 1.0))


def how_to_raise() -> str:
    """What to do where a file is honest and still above a limit."""
    return msg("If you trust the file, set {name}=10 for limits ten times as high.", name=FACTOR)


def over(found: str, shown: str, sheet: str = "", row: int | None = None) -> Problem:
    """Make the problem of a file that is above a limit."""
    return Problem(found, how_to_raise(), shown, sheet, row)


def too_much(unpacked: float, size: int) -> bool:
    """Whether so many bytes of memory are too many for a file of a size."""
    return unpacked > limit(UNPACKED) and unpacked > limit(RATIO) * size


def too_large(unpacked: float, size: int) -> str:
    """What is wrong with a file that unpacks to so many bytes."""
    return msg(
        "the file has {size} kB and unpacks to {unpacked} MB: a file of data does not.",
        size=tally(max(size // 1000, 1)),
        unpacked=tally(int(unpacked / MB)),
    )


def check_archive(shown: str, data: bytes) -> None:
    """Refuse a zip archive (XLSX, DOCX) that unpacks to more than its size lets expect.

    What is declared is what is unpacked: :mod:`zipfile` reads no more of a part.
    Raises :class:`InputError`; an archive that cannot be opened is left to its reader.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if too_much(unpacked, len(data)):
                raise InputError(over(too_large(unpacked, len(data)), shown))
            _check_sheets(shown, archive)
            for part in parts:
                holds_cells = part.filename.lower().startswith(_CELLS)
                is_text = part.filename.lower().endswith((".xml", ".rels"))
                if is_text and not holds_cells and part.file_size > limit(PART):
                    raise InputError(over(_large_part(part), shown))
                if is_text and part.file_size:
                    _check_part(shown, part.filename, archive.read(part), len(data))
    except InputError:
        raise
    except DAMAGED:
        return


def _check_sheets(shown: str, archive: zipfile.ZipFile) -> None:
    """Refuse a workbook of very many sheets, or whose sheets are one part again and again."""
    if _BOOK not in archive.namelist():
        return
    with archive.open(_BOOK) as part:
        sheets = len(_SHEET.findall(part.read(limit(PART))))
    if sheets > min(limit(SHEETS), len(archive.namelist())):
        found = msg("the workbook has {n} sheets.", n=tally(sheets))
        raise InputError(over(found, shown))


def _check_part(shown: str, name: str, content: bytes, size: int) -> None:
    """Refuse a part of XML that is slow to read, or that spans far more than it holds."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", "replace").encode()
    tags = content.count(b"<")
    if tags > max(limit(TAGS), 2 * size):
        found = msg("the part {name} has {n} tags.", name=name, n=tally(tags))
        raise InputError(over(found, shown))
    if len(content) > TAG and _longest_tag(content) > TAG:
        found = msg("the part {name} has a tag of over {n} bytes.", name=name, n=tally(TAG))
        raise InputError(over(found, shown))
    if name.lower().startswith("xl/worksheets/"):
        if (areas := content.count(b"mergeCell")) > limit(AREAS):
            found = msg("the part {name} has {n} tags.", name=name, n=tally(areas))
            raise InputError(over(found, shown))
        covered = sum(_cells_in(found) for found in _MERGED.finditer(content))
        if covered > limit(FAR_CELLS):
            found = msg("merged cells cover over {n} cells.", n=tally(covered))
            raise InputError(over(found, shown))


def _cells_in(area: re.Match[bytes]) -> int:
    left, right = (_column(letters) for letters in (area[1], area[3]))
    return (abs(int(area[4]) - int(area[2])) + 1) * (abs(right - left) + 1)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _large_part(part: zipfile.ZipInfo) -> str:
    return msg(
        "the part {name} unpacks to {size} MB.", name=part.filename, size=part.file_size // MB
    )


def _longest_tag(data: bytes) -> int:
    content = np.frombuffer(data, dtype=np.uint8)
    marks = np.flatnonzero((content == ord("<")) | (content == ord(">")))
    if not marks.size:
        return len(data)
    opens = content[marks] == ord("<")
    return int(np.diff(marks, append=len(data))[opens].max(initial=0))
