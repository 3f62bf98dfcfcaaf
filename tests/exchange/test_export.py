"""A framework goes to a workbook and to YAML and comes back the same, to the last letter."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpi_lib as kpi
from kpi_lib.errors import InputError, plain
from kpi_lib.exchange.book import layout
from kpi_lib.exchange.book.write import export_framework
from kpi_lib.exchange.imports import Head, Imported, import_framework
from kpi_lib.framework.dump import file_data, yaml_text
from kpi_lib.framework.model import Framework
from kpi_lib.io.cells.marks import is_no_answer

Edit = Callable[[Any], None]

SMALL: dict[str, Any] = {
    "id": "small",
    "version": "1.0",
    "title": {"vi": "Bộ nhỏ", "en": "Small"},
    "groups": [
        {"code": "A", "title": "A", "indicators": [{"code": "A.1", "title": "One", "unit": "%"}]},
        {"code": "B", "title": "B", "indicators": [{"code": "B.1", "title": "Two"}]},
    ],
}


def loaded(data: dict[str, Any], folder: Path, name: str = "before.yaml") -> Framework:
    path = folder / name
    path.write_text(yaml_text(data), encoding="utf-8")
    return kpi.load_framework(path)


def round_trip(framework: Framework, folder: Path) -> Framework:
    export_framework(framework, folder / "book.xlsx", force=True)
    return import_framework(folder / "book.xlsx", folder / "after.yaml", force=True).framework


def edited(data: dict[str, Any], edit: Edit, folder: Path, **options: bool) -> Imported:
    export_framework(loaded(data, folder), folder / "book.xlsx")
    book = openpyxl.load_workbook(folder / "book.xlsx")
    edit(book)
    book.save(folder / "book.xlsx")
    return import_framework(folder / "book.xlsx", folder / "after.yaml", **options)


def complaints(edit: Edit, folder: Path, data: dict[str, Any] = SMALL) -> list[str]:
    with pytest.raises(InputError) as caught:
        edited(data, edit, folder)
    assert not (folder / "after.yaml").exists()
    return [str(each).removeprefix(f"{folder / 'book.xlsx'}, ") for each in caught.value.problems]


def column(sheet: Any, heading: str) -> int:
    """Find the column whose heading begins so, in English."""
    found = [c.column for c in sheet[1] if f"/ {heading}" in (c.value or "")]
    return int(found[0])


@pytest.mark.parametrize("name", kpi.bundled_frameworks())
def test_a_bundled_framework_comes_back_from_excel_without_a_difference(
    name: str, tmp_path: Path
) -> None:
    framework = kpi.load_framework(name)
    again = round_trip(framework, tmp_path)
    assert again == framework
    assert again.fingerprint == framework.fingerprint


@pytest.mark.parametrize("name", kpi.bundled_frameworks())
def test_a_bundled_framework_written_as_yaml_is_the_same(name: str, tmp_path: Path) -> None:
    framework = kpi.load_framework(name)
    assert loaded(file_data(framework), tmp_path).fingerprint == framework.fingerprint


def test_an_extension_stays_an_extension(tmp_path: Path) -> None:
    loaded(SMALL, tmp_path, "national.yaml")
    own = [
        {"code": "A", "indicators": [{"code": "A.2", "title": "Own"}]},
        {
            "code": "C",
            "title": "C",
            "weight": 0.5,
            "indicators": [{"code": "C.1", "title": "Own too", "agency": "City"}],
        },
    ]
    city = {"id": "city", "version": "1", "title": "City", "extends": "national.yaml"}
    framework = loaded({**city, "groups": own}, tmp_path)
    again = round_trip(framework, tmp_path)
    assert again == framework
    assert again.extends == "national.yaml"
    local = {code for code, node in again.nodes.items() if node.provenance == "local"}
    assert local == {"A.2", "C", "C.1"}


def test_an_extension_of_a_table_of_points_gives_points_of_its_own(tmp_path: Path) -> None:
    loaded(POINTS, tmp_path, "national.yaml")
    rule = {"method": "piecewise", "knots": [[0, 0], [5, 5]]}
    leaf = {"code": "A.3", "title": "Own", "points": 5, "normalise": rule}
    own = [{"code": "A", "indicators": [leaf]}]
    city = {"id": "city", "version": "1", "title": "City", "extends": "national.yaml"}
    framework = loaded({**city, "groups": own}, tmp_path)
    again = round_trip(framework, tmp_path)
    assert again == framework
    assert again.maxima["TOTAL"] == 15


def test_maturity_levels_come_back(tmp_path: Path) -> None:
    levels = [
        {
            "code": "L1",
            "title": "One",
            "rule": {"share": 0.75},
            "criteria": [
                {"code": "C1", "title": {"vi": "a", "en": "b"}, "indicator": "A.1", "at_least": 50},
                {"code": "C2", "title": "Two", "kind": "chosen", "evidence": "A decision"},
            ],
        },
        {"code": "L2", "title": "Two", "rule": {"basic": 1.0, "chosen": 2}},
    ]
    framework = loaded({**SMALL, "levels": levels}, tmp_path)
    again = round_trip(framework, tmp_path)
    assert again.levels == framework.levels
    assert again.fingerprint == framework.fingerprint


# What a YAML file and a cell can both hold: no control characters but line breaks.
texts = st.one_of(
    st.text(
        st.characters(
            exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufffe\uffff"
        ),
        min_size=1,
    ),
    st.sampled_from(["=1+1", "two\nlines", " apart ", "1.0", "no", "2025-01-01", "_x0041_", "[a]"]),
).filter(lambda text: text.strip() != "")
bilingual = st.one_of(texts, st.fixed_dictionaries({"vi": texts, "en": texts}))
finite = st.floats(-1e9, 1e9) | st.integers(-1000, 1000)
positive = st.floats(1e-9, 1e6) | st.integers(1, 10)
rising = st.tuples(finite, finite).filter(lambda pair: pair[0] < pair[1]).map(list)
names = st.lists(texts, max_size=3, unique_by=lambda text: text.casefold())
references = st.lists(
    st.fixed_dictionaries({"standard": texts}, optional={"code": texts}), min_size=1, max_size=3
)
forms = st.one_of(
    st.fixed_dictionaries({"one": texts, "other": texts}),
    st.fixed_dictionaries({"other": texts}, optional={"few": texts, "many": texts}),
)
nouns = st.one_of(texts, st.fixed_dictionaries({"vi": texts | forms, "en": forms}))
heads = st.fixed_dictionaries(
    {"note": bilingual},
    optional={
        "report_title": bilingual,
        "unit_noun": nouns,
        "contact": bilingual,
        "licence": bilingual,
    },
)
indicators = st.fixed_dictionaries(
    {"title": bilingual},
    optional={
        "definition": bilingual,
        "unit": bilingual,
        "direction": st.sampled_from(["higher", "lower"]),
        "weight": positive,
        "normalise": st.fixed_dictionaries(
            {"method": st.just("minmax")}, optional={"low": finite, "high": finite}
        ),
        "denominator": texts,
        "formula": st.fixed_dictionaries(
            {"numerator": bilingual}, optional={"denominator": bilingual, "multiplier": positive}
        ),
        "valid": st.one_of(
            rising, finite.map(lambda low: [low, None]), finite.map(lambda high: [None, high])
        ),
        "target_source": bilingual,
        "references": references,
        "agency": bilingual,
        "frequency": st.sampled_from(["monthly", "quarterly", "annual"]),
        "provenance": st.sampled_from(["official", "adapted", "local"]),
        "was": st.just("OLD"),
    },
)


@given(leaf=indicators, aliases=names, head=heads)
@settings(max_examples=60)
def test_whatever_a_framework_says_comes_back(
    leaf: dict[str, Any], aliases: list[str], head: dict[str, Any]
) -> None:
    own = {"code": "X.1", **leaf, **({"aliases": aliases} if aliases else {})}
    group = {"code": "X", "title": "X", "indicators": [own]}
    data = {"id": "any", "version": "1.0", "title": "Any", **head, "groups": [group]}
    with tempfile.TemporaryDirectory() as name:
        framework = loaded(data, Path(name))
        again = round_trip(framework, Path(name))
        assert again == framework
        assert again.fingerprint == framework.fingerprint


scores = st.floats(0, 10) | st.integers(0, 10)
rows_of_numbers = st.lists(finite, min_size=1, max_size=5, unique=True).map(sorted)
pairs = rows_of_numbers.flatmap(
    lambda numbers: st.tuples(*(scores for _ in numbers)).map(
        lambda given: [list(pair) for pair in zip(numbers, given, strict=True)]
    )
)
steps = pairs.flatmap(
    lambda table: st.tuples(*(st.sampled_from([[], ["above"]]) for _ in table)).map(
        lambda said: [[*pair, *above] for pair, above in zip(table, said, strict=True)]
    )
)
words = st.dictionaries(
    texts.filter(lambda text: not is_no_answer(text)), scores, min_size=1, max_size=4
).filter(lambda own: len(set(map(plain, own))) == len(own))
KINDS = st.sets(texts.filter(lambda text: text != "by"), min_size=1, max_size=3)
closed = {"closed": st.sampled_from(["low", "high"])}


def by_kind(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return KINDS.flatmap(lambda kinds: st.fixed_dictionaries(dict.fromkeys(kinds, strategy)))


def rule(name: str, key: str, table: st.SearchStrategy[Any], **also: Any) -> Any:
    method = {"method": st.just(name)}
    plain = st.fixed_dictionaries({**method, key: table}, optional=also)
    named = {**method, "by": st.just("class"), key: by_kind(table)}
    return st.one_of(plain, st.fixed_dictionaries(named, optional=also))


years = st.dictionaries(st.integers(2020, 2035).map(str), finite, min_size=1, max_size=3)
ruled = st.fixed_dictionaries(
    {
        "normalise": st.one_of(
            rule("bands", "steps", steps, **closed),
            rule("piecewise", "knots", pairs, **closed),
            rule("categories", "scores", words),
        )
    },
    optional={
        "not_applicable": st.sampled_from(["exclude", "full", "zero"]),
        "targets": st.one_of(years, by_kind(years).map(lambda own: {"by": "class", **own})),
    },
)
measured = st.fixed_dictionaries(
    {
        "direction": st.just("higher"),
        "goalposts": st.one_of(rising, by_kind(rising).map(lambda own: {"by": "class", **own})),
    },
    optional={"targets": by_kind(years).map(lambda own: {"by": "class", **own})},
)
of_points = st.fixed_dictionaries(
    {},
    optional={
        "shown": st.sampled_from(["points", "percent", "unit"]),
        "decimals": st.integers(0, 6),
        "not_applicable": st.sampled_from(["exclude", "full", "zero"]),
        "classes": st.lists(
            st.tuples(st.integers(0, 100).map(lambda whole: whole / 100), texts),
            min_size=1,
            max_size=4,
            unique_by=lambda c: c[0],
        ).map(lambda classes: [list(one) for one in sorted(classes, reverse=True)]),
    },
)


@given(
    leaf=st.one_of(ruled, measured),
    kind=st.sampled_from(["points", "bonus"]),
    head=of_points,
    limits=st.fixed_dictionaries(
        {},
        optional={"cap": st.floats(1, 99), "floor": st.floats(-9, 0), "aggregate": st.just("max")},
    ),
)
@settings(max_examples=100)
def test_whatever_is_said_of_points_and_rules_comes_back(
    leaf: dict[str, Any], kind: str, head: dict[str, Any], limits: dict[str, Any]
) -> None:
    off = {"method": "piecewise", "knots": [[0, 0], [4, -1]]}
    if "cap" in limits:
        limits["cap"] = round(limits["cap"], head.get("decimals", 6))
    group = {
        "code": "X",
        "title": "X",
        **limits,
        "indicators": [
            {"code": "X.1", "title": "Ruled", kind: 10, **leaf},
            {"code": "X.2", "title": "Late", "deduction": 1, "normalise": off},
        ],
    }
    data = {"id": "any", "version": "1.0", "title": "Any", "scale": "points", **head}
    with tempfile.TemporaryDirectory() as name:
        framework = loaded({**data, "groups": [group]}, Path(name))
        again = round_trip(framework, Path(name))
        assert again == framework
        assert again.fingerprint == framework.fingerprint


def test_treatment_and_a_rule_for_all_indicators_come_back(tmp_path: Path) -> None:
    treatment = [
        {"method": "impute", "by": "median"},
        {"method": "winsorise", "skewness": 2.5, "indicators": ["A.1"]},
    ]
    rule_for_all = {"method": "bands", "steps": [[0, 0], [50, 40], [80, 100]], "closed": "high"}
    framework = loaded({**SMALL, "treatment": treatment, "normalise": rule_for_all}, tmp_path)
    again = round_trip(framework, tmp_path)
    assert again == framework


POINTS: dict[str, Any] = {
    **SMALL,
    "scale": "points",
    "groups": [
        {
            "code": "A",
            "title": "A",
            "indicators": [
                {
                    "code": "A.1",
                    "title": "Lights",
                    "unit": "%",
                    "points": 5,
                    "normalise": {
                        "method": "bands",
                        "by": "class",
                        "steps": {"I": [[0, 0], [90, 5]], "II": [[0, 0], [80, 5]]},
                    },
                    "targets": {"by": "class", "I": {"2030": 95}, "II": {"2030": 85}},
                },
                {
                    "code": "A.2",
                    "title": "Centre",
                    "points": 5,
                    "normalise": {"method": "categories", "scores": {"có": 5, "không": 0}},
                },
            ],
        }
    ],
}


def test_a_rule_stands_in_lines_that_people_read_and_edit(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book[layout.INDICATORS]
        rule, target = column(sheet, "Scoring rule"), column(sheet, "Target 2030")
        assert sheet.cell(2, rule).value == "I | 0 → 0\nI | 90 → 5\nII | 0 → 0\nII | 80 → 5"
        assert sheet.cell(2, target).value == "I | 95\nII | 85"
        assert sheet.cell(3, rule).value == "có → 5\nkhông → 0"
        sheet.cell(2, rule).value = "I | 0 => 0\nI | > 92,5 → 5\nII | 0 → 0\nII | 80 → 4"
        sheet.cell(3, rule).value = "có → 5\nmột phần → 2,5\nkhông → 0"
        sheet.cell(3, column(sheet, "Points")).value = 6
        head = book[layout.FRAMEWORK]
        rows = {str(head.cell(row, 1).value): row for row in range(1, head.max_row + 1)}
        classes = next(row for label, row in rows.items() if "/ Classes" in label)
        head.cell(classes, 2).value = "9 → Tốt\n0 → Yếu"

    framework = edited(POINTS, edit, tmp_path).framework
    lights, centre = framework.indicators
    assert lights.normalise is not None
    assert centre.normalise is not None
    assert lights.normalise.parameters["steps"] == {
        "I": ((0, 0), (92.5, 5, "above")),
        "II": ((0, 0), (80, 4)),
    }
    assert centre.normalise.parameters["scores"] == {"có": 5, "một phần": 2.5, "không": 0}
    assert centre.points == 6
    assert framework.classes == ((9, "Tốt"), (0, "Yếu"))


def test_what_people_edit_in_the_workbook_is_in_the_framework(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book[layout.INDICATORS]
        sheet.cell(2, column(sheet, "Weight")).value = 2
        sheet.cell(2, column(sheet, "Target 2030")).value = "95,5"
        sheet.cell(2, column(sheet, "Direction")).value = "higher"
        sheet.cell(3, column(sheet, "In group")).value = "A"
        book[layout.GROUPS].delete_rows(3)

    framework = edited(SMALL, edit, tmp_path).framework
    one = framework.indicators[0]
    assert (one.weight, one.targets, one.direction) == (2, {2030: 95.5}, "higher")
    assert framework.parents["B.1"] == "A"


def test_the_command_may_set_what_the_sheet_says_of_the_whole(tmp_path: Path) -> None:
    export_framework(loaded(SMALL, tmp_path), tmp_path / "book.xlsx")
    head = Head(id="other", version="2", title="Other")
    framework = import_framework(tmp_path / "book.xlsx", tmp_path / "b.yaml", head).framework
    assert (framework.name, framework.title["en"]) == ("other@2", "Other")


def set_cell(sheet_name: str, heading: str, row: int, value: Any) -> Edit:
    def edit(book: Any) -> None:
        sheet = book[sheet_name]
        sheet.cell(row, column(sheet, heading)).value = value

    return edit


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            set_cell(layout.INDICATORS, "Weight", 2, "heavy"),
            "sheet 'Chỉ số (Indicators)', row 2, column 'Trọng số / Weight': found 'heavy'; "
            "expected a number.",
        ),
        (
            set_cell(layout.INDICATORS, "In group", 3, "C"),
            "row 3, column 'Thuộc nhóm / In group': 'C' is no code of a group.",
        ),
        (
            set_cell(layout.INDICATORS, "Code", 3, "A.1"),
            "row 3, column 'Mã / Code': the code 'A.1' is there already, in row 2.",
        ),
        (
            set_cell(layout.INDICATORS, "Direction", 2, "hihger"),
            "row 2, column 'Chiều tốt lên / Direction': A.1 › direction: found 'hihger'; expected "
            "one of higher, lower. Did you mean 'higher'?",
        ),
        (
            set_cell(layout.INDICATORS, "Low goalpost", 2, 0),
            "row 2, column 'Mốc thấp / Low goalpost': one goalpost is there without the other.",
        ),
        (
            set_cell(layout.INDICATORS, "Normalise", 2, "minmax: 0 to 9"),
            "row 2, column 'Cách chuẩn hóa / Normalise': found 'minmax: 0 to 9'; expected a method",
        ),
        (
            set_cell(layout.GROUPS, "In group", 2, "A"),
            "sheet 'Nhóm (Groups)', row 2, column 'Thuộc nhóm / In group': the group is inside "
            "itself",
        ),
        (
            set_cell(layout.INDICATORS, "Target 2030", 1, "Mục tiêu sau này"),
            "sheet 'Chỉ số (Indicators)', row 1, column 'Mục tiêu sau này': the column is none",
        ),
    ],
)
def test_a_mistake_in_the_workbook_is_named_by_its_cell(
    edit: Edit, said: str, tmp_path: Path
) -> None:
    assert any(said in line for line in complaints(edit, tmp_path))


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            set_cell(layout.INDICATORS, "Scoring rule", 2, "I | 90: 5"),
            "row 2, column 'Cách cho điểm (giá trị → điểm, mỗi dòng một mức) / Scoring rule (value "
            "→ score, one a line)': found 'I | 90: 5'; expected a value and its score.",
        ),
        (
            set_cell(layout.INDICATORS, "Scoring rule", 2, "I | 0 → 0\nI | 90 → 7"),
            "row 2, column 'Cách cho điểm (giá trị → điểm, mỗi dòng một mức) / Scoring rule (value "
            "→ score, one a line)': A.1: steps give the score 7",
        ),
        (
            set_cell(layout.INDICATORS, "Scoring rule", 3, "có → 5\ncó → 0"),
            "the word 'có' is there twice. Keep one of them.",
        ),
        (
            set_cell(layout.INDICATORS, "Scoring rule", 2, "I | 0 → 0\n80 → 5"),
            "some lines of the rule name a kind of city and others none.",
        ),
        (
            set_cell(layout.INDICATORS, "Rules differ by", 2, None),
            "rules of several kinds of city need the column that tells the kinds",
        ),
        (
            set_cell(layout.INDICATORS, "Normalise", 3, "goalposts"),
            "a rule is there, and no method that takes one.",
        ),
        (
            set_cell(layout.INDICATORS, "Points", 3, None),
            "A.2: found none; expected one of points:",
        ),
    ],
)
def test_a_mistake_in_a_rule_is_named_by_its_cell(edit: Edit, said: str, tmp_path: Path) -> None:
    lines = complaints(edit, tmp_path, POINTS)
    assert any(said in line for line in lines), lines


def test_a_sheet_that_is_missing_is_named(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        del book[layout.GROUPS]

    assert "there is no sheet 'Nhóm (Groups)'" in complaints(edit, tmp_path)[0]


def test_official_needs_document_date_and_issuer_in_the_workbook_too(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book[layout.FRAMEWORK]
        rows = {sheet.cell(row, 1).value: row for row in range(1, sheet.max_row + 1)}
        sheet.cell(rows["Tình trạng / Status"], 2).value = "official"

    (said,) = complaints(edit, tmp_path)
    assert "add --by, --document, --date" in said


def test_a_change_of_what_is_extended_is_refused_with_its_row(tmp_path: Path) -> None:
    loaded(SMALL, tmp_path, "national.yaml")
    own = [{"code": "A", "indicators": [{"code": "A.2", "title": "Own"}]}]
    city = {"id": "city", "version": "1", "title": "C", "extends": "national.yaml", "groups": own}
    edit = set_cell(layout.INDICATORS, "Code", 2, "A.1")
    (said,) = complaints(edit, tmp_path, city)
    assert "row 2" in said
    assert "the indicator A.1 belongs to small@1.0" in said


def test_a_text_that_no_cell_can_hold_is_named(tmp_path: Path) -> None:
    long = loaded({**SMALL, "note": "x" * 40_000}, tmp_path)
    with pytest.raises(InputError, match="a cell holds 32,767"):
        export_framework(long, tmp_path / "book.xlsx")
    with pytest.raises(InputError, match=r"'bell [^']*' has a control character \(U\+0007\)"):
        loaded({**SMALL, "note": "bell \x07"}, tmp_path, "odd.yaml")
    assert not (tmp_path / "book.xlsx").exists()


def test_a_text_that_looks_like_a_formula_is_no_formula(tmp_path: Path) -> None:
    export_framework(loaded({**SMALL, "note": "=HYPERLINK(A1)"}, tmp_path), tmp_path / "b.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "b.xlsx")[layout.FRAMEWORK]["B"]
    assert [c.data_type for c in cells if c.value == "=HYPERLINK(A1)"] == ["s"]


def test_choices_are_offered_in_the_workbook(tmp_path: Path) -> None:
    export_framework(loaded(SMALL, tmp_path), tmp_path / "b.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")[layout.INDICATORS]
    sources = {one.formula1 for one in sheet.data_validations.dataValidation}
    assert {'"higher,lower"', '"monthly,quarterly,annual"'} <= sources
    assert sheet.freeze_panes == "B2"
