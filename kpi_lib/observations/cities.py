"""The cities: cities.csv, the names a city goes by, and its file name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, dropwhile
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd
from babel.localedata import exists
from slugify import slugify

from kpi_lib.errors import Problem, and_more, did_you_mean, nearest, plain
from kpi_lib.io.cells.coded import constant, tidied
from kpi_lib.io.cells.numbers import MOST_NAMED, Column, Fault
from kpi_lib.io.cells.periods import last_day
from kpi_lib.io.names import Names
from kpi_lib.io.tables.frames import Content
from kpi_lib.io.tables.read import read_sheets
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.io.vocabulary import vocabulary
from kpi_lib.locale.catalogue import SOURCE, Lang, either, languages, message_language, msg
from kpi_lib.locale.words import date_name, listed, numeral, tally
from kpi_lib.observations.faults import counted, grouped, rows_at_fault
from kpi_lib.observations.place_names import place_key

NAMES = tuple(f"name_{lang}" for lang in languages())
TEXTS = (*NAMES, "region", "class")
NUMBERS = ("population", "area_km2")
DEGREES = {"lat": (-90.0, 90.0), "lon": (-180.0, 180.0)}
"""Columns that a file may have: where a city lies, and between what that can be."""
DATES = ("valid_from", "valid_to")
COLUMNS = ("city", *TEXTS, *NUMBERS, *DATES, "merged_into")

# Letters of Vietnamese with their marks apart, digits, and what stands between words.
_VIETNAMESE = re.compile("[A-Za-z0-9 \n_\u0110\u0111\u0300-\u0303\u0306\u0309\u031b\u0323-]*")
_MARKS = re.compile("[\u0300-\u036f]")
_BETWEEN = re.compile("[ _-]+")

Dates = Mapping[str, tuple[str, str]]

# Names of the column of places, as data may call it, the better ones first.
_PLACES = [
    plain(name)
    for kind in ("columns", "publishers")
    for name in vocabulary(__package__)[kind]["city"]
]
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_DATE = re.compile(r"(?:19|20|21)[0-9]{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?")
# A city's pages are named after it: these names are taken, by the files of a set or by Windows.
_TAKEN = re.compile(
    r"index|ranks|scores|values|targets|weights|findings|con|prn|aux|nul|com[0-9]|lpt[0-9]",
    re.IGNORECASE,
)


def slug(name: str) -> str:
    """Give the ASCII file name of a city: sao-paulo for Sao Paulo."""
    return _in_our_letters([name])[0] or str(slugify(name, max_length=100))


def _in_our_letters(names: Sequence[str]) -> list[str]:
    """Give the file names of cities in Vietnamese letters, all at once; '' where some are not."""
    bare = normalize("NFD", "\n".join(names))
    longest = max(map(len, names), default=0)
    if not (longest <= 100 and bare.count("\n") == len(names) - 1 and _VIETNAMESE.fullmatch(bare)):
        return [""] * len(names)
    letters = _MARKS.sub("", bare).replace("\u0110", "D").replace("\u0111", "d").lower()
    words = _BETWEEN.sub("-", letters)  # as slugify says
    return [one.strip("-") for one in words.split("\n")]


def names_of(cities: pd.DataFrame) -> Names:
    """The names by which each city may be called: code, name in each language, file name."""
    codes = cities["city"].astype(str).tolist()
    named = [name for name in map(str, cities.columns) if name.startswith("name_")]
    written = [cities[name].astype(str).tolist() for name in ("city", *named, "slug")]
    different = [own for at, own in enumerate(written) if own not in written[:at]]
    pairs = (zip(own, codes, strict=True) for own in different)
    return Names(chain.from_iterable(pairs), place_key)


def ambiguous_city(name: str, found: Iterable[str]) -> tuple[str, str]:
    """Say that several cities go by a name, and what to do."""
    message = msg("'{name}' may mean any of the cities {found}.", name=name, found=", ".join(found))
    return message, msg("Write the code of the city.")


def name_of(places: pd.DataFrame, city: str, lang: Lang) -> str:
    """Give a city's name in the language, else in another, else its code.

    ``places`` are the cities by code.
    """
    if city not in places.index:
        return city
    own = [f"name_{lang}", f"name_{SOURCE}"]
    others = [column for column in map(str, places.columns) if column.startswith("name_")]
    for column in dict.fromkeys([*own, *others]):
        name = places.at[city, column] if column in places.columns else ""
        if isinstance(name, str) and name:
            return name
    return city


def dates_of(cities: pd.DataFrame) -> Dates:
    """Give from when until when each place exists, as ISO dates; '' is no limit."""
    city, first, last = (cities[name].astype(str).tolist() for name in ("city", *DATES))
    return dict(zip(city, zip(first, last, strict=True), strict=True))


def existing(valid: Dates, codes: Iterable[str], period: str) -> tuple[str, ...]:
    """Give those of some places that exist at the end of a period.

    A place exists from ``valid_from`` to ``valid_to``, both included; an empty date is no limit,
    and a year or month as a date stands for all of it.
    """
    end = last_day(period)
    return tuple(
        code
        for code in codes
        if valid[code][0] <= end and (valid[code][1] or "9999") + "-99-99" >= end
    )


def cities_in_data(names: Iterable[str], file: str = "") -> tuple[pd.DataFrame, list[Problem]]:
    """Make the table of cities from their names in the data, where there is no cities.csv.

    Each distinct name is a city; two with the same file name are a problem, of ``file``.
    """
    cities = sorted(set(names))
    table = pd.DataFrame({"city": cities}, dtype=object)
    for column in TEXTS:
        table[column] = table["city"] if column.startswith("name") else ""
    for column in NUMBERS:
        table[column] = np.nan
    for column in (*DATES, "merged_into"):
        table[column] = ""
    table["slug"] = pd.Series(
        [own or slug(city) for own, city in zip(_in_our_letters(cities), cities, strict=True)],
        dtype=object,
    )
    return table, _file_names(table, file)


def read_cities(
    path: Path, data: Content, quantities: Iterable[str] = (), groups: Iterable[str] = ()
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read cities.csv from its content; problems name file, row and column.

    Gives a row for each city in the order of the file, with the columns ``COLUMNS``, those
    of ``quantities`` that the file has (numbers that indicators are divided by), texts in
    columns of one's own, and ``slug``, the name of the city's files: its code. A column whose
    name is close to one that is not in the file is taken for a slip, unless it is among the
    ``groups`` by which the framework compares cities. Texts that are not given are empty, a
    name that is not given is the other name or the code; numbers are NaN.
    """
    sheets, problems = read_sheets(path, data)
    if problems or not sheets:
        return pd.DataFrame(columns=[*COLUMNS, "slug"]), problems
    sheet = sheets[0]
    degrees = [name for name in DEGREES if name in map(plain, sheet.header)]
    numeric = [*NUMBERS, *degrees, *(name for name in quantities if name not in COLUMNS)]
    at, problems = _columns(sheet, (*COLUMNS, *numeric[len(NUMBERS) :]), frozenset(groups))
    n = len(sheet.rows)
    own: dict[str, pd.Series[Any]] = {}
    for column in dict.fromkeys((*COLUMNS, *numeric, *at)):
        cells = sheet.columns[at[column]] if column in at else None
        if column in numeric:
            if cells is not None or column in NUMBERS:
                own[column] = _quantity(sheet, column, cells, problems)
        else:
            own[column] = (constant("", n) if cells is None else tidied(cells)).astype(object)
    table = pd.DataFrame(own)
    for name in NAMES:
        for other in NAMES:
            table[name] = table[name].where(table[name] != "", table[other])
        table[name] = table[name].where(table[name] != "", table["city"])
    table["slug"] = table["city"]
    problems += _validity(sheet, table)
    if "city" in at:
        return table, [*problems, *_codes(sheet, table), *_mergers(sheet, table)]
    found = msg("the columns are {header}; expected a column city.", header=", ".join(sheet.header))
    return pd.DataFrame(columns=[*COLUMNS, "slug"]), [*problems, sheet.problem(found)]


