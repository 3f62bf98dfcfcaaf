"""The tree of an annex as the keys of a framework file, with the cell that each is from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kpi_lib.errors import Problem
from kpi_lib.exchange.annex.cells import (
    Fault,
    Figures,
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
from kpi_lib.exchange.annex.tree import Branch, Row, branches
from kpi_lib.framework.origins import Origins
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.io.yaml import Place
from kpi_lib.locale.catalogue import msg

_FIGURES = (
    *("weight", "multiplier", "target"),
    *("low goalpost", "high goalpost", "lowest", "highest"),
)
_PASSED_DOWN = ("unit", "agency", "frequency", "target source")
_WORDS = vocabulary(__package__)
_YEARS = re.compile(
    rf"(?:(?:{any_of(_WORDS['before year'])})\s*)*[(\[]?\s*(?:{any_of(_WORDS['year'])})?\s*"
    r"\b(20\d\d)\b\s*[)\]]?\s*[:=]?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Above:
    """What the groups above say for all that is in them."""

    cells: Mapping[Use, str] = field(default_factory=dict)
    unit: str = ""


@dataclass
class _Making:
    """What has been made so far, and what the columns of figures say."""

    origins: Origins
    problems: list[Problem] = field(default_factory=list)
    figures: dict[Use, Figures] = field(default_factory=dict)
    rows: dict[Row, int] = field(default_factory=dict)

    def report(
        self,
        row: Row,
        fault: Sequence[str],
        use: Use | None = None,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        """Add a problem of a cell."""
        message, fix = (*fault, "")[:2]
        line, column = row.line, use.name if use else ""
        place = (self.origins.file, line.sheet, line.row, column)
        self.problems.append(Problem(message, fix, *place, severity=severity))


def annex_data(root: Branch, origins: Origins, title: str) -> tuple[list[Any], list[Problem]]:
    """Make the ``groups`` of a framework file; ``title`` names the group of what is in none.

    Gives them with the problems of single cells, which are left out.
    """
    making = _Making(origins)
    rows = [branch.row for branch in branches(root) if branch is not root]
    making.rows = {row: at for at, row in enumerate(rows)}
    _read_all_figures(rows, making)
    groups = [branch for branch in root.children if branch.children]
    alone = [branch for branch in root.children if not branch.children]
    data: list[Any] = []
    for branch in groups:
        data.append(_group(branch, ("groups", len(data)), _Above(), making))
    if alone:
        place: Place = ("groups", len(data))
        making.report(
            alone[0].row,
            (msg("the row is in no group; it is put in one named after the whole."),),
            severity="warning",
        )
        data.append(
            {
                "code": _free("ALL", {branch.code for branch in branches(root)}),
                "title": title,
                "indicators": _indicators(alone, place, _Above(), making),
            }
        )
    return data, making.problems


def _free(code: str, taken: set[str]) -> str:
    while code in taken:
        code += "-1"
    return code


def _read_all_figures(rows: Sequence[Row], making: _Making) -> None:
    """Read each column of figures as a whole: its texts prove its decimal mark."""
    uses = {use for row in rows for use in row.cells if use.field in _FIGURES}
    for use in sorted(uses, key=lambda use: use.column):
        if use.field == "target" and not use.year:
            continue
        texts = {making.rows[row]: row.cells[use] for row in rows if use in row.cells}
        making.figures[use] = read = read_figures(
            {at: without_marks(text) for at, text in texts.items()}
        )
        for row in rows:
            if fault := read.faults.get(making.rows[row]):
                making.report(row, fault, use)


def _group(branch: Branch, place: Place, above: _Above, making: _Making) -> dict[str, Any]:
    row = branch.row
    data: dict[str, Any] = {"code": branch.code, "title": _title(row)}
    line = row.line
    making.origins.note(place, line.sheet, line.row)
    weight = next((use for use in row.cells if use.field == "weight"), None)
    if weight is not None and (value := _figure(row, weight, making)) is not None:
        data["weight"] = value
        making.origins.note((*place, "weight"), line.sheet, line.row, weight.name)
    own = {use: text for use, text in row.cells.items() if use.field in _PASSED_DOWN}
    kept = {
        use: text for use, text in above.cells.items() if not (row.unit and use.field == "unit")
    }
    passed = _Above({**kept, **own}, row.unit or above.unit)
    lost = [
        use
        for use in row.cells
        if use.field not in ("title", "code", "weight", "aliases") and use not in own
    ]
    if lost:
        names = ", ".join(f"'{use.heading}'" for use in lost)
        making.report(
            row,
            (
                msg(
                    "'{title}' has rows below it, so it is a group: its {names} is not kept.",
                    title=row.title,
                    names=names,
                ),
            ),
            lost[0],
            "warning",
        )
    groups = [child for child in branch.children if child.children]
    leaves = [child for child in branch.children if not child.children]
    if groups:
        data["groups"] = [
            _group(child, (*place, "groups", at), passed, making) for at, child in enumerate(groups)
        ]
    if leaves:
        data["indicators"] = _indicators(leaves, place, passed, making)
    return data


def _indicators(
    leaves: Sequence[Branch], place: Place, above: _Above, making: _Making
) -> list[Any]:
    made = []
    for at, leaf in enumerate(leaves):
        row = leaf.row
        own = {use.field for use in row.cells} | ({"unit"} if row.unit else set())
        passed = {use: text for use, text in above.cells.items() if use.field not in own}
        row.cells = {**passed, **row.cells}
        if "unit" not in own:
            row.unit = above.unit
        made.append(_Indicator(leaf, (*place, "indicators", at), making).data())
    return made


def _title(row: Row) -> str | dict[str, str]:
    english = next((u for u in row.cells if u.field == "title" and u.english), None)
    if english is None or without_marks(row.cells[english]) == row.title:
        return row.title
    return {"vi": row.title, "en": without_marks(row.cells[english])}


def _figure(row: Row, use: Use, making: _Making) -> int | float | None:
    read = making.figures.get(use)
    value = read.values.get(making.rows[row]) if read else None
    if value is None:
        return None
    return int(value) if value.is_integer() else value


@dataclass
class _Indicator:
    """One indicator in the making."""

    leaf: Branch
    place: Place
    making: _Making

    def data(self) -> dict[str, Any]:
        """Give its keys in the order of framework files; what cannot be read is left out."""
        unit = self.unit()
        targets, target_uses = self.targets(unit)
        formula, said = self.formula(unit)
        keys: dict[str, Any] = {
            "definition": self.definition(said),
            "unit": unit or None,
            "direction": self.direction(target_uses),
            "weight": self.figure("weight"),
            "goalposts": self.pair("low goalpost", "high goalpost", whole=True),
            "formula": formula,
            "valid": self.pair("lowest", "highest", whole=False),
            "targets": targets or None,
            "target_source": self.text("target source"),
            "aliases": self.aliases(),
            "references": self.references(),
            "agency": self.text("agency"),
            "frequency": self.one("frequency", read_frequency),
        }
        row = self.leaf.row
        self.making.origins.note(self.place, row.line.sheet, row.line.row)
        data = {"code": self.leaf.code, "title": _title(row)}
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
            value = _figure(self.leaf.row, use, self.making)
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
            value = _figure(row, use, self.making)
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

    def formula(self, unit: str | dict[str, str]) -> tuple[dict[str, Any] | None, str]:
        """The formula, and what the annex says of the calculation where it is none."""
        named = unit if isinstance(unit, str) else unit["vi"]
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
                multiplier = natural_multiplier(named)
            return ({**formula, "multiplier": multiplier} if multiplier else formula), ""
        for use in self.uses("formula"):
            text = self.leaf.row.cells[use]
            read = read_formula(text, named)
            if read is not None:
                self.note("formula", use)
                return read, ""
            return None, f"{use.heading}: {text}"
        return None, ""

    def definition(self, said: str) -> str | dict[str, str] | None:
        text = self.text("definition")
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


def _unit_fault(beside: str, unit: str) -> Fault | None:
    """Compare the unit beside a figure with that of its indicator."""
    if not beside or same_unit(beside, unit):
        return None
    return (
        msg(
            "found a figure in '{beside}'; expected {part}.",
            beside=beside,
            part=f"one in {unit}" if unit else "a plain number",
        ),
        msg("Give it in the unit of the indicator, as a number alone."),
    )
