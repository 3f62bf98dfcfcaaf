"""Tables of a fixed form that lie beside the data: evidence, and what was published."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem, and_more, did_you_mean
from kpi_lib.io.cells.coded import constant, key_of, repeats, tidied
from kpi_lib.io.cells.numbers import MOST_NAMED
from kpi_lib.io.cells.periods import read_column
from kpi_lib.io.names import Names
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.locale.catalogue import msg
from kpi_lib.observations.faults import counted, grouped

Resolve = Callable[[Sheet, pd.DataFrame], tuple[pd.DataFrame, list[Problem]]]
"""Puts the code of each city in place of its name; rows of unknown cities fall out."""


def columns_of(
    sheet: Sheet, needed: Sequence[str], others: Sequence[str] = ("note",)
) -> tuple[dict[str, int], list[Problem]]:
    """Find the position of each column of a table; one that is needed and absent is a problem."""
    names = Names((name, name) for name in (*needed, *others))
    at: dict[str, int] = {}
    problems: list[Problem] = []
    for position, header in enumerate(sheet.header):
        if len(problems) == MOST_NAMED:
            problems.append(sheet.problem(and_more()))
            break
        found = names.find(header)
        if len(found) != 1:
            message = msg(
                "the column is unknown; expected {columns} and {last}.",
                columns=", ".join((*needed, *others)[:-1]),
                last=others[-1],
            )
            problems.append(sheet.problem(message, did_you_mean(header, names.all), header))
        elif found[0] in at:
            message = msg("two columns are named {found}.", found=found[0])
            problems.append(sheet.problem(message, msg("Keep one of them."), header))
        else:
            at[found[0]] = position
    if not all(name in at for name in needed):
        message = msg(
            "the columns are {header}; expected {columns}.",
            header=", ".join(sheet.header),
            columns=", ".join(needed),
        )
        problems.append(sheet.problem(message))
    return at, problems


def read_key(
    sheet: Sheet, at: Mapping[str, int], key: Sequence[str]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the columns that say what a row is about, with the ``position`` of each row.

    A column that is absent is '' in every row: its absence is a problem already.
    """
    n = len(sheet.rows)
    table = pd.DataFrame({"position": np.arange(n)})
    problems = []
    for name in key:
        table[name] = constant("", n)
        if name not in at:
            continue
        cells = sheet.columns[at[name]]
        table[name] = tidied(cells)
        if len(empty := np.flatnonzero(table[name] == "")):
            problems.append(sheet.problem_at(empty, msg("the cell is empty."), "", name))
        if name == "period":
            table[name], _, faults, others = read_column(cells)
            problems += grouped(sheet, faults, name, others)
    return table, problems


def duplicates(sheet: Sheet, rows: pd.DataFrame, key: Sequence[str]) -> list[Problem]:
    """Make a problem of each entry that is given more than once; ``position`` says where.

    Rows that could not be read ('' in a column of ``key``) are compared with none.
    """
    rows = rows[(rows[list(key)] != "").all(axis=1)]
    again = pd.Series(repeats(key_of(rows, key)), index=rows.index)
    groups = rows[again].groupby(list(key), observed=True)

    def given_again(named: tuple[Hashable, ...], group: pd.DataFrame) -> Problem:
        return sheet.problem_at(
            group["position"].astype(int).tolist(),
            msg("{entry} is given more than once.", entry=", ".join(map(str, named))),
            msg("Keep one of them."),
        )

    more = msg("{n} more entries are given more than once.")
    return list(counted((given_again(*one) for one in groups), more, groups.ngroups))
