"""Tables in memory: a pandas DataFrame read as the table of a file is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.io.cells.coded import coded, objects
from kpi_lib.io.names import tidy
from kpi_lib.io.tables.sheet import Raw
from kpi_lib.locale.catalogue import msg

Content = bytes | pd.DataFrame
"""What a table is read from: the content of a file, or a table in memory."""

DATA, CITIES = Path("DataFrame"), Path("DataFrame (cities)")
"""How tables in memory are called where files have their names."""

_CELLS = (str, int, float, bool, date, Decimal, np.generic, type(None))


def read_frame(shown: str, frame: pd.DataFrame) -> tuple[list[Raw], list[Problem]]:
    """Read a DataFrame as a sheet; what cannot be read becomes problems.

    Levels of the index that have a name are columns, unless a column has that name already.
    Columns of two levels are headers with what stands above them. Rows are counted from 1, and
    named by their labels in the index.
    """
    if frame.columns.nlevels > 2:
        found = msg("the columns have {n} levels; expected one or two.", n=frame.columns.nlevels)
        return [], [Problem(found, msg("Join the levels: df.columns.map('_'.join)."), shown)]
    headers = [label if isinstance(label, tuple) else ("", label) for label in frame.columns]
    named = [(tidy(over), tidy(_plain(header))) for over, header in headers]
    named = [(over if header else "", header or over) for over, header in named]
    columns = [frame.iloc[:, at] for at in range(frame.shape[1])]
    taken = {header for _, header in named}
    index = frame.index
    levels = [at for at, name in enumerate(index.names) if name is not None]
    levels = [at for at in levels if tidy(index.names[at]) not in taken]
    named = [*(("", tidy(index.names[at])) for at in levels), *named]
    columns = [*(pd.Series(index.get_level_values(at)) for at in levels), *columns]
    problems = []
    cells: list[pd.Series[Any]] = []
    for (_, header), column in zip(named, columns, strict=True):
        read = _column(column)
        cells.append(read)
        if (strange := _strange(read)) is not None:
            found = msg("found {kind} in the cells; expected texts and numbers.", kind=strange)
            fix = msg("Write a cell for each of its values.")
            problems.append(Problem(found, fix, shown, column=header))
    if problems:
        return [], problems
    over = tuple(above for above, _ in named)
    raw = Raw(
        shown,
        "",
        tuple(cells),
        np.arange(1, len(frame) + 1, dtype=np.int64),
        ".",
        header=tuple(header for _, header in named),
        over=over if any(over) else (),
        labels=_labels(index),
    )
    return [raw], []


def _column(column: pd.Series[Any]) -> pd.Series[Any]:
    """Give cells as files have them: numbers as numbers, all else as objects, None where empty."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _column(column.astype(column.cat.categories.dtype))
    if pd.api.types.infer_dtype(column) == "string":
        codes, distinct = pd.factorize(column.to_numpy(dtype=object))
        return pd.Series(pd.Categorical.from_codes(codes, pd.Index(distinct, dtype=object)))
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_complex_dtype(kind):
        return pd.Series(objects(None if pd.isna(cell) else _plain(cell) for cell in column))
    if pd.api.types.is_integer_dtype(kind) and not column.isna().any():
        return pd.Series(column.to_numpy())
    if pd.api.types.is_numeric_dtype(kind):
        return pd.Series(column.to_numpy(dtype=np.float64, na_value=np.nan))
    return pd.Series(objects(map(_plain, column)))


def _plain(cell: Any) -> Any:
    """Give a cell of an array as Python has it, and None for any of the marks of nothing."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, pd.Period):
        return str(cell)
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime(warn=False)
    return cell.item() if isinstance(cell, np.generic) else cell


def _strange(column: pd.Series[Any]) -> str | None:
    """The type of the first cell that no file could have."""
    if column.dtype != object:
        return None
    found = (cell for cell in column if not isinstance(cell, _CELLS))
    return next((type(cell).__name__ for cell in found), None)


def _labels(index: pd.Index[Any]) -> tuple[str, ...]:
    """How each row is called: by its label, with its position where others have the same."""
    again = index.duplicated(keep=False)
    return tuple(
        msg("{label} (position {at})", label=_shown(label), at=at) if twice else _shown(label)
        for at, (label, twice) in enumerate(zip(index, again, strict=True))
    )


def _shown(label: Any) -> str:
    if isinstance(label, tuple):
        return f"({', '.join(map(_shown, label))})"
    plain = _plain(label)
    if isinstance(plain, datetime):
        return plain.isoformat().removesuffix("T00:00:00")
    return repr(plain)


def digest(frame: pd.DataFrame) -> str:
    """SHA-256 (hex) of what is read of a DataFrame; the labels of rows that are no column are not.

    Equal cells under equal headers give the same digest.
    """
    found = hashlib.sha256()
    for raw in read_frame("", frame)[0]:
        found.update(json.dumps([raw.header, raw.over], ensure_ascii=False).encode())
        for column in raw.columns:
            codes, distinct = coded(column)
            found.update(np.asarray(codes, dtype=np.int64).tobytes())
            found.update(json.dumps([*_typed(distinct)], ensure_ascii=False).encode())
    return found.hexdigest()


def _typed(cells: Iterable[Any]) -> Iterable[list[str]]:
    for cell in cells:
        plain = _plain(cell)
        yield [type(plain).__name__, repr(plain)]
