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
    printed rank, and those whose rank is that of the printed scores. Only what the board has a
    score of is compared.
    """
    tables = []
    for _, part in _printed(board).groupby(["code", "period"], sort=False):
        code, tolerance = str(part["code"].iloc[0]), float(part["tolerance"].iloc[0])
        table = totals(board, part["score"], code=code, tolerance=tolerance)
        table["ranks"] = int(part["rank"].count())
        table["ranks_follow"] = int((part["rank"] == part["rank_due"]).sum())
        tables.append(table.assign(code=code, tolerance=tolerance).reset_index())
    if not tables:
        return pd.DataFrame(columns=["code", "period"]).set_index(["code", "period"])
    return pd.concat(tables, ignore_index=True).set_index(["code", "period"])


def differences(board: Scoreboard) -> pd.DataFrame:
    """List the published scores that do not follow from the data, the furthest off first.

    Columns ``city, period, code, published, computed, difference`` (computed less published)
    and ``decimals``, how many were printed, four at most.
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
    (``rank_due``), the ``tolerance``, and the ``decimals`` that were printed.
    """
    printed = board.observations.published.set_index(["city", "period"])
    key = ["city", "period", "code"]
    computed = pd.DataFrame({"computed": board.points.stack(future_stack=True)}).rename_axis(key)
    printed = printed.join(computed, on=key)
    printed = printed.dropna(subset=["computed"]).sort_values(["code", "period"], kind="stable")
    of_one = printed.groupby(["code", "period"])
    half_step = of_one["half_step"].transform("min")
    return printed.assign(
        rank_due=of_one["score"].rank(ascending=False, method="min"),
        tolerance=half_step.clip(lower=LEAST) * (1 + 1e-9),
        decimals=(-np.log10(2 * half_step)).round().clip(0, MOST_DECIMALS),
    )
