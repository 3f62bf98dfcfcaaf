"""Messages hold no English but what was given: each is told in a made-up language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from annexes import workbook
from babel.messages.extract import extract_from_file
from commands import kpi
from made_up import Marked, outside_marks, untranslated
from openpyxl import load_workbook

import kpi_lib
from kpi_lib.analysis.what_if import what_if
from kpi_lib.cli.main import main
from kpi_lib.locale import catalogue
from kpi_lib.locale.catalogue import messages_in, tr, tr_n
from kpi_lib.scoring.scoreboard import Scoreboard

FRAMEWORK = """\
id: mini
version: "1"
title: Mini
groups:
- code: A
  title: A
  weight: 2
  indicators:
  - code: A1
    title: Online
    unit: "%"
    direction: higher
    goalposts: [0, 100]
    valid: [0, 100.5]
  - code: A2
    title: Days
    unit: days
    agency: Builders
    direction: lower
    goalposts: [0, 60]
"""
DATA = "city,period,indicator,value\nhue,2025,A1,50\nvinh,2025,A1,20\nhue,2025,A2,5\n"


@pytest.fixture(autouse=True)
def french(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Messages in a language made up of marks, in a folder of its own."""
    made = Marked()
    known = catalogue._translations
    monkeypatch.setattr(
        catalogue, "_translations", lambda lang: made if lang == "fr" else known(lang)
    )
    monkeypatch.setattr("kpi_lib.cli.base.chosen_language", lambda asked=None: "fr")
    monkeypatch.chdir(tmp_path)
    Path("mini.yaml").write_text(FRAMEWORK, encoding="utf-8")
    Path("data.csv").write_text(DATA, encoding="utf-8")
    with messages_in("fr"):
        yield


def tell(*words: str, code: int = 1) -> str:
    """Run a command that fails; what it says is in the made-up language."""
    result = kpi(*words)
    assert result.exit_code == code, result.output
    assert "⟦" in result.output
    files = [path.read_text(encoding="utf-8") for path in Path().glob("*.[cy]*") if path.is_file()]
    paths = map(str, (Path.cwd(), *Path().iterdir()))
    strange = untranslated(result.output, *words, *paths, *files)
    assert not strange, (strange, result.output)
    return result.output


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weight: 2", "weight: -2"),
        ("weight: 2", "weight:"),
        ("weight: 2", "groups: []"),
        ("direction: lower", "direction: up"),
        ("[0, 60]", "[60, 0]"),
        ("[0, 60]", "[0]"),
        ("code: A2", "code: A1"),
        ("code: A2", "kode: A2"),
        ("title: Mini", "titel: Mini"),
        ('version: "1"', "version: 1.0"),
        ("title: Mini", "title: Mini\ntitle: Two"),
        ("title: Mini", "title: [a"),
        ("  - code: A1", "\t- code: A1"),
        ("title: Mini", "title: a: b"),
        ("title: Mini", "title: Mini\nextends: nosuch@1"),
        ("title: Mini", "title: Mini\nstatus: official"),
        ("title: Mini", "title: Mini\nscale: points"),
        ("title: Mini", "title: Mini\nmissing: {policy: drop}"),
        ("title: Mini", "title: Mini\ntreatment: [{method: winsorize}]"),
        ("title: Mini", "title: Mini\ntreatment: [{method: impute, by: guess}]"),
        ("title: Mini", "title: Mini\naggregate: power"),
        ("title: Mini", "title: Mini\nlevels: [{code: 1}]"),
        ("title: Mini", "title: Mini\nclasses: [[80, B], [90, A]]"),
        ("title: Mini", "title: Mini\nissued: {date: 31/12/2025}"),
        ("goalposts: [0, 60]", "valid: [3, 2]"),
        ("goalposts: [0, 60]", "normalise: minmaxx"),
        ("goalposts: [0, 60]", "normalise: {method: minmax, lo: 2}"),
        ("goalposts: [0, 60]", "normalise: {method: bands, steps: [[0, 1], [0, 2]]}"),
        ("goalposts: [0, 60]", "normalise: {method: bands, by: class, steps: {}}"),
        ("goalposts: [0, 60]", "targets: {2025: many}"),
        ("title: Days", "title: Days\n    frequency: daily"),
        ("title: Days", 'title: Days\n    aliases: [""]'),
    ],
)
def test_faults_of_frameworks(old: str, new: str) -> None:
    assert old in FRAMEWORK
    Path("wrong.yaml").write_text(FRAMEWORK.replace(old, new), encoding="utf-8")
    tell("framework", "check", "wrong.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "city,period,indicator,value\n",
        "cty,period,indicater,val\nhue,2025,A1,1\n",
        "city,period,A1,A1,zz\nhue,2025,5,6,7\n",
        "city,period,A1\nhue,2025,5\nhue\n",
        "city,period,indicator,value,unit\nhue,2025,A1,50,km\nhue,2025,A2,5%,days\n",
        "city,period,indicator,value\nhue,2025,NO,1\n,2025,A1,2\nhue,31/12/2025,A1,2\n",
        "city,period,indicator,value\nhue,2025,A1,many\nhue,2025,A1,500.5\nhue,2025,A1,1\n",
        "city,period,indicator,value\nhue,2025,A1,100.75\nhue,2025,,3\nhue,2024,A2,\n",
        "city,period,indicator,value,se\nhue,2025,A1,5,-1\nhue,2024,A1,5,much\n",
    ],
)
def test_faults_of_observations(text: str) -> None:
    Path("wrong.csv").write_text(text, encoding="utf-8")
    tell("check", "wrong.csv", "-f", "mini.yaml")


