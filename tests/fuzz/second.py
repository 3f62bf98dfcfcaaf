"""A second, simple reading of plain tables, which knows what numbers are in them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from pyarrow import parquet

HEADER = ["city", "period", "indicator", "value"]
# A point and three digits may be thousands.
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,2}|\.[0-9]{4,8})?", re.ASCII)
_CODES = ("A.1", "A.2", "S.1", "S.2")


def check(path: Path, table: pd.DataFrame) -> None:
    """Compare the values of plain rows with what was read; other rows are passed over."""
    found = {
        (str(city), str(period), str(indicator)): float(value)
        for city, period, indicator, value in zip(*(table[name] for name in HEADER), strict=True)
    }
    rows = list(_rows(path))
    if not all(city.isalpha() for city, *_ in rows):  # "An." and "An" are one city
        return
    for city, period, indicator, text in rows:
        year = re.fullmatch(r"20[0-9]{2}", period, re.ASCII)
        if year and indicator in _CODES and _NUMBER.fullmatch(text):
            assert (city, period, indicator) in found, f"the row of {city}, {indicator} is gone"
            value = found[city, period, indicator]
            assert value == float(Decimal(text)), f"{text} is read as {value}"


def _rows(path: Path) -> Iterable[tuple[str, str, str, str]]:
    rows = list(_READ[path.suffix](path))
    if not rows or rows[0] != HEADER or any(len(row) != len(HEADER) for row in rows):
        return
    for row in rows[1:]:
        yield tuple("" if cell is None else str(cell) for cell in row)  # type: ignore[misc]


def _csv(path: Path) -> Iterable[Sequence[Any]]:
    text = path.read_bytes().decode("utf-8-sig")
    return [row for row in csv.reader(io.StringIO(text, newline="")) if row]


def _xlsx(path: Path) -> Iterable[Sequence[Any]]:
    try:  # where it reads less than the library does, it knows nothing
        book = openpyxl.load_workbook(path, data_only=True)
        with zipfile.ZipFile(path) as archive:  # of two texts in a cell it takes the second
            if any(b"</t><t" in archive.read(name) for name in archive.namelist()):
                return []
    except Exception:
        return []
    page = book.worksheets[0]
    plain = all(c.number_format == "General" for row in page.iter_rows() for c in row)
    if len(book.worksheets) > 1 or page.merged_cells.ranges or not plain:
        return []
    return [
        list(row) for row in page.iter_rows(values_only=True) if any(c is not None for c in row)
    ]


def _parquet(path: Path) -> Iterable[Sequence[Any]]:
    table = parquet.read_table(path)
    return [
        table.column_names,
        *zip(*(column.to_pylist() for column in table.columns), strict=True),
    ]


_READ = {".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet}
