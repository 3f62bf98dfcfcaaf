"""Targets over the years: how far a city is from each, whether it is on track, and by when.

Time is counted in years and a period stands for its end: 2025 and 2025-Q4 are both 2025.0,
2025-Q1 is 2024.25. A target of a year is due at the end of that year.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from scipy import stats

from kpi_lib.errors import InputError, Problem, choose_from, did_you_mean
from kpi_lib.framework.model import Indicator
from kpi_lib.io.cells.periods import kind, years
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.digits import at_bound
from kpi_lib.scoring.scoreboard import Scoreboard

Path = Literal["milestones", "linear", "front-loaded"]
Milestones = Mapping[str, Mapping[int, float]]
"""Values to be reached on the way, by indicator and year."""

STATUSES = ("met", "ahead", "on track", "behind", "starting", "no data")
"""From the best down: see :func:`track` for what each means."""

TOLERANCE = 0.05
"""A value is on track within this share of the whole way from baseline to target."""

CONFIDENCE = 0.9
"""Of the interval of a pace. From four values on it covers this much; 95 % would need five."""

FEWEST = 4
"""Values that an interval of a pace needs."""

COLUMNS = (
    "year",
    "target",
    "baseline_period",
    "baseline",
    "value",
    "expected",
    "gap",
    "way",
    "gain",
    "status",
    "values",
    "pace",
    "met_by",
    "met_earliest",
    "met_latest",
)


class Pace(NamedTuple):
    """Change in a year, in the indicator's unit, with the ends of its interval (NaN: none)."""

    change: float
    low: float
    high: float


@dataclass(frozen=True)
class _Way:
    """From a baseline to a target: ``start`` and ``end`` are times, the others values."""

    start: float
    baseline: float
    end: float
    target: float
    sign: int

    @property
    def length(self) -> float:
        """The way to go at the baseline, 0 or less where there was none."""
        return self.sign * (self.target - self.baseline)


def track(
    board: Scoreboard,
    city: str,
    period: str | int = "latest",
    *,
    baseline: str | int | None = None,
    path: Path = "milestones",
    milestones: Milestones | None = None,
    tolerance: float = TOLERANCE,
) -> pd.DataFrame:
    """Follow each indicator of a city that has a target, towards the target in force.

    A row for each code that applies: ``year, target`` (in force: the next one due, else the last);
    ``baseline_period, baseline`` (the first value at or after ``baseline``, else the first of
    all); ``value``; ``expected`` (what the path asks by now); ``gap`` (what is left, in the
    unit, 0 where met); ``way`` (covered since the baseline, %; NaN where there was none to
    go); ``gain`` (points of TOTAL that closing the gap alone adds); ``status``; ``values`` (how
    many there are since the baseline); ``pace`` (change in a year); ``met_by, met_earliest,
    met_latest`` (when that pace meets the target, in years; inf: never).

    Status: ``met``; ``behind`` where it is due and not met; else ``on track`` where value and
    path differ by at most ``tolerance`` of the way, ``ahead`` or ``behind`` beyond; ``starting``
    where there is one value only; ``no data`` where there is none in this period.

    Paths: ``linear``; ``front-loaded`` (a way of 1 − (1 − t)², so three quarters of it at half
    time); ``milestones``, straight from one to the next of the framework's targets that fall
    due on the way, or of those given in ``milestones`` for an indicator, whatever the path.

    The pace is the Theil–Sen slope (the median of all slopes between two values) and its 90 %
    interval that of Sen (1968), "Estimates of the regression coefficient based on Kendall's
    tau"; there is none from fewer than four values. Periods of one kind (years, quarters,
    months) are followed. Raises :class:`InputError` for an unknown city, period or code.
    """
    unit = board.unit(city, period)
    if path not in get_args(Path):
        raise InputError(
            Problem(msg("there is no path '{path}'.", path=path), choose_from(path, get_args(Path)))
        )
    _check_milestones(board, milestones or {})
    if baseline is not None and years(str(baseline)) > years(unit[1]):
        raise InputError(
            msg(
                "the baseline {baseline} is after the period {unit}.",
                baseline=baseline,
                unit=unit[1],
            )
        )
    series = _series(board, unit, baseline)
    rows: dict[str, dict[str, object]] = {}
    absent = board.not_applicable(*unit)
    for indicator in board.indicators_of(*unit):
        due = indicator.target(unit[1])
        if due is None or indicator.direction is None or indicator.code in absent:
            continue
        given = (milestones or {}).get(indicator.code)
        rows[indicator.code] = _followed(
            indicator, due, series[indicator.code].dropna(), unit[1], path, given, tolerance
        )
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
    open_ = table.index[table["gap"] > 0]
    gains = board.gains(*unit, {str(c): x for c, x in table.loc[open_, "target"].items()})
    table["gain"] = table["gain"].astype(float)
    table.loc[open_, "gain"] = gains[open_]
    return table


