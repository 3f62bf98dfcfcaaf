"""What several tests share: the settings of a run, and where reference figures are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import load_framework
from kpi_lib.methods.registry import AGGREGATE, NORMALISE
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

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


@pytest.fixture
def own_methods_forgotten() -> Iterator[None]:
    """Methods that a test adds end with it: while there are such, no scores are kept."""
    yield
    for registry in (NORMALISE, AGGREGATE):
        for entry in registry.users:
            registry.forget(entry.function.__module__)


@pytest.fixture(scope="session")
def demo() -> Scoreboard:
    """The demo cities, read from their raw files and scored by the working set."""
    framework = load_framework("vn-smart-city@1.0")
    return score(read_observations(ROOT / "data/raw/demo", framework), framework)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference figures beside the project, or a skip where there is none."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference figures (../shared) are not on this machine")
    return folder
