"""How many decimals the values of an indicator have on a page: one number format for each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kpi_lib.framework.model import Indicator
from kpi_lib.methods.rules import numbers_in
from kpi_lib.scoring.scoreboard import Scoreboard

# The most decimals of values of a size, by their median; a share without a unit has four.
_MOST = ((1000.0, 0), (10.0, 1), (0.1, 2), (0.0, 4))
_MOST_OF_PERCENT, _MOST_OF_SHARES, _MOST_AT_BOUNDS = 1, 4, 4


@dataclass(frozen=True)
class Decimals:
    """The decimals of an indicator's values, and the bounds that no other value may read as."""

    usual: int
    bounds: frozenset[float]

    def of(self, value: float) -> int:
        """Give the decimals that a value needs: 79.99 below 80 has two where others have one."""
        digits = self.usual
        for bound in self.bounds:
            while digits < _MOST_AT_BOUNDS and _reads_as(value, bound, digits):
                digits += 1
        return digits


@lru_cache(maxsize=8)
def decimals(board: Scoreboard) -> Mapping[str, Decimals]:
    """Decimals of each indicator's values: as many as the data have, within what the size asks for.

    Counts have none; of values whose median is 1,000 or more none is shown, of 10 or more and of
    per cent one, of 0.1 or more two, of less, and of shares of 1 without a unit or valid from 0 to
    1, four. A value that would else read as a bound of its rule or a target that it does not
    reach has more.
    """
    return {leaf.code: _decimals(board, leaf) for leaf in board.framework.indicators}


def _decimals(board: Scoreboard, leaf: Indicator) -> Decimals:
    values = board.values[leaf.code].to_numpy(dtype=float)
    units = set((leaf.unit or {}).values())
    usual = _usual(
        values[np.isfinite(values)], units == {"%"}, leaf.valid == (0, 1) or not any(units)
    )
    rule = board.framework.normalisation_of(leaf)
    return Decimals(usual, frozenset({*numbers_in(rule), *leaf.targets.values()}))


def _reads_as(value: float, bound: float, digits: int) -> bool:
    """Say whether a value that is not the bound, to twelve digits, is written as it is."""
    return round(value, digits) == bound and not math.isclose(value, bound, rel_tol=1e-12)


def _usual(known: np.ndarray, in_percent: bool, of_one: bool) -> int:
    if not known.size:
        return 0
    size = float(np.median(np.abs(known)))
    most = next(digits for least, digits in _MOST if size >= least)
    if in_percent and size >= 1:
        most = _MOST_OF_PERCENT
    elif of_one and size < 1:
        most = _MOST_OF_SHARES
    needed = (n for n in range(most) if np.allclose(known, np.round(known, n), rtol=1e-12, atol=0))
    return next(needed, most)