def test_warnings_of_observations() -> None:
    Path("cities.csv").write_text(
        "city,valid_from,valid_to\nhue,2020-12-31,2024-06-30\nvinh,,2024-06-30\nda,2026-01-01,\n",
        encoding="utf-8",
    )
    Path("data.csv").write_text(
        "city,period,indicator,value,demo\nhue,2024,A1,0.5,maybe\nhue,2025,A1,99.5,\n"
        "vinh,2025,A1,90,\nvinh,2024,A1,80,\n",
        encoding="utf-8",
    )
    told = tell("check", "data.csv", "-f", "mini.yaml", code=0)
    assert told.count("⟦warning⟧") > 3


@pytest.mark.parametrize(
    "cities",
    [
        "city,population\nhue,-5.5\nhue,x\na b,\n",
        "city,valid_from,valid_to\nhue,2026-12-31,2025-01-01\nvinh,soon,\n",
        "city,merged_into\nhue,hue\nvinh,nosuch\n",
        "town,name\nhue,x\n",
    ],
)
def test_faults_of_cities(cities: str) -> None:
    Path("cities.csv").write_text(cities, encoding="utf-8")
    tell("check", "data.csv", "-f", "mini.yaml")


HEADS = ("TT", "Tên chỉ số", "Đơn vị tính", "Mục tiêu 2025", "Chiều tốt", "Tần suất", "Trọng số")


@pytest.mark.parametrize(
    "rows",
    [
        [("a", "b"), ("c", "d")],
        [HEADS, ("1", "Một", "%", "nhiều", "lên", "ngày", "z")],
        [HEADS, ("?!", "Một", "%", "80 Mbps", "", "", ""), ("2", "", "km", "5", "", "", "")],
        [HEADS, ("I", "Nhóm", "", "", "", "", ""), ("1", "Một", "%", "≥ 80", "cao", "năm", -1)],
        [HEADS],
    ],
)
def test_faults_of_annexes(rows: list[tuple[object, ...]]) -> None:
    workbook(Path("annex.xlsx"), rows)
    given = " ".join(str(cell) for row in rows for cell in row)
    result = kpi("framework", "import", "annex.xlsx", "-o", "made.yaml")
    assert result.exit_code == 1
    named = "annex xlsx Phụ lục hằng tháng hằng quý hằng năm cao hơn thấp hơn"
    strange = untranslated(result.output, given, named)
    assert not strange, (strange, result.output)


def test_faults_of_forms() -> None:
    made = kpi("form", "-f", "mini.yaml", "--lang", "en", "--city", "hue", "--period", "2025")
    assert made.exit_code == 0, made.output
    book = load_workbook("form.xlsx")
    for page in book.worksheets[1:3]:
        cells = {cell.value: cell for row in page for cell in row}
        for code, value in (("A1", "many"), ("A2", -5)):
            if code in cells:
                page.cell(cells[code].row, cells["Value"].column).value = value
    book.save("form.xlsx")
    Path("sheets.csv").write_text(" ".join(book.sheetnames), encoding="utf-8")  # as it is named
    tell("check", "form.xlsx", "-f", "mini.yaml")
    tell("check", "form.xlsx", "-f", "pci@2013")
    tell("form", "-f", "mini.yaml", "--agency", "Nobody", "--lang", "en")
    tell("form", "-f", "mini.yaml", "-o", "form.csv")


