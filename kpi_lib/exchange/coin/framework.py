"""The framework that iMeta describes, and what in it has no place in a framework."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from kpi_lib.errors import Problem, choose_from, did_you_mean
from kpi_lib.exchange.coin.entries import WORDS, Coin, Row
from kpi_lib.exchange.coin.units import last_period
from kpi_lib.framework.origins import Origins
from kpi_lib.io import yaml
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed

TYPES = ("Indicator", "Aggregate", "Group", "Denominator", "Other")
_IN_TREE = ("Indicator", "Aggregate")


@dataclass(repr=False)
class _Reading(Displayed):
    """The rows of iMeta by code, and what was found on the way."""

    coin: Coin
    origins: Origins
    rows: dict[str, Row] = field(default_factory=dict)
    below: dict[str, list[Row]] = field(default_factory=dict)
    undivided: list[Row] = field(default_factory=list)  # whose target is left out
    problems: list[Problem] = field(default_factory=list)

    def report(
        self,
        row: Row,
        column: str,
        message: str,
        fix: str = "",
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        place = row.where(column)
        said = Problem(message, fix, place.file, place.sheet, place.row, place.column, severity)
        self.problems.append(said)


def framework_of(coin: Coin, origins: Origins) -> tuple[dict[str, Any], list[Problem]]:
    """Make the keys of a framework file from the rows of iMeta.

    The group at the top is the framework itself: it gives the title, and those below it are the
    first level, unless they are indicators. Problems are of cells; warnings say what was left out.
    """
    reading = _Reading(coin, origins)
    for row in coin.meta:
        _check(row, reading)
    tops = [row for row in reading.rows.values() if _in_tree(row) and not row.text("Parent")]
    if len(tops) > 1:
        for row in tops[1:]:
            found = msg(
                "'{code}' has no Parent, and nor has '{first}'; one group is the index.",
                code=row.text("iCode"),
                first=tops[0].text("iCode"),
            )
            reading.report(row, "Parent", found, msg("Name the group that it belongs to."))
    _check_reached(tops, reading)
    if not tops or any(problem.severity == "error" for problem in reading.problems):
        return {}, reading.problems
    top = tops[0]
    children = reading.below.get(top.text("iCode"), [])
    first = children if all(row.text("Type") == "Aggregate" for row in children) else [top]
    groups = [_node(row, reading, ("groups", at)) for at, row in enumerate(first)]
    _say_undivided(reading)
    title = top.text("iName") or top.text("iCode")
    return {"title": title, **WORDS["framework"], "groups": groups}, reading.problems


def _in_tree(row: Row) -> bool:
    return row.text("Type") in _IN_TREE


def _check(row: Row, reading: _Reading) -> None:
    """Check a row by itself, and keep it by its code."""
    code, kind = row.text("iCode"), row.text("Type")
    if not code:
        reading.report(row, "iCode", msg("the code is empty."), msg("Give the row a code."))
        return
    if code in reading.rows:
        first = reading.rows[code].place.row
        found = msg("the code '{code}' stands in row {first} already.", code=code, first=first)
        reading.report(row, "iCode", found, msg("Give each row a code of its own."))
        return
    reading.rows[code] = row
    if kind not in TYPES:
        found = msg("found '{kind}'; expected a type of COINr.", kind=kind)
        reading.report(row, "Type", found, choose_from(kind, TYPES))
    if kind not in _IN_TREE:
        return
    reading.below.setdefault(row.text("Parent"), []).append(row)
    _check_number(row, "Weight", msg("a number that is not negative"), lambda x: x >= 0, reading)
    if kind == "Indicator":
        _check_number(row, "Direction", msg("1 or −1"), lambda x: x in (1, -1), reading)
    elif row.text("Direction") == "-1":
        found = msg("the direction of a group is passed over: only indicators have one.")
        reading.report(row, "Direction", found, severity="warning")


def _check_number(
    row: Row, column: str, expected: str, right: Callable[[float], bool], reading: _Reading
) -> None:
    try:
        if right(row.at(column).number):
            return
    except ValueError:
        pass
    found = msg("found '{text}'; expected {expected}.", text=row.text(column), expected=expected)
    reading.report(row, column, found)


def _check_reached(tops: list[Row], reading: _Reading) -> None:
    """Check that parents are groups one level up, and that every row hangs on the top."""
    for row in filter(_in_tree, reading.rows.values()):
        code, parent = row.text("iCode"), row.text("Parent")
        above = reading.rows.get(parent)
        if parent and (above is None or above.text("Type") != "Aggregate"):
            found = msg("'{parent}' is no group of the table.", parent=parent)
            groups = [one for one, of in reading.rows.items() if of.text("Type") == "Aggregate"]
            reading.report(row, "Parent", found, did_you_mean(parent, groups))
        elif above is not None and _level(above) != _level(row) + 1:
            found = msg(
                "the level is {level}, and that of its parent '{parent}' {above}; "
                "expected one more.",
                level=row.text("Level") or "?",
                parent=parent,
                above=above.text("Level") or "?",
            )
            reading.report(row, "Level", found, msg("Indicators are of level 1."))
        if row.text("Type") == "Aggregate" and code not in reading.below:
            found = msg("the group '{code}' has nothing below it.", code=code)
            fix = msg("Name it as the Parent of a row, or take it out.")
            reading.report(row, "iCode", found, fix)
    if not tops:
        file = reading.origins.file
        found = msg("no row is the index: a group without a Parent.")
        reading.problems.append(Problem(found, msg("Leave the Parent of the index empty."), file))


def _level(row: Row) -> float:
    try:
        return row.at("Level").number
    except ValueError:
        return float("nan")


def _node(row: Row, reading: _Reading, place: yaml.Place) -> dict[str, Any]:
    """A group or an indicator of the framework; the cell of each key is noted."""
    data: dict[str, Any] = {
        "code": row.text("iCode"),
        "title": row.text("iName") or row.text("iCode"),
    }
    data |= {"weight": _plain(row.at("Weight").number)}
    if row.text("Type") == "Indicator":
        data |= dict(_measured(row, reading))
    else:
        children = reading.below[data["code"]]
        key = "indicators" if children[0].text("Type") == "Indicator" else "groups"
        below = [_node(one, reading, (*place, key, at)) for at, one in enumerate(children)]
        data[key] = below
    columns = {"code": "iCode", "title": "iName", "weight": "Weight", "direction": "Direction"}
    columns |= {"denominator": "Denominator", "goalposts": "low", "targets": "Target"}
    _note(reading.origins, place, row, "iCode")
    for key in data:
        if key in columns:
            _note(reading.origins, (*place, key), row, columns[key])
    return data


def _note(origins: Origins, place: yaml.Place, row: Row, column: str) -> None:
    at = row.where(column)
    origins.note(place, at.sheet, at.row, at.column)


def _measured(row: Row, reading: _Reading) -> Iterator[tuple[str, Any]]:
    """What an indicator has and a group has not."""
    if unit := row.text("Unit"):
        yield "unit", unit
    yield "direction", "higher" if row.at("Direction").number > 0 else "lower"
    low, high = _number(row, ("low", "goalpost_lower")), _number(row, ("high", "goalpost_upper"))
    if low is not None and high is not None:
        yield "normalise", "goalposts"
        yield "goalposts", [low, high]
    denominator = row.text("Denominator")
    if denominator:
        _check_denominator(row, denominator, reading)
        yield "denominator", denominator
    target = _number(row, ("Target",))
    if target is not None and denominator:
        reading.undivided.append(row)
    elif target is not None:
        yield "targets", {int(last_period(reading.coin)[:4]): target}


def _say_undivided(reading: _Reading) -> None:
    if reading.undivided:
        codes = ", ".join(row.text("iCode") for row in reading.undivided)
        found = msg(
            "the targets of {codes} are left out: they are of the values before these are divided.",
            codes=codes,
        )
        fix = msg("Add targets of these indicators to the framework, by year.")
        first = reading.undivided[0]
        reading.report(first, "Target", found, fix, "warning")


def _check_denominator(row: Row, name: str, reading: _Reading) -> None:
    known = [code for code, of in reading.rows.items() if of.text("Type") == "Denominator"]
    if name not in known:
        found = msg("'{name}' is no denominator of the table.", name=name)
        reading.report(row, "Denominator", found, choose_from(name, known))


def _number(row: Row, columns: tuple[str, ...]) -> float | int | None:
    for column in columns:
        try:
            number = row.at(column).number
        except ValueError:
            continue
        if number == number:
            return _plain(number)
    return None


def _plain(number: float) -> float | int:
    return int(number) if number.is_integer() else number
