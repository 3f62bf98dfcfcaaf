"""Made-up data for the benchmarks: DEMO, from seeds; the same size gives the same figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import yaml
from pyarrow import parquet

DEMO = Path(__file__).parents[1] / "data" / "raw" / "demo"
PER_GROUP = 8


def make_country(cities: int, folder: Path) -> Path:
    """Write observations and cities of so many copies of the demo cities, and give the folder."""
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


def make_framework(indicators: int, folder: Path) -> Path:
    """Write a framework of so many indicators from 0 to 100, in groups of eight, and give it."""
    leaves: list[dict[str, Any]] = [
        {
            "code": f"I{at:03}",
            "title": f"Indicator {at}",
            "unit": "u",
            "direction": "higher" if at % 3 else "lower",
            "weight": 1 + at % 3,
            "goalposts": [0, 100],
            "valid": [0, 100],
        }
        for at in range(indicators)
    ]
    groups = [
        {"code": f"G{at}", "title": f"Group {at}", "indicators": leaves[at : at + PER_GROUP]}
        for at in range(0, indicators, PER_GROUP)
    ]
    given = {
        "id": "demo",
        "version": "1",
        "title": "DEMO",
        "normalise": "goalposts",
        "aggregate": "arithmetic",
        "missing": {"policy": "rescale", "min_coverage": 0.5},
        "groups": groups,
    }
    path = folder / f"demo-{indicators}.yaml"
    path.write_text(yaml.safe_dump(given, sort_keys=False), encoding="utf-8")
    return path


def make_panel(places: int, indicators: int, periods: int, folder: Path) -> Path:
    """Write a Parquet file of places × indicators × periods, one value in twenty missing."""
    shape = (places, periods, indicators)
    rng = np.random.default_rng(1)
    values = rng.normal(0, 0.5, shape)
    values += rng.uniform(15, 85, (places, 1, indicators))
    values = values.clip(1, 99).round(4).ravel()
    values[rng.random(values.size) < 0.05] = np.nan
    grid = np.indices(shape, dtype=np.int32, sparse=True)
    names = {
        "city": [f"c{at:05}" for at in range(places)],
        "period": [str(2025 - at) for at in range(periods)],
        "indicator": [f"I{at:03}" for at in range(indicators)],
    }
    table = {
        name: pa.DictionaryArray.from_arrays(np.broadcast_to(axis, shape).ravel(), of)
        for (name, of), axis in zip(names.items(), grid, strict=True)
    }
    path = folder / f"panel-demo-{places}-{indicators}-{periods}.parquet"
    parquet.write_table(pa.table({**table, "value": pa.array(values, from_pandas=True)}), path)
    return path


BAD = {
    "text": ("value", lambda at: f"x{at}"),
    "out of range": ("value", lambda _: "-5"),
    "bound": ("value", lambda at: f"<{at / 7:.3f}"),
    "indicator": ("indicator", lambda at: f"Q{at}"),
    "period": ("period", lambda at: f"y{at}"),
    "percent sign": ("value", lambda at: f"{at / 10_000:.4f}%"),
    "unit": ("unit", lambda at: f"unit {at}"),
    "mark of demo": ("demo", lambda at: f"maybe {at}"),
    "denominator": ("denominator", lambda _: "0"),
    "city": ("city", lambda at: f"z{at}"),
}
"""Kinds of bad cells: the column, and the cell of a number."""


_EVIDENCE = {"criterion": lambda at: f"D{at}", "met": "yes", "document": "d"}
_PUBLISHED = {"code": "I001", "score": "5", "rank": "1"}
BESIDE: dict[str, tuple[str, dict[str, Any]]] = {
    "evidence, neither": ("evidence.csv", {**_EVIDENCE, "met": lambda at: f"perhaps {at}"}),
    "evidence, no document": ("evidence.csv", {**_EVIDENCE, "document": ""}),
    "evidence, period": ("evidence.csv", {**_EVIDENCE, "period": lambda at: f"y{at}"}),
    "published, code": ("published.csv", {**_PUBLISHED, "code": lambda at: f"Q{at}"}),
    "published, score": ("published.csv", {**_PUBLISHED, "score": lambda at: f"x{at}"}),
}
"""Kinds of faulty files beside the data: the file, and its columns beside city and period."""


def make_bad(kind: str, bad: int, panel: Path, folder: Path) -> Path:
    """Write a panel as CSV, with so many bad cells of one kind among twice as many rows."""
    column, cell = BAD[kind]
    table = parquet.read_table(panel).slice(0, 2 * bad).to_pandas().astype(object)
    if kind == "city":
        table[["city"]].drop_duplicates().to_csv(folder / "cities-demo.csv", index=False)
    if column not in table:
        table[column] = ""
    table.iloc[::2, table.columns.get_loc(column)] = [cell(at) for at in range(bad)]
    path = folder / f"bad-demo-{kind.replace(' ', '-')}.csv"
    table.to_csv(path, index=False)
    return path


def make_bad_beside(kind: str, bad: int, panel: Path, folder: Path) -> Path:
    """Write a few rows of a panel, and beside them a file with so many rows of one fault."""
    table = parquet.read_table(panel).slice(0, 580).to_pandas()
    path = folder / "observations-demo.csv"
    table.to_csv(path, index=False)
    columns = {"city": table["city"].iloc[0], "period": "2024", **BESIDE[kind][1]}
    rows = {
        name: [of(at) if callable(of) else of for at in range(bad)] for name, of in columns.items()
    }
    pd.DataFrame(rows).to_csv(folder / BESIDE[kind][0], index=False)
    return path
