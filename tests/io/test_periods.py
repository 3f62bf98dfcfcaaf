"""Periods are read by what their column shows, financial years among them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import pytest

from kpi_lib.io.cells.periods import first_day, kind, last_day, read_column, year_of, years
from kpi_lib.locale.words import period_name


def read(*cells: Any) -> list[str]:
    periods, _, faults, _ = read_column(pd.Series(cells, dtype=object))
    assert not faults
    return periods.tolist()


def asked(*cells: Any) -> dict[int, str]:
    _, _, faults, _ = read_column(pd.Series(cells, dtype=object))
    return {at: " ".join(fault) for at, fault in faults.items()}


@pytest.mark.parametrize(
    "written",
    [
        *("FY2023-24", "FY 2023/24", "2023-24", "2023/24", "2023-2024", "2023\u20132024"),
        *("niên độ 2023-2024", "Năm tài chính 2023/24", "Năm ngân sách 2023-24"),
    ],
)
def test_two_years_that_follow_each_other_are_a_financial_year(written: str) -> None:
    assert read(written) == ["FY2023-24"]


def test_the_turn_of_a_century_is_a_financial_year_too() -> None:
    assert read("1999-00", "1999/2000") == ["FY1999-00"] * 2


@pytest.mark.parametrize("written", ["2010-2012", "2012/14", "FY24/26", "2024/23"])
def test_other_spans_of_years_are_asked(written: str) -> None:
    assert "financial year (FY2024-25)" in asked(written)[0]


@pytest.mark.parametrize(
    "written",
    [
        *("FY2021", "FY 2021", "FY21", "fiscal year 2021", "Năm tài chính 2021", "niên độ 2021"),
        "năm ngân sách năm 2021",
    ],
)
def test_a_financial_year_may_be_called_by_one_year(written: str) -> None:
    """Which two years it lies in differs by country; its name does not say, nor does ours."""
    assert read(written) == ["FY2021"]


def test_two_digits_of_a_year_are_enough_beside_the_word() -> None:
    assert read("FY21/22", "FY 99-00", "năm tài chính 69/70") == [
        *("FY2021-22", "FY1999-00", "FY2069-70")
    ]
    assert read("FY70") == ["FY1970"]
    assert "expected a year" in asked("21/22")[0]


def test_a_financial_year_called_by_one_year_is_compared_with_targets_of_that_year() -> None:
    assert (first_day("FY2021"), last_day("FY2021")) == ("2021-01-01", "2021-12-31")
    assert (year_of("FY2021"), years("FY2021")) == (2021, 2021)
    assert kind("FY2021") == "financial year"
    assert period_name("FY2021", "vi") == "năm tài chính 2021"
    assert period_name("FY2021", "en") == "FY2021"


def test_one_cell_that_can_be_no_month_decides_for_its_column() -> None:
    assert read("2010/11", "2012/13") == ["FY2010-11", "FY2012-13"]
    assert read("2011-12", "niên độ 2010-11") == ["FY2011-12", "FY2010-11"]
    assert read("2010-11", "2010-2011") == ["FY2010-11", "FY2010-11"]


def test_three_different_pairs_are_no_months() -> None:
    assert read("2008-09", "2009-10", "2010-11") == ["FY2008-09", "FY2009-10", "FY2010-11"]


def test_other_months_of_the_column_make_it_a_month() -> None:
    assert read("2010-11", "2010-12") == ["2010-11", "2010-12"]
    assert read("2010-11", "tháng 1/2011") == ["2010-11", "2011-01"]


def test_what_the_column_leaves_open_is_asked_with_both_readings() -> None:
    (said,) = asked("2010/11", "2010").values()
    assert "'2010/11', which is month 11 of 2010 or the financial year 2010-2011" in said
    assert "Write 11/2010 for the month, FY2010-11 for the financial year." in said
    assert list(asked("2010-11", "2010-03", "2012-13")) == [0]


def test_a_date_that_a_spreadsheet_made_of_a_financial_year_is_read_by_its_column() -> None:
    november = datetime(2010, 11, 1)
    assert read(november, "2012/13") == ["FY2010-11", "FY2012-13"]
    assert read(november, datetime(2010, 12, 1)) == ["2010-11", "2010-12"]
    assert list(asked(november)) == [0]
    assert read("2010-11-01") == ["2010-11"]


def test_a_financial_year_ends_in_the_middle_of_its_second_year() -> None:
    assert (first_day("FY2024-25"), last_day("FY2024-25")) == ("2024-07-01", "2025-06-30")
    assert (year_of("FY2024-25"), years("FY2024-25")) == (2025, 2024.5)
    assert kind("FY2024-25") == "financial year"
    assert period_name("FY2024-25", "vi") == "năm tài chính 2024\u201325"


def test_days_of_years_quarters_and_months() -> None:
    days = {period: (first_day(period), last_day(period)) for period in ("2024", "2024-Q2")}
    assert days == {
        "2024": ("2024-01-01", "2024-12-31"),
        "2024-Q2": ("2024-04-01", "2024-06-30"),
    }
    assert (first_day("2024-01"), last_day("2024-02")) == ("2024-01-01", "2024-02-29")
