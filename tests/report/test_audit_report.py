"""The audit of a framework, as a reader sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import DEMO, framework, group, indicator, observe, table
from notebook_runs import run

import kpi_lib as kpi
from kpi_lib.report.audit import AuditReport, audit_report
from kpi_lib.report.sections.findings import findings

PARTS = (
    "title",
    "findings",
    "statistics",
    "outliers",
    "missing",
    "links",
    "pairs",
    "reliability",
    "effective",
    "left_out_table",
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


def cities(times: int = 1) -> AuditReport:
    """Five cities, or so many times five of them alike.

    a, b and c rise together, and b and c lie nearer to the other group.
    """
    values = table(
        {
            "a": [10.0, 20.0, 30.0, 40.0, 50.0] * times,
            "b": [10.0, 21.0, 29.0, 40.0, 52.0] * times,
            "c": [10.0, 21.0, 29.0, 40.0, 52.0] * times,
            "late": [100.0, 100.0, 75.0, 100.0, 100.0] * times,
        }
    )
    points = [indicator(code, points=10.0) for code in "abc"]
    frame = framework(
        group("A", *points[:2]),
        group("B", points[2], indicator("late", deduction=0.5)),
        scale="points",
        policy="zero",
    )
    return AuditReport(kpi.score(observe(values), frame), "2024", "en")


def test_what_goes_with_its_group_is_not_said_to_go_against_it() -> None:
    said = repr(cities(2).links())
    assert "0 of 5 parts do not go with their group or with the total." in said
    assert "1 goes with its group, and better with another." in said


def test_what_has_no_weight_is_named_and_not_left_out_in_silence() -> None:
    said = repr(cities().links())
    assert "Bonus points and deductions have no weight and are not looked at: “late”." in said


def test_five_cities_are_too_few_to_judge_pairs_or_parts() -> None:
    said = "No pair is judged: that takes 10 cities with both values, and there are 5 at most."
    assert said in repr(cities().pairs())
    assert said in repr(cities().links())
    assert "do not go with their group" not in repr(cities().links())
    many = audit_report("latest", "vn-smart-city@1.0", DEMO, "en")
    assert "No pair is judged" not in repr(many.pairs())


def test_where_no_city_moves_none_is_named() -> None:
    lines = [line.split(" | ") for line in repr(cities().left_out_table()).splitlines()]
    rows = [line for line in lines if len(line) == 5][1:]
    assert rows
    assert all(row[-1] == "0" for row in rows if row[2].startswith("0"))
    assert any(row[2].startswith("0") for row in rows)


def test_what_concerns_most_of_the_weight_is_found_first() -> None:
    piece = audit_report(2025, "vn-smart-city@1.0", DEMO, "en").findings()
    assert len(piece.sentences) == 5
    assert piece.data["concerns"].is_monotonic_decreasing
    assert list(piece.data["text"].head(5)) == [str(sentence) for sentence in piece.sentences]


def test_the_numbers_of_findings_are_those_of_the_scores() -> None:
    audit = audit_report(2025, "vn-smart-city@1.0", DEMO, "en")
    points = audit.board.points.xs("2025", level="period")
    found = {each.kind: each for each in findings(audit.board, "2025", audit.left_out, "en")}
    for kind in ("lost", "negative", "collinear"):
        said = next(v for v in found[kind].sentence.named if v.what == "correlation")
        one, other = (*said.of["code"].split(), "TOTAL")[:2]
        assert said.value == pytest.approx(points[one].corr(points[other]))
        assert said.text.replace("\N{MINUS SIGN}", "-") == f"{said.value:.2f}"
    total = points["TOTAL"].dropna()
    effective = next(v for v in found["drivers"].sentence.named if v.what == "effective weight")
    code = effective.of["code"]
    weight = 1 / len(audit.board.framework.groups)
    assert effective.value == pytest.approx(points[code].cov(total) * weight / total.var())


def test_five_cities_are_said_to_be_too_few_first() -> None:
    audit = cities()
    first, *rest = audit.findings().sentences
    assert str(first).startswith("There are too few cities to judge what goes with what")
    assert not any("correlation" in str(each) or "alpha" in str(each) for each in rest)
