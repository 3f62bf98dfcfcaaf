"""Demo data of a whole country: the twelve demo cities again and again, with other values.

    .venv/bin/python benchmarks/country.py CITIES FOLDER

Made up, from a seed; the same number of cities gives the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

DEMO = Path(__file__).parents[1] / "data" / "raw" / "demo"
COUNTED = ["numerator", "value"]


def make_country(cities: int, folder: Path) -> Path:
    """Write observations-demo.csv and cities-demo.csv for so many cities and give the folder."""
    observed = pd.read_csv(DEMO / "observations-demo.csv")
    places = pd.read_csv(DEMO / "cities-demo.csv")
    rng = np.random.default_rng(862)
    tables, rows = [], []
    for number in range(cities):
        copy, at = divmod(number, len(places))
        row = places.iloc[[at]].copy()
        table = observed[observed["city"] == row["city"].iloc[0]].copy()
        if copy:
            factor = rng.uniform(0.8, 1.0, len(table))
            table["value"] *= factor
            table["numerator"] = (table["numerator"] * factor).round()
            for frame in (table, row):
                frame["city"] += f"-{copy}"
            row["name_vi"] += f" {copy}"
            row["name_en"] += f" {copy}"
        tables.append(table)
        rows.append(row)
    folder.mkdir(parents=True, exist_ok=True)
    pd.concat(tables).to_csv(folder / "observations-demo.csv", index=False)
    pd.concat(rows).to_csv(folder / "cities-demo.csv", index=False)
    return folder


if __name__ == "__main__":
    make_country(int(sys.argv[1]), Path(sys.argv[2]))
