"""A table as a file: CSV, Parquet or XLSX by its ending, numbers unrounded."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_lib.errors import InputError
from kpi_lib.io.names import STARTS_A_FORMULA
from kpi_lib.io.store import write_whole
from kpi_lib.io.tables.workbook import keep_texts, without_time
from kpi_lib.locale.catalogue import msg

ENDINGS = (".csv", ".xlsx", ".parquet")
"""The kinds of files that are written."""


def check_ending(path: Path, endings: Sequence[str] = ENDINGS) -> None:
    """Say before any work is done where a file has another ending, or is a folder."""
    if path.suffix.lower() not in endings:
        raise InputError(
            msg(
                "{path}: the file ends in '{suffix}'; choose {ENDINGS}.",
                path=path,
                suffix=path.suffix,
                ENDINGS=", ".join(endings),
            )
        )
    if path.is_dir():
        raise InputError(msg("{path} is a folder; name a file in it.", path=path))


def plain_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before each text that a spreadsheet would take for a formula.

    :func:`kpi_lib.io.names.tidy` takes it off where such a file is read.
    """
    safe = table.copy(deep=False)
    for at in range(len(table.columns)):
        column = table.iloc[:, at]
        if not pd.api.types.is_numeric_dtype(column):
            safe.isetitem(at, [plain_text(cell) for cell in column])
    return safe


def plain_text(cell: Any) -> Any:
    """A cell for CSV: an apostrophe stands before a text that a spreadsheet would run."""
    runs = isinstance(cell, str) and len(cell) > 1 and cell.startswith(STARTS_A_FORMULA)
    return f"'{cell}" if runs else cell


def as_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV without its index, an apostrophe before each text that might be run.

    It begins with the mark by which Excel knows UTF-8.
    """
    return plain_texts(table).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table without its index; the file appears whole or not at all.

    In a workbook a text stays a text, though it begins with '='; for CSV see :func:`as_csv`.
    """
    check_ending(path)
    buffer = io.BytesIO()
    if path.suffix.lower() == ".csv":
        buffer.write(as_csv(table))
    elif path.suffix.lower() == ".parquet":
        table.to_parquet(buffer, index=False)
    else:
        with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
            table.to_excel(writer, index=False, freeze_panes=(1, 0))
            for cells in writer.book.worksheets[0].iter_rows():
                keep_texts(cells)
    content = buffer.getvalue()
    write_whole(path, without_time(content) if path.suffix.lower() == ".xlsx" else content)
