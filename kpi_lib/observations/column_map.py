"""What cannot be guessed of a table: which column is what, and which rows count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kpi_lib.errors import InputError, Problem, did_you_mean, plain
from kpi_lib.io.cells.coded import coded
from kpi_lib.io.cells.marks import BOUNDS
from kpi_lib.io.cells.periods import EXPECTED, read_period
from kpi_lib.io.names import tidy
from kpi_lib.io.paths import find
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.io.yaml import Lines, line_of, read_yaml
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.observations.faults import counted

_KEYS = ("columns", "ignore", "header", "decimal", "where", "period", "indicator", "bounds")

Columns = str | Path | Mapping[str, Any]
Where = str | Sequence[str]


@dataclass(frozen=True, repr=False)
class ColumnMap(Displayed):
    """How to read tables where their headers do not say it.

    ``columns``: what a header means, a field of observations (city) or an indicator; ``ignore``:
    headers that are passed over; ``header``: the row number of the header, 0 where it is
    searched; ``decimal``: the decimal mark; ``where``: by header, the cells of the rows that count
    (a header with '!' at its end: of those that do not); ``period`` and ``indicator``: those of a
    table that has no column for them; ``bounds``: how <0.1 counts (half, edge, missing).
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    header: int = 0
    decimal: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    period: str = ""
    indicator: str = ""
    bounds: str = ""

    def meaning(self, header: str) -> str:
        """What the file says that a header means; '' where it does not say."""
        return self.columns.get(bare(header), "")

    def ignores(self, header: str) -> bool:
        """Whether a column is to be passed over."""
        return bare(header) in self._ignored

    def chooses(self, header: str) -> bool:
        """Whether rows are chosen by a column."""
        return bare(header) in self._choosing

    @cached_property
    def _ignored(self) -> frozenset[str]:
        return frozenset(self.ignore)

    @cached_property
    def _choosing(self) -> frozenset[str]:
        return frozenset(map(_chosen, self.where))


AS_IT_IS = ColumnMap()
"""Nothing is said of the columns."""


def bare(header: str) -> str:
    """A header as it is compared: ``[Sex]`` is ``sex``."""
    return plain(header).strip("[]() ")


def _chosen(header: str) -> str:
    return header.removesuffix("!").strip()


def read_columns(given: Columns | None, where: Where = ()) -> ColumnMap:
    """Read what was said of columns: a YAML file or a mapping, and choices such as ``sex=``.

    Raises :class:`InputError` for what is no such file or mapping, by line.
    """
    own = AS_IT_IS if given is None else _read(given)
    chosen = dict(own.where)
    for text in [where] if isinstance(where, str) else where:
        header, equals, cell = text.partition("=")
        if not equals or not header.strip():
            raise InputError(
                msg("found '{text}'; expected a column and its cell, as in sex=all.", text=text)
            )
        chosen[_bare_choice(header)] = (tidy(cell),)
    return replace(own, where=chosen)


def _bare_choice(header: str) -> str:
    text = header.strip()
    return f"{bare(text[:-1])}!" if text.endswith("!") else bare(text)


def _read(given: Columns) -> ColumnMap:
    lines: Lines = {}
    data: Any = given
    path = find(given) if isinstance(given, str | Path) else None
    if path is not None:
        data, lines = read_yaml(path)

    def fault(key: str, found: Any, expected: str, fix: str = "") -> InputError:
        where = msg("line {line}: ", line=line_of((key,), lines)) if path else ""
        said = msg(
            "{where}{key}: found {found}; expected {expected}.",
            where=where,
            key=key,
            found=repr(found)[:80],
            expected=expected,
        )
        return InputError(Problem(said, fix, str(path or "")))

    if not isinstance(data, Mapping):
        raise fault("columns", data, msg("the keys {keys}", keys=", ".join(_KEYS)))
    for key in data:
        if key not in _KEYS:
            expected = msg("the keys {keys}", keys=", ".join(_KEYS))
            raise fault(str(key), key, expected, did_you_mean(str(key), _KEYS))
    columns, where = (data.get(key) or {} for key in ("columns", "where"))
    for key, value in (("columns", columns), ("where", where)):
        if not isinstance(value, Mapping):
            raise fault(key, value, msg("a mapping of headers"))
    header = data.get("header") or 0
    if not isinstance(header, int) or isinstance(header, bool) or header < 0:
        raise fault("header", header, msg("the number of a row"))
    decimal, bounds = tidy(data.get("decimal")), tidy(data.get("bounds"))
    if decimal not in ("", ".", ","):
        raise fault("decimal", decimal, "'.' or ','")
    if bounds not in ("", *BOUNDS):
        raise fault("bounds", bounds, ", ".join(BOUNDS), did_you_mean(bounds, BOUNDS))
    period = tidy(data.get("period"))
    if period and read_period(period) is None:
        raise fault("period", period, msg(EXPECTED))
    return ColumnMap(
        {bare(tidy(name)): tidy(meant) for name, meant in columns.items()},
        tuple(bare(text) for text in _several(data.get("ignore"))),
        header,
        decimal,
        {_bare_choice(tidy(name)): _several(cells) for name, cells in where.items()},
        read_period(period) or "",
        tidy(data.get("indicator")),
        bounds,
    )


def _several(value: Any) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(tidy(one) for one in value)
    return () if value is None else (tidy(value),)


def chosen_rows(
    sheet: Sheet, told: ColumnMap, fields: Mapping[str, int]
) -> tuple[Sheet, list[Problem]]:
    """Give the rows that the choices of cells leave; ``fields`` are the positions of fields."""
    kept = np.ones(len(sheet.rows), dtype=np.bool_)
    headers = {bare(header): at for at, header in reversed([*enumerate(sheet.header)])}
    positions = {**fields, **headers}
    absent = [name for name in map(_chosen, told.where) if name not in positions]
    found = (_no_column(sheet, name) for name in absent)
    more = msg("{n} more columns to choose rows by are not there.")
    problems = list(counted(found, more, len(absent)))
    for choice, chosen in told.where.items():
        at, wanted = positions.get(_chosen(choice)), {plain(one) for one in chosen}
        if at is None:
            continue
        codes, distinct = coded(sheet.columns[at])
        texts = [plain(tidy(cell)) for cell in distinct]
        fits = np.array([text in wanted for text in texts], dtype=np.bool_)
        if not fits.any():
            said = msg("no row has '{wanted}' here.", wanted=", ".join(chosen))
            listed = [tidy(cell) or "''" for cell in distinct[:10]]
            fix = msg("Choose one of: {listed}.", listed=", ".join(listed))
            problems.append(sheet.problem(said, fix, sheet.header[at]))
            continue
        rows = fits[codes]
        kept &= ~rows if choice.endswith("!") else rows
    return (sheet if kept.all() else sheet.only(kept)), problems


def _no_column(sheet: Sheet, name: str) -> Problem:
    found = msg("there is no column '{name}' to choose rows by.", name=name)
    return sheet.problem(found, did_you_mean(name, sheet.header))
