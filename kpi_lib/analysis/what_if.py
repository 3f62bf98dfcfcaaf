"""What a change would bring: new values scored again, and the gaps that pay most to close."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd

from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.model import TOTAL, Indicator
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.digits import at_bound
from kpi_lib.observations.read import Observations
from kpi_lib.observations.values import within
from kpi_lib.scoring.rollup import scored_weights
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard, row_of

_AMOUNTS = frozenset({"value", "numerator", "denominator", "se"})

SHARE = 0.1
"""The share of each gap that :func:`priorities` closes."""


def what_if(
    board: Scoreboard,
    values: Mapping[str, float],
    city: str | None = None,
    period: str | int = "latest",
) -> Scoreboard:
    """Score all cities again with other values for one of them, or for each where none is named.

    ``values`` holds the new value of an indicator by code, in its unit. Without ``city``,
    every city gets them in its latest period, or in ``period`` where it has data of it.
    The result is exactly that of a scoring in which the new values had been measured. Raises
    :class:`InputError` for a group, an unknown code, city or period, or a value that is not
    valid.
    """
    _check(board, values)
    units = [board.unit(city, period)] if city is not None else _units(board, period)
    observations = _supposed(board, values, units)
    # A board of one period may still compare across all: those are scored as well.
    kept = board.periods[0] if len(board.periods) == 1 else None
    return score(observations, board.framework, period=kept, weights=board.weights)


def priorities(
    board: Scoreboard, city: str, period: str | int = "latest", share: float = SHARE
) -> pd.DataFrame:
    """Order a city's open gaps by the points of TOTAL that closing a share of each brings.

    A row for each code, best first: ``value, year, target`` (in force), ``gap`` (in the
    unit), ``step`` (the value with ``share``, 0–1, of the gap closed), ``gain`` (points of
    TOTAL from that step alone), ``whole`` (from closing all of it). What has no effect or no
    score comes last. Under means that are not arithmetic the first step of a gap may bring
    more, or less, than its share of the whole.
    """
    if not 0 < share <= 1:
        raise InputError(
            msg(
                "share is {share}; expected a number above 0 and at most 1.",
                share=format(share, "g"),
            )
        )
    unit = board.unit(city, period)
    own, rows = row_of(board.values, unit), {}
    for indicator in board.framework.indicators:
        value, due = own[indicator.code], indicator.target(unit[1])
        if due is None or indicator.direction is None or math.isnan(value):
            continue
        gap = due[1] - value if indicator.direction == "higher" else value - due[1]
        if gap > 0:
            step = value + share * (due[1] - value)
            rows[indicator.code] = (value, due[0], due[1], gap, step)
    columns = ["value", "year", "target", "gap", "step"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    for name, values in (("gain", "step"), ("whole", "target")):
        table[name] = board.gains(*unit, {str(code): x for code, x in table[values].items()})
    return table.sort_values("gain", ascending=False, kind="stable")


def leverage(board: Scoreboard, city: str, period: str | int = "latest") -> pd.DataFrame:
    """Order the scored indicators that a city has no value of by what they weigh.

    A row for each code, heaviest first: ``weight`` (share, 0–1, of all that can be scored:
    coverage rises by it once there is a value) and ``best`` (points of TOTAL that the best
    possible value would add to the present score; NaN where there is none).
    """
    unit = board.unit(city, period)
    weights = weights_in_all(board)
    absent = weights.index[(weights > 0) & row_of(board.values, unit).isna()]
    table = pd.DataFrame({"weight": weights[absent]})
    table["best"] = board.potential(*unit).reindex(absent)
    return table.sort_values("weight", ascending=False, kind="stable")


def weights_in_all(board: Scoreboard) -> pd.Series[float]:
    """The share (0–1) of the whole framework's weight that each indicator has, by code.

    What cannot be scored has none; the sum is 1.
    """
    framework = board.framework
    kept = scored_weights(framework, board.weights)
    share = {TOTAL: 1.0}
    for group in framework.all_groups:
        total = sum(kept[child.code] for child in group.children)
        for child in group.children:
            part = kept[child.code] / total if total > 0 else 0.0
            share[child.code] = share[group.code] * part
    return pd.Series({leaf.code: share[leaf.code] for leaf in framework.indicators}, dtype=float)


def _supposed(
    board: Scoreboard, values: Mapping[str, float], units: list[tuple[str, str]]
) -> Observations:
    """The observations with other values in some units; what is divided is given undivided."""
    changes = pd.DataFrame(
        [(city, period, code, x) for city, period in units for code, x in values.items()],
        columns=["city", "period", "indicator", "value"],
    )
    divided = [code for code in values if cast(Indicator, board.framework.node(code)).denominator]
    if divided:
        one = _with(board, changes.assign(value=1.0))
        parts = score(one, board.framework, weights=board.weights).values
        for row in changes.index[changes["indicator"].isin(divided)]:
            city, period, code, value = changes.loc[row]
            changes.at[row, "value"] = value / parts.at[(city, period), code]
    return _with(board, changes)


def _with(board: Scoreboard, changes: pd.DataFrame) -> Observations:
    """Put rows in place of those of the same city, period and indicator."""
    key = ["city", "period", "indicator"]
    observations = board.observations
    table = observations.table
    index = pd.MultiIndex.from_frame(changes[key])
    others = table[~pd.MultiIndex.from_frame(table[key]).isin(index)]
    empty = {name: math.nan if name in _AMOUNTS else "" for name in table.columns}
    rows = changes.assign(**{k: v for k, v in empty.items() if k not in changes.columns})
    order = {leaf.code: at for at, leaf in enumerate(board.framework.indicators)}
    changed = pd.concat([others, rows[list(table.columns)]], ignore_index=True)
    ranks = [changed["indicator"].map(order), changed["period"], changed["city"]]
    said = observations.fingerprint + changes.to_csv(index=False)
    return replace(
        observations,
        table=changed.iloc[np.lexsort(ranks)].reset_index(drop=True),
        fingerprint=hashlib.sha256(said.encode()).hexdigest(),
    )


def _units(board: Scoreboard, period: str | int) -> list[tuple[str, str]]:
    if period == "latest":
        return list(board.latest.items())
    board.table(TOTAL, period)  # says which periods there are
    return [(city, p) for city, p in board.values.index if p == str(period)]


def _check(board: Scoreboard, values: Mapping[str, float]) -> None:
    problems = []
    for code, value in values.items():
        node = board.framework.node(code)
        if not isinstance(node, Indicator):
            problems.append(
                Problem(
                    msg("'{code}' is a group; only an indicator has a value to change.", code=code)
                )
            )
            continue
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            problems.append(Problem(_not_possible(code, repr(value))))
            continue
        low, high = node.valid or (None, None)
        least, most = (np.nan if bound is None else bound for bound in (low, high))
        kept = float(at_bound(at_bound(np.asarray(value, dtype=float), least), most))
        outside = kept < least or kept > most
        if not math.isfinite(value) or outside:
            problems.append(Problem(_not_possible(code, str(value), low, high)))
    if problems:
        raise InputError(problems)


def _not_possible(
    code: str, found: str, low: float | None = None, high: float | None = None
) -> str:
    if low is None and high is None:
        return msg("{code}: found {value}; expected a number.", code=code, value=found)
    ends = within(-math.inf if low is None else low, math.inf if high is None else high)
    return msg(
        "{code}: found {value}; expected a number {ends}.", code=code, value=found, ends=ends
    )