def _columns(
    sheet: Sheet, known: tuple[str, ...], groups: frozenset[str]
) -> tuple[dict[str, int], list[Problem]]:
    names = Names((name, name) for name in known)
    meant = {name for header in sheet.header for name in names.find(header)}
    places = [] if "city" in meant else [h for h in sheet.header if plain(h) in _PLACES]
    if places:  # as a column of the data may be called: country, province
        first = min(places, key=lambda header: _PLACES.index(plain(header)))
        names = Names([*((name, name) for name in known), (first, "city")])
        meant.add("city")
    absent = [name for name in known if name not in meant]
    at: dict[str, int] = {}
    problems: list[Problem] = []
    for position, header in enumerate(sheet.header):
        if len(problems) == MOST_NAMED:
            problems.append(sheet.problem(and_more()))
            break
        found = names.find(header)
        own = header not in {"", "slug"} and (_is_name(header) or not nearest(header, absent))
        if not found and (own or header in groups):
            found = (header,)
        if len(found) != 1:
            message = msg("the column is unknown; expected {known}.", known=", ".join(known))
            problems.append(sheet.problem(message, did_you_mean(header, known), header))
        elif found[0] in at:
            message = msg("two columns are named {found}.", found=found[0])
            problems.append(sheet.problem(message, msg("Keep one of them."), header))
        else:
            at[found[0]] = position
    return at, problems