def pace(series: pd.Series[float]) -> Pace:
    """Give the Theil–Sen slope of a series by period, in units a year, and Sen's interval."""
    if len(series) < 2:
        return Pace(math.nan, math.nan, math.nan)
    times = [years(str(period)) for period in series.index]
    found = stats.theilslopes(series.to_numpy(dtype=float), times, alpha=CONFIDENCE)
    if len(series) < FEWEST:
        return Pace(float(found[0]), math.nan, math.nan)
    return Pace(float(found[0]), float(found[2]), float(found[3]))


def _series(board: Scoreboard, unit: tuple[str, str], baseline: str | int | None) -> pd.DataFrame:
    """The city's values from the baseline to the period, over periods of its kind, in order."""
    city, period = unit
    own = board.measured.iloc[board.by_city[city]]
    own = own.droplevel("city").sort_index()
    start = -math.inf if baseline is None else years(str(baseline))
    kept = [p for p in own.index if kind(p) == kind(period) and start <= years(p) <= years(period)]
    return own.loc[kept]


def _followed(
    indicator: Indicator,
    due: tuple[int, float],
    series: pd.Series[float],
    period: str,
    path: Path,
    given: Mapping[int, float] | None,
    tolerance: float,
) -> dict[str, object]:
    year, target = due
    row: dict[str, object] = dict.fromkeys(COLUMNS, math.nan)
    row |= {"year": year, "target": target, "status": "no data", "values": len(series)}
    row["baseline_period"] = str(series.index[0]) if len(series) else ""
    if len(series):
        row["baseline"] = float(series.iloc[0])
    if not len(series) or series.index[-1] != period:
        return row
    now, value = years(period), float(series.iloc[-1])
    sign = 1 if indicator.direction == "higher" else -1
    way = _Way(years(str(series.index[0])), float(series.iloc[0]), float(year), target, sign)
    gap = max(0.0, sign * (target - float(at_bound(np.asarray(value), target))))
    expected = _expected(way, now, path, _stops(indicator, given, path, way))
    row |= {"value": value, "gap": gap, "expected": expected, "gain": 0.0 if gap == 0 else math.nan}
    if way.length > 0:
        row["way"] = 100 * (1 - sign * (target - value) / way.length)
    row["status"] = _status(gap, value, expected, now, way, len(series), tolerance)
    change = pace(series)
    row["pace"] = change.change
    if gap > 0 and not math.isnan(change.change):
        fast, slow = (change.high, change.low) if sign > 0 else (change.low, change.high)
        row["met_by"] = _reached(now, gap, sign * change.change)
        row["met_earliest"] = _reached(now, gap, sign * fast)
        row["met_latest"] = _reached(now, gap, sign * slow)
    return row


def _status(
    gap: float, value: float, expected: float, now: float, way: _Way, values: int, tolerance: float
) -> str:
    if gap == 0:
        return "met"
    if now >= way.end or (values > 1 and way.length <= 0):
        return "behind"  # due, or better than the target once and no longer
    if values == 1:
        return "starting"
    difference = way.sign * (value - expected) / way.length
    # The limit itself is on track, whatever the last digit of a quotient says.
    if abs(difference) <= tolerance + 1e-9:
        return "on track"
    return "ahead" if difference > 0 else "behind"


def _expected(way: _Way, now: float, path: Path, stops: list[tuple[float, float]]) -> float:
    """The value that a path asks for at a time; from its end on, the target."""
    if now >= way.end or way.length <= 0:
        return way.target
    if path == "front-loaded" and not stops:
        left = (way.end - now) / (way.end - way.start)
        return way.target - (way.target - way.baseline) * left**2
    points = [(way.start, way.baseline), *stops, (way.end, way.target)]
    return float(np.interp(now, [time for time, _ in points], [value for _, value in points]))


def _stops(
    indicator: Indicator, given: Mapping[int, float] | None, path: Path, way: _Way
) -> list[tuple[float, float]]:
    """The milestones on the way, in order of time; those that the baseline was past are none."""
    found = indicator.targets if given is None and path == "milestones" else given or {}
    return sorted(
        (float(year), value)
        for year, value in found.items()
        if way.start < year < way.end and way.sign * (value - way.baseline) > 0
    )


def _reached(now: float, gap: float, speed: float) -> float:
    """When a gap is closed at a speed towards it; inf where it is not approached."""
    if math.isnan(speed):
        return math.nan
    return now + gap / speed if speed > 0 else math.inf


def _check_milestones(board: Scoreboard, milestones: Milestones) -> None:
    known = {i.code for i in board.framework.indicators if i.targets or i.targets_by}
    problems = [
        Problem(
            msg("milestones are given for '{code}', which has no target.", code=code),
            did_you_mean(code, known),
        )
        for code in milestones
        if code not in known
    ]
    if problems:
        raise InputError(problems)
