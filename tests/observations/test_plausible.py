"""What is possible but unlikely is read, with a warning."""

from pathlib import Path

import pandas as pd
import pytest
from builders import NAN, both, framework, group, indicator
from supplied import FRAMEWORK, Folder, long, warnings

from kpi_lib.io.tables.sheet import Place
from kpi_lib.methods.registry import Method
from kpi_lib.observations.checks import implausible
from kpi_lib.observations.read import examine

PLACE = ("file", "sheet", "row", "column")


@pytest.fixture
def write(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_an_implausible_jump_is_a_warning(write: Folder) -> None:
    (said,) = warnings(write(*long("An,2023,A.1,9", "An,2024,A.1,10", "An,2025,A.1,97")))
    assert "row 4, column 'value': A.1 of An goes from 10 to 97 in 2025." in said
    assert not warnings(write(*long("An,2024,A.1,10", "Bo,2025,A.1,97", "An,2025-Q1,A.1,90")))


def test_a_change_far_from_all_others_is_a_warning_where_there_are_no_goalposts(
    write: Folder,
) -> None:
    rows = [
        f"C{i},{year},A.10,{100 + (year - 2020) * i}" for i in range(30) for year in (2023, 2024)
    ]
    (said,) = warnings(write(*long(*rows, "Zz,2023,A.10,100", "Zz,2024,A.10,9000")))
    assert "Zz goes from 100 to 9000" in said


def test_a_zero_between_values_far_from_zero_is_a_warning(write: Folder) -> None:
    (said,) = warnings(write(*long("An,2023,A.1,80", "An,2024,A.1,0", "An,2025,A.1,82")))
    assert "A.1 of An is 0 in 2024, between 80 and 82" in said
    assert not warnings(write(*long("An,2023,A.1,1", "An,2024,A.1,0", "An,2025,A.1,2")))


def test_shares_of_a_whole_that_do_not_sum_are_a_warning(write: Folder) -> None:
    (said,) = warnings(write(*long("An,2025,S.1,60", "An,2025,S.2,30")))
    assert "the shares of S of An in 2025 sum to 90 %" in said
    assert not warnings(write(*long("An,2025,S.1,60", "An,2025,S.2,41")))
    assert not warnings(write(*long("An,2025,S.1,60", "An,2025,S.2,")))


def test_what_is_unlikely_is_said_beside_errors_but_not_of_them(write: Folder) -> None:
    """A value outside its range is one problem, no jump as well; of the rest all is said."""
    rows = ["An,2023,A.1,90", "An,2024,A.1,0.9", "An,2025,A.1,950", "An,2025,A.9,1"]
    write("city,name_vi", "An,An", "Bo,Bo", name="cities.csv")
    _, problems = examine(write(*long(*rows)), FRAMEWORK)
    said = {(problem.severity, problem.row) for problem in problems}
    assert said == {("error", 4), ("error", 5), ("warning", 3)}


def test_fractions_given_for_percentages_are_a_warning(write: Folder) -> None:
    (said,) = warnings(
        write(*long(*(f"An,{year},A.1,0.9{year % 10}" for year in range(2020, 2025))))
    )
    assert "all 5 values of A.1 are at most 1" in said


def test_one_fraction_among_percentages_is_a_warning(write: Folder) -> None:
    rows = [f"C{i},2025,A.1,{80 + i}" for i in range(5)]
    (said,) = warnings(write(*long(*rows, "An,2025,A.1,0.95")))
    assert "found 0.95 for A.1, whose unit is %; the other values are 80 or more." in said
    assert "Is it 0.95 % or 95 %?" in said
    assert not warnings(write(*long(*rows, "Bo,2025,A.1,4", "An,2025,A.1,0.95")))


def test_a_fraction_without_any_history_is_asked_by_the_goalposts(write: Folder) -> None:
    (said,) = warnings(write(*long("An,2025,A.1,0.95")))
    assert "row 2, column 'value': found 0.95 for A.1, whose unit is %; its best is 100 %" in said
    assert not warnings(write(*long("An,2025,A.2,0.95")))  # no percentage
    assert not warnings(write(*long("An,2025,A.1,0")))
    assert not warnings(write(*long("An,2025,S.1,0.5", "An,2025,A.1,80")))  # neither good nor bad
    computed = ("city,period,indicator,numerator,denominator", "An,2025,A.1,1,200")
    assert not warnings(write(*computed))
    assert "found 0.03 for A.1" in warnings(write(*long("An,2025,A.1,0.03")))[0]
    assert "Is it 1 % or 100 %?" in warnings(write(*long("An,2025,A.1,1")))[0]
    assert not warnings(write(*long("An,2025,A.1,1", "Bo,2025,A.1,2")))


@pytest.mark.parametrize("upward", [True, False])
def test_a_fraction_is_asked_by_the_rule_as_by_goalposts(upward: bool) -> None:
    """80 % and more earn most: 0.9 is likely 90 %; where less is better it may well be 0.9 %."""
    knots = ((0, 0), (80, 10)) if upward else ((0, 10), (80, 0))
    leaf = indicator(
        "P",
        unit=both("%"),
        direction=None,
        goalposts=None,
        normalise=Method("piecewise", {"knots": knots}),
    )
    rows = pd.DataFrame(
        [("c0", "2025", "P", 0.9, NAN, NAN, "", "f.csv", "", 2, "value")],
        columns=[
            "city",
            "period",
            "indicator",
            "value",
            "numerator",
            "denominator",
            "unit",
            *PLACE,
        ],
    )
    cities = pd.DataFrame({"city": ["c0"], "valid_from": "", "valid_to": ""})

    def nowhere(*_: object) -> Place:
        return Place(cell="", label="")

    found = implausible(rows, cities, framework(group("A", leaf)), nowhere)
    assert [problem.message for problem in found] == (
        ["found 0.9 for P, whose unit is %; its best is 80 %."] if upward else []
    )


def test_percentages_of_one_city_that_are_all_fractions_are_one_warning(write: Folder) -> None:
    warned = warnings(write(*long("An,2025,A.1,0.95", "An,2025,S.1,0.4", "An,2025,S.2,0.6")))
    assert "all 3 percentages that are given here are at most 1: A.1, S.1, S.2" in warned[0]


def test_a_city_whose_values_are_all_missing_still_has_a_report(write: Folder) -> None:
    path = write(*long("43,2024,A.1,5", "48,2024,A.1,"))
    write("city", "43", "48", name="cities.csv")
    (empty,) = warnings(path)
    assert "all values are missing of 1 of 2 cities: 48" in empty
    assert "Their reports list what is to be collected" in empty


def test_cities_without_data_or_outside_their_time_are_warnings(write: Folder) -> None:
    path = write(*long("43,2024,A.1,5", "43,2026,A.1,5"))
    write("city,valid_to", "43,2025-07-01", "48,", name="cities.csv")
    absent, late = warnings(path)
    assert "there are no data of 1 of 2 cities: 48" in absent
    assert "data of 43 for 2026, but the cities file has it until 2025-07-01" in late
