"""What stands beside a number in a cell: a flag, the mark of a bound, or of a missing value."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from kpi_lib.errors import plain
from kpi_lib.io.vocabulary import meanings, vocabulary
from kpi_lib.locale.catalogue import mark

_WORDS = vocabulary(__package__)

# Spaces of every width group digits as well as the plain one; marks of direction and of
# zero width come along when text is copied from a page and are nothing.
_CLEAN = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u2008\u2009\u200a\u202f\t\r\n", " "),
        **dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff", ""),
        "\u2212": "-",
    }
)
_MISSING = frozenset(("", *_WORDS["missing"]))
_TICKS = frozenset(_WORDS["ticks"])
_ABSENT = _MISSING | _TICKS.union(_WORDS["none"])
_NONE = _TICKS.union(_WORDS["none"]) - frozenset(_WORDS["not yet"])
_DASHES = frozenset("-–—")
NOT_APPLICABLE_WORDS = frozenset(plain(text) for text in _WORDS["not applicable"])
"""What stands in place of a value where an indicator does not apply, as names are compared."""

_LETTERS = "".join(_WORDS["flags"])
# From where to where a value may be, as the WHO writes it: 12.3 [11.2-13.4].
_INTERVAL = r"\[[0-9., ]{1,15}[-–][0-9., ]{1,15}\]"
_FLAG = re.compile(
    r"(?P<rest>.*[0-9%]) ?"
    rf"(?P<flag>\*{{1,3}}|[†‡]|\([0-9a-zA-Z*]{{1,3}}\)|(?<= )[{_LETTERS}]{{1,3}}|{_INTERVAL})"
)
_BOUND = re.compile(r"(?P<side>[<>≤≥])=? ?(?P<rest>.+)")
_NO_VALUE = re.compile(rf"[:.…-]{{1,3}} ?\(?[{_LETTERS}mxn]{{1,3}}\)?|\.[a-z]")
_DIGIT = re.compile("[0-9]")
LONGEST = 40
"""So many characters has a number with its flag at the most."""
BEHIND = rf"(?: ?(?:\*{{1,3}}|[†‡]|\([0-9a-zA-Z*]{{1,3}}\))| [{_LETTERS}]{{1,3}})\z"
"""A flag behind a number, as :func:`split_marks` knows it, to be looked for in many texts."""
_QUALITY = meanings(_WORDS["flag quality"])

BOUNDS = ("half", "edge", "missing")
"""How ``<0.1`` may count: as half of the bound, as the bound, or as no value."""

ASKED = mark(
    "Say how bounds count: 'bounds: half', 'bounds: edge' or 'bounds: missing' in the file of "
    "--columns."
)


class Marked(NamedTuple):
    """A text without what stands beside its number."""

    text: str
    flag: str = ""
    bound: str = ""


def has_digit(text: str) -> bool:
    """Say whether a text has a digit: then it is no word of one without digits."""
    return _DIGIT.search(text) is not None


def clean(text: str) -> str:
    """Give a text with plain spaces and signs, and none at its ends."""
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_CLEAN)
    return text.strip()


def is_missing(text: str, among_words: bool = False) -> bool:
    """Say whether a text such as '-', 'n/a' or 'no data' stands for "there is no value".

    ``among_words``: where answers are words, x is a tick beside one of them.
    """
    if has_digit(text):  # as no word of words.yaml has
        return False
    tidy = _folded(text)
    if among_words and tidy in _TICKS:
        return False
    return tidy in _ABSENT or _NO_VALUE.fullmatch(tidy) is not None


def is_no_answer(text: str) -> bool:
    """Say whether a text can only mean a missing value; "none" may be an answer as well."""
    tidy = _folded(text)
    return tidy in _MISSING or _NO_VALUE.fullmatch(tidy) is not None


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", clean(text)).split()).casefold()


def may_be_none(text: str) -> bool:
    """Say whether a sign for nothing may mean that there is none of it: a dash, 'none', x."""
    tidy = _folded(text)
    return tidy in _NONE or (bool(tidy) and set(tidy) <= _DASHES)


def says_not_applicable(text: str) -> bool:
    """Whether a text says, in place of a value, that an indicator does not apply."""
    return plain(text) in NOT_APPLICABLE_WORDS


def split_marks(text: str) -> Marked:
    """Split ``12.3 p`` or ``<0.1`` into the number and what stands beside it."""
    text = clean(text)
    if len(text) > LONGEST:
        return Marked(text)
    flag = bound = ""
    if not text[-1:].isdigit() and (found := _FLAG.fullmatch(text)):
        text, flag = found["rest"].strip(), found["flag"].strip("()")
    if found := _BOUND.fullmatch(text):
        text, bound = found["rest"], "<" if found["side"] in "<≤" else ">"
    return Marked(text, flag, bound)


def quality_of_flag(flag: str) -> str:
    """What a flag says of the quality of a value: provisional, estimated, or nothing."""
    return _QUALITY.get(flag.casefold(), "")
