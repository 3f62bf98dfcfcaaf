"""Overview, audit and review show pieces whose data a researcher can take."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from builders import DEMO, ROOT

from kpi_lib.report.audit import audit_report
from kpi_lib.report.index.overview import Overview, national_overview
from kpi_lib.report.review import framework_review

OVERVIEW = ["findings", "ranking", "targets"]
AUDIT = [
    *("title", "findings", "statistics", "outliers", "missing", "links", "pairs", "reliability"),
    *("effective", "peers", "left_out_table", "method"),
]
REVIEW = ["title", "changes", "scores", "causes", "revision_alone", "method"]


@pytest.fixture(autouse=True)
def _figures_are_closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def overview() -> Overview:
    return national_overview(2025, "vn-smart-city@1.0", DEMO, "en")


def plain_names(table: pd.DataFrame) -> bool:
    return all(str(name).strip() and str(name).isascii() for name in table.columns)


@pytest.mark.parametrize("kind", ["overview", "audit", "review"])
def test_each_piece_has_data_and_shows_itself(kind: str, overview: Overview) -> None:
    raw = str(ROOT / "data/raw/pci")
    report, names = {
        "overview": lambda: (overview, OVERVIEW),
        "audit": lambda: (audit_report(2025, "vn-smart-city@1.0", DEMO, "en"), AUDIT),
        "review": lambda: (
            framework_review("pci@2009", "pci@2013", raw, None, 2012, 2013, "en"),
            REVIEW,
        ),
    }[kind]()
    for name in names:
        piece = getattr(report, name)()
        assert len(piece.data), name
        assert plain_names(piece.data), name
        assert piece._repr_html_().startswith('<div class="kpi">'), name
        assert repr(piece).strip(), name


def test_the_ranking_is_that_of_the_board_and_draws_itself(overview: Overview) -> None:
    piece = overview.ranking()
    table = overview.board.table("TOTAL", "2025").dropna(subset="score")
    assert piece.data["score"].tolist() == table["score"].tolist()
    assert piece.data["rank"].tolist() == table["rank"].tolist()
    assert (piece.data["low"] <= piece.data["rank"]).all()
    points = overview.board.points.xs("2025", level="period")
    assert piece.data.loc["hue", "PS"] == points.loc["hue", "PS"]
    ax = piece.plot()
    assert len(ax.get_yticklabels()) == len(table)


def test_targets_are_counted_from_the_values(overview: Overview) -> None:
    targets = overview.targets()
    assert targets is not None
    values = overview.board.values.xs("2025", level="period")["PS.ONL.1"].dropna()
    row = targets.data.loc["PS.ONL.1"]
    assert row["meet"] == (values >= row["target"]).sum()
    assert row["cities"] == len(values)
    assert row["median"] == values.median()
