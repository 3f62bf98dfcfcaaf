"""Texts that were made to do harm, in every field that people fill in: they stay texts.

Pages, notebooks, workbooks, CSV and the terminal show them; none runs, asks for anything, or
pushes what is beside it off the page.
"""

from __future__ import annotations

import csv
import io
import zipfile
from itertools import cycle
from pathlib import Path

import nbformat
import openpyxl
import pytest
import yaml
from commands import done
from lxml.html import fragments_fromstring
from report.test_browser import UNFOLD, Visit

TEXTS = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)></svg><iframe src=http://127.0.0.1:9/>',
    "</script></style></title><script>alert(4)</script>",
    "[a](javascript:alert(5)) ![b](http://127.0.0.1:9/b.png) <javascript:alert(6)>",
    "=cmd|' /C calc'!A0",
    '+1+HYPERLINK("http://127.0.0.1:9/")',
    "@SUM(1+1)\t-2",
    "\u202etxt.exe\u202c {{ 7*7 }} ${7*7} {0.__class__} %s",
    "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "W" * 10_000,
    "ạ" * 3_000 + "&amp;<b>" + "'`\\\"",
    "$\\href{javascript:alert(7)}{x}$ <a href='JaVaScRiPt:alert(8)'>x</a>",
)
IN_YAML = [text for text in TEXTS if not {"\x1b", "\u202e"} & {*text}]  # else it is refused

WIDE = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
RUNS = """() => [...document.querySelectorAll("*")].flatMap((e) => [...e.attributes]
  .filter((a) => /^on/i.test(a.name)
    || /^(href|src|action|formaction|xlink:href)$/i.test(a.name)
      && /^\\s*javascript:/i.test(a.value))
  .map((a) => `${e.tagName} ${a.name}=${a.value.slice(0, 60)}`))"""


