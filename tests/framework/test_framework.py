"""A framework file is loaded as it stands, or refused with what is wrong and where."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpi_lib as kpi
from kpi_lib.locale.catalogue import messages_in

MINI = """\
id: mini
version: "1"
title: {vi: Nhỏ, en: Small}
groups:
  - code: A
    title: Services
    weight: 2
    indicators:
      - code: A1
        title: {vi: Dịch vụ, en: Services online}
        unit: "%"
        direction: higher
        goalposts: [0, 100]
        valid: [0, 100]
        targets: {2025: 80}
        aliases: [online]
      - code: A2
        title: Days for a permit
        direction: lower
        goalposts: [0, 60]
"""


def load(folder: Path, text: str | bytes) -> kpi.Framework:
    path = folder / "mini.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return kpi.load_framework(path)


def refused(folder: Path, text: str | bytes) -> list[str]:
    """Give the messages, without the file's name, which each of them must bear."""
    with pytest.raises(kpi.InputError) as caught:
        load(folder, text)
    messages = [str(problem) for problem in caught.value.problems]
    start = f"{folder / 'mini.yaml'}: "
    assert all(message.startswith(start) for message in messages)
    return [message.removeprefix(start) for message in messages]


def changed(old: str, new: str) -> str:
    assert MINI.count(old) == 1, old
    return MINI.replace(old, new)


def test_a_file_says_what_is_measured_in_which_order_and_how_much_it_counts(tmp_path: Path) -> None:
    framework = load(tmp_path, MINI)
    assert framework.name == "mini@1"
    assert framework.status == "working"
    assert [i.code for i in framework.indicators] == ["A1", "A2"]
    assert framework.parents == {"A": "TOTAL", "A1": "A", "A2": "A"}
    assert framework.ancestors("A1") == ("A", "TOTAL")
    first, second = framework.indicators
    assert first.title == {"vi": "Dịch vụ", "en": "Services online"}
    assert second.title == {"vi": "Days for a permit", "en": "Days for a permit"}
    assert first.weight == 1
    assert first.target("2020") == (2025, 80)
    assert first.target("2031") == (2025, 80)


SCORED = """\
title: {vi: Nhỏ, en: Small}
report_title: {vi: Báo cáo tỉnh, en: Report of a province}
unit_noun: {vi: tỉnh, en: {one: province, other: provinces}}
contact: {vi: Sở Khoa học và Công nghệ, en: Department of Science and Technology}
licence: CC BY 4.0
"""


def test_a_file_says_what_is_scored_and_what_its_reports_are_called(tmp_path: Path) -> None:
    framework = load(tmp_path, changed("title: {vi: Nhỏ, en: Small}\n", SCORED))
    assert [framework.unit_noun("en", n) for n in (1, 2)] == ["province", "provinces"]
    assert [framework.unit_noun("vi", n) for n in (1, 2)] == ["tỉnh", "tỉnh"]
    assert framework.unit_noun("en", first=True) == "Province"
    assert framework.unit_noun("vi", 63, first=True) == "Tỉnh"
    assert framework.report_title("vi") == "Báo cáo tỉnh"
    assert framework.contact is not None
    assert framework.contact["en"] == "Department of Science and Technology"
    assert framework.licence == {"vi": "CC BY 4.0", "en": "CC BY 4.0"}


def test_a_file_that_says_nothing_scores_cities(tmp_path: Path) -> None:
    framework = load(tmp_path, MINI)
    assert [framework.unit_noun("en", n) for n in (1, 12)] == ["city", "cities"]
    assert framework.unit_noun("vi", 12, first=True) == "Đô thị"
    assert framework.report_title("en") == "Smart city report"
    assert framework.report_title("vi") == "Báo cáo đô thị thông minh"


def test_a_noun_has_the_plural_forms_of_its_language(tmp_path: Path) -> None:
    forms = "unit_noun: {ru: {one: город, few: города, many: городов, other: города}}\n"
    framework = load(tmp_path, MINI + forms)
    assert [framework.unit_noun("ru", n) for n in (1, 2, 5, 21)] == [
        *("город", "города", "городов", "город")
    ]
    assert framework.unit_noun("en", 5) == "городов", "a language that is not there: the first"


@pytest.mark.parametrize("name", ["pci@2013", "dti@2020"])
def test_an_index_of_provinces_speaks_of_provinces(name: str) -> None:
    framework = kpi.load_framework(name)
    assert framework.unit_noun("en", 63) == "provinces"
    assert framework.unit_noun("vi", 63) == "tỉnh, thành phố"
    assert framework.report_title("en").startswith("Provincial")
    assert "city" not in framework.report_title("en")


