"""Where the points of a city went: lost, added, taken off, not applicable, changed on review.

For frameworks that sum points (``scale: points``); each function gives a table for one city and
one period.
"""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from kpi_lib.errors import InputError
from kpi_lib.locale.catalogue import msg
from kpi_lib.observations.quality import Quality, quality_of
from kpi_lib.observations.values import NOT_APPLICABLE
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard, row_of


def lost_points(board: Scoreboard, city: str, period: str | int = "latest") -> pd.DataFrame:
    """Give what each indicator earns and loses, the largest loss first.

    Index ``code``; columns ``earned`` (points, 0 where missing), ``maximum``, ``lost``, and
    ``missing`` (whether there is no value). Only indicators that apply and have a maximum (none has
    one whose weight was asked to be 0); bonus and deduction are in :func:`extra_points`.
    Raises :class:`InputError` where the framework sums no points.
    """
    unit = _unit(board, city, period)
    assert board.maximum is not None
    leaves = board.framework.indicators
    regular = [leaf.code for leaf in leaves if not leaf.extra]
    table = pd.DataFrame(
        {
            "earned": row_of(board.points, unit)[regular],
            "maximum": row_of(board.maximum, unit)[regular],
        }
    ).rename_axis("code")
    table = table[table["maximum"] > 0]
    table["missing"] = table["earned"].isna()
    table["earned"] = table["earned"].fillna(0.0)
    table.insert(2, "lost", table["maximum"] - table["earned"])
    return table.sort_values("lost", ascending=False, kind="stable")


def extra_points(board: Scoreboard, city: str, period: str | int = "latest") -> pd.DataFrame:
    """Give what bonus and deduction add and take, in the order of the framework.

    Index ``code``; columns ``points`` (negative for a deduction, 0 where missing), ``limit`` (the
    most that it adds, or takes as a negative number) and ``missing``.
    """
    unit = _unit(board, city, period)
    extra = [leaf for leaf in board.framework.indicators if leaf.extra]
    codes = [leaf.code for leaf in extra]
    limits = [leaf.bonus or -(leaf.deduction or 0.0) for leaf in extra]
    own = row_of(board.points, unit)[codes]
    table = pd.DataFrame({"points": own, "limit": limits}, index=pd.Index(codes, name="code"))
    table["missing"] = table["points"].isna()
    table["points"] = table["points"].fillna(0.0)
    return table


def not_applicable(board: Scoreboard, city: str, period: str | int = "latest") -> pd.DataFrame:
    """Give the indicators that do not apply to a city: index ``code``, column ``note``."""
    own = board.observations.of_unit(*board.unit(city, period))
    absent = own[own["said"] == NOT_APPLICABLE] if "said" in own.columns else own.iloc[:0]
    return absent.set_index("indicator")[["note"]].rename_axis("code")


def reviewed(board: Scoreboard, city: str, period: str | int = "latest") -> pd.DataFrame:
    """Give what a review changed: scores as reported and as verified, the largest change first.

    Index ``code``; columns ``reported``, ``verified``, ``difference`` (points) and ``note`` (the
    reason, as the verified row gives it). Only values that are there in both qualities,
    whichever of them the board scores.
    """
    unit = board.unit(city, period)
    other = board.observations.reported
    other = other[(other["city"] == unit[0]) & (other["period"] == unit[1])]
    table = pd.DataFrame(columns=["reported", "verified", "difference", "note"])
    if other.empty:
        return table.rename_axis("code")
    before, after = (of_quality(board, quality) for quality in ("reported", "verified"))
    notes = after.observations.of_unit(*unit).set_index("indicator")["note"]
    codes = [str(code) for code in other["indicator"]]
    reported, verified = row_of(before.points, unit)[codes], row_of(after.points, unit)[codes]
    table = pd.DataFrame({"reported": reported, "verified": verified}).rename_axis("code")
    table["difference"] = table["verified"] - table["reported"]
    table["note"] = notes.reindex(table.index).fillna("")
    order = table["difference"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order]


@lru_cache(maxsize=4)
def of_quality(board: Scoreboard, quality: Quality) -> Scoreboard:
    """Score the same cities by what they ``reported`` of themselves, or by what is ``verified``."""
    observations = board.observations.of_quality(quality)
    if observations is board.observations:
        return board
    return score(observations, board.framework, weights=board.weights)


def verified_of(board: Scoreboard, city: str, period: str | int = "latest") -> tuple[int, int]:
    """Count the values of a city that are verified, and all that it has.

    0 and 0 where the data say of none whether it is verified or reported.
    """
    own = board.observations.of_quality("verified").of_unit(*board.unit(city, period))
    kinds = own.loc[own["value"].notna(), "quality"].map(quality_of)
    return int((kinds == "verified").sum()), len(kinds) if (kinds != "").any() else 0


def _unit(board: Scoreboard, city: str, period: str | int) -> tuple[str, str]:
    if not board.framework.sums_points:
        raise InputError(msg("{name} sums no points (scale: points).", name=board.framework.name))
    return board.unit(city, period)
