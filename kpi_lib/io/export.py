"""A table as a file: CSV, Parquet or XLSX by its ending, numbers unrounded."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from kpi_lib.errors import InputError
from kpi_lib.io.store import write_whole
from kpi_lib.io.workbook import keep_texts
from kpi_lib.locale.catalogue import msg

ENDINGS = (".csv", ".xlsx", ".parquet")
"""The kinds of files that are written."""


def check_ending(path: Path) -> None:
    """Say before any work is done where a table cannot be written as this file."""
    if path.suffix.lower() not in ENDINGS:
        raise InputError(
            msg(
                "{path}: the file ends in '{suffix}'; choose {ENDINGS}.",
                path=path,
                suffix=path.suffix,
                ENDINGS=", ".join(ENDINGS),
            )
        )
    if path.is_dir():
        raise InputError(msg("{path} is a folder; name a file in it.", path=path))


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table without its index; the file appears whole or not at all.

    In a workbook a text stays a text, though it begins with '='.
    """
    check_ending(path)
    buffer = io.BytesIO()
    if path.suffix.lower() == ".csv":
        table.to_csv(buffer, index=False)
    elif path.suffix.lower() == ".parquet":
        table.to_parquet(buffer, index=False)
    else:
        with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
            table.to_excel(writer, index=False, freeze_panes=(1, 0))
            for cells in writer.book.worksheets[0].iter_rows():
                keep_texts(cells)
    write_whole(path, buffer.getvalue())
