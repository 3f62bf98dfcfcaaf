"""How sure each rank is, computed once for all reports and kept with the scores."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress

import pandas as pd

from kpi_lib.analysis.robustness.ranks import rank_interval
from kpi_lib.scoring.cache import (
    Damaged,
    keep_file,
    kept_file,
    key_of,
    say_damaged,
    scores_folder,
    spec_digest,
)
from kpi_lib.scoring.scoreboard import Scoreboard

# The last intervals of this process: one run makes many notebooks from the same ones.
_recent: dict[tuple[str, str], pd.DataFrame] = {}


def intervals(board: Scoreboard, period: str) -> pd.DataFrame:
    """``rank, low, high, p_same`` by city: how sure each rank of a period is.

    90 % of draws lie from ``low`` to ``high`` when what the board's ``spec`` lists is drawn, else
    when each weight varies by up to ±25 % relative to its siblings; ``attrs["weights"]`` says what
    that does to effective weights, as in
    :func:`kpi_lib.analysis.robustness.ranks.rank_interval`. Kept with the scores, as they are the
    same for every city's report.
    """
    drawn = hashlib.sha256(f"{board.digest} {spec_digest(board.spec)}".encode()).hexdigest()
    kept = scores_folder() / key_of(board) / f"intervals-{period}-{drawn[:16]}.parquet"
    if (drawn, period) not in _recent:
        try:
            table = pd.read_parquet(io.BytesIO(kept_file(kept)))
        except (OSError, ValueError) as error:
            if isinstance(error, Damaged):
                say_damaged(kept.parent)
            table = rank_interval(board, period=period)
            with suppress(OSError):  # A folder that cannot be written: computed again.
                keep_file(kept, table.to_parquet())
        _recent.clear()
        _recent[(drawn, period)] = table
    return _recent[(drawn, period)]
