"""Every method can be said in both languages."""

from __future__ import annotations

import pytest

from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.registry import Method
from kpi_lib.report.sections.methods import aggregation, normalisation, step
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
    assert normalisation(across, "en").endswith(", over all periods (mean = 50 and sd = 2.5)")
    assert normalisation(across, "vi").endswith(", trên tất cả các kỳ (mean = 50 và sd = 2,5)")
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
            "Only cities with at least 90% of the values are scored.",
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
