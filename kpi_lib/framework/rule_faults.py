"""What rules and points of a framework file must say together: bands, knots, words, maxima."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from kpi_lib.io.yaml import Fault, Lines, Place, line_of
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.registry import Method
from kpi_lib.methods.rules import direction_of, rule_parameter

_OF_POINTS = ("points", "bonus", "deduction")


def columns_of(node: Mapping[str, Any]) -> dict[str, None]:
    """The columns of the cities by which the rules of an indicator differ, in order."""
    parts = (node.get("normalise"), node.get("goalposts"), node.get("targets"))
    return {str(part["by"]): None for part in parts if isinstance(part, dict) and "by" in part}


def whole_faults(data: Mapping[str, Any], lines: Lines) -> Iterator[Fault]:
    """Check what a file says of its scale as a whole."""
    points = data.get("scale") == "points"
    aggregate = data.get("aggregate")
    if points and aggregate is not None:
        yield (
            line_of(("aggregate",), lines),
            msg(
                "scale: points sums by itself. Leave out aggregate:; a group of which only the "
                "best part counts says aggregate: max."
            ),
        )
    if "shown" in data and not points:
        yield (
            line_of(("shown",), lines),
            msg("shown: says how a sum of points is printed. Set scale: points, or leave it out."),
        )
    least = [pair[0] for pair in data.get("classes", ())]
    if any(a <= b for a, b in pairwise(least)):
        yield (
            line_of(("classes",), lines),
            msg("classes must fall from the best to the lowest, such as [[90, A], [80, B]]."),
        )


def group_faults(
    place: Place, node: Mapping[str, Any], lines: Lines, scale: str
) -> Iterator[Fault]:
    """Check a group: under ``scale: points`` it has no weight, and sums or takes the best."""
    code = node["code"]
    aggregate = node.get("aggregate")
    name = aggregate.get("method") if isinstance(aggregate, dict) else aggregate
    if scale != "points":
        yield from _only_of_points(place, node, ("cap", "floor"), lines)
        return
    yield from _weighed(place, node, lines)
    if name not in {None, "max"}:
        yield (
            line_of((*place, "aggregate"), lines),
            msg(
                "{code}: scale: points sums by itself. Leave out aggregate:, or set it to max "
                "where only the best part counts.",
                code=code,
            ),
        )
    cap, floor = node.get("cap"), node.get("floor")
    if cap is not None and floor is not None and floor >= cap:
        yield (
            line_of((*place, "floor"), lines),
            msg("{code}: floor {floor} must be under cap {cap}.", code=code, floor=floor, cap=cap),
        )


def rule_faults(
    place: Place, node: Mapping[str, Any], lines: Lines, scale: str, default: Any
) -> Iterator[Fault]:
    """Check the points and the rule of an indicator.

    ``default`` is the ``normalise:`` of the framework, as it stands in the file.
    """
    if scale == "points":
        yield from _point_faults(place, node, lines)
    else:
        yield from _only_of_points(place, node, _OF_POINTS, lines)
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
    own = node.get("normalise")
    told, where = (own, (*place, "normalise")) if own is not None else (default, place)
    if not isinstance(told, dict):
        return
    if told.get("scale") == "log":
        yield from _log_faults(place, node, told, lines)
    if rule_parameter(told["method"]):
        yield from _table_faults(where, node, told, lines, scale)
        yield from _direction_faults(place, node, told, lines)


def _only_of_points(
    place: Place, node: Mapping[str, Any], keys: Sequence[str], lines: Lines
) -> Iterator[Fault]:
    for key in keys:
        if key in node:
            yield (
                line_of((*place, key), lines),
                msg(
                    "{code}: '{key}' is for frameworks with scale: points. Set that, or leave "
                    "'{key}' out.",
                    code=node["code"],
                    key=key,
                ),
            )


def _weighed(place: Place, node: Mapping[str, Any], lines: Lines) -> Iterator[Fault]:
    if "weight" in node:
        yield (
            line_of((*place, "weight"), lines),
            msg(
                "{code}: under scale: points the points weigh. Leave out 'weight'.",
                code=node["code"],
            ),
        )


def _point_faults(place: Place, node: Mapping[str, Any], lines: Lines) -> Iterator[Fault]:
    yield from _weighed(place, node, lines)
    given = [key for key in _OF_POINTS if key in node]
    if len(given) != 1:
        found = msg("found {given}", given=", ".join(given)) if given else msg("found none")
        yield (
            line_of(place, lines),
            msg(
                "{code}: {found}; expected one of points: (the most it earns), bonus: and "
                "deduction: (the most it adds or takes).",
                code=node["code"],
                found=found,
            ),
        )


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
        if not words:
            yield from _order_faults(code, name, table, line)
        for score in table.values() if words else (pair[1] for pair in table):
            if not low <= score <= high:
                yield (
                    line,
                    msg(
                        "{code}: {name} give the score {score}; expected {low} to {high}.",
                        code=code,
                        name=name,
                        score=score,
                        low=format(low, "g"),
                        high=format(high, "g"),
                    ),
                )


def _allowed(node: Mapping[str, Any], scale: str) -> tuple[float, float]:
    """The least and the most that the rule of an indicator may give."""
    if scale != "points":
        return 0.0, 1.0 if scale == "one" else 100.0
    if "deduction" in node:
        return -node["deduction"], 0.0
    return -float("inf"), node.get("points", node.get("bonus", float("inf")))


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
    parameters = {key: value for key, value in told.items() if key != "method"}
    way = direction_of(Method(told["method"], parameters))
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
