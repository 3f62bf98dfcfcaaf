"""Labels, and numbers, lists and periods as each language writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.lists import format_list
from babel.numbers import NumberPattern, format_decimal, get_decimal_symbol, parse_pattern

from kpi_lib.locale.catalogue import (
    SOURCE,
    Lang,
    languages,
    mark,
    message_language,
    tr,
    tr_in,
    tr_n,
)

Text = Mapping[str, str]
"""A text in both languages of the reports: keys ``vi`` and ``en``."""

Noun = Mapping[str, str | Mapping[str, str]]
"""A noun by language: one word, or one for each plural form (``one``, ``other``) of the CLDR."""

_WORDS: dict[str, str] = {
    "report": mark("Smart city report"),
    "standing": mark("Where the city stands"),
    "peers": mark("Strengths and weaknesses"),
    "gaps": mark("Gap to targets"),
    "progress": mark("Progress over the years"),
    "missing": mark("Missing data and who supplies them"),
    "table": mark("All indicators"),
    "method": mark("Method, versions and sources"),
    "code": mark("Code"),
    "city": mark("City"),
    "period": mark("Period"),
    "framework": mark("Framework"),
    "indicator": mark("Indicator"),
    "group": mark("Group"),
    "value": mark("Value"),
    "unit": mark("Unit"),
    "score": mark("Score"),
    "rank": mark("Rank"),
    "coverage": mark("Coverage"),
    "weight": mark("Weight"),
    "target": mark("Target"),
    "gap": mark("Gap"),
    "gain": mark("Points to gain"),
    "contribution": mark("Points given"),
    "median": mark("Median of the other cities"),
    "agency": mark("Agency"),
    "frequency": mark("Frequency"),
    "reason": mark("Reason"),
    "source": mark("Source of the data"),
    "target_source": mark("Source of the target"),
    "total": mark("Composite score"),
    "no_score": mark("no score"),
    "no_data": mark("no data"),
    "not_scored": mark("not scored"),
    "local": mark("local"),
    "met": mark("met"),
    "points": mark("points"),
    "monthly": mark("monthly"),
    "quarterly": mark("quarterly"),
    "annual": mark("annual"),
    "unknown_agency": mark("No agency named"),
    "goalposts": mark("between goalposts, no further at both ends"),
    "minmax": mark("between the lowest and the highest city"),
    "pass_fail": mark("met or not met"),
    "none": mark("kept on its own scale"),
    "arithmetic": mark("weighted arithmetic mean"),
    "geometric": mark("weighted geometric mean"),
    "min": mark("the lowest score"),
    "rescale": mark("missing values are left out and the weights of the others rescaled"),
    "zero": mark("a missing value scores 0"),
    "worst": mark("a missing value gets the worst score of the period"),
    "strict": mark("a group with a missing value has no score"),
    "working": mark("working set, not official"),
    "official": mark("official"),
}

# The reasons that the data of the project use; any other text is shown as it stands.
_REASONS = (
    mark("not reported"),
    mark("not verified"),
    mark("not yet collected"),
    mark("not applicable"),
    mark("no denominator"),
    mark("screened out"),
)

_SPECIAL_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


def word(key: str, lang: Lang) -> str:
    """Give a label."""
    return tr(lang, _WORDS[key])


def reason(note: str, lang: Lang) -> str:
    """Give the reason for a missing value in the language, where it is one of the known ones."""
    first, _, rest = note.partition(";")
    known = first.strip().casefold()
    if lang == SOURCE or known not in _REASONS:
        return note
    return f"{tr(lang, known)};{rest}" if rest else tr(lang, known)


def text_of(value: object) -> Text:
    """A text in each language, from one as files give it: by language, or the same in all."""
    return dict(value) if isinstance(value, Mapping) else dict.fromkeys(languages(), str(value))


def in_language(text: Text | None, lang: Lang) -> str:
    """Give a bilingual text in the language; nothing where there is none."""
    return (
        "" if text is None else text.get(lang) or text.get(SOURCE) or next(iter(text.values()), "")
    )


def noun_form(noun: Noun, lang: Lang, count: int = 1) -> str:
    """Give a noun in the language, in the form that follows a count: ``3`` → ``cities``."""
    known = lang if lang in noun else SOURCE if SOURCE in noun else next(iter(noun))
    forms = noun[known]
    if isinstance(forms, str):
        return forms
    return forms.get(Locale.parse(known).plural_form(count)) or forms["other"]


def number(x: float, lang: Lang, digits: int = 1) -> str:
    """Write a number with a fixed count of decimals: ``1.234,5`` or ``1,234.5``."""
    return _formatted(x, digits, "#,##0." + "0" * digits if digits else "#,##0", lang)


def amount(x: float, lang: Lang) -> str:
    """Write a measured value with as many decimals as its size calls for, no idle zeros."""
    if math.isnan(x):
        return "–"
    size = abs(x)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 4
    if 0 < size < 0.001:
        digits = min(9, 1 - math.floor(math.log10(size)))
    return _formatted(x, digits, "#,##0." + "#" * digits, lang)


def numeral(x: float, significant: int = 10) -> str:
    """Write a number in a message as files have it, but for the decimal mark: ``-1200,5``."""
    return in_message(f"{x:.{significant}g}")


def tally(n: int) -> str:
    """Write a count in a message: 300,000 in English, 300.000 in Vietnamese."""
    return number(n, message_language(), 0)


def in_message(number: str) -> str:
    """Give a number that is written with a point the decimal mark of messages."""
    return number.replace(".", get_decimal_symbol(message_language()))


@lru_cache(maxsize=10_000)
def _formatted(x: float, digits: int, pattern: str, lang: Lang) -> str:
    text = str(format_decimal(_rounded(x, digits), *_read(pattern, lang)))
    return text.replace("-", "\N{MINUS SIGN}")


@cache
def _read(pattern: str, lang: Lang) -> tuple[NumberPattern, Locale]:
    """Read a pattern and a language once: that costs more than writing a number."""
    return parse_pattern(pattern), Locale.parse(lang)


def _rounded(x: float, digits: int) -> Decimal:
    """Round half up, as published tables do; twelve digits first, for what is half on paper."""
    return Decimal(f"{x:.12g}").quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0


def quantity(x: float, unit: str, lang: Lang, digits: int | None = None) -> str:
    """Write a value with its unit: ``62,5%`` in Vietnamese, ``62.5%`` in English.

    With ``digits`` decimals; without, as :func:`amount` does, as is what they would round to 0.
    """
    if digits is None or math.isnan(x) or (x != 0 and not _rounded(x, digits)):
        written = amount(x, lang)
    else:
        written = number(x, lang, digits)
    if unit == "%":
        return tr_in(lang, "unit", "{amount}%", amount=written)
    return f"{written}\N{NO-BREAK SPACE}{unit}" if unit else written


def percent(share: float, lang: Lang) -> str:
    """Write a share (0–1) in whole per cent, never rounded up to a full 100 or down to 0."""
    whole = round(100 * share)
    if whole == 100 and share < 1 - 1e-9:
        whole = 99
    if whole == 0 and share > 1e-9:
        whole = 1
    return quantity(whole, "%", lang)


def signed(x: float, lang: Lang, digits: int = 1) -> str:
    """Write a change with its sign; a real minus."""
    text = number(abs(x), lang, digits)
    if round(abs(x), digits) == 0:
        return text
    return ("+" if x > 0 else "\N{MINUS SIGN}") + text


def listed(items: Sequence[str], lang: Lang) -> str:
    """Join a list as a sentence does: ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    joined = str(format_list(list(items), locale=lang))
    # British and Vietnamese usage: no comma before the last "and".
    return joined.replace(", and ", " and ")


