"""Names of cities in rows of data, as the codes of the cities file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.io.cells.coded import changed, coded, objects, texts
from kpi_lib.io.cells.numbers import MOST_NAMED, Fault
from kpi_lib.io.names import Names
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import tally
from kpi_lib.observations.cities import ambiguous_city, dates_of, existing
from kpi_lib.observations.faults import at_fault


def resolve_cities(
    sheet: Sheet, rows: pd.DataFrame, names: Names, places: pd.DataFrame | None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Put the code of each city in place of its name.

    A name that several places have had means the one that exists at the end of the period.
    """
    problems = []
    codes, distinct = coded(rows["city"])
    positions = rows["position"].to_numpy()
    found_of = [names.find(str(name)) for name in distinct]
    unknown = [at for at, found in enumerate(found_of) if not found]
    for at in unknown[:MOST_NAMED]:
        name = str(distinct[at])
        message = msg("'{name}' is not in the cities file.", name=name)
        fix = names.nearest(name) or msg("Add it to the cities file, or correct it.")
        problems.append(sheet.problem_at(positions[codes == at], message, fix, "city"))
    if more := unknown[MOST_NAMED:]:
        message = msg("{n} more places are not in the cities file.", n=tally(len(more)))
        problems.append(sheet.problem_at(positions[np.isin(codes, more)], message, "", "city"))
    resolved = texts(codes, [found[0] if len(found) == 1 else "" for found in found_of])
    ambiguous = np.isin(codes, [at for at, found in enumerate(found_of) if len(found) > 1])
    several = np.flatnonzero(ambiguous & (rows["period"] != "").to_numpy())
    if several.size:
        period_codes, periods = coded(rows["period"].iloc[several])
        pairs, pair_of = np.unique(
            codes[several].astype(np.int64) * len(periods) + period_codes, return_inverse=True
        )
        valid = dates_of(places) if places is not None else {}
        there = [
            existing(valid, found_of[at], str(periods[period])) if valid else found_of[at]
            for at, period in (divmod(pair, len(periods)) for pair in pairs.tolist())
        ]
        chosen = objects(one[0] if len(one) == 1 else "" for one in there)
        resolved = changed(resolved, several, chosen[pair_of])

        def unclear(pair: int) -> Fault:
            at = int(pairs[pair]) // len(periods)
            return ambiguous_city(str(distinct[at]), found_of[at])

        own = np.full(len(sheet.rows), -1, dtype=np.int64)
        own[positions[several]] = pair_of
        left = np.flatnonzero(chosen == "").tolist()
        problems += at_fault(sheet, own, left, unclear, "city")
    rows = rows.assign(city=resolved.set_axis(rows.index))
    return rows[rows["city"] != ""], problems
