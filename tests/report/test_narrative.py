"""Sentences say what the numbers say, in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from builders import ROOT, observe

import kpi_lib as kpi
from kpi_lib.locale.catalogue import Lang
from kpi_lib.report.sections import listings, narrative
from kpi_lib.report.sections.describe import describe_progress
from kpi_lib.report.view import CityView

MINI = """
id: mini
version: "1"
title: {vi: Bộ thử, en: Test}
groups:
  - code: A
    title: {vi: Dịch vụ, en: Services}
    indicators:
      - {code: A1, title: {vi: Trực tuyến, en: Online}, unit: "%", direction: higher,
         goalposts: [0, 100], targets: {2024: 40, 2030: 90}, agency: {vi: Sở A, en: Office A}}
      - {code: A2, title: {vi: Số ngày, en: Days}, unit: {vi: ngày, en: days}, direction: lower,
         goalposts: [0, 60]}
  - code: B
    title: {vi: Tiếp cận, en: Access}
    indicators:
      - {code: B1, title: {vi: Hộ gia đình, en: Households}, unit: "%", direction: higher,
         goalposts: [0, 100]}
"""


@pytest.fixture
def board(tmp_path: Path) -> kpi.Scoreboard:
    """Three cities; the first improves from 2024 to 2025, the last has nothing in 2025."""
    (tmp_path / "mini.yaml").write_text(MINI, encoding="utf-8")
    values = {
        ("alpha", "2024"): (50, 30, 40),
        ("alpha", "2025"): (80, 15, 60),
        ("beta", "2024"): (60, 30, 50),
        ("beta", "2025"): (70, 30, 50),
        ("gamma", "2025"): (60, 36, 50),
        ("delta", "2025"): (None, None, None),
    }
    wide = pd.DataFrame.from_dict(values, orient="index", columns=["A1", "A2", "B1"])
    wide.index = pd.MultiIndex.from_tuples(wide.index, names=["city", "period"])
    return kpi.score(observe(wide.astype(float)), kpi.load_framework(tmp_path / "mini.yaml"))


def told(board: kpi.Scoreboard, what: str, city: str, lang: Lang = "en") -> str:
    """Give one part of the report of a city in 2025 as one text."""
    texts = getattr(narrative, what)(CityView(board, city, "2025", lang))
    return " ".join(texts).replace("\N{NO-BREAK SPACE}", " ")


def test_the_standing_gives_score_rank_and_change(board: kpi.Scoreboard) -> None:
    # alpha 2025: A = (80 + 75)/2 = 77.5, B = 60, TOTAL 68.75; 2024: (50 + 50)/2, 40 → 45.
    text = told(board, "standing", "alpha")
    assert "In 2025 alpha scores 68.8 out of 100 and ranks 1st of 3 cities." in text
    assert "Against 2024 it gains 23.8 points and moves up 1 place." in text
    vietnamese = told(board, "standing", "alpha", "vi")
    assert "Năm 2025, alpha đạt 68,8 trên 100 điểm, xếp thứ nhất trong 3 đô thị." in vietnamese
    assert "So với năm 2024, đô thị tăng 23,8 điểm và tăng 1 bậc trên bảng xếp hạng." in vietnamese


def test_a_city_that_reported_nothing_is_told_so_and_not_scored(board: kpi.Scoreboard) -> None:
    assert "delta has no data for 2025: all 3 indicators are empty." in told(
        board, "standing", "delta"
    )
    assert "None of the 3 indicators has data, to be supplied by 1 agency." in told(
        board, "missing", "delta"
    )
    assert listings.key_figures(CityView(board, "delta", "2025", "en")) is None


def test_targets_name_the_gap_that_brings_most(board: kpi.Scoreboard) -> None:
    # The target due after 2025 is 90 in 2030: ten points of A1, a quarter of them in TOTAL.
    text = told(board, "targets", "alpha")
    assert "alpha does not meet the one target for which there are data." in text
    assert "from 80 % to the target of 90 % (2030) would add 2.50 points" in text


def test_peers_say_where_a_city_leads_and_trails(board: kpi.Scoreboard) -> None:
    assert "alpha is above the median of the other cities in all of the 3 indicators" in told(
        board, "peers", "alpha"
    )
    assert "It trails most in “Days” (36 days)" in told(board, "peers", "gamma")


def test_progress_speaks_of_the_years_that_have_a_score(board: kpi.Scoreboard) -> None:
    assert "From 2024 to 2025 the composite score of alpha rose from 45.0 to 68.8" in told(
        board, "progress", "alpha"
    )
    assert "for 1 period only: too few to speak of a trend" in told(board, "progress", "gamma")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_bundled_set_is_told_without_gaps_in_the_sentences(
    demo: kpi.Scoreboard, lang: Lang
) -> None:
    """No empty brackets, doubled spaces or numbers that are none, in any sentence."""
    for city, period in demo.points.index:
        view = CityView(demo, city, period, lang)
        for tell in (narrative.standing, narrative.peers, narrative.targets, narrative.progress):
            for text in tell(view):
                assert "nan" not in text.lower().replace("nang", "")
                assert "  " not in text
                assert "()" not in text
                assert text[0] == text[0].upper()
                assert text.endswith(".")


def test_what_comes_from_data_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "mini.yaml").write_text(
        MINI.replace("en: Online", 'en: "<script>alert(1)</script>"'), encoding="utf-8"
    )
    index = pd.MultiIndex.from_tuples([("<b>x</b>", "2025")], names=["city", "period"])
    wide = pd.DataFrame([[50.0, 30.0, None]], index=index, columns=["A1", "A2", "B1"])
    board = kpi.score(observe(wide.astype(float)), kpi.load_framework(tmp_path / "mini.yaml"))
    report = kpi.CityReport(CityView(board, "<b>x</b>", "2025", "en"))
    for part in (report.title(), report.standing(), report.targets(), report.indicators()):
        assert "<script>" not in part.html
        assert "<b>" not in part.html
    assert "&lt;script&gt;" in report.indicators().html


def test_a_report_lists_every_value_that_treatment_changed(
    board: kpi.Scoreboard, tmp_path: Path
) -> None:
    assert listings.treated(CityView(board, "alpha", "2025", "en")) is None
    (tmp_path / "mini.yaml").write_text(
        MINI + "treatment:\n  - {method: impute, by: mean}\n", encoding="utf-8"
    )
    framework = kpi.load_framework(tmp_path / "mini.yaml")
    treated = kpi.score(board.observations, framework)
    shown = listings.treated(CityView(treated, "delta", "2025", "en"))
    # The mean of A1 in 2025 over alpha, beta and gamma: (80 + 70 + 60) / 3.
    assert "Online | no data | 70" in repr(shown).replace("\N{NO-BREAK SPACE}", " ")


def test_the_error_of_a_value_stands_beside_it(board: kpi.Scoreboard) -> None:
    table = board.observations.table
    own = (table["city"] == "alpha") & (table["period"] == "2025") & (table["indicator"] == "A1")
    marked = replace(board.observations, table=table.assign(se=own.map({True: 1.5, False: None})))
    view = CityView(kpi.score(marked, board.framework), "alpha", "2025", "en")
    for part in (listings.indicators(view), listings.gaps(view)):
        assert part is not None
        text = str(part).replace("\N{NO-BREAK SPACE}", " ")
        assert "80 ± 1.5 %" in text
        assert "Value ± standard error" in text
    assert listings.indicators(CityView(board, "alpha", "2025", "en"))
    assert "±" not in str(listings.indicators(CityView(board, "alpha", "2025", "en")))


def test_page_and_python_say_the_same_share_of_the_same_draws() -> None:
    """The share of draws in which a rank stays is that of the ten thousand draws of Python."""
    board = kpi.scoreboard(ROOT / "data" / "processed" / "demo", "vn-smart-city@1.0")
    found = kpi.rank_uncertainty(board)
    view = CityView(board, "ha-noi", "2025", "en")
    assert view.interval is not None
    low, high, same = view.interval
    assert found.ranks.loc["ha-noi", ["low", "high", "p_same"]].tolist() == [low, high, same]
    assert view.weight_ratios == found.weight_ratios
    said = standing(view)
    assert (
        "The rank depends somewhat on the weights: when each weight varies by up to ±25 % relative "
        "to its siblings, it lies between 2 and 4 in 90 % of draws and stays as it is in 55 %. "
        "Effective weights (shares of all weight) then run from 0.42 to 2.18 times their own."
    ) in said
    first = standing(CityView(board, "da-nang", "2025", "en"))
    assert "hardly depends on the weights: it is the same in every draw" in first


def standing(view: CityView) -> str:
    return " ".join(narrative.standing(view)).replace("\N{NO-BREAK SPACE}", " ")


CHANGED = """
id: changed
version: "1"
title: Four
missing: {policy: rescale, min_coverage: 0.5}
groups:
  - code: A
    title: A
    indicators:
      - {code: A1, title: One, unit: "%", direction: higher, goalposts: [0, 100]}
      - {code: A2, title: Two, unit: "%", direction: higher, goalposts: [0, 100]}
      - {code: A3, title: Three, unit: "%", direction: higher, goalposts: [0, 100]}
      - {code: A4, title: Four, unit: "%", direction: higher, goalposts: [0, 100]}
