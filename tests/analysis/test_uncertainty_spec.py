"""A list of choices is checked: what cannot be applied, or changes nothing, is an error."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import NAN, observe
from uncertain import NOISE, a_board, data, example

from kpi_lib.analysis.robustness.ranks import rank_uncertainty
from kpi_lib.analysis.robustness.sobol import sensitivity
from kpi_lib.analysis.robustness.spec import WeightChoice, read_spec
from kpi_lib.errors import InputError
from kpi_lib.scoring.score import score

WRONG = {
    "no vary": ({"draw": "noise"}, "nothing is called None"),
    "vary misspelt": ({"vary": "weight"}, "Did you mean 'weights'"),
    "unknown key": ({**NOISE, "sise": 1}, "unknown key 'sise'. Did you mean 'size'"),
    "draw": ({"vary": "weights", "draw": "gauss"}, "expected one of: noise, dirichlet, simplex"),
    "size": ({**NOISE, "size": 2}, "above 0 and at most 1"),
    "spread of noise": ({**NOISE, "spread": 0.1}, "takes no 'spread'"),
    "level": ({"vary": "weights", "draw": "simplex", "levels": [4]}, "at level 4 no group"),
    "one option": ({"vary": "missing", "among": ["zero"]}, "two methods or more"),
    "twice": ({"vary": "missing", "among": ["zero", "zero"]}, "'zero' is there twice"),
    "method": ({"vary": "normalise", "among": ["minmax", "zcore"]}, "Did you mean 'zscore'"),
    "parameter": (
        {"vary": "normalise", "among": ["minmax", {"method": "zscore", "sigma": 1}]},
        "no parameter 'sigma'",
    ),
    "policy": ({"vary": "missing", "among": ["zero", "wrost"]}, "Did you mean 'worst'"),
    "no targets": ({"vary": "normalise", "among": ["minmax", "target"]}, "cannot score A.1"),
    "none": ({"vary": "normalise", "among": ["minmax", "none"]}, "B.2"),
    "group": (
        {"vary": "aggregate", "among": ["min", "median"], "groups": ["B.Y"]},
        "no group 'B.Y'. Did you mean 'B.X'",
    ),
    "zero in a geometric mean": (
        [
            {"vary": "normalise", "among": ["goalposts", "minmax"]},
            {"vary": "aggregate", "among": ["arithmetic", "geometric"]},
        ],
        "normalise = minmax, aggregate = geometric: the geometric mean of",
    ),
    "imputation": ({"vary": "impute", "among": ["mean", "meen"]}, "Did you mean 'mean'"),
    "step": ({"vary": "treat", "among": ["none", "winsorize"]}, "Did you mean 'winsorise'"),
    "kind of step": (
        {"vary": "treat", "among": ["none", {"method": "impute", "by": "mean"}]},
        "'impute' is not among the steps that 'treat' varies",
    ),
    "no outliers": ({"vary": "treat", "among": ["none", "winsorise"]}, "the same scores in 2024"),
    "unit": (
        {"vary": "treat", "among": ["none", {"method": "log", "always": True}]},
        "is transformed (log or boxcox), but scored by 'goalposts'",
    ),
    "what noise is on": ({**NOISE, "on": "efective"}, "Did you mean 'effective'"),
    "levels of effective weights": (
        {**NOISE, "on": "effective", "levels": [1]},
        "the same at all levels",
    ),
    "effective weights of a simplex": (
        {"vary": "weights", "draw": "simplex", "on": "effective"},
        "'simplex' takes no 'on'",
    ),
    "two of a kind": ([NOISE, {**NOISE, "name": "more"}], "both draw weights of every level"),
    "same name": ([NOISE, {**NOISE, "levels": [1]}], "2 choices are called 'weights'"),
    "no error": ({"vary": "data", "draw": "errors"}, "there is no standard error"),
    "unknown indicator": (
        {"vary": "data", "draw": "errors", "standard_error": {"A.9": 1}},
        "a standard error is given for 'A.9'",
    ),
    "negative error": (
        {"vary": "data", "draw": "errors", "standard_error": {"A.1": -1}},
        "expected a number of 0 or more",
    ),
    "error of what is not scored": (
        {"vary": "data", "draw": "errors", "standard_error": {"C.2": 1}},
        "no scored value has an error",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_choice_that_cannot_be_applied_is_an_error_that_says_why(case: str) -> None:
    spec, message = WRONG[case]
    board = a_board(0.2)
    with pytest.raises(InputError, match=re.escape(message)):
        rank_uncertainty(board, 10, spec=spec if isinstance(spec, list) else [spec])


def test_a_choice_that_could_change_nothing_is_an_error() -> None:
    board = a_board()
    with pytest.raises(InputError, match="no value is missing in 2024"):
        rank_uncertainty(board, 10, spec=[{"vary": "missing", "among": ["zero", "worst"]}])


def test_a_choice_that_changes_nothing_in_one_of_several_periods_is_noted() -> None:
    frame = example()
    values = data(frame, 12, periods=("2023", "2024"))
    values.loc[("c03", "2023"), "A.1"] = NAN
    values.loc[("c04", "2023"), "B.1"] = 4000
    board = score(observe(values), frame, normalise="minmax")
    spec = [
        NOISE,
        {"vary": "missing", "among": ["rescale", "worst"]},
        {"vary": "impute", "among": ["none", "mean"]},
        {"vary": "treat", "among": ["none", {"method": "winsorise", "skewness": 1}]},
    ]
    notes = rank_uncertainty(board, 10, spec=spec, period="2024").notes
    assert [note.split(":")[0] for note in notes] == ["missing", "impute", "treat"]
    assert all("2024" in note and "changes nothing there" in note for note in notes)
    assert not rank_uncertainty(board, 10, spec=spec, period="2023").notes
    assert sensitivity(board, spec, samples=8, period="2024").attrs["notes"] == list(notes)


def test_all_faults_of_a_file_of_choices_are_told_with_its_name(tmp_path: Any) -> None:
    path = tmp_path / "choices.yaml"
    wrong = [{"vary": "weight"}, {**NOISE, "size": -1}]
    path.write_text(yaml.safe_dump({"choices": wrong}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        rank_uncertainty(a_board(), 10, spec=path)
    assert len(caught.value.problems) == 2
    assert all(problem.file == str(path) for problem in caught.value.problems)
    path.write_text(yaml.safe_dump({"choices": [NOISE]}), encoding="utf-8")
    assert rank_uncertainty(a_board(), 10, spec=path).draws == 10


def test_on_is_a_key_in_a_file_though_yaml_takes_it_for_true(tmp_path: Path) -> None:
    file = tmp_path / "spec.yaml"
    text = "- {vary: weights, draw: noise, size: 0.2, on: effective}\n"
    file.write_text(text, encoding="utf-8")
    (choice,) = read_spec(file)
    assert isinstance(choice, WeightChoice)
    assert choice.on == "effective"
