"""Values and points against what the framework calls possible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.io.cells.coded import spread
from kpi_lib.io.cells.forms import Floats
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import numeral
from kpi_lib.methods.digits import at_bound
from kpi_lib.observations.faults import counted
from kpi_lib.observations.values import Known, in_points


def outside(sheet: Sheet, frame: pd.DataFrame, known: Known) -> list[Problem]:
    """Check values against the range that the framework calls possible."""
    values = frame["value"].to_numpy(dtype=np.float64)
    low, high = (_bounds(frame, known, side) for side in (0, 1))
    # A quotient that is the bound on paper may be off by its last digit.
    off = np.flatnonzero((values < low) | (values > high))
    kept = at_bound(at_bound(values[off], low[off]), high[off])
    off = off[(kept < low[off]) | (kept > high[off])]
    off = off[~in_points(frame.iloc[off], known)]
    more = msg("{n} more values are outside what their indicators can have.")
    found = (_outside(sheet, frame.iloc[i], low[i], high[i], known) for i in off.tolist())
    return list(counted(found, more, len(off)))


def _outside(sheet: Sheet, row: pd.Series[Any], low: float, high: float, known: Known) -> Problem:
    unit = known.unit(str(row["indicator"]))
    message = msg(
        "found {values}; expected a value {expected}{unit} for {indicator}.",
        values=numeral(row["value"]),
        expected=within(low, high),
        unit=f" ({unit})" if unit else "",
        indicator=row["indicator"],
    )
    fix = msg("Check the number and its unit.")
    return sheet.problem_at([row["position"]], message, fix, str(row["column"]))


def within(low: float, high: float) -> str:
    """Say which values are possible, in a message; an end that is not finite is free."""
    if not np.isfinite(low):
        return msg("of {high} or less", high=numeral(high))
    if not np.isfinite(high):
        return msg("of {low} or more", low=numeral(low))
    return msg("from {low} to {high}", low=numeral(low), high=numeral(high))


def _bounds(frame: pd.DataFrame, known: Known, side: int) -> Floats:
    """The lowest (side 0) or highest (side 1) possible value of each row; infinite if free."""
    free = (-np.inf, np.inf)[side]
    bound = {
        code: float(one.valid[side] or 0.0)
        for code, one in known.indicators.items()
        if one.valid and one.valid[side] is not None
    }
    return spread(frame["indicator"], lambda code: bound.get(code, free))


def outside_points(sheet: Sheet, frame: pd.DataFrame, known: Known) -> list[Problem]:
    """Check points that were given as such: none above the indicator's maximum."""
    problems: list[Problem] = []
    if not known.framework.sums_points:
        return problems
    for i in np.flatnonzero(in_points(frame, known) & frame["value"].notna().to_numpy()).tolist():
        row = frame.iloc[i]
        indicator = known.indicators.get(str(row["indicator"]))
        if indicator is None:
            continue
        low, high = known.framework.points_of(indicator)
        if not low <= float(at_bound(at_bound(np.array([row["value"]]), low), high)[0]) <= high:
            message = msg(
                "found {value} points for {code}; expected from {low} to {high}.",
                value=numeral(row["value"]),
                code=row["indicator"],
                low=numeral(low),
                high=numeral(high),
            )
            fix = msg("Check the points against what the indicator can earn.")
            if indicator.deduction is not None and row["value"] > 0:
                fix = msg("Write points that are taken off as a negative number.")
            problems.append(sheet.problem_at([row["position"]], message, fix, row["column"]))
    return problems
