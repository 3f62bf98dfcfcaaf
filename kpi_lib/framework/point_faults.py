"""What a framework file must say of points together: maxima, caps, floors, decimals, classes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from kpi_lib.io.yaml import Fault, Lines, Place, line_of
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.choice import method_in
from kpi_lib.methods.rules import gives_share

_OF_POINTS = ("points", "bonus", "deduction")
_USUAL = "goalposts"


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
    best = _best_total(data)
    for at, (number, name) in enumerate(data.get("classes", ())):
        if best is not None and number > best * (1 + 1e-12):
            yield (
                line_of(("classes", at), lines),
                msg(
                    "the class '{name}' begins at {number}, and a total is at most {best}.",
                    name=name,
                    number=format(number, "g"),
                    best=format(best, "g"),
                ),
            )


def _best_total(data: Mapping[str, Any]) -> float | None:
    """The highest total of a file, as it is shown; None where nothing holds it."""
    parts = list(_parts(data.get("groups", ())))
    if data.get("scale") == "points":
        most = math.fsum(map(_most, data.get("groups", ())))
        best = most + math.fsum(part.get("bonus", 0) for part in parts)
        if not most or data.get("shown", "points") == "points":
            return best
        return best / most * (100 if data["shown"] == "percent" else 1)
    told = [(part.get("normalise"), part.get("aggregate")) for part in (data, *parts)]
    bound = all(
        (normalise is None or gives_share(method_in(normalise)))
        and (aggregate is None or method_in(aggregate).name != "sum")
        for normalise, aggregate in told
    )
    return (1.0 if data.get("scale") == "one" else 100.0) if bound else None


def _parts(nodes: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for node in nodes:
        yield node
        yield from _parts([*node.get("groups", ()), *node.get("indicators", ())])


def group_faults(
    place: Place, node: Mapping[str, Any], lines: Lines, scale: str, data: Mapping[str, Any]
) -> Iterator[Fault]:
    """Check a group: under ``scale: points`` it has no weight, and sums or takes the best.

    ``data`` is the whole file.
    """
    code = node["code"]
    name = _aggregate_of(node)
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
    yield from _decimal_faults(place, node, ("cap",), lines, data)
    cap, floor = node.get("cap"), node.get("floor")
    if cap is not None and floor is not None and floor >= cap:
        yield (
            line_of((*place, "floor"), lines),
            msg("{code}: floor {floor} must be under cap {cap}.", code=code, floor=floor, cap=cap),
        )
    elif floor is not None and "title" in node and floor > (most := _most(node)):
        yield (
            line_of((*place, "floor"), lines),
            msg(
                "{code}: floor {floor} is above the {most} points that it can earn.",
                code=code,
                floor=floor,
                most=format(most, "g"),
            ),
        )


def _aggregate_of(node: Mapping[str, Any]) -> str | None:
    return method_in(node["aggregate"]).name if node.get("aggregate") else None


def _most(node: Mapping[str, Any]) -> float:
    """The most points of a part of a file; of bonus and deduction none."""
    below = [*node.get("groups", ()), *node.get("indicators", ())]
    if not below:
        return float(node.get("points", 0))
    most = [_most(part) for part in below]
    whole = max(most) if _aggregate_of(node) == "max" else math.fsum(most)
    return float(min(whole, node.get("cap", math.inf)))


def point_faults(
    place: Place, node: Mapping[str, Any], lines: Lines, scale: str, data: Mapping[str, Any]
) -> Iterator[Fault]:
    """Check the points of an indicator; ``data`` is the whole file."""
    if scale != "points":
        yield from _only_of_points(place, node, _OF_POINTS, lines)
        return
    yield from _point_faults(place, node, lines)
    yield from _decimal_faults(place, node, _OF_POINTS, lines, data)
    own = node.get("normalise")
    told, where = (own, (*place, "normalise")) if own else (data.get("normalise"), place)
    yield from _share_faults(where, node, told, lines)


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


def _weighed(place: Place, node: Mapping[str, Any], lines: Lines) -> Iterator[Fault]:
    if "weight" in node:
        yield (
            line_of((*place, "weight"), lines),
            msg(
                "{code}: under scale: points the points weigh. Leave out 'weight'.",
                code=node["code"],
            ),
        )


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


def _decimal_faults(
    place: Place,
    node: Mapping[str, Any],
    keys: Sequence[str],
    lines: Lines,
    data: Mapping[str, Any],
) -> Iterator[Fault]:
    """Find points that rounding would raise: 7.5 without decimals would be 8 of 7.5."""
    decimals = data.get("decimals")
    for key in keys:
        if key in node and decimals is not None and round(node[key], decimals) != node[key]:
            yield (
                line_of((*place, key), lines),
                msg(
                    "{code}: {key}: {found} has more decimals than the {decimals} of decimals:, to "
                    "which its points are rounded.",
                    code=node["code"],
                    key=key,
                    found=node[key],
                    decimals=decimals,
                ),
            )


def _share_faults(
    where: Place, node: Mapping[str, Any], told: Any, lines: Lines
) -> Iterator[Fault]:
    """Find methods that earn more than the points of an indicator, or less than none."""
    method = method_in(told or _USUAL)
    if not gives_share(method):
        yield line_of(where, lines), no_share(method.name, node["code"])


def no_share(name: str, codes: str) -> str:
    """Say that the scores of a method are no share of an indicator's points."""
    return msg(
        "{codes}: the scores of '{name}' are not from 0 to 100, so that they are no share of "
        "points. Take goalposts, target, percentile, minmax or a rule.",
        codes=codes,
        name=name,
    )