@pytest.mark.parametrize(
    "weights",
    ["weights: {A1: -1, B: 2}", "weight: {A1: 1}", "weights: [1]", "weights: {A1: 0, A2: 0}"],
)
def test_faults_of_weights(weights: str) -> None:
    Path("weights.yaml").write_text(weights, encoding="utf-8")
    tell("score", "data.csv", "-f", "mini.yaml", "--weights", "weights.yaml")


@pytest.mark.parametrize(
    "spec",
    [
        "choices: []",
        "choices: [a]",
        "choices: [{vary: weigths}]",
        "choices: [{vary: weights, size: 2}]",
        "choices: [{vary: weights, draw: noise, size: 2, sise: 1}]",
        "choices: [{vary: weights, draw: noise, size: 0.2, levels: [9]}]",
        "choices: [{vary: weights, draw: noise, size: 0.2}, {vary: weights, draw: simplex}]",
        "choices: [{vary: normalise, among: [goalposts]}]",
        "choices: [{vary: impute, among: [mean, guess]}]",
        "choices: [{vary: missing, among: [drop, zero]}]",
        "choices: [{vary: aggregate, among: [arithmetic, min], groups: [Z]}]",
    ],
)
def test_faults_of_specs(spec: str) -> None:
    Path("spec.yaml").write_text(spec, encoding="utf-8")
    tell("robustness", "data.csv", "-f", "mini.yaml", "--draws", "20", "--spec", "spec.yaml")


@pytest.mark.parametrize(
    "values", [{"A": 1.0}, {"A1": 101.5}, {"A1": float("nan")}, {"A1": "many"}, {"A2": True}]
)
def test_faults_of_what_if(values: dict[str, float | str]) -> None:
    board: Scoreboard = kpi_lib.score(
        kpi_lib.read_observations("data.csv", kpi_lib.load_framework("mini.yaml")),
        kpi_lib.load_framework("mini.yaml"),
    )
    with pytest.raises(kpi_lib.InputError) as told:
        what_if(board, values)
    assert not untranslated(str(told.value), str(values))


@pytest.mark.parametrize(
    "words",
    [
        ("score", "none.csv", "-f", "mini.yaml"),
        ("score", "data.csv", "-f", "none.yaml"),
        ("score", "data.csv", "-f", "."),
        ("score", "data.csv", "-f", "mini.yaml", "--weights", "none.yaml"),
        ("score", "data.csv", "-f", "mini.yaml", "--methods", "none.py"),
        ("score", "data.csv", "-f", "mini.yaml", "--period", "1999"),
        ("score", "data.csv", "-f", "mini.yaml", "--normalise", "minmax:lo=1"),
        ("score", "data.csv", "-f", "mini.yaml", "--aggregate", "power"),
        ("score", "data.csv", "-f", "mini.yaml", "-o", "scores.txt"),
        ("robustness", "data.csv", "-f", "mini.yaml", "--peers", "zone"),
        ("report", "data.csv", "-f", "mini.yaml", "--city", "nowhere"),
        ("report", "data.csv", "-f", "mini.yaml", "--notebook", "none.ipynb"),
        ("framework", "import", "none.xlsx", "-o", "made.yaml"),
        ("framework", "show", "pci@2013", "--standard", "ISO"),
    ],
)
def test_what_is_not_there(words: tuple[str, ...]) -> None:
    tell(*words)


@pytest.mark.parametrize(
    "words",
    [
        ("chek",),
        ("check",),
        ("check", "data.csv"),
        ("check", "data.csv", "-f"),
        ("check", "data.csv", "more", "-f", "mini.yaml"),
        ("check", "data.csv", "-f", "mini.yaml", "--nope"),
        ("report", "--force=1"),
        ("report", "data.csv", "-f", "mini.yaml", "--workers", "0"),
        ("report", "data.csv", "-f", "mini.yaml", "--workers", "many"),
        ("report", "data.csv", "-f", "mini.yaml", "--kernel", "ward"),
        ("report", "data.csv", "-f", "mini.yaml", "-o", "data.csv"),
        ("robustness", "data.csv", "-f", "mini.yaml", "--sensitivity"),
    ],
)
def test_mistakes_of_usage(words: tuple[str, ...]) -> None:
    names = "main framework report robustness integer range Directory"
    result = kpi(*words)
    assert result.exit_code == 2, result.output
    rest = re.sub(r"--?[a-z-]+", " ", result.output)
    assert not untranslated(rest, *words, names), result.output


