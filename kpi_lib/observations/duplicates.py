"""What is given twice, or may be: one financial year under two names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.io.cells.coded import coded, key_of, repeats
from kpi_lib.io.cells.numbers import MOST_NAMED
from kpi_lib.io.cells.periods import kind, named_by_one_year
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import tally

Place = tuple[str, str, int]
"""File, sheet and row."""


def duplicates(
    rows: pd.DataFrame, splits: Sequence[str], sheets: Mapping[tuple[str, str], Sheet]
) -> list[Problem]:
    """Find what is given twice: one problem for each pair of rows.

    ``splits`` are columns that are not read, by which rows may differ; ``sheets`` are those of the
    rows, by file and name.
    """
    fix = msg("Keep one of them.")
    if splits:
        fix = msg(
            "Keep one of them, or choose rows by a column that tells them apart: "
            "--where '{column}=…' ({columns}).",
            column=splits[0],
            columns=", ".join(dict.fromkeys(splits)),
        )
    key = ["city", "period", "indicator"]
    at = key_of(rows, key)
    again = repeats(at)
    if not again.any():
        return []
    total = int(pd.Series(at[again]).duplicated().sum())
    chosen = np.isin(at, pd.unique(at[again])[:MOST_NAMED])
    twice = rows[again & chosen].groupby(key, sort=False, observed=True).head(MOST_NAMED)
    pairs: dict[tuple[Place, Place], list[str]] = {}
    for _, group in twice.groupby(key, sort=False, observed=True):
        first, *others = _places(group)
        for other in others:
            pairs.setdefault((first, other), []).append(str(group["indicator"].iloc[0]))
    named = zip(_places(twice), twice["city"], twice["period"], strict=True)
    about = {place: f"{city}, {period}" for place, city, period in named}
    problems = list(_whole_tables(pairs, rows))
    for (first, other), codes in pairs.items():
        file, sheet, row = first
        where = "" if file == other[0] else msg(" of {file}", file=file)
        where += (
            "" if (file, sheet) == other[:2] or not sheet else msg(", sheet '{sheet}'", sheet=sheet)
        )
        more = msg(" and {n} more", n=len(codes) - 1) if len(codes) > 1 else ""
        problems.append(
            Problem(
                msg(
                    "{about}, {codes}{more} is already given in row {row}{where}.",
                    about=about[other],
                    codes=codes[0],
                    more=more,
                    row=sheets[file, sheet].label(row) or row,
                    where=where,
                ),
                fix,
                *other,
                label=sheets[other[:2]].label(other[2]),
            )
        )
    if len(problems) > MOST_NAMED or total >= len(twice):
        found = msg("{n} rows in all repeat another row.", n=tally(total))
        last = replace(problems[0], message=found, sheet="", row=None, label="")
        problems = [*problems[:MOST_NAMED], last]
    return problems


def _whole_tables(
    pairs: dict[tuple[Place, Place], list[str]], rows: pd.DataFrame
) -> Iterator[Problem]:
    """Find tables of which another file gives every row, such as a form that was sent twice.

    Takes their pairs out: one problem says it of all.
    """
    tables: dict[tuple[tuple[str, str], tuple[str, str]], list[tuple[Place, Place]]] = {}
    for first, other in pairs:
        if first[0] != other[0]:
            tables.setdefault((first[:2], other[:2]), []).append((first, other))
    for ((file, sheet), (own, name)), twice in tables.items():
        there = rows[(rows["file"] == own) & (rows["sheet"] == name)]["row"].nunique()
        if len(twice) == there > 1:
            for pair in twice:
                del pairs[pair]
            where = msg(", sheet '{sheet}'", sheet=sheet) if sheet else ""
            found = msg("all its rows are already given in {file}{where}.", file=file, where=where)
            fix = msg("If it is the same form or table twice, keep one of the files.")
            yield Problem(found, fix, own, name)


def unclear_years(rows: pd.DataFrame, sheets: Mapping[tuple[str, str], Sheet]) -> Iterator[Problem]:
    """Ask of each FY2021 which two years it is, where other rows have names such as FY2020-21."""
    codes, distinct = coded(rows["period"])
    periods = [str(period) for period in distinct]
    of_two = {one for one in periods if kind(one) == "financial year"} - {
        one for one in periods if named_by_one_year(one)
    }
    for period in sorted(filter(named_by_one_year, periods)) if of_two else ():
        year = int(period[2:])
        named = f"FY{year - 1}-{year % 100:02}", f"FY{year}-{(year + 1) % 100:02}"
        row = rows.iloc[int(np.argmax(codes == periods.index(period)))]
        yield sheets[row["file"], row["sheet"]].problem(
            msg(
                "{period} may be {before} or {after}; other rows have {others}, and nothing shows "
                "which of the two it is.",
                period=period,
                before=named[0],
                after=named[1],
                others=", ".join(sorted(of_two)[:3]),
            ),
            msg("Write {before} or {after}.", before=named[0], after=named[1]),
            row=int(row["row"]),
        )


def _places(rows: pd.DataFrame) -> list[Place]:
    return list(zip(rows["file"], rows["sheet"], map(int, rows["row"]), strict=True))
