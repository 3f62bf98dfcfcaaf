"""Texts as cells hold them, and the codes that people mean by names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from kpi_lib.errors import Spellings, ask, plain

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins with one of these is run by spreadsheets where it stands in CSV."""

COMMANDS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
"""Letters that command a terminal, or turn round the texts beside them, and are no text."""


def tidy(cell: Any) -> str:
    """Give the text of a cell: one form of each letter, single spaces, 48 for 48.0.

    An empty cell (None, NaN) gives an empty text. Vietnamese letters may come composed or
    with loose marks, depending on the program they were typed in; the text is composed. The
    apostrophe that keeps spreadsheets from running a text is no part of it, nor are letters that
    nobody sees (:data:`COMMANDS`).
    """
    if isinstance(cell, str):
        if not cell.isprintable():
            cell = COMMANDS.sub("", cell)
        if cell.startswith("'") and cell[1:].startswith(STARTS_A_FORMULA):
            cell = cell[1:]
        return " ".join(unicodedata.normalize("NFC", cell).split())
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, date):
        return cell.isoformat().removesuffix("T00:00:00")
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell)


def tidy_lines(text: str) -> str:
    """Give a text tidied line by line; empty lines are left out."""
    return "\n".join(filter(None, map(tidy, text.splitlines())))


class Names:
    """Finds the code that a text means: the code itself, a name, or a name typed loosely.

    The first of these that knows the text decides: codes as they are, names as they are,
    either without regard to case, either without regard to diacritics.
    """

    def __init__(
        self, names: Iterable[tuple[str, str]], also: Callable[[str], str] | None = None
    ) -> None:
        """Take pairs of a name and its code; ``also``: a looser way to compare, tried last."""
        pairs = [(text, code) for name, code in dict.fromkeys(names) if (text := tidy(name))]
        both = list(dict.fromkeys([*pairs, *((code, code) for _, code in pairs)]))
        self._levels: list[tuple[Callable[[str], str], Mapping[str, frozenset[str]]]] = [
            (str, {code: frozenset({code}) for _, code in pairs}),
            (str, _index(pairs, str)),
            (str.casefold, _index(both, str.casefold)),
            (plain, _index(both, plain)),
        ]
        if also is not None:
            self._levels.append((also, _index(both, also)))
        self.all = tuple(dict.fromkeys([name for name, _ in pairs]))

    def find(self, text: str) -> tuple[str, ...]:
        """Give the code a tidy text means: none if unknown, several if it is ambiguous."""
        for fold, index in self._levels:
            if found := index.get(fold(text)):
                return tuple(sorted(found))
        return ()

    def nearest(self, text: str) -> str:
        """Give a remedy that names what looks most like a text."""
        return ask(self._spellings.nearest(text))

    @cached_property
    def _spellings(self) -> Spellings:
        return Spellings(self.all)


def _index(
    pairs: Iterable[tuple[str, str]], fold: Callable[[str], str]
) -> Mapping[str, frozenset[str]]:
    index: dict[str, frozenset[str]] = {}
    for name, code in pairs:
        key, own = fold(name), frozenset((code,))
        index[key] = index[key] | own if key in index else own
    return index