def _is_name(header: str) -> bool:
    """Whether a column has the names in a language: name_fr."""
    return header.startswith("name_") and exists(header.removeprefix("name_"))


def _quantity(
    sheet: Sheet, column: str, cells: pd.Series[Any] | None, problems: list[Problem]
) -> pd.Series[float]:
    """Read a column of quantities above 0, or of degrees, adding its problems."""
    if cells is None:
        return pd.Series(np.nan, index=range(len(sheet.rows)))
    numbers = Column(cells).read(suggested=sheet.decimal)
    problems += grouped(sheet, numbers.faults, column, numbers.others)
    least, most = DEGREES.get(column, (0.0, np.inf))
    wrong = (numbers.values < least) | (numbers.values > most)
    if column not in DEGREES:
        wrong |= numbers.values == 0

    def outside(at: int) -> Fault:
        return _outside(column, float(numbers.values[at])), msg("Leave it empty if unknown.")

    problems += rows_at_fault(sheet, np.flatnonzero(wrong), outside, column)
    signed = np.flatnonzero(numbers.percent)
    if signed.size:
        message = msg("found a percent sign; expected a quantity.")
        problems.append(sheet.problem_at(signed, message, msg("Write the number alone."), column))
    return pd.Series(numbers.values)


def _outside(column: str, value: float) -> str:
    """Say what a quantity of a city can be."""
    if column not in DEGREES:
        return msg("found {values}; expected a number above 0.", values=numeral(value))
    least, most = DEGREES[column]
    return msg(
        "found {values}; expected degrees from {least} to {most}.",
        values=numeral(value),
        least=numeral(least),
        most=numeral(most),
    )


def _codes(sheet: Sheet, table: pd.DataFrame) -> list[Problem]:
    problems: list[Problem] = []
    again = table["city"].duplicated(keep=False)
    wrong = ~table["city"].str.fullmatch(_CODE) | table["city"].str.fullmatch(_TAKEN)
    doubtful = table[again | wrong]
    named = doubtful["city"].unique()[:MOST_NAMED]
    if more := int((~doubtful["city"].isin(named)).sum()):
        found = msg("{n} more codes cannot be codes, or are given twice.", n=tally(more))
        problems.append(sheet.problem(found, "", "city"))
    chosen = doubtful[doubtful["city"].isin(named)]
    for code, rows in chosen.groupby("city", sort=False).groups.items():
        text = str(code)
        if fault := code_fault(text):
            problems.append(sheet.problem_at(rows, *fault, "city"))
        elif len(rows) > 1:
            message = msg("the code '{text}' is given {n} times.", text=text, n=len(rows))
            problems.append(sheet.problem_at(rows, message, msg("Give each city one row."), "city"))
    return problems or _file_names(table, sheet.file)


def code_fault(text: str) -> Fault | None:
    """What is wrong with the code of a city, and what to do; None where nothing is."""
    if not _CODE.fullmatch(text):
        message = msg(
            "found '{text}'; expected a code of letters A–Z, digits, '.', '_' and "
            "'-' that begins with a letter or digit and does not end with '.'.",
            text=text,
        )
        fix = msg("Put the name in {NAMES} and give the city a code.", NAMES=either(NAMES))
        return message, fix
    if _TAKEN.fullmatch(text):
        message = msg(
            "'{text}' cannot be a code: a file of this name means something else.", text=text
        )
        return message, msg("Choose another code.")
    return None


