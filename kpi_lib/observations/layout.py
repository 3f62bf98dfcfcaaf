"""One sheet of observations, long or wide, as rows of one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem, plain
from kpi_lib.io.cells.coded import coded, column_of, constant, nothing, stacked, texts, tidied
from kpi_lib.io.cells.numbers import MOST_NAMED, Column, Fault, Numbers
from kpi_lib.io.cells.periods import read_column
from kpi_lib.io.names import tidy
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.io.vocabulary import vocabulary
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import tally
from kpi_lib.observations.column_map import AS_IT_IS, ColumnMap
from kpi_lib.observations.faults import at_fault, grouped
from kpi_lib.observations.flags import flagged, quality_column
from kpi_lib.observations.headers import (
    DEMO,
    MULTIPLIER,
    Roles,
    ValueColumn,
    misspelt,
    of_whole_sheet,
    roles_of,
    unknown_columns,
)
from kpi_lib.observations.ranges import outside, outside_points
from kpi_lib.observations.values import (
    AMOUNTS,
    Known,
    compute,
    note_printed,
    percent_signs,
    unit_above,
    words_in,
    wrong_units,
)

TEXTS = ("unit", "source", "quality", "note")
SE = "se"
"""The column of standard errors, in the unit of the value."""
ROWS = ("city", "period", "indicator", *AMOUNTS, "unit", "source", "quality", SE, "note")
SAID = "said"
_HEADS_NAMED = 8  # columns that are named where one is not there
"""The column of what a cell says where that is no number: a category, or "not applicable"."""

# What says that a row is not made up, and that it is. Anything else counts as made up: better
# a mark too many than made-up figures that pass for real.
_REAL, _MADE_UP = (frozenset(vocabulary(__package__)[key]) for key in ("real", "demo"))


def read_rows(
    sheet: Sheet, known: Known, told: ColumnMap = AS_IT_IS, roles: Roles | None = None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a sheet in long or wide form into rows with the columns ``ROWS``.

    ``indicator`` is the code of an indicator or the name of a quantity, ``city`` the text as
    it stands; ``demo`` says whether the row is made up, ``position`` (in the sheet) and
    ``column`` (header) where a value is from.
    Values are computed where numerator and denominator are given. Rows without a city are left
    out; a period or an indicator that cannot be read is '' and among the problems. ``roles`` are
    those of the columns where they are known.
    """
    roles = roles or roles_of(sheet, known, told)
    at, problems = roles.at, [*roles.problems, *unknown_columns(sheet, roles, known)]
    whole = of_whole_sheet(sheet, known, told)
    if needed := _needed(roles, told, whole):
        found = msg(
            "found the columns {header}; expected also {needed}.",
            header=", ".join(sheet.header[:_HEADS_NAMED])
            + (", …" if len(sheet.header) > _HEADS_NAMED else ""),
            needed=", ".join(needed),
        )
        slip = misspelt((sheet.header[place] for place in roles.others), needed)
        problems.append(sheet.problem(found, slip or _how_to_name(roles, needed)))
        if set(needed) - {"city", "period"}:
            return _no_rows(), problems
    frame = pd.DataFrame({"position": np.arange(len(sheet.rows), dtype=np.int32)})
    n, quality = len(frame), None
    frame["city"] = tidied(sheet.columns[at["city"]]) if "city" in at else constant("", n)
    if "period" in at:
        header = sheet.header[at["period"]]
        frame["period"], quality, faults, others = read_column(sheet.columns[at["period"]])
        problems += grouped(sheet, faults, header, others)
        problems += _empty(
            sheet,
            frame["period"],
            header,
            msg("the period is not given."),
            [*faults, *others.tolist()],
        )
    else:
        frame["period"] = constant(told.period, n)
    if "city" in at:
        problems += _empty(
            sheet, frame["city"], sheet.header[at["city"]], msg("the city is not given.")
        )
    for name in TEXTS:
        frame[name] = tidied(sheet.columns[at[name]]) if name in at else constant("", n)
    quality_column(frame, quality)
    frame[DEMO] = _made_up(sheet, at, problems)
    if "indicator" in at:
        cells, header = sheet.columns[at["indicator"]], sheet.header[at["indicator"]]
        frame["indicator"] = _codes(sheet, cells, known, header, problems)
    else:
        frame["indicator"] = constant(whole, n)
    read = _read_long if roles.long else _read_wide
    frame = read(sheet, frame, roles, known, told, problems)
    problems += unit_above(sheet, frame, known)
    problems += outside(sheet, frame, known)
    problems += outside_points(sheet, frame, known)
    kept = frame["city"] != ""
    return (frame if kept.all() else frame[kept]), problems


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame(columns=[*ROWS, SAID, DEMO, "position", "column"])


