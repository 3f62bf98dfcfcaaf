"""The bundled Vietnamese framework is the working set, whole, in two languages, and says so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.locale.words import Text

OBJECTIVES = ["QL", "UM", "EN", "CO", "PS", "SE", "IC"]
SAME_IN_BOTH = {"%", "µg/m3"}
MARKS = re.compile(r"[đĐ\u0300-\u036f]")  # đ, and the marks of decomposed letters


@pytest.fixture(scope="module")
def framework() -> Framework:
    return load_framework("vn-smart-city@1.0")


@pytest.fixture(scope="module")
def working_set(shared: Path) -> pd.DataFrame:
    """Every cell as text, as it stands in the file; an empty cell is an empty text."""
    path = shared / "domain" / "vn_indicators.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False).set_index("code")


def texts(framework: Framework) -> Iterator[tuple[str, Text]]:
    """Give every text of the framework with the place where it stands."""
    assert framework.note is not None
    assert framework.issued is not None
    yield "title", framework.title
    yield "note", framework.note
    yield "issued", framework.issued.by
    for code, node in framework.nodes.items():
        yield code, node.title
        if isinstance(node, Indicator):
            assert node.definition is not None, code
            assert node.formula is not None, code
            assert node.agency is not None, code
            yield f"{code} definition", node.definition
            yield f"{code} unit", node.unit
            yield f"{code} numerator", node.formula.numerator
            yield f"{code} agency", node.agency
            if node.formula.denominator is not None:
                yield f"{code} denominator", node.formula.denominator
            if node.target_source is not None:
                yield f"{code} target_source", node.target_source


def test_seven_objectives_hold_nineteen_fields_and_fifty_eight_indicators(
    framework: Framework,
) -> None:
    fields = [field for objective in framework.groups for field in objective.groups]
    assert [objective.code for objective in framework.groups] == OBJECTIVES
    assert len(fields) == 19
    assert len(framework.indicators) == 58
    assert {framework.level(i.code) for i in framework.indicators} == {3}


def test_a_code_says_where_its_indicator_stands(framework: Framework) -> None:
    for indicator in framework.indicators:
        field, objective, _ = framework.ancestors(indicator.code)
        assert indicator.code.rsplit(".", 1)[0] == field
        assert field.split(".")[0] == objective


def test_the_indicators_are_those_of_the_working_set(
    framework: Framework, working_set: pd.DataFrame
) -> None:
    assert {i.code for i in framework.indicators} == set(working_set.index)
    for objective in framework.groups:
        ours = [i.code for i in framework.leaves(objective.code)]
        assert ours == list(working_set.index[working_set["objective"] == objective.code])


def test_every_indicator_says_what_the_working_set_says(
    framework: Framework, working_set: pd.DataFrame
) -> None:
    for indicator in framework.indicators:
        row = working_set.loc[indicator.code]
        formula, agency = indicator.formula, indicator.agency
        assert formula is not None
        assert agency is not None
        said = {
            "title": dict(indicator.title),
            "field": framework.node(framework.parents[indicator.code]).title["en"],
            "unit": indicator.unit["en"],
            "direction": indicator.direction,
            "goalposts": indicator.goalposts,
            "numerator": formula.numerator["en"],
            "denominator": formula.denominator["en"] if formula.denominator else "",
            "multiplier": formula.multiplier,
            "targets": dict(indicator.targets),
            "target_source": indicator.target_source["en"] if indicator.target_source else "",
            "agency": agency["vi"],
            "frequency": indicator.frequency,
        }
        assert said == {
            "title": {"vi": row["title_vi"], "en": row["title_en"]},
            "field": row["field"],
            "unit": row["unit"],
            "direction": row["direction"],
            "goalposts": (float(row["low"]), float(row["high"])),
            "numerator": row["numerator_en"],
            "denominator": row["denominator_en"],
            "multiplier": float(row["multiplier"]),
            "targets": {
                year: float(row[f"target_{year}"]) for year in (2025, 2030) if row[f"target_{year}"]
            },
            "target_source": row["target_source"],
            "agency": row["agency_vi"],
            "frequency": row["frequency"],
        }, indicator.code


def test_every_reference_of_the_working_set_is_kept_as_a_standard_and_its_clause(
    framework: Framework, working_set: pd.DataFrame
) -> None:
    """The guideline values for PM2.5 are worded in full, so only their document is compared."""
    for indicator in framework.indicators:
        given = [r for r in working_set.loc[indicator.code, "references"].split("; ") if r]
        assert len(indicator.references) == len(given), indicator.code
        for reference, text in zip(indicator.references, given, strict=True):
            if text.startswith(("WHO", "QCVN")):
                assert reference.standard.split()[0] == text.split()[0]
                assert reference.code.endswith(text.split(": ")[-1])
            else:
                assert str(reference) == text


def test_every_text_is_in_vietnamese_and_in_english(framework: Framework) -> None:
    for place, text in texts(framework):
        assert text["vi"].strip(), place
        assert text["en"].strip(), place
        if text["vi"] == text["en"]:
            assert text["vi"] in SAME_IN_BOTH, place


def test_vietnamese_is_written_with_its_marks_and_english_without(framework: Framework) -> None:
    """Numbers of decisions (QĐ-TTg) are the same in both languages."""
    for place, text in texts(framework):
        assert unicodedata.is_normalized("NFC", text["vi"]), place
        if text["vi"] not in SAME_IN_BOTH:
            assert MARKS.search(unicodedata.normalize("NFD", text["vi"])), place
        english = text["en"].replace("QĐ-TTg", "")
        assert not MARKS.search(unicodedata.normalize("NFD", english)), place


def test_an_agency_has_one_name_in_english(framework: Framework) -> None:
    names = {(i.agency["vi"], i.agency["en"]) for i in framework.indicators if i.agency}
    assert len({vi for vi, _ in names}) == len({en for _, en in names}) == len(names)


def test_the_unit_says_what_the_formula_multiplies_by(framework: Framework) -> None:
    for indicator in framework.indicators:
        formula, unit = indicator.formula, indicator.unit
        assert formula is not None
        if formula.denominator is None:
            assert formula.multiplier == 1, indicator.code
        elif unit["en"] == "%":
            assert formula.multiplier == 100, indicator.code
        else:
            for language, separator in (("vi", "."), ("en", " ")):
                found = re.search(r"\d[\d. ]*", unit[language])
                assert found, indicator.code
                assert float(found[0].replace(separator, "")) == formula.multiplier


def test_a_share_of_a_whole_stays_within_0_and_100(framework: Framework) -> None:
    """Subscriptions per household are no such share: a household may hold several."""
    shares = {i.code: i.valid for i in framework.indicators if i.unit["en"] == "%"}
    assert shares.pop("IC.CON.2") == (0, None)
    assert set(shares.values()) == {(0, 100)}


def test_goalposts_are_possible_values(framework: Framework) -> None:
    for indicator in framework.indicators:
        assert indicator.goalposts is not None
        assert indicator.valid is not None
        low, high = indicator.valid
        assert low == 0
        assert indicator.goalposts[0] >= low
        assert high is None or indicator.goalposts[1] <= high, indicator.code


def test_every_target_names_the_decision_it_comes_from(framework: Framework) -> None:
    for indicator in framework.indicators:
        assert bool(indicator.targets) == (indicator.target_source is not None), indicator.code
        if indicator.target_source is not None:
            decisions = {
                language: re.findall(r"\d+/QĐ-TTg \(\d{4}\)", text)
                for language, text in indicator.target_source.items()
            }
            assert decisions["vi"] == decisions["en"] != [], indicator.code


def test_siblings_count_the_same(framework: Framework) -> None:
    assert {node.weight for node in framework.nodes.values()} == {1}


def test_the_set_never_claims_to_be_the_ministrys_list(framework: Framework) -> None:
    assert framework.note is not None
    assert framework.status == "working"
    assert {node.provenance for node in framework.nodes.values()} == {"adapted"}
    assert framework.title["vi"].startswith("Bộ chỉ số tạm thời")
    assert framework.title["en"].startswith("Working set")
    disclaimer = "không phải danh mục chỉ số do Bộ Thông tin và Truyền thông ban hành"
    assert disclaimer in framework.note["vi"]
    assert "not the list of indicators issued by the Ministry" in framework.note["en"]


def test_the_note_says_what_is_not_official_and_not_checked(framework: Framework) -> None:
    assert framework.note is not None
    for language, words in {
        "vi": ("3098/BTTTT-KHCN", "Ba lớp", "trọng số", "giá trị mốc", "ISO 37122", "mặc định"),
        "en": ("3098/BTTTT-KHCN", "three layers", "weights", "goalposts", "ISO 37122", "default"),
    }.items():
        for word in words:
            assert word in framework.note[language], word
