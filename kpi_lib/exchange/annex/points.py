"""Points of an annex: the most that each row earns or takes, and the sums that groups give."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kpi_lib.exchange.annex.lines import neat
from kpi_lib.exchange.annex.rules import Kind
from kpi_lib.exchange.annex.wording import folded
from kpi_lib.io.cells.numbers import Fault
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import numeral

KINDS: tuple[Kind, ...] = ("points", "bonus", "deduction")

_WORDS = vocabulary(__package__)
_KIND_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("bonus", re.compile(rf"(?:{any_of(_WORDS['bonus'])})\b")),
    ("deduction", re.compile(rf"(?:{any_of(_WORDS['deduction'])})\b")),
)
_CAP = re.compile(
    rf"(?:{any_of(_WORDS['cap'])})\s*(\d+(?:[.,]\d+)?)\s*(?:{any_of(_WORDS['rules']['point'])})\b"
)
_BEST = re.compile(any_of(_WORDS["best"]))


def kind_of(title: str, above: Kind = "points") -> Kind:
    """The kind that a title announces ('Bonus points'), else that of the group above."""
    said = folded(title).strip(" -+*.")
    return next((kind for kind, words in _KIND_WORDS if words.match(said)), above)


@dataclass(frozen=True)
class Award:
    """The kind of a row's points and how many; ``at_most``: they are said to be a limit."""

    kind: Kind
    most: float | None = None
    at_most: bool = False


def award(kind: Kind, text: str, value: float | None, direction: str | None) -> Award:
    """Points from a cell: '-1' is a deduction, '+2' a bonus, '≤ 5' a limit."""
    if value is None:
        return Award(kind)
    if value < 0:
        kind = "deduction"
    elif text.strip().startswith("+"):
        kind = "bonus"
    return Award(kind, abs(value), direction == "lower")


def group_limits(title: str, given: Award, rules: Sequence[str]) -> dict[str, Any]:
    """What a group's title, points or rule say beside the sum: a cap, a floor, the best only."""
    keys: dict[str, Any] = {}
    said = folded("; ".join((title, *rules)))
    found = _CAP.search(said)
    most = given.most if given.at_most else None
    if found and not re.search(r"\d[.,]\d{3}$", found[1]):
        most = float(found[1].replace(",", "."))
    if most is not None:
        key = "floor" if given.kind == "deduction" else "cap"
        keys[key] = neat(-most if key == "floor" else most)
    if _BEST.search(said):
        keys["aggregate"] = "max"
    return keys


def most_of(group: Mapping[str, Any], kind: Kind = "points") -> float | None:
    """The most that a group of a framework file earns or takes; None where a part is unknown."""
    parts: list[float] = []
    for child in group.get("groups", ()):
        below = most_of(child, kind)
        if below is None:
            return None
        parts.append(below)
    for leaf in group.get("indicators", ()):
        if not any(one in leaf for one in KINDS):
            return None
        parts.append(float(leaf.get(kind, 0)))
    sum_or_best = max(parts, default=0.0) if group.get("aggregate") == "max" else math.fsum(parts)
    limit = abs(group["floor"]) if kind == "deduction" and "floor" in group else group.get("cap")
    return sum_or_best if limit is None else min(sum_or_best, float(limit))


def sum_fault(name: str, given: Award, group: Mapping[str, Any]) -> Fault | None:
    """Compare the points of a group's row with the sum of those below."""
    below = most_of(group)
    kind: Kind = "points"
    if not below:
        kind = given.kind if given.kind != "points" else "bonus"
        below = most_of(group, kind)
    if given.most is None or below is None or math.isclose(given.most, below, rel_tol=1e-9):
        return None
    return (
        msg(
            "'{name}' has {given} points, but those below it sum to {below}.",
            name=name,
            given=numeral(given.most),
            below=numeral(below),
        ),
        msg(
            "Correct one of them; where the group earns less than its parts, write 'at most' "
            "before its points."
        ),
    )


def total_fault(given: float, whole: Mapping[str, Any]) -> Fault | None:
    """Compare a total with the sum of all points, with or without what is a bonus."""
    points, bonus = most_of(whole), most_of(whole, "bonus")
    if points is None or any(
        math.isclose(given, sum_, rel_tol=1e-9) for sum_ in (points, points + (bonus or 0.0))
    ):
        return None
    return (
        msg(
            "the total is {given} points, but the points above it sum to {below}.",
            given=numeral(given),
            below=numeral(points),
        ),
        msg("Correct one of them."),
    )
