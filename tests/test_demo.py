"""The demo data: made up, said to be so, and shaped like real reporting."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from builders import ROOT
from notebook_runs import prepare

import kpi_lib as kpi

FOLDER = ROOT / "data" / "raw" / "demo"
REASONS = {
    "not reported",
    "not verified",
    "not yet collected",
    "not applicable",
    "no denominator",
}


@pytest.fixture(scope="module")
def framework() -> kpi.Framework:
    return kpi.load_framework("vn-smart-city@1.0")


@pytest.fixture(scope="module")
def rows(framework: kpi.Framework) -> pd.DataFrame:
    """All rows with ``amount``: the given value, or what the formula makes of the counts."""
    table = pd.read_csv(FOLDER / "observations-demo.csv", keep_default_na=False)
    for column in ("value", "numerator", "denominator"):
        table[column] = pd.to_numeric(table[column])
    multipliers = {i.code: i.formula.multiplier for i in framework.indicators if i.formula}
    ratio = table["indicator"].map(multipliers) * table["numerator"] / table["denominator"]
    table["amount"] = table["value"].fillna(ratio)
    return table


def test_the_script_writes_the_committed_bytes(tmp_path: Path) -> None:
    script = [sys.executable, str(FOLDER / "make_demo.py"), "--output", str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True)
    for made in ("observations-demo.csv", "cities-demo.csv"):
        assert (tmp_path / made).read_bytes() == (FOLDER / made).read_bytes(), made


def test_every_file_with_made_up_values_says_so_in_its_name() -> None:
    for path in sorted((ROOT / "data" / "raw").rglob("*.csv")):
        if path.is_relative_to(FOLDER) or "DEMO" in path.read_text(encoding="utf-8"):
            assert "demo" in path.name, path


def test_every_row_says_that_it_is_not_real(rows: pd.DataFrame) -> None:
    assert rows["source"].str.startswith("DEMO: ").all()
    assert rows["source"].str.contains("không có thật").all()
    assert rows["source"].str.contains("not real").all()


def test_all_indicators_of_the_framework_appear_and_no_others(
    rows: pd.DataFrame, framework: kpi.Framework
) -> None:
    assert set(rows["indicator"]) == {indicator.code for indicator in framework.indicators}
    assert rows["city"].nunique() == 12
    assert not rows.duplicated(["city", "period", "indicator"]).any()


def test_every_value_is_valid(rows: pd.DataFrame, framework: kpi.Framework) -> None:
    for indicator in framework.indicators:
        low, high = indicator.valid or (None, None)
        seen = rows.loc[rows["indicator"] == indicator.code, "amount"].dropna()
        assert not seen.empty, indicator.code
        assert low is None or seen.min() >= low, indicator.code
        assert high is None or seen.max() <= high, indicator.code


def test_most_values_lie_between_the_goalposts_and_a_few_beyond(
    rows: pd.DataFrame, framework: kpi.Framework
) -> None:
    posts = {i.code: i.goalposts for i in framework.indicators if i.goalposts}
    low = rows["indicator"].map({code: pair[0] for code, pair in posts.items()})
    high = rows["indicator"].map({code: pair[1] for code, pair in posts.items()})
    beyond = (rows["amount"] < low) | (rows["amount"] > high)
    assert 0 < beyond.sum() < 0.01 * len(rows)


def test_a_missing_value_has_one_of_the_known_reasons(rows: pd.DataFrame) -> None:
    missing = rows[rows["amount"].isna()]
    assert set(missing["note"]) == REASONS
    assert not set(rows.loc[rows["amount"].notna(), "note"]) & REASONS


def test_one_quantity_is_counted_once_for_a_city_and_year(rows: pd.DataFrame) -> None:
    inhabitants = rows[rows["indicator"].isin(["QL.HEA.1", "CO.ECO.4", "SE.SAF.3"])]
    counts = inhabitants.groupby(["city", "period"])["denominator"].nunique()
    assert set(counts) == {1}


def test_collection_starts_late_for_some_indicators_of_smaller_cities(rows: pd.DataFrame) -> None:
    seen = rows[rows["amount"].notna()]
    first = seen.groupby(["city", "indicator"])["period"].min()
    smaller = first.drop(["ha-noi", "ho-chi-minh", "da-nang", "cao-lanh"], level="city")
    assert {2019, 2020, 2021, 2022} <= set(smaller)


def test_one_city_lacks_a_whole_field_in_the_latest_year(
    rows: pd.DataFrame, framework: kpi.Framework
) -> None:
    latest = rows[rows["period"] == rows["period"].max()]
    seen = latest["amount"].notna().groupby([latest["city"], latest["indicator"].str[:6]]).any()
    assert list(seen[~seen].index) == [("nha-trang", "UM.UTI")]


def test_a_newcomer_starts_with_less_than_half_of_the_indicators(rows: pd.DataFrame) -> None:
    seen = rows["amount"].notna().groupby([rows["city"], rows["period"]]).sum() / 58
    newcomer = seen["cao-lanh"]
    assert newcomer.index.min() == 2022
    assert newcomer[2022] < 0.5 < newcomer[2023]
    assert seen.drop("cao-lanh", level="city").min() >= 0.5


def test_online_services_jump_in_2021_and_traffic_deaths_fall(rows: pd.DataFrame) -> None:
    means = rows.groupby(["indicator", "period"])["amount"].mean().unstack()
    online = means.loc["PS.ONL.2"].diff()
    assert online[2021] == online.max()
    assert means.loc["SE.SAF.3", 2025] < 0.7 * means.loc["SE.SAF.3", 2019]
    assert means.loc["UM.PLA.3", 2025] < 0.7 * means.loc["UM.PLA.3", 2019]


def test_the_notebook_writes_what_it_read_with_the_computed_values(
    tmp_path: Path, rows: pd.DataFrame, framework: kpi.Framework
) -> None:
    folder = prepare("demo", tmp_path)
    names = {"observations-demo.csv", "cities-demo.csv", "evidence-demo.csv"}
    assert {path.name for path in folder.iterdir()} == names
    assert (folder / "cities-demo.csv").read_bytes() == (FOLDER / "cities-demo.csv").read_bytes()
    observations = kpi.read_observations(folder / "observations-demo.csv", framework)
    assert observations.demo
    keys = ["city", "period", "indicator"]
    read = observations.table.set_index(keys)["value"].sort_index()
    raw = rows.astype({"period": str}).set_index(keys)["amount"].sort_index()
    pd.testing.assert_series_equal(read, raw, check_names=False, check_index_type=False)
    assert "DEMO" in (tmp_path / "prepare.ipynb").read_text(encoding="utf-8")
