"""One sheet of observations, long or wide, as rows of one form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem, plain
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.names import Names, tidy
from kpi_lib.io.numbers import Column, Fault, Floats, Numbers
from kpi_lib.io.periods import read_periods
from kpi_lib.io.tables import Sheet
from kpi_lib.io.units import is_percent, spell
from kpi_lib.io.vocabulary import vocabulary
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.aggregate import at_bound

AMOUNTS = ("value", "numerator", "denominator")
TEXTS = ("unit", "source", "quality", "note")
ROWS = ("city", "period", "indicator", *AMOUNTS, *TEXTS)
DEMO = "demo"
"""The column that says which rows are made up."""

_FIELDS: Mapping[str, Sequence[str]] = vocabulary(__package__)["columns"]
_FIELD_OF = {plain(name): field for field, names in _FIELDS.items() for name in (field, *names)}
_WIDE = ("city", "period", "source", "quality", "note", DEMO)
# What says that a row is not made up, and that it is. Anything else counts as made up: better
# a mark too many than made-up figures that pass for real.
_REAL, _MADE_UP = (frozenset(vocabulary(__package__)[key]) for key in ("real", "demo"))

# A published value may differ from what its numerator and denominator give by this share.
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Known:
    """What a framework lets the data name: its indicators and what they are divided by."""

    framework: Framework

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """Indicators by code, in the order of the framework."""
        return {indicator.code: indicator for indicator in self.framework.indicators}

    @cached_property
    def quantities(self) -> tuple[str, ...]:
        """The denominators that indicators name."""
        named = [indicator.denominator for indicator in self.indicators.values()]
        return tuple(dict.fromkeys(name for name in named if name))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The columns of the cities by which missing values are estimated."""
        named = [step.parameters.get("group") for step in self.framework.treatment]
        return tuple(str(name) for name in named if name is not None)

    @cached_property
    def names(self) -> Names:
        """Codes, titles in both languages and aliases of indicators; names of quantities."""
        pairs = [(code, code) for code in self.indicators]
        for indicator in self.indicators.values():
            named = (*indicator.title.values(), *indicator.aliases)
            pairs += [(name, indicator.code) for name in named]
        return Names([*pairs, *((name, name) for name in self.quantities)])

    def units(self, code: str) -> tuple[str, ...]:
        """The unit of an indicator in each language; none where it has none."""
        if code not in self.indicators:
            return ()
        return tuple(dict.fromkeys(unit for unit in self.indicators[code].unit.values() if unit))


def field_of(header: str) -> str:
    """Column of observations that a header means; '' for none."""
    return _FIELD_OF.get(plain(header), "")


def has_known_columns(sheet: Sheet) -> bool:
    """Say whether any header of the sheet is a column of observations."""
    return any(_FIELD_OF.get(plain(name), DEMO) != DEMO for name in sheet.header)


