"""An indicator of an annex as the keys of a framework file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kpi_lib.errors import plain
from kpi_lib.exchange.annex.cells import (
    natural_multiplier,
    read_direction,
    read_figures,
    read_formula,
    read_frequency,
    read_references,
    same_unit,
    without_marks,
)
from kpi_lib.exchange.annex.columns import Use
from kpi_lib.exchange.annex.lines import neat
from kpi_lib.exchange.annex.making import Making, title_of
from kpi_lib.exchange.annex.points import KINDS, Award, kind_of
from kpi_lib.exchange.annex.rules import Kind, Reading, read_rule
from kpi_lib.exchange.annex.tree import Branch
from kpi_lib.exchange.suggest import possible_range
from kpi_lib.framework.rule_faults import rule_faults
from kpi_lib.io.cells.numbers import Fault
from kpi_lib.io.cells.units import spell
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.io.yaml import Place
from kpi_lib.locale.catalogue import msg

_WORDS = vocabulary(__package__)
_YEARS = re.compile(
    rf"(?:(?:{any_of(_WORDS['before year'])})\s*)*[(\[]?\s*(?:{any_of(_WORDS['year'])})?\s*"
    r"\b(20\d\d)\b\s*[)\]]?\s*[:=]?",
    re.IGNORECASE,
)


def indicator_data(leaf: Branch, place: Place, making: Making, kind: Kind) -> dict[str, Any]:
    """Keys of an indicator in the order of framework files; what cannot be read is left out.

    ``kind`` says whether the group above earns points, adds a bonus or deducts.
    """
    return _Indicator(leaf, place, making, kind).data()


@dataclass
class _Indicator:
    """One indicator in the making."""

    leaf: Branch
    place: Place
    making: Making
    kind: Kind
    why: str = ""
    """Why its rule was not read."""

    def data(self) -> dict[str, Any]:
        unit = self.unit()
        targets, target_uses = self.targets(unit)
        of_points = self.making.made.points
        named = unit if isinstance(unit, str) else unit["vi"]
        earned, rule = self.points(named) if of_points else ({}, None)
        formula, unread = self.formula(named, rule)
        if of_points and rule is None:
            self.report_unread(unread)
        goalposts = self.pair("low goalpost", "high goalpost", whole=True)
        ruled = "normalise" in earned
        aims = [aim for aim in targets.values() if isinstance(aim, int | float)]
        stated = [*aims, *_numbers(goalposts or earned.get("goalposts") or earned)]
        keys: dict[str, Any] = {
            "definition": self.definition(unread),
            "unit": unit or earned.get("unit"),
            "direction": None if ruled else self.direction(target_uses) or earned.get("direction"),
            "weight": None if of_points else self.figure("weight"),
            **{kind: earned.get(kind) for kind in KINDS},
            "goalposts": goalposts or earned.get("goalposts"),
            "normalise": earned.get("normalise"),
            "not_applicable": earned.get("not_applicable"),
            "formula": formula or earned.get("formula"),
            "valid": self.pair("lowest", "highest", whole=False)
            or self.possible(unit or earned.get("unit") or "", stated, ruled=ruled),
            "targets": targets or None,
            "target_source": self.text("target source"),
            "aliases": self.aliases(),
            "references": self.references(),
            "agency": self.text("agency"),
            "frequency": self.one("frequency", read_frequency),
        }
        row = self.leaf.row
        self.making.origins.note(self.place, row.line.sheet, row.line.row)
        data = {"code": self.leaf.code, "title": title_of(row)}
        return {**data, **{key: value for key, value in keys.items() if value is not None}}

    def note(self, key: str, use: Use) -> None:
        line = self.leaf.row.line
        self.making.origins.note((*self.place, key), line.sheet, line.row, use.name)

    def uses(self, name: str, english: bool = False) -> list[Use]:
        return [use for use in self.leaf.row.cells if use.field == name and use.english == english]

    def words(self, uses: Sequence[Use]) -> str:
        texts = (without_marks(self.leaf.row.cells[use]) for use in uses)
        return "; ".join(dict.fromkeys(text for text in texts if text))

    def text(self, name: str) -> str | dict[str, str] | None:
        own, english = self.words(self.uses(name)), self.words(self.uses(name, english=True))
        if not own or not english or own == english:
            return own or english or None
        return {"vi": own, "en": english}

    def one(self, name: str, read: Callable[[str], str]) -> str | None:
        for use in self.uses(name):
            try:
                value = read(without_marks(self.leaf.row.cells[use]))
            except ValueError as error:
                self.making.report(self.leaf.row, error.args, use)
            else:
                self.note(name, use)
                return value
        return None

    def figure(self, name: str) -> int | float | None:
        for use in self.uses(name):
            value = self.making.figure(self.leaf.row, use)
            if value is not None:
                self.note(name, use)
                return value
        return None

    def pair(self, low: str, high: str, whole: bool) -> list[int | float | None] | None:
        key = "goalposts" if whole else "valid"
        for use in (*self.uses(low), *self.uses(high)):
            self.note(key, use)
        found = [self.figure(low), self.figure(high)]
        if found == [None, None]:
            return None
        if whole and None in found:
            use = (*self.uses(low), *self.uses(high))[0]
            fault = (msg("one goalpost is there without the other."), msg("Give both, or neither."))
            self.making.report(self.leaf.row, fault, use)
            return None
        return found

    def possible(
        self, unit: str | dict[str, str], stated: Sequence[float], *, ruled: bool
    ) -> list[int | None] | None:
        """The range that unit and title tell, where no number of the row is outside it.

        A rule by numbers without a unit counts something.
        """
        named = unit if isinstance(unit, str) else unit["vi"]
        if ruled and not stated:  # its values are words
            return None
        found = possible_range(spell(plain(named)), plain(self.leaf.row.title))
        if found is None and ruled and not named:
            found = [0, None], msg("what a rule counts is not below 0")
        if found is None:
            return None
        (low, high), reason = found
        if any(x < (low or 0) or (high is not None and x > high) for x in stated):
            return None
        self.making.made.proposed[(*self.place, "valid")] = reason
        return [low, high]

    def unit(self) -> str | dict[str, str]:
        """The unit of its column, else that beside the title, else of a heading or a figure."""
        row, own = self.leaf.row, self.text("unit")
        if own is not None:
            if row.unit and not same_unit(row.unit, own if isinstance(own, str) else own["vi"]):
                row.title = f"{row.title} ({row.unit})"  # what is in brackets says something else
            return own
        if row.unit:
            return row.unit
        targets = [use for use in row.cells if use.field == "target"]
        headed = next((use.unit for use in targets if use.unit), "")
        beside = (
            self.making.figures[use].units.get(self.making.rows[row], "")
            for use in targets
            if use in self.making.figures
        )
        return headed or next((text for text in beside if text), "")

    def targets(self, unit: str | dict[str, str]) -> tuple[dict[int, int | float], list[Use]]:
        row, at = self.leaf.row, self.making.rows[self.leaf.row]
        named = unit if isinstance(unit, str) else unit["vi"]
        targets: dict[int, int | float] = {}
        read: list[Use] = []
        for use in (use for use in row.cells if use.field == "target"):
            if not use.year:
                targets.update(self._dated_targets(use, named))
                continue
            value = self.making.figure(row, use)
            if value is None:
                continue
            beside = self.making.figures[use].units.get(at, "")
            if fault := _unit_fault(beside, named):
                self.making.report(row, fault, use)
                continue
            targets[int(use.year)] = value
            read.append(use)
            self.note("targets", use)
        return dict(sorted(targets.items())), read

    def _dated_targets(self, use: Use, unit: str) -> dict[int, int | float]:
        """Read targets with their years in one cell: '2025: 80; 2030: 100'."""
        targets: dict[int, int | float] = {}
        for part in re.split(r"[;\n]", without_marks(self.leaf.row.cells[use])):
            years = _YEARS.findall(part)
            read = read_figures({0: _YEARS.sub("", part).strip(" :,")})
            fault = read.faults.get(0) or _unit_fault(read.units.get(0, ""), unit)
            if len(years) != 1:
                fault = (
                    msg("found '{part}' without its year.", part=part.strip()),
                    msg("Write it as in '2025: 80; 2030: 100', or name the year in the heading."),
                )
            if fault:
                self.making.report(self.leaf.row, fault, use)
            elif 0 in read.values:
                value = read.values[0]
                targets[int(years[0])] = int(value) if value.is_integer() else value
                self.note("targets", use)
        return targets

    def direction(self, targets: Sequence[Use]) -> str | None:
        """The direction of its column; else what 'at least' or 'at most' in its targets says."""
        if self.uses("direction"):
            return self.one("direction", read_direction)
        at = self.making.rows[self.leaf.row]
        said = {self.making.figures[use].directions.get(at) for use in targets} - {None}
        return said.pop() if len(said) == 1 else None

    def points(self, unit: str) -> tuple[Mapping[str, Any], Use | None]:
        """The points and how they are given, and the column that says how."""
        row, made = self.leaf.row, self.making.made
        given = self.making.award(row, kind_of(row.title, self.kind))
        for use in (*self.uses("rule"), *self.uses("formula"), *self.uses("definition")):
            read = self.whole_rule(row.cells[use], unit, given)
            if read.keys is not None:
                made.rules[self.place] = " ".join(row.cells[use].split())
                self.note("normalise" if "normalise" in read.keys else "goalposts", use)
                if read.assumed:
                    self.report_assumed(read.assumed, use)
                return read.keys, use
            self.why = self.why or read.why
        if given.most:
            return {given.kind: neat(given.most)}, None
        fault = msg("the indicator has no points."), msg("Write how many it earns or takes.")
        self.making.report(row, fault)
        return {}, None

    def whole_rule(self, text: str, unit: str, given: Award) -> Reading:
        """Read a rule; one that a framework file could not hold is none."""
        read = read_rule(text, unit, given.most, given.kind, self.leaf.row.title)
        if read.keys is None:
            return read
        node = {"code": self.leaf.code, **read.keys}
        faults = [fault[1] for fault in rule_faults((), node, {}, "points", {})]
        return Reading(why=faults[0]) if faults else read

    def report_assumed(self, assumed: Sequence[str], use: Use) -> None:
        """Say what a rule leaves open, and how it was read."""
        said = "; ".join(assumed)
        fault = (
            msg("the rule does not say so, but was read so: {said}.", said=said),
            msg(
                "If that is not meant, write it out in the rule and import the annex again "
                "(kpi framework import ANNEX -o FILE --force)."
            ),
        )
        self.making.report(self.leaf.row, fault, use, "warning")
        self.making.made.assumed[self.place] = said

    def formula(self, unit: str, rule: Use | None) -> tuple[dict[str, Any] | None, Sequence[Use]]:
        """The formula, and the columns that say of the calculation what is none.

        ``rule`` is the column that was read as how points are given.
        """
        unread = [use for use in self.uses("rule") if rule is None]
        above, below = self.text("numerator"), self.text("denominator")
        if above is None and below is not None:
            use = self.uses("denominator")[0]
            fault = (
                msg("there is a denominator without a numerator."),
                msg("Give both, or neither."),
            )
            self.making.report(self.leaf.row, fault, use)
        if above is not None:
            formula: dict[str, Any] = {"numerator": above}
            if below is not None:
                formula["denominator"] = below
            multiplier = self.figure("multiplier")
            if multiplier is None and below is not None:
                multiplier = natural_multiplier(unit)
            return ({**formula, "multiplier": multiplier} if multiplier else formula), unread
        for use in self.uses("formula")[:1]:
            if use == rule:
                break
            read = read_formula(" ".join(self.leaf.row.cells[use].split()), unit)
            if read is not None:
                self.note("formula", use)
                return read, unread
            unread.append(use)
        return None, unread

    def report_unread(self, uses: Sequence[Use]) -> None:
        """Name the row whose rule is kept as text, and say what would make it readable."""
        for use in uses[:1]:
            text = " ".join(self.leaf.row.cells[use].split())
            found = msg("how points are given was not read: '{shown}'.", shown=text)
            if self.why:
                found = f"{found} {self.why}"
            fault = (
                found,
                msg(
                    "It is kept in definition:. Mend it in the annex and import it again "
                    "(kpi framework import ANNEX -o FILE --force); or give the points that each "
                    "place earned (unit: points) as data."
                ),
            )
            self.making.report(self.leaf.row, fault, use, "warning")
            self.making.made.unread.append(self.leaf.code)

    def definition(self, unread: Sequence[Use]) -> str | dict[str, str] | None:
        """The definition, with the wording of what was not read under the names of its columns."""
        text, cells = self.text("definition"), self.leaf.row.cells
        said = "; ".join(
            f"{use.heading}: {' '.join(cells[use].split())}".removeprefix(": ") for use in unread
        )
        if not said:
            return text
        if text is None:
            return said
        if isinstance(text, str):
            return f"{text} {said}"
        return {"vi": f"{text['vi']} {said}", "en": text["en"]}

    def aliases(self) -> list[str] | None:
        text = self.words(self.uses("aliases"))
        return [part.strip() for part in re.split(r"[;\n]", text) if part.strip()] or None

    def references(self) -> list[dict[str, str]] | None:
        listed: list[dict[str, str]] = []
        for use in self.uses("references"):
            listed += read_references(without_marks(self.leaf.row.cells[use]))
        for use in self.uses("standard"):
            text = without_marks(self.leaf.row.cells[use])
            listed += [
                {"standard": without_marks(use.heading), "code": part.strip()}
                for part in re.split(r"[;\n]", text)
                if part.strip(" -–")
            ]
        return listed or None


def _numbers(told: Any) -> list[float]:
    """The numbers in the indicator's unit that goalposts or a rule name; none of words."""
    if isinstance(told, list):
        return told
    rule = told.get("normalise")
    pairs = rule.get("steps") or rule.get("knots") if isinstance(rule, dict) else None
    kinds = pairs.values() if isinstance(pairs, dict) else [pairs or ()]  # a rule for each class
    return [pair[0] for each in kinds for pair in each]


def _unit_fault(beside: str, unit: str) -> Fault | None:
    """Compare the unit beside a figure with that of its indicator."""
    if not beside or same_unit(beside, unit):
        return None
    return (
        msg("found a figure in '{beside}'; expected one in {unit}.", beside=beside, unit=unit)
        if unit
        else msg("found a figure in '{beside}'; expected a plain number.", beside=beside),
        msg("Give it in the unit of the indicator, as a number alone."),
    )
