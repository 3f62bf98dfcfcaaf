"""Published scores beside those that follow from the data: which do not, and by how much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_lib.analysis.audit import totals
from kpi_lib.scoring.scoreboard import Scoreboard

LEAST = 1e-4
"""Differences up to this are rounding: the parts are printed with few digits as well."""

MOST_DECIMALS = 4


def agreement(board: Scoreboard) -> pd.DataFrame:
    """Check published scores against the board, code by code and period by period.

    Gives the columns of :func:`kpi_lib.analysis.audit.totals` by ``code, period``, with the
    ``tolerance``: half a unit of the last digit that was printed of the scores of that code and
    period, and :data:`LEAST` at least. ``ranks`` and ``ranks_follow`` count the cities with a
    printed rank, and those whose rank is that of the printed scores. Scores that were printed
    from 0 to 1 where the board's are from 0 to 100, or the other way, are compared on the board's
    scale: ``factor`` is what they were multiplied by. Only what the board has a score of is
    compared.
    """
    tables = []
    for _, part in _printed(board).groupby(["code", "period"], sort=False):
        code, tolerance = str(part["code"].iloc[0]), float(part["tolerance"].iloc[0])
        table = totals(board, part["score"], code=code, tolerance=tolerance)
        table["ranks"] = int(part["rank"].count())
        table["ranks_follow"] = int((part["rank"] == part["rank_due"]).sum())
        factor = float(part["factor"].iloc[0])
        tables.append(table.assign(code=code, tolerance=tolerance, factor=factor).reset_index())
    if not tables:
        return pd.DataFrame(columns=["code", "period"]).set_index(["code", "period"])
    return pd.concat(tables, ignore_index=True).set_index(["code", "period"])


def differences(board: Scoreboard) -> pd.DataFrame:
    """List the published scores that do not follow from the data, the furthest off first.

    Columns ``city, period, code, published`` (on the scale of the board), ``computed,
    difference`` (computed less published) and ``decimals``, how many were printed, four at most.
    """
    printed = _printed(board).rename(columns={"score": "published"}).reset_index()
    printed["difference"] = printed["computed"] - printed["published"]
    table = printed.loc[
        printed["difference"].abs() > printed["tolerance"],
        ["city", "period", "code", "published", "computed", "difference", "decimals"],
    ]
    return table.sort_values("difference", key=abs, ascending=False, ignore_index=True)


def _printed(board: Scoreboard) -> pd.DataFrame:
    """What was printed, by city and period, with what follows from the data.

    Adds to the published table ``computed``, the rank that is due by the printed scores
    (``rank_due``), the ``tolerance``, the ``decimals`` that were printed, and the ``factor`` by
    which scores and steps were brought to the board's scale.
    """
    printed = board.observations.published.set_index(["city", "period"])
    key = ["city", "period", "code"]
    computed = pd.DataFrame({"computed": board.points.stack(future_stack=True)}).rename_axis(key)
    printed = printed.join(computed, on=key)
    printed = printed.dropna(subset=["computed"]).sort_values(["code", "period"], kind="stable")
    printed["factor"] = _factors(printed)
    for name in ("score", "half_step"):
        printed[name] *= printed["factor"]
    of_one = printed.groupby(["code", "period"])
    half_step = of_one["half_step"].transform("min")
    return printed.assign(
        rank_due=of_one["score"].rank(ascending=False, method="min"),
        tolerance=half_step.clip(lower=LEAST) * (1 + 1e-9),
        decimals=(-np.log10(2 * half_step)).round().clip(0, MOST_DECIMALS),
    )


def _factors(printed: pd.DataFrame) -> pd.Series[float]:
    """100 where the printed scores of a code are from 0 to 1 and the computed ones to 100.

    0.01 the other way round, and else 1: where that brings them nearer to each other.
    """
    factors = pd.Series(1.0, index=printed.index)
    for _, own in printed.groupby("code", sort=False):
        shown, computed = own["score"].to_numpy(), own["computed"].to_numpy()
        small = [np.max(np.abs(scores)) <= 1 for scores in (shown, computed)]
        factor = 100.0 if small == [True, False] else 0.01 if small == [False, True] else 1.0
        off, scaled = (np.median(np.abs(computed - shown * by)) for by in (1.0, factor))
        if scaled < off:
            factors[printed["code"] == own["code"].iloc[0]] = factor
    return factors
