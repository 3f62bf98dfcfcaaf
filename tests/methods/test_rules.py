"""Rules of tables of criteria: to which side a bound belongs, and what a jump gives."""

from __future__ import annotations

import numpy as np
import pytest
from builders import NAN

from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.registry import Method
from kpi_lib.methods.rules import direction_of, gives_share, next_bound

STEPS = [[0, 0], [50, 5], [80, 10]]
JUMP = [[0, 0], [80, 0], [80, 1.6], [100, 2]]


def scored(name: str, values: list[float], **parameters: object) -> list[float]:
    return NORMALISE[name](np.array(values), None, **parameters).tolist()


@pytest.mark.parametrize(
    ("closed", "expected"), [("low", [0, 0, 5, 5, 10, 10]), ("high", [0, 0, 0, 5, 5, 10])]
)
def test_a_bound_belongs_to_the_band_that_is_closed_there(
    closed: str, expected: list[float]
) -> None:
    values = [-3.0, 49.9, 50.0, 79.99, 80.0, 99.0]
    assert scored("bands", values, steps=STEPS, closed=closed) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([[0, 0], [50, 3], [80, 5, "above"]], [0, 3, 3, 3, 5]),  # on 80 no more than 3
        ([[0, 0], [50, 3, "above"], [80, 5]], [0, 0, 3, 5, 5]),
        ([[0, 5], [50, 3, "above"], [80, 0]], [5, 5, 3, 0, 0]),
    ],
)
def test_a_step_says_itself_that_it_is_above_its_number(
    steps: list[list[object]], expected: list[float]
) -> None:
    assert scored("bands", [49.9, 50.0, 79.9, 80.0, 80.1], steps=steps) == expected


def test_a_jump_says_itself_to_which_side_its_number_belongs() -> None:
    knots = [[0, 0], [50, 5], [50, 6], [80, 8], [80, 10, "above"]]
    found = scored("piecewise", [49.0, 50.0, 80.0, 80.1], knots=knots)
    np.testing.assert_allclose(found, [4.9, 6, 8, 10])


def test_above_at_every_bound_is_what_closed_high_says() -> None:
    values = [-1.0, 0.0, 49.0, 50.0, 51.0, 80.0, 81.0, NAN]
    steps = [[0, 0], [50, 5, "above"], [80, 10, "above"]]
    jump = [[0, 0], [80, 0], [80, 1.6, "above"], [100, 2]]
    for name, rule, plain in (
        ("bands", {"steps": steps}, STEPS),
        ("piecewise", {"knots": jump}, JUMP),
    ):
        (key,) = rule
        np.testing.assert_array_equal(
            scored(name, values, **rule), scored(name, values, **{key: plain}, closed="high")
        )


def test_a_quotient_that_is_above_a_bound_only_by_rounding_is_on_it() -> None:
    assert scored("bands", [0.1 + 0.2, 0.3, 0.301], steps=[[0, 0], [0.3, 5, "above"]]) == [0, 0, 5]


MIXED = [[0, 0], [50, 3], [80, 5, "above"]]


@pytest.mark.parametrize(
    ("steps", "value", "expected"),
    [
        (MIXED, 20.0, (50, "from", 3)),
        (MIXED, 80.0, (80, "above", 5)),
        ([[0, 5], [5, 2], [10, 0]], 12.0, (10, "below", 2)),
        ([[0, 5], [5, 2, "above"], [10, 0]], 7.0, (5, "up to", 5)),
        ([[0, 0], [40, 10], [60, 0]], 75.0, (60, "below", 10)),
        ([[0, 0], [40, 10], [60, 0]], 10.0, (40, "from", 10)),
    ],
)
def test_the_next_bound_is_the_nearest_beyond_which_more_is_earned(
    steps: list[list[object]], value: float, expected: tuple[float, str, float]
) -> None:
    bound = next_bound(Method("bands", {"steps": steps}), value)
    assert bound is not None
    assert (bound.number, bound.side, bound.score) == expected
    assert scored("bands", [bound.inside], steps=steps) == [bound.score]


