"""A difference between two versions names every change once, by what kind it is."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations

import pytest
from builders import framework, group, indicator
from published import pci_framework

import kpi_lib as kpi
from kpi_lib.framework.diff import KINDS, Difference, diff, match
from kpi_lib.framework.model import Framework, Group, Indicator, Reference
from kpi_lib.framework.standards import clauses, cross_references
from kpi_lib.methods.registry import Method
from kpi_lib.report.sections.version_notes import as_html, as_text, summary

OLD = framework(
    group("A", indicator("A1"), indicator("A2"), indicator("A3")),
    group("B", indicator("B1")),
)


def kinds(difference: Difference) -> list[tuple[str, str, str]]:
    return [(change.kind, change.code, change.field) for change in difference.changes]


def with_a(*children: object) -> Framework:
    return framework(group("A", *children), group("B", indicator("B1")))  # type: ignore[arg-type]


def test_a_version_does_not_differ_from_itself() -> None:
    for name in kpi.bundled_frameworks():
        one = kpi.load_framework(name)
        assert diff(one, one).changes == ()
    assert summary(diff(OLD, OLD), "en") == "test@1 and test@1 do not differ."


def test_what_comes_and_goes_is_added_and_removed() -> None:
    new = with_a(indicator("A1"), indicator("A2"), indicator("A4"))
    assert kinds(diff(OLD, new)) == [("added", "A4", ""), ("removed", "A3", "")]
    assert diff(OLD, new).changes[0].after == {"group": "A", "weight": 1, "share": 1 / 3}


def test_was_names_the_code_in_the_version_before() -> None:
    new = with_a(indicator("A1"), indicator("A2"), indicator("A9", was="A3"))
    (change,) = [c for c in diff(OLD, new).changes if c.kind != "redefined"]
    assert (change.kind, change.before, change.after) == ("renamed", "A3", "A9")
    (back,) = [c for c in diff(new, OLD).changes if c.kind != "redefined"]
    assert (back.kind, back.before, back.after) == ("renamed", "A9", "A3")


def test_a_code_may_pass_to_another_indicator() -> None:
    """A2 becomes A3, and a new indicator takes its code."""
    new = with_a(indicator("A1"), indicator("A2"), indicator("A3", was="A2"))
    assert match(OLD, new) == {"TOTAL": "TOTAL", "A": "A", "A1": "A1", "A2": "A3", "B": "B"} | {
        "B1": "B1"
    }
    difference = diff(OLD, new)
    assert [c.code for c in difference.of("added")] == ["A2"]
    assert [c.code for c in difference.of("removed")] == ["A3"]
    assert [(c.was, c.code) for c in difference.of("renamed")] == [("A2", "A3")]


def test_an_indicator_in_another_group_has_moved() -> None:
    new = framework(
        group("A", indicator("A1"), indicator("A2")),
        group("B", indicator("B1"), indicator("A3")),
    )
    (change,) = diff(OLD, new).changes
    assert (change.kind, change.code, change.before, change.after) == ("moved", "A3", "A", "B")


def test_the_parts_of_a_renamed_group_have_not_moved() -> None:
    new = framework(
        group("Z", indicator("A1"), indicator("A2"), indicator("A3"), was="A"),
        group("B", indicator("B1")),
    )
    assert {change.kind for change in diff(OLD, new).changes} == {"renamed", "redefined"}
    assert {change.code for change in diff(OLD, new).changes} == {"Z"}


def test_weights_are_compared_as_they_are_written() -> None:
    new = with_a(indicator("A1", weight=2.0), indicator("A2"), indicator("A3"))
    (change,) = diff(OLD, new).changes
    assert (change.kind, change.code) == ("reweighted", "A1")
    assert change.before == {"weight": 1.0, "share": 1 / 3}
    assert change.after == {"weight": 2.0, "share": 1 / 2}


def test_weights_that_change_in_proportion_change_nothing() -> None:
    new = with_a(*(indicator(code, weight=5.0) for code in ("A1", "A2", "A3")))
    assert diff(OLD, new).changes == ()


def of_points(*children: Group | Indicator) -> Framework:
    return framework(group("A", *children), scale="points")


def test_points_are_weights_that_count_as_they_are() -> None:
    """10 of 20 points are the same share as 5 of 10, and not the same points."""
    old = of_points(indicator("A1", points=5.0), indicator("A2", points=5.0))
    new = of_points(indicator("A1", points=10.0), indicator("A2", points=10.0))
    assert kinds(diff(old, new)) == [("reweighted", "A1", ""), ("reweighted", "A2", "")]
    (change, _) = diff(old, new).changes
    assert (change.before, change.after) == (
        {"weight": 5, "share": 0.5},
        {"weight": 10, "share": 0.5},
    )
    assert "A1  A1: 5 (50% of its group) → 10 (50% of its group)" in as_text(diff(old, new), "en")


def test_points_are_named_where_an_indicator_comes_or_moves() -> None:
    old = framework(
        group("A", indicator("A1", points=5.0), indicator("A2", points=5.0)),
        group("B", indicator("B1", points=5.0)),
        scale="points",
    )
    extra = indicator("B2", bonus=3.0)
    new = framework(
        group("A", indicator("A1", points=5.0)),
        group("B", indicator("B1", points=5.0), indicator("A2", points=20.0), extra),
        scale="points",
    )
    difference = diff(old, new)
    assert kinds(difference) == [("added", "B2", ""), ("moved", "A2", ""), ("reweighted", "A2", "")]
    assert difference.changes[0].after == {"group": "B", "weight": 3, "share": 0}
    assert "B2  B2 – B B, points 3" in as_text(difference, "en")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("goalposts", (0.0, 90.0)),
        ("direction", "lower"),
        ("definition", {"vi": "Khác", "en": "Other"}),
        ("targets", {2030: 80.0}),
        ("normalise", Method("percentile")),
        ("references", (Reference("ISO 37122:2019", "5.1"),)),
        ("valid", (0.0, None)),
    ],
)
def test_a_definition_that_changed_is_named_by_its_field(field: str, value: object) -> None:
    new = with_a(indicator("A1", **{field: value}), indicator("A2"), indicator("A3"))
    assert kinds(diff(OLD, new)) == [("redefined", "A1", field)]
    text = as_text(diff(OLD, new), "en")
    assert text.startswith("test@1 → test@1: redefined: 1 indicator.")
    assert "A1  A1 – " in text


def test_settings_of_the_whole_are_compared() -> None:
    new = replace(OLD, normalise=Method("minmax", {"low": 0, "high": 100}), version="2")
    assert kinds(diff(OLD, new)) == [("settings", "", "normalise")]
    assert "normalisation: goalposts → minmax (low 0, high 100)" in as_text(diff(OLD, new), "en")


def test_what_is_scored_and_who_answers_for_it_are_compared() -> None:
    new = replace(
        OLD,
        unit_nouns={"vi": "tỉnh", "en": {"one": "province", "other": "provinces"}},
        report_titles={"vi": "Báo cáo tỉnh", "en": "Provincial report"},
        contact={"vi": "Sở", "en": "Department"},
        licence={"vi": "CC0", "en": "CC0"},
    )
    assert [field for _, _, field in kinds(diff(OLD, new))] == [
        *("report_title", "unit_noun", "contact", "licence")
    ]
    text = as_text(diff(OLD, new), "en")
    assert "what is scored: – → province, provinces" in text
    assert "title of reports: – → Provincial report" in text
    assert "tỉnh → –" in as_text(diff(new, OLD), "vi")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_whatever_two_frameworks_differ_in_has_a_name(lang: str) -> None:
    """Also what only tables of points have, and rules by kind of city."""
    names = ["provincial-scoring-demo@1.0", "u4ssc@2017", "dti@2020"]
    every = [kpi.load_framework(name) for name in names]
    for old, new in permutations(every, 2):
        assert as_text(diff(old, new), lang)
    classed = indicator("A1", targets_by={"I": {2030: 90.0}}, goalposts_by={"I": (0.0, 90.0)})
    said = as_text(diff(OLD, with_a(classed, indicator("A2"), indicator("A3"))), lang)
    assert "I: 0 … 90" in said
    assert "I: 2030: 90" in said


def test_an_extension_only_adds() -> None:
    base, example = (
        kpi.load_framework(name) for name in ("vn-smart-city@1.0", "hue-heritage-demo@1.0")
    )
    difference = diff(base, example)
    assert {change.kind for change in difference.changes} == {"settings", "added"}
    assert [change.code for change in difference.of("added")] == [
        code for code, node in example.nodes.items() if node.provenance == "local"
    ]


def test_the_versions_of_the_competitiveness_index_differ_as_published() -> None:
    """Policy bias left in 2009 and came back in 2013; eight of nine weights changed in 2009."""
    v2006, v2009, v2013 = (pci_framework(year) for year in ("2006", "2009", "2013"))
    first, second = diff(v2006, v2009), diff(v2009, v2013)
    assert [change.code for change in first.of("removed")] == ["bias"]
    assert [change.code for change in second.of("added")] == ["bias"]
    assert len(first.of("reweighted")) == 8
    assert {change.code for change in second.of("reweighted")} == {
        *("entry", "time", "proactive", "support"),
    }


def test_a_difference_is_told_in_both_languages_and_as_data() -> None:
    new = framework(
        group("A", indicator("A1", weight=2.0), indicator("X", was="A2"), indicator("N")),
        group("B", indicator("B1", title={"vi": "<b>Mới</b>", "en": "<b>New</b>"})),
    )
    difference = diff(OLD, new)
    assert {change.kind for change in difference.changes} == set(KINDS) - {"settings", "moved"}
    assert json.loads(json.dumps(difference.json()))["changes"][0]["kind"] == "added"
    vi, en = as_html(difference, "vi"), as_html(difference, "en")
    assert "&lt;b&gt;Mới" in vi.html
    assert "<b>" not in en.html
    for word in ("Bổ sung", "Bỏ ra", "Đổi mã", "Đổi trọng số", "Định nghĩa lại"):
        assert word in vi.html
    assert "Added" not in vi.html


def test_a_text_that_changed_in_one_language_is_shown_in_that_language() -> None:
    new = with_a(
        indicator("A1", title={"vi": "Khác", "en": "A1"}), indicator("A2"), indicator("A3")
    )
    assert "title: A1 → Khác" in as_text(diff(OLD, new), "en")


def test_a_standard_leads_to_the_indicators_in_order_of_its_clauses() -> None:
    vn = kpi.load_framework("vn-smart-city@1.0")
    found = clauses(vn, "ISO 37122")
    assert set(found["standard"]) == {"ISO 37122:2019"}
    assert len(found) == 31
    order = [tuple(map(int, clause.split("."))) for clause in found["clause"]]
    assert order == sorted(order)
    assert list(found.loc[found["clause"] == "10.2", "code"]) == ["PS.ONL.1", "PS.ONL.2"]


def test_an_unknown_standard_is_answered_with_those_that_there_are() -> None:
    vn = kpi.load_framework("vn-smart-city@1.0")
    with pytest.raises(kpi.InputError, match=r"Did you mean 'ISO 37122'.* ITU-T Y\.4903"):
        clauses(vn, "ISO 3712")
    with pytest.raises(kpi.InputError, match="It has no references"):
        clauses(OLD, "ISO 37122")


def test_the_working_set_meets_u4ssc_in_the_clauses_that_both_refer_to() -> None:
    vn, u4ssc = kpi.load_framework("vn-smart-city@1.0"), kpi.load_framework("u4ssc@2017")
    pairs = cross_references(vn, u4ssc)
    assert set(pairs["standard"]) == {"ITU-T Y.4903"}
    assert pairs["code_a"].nunique() == 23
    coverage = pairs[pairs["code_a"] == "IC.CON.3"]
    assert set(coverage["code_b"]) == {"EC.ICT.ICT.4C.3G", "EC.ICT.ICT.4C.4G"}
    back = cross_references(u4ssc, vn)
    assert set(zip(back["code_b"], back["code_a"], strict=True)) == set(
        zip(pairs["code_a"], pairs["code_b"], strict=True)
    )


def test_frameworks_without_a_shared_clause_pair_nothing() -> None:
    assert cross_references(OLD, OLD).empty
    edition = replace(OLD.indicators[0], references=(Reference("ISO 37122:2024", "5.1"),))
    named = replace(OLD.indicators[1], references=(Reference("ISO/IEC 30146:2019"),))
    ours = framework(group("A", edition, named))
    vn = kpi.load_framework("vn-smart-city@1.0")
    assert list(cross_references(ours, vn)["code_b"]) == ["IC.DAT.1"]
