"""What was printed of scores and ranks, to be held against what follows from the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.framework.model import Framework
from kpi_lib.io.cells.coded import as_texts, coded, texts
from kpi_lib.io.cells.numbers import Column, Fault
from kpi_lib.io.names import Names
from kpi_lib.io.tables.read import read_sheets
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.locale.catalogue import msg
from kpi_lib.observations.entries import Resolve, columns_of, duplicates, read_key
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
        at, faults = columns_of(sheet, (*KEY, "score"), ("rank", "note"))
        problems += faults
        rows, faults = _read(sheet, at, framework)
        problems += faults
        rows, faults = resolve(sheet, rows[rows["city"] != ""])
        problems += [*faults, *duplicates(sheet, rows, KEY)]
        tables.append(as_texts(rows[list(COLUMNS)]))
    table = pd.concat([each for each in tables if len(each)] or tables, ignore_index=True)
    return table.sort_values(list(KEY), ignore_index=True), problems


def _read(
    sheet: Sheet, at: Mapping[str, int], framework: Framework
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the rows that have a score of something in the framework, or a fault."""
    table, problems = read_key(sheet, at, KEY)
    table = table.assign(score=np.nan, rank=np.nan, half_step=np.nan)
    counts = np.full(len(table), "score" not in at)
    for name in [name for name in ("score", "rank") if name in at]:
        numbers = Column(sheet.columns[at[name]]).read()
        table[name] = numbers.values
        problems += grouped(sheet, numbers.faults, name, numbers.others)
        if name == "score":
            counts |= table[name].notna().to_numpy()
            given = np.flatnonzero(table[name].notna())
            steps = np.full(len(table), np.nan)
            steps[given] = numbers.half_steps(given)
            table["half_step"] = steps
            counts[[*numbers.faults, *numbers.others]] = True
    odd = table["rank"].notna() & ~((table["rank"] >= 1) & (table["rank"] % 1 == 0))

    def no_rank(row: int) -> Fault:
        value = format(table["rank"].iloc[row], "g")
        message = msg("found {value}; expected a rank: 1, 2, 3 and on.", value=value)
        return message, msg("Correct it, or leave the cell empty.")

    problems += rows_at_fault(sheet, np.flatnonzero(odd), no_rank, "rank")
    known, faults = _known(sheet, table, framework)
    problems += faults
    return known[counts & ((known["code"] != "") | ("code" not in at))], problems


def _known(
    sheet: Sheet, table: pd.DataFrame, framework: Framework
) -> tuple[pd.DataFrame, list[Problem]]:
    """Find the codes of the framework, '' for others: a file may hold those of other versions."""
    names = Names((code, code) for code in framework.nodes)
    codes, distinct = coded(table["code"])
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
    problems = [replace(one, severity="warning") for one in told]
    return table.assign(code=texts(codes, meant)), problems
