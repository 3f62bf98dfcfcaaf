"""The parts of a group that count for a city, and what all aggregations do with them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.registry import Domain, outside

Array = npt.NDArray[np.float64]


def shares(scores: Array, weights: Array) -> tuple[npt.NDArray[np.bool_], Array]:
    """Which children count, and their weights rescaled to a sum of 1 (0 where none counts)."""
    scores, weights = np.broadcast_arrays(scores, weights)
    present = ~np.isnan(scores) & (weights > 0)
    kept = np.where(present, weights, 0.0)
    total = np.sum(kept, axis=-1, keepdims=True)
    return present, kept / np.where(total == 0, 1.0, total)


def where_any(present: npt.NDArray[np.bool_], result: Array) -> Array:
    """The result where any part counts, else missing."""
    return np.where(np.any(present, axis=-1), result, np.nan)


def check_scores(scores: Array, present: npt.NDArray[np.bool_], wanted: Domain) -> None:
    """Raise ``ValueError`` for a score that counts and is not in a domain."""
    if np.any(outside(scores, wanted) & present):
        raise ValueError(
            msg("it takes scores above 0 only")
            if wanted == "positive"
            else msg("it takes scores of 0 or more only")
        )
