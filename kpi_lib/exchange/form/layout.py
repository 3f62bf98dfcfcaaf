"""The Excel form for agencies: its columns, its words, and what is entered where."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kpi_lib.errors import did_you_mean, plain
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.limits import DAMAGED
from kpi_lib.io.names import tidy
from kpi_lib.locale.catalogue import Lang, either, languages, mark, msg, tr, tr_in
from kpi_lib.locale.words import reason
from kpi_lib.observations.cities import NUMBERS

MARKER = "kpi-form"
"""The hidden sheet that says a workbook is a form, of which framework, with which rows."""

CITY, PERIOD = "city", "period"
_REQUIRED = ("indicator", "numerator", "denominator", "value", "note")
_OF_FORMS = ("indicator", "title", "value", "note")
FIGURES = ("numerator", "denominator", "value")
AWARDS = {"self-scored": "reported", "verified": "verified"}
"""The columns of points that are earned, under ``scale: points``, and the quality of each."""
ENTERED = (*FIGURES, *AWARDS, "quality", "source", "note")
"""The columns that an agency fills in, named as in observations."""

REASONS = ("not reported", "not verified", "not yet collected", "not applicable", "no denominator")
"""Why there is no value, as observations say it."""

QUALITIES = (mark("reported"), mark("verified"), mark("provisional"), mark("estimated"))
"""How good a value is, as observations say it."""


def _apart(lang: Lang) -> Mapping[str, str]:
    """The headings that are translated in another way than on the pages of a report."""
    return {
        "Unit": tr_in(lang, "form", "Unit"),
        "Period": tr_in(lang, "form", "Period"),
    }


@dataclass(frozen=True)
class Part:
    """A column of the form: its key, its heading, its width."""

    key: str
    text: str
    width: float

    def heading(self, lang: Lang) -> str:
        """The heading in a language."""
        return _apart(lang).get(self.text) or tr(lang, self.text)

    @property
    def shown(self) -> str:
        """The heading in every language, for people who lack it: ``'Gloss' (Code)``."""
        return in_all_languages(self.heading)


PARTS = (
    Part("indicator", mark("Code"), 14),
    Part("title", mark("Indicator"), 34),
    Part("definition", mark("Definition, calculation"), 52),
    Part("unit", "Unit", 13),
    Part("range", mark("Possible values"), 13),
    Part(CITY, mark("City"), 16),
    Part(PERIOD, "Period", 11),
    Part("numerator", mark("Numerator"), 13),
    Part("denominator", mark("Denominator"), 13),
    Part("value", mark("Value"), 13),
    Part("quality", mark("Quality"), 14),
    Part("source", mark("Source"), 22),
    Part("note", mark("Note (reason if missing)"), 26),
)
_ONLY_VALUES = {"quality", "source"}
_AFTER_VALUE = [part.key for part in PARTS].index("value") + 1
POINT_PARTS = (
    *PARTS[:5],
    Part("maximum", mark("Maximum points"), 11),
    *PARTS[5:_AFTER_VALUE],
    Part("self-scored", mark("Points, self-scored"), 13),
    Part("verified", mark("Points, verified"), 13),
    Part("source", mark("Document of evidence"), 26),
    *(part for part in PARTS[_AFTER_VALUE:] if part.key not in _ONLY_VALUES),
)
"""The columns of the form of a framework that sums points."""

PART: Mapping[str, Part] = {part.key: part for part in (*POINT_PARTS, *PARTS)}

ABOVE = {CITY: mark("City"), PERIOD: mark("Period")}
"""What is asked above the table, where it is the same for all rows."""


def in_all_languages(said: Callable[[Lang], str]) -> str:
    """Quote a text in the first language, the others in brackets."""
    first, *others = dict.fromkeys(map(said, languages()))
    return f"'{first}' ({', '.join(others)})" if others else f"'{first}'"


@cache
def part_of() -> Mapping[str, Part]:
    """The columns by their headings in every language there is, as texts are compared."""
    parts = (*PARTS, *POINT_PARTS)
    return {plain(part.heading(lang)): part for part in parts for lang in languages()}


def headings() -> list[str]:
    """All headings in every language there is."""
    parts = dict.fromkeys((*PARTS, *POINT_PARTS))
    return [part.heading(lang) for lang in languages() for part in parts]


def gone(present: Collection[str]) -> list[str]:
    """The columns that every form has and that are not among the keys of those that are there."""
    return [PART[key].shown for key in _REQUIRED if key not in present]


def remedy(text: str, present: Collection[str]) -> str:
    """What to do with a heading that no column has: values stand below one that was altered."""
    absent = [one for one in headings() if part_of()[plain(one)].key not in present]
    if near := did_you_mean(text, absent):
        return near
    if lost := gone(present):
        return msg(
            "If it is the column {gone}, write that heading again; else clear the column.",
            gone=either(lost),
        )
    return msg("Clear the column.")


def copied_heading(rows: Iterable[Sequence[str]]) -> bool:
    """Whether a table is a form without its hidden sheet: the headings of one are in a row.

    With a city and a period in each row it can be read as any other table.
    """
    for cells in rows:
        found = {part_of()[text].key for text in map(plain, map(tidy, cells)) if text in part_of()}
        if found.issuperset(_OF_FORMS) and not found.issuperset((CITY, PERIOD)):
            return True
    return False


def is_form(data: bytes) -> bool:
    """Say whether the content of a file is a form, by its hidden sheet."""
    if not data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return f'name="{MARKER}"'.encode() in archive.read("xl/workbook.xml")
    except (*DAMAGED, KeyError):
        return False  # its reader says what is wrong: damaged, or encrypted


def digest(framework: str, fingerprint: str, rows: Iterable[Sequence[str]]) -> str:
    """SHA-256 (hex) of what the hidden sheet says; another one shows that it was altered."""
    lines = ((framework, fingerprint), *rows)
    text = "\n".join("\t".join(map(tidy, line)) for line in lines)
    return hashlib.sha256(text.encode()).hexdigest()


def reasons(lang: Lang) -> list[str]:
    """The reasons for a missing value, in a language."""
    return [reason(one, lang) for one in REASONS]


def qualities(lang: Lang) -> list[str]:
    """What may stand under quality, in a language."""
    return [tr(lang, one) for one in QUALITIES]


def in_observations(key: str, text: str) -> str:
    """Give a quality or a reason as observations say it, whatever the language of the form."""
    known = REASONS if key == "note" else QUALITIES
    for lang in languages():
        said = reasons(lang) if key == "note" else qualities(lang)
        for one, name in zip(known, said, strict=True):
            if plain(name) == plain(text):
                return one
    return text


def parts_of(framework: Framework) -> tuple[Part, ...]:
    """The columns of the form of a framework."""
    return POINT_PARTS if framework.sums_points else PARTS


def takes(indicator: Indicator | None) -> frozenset[str]:
    """Give the columns that can be filled in for an indicator, or for a quantity (None)."""
    entered = {"value", "quality", "source", "note"}
    if indicator is not None:
        entered |= AWARDS.keys()
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
