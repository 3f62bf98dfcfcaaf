"""Evidence for the criteria of a maturity scheme: met or not met, and by which document."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem, plain
from kpi_lib.io.cells.coded import as_texts, coded, constant, tidied
from kpi_lib.io.cells.numbers import Fault
from kpi_lib.io.tables.read import read_sheets
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.io.vocabulary import vocabulary
from kpi_lib.locale.catalogue import SOURCE, languages, msg, tr_in
from kpi_lib.observations.entries import Resolve, columns_of, duplicates, read_key
from kpi_lib.observations.faults import at_fault, rows_at_fault

KEY = ("city", "period", "criterion")
COLUMNS = (*KEY, "met", "document")

_MEANINGS = {
    plain(said): key == "met" for key in ("met", "not met") for said in vocabulary(__package__)[key]
}


def _others() -> str:
    """How other languages say met and not met, in brackets."""
    said = [
        tr_in(lang, "evidence", "met") + ", " + tr_in(lang, "evidence", "not met")
        for lang in languages()
        if lang != SOURCE
    ]
    return f" ({'; '.join(said)})" if said else ""


def no_evidence() -> pd.DataFrame:
    """An empty table of evidence."""
    empty = {name: pd.Series(dtype=bool if name == "met" else str) for name in COLUMNS}
    return pd.DataFrame(empty)


def read_evidence(
    path: Path, data: bytes, resolve: Resolve | None = None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read entries of evidence from the content of a CSV, XLSX or Parquet file.

    A row for each ``city, period, criterion`` with ``met`` (met or not met)
    and ``document``, the document that proves it. An entry holds from its period on until a
    later one of the same city and criterion. Problems name sheet, row and column; a criterion
    that is met without a document is one.
    """
    sheets, problems = read_sheets(path, data)
    tables = [no_evidence()]
    for sheet in sheets:
        at, faults = columns_of(sheet, COLUMNS)
        problems += faults
        rows, faults = _read(sheet, at)
        problems += faults
        if resolve is not None:
            rows, faults = resolve(sheet, rows[rows["city"] != ""])
            problems += faults
        problems += duplicates(sheet, rows, KEY)
        tables.append(as_texts(rows[list(COLUMNS)]))
    table = pd.concat(tables, ignore_index=True).astype({"met": bool})
    return table.sort_values(["city", "criterion", "period"], ignore_index=True), problems


def _read(sheet: Sheet, at: Mapping[str, int]) -> tuple[pd.DataFrame, list[Problem]]:
    table, problems = read_key(sheet, at, KEY)
    for name in ("met", "document"):
        table[name] = tidied(sheet.columns[at[name]]) if name in at else constant("", len(table))
    said, distinct = coded(table["met"])
    meanings = [_MEANINGS.get(plain(text)) for text in distinct]
    is_met = np.array([bool(meaning) for meaning in meanings], dtype=np.bool_)[said]

    def neither(at: int) -> Fault:
        found = msg(
            "found '{met}'; expected met or not met{others}.",
            met=distinct[at],
            others=_others(),
        )
        return found, ""

    def without(row: int) -> Fault:
        found = msg("{criterion} is met without a document.", criterion=table["criterion"][row])
        return found, msg("Name the document that proves it; without evidence it is not met.")

    if "met" in at:
        odd = [each for each, meaning in enumerate(meanings) if meaning is None]
        problems += at_fault(sheet, said, odd, neither, "met")
    if "document" in at:
        unproved = np.flatnonzero(is_met & (table["document"] == "").to_numpy())
        problems += rows_at_fault(sheet, unproved, without, "document")
    return table.assign(met=is_met), problems
