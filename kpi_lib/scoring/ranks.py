"""Ranks of scores, with ties."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kpi_lib.methods.digits import significant

Array = npt.NDArray[np.float64]


def ranks_of(scores: Array) -> Array:
    """Rank down each column from 1 for the highest; ties share the better rank, NaN has none.

    Scores that agree to twelve digits tie.
    """
    scores = significant(scores)
    order = np.argsort(-scores, axis=0, kind="stable")
    falling = np.take_along_axis(scores, order, axis=0)
    place = np.arange(1, len(scores) + 1)[:, np.newaxis]
    new = np.ones(scores.shape, dtype=bool)
    new[1:] = falling[1:] != falling[:-1]
    ranks = np.empty_like(scores)
    shared = np.maximum.accumulate(np.where(new, place, 0), axis=0)
    np.put_along_axis(ranks, order, shared.astype(float), axis=0)
    return np.where(np.isnan(scores), np.nan, ranks)
