"""Tables of statistics offices, banks and the UN are read as they come."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from supplied import FRAMEWORK, Folder, complaints, long, values, warnings

from kpi_lib.errors import InputError
from kpi_lib.exchange.files import examine, read_observations
from kpi_lib.framework.load import load_framework

POPULATION = {
    **{"code": "P", "title": "People", "unit": "thousand", "direction": "higher"},
    **{"goalposts": [0, 10000], "normalise": "goalposts"},
}


@pytest.fixture
def write(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def rows(path: Path, **told: object) -> list[tuple[str, str, str, float]]:
    table = read_observations(path, FRAMEWORK, **told).table  # type: ignore[arg-type]
    kept = table[table["value"].notna()]
    return list(kept[["city", "period", "indicator", "value"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    "header",
    [
        "Tỉnh/Thành phố,Năm,Chỉ tiêu,Số liệu",
        "Địa phương,Thời gian,Tên chỉ tiêu,Trị số",
        "GeoAreaName,TimePeriod,SeriesCode,Value",
        "REF_AREA,TIME_PERIOD,INDICATOR,OBS_VALUE",
        "geo\\x,TIME_PERIOD: Time,indic_is,OBS_VALUE",
        "Country Name,Year,Indicator Code,Observation value",
        "entityName,dataYear,seriesCode,dataValue",  # ITU
        "Location,Period,IndicatorCode,FactValueNumeric",  # WHO
        "Area,Year,Item,Value",  # FAO
    ],
)
def test_columns_are_known_by_the_names_that_publishers_give_them(
    write: Folder, header: str
) -> None:
    assert rows(write(header, "An,2024,A.1,50")) == [("An", "2024", "A.1", 50)]


def test_a_file_of_the_world_bank_has_four_lines_above_years_as_columns(write: Folder) -> None:
    path = write(
        '"Data Source","Indicators",',
        "",
        '"Last Updated Date","2025-01-01",',
        "",
        '"Country Name","Country Code","Indicator Name","Indicator Code","2023","2024 [YR2024]"',
        '"An","AAA","PM2.5","A.2","5","6"',
        '"Bo","BBB","PM2.5","A.2","7",""',
    )
    assert rows(path) == [
        ("An", "2023", "A.2", 5),
        ("An", "2024", "A.2", 6),
        ("Bo", "2023", "A.2", 7),
    ]


def test_a_table_of_a_statistics_office_has_title_unit_note_and_a_nameless_first_column(
    write: Folder,
) -> None:
    path = write(
        "Bảng 12. PM2.5 theo địa phương;;",
        "Đơn vị tính: µg/m³;;",
        ";2023;Sơ bộ 2024",
        "An;5,5;6,5",
        "Bo;7;..",
        "Nguồn: Cục Thống kê;;",
    )
    table = read_observations(path, FRAMEWORK).table
    assert table["indicator"].unique().tolist() == ["A.2"]
    assert table["value"].dropna().tolist() == [5.5, 6.5, 7]
    assert table.loc[table["period"] == "2024", "quality"].unique().tolist() == ["provisional"]


def test_a_unit_above_the_table_that_is_not_the_framework_s_is_warned_of(write: Folder) -> None:
    path = write("Đơn vị tính: mg/m³,,", "city,period,A.2", "An,2024,5")
    assert any("its unit is 'mg/m3'; expected 'µg/m³'" in line for line in warnings(path))
    assert warnings(write("Unit: µg/m³,,", "city,period,A.2", "An,2024,5")) == []


def test_periods_of_an_unnamed_indicator_are_asked_and_can_be_told(write: Folder) -> None:
    path = write("city,2023,2024", "An,5,6")
    assert any("The columns are periods of one indicator" in line for line in complaints(path))
    told = {"indicator": "A.2"}
    assert rows(path, columns=told) == [("An", "2023", "A.2", 5), ("An", "2024", "A.2", 6)]


def test_a_table_split_by_sex_names_the_option_that_chooses_rows(write: Folder) -> None:
    path = write(
        "GeoAreaName,TimePeriod,SeriesCode,Value,[Sex]",
        "An,2024,A.2,5,BOTHSEX",
        "An,2024,A.2,6,MALE",
    )
    assert any("--where '[Sex]=…'" in line for line in complaints(path))
    assert rows(path, where="sex=bothsex") == [("An", "2024", "A.2", 5)]
    assert rows(path, where="sex!=bothsex") == [("An", "2024", "A.2", 6)]
    _, found = examine(path, FRAMEWORK, where="age=all")
    assert any("there is no column 'age'" in str(problem) for problem in found)


def test_flags_stay_in_note_and_quality_and_marks_are_no_values(write: Folder) -> None:
    path = write(
        *long("An,2024,A.2,12.3 p", "Bo,2024,A.2,7.5*", "Cu,2024,A.2,:", "Da,2024,A.2,#N/A")
    )
    table = read_observations(path, FRAMEWORK).table
    assert table["value"].dropna().tolist() == [12.3, 7.5]
    assert table["note"].tolist()[:3] == ["p", "*", ":"]
    assert table["quality"].tolist()[:2] == ["provisional", ""]
    assert any("p (1), * (1)" in line for line in warnings(path))


@pytest.mark.parametrize(("bounds", "value"), [("half", 2.0), ("edge", 4.0)])
def test_a_bound_is_no_value_until_it_is_said_how_it_counts(
    write: Folder, bounds: str, value: float
) -> None:
    path = write(*long("An,2024,A.2,<4"))
    assert any("bounds: half" in line for line in complaints(path))
    assert values(read_observations(path, FRAMEWORK, columns={"bounds": bounds})) == [value]


def test_values_in_thousands_are_multiplied_and_said(write: Folder) -> None:
    path = write("REF_AREA,TIME_PERIOD,INDICATOR,OBS_VALUE,UNIT_MULT", "An,2024,A.10,2,3")
    assert values(read_observations(path, FRAMEWORK)) == [2000]
    assert any("multiplied by ten" in line for line in warnings(path))


def test_a_column_of_numbers_is_an_error_unless_it_is_ignored(write: Folder) -> None:
    path = write("city,period,A.2,Region,Extra", "An,2024,5,North,7")
    (line,) = complaints(path)[:1]
    assert "'Extra': the column of numbers is unknown" in line
    assert rows(path, columns={"ignore": ["Extra"]}) == [("An", "2024", "A.2", 5)]


def test_a_file_beside_the_data_says_what_its_columns_are(write: Folder) -> None:
    path = write("Nơi,Năm,Bụi", "An,2024,5")
    write("columns: {Nơi: city, Bụi: A.2}", name="columns.yaml")
    assert rows(path) == [("An", "2024", "A.2", 5)]


def test_a_slip_in_the_file_of_columns_is_named_with_its_line(write: Folder) -> None:
    told = write("columns: {X: city}", "bound: half", name="told.yaml")
    with pytest.raises(InputError, match=r"line 2: bound: .*Did you mean 'bounds'"):
        read_observations(write(*long("An,2024,A.2,4")), FRAMEWORK, columns=told)


def test_two_header_rows_and_merged_places_are_filled(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for cells in (
        ["Results 2023-2024"],
        ["city", "period", "Air", None],
        [None, None, "A.2", "A.10"],
        ["An", 2023, 5, 6],
        [None, 2024, 7, 8],
        ["(*) Provisional"],
    ):
        sheet.append(cells)
    for area in ("A1:D1", "A2:A3", "B2:B3", "C2:D2", "A4:A5"):
        sheet.merge_cells(area)
    notes = book.create_sheet("Metadata")
    notes.append(["Code", "Indicator", "Unit"])
    notes.append(["A.2", "PM2.5", "µg/m³"])
    book.save(tmp_path / "d.xlsx")
    assert [row[3] for row in rows(tmp_path / "d.xlsx")] == [5, 6, 7, 8]
    assert any("holds no table" in line for line in warnings(tmp_path / "d.xlsx"))


def test_totals_and_one_place_under_two_names_are_warned_of(write: Folder) -> None:
    said = warnings(
        write(*long("CẢ NƯỚC,2024,A.2,5", "TP. Huế,2024,A.2,5", "Thành phố Huế,2023,A.2,5"))
    )
    assert any("'CẢ NƯỚC' may be totals" in line for line in said)
    assert any("TP. Huế / Thành phố Huế" in line or "Thành phố Huế" in line for line in said)


def test_names_that_differ_in_dashes_alone_are_one_place(write: Folder) -> None:
    path = write(*long("Bà Rịa - Vũng Tàu,2023,A.2,5", "Bà Rịa – Vũng Tàu,2024,A.2,6"))
    assert {row[0] for row in rows(path)} == {"Bà Rịa - Vũng Tàu"}
    assert any("one place" in line for line in warnings(path))


def test_faults_are_named_to_a_hundred_and_counted_beyond(write: Folder) -> None:
    path = write(*long(*(f"c{i},2024,A.2,bad{i}" for i in range(5000))))
    said = complaints(path)
    assert len(said) == 101
    assert "4,900 more cells cannot be read" in said[-1]


def test_a_sep_line_is_no_row(write: Folder) -> None:
    assert rows(write("sep=;", "city;period;A.2", "An;2024;5,5")) == [("An", "2024", "A.2", 5.5)]


def test_a_table_of_eurostat_has_its_keys_in_one_cell_and_flags_on_values(tmp_path: Path) -> None:
    path = tmp_path / "tps.tsv"
    path.write_text(
        "freq,indic,unit,geo\\TIME_PERIOD\t2019 \t2020 \nA,A.1,PC_IND,An\t88 \t87.5 e\n"
        "A,A.1,PC_IND,Bo\t: \t93 \n"
    )
    assert rows(path) == [
        ("An", "2019", "A.1", 88),
        ("An", "2020", "A.1", 87.5),
        ("Bo", "2020", "A.1", 93),
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_a_table_of_the_imf_is_utf_16_with_tabs(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "weo.csv"
    text = "WEO Country Code\tISO\tWEO Subject Code\tCountry\t2019\n512\tAFG\tA.1\tAn\t39\n"
    path.write_bytes(text.encode(encoding))
    assert rows(path) == [("An", "2019", "A.1", 39)]


def test_a_row_of_numbers_is_no_header_whatever_words_stand_in_it(write: Folder) -> None:
    path = write(
        "IndicatorCode,Location,Location type,Period,low,high,Value",
        "A.1,An,Country,2020,80.1,90.2,87.5",
    )
    assert not any("row 3" in line or "'A.1'" in line for line in complaints(path))


def test_one_name_over_codes_and_names_is_that_of_the_names(write: Folder) -> None:
    path = write(
        "T29,Internet usage,,,",
        "Region/Country/Area,,Year,Series,Value",
        "40,An,2010,A.1,75.2",
        "56,Bo,2010,A.1,75.0",
    )
    assert rows(path) == [("An", "2010", "A.1", 75.2), ("Bo", "2010", "A.1", 75)]


@pytest.mark.parametrize(
    "columns",
    ["A.1_2019,A.1_2020", "2019 A.1,2020 A.1", "A.1 (2019),A.1 (2020)", "A.1: 2019,A.1 - 2020"],
)
def test_a_column_may_name_its_indicator_and_its_year(write: Folder, columns: str) -> None:
    path = write(f"iso3,country,{columns}", "AAA,An,10,11")
    assert rows(path) == [("An", "2019", "A.1", 10), ("An", "2020", "A.1", 11)]


def test_a_rank_is_not_taken_for_the_indicator_whose_name_it_has(write: Folder) -> None:
    [fault] = complaints(write("country,A.1_rank_2020,A.1_2020", "An,1,11"))
    assert "'A.1_rank_2020': the column of numbers is unknown" in fault


def test_years_may_stand_above_the_names_of_indicators_beside_an_empty_corner(
    write: Folder,
) -> None:
    path = write(",2019,2019,2020,2020", ",A.1,A.2,A.1,A.2", "An,10,1,11,2")
    assert [row[1:] for row in rows(path)] == [
        ("2019", "A.1", 10),
        ("2019", "A.2", 1),
        ("2020", "A.1", 11),
        ("2020", "A.2", 2),
    ]


def test_a_merged_head_over_codes_and_names_in_a_workbook(tmp_path: Path) -> None:
    sheet = (book := openpyxl.Workbook()).active
    assert sheet is not None
    for row in (
        ["Biểu 12. PM2.5 theo địa phương"],
        ["Địa phương", None, "Năm", None],
        [None, None, 2023, "Sơ bộ 2024"],
        ["01", "An", "5,5", "6,5"],
        ["46", "Bo", "7", ".."],
    ):
        sheet.append(row)
    sheet.merge_cells("A2:B3")
    sheet.merge_cells("C2:D2")
    book.save(path := tmp_path / "d.xlsx")
    assert rows(path) == [
        ("An", "2023", "A.2", 5.5),
        ("An", "2024", "A.2", 6.5),
        ("Bo", "2023", "A.2", 7),
    ]


def test_financial_years_called_by_one_year_are_periods_in_a_column_and_in_headers(
    write: Folder,
) -> None:
    named = [("An", "FY2021", "A.1", 10), ("An", "FY2022", "A.1", 11)]
    assert rows(write("city,period,A.1", "An,FY2021,10", "An,FY 22,11")) == named
    assert rows(write("city,indicator,FY2021,Năm tài chính 2022", "An,A.1,10,11")) == named


def test_one_year_and_two_years_as_names_of_financial_years_are_asked(write: Folder) -> None:
    """FY2021 may be 2020-21 or 2021-22: beside FY2019-20 it may be a year twice, or a gap."""
    [fault] = complaints(write("city,period,A.1", "An,FY2019-20,10", "An,FY2021,11"))
    assert "row 3: FY2021 may be FY2020-21 or FY2021-22; other rows have FY2019-20" in fault
    assert "Write FY2020-21 or FY2021-22." in fault
    [fault] = complaints(write("city,indicator,FY2019/20,FY2021", "An,A.1,10,11"))
    assert "FY2021 may be FY2020-21 or FY2021-22" in fault


@pytest.mark.parametrize(
    "lines",
    [
        ('"","city","year","PM2.5"', '"1","An",2024,5', '"2","Bo",2024,NA'),  # R: write.csv
        ('"city";"year";"PM2.5"', '"1";"An";2024;5', '"2";"Bo";2024;NA'),  # R: write.table
        (",city,year,PM2.5", "0,An,2024,5", "1,Bo,2024,"),  # pandas
        ("Unnamed: 0,city,year,PM2.5", "0,An,2024,5", "1,Bo,2024,"),
        ("_id,city,year,PM2.5", "1,An,2024,5", "2,Bo,2024,"),  # CKAN
        ("cname,year,PM2.5,_merge", "An,2024,5,matched (3)", "Bo,2024,.a,matched (3)"),  # Stata
        ("Commune;Code INSEE;Année;PM2.5", "An;75056;2024;5,0", "Bo;69123;2024;"),  # OpenDataSoft
        ("city,year,PM2.5 (µg/m³)", "An,2024,5", "Bo,2024,"),  # data.gov.vn
        (
            "ref_area.label,indicator.label,time,obs_value",
            "An,PM2.5,2024,5",
            "Bo,PM2.5,2024,",
        ),  # ILO
        ("Location,Period,Indicator,Value", "An,2024,PM2.5,5.0 [4.1-5.9]", "Bo,2024,PM2.5,"),  # WHO
        (  # PX-Web
            *('"PM2.5 by region and year"', "", '"region","2023","2024"', '"An","..",5'),
            *('"Bo",..,..', "", '"Latest update:"', '"20240315 08:00"', '"Source:"', '"An office"'),
        ),
        (  # UNdata
            *('"Country or Area","Year","Series","Value","Value Footnotes"',),
            *('"An","2024","PM2.5","5","1"', "", '"footnoteSeqID","Footnote"', '"1","Provisional"'),
        ),
    ],
)
def test_exports_of_other_programs_are_read_as_they_are(
    write: Folder, lines: tuple[str, ...]
) -> None:
    assert rows(write(*lines)) == [("An", "2024", "A.2", 5)]


def test_a_unit_behind_a_name_is_not_passed_over_where_it_is_another(write: Folder) -> None:
    said = complaints(write("city,year,PM2.5 (mg/m³)", "An,2024,5"))
    assert any("'PM2.5 (mg/m³)': the column of numbers is unknown" in one for one in said)


def test_marks_and_totals_in_two_languages_are_known(write: Folder) -> None:
    path = write("PM2.5,,", ",2023,Sơ bộ - Prel. 2024", "Cả nước - Whole country,5,6", "An,7,8")
    table = read_observations(path, FRAMEWORK).table
    assert table["quality"].tolist() == ["", "provisional"] * 2
    assert any("may be totals" in one for one in warnings(path))


def test_values_a_hundred_times_beyond_the_goalposts_are_doubted(write: Folder) -> None:
    """A population given in persons, where the framework counts thousands."""
    framework = load_framework(
        {
            **{"id": "w", "version": "1", "title": "W", "aggregate": "arithmetic"},
            "groups": [{"code": "A", "title": "A", "indicators": [{**POPULATION}]}],
        }
    )
    path = write(*long("An,2024,P,8435600", "Bo,2024,P,1160200"))
    (doubt,) = read_observations(path, framework).warnings
    assert "values of P are 100 times its goalpost 10000" in doubt.message.replace(",", "")
    assert not read_observations(write(*long("An,2024,P,8435.6")), framework).warnings


def test_rows_below_an_empty_one_are_notes_only_where_they_look_so_and_it_is_said(
    write: Folder,
) -> None:
    head = ("city,year,PM2.5", "An,2024,5", "")
    assert any("taken for notes" in one for one in warnings(write(*head, "Source,", "An office,")))
    assert len(rows(write(*head, "Bo,2024,6"))) == 2
    assert complaints(write(*head, "Bo,,6"))
