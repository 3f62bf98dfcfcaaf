"""One number that several agencies give, or the cities file, is one number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from supplied import both

from kpi_lib.exchange.files import examine
from kpi_lib.exchange.form import layout
from kpi_lib.exchange.form.write import write_form
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Formula, Framework, Group, Indicator
from kpi_lib.observations.agreement import quantity


def rate(code: str, agency: str, below: dict[str, str]) -> Indicator:
    return Indicator(
        code,
        both(f"Rate {code}"),
        formula=Formula(both(f"cases {code}"), below),
        agency=both(agency),
    )


PEOPLE = {"vi": "Tổng số dân", "en": "Inhabitants"}
THOUSANDS = {"vi": "Tổng số dân (nghìn người)", "en": "Inhabitants (thousand persons)"}
PUPILS = {"vi": "Tổng số dân (6–14 tuổi)", "en": "Inhabitants (aged 6-14)"}
FRAMEWORK = Framework(
    "small",
    "1",
    both("Small"),
    (
        Group(
            "G",
            both("G"),
            indicators=(
                rate("H.1", "Health", PEOPLE),
                rate("T.1", "Transport", THOUSANDS),
                rate("E.1", "Education", PUPILS),
                Indicator("S.1", PEOPLE, unit={"vi": "triệu người", "en": "million"}),
                Indicator("M.1", both("Output"), denominator="gdp"),
            ),
        ),
    ),
)


def form(path: Path, **denominators: Any) -> Path:
    """Fill in a form of three agencies with the same ten cases each."""
    made = write_form(FRAMEWORK, path / "form.xlsx", "en", cities=["hue"], periods=["2025"])
    book = openpyxl.load_workbook(path / "form.xlsx")
    for sheet in made:
        page = book[sheet.sheet]
        head = next(row for row in page.iter_rows() if row[0].value == "Code")
        at = {
            key: next(c.column for c in head if c.value == layout.PART[key].heading("en"))
            for key in ("numerator", "denominator")
        }
        for code, below in denominators.items():
            row = next((c.row for c in page["A"] if c.value == code.replace("_", ".")), None)
            if row is not None:
                page.cell(row, at["numerator"]).value = 10
                page.cell(row, at["denominator"]).value = below
    book.save(path / "form.xlsx")
    return path / "form.xlsx"


def said(path: Path, cities: Path | None = None) -> list[tuple[str, str]]:
    _, problems = examine(path, FRAMEWORK, cities)
    return [
        (one.severity, str(one).removeprefix(f"{path}, "))
        for one in problems
        if "nothing is entered" not in one.message
    ]


def test_a_number_that_two_agencies_give_differently_is_an_error_with_both_cells(
    tmp_path: Path,
) -> None:
    ((severity, text),) = said(form(tmp_path, H_1=1_200_000, T_1=1150))
    assert severity == "error"
    assert text.startswith("sheet 'Transport', cell G9: found 1,150 × 1,000 for T.1, but sheet")
    assert "sheet 'Health', cell G9 gives 1,200,000 for H.1" in text
    assert "one number of hue in 2025" in text


@pytest.mark.parametrize(("people", "thousands"), [(1_150_000, 1150), (1_150_300, 1150)])
def test_the_same_number_in_thousands_is_no_error(
    people: int, thousands: int, tmp_path: Path
) -> None:
    found = said(form(tmp_path, H_1=people, T_1=thousands))
    assert [severity for severity, _ in found] == ([] if people == 1_150_000 else ["warning"])


def test_another_part_of_the_people_is_another_number(tmp_path: Path) -> None:
    assert said(form(tmp_path, H_1=1_200_000, E_1=150_000)) == []


def test_a_number_that_differs_from_the_cities_file_is_an_error(tmp_path: Path) -> None:
    cities = tmp_path / "cities.csv"
    cities.write_text("city,population\nhue,1200000\n", encoding="utf-8")
    assert said(form(tmp_path, H_1=1_200_000), cities) == []
    (tmp_path / "form.xlsx").unlink()
    ((severity, text),) = said(form(tmp_path, T_1=1150), cities)
    assert severity == "error"
    assert "cell G9: found 1,150 × 1,000 for T.1; the cities file gives 1,200,000" in text
    (tmp_path / "form.xlsx").unlink()
    ((severity, text),) = said(form(tmp_path, H_1=1_210_000), cities)
    assert (severity, "Check that both are right" in text) == ("warning", True)


def test_a_cities_file_of_an_earlier_year_agrees_with_the_years_around_it(tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_text("city,population,gdp\nhue,1100,70\n", encoding="utf-8")
    data = tmp_path / "d.csv"
    rows = [f"hue,{2020 + at},H.1,1,{1000 + 100 * at}" for at in range(4)]
    data.write_text("\n".join(["city,period,indicator,numerator,denominator", *rows]))
    assert said(data) == []
    data.write_text("city,period,indicator,value\nhue,2025,M.1,5\nhue,2025,gdp,700\n")
    ((severity, text),) = said(data)
    assert (severity, "found 700 for gdp; the cities file gives 70 (gdp of hue)" in text) == (
        *("error", True),
    )


def test_two_indicators_of_one_title_may_be_two_numbers(tmp_path: Path) -> None:
    leaves = "\n".join(
        f"      - {{code: {code}, title: Online files, unit: '%', direction: higher, "
        "goalposts: [0, 100]}"
        for code in ("A1", "A2")
    )
    head = "id: t\nversion: '1'\ntitle: T\ngroups:\n  - code: A\n    title: A\n    indicators:\n"
    (tmp_path / "f.yaml").write_text(head + leaves, encoding="utf-8")
    (tmp_path / "d.csv").write_text("city,period,A1,A2\nhue,2025,60,40\n", encoding="utf-8")
    observations, problems = examine(tmp_path / "d.csv", load_framework(tmp_path / "f.yaml"))
    assert observations is not None
    (warning,) = [one for one in problems if "both are one number" in one.message]
    assert warning.severity == "warning"
    assert "titles that tell them apart" in warning.fix


def test_names_of_quantities_are_read_with_their_scale() -> None:
    assert quantity(THOUSANDS).names == quantity(PEOPLE).names
    assert (quantity(PEOPLE).scale, quantity(THOUSANDS).scale) == (1, 1000)
    assert quantity(PEOPLE, {"vi": "triệu người", "en": "million"}).scale == 1_000_000
    assert quantity(THOUSANDS).column == "population"
    assert quantity(PUPILS).column == ""
    assert not quantity(PUPILS).names & quantity(PEOPLE).names
