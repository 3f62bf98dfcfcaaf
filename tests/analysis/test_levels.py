"""Maturity levels: met or not met, and without data or evidence not met."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import NAN, framework, group, indicator, observe, panel
from hypothesis import given
from hypothesis import strategies as st

import kpi_lib as kpi
from kpi_lib.analysis.levels import MET, NO_EVIDENCE, NOT_MET, Assessment, assess
from kpi_lib.framework.schemes import (
    Criterion,
    Level,
    Rule,
    Scheme,
    bundled_schemes,
    load_scheme,
    scheme_of,
    schemes_for,
)

CODES = [f"I{i}" for i in range(6)]
TITLE = {"vi": "t", "en": "t"}


def on(code: str, at_least: float = 50.0, kind: Any = "basic") -> Criterion:
    """A condition on an indicator; the criterion has the code of the indicator, with a C."""
    return Criterion(f"C{code[1:]}", TITLE, kind, indicator=code, at_least=at_least)


def proven(code: str, kind: Any = "basic") -> Criterion:
    return Criterion(code, TITLE, kind, evidence=TITLE)


def scheme(*levels: Level, **changes: Any) -> Scheme:
    return Scheme("test", "1", TITLE, levels, **changes)


def board(values: list[float], evidence: list[tuple[str, str, bool]] | None = None) -> Any:
    """One city in 2025 with some values, and entries (period, criterion, met)."""
    values = [*values, *[NAN] * (len(CODES) - len(values))]
    observations = observe(panel(np.array([[values]]), CODES, ["2025"]))
    entries = pd.DataFrame(
        [("c0", p, c, met, "a document" if met else "") for p, c, met in evidence or []],
        columns=["city", "period", "criterion", "met", "document"],
    ).astype({"met": bool})
    leaves = [indicator(code) for code in CODES]
    return kpi.score(replace(observations, evidence=entries), framework(group("G", *leaves)))


def found(tested: Scheme, *arguments: Any) -> Assessment:
    return assess(tested, board(*arguments), "c0")


def test_without_data_or_evidence_nothing_is_met() -> None:
    tested = scheme(Level("L1", TITLE, criteria=(on("I0"), proven("P"))))
    result = found(tested, [])
    assert list(result.criteria["status"]) == [NO_EVIDENCE, NO_EVIDENCE]
    assert result.reached is None
    assert result.shortest == ("C0", "P")


def test_a_value_at_the_bound_meets_it_and_one_below_lacks_the_rest() -> None:
    tested = scheme(Level("L1", TITLE, criteria=(on("I0"), on("I1"))))
    result = found(tested, [50, 49.5])
    assert list(result.criteria["status"]) == [MET, NOT_MET]
    assert result.criteria.loc["C1", "short"] == 0.5
    upper = Criterion("C", TITLE, indicator="I0", at_most=10)
    assert (upper.short(10), upper.short(12)) == (0, 2)
    assert on("I0", at_least=0.3).short(np.nextafter(0.3, 0)) == 0
    between = Criterion("C", TITLE, indicator="I0", at_least=5, at_most=10)
    assert [between.short(x) for x in (4, 7, 11)] == [1, 0, 1]


def test_an_entry_holds_until_a_later_one_and_not_before_its_period() -> None:
    tested = scheme(Level("L1", TITLE, criteria=(proven("P"),)))
    assert found(tested, [], [("2023", "P", True)]).reached is not None
    assert found(tested, [], [("2026", "P", True)]).reached is None
    revoked = found(tested, [], [("2023", "P", True), ("2025", "P", False)])
    assert revoked.criteria.loc["P", "status"] == NOT_MET
    assert revoked.criteria.loc["P", "since"] == "2025"


def test_evidence_of_another_city_does_not_count() -> None:
    tested = scheme(Level("L1", TITLE, criteria=(proven("P"),)))
    one = board([], [("2023", "P", True)])
    entries = one.observations.evidence.assign(city="c1")
    other = replace(one, observations=replace(one.observations, evidence=entries))
    assert assess(tested, other, "c0").reached is None


@pytest.mark.parametrize(("met", "reached"), [(44, False), (45, True), (60, True)])
def test_three_quarters_of_sixty_are_forty_five(met: int, reached: bool) -> None:
    criteria = tuple(proven(f"P{i:02}") for i in range(60))
    tested = scheme(Level("L1", TITLE, Rule(share=0.75), criteria), expects={"all": 60})
    result = found(tested, [], [("2025", f"P{i:02}", True) for i in range(met)])
    assert (result.reached is not None) is reached
    assert len(result.shortest) == max(0, 45 - met)


def test_all_basic_and_some_chosen_criteria() -> None:
    criteria = (on("I0"), on("I1"), *(on(f"I{i}", kind="chosen") for i in (2, 3, 4)))
    tested = scheme(Level("L1", TITLE, Rule(basic=1, chosen=2), criteria))
    assert found(tested, [60, 60, 60, 60]).reached is not None
    assert found(tested, [60, 40, 60, 60, 60]).shortest == ("C1",)
    assert found(tested, [60, 60, 60, 40, 45]).shortest == ("C4",)
    assert len(found(tested, [40, 60, 60]).shortest) == 2


def test_a_level_without_a_rule_takes_all_its_criteria() -> None:
    tested = scheme(Level("L1", TITLE, criteria=(on("I0"), on("I1", kind="chosen"))))
    assert found(tested, [60, 40]).reached is None
    assert found(tested, [60, 60]).reached is not None


def test_a_level_is_reached_only_with_all_below_it() -> None:
    tested = scheme(
        Level("L1", TITLE, criteria=(on("I0"),)),
        Level("L2", TITLE, criteria=(on("I1"),)),
        Level("L3", TITLE, criteria=(on("I2"),)),
    )
    skipped = found(tested, [40, 60, 60])
    assert skipped.reached is None
    assert skipped.next is not None
    assert skipped.next.code == "L1"
    middle = found(tested, [60, 40, 60])
    assert middle.reached is not None
    assert middle.reached.code == "L1"
    top = found(tested, [60, 60, 60])
    assert top.next is None
    assert top.shortest == ()


def test_the_nearest_criteria_come_first_in_the_shortest_list() -> None:
    """Near the bound, then far from it, then found not met, then without any evidence."""
    criteria = (proven("P"), proven("Q"), on("I0"), on("I1"), on("I2"))
    tested = scheme(Level("L1", TITLE, criteria=criteria))
    result = found(tested, [10, 49], [("2025", "Q", False)])
    assert result.shortest == ("C1", "C0", "Q", "P", "C2")


def test_while_criteria_are_to_be_entered_no_level_is_reached() -> None:
    tested = scheme(Level("L1", TITLE, criteria=(on("I0"),)), expects={"basic": 19})
    result = found(tested, [60])
    assert result.reached is None
    assert result.next is None
    assert result.criteria.loc["C0", "status"] == MET
    empty = scheme(Level("L1", TITLE, criteria=(on("I0"),)), Level("L2", TITLE))
    assert found(empty, [60]).reached is None


def test_entries_for_criteria_that_the_scheme_does_not_have_are_named() -> None:
    tested = scheme(Level("L1", TITLE, criteria=(proven("P"),)))
    assert found(tested, [], [("2025", "PP", True)]).unknown == ("PP",)


def test_a_condition_on_what_the_framework_does_not_have_is_told() -> None:
    tested = scheme(Level("L1", TITLE, criteria=(on("I00"),)))
    with pytest.raises(kpi.InputError, match=r"criterion C00 .* 'I00'.*Did you mean"):
        found(tested, [60])


@given(
    st.lists(st.integers(0, 100), min_size=6, max_size=6),
    st.sampled_from(
        [Rule(), Rule(share=0.5), Rule(basic=0.5, chosen=1), Rule(share=0.75, chosen=2)]
    ),
)
def test_meeting_the_shortest_list_reaches_the_level_and_one_less_does_not(
    values: list[int], rule: Rule
) -> None:
    kinds = ["basic", "chosen"] * 3
    criteria = tuple(on(code, kind=kind) for code, kind in zip(CODES, kinds, strict=True))
    tested = scheme(Level("L1", TITLE, rule, criteria))
    start: list[float] = [float(x) for x in values]
    result = found(tested, start)
    if result.reached is None:
        assert result.shortest
        for left_out in (None, *result.shortest):
            better = list(start)
            for code in result.shortest:
                if code != left_out:
                    better[int(code[1:])] = 50.0
            assert (found(tested, better).reached is not None) is (left_out is None)
    else:
        assert result.shortest == ()


# Scheme files


def test_the_bundled_structures_have_levels_and_no_invented_criteria() -> None:
    dispatch, circular = load_scheme("bxd-6862@2024"), load_scheme("tt-03-2026-bxd@2026")
    assert (len(dispatch.levels), dispatch.expects, dispatch.criteria) == (4, {"all": 60}, ())
    assert {level.rule for level in dispatch.levels} == {Rule(share=0.75)}
    assert (len(circular.levels), circular.expects, circular.criteria) == (3, {"basic": 19}, ())
    for structure in (dispatch, circular):
        assert structure.status == "structure"
        assert not structure.complete
        assert structure.note is not None
        assert "none is invented" in structure.note["en"].replace("\n", " ")


def test_no_city_reaches_a_level_of_a_structure() -> None:
    for name in ("bxd-6862@2024", "tt-03-2026-bxd@2026"):
        assert found(load_scheme(name), [100.0] * 6).reached is None


def test_the_filled_scheme_says_everywhere_that_it_is_a_demonstration() -> None:
    filled = load_scheme("demo-levels@1.0")
    assert filled.status == "demo"
    assert filled.complete
    for text in (filled.title, *(level.title for level in filled.levels)):
        assert all("DEMO" in said for said in text.values())
    working = kpi.load_framework("vn-smart-city@1.0")
    assert [scheme.name for scheme in schemes_for(working)] == ["demo-levels@1.0"]
    assert schemes_for(kpi.load_framework("dti@2020")) == ()


def test_a_city_that_is_starting_reaches_no_level_of_the_demonstration(
    demo: kpi.Scoreboard,
) -> None:
    filled = load_scheme("demo-levels@1.0", demo.framework)
    results = {city: assess(filled, demo, city) for city in demo.latest}
    assert results["cao-lanh"].reached is None
    assert (results["cao-lanh"].criteria.loc[["D1.1", "D1.5"], "status"] == NO_EVIDENCE).all()
    assert not any(result.unknown for result in results.values())
    assert len({result.reached and result.reached.code for result in results.values()}) > 1


def test_every_bundled_scheme_names_itself_as_its_file() -> None:
    for name in bundled_schemes():
        assert load_scheme(name).name == name


SCHEME = """\
id: mine
version: "1"
title: Mine
framework: vn-smart-city@1.0
levels:
  - code: L1
    title: One
    rule: {basic: 1, chosen: 2}
    criteria:
      - {code: A, title: a, indicator: PS.ONL.1, at_least: 80}
      - {code: B, title: b, kind: chosen, evidence: A decision}
      - {code: C, title: c, kind: chosen, indicator: UM.PLA.3, at_most: 10}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("PS.ONL.1", "PS.ONL.11", 10, "no indicator 'PS.ONL.11'. Did you mean 'PS.ONL.1'"),
        ("at_least: 80", "at_least: 120", 10, "no valid value of PS.ONL.1"),
        (", at_least: 80", "", 10, "needs at_least: or at_most:"),
        ("at_least: 80", "evidence: x", 10, "either indicator: with at_least: or at_most:, or"),
        ("evidence: A decision", "evidence: A decision, at_most: 3", 11, "needs an indicator:"),
        ("chosen: 2", "chosen: 3", 8, "3 chosen criteria are to be met, and it has 2"),
        ("code: B", "code: A", 11, "the code 'A' is there already, in line 10"),
        ("kind: chosen, evi", "kind: extra, evi", 11, "expected one of basic, chosen"),
        ("basic: 1, chosen", "most: 1, chosen", 8, "unknown key 'most'"),
        ("basic: 1, chosen", "share: 75, chosen", 8, "the share of all criteria, above 0"),
        ("vn-smart-city@1.0", "vn-smart-town@1.0", 4, "no framework 'vn-smart-town@1.0'"),
    ],
)
def test_a_fault_of_a_scheme_file_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SCHEME, encoding="utf-8")
    assert len(load_scheme(path).criteria) == 3
    path.write_text(SCHEME.replace(old, new), encoding="utf-8")
    with pytest.raises(kpi.InputError) as error:
        load_scheme(path)
    assert f"line {line}:" in str(error.value)
    assert said in str(error.value)


