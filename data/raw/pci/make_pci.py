"""Write the files of this folder from the table of the R package vietnamdata.

    .venv/bin/python data/raw/pci/make_pci.py pci.csv

A file of the sub-indices for each version of the framework, the published totals, and the
provinces. No figure is changed: numbers are written as they stand.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent
PLACES = FOLDER.parent / "places" / "cities.csv"

VERSIONS = {"2006": range(2006, 2009), "2009": range(2009, 2013), "2013": range(2013, 2017)}
PARTS = ("entry", "land", "transparency", "time", "informal", "bias", "proactive", "support")
PARTS += ("labor", "legal")
SOURCE = "VCCI, USAID: PCI {year} (pcivietnam.org)"
RESTORED = "name restored: the source lost it, and its rows stand in alphabetical order"

# Names that are shortened in the source; and the province that there was until 31 July 2008.
SPELT_OUT = {"BRVT": "Ba Ria - Vung Tau", "TP HCM": "Ho Chi Minh City"}
HA_TAY = {
    "city": "ha-tay",
    "name_vi": "Hà Tây",
    "name_en": "Ha Tay",
    "region": "Red River Delta",
    "class": "province",
    "valid_to": "2008-07-31",
    "merged_into": "ha-noi",
}


def restored(table: pd.DataFrame) -> pd.DataFrame:
    """Name the 50 provinces of 2013 whose names the source lost.

    The rows of a year stand in alphabetical order without regard to spaces, so the names that
    2012 has and 2013 lacks come back in that order.
    """
    lost = table["prov"] == "NA"
    assert set(table.loc[lost, "year"]) == {"2013"}
    kept = set(table.loc[(table["year"] == "2013") & ~lost, "prov"])
    names = set(table.loc[table["year"] == "2012", "prov"]) - kept
    table = table.assign(note=lost.map({True: RESTORED, False: ""}))
    table.loc[lost, "prov"] = sorted(names, key=lambda name: name.replace(" ", "").casefold())
    return table


def provinces() -> pd.DataFrame:
    """The 63 provinces of 2008 to 2024, and Hà Tây before."""
    places = pd.read_csv(PLACES, dtype=str, keep_default_na=False)
    until_2025 = places[places["region"] != ""]
    until_2025 = until_2025[until_2025["city"] != "hue"]  # Thừa Thiên Huế has a row of its own
    codes = until_2025["city"].str.removesuffix("-old")
    table = until_2025.assign(city=codes, valid_from="", valid_to="", merged_into="")
    table = pd.concat([table, pd.DataFrame([HA_TAY])], ignore_index=True).fillna("")
    return table.sort_values("city", ignore_index=True)


def derive(source: Path) -> dict[str, pd.DataFrame]:
    """Derive each file of this folder, by name."""
    raw = pd.read_csv(source, dtype=str, keep_default_na=False)
    places = provinces()
    code_of = dict(zip(places["name_en"], places["city"], strict=True))
    table = restored(raw)
    table["city"] = table["prov"].replace(SPELT_OUT).map(code_of)
    table = table.rename(columns={"year": "period"}).sort_values(["city", "period"])
    table["source"] = [SOURCE.format(year=year) for year in table["period"]]
    table = table.rename(columns={f"pci_{part}": part for part in PARTS})
    files = {}
    published = []
    for version, years in VERSIONS.items():
        rows = table[table["period"].isin([str(year) for year in years])]
        parts = [part for part in PARTS if (rows[part] != "NA").any()]
        files[f"pci-{version}.csv"] = rows[["city", "period", *parts, "source", "note"]]
        published.append(rows)
    totals = pd.concat(published).sort_values(["city", "period"]).assign(code="TOTAL")
    totals = totals.rename(columns={"pci_weighted": "score"})
    files["published.csv"] = totals[["city", "period", "code", "score"]]
    files["cities.csv"] = places
    for name, content in files.items():
        assert not content.isna().any(axis=None), name
        assert not (content == "NA").any(axis=None), name
    return files


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, content in derive(Path(sys.argv[1])).items():
        content.to_csv(FOLDER / name, index=False, encoding="utf-8", lineterminator="\n")
        print(f"{name}: {len(content)} rows")
