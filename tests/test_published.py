"""Published indices are reproduced from their published parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import observe

import kpi_lib as kpi

PCI_VERSIONS = {"2006": range(2006, 2009), "2009": range(2009, 2013), "2013": range(2013, 2017)}


@pytest.mark.parametrize("version", PCI_VERSIONS)
def test_the_provincial_competitiveness_index_follows_from_its_parts(
    shared: Path, version: str
) -> None:
    """Every province, every year but 2011, whose published totals do not follow."""
    framework = kpi.load_framework(f"pci@{version}")
    table = pci_table(shared)
    table = table[table["year"].isin(set(PCI_VERSIONS[version]) - {2011})]
    units = table.set_index(["prov", "period"])
    codes = [indicator.code for indicator in framework.indicators]
    values = units[[f"pci_{code}" for code in codes]].set_axis(codes, axis=1)
    board = kpi.score(observe(values), framework)
    published = units["pci_weighted"].sort_index()
    ours = board.points["TOTAL"]
    assert (table["year"].value_counts() >= 63).all()
    assert ours.notna().all()
    assert (ours - published).abs().max() < 1e-4


def test_the_index_of_2011_does_not_follow_from_its_parts(shared: Path) -> None:
    """The published totals of 2011 differ by up to 0.55 points, for every province."""
    framework = kpi.load_framework("pci@2009")
    units = pci_table(shared).query("year == 2011").set_index(["prov", "period"])
    codes = [indicator.code for indicator in framework.indicators]
    values = units[[f"pci_{code}" for code in codes]].set_axis(codes, axis=1)
    ours = kpi.score(observe(values), framework).points["TOTAL"]
    differences = (ours - units["pci_weighted"].sort_index()).abs()
    assert (differences > 1e-4).all()
    assert differences.max() == pytest.approx(0.55, abs=0.01)


def pci_table(shared: Path) -> pd.DataFrame:
    """Read the index; provinces whose name the source lost (50 of 2013) go by their row."""
    table = pd.read_csv(shared / "reference/pci/pci.csv")
    table["prov"] = table["prov"].fillna(table.index.to_series().map("row {}".format))
    return table.assign(period=table["year"].astype(str))


def test_asem_agrees_with_an_independent_implementation_at_every_level(
    shared: Path, tmp_path: Path
) -> None:
    """COINr 1.1.14: denominate, min-max 0–100, weighted means; 1e-9 relative."""
    folder = shared / "reference/asem"
    meta = pd.read_csv(folder / "asem_imeta.csv", keep_default_na=False)
    framework = asem_framework(meta, tmp_path)
    raw = pd.read_csv(folder / "asem_idata.csv").assign(period="2018")
    units = raw.set_index(["uCode", "period"])
    codes = [indicator.code for indicator in framework.indicators]
    quantities = (
        units[["Area", "Energy", "GDP", "Population"]]
        .stack()
        .rename("value")
        .rename_axis(["city", "period", "quantity"])
        .reset_index()
    )
    board = kpi.score(observe(units[codes], quantities), framework)
    expected = pd.read_csv(folder / "p1_minmax_arithmetic.csv").set_index("uCode").sort_index()
    ours = board.points.xs("2018", level="period").rename(columns={"TOTAL": "Index"})
    assert set(expected.columns) == set(ours.columns)
    np.testing.assert_allclose(
        ours[expected.columns].to_numpy(), expected.to_numpy(), rtol=1e-9, atol=1e-12
    )


def asem_framework(meta: pd.DataFrame, folder: Path) -> kpi.Framework:
    """Write the framework of the ASEM index from its metadata, and load it."""

    def node(row: pd.Series) -> dict[str, object]:
        data: dict[str, object] = {
            "code": row["iCode"],
            "title": row["iName"],
            "weight": float(row["Weight"]),
        }
        if row["Type"] == "Indicator":
            data["direction"] = "higher" if float(row["Direction"]) > 0 else "lower"
            if row["Denominator"] != "NA":
                data["denominator"] = row["Denominator"]
        else:
            below = meta[meta["Parent"] == row["iCode"]]
            key = "indicators" if (below["Type"] == "Indicator").all() else "groups"
            data[key] = [node(child) for _, child in below.iterrows()]
        return data

    data = {
        "id": "asem",
        "version": "2018",
        "title": "Sustainable connectivity",
        "normalise": {"method": "minmax", "low": 0, "high": 100},
        "missing": {"policy": "rescale", "min_coverage": 0},
        "groups": [node(row) for _, row in meta[meta["Parent"] == "Index"].iterrows()],
    }
    path = folder / "asem.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return kpi.load_framework(path)
