"""Periods: a year 2025, a quarter 2025-Q1 or a month 2025-03, as text."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.io.names import tidy
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.locale.catalogue import mark, msg

_YEAR = r"(?P<year>(?:19|20|21)[0-9]{2})"
_WORDS = vocabulary(__package__)
_YEAR_WORD, _QUARTER, _MONTH = (any_of(_WORDS[key]) for key in ("year", "quarter", "month"))
_QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:(?:{_YEAR_WORD}) )?{_YEAR}(?:\.0)?",
        rf"{_YEAR}[-/ ]?Q(?P<quarter>[1-4])",
        rf"(?:Q|(?:{_QUARTER}) ?)(?P<quarter>[1-4]|I|II|III|IV)"
        rf"(?: ?[-/ ] ?|, ?| (?:{_YEAR_WORD}) ){_YEAR}",
        rf"{_YEAR}[-/](?P<month>0?[1-9]|1[0-2])",
        rf"(?:T|(?:{_MONTH}) ?)?(?P<month>0?[1-9]|1[0-2])[-/]{_YEAR}",
    )
]
_DATE = re.compile(rf"{_YEAR}-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})(?:[T ]00:00(?::00)?)?")

EXPECTED = mark("expected a year (2025), a quarter (2025-Q1) or a month (2025-03)")


def read_period(text: str) -> str | None:
    """Give a period in its one form from the forms people write; None where it is none.

    Read are 2025, 2025.0, 2025-Q1, Q1/2025, 2025-03 and 03/2025, and these with the words of
    words.yaml for year, quarter and month.
    """
    for form in _FORMS:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            if parts.get("quarter"):
                return f"{parts['year']}-Q{_QUARTERS[parts['quarter'].lower()]}"
            if parts.get("month"):
                return f"{parts['year']}-{int(parts['month']):02}"
            return parts["year"]
    return None


def last_day(period: str) -> str:
    """Give the last day of a period as an ISO date: 2025-03-31 for 2025-Q1 and 2025-03."""
    year, _, part = period.partition("-")
    month = 12 if not part else 3 * int(part[1:]) if part.startswith("Q") else int(part)
    return f"{year}-{month:02}-{monthrange(int(year), month)[1]:02}"


def first_day(period: str) -> str:
    """Give the first day of a period as an ISO date."""
    year, _, part = period.partition("-")
    month = 1 if not part else 3 * int(part[1:]) - 2 if part.startswith("Q") else int(part)
    return f"{year}-{month:02}-01"


def years(period: str) -> float:
    """Place the end of a period on the line of years."""
    year, _, part = period.partition("-")
    if not part:
        return float(year)
    if part.startswith("Q"):
        return int(year) - 1 + int(part[1:]) / 4
    return int(year) - 1 + int(part) / 12


def kind(period: str) -> str:
    """Say whether a period is a year, a quarter or a month."""
    return "quarter" if "Q" in period else "month" if "-" in period else "year"


def periods_of(rows: pd.Index[Any]) -> list[tuple[str, npt.NDArray[np.intp]]]:
    """Give each period and the positions of its rows, in order of the periods."""
    names, which = np.unique(
        np.asarray(rows.get_level_values("period"), dtype=object), return_inverse=True
    )
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=len(names)))
    starts = [0, *ends[:-1]]
    return [
        (str(name), order[start:end]) for name, start, end in zip(names, starts, ends, strict=True)
    ]


def read_periods(cells: Sequence[Any]) -> tuple[list[str], dict[int, tuple[str, str]]]:
    """Read a column of periods: texts, numbers or dates.

    Gives a period for each cell, '' where it is empty or at fault, and by position what was
    found and what to do. A spreadsheet makes a date of 03/2025 as it is typed: the first
    day of a month means that month. 1 January alone may mean the year as well as the month,
    so it is a fault unless other dates of the column show that they are months.
    """
    distinct = {cell: _as_date(cell) for cell in dict.fromkeys(cells)}
    months = any(day and day.day == 1 and day.month > 1 for day in distinct.values())
    read: dict[Any, str | None] = {}
    for cell, day in distinct.items():
        if day is None:
            text = tidy(cell)
            read[cell] = read_period(text) if text else ""
        else:
            is_month = day.day == 1 and (day.month > 1 or months)
            read[cell] = f"{day.year}-{day.month:02}" if is_month else None
    faults = {
        at: _fault(cell, distinct[cell]) for at, cell in enumerate(cells) if read[cell] is None
    }
    return [read[cell] or "" for cell in cells], faults


def _as_date(cell: Any) -> date | None:
    """Give the date of a date cell, or of a text that is a whole date."""
    if isinstance(cell, datetime):
        return cell.date() if cell == cell else None  # NaT is a datetime, unequal to itself
    if isinstance(cell, date):
        return cell
    if isinstance(cell, str) and (found := _DATE.fullmatch(tidy(cell))):
        try:
            return date(*(int(found[part]) for part in ("year", "month", "day")))
        except ValueError:
            return None
    return None


def _fault(cell: Any, day: date | None) -> tuple[str, str]:
    if day is None:
        return msg("found '{cell}'; {expected}.", cell=tidy(cell), expected=msg(EXPECTED)), msg(
            "Write the period in one of these forms."
        )
    return (
        msg("found the date {day}; {expected}.", day=day.isoformat(), expected=msg(EXPECTED)),
        msg(
            "Write it as text: {year}, {year}-Q{month} or {year}-{month_2}.",
            year=day.year,
            month=(day.month + 2) // 3,
            month_2=format(day.month, "02"),
        ),
    )
