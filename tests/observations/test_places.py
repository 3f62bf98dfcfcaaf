"""Cities are known by code and by name, have files of their own, and lead somewhere."""

from pathlib import Path

import pandas as pd
import pytest

import kpi_lib as kpi
from kpi_lib.errors import InputError, Problem, nearest
from kpi_lib.io.paths import find
from kpi_lib.observations.cities import cities_in_data, names_of, read_cities, slug

HEADER = "city,name_vi,name_en,population"


def cities(*rows: str, header: str = HEADER) -> tuple[pd.DataFrame, list[Problem]]:
    return read_cities(Path("cities.csv"), "\n".join([header, *rows]).encode())


def complaints(*rows: str, header: str = HEADER) -> str:
    return "\n".join(str(problem) for problem in cities(*rows, header=header)[1])


def test_a_file_name_is_ascii() -> None:
    assert slug("Đà Nẵng") == "da-nang"
    assert slug("TP. Hồ Chí Minh") == "tp-ho-chi-minh"


def test_a_city_is_found_by_code_and_by_either_name_however_it_is_typed() -> None:
    table, problems = cities("48,Đà Nẵng,Da Nang,1200000", "01,Hà Nội,Hanoi,8000000")
    assert not problems
    names = names_of(table)
    for called in ("48", "Đà Nẵng", "Da Nang", "đà nẵng", "DA NANG"):
        assert names.find(called) == ("48",)
    assert names.find("Hà Nam") == ()
    assert "Hà Nội" in names.nearest("Ha Noy")


def test_two_cities_of_one_name_need_their_codes() -> None:
    table, problems = cities("A,Châu Thành,,1", "B,Châu Thành,,1")
    assert not problems
    assert names_of(table).find("Châu Thành") == ("A", "B")
    assert names_of(table).find("B") == ("B",)


def test_diacritics_decide_between_names_that_differ_only_by_them() -> None:
    table, _ = cities("1,Hà Nam,,1", "2,Hạ Nẩm,,1")
    assert names_of(table).find("Hà Nam") == ("1",)
    assert names_of(table).find("ha nam") == ("1", "2")


def test_a_name_that_is_not_given_is_the_other_name_or_the_code() -> None:
    table, _ = cities("48,Đà Nẵng,,", "01,,,")
    assert table["name_en"].tolist() == ["Đà Nẵng", "01"]
    assert table["slug"].tolist() == ["48", "01"]
    assert table["population"].isna().all()


def test_quantities_of_the_framework_may_be_columns_of_the_file() -> None:
    table, problems = read_cities(Path("c.csv"), b"city,gdp\nA,12.5\n", ["gdp", "population"])
    assert not problems
    assert table["gdp"].tolist() == [12.5]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["Đà Nẵng,,,1"], "row 2, column 'city': found 'Đà Nẵng'; expected a code of letters"),
        (["a/b,,,1"], "found 'a/b'"),
        (["../x,,,1"], "found '../x'"),
        ([",Huế,,1"], "found ''"),
        (["index,,,1"], "'index' cannot be a code"),
        (["48,,,1", "49,,,1", "48,,,2"], "given 2 times. The same in row 4."),
        (["dn,,,1", "DN,,,1"], "the files of 'dn' and 'DN' would have the same name"),
        (["48,,,many"], "row 2, column 'population': found 'many'; expected a number"),
        (["48,,,0"], "found 0; expected a number above 0"),
        (['48,,,"1,234"'], "which is 1234 or 1.234"),
    ],
)
def test_a_fault_of_the_cities_file_is_named_with_its_row(rows: list[str], said: str) -> None:
    assert said in complaints(*rows)


def test_an_unknown_column_names_the_nearest() -> None:
    assert "Did you mean 'population'?" in complaints("48,1", header="city,populaton")
    said = complaints("48,-1", header="code,population")
    assert "expected a column city" in said
    assert "found -1" in said


