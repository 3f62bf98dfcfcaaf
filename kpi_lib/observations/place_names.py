"""Names of places as files have them: rows of totals, and one place under two names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem, plain, plain_all
from kpi_lib.io.cells.coded import coded, objects, texts
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.locale.catalogue import msg

_WORDS = vocabulary(__package__)
_NAMED = 10
_BETWEEN = re.compile(r"(?:[^\S\n]|[\-‐‑‒–—_.,'’])+")
_BEFORE = re.compile(
    rf"^(?:{any_of(sorted(map(plain, _WORDS['before places']), key=len)[::-1])}) *", re.MULTILINE
)


def place_key(name: str) -> str:
    """A name as places are compared: without what kind of place it is, dashes and spaces."""
    return _place_keys([plain(name)])[0]


def _place_keys(folded: Sequence[str]) -> list[str]:
    bare = _bare(_BEFORE.sub("", "\n".join(folded)).split("\n"))
    return [key or _bare([name])[0] for key, name in zip(bare, folded, strict=True)]


def _bare(names: Sequence[str]) -> list[str]:
    """Take dashes and spaces out of names, of all at once."""
    return _BETWEEN.sub("", "\n".join(names)).split("\n")


_TOTALS = frozenset(_bare([plain(word) for word in _WORDS["totals"]]))


def one_spelling(column: pd.Series[Any]) -> tuple[pd.Series[Any], list[Problem]]:
    """Write names that differ in case, dashes and spaces alone in the one way used first."""
    codes, distinct = coded(column)
    names = list(map(str, distinct))
    # Without what is only typing: case, dashes and spaces.
    keys, first = pd.factorize(objects(_bare([name.casefold() for name in names])))
    if len(first) == len(names):
        return column, []
    spelled = [names[at] for at in np.unique(keys, return_index=True)[1]]
    spelled = [spelled[key] for key in keys.tolist()]
    changed = [
        f"'{name}' = '{one}'" for name, one in zip(names, spelled, strict=True) if name != one
    ]
    found = msg("names that differ in spelling alone are one place: {names}.", names=_some(changed))
    return texts(codes, spelled), [Problem(found, severity="warning")]


def doubtful(names: Iterable[str]) -> Iterator[Problem]:
    """Warn of names that are totals, and of different names that may be one place."""
    names = list(names)
    folded = plain_all(names)
    bare = _bare(folded)
    if totals := [name for name, one in zip(names, bare, strict=True) if _is_total(name, one)]:
        yield Problem(
            msg(
                "{names} may be totals and no places; they are scored and ranked as places.",
                names=_some([f"'{name}'" for name in totals]),
            ),
            msg("Leave them out: --where 'city!={name}'.", name=totals[0]),
            severity="warning",
        )
    by_key: dict[str, dict[str, str]] = {}
    keys = objects(_place_keys(folded))
    for at in np.flatnonzero(pd.Series(keys).duplicated(keep=False)).tolist():
        # Those that differ in diacritics alone are an error of their own.
        by_key.setdefault(keys[at], {})[bare[at]] = names[at]
    if twins := [" / ".join(same.values()) for same in by_key.values() if len(same) > 1]:
        yield Problem(
            msg("these names may mean one place each: {names}.", names=_some(twins)),
            msg("If they do, write one of them everywhere, or name both in a cities.csv."),
            severity="warning",
        )


def _is_total(name: str, bare: str) -> bool:
    """Whether a name is that of a total, in one language or in two, with a dash between them."""
    if bare in _TOTALS:
        return True
    parts = name.split(" - ") if " - " in name else ()
    return bool(parts) and _TOTALS.issuperset(_bare(plain_all(parts)))


def _some(names: list[str]) -> str:
    more = msg(" and {n} more", n=len(names) - _NAMED) if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
