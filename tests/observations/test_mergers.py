"""Places that merge: a series across a merger, by plain mean or weighted by population."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from builders import ROOT, framework, group, indicator

import kpi_lib as kpi
from kpi_lib.observations.cities import dates_of, existing, read_cities
from kpi_lib.observations.merge import merge_places

PLACES = ROOT / "data" / "raw" / "places"

FRAMEWORK = framework(
    group(
        "G",
        indicator("A", valid=(0, 100)),
        indicator("B", denominator="people", goalposts=(0.0, 10.0)),
    )
)

NEW = """\
city,name_vi,population,valid_from,valid_to,merged_into
x-old,X,30,,2025-06-30,x
y,Y,10,,2025-06-30,x
x,X,,2025-07-01,,
z,Z,5,,,
"""
"""X and Y made a new X on 1 July 2025; Z is as it was."""

TAKEN_IN = """\
city,name_vi,population,valid_from,valid_to,merged_into
x,X,30,,,
y,Y,10,,2025-06-30,x
"""
"""Y was taken in by X."""


def read(folder: Path, cities: str, rows: str) -> kpi.Observations:
    (folder / "cities.csv").write_text(cities, encoding="utf-8")
    (folder / "data.csv").write_text("city,period,indicator,value\n" + rows, encoding="utf-8")
    return kpi.read_observations(folder / "data.csv", FRAMEWORK)


def values(observations: kpi.Observations, code: str = "A") -> dict[tuple[str, str], float]:
    table = observations.table[observations.table["indicator"] == code]
    return dict(zip(zip(table["city"], table["period"], strict=True), table["value"], strict=True))


def test_before_the_merger_the_new_place_is_the_mean_of_the_old_ones(tmp_path: Path) -> None:
    rows = "x-old,2024,A,40\ny,2024,A,80\nz,2024,A,7\nx,2025,A,66\nz,2025,A,8\n"
    before = read(tmp_path, NEW, rows)
    plain = values(merge_places(before, FRAMEWORK))
    assert plain == {("x", "2024"): 60, ("x", "2025"): 66, ("z", "2024"): 7, ("z", "2025"): 8}
    weighted = values(merge_places(before, FRAMEWORK, "population"))
    assert weighted[("x", "2024")] == 50
    assert weighted[("x", "2025")] == 66


@pytest.mark.parametrize(
    ("method", "expected"), [("mean", (3**2 + 4**2) ** 0.5 / 2), ("population", 0.75 * 5)]
)
def test_the_error_of_a_mean_is_that_of_independent_parts(
    tmp_path: Path, method: Any, expected: float
) -> None:
    """X counts three quarters of the population; where a part's error is not given, none is."""
    before = read(tmp_path, NEW, "x-old,2024,A,40\ny,2024,A,80\nx-old,2023,A,1\ny,2023,A,2\n")
    errors = {
        "mean": {("x-old", "2024"): 3.0, ("y", "2024"): 4.0, ("y", "2023"): 4.0},
        "population": {("x-old", "2024"): 5.0, ("y", "2024"): 0.0},
    }[method]
    pairs = zip(before.table["city"], before.table["period"], strict=True)
    table = before.table.assign(se=[errors.get(pair, float("nan")) for pair in pairs])
    merged = merge_places(replace(before, table=table), FRAMEWORK, method).table
    found = merged.set_index(["city", "period"])["se"]
    assert found["x", "2024"] == pytest.approx(expected)
    assert pd.isna(found["x", "2023"])


def test_every_merged_value_says_how_and_from_what_it_was_made(tmp_path: Path) -> None:
    merged = merge_places(read(tmp_path, NEW, "x-old,2024,A,40\ny,2024,A,80\n"), FRAMEWORK)
    row = merged.table.iloc[0]
    assert (row["quality"], row["note"]) == ("merged: mean", "X, Y")
    assert list(merged.cities["city"]) == ["x", "z"]
    assert merged.cities.set_index("city").at["x", "population"] == 40
    assert merged.fingerprint != read(tmp_path, NEW, "x-old,2024,A,40\ny,2024,A,80\n").fingerprint


def test_a_mean_lacks_a_place_where_it_has_no_value(tmp_path: Path) -> None:
    """Of a part of the places no mean is made: it would be taken for all of them."""
    merged = merge_places(read(tmp_path, NEW, "x-old,2024,A,40\n"), FRAMEWORK)
    row = merged.table.iloc[0]
    assert pd.isna(row["value"])
    assert row["note"] == "not reported; Y"