def read_rows(sheet: Sheet, known: Known) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a sheet in long or wide form into rows with the columns ``ROWS``.

    ``indicator`` is the code of an indicator or the name of a quantity, ``city`` the text as
    it stands; ``demo`` says whether the row is made up, ``position`` (in the sheet) and
    ``column`` (header) where a value is from.
    Values are computed where numerator and denominator are given. Rows whose city, period or
    indicator cannot be read are left out and are among the problems.
    """
    fields = [_FIELD_OF.get(plain(name), "") for name in sheet.header]
    long = "indicator" in fields or "value" in fields
    problems: list[Problem] = []
    at, others = _columns(sheet, fields, _FIELDS if long else _WIDE, problems)
    if long:
        for name in others:
            fix = Names((n, n) for n in (*ROWS, DEMO)).nearest(name)
            found = msg("the column is unknown; expected {names}.", names=", ".join((*ROWS, DEMO)))
            problems.append(sheet.problem(found, fix, name))
        needed = [name for name in ("city", "period", "indicator") if name not in at]
        if not {"value", "numerator"} & set(at):
            needed.append("value")
    else:
        needed = [name for name in ("city", "period") if name not in at]
    if needed:
        found = msg(
            "found the columns {header}; expected also {needed}.",
            header=", ".join(sheet.header),
            needed=", ".join(needed),
        )
        fix = msg("Name the columns in row 1.")
        return pd.DataFrame(columns=[*ROWS, DEMO, "position", "column"]), [
            *problems,
            sheet.problem(found, fix),
        ]
    frame = pd.DataFrame({"position": np.arange(len(sheet.rows))})
    frame["city"] = _texts(sheet.columns[at["city"]])
    frame["period"], faults = read_periods(list(sheet.columns[at["period"]]))
    problems += _grouped(sheet, faults, sheet.header[at["period"]])
    for name in ("city", "period"):
        empty = set(np.flatnonzero(frame[name] == "").tolist())
        if name == "period":
            empty -= set(faults)
        if empty:
            problems.append(
                sheet.problem_at(empty, msg("the cell is empty."), column=sheet.header[at[name]])
            )
    for name in TEXTS:
        frame[name] = _texts(sheet.columns[at[name]]) if name in at else ""
    frame[DEMO] = _made_up(sheet, at, problems)
    read = _read_long if long else _read_wide
    frame = read(sheet, frame, at, known, problems)
    problems += _outside(sheet, frame, known)
    kept = (frame["city"] != "") & (frame["period"] != "") & (frame["indicator"] != "")
    return frame[kept], problems


def _made_up(sheet: Sheet, at: Mapping[str, int], problems: list[Problem]) -> pd.Series[bool]:
    """Read which rows are made up; none where there is no such column."""
    if DEMO not in at:
        return pd.Series(False, index=range(len(sheet.rows)))
    texts = _texts(sheet.columns[at[DEMO]])
    said = texts.map(plain)
    for text, positions in texts[~said.isin(_REAL | _MADE_UP)].groupby(texts).groups.items():
        message = msg(
            "found '{text}'; expected true or false. The row counts as made up.", text=text
        )
        problem = sheet.problem_at(positions, message, "", sheet.header[at[DEMO]])
        problems.append(replace(problem, severity="warning"))
    return ~said.isin(_REAL)


def _columns(
    sheet: Sheet, fields: list[str], accepted: Iterable[str], problems: list[Problem]
) -> tuple[dict[str, int], list[str]]:
    """Give the position of each accepted field, and the headers of all other columns."""
    at: dict[str, int] = {}
    others = []
    for position, (header, field) in enumerate(zip(sheet.header, fields, strict=True)):
        if field not in accepted:
            others.append(header)
        elif field in at:
            found = msg(
                "the columns '{header}' and '{header_2}' both mean {field}.",
                header=sheet.header[at[field]],
                header_2=header,
                field=field,
            )
            problems.append(sheet.problem(found, msg("Keep one of them."), header))
        else:
            at[field] = position
    return at, others


def _read_long(
    sheet: Sheet,
    frame: pd.DataFrame,
    at: Mapping[str, int],
    known: Known,
    problems: list[Problem],
) -> pd.DataFrame:
    cells = sheet.columns[at["indicator"]]
    frame["indicator"] = _codes(sheet, cells, known, sheet.header[at["indicator"]], problems)
    columns = {name: Column(sheet.columns[at[name]]) for name in AMOUNTS if name in at}
    numbers = _read_all(columns, sheet)
    for name in AMOUNTS:
        if name in numbers:
            header = sheet.header[at[name]]
            frame[name] = numbers[name].values
            problems += _grouped(sheet, numbers[name].faults, header)
            units = frame["indicator"] if name == "value" else pd.Series("", index=frame.index)
            problems += _percent_signs(sheet, numbers[name], units, known, header)
        else:
            frame[name] = np.nan
    if "value" in numbers:
        _note_printed(frame, numbers["value"].printed)
    frame["column"] = sheet.header[at["value"]] if "value" in at else sheet.header[at["numerator"]]
    if "unit" in at:
        problems += _wrong_units(sheet, frame, known, sheet.header[at["unit"]])
    if "numerator" in at or "denominator" in at:
        half_step = numbers["value"].half_step if "value" in numbers else lambda _: 0.0
        problems += _compute(sheet, frame, known, half_step)
    return frame


def _read_wide(
    sheet: Sheet,
    frame: pd.DataFrame,
    at: Mapping[str, int],
    known: Known,
    problems: list[Problem],
) -> pd.DataFrame:
    columns: dict[str, Column] = {}
    header_of: dict[str, str] = {}
    for position, header in enumerate(sheet.header):
        if position in at.values() or _FIELD_OF.get(plain(header)) in at:
            continue
        found = known.names.find(header)
        if not found:
            fix = known.names.nearest(header)
            message = msg("the column is unknown; expected an indicator of ") + known.framework.name
            problems.append(sheet.problem(f"{message}.", fix, header))
        elif len(found) > 1:
            problems.append(
                sheet.problem(_ambiguous(header, found), msg("Write the code."), header)
            )
        elif found[0] in columns:
            message = msg(
                "the columns '{header_of}' and '{header}' both mean {found}.",
                header_of=header_of[found[0]],
                header=header,
                found=found[0],
            )
            problems.append(sheet.problem(message, msg("Keep one of them."), header))
        else:
            columns[found[0]] = Column(sheet.columns[position])
            header_of[found[0]] = header
    if not columns:
        message = msg("there is no column of an indicator, and none named indicator and value.")
        problems.append(sheet.problem(message))
    numbers = _read_all(columns, sheet)
    parts = []
    for code, read in numbers.items():
        part = frame.copy()
        part["indicator"], part["column"], part["value"] = code, header_of[code], read.values
        problems += _grouped(sheet, read.faults, header_of[code])
        problems += _percent_signs(sheet, read, part["indicator"], known, header_of[code])
        _note_printed(part, read.printed)
        parts.append(part)
    whole = pd.concat(parts, ignore_index=True) if parts else frame.iloc[:0].copy()
    if not parts:
        whole["indicator"], whole["column"], whole["value"] = "", "", np.nan
    whole["numerator"] = whole["denominator"] = np.nan
    return whole


def _read_all(columns: Mapping[str, Column], sheet: Sheet) -> dict[str, Numbers]:
    """Read the columns of a sheet, each with what the others prove about its decimal mark."""
    proved = {name: column.decimal_marks for name, column in columns.items()}
    users = {mark: {name for name, marks in proved.items() if mark in marks} for mark in ".,"}
    return {
        name: column.read(frozenset(mark for mark in ".," if users[mark] - {name}), sheet.decimal)
        for name, column in columns.items()
    }


def _texts(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Tidy a column of texts."""
    codes, distinct = pd.factorize(cells.astype(object), use_na_sentinel=False)
    texts = np.array([tidy(cell) for cell in distinct], dtype=object)
    return pd.Series(texts[codes] if len(texts) else texts, dtype=object)