@pytest.mark.parametrize("name", kpi.bundled_frameworks())
def test_every_bundled_framework_loads_under_the_name_of_its_file(name: str) -> None:
    framework = kpi.load_framework(name)
    assert framework.name == name
    assert framework.fingerprint == kpi.load_framework(kpi.bundled_frameworks()[name]).fingerprint


def test_equal_content_has_an_equal_fingerprint_wherever_the_file_is(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    one, other = load(tmp_path, MINI), load(tmp_path / "elsewhere", MINI)
    assert one == other
    assert one.fingerprint == other.fingerprint
    changed_weight = load(tmp_path, changed("weight: 2", "weight: 3"))
    assert changed_weight.fingerprint != one.fingerprint
    zeros = [load(tmp_path, changed("{2025: 80}", f"{{2025: {zero}}}")) for zero in ("0.0", "-0.0")]
    assert zeros[0].fingerprint == zeros[1].fingerprint


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "        direction: lower\n",
            "        direction: lower\n        goalpost: [0, 1]\n",
            "line 20: unknown key 'goalpost' of A2. Did you mean 'goalposts'? Known keys: code,",
            id="an unknown key, with the nearest",
        ),
        pytest.param(
            "weight: 2",
            "wieght: 2",
            "line 7: unknown key 'wieght' of A. Did you mean 'weight'? Known keys: code,",
            id="an unknown key of a group",
        ),
        pytest.param(
            'version: "1"\n',
            'version: "1"\nauthor: me\n',
            "line 3: unknown key 'author'. Known keys: id, version,",
            id="an unknown key of the framework",
        ),
        pytest.param(
            "    weight: 2\n",
            "    weight: 2\n    title: Again\n",
            "line 8: the key 'title' is there already, in line 6. Keep one of them.",
            id="a key that is there twice",
        ),
        pytest.param(
            "id: mini\n", "", "line 1: the key 'id' is missing.", id="a key that is missing"
        ),
        pytest.param(
            "        title: Days for a permit\n",
            "",
            "line 17: the key 'title' of A2 is missing.",
            id="a title that is missing",
        ),
        pytest.param(
            "weight: 2",
            "weight: two",
            "line 7: A › weight: found 'two'; expected a number of 0 or more.",
            id="a text where a number belongs",
        ),
        pytest.param(
            "weight: 2",
            "weight: -2",
            "line 7: A › weight: found -2; expected a number of 0 or more.",
            id="a weight below 0",
        ),
        pytest.param(
            "weight: 2",
            "weight: .nan",
            "line 7: .nan is not a number that can be scored.",
            id="a weight that is no number",
        ),
        pytest.param(
            'version: "1"',
            "version: 1.10",
            'line 2: version: found 1.1; expected a version in quotes, such as "1.0". '
            "Put it in quotes to make it a text.",
            id="a version that YAML takes for a number",
        ),
        pytest.param(
            "groups:\n",
            "unit_noun: {vi: tỉnh, en: {one: province}}\ngroups:\n",
            "line 4: unit_noun: found the keys vi, en; expected a word, or one in each language, "
            "with its plural forms where it has any, such as {one: city, other: cities}.",
            id="a noun without the form for several",
        ),
        pytest.param(
            "title: Services\n",
            "title: no\n",
            "line 6: A › title: found false; expected a text, or one in each language under vi: "
            "and en:. Put it in quotes to make it a text.",
            id="a word that YAML takes for true or false",
        ),
        pytest.param(
            "{vi: Nhỏ, en: Small}",
            "{vi: Nhỏ, English: Small}",
            "line 3: title: found the keys vi, English; expected a text, or one in each language "
            "under vi: and en:.",
            id="a key that is no language",
        ),
        pytest.param(
            "direction: lower",
            "direction: lwer",
            "line 19: A2 › direction: found 'lwer'; expected one of higher, lower. "
            "Did you mean 'lower'?",
            id="an unknown direction",
        ),
        pytest.param(
            "        direction: lower\n",
            "",
            "line 19: A2: goalposts need direction: higher or lower.",
            id="goalposts without a direction",
        ),
        pytest.param(
            "goalposts: [0, 60]",
            "goalposts: [60, 0]",
            "line 20: A2: goalposts [60, 0] must rise from the low to the high value; direction: "
            "says which of them scores 100.",
            id="goalposts that fall",
        ),
        pytest.param(
            "goalposts: [0, 60]",
            "goalposts: 60",
            "line 20: A2 › goalposts: found 60; expected a low and a high value, such as [0, 100].",
            id="one goalpost",
        ),
        pytest.param(
            "valid: [0, 100]",
            "valid: [100, 0]",
            "line 14: A1: valid [100, 0] must rise from the lowest to the highest value.",
            id="a range that falls",
        ),
        pytest.param(
            "{2025: 80}",
            "{2025: 800}",
            "line 15: A1: the target 800 for 2025 is outside valid [0, 100].",
            id="a target that cannot be reached",
        ),
        pytest.param(
            "code: A2",
            "code: A1",
            "line 17: the code 'A1' is there already, in line 9.",
            id="a code that is there twice",
        ),
        pytest.param(
            "code: A2",
            "code: TOTAL",
            "line 17: the code 'TOTAL' is kept for the composite of the whole framework.",
            id="the code of the composite",
        ),
        pytest.param(
            "code: A2",
            "code: A 2",
            "line 17: A 2 › code: found 'A 2'; expected letters, digits, '.', '_' and '-'.",
            id="a code with a space",
        ),
        pytest.param(
            "aliases: [online]",
            "aliases: [days FOR a permit]",
            "line 16: A1: the alias 'days FOR a permit' already stands for A2.",
            id="an alias that is another's title",
        ),
        pytest.param(
            "weight: 2",
            "weight: 0",
            "line 4: all weights of the groups are 0.",
            id="groups that all weigh nothing",
        ),
        pytest.param(
            "id: mini\n",
            "id: mini\nissued: {by: Me, date: 2019-13}\n",
            "line 2: issued: there is no date 2019-13; expected one such as 2019-09-13.",
            id="a date that is none",
        ),
        pytest.param(
            "[0, 60]", "[0, 60", "line 21: this is not YAML: ", id="a bracket that stays open"
        ),
        pytest.param(
            "title: Services\n",
            "title: Services: online\n",
            "line 6: this is not YAML: mapping values are not allowed in this context. "
            "Mind the indentation, and put a text with ':' or '#' in quotes.",
            id="a colon in a text",
        ),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_was_expected(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    (found,) = refused(tmp_path, changed(old, new))
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            "{method: bands, steps: [[0, 0], [50, 3, over]]}",
            "found 'over'; expected above, where the score holds above the number and not on it.",
        ),
        (
            "{method: bands, steps: [[0, 0], [50, 3, above, 1]]}",
            "found [50, 3, 'above', 1]; expected a number and its score, such as [80, 10] or "
            "[80, 10, above].",
        ),
        (
            "{method: piecewise, knots: [[0, 0], [80, 0, above], [80, 2], [90, 5, above]]}",
            "A2: at 80 'above' says nothing, as there is no jump: it belongs to the second of two "
            "equal numbers of knots.",
        ),
    ],
)
def test_where_a_band_begins_is_said_so_or_refused(tmp_path: Path, rule: str, message: str) -> None:
    old = "        direction: lower\n        goalposts: [0, 60]\n"
    (said,) = refused(tmp_path, changed(old, f"        normalise: {rule}\n"))
    assert message in said


