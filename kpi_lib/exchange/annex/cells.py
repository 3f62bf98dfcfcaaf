"""What the cells of an annex say: titles with their units and footnote marks, figures, formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kpi_lib.errors import plain
from kpi_lib.io.cells.marks import is_missing
from kpi_lib.io.cells.numbers import Column, Fault
from kpi_lib.io.cells.units import is_percent, spell
from kpi_lib.io.vocabulary import any_of, meanings, vocabulary
from kpi_lib.locale.catalogue import SOURCE, Lang, either, languages, msg, tr_in

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾"
# m², km³ and 10³ are no footnotes.
_RAISED_MARK = re.compile(
    rf"(?P<exponent>(?<![A-Za-z0-9])(?:[kcdm]?m|10)[²³](?![{_RAISED}]))|\s*[{_RAISED}]+"
)
_MARK = re.compile(r"\s*(?:\(\s*\*+\s*\)|\*+|[†‡]+)(?=\s|$|[,;.:)])|\s*\[\d{1,2}\]$")
_BRACKETED_NUMBER = re.compile(r"\s*\((\d{1,2})\)$")

_WORDS = vocabulary(__package__)


def _any(key: str) -> str:
    return any_of(_WORDS[key])


_UNIT = re.compile(
    rf"""(?: (?:[\d.,]+\s)? (?:
      [kcdm]?m[23²³]? | {_any("units")} | (?:{_any("per")})\ .+
      )
      (?: \s?/\s?[\w.,²³\ /]+ | \s(?:{_any("per more")})\s.+ | \s(?:{_any("of")}) )? )""",
    re.VERBOSE,
)
_SAID_UNIT = re.compile(rf"(?:{_any('unit said')})\s*:\s*", re.IGNORECASE)
_LAST_BRACKETS = re.compile(r"^(.*?)\s*\(([^()]+)\)\s*$", re.DOTALL)
_LAST_COMMA = re.compile(r"^(.+?)\s*,\s*([^,]+)$", re.DOTALL)

_DIRECTIONS = meanings(_WORDS["directions"])
_FREQUENCIES = meanings(_WORDS["frequencies"])
_FIGURE = re.compile(
    rf"(?:(?P<least>{_any('at least')})|(?P<most>{_any('at most')})|(?:{_any('equal')}))?\s*"
    r"(?P<number>[-+]?\d(?:[\d.,\s]*\d)?)\s*(?P<unit>[^\d\s.,].*)?",
)
_STANDARD = re.compile(
    r"(?P<standard>(?:TCVN\s)?(?:ISO(?:/IEC)?(?:/TS|/TR)?|IEC|TCVN|QCVN|ITU-T)\s?"
    r"(?:[A-Z]\.)?[\d.-]*\d(?:[:/]\d{4})?)[\s,;:–-]*(?P<code>.*)",
    re.IGNORECASE,
)
_RATIO = re.compile(
    rf"(?P<above>.+?)(?:\s+[/÷:]\s+|\)\s*[/÷:]\s*\(|\s+(?:{_any('divided by')})\s+"
    rf"|\s*/\s*(?=(?:{_any('counted')})\b))"
    r"(?P<below>.+?)"
    rf"(?:\s*[)\]]?\s*(?:[x×*]|{_any('times')})\s*(?P<times>\d[\d.\s,]*)\s*%?)?\s*",
    re.IGNORECASE | re.DOTALL,
)
_TIMES_FIRST = re.compile(r"(?P<times>\d[\d.\s]*)\s*%?\s*[x×*]\s*(?P<rest>.+)", re.DOTALL)
_PER = re.compile(
    rf"(?:{_any('per')}|/)\s*(?:(?:{_any('each')})\s*)?(\d{{1,3}}(?:[., ]?000)+|100)\b"
)


def without_marks(text: str, notes: frozenset[str] = frozenset()) -> str:
    """Take footnote marks off a text: *, raised digits, [1], and (1) where a note begins so.

    Exponents of units stay: µg/m³, km².
    """
    text = _MARK.sub("", _RAISED_MARK.sub(lambda found: found["exponent"] or "", text))
    bracketed = _BRACKETED_NUMBER.search(text)
    if bracketed and bracketed[1] in notes:
        text = text[: bracketed.start()]
    return text.strip()


def is_unit(text: str) -> bool:
    """Say whether a text reads as a unit of measurement."""
    return bool(_UNIT.fullmatch(plain(text).replace("³", "3").replace("²", "2")))


def split_unit(text: str) -> tuple[str, str]:
    """Give a title without the unit it ends with, and the unit: in brackets, or after a comma."""
    for form in (_LAST_BRACKETS, _LAST_COMMA):
        if found := form.match(text):
            said = _SAID_UNIT.match(plain(found[2]))
            inside = found[2][said.end() :] if said else found[2]
            if said or is_unit(inside):
                return found[1].strip(), inside.strip()
    return text, ""


@dataclass(frozen=True)
class Figures:
    """What a column of figures says, by row: values, directions and units found beside them."""

    values: Mapping[int, float]
    directions: Mapping[int, str]
    units: Mapping[int, str]
    faults: Mapping[int, Fault]


def read_figures(texts: Mapping[int, str]) -> Figures:
    """Read figures such as '≥ 80%', 'at least 1.000' or '95,5', by row.

    'At least' says that higher is better, 'at most' that lower is.
    """
    found: dict[int, re.Match[str]] = {}
    faults: dict[int, Fault] = {}
    for row, text in texts.items():
        match = _FIGURE.fullmatch(plain(text).replace("−", "-"))
        if match:
            found[row] = match
        elif text and not is_missing(text):
            faults[row] = _no_figure(text)
    rows = list(found)
    numbers = Column([found[row]["number"].strip() for row in rows]).read()
    values: dict[int, float] = {}
    for at, row in enumerate(rows):
        if at in numbers.faults:
            faults[row] = numbers.faults[at]
        else:
            values[row] = float(numbers.values[at])
    kept = {row: found[row] for row in values}
    return Figures(
        values,
        {
            row: "higher" if match["least"] else "lower"
            for row, match in kept.items()
            if match["least"] or match["most"]
        },
        {row: match["unit"].strip() for row, match in kept.items() if match["unit"]},
        faults,
    )


def _no_figure(text: str) -> Fault:
    return (
        msg("found '{shown}'; expected a number.", shown=text),
        msg("Write one number, such as 80 or ≥ 80%; leave the cell empty where there is none."),
    )


def same_unit(one: str, other: str) -> bool:
    """Say whether two spellings mean the same unit, whatever their diacritics."""
    return spell(plain(one)) == spell(plain(other)) or (is_percent(one) and is_percent(other))


def _named(key: str, quote: bool = False) -> str:
    """A word of framework files, with what it is in other languages in brackets."""

    def said(lang: Lang) -> str:
        return {
            "higher": tr_in(lang, "direction", "higher"),
            "lower": tr_in(lang, "direction", "lower"),
            "monthly": tr_in(lang, "annex", "monthly"),
            "quarterly": tr_in(lang, "annex", "quarterly"),
            "annual": tr_in(lang, "annex", "annual"),
        }[key]

    others = ", ".join(said(lang) for lang in languages() if lang != SOURCE)
    own = f"'{key}'" if quote else key
    return f"{own} ({others})" if others else own


def read_direction(text: str) -> str:
    """Give ``higher`` or ``lower``; raises ``ValueError`` for anything else."""
    try:
        return _DIRECTIONS[plain(text)]
    except KeyError:
        raise ValueError(
            msg(
                "found '{text}'; expected {expected}.",
                text=text,
                expected=either(_named(key, quote=True) for key in ("higher", "lower")),
            ),
            msg("Write which values are better; leave the cell empty where neither is."),
        ) from None


def read_frequency(text: str) -> str:
    """Give ``monthly``, ``quarterly`` or ``annual``; raises ``ValueError`` for anything else."""
    try:
        return _FREQUENCIES[
            plain(text).removeprefix(f"{_WORDS['every']} ").removesuffix(f" {_WORDS['once']}")
        ]
    except KeyError:
        raise ValueError(
            msg(
                "found '{text}'; expected {expected}.",
                text=text,
                expected=either(_named(key) for key in ("monthly", "quarterly", "annual")),
            ),
            msg("Write the nearest of them."),
        ) from None


def read_references(text: str) -> list[dict[str, str]]:
    """Read clauses of standards, divided by ';' or line breaks: 'ISO 37122:2019, 10.2'."""
    references = []
    for part in filter(None, (one.strip(" ,.") for one in re.split(r"[;\n]", text))):
        found = _STANDARD.fullmatch(part)
        if found is None:
            references.append({"standard": part})
            continue
        code = re.sub(rf"^(?:{_any('clause')})\s+", "", found["code"].strip(" ()"), flags=re.I)
        named = {"standard": found["standard"].strip()}
        references.append({**named, "code": code} if code else named)
    return references


def read_formula(text: str, unit: str) -> dict[str, Any] | None:
    """Read '(A / B) × 100' as numerator, denominator and multiplier; None where it is not that."""
    times = ""
    if first := _TIMES_FIRST.fullmatch(text.strip()):
        times, text = first["times"], first["rest"]
    found = _RATIO.fullmatch(text.strip())
    if found is None:
        return None
    above, below = (_unbracketed(found[name]) for name in ("above", "below"))
    if not above or not below or re.search(r"\s[/÷]\s", below):
        return None
    data: dict[str, Any] = {"numerator": above, "denominator": below}
    factor = re.sub(r"\D", "", found["times"] or times)
    multiplier = int(factor) if factor else natural_multiplier(unit)
    return {**data, "multiplier": multiplier} if multiplier != 1 else data


def natural_multiplier(unit: str) -> int:
    """Give what a plain ratio is multiplied by for its unit: 100 for %, 1000 for 'per 1 000'."""
    if is_percent(unit):
        return 100
    found = _PER.search(plain(unit))
    return int(re.sub(r"\D", "", found[1])) if found else 1


def _unbracketed(text: str) -> str:
    text = text.strip().strip("[]").strip()
    while text.count("(") > text.count(")") and text.startswith("("):
        text = text[1:].strip()
    while text.count(")") > text.count("(") and text.endswith(")"):
        text = text[:-1].strip()
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    return text