def _commands(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from _commands(child, *path, name)


@pytest.mark.parametrize("path", _commands(main), ids=" ".join)
def test_help_is_translated(path: tuple[str, ...]) -> None:
    told = kpi(*path, "--help").output
    without_examples = outside_marks(told.partition("⟦Examples⟧")[0])
    without_examples = re.sub(r"⟦.*", " ", without_examples)  # a help that is cut short
    rest = re.sub(
        r"\[[a-z|]+\]|\[?x?[<>=]+\S*|--?[a-z-]+|^  [a-z]+  ", " ", without_examples, flags=re.M
    )
    chosen = "main latest reports verified auto text default MB URL ID yaml xlsx ipynb"
    assert not untranslated(rest, *path, chosen), told


def test_every_text_of_click_that_can_be_met_is_in_vietnamese() -> None:
    folder = Path(click.__file__).parent
    found = set()
    for name in ("core", "exceptions", "formatting", "parser", "types"):
        for _, text, _, _ in extract_from_file(
            "python", folder / f"{name}.py", {"_": None, "ngettext": (1, 2)}
        ):
            found.add(text)
    met = {text for text in found if not _not_for_users(text)}
    assert len(met) > 15
    for text in met:
        if isinstance(text, tuple):
            assert tr_n("vi", *text, 2) not in text, text
        else:
            assert tr("vi", text) != text, text


def _not_for_users(text: str | tuple[str, ...]) -> bool:
    """Texts of click about how commands are written, and of kinds of options that ours are not."""
    first = text if isinstance(text, str) else text[0]
    return bool(
        re.search(
            "[Dd]eprecat|declar|nargs} v|Boolean|boolean|UUID|format|env var|dynamic|iterable|"
            "[Pp]arameter|param_type|Positional|not exist|readable|writable|executable|values|"
            "Choose from|Choice|open file|unknown error|start character|twice|^file$|^directory$|"
            "^path$",
            first,
        )
    )


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("score", "--missing", "strict"), "scores.csv"),
        (("robustness", "--draws", "20"), "ranks.csv"),
        (("robustness", "--draws", "64", "--spec", "spec.yaml", "--sensitivity"), "parts.csv"),
    ],
)
def test_tables_in_files_do_not_depend_on_the_language(words: tuple[str, ...], name: str) -> None:
    Path("spec.yaml").write_text(
        "choices:\n- {vary: weights, draw: noise, size: 0.25}\n"
        "- {vary: aggregate, among: [arithmetic, geometric]}\n",
        encoding="utf-8",
    )
    Path("cities.csv").write_text("city,name_vi,name_en\nhue,Huế,Hue\nvinh,Vinh,Vinh\n", "utf-8")
    written = set()
    for lang in ("fr", "vi", "en"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("kpi_lib.cli.base.chosen_language", lambda asked=None, lang=lang: lang)
            result = kpi(words[0], "data.csv", "-f", "mini.yaml", *words[1:], "-o", name)
            assert result.exit_code == 0, result.output
        written.add(Path(name).read_text(encoding="utf-8"))
    assert len(written) == 1


def test_english_messages_hold_no_vietnamese() -> None:
    letters = re.compile("[\u1ea0-\u1ef9\u0110\u0111\u01a0\u01a1\u01af\u01b0]")
    Path("wrong.csv").write_text("city,period,indicator,value\nhue,soon,A1,many\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kpi_lib.cli.base.chosen_language", lambda asked=None: "en")
        for words in (
            ("check", "wrong.csv", "-f", "mini.yaml"),
            ("framework", "show", "vn-smart-city@1.0"),
            ("framework", "show"),
            ("framework", "diff", "pci@2009", "pci@2013"),
            ("score", "data.csv", "-f", "mini.yaml"),
        ):
            assert not letters.search(kpi(*words).output.replace("Huế", "")), words
