"""A file with one fault in each of its rows: a hundred are named, the others counted, at once."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest
from supplied import FRAMEWORK

from kpi_lib.analysis.robustness.measurement import standard_errors_in
from kpi_lib.errors import InputError, Problem, nearest
from kpi_lib.exchange.annex.numbering import read_code, read_number
from kpi_lib.exchange.files import examine
from kpi_lib.framework.load import load_framework
from kpi_lib.io.names import Names
from kpi_lib.observations.cities import slug

N = 3000
LONG = "city,period,indicator,value"
PLACES = "city,name_vi,valid_from,valid_to,merged_into"


def problems_of(path: Path, head: str, rows: list[str], name: str = "data.csv") -> list[Problem]:
    (path / "data.csv").write_text(f"{LONG}\nan0,2024,A.1,5\n", encoding="utf-8")
    (path / name).write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    _, problems = examine(path / "data.csv", FRAMEWORK)
    return problems


@pytest.mark.parametrize(
    ("head", "row", "name"),
    [
        (LONG, "An,x{i},A.1,5", "data.csv"),
        (LONG, "An,2024,Z{i},5", "data.csv"),
        (LONG, "c{i},2024,A.1,b{i}", "data.csv"),
        (LONG, "c{i},2024,A.1,10{i}", "data.csv"),
        (f"{LONG},unit", "c{i},2024,A.1,5,u{i}", "data.csv"),
        (f"{LONG},demo", "c{i},2024,A.1,5,perhaps {i}", "data.csv"),
        (f"{LONG},numerator,denominator", "c{i},2024,A.1,5,0,0", "data.csv"),
        (f"{LONG},numerator,denominator", "c{i},2024,A.1,not applicable,{i},3", "data.csv"),
        (PLACES, "an{i},An,y{i},,", "cities.csv"),
        (PLACES, "an{i},An,2025,2024,", "cities.csv"),
        (PLACES, "an{i},An,,,z{i}", "cities.csv"),
        ("city,population", "an{i},-{i}", "cities.csv"),
        ("city,population", "an{i},{i}%", "cities.csv"),
        ("city,period,criterion,met,document", "an0,p{i},D1,yes,d", "evidence.csv"),
        ("city,period,criterion,met,document", "an0,2024,D{i},perhaps,d", "evidence.csv"),
        ("city,period,criterion,met,document", "an0,2024,D{i},đạt,", "evidence.csv"),
        ("city,period,code,score,rank", "an0,p{i},A.1,5,1", "published.csv"),
        ("city,period,code,score,rank", "an0,2024,Z{i},5,1", "published.csv"),
        ("city,period,code,score,rank", "an0,2024,A.1,5,0.{i}", "published.csv"),
    ],
)
def test_of_many_rows_with_one_fault_the_first_are_named_and_the_others_counted(
    tmp_path: Path, head: str, row: str, name: str
) -> None:
    rows = [row.format(i=i) for i in range(1, N + 1)]
    problems = problems_of(tmp_path, head, rows, name)
    assert 1 <= len(problems) < 350
    faulty = {n for one in problems for n in (one.row, *one.also) if n and name in one.file}
    assert len(faulty) >= 100


@pytest.mark.parametrize("headers", [["A.1"] * N, ["city"] * N, [f"x{i}" for i in range(N)]])
def test_of_many_columns_with_one_fault_the_first_are_named(
    tmp_path: Path, headers: list[str]
) -> None:
    head = ",".join(["city", "period", *headers])
    problems = problems_of(tmp_path, head, ["An,2024" + ",5" * N])
    assert any(one.severity == "error" for one in problems)
    assert len(problems) < 250


def test_a_chain_of_ten_thousand_mergers_is_followed_once(tmp_path: Path) -> None:
    """Each followed to its end takes a hundred million steps."""
    rows = [f"an{i},An {i},,{2000 + i % 20},an{i + 1}" for i in range(10_000)]
    problems = problems_of(tmp_path, PLACES, [*rows, "an10000,An,,,"], "cities.csv")
    assert not [one for one in problems if one.severity == "error"]
    rows[-1] = "an9999,An,,2024,an9990"
    circle = problems_of(tmp_path, PLACES, rows, "cities.csv")
    assert sum("merged into itself" in one.message for one in circle) == 10


def test_a_name_of_many_places_is_told_apart_by_its_period(tmp_path: Path) -> None:
    rows = ["old,Hue,,2024,", "new,Hue,2025,,", "both,An,,,", "twin,An,,,"]
    problems_of(tmp_path, PLACES, rows, "cities.csv")
    data = [LONG, "Hue,2024,A.1,1", "Hue,2025,A.1,2", "Hue,2026,A.1,3"]
    (tmp_path / "data.csv").write_text("\n".join(data), encoding="utf-8")
    observations, _ = examine(tmp_path / "data.csv", FRAMEWORK)
    assert observations is not None
    found = zip(observations.table["city"], observations.table["period"], strict=True)
    assert sorted(found) == [("new", "2025"), ("new", "2026"), ("old", "2024")]
    (tmp_path / "data.csv").write_text("\n".join([*data, "An,2024,A.1,1"]), encoding="utf-8")
    _, problems = examine(tmp_path / "data.csv", FRAMEWORK)
    (error,) = [one for one in problems if one.severity == "error"]
    assert (error.row, "may mean any of the cities both, twin" in error.message) == (5, True)


def test_methods_that_nobody_has_are_looked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look goes through all installed packages."""
    looked = []
    known = importlib.metadata.entry_points

    def counted(**given: str) -> importlib.metadata.EntryPoints:
        looked.append(given)
        return known(**given)

    monkeypatch.setattr(importlib.metadata, "entry_points", counted)
    lines = [
        f"  - {{code: A.{i}, title: t, direction: higher, normalise: foo{i}}}" for i in range(1000)
    ]
    head = ["id: f", "version: '1'", "title: T", "groups:", "- code: A", "  title: A"]
    file = tmp_path / "many.yaml"
    file.write_text("\n".join([*head, "  indicators:", *lines]), encoding="utf-8")
    with pytest.raises(InputError, match="there are more faults of this kind") as found:
        load_framework(file)
    assert len(looked) < 5
    assert len(found.value.problems) < 1000


