"""Who has looked at a value: the city itself (reported), or an agency (verified)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from kpi_lib.errors import InputError, Problem, did_you_mean, plain
from kpi_lib.io.cells.coded import coded, texts
from kpi_lib.io.cells.marks import is_missing
from kpi_lib.io.vocabulary import vocabulary
from kpi_lib.locale.catalogue import msg

if TYPE_CHECKING:
    from kpi_lib.observations.read import Observations

Quality = Literal["verified", "reported"]

NOT_FINAL = ("provisional", "estimated", "imputed")
"""What a value may be short of final."""

KEY = ["city", "period", "indicator"]

_WORDS = vocabulary(__package__)
_PENDING = frozenset(plain(word) for word in _WORDS["pending"])
_SHORT_OF_FINAL = {plain(word): kind for kind in NOT_FINAL for word in _WORDS[kind]}
_MEANT = {plain(word): kind for kind in ("reported", "verified") for word in _WORDS[kind]}


def quality_of(text: str) -> str:
    """Say whether a quality means ``verified`` or ``reported``; '' for any other."""
    return _MEANT.get(plain(text), "")


def not_final(text: str) -> str:
    """Say whether a quality means one of :data:`NOT_FINAL`, in any language; '' for any other."""
    return _SHORT_OF_FINAL.get(plain(text), "")


def no_rows() -> pd.DataFrame:
    """No rows at all: nothing was reported beside what was verified."""
    return pd.DataFrame(columns=[*KEY, "value", "unit", "quality", "note", "said"])


def set_aside(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take out what was reported of each value that was verified as well.

    Two rows that differ only in that are one observation. Gives the rows that count, and
    those that are set aside.
    """
    quality, given = _kinds(rows)
    if not {"verified", "reported"} <= set(coded(quality)[1]):
        return rows, rows.iloc[:0].copy()  # a part of rows would keep all of them in memory
    keys = pd.MultiIndex.from_frame(rows[KEY])
    beside = (quality == "reported") & keys.isin(keys[(quality == "verified") & given])
    # Verification that is not done yet leaves what was reported.
    pending = _without_result(quality, given, keys)
    return rows[~beside & ~pending].reset_index(drop=True), rows[beside].reset_index(drop=True)


def refusals(rows: pd.DataFrame) -> Iterator[Problem]:
    """Warn of verified rows without a value that give a reason: what was reported counts there.

    ``rows`` have their place: ``file, sheet, row, column``.
    """
    quality, given = _kinds(rows)
    noted = (rows["note"] != "") & ~given
    if not (noted & (quality == "verified")).any():
        return
    keys = pd.MultiIndex.from_frame(rows[KEY])
    own = rows[_without_result(quality, given, keys) & noted]
    for row in own.to_dict("records"):
        note = str(row["note"])
        if is_missing(note) or plain(note) in _PENDING:
            continue
        yield Problem(
            msg(
                "the verified row of {code} has no value, but the note '{note}': what {city} "
                "reported counts.",
                code=row["indicator"],
                note=note,
                city=row["city"],
            ),
            msg(
                "If it was refused, give the value or the points that are verified, such as 0. If "
                "it is still to be verified, write 'not verified'."
            ),
            row["file"],
            row["sheet"],
            int(row["row"]),
            row["column"],
            "warning",
        )


def _kinds(rows: pd.DataFrame) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The quality of each row as :func:`quality_of` knows it, and whether it says something."""
    codes, distinct = coded(rows["quality"])
    quality = texts(codes, [quality_of(str(text)) for text in distinct])
    return quality, rows["value"].notna() | (rows["said"] != "")


def _without_result(
    quality: pd.Series[Any], given: pd.Series[Any], keys: pd.MultiIndex
) -> pd.Series[Any]:
    """Which rows are verified, say nothing, and stand beside what was reported."""
    found = (quality == "verified") & ~given
    return found & keys.isin(keys[(quality == "reported") & given])


def exchanged(observations: Observations) -> Observations:
    """Give the observations with what was set aside in place of what counted."""
    other: Quality = "reported" if observations.quality == "verified" else "verified"
    table, aside = observations.table, observations.reported
    if aside.empty:
        return replace(observations, quality=other)
    at = pd.MultiIndex.from_frame(table[KEY]).get_indexer(pd.MultiIndex.from_frame(aside[KEY]))
    counted = table.iloc[at].reset_index(drop=True)
    changed = pd.concat([table.drop(index=table.index[at]), aside.set_axis(table.index[at])])
    return replace(observations, table=changed.sort_index(), reported=counted, quality=other)


def check_quality(text: str) -> Quality:
    """Give which of two values counts, as it was asked for, or say what it may be."""
    for known in get_args(Quality):
        if text == known:
            return known  # type: ignore[no-any-return]
    raise InputError(
        msg(
            "found '{text}' for quality; expected {known}. {hint}",
            text=text,
            known=" or ".join(get_args(Quality)),
            hint=did_you_mean(text, get_args(Quality)),
        ).strip()
    )