def _codes(
    sheet: Sheet, cells: pd.Series[Any], known: Known, header: str, problems: list[Problem]
) -> pd.Series[Any]:
    """Find the code that each cell means, '' for none, adding problems."""
    texts = _texts(cells)
    found: dict[str, str] = {}
    for text, positions in texts.groupby(texts, sort=False).groups.items():
        name = str(text)
        codes = known.names.find(name) if name else ()
        found[name] = codes[0] if len(codes) == 1 else ""
        if not name:
            message, fix = msg("the cell is empty; expected an indicator."), ""
        elif not codes:
            message = msg(
                "'{name}' is not an indicator of {name_2}.", name=name, name_2=known.framework.name
            )
            fix = known.names.nearest(name)
        elif len(codes) > 1:
            message, fix = _ambiguous(name, codes), msg("Write the code.")
        elif alike := _alike(codes[0], cells[positions], known):
            message = msg(
                "the number {name} may stand for any of the codes {alike}.",
                name=name,
                alike=", ".join(alike),
            )
            fix = msg("Format the column as text and write the code again.")
        else:
            continue
        problems.append(sheet.problem_at(positions, message, fix, header))
    return texts.map(found)


def _alike(code: str, cells: pd.Series[Any], known: Known) -> list[str]:
    """Give the codes that a spreadsheet makes the same number of, as 5.1 of 5.10."""
    if not any(isinstance(cell, int | float) for cell in cells):
        return []
    alike = []
    for other in known.indicators:
        try:
            if float(other) == float(code):
                alike.append(other)
        except ValueError:
            continue
    return alike if len(alike) > 1 else []


