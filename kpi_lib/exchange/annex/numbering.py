"""The numbering of an annex: I, A, 1, 1.1, a), Part 1, and the codes of a code column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpi_lib.errors import plain
from kpi_lib.io.vocabulary import any_of, vocabulary

_WORDS = vocabulary(__package__)
_WORD = any_of(_WORDS["numbered"])
_ALPHABET: str = _WORDS["alphabet"]
_D = "\N{LATIN SMALL LETTER D WITH STROKE}"
_ONE = rf"[IVXLC]+|[ivxlc]+|[A-Z{_D.upper()}]|[a-z{_D}]|\d{{1,3}}[a-z{_D}]?"
# A part that may be read in several ways is not tried again in each, and there are at most six.
_PARTS = rf"(?>{_ONE})(?:\.(?>{_ONE})){{0,5}}"
_NUMBER = re.compile(
    rf"\(?(?:(?P<word>{_WORD})\s+)?(?P<parts>{_PARTS})\s*[.):/–-]*",
    re.IGNORECASE,
)
_IN_TITLE = re.compile(
    rf"(?P<number>\(?(?:(?:(?i:{_WORD}))\s+)?{_PARTS}"
    r"(?:\s?[.):]|\s[–-]|(?<=\d\.\d)|(?<=\d\.\d\d)))\s+(?P<title>\S.*)",
    re.DOTALL,
)
_BULLET = re.compile(r"[-–+•*]\s*(?P<title>.*)", re.DOTALL)
_ROMAN = re.compile(r"(?=.)X{0,3}(?:IX|IV|V?I{0,3})", re.IGNORECASE | re.ASCII)
_PLACE = re.compile("[0-9]{1,9}")
_VALUES = {"i": 1, "v": 5, "x": 10}


@dataclass(frozen=True)
class Number:
    """One reading of a number: the kind of each part, its texts as codes, its place in order."""

    key: tuple[str, ...]
    parts: tuple[str, ...]
    ordinal: int

    @property
    def shown(self) -> str:
        """The number as it is written in a code."""
        return ".".join(self.parts)


def read_number(text: str) -> tuple[Number, ...]:
    """Give the readings that a number may have, the likelier first: I is 1 or the letter I."""
    if _BULLET.fullmatch(text) and not text.strip("-–+•* "):
        return (Number(("bullet",), ("",), 0),)
    found = _NUMBER.fullmatch(text)
    if found is None:
        return ()
    word = plain(found["word"] or "")
    readings: list[tuple[tuple[str, str, int], ...]] = [()]
    for part in found["parts"].split("."):
        readings = [(*before, one) for before in readings for one in _kinds(part)]
    return tuple(
        Number(
            (f"{word} {reading[0][0]}".strip(), *(kind for kind, _, _ in reading[1:])),
            tuple(code for _, code, _ in reading),
            reading[-1][2],
        )
        for reading in readings
    )


def read_code(code: str) -> Number:
    """Read a code by its parts, so that PS.ONL.1 belongs to PS.ONL."""
    parts = tuple(code.split("."))
    last = parts[-1] if _PLACE.fullmatch(parts[-1]) else "0"
    return Number(("code",) * len(parts), parts, int(last))


def split_number(title: str) -> tuple[str, str]:
    """Give the number that a title begins with, and the title without it."""
    if found := _IN_TITLE.fullmatch(title):
        return found["number"].strip(), found["title"].strip()
    if (bullet := _BULLET.fullmatch(title)) and bullet["title"]:
        return title[0], bullet["title"].strip()
    return "", title


def _kinds(part: str) -> list[tuple[str, str, int]]:
    """Give kind, code and place in order of one part, for each way to read it."""
    if part[0].isdigit():
        digits = re.match(r"\d+", part)
        assert digits is not None
        return [("digits", str(int(digits[0])) + _ascii(part[digits.end() :]), int(digits[0]))]
    case = "upper" if part.isupper() else "lower"
    kinds = []
    if _ROMAN.fullmatch(part):
        kinds.append((f"{case} roman", part, _roman(part)))
    if len(part) == 1:
        kinds.append((f"{case} letter", _ascii(part), _ALPHABET.find(part.lower()) + 1))
    return kinds


def _roman(text: str) -> int:
    values = [_VALUES[letter] for letter in text.lower()]
    after = [*values[1:], 0]
    return sum(-v if v < following else v for v, following in zip(values, after, strict=True))


def _ascii(text: str) -> str:
    return text.replace(_D, "dd").replace(_D.upper(), "DD")
