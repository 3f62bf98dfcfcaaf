"""Indices of other publishers follow from their printed parts, to the last digit printed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from builders import ROOT, observe

import kpi_lib as kpi
from kpi_lib.analysis.published import differences
from kpi_lib.framework.model import Framework

FRAMEWORKS = ROOT / "tests/frameworks"


def published(shared: Path, name: str, city: str, period: str = "") -> pd.DataFrame:
    """A file of published figures, a row for each city and period."""
    table = pd.read_csv(shared / "reference/published" / name)
    table["period"] = table[period].astype(str) if period else "2023"
    return table.rename(columns={city: "city"}).set_index(["city", "period"]).sort_index()


def total(framework: Framework, table: pd.DataFrame) -> pd.Series[float]:
    """What the framework makes of the columns named as its indicators."""
    codes = [leaf.code for leaf in framework.indicators]
    return kpi.score(observe(table[codes]), framework).points["TOTAL"]


def test_the_human_development_index(shared: Path) -> None:
    """949 rows of five years, printed to three digits; income is on a log scale."""
    table = published(shared, "hdi_1990_2022.csv", "iso3", "year")
    ours = total(kpi.load_framework(FRAMEWORKS / "hdi@2010.yaml"), table)
    assert len(ours) == 949
    assert (ours - table["hdi"]).abs().max() <= 0.0005 + 1e-9


def test_the_sdg_index_fills_an_empty_goal_with_the_mean_of_its_region(
    shared: Path, tmp_path: Path
) -> None:
    """166 countries, of which 59 have an empty goal; each goal is a group of its own."""
    table = published(shared, "sdg_index_2023.csv", "country_code")
    codes = [f"goal_{number}_score" for number in range(1, 18)]
    assert table[codes].isna().any(axis=1).sum() == 59
    goals = [
        {
            "code": f"G{number}",
            "title": f"Goal {number}",
            "indicators": [{"code": code, "title": code, "direction": "higher"}],
        }
        for number, code in enumerate(codes, start=1)
    ]
    file = tmp_path / "sdg.yaml"
    file.write_text(
        yaml.safe_dump(
            {
                "id": "sdg-index",
                "version": "2023",
                "title": "SDG Index",
                "normalise": "none",
                "treatment": [{"method": "impute", "by": "group_mean", "group": "region"}],
                "groups": goals,
            }
        ),
        encoding="utf-8",
    )
    regions = table["region"].reset_index("city")[["city", "region"]]
    observations = observe(table[codes], cities=regions)
    ours = kpi.score(observations, kpi.load_framework(file)).points["TOTAL"]
    assert (ours - table["overall_score"]).abs().max() < 6e-9


@pytest.mark.parametrize("version", ["2010", "2012"])
def test_the_e_government_development_index(shared: Path, version: str) -> None:
    """193 countries in seven surveys, under the weights of 2010 and of 2012."""
    table = published(shared, "egdi_2010_2024.csv", "country", "year")
    early = table.index.get_level_values("period") == "2010"
    table = table[early if version == "2010" else ~early]
    ours = total(kpi.load_framework(FRAMEWORKS / f"egdi@{version}.yaml"), table)
    apart = (ours - table["egdi"]).abs().dropna()
    far = apart[apart > 7e-5]
    # Three countries of 2012 are printed as 0, although two of their parts are not.
    wrong = {(name, "2012") for name in ("Central African Republic", "Guinea", "Libya")}
    assert set(far.index) == (wrong if version == "2012" else set())


def test_the_audit_names_the_three_faults_of_2012(shared: Path, tmp_path: Path) -> None:
    """Printed as 0 although two of the parts are not; found from published.csv alone."""
    table = published(shared, "egdi_2010_2024.csv", "country", "year")
    table = table[table.index.get_level_values("period") == "2012"].reset_index()
    long = table.melt(["city", "period"], ["osi", "tii", "hci"], "indicator").dropna()
    long.to_csv(tmp_path / "egdi.csv", index=False)
    printed = table[["city", "period", "egdi"]].rename(columns={"egdi": "score"})
    printed.assign(code="TOTAL").to_csv(tmp_path / "published.csv", index=False)
    framework = kpi.load_framework(FRAMEWORKS / "egdi@2012.yaml")
    board = kpi.score(kpi.read_observations(tmp_path / "egdi.csv", framework), framework)
    found = differences(board)
    far = found[found["difference"].abs() > 0.001]
    assert set(far["city"]) == {"Central African Republic", "Guinea", "Libya"}
    assert (far["published"] == 0).all()
    assert list(found["city"].head(3)) == list(far["city"])


def papi(year: int, weights: dict[str, float], parts: list[str]) -> dict[str, object]:
    """The framework of a year: sub-dimensions sum to dimensions, these to the index."""
    groups = [
        {
            "code": f"D{number}",
            "title": f"Dimension {number}",
            "weight": weights.get(f"D{number}", 1.0),
            "indicators": [
                {"code": part, "title": part, "direction": "higher"}
                for part in parts
                if part.startswith(f"S{number}")
            ],
        }
        for number in range(1, 9)
    ]
    return {
        "id": "papi",
        "version": str(year),
        "title": "PAPI",
        "normalise": "none",
        "aggregate": "sum",
        "missing": {"policy": "strict", "min_coverage": 1},
        "groups": groups,
    }


PAPI_2019 = dict(
    zip(
        [f"D{number}" for number in range(1, 9)],
        [0.510643, 1.575736, 0.528648, 2.028576, 0.767441, 1.181210, 1.330814, 0.2],
        strict=True,
    )
)
WITHHELD = {("Bac Giang", "2022"), ("Bac Ninh", "2022")}
"""Provinces whose results were withheld, and which are printed as 0."""


@pytest.mark.parametrize(
    ("year", "column"),
    [(2018, "PAPI"), (2019, "PAPI"), (2019, "PAPIw"), (2022, "PAPI"), (2023, "PAPI")],
)
def test_papi_is_the_sum_of_its_sub_dimensions(
    shared: Path, tmp_path: Path, year: int, column: str
) -> None:
    """63 provinces; a part that a year does not have is not in that year's framework."""
    name = "papi_2018_2019_2022_2023_wide.csv"
    table = published(shared, name, "province", "year").query(f"period == '{year}'")
    table = table[[unit not in WITHHELD for unit in table.index]]
    parts = [c for c in table.columns if c[0] == "S" and table[c].notna().any()]
    file = tmp_path / "papi.yaml"
    weights = PAPI_2019 if column == "PAPIw" else {}
    file.write_text(yaml.safe_dump(papi(year, weights, parts)), encoding="utf-8")
    board = kpi.score(observe(table[parts]), kpi.load_framework(file))
    dimensions = list(PAPI_2019)
    apart = (board.points[dimensions] - table[dimensions]).abs().drop("Ha Noi", level="city")
    assert apart.max().max() <= 4e-6
    # Parts are printed to six digits: a sum of n of them may be off by n halves of the last.
    apart = (board.points["TOTAL"] - table[column]).abs().drop("Ha Noi", level="city")
    most = 1.5 if column == "PAPIw" else 1.0
    assert apart.max() <= most * len(parts) * 0.5e-6
    # Those of Ha Noi in 2022 are printed rounded.
    assert (board.points["TOTAL"] - table[column]).abs().max() <= 7e-4