def test_all_faults_of_a_file_are_told_at_once_in_their_order(tmp_path: Path) -> None:
    text = MINI.replace('id: mini\nversion: "1"\n', "").replace("lower", "down")
    assert [message.split(";")[0] for message in refused(tmp_path, text)] == [
        "line 1: the key 'id' is missing.",
        "line 1: the key 'version' is missing.",
        "line 17: A2 › direction: found 'down'",
    ]


def test_a_group_holds_something(tmp_path: Path) -> None:
    (message,) = refused(tmp_path, MINI + "  - {code: B, title: Access}\n")
    assert message == (
        "line 21: B: found the keys code, title; expected a group with groups: or indicators: "
        "in it."
    )


def test_official_needs_issuer_document_and_date(tmp_path: Path) -> None:
    official = MINI.replace("id: mini", "id: mini\nstatus: official")
    assert refused(tmp_path, official) == [
        f"line 2: status 'official' needs issued: with '{key}'. Add it, or set status: working."
        for key in ("by", "document", "date")
    ]
    issued = "issued: {by: The ministry, document: 1/A, date: 2026-01-31}\n"
    framework = load(tmp_path, official + issued)
    assert framework.status == "official"
    assert {node.provenance for node in framework.indicators} == {"official"}


def test_two_indicators_cannot_have_had_the_same_code(tmp_path: Path) -> None:
    text = MINI.replace("code: A1", "code: A1\n        was: X").replace(
        "code: A2", "code: A2\n        was: X"
    )
    assert refused(tmp_path, text) == ["line 19: A2: was: X is there already, in line 10."]


