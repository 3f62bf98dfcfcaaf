"""The workbook in which people edit a framework: its sheets, its columns, and what cells hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from babel import Locale

from kpi_lib.io.names import tidy
from kpi_lib.io.numbers import Column
from kpi_lib.locale.catalogue import Lang, languages, mark, msg, tr, tr_in


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

Kind = Literal["text", "word", "number", "choice", "method", "aliases", "references"]


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
    Field(("note",), "Note", bilingual=True),
    Field(("issued", "by"), mark("Issued by"), bilingual=True),
    Field(("issued", "document"), mark("Document")),
    Field(("issued", "date"), mark("Date of issue"), "word"),
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
)

GROUP_FIELDS = (
    _CODE,
    IN_GROUP,
    _TITLE,
    _WEIGHT,
    Field(("aggregate",), mark("Aggregate"), "method", 18),
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
    Field(("goalposts", 0), mark("Low goalpost"), "number", 10),
    Field(("goalposts", 1), mark("High goalpost"), "number", 10),
    Field(("normalise",), mark("Normalise"), "method", 18),
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
    return Field(("targets", int(year)), mark("Target {year}"), "number", 10)


def field_of_target(heading: str) -> Field | None:
    """Give the field of a heading such as 'Target 2030', in one language or in all."""
    found = re.search(r"(?<!\d)\d{4}(?!\d)", heading)
    target = target_field(found[0]) if found else None
    return target if target is not None and heading in target.headings else None


def to_cell(kind: Kind, value: Any) -> str | int | float:
    """Give what stands in a cell for a value of a framework file."""
    if kind == "number":
        return _number_cell(value)
    if kind == "method":
        return _method_cell(value)
    if kind == "aliases":
        lines = list(value)
        whole = all(_is_line(line) for line in lines)
        return "\n".join(lines) if whole else json.dumps(lines, ensure_ascii=False)
    if kind == "references":
        pairs = [(one["standard"], one.get("code", "")) for one in value]
        if all(_is_line(part) and "|" not in part for pair in pairs for part in pair if part):
            return "\n".join(f"{name} | {code}" if code else name for name, code in pairs)
        return json.dumps(pairs, ensure_ascii=False)
    return str(value)


def from_cell(kind: Kind, cell: Any) -> Any:
    """Read a cell that is not empty; raises ``ValueError`` with what is wrong and what to do.

    A choice is given as it stands: whether it is one is for the rules of framework files.
    """
    if kind == "number":
        return _read_number(cell)
    if kind == "text" and isinstance(cell, str):
        return cell
    text = tidy(cell).removesuffix("T00:00:00")
    if kind == "method":
        return _read_method(text)
    if kind in ("aliases", "references"):
        return _read_lines(kind, cell if isinstance(cell, str) else text)
    return text


def _number_cell(value: float) -> str | int | float:
    """Give a number as a cell that is read back the same; workbooks keep 15 digits."""
    if isinstance(value, int) and abs(value) < 1e15:
        return value
    kept = float(f"{value:.15g}")
    return value if kept == value and not float(value).is_integer() else repr(value)


def _read_number(cell: Any) -> int | float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell
    text = tidy(cell)
    for read in (int, float):
        try:
            if "_" not in text:
                return read(text)
        except ValueError:
            continue
    numbers = Column([text]).read()
    if numbers.faults:
        raise ValueError(*numbers.faults[0])
    if numbers.percent[0] or numbers.printed:
        raise ValueError(
            msg("found '{text}'; expected a plain number.", text=text),
            msg("Leave it empty for none."),
        )
    return float(numbers.values[0])


def _method_cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    parameters = [f"{k}={_parameter_cell(v)}" for k, v in value.items() if k != "method"]
    name = str(value["method"])
    return f"{name}: {', '.join(parameters)}" if parameters else name


def _parameter_cell(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = re.fullmatch(r"[A-Za-z_]\w*", value) and value not in ("true", "false")
    return value if plain else json.dumps(value, ensure_ascii=False)


_PARAMETER = re.compile(r'\s*(\w+)\s*=\s*("(?:[^"\\]|\\.)*"|[^,"]+?)\s*(?:,|$)')


def _read_method(text: str) -> Any:
    name, _, rest = text.partition(":")
    if not rest.strip():
        return name.strip()
    data: dict[str, Any] = {"method": name.strip()}
    at = 0
    while at < len(rest):
        found = _PARAMETER.match(rest, at)
        if found is None:
            raise ValueError(
                msg("found '{text}'; expected a method with its parameters.", text=text),
                msg("Write it as in 'minmax: low=0, high=100'."),
            )
        try:
            data[found[1]] = json.loads(found[2])
        except ValueError:
            data[found[1]] = found[2]
        at = found.end()
    return data


def _is_line(text: str) -> bool:
    return text == text.strip() and len(text.splitlines()) == 1 and not text.startswith("[")


def _read_lines(kind: Kind, text: str) -> list[Any]:
    try:
        listed: Any = json.loads(text) if text.startswith("[") else None
    except ValueError:
        listed = None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if kind == "aliases":
        return listed or lines
    pairs = listed or [[part.strip() for part in line.split("|", 1)] for line in lines]
    keys = ("standard", "code")
    return [
        {key: str(part) for key, part in zip(keys, pair, strict=False) if part} for pair in pairs
    ]
