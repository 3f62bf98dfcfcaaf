"""Which indicators refer to which clause of a standard, and which two frameworks share."""

from __future__ import annotations

import re
from string import digits

import pandas as pd

from kpi_lib.errors import InputError, did_you_mean, plain
from kpi_lib.framework.model import Framework, Indicator, Reference
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import in_language

_PAIR = [
    *("standard", "clause"),
    *("code_a", "title_a_vi", "title_a_en"),
    *("code_b", "title_b_vi", "title_b_en"),
]

_EDITION = re.compile(r"\s*:\s*\d{4}$")


def clauses(framework: Framework, standard: str) -> pd.DataFrame:
    """List the indicators that refer to a standard, in order of its clauses.

    Columns ``standard, clause, code, title_vi, title_en``; ``clause`` is empty where the
    framework names none. ``standard`` may leave out the edition or the end of the name: ``ISO
    37122`` finds ``ISO 37122:2019``. Raises :class:`InputError` where no indicator refers to
    it, with the standards that there are.
    """
    asked = plain(standard)
    rows = [
        (reference.standard, reference.code, indicator.code, *_titles(indicator))
        for indicator, reference in _references(framework)
        if _is_of(reference.standard, asked)
    ]
    if not rows:
        known = sorted({reference.standard for _, reference in _references(framework)})
        hint = did_you_mean(standard, [_EDITION.sub("", name) for name in known])
        listed = (
            msg("Its references are to: {known}.", known=", ".join(known))
            if known
            else msg("It has no references.")
        )
        message = msg(
            "no indicator of {name} refers to '{standard}'.", name=framework.name, standard=standard
        )
        raise InputError(" ".join(part for part in (message, hint, listed) if part))
    rows.sort(key=lambda row: (row[0], _natural(row[1]), _natural(row[2])))
    return pd.DataFrame(rows, columns=["standard", "clause", "code", "title_vi", "title_en"])


def cross_references(a: Framework, b: Framework) -> pd.DataFrame:
    """List the indicators of two frameworks that refer to the same clause of a standard.

    Columns ``standard, clause, code_a, title_a_vi, title_a_en, code_b, title_b_vi,
    title_b_en``; a row for each pair, in order of standard and clause. Editions of a standard
    count as one, because their clauses are seldom renumbered; a reference without a clause
    pairs nothing.
    """
    theirs: dict[tuple[str, str], list[Indicator]] = {}
    for indicator, reference in _references(b):
        theirs.setdefault(_key(reference), []).append(indicator)
    rows = [
        (reference.standard, reference.code, one.code, *_titles(one), other.code, *_titles(other))
        for one, reference in _references(a)
        if reference.code
        for other in theirs.get(_key(reference), ())
    ]
    rows.sort(key=lambda row: (row[0], *map(_natural, (row[1], row[2], row[5]))))
    return pd.DataFrame(rows, columns=_PAIR)


def _references(framework: Framework) -> list[tuple[Indicator, Reference]]:
    return [(i, reference) for i in framework.indicators for reference in i.references]


def _titles(indicator: Indicator) -> tuple[str, str]:
    return in_language(indicator.title, "vi"), in_language(indicator.title, "en")


def _is_of(standard: str, asked: str) -> bool:
    """Compare whole words from the start: ``ISO 371`` is not ``ISO 37122``."""
    name = plain(standard)
    return name.startswith(asked) and not name[len(asked) :][:1].isalnum()


def _key(reference: Reference) -> tuple[str, str]:
    return plain(_EDITION.sub("", reference.standard)), plain(reference.code)


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Sort numbers within a text as numbers: 9.2 before 10.2."""
    parts = re.findall(r"[0-9]{1,99}|[^0-9]+", text)
    return [(0, int(part), "") if part[0] in digits else (1, 0, part) for part in parts]
