"""A file may be small and unpack to what no machine holds: it is refused before that."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from docx import Document
from pyarrow import parquet
from supplied import FRAMEWORK, Folder, complaints, long

from kpi_lib.errors import InputError
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import load_framework
from kpi_lib.io.tables.docx import read_docx
from kpi_lib.io.tables.export import write_table
from kpi_lib.io.tables.grids import open_workbook, read_content
from kpi_lib.io.yaml import read_yaml
from kpi_lib.observations.project.file import read_project
from kpi_lib.observations.project.own_words import read_own_words

END = b"</sheetData>"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """Write a small workbook whose sheet is changed as XML."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["city", "period", "indicator", "value"])
    book.worksheets[0].append(["An", 2024, "A.2", 5])
    kept = io.BytesIO()
    book.save(kept)
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name.endswith("sheet1.xml") else content)
    return path


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (b'</sheetData><mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>', "merged cells"),
        (
            b"</sheetData><mergeCells><mergeCell x='y' ref = 'A2:XFD1048576'/></mergeCells>",
            "merged",
        ),
        (b"</sheetData>" + b'<mergeCell ref="A2:B2"/>' * 60_000, "has 60,000 tags"),
        (
            b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (i, i) for i in range(3, 900))
            + END,
            "stand far apart",
        ),
        (b'<x y="' + b"z" * 300_000 + b'"/></sheetData>', "has a tag of over"),
        (b" " * 80_000_000 + END, "unpacks to 80 MB"),
    ],
)
def test_a_workbook_that_spans_or_unpacks_to_too_much_is_refused(
    tmp_path: Path, inside: bytes, said: str
) -> None:
    path = workbook(tmp_path / "d.xlsx", lambda xml: xml.replace(END, inside))
    (line,) = complaints(path)
    assert said in line
    assert "KPI_LIMITS=10" in line


def test_a_limit_can_be_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "d.xlsx", lambda xml: xml.replace(END, b" " * 80_000_000 + END))
    monkeypatch.setenv("KPI_LIMITS", "2")
    assert len(read_observations(path, FRAMEWORK).table) == 1


def test_unfinished_formulas_are_searched_in_linear_time(tmp_path: Path) -> None:
    path = workbook(tmp_path / "d.xlsx", lambda xml: xml.replace(END, b"<c/>" * 200_000 + END))
    assert len(read_observations(path, FRAMEWORK).table) == 1


def test_a_row_number_of_nine_digits_is_only_a_row(tmp_path: Path) -> None:
    row = b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>'
    path = workbook(tmp_path / "d.xlsx", lambda xml: xml.replace(END, row + END))
    assert any("row 999999999" in line for line in complaints(path))


def test_many_equal_rows_of_parquet_are_said_to_repeat(tmp_path: Path) -> None:
    row = {"city": ["An"], "period": [2024], "indicator": ["A.2"], "value": [5.0]}
    path = tmp_path / "d.parquet"
    pd.DataFrame(row).loc[np.zeros(300_000, dtype=int)].to_parquet(path, index=False)
    said = complaints(path)
    assert len(said) <= 101
    assert any("299,999 rows in all repeat another row" in line for line in said)


def test_parquet_of_a_billion_cells_is_refused_before_it_is_read(tmp_path: Path) -> None:
    part = pa.table({"city": ["An"] * 1_000_000, "value": [0.0] * 1_000_000})
    parquet.write_table(pa.concat_tables([part] * 40), tmp_path / "d.parquet")
    (line,) = complaints(tmp_path / "d.parquet")
    assert "unpacks to 640 MB" in line


def test_lists_in_cells_are_named_by_their_column(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"city": ["An"], "value": [[1.0]]}), tmp_path / "d.parquet")
    (line,) = complaints(tmp_path / "d.parquet")
    assert "column 'value': found list" in line


