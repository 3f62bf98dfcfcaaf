"""So much for each: 'each application 0.5 points, up to 5', 'each 1 % below: 0.5 off'."""

from __future__ import annotations

import re
from dataclasses import replace

from kpi_lib.exchange.annex.clauses import NOT_SIMPLE, Range, read_clause
from kpi_lib.exchange.annex.lines import Keys, in_proportion, neat
from kpi_lib.exchange.annex.ranges import Step
from kpi_lib.exchange.annex.wording import (
    MINUS,
    NUMBER,
    POINT,
    Unread,
    any_word,
    folded,
    number,
    sentences,
)
from kpi_lib.io.cells.units import is_percent
from kpi_lib.locale.catalogue import msg

_POINTS = rf"(?:{POINT})?"
_MINUS = rf"(?<!\w)[{MINUS}](?=\s?\d)"
_SIGNED = rf"(?:(?P<minus>{any_word('off')}|{_MINUS})|(?P<plus>{any_word('added')}))?\s*"
_EARNS = rf"\s*[,:=]?\s*(?:{any_word('earns')}\s*)*"
_ONE = rf"(?:{any_word('one')}\s+)?"
_UNIT = r"(?P<unit>[a-z][a-z /()]*?)"
_EACH_FIRST = re.compile(
    rf"{any_word('each')}\s+{_ONE}{_UNIT}{_EARNS}{_SIGNED}"
    rf"(?P<rate>{NUMBER}){_POINTS}\s*(?P<off>{any_word('off after')})?"
)
_EACH_LAST = re.compile(
    rf"{_SIGNED}(?P<rate>{NUMBER}){_POINTS}\s*(?P<off>{any_word('off after')})?\s*"
    rf"(?:/|{any_word('each')})\s*{_ONE}{_UNIT}(?P<off_last>\s*{any_word('off after')})?"
)
_WIDTH = (
    rf"(?P<before>[a-z ]*?)\s*(?P<width>{NUMBER})\s*(?P<percent>{any_word('percent')})?"
    r"\s*(?P<after>[a-z ]*?)"
)
_STEPS = (
    re.compile(
        rf"(?P<each>{any_word('each')}\s+)?{_WIDTH}{_EARNS}{_SIGNED}(?P<rate>{NUMBER}){_POINTS}"
        rf"\s*(?P<off>{any_word('off after')})?\W*"
    ),
    re.compile(
        rf"{_EARNS}{_SIGNED}(?P<rate>{NUMBER}){_POINTS}\s*(?P<off>{any_word('off after')})?\s*"
        rf"(?P<each>{any_word('each')}\s+){_WIDTH}\W*"
    ),
)
_NONE = re.compile(any_word("none"))
_PER_CENT = re.compile(rf"{any_word('each')}\s+{NUMBER}\s*{any_word('percent')}")
_LIMIT = re.compile(
    rf"\s*[,;(.]?\s*(?:{any_word('but')}\s+)?"
    rf"(?:(?P<most>{any_word('not above')})|(?P<least>{any_word('not under')}))"
    rf"(?:\s+(?:{any_word('off', 'added', 'off after')}))?\s*(?P<sign>[{MINUS}]?)\s*"
    rf"(?:(?P<number>{NUMBER}){_POINTS}|{any_word('maximum')})\s*\)?\W*$"
)
_SIDES = {side: re.compile(any_word(side)) for side in ("less", "more")}
_COMPARED = re.compile(any_word("compared"))
_RELATIVE = re.compile(any_word("relative"))
REWARD = re.compile(any_word("reward"))


def split_limit(text: str) -> tuple[str, re.Match[str] | None]:
    """Take 'up to 5 points' or 'lowest 2' off the end of a rule."""
    limit = _LIMIT.search(folded(text))
    return (text[: limit.start()], limit) if limit else (text, None)


