"""Numbers are read as people write them, and an unclear one is never guessed."""

import math

import numpy as np
import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from kpi_lib.io.cells.coded import objects
from kpi_lib.io.cells.forms import forms_of
from kpi_lib.io.cells.marks import split_marks
from kpi_lib.io.cells.numbers import Column, Percent, _parse


def read(*cells: object) -> list[float]:
    numbers = Column(list(cells)).read()
    assert not numbers.faults
    return [float(value) for value in numbers.values]


def faults(*cells: object) -> dict[int, str]:
    return {at: " ".join(fault) for at, fault in Column(list(cells)).read().faults.items()}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("97,5", 97.5),
        ("97.5", 97.5),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u00a0234,5", 1234.5),
        ("1\u202f234.5", 1234.5),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("1234,567", 1234.567),
        ("0.123", 0.123),
        ("0,123", 0.123),
        ("-0,5", -0.5),
        ("−0.5", -0.5),
        (",5", 0.5),
        ("1,5E+06", 1_500_000),
        (" 12 ", 12),
        ("12.345", 12.345),
    ],
)
def test_a_clear_number_is_read_in_either_language(written: str, value: float) -> None:
    assert read(written) == [value]


def test_an_unclear_number_is_read_by_what_its_column_proves() -> None:
    assert read("1,234", "97,5") == [1.234, 97.5]
    assert read("1,234", "97.5") == [1234, 97.5]
    assert read("1.234", "97,5") == [1234, 97.5]
    assert read("1.234", "1.234.567") == [1234, 1234567]


def test_without_proof_a_point_is_the_decimal_mark_that_programs_write() -> None:
    assert read("1.234", "12.345") == [1.234, 12.345]
    assert read("1.234", "12.345", "20250") == [1.234, 12.345, 20250]


def test_a_lone_point_beside_whole_numbers_is_asked() -> None:
    assert list(faults("1.234", "12.345", "7")) == [0, 1]
    assert list(faults("1.234", 1100, 1250.5)) == [0]


def test_the_separator_of_the_file_and_closing_zeros_tell_groups_from_decimals() -> None:
    def of_semicolons(*cells: str, elsewhere: str = "") -> list[float]:
        numbers = Column(list(cells)).read(frozenset(elsewhere), suggested=",")
        return [math.nan if at in numbers.faults else v for at, v in enumerate(numbers.values)]

    assert of_semicolons("1.234", "987", "9.870") == [1234, 987, 9870]
    assert of_semicolons("2.310", "15", elsewhere=".") == [2.31, 15]
    for cells in (("1.234", "9.871"), ("1.234", "12345", "9.870"), ("1.230", "9,876", "5")):
        assert any(math.isnan(value) for value in of_semicolons(*cells))


def test_a_text_typed_in_a_workbook_suggests_no_decimal_mark() -> None:
    assert list(Column(["1.234"]).read(suggested="").faults) == [0]
    assert Column(["1.234"]).read(frozenset("."), suggested="").values.tolist() == [1.234]


def test_without_proof_a_comma_is_a_fault_that_says_both_readings() -> None:
    (fault,) = faults("1,234").values()
    assert "1234 or 1.234" in fault
    assert "Write 1234, or 1,2340" in fault


def test_a_column_that_uses_both_marks_leaves_its_unclear_numbers_at_fault() -> None:
    found = faults("97,5", "97.5", "1,234", "1.234")
    assert list(found) == [2, 3]
    assert "both" in found[2]
    assert list(faults("1.234", "1,234")) == [0, 1]


def test_a_point_is_not_taken_for_granted_where_other_columns_use_the_comma() -> None:
    assert list(Column(["1.234"]).read(elsewhere=frozenset(",")).faults) == [0]
    assert list(Column(["1.5"]).read(elsewhere=frozenset(",")).faults) == []


@pytest.mark.parametrize("text", ["-", "n/a", "N/A", "NA", "…", "không có", "Chưa có số liệu", ""])
def test_a_placeholder_is_a_missing_value_and_its_text_is_kept(text: str) -> None:
    numbers = Column([text, "1"]).read()
    assert math.isnan(numbers.values[0])
    assert numbers.printed == ({0: text} if text else {})
    assert not numbers.faults


@pytest.mark.parametrize(
    "text",
    ["abc", "12 người", "1.2.3", "1,23,456", "1.234.5", "<5", "#DIV/0!", "inf", "0x1F", "1 23"],
)
def test_text_where_a_number_belongs_is_a_fault(text: str) -> None:
    assert text in faults("1", text)[1]


def test_numeric_cells_are_taken_as_they_are() -> None:
    assert read(1.234, 5, np.float64(2.5), Percent(97.5)) == [1.234, 5, 2.5, 97.5]
    assert read(1.234, "97,5", 1) == [1.234, 97.5, 1]
    assert list(faults(True, 1)) == [0]
    assert list(faults(math.inf, 1)) == [0]
    assert list(Column(np.array([math.inf, 1.0])).read().faults) == [0]


def test_a_percent_sign_is_reported_beside_the_number() -> None:
    numbers = Column(["97,5 %", "3%", "4", Percent(5)]).read()
    assert numbers.values.tolist() == [97.5, 3, 4, 5]
    assert numbers.percent.tolist() == [True, True, False, True]


def test_the_rounding_of_a_number_follows_from_its_last_digit() -> None:
    numbers = Column(["97,5", "1.234", "12", 0.25, 3.0]).read()
    assert numbers.half_steps(np.arange(5)).tolist() == pytest.approx([0.05, 0.5, 0.5, 0.005, 0.5])


@given(
    st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=20),
    st.sampled_from(["vi", "en"]),
)
def test_numbers_printed_in_either_language_read_back(values: list, language: str) -> None:
    printed = [format_decimal(value, "#,##0.00", locale=language) for value in values]
    assert read(*printed) == [float(value) for value in values]


@given(st.lists(st.text("0123456789.,-+ %", max_size=12), min_size=1))
def test_a_number_is_the_same_among_many_as_on_its_own(texts: list[str]) -> None:
    forms = forms_of(objects(texts))
    for at in np.flatnonzero(forms.is_number).tolist():
        alone = _parse(texts[at])
        assert alone is not None
        assert forms.number[at] == float(alone.as_decimal)
        assert forms.percent[at] == alone.percent
        assert forms.mark[at] == (alone.mark or alone.proves)
        assert bool(forms.lone[at]) == bool(alone.as_grouped)
        if alone.as_grouped:
            assert forms.grouped[at] == float(alone.as_grouped)


@given(st.lists(st.text("0123456789.,% ep*()", max_size=10), min_size=1))
def test_a_flag_is_the_same_among_many_as_on_its_own(texts: list[str]) -> None:
    forms = forms_of(objects(texts), flagged=True)
    for at in np.flatnonzero(forms.flag != "").tolist():
        alone = split_marks(texts[at])
        reading = _parse(alone.text)
        assert reading is not None
        assert (forms.flag[at], forms.number[at]) == (alone.flag, float(reading.as_decimal))


def test_the_usual_forms_are_read_all_at_once() -> None:
    texts = ["5", "97,5", "97.5%", "1.234,5 %", "1,234.5", "1 234", "1.234.567", "1,234", "+3"]
    assert forms_of(objects(texts)).is_number.all()
