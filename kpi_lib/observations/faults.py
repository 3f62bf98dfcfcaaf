"""Problems of many cells: the first hundred by name, the others counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from kpi_lib.errors import Problem
from kpi_lib.io.cells.numbers import MOST_NAMED, Fault
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import tally

Ints = npt.NDArray[np.intp]
FaultOf = Callable[[int], Fault]
"""From a cell or row at fault: what was found and expected, and what to do."""


def grouped(
    sheet: Sheet, faults: Mapping[int, Fault], column: str, others: Ints | None = None
) -> list[Problem]:
    """Make one problem of each distinct fault of a column, the first hundred by name.

    ``others`` are positions of cells that cannot be read either.
    """
    positions: dict[Fault, list[int]] = {}
    for position, fault in faults.items():
        positions.setdefault(fault, []).append(position)
    listed = list(positions.items())
    problems = [sheet.problem_at(at, *fault, column=column) for fault, at in listed[:MOST_NAMED]]
    rest = [at for _, rows in listed[MOST_NAMED:] for at in rows]
    rest += [] if others is None else others.tolist()
    if rest:
        found = msg("{n} more cells cannot be read.", n=tally(len(rest)))
        problems.append(sheet.problem_at(rest, found, "", column))
    return problems


def at_fault(
    sheet: Sheet, codes: npt.NDArray[Any], wrong: Sequence[int], fault_of: FaultOf, column: str
) -> list[Problem]:
    """Make a problem of each of the first hundred cells at fault, and one that counts the others.

    ``codes`` says of each row which of the distinct cells it has, ``wrong`` which of these are at
    fault; only the faults that are named are put into words.
    """
    problems = [
        sheet.problem_at(np.flatnonzero(codes == code), *fault_of(code), column=column)
        for code in wrong[:MOST_NAMED]
    ]
    others = np.flatnonzero(np.isin(codes, wrong[MOST_NAMED:]))
    return problems + (grouped(sheet, {}, column, others) if others.size else [])


def rows_at_fault(
    sheet: Sheet, rows: npt.ArrayLike, fault_of: FaultOf, column: str
) -> list[Problem]:
    """Make a problem of each of the first hundred rows at fault, and one that counts the others."""
    wrong = np.asarray(rows, dtype=np.intp).tolist()
    return at_fault(sheet, np.arange(len(sheet.rows)), wrong, fault_of, column)


def counted(problems: Iterable[Problem], more: str, total: int) -> Iterator[Problem]:
    """Give the first hundred problems of a kind, and one that counts the others.

    ``more`` says of ``{n}`` what the others are; ``total`` is how many there are in all.
    """
    last = None
    for last in islice(problems, MOST_NAMED):
        yield last
    if last is not None and total > MOST_NAMED:
        found = more.format(n=tally(total - MOST_NAMED))
        yield replace(last, message=found, fix="", row=None, cell="", also=())
