"""The report of one city: a notebook that ran, and its page."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from threading import Event

import nbformat
import pytest
from small_report import FIGURE, TABLE, TITLE, WIDE, notebook

from kpi_lib.batch.files.page import to_html
from kpi_lib.batch.files.seal import made_from
from kpi_lib.batch.job import CityFailure, Job, default_notebook
from kpi_lib.batch.kernels import own
from kpi_lib.batch.kernels.own import run_notebook
from kpi_lib.batch.notebook import publish, read_notebook
from kpi_lib.errors import InputError
from kpi_lib.report.page.page_data import MIME

ASKED = {"city": "Đà Nẵng", "period": "2025", "framework": "f", "data": "d", "lang": "vi"}


JOB = Job(
    city="da-nang",
    name="Đà Nẵng",
    title="Báo cáo <1>",
    stem=Path("da-nang"),
    parameters=ASKED,
    lang="vi",
    series="small@1",
    demo=True,
    index="index.html",
    inputs="abc",
)
CELLS = [TITLE, 'print("xin chào")', FIGURE, TABLE, WIDE, 'heading("Cuối & hết", "end")']


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    return run_notebook(notebook(*CELLS), ASKED)


@pytest.fixture(scope="module")
def page(executed: nbformat.NotebookNode) -> str:
    return to_html(executed, JOB)


def test_the_notebook_is_told_its_parameters(executed: nbformat.NotebookNode) -> None:
    assert executed.cells[2].metadata.tags == ["injected-parameters"]
    assert "Đà Nẵng – 2025" in executed.cells[3].outputs[0].data["text/html"]


def test_the_executed_notebook_is_valid(executed: nbformat.NotebookNode) -> None:
    nbformat.validate(executed)


def test_the_same_input_gives_the_same_bytes(executed: nbformat.NotebookNode, page: str) -> None:
    again = run_notebook(notebook(*CELLS), ASKED)
    assert nbformat.v4.writes(again) == nbformat.v4.writes(executed)
    assert to_html(again, JOB) == page


def test_a_page_names_the_inputs_it_was_made_from(
    executed: nbformat.NotebookNode, tmp_path: Path
) -> None:
    job = replace(JOB, stem=tmp_path / "da-nang")
    assert made_from([job]) == {}
    publish(job, executed)
    assert made_from([job]) == {job.city: job.inputs} != {job.city: ""}
    assert made_from([replace(job, inputs="abd")]) == {job.city: job.inputs}
    for file in (job.notebook, job.page):
        whole = file.read_bytes()
        for damaged in (whole[:-9], whole + b" ", whole.replace(b"1", b"2", 1)):
            file.write_bytes(damaged)
            assert made_from([job]) == {job.city: ""}
        file.write_bytes(whole)
    job.notebook.unlink()
    assert made_from([job]) == {job.city: ""}
    job.page.unlink()
    assert made_from([job]) == {}


def test_the_data_of_sections_stand_beside_the_page_and_not_in_the_notebook(tmp_path: Path) -> None:
    section = (
        "from pandas import DataFrame\nfrom kpi_lib.report.page.piece import Piece\n"
        "data = DataFrame({'title': ['=1+1'], 'score': [1 / 3], 'rank': [2.0]})\n"
        "piece = Piece(data, '<p>a</p>')\n"
        "piece.name = 'parts'\npiece"
    )
    executed = run_notebook(notebook(section, "piece", 'DataFrame({"mine": [1]})'), ASKED)
    job = replace(JOB, stem=tmp_path / "da-nang")
    publish(job, executed)
    text = job.data.read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(text.splitlines())  # once, though it is shown twice
    assert {name: cell for name, cell in row.items() if cell} == {
        **{"section": "parts", "title": "'=1+1", "score": "0.3333333333333333", "rank": "2"}
    }
    assert MIME not in job.notebook.read_text(encoding="utf-8")
    assert '<a href="da-nang.csv" download>Số liệu (CSV)</a>' in job.page.read_text("utf-8")
    publish(replace(job, stem=tmp_path / "none"), run_notebook(notebook("1"), ASKED))
    assert sorted(path.name for path in tmp_path.glob("none.*")) == ["none.html", "none.ipynb"]


def test_running_a_notebook_leaves_the_original_as_it_is() -> None:
    source = notebook(TITLE)
    before = nbformat.v4.writes(source)
    run_notebook(source, ASKED)
    assert nbformat.v4.writes(source) == before


def test_the_kernel_is_this_python() -> None:
    import sys

    made = run_notebook(notebook("import sys\nprint(sys.executable)"), ASKED)
    assert made.cells[3].outputs[0].text.strip() == sys.executable


def test_the_page_says_its_language_title_and_that_it_may_ask_for_nothing(page: str) -> None:
    assert '<html lang="vi">' in page
    assert "<title>Báo cáo &lt;1&gt;</title>" in page
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none';")
    assert "script-src 'none'" in policy[1]
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_a_figure_is_a_part_of_the_page_with_a_label_and_a_caption(page: str) -> None:
    assert 'role="img" aria-label="Đường &lt;gãy&gt; &amp; điểm"' in page
    assert "<figcaption>Một chú thích</figcaption>" in page
    assert "<img" not in page


def test_code_is_folded_not_lost(page: str, executed: nbformat.NotebookNode) -> None:
    from html import escape, unescape

    text = unescape(page)
    for cell in executed.cells:
        if cell.cell_type == "code":
            assert cell.source in text
    body = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    assert escape("figure.subplots()") not in body
    assert "xin chào" not in body


def test_notes_for_who_works_on_the_notebook_stay_out_of_the_page(page: str) -> None:
    assert "Ghi chú của sổ tay" not in page


def test_a_wide_table_scrolls_in_a_region_that_the_keyboard_reaches(page: str) -> None:
    region = '<div class="scroll" role="group" tabindex="0" aria-label="Bảng"><table'
    assert page.count(region) == 1
    assert '<table class="plain cards"' in page


def test_data_cannot_become_markup(page: str) -> None:
    assert "Cây xanh &lt;b&gt;" in page
    assert "Cây xanh <b>" not in page


def test_made_up_figures_say_so_on_the_page_and_on_paper(
    executed: nbformat.NotebookNode, page: str
) -> None:
    assert '<p class="banner"' in page
    assert "@bottom-center" in page
    real = to_html(executed, replace(JOB, demo=False))
    assert "DEMO" not in real


def test_a_notebook_without_a_title_gets_one() -> None:
    made = run_notebook(notebook("1 + 1"), ASKED)
    page = to_html(made, replace(JOB, lang="en", title="Report & more"))
    assert "<h1>Report &amp; more</h1>" in page
    assert "<pre>2</pre>" in page
    assert '<details class="code"><summary>The code that made this page</summary>' in page


def test_a_failure_names_city_cell_code_and_error() -> None:
    with pytest.raises(CityFailure) as failed:
        run_notebook(notebook("a = 1", "\nb = a / 0\n"), ASKED)
    failure = failed.value
    assert failure.city == "Đà Nẵng"
    assert failure.cell == 4
    assert failure.source == "b = a / 0"
    assert (failure.error, failure.message) == ("ZeroDivisionError", "division by zero")
    assert str(failure) == "cell [4]: ZeroDivisionError: division by zero (in: b = a / 0)"


def test_a_kernel_that_dies_is_a_failure() -> None:
    with pytest.raises(CityFailure, match="the kernel died"):
        run_notebook(notebook("import os\nos._exit(1)"), ASKED)


def test_a_notebook_that_does_not_end_is_stopped() -> None:
    with pytest.raises(CityFailure, match="not done in 8 s"):
        run_notebook(notebook("while True: pass"), ASKED, limit=8)


def test_the_limit_is_that_of_the_page_too_and_a_late_one_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Event] = []
    ended, asked = Event(), publish

    def slow(job: Job, executed: nbformat.NotebookNode, late: Event) -> None:
        told.append(late)
        late.wait(60)
        asked(job, executed, late)
        ended.set()

    source = notebook("1")
    monkeypatch.setattr(own, "run_notebook", lambda *_: source)
    monkeypatch.setattr(own, "publish", slow)
    outcome = own._make(source, replace(JOB, stem=tmp_path / "late"), 0.1, {})
    assert outcome.failure is not None
    assert outcome.failure.error == "TimeLimit"
    assert ended.wait(60)
    assert all(late.is_set() for late in told)
    assert list(tmp_path.iterdir()) == []


def test_the_notebook_of_the_library_is_found() -> None:
    assert read_notebook(default_notebook()).cells


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "this is not a Jupyter notebook"),
        ('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "'parameters'"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_report_notebook_is_refused(
    tmp_path: Path, content: str | None, said: str
) -> None:
    path = tmp_path / "n.ipynb"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=said):
        read_notebook(path)
