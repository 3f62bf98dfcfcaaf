"""PDF and Word files beside pages: made with them, kept with them, and never those of others."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import docx
import pytest
from browsing import BROWSER
from commands import REPORT, done, kpi
from processes import processes, until
from small_report import FIGURE, TITLE, write_inputs

from kpi_lib.batch.files.printed import Printer
from kpi_lib.batch.job import CityFailure

SET = Path("reports/small@1/latest/vi")
FAKE = """\
#!{python}
import re
import sys
from pathlib import Path
out = next(a.partition("=")[2] for a in sys.argv if a.startswith("--print-to-pdf="))
page = Path(sys.argv[-1].removeprefix("file://")).read_text(encoding="utf-8")
broken = Path("{folder}/broken")
if broken.exists() and re.search(broken.read_text(encoding="utf-8"), page):
    sys.exit("no ink")
Path(out).write_bytes(b"%PDF-1.4 /CreationDate (D:20260102030405+00'00') "
                      b"/ModDate (D:20260102030405+00'00') " + page.encode())
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with inputs that is the working directory, and a browser that prints at once."""
    monkeypatch.chdir(tmp_path)
    write_inputs(tmp_path, [TITLE, FIGURE])
    fake = tmp_path / "fake-browser"
    fake.write_text(FAKE.format(python=sys.executable, folder=tmp_path), encoding="utf-8")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("KPI_CHROMIUM", str(fake))
    return tmp_path


def downloads(page: str) -> list[str]:
    text = (SET / page).read_text(encoding="utf-8")
    return re.findall(r'<a href="([^"]*\.(?:pdf|docx))"', text)


def test_without_a_browser_nothing_is_begun(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_CHROMIUM", "no-such-browser")
    result = kpi(*REPORT, "--pdf")
    assert result.exit_code == 2
    assert "KPI_CHROMIUM" in result.output
    assert not Path("reports").exists()


def test_pages_lead_to_the_files_that_belong_to_them(place: Path) -> None:
    done(*REPORT, "--pdf", "--docx")
    assert downloads("an-binh.html") == ["an-binh.pdf", "an-binh.docx"]
    assert downloads("index.html")[-1:] == ["index.pdf"]
    assert docx.Document(str(SET / "x-y.docx")).core_properties.title.count("<b>X & Y</b>") == 1
    files = {path.name: path.stat().st_mtime_ns for path in SET.iterdir() if path.stem != "run"}
    for again in (["--pdf", "--docx"], []):  # both are up to date, asked for or not
        assert "0 reports made" in done(*REPORT, *again).output
        kept = {name for name, at in files.items() if (SET / name).stat().st_mtime_ns == at}
        assert {"an-binh.html", "an-binh.pdf", "an-binh.docx", "index.pdf"} <= kept

    (SET / "an-binh.pdf").unlink()
    said = done(*REPORT, "--pdf", "--docx", "--dry-run").output
    assert "an-binh: pdf" in said
    done(*REPORT, "--pdf")
    assert (SET / "an-binh.html").stat().st_mtime_ns == files["an-binh.html"]
    assert (SET / "an-binh.pdf").exists()

    text = Path("observations.csv").read_text(encoding="utf-8")
    Path("observations.csv").write_text(text.replace("A1,60", "A1,61"), encoding="utf-8")
    done(*REPORT)
    assert downloads("an-binh.html") == []  # what is there is of other figures
    assert "index.pdf" not in downloads("index.html")
    done(*REPORT, "--pdf")
    assert downloads("an-binh.html") == ["an-binh.pdf"]


def test_one_run_prints_the_pages_of_every_language(place: Path) -> None:
    done(*REPORT, "--pdf", "--lang", "vi", "--lang", "en")
    for lang in ("vi", "en"):
        printed = {path.name for path in SET.with_name(lang).glob("*.pdf")}
        assert printed == {"an-binh.pdf", "dong-ha.pdf", "x-y.pdf", "index.pdf"}


def test_a_page_that_cannot_be_printed_is_named_and_made_the_next_time(place: Path) -> None:
    Path("broken").write_text("<title>[^<]*Đông Hà", encoding="utf-8")
    result = kpi(*REPORT, "--pdf")
    assert result.exit_code == 3
    assert re.search(r"dong-ha: .*no ink", result.output)
    assert downloads("dong-ha.html") == []
    assert downloads("an-binh.html") == ["an-binh.pdf"]
    assert 'href="dong-ha.html"' in (SET / "index.html").read_text(encoding="utf-8")
    Path("broken").unlink()
    assert "1 report made" in done(*REPORT, "--pdf").output
    assert downloads("dong-ha.html") == ["dong-ha.pdf"]


def test_a_list_that_cannot_be_printed_is_named_too(place: Path) -> None:
    Path("broken").write_text('id="ranking"', encoding="utf-8")
    result = kpi(*REPORT, "--pdf")
    assert result.exit_code == 3
    assert re.search(r"index: .*no ink", result.output)
    assert "index.pdf" not in downloads("index.html")
    assert downloads("an-binh.html") == ["an-binh.pdf"]


def test_a_word_file_in_which_somebody_wrote_is_kept(place: Path) -> None:
    done(*REPORT, "--docx", "--city", "an-binh")
    file = SET / "an-binh.docx"
    document = docx.Document(str(file))
    document.add_paragraph("Góp ý")
    document.save(str(file))  # as Word would, anew
    assert "0 reports made" in done(*REPORT, "--docx", "--city", "an-binh").output
    text = Path("observations.csv").read_text(encoding="utf-8")
    Path("observations.csv").write_text(text.replace("A1,60", "A1,61"), encoding="utf-8")
    done(*REPORT, "--docx", "--city", "an-binh")
    kept = docx.Document(str(SET / "an-binh.edited.docx"))
    assert kept.paragraphs[-1].text == "Góp ý"
    assert docx.Document(str(file)).paragraphs[-1].text != "Góp ý"


@pytest.mark.skipif(sys.platform == "win32", reason="groups of processes are those of POSIX")
def test_a_browser_that_hangs_ends_with_all_that_it_started(tmp_path: Path) -> None:
    hanging, mark = tmp_path / "hanging", f"600.0{os.getpid()}"
    hanging.write_text(f"#!/bin/sh\nsleep {mark} & echo begun >> {tmp_path}/tries\nwait\n")
    hanging.chmod(0o755)
    with pytest.raises(CityFailure, match="not done in"):
        Printer(str(hanging), seconds=2.0).pdf("<p>", "kpi-lib:" + "0" * 16)
    assert (tmp_path / "tries").read_text().split() == ["begun", "begun"]
    until(lambda: not processes(f"sleep {mark}"))


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome")
def test_chromium_prints_the_same_bytes_with_pages_that_say_what_they_are_of(
    tmp_path: Path,
) -> None:
    from kpi_lib.report.page.templating import environment

    facts = {"lang": "vi", "title": 'Báo cáo "Huế" </style>', "demo": True, "mark": ""}
    frame = "{% from 'parts.html.j2' import head with context %}{{ head(resources.title, '') }}"
    page = environment().from_string(frame).render(resources=facts) + (
        '<body class="kpi"><h1>Huế</h1><a href="other.html">đường dẫn</a>'
        '<h2 style="break-before: page">Mục tiêu</h2></body></html>'
    )
    printer = Printer(str(BROWSER), 120.0)
    first = printer.pdf(page, "kpi-lib:0123456789abcdef")
    assert printer.pdf(page, "kpi-lib:0123456789abcdef") == first
    assert b"kpi-lib:0123456789abcdef" in first[:2048]
    assert b"CreationDate" not in first
    assert b"file:/" not in first  # no path of this machine
    assert len(re.findall(rb"/Type /Page\b", first)) == 2
    assert b"/StructTreeRoot" in first
    assert b"/Outlines" in first
    if shutil.which("pdftotext"):
        (tmp_path / "page.pdf").write_bytes(first)
        told = subprocess.check_output(["pdftotext", tmp_path / "page.pdf", "-"], text=True)
        one, two = told.split("\f")[:2]
        assert "1/2" in one
        assert "2/2" in two
        assert "DEMO" in one
        assert "DEMO" in two
        assert 'Báo cáo "Huế" </style>' not in one
        assert 'Báo cáo "Huế" </style>' in two
        assert "Mục tiêu" in two
