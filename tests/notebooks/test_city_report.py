"""The notebook of a city answers a researcher's question, and runs for a city without data."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from builders import ROOT
from notebook_runs import session

from kpi_lib.report.city import city_report
from kpi_lib.report.page.piece import Piece

RAW = ROOT / "data/raw/demo"
EMPTY = ["city,period,indicator,value", "a,2025,QL.HEA.1,", "b,2025,QL.HEA.1,50"]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Piece]]:
    """What cells give to ``display``."""
    found: list[Piece] = []
    monkeypatch.setattr(builtins, "display", found.append, raising=False)
    yield found
    plt.close("all")


def best_of_class(city: str, indicator: str, year: str) -> pd.Series:
    """The three best of a city's class in an indicator where more is better, from the raw files."""
    places = pd.read_csv(RAW / "cities-demo.csv", dtype=str).set_index("city")
    rows = pd.read_csv(RAW / "observations-demo.csv", dtype=str)
    rows = rows[(rows["indicator"] == indicator) & (rows["period"] == year)]
    shares = rows["numerator"].astype(float) / rows["denominator"].astype(float) * 100
    values = rows["value"].astype(float).fillna(shares).set_axis(rows["city"])
    peers = places.index[places["class"] == places.at[city, "class"]].drop(city)
    return values.reindex(peers).nlargest(3).rename(places["name_en"])


def test_it_says_which_peers_do_best_on_what_the_city_does_worst(shown: list[Piece]) -> None:
    done = session("city_report", city="hue", lang="en")
    assert done.names["worst"] == "QL.MOB.3"
    expected = best_of_class("hue", "QL.MOB.3", "2025")
    answer = next(
        piece.data for piece in shown if list(piece.data) == ["Intersections with adaptive signals"]
    )
    assert list(answer.index) == list(expected.index) == ["Can Tho", "Da Nang", "Ha Long"]
    assert answer.iloc[:, 0].tolist() == pytest.approx(expected.tolist())


def test_all_beside_each_other_on_a_group_have_no_value() -> None:
    report = city_report("hue", data=RAW, lang="en")
    group = report.beside("QL")
    assert group["value"].isna().all()
    assert group["score"].is_monotonic_decreasing
    assert set(group.index[group["peer"]]) == set(report.peers)
    assert group.loc["hue", "rank"] == report.view.ranks["QL"]


def test_it_runs_for_a_city_without_any_data(tmp_path: Path, shown: list[pd.DataFrame]) -> None:
    data = tmp_path / "observations.csv"
    data.write_text("\n".join(EMPTY), encoding="utf-8")
    done = session("city_report", city="a", data=str(data))
    assert done.names["report"].strengths() is None
    assert done.names["report"].needed().data is not None
