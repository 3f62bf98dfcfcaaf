"""How points are given, as an annex writes it, read into the keys of an indicator.

Only what is understood whole is read: a rule whose clauses overlap, leave a gap, speak of two
quantities, or earn another maximum than the column of points says, is none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kpi_lib.exchange.annex.classes import by_class
from kpi_lib.exchange.annex.clauses import (
    NOT_SIMPLE,
    Clause,
    Range,
    read_clause,
    without_head,
)
from kpi_lib.exchange.annex.definitions import (
    RATIO,
    definitions_of,
    formula_of,
    one_ratio,
    spelled_out,
)
from kpi_lib.exchange.annex.each import REWARD, for_each, read_step, split_limit
from kpi_lib.exchange.annex.lines import Keys, above_most, neat, share
from kpi_lib.exchange.annex.ranges import Beside, Step, Whole, ranges_of
from kpi_lib.exchange.annex.wording import (
    WORDS,
    Unread,
    any_word,
    folded,
    normalised,
    number,
    sentences,
)
from kpi_lib.io.cells.units import is_percent
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import numeral

Kind = Literal["points", "bonus", "deduction"]
_NOT_APPLICABLE = re.compile(any_word("not applicable"))
_LEFT_OUT = re.compile(any_word("left out"))
_NONE = re.compile(rf"{any_word('none')}[a-z ]{{0,20}}")
_NO_DATA = re.compile(rf"\W*{any_word('no data')}\W*")
_FRACTIONAL = re.compile(
    rf"(?:\d\s*|^\(?){any_word('fractional units')}|{any_word('averages', 'percent')}"
)
_YES_OR_NO: list[list[str]] = WORDS["yes or no"]  # in Vietnamese, in English
_OTHERWISE = re.compile(rf"\W*{any_word('otherwise')}\W*")
_NOT_MET = re.compile(rf"{any_word('not met')}")
_EACH = re.compile(rf"{any_word('each')}|{any_word('off')}\s*$")
_BETWEEN = re.compile(rf"[^\d:;]*{any_word('interpolated')}[^\d:;]*")
_DATED = re.compile(rf".*?{any_word('before or after')}\s+(?P<date>.*\d.*)")
_BARE = re.compile(any_word("before or after"))
_NAMED_RATIO = re.compile(
    r"[(\[]?\s*(?P<above>[^\d×*/:()]+ [^\d×*/:()]+?)\s*/\s*(?P<below>[^\d×*/:()]+ [^\d×*/:()]+?)"
    r"\s*[)\]]?\s*(?:[×*]|(?<=\W)x(?=\W))\s*(?P<rest>[^/]+)"
)
_SHARE = re.compile(any_word("share"))
_SHARE_IS = re.compile(rf"(?:{any_word('share')})[^=:]*=\s*")


@dataclass(frozen=True)
class Reading:
    """What a scoring rule says: keys of an indicator, or ``why`` they are not read.

    ``assumed`` is what the rule leaves unsaid and is read into it. ``why`` is empty where
    nothing in the text has a known form.
    """

    keys: Keys | None = None
    assumed: tuple[str, ...] = ()
    why: str = ""


def read_rule(
    text: str,
    unit: str = "",
    points: float | None = None,
    kind: Kind = "points",
    title: str = "",
) -> Reading:
    """Read how points are given into keys of an indicator.

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
    title:
        The title of the indicator: an average may lie between '6-10' and '11-20'.

    Returns
    -------
    Reading
        Its keys: ``points``, ``bonus`` or ``deduction``; ``normalise``, or ``direction`` and
        ``goalposts``; and ``formula``, ``unit`` and ``not_applicable`` where the text says them.
    """
    if points is not None and points < 0:
        kind = "deduction"
    try:
        keys = _read(normalised(text), unit, points, kind)
    except Unread as why:
        return Reading(why=str(why))
    except ValueError:  # a number that is none
        return Reading()
    assumed = keys.pop("assumed", ()) if keys else ()
    fractional = any(_FRACTIONAL.search(folded(said)) for said in (unit, title, text))
    said = [one for one in assumed if fractional or not isinstance(one, Whole)]
    return Reading(keys, tuple(dict.fromkeys(map(str, said))))


def _read(text: str, unit: str, points: float | None, kind: Kind) -> Keys | None:
    clauses, also = _without_asides(text, unit, points)
    if not clauses:
        return None
    joined = "; ".join(clauses)
    keys = (
        by_class(joined, unit, points, _of_clauses)
        or for_each(joined, unit, points, kind)
        or _reward(clauses, points, kind)
        or _of_clauses(clauses, unit, points)
        or _up_to_a_limit(joined, unit, points)
    )
    if keys is None:
        if letters := definitions_of(sentences(text))[0]:
            several = ", ".join(letters)
            raise Unread(msg("It gives points for {named} in no known form.", named=several))
        return None
    most, least = keys.pop("most"), keys.pop("least", 0.0)
    named: Kind = keys.pop("kind", kind)
    if named != "deduction" and least < 0 and most <= 0:
        named = "deduction"
    if named == "deduction":
        if most > 0:
            return None
        if kind == "points" and points is not None and points > 0 and "floor" not in keys:
            raise Unread(
                msg("It takes points off: write its points as {points}.", points=numeral(-points))
            )
        most = -least
    keys.pop("floor", None)
    if most <= 0:
        return None
    if points is not None and not math.isclose(most, abs(points), rel_tol=1e-9):
        raise above_most(most, abs(points))
    return {named: neat(most), **keys, **also}


def _without_asides(text: str, unit: str, points: float | None) -> tuple[list[str], Keys]:
    """Take what is said of the formula and of what is not applicable out of the clauses."""
    also: Keys = {}
    defined, others = definitions_of([without_head(clause) for clause in sentences(text)])
    for name, meant in defined.items():
        if meant.count("/") == 1 and (formula := formula_of(meant, {}, unit)):
            also["formula"] = formula
            others = [re.sub(rf"(?<!\w){name}(?!\w)", WORDS["share"][0], one) for one in others]
    ratio_of = one_ratio(others)
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
            formula = formula_of(clause[share.end() :], defined, unit)
            if formula is not None:
                also["formula"] = formula
            if formula is not None or RATIO.fullmatch(clause[share.end() :].strip(" .;,")):
                continue
        if ratio := RATIO.search(clause):
            if formula := formula_of(ratio[0], defined, unit):
                also.setdefault("formula", formula)
            clause = clause.replace(ratio[0], f" {WORDS['share'][0]} ")
        elif (named := _NAMED_RATIO.fullmatch(clause)) and not _SHARE.match(said):
            if formula := formula_of(f"{named['above']} / {named['below']}", defined, unit):
                also.setdefault("formula", formula)
            clause = f"{WORDS['share'][0]} × {named['rest']}"
        if clause:
            kept.append(clause)
    return spelled_out(kept, defined, ratio_of), also


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


def _up_to_a_limit(text: str, unit: str, points: float | None) -> Keys | None:
    """'Share × 7 / 90 %, at most 7 points': a line that ends at the limit."""
    body, limit = split_limit(text)
    if limit is None or limit["least"]:
        return None
    clause = read_clause(without_head(body).strip(" .,;"), points)
    bound = number(limit["number"]) if limit["number"] else points
    if clause is None or clause.when is not None or bound is None:
        return None
    return share(clause.earned, unit, points, bound)


def _of_clauses(texts: Sequence[str], unit: str, points: float | None) -> Keys | None:
    clauses: list[Clause] = []
    steps: list[Step] = []
    between = False
    for text in _with_limits(texts):
        if _BETWEEN.fullmatch(folded(text)):
            between = True
        elif step := read_step(text):
            steps.append(step)
        elif clause := read_clause(text, points):
            clauses.append(_otherwise(clause))
        else:
            return None
    if not clauses or len(steps) > 1:
        return None
    if all(isinstance(clause.when, str) for clause in clauses):
        return None if steps or between else _categories(clauses, unit)
    if len(clauses) == 1 and clauses[0].when is None and not steps:
        return share(clauses[0].earned, unit, points, None)
    assumed = _no_data(clauses)
    clauses = [
        _as_range(_or_else(clause, clauses)) for clause in clauses if not _is_no_data(clause)
    ]
    others = [clause.earned for clause in clauses if clause.when == "otherwise"]
    ranged = [(clause.when, clause.earned) for clause in clauses if isinstance(clause.when, Range)]
    if len(ranged) + len(others) < len(clauses) or len(others) > 1 or not ranged:
        return None
    beside = Beside(others[0] if others else None, steps[0] if steps else None, between)
    keys = ranges_of(ranged, unit, points, beside)
    return keys and {**keys, "assumed": [*keys["assumed"], *assumed]}


def _is_no_data(clause: Clause) -> bool:
    return isinstance(clause.when, str) and bool(_NO_DATA.fullmatch(folded(clause.when)))


def _no_data(clauses: Sequence[Clause]) -> list[str]:
    """'No data: 0' beside figures says what a missing value earns, and is no band."""
    said = [clause for clause in clauses if _is_no_data(clause)]
    for clause in said:
        if clause.earned.kind != "points" or clause.earned.value != 0:
            raise Unread(
                msg("Only a value earns points: '{word}' can earn none.", word=clause.when)
            )
    return [msg("'{word}' is a missing value, not 0", word=clause.when) for clause in said]


def _with_limits(texts: Sequence[str]) -> list[str]:
    """Put 'lowest 2 points' back to the step that it ends."""
    kept: list[str] = []
    for text in texts:
        if kept and split_limit(text)[0] == "" and read_step(kept[-1]):
            kept[-1] += f", {text}"
        else:
            kept.append(text)
    return kept


def _otherwise(clause: Clause) -> Clause:
    """Read 'all other cases' as what it is, whatever its words."""
    if isinstance(clause.when, str) and _OTHERWISE.fullmatch(folded(clause.when)):
        return Clause("otherwise", clause.earned)
    return clause


def _or_else(clause: Clause, clauses: Sequence[Clause]) -> Clause:
    """Read 'share × 10; if the share is 80 % or more, 10 points': the line is for all others."""
    line = clause.when is None and clause.earned.kind == "line"
    return Clause("otherwise", clause.earned) if line and len(clauses) > 1 else clause


def _as_range(clause: Clause) -> Clause:
    """Read 'none: 0' beside figures as nothing at all, and 'not reached: 0' as all others."""
    if not isinstance(clause.when, str):
        return clause
    said = folded(clause.when)
    if _NOT_MET.fullmatch(said):
        return Clause("otherwise", clause.earned)
    if _NONE.fullmatch(said):
        return Clause(Range(high=0.0, high_closed=True), clause.earned)
    return clause


def _categories(clauses: Sequence[Clause], unit: str) -> Keys | None:
    words = _with_dates([_category(str(clause.when)) for clause in clauses])
    if any(_EACH.search(folded(word)) for word in words):
        return None  # 'each report late' is no word, and what it earns no number of points
    scores = {word: clause.earned.value for word, clause in zip(words, clauses, strict=True)}
    if is_percent(unit) or any(clause.earned.kind != "points" for clause in clauses):
        return None
    if len(scores) < len(clauses) or any(len(word) > 60 for word in scores):
        return None
    assumed = []
    if len(clauses) == 1:
        (word,) = scores
        pair = next((pair for pair in _YES_OR_NO if folded(word) == folded(pair[0])), None)
        if pair is None:
            return None
        scores[pair[1]] = 0.0
        assumed = [msg("'{word}' earns 0", word=pair[1])]
    if "otherwise" in scores:
        return None
    if 0 not in (min(scores.values()), max(scores.values())):
        raise Unread(msg("It does not say what earns 0."))
    return {
        "normalise": {
            "method": "categories",
            "scores": {word: neat(score) for word, score in scores.items()},
        },
        "most": max(scores.values()),
        "least": min(scores.values()),
        "assumed": assumed,
    }


def _with_dates(words: Sequence[str]) -> list[str]:
    """Add the date to a bare 'after' where another of the words names it."""
    dates = {found["date"] for word in words if (found := _DATED.fullmatch(folded(word)))}
    if len(dates) != 1:
        return list(words)
    (date,) = dates
    return [f"{word} {date}" if _BARE.fullmatch(folded(word)) else word for word in words]


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
    rewarded = bool(REWARD.search(said))
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
