"""A change of rules alone is rules, of data alone data, of points or weights alone weights."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from builders import framework, group, indicator
from scored_points import NOT_APPLICABLE, scored_by

from kpi_lib.analysis.revision import PARTS, split
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.scoreboard import Scoreboard

VALUES = {"A1": [30, 60, 90], "A2": [45, NOT_APPLICABLE, 70], "A3": [20, 50, 80], "A4": [3, 1, 0]}
OTHERS = {"A1": [50, 10, 95], "A2": [85, NOT_APPLICABLE, 20], "A3": [60, 30, 90], "A4": [1, 2, 5]}


def version(
    bound: float = 40.0, times: float = 1.0, scale: str = "points", decimals: int | None = None
) -> Framework:
    """Bands, lines and goalposts that turn at a bound, each of so many points or such a weight."""
    unit = {"points": 10.0, "hundred": 100.0, "one": 1.0}[scale]
    most = unit * times if scale == "points" else unit
    bands = Method("bands", {"steps": ((0, 0.1 * most), (bound, 0.4 * most), (80, most))})
    lines = Method("piecewise", {"knots": ((0, 0.1 * most), (bound, 0.4 * most), (80, most))})

    def own(code: str, share: float, **changes: object) -> Indicator:
        counts = {"points": 10 * share} if scale == "points" else {"weight": share}
        return indicator(code, **counts, **changes)

    leaves = [
        own("A1", times, normalise=bands),
        own("A2", times, normalise=lines),
        own("A3", 1.0, goalposts=(0.0, 60 + bound)),
    ]
    if scale == "points":
        leaves.append(indicator("A4", deduction=2.0 * times, goalposts=(0.0, bound)))
    return framework(group("A", *leaves), scale=scale, decimals=decimals, policy="zero")


def parts(before: Scoreboard, after: Scoreboard) -> pd.DataFrame:
    """The parts that are not 0, of a change that is not."""
    found = split(before, after)
    assert found["change"].abs().max() > 0.01
    assert found[list(PARTS)].sum(axis=1).to_list() == pytest.approx(found["change"].to_list())
    shares = found[list(PARTS)]
    return shares.loc[:, (shares.abs() > 1e-9).any()]


def board(frame: Framework, values: dict[str, list[float]] = VALUES) -> Scoreboard:
    codes = [leaf.code for leaf in frame.indicators]
    return scored_by(frame, {code: values[code] for code in codes})


FORMS = [(scale, decimals) for scale in ("points", "hundred", "one") for decimals in (None, 2)]


@pytest.mark.parametrize(("scale", "decimals"), FORMS)
def test_what_alone_changes_takes_the_whole_change(scale: str, decimals: int | None) -> None:
    old = version(scale=scale, decimals=decimals)
    for changed, part in (
        (board(version(bound=55.0, scale=scale, decimals=decimals)), "rules"),
        (board(old, OTHERS), "data"),
        (board(version(times=3.0, scale=scale, decimals=decimals)), "weights"),
    ):
        assert parts(board(old), changed).columns.to_list() == [part]


def test_caps_what_does_not_apply_and_missing_values_are_rules() -> None:
    old = version()
    (whole,) = old.groups
    capped = replace(old, groups=(replace(whole, cap=12.0),))
    for new in (capped, replace(old, not_applicable="full"), replace(old, decimals=0)):
        assert parts(board(old), board(new)).columns.to_list() == ["rules"]


def test_more_points_for_what_a_rule_gives_as_before_is_no_gain() -> None:
    """4 of 10 points, then 4 of 20. Weights first: +4, −4; rules first: −2, +2."""
    rule = Method("bands", {"steps": ((0, 0), (40, 4), (80, 10))})
    old, new = (
        framework(
            group("A", indicator("A1", points=most, normalise=rule)), scale="points", policy="zero"
        )
        for most in (10.0, 20.0)
    )
    found = split(*(scored_by(frame, {"A1": [60]}) for frame in (old, new))).loc["c0"]
    assert found["change"] == 0
    assert (found["weights"], found["rules"]) == (3, -3)
