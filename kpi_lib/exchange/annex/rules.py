"""How points are given, as an annex writes it, read into the keys of an indicator.

Only what is understood whole is read: a rule whose clauses overlap, leave a gap, speak of two
quantities, or earn another maximum than the column of points says, is none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

from kpi_lib.exchange.annex.cells import read_formula
from kpi_lib.exchange.annex.clauses import (
    MINUS,
    NOT_SIMPLE,
    NUMBER,
    WORDS,
    Clause,
    Range,
    any_word,
    folded,
    number,
    read_clause,
    read_condition,
    sentences,
    without_head,
)
from kpi_lib.exchange.annex.ranges import Keys, neat, opened, ranges_of, share
from kpi_lib.io.units import is_percent
from kpi_lib.io.vocabulary import any_of

Kind = Literal["points", "bonus", "deduction"]
_POINT = rf"(?:\s*(?:{any_of(WORDS['point'])})(?![a-z]))?"
_MINUS = rf"(?<!\w)[{MINUS}](?=\s?\d)"
_SIGNED = rf"(?:(?P<minus>{any_word('off')}|{_MINUS})|(?P<plus>{any_word('added')}))?\s*"
_ONE = rf"(?:{any_word('one')}\s+)?"
_UNIT = r"(?P<unit>[a-z][a-z /()]*?)"
_EACH_FIRST = re.compile(
    rf"{any_word('each')}\s+{_ONE}{_UNIT}\s*[,:=]?\s*(?:{any_word('earns')}\s*)*{_SIGNED}"
    rf"(?P<rate>{NUMBER}){_POINT}\s*(?P<off>{any_word('off after')})?"
)
_EACH_LAST = re.compile(
    rf"{_SIGNED}(?P<rate>{NUMBER}){_POINT}\s*(?P<off>{any_word('off after')})?\s*"
    rf"(?:/|{any_word('each')})\s*{_ONE}{_UNIT}(?P<off_last>\s*{any_word('off after')})?"
)
_LIMIT = re.compile(
    rf"\s*[,;(.]?\s*(?:(?P<most>{any_word('not above')})|(?P<least>{any_word('not under')}))"
    rf"(?:\s+(?:{any_word('off', 'added', 'off after')}))?\s*(?P<sign>[{MINUS}]?)\s*"
    rf"(?:(?P<number>{NUMBER}){_POINT}|{any_word('maximum')})\s*\)?\s*$"
)
_RELATIVE = re.compile(any_word("relative"))
_CLASSES = re.compile(
    rf"{any_word('class')}\s+(?P<names>(?:{any_word('class names')}|[ivx]+|\d|[a-e])(?!\w)"
    rf"(?:\s*(?:,|/|{any_word('and')})\s*(?:{any_word('class')}\s+)?"
    rf"(?:{any_word('class names')}|[ivx]+|[a-e])(?!\w))*)"
)
_CLASS_NAME = re.compile(rf"{any_word('class names')}|\b(?:[ivx]+|\d|[a-e])\b")
_NOT_APPLICABLE = re.compile(any_word("not applicable"))
_LEFT_OUT = re.compile(any_word("left out"))
_REWARD = re.compile(any_word("reward"))
_NONE = re.compile(rf"{any_word('none')}[a-z ]{{0,20}}")
_YES_OR_NO: list[list[str]] = WORDS["yes or no"]  # in Vietnamese, in English
_OTHERWISE = re.compile(rf"\W*{any_word('otherwise')}\W*")
_VARIABLE = re.compile(r"\(?([a-z])\s*[=:]\s*(.{4,}?)[\s.;,)]*", re.IGNORECASE | re.DOTALL)
_RATIO = re.compile(r"\(?\b([a-z])\s*/\s*([a-z])\b\)?(?:\s*[×x*]\s*100\s*%)?", re.IGNORECASE)
_NAMED_RATIO = re.compile(
    r"[(\[]?\s*(?P<above>[^\d×*/:()]+ [^\d×*/:()]+?)\s*/\s*(?P<below>[^\d×*/:()]+ [^\d×*/:()]+?)"
    r"\s*[)\]]?\s*(?:[×*]|(?<=\W)x(?=\W))\s*(?P<rest>[^/]+)"
)
_SHARE = re.compile(any_word("share"))
_SHARE_IS = re.compile(rf"(?:{any_word('share')})[^=:]*=\s*")


def read_rule(
    text: str, unit: str = "", points: float | None = None, kind: Kind = "points"
) -> Keys | None:
    """Read how points are given into keys of an indicator; None where that is not understood.

    Parameters
    ----------
    text:
        The rule as the annex has it, in Vietnamese or English: share times points, a proportion
        up to a threshold, bands, yes or no, a jump, so much for each, by class of city.
    unit:
        The unit of the indicator. Thresholds come in it: 80 in %, 0.8 in a ratio.
    points:
        The most that the indicator earns (for a deduction: takes), as its column says; None
        where it says nothing. A rule that earns another maximum is not understood.
    kind:
        Whether the points are earned, a bonus or a deduction.

    Returns
    -------
    dict
        ``points``, ``bonus`` or ``deduction``; ``normalise``, or ``direction`` and
        ``goalposts``; and ``formula``, ``unit`` and ``not_applicable`` where the text says them.
    """
    if points is not None and points < 0:
        kind = "deduction"
    try:
        return _read(text, unit, points, kind)
    except ValueError:  # a number that could be read two ways
        return None


def _read(text: str, unit: str, points: float | None, kind: Kind) -> Keys | None:
    clauses, also = _without_asides(text, unit, points)
    if not clauses:
        return None
    joined = "; ".join(clauses)
    keys = (
        _by_class(joined, unit, points)
        or _for_each(joined, unit, points, kind)
        or _reward(clauses, points, kind)
        or _of_clauses(clauses, unit, points)
    )
    if keys is None:
        return None
    most, least = keys.pop("most"), keys.pop("least", 0.0)
    named: Kind = keys.pop("kind", kind)
    if named != "deduction" and least < 0 and most <= 0:
        named = "deduction"
    if named == "deduction":
        if (kind == "points" and points is not None and points > 0 and "floor" not in keys) or (
            most > 0
        ):
            return None
        most = -least
    keys.pop("floor", None)
    if most <= 0 or (points is not None and not math.isclose(most, abs(points), rel_tol=1e-9)):
        return None
    return {named: neat(most), **keys, **also}


def _without_asides(text: str, unit: str, points: float | None) -> tuple[list[str], Keys]:
    """Take what is said of the formula and of what is not applicable out of the clauses."""
    also: Keys = {}
    variables: dict[str, str] = {}
    others: list[str] = []
    for clause in map(without_head, sentences(text)):
        found = _VARIABLE.fullmatch(clause)
        if found and not re.search(r"[×*÷]|\d", found[2]):
            variables[found[1].lower()] = found[2]
        else:
            others.append(clause)
    kept: list[str] = []
    for clause in others:
        said = folded(clause)
        if _NOT_APPLICABLE.search(said):
            policy = _not_applicable(said, points)
            if policy is not None:
                also["not_applicable"] = policy
                continue
        share = _SHARE_IS.match(said)
        if share and not re.search(r"[<>≤≥]|\d(?!00\b)", said[: share.end()]):
            formula = _formula(clause[share.end() :], variables, unit)
            if formula is not None:
                also["formula"] = formula
            if formula is not None or _RATIO.fullmatch(clause[share.end() :].strip(" .;,")):
                continue
        if ratio := _RATIO.search(clause):
            if formula := _formula(ratio[0], variables, unit):
                also.setdefault("formula", formula)
            clause = clause.replace(ratio[0], f" {WORDS['share'][0]} ")
        elif (named := _NAMED_RATIO.fullmatch(clause)) and not _SHARE.match(said):
            if formula := _formula(f"{named['above']} / {named['below']}", variables, unit):
                also.setdefault("formula", formula)
            clause = f"{WORDS['share'][0]} × {named['rest']}"
        if clause:
            kept.append(clause)
    return kept, also


def _formula(text: str, variables: dict[str, str], unit: str) -> Keys | None:
    if ratio := _RATIO.fullmatch(text.strip(" .;,")):
        above, below = (variables.get(one.lower()) for one in ratio.groups())
        if above is None or below is None:
            return None
        return read_formula(f"({above}) / ({below})", unit or "%")
    return read_formula(text.strip(" .;,"), unit or "%")


def _not_applicable(said: str, points: float | None) -> str | None:
    """What counts for a city where there is nothing to measure, as a clause says it."""
    if _LEFT_OUT.search(said):
        return "exclude"
    clause = read_clause(said, points if points is not None else math.nan)
    if clause is None or clause.earned.kind != "points":
        return None
    if clause.earned.value == 0:
        return "zero"
    full = math.isnan(clause.earned.value) or clause.earned.value == points
    return "full" if full else None


def _of_clauses(sentences_: Sequence[str], unit: str, points: float | None) -> Keys | None:
    read = [_one_clause(text, points) for text in sentences_]
    clauses = [clause for clause in read if clause is not None]
    if len(clauses) < len(read):
        return None
    if all(isinstance(clause.when, str) for clause in clauses):
        return _categories(clauses, unit)
    if len(clauses) == 1 and clauses[0].when is None:
        return share(clauses[0].earned, unit, points)
    otherwise = [clause.earned for clause in clauses if clause.when == "otherwise"]
    clauses = [_as_range(clause) for clause in clauses]
    ranged = [(clause.when, clause.earned) for clause in clauses if isinstance(clause.when, Range)]
    if len(ranged) + len(otherwise) < len(clauses) or len(otherwise) > 1 or not ranged:
        return None
    return ranges_of(ranged, otherwise, unit, points)


def _one_clause(text: str, points: float | None) -> Clause | None:
    clause = read_clause(text, points)
    if clause is None or not isinstance(clause.when, str):
        return clause
    said = folded(clause.when)
    return Clause("otherwise", clause.earned) if _OTHERWISE.fullmatch(said) else clause


def _as_range(clause: Clause) -> Clause:
    """Read 'none: 0' beside figures as nothing at all."""
    if isinstance(clause.when, str) and _NONE.fullmatch(folded(clause.when)):
        return Clause(Range(high=0.0, high_closed=True), clause.earned)
    return clause


def _categories(clauses: Sequence[Clause], unit: str) -> Keys | None:
    scores = {_category(str(clause.when)): clause.earned.value for clause in clauses}
    if is_percent(unit) or any(clause.earned.kind != "points" for clause in clauses):
        return None
    if len(scores) < len(clauses) or any(len(word) > 60 for word in scores):
        return None
    if len(clauses) == 1:
        (word,) = scores
        pair = next((pair for pair in _YES_OR_NO if folded(word) == folded(pair[0])), None)
        if pair is None:
            return None
        scores[pair[1]] = 0.0
    if "otherwise" in scores or min(scores.values()) != 0:
        return None
    return {
        "normalise": {
            "method": "categories",
            "scores": {word: neat(score) for word, score in scores.items()},
        },
        "most": max(scores.values()),
    }


def _category(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _reward(clauses: Sequence[str], points: float | None, kind: Kind) -> Keys | None:
    """'A bonus of 2 points', with the words of what it is for: yes or no."""
    if len(clauses) != 1:
        return None
    text = clauses[0]
    said = folded(text)
    clause = read_clause(text, points)
    if clause is None or isinstance(clause.when, Range) or clause.earned.kind != "points":
        return None
    if clause.when is not None and NOT_SIMPLE.search(folded(clause.when)):
        return None  # 'not done: 2 off': a yes to it would be a no
    rewarded = bool(_REWARD.search(said))
    if clause.earned.value == 0 or not (rewarded or kind != "points" or clause.earned.value < 0):
        return None
    value = clause.earned.value
    if kind == "deduction":
        value = -abs(value)
    yes, no = _YES_OR_NO[1 if text.isascii() else 0]
    scores = {yes: neat(value), no: 0}
    named = "deduction" if value < 0 else "bonus"
    return {
        "kind": named,
        "normalise": {"method": "categories", "scores": scores},
        "most": max(value, 0.0),
        "least": min(value, 0.0),
    }


def _for_each(text: str, unit: str, points: float | None, kind: Kind) -> Keys | None:
    """So much for each, not above; or what is taken off for each, down to a lowest."""
    said = folded(text)
    limit = _LIMIT.search(said)
    body = said[: limit.start()] if limit else said
    found = _matched(body)
    if found is None or is_percent(unit):
        return None
    rate = number(found["rate"])
    most = abs(points) if points else None
    bound = number(limit["number"]) if limit and limit["number"] else most
    minus = found["minus"] or found["off"] or found.groupdict().get("off_last")
    if not minus and kind != "deduction":
        if (limit and limit["least"]) or bound is None or not rate:
            return None
        knots = [[0, 0], [neat(bound / rate), neat(bound)]]
        named: Keys = {"kind": "bonus"} if _REWARD.search(said) else {}
        return {**named, "normalise": {"method": "piecewise", "knots": knots}, "most": bound}
    below_zero = bool(limit and limit["sign"])
    if kind == "points" and most and not below_zero:
        lowest = 0.0
        if limit and bound is not None:
            lowest = bound if limit["least"] else most - bound
        if lowest < 0 or lowest >= most:
            return None
        knots = [[0, neat(most)], [neat((most - lowest) / rate), neat(lowest)]]
        return {"normalise": {"method": "piecewise", "knots": knots}, "most": most}
    if bound is None or not rate or not bound:
        return None
    knots = [[0, 0], [neat(bound / rate), neat(-bound)]]
    made = {"method": "piecewise", "knots": knots}
    return {"kind": "deduction", "floor": True, "normalise": made, "most": 0.0, "least": -bound}


def _matched(said: str) -> re.Match[str] | None:
    """Find what each one earns, after words that say of what, if any."""
    for form in (_EACH_FIRST, _EACH_LAST):
        for found in form.finditer(said):
            lead, tail = said[: found.start()], said[found.end() :].strip(" .,;")
            if re.search(r"\d|;", lead) or _RELATIVE.search(lead):
                continue
            if form is _EACH_FIRST and tail and re.search(r"\d|[:;,]", tail):
                continue
            if form is _EACH_LAST and re.search(r"\d|[:;,]", tail):
                continue
            return found
    return None


def _by_class(text: str, unit: str, points: float | None) -> Keys | None:
    """A rule for each class of city: bands or knots by class."""
    said = folded(text)
    markers = list(_CLASSES.finditer(said))
    if len(markers) < 2 or re.search(r"\d", said[: markers[0].start()]):
        return None
    ends = [*(one.start() for one in markers[1:]), len(text)]
    rules: dict[str, Keys] = {}
    waiting: list[tuple[list[str], Range]] = []
    for marker, end in zip(markers, ends, strict=True):
        found = _CLASS_NAME.finditer(said, *marker.span("names"))
        names = [text[one.start() : one.end()] for one in found]
        part = text[marker.end() : end].strip(" ,;:.-–")
        condition = read_condition(part)
        if isinstance(condition, Range):
            waiting.append((names, condition))
            continue
        keys = _of_clauses(sentences(part), unit, points)
        if keys is None:
            return None
        if waiting:
            clause = _one_clause(sentences(part)[0], points)
            assert clause is not None  # its sentences were read
            for others, condition in waiting:
                made = ranges_of([(condition, clause.earned)], [], unit, points)
                if made is None:
                    return None
                rules.update(dict.fromkeys(others, made))
            waiting = []
        rules.update(dict.fromkeys(names, keys))
    return None if waiting else _together(rules)


def _together(rules: dict[str, Keys]) -> Keys | None:
    first = next(iter(rules.values()))
    if any("normalise" not in keys for keys in rules.values()):
        return None
    shapes = {(one["normalise"]["method"], one["most"]) for one in rules.values()}
    method = first["normalise"]["method"]
    key = {"bands": "steps", "piecewise": "knots"}.get(method)
    if len(shapes) > 1 or key is None:
        return None
    alike = len({one["normalise"].get("closed") for one in rules.values()}) == 1
    by = {
        name: one["normalise"] if alike else opened(one["normalise"], key)
        for name, one in rules.items()
    }
    normalise = {"method": method, "by": "class", key: {name: one[key] for name, one in by.items()}}
    if alike and "closed" in first["normalise"]:
        normalise["closed"] = first["normalise"]["closed"]
    return {**first, "normalise": normalise}
