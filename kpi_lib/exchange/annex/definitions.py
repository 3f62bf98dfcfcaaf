"""Letters that a scoring rule defines: 'a = dossiers online; b = all dossiers; a/b ≥ 80%: …'."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kpi_lib.exchange.annex.cells import read_formula
from kpi_lib.exchange.annex.lines import Keys
from kpi_lib.exchange.annex.wording import NUMBER, POINT, WORDS, Unread, any_word, folded
from kpi_lib.locale.catalogue import msg

RATIO = re.compile(r"\(?\b([a-z])\s*/\s*([a-z])\b\)?(?:\s*[×x*]\s*100\s*%)?", re.IGNORECASE)
_DEFINITION = re.compile(
    rf"\(?([a-z])\s*(?:[=:]|{any_word('defined as')})\s*(?!\d)(.{{4,}}?)[\s.;,)]*", re.DOTALL
)
_CALCULATED = re.compile(rf"[×*÷<>≤≥]|{NUMBER}{POINT}")
_SHARE = re.compile(any_word("ratios"))
_BOUND = any_word("from", "above", "below", "to", "times", "divided")

Definitions = Mapping[str, str]
"""What each letter stands for."""


def definitions_of(clauses: Sequence[str]) -> tuple[Definitions, list[str]]:
    """Divide the clauses of a rule into what letters stand for, and the others."""
    defined: dict[str, str] = {}
    others: list[str] = []
    for clause in clauses:
        found = _DEFINITION.fullmatch(said := folded(clause))
        if found and not _CALCULATED.search(said[found.start(2) :]):
            defined[found[1]] = clause[slice(*found.span(2))]
        else:
            others.append(clause)
    return defined, others


def formula_of(text: str, defined: Definitions, unit: str) -> Keys | None:
    """Read the formula of a share; that of two letters by what they stand for."""
    if ratio := RATIO.fullmatch(text.strip(" .;,")):
        above, below = (defined.get(one.lower()) for one in ratio.groups())
        if above is None or below is None:
            return None
        return read_formula(f"({above}) / ({below})", unit or "%")
    return read_formula(text.strip(" .;,"), unit or "%")


def one_ratio(clauses: Sequence[str]) -> str:
    """Find the ratio of letters that clauses measure, '' for none.

    Raises :class:`Unread` where they are different ones.
    """
    found = (ratio for clause in clauses for ratio in RATIO.finditer(clause))
    return _only(dict.fromkeys("/".join(ratio.groups()).lower() for ratio in found))


def spelled_out(clauses: Sequence[str], defined: Definitions, ratio: str) -> list[str]:
    """Put the measured value in place of the one letter that clauses compare or calculate with.

    ``ratio`` is the :func:`one_ratio` that was there. Raises :class:`Unread` where they measure
    anything else as well, or do with the letter what is not known.
    """
    forms = {
        name: re.compile(
            rf"(?<![\w/]){name}(?=\s*(?:[<>≤≥=×*÷:]|/\s*\d|x\s)|\s+{_BOUND})"
            rf"|(?<=[×*(] ){name}(?!\w)"
        )
        for name in defined
    }
    said = [folded(clause) for clause in clauses]
    used = {name: form for name, form in forms.items() if any(map(form.search, said))}
    if not used:
        return list(clauses)
    others = {ratio: None} if ratio else {}
    for clause, one in zip(clauses, said, strict=True):
        if not ratio and (found := _SHARE.search(one)):
            others[clause[slice(*found.span())].lower()] = None
    name = _only({**others, **dict.fromkeys(used)})
    clauses = [_replaced(clause, used[name]) for clause in clauses]
    if any(re.search(rf"(?<!\w){name}(?!\w)", folded(clause)) for clause in clauses):
        raise Unread(msg("It is not clear what is done with {name}.", name=name))
    return clauses


def _only(measured: Mapping[str, None]) -> str:
    if len(measured) > 1:
        several = ", ".join(measured)
        raise Unread(msg("It measures more than one thing: {several}.", several=several))
    return next(iter(measured), "")


def _replaced(clause: str, form: re.Pattern[str]) -> str:
    for found in reversed(list(form.finditer(folded(clause)))):
        clause = clause[: found.start()] + WORDS["share"][0] + clause[found.end() :]
    return clause
