"""The Excel form for agencies: its columns, its words, and what is entered where."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from kpi_lib.errors import plain
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.locale.words import LANGUAGES, Lang, reason
from kpi_lib.observations.cities import NUMBERS

MARKER = "kpi-form"
"""The hidden sheet that says a workbook is a form, of which framework, with which rows."""

CITY, PERIOD = "city", "period"
FIGURES = ("numerator", "denominator", "value")
ENTERED = (*FIGURES, "quality", "source", "note")
"""The columns that an agency fills in, named as in observations."""

REASONS = ("not reported", "not verified", "not yet collected", "not applicable", "no denominator")
"""Why there is no value, as observations say it."""

QUALITIES = {
    "reported": "theo báo cáo",
    "verified": "đã thẩm định",
    "provisional": "sơ bộ",
    "estimated": "ước tính",
}
"""How good a value is, in English and Vietnamese."""


@dataclass(frozen=True)
class Part:
    """A column of the form: its key, its heading in each language, its width."""

    key: str
    vi: str
    en: str
    width: float

    def heading(self, lang: Lang) -> str:
        """The heading in a language."""
        return self.vi if lang == "vi" else self.en


PARTS = (
    Part("indicator", "Mã", "Code", 14),
    Part("title", "Chỉ số", "Indicator", 34),
    Part("definition", "Định nghĩa, cách tính", "Definition, calculation", 52),
    Part("unit", "Đơn vị tính", "Unit", 13),
    Part("range", "Giá trị có thể", "Possible values", 13),
    Part(CITY, "Đô thị", "City", 16),
    Part(PERIOD, "Kỳ", "Period", 11),
    Part("numerator", "Tử số", "Numerator", 13),
    Part("denominator", "Mẫu số", "Denominator", 13),
    Part("value", "Giá trị", "Value", 13),
    Part("quality", "Chất lượng", "Quality", 14),
    Part("source", "Nguồn số liệu", "Source", 22),
    Part("note", "Ghi chú (lý do nếu thiếu)", "Note (reason if missing)", 26),
)
PART_OF: Mapping[str, Part] = {
    plain(heading): part for part in PARTS for heading in (part.vi, part.en)
}

ABOVE = {CITY: ("Đô thị", "City"), PERIOD: ("Kỳ đánh giá", "Period")}
"""What is asked above the table, where it is the same for all rows."""


def is_form(data: bytes) -> bool:
    """Say whether the content of a file is a form, by its hidden sheet."""
    if not data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return f'name="{MARKER}"'.encode() in archive.read("xl/workbook.xml")
    except (zipfile.BadZipFile, KeyError):
        return False


def reasons(lang: Lang) -> list[str]:
    """The reasons for a missing value, in a language."""
    return [reason(one, lang) for one in REASONS]


def qualities(lang: Lang) -> list[str]:
    """What may stand under quality, in a language."""
    return list(QUALITIES) if lang == "en" else list(QUALITIES.values())


def in_observations(key: str, text: str) -> str:
    """Give a quality or a reason as observations say it, whatever the language of the form."""
    known = REASONS if key == "note" else tuple(QUALITIES)
    for lang in LANGUAGES:
        said = reasons(lang) if key == "note" else qualities(lang)
        for one, name in zip(known, said, strict=True):
            if plain(name) == plain(text):
                return one
    return text


def takes(indicator: Indicator | None) -> frozenset[str]:
    """Give the columns that can be filled in for an indicator, or for a quantity (None)."""
    entered = {"value", "quality", "source", "note"}
    if indicator is not None and indicator.formula is not None:
        entered.add("numerator")
        if indicator.formula.denominator is not None:
            entered.add("denominator")
    return frozenset(entered)


def asked_quantities(framework: Framework) -> Mapping[str, Indicator]:
    """Give each quantity to be asked for with the first indicator that is divided by it.

    What cities.csv holds (population, area) is not asked for.
    """
    asked: dict[str, Indicator] = {}
    for indicator in framework.indicators:
        if indicator.denominator and indicator.denominator not in NUMBERS:
            asked.setdefault(indicator.denominator, indicator)
    return asked
