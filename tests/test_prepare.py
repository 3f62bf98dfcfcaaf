"""The prepare notebooks turn published figures into observations, without changing one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from builders import ROOT
from notebook_runs import prepare

import kpi_lib as kpi


@pytest.fixture(scope="module")
def u4ssc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare("u4ssc", tmp_path_factory.mktemp("u4ssc"))


@pytest.fixture(scope="module")
def dti(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare("dti", tmp_path_factory.mktemp("dti"))


def text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.mark.parametrize("name", ["u4ssc", "dti"])
def test_the_written_files_pass_the_check_they_are_read_with(
    name: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(name)
    assert sorted(path.name for path in folder.iterdir()) == [
        "cities.csv",
        "kpi.toml",
        "observations.csv",
    ]
    framework = kpi.load_framework({"u4ssc": "u4ssc@2017", "dti": "dti@2020"}[name])
    observations = kpi.read_observations(folder / "observations.csv", framework)
    written = text(folder / "observations.csv")
    assert len(observations.table) == len(written)
    keys = written[["city", "period", "indicator"]]
    assert keys.equals(keys.sort_values(list(keys)))
    assert (written["source"] != "").all()
    assert (written["quality"] != "").all()
    for path in folder.iterdir():
        assert b"\r" not in path.read_bytes()


def test_the_eleven_cities_are_there_with_every_row_but_the_profile(u4ssc: Path) -> None:
    written = text(u4ssc / "observations.csv")
    raw = text(ROOT / "data/raw/u4ssc/city_results.csv")
    assert written["city"].nunique() == 11
    assert set(written["city"]) == set(text(u4ssc / "cities.csv")["city"])
    profile = raw["note"].str.contains("not a KPI")
    assert len(written) == (~profile).sum() == 157
    assert profile.sum() == 7
    assert sorted(written["value"]) == sorted(raw.loc[~profile, "value"])
    assert sorted(written["source"]) == sorted(raw.loc[~profile, "source_url"])


def test_rana_stays_with_what_it_did_not_report(u4ssc: Path) -> None:
    written = text(u4ssc / "observations.csv")
    rana = written[written["city"] == "rana"]
    assert len(rana) == 8
    assert (rana["value"] == "").all()
    assert rana["note"].str.startswith("not reported; KPI number ").all()
    transport = rana.set_index("indicator").at["EC.I.T.4A.PARA", "note"]
    assert "1.86 % (share with access to a TT card, not usage)" in transport


@pytest.mark.parametrize(
    ("city", "indicator", "value", "unit"),
    [
        ("karmoy", "EC.ICT.ICT.2C", 84.51, "%"),
        ("karmoy", "EC.ICT.ICT.4C.3G", 96.67, "%"),
        ("stavanger", "EC.ICT.PS.1A.COUNT", 268, "data sets"),
        ("stavanger", "EC.P.IN.1C", 1.51, "% of GDP"),
        ("alesund", "EC.P.IN.1C", 1.13, "% of GDP"),
        ("alesund", "EC.P.IN.2C", 35.16, "per 100 000 inhabitants"),
        ("alesund", "EC.I.T.4A.PUBLIC", 6, "%"),
        ("valencia", "SC.EH.ED.2C", 92.36, "%"),
        ("riyadh", "SC.EH.ED.2C", 97.51, "%"),
        ("riyadh", "EN.EN.AQ.1C.PM25", 64, "µg/m3"),
        ("daegu", "EN.EN.AQ.1C.PM25", 20, "µg/m3"),
        ("daegu", "EN.EN.WS.2C", 313.76, "litres/capita/day"),
        ("kristiansund", "SC.SH.SA.2C", 0.01, "% of city GDP"),
        ("kristiansund", "SC.SH.SI.5A", 94.70, "%"),
        ("pully", "SC.SH.SI.5A", 29, "%"),
        ("mashhad", "EN.EN.WA.1C.LANDFILL", 78.87, "%"),
    ],
)
def test_a_printed_figure_arrives_in_one_unit_and_unchanged(
    u4ssc: Path, city: str, indicator: str, value: float, unit: str
) -> None:
    written = text(u4ssc / "observations.csv").set_index(["city", "indicator"])
    row = written.loc[(city, indicator)]
    assert float(row["value"]) == value
    assert row["unit"] == unit


def test_the_period_is_the_year_of_the_report(u4ssc: Path) -> None:
    written = text(u4ssc / "observations.csv")
    years = written.groupby("city")["period"].unique().map(list)
    assert years["stavanger"] == years["mashhad"] == ["2021"]
    assert years["daegu"] == ["2022"]
    assert years["karmoy"] == ["2020"]


def test_an_empty_value_says_why_in_the_standard_words(u4ssc: Path) -> None:
    written = text(u4ssc / "observations.csv")
    empty = written[written["value"] == ""].set_index(["city", "indicator"])["note"]
    assert len(empty) == 16
    assert empty["asker", "SC.SH.FS.1A"] == "not reported"
    assert empty["asker", "SC.SH.SA.3A"] == "printed: No; footnote 2"
    assert empty["daegu", "EC.ICT.PS.1A.COUNT"].startswith("printed: more than 8 000;")
    starts = set(empty.str.split("[:;]", regex=True).str[0])
    assert starts == {"not reported", "printed"}


def test_figures_from_prose_are_marked(u4ssc: Path) -> None:
    written = text(u4ssc / "observations.csv")
    prose = written["quality"] == "running text"
    assert (prose == written["note"].str.contains("running text")).all()
    assert set(written.loc[prose, "city"]) == {"alesund", "pully", "daegu"}


def test_what_the_notebook_leaves_out_is_on_its_page(u4ssc: Path) -> None:
    page = (u4ssc.parent / "prepare.ipynb").read_text(encoding="utf-8")
    for left_out in ("Household Income", "Inflation Rate", "age-dependency ratio"):
        assert left_out in page


def test_the_same_raw_data_give_the_same_bytes(u4ssc: Path, tmp_path: Path) -> None:
    again = prepare("u4ssc", tmp_path)
    for path in u4ssc.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes()


def test_the_profile_of_valencia_is_in_its_row_of_cities(u4ssc: Path) -> None:
    cities = text(u4ssc / "cities.csv").set_index("city")
    raw = text(ROOT / "data/raw/u4ssc/city_results.csv").set_index(["city", "kpi"])["value"]
    assert cities.at["valencia", "population"] == raw["Valencia", "Inhabitants"]
    assert cities.at["valencia", "area_km2"] == raw["Valencia", "Area"]


def test_pillar_scores_of_nine_provinces_arrive_unchanged(dti: Path) -> None:
    written = text(dti / "observations.csv").set_index(["city", "indicator"])["value"]
    assert len(written) == 9 * 3
    assert written["48", "CQS"] == "0.5346"
    assert written["91", "XHS"] == "0.3678"
    assert list(text(dti / "cities.csv")["name_vi"])[-1] == "Cần Thơ"


def test_scores_reproduce_the_published_index_and_its_ranks(dti: Path) -> None:
    framework = kpi.load_framework("dti@2020")
    observations = kpi.read_observations(dti / "observations.csv", framework)
    ours = kpi.score(observations, framework).table("TOTAL", period=2020)
    published = pd.read_csv(ROOT / "data/raw/dti/dti_2020_top9.csv", dtype={"city": str})
    published = published.set_index("city").loc[ours.index]
    # Half a unit of the last printed digit, and a hair for binary fractions.
    assert (ours["score"] - published["dti_published"]).abs().max() < 0.00005 + 1e-9
    assert list(ours["rank"]) == list(published["rank_published"])
