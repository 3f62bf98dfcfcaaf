"""Columns by their distinct cells: what is done once for each of them is done for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals

from kpi_lib.io.names import tidy_all

_DENSE = 4  # a table of all numbers of a key may be so many times as long as the key

Codes = npt.NDArray[np.signedinteger[Any]]
Distinct = npt.NDArray[np.object_]


def objects(cells: Iterable[Any]) -> Distinct:
    """Make an array of any objects, tuples too, without looking into them."""
    kept = list(cells)
    array = np.empty(len(kept), dtype=object)
    array[:] = kept
    return array


def object_column(cells: Iterable[Any]) -> pd.Series[Any]:
    """Make a column of any objects, without finding out what they are."""
    return pd.Series(objects(cells), dtype=object)


def coded(cells: pd.Series[Any]) -> tuple[npt.NDArray[Any], Distinct]:
    """Give the distinct cells of a column and, for each cell, which of them it is.

    A column of categories has them already; those that no cell has are left out, and an empty
    cell is None. Cells that are equal but of two types differ: True is not 1.
    """
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return _of_categories(cells)
    if cells.dtype != object or pd.api.types.infer_dtype(cells, skipna=False) == "string":
        codes, distinct = pd.factorize(cells.to_numpy(), use_na_sentinel=False)
        return codes, distinct.astype(object)
    codes, typed = pd.factorize(objects((type(cell), cell) for cell in cells))
    return codes, objects(cell for _, cell in typed)


def _of_categories(cells: pd.Series[Any]) -> tuple[npt.NDArray[Any], Distinct]:
    codes, distinct = _with_unused(cells)
    if len(distinct) == 1 and len(codes):
        return codes, distinct
    used = np.zeros(len(distinct), dtype=np.bool_)
    used[codes] = True
    if used.all():
        return codes, distinct
    return (np.cumsum(used) - 1).astype(np.int32)[codes], distinct[used]


def _with_unused(cells: pd.Series[Any]) -> tuple[npt.NDArray[Any], Distinct]:
    """Give distinct cells, among them some that no cell has: enough for work done on each."""
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        return coded(cells)
    codes = cells.cat.codes.to_numpy()
    distinct = cells.cat.categories.to_numpy(dtype=object)
    if len(codes) and codes.min() < 0:
        codes = np.where(codes < 0, len(distinct), codes.astype(np.int32))
        distinct = objects([*distinct, None])
    return codes, distinct


def texts(codes: npt.NDArray[Any], distinct: Iterable[str]) -> pd.Series[Any]:
    """Make a column of texts from the text of each distinct cell, '' first: equal texts are one."""
    names: dict[str, int] = {"": 0}
    at = np.array([names.setdefault(text, len(names)) for text in distinct], dtype=np.int32)
    values = at[codes] if len(at) else np.zeros(0, dtype=np.int32)
    return _categories(values, list(names))


def changed(column: pd.Series[Any], rows: Any, said: Any) -> pd.Series[Any]:
    """Make a column of texts in which some rows say something else."""
    cells = column.to_numpy(dtype=object, copy=True)
    cells[rows] = said
    codes, distinct = pd.factorize(cells)
    return texts(codes, distinct).set_axis(column.index)


def tidied(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Make a column of the tidy texts of cells."""
    codes, distinct = coded(cells)
    return texts(codes, tidy_all(distinct.tolist()))


def constant(text: str, n: int) -> pd.Series[Any]:
    """Make a column of one text, which takes no memory and cannot be written."""
    return _categories(np.broadcast_to(np.int8(0), (n,)), [text])


def _categories(codes: npt.NDArray[Any], distinct: list[str]) -> pd.Series[Any]:
    return column_of(pd.Categorical.from_codes(codes, pd.Index(distinct, dtype=object)))


def column_of(cells: Any) -> pd.Series[Any]:
    """Make a column of an array that is nobody else's: without a copy."""
    return pd.Series(cells, copy=False)


def nothing(n: int) -> npt.NDArray[np.float64]:
    """Make a column of NaN that takes no memory and cannot be written."""
    return np.broadcast_to(np.float64(np.nan), (n,))


def spread(column: pd.Series[Any], value_of: Callable[[str], float]) -> npt.NDArray[np.float64]:
    """Give a number for each text of a column."""
    codes, distinct = _with_unused(column)
    values = np.array([value_of(str(text)) for text in distinct], dtype=np.float64)
    return values[codes] if len(distinct) else np.zeros(0)


def key_of(rows: pd.DataFrame, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Give a number for the texts of some columns: rows sort by it as by their texts."""
    key = np.zeros(len(rows), dtype=np.int64)
    for name in names:
        codes, distinct = _with_unused(rows[name])
        if len(distinct) < 2:
            continue
        ranks = np.empty(len(distinct), dtype=np.int32)
        ranks[np.argsort(distinct.astype(str), kind="stable")] = np.arange(len(distinct))
        key *= len(distinct)
        key += ranks[codes]
    return key


def order_of(key: npt.NDArray[np.int64]) -> Codes:
    """Give the positions that sort a key, equal ones as they stand."""
    n = len(key)
    top = int(key.max(initial=0)) + 1
    if top <= _DENSE * n:  # each number has its place
        place = np.full(top, -1, dtype=np.int32)
        place[key] = np.arange(n, dtype=np.int32)
        order = place[place >= 0]
        if len(order) == n:
            return order
    return np.argsort(key, kind="stable")


def repeats(key: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Say of each number of a key whether it is there more than once."""
    top = int(key.max(initial=0)) + 1
    if top <= _DENSE * len(key):
        return np.asarray(np.bincount(key) > 1)[key]
    return pd.Series(key).duplicated(keep=False).to_numpy()


def spans(starts: npt.NDArray[Any], ends: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Give the numbers from each start up to its end, one after another."""
    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()), dtype=np.intp)


def take(frame: pd.DataFrame, at: npt.NDArray[Any]) -> pd.DataFrame:
    """Give some rows in some order; a column that says one thing throughout is not copied."""
    columns: dict[str, Any] = {}
    n = int(np.count_nonzero(at)) if at.dtype == np.bool_ else len(at)
    for name, column in frame.items():
        kind = column.dtype
        if isinstance(kind, pd.CategoricalDtype) and len(kind.categories) == 1:
            columns[str(name)] = constant(str(kind.categories[0]), n)
        elif kind == np.float64 and np.isnan(column.to_numpy()).all():
            columns[str(name)] = nothing(n)
        else:
            columns[str(name)] = column.array[at] if _is_coded(kind) else column.to_numpy()[at]
    return pd.DataFrame(columns, copy=False)


def _is_coded(kind: Any) -> bool:
    return isinstance(kind, pd.CategoricalDtype)


def as_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame whose texts are plain ones again; equal columns share their memory."""
    kept: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    for name, column in frame.items():
        if not _is_coded(column.dtype):
            columns[str(name)] = column.array
            continue
        codes, distinct = coded(column)
        one = str(distinct[0]) if len(distinct) == 1 else None
        if one is None or one not in kept:
            plain = pd.array([str(text) for text in distinct], dtype="str").take(codes)
            if one is None:
                columns[str(name)] = plain
                continue
            kept[one] = plain
        columns[str(name)] = kept[one]
    return pd.DataFrame(columns, copy=False)


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put frames with the same columns below each other; texts stay categories."""
    if len(frames) == 1:
        return frames[0].reset_index(drop=True)
    columns: dict[str, Any] = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
            columns[str(name)] = union_categoricals(parts)
        else:
            columns[str(name)] = np.concatenate([part.to_numpy() for part in parts])
    return pd.DataFrame(columns)
