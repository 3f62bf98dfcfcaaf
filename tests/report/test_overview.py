"""The overview of all cities agrees with the scoreboard and with published ranks."""

from __future__ import annotations

import pandas as pd
import pytest
from builders import DEMO, ROOT, observe

import kpi_lib as kpi
from kpi_lib.report.overview import Overview, national_overview


@pytest.fixture
def dti(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Overview:
    """The nine published provinces of the Digital Transformation Index 2020."""
    monkeypatch.chdir(tmp_path_factory.mktemp("overview"))
    raw = pd.read_csv(ROOT / "data/raw/dti/dti_2020_top9.csv", dtype={"period": str})
    wide = raw.set_index(["city_name", "period"])[["CQS", "KTS", "XHS"]]
    wide.index.names = ["city", "period"]
    board = kpi.score(observe(wide), kpi.load_framework("dti@2020"))
    return Overview(board, "2020", "en")


def test_the_published_order_is_shown(dti: Overview) -> None:
    raw = pd.read_csv(ROOT / "data/raw/dti/dti_2020_top9.csv")
    published = list(raw.sort_values("rank_published")["city_name"])
    assert [view.name for view in dti.views] == published
    assert "from 0.3631 (Kiên Giang) to 0.4874 (Đà Nẵng)" in repr(dti.standing())
    assert "0.4097" in repr(dti.parts())


def test_targets_count_the_cities_that_meet_them() -> None:
    overview = national_overview(2025, "vn-smart-city@1.0", DEMO, "en")
    values = overview.board.values.xs("2025", level="period")["PS.ONL.1"].dropna()
    shown = next(
        line for line in repr(overview.targets()).splitlines() if "offered fully online" in line
    )
    assert shown.endswith(f"{(values >= 80).sum()}/{len(values)}")


def test_a_period_without_data_is_an_error() -> None:
    with pytest.raises(kpi.InputError, match="there is no period '1999'"):
        national_overview(1999, "vn-smart-city@1.0", DEMO)
