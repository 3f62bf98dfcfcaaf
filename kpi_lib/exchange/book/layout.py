"""The workbook in which people edit a framework: its sheets and its columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from babel import Locale

from kpi_lib.exchange.book.cells import Kind
from kpi_lib.locale.catalogue import Lang, languages, mark, tr, tr_in


def _named(text: str) -> str:
    """The name of a sheet: in the first language, and in English, which stays what it is."""
    first = tr(languages()[0], text)
    return text if first == text else f"{first} ({text})"


FRAMEWORK = _named(mark("Framework"))
GROUPS = _named(mark("Groups"))
INDICATORS = _named(mark("Indicators"))
LEVELS = _named(mark("Levels"))
CRITERIA = _named(mark("Criteria"))
NOTES = _named(mark("Notes"))


def joined(said: Callable[[Lang], str]) -> str:
    """Give a text in every language there is: the workbook is one for all."""
    return " / ".join(dict.fromkeys(map(said, languages())))


def language_name(lang: Lang, shown_in: Lang) -> str:
    """Give the name of a language in a language."""
    known = {"vi": mark("Vietnamese"), "en": mark("English")}
    return tr(shown_in, known.get(lang) or str(Locale.parse(lang).english_name))


def _apart(lang: Lang) -> Mapping[str, str]:
    """The labels that are translated in another way than on the pages of a report."""
    return {
        "Unit": tr_in(lang, "workbook", "Unit"),
        "In group": tr_in(lang, "workbook", "In group"),
        "Note": tr_in(lang, "workbook", "Note"),
        "Points": tr_in(lang, "workbook", "Points"),
    }


@dataclass(frozen=True)
class Field:
    """What a column holds: ``path`` leads to it in the framework file.

    A ``bilingual`` field has a column for each language; one is empty where it is the same as
    that of the first.
    """

    path: tuple[str | int, ...]
    text: str
    kind: Kind = "text"
    width: float = 14
    options: tuple[str, ...] = ()
    bilingual: bool = False

    def label(self, lang: Lang) -> str:
        """What the column is called in a language."""
        if self.path[0] == "targets":
            return tr(lang, self.text, year=self.path[1])
        return _apart(lang).get(self.text) or tr(lang, self.text)

    @cached_property
    def shown(self) -> str:
        """What the column is called in every language."""
        return joined(self.label)

    @cached_property
    def columns(self) -> tuple[tuple[str, tuple[str | int, ...]], ...]:
        """Heading and path of each column."""
        if not self.bilingual:
            return ((self.shown, self.path),)

        def heading(of: Lang) -> str:
            return joined(lambda lang: f"{self.label(lang)}, {language_name(of, lang)}")

        return tuple((heading(of), (*self.path, of)) for of in languages())

    @cached_property
    def headings(self) -> Mapping[str, tuple[str | int, ...]]:
        """Every heading that a column may have, in one language or several, with its path."""
        found = dict(self.columns)
        for lang in languages():
            if not self.bilingual:
                found.setdefault(self.label(lang), self.path)
                continue
            for of in languages():
                name = f"{self.label(lang)}, {language_name(of, lang)}"
                found.setdefault(name, (*self.path, of))
        return found


_NOT_APPLICABLE = Field(
    ("not_applicable",),
    mark("Where it does not apply"),
    "choice",
    12,
    ("exclude", "full", "zero"),
)
_PROVENANCE = ("official", "adapted", "local")
_CODE = Field(("code",), mark("Code"), "word", 16)
_TITLE = Field(("title",), mark("Title"), width=42, bilingual=True)
_WEIGHT = Field(("weight",), mark("Weight"), "number", 10)
_LAST = (
    Field(("provenance",), mark("Provenance"), "choice", 12, _PROVENANCE),
    Field(("was",), mark("Former code"), "word", 14),
)

IN_GROUP = Field(("group",), "In group", "word", 16)
IN_LEVEL = Field(("level",), mark("In level"), "word", 16)

HEAD_FIELDS = (
    Field(("id",), mark("Id"), "word"),
    Field(("version",), mark("Version"), "word"),
    Field(("status",), mark("Status"), "choice", options=("working", "official")),
    Field(("title",), mark("Title"), bilingual=True),
    Field(("report_title",), mark("Title of reports"), bilingual=True),
    Field(("unit_noun",), mark("What is scored (one | several)"), "noun", bilingual=True),
    Field(("note",), "Note", bilingual=True),
    Field(("issued", "by"), mark("Issued by"), bilingual=True),
    Field(("issued", "document"), mark("Document")),
    Field(("issued", "date"), mark("Date of issue"), "word"),
    Field(("contact",), mark("Contact"), bilingual=True),
    Field(("licence",), mark("Licence"), bilingual=True),
    Field(("extends",), mark("Extends")),
    Field(("normalise",), mark("Normalise"), "method"),
    Field(("aggregate",), mark("Aggregate"), "method"),
    Field(
        ("missing", "policy"),
        mark("Missing values"),
        "choice",
        options=("rescale", "zero", "worst", "strict"),
    ),
    Field(("missing", "min_coverage"), mark("Least coverage"), "number"),
    Field(("scale",), mark("Scale"), "choice", options=("hundred", "one", "points")),
    Field(("decimals",), mark("Decimals"), "number"),
    Field(
        ("shown",), mark("How totals are shown"), "choice", options=("points", "percent", "unit")
    ),
    Field(("classes",), mark("Classes (least score → name, one a line)"), "classes"),
    _NOT_APPLICABLE,
    Field(("treatment",), mark("Treatment (a step a line)"), "methods"),
)

GROUP_FIELDS = (
    _CODE,
    IN_GROUP,
    _TITLE,
    _WEIGHT,
    Field(("aggregate",), mark("Aggregate"), "method", 18),
    Field(("cap",), mark("Most points"), "number", 10),
    Field(("floor",), mark("Least points"), "number", 10),
    *_LAST,
)

INDICATOR_FIELDS = (
    _CODE,
    IN_GROUP,
    _TITLE,
    Field(("definition",), mark("Definition"), width=50, bilingual=True),
    Field(("unit",), "Unit", width=16, bilingual=True),
    Field(("direction",), mark("Direction"), "choice", 11, ("higher", "lower")),
    _WEIGHT,
    Field(("points",), "Points", "number", 10),
    Field(("bonus",), mark("Bonus"), "number", 10),
    Field(("deduction",), mark("Deduction"), "number", 10),
    Field(("goalposts", 0), mark("Low goalpost"), "numbers", 10),
    Field(("goalposts", 1), mark("High goalpost"), "numbers", 10),
    Field(("normalise",), mark("Normalise"), "method", 18),
    Field(("rule",), mark("Scoring rule (value → score, one a line)"), "rule", 24),
    Field(("by",), mark("Rules differ by"), "word", 12),
    _NOT_APPLICABLE,
    Field(("denominator",), mark("Divided by quantity"), width=16),
    Field(("formula", "numerator"), mark("Numerator"), width=34, bilingual=True),
    Field(("formula", "denominator"), mark("Denominator"), width=34, bilingual=True),
    Field(("formula", "multiplier"), mark("Multiplier"), "number", 10),
    Field(("valid", 0), mark("Lowest possible value"), "number", 12),
    Field(("valid", 1), mark("Highest possible value"), "number", 12),
    Field(("target_source",), mark("Source of targets"), width=34, bilingual=True),
    Field(("aliases",), mark("Other names (one a line)"), "aliases", 26),
    Field(
        ("references",),
        mark("Standard | clause (one a line)"),
        "references",
        30,
    ),
    Field(("agency",), mark("Agency"), width=24, bilingual=True),
    Field(("frequency",), mark("Frequency"), "choice", 11, ("monthly", "quarterly", "annual")),
    *_LAST,
)

LEVEL_FIELDS = (
    _CODE,
    _TITLE,
    Field(("rule", "share"), mark("Share to be met"), "number", 12),
    Field(("rule", "basic"), mark("Share of basic ones"), "number", 12),
    Field(("rule", "chosen"), mark("Chosen ones"), "number", 12),
)

CRITERION_FIELDS = (
    _CODE,
    IN_LEVEL,
    _TITLE,
    Field(("kind",), mark("Kind"), "choice", 10, ("basic", "chosen")),
    Field(("indicator",), mark("Indicator"), "word", 16),
    Field(("at_least",), mark("At least"), "number", 10),
    Field(("at_most",), mark("At most"), "number", 10),
    Field(("evidence",), mark("Evidence"), width=42, bilingual=True),
)


def target_field(year: int | str) -> Field:
    """Give the field of the targets for a year."""
    return Field(("targets", int(year)), mark("Target {year}"), "numbers", 10)


def field_of_target(heading: str) -> Field | None:
    """Give the field of a heading such as 'Target 2030', in one language or in all."""
    found = re.search(r"(?<!\d)\d{4}(?!\d)", heading)
    target = target_field(found[0]) if found else None
    return target if target is not None and heading in target.headings else None
