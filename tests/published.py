"""Published indices as the tests score them: frameworks, figures and boards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import yaml
from builders import observe

import kpi_lib as kpi
from kpi_lib.framework.model import Framework
from kpi_lib.observations.read import Observations
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

PCI_VERSIONS = {"2006": range(2006, 2009), "2009": range(2009, 2013), "2013": range(2013, 2017)}
ASEM_STEPS = [
    {"method": "impute", "by": "group_mean", "group": "EurAsia_group"},
    {"method": "screen", "min_available": 0.9},
    {"method": "winsorise", "points": 5, "skewness": 2, "kurtosis": 3.5, "otherwise": "log"},
]


def pci_table(shared: Path) -> pd.DataFrame:
    """Read the index; provinces whose name the source lost (50 of 2013) go by their row."""
    table = pd.read_csv(shared / "reference/pci/pci.csv")
    table["prov"] = table["prov"].fillna(table.index.to_series().map("row {}".format))
    return table.assign(period=table["year"].astype(str))


def pci(shared: Path) -> pd.DataFrame:
    """Read the index with its 63 provinces of 2013 named.

    The source lost 50 names of that year. Its rows stand in alphabetical order without
    regard to spaces, so the names come back in that order; see the test of it below.
    """
    table = pd.read_csv(shared / "reference/pci/pci.csv")
    lost = table["prov"].isna()
    kept = set(table.loc[(table["year"] == 2013) & ~lost, "prov"])
    names = set(table.loc[table["year"] == 2012, "prov"]) - kept
    table.loc[lost, "prov"] = sorted(names, key=lambda name: name.replace(" ", "").casefold())
    return table.assign(period=table["year"].astype(str))


def pci_framework(version: str) -> Framework:
    return kpi.load_framework(f"pci@{version}")


def pci_board(table: pd.DataFrame, version: str, *years: int) -> Scoreboard:
    """Score some years of the index from its published parts."""
    framework = pci_framework(version)
    codes = [each.code for each in framework.indicators]
    units = table[table["year"].isin(years)].set_index(["prov", "period"])
    values = units[[f"pci_{code}" for code in codes]].set_axis(codes, axis=1)
    return score(observe(values), framework)


def asem(shared: Path, folder: Path) -> tuple[Framework, Observations]:
    """Read the ASEM index: its framework, and its 51 countries with their group."""
    source = shared / "reference/asem"
    meta = pd.read_csv(source / "asem_imeta.csv", keep_default_na=False)
    framework = asem_framework(meta, folder)
    raw = pd.read_csv(source / "asem_idata.csv").assign(period="2018")
    units = raw.set_index(["uCode", "period"])
    amounts = units[["Area", "Energy", "GDP", "Population"]].stack().rename("value")
    quantities = amounts.rename_axis(["city", "period", "quantity"]).reset_index()
    observed = observe(units[[leaf.code for leaf in framework.indicators]], quantities)
    groups = raw.set_index("uCode")["EurAsia_group"]
    cities = observed.cities.assign(EurAsia_group=observed.cities["city"].map(groups))
    return framework, replace(observed, cities=cities)


def asem_framework(meta: pd.DataFrame, folder: Path) -> Framework:
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