def test_a_renumbered_code_may_be_anothers_former_code(tmp_path: Path) -> None:
    framework = load(tmp_path, changed("code: A2", "code: A2\n        was: A1"))
    assert framework.node("A2").was == "A1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "the file is empty.", id="nothing"),
        pytest.param(b"# only a remark\n", "the file is empty.", id="a remark only"),
        pytest.param(
            "id: đô thị".encode("cp1258", errors="replace") + b"\xf0",
            "line 1: byte 0xf0 is not UTF-8. Save the file as UTF-8.",
            id="another encoding",
        ),
        pytest.param(
            b"code;title\n",
            "line 1: expected keys such as id:, version:, title: and groups: at the left edge.",
            id="a table",
        ),
        pytest.param(
            b"id: a\n---\nid: b\n",
            "line 2: this is not YAML: expected a single document in the stream, but found "
            "another document. Mind the indentation, and put a text with ':' or '#' in quotes.",
            id="two documents",
        ),
        pytest.param(
            b"id: &a [*a]\n", "line 1: the alias stands inside what it stands for.", id="a circle"
        ),
        pytest.param(
            b"id: !!python/name:os.system\n",
            "line 1: '' cannot be read. Put it in quotes if it is a text.",
            id="code to run",
        ),
        pytest.param(
            b"issued: {date: 2019-02-30}\n",
            "line 1: '2019-02-30' cannot be read. Put it in quotes if it is a text.",
            id="a day that is none",
        ),
        pytest.param(
            b"? [a, b]\n: c\n", "line 1: a key must be a plain word.", id="a list as a key"
        ),
        pytest.param(
            b"id: 1" + b"0" * 400, "line 1: 1" + "0" * 56 + "… is not a number", id="too large"
        ),
    ],
)
def test_what_is_not_a_framework_file_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    assert refused(tmp_path, content)[0].startswith(message)


def test_aliases_within_aliases_cannot_fill_the_memory(tmp_path: Path) -> None:
    levels = [f"x{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 10)}]" for i in range(9)]
    (message,) = refused(tmp_path, "\n".join(["x0: &a0 [1]", *levels]))
    assert (
        "the file unfolds to over 200,000 values. If you trust the file, set KPI_LIMITS" in message
    )


def test_an_unknown_framework_is_answered_with_the_nearest() -> None:
    with pytest.raises(kpi.InputError, match=r"Did you mean 'vn-smart-city@1\.0'") as caught:
        kpi.load_framework("vn-smartcity@1.0")
    assert "there is no framework 'vn-smartcity@1.0'." in str(caught.value)
    assert "dti@2020" in str(caught.value)


def test_a_missing_file_is_answered_with_the_nearest_beside_it(tmp_path: Path) -> None:
    load(tmp_path, MINI)
    with pytest.raises(kpi.InputError) as caught:
        kpi.load_framework(tmp_path / "mimi.yaml")
    assert str(caught.value).startswith(
        f"{tmp_path / 'mimi.yaml'}: there is no such framework file. Did you mean 'mini.yaml'?"
    )


def test_a_folder_is_answered_with_the_files_in_it(tmp_path: Path) -> None:
    load(tmp_path, MINI)
    with pytest.raises(kpi.InputError) as caught:
        kpi.load_framework(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: this is a folder; expected a YAML file. "
        "Give the path of a file in it: mini.yaml."
    )


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    load(tmp_path, MINI)
    monkeypatch.setattr(Path, "read_text", deny)
    with pytest.raises(kpi.InputError, match=r"mini\.yaml: the file cannot be read: Permission"):
        kpi.load_framework(tmp_path / "mini.yaml")


def test_an_unknown_code_is_answered_with_the_nearest() -> None:
    framework = kpi.load_framework("vn-smart-city@1.0")
    with pytest.raises(kpi.InputError, match=r"vn-smart-city@1\.0 has no .* Did you mean 'QL"):
        framework.node("QL.HAE.1")


