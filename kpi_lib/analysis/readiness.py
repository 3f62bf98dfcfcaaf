"""Readiness: what a city can compute today, and what it needs, from whom and how often."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.cells.periods import years
from kpi_lib.observations.read import Observations
from kpi_lib.observations.values import NOT_APPLICABLE

READY, HALF, LAPSED, NEEDED = "ready", "half", "lapsed", "needed"
"""A value is there; one number of a ratio is; there was a value once; there never was one."""

SETTLED = NOT_APPLICABLE
"""The indicator does not apply to the city: nothing is needed."""

PARTS = ("numerator", "denominator")


def readiness(
    framework: Framework, observations: Observations, city: str, period: str | int = "latest"
) -> pd.DataFrame:
    """Say of each indicator what a city has and what it needs to compute it.

    A row for each code, in the order of the framework: ``state`` (ready, half, lapsed, needed,
    not applicable), ``lacks`` (what is to be supplied: ``value``, ``numerator``, ``denominator``
    or both, joined by ``+``; empty where ready and where it does not apply), ``last`` (the last
    period with a value up to this one), ``note`` (the reason that the data
    give). A city of the cities file may have no data at all;
    then everything is needed, and ``latest`` is the last period of all. Raises
    :class:`InputError` for an unknown city.
    """
    city = observations.code_of(city)
    own = observations.of_city(city)
    latest = (own if len(own) else observations.table)["period"].max()
    now = str(latest if period == "latest" else period)
    earlier = own[own["value"].notna() & (own["period"].map(years) <= years(now))]
    earlier = earlier.assign(at=earlier["period"].map(years)).sort_values("at", kind="stable")
    last = earlier.groupby("indicator")["period"].last()
    rows = observations.of_unit(city, now).set_index("indicator").to_dict("index")
    quantities = _quantities(observations, city, now)
    found = {
        indicator.code: _state(
            indicator,
            rows.get(indicator.code, {}),
            str(last.get(indicator.code, "")),
            quantities,
        )
        for indicator in framework.indicators
    }
    columns = ["state", "lacks", "last", "note"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


def _quantities(observations: Observations, city: str, period: str) -> set[str]:
    """The quantities that indicators may be divided by: observed, or in the cities file."""
    table, cities = observations.quantities, observations.cities
    observed = table[(table["city"] == city) & (table["period"] == period)]
    own = cities[cities["city"] == city].select_dtypes("number").dropna(axis=1)
    return {*observed["quantity"], *own.columns}


def _state(
    indicator: Indicator, row: Mapping[Hashable, Any], last: str, quantities: set[str]
) -> tuple[str, str, str, str]:
    note = str(row.get("note") or "")
    if row.get("said") == NOT_APPLICABLE:
        return SETTLED, "", last, note
    if row and not math.isnan(row["value"]):
        if indicator.denominator is not None and indicator.denominator not in quantities:
            return HALF, "denominator", last, note
        return READY, "", last, note
    formula = indicator.formula
    if formula is None or formula.denominator is None:
        return LAPSED if last else NEEDED, "value", last, note
    absent = [part for part in PARTS if math.isnan(row.get(part, math.nan))]
    state = HALF if len(absent) == 1 else LAPSED if last else NEEDED
    return state, "+".join(absent or PARTS), last, note