def _ambiguous(name: str, codes: Iterable[str]) -> str:
    return msg("'{name}' may mean any of {codes}.", name=name, codes=", ".join(codes))


def _grouped(sheet: Sheet, faults: Mapping[int, Fault], column: str) -> list[Problem]:
    """Make one problem of each distinct fault of a column."""
    positions: dict[Fault, list[int]] = {}
    for position, fault in faults.items():
        positions.setdefault(fault, []).append(position)
    return [sheet.problem_at(rows, *fault, column=column) for fault, rows in positions.items()]


def _percent_signs(
    sheet: Sheet, numbers: Numbers, codes: pd.Series[Any], known: Known, header: str
) -> list[Problem]:
    """Check that a percent sign stands only where the unit is a percentage."""
    problems = []
    signed = np.flatnonzero(numbers.percent)
    for code, positions in pd.Series(signed).groupby(codes.to_numpy()[signed]):
        units = known.units(str(code))
        if not any(is_percent(unit) for unit in units):
            unit = f"in {units[-1]}" if units else msg("without a percent sign")
            message = msg(
                "found a percent sign; expected {code} {unit}.", code=code or "a number", unit=unit
            )
            fix = msg("Give the value in the expected unit, as a plain number.")
            problems.append(sheet.problem_at(positions, message, fix, header))
    return problems


def _note_printed(frame: pd.DataFrame, printed: Mapping[int, str]) -> None:
    """Keep the text that stands for a missing value as its note, where there is none."""
    notes = frame["note"].to_numpy(dtype=object, copy=True)
    for position, text in printed.items():
        notes[position] = notes[position] or text
    frame["note"] = notes


def _wrong_units(sheet: Sheet, frame: pd.DataFrame, known: Known, header: str) -> list[Problem]:
    problems = []
    pairs = frame[(frame["unit"] != "") & (frame["indicator"] != "")]
    for (code, unit), rows in pairs.groupby(["indicator", "unit"], sort=False):
        expected = known.units(str(code))
        if not expected or spell(str(unit)) in map(spell, expected):
            continue
        wanted = " or ".join(f"'{one}'" for one in expected)
        message = msg(
            "found the unit '{unit}'; expected {wanted} for {code}.",
            unit=unit,
            wanted=wanted,
            code=code,
        )
        fix = msg("Convert the value, or correct the unit.")
        problems.append(sheet.problem_at(rows["position"], message, fix, header))
    return problems


