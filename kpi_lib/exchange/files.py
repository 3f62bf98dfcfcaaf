"""Observations from files as people send them: tables, and forms that agencies filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from kpi_lib.errors import InputError, Problem
from kpi_lib.exchange.form.layout import PART, copied_heading, is_form
from kpi_lib.exchange.form.marker import Together
from kpi_lib.exchange.form.read import read_form
from kpi_lib.framework.load import Named, load_framework
from kpi_lib.framework.model import Framework
from kpi_lib.io.cells.marks import ASKED
from kpi_lib.io.cells.numbers import ALONE
from kpi_lib.io.limits import check_archive
from kpi_lib.io.tables.frames import Content
from kpi_lib.io.tables.layouts import FindHeader, Header
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.observations import read
from kpi_lib.observations.column_map import Columns, Where
from kpi_lib.observations.read import Observations, sheets_of_table
from kpi_lib.observations.sources import Paths


def read_observations(
    data: Paths | pd.DataFrame,
    framework: Named,
    cities: str | Path | pd.DataFrame | None = None,
    columns: Columns | None = None,
    where: Where = (),
) -> Observations:
    """Read and check observations in long or wide form, or in forms that were filled in.

    Parameters
    ----------
    data
        A CSV, XLSX or Parquet file, a folder of them, several of either, or a DataFrame. Levels
        of a DataFrame's index that have a name are columns.
    framework
        A framework, or what :func:`kpi_lib.load_framework` takes.
    cities
        The table of cities: a file where it is not ``cities*.csv`` beside the data, or a
        DataFrame with the same columns.
    columns
        What cannot be guessed of the tables, as a YAML file or a mapping.
    where
        Which rows count (``"sex=all"``).

    Returns
    -------
    Observations
        Free of errors; warnings are in it.

    Raises
    ------
    InputError
        With every error of every table: by file, sheet, row and column, or in a DataFrame by the
        row's label and column.
    """
    observations, problems = examine(data, load_framework(framework), cities, columns, where)
    if observations is None:
        raise InputError([problem for problem in problems if problem.severity == "error"])
    return observations


def examine(
    data: Paths | pd.DataFrame,
    framework: Framework,
    cities: str | Path | pd.DataFrame | None = None,
    columns: Columns | None = None,
    where: Where = (),
) -> tuple[Observations | None, list[Problem]]:
    """Read and check observations; give all problems, and None where any is an error."""
    together = Together()

    def sheets_of(
        file: Path, content: Content, framework: Framework, find: FindHeader
    ) -> tuple[list[Sheet], list[Problem]]:
        """Read the tables of a form by its cells, any other as they stand."""
        if isinstance(content, pd.DataFrame):
            return sheets_of_table(file, content, framework, find)
        if content.startswith(b"PK"):
            try:
                check_archive(str(file), content)
            except InputError as error:
                return [], list(error.problems)
        if is_form(content):
            return read_form(file, content, framework, together)
        copied: list[bool] = []

        def watching(texts: Sequence[Sequence[str]], across: Sequence[Sequence[str]]) -> Header:
            copied.append(copied_heading(texts))
            return find(texts, across)

        tables = sheets_of_table(file, content, framework, watching)
        return ([], [_copied(str(file), content)]) if any(copied) else tables

    observations, problems = read.examine(data, framework, cities, sheets_of, columns, where)
    problems = [_as_in_a_form(problem) for problem in problems]
    given = set() if observations is None else set(observations.table["indicator"].unique())
    missing = together.missing(given)
    if observations is not None and missing:
        observations = replace(observations, warnings=(*observations.warnings, *missing))
    return observations, [*problems, *missing]


def _copied(file: str, content: bytes) -> Problem:
    """Say that a table is a form without its hidden sheet."""
    found = (
        msg("this is a form whose sheet was copied into another workbook.")
        if content.startswith(b"PK")
        else msg("this is a form that was saved as CSV.")
    )
    return Problem(found, msg("Give the form itself, the .xlsx that was filled in."), file)


def _as_in_a_form(problem: Problem) -> Problem:
    """Put what an agency can do in place of what a file of columns would say."""
    if not problem.cell or problem.fix not in map(msg, (ASKED, ALONE)):
        return problem
    fix = msg(
        "Write one number; without data, leave the cell empty and choose the reason under {note}; "
        "if there is none of it, write 0.",
        note=PART["note"].heading(message_language()),
    )
    return replace(problem, fix=fix)
