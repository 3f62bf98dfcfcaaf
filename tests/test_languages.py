"""Texts in the language of their reader: a language is one catalogue, and nothing else."""

from __future__ import annotations

import re
from contextlib import suppress
from html import unescape
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from builders import DEMO, ROOT
from commands import fails
from made_up import Marked, outside_marks
from matplotlib.text import Text

from kpi_lib.exchange.form.write import write_form
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.schemes import bundled_schemes
from kpi_lib.locale import catalogue
from kpi_lib.locale.catalogue import languages
from kpi_lib.report.audit import audit_report
from kpi_lib.report.city import CityReport
from kpi_lib.report.index.overview import national_overview
from kpi_lib.report.labels import HEADINGS, LABELS
from kpi_lib.report.page.piece import ChartPiece
from kpi_lib.report.view.city import CityView
from kpi_lib.scoring.cache import scoreboard
from kpi_lib.scoring.scoreboard import Scoreboard


@pytest.fixture
def french(monkeypatch: pytest.MonkeyPatch) -> str:
    """A language that is not there, made up of marks."""
    known = catalogue._translations
    made = {"fr": Marked()}
    monkeypatch.setattr(catalogue, "_translations", lambda lang: made.get(lang) or known(lang))
    return "fr"


def words_of(html: str) -> set[str]:
    """The words that a reader sees or hears."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    spoken = " ".join(re.findall(r'(?:aria-label|alt|title)="([^"]*)"', text))
    text = unescape(re.sub(r"<[^>]+>", " ", text) + " " + spoken)
    text = re.sub(r"\b[0-9a-f]{8,}\b", " ", text)
    return set(re.findall(r"[^\W\d_]{2,}", outside_marks(text)))


def own_texts(board: Scoreboard) -> set[str]:
    """The words that are not ours: of the framework, the data and the places."""
    framework, observations = board.framework, board.observations
    texts = [str(text) for text in framework.title.values()]
    for node in framework.nodes.values():
        for field in vars(node).values():
            texts.append(str(field))
    for table in (observations.table, observations.cities, observations.evidence):
        for column in table.select_dtypes(exclude="number"):
            texts += table[column].astype(str).unique().tolist()
    texts += [path.name for path in observations.files]
    texts += [path.read_text(encoding="utf-8") for path in bundled_schemes().values()]
    texts += [str(field) for name, field in vars(framework).items() if name != "root"]
    texts.append(framework.name)
    return set(re.findall(r"[^\W\d_]{2,}", " ".join(texts)))


def asked_for_nothing(report: object) -> dict[str, object]:
    """What the methods of a report give that need no argument, by name."""
    made = {}
    for name in [name for name in dir(report) if not name.startswith("_")]:
        method = getattr(report, name)
        if callable(method):
            with suppress(TypeError):
                made[name] = method()
    return {name: piece for name, piece in made.items() if hasattr(piece, "_repr_html_")}


SETS = {
    "vn-smart-city@1.0": "demo/observations-demo.csv",
    "provincial-scoring-demo@1.0": "scoring-demo/observations-demo.csv",
    "pci@2013": "pci/pci-2013.csv",
}


@pytest.mark.parametrize("name", SETS)
def test_a_report_in_another_language_has_no_untranslated_word(french: str, name: str) -> None:
    board = scoreboard(ROOT / "data/raw" / SETS[name], name)
    own, shown = own_texts(board), 0
    for city, period in list(board.latest.items())[:3]:
        report = CityReport(CityView(board, str(city), str(period), french))
        made = asked_for_nothing(report)
        made |= {f"heading of {key}": report.heading(key) for key in HEADINGS}
        for piece_name, piece in made.items():
            if piece is None:
                continue
            strange = words_of(piece._repr_html_()) - own - BORROWED
            assert not strange, (city, piece_name, strange)
            shown += 1
    assert shown > 3 * 10


def test_charts_and_their_labels_have_none_either(french: str, demo: Scoreboard) -> None:
    report = CityReport(CityView(demo, "hue", "2025", french))
    own = own_texts(demo)
    for piece in asked_for_nothing(report).values():
        if isinstance(piece, ChartPiece):
            ax = piece.plot()
            texts = [text.get_text() for text in ax.findobj(Text)]
            assert not words_of(" ".join(texts)) - own - BORROWED
            plt.close(ax.figure)
    for key in LABELS:
        assert not words_of(report.label(key)), key


# Signs and names that are the same in every language.
BORROWED = {
    *("DEMO", "CSV", "XLSX", "SHA", "TOTAL", "kpi", "lib", "Python", "pandas", "numpy", "Excel"),
    *("Hoàng", "Trường", "Sa"),
    *("Theil", "Sen", "sha", "vn", "smart", "city", "et"),
}


def test_overview_and_audit_have_none_either(
    french: str, demo: Scoreboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpi_lib.errors.languages", lambda: ("fr", "en"))
    own = own_texts(demo)
    for make in (national_overview, audit_report):
        report = make("2025", demo.framework, DEMO, french)
        for name, piece in asked_for_nothing(report).items():
            html = getattr(piece, "alt", "") or piece._repr_html_()
            strange = words_of(html) - own - BORROWED
            assert not strange, (make.__name__, name, strange)


def test_the_same_command_speaks_two_languages() -> None:
    told = {}
    for lang in ("vi", "en"):
        told[lang] = fails("check", "no-such-file.csv", "-f", "x", "--lang", lang)
    assert told["en"].startswith("Error: ")
    assert told["vi"].startswith("Lỗi: ")


def test_a_form_is_made_in_every_language(french: str, tmp_path: Path) -> None:
    assert set(languages()) == {"vi", "en"}
    framework = load_framework("vn-smart-city@1.0")
    made = tmp_path / "form.xlsx"
    write_form(framework, made, french, cities=["hue"], periods=["2025"])
    assert made.is_file()


def test_there_is_no_vietnamese_in_the_code() -> None:
    letters = re.compile("[\u1ea0-\u1ef9\u0110\u0111\u01a0\u01a1\u01af\u01b0]")
    held = [
        path.relative_to(ROOT)
        for path in sorted((ROOT / "kpi_lib").rglob("*"))
        if path.suffix in {".py", ".j2"} and letters.search(path.read_text(encoding="utf-8"))
    ]
    assert held == []
