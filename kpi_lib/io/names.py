"""Texts as cells hold them, and the codes that people mean by names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from kpi_lib.errors import Spellings, ask, plain

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins with one of these is run by spreadsheets where it stands in CSV."""

COMMANDS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
"""Letters that command a terminal, or turn round the texts beside them, and are no text."""


_UNTIDY = re.compile(r"[^ -~\n]|  |^[ ']| $", re.MULTILINE)

Fold = Callable[[str], str]
_Index = dict[str, list[str]]


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


def tidy_all(cells: Sequence[Any]) -> Sequence[str]:
    """Give the text of each cell; where plain texts are tidy as they stand, all at once."""
    if all(isinstance(cell, str) for cell in cells):
        whole = "\n".join(cells)
        if whole.isascii() and not _UNTIDY.search(whole):
            return cells
    return [tidy(cell) for cell in cells]


def tidy_lines(text: str) -> str:
    """Give a text tidied line by line; empty lines are left out."""
    return "\n".join(filter(None, map(tidy, text.splitlines())))


class Names:
    """Finds the code that a text means: the code itself, a name, or a name typed loosely.

    The first of these that knows the text decides: codes as they are, names as they are,
    either without regard to case, either without regard to diacritics.
    """

    def __init__(self, names: Iterable[tuple[str, str]], also: Fold | None = None) -> None:
        """Take pairs of a name and its code; ``also``: a looser way to compare, tried last."""
        given = list(dict.fromkeys(names))
        written = tidy_all([name for name, _ in given])
        pairs = [(text, code) for text, (_, code) in zip(written, given, strict=True) if text]
        self._pairs = dict.fromkeys(pairs)
        self._codes = {code for _, code in pairs}
        folds = (str, str.casefold, plain) if also is None else (str, str.casefold, plain, also)
        self._levels: list[tuple[Fold, _Index]] = [(fold, {}) for fold in folds]

    @cached_property
    def all(self) -> tuple[str, ...]:
        """The names, each once."""
        return tuple(dict.fromkeys(name for name, _ in self._pairs))

    def find(self, text: str) -> tuple[str, ...]:
        """Give the code a tidy text means: none if unknown, several if it is ambiguous."""
        if text in self._codes:
            return (text,)
        for at, (fold, index) in enumerate(self._levels):
            if not index:  # made when it is first asked, as most files are typed well
                self._fill(index, fold, with_codes=at > 0)
            if found := index.get(fold(text)):
                return tuple(sorted(set(found)))
        return ()

    def _fill(self, index: _Index, fold: Fold, *, with_codes: bool) -> None:
        for name, code in self._pairs:
            index.setdefault(fold(name), []).append(code)
        for code in self._codes if with_codes else ():
            index.setdefault(fold(code), []).append(code)

    def nearest(self, text: str) -> str:
        """Give a remedy that names what looks most like a text."""
        return ask(self._spellings.nearest(text))

    @cached_property
    def _spellings(self) -> Spellings:
        return Spellings(self.all)