def _needed(roles: Roles, told: ColumnMap, whole: str) -> list[str]:
    """Name the columns without which a table cannot be read."""
    needed = [] if "city" in roles.at else ["city"]
    periods = any(one.period for one in roles.values)
    if "period" not in roles.at and not periods and not told.period:
        needed.append("period")
    by_row = roles.long or any(not one.indicator for one in roles.values)
    if by_row and "indicator" not in roles.at and not whole:
        needed.append("indicator")
    if roles.long and not {"value", "numerator"} & set(roles.at):
        needed.append("value")
    return needed


def _how_to_name(roles: Roles, needed: list[str]) -> str:
    if needed == ["indicator"] and roles.values:
        return msg(
            "The columns are periods of one indicator: say which ('indicator:' in the file of "
            "--columns), or add a column indicator."
        )
    return msg(
        "Name the columns of the table, or say what they are called (--columns; columns= in "
        "Python)."
    )


def _empty(
    sheet: Sheet, column: pd.Series[Any], header: str, found: str, but: Sequence[int] = ()
) -> list[Problem]:
    is_empty = (column == "").to_numpy(copy=True)
    is_empty[np.array(but, dtype=np.intp)] = False
    empty = np.flatnonzero(is_empty)
    fix = msg("Fill in the cell.")
    return [sheet.problem_at(empty, found, fix, header)] if empty.size else []


def _made_up(sheet: Sheet, at: Mapping[str, int], problems: list[Problem]) -> Any:
    """Read which rows are made up; none where there is no such column."""
    if DEMO not in at:
        return np.zeros(len(sheet.rows), dtype=np.bool_)
    codes, distinct = coded(sheet.columns[at[DEMO]])
    said = [tidy(cell) for cell in distinct]
    odd = [code for code, text in enumerate(said) if plain(text) not in _REAL | _MADE_UP]

    def fault_of(code: int) -> Fault:
        text = said[code]
        return msg(
            "found '{text}'; expected true or false. The row counts as made up.", text=text
        ), ""

    doubtful = at_fault(sheet, codes, odd, fault_of, sheet.header[at[DEMO]])
    problems += [replace(one, severity="warning") for one in doubtful]
    real = np.array([plain(text) in _REAL for text in said], dtype=np.bool_)
    return ~real[codes]


def _read_long(
    sheet: Sheet,
    frame: pd.DataFrame,
    roles: Roles,
    known: Known,
    told: ColumnMap,
    problems: list[Problem],
) -> pd.DataFrame:
    at = roles.at
    amounts: dict[str, pd.Series[Any]] = {
        name: sheet.columns[at[name]] for name in (*AMOUNTS, SE) if name in at
    }
    frame[SAID] = constant("", len(frame))
    if "value" in amounts:
        header = sheet.header[at["value"]]
        amounts["value"], frame[SAID] = words_in(
            sheet, amounts["value"], frame, known, header, problems
        )
    columns = {name: Column(own, marked=name == "value") for name, own in amounts.items()}
    numbers = _read_all(columns, sheet, told)
    for name in (*AMOUNTS, SE):
        if name in numbers:
            header = sheet.header[at[name]]
            frame[name] = column_of(numbers[name].values)
            problems += grouped(sheet, numbers[name].faults, header, numbers[name].others)
            units = frame["indicator"] if name == "value" else constant("", len(frame))
            problems += percent_signs(sheet, numbers[name], units, known, header)
        else:
            frame[name] = column_of(nothing(len(frame)))
    if SE in at:
        under = np.flatnonzero(frame[SE].to_numpy(dtype=float) < 0)
        found = msg("found a standard error under 0; expected a number of 0 or more.")
        if under.size:
            problems.append(sheet.problem_at(under, found, "", sheet.header[at[SE]]))
    if "value" in numbers:
        note_printed(frame, numbers["value"].printed)
        problems += flagged(sheet, frame, numbers["value"].flags, sheet.header[at["value"]])
    _multiply(sheet, frame, at, problems)
    named = sheet.header[at["value" if "value" in at else "numerator"]]
    frame["column"] = constant(named, len(frame))
    if "unit" in at:
        problems += wrong_units(sheet, frame, known, sheet.header[at["unit"]])
    if "numerator" in at or "denominator" in at:
        half_steps = numbers["value"].half_steps if "value" in numbers else np.zeros_like
        problems += compute(sheet, frame, known, half_steps)
    return frame


def _multiply(
    sheet: Sheet, frame: pd.DataFrame, at: Mapping[str, int], problems: list[Problem]
) -> None:
    """Multiply values by the power of ten that their row names, as SDMX means it."""
    if MULTIPLIER not in at:
        return
    header = sheet.header[at[MULTIPLIER]]
    powers = Column(sheet.columns[at[MULTIPLIER]]).read()
    problems += grouped(sheet, powers.faults, header, powers.others)
    zeros = np.nan_to_num(powers.values)
    if not zeros.any():
        return
    if (np.abs(zeros) > 15).any():
        found = msg("found a multiplier of over 15 zeros.")
        problems.append(sheet.problem_at(np.flatnonzero(np.abs(zeros) > 15), found, "", header))
        return
    for name in (*AMOUNTS[:1], SE):
        frame[name] = frame[name].to_numpy(dtype=np.float64) * 10.0**zeros
    found = msg("values are multiplied by ten to the power that this column gives.")
    rows = np.flatnonzero(zeros != 0)
    problems.append(replace(sheet.problem_at(rows[:1], found, "", header), severity="warning"))