def test_there_is_no_bound_beyond_the_best_band() -> None:
    assert next_bound(Method("bands", {"steps": MIXED}), 80.5) is None
    assert next_bound(Method("bands", {"steps": STEPS, "closed": "high"}), 80.0) is not None


def test_a_quotient_that_is_a_bound_on_paper_is_on_it() -> None:
    """0.7/7 and 0.3/3 are a tenth on paper, and not as floats."""
    values = [0.7 / 7, 0.1, 0.3 / 3]
    for rule in ({"steps": [[0, 0], [0.1, 5]]}, {"steps": [[0, 5], [0.1, 0]], "closed": "high"}):
        assert scored("bands", values, **rule) == [5, 5, 5]


@pytest.mark.parametrize(("closed", "on_it"), [("low", 1.6), ("high", 0.0)])
def test_on_a_jump_the_later_score_counts_unless_the_bound_is_high(
    closed: str, on_it: float
) -> None:
    values = [-1.0, 79.0, 80.0, 90.0, 100.0, 120.0, NAN]
    found = scored("piecewise", values, knots=JUMP, closed=closed)
    np.testing.assert_allclose(found, [0, 0, on_it, 1.8, 2, 2, NAN])


def test_knots_may_rise_and_fall() -> None:
    found = scored("piecewise", [0.5, 0.9, 1.0, 1.2, 2.0], knots=[[0.8, 0], [1, 10], [1.2, 0]])
    np.testing.assert_allclose(found, [0, 5, 10, 0, 0], atol=1e-12)


def test_the_scores_of_a_rule_say_what_is_better() -> None:
    assert direction_of(Method("bands", {"steps": STEPS})) == "higher"
    assert direction_of(Method("bands", {"steps": [[0, 3], [5, 2], [10, 0]]})) == "lower"
    assert direction_of(Method("piecewise", {"knots": [[0, 0], [1, 9], [2, 0]]})) is None
    assert direction_of(Method("bands", {"steps": [[0, 3], [5, 2, "above"]]})) == "lower"
    by_class = {"by": "class", "steps": {"I": STEPS, "II": [[0, 0], [40, 5]]}}
    assert direction_of(Method("bands", by_class)) == "higher"


def test_goalposts_on_a_log_scale_are_those_of_the_human_development_index() -> None:
    """Income index of the technical note: (ln 10000 - ln 100) / (ln 75000 - ln 100) = 0.6956."""
    found = scored_log([50.0, 100.0, 10_000.0, 75_000.0, 90_000.0, 0.0])
    np.testing.assert_allclose(found, [0, 0, 69.564, 100, 100, 0], atol=1e-3)


def scored_log(values: list[float]) -> np.ndarray:
    return NORMALISE["goalposts"](np.array(values), "higher", low=100, high=75_000, scale="log")


@pytest.mark.parametrize("value", [5.0, 90.0])
def test_beyond_the_last_bound_that_is_closed_above_lies_a_value_of_the_band(value: float) -> None:
    """Of "above 80" 80 itself is none, and "up to 80" is entered at 80 from above."""
    rising = {"steps": [[0, 0], [80, 5]], "closed": "high"}
    falling = {"steps": [[0, 5], [80, 0]], "closed": "high"}
    rule = rising if value < 80 else falling
    bound = next_bound(Method("bands", rule), value)
    assert bound is not None
    assert bound.number == 80
    assert (bound.inside > 80) == (rule is rising)
    assert scored("bands", [bound.inside], **rule) == [5]


def test_what_may_fall_under_0_or_pass_100_is_no_share_of_points() -> None:
    for ends, share in (((0, 100), True), ((-0.5, 100), False), ((0, 101), False), ((1, 2), True)):
        low, high = ends
        assert gives_share(Method("minmax", {"low": low, "high": high})) == share
    assert not gives_share(Method("zscore", {}))
