"""How many decimals the values of an indicator have on a page: one number format for each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from kpi_lib.scoring.scoreboard import Scoreboard

# The most decimals of values of a size, by their median; of shares in per cent, the first too.
_MOST = ((1000.0, 0), (10.0, 1), (1.0, 2), (0.0, 4))
_MOST_OF_PERCENT = 1


@lru_cache(maxsize=8)
def decimals(board: Scoreboard) -> Mapping[str, int]:
    """Decimals of each indicator's values: as many as the data have, within what the size asks for.

    Counts have none; of values whose median is 1,000 or more none is shown, of 10 or more and of
    per cent one, of 1 or more two, of less four.
    """
    units = {leaf.code: set((leaf.unit or {}).values()) for leaf in board.framework.indicators}
    return {
        code: _decimals(board.values[code].to_numpy(dtype=float), unit == {"%"})
        for code, unit in units.items()
    }


def _decimals(values: np.ndarray, in_percent: bool) -> int:
    known = values[np.isfinite(values)]
    if not known.size:
        return 0
    size = float(np.median(np.abs(known)))
    most = next(digits for least, digits in _MOST if size >= least)
    if in_percent and size >= 1:
        most = _MOST_OF_PERCENT
    needed = (n for n in range(most) if np.allclose(known, np.round(known, n), rtol=1e-12, atol=0))
    return next(needed, most)
