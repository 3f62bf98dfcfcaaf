"""Every number in a sentence of a page is that of the raw files, worked out again by other code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from raw_figures import Page, Raw, same_class

from kpi_lib.report.city import CityReport, city_report
from kpi_lib.report.page.sentences import Named, Sentence
from kpi_lib.scoring.cache import scoreboard

ROOT = Path(__file__).parents[2]
BUNDLED = ROOT / "kpi_lib" / "framework" / "bundled"
SETS = {
    "vn-smart-city@1.0": "data/raw/demo/observations-demo.csv",
    "provincial-scoring-demo@1.0": "data/raw/scoring-demo/observations-demo.csv",
    "pci@2013": "data/raw/pci/pci-2013.csv",
}
# What is no quantity of the raw files: said of the method, or of the draws of the weights.
_OF_DRAWS = {"rank low", "rank high", "rank stays", "weight ratio"}
_CONSTANTS = ("±25%", "90%")  # of the method: how far weights vary, and how sure an interval is
_OF_METHOD = {"weight range", "period"}
# Worked out again in tests/analysis/test_levels.py, from the scheme and the evidence.
_OF_SCHEME = {
    *("level", "levels", "criteria", "criteria met", "criteria to be met"),
    "criteria without evidence",
}
_NAMES = {"value": "value of", "compared": "compared count"}


def cities_of(data: Path) -> Path:
    return next(data.parent.glob("cities*.csv"))


@cache
def raw(name: str) -> Raw:
    data = ROOT / SETS[name]
    return Raw(BUNDLED / f"{name}.yaml", data, cities_of(data))


def reports(name: str, lang: str) -> Iterator[CityReport]:
    data = ROOT / SETS[name]
    for city in scoreboard(data, name, cities_of(data)).latest:
        yield city_report(city, "latest", name, data, lang, cities_of(data))


def page_of(name: str, report: CityReport) -> Page:
    """What the sentences of a report are checked against."""
    files = raw(name)
    return Page(files, report.city, report.period, same_class(files, report.city))


def sentences(report: CityReport) -> list[Sentence]:
    pieces = (
        *(report.title(), report.glance(), report.points(), report.targets()),
        *(report.level(), report.strengths(), report.needed(), report.method()),
    )
    return [sentence for piece in pieces if piece is not None for sentence in piece.sentences]


def wrong_digit(sentence: Sentence) -> Sentence:
    """The same with another last digit in the first of its numbers."""
    value = next(v for v in sentence.named if re.search("[0-9]", v.text))
    at = max(m.start() for m in re.finditer("[0-9]", value.text))
    other = value.text[:at] + str((int(value.text[at]) + 1) % 10) + value.text[at + 1 :]
    return Sentence(sentence.text.replace(value.text, other, 1), sentence.values)


def unexplained(sentence: Sentence) -> str:
    """The digits of a sentence that belong to none of its values, titles and names."""
    text = sentence.text
    for value in sorted([*map(str, sentence.values.values()), *_CONSTANTS], key=len, reverse=True):
        if value:
            whole = (
                rf"(?<![0-9]){re.escape(value)}(?![0-9])" if value.isdigit() else re.escape(value)
            )
            text = re.sub(whole, " ", text, count=1)  # a value explains one number
    return "".join(re.findall(r"[0-9]", text))


def written(value: Named) -> float | None:
    """The number as it is written, in either language; None of a word."""
    found = re.search(r"[−-]?[0-9][0-9.,\u00a0]*", value.text)
    if not found:
        return None
    text = found[0].rstrip(".,").replace("−", "-")
    comma, point = text.rfind(","), text.rfind(".")
    decimal = "," if comma > point else "."
    thousands = "." if decimal == "," else ","
    return float(text.replace(thousands, "").replace(decimal, "."))


@pytest.mark.parametrize("name", SETS)
def test_each_number_of_each_sentence_is_in_the_raw_files(name: str) -> None:
    said = 0
    for report in reports(name, "vi"):
        page = page_of(name, report)
        for sentence in sentences(report):
            for value in sentence.named:
                if value.what in _OF_DRAWS | _OF_METHOD | _OF_SCHEME:
                    continue
                what = {"value": "value of", "compared": "compared count"}.get(
                    value.what, value.what
                )
                expected = page.value(what, value.of)
                where = f"{report.city}: {sentence}: {value}"
                assert value.value == pytest.approx(expected, rel=1e-9, abs=1e-9), where
                said += 1
    assert said > 100


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", SETS)
def test_no_digit_stands_in_a_sentence_that_no_value_explains(name: str, lang: str) -> None:
    for report in reports(name, lang):
        for sentence in sentences(report):
            assert not unexplained(sentence), (report.city, str(sentence))


def test_a_wrong_digit_is_noticed_in_every_section_that_says_something() -> None:
    noticed = set()
    for name in ("vn-smart-city@1.0", "provincial-scoring-demo@1.0"):
        for report in list(reports(name, "vi"))[:3]:
            said = {"title": report.title(), "glance": report.glance(), **dict(report.sections())}
            for key, piece in said.items():
                for sentence in piece.sentences:
                    if any(re.search("[0-9]", value.text) for value in sentence.named):
                        assert unexplained(wrong_digit(sentence)), (key, str(sentence))
                        noticed.add(key)
    sections = {"title", "glance", "points", "targets", "level", "strengths", "needed", "method"}
    assert noticed == sections


@pytest.mark.parametrize("name", SETS)
def test_a_number_is_written_as_it_is(name: str) -> None:
    """Within half a unit of its last digit; a share is written in per cent."""
    for report in reports(name, "en"):
        for sentence in sentences(report):
            for value in sentence.named:
                number = written(value)
                if number is None or isinstance(value.value, str):
                    continue
                given = value.value * (
                    100 if value.text.endswith("%") and abs(value.value) <= 1 else 1
                )
                digits = (
                    len(re.sub(r"[^0-9.]", "", value.text).rpartition(".")[2])
                    if "." in value.text
                    else 0
                )
                assert abs(number - given) <= 0.5 * 10**-digits + 1e-9 or number in {1, 99}, (
                    str(sentence),
                    value,
                )


def test_the_interval_of_a_rank_is_that_of_other_draws() -> None:
    """Four hundred draws of one's own: the ends may differ by a place."""
    name = "vn-smart-city@1.0"
    for report in list(reports(name, "en"))[::4]:
        page = page_of(name, report)
        interval = report.view.interval
        assert interval is not None
        low, high = page.interval()
        assert abs(interval[0] - low) <= 1
        assert abs(interval[1] - high) <= 1
