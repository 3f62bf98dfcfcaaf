"""Every method can be said in both languages."""

from __future__ import annotations

import pytest
from builders import ROOT, framework, group, indicator

import kpi_lib as kpi
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.registry import Method
from kpi_lib.report.index.overview import Overview
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.sections.about import scoring
from kpi_lib.report.sections.methods import aggregation, normalisation, step
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.steps import STEPS


@pytest.mark.parametrize("name", NORMALISE)
def test_each_normalisation_has_words(name: str) -> None:
    assert normalisation(Method(name), "vi") != normalisation(Method(name), "en")


@pytest.mark.parametrize("name", AGGREGATE)
def test_each_aggregation_has_words(name: str) -> None:
    assert aggregation(Method(name), "vi") != aggregation(Method(name), "en")


@pytest.mark.parametrize("name", STEPS)
def test_each_step_has_words(name: str) -> None:
    method = Method(name, {"by": "mean"} if name == "impute" else {})
    said = [step(method, "vi"), step(method, "en")]
    assert said[0] != said[1]
    assert all(sentence.endswith(".") for sentence in said)


def test_parameters_are_said_as_the_language_writes_them() -> None:
    across = Method("zscore", {"mean": 50, "sd": 2.5, "across": "panel"})
    assert normalisation(across, "en").endswith(
        ", over all periods (mean = 50 and standard deviation = 2.5)"
    )
    assert normalisation(across, "vi").endswith(
        ", trên tất cả các kỳ (trung bình = 50 và độ lệch chuẩn = 2,5)"
    )
    free = Method("benefit_of_the_doubt", {"low": 0, "high": float("inf")})
    assert aggregation(free, "en").endswith("(low = 0 and high = ∞)")


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (
            Method("impute", {"by": "regression", "indicators": ("a", "b")}),
            "Missing values are replaced by a regression on the closest indicators (a and b).",
        ),
        (
            Method("screen", {"min_available": 0.9}),
            "Only those with at least 90% of the values are scored.",
        ),
        (
            Method("winsorise", {"points": 3, "otherwise": "boxcox"}),
            "Far values are drawn in to the next one, at most 3 of an indicator; failing that, "
            "the Box–Cox transformation.",
        ),
        (Method("log", {"always": True}), "Indicators are transformed by logarithm."),
        (Method("log"), "Indicators with far values are transformed by logarithm."),
    ],
)
def test_a_step_is_said_in_a_sentence(method: Method, sentence: str) -> None:
    assert step(method, "en") == sentence


def test_of_sums_of_points_nothing_is_said_of_means_and_the_hundred() -> None:
    points = kpi.load_framework("provincial-scoring-demo@1.0")
    said = " ".join(scoring(points, "en"))
    assert "Points add up, to at most 100." in said
    assert "Ranks are by the share of the maximum" in said
    assert "In some groups only the best part counts." in said
    for untrue in ("mean", "Normalisation", "composite", "run from 0"):
        assert untrue not in said


def test_a_log_scale_and_the_scale_of_one_are_said() -> None:
    hdi = kpi.load_framework(ROOT / "tests/frameworks/hdi@2010.yaml")
    said = " ".join(scoring(hdi, "en"))
    assert "(some indicators: between goalposts, no further at both ends, on a log scale)" in said
    assert "Scores of indicators run from 0 to 1." in said
    assert "100" not in said


def test_where_nothing_is_scored_nothing_is_said_of_scores() -> None:
    bare = framework(group("A", indicator("A1", goalposts=None)))
    assert scoring(bare, "en") == ["No indicator is scored yet: values are shown and compared."]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_methods_are_said_without_the_noun_of_what_is_scored(lang: str) -> None:
    """Countries and provinces are scored by the same methods: no title of one says city."""
    word = {"vi": "\u0111\u00f4 th\u1ecb", "en": "cit"}[lang]
    said = [normalisation(Method(name, {}), lang) for name in NORMALISE]
    assert [text for text in said if word in text] == []


def test_what_is_relative_says_among_whom() -> None:
    assert normalisation(Method("minmax", {}), "en") == (
        "between the lowest and the highest value, within each period"
    )
    assert normalisation(Method("minmax", {"across": "panel"}), "en").endswith("over all periods")
    assert "within" not in normalisation(Method("goalposts", {}), "en")


def test_a_change_of_relative_scores_says_that_it_is_among_the_others(demo: Scoreboard) -> None:
    told = "Scores compare with the others of the same period"
    assert told not in repr(index_findings(demo))
    relative = kpi.score(demo.observations, demo.framework, normalise="minmax")
    assert told in repr(index_findings(relative))


def index_findings(board: Scoreboard) -> object:
    return Overview(CitySet(board, board.latest, "en")).findings()
