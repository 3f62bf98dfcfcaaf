"""The words, numbers and clauses of scoring rules, in one spelling."""

from __future__ import annotations

import re
import unicodedata

from kpi_lib.errors import plain
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.locale.catalogue import msg

WORDS = vocabulary(__package__)["rules"]

NUMBER = r"\d+(?:[.,]\d+)*"
MINUS = "-\N{MINUS SIGN}\N{EN DASH}"


class Unread(Exception):
    """Why a rule of a known form is not read; ``str()`` says it to the person who wrote it."""


def any_word(*keys: str) -> str:
    """The regular expression of any word of some lists, longest first, as a whole word."""
    words = sorted((word for key in keys for word in WORDS[key]), key=len, reverse=True)
    letters = [word for word in words if word[0].isalnum()]
    signs = [word for word in words if not word[0].isalnum()]
    parts = [rf"(?<!\w)(?:{any_of(letters)})(?!\w)"] if letters else []
    return "(?:" + "|".join([*parts, *([any_of(signs)] if signs else [])]) + ")"


POINT = rf"\s*(?:{any_of(WORDS['point'])})(?![a-z])"
_NAMES = {key.replace(" ", "_"): any_word(key) for key in WORDS if isinstance(WORDS[key][0], str)}
_REWRITES = [
    (re.compile(pattern.format(**{**_NAMES, "number": NUMBER, "point": POINT})), written)
    for pattern, written in WORDS["rewritten"]
]
EARNS = "".join(rf"(?<!{word} )" for word in WORDS["not before earns"]) + any_word("earns")
_DIVIDED = re.compile(rf"{EARNS}|{any_word('nothing', 'proportional')}|:|{NUMBER}{POINT}")
_WHOLE = re.compile(
    rf":\s*\S|[×*÷/=→]|\bx\b|{NUMBER}{POINT}|{any_word('nothing', 'proportional')}|[;.]\s*$"
)
_BULLET = re.compile(r"(?:[+•*–-]\s+|\+(?=\D)|[a-z]\)\s*)")
_LABEL = re.compile(rf"{any_word('label')}\s*\d\s*[:.]\s*(?=[^\d\s])")
_SENTENCES = re.compile(r"[;\n]|\.(?:\s+(?=\D)|\s*$)|\((?=[a-z]\s*[=:])")


def folded(text: str) -> str:
    """Fold case and diacritics, one letter for one, so that positions stay those of the text."""
    text = unicodedata.normalize("NFC", text)
    return "".join(one if len(one := plain(char)) == 1 else char.lower() for char in text)


def number(text: str) -> float:
    """Read a number of a rule; raises :class:`Unread` where 1.000 may be one or a thousand."""
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text) or text.count(".") + text.count(",") > 1:
        raise Unread(msg("{text} may be read in two ways.", text=text))
    return float(text.replace(",", "."))


def normalised(text: str) -> str:
    """Spell a rule as the reader knows it: lines that belong together joined, known forms alike.

    The forms are pairs of ``rewritten`` in words.yaml: a pattern of the text without case and
    diacritics, and what is written in its place.
    """
    lines: list[str] = []
    for line in unicodedata.normalize("NFC", text).splitlines():
        if lines and not _WHOLE.search(folded(lines[-1])) and not _BULLET.match(folded(line)):
            lines[-1] = f"{lines[-1].rstrip()} {line.lstrip()}"
        elif line.strip():
            lines.append(line)
    text = "\n".join(lines)
    for pattern, written in _REWRITES:
        parts: list[str] = []
        at = 0
        for found in pattern.finditer(folded(text)):
            kept = [text[slice(*found.span(group))] for group in range(1, pattern.groups + 1)]
            parts += [text[at : found.start()], written.format("", *kept)]
            at = found.end()
        text = "".join([*parts, text[at:]])
    return text


def sentences(text: str) -> list[str]:
    """Divide a rule into its clauses, without bullets."""
    parts: list[str] = []
    for part in _SENTENCES.split(text):
        pieces = re.split(r",\s+", part)
        kept = pieces[:1]
        for piece in pieces[1:]:
            # A comma divides two clauses where each of them says what it earns.
            if _DIVIDED.search(folded(kept[-1])) and _DIVIDED.search(folded(piece)):
                kept.append(piece)
            else:
                kept[-1] += f", {piece}"
        parts += kept
    stripped = (_unlabelled(part.strip()) for part in parts)
    return [part for part in stripped if part and not re.fullmatch(r"\W+", part)]


def _unlabelled(text: str) -> str:
    """Take a bullet and 'Level 1:' off the beginning of a clause."""
    for form in (_BULLET, _LABEL):
        if found := form.match(folded(text)):
            text = text[found.end() :].strip()
    return text
