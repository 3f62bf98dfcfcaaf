"""What is possible but unlikely is read, with a warning."""

from pathlib import Path

import pytest
from supplied import Folder, long, warnings


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


def test_fractions_given_for_percentages_are_a_warning(write: Folder) -> None:
    (said,) = warnings(
        write(*long(*(f"An,{year},A.1,0.9{year % 10}" for year in range(2020, 2025))))
    )
    assert "all 5 values of A.1 are at most 1" in said


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
    assert (
        "data of 43 for 2026, but the cities file has it from the beginning to 2025-07-01" in late
    )
