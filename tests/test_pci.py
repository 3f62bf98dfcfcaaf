"""The Provincial Competitiveness Index, 2006–2016: real provinces under three versions."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pandas as pd
import pytest
from builders import ROOT
from test_prepare import prepare

import kpi_lib as kpi
from kpi_lib.analysis.published import agreement, differences
from kpi_lib.framework.diff import diff
from kpi_lib.report.audit import audit_report
from kpi_lib.report.city import CityReport, city_report
from kpi_lib.report.index.overview import national_overview
from kpi_lib.report.review import framework_review
from kpi_lib.scoring.scoreboard import Scoreboard

RAW = ROOT / "data/raw/pci"
YEARS = {"2006": (2006, 2008), "2009": (2009, 2012), "2013": (2013, 2016)}
VERSIONS = pytest.mark.parametrize("version", YEARS)


def board(version: str) -> Scoreboard:
    framework = kpi.load_framework(f"pci@{version}")
    return kpi.score(kpi.read_observations(RAW / f"pci-{version}.csv", framework), framework)


@VERSIONS
def test_every_province_reproduces_its_published_total_but_in_2011(version: str) -> None:
    scored = board(version)
    published = scored.observations.published.set_index(["city", "period"])["score"]
    first, last = YEARS[version]
    assert scored.periods == [str(year) for year in range(first, last + 1)]
    ours = scored.points["TOTAL"]
    assert (ours.groupby("period").size() == (64 if version == "2006" else 63)).all()
    apart = (ours - published.reindex(ours.index)).abs().groupby("period").max()
    assert (apart.drop("2011", errors="ignore") < 1e-4).all()
    if "2011" in apart:
        assert apart["2011"] == pytest.approx(0.55, abs=0.01)


@VERSIONS
def test_the_frameworks_are_official_and_name_who_issued_them(version: str) -> None:
    framework = kpi.load_framework(f"pci@{version}")
    assert framework.status == "official"
    assert {leaf.provenance for leaf in framework.indicators} == {"official"}
    assert framework.issued is not None
    assert "VCCI" in framework.issued.by["vi"]
    assert "USAID" in framework.issued.by["en"]
    assert sum(leaf.weight for leaf in framework.indicators) == 100
    assert not any(leaf.targets or leaf.targets_by for leaf in framework.indicators)


def test_what_a_version_changes_in_the_list_is_policy_bias_alone() -> None:
    versions = [kpi.load_framework(f"pci@{version}") for version in YEARS]
    for old, new, kind in zip(versions, versions[1:], ("removed", "added"), strict=False):
        changes = diff(old, new)
        assert [change.code for change in changes.of(kind)] == ["bias"]
        assert not changes.of("renamed")


def test_the_raw_files_are_what_the_script_derives_from_the_source(shared: Path) -> None:
    derive = runpy.run_path(str(RAW / "make_pci.py"))["derive"]
    files = derive(shared / "reference/pci/pci.csv")
    for name, content in files.items():
        written = (RAW / name).read_text(encoding="utf-8")
        assert written == content.to_csv(index=False, lineterminator="\n"), name
    assert {path.name for path in RAW.glob("*.csv")} == set(files)


def test_the_figures_are_those_of_the_source_to_the_last_digit(shared: Path) -> None:
    """Read apart from the script: the numbers of a year are the same set, each as printed."""
    source = pd.read_csv(shared / "reference/pci/pci.csv", dtype=str, keep_default_na=False)
    for version, (first, last) in YEARS.items():
        rows = source[source["year"].between(str(first), str(last))]
        ours = pd.read_csv(RAW / f"pci-{version}.csv", dtype=str, keep_default_na=False)
        for part in ours.columns.drop(["city", "period", "source", "note"]):
            assert sorted(ours[part]) == sorted(rows[f"pci_{part}"])
    named = source[source["prov"] == "Quang Ninh"].set_index("year")["pci_support"]
    ours = pd.read_csv(RAW / "pci-2013.csv", dtype=str).set_index(["city", "period"])["support"]
    assert ours["quang-ninh", "2016"] == named["2016"]


def test_provinces_are_the_63_and_ha_tay_until_2008() -> None:
    cities = pd.read_csv(RAW / "cities.csv", dtype=str, keep_default_na=False).set_index("city")
    assert len(cities) == 64
    assert cities.loc["ha-tay", ["valid_to", "merged_into"]].tolist() == ["2008-07-31", "ha-noi"]
    assert cities["region"].nunique() == 6
    assert cities.at["thua-thien-hue", "name_vi"] == "Thừa Thiên Huế"


@pytest.mark.parametrize("version", ["2009", "2013"])
def test_a_province_that_has_ended_is_not_missing_from_later_years(version: str) -> None:
    assert board(version).observations.warnings == ()


def test_the_prepared_files_hold_every_figure(tmp_path: Path) -> None:
    folder = prepare("pci", tmp_path)
    rows = 0
    for version in YEARS:
        framework = kpi.load_framework(f"pci@{version}")
        observations = kpi.read_observations(folder / f"observations-{version}.csv", framework)
        assert observations.table["value"].notna().all()
        assert len(observations.published) == 696
        rows += len(observations.table)
        written = pd.read_csv(folder / f"observations-{version}.csv", dtype=str)
        raw = pd.read_csv(RAW / f"pci-{version}.csv", dtype=str).set_index(["city", "period"])
        values = written.pivot(index=["city", "period"], columns="indicator", values="value")
        assert values.equals(raw[list(values)].sort_index().rename_axis(columns="indicator"))
    assert rows == 192 * 10 + 252 * 9 + 252 * 10


def test_the_audit_finds_2011_and_nothing_else() -> None:
    """All but one province, whose difference the two printed decimals would allow."""
    for version in YEARS:
        found = agreement(board(version)).loc["TOTAL"]
        assert found.index[~found["agrees"].astype(bool)].tolist() == ["2011"] * (version == "2009")
    found = agreement(board("2009")).loc["TOTAL"]
    assert found.at["2011", "tolerance"] == pytest.approx(0.005)
    assert found.at["2011", "follow"] == 1
    assert found.at["2011", "at_best"] > 0.3
    apart = differences(board("2009"))
    assert set(apart["period"]) == {"2011"}
    assert apart.iloc[0][["city", "published"]].tolist() == ["vinh-long", 54.1]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "62 of the 63 published scores do not follow from the data under pci@2009"),
        ("vi", "62 trong 63 điểm đã công bố không khớp với số liệu theo pci@2009"),
    ],
)
def test_the_page_of_the_audit_says_so(lang: str, said: str) -> None:
    audit = audit_report("latest", "pci@2009", RAW / "pci-2009.csv", lang)
    shown = repr(audit.published())
    assert said in shown
    assert "Vĩnh Long" in shown if lang == "vi" else "Vinh Long" in shown
    assert audit_report("latest", "pci@2013", RAW / "pci-2013.csv", lang).published() is not None


@pytest.fixture(scope="module", params=["vi", "en"])
def report(request: pytest.FixtureRequest) -> CityReport:
    return city_report("quang-ninh", "latest", "pci@2013", RAW / "pci-2013.csv", request.param)


def test_a_page_says_what_it_is_of_which_year_and_whose(report: CityReport) -> None:
    title = re.sub(r"<[^>]+>", " ", report.title().html)
    names = {
        "vi": "Báo cáo năng lực cạnh tranh cấp tỉnh",
        "en": "Provincial competitiveness report",
    }
    assert names[report.lang] in title
    assert "2016" in title
    assert "VCCI, USAID: PCI 2016 (pcivietnam.org)" in title
    assert "DEMO" not in title


def test_a_page_of_a_set_without_targets_does_not_speak_of_them(report: CityReport) -> None:
    assert report.targets() is None
    assert report.heading("targets") is None
    overview = national_overview("latest", "pci@2013", RAW / "pci-2013.csv", report.lang)
    assert overview.targets() is None
    assert "2016" in repr(overview.title())
    said = " ".join(repr(each) for each in (report.glance(), report.strengths(), report.needed()))
    assert not re.search(r"goalpost|khoảng giá trị|không tính điểm", said)


@pytest.mark.parametrize(
    ("old", "before", "new", "after", "alone"),
    [("2006", 2008, "2009", 2009, "2008"), ("2009", 2012, "2013", 2013, "2013")],
)
def test_both_revisions_are_reviewed_on_the_real_figures(
    old: str, before: int, new: str, after: int, alone: str
) -> None:
    review = framework_review(f"pci@{old}", f"pci@{new}", RAW, None, before, after, "en")
    moved = review.split.dropna(subset=["change"])
    assert len(moved) == 63
    parts = moved[["data", "weights", "membership"]].sum(axis=1)
    assert (parts - moved["change"]).abs().max() < 1e-9
    assert "Policy bias" in repr(review.changes())
    # 2009 has no figure for policy bias, so the older version can only be set beside in 2008.
    assert review.same_data is not None
    period, same = review.same_data
    assert period == alone
    assert (same["data"].dropna().abs() < 1e-9).all()
    assert alone in repr(review.revision_alone())
