"""One number that is given in several places: the denominators that indicators share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem, plain
from kpi_lib.framework.model import Framework
from kpi_lib.io.tables.sheet import Place
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.words import Text, number

# Numbers that differ by less than the digits they are given in may be one number, rounded;
# of a round number such as 1,200,000 no more than this share is taken for rounding.
ROUNDING = 0.005
# A city's population at another day of the year, or as an average of it, differs by less.
OTHER_DAY = 0.02

# Two amounts that agree to this share are the same: a number in thousands is multiplied.
EQUAL = 1e-9

PlaceOf = Callable[[str, str, str, int], Place]
Row = Mapping[Hashable, Any]

_WORDS: Mapping[str, Any] = vocabulary(__package__)
_SCALES = {plain(word): 10.0**zeros for zeros, of in _WORDS["scales"].items() for word in of}
_SCALE = re.compile(rf"(?<!\w)(?:{any_of(sorted(_SCALES, key=len, reverse=True))})(?!\w)")
_OF_CITIES = {plain(name): column for column, of in _WORDS["quantities"].items() for name in of}
# What follows a name in brackets or after a comma, and may say no more than the unit.
_AFTER = re.compile(r"[(\[]([^)\]]*)[)\]]|,([^,]*)$")
_COUNTED = frozenset(plain(word) for word in _WORDS["counted"])


@dataclass(frozen=True)
class Quantity:
    """A quantity by its name in every language, and what one of its numbers stands for.

    ``column`` is that of the cities file which holds it, '' for none.
    """

    names: frozenset[str]
    scale: float = 1.0
    column: str = ""


def quantity(text: Text, unit: Text | None = None) -> Quantity:
    """Read a name such as ``Population (thousand persons)``: what it is of, and its scale."""
    names, scale = set(), 1.0
    for said in text.values():
        whole = plain(said)
        names.add(" ".join(_SCALE.sub(" ", _AFTER.sub(_kept, whole)).split()))
        if found := _SCALE.search(whole):
            scale = _SCALES[found[0]]
    for said in (unit or {}).values():
        if found := _SCALE.search(plain(said)):
            scale = _SCALES[found[0]]
    column = next((_OF_CITIES[name] for name in sorted(names) if name in _OF_CITIES), "")
    return Quantity(frozenset(names - {""}), scale, column)


def _kept(after: re.Match[str]) -> str:
    """Keep what says more than a unit: ``(thousand persons)`` does not, ``(aged 6-14)`` does."""
    said = _SCALE.sub(" ", after[1] or after[2] or "").split()
    return "" if set(said) <= _COUNTED else after[0]


def disagreements(
    rows: pd.DataFrame, cities: pd.DataFrame, framework: Framework, place_of: PlaceOf
) -> Iterator[Problem]:
    """Compare every number that is given more than once, and what cities.csv holds of it.

    Parameters
    ----------
    rows
        One for each city, period and indicator, with ``value``, ``numerator``, ``denominator``
        and the place: ``file``, ``sheet``, ``row``, ``column``.
    cities
        The table of cities.
    place_of
        From file, sheet, column and row: the cell (F12) where people know the sheet by its
        cells, else ''.

    Yields
    ------
    Problem
        An error that names both places; a warning where rounding, or for cities.csv another
        day of the year, may be all the difference.
    """
    given = _given(rows, framework, cities.columns)
    several = (
        given.groupby(["key", "city", "period"], observed=True)["amount"].transform("nunique") > 1
    )
    for _, own in given[several].groupby(["key", "city", "period"], sort=False, observed=True):
        first, *others = own.drop_duplicates("amount").to_dict("records")
        for other in others:
            if abs(first["amount"] - other["amount"]) > EQUAL * abs(first["amount"]):
                yield _differ(first, other, place_of)
    yield from _against_cities(given, cities, place_of)


def _given(rows: pd.DataFrame, framework: Framework, of_cities: Collection[str]) -> pd.DataFrame:
    """List the numbers by the quantity that they are of: a ``key`` that all its names share."""
    divided = dict.fromkeys(one.denominator for one in framework.indicators if one.denominator)
    parts = [
        (
            name,
            "value",
            Quantity(frozenset([plain(name)]), column=name if name in of_cities else ""),
        )
        for name in divided
    ]
    for indicator in framework.indicators:
        if indicator.formula is not None:
            parts.append((indicator.code, "numerator", quantity(indicator.formula.numerator)))
            if indicator.formula.denominator is not None:
                below = quantity(indicator.formula.denominator)
                parts.append((indicator.code, "denominator", below))
        elif indicator.unit:
            parts.append((indicator.code, "value", quantity(indicator.title, indicator.unit)))
    key_of: dict[str, int] = {}
    tables = []
    keys = []
    for _, _, of in parts:
        known = [key_of[name] for name in of.names if name in key_of]
        keys.append(known[0] if known else len(key_of))
        key_of |= dict.fromkeys(of.names, keys[-1])
    shared = {key for key, n in Counter(keys).items() if n > 1}
    for (code, part, of), key in zip(parts, keys, strict=True):
        if key not in shared and not of.column:
            continue  # one number in one place
        own = rows[(rows["indicator"] == code) & rows[part].notna()]
        if part == "denominator":
            own = own[own[part] != 0]  # a fault of its own
        own = own.assign(key=key, part=part, number=own[part], scale=of.scale, of_cities=of.column)
        if part != "value":
            own = own.assign(column=part)
        tables.append(own.assign(amount=own["number"] * of.scale))
    found = pd.concat(tables) if tables else rows.assign(key=0, amount=np.nan, of_cities="")[:0]
    return found.reset_index(drop=True)


def _differ(first: Row, other: Row, place_of: PlaceOf) -> Problem:
    found = msg(
        "found {number} for {code}, but {where} gives {other} for {code_2}, and both are one "
        "number of {city} in {period}.",
        number=_number(other),
        code=other["indicator"],
        where=_where(first, other, place_of),
        other=_number(first),
        code_2=first["indicator"],
        city=other["city"],
        period=other["period"],
    )
    close = abs(first["amount"] - other["amount"]) <= max(map(_half_step, (first, other)))
    if first["part"] == other["part"] == "value":
        # Two indicators of one name may be of two levels of government: only people can tell.
        fix = msg("If they are two numbers, give the indicators titles that tell them apart.")
        return _problem(other, found, fix, True, place_of)
    fix = (
        msg("Give it with the same digits in both.")
        if close
        else msg("Ask both agencies, and give one number in both, in the unit that is stated.")
    )
    return _problem(other, found, fix, close, place_of)


def _against_cities(
    given: pd.DataFrame, cities: pd.DataFrame, place_of: PlaceOf
) -> Iterator[Problem]:
    """Compare with cities.csv, which does not say of which year it is.

    Its number is right where the data of some year, or of years before and after, give it.
    """
    table = cities.set_index("city")
    own = given[given["of_cities"] != ""]
    for names, rows in own.groupby(["city", "of_cities"], sort=False, observed=True):
        city, column = map(str, names)
        listed = float(table[column].get(city, np.nan))
        low, high = rows["amount"].min(), rows["amount"].max()
        if np.isnan(listed) or low * (1 - EQUAL) <= listed <= high * (1 + EQUAL):
            continue
        off = (rows["amount"] - listed).abs()
        row = rows.iloc[int(off.argmin())].to_dict()
        found = msg(
            "found {number} for {code}; the cities file gives {listed} ({column} of {city}).",
            number=_number(row),
            code=row["indicator"],
            listed=_shown(listed),
            column=column,
            city=city,
        )
        close = bool(off.min() <= OTHER_DAY * listed)
        fix = (
            msg("Check that both are right.")
            if close
            else msg("Correct the one that is wrong, and check its unit.")
        )
        yield _problem(row, found, fix, close, place_of)


def _problem(row: Row, message: str, fix: str, close: bool, place_of: PlaceOf) -> Problem:
    file, sheet, line, column = row["file"], row["sheet"], int(row["row"]), row["column"]
    return Problem(
        message,
        fix,
        file,
        sheet,
        line,
        column,
        severity="warning" if close else "error",
        **place_of(file, sheet, column, line),
    )


def _where(place: Row, beside: Row, place_of: PlaceOf) -> str:
    """Name a place as seen from another: without the file, where it is the same."""
    whole = _problem(place, "", "", False, place_of)
    return replace(whole, file="" if place["file"] == beside["file"] else whole.file).where


def _number(row: Row) -> str:
    scale = f" × {_shown(row['scale'])}" if row["scale"] != 1 else ""
    return f"{_shown(row['number'])}{scale}"


def _shown(value: float) -> str:
    """Write a number with all its decimals, in the language of messages."""
    return number(value, message_language(), len(f"{value:.10g}".partition(".")[2]))


def _half_step(row: Row) -> float:
    """Half a unit of the last digit of a number that is not 0, as an amount."""
    digits = f"{abs(row['number']):.10g}"
    if "." in digits or "e" in digits:
        step = 10.0 ** -len(digits.partition(".")[2])
    else:
        step = 10.0 ** (len(digits) - len(digits.rstrip("0")))
    return float(min(step / 2 * row["scale"], ROUNDING * abs(row["amount"])))
