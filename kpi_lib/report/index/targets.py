"""How many cities of a set meet each target in force."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_lib.locale.catalogue import tr
from kpi_lib.locale.words import in_language, word
from kpi_lib.methods.digits import at_bound
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.tables import table

COLUMNS = ["indicator", "year", "target", "median", "meet", "cities"]


def data(cities: CitySet) -> pd.DataFrame:
    """Targets in force that have data, a row for each, by the indicator's code.

    Columns: ``indicator`` (its title), ``year`` and ``target`` (in the indicator's unit; none
    where they differ by a column of the cities), ``median`` (of those with a target), ``meet``,
    ``cities``.
    """
    board = cities.board
    periods = cities.table["period"].to_numpy()
    rows = {}
    for leaf in board.framework.indicators:
        if not leaf.direction or not (leaf.targets or leaf.targets_by):
            continue
        values = board.measured[leaf.code].to_numpy(dtype=float)[cities.rows]
        kinds = board.facts.kind(leaf)
        own = [""] * len(values) if kinds is None else [str(k) for k in kinds[cities.rows]]
        due = [
            None if np.isnan(value) else (leaf.of(kind) if kind else leaf).target(str(period))
            for value, kind, period in zip(values, own, periods, strict=True)
        ]
        there = np.array([target is not None for target in due], dtype=bool)
        if not there.any():
            continue
        targets = np.array([target[1] for target in due if target is not None])
        found = at_bound(values[there], targets)
        meets = found >= targets if leaf.direction == "higher" else found <= targets
        asked = {target for target in due if target is not None}
        year, target = next(iter(asked)) if len(asked) == 1 else (None, None)
        rows[leaf.code] = (
            in_language(leaf.title, cities.lang),
            year,
            target,
            float(np.median(values[there])),
            int(meets.sum()),
            len(found),
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)


def piece(cities: CitySet) -> Piece | None:
    """How many meet each target, as a table; None where no target has data."""
    found = data(cities)
    if found.empty:
        return None
    lang, view = cities.lang, cities.view
    rows = []
    for code, row in found.iterrows():
        target = tr(lang, "differs by {column}", column=view.indicator(str(code)).by)
        if pd.notna(row["target"]):
            target = f"{view.with_unit(str(code), row['target'])} ({row['year']:.0f})"
        median = view.with_unit(str(code), row["median"])
        rows.append((row["indicator"], target, median, f"{row['meet']}/{row['cities']}"))
    heads = [
        word("indicator", lang),
        word("target", lang),
        tr(lang, "Median"),
        tr(lang, "Meet it"),
    ]
    caption = tr(lang, "How many meet each target")
    text = "\n".join([caption, *(" | ".join(row) for row in rows)])
    return Piece(found, table(caption, heads, rows, numeric=(1, 2, 3)), text=text)