def _read_wide(
    sheet: Sheet,
    frame: pd.DataFrame,
    roles: Roles,
    known: Known,
    told: ColumnMap,
    problems: list[Problem],
) -> pd.DataFrame:
    if not roles.values:
        message = msg("there is no column of an indicator, and none named indicator and value.")
        problems.append(sheet.problem(message))
    columns: dict[ValueColumn, Column] = {}
    parts: dict[ValueColumn, pd.DataFrame] = {}
    for one in roles.values:
        header, part = sheet.header[one.position], frame.copy()
        for name, text in (("indicator", one.indicator), ("period", one.period)):
            if text:
                part[name] = constant(text, len(frame))
        if one.quality:
            quality_column(part, constant(one.quality, len(frame)))
        part["column"] = constant(header, len(frame))
        cells, part[SAID] = words_in(
            sheet, sheet.columns[one.position], part, known, header, problems
        )
        columns[one], parts[one] = Column(cells, marked=True), part
    for one, read in _read_all(columns, sheet, told).items():
        header, part = sheet.header[one.position], parts[one]
        part["value"] = read.values
        problems += grouped(sheet, read.faults, header, read.others)
        problems += percent_signs(sheet, read, part["indicator"], known, header)
        note_printed(part, read.printed)
        problems += flagged(sheet, part, read.flags, header)
        part[SE] = np.nan
        _multiply(sheet, part, roles.at, problems)
    if not parts:
        whole = frame.iloc[:0].copy()
        whole["indicator"], whole["column"], whole[SAID], whole["value"] = "", "", "", np.nan
        whole[SE] = np.nan
    else:
        whole = stacked(list(parts.values()))
    for name in ("numerator", "denominator"):
        whole[name] = np.nan
    if "unit" in roles.at and len(whole):
        problems += wrong_units(sheet, whole, known, sheet.header[roles.at["unit"]])
    return whole


def _read_all(columns: Mapping[Any, Column], sheet: Sheet, told: ColumnMap) -> dict[Any, Numbers]:
    """Read the columns of a sheet, each with what the others prove about its decimal mark."""
    if told.decimal:
        own = frozenset(told.decimal)
        return {
            name: column.read(own, told.decimal, told.bounds, told.decimal)
            for name, column in columns.items()
        }
    proved = {name: column.decimal_marks for name, column in columns.items()}
    users = {mark: {name for name, marks in proved.items() if mark in marks} for mark in ".,"}
    return {
        name: column.read(
            frozenset(mark for mark in ".," if users[mark] - {name}), sheet.decimal, told.bounds
        )
        for name, column in columns.items()
    }


def _codes(
    sheet: Sheet, cells: pd.Series[Any], known: Known, header: str, problems: list[Problem]
) -> pd.Series[Any]:
    """Find the code that each cell means, '' for none, adding problems."""
    codes, distinct = coded(cells)
    found: list[str] = []
    unknown: list[int] = []
    for code, cell in enumerate(distinct):
        name = tidy(cell)
        meant = known.names.find(name) if name else ()
        found.append(meant[0] if len(meant) == 1 else "")
        if not name:
            message, fix = msg("the cell is empty; expected an indicator."), ""
        elif not meant:
            unknown.append(code)
            if len(unknown) > MOST_NAMED:
                continue
            message = msg(
                "'{name}' is not an indicator of {name_2}.", name=name, name_2=known.framework.name
            )
            fix = known.names.nearest(name)
        elif len(meant) > 1:
            message, fix = ambiguous(name, meant), msg("Write the code.")
        elif alike := _alike(meant[0], cell, known):
            message = msg(
                "the number {name} may stand for any of the codes {alike}.",
                name=name,
                alike=", ".join(alike),
            )
            fix = msg("Format the column as text and write the code again.")
        else:
            continue
        problems.append(sheet.problem_at(np.flatnonzero(codes == code), message, fix, header))
    if more := unknown[MOST_NAMED:]:
        message = msg(
            "{n} more names are not indicators of {name}.",
            n=tally(len(more)),
            name=known.framework.name,
        )
        problems.append(sheet.problem_at(np.flatnonzero(np.isin(codes, more)), message, "", header))
    return texts(codes, found)


def _alike(code: str, cell: Any, known: Known) -> list[str]:
    """Give the codes that a spreadsheet makes the same number of, as 5.1 of 5.10."""
    if not isinstance(cell, int | float):
        return []
    alike = []
    for other in known.indicators:
        try:
            if float(other) == float(code):
                alike.append(other)
        except ValueError:
            continue
    return alike if len(alike) > 1 else []


def ambiguous(name: str, codes: Iterable[str]) -> str:
    """Say that a name has several meanings."""
    return msg("'{name}' may mean any of {codes}.", name=name, codes=", ".join(codes))