@pytest.mark.parametrize(
    "text", ["a: [" + "1," * 250_000 + "1]", "id: 1" + ":1" * 400_000, "id: 0x" + "f" * 400_000]
)
def test_yaml_that_is_slow_to_read_is_refused_at_once(tmp_path: Path, text: str) -> None:
    (tmp_path / "f.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"unfolds to over|cannot be read") as found:
        read_yaml(tmp_path / "f.yaml")
    assert len(str(found.value)) < 500


def test_nothing_is_shown_of_a_file_that_is_extended_and_is_no_framework(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, own = tmp_path / "own", tmp_path / "own/f.yaml"
    inside.mkdir()
    (tmp_path / "secret.conf").write_text("password: hunter2\n", encoding="utf-8")
    (inside / "secret.conf").write_text("password: hunter2\n", encoding="utf-8")
    cases = {"../secret.conf": "is outside the folder", "secret.conf": "no framework"}
    for name, said in cases.items():
        own.write_text(f"id: x\nversion: '1'\ntitle: x\nextends: {name}\n", encoding="utf-8")
        with pytest.raises(InputError, match=said) as found:
            load_framework(own)
        assert "hunter2" not in str(found.value)
        assert "password" not in str(found.value)
    own.write_text("id: x\nversion: '1'\ntitle: x\nextends: ../secret.conf\n", encoding="utf-8")
    monkeypatch.setenv("KPI_ALLOW_OUTSIDE", "1")
    with pytest.raises(InputError, match="no framework"):
        load_framework(own)


def test_what_a_spreadsheet_would_run_is_a_text_in_csv_and_read_back(tmp_path: Path) -> None:
    names = ["=1+1", "+cmd", "-x", "@y", "-", "Huế", "a=b"]
    write_table(pd.DataFrame({"city": names, "score": -1.5}), tmp_path / "s.csv")
    lines = (tmp_path / "s.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert lines == [f"{name},-1.5" for name in ["'=1+1", "'+cmd", "'-x", "'@y", "-", "Huế", "a=b"]]
    assert (tmp_path / "s.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    path = Folder(tmp_path)(*long("'=1+1,2024,A.2,5"))
    assert read_observations(path, FRAMEWORK).table["city"].tolist() == ["=1+1"]


def test_an_annex_with_a_cell_far_away_is_refused(tmp_path: Path) -> None:
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = workbook(tmp_path / "annex.xlsx", lambda xml: xml.replace(END, row + END))
    with pytest.raises(InputError, match="stand far apart, over 1,048,576 rows"):
        open_workbook(path, read_content(path))


def test_a_cell_of_a_document_that_covers_a_hundred_million_columns_is_refused(
    tmp_path: Path,
) -> None:
    document = Document()
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0)._tc.grid_span = 100_000_000
    document.save(str(tmp_path / "annex.docx"))
    path = tmp_path / "annex.docx"
    with pytest.raises(InputError, match="the cells cover 100,000,001 columns"):
        read_docx(path, read_content(path))


def test_a_document_of_a_hundred_thousand_empty_rows_is_refused(tmp_path: Path) -> None:
    table = (document := Document()).add_table(rows=1, cols=1)
    body = document.element.body
    body.extend(deepcopy(table._tbl) for _ in range(50_001))  # a row and a paragraph each
    document.save(str(path := tmp_path / "annex.docx"))
    with pytest.raises(InputError, match=r"the document has 100,004 rows and paragraphs\."):
        read_docx(path, path.read_bytes())


def test_a_workbook_whose_sheets_are_one_part_again_and_again_is_refused(tmp_path: Path) -> None:
    """Ten thousand sheets in five kilobytes, each to be read."""
    file = workbook(tmp_path / "many.xlsx", lambda content: content)
    sheets = "".join(
        f'<sheet name="s{i}" sheetId="{i}" r:id="rId1" xmlns:r="{RELATIONS}"/>'
        for i in range(2, 9000)
    )
    changed = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).replace(b"</sheets>", sheets.encode() + b"</sheets>")
            new.writestr(name, content)
    file.write_bytes(changed.getvalue())
    (said,) = complaints(file)
    assert "the workbook has 8,999 sheets" in said


def test_a_text_of_a_million_columns_is_refused_by_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fast reader is not asked: it ends the process where it gets no memory for them."""
    monkeypatch.setattr("pyarrow.csv.read_csv", lambda *_, **__: pytest.fail("it is asked"))
    file = tmp_path / "commas.csv"
    file.write_text("city,value" + "," * 1_000_000 + "\nAn,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"commas\.csv: row 1 has 1,000,002 cells"):
        read_observations(file, FRAMEWORK)


def test_a_workbook_with_a_password_is_named(tmp_path: Path) -> None:
    file = workbook(tmp_path / "locked.xlsx", lambda content: content)
    data = bytearray(file.read_bytes())
    for sign, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(sign)
        while place >= 0:
            data[place + at] |= 1  # this entry is encrypted
            place = data.find(sign, place + 1)
    file.write_bytes(bytes(data))
    (said,) = complaints(file)
    assert "is encrypted, password required" in said


def test_many_rows_of_wide_cells_are_refused_before_they_are_laid_out(tmp_path: Path) -> None:
    """Each row within what one may span; eighteen million cells in all."""
    document = Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell._tc.grid_span = 900
    row = cell._tc.getparent()
    for _ in range(700):
        row.addnext(deepcopy(row))
    kept = io.BytesIO()
    document.save(kept)
    with pytest.raises(InputError, match="merged cells cover over 630,900 cells"):
        read_docx(tmp_path / "wide.docx", kept.getvalue())


@pytest.mark.parametrize(
    "text",
    ['logo = "a\\u0000b.svg"', 'logo = ".."', 'sentences = "."', "x = " + "9" * 5000],
)
def test_a_project_names_files_that_can_be(tmp_path: Path, text: str) -> None:
    _, problems = read_project(tmp_path / "kpi.toml", text.encode())
    assert len(problems) == 1
    assert problems[0].file.endswith("kpi.toml")


def test_a_catalogue_of_a_thousand_million_plurals_is_refused(tmp_path: Path) -> None:
    """Each message gets so many empty texts."""
    head = 'msgid ""\nmsgstr ""\n"Language: vi\\n"\n"Plural-Forms: npl"\n"urals=999999999;\\n"\n'
    (tmp_path / "own.po").write_text(head + '\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\n')
    _, _, problems = read_own_words(tmp_path / "own.po")
    assert ["not a gettext catalogue" in one.message for one in problems] == [True]


@pytest.mark.parametrize("name", ["logo.svg", "own.po"])
def test_a_device_as_logo_or_sentences_of_a_project_is_not_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("/dev/zero")
    file = tmp_path / "kpi.toml"
    key = "logo" if name.endswith(".svg") else "sentences"
    _, problems = read_project(file, f'{key} = "{name}"'.encode())
    (problem,) = problems
    assert "no file that can be read" in problem.message
    assert problem.file.endswith(name)
