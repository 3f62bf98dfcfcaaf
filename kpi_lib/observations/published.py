"""What was printed of scores and ranks, to be held against what follows from the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.framework.model import Framework
from kpi_lib.io.cells.coded import objects
from kpi_lib.io.cells.numbers import Column, Fault
from kpi_lib.io.cells.periods import read_periods
from kpi_lib.io.names import Names, tidy
from kpi_lib.io.tables.read import read_sheets
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.locale.catalogue import msg
from kpi_lib.observations.entries import Resolve, columns_of, duplicates, empty_cells
from kpi_lib.observations.faults import at_fault, grouped, rows_at_fault

KEY = ("city", "period", "code")
COLUMNS = (*KEY, "score", "rank", "half_step")


def nothing_published() -> pd.DataFrame:
    """An empty table of what was published."""
    types = {name: str if name in KEY else float for name in COLUMNS}
    return pd.DataFrame({name: pd.Series(dtype=of) for name, of in types.items()})


def read_published(
    path: Path, data: bytes, framework: Framework, resolve: Resolve
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read published scores and ranks from the content of a CSV, XLSX or Parquet file.

    A row for each ``city, period, code`` with ``score`` and, where it was printed, ``rank``;
    ``code`` is ``TOTAL`` or that of a group or an indicator of the framework. ``half_step`` is
    half a unit of the last digit that was printed of the score (0.05 for 31.5). Problems name
    sheet, row and column.
    """
    sheets, problems = read_sheets(path, data)
    tables = [nothing_published()]
    for sheet in sheets:
        rows, faults = _read(sheet, framework)
        problems += faults
        rows, faults = resolve(sheet, rows[rows["city"] != ""])
        problems += [*faults, *duplicates(sheet, rows, KEY)]
        tables.append(rows[list(COLUMNS)])
    table = pd.concat([each for each in tables if len(each)] or tables, ignore_index=True)
    return table.sort_values(list(KEY), ignore_index=True), problems


def _read(sheet: Sheet, framework: Framework) -> tuple[pd.DataFrame, list[Problem]]:
    at, problems = columns_of(sheet, (*KEY, "score"), ("rank", "note"))
    if not at:
        return nothing_published().assign(position=[]), problems
    texts = pd.DataFrame({name: [tidy(cell) for cell in sheet.columns[at[name]]] for name in KEY})
    problems += empty_cells(sheet, texts, KEY)
    periods, faults = read_periods(list(sheet.columns[at["period"]]))
    problems += rows_at_fault(sheet, list(faults), faults.__getitem__, "period")
    table = texts.assign(period=periods, position=np.arange(len(texts)), rank=np.nan)
    for name in ("score", "rank"):
        if name not in at:
            continue
        numbers = Column(sheet.columns[at[name]]).read()
        table[name] = numbers.values
        problems += grouped(sheet, numbers.faults, name, numbers.others)
        if name == "score":
            table["half_step"] = [
                numbers.half_step(row) if there else np.nan
                for row, there in enumerate(table[name].notna())
            ]
    odd = table["rank"].notna() & ~((table["rank"] >= 1) & (table["rank"] % 1 == 0))

    def no_rank(row: int) -> Fault:
        value = format(table["rank"].iloc[row], "g")
        message = msg("found {value}; expected a rank: 1, 2, 3 and on.", value=value)
        return message, msg("Correct it, or leave the cell empty.")

    problems += rows_at_fault(sheet, np.flatnonzero(odd), no_rank, "rank")
    return _known(sheet, table, framework, problems)


def _known(
    sheet: Sheet, table: pd.DataFrame, framework: Framework, problems: list[Problem]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Keep the codes of the framework; a file may hold those of other versions as well."""
    names = Names((code, code) for code in framework.nodes)
    codes, distinct = pd.factorize(table["code"])
    meant = [found[0] if len(found := names.find(str(text))) == 1 else "" for text in distinct]

    def unknown(at: int) -> Fault:
        message = msg(
            "'{code}' is not a code of {name}; what was published of it is not compared.",
            code=distinct[at],
            name=framework.name,
        )
        return message, names.nearest(str(distinct[at]))

    others = [at for at, code in enumerate(meant) if distinct[at] and not code]
    told = at_fault(sheet, codes, others, unknown, "code")
    problems += [replace(one, severity="warning") for one in told]
    table = table.assign(code=objects(meant)[codes])
    return table[(table["code"] != "") & table["score"].notna()], problems
