"""One sheet of observations, long or wide, as rows of one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem, plain
from kpi_lib.io.names import Names, tidy
from kpi_lib.io.numbers import Column, Numbers
from kpi_lib.io.periods import read_periods
from kpi_lib.io.sheet import Sheet
from kpi_lib.io.vocabulary import vocabulary
from kpi_lib.locale.catalogue import msg
from kpi_lib.observations.values import (
    AMOUNTS,
    Known,
    compute,
    grouped,
    note_printed,
    outside,
    outside_points,
    percent_signs,
    words_in,
    wrong_units,
)

TEXTS = ("unit", "source", "quality", "note")
SE = "se"
"""The column of standard errors, in the unit of the value."""
ROWS = ("city", "period", "indicator", *AMOUNTS, "unit", "source", "quality", SE, "note")
SAID = "said"
"""The column of what a cell says where that is no number: a category, or "not applicable"."""
DEMO = "demo"
"""The column that says which rows are made up."""

_FIELDS: Mapping[str, Sequence[str]] = vocabulary(__package__)["columns"]
_FIELD_OF = {plain(name): field for field, names in _FIELDS.items() for name in (field, *names)}
_WIDE = ("city", "period", "source", "quality", "note", DEMO)
# What says that a row is not made up, and that it is. Anything else counts as made up: better
# a mark too many than made-up figures that pass for real.
_REAL, _MADE_UP = (frozenset(vocabulary(__package__)[key]) for key in ("real", "demo"))


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
        return pd.DataFrame(columns=[*ROWS, SAID, DEMO, "position", "column"]), [
            *problems,
            sheet.problem(found, fix),
        ]
    frame = pd.DataFrame({"position": np.arange(len(sheet.rows))})
    frame["city"] = _texts(sheet.columns[at["city"]])
    frame["period"], faults = read_periods(list(sheet.columns[at["period"]]))
    problems += grouped(sheet, faults, sheet.header[at["period"]])
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
    problems += outside(sheet, frame, known)
    problems += outside_points(sheet, frame, known)
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
    amounts: dict[str, pd.Series[Any]] = {
        name: sheet.columns[at[name]] for name in (*AMOUNTS, SE) if name in at
    }
    frame["said"] = ""
    if "value" in amounts:
        header = sheet.header[at["value"]]
        amounts["value"], frame["said"] = words_in(
            sheet, amounts["value"], frame, known, header, problems
        )
    columns = {name: Column(own) for name, own in amounts.items()}
    numbers = _read_all(columns, sheet)
    for name in (*AMOUNTS, SE):
        if name in numbers:
            header = sheet.header[at[name]]
            frame[name] = numbers[name].values
            problems += grouped(sheet, numbers[name].faults, header)
            units = frame["indicator"] if name == "value" else pd.Series("", index=frame.index)
            problems += percent_signs(sheet, numbers[name], units, known, header)
        else:
            frame[name] = np.nan
    if SE in at:
        under = np.flatnonzero(frame[SE].to_numpy(dtype=float) < 0)
        found = msg("found a standard error under 0; expected a number of 0 or more.")
        if under.size:
            problems.append(sheet.problem_at(under, found, "", sheet.header[at[SE]]))
    if "value" in numbers:
        note_printed(frame, numbers["value"].printed)
    frame["column"] = sheet.header[at["value"]] if "value" in at else sheet.header[at["numerator"]]
    if "unit" in at:
        problems += wrong_units(sheet, frame, known, sheet.header[at["unit"]])
    if "numerator" in at or "denominator" in at:
        half_step = numbers["value"].half_step if "value" in numbers else lambda _: 0.0
        problems += compute(sheet, frame, known, half_step)
    return frame


def _read_wide(
    sheet: Sheet,
    frame: pd.DataFrame,
    at: Mapping[str, int],
    known: Known,
    problems: list[Problem],
) -> pd.DataFrame:
    columns: dict[str, Column] = {}
    said: dict[str, Any] = {}
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
            own = frame.assign(indicator=found[0])
            cells, said[found[0]] = words_in(
                sheet, sheet.columns[position], own, known, header, problems
            )
            columns[found[0]] = Column(cells)
            header_of[found[0]] = header
    if not columns:
        message = msg("there is no column of an indicator, and none named indicator and value.")
        problems.append(sheet.problem(message))
    numbers = _read_all(columns, sheet)
    parts = []
    for code, read in numbers.items():
        part = frame.copy()
        part["indicator"], part["column"], part["value"] = code, header_of[code], read.values
        part["said"] = said[code]
        problems += grouped(sheet, read.faults, header_of[code])
        problems += percent_signs(sheet, read, part["indicator"], known, header_of[code])
        note_printed(part, read.printed)
        parts.append(part)
    whole = pd.concat(parts, ignore_index=True) if parts else frame.iloc[:0].copy()
    if not parts:
        whole["indicator"], whole["column"], whole["said"], whole["value"] = "", "", "", np.nan
    whole["numerator"] = whole["denominator"] = whole[SE] = np.nan
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