def framework(version: str) -> str:
    """A framework with hostile texts wherever one may stand."""
    text = cycle(IN_YAML)

    def both() -> dict[str, str]:
        return {"vi": next(text), "en": next(text)}

    def indicator(code: str) -> dict[str, object]:
        return {
            "code": code,
            "title": {"vi": f"{code} {next(text)}", "en": f"{code} {next(text)}"},
            "definition": both(),
            "unit": both(),
            "direction": "higher",
            "goalposts": [0, 100],
            "targets": {"2024": 80 if version == "1" else 70},
            "target_source": next(text),
            "agency": both(),
            "references": [{"standard": next(text), "code": next(text)}],
            "formula": {"numerator": both(), "denominator": both(), "multiplier": 100},
        }

    data = {
        "id": "odd",
        "version": version,
        "title": both(),
        "report_title": both(),
        "unit_noun": {"vi": "nơi", "en": {"one": "place", "other": "places"}},
        "note": both(),
        "contact": next(text),
        "licence": next(text),
        "issued": {"by": both(), "document": next(text), "date": "2024-01-01"},
        "missing": {"policy": "rescale", "min_coverage": 0},
        "groups": [
            {
                "code": group,
                "title": {"vi": f"{group} {next(text)}", "en": f"{group} {next(text)}"},
                "weight": int(version) if group == "A" else 1,
                "indicators": [indicator(f"{group}.{i}") for i in (1, 2, 3)],
            }
            for group in "AB"
        ],
    }
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def table(*rows: list[str]) -> str:
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of places with hostile names, and all that is made of it."""
    folder = tmp_path_factory.mktemp("odd")
    text = cycle(TEXTS)
    for version in "12":
        (folder / f"odd-{version}.yaml").write_text(framework(version), encoding="utf-8")
    places = [f"c{i}" for i in range(len(TEXTS))]
    names = [[place, name, name, next(text)] for place, name in zip(places, TEXTS, strict=True)]
    (folder / "cities.csv").write_text(
        table(["city", "name_vi", "name_en", "region"], *names), encoding="utf-8"
    )
    rows = [
        [place, year, f"{group}.{i}", str((at * 7 + i * 13 + int(year)) % 100), next(text), "", ""]
        for at, place in enumerate(places)
        for year in ("2023", "2024")
        for group in "AB"
        for i in (1, 2)
    ]
    rows += [[place, "2024", "A.3", "", "", next(text), next(text)] for place in places]
    header = ["city", "period", "indicator", "value", "source", "note", "quality"]
    (folder / "data.csv").write_text(table(header, *rows), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        asked = ("data.csv", "-f", "odd-1.yaml")
        said = [
            done("check", *asked).output,
            done("score", *asked).output,
            done("score", *asked, "-o", "scores.csv").output,
            done("score", *asked, "-o", "scores.xlsx").output,
            done("robustness", *asked, "--draws", "50", "-o", "ranks.xlsx").output,
            done("robustness", *asked, "--draws", "50").output,
            done("framework", "show", "odd-1.yaml").output,
            done("framework", "diff", "odd-1.yaml", "odd-2.yaml").output,
            done("report", *asked, "--city", "c0", "--city", "c9", "-o", "reports").output,
            done("audit", *asked, "-o", "reports").output,
            done("framework", "review", "odd-1.yaml", "odd-2.yaml", "data.csv", "-o", "r").output,
        ]
        (folder / "said.txt").write_text("\n".join(said), encoding="utf-8")
    return folder


def test_pages_run_nothing_and_ask_for_nothing(made: Path, browser: object) -> None:
    pages = sorted(made.glob("r*/**/*.html"))
    assert {"index.html", "c0.html", "c9.html"} <= {page.name for page in pages}
    assert len(pages) >= 6
    for page in pages:
        visit = Visit(browser, page, 360)
        dialogs: list[str] = []
        visit.page.on(
            "dialog", lambda dialog, met=dialogs: (met.append(dialog.message), dialog.dismiss())
        )
        visit.page.evaluate(UNFOLD)
        assert visit.page.evaluate(RUNS) == [], page
        assert visit.page.evaluate(WIDE) <= 0, page
        assert [url for url in visit.asked if not url.startswith("data:")] == [visit.address], page
        assert visit.said == [], page
        assert dialogs == [], page
        visit.page.context.close()  # else it is laid out again while the others are looked at


def test_no_output_of_a_notebook_holds_what_would_run(made: Path) -> None:
    for path in made.glob("r*/**/*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", ()):
                html = "".join(output.get("data", {}).get("text/html", ""))
                for element in fragments_fromstring(html, no_leading_text=True) if html else ():
                    for one in element.iter("*"):
                        assert one.tag not in ("iframe", "script"), path
                        for name, value in one.attrib.items():
                            assert not name.startswith("on"), path
                            assert not value.strip().lower().startswith("javascript:"), path


def test_what_a_spreadsheet_opens_has_no_formula_and_no_link(made: Path) -> None:
    books = [*made.glob("*.xlsx"), *made.glob("r*/**/*.xlsx")]
    assert len(books) >= 2
    for path in books:
        for sheet in openpyxl.load_workbook(path).worksheets:
            kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
            assert "f" not in kinds, path
        with zipfile.ZipFile(path) as archive:
            whole = b"".join(map(archive.read, archive.namelist()))
        assert b"<hyperlink" not in whole
        assert b"TargetMode" not in whole
    for path in [made / "scores.csv", *made.glob("r*/**/*.csv")]:
        for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()):
            for cell in row:
                assert not cell.startswith(("=", "+", "@", "-cmd", "\t", "\r")), path


def test_no_command_reaches_the_terminal(made: Path) -> None:
    said = (made / "said.txt").read_text(encoding="utf-8")
    assert "W" * 100 in said
    odd = {char for char in said if not char.isprintable() and char not in "\n\t\u00a0"}
    assert odd == set()