def test_parts_of_a_number_that_read_in_several_ways_are_not_tried_in_all_of_them() -> None:
    """Four ways each, twenty parts: a million million tries."""
    assert read_number("I." * 20 + "!!") == ()
    assert read_number("I." * 20 + "I") == ()
    assert [one.shown for one in read_number("II.1.a)")] == ["II.1.a"]
    assert read_code("A.\u00b2").ordinal == 0


def test_a_name_is_found_however_many_there_are() -> None:
    names = Names((f"Name {i % 10}", f"c{i}") for i in range(20_000))
    assert len(names.find("name 3")) == 2000
    assert names.find("C17") == ("c17",)
    assert nearest("A.100", [f"A.{i}" for i in range(5000)])[0] == "A.100"


def test_a_file_name_without_marks_is_that_of_slugify() -> None:
    assert slug("Th\u00e0nh ph\u1ed1 \u0110\u00e0 N\u1eb5ng") == "thanh-pho-da-nang"
    assert slug("S\u00e3o Paulo_2 \u2013 n\u00ba 1") == "sao-paulo-2-no-1"


def test_standard_errors_of_many_faults_and_of_many_columns_are_read_at_once(
    tmp_path: Path,
) -> None:
    file = tmp_path / "errors.csv"
    head = "city,period,indicator,standard_error"
    file.write_text("\n".join([head, *[f"An,2024,A.1,x{i}" for i in range(N)]]), encoding="utf-8")
    with pytest.raises(InputError, match=r"2,900 more cells cannot be read") as found:
        standard_errors_in(file)
    assert len(found.value.problems) == 101
    file.write_text(f"{head}\n" * N, encoding="utf-8")
    with pytest.raises(InputError, match="found 'standard_error'; expected a number") as found:
        standard_errors_in(file)
    assert len(found.value.problems) == 1
