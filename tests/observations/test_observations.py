"""Observations are read as people supply them, and every fault is found before anything runs."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import NAN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from supplied import FRAMEWORK, Folder, complaint, complaints, long, values

from kpi_lib.errors import InputError
from kpi_lib.exchange.files import examine, read_observations
from kpi_lib.framework.load import load_framework
from kpi_lib.observations.write import write_observations


@pytest.fixture
def write(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_long_table_is_sorted_by_city_period_and_the_order_of_the_framework(
    write: Folder,
) -> None:
    path = write(*long("Huế,2025,A.10,3", "Huế,2025,A.2,12", "Huế,2024,A.2,11", "An,2025,A.1,"))
    read = read_observations(path, FRAMEWORK)
    rows = read.table[["city", "period", "indicator"]].to_numpy().tolist()
    assert rows == [
        ["An", "2025", "A.1"],
        ["Huế", "2024", "A.2"],
        ["Huế", "2025", "A.2"],
        ["Huế", "2025", "A.10"],
    ]
    assert values(read)[1:] == [11, 12, 3]
    assert read.table["value"].isna().tolist() == [True, False, False, False]
    assert read.cities["slug"].tolist() == ["an", "hue"]
    assert read.files == (path,)


def test_wide_and_long_forms_of_the_same_data_read_the_same(write: Folder) -> None:
    wide = write("city,period,A.1,PM2.5", "Huế,2025,90.5,", "An,2025,80,14", name="wide.csv")
    rows = ("Huế,2025,A.1,90.5", "Huế,2025,A.2,", "An,2025,A.1,80", "An,2025,A.2,14")
    tables = [read_observations(p, FRAMEWORK).table for p in (wide, write(*long(*rows)))]
    pd.testing.assert_frame_equal(*tables)


def test_columns_and_indicators_are_known_in_vietnamese_and_however_they_are_typed(
    write: Folder,
) -> None:
    path = write(
        "Đô thị;Kỳ;Chỉ số;Giá trị;Đơn vị;Ghi chú",
        "Huế;2025;Tỷ lệ hộ có Internet;97,5;phần trăm;tạm tính",
        "Huế;2024;ty le ho  co internet;96,5;%;",
        "Huế;2023;internet ACCESS;95;;",
    )
    read = read_observations(path, FRAMEWORK)
    assert set(read.table["indicator"]) == {"A.1"}
    assert values(read) == [95, 96.5, 97.5]
    assert read.table["note"].tolist() == ["", "", "tạm tính"]
    wide = write("THÀNH PHỐ\tNăm\thouseholds with internet", "Huế\t2025\t97,5 %", name="w.csv")
    assert values(read_observations(wide, FRAMEWORK)) == [97.5]


def test_letters_that_look_the_same_are_the_same_city(write: Folder) -> None:
    path = write(*long("Hu\u1ebf,2025,A.1,5", "Hue\u0302\u0301,2024,A.1,4"))
    assert read_observations(path, FRAMEWORK).cities["city"].tolist() == ["Hu\u1ebf"]


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("2025", "2025"),
        ("2025.0", "2025"),
        ("2025-Q1", "2025-Q1"),
        ("Q1/2025", "2025-Q1"),
        ("Quý I/2025", "2025-Q1"),
        ("2025-03", "2025-03"),
        ("3/2025", "2025-03"),
        ("tháng 3/2025", "2025-03"),
        ("2025M03", "2025-03"),
        ("2020 [YR2020]", "2020"),
        ("31/12/2024", "2024"),
        ("2025-12-31", "2025"),
        ("Sơ bộ 2023", "2023"),
        ("Prel. 2023", "2023"),
        ("2023 (ước tính)", "2023"),
        ("2022*", "2022"),
    ],
)
def test_periods_are_years_quarters_or_months(write: Folder, written: str, period: str) -> None:
    table = read_observations(write(*long(f"Huế,{written},A.1,5")), FRAMEWORK).table
    assert table["period"].tolist() == [period]


@pytest.mark.parametrize(
    "written", ["25", "2025-13", "Q5/2025", "soon", "2025-12-30", "2025-01-01"]
)
def test_any_other_period_is_an_error_that_names_the_forms(write: Folder, written: str) -> None:
    said = complaint(write(*long(f"Huế,{written},A.1,5")))
    assert said.startswith(", row 2, column 'period'")
    assert "expected a year (2025), a quarter (2025-Q1), a month (2025-03) or a fin" in said


def test_a_standard_error_is_read_with_its_value(write: Folder) -> None:
    header = "city,period,indicator,value,sai số chuẩn"
    path = write(header, "An,2025,A.1,80,1.5", "An,2024,A.1,70,")
    table = read_observations(path, FRAMEWORK).table
    np.testing.assert_array_equal(table["se"], [NAN, 1.5])
    wrong = write("city,period,indicator,value,se", "An,2025,A.1,80,-1", name="wrong.csv")
    with pytest.raises(InputError, match="found a standard error under 0"):
        read_observations(wrong, FRAMEWORK)


def test_a_value_is_computed_from_numerator_and_denominator(write: Folder) -> None:
    header = "city,period,indicator,value,numerator,denominator,note"
    path = write(
        header,
        "An,2021,A.1,,9,12,",
        "An,2022,A.1,66.7,2,3,",
        "An,2023,A.1,70,,,",
        "An,2024,A.1,,9,,",
        "An,2025,A.10,,9,,",
    )
    table = read_observations(path, FRAMEWORK).table
    assert table["value"].tolist()[:3] == [75, 200 / 3, 70]
    assert table["note"].tolist() == ["", "", "", "no denominator", ""]
    assert table["value"].tolist()[4] == 9


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A.1,66.5,2,3", "found 66.5 for A.1, but its numerator and denominator give 66.66666667"),
        ("A.1,,2,0", "found 0; expected a denominator of A.1"),
        ("A.2,,2,3", "the framework has no formula for A.2"),
        ("A.10,,2,3", "the formula of A.10 has no denominator"),
        ("A.1,,2 %,3", "found a percent sign; expected a number"),
    ],
)
def test_parts_that_do_not_make_the_value_are_an_error(write: Folder, row: str, said: str) -> None:
    path = write("city,period,indicator,value,numerator,denominator", f"An,2025,{row}")
    assert said in complaint(path)


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("A.2", "ug/m3"),
        ("A.2", "μg / m³"),
        ("A.1", "percent"),
        ("A.1", "phần trăm"),
        ("A.3", "BN VND"),
    ],
)
def test_a_unit_may_be_spelled_in_many_ways(write: Folder, code: str, unit: str) -> None:
    path = write("city,period,indicator,value,unit", f"An,2025,{code},5,{unit}")
    assert values(read_observations(path, FRAMEWORK)) == [5]


def test_another_unit_is_an_error_that_names_the_expected_one(write: Folder) -> None:
    path = write("city,period,indicator,value,unit", "An,2025,A.2,5,mg/m3", "An,2024,A.2,5,mg/m3")
    said = complaint(path)
    assert "row 2, column 'unit': found the unit 'mg/m3'; expected 'µg/m³' for A.2" in said
    assert "The same in row 3." in said


def test_a_percent_sign_belongs_to_percentages_only(write: Folder) -> None:
    assert values(read_observations(write(*long("An,2025,A.1,97.5%")), FRAMEWORK)) == [97.5]
    assert "expected A.2 in µg/m³" in complaint(write(*long("An,2025,A.2,97.5%")))


def test_the_text_of_a_missing_value_is_kept_as_its_note(write: Folder) -> None:
    path = write(
        "city,period,indicator,value,note",
        "An,2023,A.1,không có,",
        "An,2024,A.1,n/a,not verified",
        "An,2025,A.1,,",
    )
    table = read_observations(path, FRAMEWORK).table
    assert table["value"].isna().all()
    assert table["note"].tolist() == ["không có", "not verified", ""]


def test_all_errors_are_reported_at_once_with_row_and_column(write: Folder) -> None:
    path = write(
        *long(
            "An,2025,A.1,abc",
            "An,2025,A.2,-3",
            "An,2025,Internet acess,5",
            "An,1,A.1,5",
            ",2025,A.1,5",
            'An,2024,A.1,"1,234"',
            "An,2023,A.1,101",
        )
    )
    with pytest.raises(InputError) as raised:
        read_observations(path, FRAMEWORK)
    said = "\n".join(str(problem) for problem in raised.value.problems)
    for line in (
        "row 2, column 'value': found 'abc'; expected a number.",
        "row 3, column 'value': found -3; expected a value of 0 or more (µg/m³) for A.2.",
        "row 4, column 'indicator': 'Internet acess' is not an indicator of small@1. "
        "Did you mean 'Internet access'",
        "row 5, column 'period': found '1'",
        "row 6, column 'city': the city is not given. Fill in the cell.",
        "row 7, column 'value': found '1,234', which is 1234 or 1.234",
        "row 8, column 'value': found 101; expected a value from 0 to 100 (%) for A.1.",
    ):
        assert line in said
    assert len(raised.value.problems) == 7


def test_an_absent_column_hides_no_other_fault(write: Folder) -> None:
    path = write("indicator,value,remark", "A.1,abc,1", "A.7,5,2", "A.1,101,3")
    with pytest.raises(InputError) as raised:
        read_observations(path, FRAMEWORK)
    said = [str(problem) for problem in raised.value.problems]
    for text in ("expected also city, period", "'remark'", "'abc'", "'A.7'", "found 101"):
        assert sum(text in one for one in said) == 1
    assert len(said) == 5


def test_the_same_fault_in_many_rows_is_one_problem_that_names_them(write: Folder) -> None:
    said = complaint(write(*long(*(f"An,{year},B.1,5" for year in range(2000, 2020)))))
    assert "row 2," in said
    assert "The same in rows 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 9 more." in said


def test_a_duplicate_names_both_rows(write: Folder, tmp_path: Path) -> None:
    path = write(*long("An,2025,A.1,5", "An,2025,A.2,5", "An,2025,Internet access,6"))
    assert ", row 4: An, 2025, A.1 is already given in row 2. Keep one" in complaint(path)
    write(*long("An,2025,A.1,7"), name="other.csv")
    path.write_text("\n".join(long("An,2025,A.1,5")))
    _, problems = examine(tmp_path, FRAMEWORK)
    assert f"already given in row 2 of {path}" in str(problems[0])
    wide = write("city,period,A.1,A.2", "An,2025,11,2", "An,2025.0,11,2", name="wide.csv")
    assert ", row 3: An, 2025, A.1 and 1 more is already given in row 2." in complaint(wide)


def test_a_folder_is_read_whole_with_the_cities_file_in_it(write: Folder, tmp_path: Path) -> None:
    write(*long("Đà Nẵng,2025,A.1,5"), name="one-DEMO.csv")
    write(*long("48,2024,A.1,4"), name="two.csv")
    write("city,name_vi", "48,Đà Nẵng", name="cities.csv")
    write("not data", name="README.md")
    read = read_observations(tmp_path, FRAMEWORK)
    assert read.table["city"].tolist() == ["48", "48"]
    assert [file.name for file in read.files] == ["one-DEMO.csv", "two.csv", "cities.csv"]
    assert read.demo
    (tmp_path / "two.csv").rename(tmp_path / "a.csv")
    assert read_observations(tmp_path, FRAMEWORK).fingerprint == read.fingerprint
    alone = read_observations(tmp_path / "a.csv", FRAMEWORK)
    assert not alone.demo
    assert alone.fingerprint != read.fingerprint


def test_which_cities_file_is_meant_must_be_clear(write: Folder, tmp_path: Path) -> None:
    path = write(*long("48,2025,A.1,5"))
    write("city", "48", name="cities-a.csv")
    write("city", "49", name="cities-b.csv")
    assert "there are 2 cities files" in complaint(path)
    assert len(read_observations(path, FRAMEWORK, tmp_path / "cities-a.csv").table) == 1
    assert "'48' is not in the cities file" in complaint(path, tmp_path / "cities-b.csv")


def test_a_folder_without_data_and_a_path_to_nothing_are_errors(tmp_path: Path) -> None:
    assert "no file of observations" in complaint(tmp_path)
    assert "There is no" in complaint(tmp_path / "nothing.csv")


def test_unknown_cities_are_errors_with_the_nearest_names(write: Folder) -> None:
    cities = write("city,name_vi", "48,Đà Nẵng", "49,Đà Nắng", name="cities.csv")
    said = complaints(write(*long("Đà Nẳngg,2025,A.1,5", "da nang,2025,A.1,5")), cities)
    assert "'Đà Nẳngg' is not in the cities file. Did you mean" in said[0]
    assert "'da nang' may mean any of the cities 48, 49. Write the code" in said[1]


def test_cities_whose_files_would_be_the_same_are_an_error(write: Folder) -> None:
    said = complaint(write(*long("Đà Nẵng,2025,A.1,5", "Da Nang,2024,A.1,5")))
    assert "the files of 'Da Nang' and 'Đà Nẵng' would have the same name, da-nang" in said


def test_what_indicators_are_divided_by_is_read_and_kept_apart(write: Folder) -> None:
    path = write(*long("An,2025,A.3,5", "An,2025,gdp,100", "An,2024,gdp,"))
    read = read_observations(path, FRAMEWORK)
    assert read.table["indicator"].tolist() == ["A.3"]
    assert read.quantities.to_numpy().tolist() == [["An", "2025", "gdp", 100]]
    wide = write("city,period,A.3,GDP", "An,2025,5,100", name="wide.csv")
    assert read_observations(wide, FRAMEWORK).quantities.equals(read.quantities)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("order") / "data.csv"


cells = st.tuples(
    st.sampled_from(["Huế", "An", "Vinh"]),
    st.sampled_from(["2024", "2025"]),
    st.sampled_from(["A.1", "A.2", "A.10"]),
)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    table=st.dictionaries(cells, st.integers(0, 100), min_size=1),
    order=st.randoms(use_true_random=False),
)
def test_order_of_rows_and_columns_changes_nothing(
    scratch: Path, table: dict[tuple[str, str, str], int], order: random.Random
) -> None:
    columns = ["city", "period", "indicator", "value"]
    frame = pd.DataFrame([[*key, value] for key, value in table.items()], columns=columns)
    frame.to_csv(scratch, index=False)
    straight = read_observations(scratch, FRAMEWORK).table
    order.shuffle(columns)
    rows = list(range(len(frame)))
    order.shuffle(rows)
    frame.loc[rows, columns].to_csv(scratch, index=False)
    pd.testing.assert_frame_equal(read_observations(scratch, FRAMEWORK).table, straight)


@pytest.mark.parametrize(
    "mark", ["true", "TRUE", "1", "1.0", "có", "Có", "x", "đúng", "yes", "demo"]
)
def test_a_column_marks_made_up_rows_in_any_file(write: Folder, mark: str) -> None:
    rows = ["city,period,indicator,value,demo", "An,2025,A.1,5,", f"An,2025,A.2,6,{mark}"]
    read = read_observations(write(*rows), FRAMEWORK)
    assert read.demo
    assert not read.warnings
    wide = write("city,period,Minh họa,A.1,A.2", f"An,2025,{mark},5,6", name="wide.csv")
    read = read_observations(wide, FRAMEWORK)
    assert read.demo
    assert set(read.table["indicator"]) == {"A.1", "A.2"}
    assert "demo" not in read.table


@pytest.mark.parametrize("mark", ["", "false", "FALSE", "0", "không", "no"])
def test_a_column_may_say_that_no_row_is_made_up(write: Folder, mark: str) -> None:
    long_ = write("city,period,indicator,value,demo", f"An,2025,A.1,5,{mark}")
    wide = write("city,period,demo,A.1", f"An,2025,{mark},5", name="wide.csv")
    for path in (long_, wide):
        read = read_observations(path, FRAMEWORK)
        assert not read.demo
        assert not read.warnings


def test_what_was_read_from_a_table_of_names_is_read_back_from_its_file(tmp_path: Path) -> None:
    table = pd.DataFrame({"country": ["New Aland", "Côte d'An"], "year": 2024, "A.1": [5, 4]})
    read = read_observations(table, FRAMEWORK)
    write_observations(read, tmp_path)
    again = read_observations(tmp_path, FRAMEWORK)
    assert again.table["city"].tolist() == read.table["city"].tolist()
    assert again.cities.equals(read.cities)


def test_an_unclear_mark_counts_and_is_warned_of(write: Folder) -> None:
    read = read_observations(
        write("city,period,indicator,value,demo", "An,2025,A.1,5,perhaps"), FRAMEWORK
    )
    assert read.demo
    (warning,) = read.warnings
    assert "row 2, column 'demo': found 'perhaps'" in str(warning)


def test_the_mark_survives_cutting_writing_and_another_name(write: Folder, tmp_path: Path) -> None:
    text = write(*long("An,2025,A.1,5", "An,2024,A.1,4"), name="demo.csv")
    written = write_observations(read_observations(text, FRAMEWORK), tmp_path / "out")
    assert written.name == "observations-demo.csv"
    lines = written.read_text(encoding="utf-8").splitlines()
    cut = write(lines[0], lines[2], name="real.csv")
    again = read_observations(cut, FRAMEWORK)
    assert again.demo
    real = write_observations(replace(again, demo=False), tmp_path / "real")
    assert "demo" not in real.read_text(encoding="utf-8")


def test_every_fault_of_a_row_is_said_in_one_round(write: Folder) -> None:
    """A period that cannot be read does not hide that the city is unknown, nor the indicator."""
    write("city", "An", name="cities.csv")
    path = write(*long("Bnh,20x4,Q.9,5", "An,2025,A.1,5"))
    said = complaints(path)
    assert len(said) == 3
    for fault in ("'Bnh' is not in the cities file", "found '20x4'", "'Q.9' is not an indicator"):
        assert any(fault in one for one in said)


def test_a_tick_is_no_missing_value_where_answers_are_words(write: Folder) -> None:
    leaf = {"code": "A.1", "title": "Centre"}
    rule = {"method": "categories", "scores": {"yes": 100, "no": 0}}
    worded = load_framework(
        {
            **{"id": "w", "version": "1", "title": "W", "aggregate": "arithmetic"},
            "groups": [{"code": "A", "title": "A", "indicators": [{**leaf, "normalise": rule}]}],
        }
    )
    path = write(*long("An,2025,A.1,x", "Binh,2025,A.1,-", "Can,2025,A.1,yes"))
    _, problems = examine(path, worded)
    (error,) = [one for one in problems if one.severity == "error"]
    assert "found 'x' for A.1; expected one of yes, no" in error.message
    assert not examine(write(*long("An,2025,A.1,x", "Binh,2025,A.1,5")), FRAMEWORK)[1][1:]