def _validity(sheet: Sheet, table: pd.DataFrame) -> list[Problem]:
    problems = []
    for column in DATES:
        table[column] = dates = table[column].str.removesuffix("T00:00:00")
        wrong = ~dates.str.fullmatch(_DATE) & (dates != "")

        def no_date(at: int, dates: pd.Series[Any] = dates) -> Fault:
            message = msg(
                "found '{table}'; expected a date such as 2025-07-01 or 2025-07.", table=dates[at]
            )
            return message, msg("Write year, month, day, or leave it empty.")

        problems += rows_at_fault(sheet, np.flatnonzero(wrong), no_date, column)
        table[column] = dates.mask(wrong, "")  # so that nothing else is made of them
    start, end = table["valid_from"], table["valid_to"]

    def turned(at: int) -> Fault:
        message = msg(
            "valid_from {start} is after valid_to {end}.",
            start=date_name(start[at], message_language()),
            end=date_name(end[at], message_language()),
        )
        return message, msg("Correct one of them.")

    after = np.flatnonzero((start > end) & (end != ""))
    return problems + rows_at_fault(sheet, after, turned, "valid_to")


def _mergers(sheet: Sheet, table: pd.DataFrame) -> list[Problem]:
    """Check that each merged city leads to one that exists, and not round in a circle."""
    cities, targets = table["city"].tolist(), table["merged_into"].tolist()
    into = dict(zip(cities, targets, strict=True))

    def unknown(at: int) -> Fault:
        message = msg(
            "found '{target}'; expected the code of a city in this file.", target=targets[at]
        )
        return message, did_you_mean(targets[at], into)

    def in_circle(at: int) -> Fault:
        way = [city := cities[at]]
        while (target := into[way[-1]]) != city:
            way.append(target)
        message = msg(
            "'{city}' is merged into itself, by way of {seen}.",
            city=city,
            seen=" → ".join(sorted(way)),
        )
        return message, msg("Name the city that exists after the merger.")

    circles = _in_circles(into)
    nowhere = [at for at, target in enumerate(targets) if target and target not in into]
    round_about = [at for at, city in enumerate(cities) if targets[at] and city in circles]
    return [
        *rows_at_fault(sheet, nowhere, unknown, "merged_into"),
        *rows_at_fault(sheet, round_about, in_circle, "merged_into"),
    ]


def _in_circles(into: Mapping[str, str]) -> set[str]:
    """Give the places that are merged into themselves, by way of others; each is gone to once."""
    circles: set[str] = set()
    seen: set[str] = set()
    for start in into:
        way: dict[str, None] = {}
        city = start
        while city and city not in seen and city not in way:
            way[city] = None
            city = into.get(city, "")
        if city in way:
            circles.update(dropwhile(city.__ne__, way))
        seen.update(way)
    return circles


def _file_names(table: pd.DataFrame, file: str = "") -> list[Problem]:
    """Check that every city has a file name of its own, whatever the file system."""
    names = pd.Series([name.casefold() for name in table["slug"].tolist()], dtype=object)
    taken = [name == "" or _TAKEN.fullmatch(name) is not None for name in names.tolist()]
    doubtful = names.duplicated(keep=False) | pd.Series(taken, dtype=bool)
    groups = table[doubtful].groupby(names[doubtful])
    fix = msg("If they are one city, spell it one way; else give each a code in a cities.csv.")

    def same(name: str, own: pd.DataFrame) -> Problem:
        cities = listed([f"'{city}'" for city in own["city"]], message_language())
        if not name or _TAKEN.fullmatch(name):
            message = msg("no file can be named after the city {cities}.", cities=cities)
        else:
            message = msg(
                "the files of {cities} would have the same name, {name}.", cities=cities, name=name
            )
        return Problem(message, fix, file, column="city")

    more = msg("{n} more names of cities give no file name of their own.")
    found = (same(str(name), own) for name, own in groups)
    return list(counted(found, more, groups.ngroups))
