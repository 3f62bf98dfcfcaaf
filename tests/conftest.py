"""What several tests share: where reference figures are, and small observations."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from kpi_lib.observations.read import Observations

ROOT = Path(__file__).parents[1]

# No deadline: how long an example takes says more about the machine than about the code. Examples
# are drawn anew on a desk, and are the same every time where a red run must mean a change.
settings.register_profile("workbook", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("workbook")
# For `make test`, which names it: fewer examples of each property than `make test-all` tries.
settings.register_profile("quick", settings.get_profile("workbook"), max_examples=30)


@pytest.fixture(scope="session", autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Messages in English, and kept scores apart from those of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KPI_LANG", "en")
        patch.setenv("KPI_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference figures beside the project, or a skip where there is none."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference figures (../shared) are not on this machine")
    return folder


def observe(values: pd.DataFrame, quantities: pd.DataFrame | None = None) -> Observations:
    """Make observations from a wide table: index (city, period), a column for each code."""
    long = values.stack(future_stack=True).rename("value").reset_index()
    long.columns = ["city", "period", "indicator", "value"]
    for column in ("numerator", "denominator", "se"):
        long[column] = float("nan")
    for column in ("unit", "source", "quality", "note"):
        long[column] = ""
    long["period"] = long["period"].astype(str)
    if quantities is None:
        quantities = pd.DataFrame(columns=["city", "period", "quantity", "value"])
    cities = pd.DataFrame({"city": sorted(set(long["city"]))})
    for column in ("name_vi", "name_en", "slug"):
        cities[column] = cities["city"]
    return Observations(table=long, cities=cities, quantities=quantities)
