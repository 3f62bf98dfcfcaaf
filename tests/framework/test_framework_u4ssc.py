"""The U4SSC framework holds the 91 published KPIs, and finds every name its reports print."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from builders import ROOT

import kpi_lib as kpi
from kpi_lib.errors import plain

STANDARD = "ITU-T Y.4903"

# Figures about a city that U4SSC does not count among its indicators.
PROFILE = {
    *("Inhabitants", "Area", "Households", "City GDP", "Household Income", "Inflation Rate"),
    "age-dependency ratio",
}


@pytest.fixture(scope="module")
def framework() -> kpi.Framework:
    return kpi.load_framework("u4ssc@2017")


@pytest.fixture(scope="module")
def results() -> list[dict[str, str]]:
    return read(ROOT / "data/raw/u4ssc/city_results.csv")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbers(indicator: kpi.Indicator) -> list[str]:
    return [r.code for r in indicator.references if r.standard == STANDARD]


def names(indicator: kpi.Indicator) -> set[str]:
    return {plain(n) for n in (indicator.code, *indicator.title.values(), *indicator.aliases)}


def test_all_91_kpis_are_there_as_an_indicator_or_as_a_group_of_its_data_points(
    framework: kpi.Framework,
) -> None:
    printed = {number for i in framework.indicators for number in numbers(i)}
    assert len(printed) == 91
    for number in printed:
        leaves = framework.leaves(number.replace(": ", "."))
        assert {n for leaf in leaves for n in numbers(leaf)} == {number}
    assert all(len(numbers(i)) == 1 for i in framework.indicators)


def test_numbers_names_directions_and_formulas_are_those_of_the_published_list(
    framework: kpi.Framework, shared: Path
) -> None:
    published = {row["kpi_no"]: row for row in read(shared / "data/u4ssc/kpis.csv")}
    assert {number for i in framework.indicators for number in numbers(i)} == set(published)
    way = {"higher_better": "higher", "lower_better": "lower", "neutral": None}
    for number, row in published.items():
        node = framework.node(number.replace(": ", "."))
        assert node.title["en"] == row["name"]
        leaves = framework.leaves(node.code)
        if row["direction"]:
            assert {leaf.direction for leaf in leaves} == {way[row["direction"]]}
        formulas = [leaf.formula for leaf in leaves if leaf.formula]
        assert not formulas or (row["numerator"] and row["denominator"]), number
        goals = {code for leaf in leaves for code in map(str, leaf.references) if "SDG" in code}
        assert goals == {f"SDG {goal}" for goal in row["sdg"].split("; ") if goal}


def test_an_indicator_stands_where_its_number_says(framework: kpi.Framework) -> None:
    moved = {
        i.code
        for i in framework.indicators
        if ".".join(i.code.split(".")[:3]) not in framework.ancestors(i.code)
    }
    # U4SSC numbers health records with education and prints them under health.
    assert moved == {"SC.EH.ED.5A"}
    assert "SC.EH.H" in framework.ancestors("SC.EH.ED.5A")


def test_every_printed_name_leads_to_one_indicator(
    framework: kpi.Framework, results: list[dict[str, str]]
) -> None:
    for name in {row["kpi"] for row in results} - PROFILE:
        found = [i.code for i in framework.indicators if plain(name) in names(i)]
        assert len(found) == 1, (name, found)


def test_a_profile_figure_is_no_indicator(framework: kpi.Framework) -> None:
    assert not {plain(name) for name in PROFILE} & {
        n for i in framework.indicators for n in names(i)
    }


def test_a_printed_kpi_number_leads_to_the_indicator_of_the_printed_name(
    framework: kpi.Framework, results: list[dict[str, str]]
) -> None:
    checked = 0
    for row in results:
        if number := re.search(r"KPI number ([^;]+)", row["note"]):
            leaves = framework.leaves(number[1].replace(": ", "."))
            assert [i for i in leaves if plain(row["kpi"]) in names(i)], row["kpi"]
            checked += 1
    assert checked == 8


def test_no_name_is_shared(framework: kpi.Framework) -> None:
    shared = Counter(name for i in framework.indicators for name in names(i))
    assert [name for name, count in shared.items() if count > 1] == []


def test_only_natural_ranges_are_goalposts(framework: kpi.Framework) -> None:
    """A share of a whole, a yes or no, and the Gini coefficient; all of it is possible."""
    for indicator in framework.indicators:
        if indicator.goalposts is None:
            continue
        natural = (0, 100) if indicator.unit["en"] == "%" else (0, 1)
        assert indicator.goalposts == natural, indicator.code
        assert indicator.valid in {natural, (0, None)}, indicator.code
    above = {i.code for i in framework.indicators if i.goalposts and i.valid == (0, None)}
    assert above == {"EC.ICT.ICT.2C", "SC.EH.ED.2C", "SC.SH.SI.5A"}
    units = {i.unit["en"] for i in framework.indicators if i.goalposts == (0, 1)}
    assert units == {"yes = 1, no = 0", ""}


@pytest.mark.parametrize("group", ["EC.I.T.4A", "EN.EN.WA.1C"])
def test_parts_of_a_whole_that_pull_different_ways_are_not_scored(
    framework: kpi.Framework, group: str
) -> None:
    for indicator in framework.leaves(group):
        assert indicator.direction is None
        assert indicator.goalposts is None


def test_a_ratio_that_is_best_at_one_has_no_direction(framework: kpi.Framework) -> None:
    equity = framework.node("SC.SH.SI.1C")
    assert isinstance(equity, kpi.Indicator)
    assert equity.direction is None
    assert equity.goalposts is None


def test_nothing_pretends_to_be_the_publishers_own(framework: kpi.Framework) -> None:
    assert framework.status == "working"
    assert {i.provenance for i in framework.indicators} == {"adapted"}
    assert framework.note is not None
    assert "not published by ITU" in framework.note["en"]
    assert not any(i.targets for i in framework.indicators)


def test_titles_are_in_both_languages(framework: kpi.Framework) -> None:
    for node in framework.nodes.values():
        assert node.title["vi"] != node.title["en"], node.code