def test_columns_of_ones_own_are_texts() -> None:
    content = b"city,region,tier,sub_region\nA,N, upper ,NE\nB,N,,NW\n"
    table, problems = read_cities(Path("c.csv"), content)
    assert not problems
    assert table["tier"].tolist() == ["upper", ""]
    assert table["sub_region"].tolist() == ["NE", "NW"]
    # What may be a slip for a column that is not there must be named by the framework.
    content = b"city,sub_region\nA,NE\n"
    assert "Did you mean 'region'?" in str(read_cities(Path("c.csv"), content)[1][0])
    table, problems = read_cities(Path("c.csv"), content, groups=["sub_region"])
    assert (table["sub_region"].tolist(), problems) == (["NE"], [])
    _, (problem,) = read_cities(Path("c.csv"), b"city,tier,tier\nA,1,2\n")
    assert "two columns are named tier" in str(problem)


def test_a_merged_city_leads_to_one_that_exists() -> None:
    header = "city,merged_into,valid_to"
    assert not complaints("43,48,2025-07-01", "48,,", header=header)
    assert "expected the code of a city" in complaints("43,49,", "48,,", header=header)
    assert "merged into itself" in complaints("43,48,", "48,43,", header=header)


def test_dates_of_a_city_are_written_year_first() -> None:
    header = "city,valid_from,valid_to"
    assert not complaints("48,1997,2025-07-01", header=header)
    assert "expected a date such as 2025-07-01" in complaints("48,01/07/2025,", header=header)
    assert "is after valid_to" in complaints("48,2026,2025-07-01", header=header)


def test_without_a_cities_file_names_that_make_the_same_file_collide() -> None:
    table, problems = cities_in_data(["Đà Nẵng", "Huế", "Đà Nẵng"])
    assert table["slug"].tolist() == ["hue", "da-nang"]
    assert not problems
    _, (problem,) = cities_in_data(["Đà Nẵng", "Da Nang"])
    assert "'Da Nang' and 'Đà Nẵng'" in str(problem)
    _, (problem,) = cities_in_data(["???"])
    assert "no file can be named after" in str(problem)


def test_a_relative_path_is_found_from_a_folder_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert find("data/raw") == (tmp_path / "data" / "raw").resolve()
    with pytest.raises(InputError, match=r"every folder above it.*`make data`"):
        find("data/processed/u4ssc")


def test_places_lie_where_degrees_can_be() -> None:
    header = "city,name_vi,name_en,lat,lon"
    table, problems = cities("a,A,A,21.03,105.85", "b,B,B,-33.9,-151.2", "c,C,C,,", header=header)
    assert not problems
    assert table["lat"].tolist()[:2] == [21.03, -33.9]
    assert table["lon"].isna().tolist() == [False, False, True]
    told = complaints("a,A,A,105.85,21.03", "b,B,B,0,0", header=header)
    assert "row 2, column 'lat'" in told
    assert "found 105.85; expected degrees from -90 to 90" in told
    assert "row 3" not in told
    assert "lat" not in cities("a,A,A,1")[0].columns


def test_a_column_of_ones_own_may_resemble_a_place() -> None:
    table, problems = cities("a,A,A,x", header="city,name_vi,name_en,loan")
    assert not problems
    assert table["loan"].tolist() == ["x"]


def test_a_name_that_holds_what_was_written_is_nearest() -> None:
    provinces = ["Phú Yên", "Hà Nội", "Thừa Thiên Huế", "Hưng Yên"]
    assert nearest("Huế", provinces)[0] == "Thừa Thiên Huế"
    assert nearest("Phú Yen", provinces)[0] == "Phú Yên"


def test_cities_may_be_called_as_the_data_call_them() -> None:
    """`country` names the places in data; a table of cities beside them may say so too."""
    countries = pd.DataFrame({"region": ["N", "S"], "country": ["Alpania", "Borania"]})
    data = pd.DataFrame({"country": ["Alpania", "Borania"], "year": 2025, "A1": [1.0, 2.0]})
    leaf = {"code": "A1", "title": "One", "direction": "higher", "goalposts": [0, 10]}
    groups = [{"code": "A", "title": "A", "indicators": [leaf]}]
    framework = kpi.load_framework({"id": "x", "version": "1", "title": "X", "groups": groups})
    read = kpi.read_observations(data, framework, cities=countries)
    assert read.places["region"].to_dict() == {"Alpania": "N", "Borania": "S"}