"""


@pytest.fixture
def changed(tmp_path: Path) -> kpi.Scoreboard:
    """Three indicators of x fall from 60 to 58; the fourth, at 20, is missing in 2025."""
    (tmp_path / "changed.yaml").write_text(CHANGED, encoding="utf-8")
    values = {
        ("x", "2024"): (60, 60, 60, 20),
        ("x", "2025"): (58, 58, 58, None),
        ("y", "2024"): (30, 30, None, None),
        ("y", "2025"): (30, 30, 90, None),
        ("z", "2024"): (30, 30, None, None),
        ("z", "2025"): (None, None, 90, 90),
    }
    wide = pd.DataFrame.from_dict(values, orient="index", columns=["A1", "A2", "A3", "A4"])
    wide.index = pd.MultiIndex.from_tuples(wide.index, names=["city", "period"])
    return kpi.score(observe(wide.astype(float)), kpi.load_framework(tmp_path / "changed.yaml"))


def test_a_headline_change_is_on_the_indicators_of_both_periods(changed: kpi.Scoreboard) -> None:
    rest = (
        "A further +10.0 points come about because “Four” is no longer counted: together +8.0, "
        "from 50.0 to 58.0."
    )
    standing, progress = told(changed, "standing", "x"), told(changed, "progress", "x")
    assert "Against 2024 it loses 2.0 points on the 3 indicators of both periods" in standing
    assert rest in standing
    assert "the score of x on the 3 indicators of both periods fell from 60.0 to 58.0." in progress
    assert rest in progress
    assert "it gains" not in standing
    assert "rose" not in progress
    vietnamese = told(changed, "standing", "x", "vi")
    assert "đô thị giảm 2,0 điểm" in vietnamese
    assert "Phần còn lại +10,0 điểm là do không còn tính “Four”: tổng cộng +8,0" in vietnamese


def test_what_is_newly_counted_is_no_gain_of_the_city(changed: kpi.Scoreboard) -> None:
    # y: 30 and 30 in both years; (30 + 30 + 90)/3 = 50 in the second.
    text = told(changed, "standing", "y")
    assert "its score on the 2 indicators of both periods is unchanged" in text
    assert "A further +20.0 points come about because “Three” is newly counted" in text


def test_scores_from_different_indicators_are_not_compared(changed: kpi.Scoreboard) -> None:
    assert "too few indicators count in both periods" in told(changed, "standing", "z")
    assert "the two scores are not comparable" in told(changed, "progress", "z")


def test_the_words_for_the_line_chart_name_a_period_with_other_indicators(
    changed: kpi.Scoreboard,
) -> None:
    marked = describe_progress(changed, "x", "2025", "en")
    assert "Other indicators count than in the period before: 2025." in marked
