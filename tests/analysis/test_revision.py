"""A change of a score splits into data, weights, membership and rules, and nothing is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import NAN, framework, group, indicator, observe
from hypothesis import given, settings
from hypothesis import strategies as st
from published import pci, pci_board

import kpi_lib as kpi
from kpi_lib.analysis.revision import PARTS, split
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

# Two published revisions: weights changed in both; policy bias left in 2009, came back in 2013.
REVISIONS = [("2006", 2008, "2009", 2009), ("2009", 2012, "2013", 2013)]


def test_the_lost_names_of_2013_come_back_where_the_years_beside_it_put_them(shared: Path) -> None:
    table = pci(shared)
    parts = [f"pci_{code}" for code in ("entry", "land", "time", "informal", "support", "legal")]
    now, before, after = (
        table[table["year"] == year].set_index("prov")[parts].sort_index()
        for year in (2013, 2012, 2014)
    )
    beside = (before + after) / 2
    scaled = (now - now.mean()) / now.std() - (beside - beside.mean()) / beside.std()
    shifted = []
    for by in range(1, 50):
        moved = now.set_axis(np.roll(now.index, by)).sort_index()
        apart = (moved - moved.mean()) / moved.std() - (beside - beside.mean()) / beside.std()
        shifted.append(float((apart**2).to_numpy().mean()))
    assert float((scaled**2).to_numpy().mean()) < 0.8 * min(shifted)


@pytest.mark.parametrize(("old", "year_old", "new", "year_new"), REVISIONS)
def test_three_parts_of_a_published_revision_sum_to_the_change_of_each_province(
    shared: Path, old: str, year_old: int, new: str, year_new: int
) -> None:
    table = pci(shared)
    result = split(pci_board(table, old, year_old), pci_board(table, new, year_new))
    both = result.dropna()
    assert len(both) == 63
    three = both[["data", "weights", "membership"]]
    assert (three.sum(axis=1) - both["change"]).abs().max() < 1e-9
    assert (both["rules"] == 0).all()
    assert (three.abs().mean() > 0.1).all()


@pytest.mark.parametrize(("old", "year_old", "new", "year_new"), REVISIONS)
def test_ranks_before_and_after_are_those_of_the_published_totals(
    shared: Path, old: str, year_old: int, new: str, year_new: int
) -> None:
    table = pci(shared)
    result = split(pci_board(table, old, year_old), pci_board(table, new, year_new))
    for side, year in (("before", year_old), ("after", year_new)):
        published = table[table["year"] == year].set_index("prov")["pci_weighted"]
        ours = result[f"score_{side}"].dropna()
        assert (ours - published).abs().max() < 1e-4
        ranks = published.rank(ascending=False, method="min").astype(int).sort_index()
        assert (result[f"rank_{side}"].dropna().astype(int) == ranks).all()
    if year_new == 2009:  # as printed in the report of 2009
        top = result.sort_values("rank_after").index[:3]
        assert list(top) == ["Da Nang", "Binh Duong", "Lao Cai"]


def board(framework: Framework, values: list[list[float]], period: str = "2025") -> Scoreboard:
    codes = [each.code for each in framework.indicators]
    units = [(f"c{i}", period) for i in range(len(values))]
    index = pd.MultiIndex.from_tuples(units, names=["city", "period"])
    table = pd.DataFrame(values, index=index, columns=codes, dtype=float)
    return score(observe(table), framework)


def pair(weight: float = 1.0, **changes: object) -> Framework:
    return framework(group("A", indicator("A1", weight=weight, **changes), indicator("A2")))


def test_a_change_of_data_and_weights_splits_as_by_hand() -> None:
    """From ½·40 + ½·80 = 60 to ¾·60 + ¼·80 = 65.

    Data first give ½·20 = 10, then weights −5; weights first give −10, then data ¾·20 = 15.
    """
    result = split(board(pair(), [[40, 80]]), board(pair(3.0), [[60, 80]])).loc["c0"]
    assert result["change"] == pytest.approx(5)
    assert result["data"] == pytest.approx(12.5)
    assert result["weights"] == pytest.approx(-7.5)
    assert result["membership"] == pytest.approx(0)
    assert result["rules"] == 0


def test_an_indicator_that_is_added_brings_membership_only() -> None:
    new = framework(group("A", indicator("A1"), indicator("A2"), indicator("A3")))
    result = split(board(pair(), [[40, 80]]), board(new, [[40, 80, 90]])).loc["c0"]
    assert result["membership"] == pytest.approx(70 - 60)
    assert abs(result["data"]) + abs(result["weights"]) + abs(result["rules"]) < 1e-12


def test_goalposts_and_methods_are_rules() -> None:
    old = pair()
    result = split(board(old, [[40, 80]]), board(pair(goalposts=(0.0, 80.0)), [[40, 80]])).loc["c0"]
    assert result["rules"] == pytest.approx(5)
    assert result["change"] == pytest.approx(5)
    weakest = replace(old, aggregate=kpi.Method("min"))
    assert split(board(old, [[40, 80]]), board(weakest, [[40, 80]])).at["c0", "rules"] == -20


def test_an_indicator_in_another_unit_is_another_indicator() -> None:
    days = pair(unit={"vi": "giờ", "en": "hours"})
    result = split(board(pair(), [[40, 80]]), board(days, [[80, 80]])).loc["c0"]
    assert result["membership"] == pytest.approx(20)
    assert result["data"] == pytest.approx(0)


def test_a_renamed_indicator_is_the_same_one() -> None:
    renamed = framework(group("B", indicator("B1", was="A1"), indicator("A2"), was="A"))
    result = split(board(pair(), [[40, 80]]), board(renamed, [[60, 80]])).loc["c0"]
    assert result["data"] == pytest.approx(10)
    assert result["change"] == pytest.approx(10)


def test_a_city_without_a_score_on_one_side_has_no_split() -> None:
    before, after = board(pair(), [[40, 80]]), board(pair(), [[40, 80], [10, 20]])
    result = split(before, after)
    assert list(result.index) == ["c0", "c1"]
    assert result.loc["c1", ["score_before", "change", *PARTS]].isna().all()
    assert result.at["c1", "rank_after"] == 2


def test_steps_that_have_no_score_are_walked_round() -> None:
    """A2 is not observed any more when it stops to count.

    New data under the old, strict rules have no score, so the rules change before the data.
    """
    strict = replace(pair(), missing=kpi.Missing("strict", 0))
    result = split(board(strict, [[40, 80]]), board(pair(), [[50, NAN]])).loc["c0"]
    assert result["change"] == pytest.approx(-10)
    assert result["data"] == pytest.approx(-10)
    assert result[list(PARTS)].sum() == pytest.approx(result["change"])


def test_rules_that_cannot_take_the_other_data_are_walked_round_too() -> None:
    """A geometric mean takes no 0: the data change before the method does."""
    balanced = replace(pair(), aggregate=kpi.Method("geometric"))
    result = split(board(pair(), [[0, 100]]), board(balanced, [[100, 100]])).loc["c0"]
    assert result["data"] == pytest.approx(50)
    assert result["rules"] == pytest.approx(0)


def test_a_period_that_is_not_there_is_refused() -> None:
    one = board(pair(), [[40, 80]])
    with pytest.raises(kpi.InputError, match=r"no period '2024'; there are: 2025\."):
        split(one, one, 2024)


# Any two versions: which indicators there are, their weights, goalposts and places.
CODES = ["I0", "I1", "I2", "I3"]


@st.composite
def versions(draw: st.DrawFn) -> Framework:
    held = draw(st.lists(st.sampled_from(CODES), min_size=1, unique=True))
    groups: dict[str, list[Indicator]] = {}
    for code in held:
        own = indicator(
            code,
            weight=float(draw(st.integers(1, 4))),
            goalposts=(0.0, float(draw(st.sampled_from([50, 100])))),
        )
        groups.setdefault(draw(st.sampled_from("AB")), []).append(own)
    weights = {code: float(draw(st.integers(1, 3))) for code in groups}
    made = [group(code, *groups[code], weight=weights[code]) for code in sorted(groups)]
    policy = draw(st.sampled_from(["rescale", "zero", "worst", "strict"]))
    return framework(*made, policy=policy, min_coverage=draw(st.sampled_from([0.0, 0.5])))


@st.composite
def boards(draw: st.DrawFn) -> Scoreboard:
    version = draw(versions())
    cell = st.integers(0, 100) | st.just(NAN)
    row = st.lists(cell, min_size=len(version.indicators), max_size=len(version.indicators))
    return board(version, draw(st.lists(row, min_size=3, max_size=3)))


@given(boards(), boards())
@settings(deadline=None, max_examples=30)
def test_the_parts_sum_to_the_change_and_turn_with_time(old: Scoreboard, new: Scoreboard) -> None:
    forth, back = split(old, new), split(new, old)
    whole = forth.dropna(subset=list(PARTS))
    np.testing.assert_allclose(whole[list(PARTS)].sum(axis=1), whole["change"], atol=1e-9)
    np.testing.assert_allclose(back[list(PARTS)], -forth[list(PARTS)], atol=1e-9)


@given(boards())
@settings(deadline=None, max_examples=20)
def test_nothing_changes_from_a_version_to_itself(one: Scoreboard) -> None:
    scored = split(one, one).dropna(subset=["change"])
    assert (scored[["change", *PARTS]].abs() < 1e-12).all(axis=None)


@given(boards(), st.integers(2, 9))
@settings(deadline=None, max_examples=20)
def test_weights_in_another_scale_change_nothing(one: Scoreboard, times: int) -> None:
    weights = {code: weight * times for code, weight in one.weights.items()}
    other = score(one.observations, one.framework, weights=weights)
    scored = split(one, other).dropna(subset=["change"])
    assert (scored[["change", *PARTS]].abs() < 1e-9).all(axis=None)
