"""Observations written as the files that they are read from: data/processed/ from data/raw/."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kpi_lib.io.store import write_whole
from kpi_lib.io.tables.export import plain_texts
from kpi_lib.observations.cities import cities_in_data
from kpi_lib.observations.headers import DEMO
from kpi_lib.observations.layout import SAID
from kpi_lib.observations.project.file import NAME, toml_text
from kpi_lib.observations.read import Observations


def write_observations(observations: Observations, folder: str | Path) -> Path:
    """Write observations and what lies beside them as they are read; give the path of the first.

    What is read from them is what was written, whatever was done to it on the way
    (:func:`kpi_lib.observations.merge.merge_places`). Figures that are made up
    keep ``demo`` in the names of their files and have a column ``demo``, which stays where a file
    is given another name.
    """
    mark = "-demo" if observations.demo else ""
    quantities = observations.quantities.rename(columns={"quantity": "indicator"})
    table = pd.concat([observations.table, quantities], ignore_index=True)
    said = table.pop(SAID).fillna("")
    if (said != "").any():
        table["value"] = table["value"].astype(object).where(said == "", said)
    if observations.demo:
        table = table.assign(**{DEMO: "true"})
    files = {"observations": table}
    if not observations.cities.equals(cities_in_data(observations.cities["city"])[0]):
        files["cities"] = observations.cities.drop(columns="slug")
    if len(observations.evidence):
        met = observations.evidence["met"].map({True: "met", False: "not met"})
        files["evidence"] = observations.evidence.assign(met=met)
    if len(observations.published):
        files["published"] = observations.published.drop(columns="half_step")
    paths = {name: Path(folder) / f"{name}{mark}.csv" for name in files}
    for name, content in files.items():
        write_whole(paths[name], plain_texts(content).to_csv(index=False, lineterminator="\n"))
    if observations.extract:
        write_whole(Path(folder) / NAME, f"extract = {toml_text(observations.extract)}\n")
    return paths["observations"]