def _compute(
    sheet: Sheet, frame: pd.DataFrame, known: Known, half_step: Callable[[int], float]
) -> list[Problem]:
    """Compute values by the indicators' formulas, in place; a value given must agree."""
    formulas = {code: one.formula for code, one in known.indicators.items() if one.formula}
    factor = frame["indicator"].map({code: f.multiplier for code, f in formulas.items()})
    multiplier = factor.to_numpy(dtype=np.float64)
    ratios = {code for code, formula in formulas.items() if formula.denominator is not None}
    is_ratio = frame["indicator"].isin(ratios).to_numpy()
    value, above, below = (frame[name].to_numpy(dtype=np.float64, copy=True) for name in AMOUNTS)
    has_above, has_below = ~np.isnan(above), ~np.isnan(below)
    found = (frame["indicator"] != "").to_numpy()
    no_formula = found & np.isnan(multiplier) & (has_above | has_below) & np.isnan(value)
    not_ratio = found & ~np.isnan(multiplier) & ~is_ratio & has_below
    zero = is_ratio & (below == 0)
    problems = []
    for wrong, column, message, fix in (
        (
            no_formula,
            "numerator",
            msg("the framework has no formula for {}."),
            msg("Give its value."),
        ),
        (
            not_ratio,
            "denominator",
            msg("the formula of {} has no denominator."),
            msg("Leave it empty."),
        ),
        (
            zero,
            "denominator",
            msg("found 0; expected a denominator of {} above or below 0."),
            msg(
                "If there is nothing to count, leave numerator and denominator empty and "
                "write 'not applicable' in note."
            ),
        ),
    ):
        for code, rows in frame[wrong].groupby("indicator", sort=False):
            said = message.format(code)
            problems.append(sheet.problem_at(rows["position"], said, fix, column))
    with np.errstate(divide="ignore", invalid="ignore"):
        computed = multiplier * above / np.where(is_ratio, below, 1.0)
    computed[zero | not_ratio] = np.nan
    far = np.abs(computed - value) > _TOLERANCE * np.abs(computed)
    for i in np.flatnonzero(far).tolist():
        if abs(computed[i] - value[i]) <= half_step(i) * (1 + _TOLERANCE):
            continue
        message = msg(
            "found {value} for {indicator}, but its numerator and denominator give {computed}.",
            value=format(value[i], ".10g"),
            indicator=frame["indicator"][i],
            computed=format(computed[i], ".10g"),
        )
        fix = msg("Correct one of the three, or leave the value empty to have it computed.")
        problems.append(sheet.problem_at([i], message, fix, str(frame["column"][i])))
    frame["value"] = np.where(np.isnan(computed), value, computed)
    alone = is_ratio & has_above & ~has_below & np.isnan(value) & (frame["note"] == "").to_numpy()
    frame.loc[alone, "note"] = "no denominator"
    return problems


def _outside(sheet: Sheet, frame: pd.DataFrame, known: Known) -> list[Problem]:
    """Check values against the range that the framework calls possible."""
    values = frame["value"].to_numpy(dtype=np.float64)
    low, high = (_bounds(frame, known, side) for side in (0, 1))
    problems = []
    # A quotient that is the bound on paper may be off by its last digit.
    kept = at_bound(at_bound(values, low), high)
    for i in np.flatnonzero((kept < low) | (kept > high)).tolist():
        expected = (
            msg("from {low} to {high}", low=format(low[i], "g"), high=format(high[i], "g"))
            if np.isfinite(low[i]) and np.isfinite(high[i])
            else msg("of {low} or more", low=format(low[i], "g"))
            if np.isfinite(low[i])
            else msg("of {high} or less", high=format(high[i], "g"))
        )
        row = frame.iloc[i]
        units = known.units(str(row["indicator"]))
        unit = f" ({units[-1]})" if units else ""
        message = msg(
            "found {values}; expected a value {expected}{unit} for ",
            values=format(values[i], ".10g"),
            expected=expected,
            unit=unit,
        )
        fix = msg("Check the number and its unit.")
        problems.append(
            sheet.problem_at([row["position"]], f"{message}{row['indicator']}.", fix, row["column"])
        )
    return problems


def _bounds(frame: pd.DataFrame, known: Known, side: int) -> Floats:
    """The lowest (side 0) or highest (side 1) possible value of each row; infinite if free."""
    free = (-np.inf, np.inf)[side]
    bound = {
        code: one.valid[side]
        for code, one in known.indicators.items()
        if one.valid and one.valid[side] is not None
    }
    bounds = frame["indicator"].map(bound).astype(np.float64).fillna(free)
    return np.asarray(bounds, dtype=np.float64)
