"""Columns by their distinct cells: what is done once for each of them is done for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

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


def texts(codes: npt.NDArray[Any], distinct: Sequence[str]) -> pd.Series[Any]:
    """Make a column of texts from the text of each distinct cell, '' first: equal texts are one."""
    names: dict[str, int] = {"": 0}
    at = np.array([names.setdefault(text, len(names)) for text in distinct] or [0], dtype=np.int32)
    values = at[codes] if len(distinct) else np.zeros(0, dtype=np.int32)
    return pd.Series(pd.Categorical.from_codes(values, list(names)))


def each(cells: pd.Series[Any], text_of: Callable[[Any], str]) -> pd.Series[Any]:
    """Make a column of texts, each from a cell."""
    codes, distinct = coded(cells)
    return texts(codes, [text_of(cell) for cell in distinct])