def for_each(text: str, unit: str, points: float | None, kind: str) -> Keys | None:
    """So much for each, not above; or what is taken off for each, down to a lowest."""
    whole = _without_all(text, points)
    body, limit = split_limit(whole)
    if is_percent(unit) or (not unit and _PER_CENT.search(folded(body))):
        keys = _for_each_percent(body, limit, points, from_all=whole != text)
        return keys and ({**keys, "unit": "%"} if not unit else keys)
    found = _matched(folded(body))
    if found is None:
        if (step := read_step(text)) and not step.side and step.width != 1:
            width = neat(step.width)
            raise Unread(msg("It does not say what a part of {width} earns.", width=width))
        return None
    rate = number(found["rate"])
    most = abs(points) if points else None
    bound = number(limit["number"]) if limit and limit["number"] else most
    minus = found["minus"] or found["off"] or found.groupdict().get("off_last")
    if not minus and kind != "deduction":
        if (limit and limit["least"]) or bound is None or not rate:
            return None
        knots = [[0, 0], [neat(bound / rate), neat(bound)]]
        named: Keys = {"kind": "bonus"} if REWARD.search(folded(text)) else {}
        return {**named, "normalise": {"method": "piecewise", "knots": knots}, "most": bound}
    if kind == "points" and most and not (limit and limit["sign"]):
        lowest = 0.0
        if limit and bound is not None:
            lowest = bound if limit["least"] else most - bound
        if lowest < 0 or lowest >= most or not rate:
            return None
        knots = [[0, neat(most)], [neat((most - lowest) / rate), neat(lowest)]]
        return {"normalise": {"method": "piecewise", "knots": knots}, "most": most}
    if not rate or not bound:
        return None
    knots = [[0, 0], [neat(bound / rate), neat(-bound)]]
    made = {"method": "piecewise", "knots": knots}
    return {"kind": "deduction", "floor": True, "normalise": made, "most": 0.0, "least": -bound}


def _without_all(text: str, points: float | None) -> str:
    """Take 'no fault: 5 points', the maximum, off what is taken off for each."""
    first, *others = sentences(text) or [text]
    clause = read_clause(first, points) if others else None
    if clause is None or clause.earned.kind != "points" or clause.earned.value != points:
        return text
    if clause.when is None or (isinstance(clause.when, Range) and clause.when.high != 0):
        return text
    rest = "; ".join(others)
    found = _matched(folded(rest))
    if found and (found["minus"] or found["off"]):
        return rest
    step = read_step(rest) if _NONE.match(folded(first)) else None
    return rest if step and step.rate < 0 else text


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


def _for_each_percent(
    text: str, limit: re.Match[str] | None, points: float | None, *, from_all: bool
) -> Keys | None:
    """'Each 10 % earns 1 point': a line from nothing; ``from_all``: 'each 1 % takes 2 points'."""
    step = read_step(text)
    bound = number(limit["number"]) if limit and limit["number"] else points
    if step and from_all and points and step.rate < 0 and step.side != "less" and not limit:
        end = min(-points / step.rate * step.width, 100.0)
        knots = [[0, neat(points)], [neat(end), neat(points + step.rate * end / step.width)]]
        return {"normalise": {"method": "piecewise", "knots": knots}, "most": points}
    if step is None or step.side or step.rate <= 0 or not bound or (limit and limit["least"]):
        return None
    end = min(bound / step.rate * step.width, 100.0)
    reached = step.rate * end / step.width
    knots = [[0, 0], [neat(end), neat(reached)]]
    assumed = [] if step.width == 1 else [in_proportion(step.width)]
    made = {"method": "piecewise", "knots": knots}
    return {"normalise": made, "most": reached, "assumed": assumed}


def read_step(text: str) -> Step | None:
    """Read what each step of the value adds or takes off: 'each 1 % below: 0.5 off'."""
    body, limit = split_limit(text)
    said = folded(body).strip(" .,;")
    found = next((one for form in _STEPS if (one := form.fullmatch(said))), None)
    if found is None or _COMPARED.search(said):
        return None
    words = f"{found['before']} {found['after']}"
    sides = [side for side, form in _SIDES.items() if form.search(words)]
    off = bool(found["minus"] or found["off"])
    if (
        len(sides) > 1
        or not (found["each"] or (sides and off))
        or NOT_SIMPLE.search(_SIDES["less"].sub("", words))
    ):
        return None
    rate = number(found["rate"])
    width = number(found["width"])
    if not rate or not width:
        return None
    step = Step(width, -rate if off else rate, "".join(sides))
    if limit and limit["number"]:
        ends = number(limit["number"])
        step = replace(step, least=ends) if limit["least"] else replace(step, most=ends)
    return step
