"""A rule for each class of city: 'class I from 90 %, class II from 80 %: 5 points'."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kpi_lib.exchange.annex.clauses import Earned, Range, read_clause, read_condition
from kpi_lib.exchange.annex.lines import Keys
from kpi_lib.exchange.annex.ranges import Beside, opened, ranges_of
from kpi_lib.exchange.annex.wording import any_word, folded, sentences

_CLASSES = re.compile(
    rf"{any_word('class')}\s+(?P<names>(?:{any_word('class names')}|[ivx]+|\d|[a-e])(?!\w)"
    rf"(?:\s*(?:,|/|{any_word('and')})\s*(?:{any_word('class')}\s+)?"
    rf"(?:{any_word('class names')}|[ivx]+|[a-e])(?!\w))*)"
)
_OTHERWISE = re.compile(rf"\W*{any_word('otherwise')}\W*")
_CLASS_NAME = re.compile(rf"{any_word('class names')}|\b(?:[ivx]+|\d|[a-e])\b")


def by_class(
    text: str,
    unit: str,
    points: float | None,
    read: Callable[[Sequence[str], str, float | None], Keys | None],
) -> Keys | None:
    """Bands or knots by class of city; ``read`` reads the clauses of one."""
    said = folded(text)
    markers = list(_CLASSES.finditer(said))
    if len(markers) < 2 or re.search(r"\d", said[: markers[0].start()]):
        return None
    ends = [*(one.start() for one in markers[1:]), len(text)]
    rest, earned = _of_all_others(sentences(text[markers[-1].end() :]), points)
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
        own = sentences(part)
        keys = read(own if rest in own else [*own, *filter(None, [rest])], unit, points)
        if keys is None:
            return None
        if waiting:
            clause = read_clause(own[0], points)
            assert clause is not None  # its sentences were read
            for others, condition in waiting:
                made = ranges_of([(condition, clause.earned)], unit, points, Beside(earned))
                if made is None:
                    return None
                rules.update(dict.fromkeys(others, made))
            waiting = []
        rules.update(dict.fromkeys(names, keys))
    return None if waiting else _together(rules)


def _of_all_others(texts: Sequence[str], points: float | None) -> tuple[str, Earned | None]:
    """Find what all others earn, whatever their class: '…; otherwise: 0 points'."""
    for text in texts:
        clause = read_clause(text, points)
        if clause and isinstance(clause.when, str) and _OTHERWISE.fullmatch(folded(clause.when)):
            return text, clause.earned
    return "", None


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
    assumed = [one for keys in rules.values() for one in keys.get("assumed", ())]
    return {**first, "normalise": normalise, "assumed": assumed}
