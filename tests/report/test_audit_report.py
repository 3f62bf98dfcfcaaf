"""The audit of a framework, as a reader sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import DEMO
from notebook_runs import run

import kpi_lib as kpi
from kpi_lib.report.audit import audit_report

PARTS = (
    "title",
    "statistics",
    "outliers",
    "missing",
    "links",
    "correlation_map",
    "pairs",
    "reliability",
    "effective",
    "left_out_table",
    "left_out_figure",
    "method",
)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_part_has_something_to_say(lang: str) -> None:
    audit = audit_report("latest", "vn-smart-city@1.0", DEMO, lang)
    for name in PARTS:
        shown = getattr(audit, name)()
        assert repr(shown)
        assert "nan" not in repr(shown).lower().replace("nang", "").replace("governan", "")


def test_effective_weights_of_all_parts_sum_to_the_whole() -> None:
    audit = audit_report(2025, "vn-smart-city@1.0", DEMO, "en")
    rows = [line.split(" | ") for line in repr(audit.effective()).splitlines() if " | " in line]
    assert sum(int(row[2].rstrip("%").replace("\N{MINUS SIGN}", "-")) for row in rows[1:]) in range(
        97, 104
    )


def test_too_few_scored_cities_are_an_error(tmp_path: Path) -> None:
    data = tmp_path / "two.csv"
    data.write_text("city,period,CQS,KTS,XHS\na,2020,0.5,0.4,0.3\nb,2020,0.4,0.3,0.2\n")
    with pytest.raises(kpi.InputError, match="an audit needs 3 or more"):
        audit_report("2020", "dti@2020", data)


def test_the_notebook_runs_as_it_is(tmp_path: Path) -> None:
    done = run("audit", tmp_path / "out.ipynb", data="data/raw/demo")
    text = str(done.cells)
    assert "image/svg+xml" in text
    assert "DEMO" in text
