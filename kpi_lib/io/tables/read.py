"""Tables in files (CSV, XLSX, Parquet): their cells and the rows where a person finds them."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.io.paths import of_another_ending
from kpi_lib.io.tables.frames import Content, read_frame
from kpi_lib.io.tables.layouts import FindHeader, first_row, to_sheet
from kpi_lib.io.tables.read_csv import read_csv
from kpi_lib.io.tables.read_parquet import read_parquet
from kpi_lib.io.tables.read_xlsx import read_xlsx
from kpi_lib.io.tables.sheet import Raw, Sheet
from kpi_lib.locale.catalogue import mark, msg

_SIGNATURES = {
    b"PK\x03\x04": mark("an Excel workbook or another zip archive"),
    b"\xd0\xcf\x11\xe0": mark("an old (.xls) or password-protected Excel workbook"),
    b"PAR1": mark("a Parquet file"),
    b"%PDF": mark("a PDF"),
}


def read_sheets(
    path: Path, data: Content, find: FindHeader = first_row
) -> tuple[list[Sheet], list[Problem]]:
    """Read the sheets of a file from its content; what cannot be read becomes problems.

    ``find`` says of the first rows of a sheet where its header is. A DataFrame in place of the
    content is one sheet.
    """
    kind, shown = path.suffix.lower(), str(path)
    if isinstance(data, pd.DataFrame):
        raws, problems = read_frame(shown, data)
    elif not data.strip():
        return [], [Problem(msg("the file is empty."), "", shown)]
    elif fault := _wrong_kind(kind, data):
        return [], [Problem(*fault, shown)]
    else:
        raws, problems = FORMATS[kind].read(shown, data)
    sheets: list[Sheet] = []
    for raw in raws:
        sheet, faults = to_sheet(raw, find)
        sheets.append(sheet)
        problems += faults
    wrong = any(problem.severity == "error" for problem in problems)
    if not wrong and not any(len(sheet.rows) for sheet in sheets):
        problems = [*problems, Problem(msg("there are no rows below the header."), "", shown)]
    return [sheet for sheet in sheets if len(sheet.rows)], problems


def _wrong_kind(kind: str, data: bytes) -> tuple[str, str] | None:
    """Say what a file is that is not what its ending promises."""
    if kind not in FORMATS:
        return of_another_ending(kind, ENDINGS)
    expected = FORMATS[kind].sign
    if expected and data.startswith(expected):
        return None
    start = data.removeprefix(codecs.BOM_UTF8)[:100].lstrip().lower()
    found = next((msg(said) for sign, said in _SIGNATURES.items() if data.startswith(sign)), "")
    if not found and start.startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        found = msg("a web page or XML")
    if not found and not expected:
        return None
    return (
        msg(
            "the file ends in {kind} but is {found}; expected {what}.",
            kind=kind,
            found=found or msg("something else"),
            what=msg(FORMATS[kind].what),
        ),
        msg("Open it in the program that made it and save it in the expected form."),
    )


@dataclass(frozen=True)
class Format:
    """A kind of file that holds tables.

    ``what`` names it in messages; ``read`` gives the sheets of a file from its name, as it is
    shown, and its content, with what is wrong; ``sign`` is how the content begins, where it always
    begins so.
    """

    what: str
    read: Callable[[str, bytes], tuple[list[Raw], list[Problem]]]
    sign: bytes = b""


FORMATS: Mapping[str, Format] = {
    ".csv": Format(mark("CSV text"), read_csv),
    ".tsv": Format(mark("text with tabs"), read_csv),
    ".xlsx": Format(mark("an Excel workbook"), read_xlsx, b"PK\x03\x04"),
    ".parquet": Format(mark("a Parquet file"), read_parquet, b"PAR1"),
}
"""The kinds of files that are read, by their ending in small letters."""

ENDINGS = tuple(FORMATS)
