"""Columns by their distinct cells: what is done once for each of them is done for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals

Codes = npt.NDArray[np.intp]
Distinct = npt.NDArray[np.object_]


def objects(cells: Iterable[Any]) -> Distinct:
    """Make an array of any objects, tuples too, without looking into them."""
    kept = list(cells)
    array = np.empty(len(kept), dtype=object)
    array[:] = kept
    return array


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
    codes = cells.cat.codes.to_numpy()
    distinct = cells.cat.categories.to_numpy(dtype=object)
    n = len(distinct)
    if (codes < 0).any():
        codes = np.where(codes < 0, n, codes.astype(np.int32))
        distinct = objects([*distinct, None])
    used = np.bincount(codes, minlength=len(distinct)) > 0
    if used.all():
        return codes, distinct
    return (np.cumsum(used) - 1)[codes].astype(np.int32), distinct[used]


def texts(codes: npt.NDArray[Any], distinct: Iterable[str]) -> pd.Series[Any]:
    """Make a column of texts from the text of each distinct cell, '' first: equal texts are one."""
    names: dict[str, int] = {"": 0}
    at = np.array([names.setdefault(text, len(names)) for text in distinct], dtype=np.int32)
    values = at[codes] if len(at) else np.zeros(0, dtype=np.int32)
    return pd.Series(pd.Categorical.from_codes(values, pd.Index(list(names), dtype=object)))


def changed(column: pd.Series[Any], rows: Any, said: Any) -> pd.Series[Any]:
    """Make a column of texts in which some rows say something else."""
    cells = column.to_numpy(dtype=object, copy=True)
    cells[rows] = said
    codes, distinct = pd.factorize(cells)
    return texts(codes, distinct).set_axis(column.index)


def each(cells: pd.Series[Any], text_of: Callable[[Any], str]) -> pd.Series[Any]:
    """Make a column of texts, each from a cell."""
    codes, distinct = coded(cells)
    return texts(codes, [text_of(cell) for cell in distinct])


def constant(text: str, n: int) -> pd.Series[Any]:
    """Make a column of one text."""
    return pd.Series(
        pd.Categorical.from_codes(np.zeros(n, dtype=np.int8), pd.Index([text], dtype=object))
    )


def spread(column: pd.Series[Any], value_of: Callable[[str], float]) -> npt.NDArray[np.float64]:
    """Give a number for each text of a column."""
    codes, distinct = coded(column)
    values = np.array([value_of(str(text)) for text in distinct], dtype=np.float64)
    return values[codes] if len(distinct) else np.zeros(0)


def key_of(rows: pd.DataFrame, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Give a number for the texts of some columns: rows sort by it as by their texts."""
    key = np.zeros(len(rows), dtype=np.int64)
    for name in names:
        codes, distinct = coded(rows[name])
        ranks = np.argsort(np.argsort(distinct.astype(str), kind="stable"), kind="stable")
        key = key * max(len(distinct), 1) + (ranks[codes] if len(distinct) else 0)
    return key


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
