"""Names of places as files have them: rows of totals, and one place under two names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from kpi_lib.errors import Problem, plain
from kpi_lib.io.cells.coded import coded, texts
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.locale.catalogue import msg

_WORDS = vocabulary(__package__)
_NAMED = 10
_BETWEEN = re.compile(r"[\s\-‐‑‒–—_.,'’]+")
_BEFORE = re.compile(rf"(?:{any_of(sorted(map(plain, _WORDS['before places']), key=len)[::-1])}) *")


def place_key(name: str) -> str:
    """A name as places are compared: without what kind of place it is, dashes and spaces."""
    folded = plain(name)
    bare = _BEFORE.sub("", folded, count=1) if _BEFORE.match(folded) else folded
    return _BETWEEN.sub("", bare) or _BETWEEN.sub("", folded)


_TOTALS = frozenset(_BETWEEN.sub("", plain(word)) for word in _WORDS["totals"])


def _spelling(name: str) -> str:
    """A name without what is only typing: case, dashes and spaces."""
    return _BETWEEN.sub("", name.casefold())


def one_spelling(column: pd.Series[Any]) -> tuple[pd.Series[Any], list[Problem]]:
    """Write names that differ in case, dashes and spaces alone in the one way used first."""
    codes, distinct = coded(column)
    first: dict[str, str] = {}
    spelled = [first.setdefault(_spelling(str(name)), str(name)) for name in distinct]
    changed = [
        f"'{name}' = '{one}'" for name, one in zip(distinct, spelled, strict=True) if name != one
    ]
    if not changed:
        return column, []
    found = msg("names that differ in spelling alone are one place: {names}.", names=_some(changed))
    return texts(codes, spelled), [Problem(found, severity="warning")]


def doubtful(names: Iterable[str]) -> Iterator[Problem]:
    """Warn of names that are totals, and of different names that may be one place."""
    names = list(names)
    if totals := [name for name in names if _BETWEEN.sub("", plain(name)) in _TOTALS]:
        yield Problem(
            msg(
                "{names} may be totals and no places; they are scored and ranked as places.",
                names=_some([f"'{name}'" for name in totals]),
            ),
            msg("Leave them out: --where 'city!={name}'.", name=totals[0]),
            severity="warning",
        )
    by_key: dict[str, dict[str, str]] = {}
    for name in names:
        # Those that differ in diacritics alone are an error of their own.
        by_key.setdefault(place_key(name), {})[_BETWEEN.sub("", plain(name))] = name
    if twins := [" / ".join(same.values()) for same in by_key.values() if len(same) > 1]:
        yield Problem(
            msg("these names may mean one place each: {names}.", names=_some(twins)),
            msg("If they do, write one of them everywhere, or name both in a cities.csv."),
            severity="warning",
        )


def _some(names: list[str]) -> str:
    more = msg(" and {n} more", n=len(names) - _NAMED) if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
