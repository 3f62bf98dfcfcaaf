"""The data that come with the library are those that the notebooks prepare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from builders import ROOT

import kpi_lib as kpi

PREPARED = {
    "demo": (kpi.datasets.demo, "observations-demo.csv"),
    "dti": (kpi.datasets.dti, "observations.csv"),
    "u4ssc": (kpi.datasets.u4ssc, "observations.csv"),
    "pci": (kpi.datasets.pci, "observations-2013.csv"),
}


@pytest.mark.parametrize("name", PREPARED)
def test_a_data_set_is_what_its_notebook_prepares(name: str) -> None:
    read, file = PREPARED[name]
    observations = read()
    folder = ROOT / "data/processed" / name
    prepared = kpi.read_observations(folder / file, kpi.datasets.FRAMEWORKS[name])
    columns = ["city", "period", "indicator", "value", "unit", "source", "quality", "note"]
    wide = name == "pci"  # in which no value has a unit and a quality of its own
    same = [column for column in columns if not wide or column not in ("unit", "quality")]
    pd.testing.assert_frame_equal(observations.table[same], prepared.table[same])
    assert bool(observations.extract) == (name in {"dti", "u4ssc"})
    assert observations.demo == prepared.demo
    assert set(observations.cities["city"]) == set(prepared.cities["city"])
    kept = [path.name for path in observations.files]
    assert kept
    assert all((kpi.datasets.folder(name) / file).is_file() for file in kept)


@pytest.mark.parametrize(
    ("read", "name", "places"),
    [
        (kpi.datasets.demo, "demo", 12),
        (kpi.datasets.scoring_demo, "scoring-demo", 8),
        (kpi.datasets.dti, "dti", 9),
        (kpi.datasets.pci, "pci", 63),
    ],
)
def test_a_data_set_is_scored_by_its_framework(
    read: Callable[[], kpi.Observations], name: str, places: int
) -> None:
    board = kpi.score(read(), kpi.datasets.FRAMEWORKS[name])
    assert len(board.table().dropna(how="all")) == places


def test_every_version_of_the_competitiveness_index_has_its_years() -> None:
    for version, first, last in ((2006, "2006", "2008"), ("2009", "2009", "2012")):
        periods = set(kpi.datasets.pci(version).table["period"])
        assert (min(periods), max(periods)) == (first, last)
    with pytest.raises(kpi.InputError, match="There are: 2006, 2009, 2013"):
        kpi.datasets.pci(2014)


def test_a_data_set_that_is_not_there_is_named() -> None:
    with pytest.raises(kpi.InputError, match="Did you mean 'demo'"):
        kpi.datasets.folder("demos")


@pytest.mark.parametrize("name", kpi.datasets.FRAMEWORKS)
def test_sources_and_rights_lie_beside_the_data(name: str) -> None:
    beside = {path.name for path in Path(kpi.datasets.folder(name)).iterdir()}
    assert beside & {"SOURCES.md", "README.md"}
