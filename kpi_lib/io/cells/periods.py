"""Periods as text: 2025, the quarter 2025-Q1, the month 2025-03, the financial year FY2024-25."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import plain
from kpi_lib.io.cells.coded import Distinct, coded, texts
from kpi_lib.io.cells.numbers import MOST_NAMED
from kpi_lib.io.names import tidy
from kpi_lib.io.vocabulary import any_of, meanings, vocabulary
from kpi_lib.locale.catalogue import mark, message_language, msg
from kpi_lib.locale.words import date_name

_YEAR = r"(?P<year>(?:19|20|21)[0-9]{2})"
_WORDS = vocabulary(__package__)
_YEAR_WORD, _QUARTER, _MONTH, _FINANCIAL = (
    any_of(_WORDS[key]) for key in ("year", "quarter", "month", "financial year")
)
_HAS_YEAR = re.compile(rf"{_YEAR}|(?:{_FINANCIAL}) ?[0-9]{{2}}", re.IGNORECASE)
_QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:(?:{_YEAR_WORD}) )?{_YEAR}(?:\.0)?",
        rf"{_YEAR}[-/ ]?Q(?P<quarter>[1-4])",
        rf"(?:Q|(?:{_QUARTER}) ?)(?P<quarter>[1-4]|I|II|III|IV)"
        rf"(?: ?[-/ ] ?|, ?| (?:{_YEAR_WORD}) ){_YEAR}",
        rf"{_YEAR}[-/](?P<month>0?[1-9]|1[0-2])",
        rf"{_YEAR}-?M(?P<month>0?[1-9]|1[0-2])",
        rf"(?:T|(?:{_MONTH}) ?)?(?P<month>0?[1-9]|1[0-2])[-/]{_YEAR}",
    )
]
_DATE = re.compile(rf"{_YEAR}-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})(?:[T ]00:00(?::00)?)?")

# The 31st of December, day first or month first: what a year was at its end.
_YEAR_END = re.compile(rf"(?:31[-/.]12|12[-/.]31)[-/.]{_YEAR}")

# Words before or behind a period that say of its values that they are not final, and the form
# in which the World Bank writes a year: 2020 [YR2020].
_QUALITY = {plain(word): kind for word, kind in meanings(_WORDS["period quality"]).items()}
_MARKED = re.compile(
    rf"(?:(?:{any_of(_QUALITY)}) ?[-/–] ?)?(?:(?P<before>{any_of(_QUALITY)}) )?(?P<period>\S.*?)"
    rf"(?: ?(?P<stars>\*{{1,3}})| ?\((?P<in>[^()]*)\)| (?P<behind>{any_of(_QUALITY)})"
    r"| ?\[yr[0-9]{4}\])?"
)
_LONGEST = 60  # characters of a period with its mark

# Two years that follow each other, with a word for financial years or without one; with one,
# a year may have two digits, and may stand alone.
_TWO_YEARS = re.compile(
    rf"(?:(?:{_FINANCIAL}) ?)?(?:(?:{_YEAR_WORD}) )?{_YEAR} ?[-/\u2013] ?"
    r"(?P<second>[0-9]{4}|[0-9]{2})",
    re.IGNORECASE,
)
_NAMED_FINANCIAL = re.compile(
    rf"(?:{_FINANCIAL}) ?(?:(?:{_YEAR_WORD}) )?(?P<year>(?:19|20)?[0-9]{{2}})"
    r"(?: ?[-/\u2013] ?(?P<second>[0-9]{2}))?",
    re.IGNORECASE,
)
_FIRST_OF_1900S = 70  # FY70 is 1970, FY69 is 2069

# So many different cells such as 2010/11, each of the next year, are no months.
_ENOUGH = 3

EXPECTED = mark(
    "expected a year (2025), a quarter (2025-Q1), a month (2025-03) or a financial year (FY2024-25)"
)


def read_period(text: str) -> str | None:
    """Read a period in any of the forms people write; None where it is none.

    Read are 2025, 2025.0, 2025-Q1, Q1/2025, 2025-03 and 03/2025, and these with the words of
    words.yaml for year, quarter and month; and financial years: FY2024-25, 2024/2025, 2024/25.
    FY2025 and FY25 are FY2025, since countries differ on whether a financial year is called by
    the year in which it begins or ends. On its own 2010-11 is a month; :func:`read_column`
    reads it by its column.
    """
    if not _HAS_YEAR.search(text):
        return None
    for form in _FORMS:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            if parts.get("quarter"):
                return f"{parts['year']}-Q{_QUARTERS[parts['quarter'].lower()]}"
            if parts.get("month"):
                return f"{parts['year']}-{int(parts['month']):02}"
            return parts["year"]
    return _financial_year(text)


def marked_period(text: str) -> tuple[str | None, str]:
    """Read a period that may have a mark (2023*, Prel. 2023, 2020 [YR2020]), and its quality."""
    if not _HAS_YEAR.search(text):
        return None, ""
    if (period := read_period(text)) is not None or len(text) > _LONGEST:
        return period, ""
    folded = plain(text)
    if found := _YEAR_END.fullmatch(folded):
        return found["year"], ""
    found = _MARKED.fullmatch(folded)
    if found is None:
        return None, ""
    mark_ = plain(found["before"] or found["in"] or found["behind"] or "")
    if (found["in"] is not None and mark_ not in _QUALITY) or found["period"] == folded:
        return None, ""
    quality = "provisional" if found["stars"] else _QUALITY.get(mark_, "")
    return read_period(found["period"]), quality


def _financial_year(text: str) -> str | None:
    """Read a financial year: two years that follow each other, or a word for it and one year."""
    found = _TWO_YEARS.fullmatch(text) or _NAMED_FINANCIAL.fullmatch(text)
    if found is None:
        return None
    first, second = int(found["year"]), found["second"]
    if first < 100:
        first += 1900 if first >= _FIRST_OF_1900S else 2000
    if second is None:
        return f"FY{first}"
    follows = int(second) == (first + 1 if len(second) == 4 else (first + 1) % 100)
    return f"FY{first}-{(first + 1) % 100:02}" if follows else None


def _parts(period: str) -> tuple[int, int, int]:
    """Split a period into the year and month in which it ends, and its length in months.

    Financial years end in different months in different countries (March, June, September);
    the end of June is the middle of these. One that is called by a single year may begin or end
    in it, or be that year, as Viet Nam's is; the year itself is the middle of these.
    """
    if named_by_one_year(period):
        return int(period[2:]), 12, 12
    if period.startswith("FY"):
        return int(period[2:6]) + 1, 6, 12
    year, _, part = period.partition("-")
    if part.startswith("Q"):
        return int(year), 3 * int(part[1:]), 3
    return int(year), int(part or 12), 1 if part else 12


def last_day(period: str) -> str:
    """Last day of a period as an ISO date: 2025-03-31 for 2025-Q1 and 2025-03."""
    year, month, _ = _parts(period)
    return f"{year}-{month:02}-{monthrange(year, month)[1]:02}"


def first_day(period: str) -> str:
    """First day of a period as an ISO date."""
    year, month, length = _parts(period)
    before = 12 * year + month - length
    return f"{before // 12}-{before % 12 + 1:02}-01"


def year_of(period: str) -> int:
    """Calendar year in which a period ends."""
    return _parts(period)[0]


def years(period: str) -> float:
    """Place the end of a period on the line of years."""
    year, month, _ = _parts(period)
    return year - 1 + month / 12


def kind(period: str) -> str:
    """Kind of a period: financial year, year, quarter or month."""
    if period.startswith("FY"):
        return "financial year"
    return "quarter" if "Q" in period else "month" if "-" in period else "year"


def named_by_one_year(period: str) -> bool:
    """Whether a period is a financial year called by a single year: FY2025."""
    return period.startswith("FY") and "-" not in period


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


def read_column(
    cells: pd.Series[Any],
) -> tuple[pd.Series[Any], pd.Series[Any], dict[int, tuple[str, str]], npt.NDArray[np.intp]]:
    """Read a column of periods: texts, numbers or dates, and what marks say of quality.

    Gives the period and the quality of each cell, '' where it is empty or at fault; of the
    faults, those of the first hundred different cells by position, and the positions of the rest.
    A spreadsheet makes a date of 03/2025 as it is typed: the first day of a month means that
    month. 1 January alone may mean the year as well as the month, so it is a fault unless other
    dates of the column show that they are months. In the same way 2010-11 is November 2010 in a
    column with other months and the financial year in a column with other financial years, or
    with 2009-10 and 2011-12; where the column shows neither, or both, it is a fault.
    """
    codes, distinct = coded(cells)
    read, qualities, wrong, fault_of = _read_distinct(distinct)
    named = {code: fault_of(code) for code in wrong[:MOST_NAMED]}
    faults = {int(at): named[int(codes[at])] for at in np.flatnonzero(np.isin(codes, list(named)))}
    unnamed = np.zeros(len(distinct), dtype=np.bool_)
    unnamed[wrong[MOST_NAMED:]] = True
    others = np.flatnonzero(unnamed[codes])
    return texts(codes, read), texts(codes, qualities), faults, others


def _read_distinct(
    cells: Distinct,
) -> tuple[list[str], list[str], list[int], Callable[[int], tuple[str, str]]]:
    """Read different cells of one column: periods, qualities, which are at fault, and how."""
    days = [None if _no_year(cell) else _as_date(cell) for cell in cells]
    months = any(day and day.day == 1 and day.month > 1 for day in days)
    read: list[str | None] = []
    qualities = []
    for cell, day in zip(cells, days, strict=True):
        period, quality = _read_one(cell, day, months)
        read.append(period)
        qualities.append(quality)
    either = {
        at: year
        for at, period in enumerate(read)
        if period and (year := _as_financial_year(cells[at], days[at], period))
    }
    kinds = {"financial year"} if len(set(either.values())) >= _ENOUGH else set()
    kinds |= {kind(period) for at, period in enumerate(read) if period and at not in either}
    if {"month", "financial year"} & kinds != {"month"}:
        clear = "financial year" in kinds and "month" not in kinds
        for at, year in either.items():
            read[at] = year if clear else None

    def fault_of(at: int) -> tuple[str, str]:
        if at in either:
            return _two_ways(cells[at], days[at], either[at])
        return _fault(cells[at], days[at])

    wrong = [at for at, period in enumerate(read) if period is None]
    return [period or "" for period in read], qualities, wrong, fault_of


def _read_one(cell: Any, day: date | None, months: bool) -> tuple[str | None, str]:
    if day is None:
        if _no_year(cell):
            return (None if cell.strip() else ""), ""
        text = tidy(cell)
        return marked_period(text) if text else ("", "")
    if (day.month, day.day) == (12, 31):
        return str(day.year), ""
    is_month = day.day == 1 and (day.month > 1 or months)
    return (f"{day.year}-{day.month:02}" if is_month else None), ""


def _as_financial_year(cell: Any, day: date | None, month: str) -> str | None:
    """Read what is a month on its own as the financial year that it may be as well.

    A spreadsheet makes a date of 2010/11 as it is typed, too; a text with a day is a date.
    """
    if day is not None:
        return None if isinstance(cell, str) else _financial_year(month)
    return _financial_year(tidy(cell)) if kind(month) == "month" else None


def _no_year(cell: Any) -> bool:
    """Whether a cell is a text without a year, as is seen at once."""
    return isinstance(cell, str) and cell.isprintable() and not _HAS_YEAR.search(cell)


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


def _two_ways(cell: Any, day: date | None, financial: str) -> tuple[str, str]:
    first = int(financial[2:6])
    month = (first + 1) % 100
    return (
        msg(
            "found '{cell}', which is month {month} of {first} or the financial year "
            "{first}-{second}; the column does not show which.",
            cell=tidy(cell) if day is None else f"{day:%Y-%m}",
            month=month,
            first=first,
            second=first + 1,
        ),
        msg(
            "Write {month}/{first} for the month, {financial} for the financial year.",
            month=f"{month:02}",
            first=first,
            financial=financial,
        ),
    )


def _fault(cell: Any, day: date | None) -> tuple[str, str]:
    if day is None:
        found = msg("found '{cell}'; {expected}.", cell=tidy(cell), expected=msg(EXPECTED))
        return found, msg("Write the period in one of these forms.")
    return (
        msg(
            "found the date {day}; {expected}.",
            day=date_name(day.isoformat(), message_language()),
            expected=msg(EXPECTED),
        ),
        msg(
            "Write it as text: {year}, {year}-Q{month} or {year}-{month_2}.",
            year=day.year,
            month=(day.month + 2) // 3,
            month_2=format(day.month, "02"),
        ),
    )
