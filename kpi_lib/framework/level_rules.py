"""What the levels of a maturity scheme must hold beyond their shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kpi_lib.errors import did_you_mean
from kpi_lib.io.yaml import Fault, Lines, Place, line_of, reference
from kpi_lib.locale.catalogue import msg

_BOUNDS = ("at_least", "at_most")


def level_faults(
    levels: Sequence[Mapping[str, Any]],
    lines: Lines,
    indicators: Mapping[str, Mapping[str, Any]] | None = None,
    rule: Mapping[str, Any] | None = None,
) -> Iterator[Fault]:
    """Check levels that have their shape.

    ``indicators`` are those that conditions may name, by code, with ``valid`` where they have
    one; None where they are not known here. ``rule`` holds for levels without one of their own.
    """
    codes: dict[str, int] = {}
    for i, level in enumerate(levels):
        place: Place = ("levels", i)
        yield from _code_fault(level, place, lines, codes)
        for j, criterion in enumerate(level.get("criteria", ())):
            own = (*place, "criteria", j)
            yield from _code_fault(criterion, own, lines, codes)
            yield from _criterion_faults(criterion, own, lines, indicators)
        yield from _rule_faults(level, level.get("rule", rule or {}), place, lines)


def _code_fault(
    node: Mapping[str, Any], place: Place, lines: Lines, codes: dict[str, int]
) -> Iterator[Fault]:
    code, line = node["code"], line_of((*place, "code"), lines)
    if code in codes:
        yield (
            line,
            msg(
                "the code '{code}' is there already, {place}.",
                code=code,
                place=reference(codes[code]),
            ),
        )
    codes.setdefault(code, line)


def _criterion_faults(
    criterion: Mapping[str, Any],
    place: Place,
    lines: Lines,
    indicators: Mapping[str, Mapping[str, Any]] | None,
) -> Iterator[Fault]:
    code, line = criterion["code"], line_of(place, lines)
    bounds = [key for key in _BOUNDS if key in criterion]
    if ("indicator" in criterion) == ("evidence" in criterion):
        yield (
            line,
            msg(
                "{code}: expected either indicator: with at_least: or at_most:, or "
                "evidence: with the document that proves it.",
                code=code,
            ),
        )
        return
    if "evidence" in criterion:
        if bounds:
            yield (
                line,
                msg(
                    "{code}: {bounds} needs an indicator: to compare with.",
                    code=code,
                    bounds=bounds[0],
                ),
            )
        return
    yield from _bound_faults(criterion, bounds, place, lines, indicators)


def _bound_faults(
    criterion: Mapping[str, Any],
    bounds: Sequence[str],
    place: Place,
    lines: Lines,
    indicators: Mapping[str, Mapping[str, Any]] | None,
) -> Iterator[Fault]:
    """A criterion that compares an indicator has bounds that its values can reach."""
    code, line = criterion["code"], line_of(place, lines)
    if not bounds:
        yield line, msg("{code}: the indicator needs at_least: or at_most:.", code=code)
    if len(bounds) == 2 and criterion["at_least"] > criterion["at_most"]:
        yield (
            line_of((*place, "at_least"), lines),
            msg(
                "{code}: at_least {at_least} is over at_most {at_most}.",
                code=code,
                at_least=criterion["at_least"],
                at_most=criterion["at_most"],
            ),
        )
    if indicators is None:
        return
    name = criterion["indicator"]
    if name not in indicators:
        hint = did_you_mean(name, indicators)
        yield (
            line_of((*place, "indicator"), lines),
            msg(
                "{code}: there is no indicator '{name}'. {hint}", code=code, name=name, hint=hint
            ).strip(),
        )
        return
    low, high = indicators[name].get("valid") or (None, None)
    for key in bounds:
        bound = criterion[key]
        if (key == "at_least" and high is not None and bound > high) or (
            key == "at_most" and low is not None and bound < low
        ):
            yield (
                line_of((*place, key), lines),
                msg(
                    "{code}: no valid value of {name} ([{low}, {high}]) is {key} {bound}.",
                    code=code,
                    name=name,
                    low=low,
                    high=high,
                    key=key,
                    bound=bound,
                ),
            )


def _rule_faults(
    level: Mapping[str, Any], rule: Mapping[str, Any], place: Place, lines: Lines
) -> Iterator[Fault]:
    """A level has what its rule asks for; one without any criteria is a structure."""
    criteria = level.get("criteria", ())
    chosen = sum(criterion.get("kind") == "chosen" for criterion in criteria)
    line = line_of((*place, "rule"), lines)
    if criteria and rule.get("chosen", 0) > chosen:
        yield (
            line,
            msg(
                "{code}: {chosen} chosen criteria are to be met, and it has {chosen_2}. "
                "A criterion is chosen where it has kind: chosen.",
                code=level["code"],
                chosen=rule["chosen"],
                chosen_2=chosen,
            ),
        )
    if criteria and "basic" in rule and chosen == len(criteria):
        yield (
            line,
            msg(
                "{code}: basic criteria are to be met, and all of it are chosen.",
                code=level["code"],
            ),
        )