def test_a_framework_file_may_hold_its_levels_itself(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    text = """\
id: own
version: "1"
title: Own
levels:
  - code: L1
    title: One
    criteria: [{code: C1, title: c, indicator: A1, at_least: 50}]
groups:
  - code: A
    title: A
    indicators: [{code: A1, title: a, direction: higher, goalposts: [0, 100]}]
"""
    path.write_text(text, encoding="utf-8")
    own = scheme_of(kpi.load_framework(path))
    assert own is not None
    assert own.criteria[0].at_least == 50
    assert scheme_of(kpi.load_framework("dti@2020")) is None
    path.write_text(text.replace("indicator: A1", "indicator: A2"), encoding="utf-8")
    with pytest.raises(kpi.InputError, match="line 7: C1: there is no indicator 'A2'"):
        kpi.load_framework(path)


def test_a_scheme_that_does_not_exist_leads_to_those_that_do() -> None:
    with pytest.raises(kpi.InputError, match=r"Did you mean 'demo-levels@1\.0'"):
        load_scheme("demo-level@1.0")


# Evidence beside the data

MINI = """\
id: mini
version: "1"
title: Mini
groups:
  - code: A
    title: A
    indicators: [{code: A1, title: a, direction: higher, goalposts: [0, 100]}]
"""


def read(folder: Path, evidence: str) -> kpi.Observations:
    (folder / "mini.yaml").write_text(MINI, encoding="utf-8")
    (folder / "data.csv").write_text("city,period,A1\nX,2024,50\nY,2024,60\n", encoding="utf-8")
    cities = "city,name_vi\nX,Huế\nY,Đà Nẵng\n"
    (folder / "cities.csv").write_text(cities, encoding="utf-8")
    (folder / "evidence.csv").write_text(evidence, encoding="utf-8")
    return kpi.read_observations(folder, kpi.load_framework(folder / "mini.yaml"))


def test_evidence_beside_the_data_is_read_with_them(tmp_path: Path) -> None:
    text = "city,period,criterion,met,document\nHuế,2024,C1,đạt,Quyết định 1\nY,2024,C1,no,\n"
    observations = read(tmp_path, text)
    assert observations.evidence.to_dict("records") == [
        {"city": "X", "period": "2024", "criterion": "C1", "met": True, "document": "Quyết định 1"},
        {"city": "Y", "period": "2024", "criterion": "C1", "met": False, "document": ""},
    ]
    assert "evidence.csv" in {path.name for path in observations.files}
    assert len(observations.table) == 2
    changed = read(tmp_path, text.replace("Quyết định 1", "Quyết định 2"))
    assert changed.fingerprint != observations.fingerprint


@pytest.mark.parametrize(
    ("row", "where", "said"),
    [
        ("X,2024,C1,met,", "row 2, column 'document'", "C1 is met without a document"),
        ("X,2024,C1,maybe,d", "row 2, column 'met'", "found 'maybe'; expected met or not met"),
        ("Huee,2024,C1,met,d", "row 2, column 'city'", "Did you mean 'Huế'"),
        ("X,soon,C1,met,d", "row 2, column 'period'", "found 'soon'; expected a year"),
        ("X,,C1,met,d", "row 2, column 'period'", "the cell is empty"),
        ("X,2024,,met,d", "row 2, column 'criterion'", "the cell is empty"),
        ("X,2024,C1,met,d\nX,2024,C1,no,", "row 2", "X, 2024, C1 is given more than once"),
    ],
)
def test_a_fault_of_evidence_is_told_with_its_cell(
    tmp_path: Path, row: str, where: str, said: str
) -> None:
    with pytest.raises(kpi.InputError) as error:
        read(tmp_path, f"city,period,criterion,met,document\n{row}\n")
    assert where in str(error.value)
    assert said in str(error.value)
    assert len(error.value.problems) == 1


def test_evidence_needs_its_columns(tmp_path: Path) -> None:
    with pytest.raises(kpi.InputError, match="expected city, period, criterion, met, document"):
        read(tmp_path, "city,period,criterion,met\nX,2024,C1,no\n")


def test_a_column_that_is_absent_hides_no_other_fault_of_evidence(tmp_path: Path) -> None:
    with pytest.raises(kpi.InputError) as error:
        read(tmp_path, "city,period,criterion,met\nX,soon,C1,maybe\nZ,2024,C1,met\n")
    said = [str(problem) for problem in error.value.problems]
    assert len(said) == 4
    assert all(
        any(text in one for one in said) for text in ("expected city", "'soon'", "'maybe'", "'Z'")
    )
