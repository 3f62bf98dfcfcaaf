"""What a report says of targets, levels, priorities and readiness, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

import kpi_lib as kpi
from kpi_lib.analysis.levels import assess
from kpi_lib.analysis.readiness import readiness
from kpi_lib.analysis.targets import track
from kpi_lib.analysis.what_if import leverage, priorities
from kpi_lib.framework.schemes import load_scheme
from kpi_lib.locale.catalogue import Lang, languages
from kpi_lib.report.charts.paths import describe_paths, open_ways, paths
from kpi_lib.report.html import Fragment
from kpi_lib.report.letters import Writing
from kpi_lib.report.sections import levels as level_report
from kpi_lib.report.sections import readiness as readiness_report
from kpi_lib.report.sections import targets as tracking_report
from kpi_lib.report.view import CityView
from kpi_lib.scoring.scoreboard import Scoreboard


def everything(view: CityView) -> tuple[list[str], list[Fragment]]:
    """All sentences and tables of a city that this part of the report has."""
    board, unit = view.board, (view.city, view.period)
    tracked, gaps = track(board, *unit), priorities(board, *unit)
    scheme = level_report.scheme_for(board)
    assert scheme is not None
    found = assess(scheme, board, *unit)
    ready = readiness(board.framework, board.observations, *unit)
    missing = leverage(board, *unit)
    sentences = [
        *tracking_report.tracking(view, tracked),
        *tracking_report.priorities(view, gaps),
        *level_report.level(view, found),
        *readiness_report.readiness(view, ready),
        *readiness_report.leverage(view, missing),
        describe_paths(view, tracked),
    ]
    tables = [
        tracking_report.track_table(view, tracked),
        tracking_report.priority_table(view, gaps),
        level_report.level_table(view, found),
        level_report.criteria_table(view, found),
        readiness_report.checklist(view, ready),
        readiness_report.leverage_table(view, missing),
    ]
    return sentences, [table for table in tables if table is not None]


@pytest.mark.parametrize("lang", languages())
def test_demo_cities_over_the_years_have_whole_sentences(demo: Scoreboard, lang: Lang) -> None:
    for city, period in demo.points.index[::4]:
        sentences, tables = everything(CityView(demo, city, period, lang))
        for text in (*sentences, *(table.text for table in tables)):
            assert not re.search(r"\bnan\b|\bNone\b|\binf\b|\{|\}", text), (city, period, text)
        for sentence in sentences:
            assert not sentence or sentence.endswith("."), sentence
            assert "  " not in sentence, sentence


def test_pages_say_status_and_year_of_each_target(demo: Scoreboard) -> None:
    view = CityView(demo, "hue", "2023", "en")
    tracked = track(demo, "hue", "2023")
    table = tracking_report.track_table(view, tracked)
    assert table is not None
    rows = [line.split(" | ") for line in table.text.splitlines()[2:]]
    assert len(rows) == len(tracked)
    words = {tracking_report.status(key, "en") for key in tracked["status"]}
    assert {row[6].split(",")[0] for row in rows} == words
    for row in rows:
        assert re.fullmatch(r"–|never|\d{4}( \(.+–.+\))?", row[7]), row


def test_what_is_due_and_not_met_says_so(demo: Scoreboard) -> None:
    tracked = track(demo, "hue", "2025")
    table = tracking_report.track_table(CityView(demo, "hue", "2025", "en"), tracked)
    assert table is not None
    due = tracked[(tracked["status"] == "behind") & (tracked["year"] == 2025)]
    assert table.text.count("behind, due") == len(due) > 0


def test_the_year_is_the_first_at_whose_end_the_target_is_met() -> None:
    row = pd.Series({"met_by": 2026.2, "met_earliest": 2025.9, "met_latest": float("inf")})
    assert tracking_report.when_met(row, 2024, "en") == "2027 (2026–never)"
    assert tracking_report.when_met(row, 2024, "vi") == "2027 (2026–không đạt)"
    sure = pd.Series({"met_by": 2027.0, "met_earliest": 2027.0, "met_latest": 2027.0})
    assert tracking_report.when_met(sure, 2024, "en") == "2027"
    alone = pd.Series({"met_by": 2027.0, "met_earliest": float("nan"), "met_latest": float("nan")})
    assert tracking_report.when_met(alone, 2024, "en") == "2027"
    far = pd.Series({"met_by": 2101.0, "met_earliest": float("nan"), "met_latest": float("nan")})
    assert tracking_report.when_met(far, 2024, "en") == "never"


def test_a_city_without_evidence_is_not_met_no_evidence_and_never_met(demo: Scoreboard) -> None:
    scheme = level_report.scheme_for(demo)
    assert scheme is not None
    bare = replace(demo, observations=replace(demo.observations, evidence=_none(demo)))
    for lang, said, met in (
        ("en", "not met, no evidence", "met"),
        ("vi", "không đạt, không có minh chứng", "đạt"),
    ):
        view = CityView(bare, "da-nang", "2025", lang)  # type: ignore[arg-type]
        found = assess(scheme, bare, "da-nang", "2025")
        table = level_report.criteria_table(view, found)
        assert table is not None
        proofs = [c for c in scheme.levels[0].criteria if c.evidence is not None]
        lines = {line.split(" | ")[0]: line.split(" | ")[2] for line in table.text.splitlines()[2:]}
        assert {lines[c.title[view.lang]] for c in proofs} == {said}
        assert met in lines.values()


def _none(board: Scoreboard) -> pd.DataFrame:
    return board.observations.evidence.iloc[:0]


def test_a_structure_without_criteria_gives_no_level(demo: Scoreboard) -> None:
    view = CityView(demo, "da-nang", "2025", "en")
    found = assess(load_scheme("bxd-6862@2024"), demo, "da-nang")
    (text,) = level_report.level(view, found)
    assert text.startswith("No level can be given to Da Nang")
    assert "0/60" in text
    assert level_report.level_table(view, found) is None
    assert level_report.criteria_table(view, found) is None
    assert "none is invented" in level_report.about_scheme(view, found.scheme)


def test_no_real_city_gets_a_level_of_the_demonstration(demo: Scoreboard) -> None:
    assert level_report.scheme_for(demo) is not None
    real = replace(demo, observations=replace(demo.observations, demo=False))
    assert level_report.scheme_for(real) is None
    chosen = level_report.scheme_for(real, "demo-levels@1.0")
    assert chosen is not None


def test_the_checklist_has_every_missing_indicator_once_under_its_agency(
    demo: Scoreboard,
) -> None:
    view = CityView(demo, "nha-trang", "2025", "vi")
    ready = readiness(demo.framework, demo.observations, "nha-trang", "2025")
    table = readiness_report.checklist(view, ready)
    assert table is not None
    lacking = [view.indicator(str(code)) for code in ready.index[ready["state"] != "ready"]]
    for leaf in lacking:
        assert table.text.count(f"\n{leaf.title['vi']} | ") == 1
        assert leaf.agency is not None
        assert leaf.agency["vi"] in table.text
        if leaf.formula is not None and leaf.formula.denominator is not None:
            assert leaf.formula.numerator["vi"] in table.text


def test_the_figure_has_a_row_for_each_open_way_and_none_for_none(demo: Scoreboard) -> None:
    tracked = track(demo, "hue", "2023")
    view = CityView(demo, "hue", "2023", "vi")
    ways = open_ways(tracked)
    figure = paths(view, tracked)
    assert figure is not None
    texts = [line.text for written in figure.findobj(Writing) for line in written.lines]
    for code, row in ways.iterrows():
        assert view.with_unit(str(code), row["value"]) in texts
    assert paths(view, tracked[tracked["status"] == "met"]) is None
    assert describe_paths(view, tracked[tracked["status"] == "met"]) == ""


def test_merged_values_are_told_with_their_method() -> None:
    framework = kpi.load_framework("dti@2020")
    code = framework.indicators[0].code
    rows = pd.DataFrame(
        {
            "city": "x",
            "period": ["2023", "2024", "2025"],
            "indicator": code,
            "value": [0.5, 0.6, 0.7],
            "numerator": float("nan"),
            "denominator": float("nan"),
            "unit": "",
            "source": "",
            "quality": ["merged: mean", "merged: mean", ""],
            "note": ["A, B", "A, B", ""],
        }
    )
    cities = pd.DataFrame({"city": ["x"], "name_vi": ["X"], "name_en": ["X"], "slug": ["x"]})
    empty = pd.DataFrame(columns=["city", "period", "quantity", "value"])
    board = kpi.score(kpi.Observations(rows, cities, empty), framework)
    (text,) = tracking_report.merged(CityView(board, "x", "2025", "en"))
    assert "Before the merger (2023–2024), the values of X are the plain mean of A, B" in text
    (text,) = tracking_report.merged(CityView(board, "x", "2025", "vi"))
    assert "trung bình cộng của A, B" in text
    assert tracking_report.merged(CityView(board, "x", "2023", "vi")) != []
    plain = replace(board.observations, table=rows.assign(quality=""))
    assert tracking_report.merged(CityView(kpi.score(plain, framework), "x", "2025", "vi")) == []
