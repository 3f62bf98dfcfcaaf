"""Files that were made to do harm, or went wrong as if they had been: one clear message each."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import kpi_lib as kpi
from kpi_lib.analysis.robustness.measurement import standard_errors_in
from kpi_lib.analysis.robustness.spec import read_spec
from kpi_lib.batch.notebook import read_notebook
from kpi_lib.errors import InputError, Problem, refusal
from kpi_lib.io.cells.numbers import Column
from kpi_lib.io.paths import bytes_of, find
from kpi_lib.io.yaml import read_yaml
from kpi_lib.locale.catalogue import messages_in
from kpi_lib.scoring.cache import spec_digest
from kpi_lib.scoring.weights import read_weights


def refused(file: Path, content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    file.write_bytes(data)
    framework = kpi.load_framework("u4ssc@2017")
    yaml = file.suffix == ".yaml"
    with pytest.raises(InputError) as found:
        read_yaml(file) if yaml else kpi.read_observations(file, framework)
    return str(found.value)


def test_a_file_that_nests_without_end_is_refused_before_it_is_composed(tmp_path: Path) -> None:
    """libyaml composes by recursion in C: 20,000 lists end the process."""
    file = tmp_path / "deep.yaml"
    assert "nested too deeply" in refused(file, "a: " + "[" * 20_000 + "]" * 20_000)
    assert "nested too deeply" in refused(file, "\n".join("- " * n + "x" for n in (5_000,)))


@pytest.mark.parametrize(
    "value", ["!!int x", "!!timestamp no", "!!bool maybe", "!!float ''", "!!int ''"]
)
def test_a_tag_that_does_not_fit_its_value_is_named_with_its_line(
    tmp_path: Path, value: str
) -> None:
    assert "line 2" in refused(tmp_path / "tags.yaml", f"a: 1\nb: {value}\n")


@pytest.mark.parametrize("text", ["weights: {A: !!int x}", "weights: [", "- !!bool maybe"])
def test_weights_and_choices_are_read_as_carefully(tmp_path: Path, text: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")
    for read in (read_weights, read_spec):
        with pytest.raises(InputError, match=r"own\.yaml"):
            read(file)


def test_what_is_no_file_is_not_read() -> None:
    with pytest.raises(InputError, match="no file that can be read"):
        read_yaml(Path("/dev/zero"))
    with pytest.raises(InputError):
        kpi.read_observations("/dev/zero", kpi.load_framework("u4ssc@2017"))


@pytest.mark.parametrize("kind", ["device", "pipe"])
def test_what_is_no_file_is_read_by_nobody(tmp_path: Path, kind: str) -> None:
    """A pipe that nobody writes to is waited for without end; a device may have no end."""
    path = tmp_path / "it"
    path.symlink_to("/dev/zero") if kind == "device" else os.mkfifo(path)
    for read in (read_notebook, read_yaml, bytes_of, standard_errors_in):
        with pytest.raises(InputError, match="no file that can be read"):
            read(path)
    spec_digest({"choices": [{"vary": "data", "standard_error": str(path)}]})


def test_a_name_that_no_file_can_have_is_a_file_that_is_not_there(tmp_path: Path) -> None:
    framework = kpi.load_framework("u4ssc@2017")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    for name in ("x" * 300 + ".csv", "a\0b.csv", "loop.csv"):
        with pytest.raises(InputError):
            kpi.read_observations(tmp_path / name, framework)
        with pytest.raises(InputError):
            read_yaml(tmp_path / name)


def test_a_mark_of_order_alone_is_an_empty_file(tmp_path: Path) -> None:
    assert "the file is empty" in refused(tmp_path / "bom.csv", b"\xef\xbb\xbf")
    assert "the file is empty" in refused(tmp_path / "bom.csv", b"\xef\xbb\xbf\r\n")


def test_a_number_that_no_float_holds_is_named_by_its_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["city", "period", "indicator", "value"])
    book.active.append(["x", 2024, "EC.ICT.1", 1])
    file = tmp_path / "large.xlsx"
    book.save(file)
    parts = {n: zipfile.ZipFile(file).read(n) for n in zipfile.ZipFile(file).namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"<v>1</v>", b"<v>" + b"9" * 400 + b"</v>")
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(InputError, match=r"large\.xlsx.*row 2.*99999"):
        kpi.read_observations(file, kpi.load_framework("u4ssc@2017"))


def test_control_characters_do_not_reach_the_terminal() -> None:
    said = str(Problem("found '\x1b[31mred\x07'.", "Write\u00a0it anew.\n", "a\x9b.csv"))
    assert said == "a\\x9b.csv: found '\\x1b[31mred\\x07'. Write\u00a0it anew.\n"


def test_a_zero_with_an_exponent_is_a_zero_as_it_was_written() -> None:
    numbers = Column(["0e999", "1e3", "0.25"]).read()
    assert numbers.values.tolist() == [0, 1000, 0.25]
    assert numbers.half_steps(np.arange(3)).tolist() == [0.5, 500, 0.005]


@pytest.mark.parametrize("level", ["²", "9" * 5000])
def test_a_level_that_is_no_number_is_an_unknown_one(tmp_path: Path, level: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(f"- {{vary: weights, draw: noise, size: {{{level}: 0.2}}}}", encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.yaml"):
        read_spec(file)


def test_what_a_message_quotes_is_shortened_whoever_quotes_it(tmp_path: Path) -> None:
    long = "very long " * 10_000
    said = refused(tmp_path / "data.csv", f"city,period,indicator,value\nAn,2025,{long},5\n")
    assert len(said) < 1000
    assert "very long" in said


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"city,period\nAn,2025\nB\0nh,2025\n", {"en": "line 3 has a NUL", "vi": "dòng 3 có"}),
        (b'city,period\nAn,"2025\nBinh,2025\n', {"en": "line 2: a quote is opened", "vi": "mở mà"}),
        (b'city,period\nAn,"20"25"\n', {"en": "a quote is closed before", "vi": "đóng trước khi"}),
        (b"\xef\xbb\xbf\n<table><tr>", {"en": "a web page", "vi": "trang web"}),
    ],
)
def test_what_is_wrong_with_a_text_is_said_by_its_line_in_both_languages(
    tmp_path: Path, content: bytes, said: dict[str, str], lang: str
) -> None:
    with messages_in(lang):
        assert said[lang] in refused(tmp_path / "data.csv", content)


def test_a_link_to_nothing_and_a_folder_that_is_gone_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data.csv").symlink_to("nowhere.csv")
    with pytest.raises(InputError, match="a link to a file that is not there"):
        find(tmp_path / "data.csv")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(FileNotFoundError) as raised:
        find("data.csv")
    assert "the current folder is gone" in refusal(raised.value)