def test_a_place_that_takes_others_in_is_one_of_them_before(tmp_path: Path) -> None:
    rows = "x,2024,A,40\ny,2024,A,80\nx,2025,A,66\n"
    merged = merge_places(read(tmp_path, TAKEN_IN, rows), FRAMEWORK)
    assert values(merged) == {("x", "2024"): 60, ("x", "2025"): 66}
    alone = merge_places(read(tmp_path, TAKEN_IN, "x,2024,A,40\n"), FRAMEWORK)
    assert pd.isna(values(alone)["x", "2024"])


def test_a_value_worked_out_for_the_new_place_before_the_merger_stands(tmp_path: Path) -> None:
    rows = "x-old,2024,A,40\ny,2024,A,80\nx,2024,A,55\n"
    merged = merge_places(read(tmp_path, NEW, rows), FRAMEWORK)
    assert values(merged) == {("x", "2024"): 55}
    assert merged.table["quality"].iloc[0] == ""


def test_the_year_of_the_merger_may_still_be_reported_by_the_old_places(tmp_path: Path) -> None:
    merged = merge_places(read(tmp_path, NEW, "x-old,2025,A,40\ny,2025,A,80\n"), FRAMEWORK)
    assert values(merged) == {("x", "2025"): 60}


def test_quarters_on_either_side_of_the_merger(tmp_path: Path) -> None:
    rows = "x-old,2025-Q2,A,40\ny,2025-Q2,A,80\nx,2025-Q3,A,66\n"
    merged = merge_places(read(tmp_path, NEW, rows), FRAMEWORK)
    assert values(merged) == {("x", "2025-Q2"): 60, ("x", "2025-Q3"): 66}


def test_counts_and_what_they_are_divided_by_are_summed(tmp_path: Path) -> None:
    """20 of 10 000 and 40 of 20 000 inhabitants: 60 of 30 000, whatever the method."""
    rows = "x-old,2024,B,20\nx-old,2024,people,10\ny,2024,B,40\ny,2024,people,20\n"
    merged = merge_places(read(tmp_path, NEW, rows), FRAMEWORK)
    assert kpi.score(merged, FRAMEWORK).values.loc[("x", "2024"), "B"] == pytest.approx(2)


def test_a_new_name_alone_changes_no_value(tmp_path: Path) -> None:
    cities = "city,name_vi,valid_from,valid_to,merged_into\na,A,,2024-12-31,b\nb,B,2025-01-01,,\n"
    before = read(tmp_path, cities, "a,2024,A,40\nb,2025,A,50\n")
    entry = {"city": "a", "period": "2024", "criterion": "P", "met": True, "document": "d"}
    proven = replace(before, evidence=pd.DataFrame([entry]))
    merged = merge_places(proven, FRAMEWORK)
    assert values(merged) == {("b", "2024"): 40, ("b", "2025"): 50}
    assert set(merged.table["quality"]) == {""}
    assert list(merged.evidence["city"]) == ["b"]


def test_what_one_part_proved_the_whole_has_not_proved(tmp_path: Path) -> None:
    before = read(tmp_path, NEW, "x-old,2024,A,40\ny,2024,A,80\n")
    entry = {"city": "y", "period": "2024", "criterion": "P", "met": True, "document": "d"}
    merged = merge_places(replace(before, evidence=pd.DataFrame([entry])), FRAMEWORK)
    assert merged.evidence.empty


def test_mergers_may_follow_one_another(tmp_path: Path) -> None:
    cities = """\
city,name_vi,valid_from,valid_to,merged_into
a,A,,2020-12-31,c
b,B,,2020-12-31,c
c,C,2021-01-01,2023-12-31,e
d,D,,2023-12-31,e
e,E,2024-01-01,,
"""
    rows = "a,2020,A,10\nb,2020,A,20\nd,2020,A,60\nc,2022,A,40\nd,2022,A,60\ne,2024,A,70\n"
    merged = values(merge_places(read(tmp_path, cities, rows), FRAMEWORK))
    assert merged == {("e", "2020"): 30, ("e", "2022"): 50, ("e", "2024"): 70}


def test_wrong_methods_and_missing_populations_are_told(tmp_path: Path) -> None:
    observations = read(tmp_path, NEW.replace("y,Y,10", "y,Y,"), "x-old,2024,A,4\ny,2024,A,8\n")
    with pytest.raises(kpi.InputError, match="lacks that of y"):
        merge_places(observations, FRAMEWORK, "population")
    with pytest.raises(kpi.InputError, match="no method 'means'"):
        merge_places(observations, FRAMEWORK, "means")  # type: ignore[arg-type]


