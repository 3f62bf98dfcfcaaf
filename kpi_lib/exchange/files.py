"""Observations from files as people send them: tables, and forms that agencies filled in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kpi_lib.errors import InputError, Problem
from kpi_lib.exchange.form.layout import is_form
from kpi_lib.exchange.form.marker import Together
from kpi_lib.exchange.form.read import read_form
from kpi_lib.framework.model import Framework
from kpi_lib.io.layouts import FindHeader
from kpi_lib.io.limits import check_archive
from kpi_lib.io.sheet import Sheet
from kpi_lib.observations import read
from kpi_lib.observations.column_map import Columns, Where
from kpi_lib.observations.read import Observations, sheets_of_table
from kpi_lib.observations.sources import Paths


def read_observations(
    path: Paths,
    framework: Framework,
    cities: str | Path | None = None,
    columns: Columns | None = None,
    where: Where = (),
) -> Observations:
    """Read and check observations in long or wide form, or in forms that were filled in.

    ``path`` is a CSV, XLSX or Parquet file, a folder of them, or several; ``cities`` a cities
    file where it is not ``cities*.csv`` beside the data. ``columns`` (a YAML file or a mapping)
    says what cannot be guessed of the tables, ``where`` which rows count (``"sex=all"``).
    Raises ``InputError`` with every error of every file; warnings are in the result.
    """
    observations, problems = examine(path, framework, cities, columns, where)
    if observations is None:
        raise InputError([problem for problem in problems if problem.severity == "error"])
    return observations


def examine(
    path: Paths,
    framework: Framework,
    cities: str | Path | None = None,
    columns: Columns | None = None,
    where: Where = (),
) -> tuple[Observations | None, list[Problem]]:
    """Read and check observations; give all problems, and None where any is an error."""
    together = Together()

    def sheets_of(
        file: Path, content: bytes, framework: Framework, find: FindHeader
    ) -> tuple[list[Sheet], list[Problem]]:
        """Read the tables of a form by its cells, those of any other file as they stand."""
        if content.startswith(b"PK"):
            try:
                check_archive(str(file), content)
            except InputError as error:
                return [], list(error.problems)
        if is_form(content):
            return read_form(file, content, framework, together)
        return sheets_of_table(file, content, framework, find)

    observations, problems = read.examine(path, framework, cities, sheets_of, columns, where)
    given = set() if observations is None else set(observations.table["indicator"])
    missing = together.missing(given)
    if observations is not None and missing:
        observations = replace(observations, warnings=(*observations.warnings, *missing))
    return observations, [*problems, *missing]
