"""What the headers of a table mean: fields of observations, indicators, and periods."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem, and_more, plain
from kpi_lib.io.cells.coded import coded, column_of
from kpi_lib.io.cells.numbers import MOST_NAMED, Column
from kpi_lib.io.cells.periods import marked_period
from kpi_lib.io.cells.units import spell
from kpi_lib.io.names import Names, tidy
from kpi_lib.io.tables.layouts import FindHeader, Header
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.locale.catalogue import msg
from kpi_lib.observations.column_map import ColumnMap, bare
from kpi_lib.observations.values import Known

DEMO = "demo"
"""The column that says which rows are made up."""
MULTIPLIER = "unit multiplier"
"""The column that says by which power of ten values are to be multiplied, as in SDMX."""

_WORDS = vocabulary(__package__)
_HOUSE: Mapping[str, str] = {
    plain(name): field for field, names in _WORDS["columns"].items() for name in (field, *names)
}
# Names that statistics offices, banks and the UN give to columns, the better ones first.
_PUBLISHERS: Mapping[str, tuple[str, int]] = {
    plain(name): (field, rank)
    for field, names in _WORDS["publishers"].items()
    for rank, name in enumerate(names)
}
_NO_VALUES = frozenset(plain(name) for name in _WORDS["no values"])
FIELDS = tuple(_WORDS["columns"])
_CODES = re.compile(rf".*\b(?:{any_of(_WORDS['codes'])})(?: \(.*)?")
_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NUMBER = re.compile(r"[-+]?[\d., ]+%?")
_A_PERIOD = r"(?P<period>[^\W_][^_]{3,20}?)"
_PERIOD_FIRST = re.compile(rf"{_A_PERIOD}[ _:,–-]+(?P<name>\D.*)")
_PERIOD_LAST = re.compile(rf"(?P<name>.*?)[ _:,–(\[-]+{_A_PERIOD}[)\]]?")
_PERIOD_SHORT = re.compile(rf"(?P<name>.*)[ _:,–(\[-]+{_A_PERIOD}[)\]]?")
_UNIT_BEHIND = re.compile(r"(?P<name>[^()\[\]]+?) ?[(\[](?P<unit>[^()\[\]]+)[)\]]")
_SEARCHED = 1000  # columns that are looked at for a header
_LONGEST = 300  # characters of a header
_ALIKE = 0.75  # how much of two names of columns agrees where one is a slip (difflib's ratio)
_TELLING = 5  # letters of a name that tells an indicator where it stands in a title
_SAMPLE = 1000  # rows by which a column is told to be one of numbers


@dataclass(frozen=True)
class ValueColumn:
    """A column of values: of an indicator, of a period, or of both; '' where rows say it."""

    position: int
    indicator: str = ""
    period: str = ""
    quality: str = ""


@dataclass
class Roles:
    """What the columns of a sheet are: fields by position, columns of values, and the rest."""

    at: dict[str, int] = field(default_factory=dict)
    values: list[ValueColumn] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def long(self) -> bool:
        """Whether each row holds one value."""
        return bool({"value", "numerator"} & set(self.at)) or (
            "indicator" in self.at and not any(one.period for one in self.values)
        )

    @property
    def is_table(self) -> bool:
        """Whether there are places and values."""
        return "city" in self.at and bool({"value", "numerator"} & set(self.at) or self.values)


def field_of(header: str) -> str:
    """Column of observations that a header means; '' for none."""
    return _HOUSE.get(plain(header), "")


def misspelt(headers: Iterable[str], fields: Collection[str]) -> str:
    """Ask whether a column of another name is meant for one of some fields: yeer for year."""
    names = [name for name, field in _HOUSE.items() if field in fields]
    asked = (
        msg("Is '{header}' meant to be '{name}'?", header=header, name=near[0])
        for header in headers
        if (near := get_close_matches(plain(header), names, 1, _ALIKE))
    )
    return next(asked, "")


def _meaning(header: str, told: ColumnMap) -> tuple[str, int]:
    """Field that a header means and how surely: 0 as it was told, 1 by name, 2 and up as others.

    '' for none. Publishers write REF_AREA as well as ``REF_AREA: Reference area``.
    """
    said = told.meaning(header)
    if said in (*FIELDS, MULTIPLIER):
        return said, 0
    if said:
        return "", 0
    name = bare(header)
    for text in dict.fromkeys([plain(header), name, _words(header), *map(str.strip, _parts(name))]):
        if text in _HOUSE:
            return _HOUSE[text], 1
        if text in _PUBLISHERS:
            own, rank = _PUBLISHERS[text]
            return own, 2 + rank
    return "", 0


def _words(header: str) -> str:
    """Take apart the words of a name: SeriesCode and SERIES_CODE are ``series code``."""
    return bare(_INNER_CAPITAL.sub(" ", header).replace("_", " "))


def _parts(name: str) -> list[str]:
    return [name.partition(mark)[0] for mark in (":", "\\", ".label") if mark in name]


def find_header(known: Known, told: ColumnMap) -> FindHeader:
    """Make what finds the header of a sheet: the first rows that name places and values best."""

    def worth(cells: Sequence[str], above: Sequence[str] = ()) -> tuple[int, bool]:
        fields, found = set(), 0
        periods = sum(bool(marked_period(text)[0]) for text in above[:_SEARCHED] if text)
        for text in cells[:_SEARCHED]:
            if not text or len(text) > _LONGEST:
                continue
            meant, _ = _meaning(text, told)
            if meant:
                fields.add(meant)
            elif marked_period(text)[0]:
                periods += 1
            elif known.names.find(told.meaning(text) or text) or _with_period(text, known):
                found += 1
            elif _NUMBER.fullmatch(text):
                found -= 1  # a row of the table, whose words happen to be known
        corner = "city" not in fields and periods > 1 and bool(cells) and not cells[0]
        if not corner and "city" not in fields:
            return 0, False
        total = len(fields) + found + periods
        return (total if total > 1 else 0), corner

    def find(texts: Sequence[Sequence[str]], across: Sequence[Sequence[str]]) -> Header:
        if told.header:
            at = min(told.header, len(texts)) - 1
            return Header(at, at, worth(texts[at])[1])
        best, most = Header(0, 0), 0
        for at, cells in enumerate(texts):
            value, corner = worth(cells)
            if value > most:
                best, most = Header(at, at, corner), value
            if at and texts[at] and any(across[at - 1]):
                both = [low or high for low, high in zip(across[at], across[at - 1], strict=True)]
                value, corner = worth(both, across[at - 1])
                if value > most and _is_text(cells):
                    best, most = Header(at - 1, at, corner), value
        return best

    return find


def _is_text(cells: Sequence[str]) -> bool:
    """Whether a row may be part of a header: it has no numbers but those of periods."""
    numbers = Column([text for text in cells if text and not marked_period(text)[0]]).read()
    return bool(np.isnan(numbers.values).all())


def roles_of(sheet: Sheet, known: Known, told: ColumnMap) -> Roles:
    """Find what each column of a sheet is."""
    roles = Roles()
    _fields(sheet, known, told, roles)
    wide = "value" not in roles.at and "numerator" not in roles.at
    over = sheet.over or ("",) * len(sheet.header)
    taken: dict[tuple[str, str], str] = {}
    for at in list(roles.others) if wide else []:
        header = sheet.header[at]
        column = _value_column(sheet, at, over[at], known, told, roles)
        if column is None:
            continue
        roles.others.remove(at)
        key = (column.indicator, column.period)
        if key in taken and len(roles.problems) >= MOST_NAMED:
            roles.problems.append(sheet.problem(and_more(), "", header))
            break
        if key in taken:
            message = msg(
                "the columns '{header_of}' and '{header}' both mean {found}.",
                header_of=taken[key],
                header=header,
                found=", ".join(filter(None, key)),
            )
            roles.problems.append(sheet.problem(message, msg("Keep one of them."), header))
        else:
            taken[key] = header
            roles.values.append(column)
    if any(one.period for one in roles.values):
        roles.others += [one.position for one in roles.values if not one.period]
        roles.values = [one for one in roles.values if one.period]
    return roles


def _fields(sheet: Sheet, known: Known, told: ColumnMap, roles: Roles) -> None:
    """Find the column of each field; two that were told or are ours are a problem."""
    meant: dict[str, list[tuple[int, int]]] = {}
    for at, header in enumerate(sheet.header):
        own, rank = _meaning(header, told)
        if told.ignores(header):
            continue
        if own:
            meant.setdefault(own, []).append((rank, at))
        elif not told.chooses(header):
            roles.others.append(at)
    for own, columns in meant.items():
        if min(columns)[0] <= 1:  # the code of an indicator may be a publisher's name: time
            named = [at for rank, at in columns if rank > 1 and known.names.find(sheet.header[at])]
            roles.others = sorted([*roles.others, *named])
            columns = [(rank, at) for rank, at in columns if at not in named]
        sure = [at for rank, at in columns if rank == min(columns)[0] <= 1]
        if own == "indicator" and len(sure) == 1 < len(columns) and min(columns)[0]:
            sure = []  # the UN has an Indicator beside its series
        for at in sure[1 : MOST_NAMED + 1]:
            found = msg(
                "the columns '{header}' and '{header_2}' both mean {field}.",
                header=sheet.header[sure[0]],
                header_2=sheet.header[at],
                field=own,
            )
            roles.problems.append(sheet.problem(found, msg("Keep one of them."), sheet.header[at]))
        if len(sure) > MOST_NAMED + 1:
            roles.problems.append(sheet.problem(and_more(), "", sheet.header[sure[0]]))
        roles.at[own] = sure[0] if sure else _best(sheet, own, columns, known)


def _best(sheet: Sheet, own: str, columns: list[tuple[int, int]], known: Known) -> int:
    """Choose among columns of one meaning: of indicators the one that the framework knows best."""
    ranked = [at for _, at in sorted(columns)]
    if own != "indicator" or len(ranked) == 1:
        return ranked[0]

    def known_share(at: int) -> float:
        _, distinct = coded(sheet.columns[at])
        return sum(bool(known.names.find(tidy(cell))) for cell in distinct[:_SAMPLE])

    return max(ranked, key=known_share)


def _value_column(
    sheet: Sheet, at: int, over: str, known: Known, told: ColumnMap, roles: Roles
) -> ValueColumn | None:
    header = sheet.header[at]
    said = told.meaning(header)
    written = (said, header, f"{over} {header}" if over else "", *_other_names(header, known))
    for text in filter(None, written):
        found = known.names.find(text)
        if len(found) > 1:
            message = msg("'{name}' may mean any of {codes}.", name=text, codes=", ".join(found))
            roles.problems.append(sheet.problem(message, msg("Write the code."), header))
            return ValueColumn(at)
        if found:
            period, quality = marked_period(over) if over else (None, "")
            if period is None or "period" in roles.at:
                return ValueColumn(at, found[0])
            return ValueColumn(at, found[0], period, quality)
    if "period" in roles.at:
        return None
    if both := _with_period(header, known):
        return ValueColumn(at, *both)
    period, quality = marked_period(header)
    if period is None:
        return None
    above = known.names.find(over) if over else ()
    return ValueColumn(at, above[0] if len(above) == 1 else "", period, quality)


def _other_names(header: str, known: Known) -> Iterator[str]:
    """Give a name without the unit behind it, where that is its own, and one that R has dotted."""
    if found := _UNIT_BEHIND.fullmatch(header):
        codes = known.names.find(found["name"])
        units = {spell(unit) for code in codes for unit in known.units(code)}
        if spell(found["unit"]) in units:
            yield found["name"]
    if "." in header and " " not in header:
        yield " ".join(header.replace(".", " ").split())


def _with_period(header: str, known: Known) -> tuple[str, str, str] | None:
    """Take apart a name of an indicator and a period: hdi_1990, 2019 Population, GDP (2020)."""
    for form in (_PERIOD_FIRST, _PERIOD_LAST, _PERIOD_SHORT):
        if len(header) <= _LONGEST and (parts := form.fullmatch(header)):
            period, quality = marked_period(parts["period"])
            found = known.names.find(parts["name"]) if period else ()
            if period and len(found) == 1:
                return found[0], period, quality
    return None


def tables_among(
    sheets: Sequence[Sheet], known: Known, told: ColumnMap
) -> tuple[list[Sheet], list[Sheet]]:
    """Give the sheets that hold observations, and those beside them that hold something else."""
    if len(sheets) < 2:
        return list(sheets), []
    tables = [sheet for sheet in sheets if roles_of(sheet, known, told).is_table]
    if not tables:
        tables = [s for s in sheets if any(_meaning(name, told)[0] for name in s.header)] or [
            *sheets[:1]
        ]
    chosen = set(map(id, tables))
    return tables, [sheet for sheet in sheets if id(sheet) not in chosen]


def of_whole_sheet(sheet: Sheet, known: Known, told: ColumnMap) -> str:
    """Code of the indicator that a whole sheet is of: as told, or by its name and titles."""
    if told.indicator:
        return next(iter(known.names.find(told.indicator)), "")
    for text in (*sheet.titles, sheet.name, Path(sheet.file).stem):
        found = known.names.find(text)
        if len(found) == 1:
            return found[0]
    said = f" {plain(' '.join(sheet.titles))} "
    named = [name for name in known.names.all if len(name) >= _TELLING and plain(name) in said]
    codes = {code for name in named for code in known.names.find(name)}
    if len(codes) == 1:
        return codes.pop()
    return next(iter(known.indicators)) if len(known.indicators) == 1 else ""


def unknown_columns(sheet: Sheet, roles: Roles, known: Known) -> Iterator[Problem]:
    """Say of the columns that mean nothing here that they are passed over.

    One of numbers is an error, as it may be an indicator whose name has a slip.
    """
    names = Names([(name, name) for name in (*FIELDS, *known.names.all)])
    passed: list[str] = []
    wrong = 0
    for done, at in enumerate(roles.others):
        header = sheet.header[at]
        if _holds_no_values(header):
            passed.append(header)
        elif _of_numbers(sheet.columns[at]):
            wrong += 1
            if wrong > MOST_NAMED:
                more = len(roles.others) - done
                yield sheet.problem(msg("{n} more columns are not looked at.", n=more), "", header)
                break
            yield sheet.problem(
                msg(
                    "the column of numbers is unknown; expected an indicator of {name}.",
                    name=known.framework.name,
                ),
                " ".join(
                    filter(
                        None,
                        [
                            names.nearest(header),
                            msg(
                                "If it is of no concern, name it under 'ignore:' (--columns; "
                                "columns= in Python)."
                            ),
                        ],
                    )
                ),
                header,
            )
        elif len(passed) < MOST_NAMED and (hint := names.nearest(header)):
            found = msg("the column is unknown and is not read.")
            yield replace(sheet.problem(found, hint, header), severity="warning")
        else:
            passed.append(header)
    if passed:
        found = msg("the columns {names} are not read.", names=", ".join(passed))
        yield replace(sheet.problem(found), severity="warning")


def _holds_no_values(header: str) -> bool:
    """Whether a column is known to hold no values: running numbers, codes, bounds."""
    names = {plain(header), bare(header), _words(header)}
    return bool(names & _NO_VALUES) or any(map(_CODES.fullmatch, names)) or _is_code(header)


def _is_code(header: str) -> bool:
    """Whether a header names the codes of an office: Code INSEE."""
    word, _, office = header.partition(" ")
    return plain(word) in _WORDS["codes"] and office.isalpha() and office.isupper()


def _of_numbers(cells: pd.Series[Any]) -> bool:
    values = Column(column_of(cells.array[:_SAMPLE])).read()
    faults = len(values.faults) + len(values.others)
    numbers = int(np.sum(~np.isnan(values.values)))
    return numbers > 0 and numbers >= faults
