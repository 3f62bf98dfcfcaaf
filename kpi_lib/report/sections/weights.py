"""What each indicator weighs in the whole."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from kpi_lib.analysis.what_if import weights_in_all
from kpi_lib.scoring.scoreboard import Scoreboard


@lru_cache(maxsize=4)
def effective_weights(board: Scoreboard) -> pd.Series[float]:
    """The share (0–1) of the whole weight that each indicator has, once for all cities."""
    return weights_in_all(board)
