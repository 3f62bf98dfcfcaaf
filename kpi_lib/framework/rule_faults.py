"""What the rules of a framework file must say together: bands, knots, words, classes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from kpi_lib.errors import plain
from kpi_lib.io.cells.marks import is_no_answer, says_not_applicable
from kpi_lib.io.yaml import Fault, Lines, Place, line_of
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.choice import method_in
from kpi_lib.methods.rules import direction_of, rule_parameter


def columns_of(node: Mapping[str, Any]) -> dict[str, None]:
    """The columns of the cities by which the rules of an indicator differ, in order."""
    parts = (node.get("normalise"), node.get("goalposts"), node.get("targets"))
    return {str(part["by"]): None for part in parts if isinstance(part, dict) and "by" in part}


def rule_faults(
    place: Place,
    node: Mapping[str, Any],
    lines: Lines,
    scale: str,
    data: Mapping[str, Any],
) -> Iterator[Fault]:
    """Check the rule of an indicator; ``data`` is the whole file."""
    own = node.get("normalise")
    told, where = (
        (own, (*place, "normalise")) if own is not None else (data.get("normalise"), place)
    )
    columns = columns_of(node)
    if len(columns) > 1:
        yield (
            line_of(place, lines),
            msg(
                "{code}: its rules differ by {columns}. Let all differ by one column.",
                code=node["code"],
                columns=", ".join(columns),
            ),
        )
    if not isinstance(told, dict):
        return
    if told.get("scale") == "log":
        yield from _log_faults(place, node, told, lines)
    if rule_parameter(told["method"]):
        yield from _table_faults(where, node, told, lines, scale)
        yield from _direction_faults(place, node, told, lines)


def _log_faults(
    place: Place, node: Mapping[str, Any], told: Mapping[str, Any], lines: Lines
) -> Iterator[Fault]:
    posts = node.get("goalposts")
    low = told.get("low", posts[0] if isinstance(posts, list) else None)
    if low is not None and low <= 0:
        yield (
            line_of((*place, "goalposts"), lines),
            msg(
                "{code}: on a log scale the low goalpost ({low}) must be above 0.",
                code=node["code"],
                low=low,
            ),
        )


def _table_faults(
    place: Place, node: Mapping[str, Any], told: Mapping[str, Any], lines: Lines, scale: str
) -> Iterator[Fault]:
    name = rule_parameter(told["method"])
    rule, code = told[name], node["code"]
    words = told["method"] == "categories"
    tables = [((*place, name), rule)]
    differs = isinstance(rule, dict)
    if words:
        differs = all(isinstance(own, dict) for own in rule.values())
    if differs != ("by" in told):
        yield (
            line_of((*place, name), lines),
            msg(
                "{code}: {name} of several kinds of city need by: with the column that tells the "
                "kinds, and by: needs {name} for each of its values.",
                code=code,
                name=name,
            ),
        )
        return
    if differs:
        tables = [((*place, name, kind), own) for kind, own in rule.items()]
    low, high = _allowed(node, scale)
    for where, table in tables:
        line = line_of(where, lines)
        yield from (_word_faults if words else _order_faults)(code, name, table, line)
        for score in table.values() if words else (pair[1] for pair in table):
            if not low <= score <= high:
                yield (
                    line,
                    msg(
                        "{code}: {name} give the score {score}; expected {wanted}.",
                        code=code,
                        name=name,
                        score=score,
                        wanted=_between(low, high),
                    ),
                )


def _between(low: float, high: float) -> str:
    ends = {"low": format(low, "g"), "high": format(high, "g")}
    if math.isinf(low):
        return msg("{high} or less", **ends)
    return msg("{low} to {high}", **ends)


def _allowed(node: Mapping[str, Any], scale: str) -> tuple[float, float]:
    """The least and the most that the rule of an indicator may give."""
    if scale != "points":
        return 0.0, 1.0 if scale == "one" else 100.0
    if "deduction" in node:
        return -node["deduction"], 0.0
    return -float("inf"), node.get("points", node.get("bonus", float("inf")))


def _word_faults(code: str, name: str, table: Mapping[str, float], line: int) -> Iterator[Fault]:
    """Find words that data cannot tell apart, or that say something else in data."""
    first: dict[str, str] = {}
    for word in map(str, table):
        if says_not_applicable(word):
            yield (
                line,
                msg(
                    "{code}: '{word}' in data says that the indicator does not apply. Take another "
                    "word, or say with not_applicable: what that earns.",
                    code=code,
                    word=word,
                ),
            )
        elif is_no_answer(word):
            yield (
                line,
                msg(
                    "{code}: '{word}' in data says that there is no value. Take another word, or "
                    "say with missing: what that earns.",
                    code=code,
                    word=word,
                ),
            )
        elif plain(word) in first:
            yield (
                line,
                msg(
                    "{code}: '{word}' and '{other}' in {name} are one word, as capitals and "
                    "accents do not count. Keep one of them.",
                    code=code,
                    word=word,
                    other=first[plain(word)],
                    name=name,
                ),
            )
        first.setdefault(plain(word), word)


def _order_faults(
    code: str, name: str, table: Sequence[Sequence[float]], line: int
) -> Iterator[Fault]:
    numbers = [pair[0] for pair in table]
    twice = name == "knots"
    falls = any(a > b if twice else a >= b for a, b in pairwise(numbers))
    thrice = any(a == c for a, c in zip(numbers, numbers[2:], strict=False))
    if falls:
        yield line, msg("{code}: the first numbers of {name} must rise.", code=code, name=name)
    elif thrice:
        yield (
            line,
            msg("{code}: a number may stand twice in {name}, for a jump.", code=code, name=name),
        )
    jumps = [twice and a == b for a, b in zip([None, *numbers], numbers, strict=False)]
    lost = [pair[0] for pair, jump in zip(table, jumps, strict=True) if len(pair) > 2 and not jump]
    if twice and lost:
        yield (
            line,
            msg(
                "{code}: at {number} 'above' says nothing, as there is no jump: it belongs to the "
                "second of two equal numbers of {name}.",
                code=code,
                number=lost[0],
                name=name,
            ),
        )


def _direction_faults(
    place: Place, node: Mapping[str, Any], told: Mapping[str, Any], lines: Lines
) -> Iterator[Fault]:
    given = node.get("direction")
    if given is None:
        return
    way = direction_of(method_in(told))
    if way != given:
        said = msg("its scores say {way}", way=way) if way else msg("its scores fall and rise")
        yield (
            line_of((*place, "direction"), lines),
            msg(
                "{code}: direction: {given}, but {said}. Leave direction: out: the rule says what "
                "is better.",
                code=node["code"],
                given=given,
                said=said,
            ),
        )
