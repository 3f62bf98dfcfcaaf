"""The units of iData: their values as a wide table, and what groups them as a table of cities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from kpi_lib.errors import Problem, did_you_mean
from kpi_lib.exchange.coin.entries import Coin, Row
from kpi_lib.io.cells.periods import read_period
from kpi_lib.io.store import write_whole
from kpi_lib.io.tables.export import plain_texts
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.observations.cities import COLUMNS, code_fault

_SPECIAL = ("uCode", "uName", "Time")
_OF_UNITS = ("Group", "Other")


def last_period(coin: Coin) -> str:
    """The last period of the data; the last whole year where they have none."""
    periods = [read_period(row.text("Time")) for row in coin.data]
    return max(filter(None, periods), default=str(date.today().year - 1))


@dataclass(repr=False)
class _Units(Displayed):
    values: list[dict[str, object]] = field(default_factory=list)
    cities: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def units_of(coin: Coin) -> tuple[pd.DataFrame, pd.DataFrame, list[Problem]]:
    """Make the tables of observations and of cities from the rows of iData.

    Returns
    -------
    tuple
        A row for each unit and period, a column for each indicator and denominator; a row for
        each unit with its name and a column for each group; and every problem, by its cell.
    """
    made = _Units(problems=list(_unknown(coin)))
    kinds = {row.text("iCode"): row.text("Type") for row in coin.meta}
    named = {row.text("Denominator") for row in coin.meta}
    measured = [code for code, kind in kinds.items() if kind == "Indicator" or code in named]
    groups = [code for code, kind in kinds.items() if kind in _OF_UNITS]
    seen: dict[tuple[str, str], Row] = {}
    for row in coin.data:
        code, period = row.text("uCode"), _period(row, coin, made)
        if fault := code_fault(code):
            made.problems.append(row.where("uCode").problem(*fault))
        elif first := seen.get((code, period)):
            found = msg(
                "'{code}' stands in row {first} already, for the same period.",
                code=code,
                first=first.place.row,
            )
            made.problems.append(row.where("uCode").problem(found, msg("Keep one of them.")))
        seen.setdefault((code, period), row)
        values = {name: _value(row, name, made) for name in measured if name in row.cells}
        made.values.append({"city": code, "period": period, **values})
        own = {_column(name): row.text(name) for name in groups if row.text(name)}
        made.cities.setdefault(code, {}).update({"name_en": row.text("uName") or code, **own})
    cities = pd.DataFrame.from_dict(made.cities, orient="index").rename_axis("city").reset_index()
    return pd.DataFrame(made.values, dtype=object), cities.fillna(""), made.problems


def write_units(values: pd.DataFrame, cities: pd.DataFrame, folder: Path) -> None:
    """Write the tables of :func:`units_of` into a folder: observations.csv and cities.csv."""
    for name, table in (("observations", values), ("cities", cities)):
        text = plain_texts(table).to_csv(index=False, lineterminator="\n")
        write_whole(folder / f"{name}.csv", text)


def _unknown(coin: Coin) -> Iterator[Problem]:
    """Columns that iMeta does not list, and what it lists that has no column."""
    if not coin.data:
        return
    first = coin.data[0]
    said = {row.text("iCode"): row for row in coin.meta if row.text("Type") != "Aggregate"}
    for name in first.cells:
        if name not in said and name not in _SPECIAL:
            place = first.where(name)
            found = msg("iMeta has no row for the column '{name}'.", name=name)
            absent = [code for code in said if code not in first.cells]
            fix = did_you_mean(name, absent) or msg("Add one, or take the column out.")
            yield Problem(found, fix, place.file, place.sheet, None, name)
    for code, row in said.items():
        if code not in first.cells:
            found = msg("iData has no column '{code}'.", code=code)
            yield row.where("iCode").problem(found, did_you_mean(code, first.cells))


def _period(row: Row, coin: Coin, made: _Units) -> str:
    said = row.text("Time")
    period = read_period(said) if said else last_period(coin)
    if period is None:
        found = msg("found '{said}'; expected a year, quarter or month.", said=said)
        made.problems.append(row.where("Time").problem(found))
    return period or said


def _value(row: Row, name: str, made: _Units) -> float | None:
    """A number; None where it is missing."""
    cell = row.at(name)
    try:
        number = cell.number
    except ValueError:
        found = msg("found '{text}'; expected a number, or NA where there is none.", text=cell.text)
        made.problems.append(cell.place.problem(found))
        return None
    if number != number:
        return None
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _column(name: str) -> str:
    """The column of a group: its own name, unless a table of cities means something by it."""
    taken = {*COLUMNS, "lat", "lon", "slug"} - {"region", "class"}
    return f"{name}_group" if name.lower() in taken else name
