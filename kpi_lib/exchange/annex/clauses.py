"""The clauses of a scoring rule: 'from 80% up: 10 points' as a range of values and its points."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kpi_lib.exchange.annex.calculation import calculate
from kpi_lib.exchange.annex.wording import (
    EARNS,
    MINUS,
    NUMBER,
    POINT,
    WORDS,
    Unread,
    any_word,
    folded,
    number,
)
from kpi_lib.io.vocabulary import any_of

_BOUND = re.compile(
    rf"(?:(?P<to>{any_word('to', 'and')})?\s*(?:(?P<atmost>[≤⩽]|<=)|(?P<from>{any_word('from')})"
    rf"|(?P<below>{any_word('below')})|(?P<above>{any_word('above')}))?)?\s*=?\s*"
    rf"(?<!\w)(?P<number>{NUMBER})\s*(?P<percent>{any_word('percent')})?"
    rf"(?P<after>\s*(?:(?P<up>{any_word('up')})|(?P<down>{any_word('down')})"
    r"|(?P<sign><=|>=|[<>≤≥⩽⩾])(?=\s*[a-z])))?"
)
_DASHES = ("-", "\N{EN DASH}", "\N{EM DASH}", "~")
_DATE = re.compile(
    r"(?<!\d)(?:0[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])(?:/20\d\d)?(?!\d)"
    rf"|{any_word('date')}\s*\d{{1,2}}(?:/\d+)*"
)
_UP_LATER = re.compile(rf"^[^\d]*?(?:(?P<up>{any_word('up')})|(?P<down>{any_word('down')}))")
NOT_SIMPLE = re.compile(any_word("not simple"))
_OF_ANY = re.compile(any_word("of any", "fillers", "up", "down", "percent"))
_SEPARATORS = (
    re.compile(r":|→|⇒|=>|->"),
    re.compile(rf"(?={any_word('nothing', 'proportional')})|{EARNS}|(?<![<>=])=|\s[-–]\s"),
    re.compile(rf"\s(?={NUMBER}{POINT}\W*$)"),
)
_GIVEN = re.compile(any_word("given") + "|:")
_OTHERWISE_LAST = re.compile(rf"(?<=\w)[ ,]+{any_word('otherwise')}\W*$")
_HEAD = re.compile(rf"(?:{any_word('heads')}\s*(?:[:=]+|la(?!\w))\s*|=\s*)")
_SHARE_ALONE = re.compile(rf"{NUMBER}\s*{any_word('percent')}")
_POINT_IN_BRACKETS = re.compile(rf"\(\s*(?:{any_of(WORDS['point'])})\s*\)")
_OTHERWISE_FIRST = re.compile(rf"{any_word('otherwise')}[\s:,–-]+")
_EARNS = re.compile(rf"(?:{any_word('earns')}|la(?!\w)|=)\s*")
_NOTHING = re.compile(rf"{any_word('nothing')}\W*")
_PROPORTIONAL = re.compile(rf"{any_word('proportional')}[a-z %]*")
_INTERPOLATED = re.compile(rf"(?:{any_word('heads')}\W*)?{any_word('interpolated')}[a-z ]*")
_SIGN = re.compile(rf"(?:(?P<minus>{any_word('off')}|[{MINUS}])|{any_word('added')}|\+)\s*")
_OFF_AFTER = re.compile(rf"\s*{any_word('off after')}\W*$")


@dataclass(frozen=True)
class Range:
    """Values from ``low`` to ``high``; a bound that the text leaves open is None, not closed."""

    low: float = -math.inf
    high: float = math.inf
    low_closed: bool | None = False
    high_closed: bool | None = False
    percent: bool = False
    subject: str = ""


@dataclass(frozen=True)
class Earned:
    """What a clause gives: points, or ``value`` and ``factor`` times what is measured.

    ``proportional`` rises from nothing to what is earned above, ``interpolated`` joins what is
    earned below and above.
    """

    kind: Literal["points", "line", "proportional", "interpolated"]
    value: float = 0.0
    factor: float = 0.0


@dataclass(frozen=True)
class Clause:
    """A condition and what it earns; ``when`` is a range, or words as they are written."""

    when: Range | str | None
    earned: Earned


def without_head(text: str) -> str:
    """Take 'Score =' and the like off the beginning of a text."""
    while found := _HEAD.match(folded(text)):
        text = text[found.end() :]
    heads = re.fullmatch(rf"{any_word('heads')}\s*[:=]*\s*", folded(text))
    return "" if heads else text


def read_clause(text: str, most: float | None) -> Clause | None:
    """Read a clause: a condition and its points, in either order, or points alone."""
    said = folded(text)
    whole = read_earned(said, most)
    if whole and whole.kind == "line":
        return Clause(None, whole)
    if rest := _OTHERWISE_FIRST.match(said):
        earned = read_earned(said[rest.end() :], most)
        return Clause(text[: rest.end()].strip(" :,–-"), earned) if earned else None
    for separators in _SEPARATORS:
        for at in separators.finditer(said):
            earned = read_earned(said[at.end() :], most)
            when = read_condition(text[: at.start()])
            if earned and when is not None:
                return Clause(when, earned)
    for at in _GIVEN.finditer(said):
        earned = read_earned(said[: at.start()], most)
        when = read_condition(text[at.end() :])
        if earned and when is not None:
            return Clause(when, earned)
    if rest := _OTHERWISE_LAST.search(said):
        earned = read_earned(said[: rest.start()], most)
        return Clause(text[rest.start() :].strip(" .,"), earned) if earned else None
    return Clause(None, whole) if whole and not re.search(r":|[<>≤≥]", said) else None


def is_clause(text: str) -> bool:
    """Whether a text says what a condition earns."""
    try:
        clause = read_clause(text, None)
    except (Unread, ValueError):
        return False
    return clause is not None and clause.when is not None


def read_condition(text: str) -> Range | str | None:
    """Read a condition as a range of values, or as words where no figure is in it."""
    said = folded(text).strip(" ,:-–()")
    if not said:
        return None
    if not re.search(r"\d", _DATE.sub("", said)):
        words = re.sub(rf"^{any_word('fillers')}\s*", "", said)
        return text.strip(" ,:-–()")[len(said) - len(words) :] if words else None
    return read_range(said)


def read_range(said: str) -> Range | None:
    """Read one or two bounds of a folded text; None for anything else that has figures in it."""
    found = list(_BOUND.finditer(said))
    rest = " ".join(part.strip(" ,=()") for part in _BOUND.split(said)[:: _BOUND.groups + 1])
    if not found or len(found) > 2 or re.search(r"[\d×*/<>≤≥]", rest) or NOT_SIMPLE.search(rest):
        return None
    bounds = [number(one["number"]) for one in found]
    if found[0]["to"] in _DASHES:
        return None  # a number below zero, or a dash without its beginning
    subject = " ".join(_OF_ANY.sub(" ", rest).split())
    percent = any(one["percent"] for one in found)
    if len(found) == 1:
        after = _UP_LATER.match(said[found[0].end() :])
        low, high, low_closed, high_closed = _one_bound(found[0], bounds[0], percent, after)
        return Range(low, high, low_closed, high_closed, percent, subject)
    return _two_bounds(found, bounds, percent, subject)


def _one_bound(
    found: re.Match[str], bound: float, percent: bool, after: re.Match[str] | None
) -> tuple[float, float, bool | None, bool | None]:
    up = found["up"] or (after and after["up"]) or found["sign"] in ("<=", "≤", "⩽")
    down = found["down"] or (after and after["down"]) or found["sign"] in (">=", "≥", "⩾")
    if found["below"] or found["sign"] == ">":
        return -math.inf, bound, False, False
    if found["above"] or found["sign"] == "<":
        return bound, math.inf, False, False
    if found["atmost"] or found["to"] or down:
        return -math.inf, bound, False, True
    if found["from"] or up:
        return bound, math.inf, True, False
    if percent and bound == 100:
        return bound, math.inf, True, False
    if percent and bound == 0:
        return -math.inf, bound, False, True
    return bound, bound, True, True


def _two_bounds(
    found: list[re.Match[str]], bounds: list[float], percent: bool, subject: str
) -> Range | None:
    first, second = found
    lower_first = not (first["below"] or first["atmost"] or first["to"])
    upper_second = second["to"] or second["below"] or second["atmost"]
    if not lower_first or not upper_second or second["above"] or second["from"]:
        return None
    if bounds[0] >= bounds[1] or first["up"] or first["down"] or first["sign"] in (">", ">=", "≥"):
        return None
    low_closed: bool | None = True if first["from"] or first["sign"] else None
    if first["above"] or first["sign"] == "<":
        low_closed = False
    high_closed: bool | None = False if second["below"] else (True if second["atmost"] else None)
    return Range(bounds[0], bounds[1], low_closed, high_closed, percent, subject)


def read_earned(text: str, most: float | None) -> Earned | None:
    """Read what is earned: '5 points', 'share × 10', 'in proportion'; ``most`` is the maximum."""
    text = re.sub(r"(?<=[\w%)\]])\s+x\s+(?=[\w(\[])", " × ", folded(text).strip(" .,"))
    text = _POINT_IN_BRACKETS.sub("", text).strip()
    if _NOTHING.fullmatch(text):
        return Earned("points", 0.0)
    if _SHARE_ALONE.fullmatch(text):
        return None  # of what, it does not say
    if _PROPORTIONAL.fullmatch(text):
        return Earned("proportional")
    if _INTERPOLATED.fullmatch(text):
        return Earned("interpolated")
    text = folded(without_head(text)).strip()
    while found := _EARNS.match(text):
        text = text[found.end() :]
    if _PROPORTIONAL.fullmatch(text):
        return Earned("proportional")
    sign = _SIGN.match(text)
    text = text[sign.end() :] if sign else text
    minus = bool(sign and sign["minus"])
    if after := _OFF_AFTER.search(text):
        text, minus = text[: after.start()], True
    try:
        value, factor = calculate(text, most)
    except (ValueError, ZeroDivisionError, IndexError):
        return None
    if factor:
        return None if minus else Earned("line", value, factor)
    return Earned("points", -value if minus else value)


def one_subject(ranges: Iterable[Range]) -> bool:
    """Whether the ranges are of one quantity: none names another one than the first."""
    subjects = sorted({one.subject for one in ranges if one.subject}, key=len)
    return all(short in long for short, long in itertools.pairwise(subjects))