def test_where_nothing_merged_nothing_changes(tmp_path: Path) -> None:
    observations = read(tmp_path, "city,name_vi\nx,X\n", "x,2024,A,4\n")
    assert merge_places(observations, FRAMEWORK) is observations


# The 63 provinces and the 34


@pytest.fixture(scope="module")
def provinces() -> pd.DataFrame:
    path = PLACES / "cities.csv"
    table, problems = read_cities(path, path.read_bytes())
    assert problems == []
    return table


def test_there_were_63_provinces_until_the_end_of_june_2025_and_34_since(
    provinces: pd.DataFrame,
) -> None:
    for period in ("2008", "2020", "2024", "2025-Q2", "2025-06"):
        assert len(existing(dates_of(provinces), provinces["city"], period)) == 63, period
    for period in ("2025", "2025-07", "2025-Q3", "2026"):
        assert len(existing(dates_of(provinces), provinces["city"], period)) == 34, period


def test_each_of_the_63_became_one_of_the_34_and_eleven_did_not_change(
    provinces: pd.DataFrame,
) -> None:
    before = existing(dates_of(provinces), provinces["city"], "2025-06")
    after = existing(dates_of(provinces), provinces["city"], "2025-07")
    into = provinces.set_index("city")["merged_into"]
    became = {city: into[city] or city for city in before}
    assert set(became.values()) == set(after)
    assert sum(city == new for city, new in became.items()) == 11
    sizes = pd.Series(became).value_counts()
    assert sizes.value_counts().to_dict() == {1: 11, 2: 17, 3: 6}


def test_a_name_means_the_province_that_exists_at_the_end_of_the_period(tmp_path: Path) -> None:
    rows = "Bắc Ninh,2024,A,40\nBắc Giang,2024,A,80\nBắc Ninh,2025,A,66\nBac Ninh,2023,A,1\n"
    rows += "Thừa Thiên Huế,2024,A,3\nHuế,2025,A,4\n"
    (tmp_path / "data.csv").write_text("city,period,indicator,value\n" + rows, encoding="utf-8")
    found = kpi.read_observations(tmp_path / "data.csv", FRAMEWORK, PLACES / "cities.csv")
    assert set(values(found)) >= {("bac-ninh-old", "2024"), ("bac-ninh", "2025")}
    merged = values(merge_places(found, FRAMEWORK))
    assert merged["bac-ninh", "2024"] == 60
    assert pd.isna(merged["bac-ninh", "2023"])
    assert merged["hue", "2024"] == 3


def test_the_national_codes_are_those_of_their_years(provinces: pd.DataFrame) -> None:
    codes = pd.read_csv(PLACES / "codes.csv", dtype=str, keep_default_na=False)
    assert set(codes["city"]) == set(provinces["city"])
    by_city = codes.set_index("city")
    assert by_city.loc["bac-giang", "code_until_2025"] == "24"
    assert by_city.loc["bac-ninh", "code_since_2025"] == "24"
    assert (codes["code_since_2025"] != "").sum() == 34
    assert codes.loc[codes["code_until_2025"] != "", "code_until_2025"].nunique() == 63
    dti = pd.read_csv(ROOT / "data/raw/dti/cities.csv", dtype=str)
    names = provinces.set_index("city")["name_vi"]
    old = {c: names[k] for k, c in by_city["code_until_2025"].items() if c and k != "hue"}
    for code, name in zip(dti["city"], dti["name_vi"], strict=True):
        assert old[code].removeprefix("Thành phố ") == name.removeprefix("TP. ")


def test_the_mark_of_made_up_rows_goes_through_a_merger_and_its_files(tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_text(NEW, encoding="utf-8")
    rows = "city,period,indicator,value,demo\nx-old,2024,A,40,true\ny,2024,A,80,\n"
    (tmp_path / "data.csv").write_text(rows, encoding="utf-8")
    merged = merge_places(kpi.read_observations(tmp_path / "data.csv", FRAMEWORK), FRAMEWORK)
    assert merged.demo
    written = kpi.write_observations(merged, tmp_path / "out").read_text(encoding="utf-8")
    (tmp_path / "merged.csv").write_text(written, encoding="utf-8")
    (tmp_path / "cities.csv").unlink()
    assert kpi.read_observations(tmp_path / "merged.csv", FRAMEWORK).demo