IN_ONE_ROUND = """
id: bad
version: "1"
title: T
groups:
  - code: A
    title: G
    weight: 25%
    indicators:
      - {code: A1, title: a, unit: "%", direction: "-1", goalposts: [100, 0]}
      - {code: A2, title: b, unit: "%", direction: lower, goalposts: [50, 50]}
      - {code: A3, title: c, unit: "%", direction: lower, goalposts: [0, 100], weight: -1}
      - {code: A5, title: d, unit: "%", direction: higher, goalposts: [.nan, .inf]}
"""


def test_values_shape_and_meaning_are_told_in_one_round(tmp_path: Path) -> None:
    """What has not its shape hides nothing else, and is said once."""
    assert [
        message.split(";")[0].split(" must")[0] for message in refused(tmp_path, IN_ONE_ROUND)
    ] == [
        "line 8: A › weight: found '25%'",
        "line 10: A1 › direction: found '-1'",
        "line 10: A1: goalposts [100, 0]",
        "line 11: A2: goalposts [50, 50]",
        "line 12: A3 › weight: found -1",
        "line 13: .nan is not a number that can be scored.",
        "line 13: .inf is not a number that can be scored.",
    ]


def test_a_number_that_is_none_hides_nothing_else_of_its_line(tmp_path: Path) -> None:
    text = IN_ONE_ROUND.replace("higher, goalposts: [.nan, .inf]", "up, weight: .nan, valid: 3")
    said = [message for message in refused(tmp_path, text) if message.startswith("line 13")]
    assert len(said) == 3
    for part in (".nan is not a number", "direction: found 'up'", "valid: found 3"):
        assert any(part in message for message in said)


def test_a_node_without_a_code_hides_no_fault_of_others(tmp_path: Path) -> None:
    text = IN_ONE_ROUND.replace("code: A1, ", "").replace("[.nan, .inf]", "[0, 1], valid: [3, 2]")
    found = refused(tmp_path, text)
    assert any("the key 'code'" in message for message in found)
    assert any("A5: valid [3, 2]" in message for message in found)
    assert not any("\x1f" in message for message in found)


STEPS = "        normalise: {method: bands, by: class, steps: {}}\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "        direction: lower\n",
            "        direction: lower\n        goalpost: [0, 1]\n",
            "dòng 20: khóa 'goalpost' của A2 không hợp lệ. Có phải ý bạn là 'goalposts'? Các khóa",
            id="an unknown key",
        ),
        pytest.param(
            'version: "1"\n',
            'version: "1"\nauthor: me\n',
            "dòng 3: khóa 'author' không hợp lệ. Các khóa đã biết: id,",
            id="an unknown key of the framework",
        ),
        pytest.param(
            "        title: Days for a permit\n",
            "",
            "dòng 17: thiếu khóa 'title' của A2.",
            id="a title that is missing",
        ),
        pytest.param("id: mini\n", "", "dòng 1: thiếu khóa 'id'.", id="a key that is missing"),
        pytest.param(
            "weight: 2",
            "weight:",
            "dòng 7: A › weight: tìm thấy giá trị trống; cần số từ 0 trở lên.",
            id="a value that is not there",
        ),
        pytest.param(
            "weight: 2",
            "groups: []",
            "dòng 7: A › groups: tìm thấy []; cần danh sách có ít nhất một nhóm.",
            id="no group in a group",
        ),
        pytest.param(
            "aliases: [online]",
            'aliases: [""]',
            "dòng 16: A1 › aliases › mục 1: tìm thấy ''; cần một tên.",
            id="an alias without a letter",
        ),
        pytest.param(
            "        goalposts: [0, 60]\n",
            STEPS,
            "dòng 20: A2 › normalise › steps: tìm thấy mục không có khóa; cần các cặp gồm",
            id="a rule for no kind of city",
        ),
    ],
)
def test_a_fault_is_told_in_one_language(tmp_path: Path, old: str, new: str, message: str) -> None:
    with messages_in("vi"):
        (found,) = refused(tmp_path, changed(old, new))
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("groups: A\n", "line 4: groups: found 'A'; expected a list of one or more groups."),
        ("groups:\n", "line 4: groups: found nothing; expected a list of one or more groups."),
        (
            "groups: [{code: A, title: A, indicators: B}]\n",
            "line 4: A › indicators: found 'B'; expected a list of one or more indicators.",
        ),
    ],
)
def test_parts_that_are_no_list_are_not_called_missing_as_well(
    tmp_path: Path, shape: str, message: str
) -> None:
    assert refused(tmp_path, MINI.partition("groups:")[0] + shape) == [message]