def ordinal(rank: int, lang: Lang) -> str:
    """Write a rank: ``3rd``."""
    if lang != SOURCE:
        first = tr_in(lang, "rank", "1st") if rank == 1 else ""
        return first or tr_in(lang, "rank", "{rank}th", rank=rank)
    ending = "th" if rank % 100 in {11, 12, 13} else _SPECIAL_ORDINALS.get(rank % 10, "th")
    return f"{rank}{ending}"


def counted(n: int, lang: Lang, one: str, other: str) -> str:
    """Write a count with its noun: ``counted(3, "en", "{n} indicator", "{n} indicators")``."""
    return tr_n(lang, one, other, n, n=number(n, lang, 0))


def period_name(period: str, lang: Lang) -> str:
    """Write a period as a sentence does: ``2025``, ``Q1 2025``, ``2025-03``, ``FY2024-25``."""
    year, _, part = period.partition("-")
    if year.startswith("FY") and not part:
        return tr_in(lang, "period", "FY{year}", year=year[2:])
    if year.startswith("FY"):
        return tr_in(lang, "period", "FY{year}-{end}", year=year[2:], end=part)
    if not part:
        return tr_in(lang, "period", "{year}", year=year)
    if part.startswith("Q"):
        return tr_in(lang, "period", "Q{quarter} {year}", quarter=part[1:], year=year)
    return tr_in(lang, "period", "{year}-{month:02}", year=year, month=int(part))


def date_name(date: str, lang: Lang) -> str:
    """Write a day, given as ``2025-12-31``; anything else stays as it is."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        return date
    year, month, day = map(int, date.split("-"))
    return tr_in(lang, "date", "{year}-{month:02}-{day:02}", year=year, month=month, day=day)


def capital(text: str) -> str:
    """Make the first letter a capital and leave the rest as it is."""
    return text[:1].upper() + text[1:]
