"""Places that merge: one series across a merger, from the places of before to that of after."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from kpi_lib.errors import InputError, Problem, choose_from
from kpi_lib.framework.model import Framework
from kpi_lib.io.cells.periods import first_day, last_day
from kpi_lib.locale.catalogue import msg
from kpi_lib.observations.cities import NAMES, dates_of, existing
from kpi_lib.observations.read import Observations

Method = Literal["mean", "population"]

MERGED = "merged: "
"""What ``quality`` of a value begins with that is made of several places; the method follows."""

Rows = Mapping[str, dict[str, Any]]
"""The rows of one indicator in one period, by place."""


class _Cell(NamedTuple):
    """Where a value belongs."""

    city: str
    period: str
    code: str


def merge_places(
    observations: Observations, framework: Framework, method: Method = "mean"
) -> Observations:
    """Put the places of before a merger together, so that a series spans it.

    ``cities`` say by ``valid_from, valid_to, merged_into`` what became of each place. In a
    period at whose end the places of before still exist, the value of the new place is their
    plain mean, or their mean weighted by ``population``; there is one only where each of them
    has a value. A quantity that indicators are divided by is summed, and so are these
    indicators. A value that is given for the new place itself stands. A merged value has
    ``quality`` ``merged: mean`` (or ``merged: population``) and the names of the places in
    ``note``; one place that merely changed its name keeps its rows, and its evidence.

    Source of the plain mean: the official series across the merger of 1 July 2025. Raises
    :class:`InputError` where a weighted mean lacks a population.
    """
    if method not in get_args(Method):
        raise InputError(
            Problem(
                msg("there is no method '{method}'.", method=method),
                choose_from(method, get_args(Method)),
            )
        )
    if not (observations.cities.get("merged_into", pd.Series([""])) != "").any():
        return observations
    places = _Places(observations.cities)
    summed = {i.code for i in framework.indicators if i.denominator is not None}
    table = _merged(observations.table, places, method, summed)
    quantities = observations.quantities.rename(columns={"quantity": "indicator"})
    quantities = _merged(quantities, places, method, set(quantities["indicator"]))
    order = {leaf.code: at for at, leaf in enumerate(framework.indicators)}
    table = table.iloc[
        np.lexsort([table["indicator"].map(order), table["period"], table["city"]])
    ].reset_index(drop=True)
    text = f"{observations.fingerprint} {method}"
    return replace(
        observations,
        table=table,
        quantities=quantities.dropna().rename(columns={"indicator": "quantity"}),
        cities=_cities(observations.cities, places),
        evidence=_of_one_part(observations.evidence, places),
        published=_of_one_part(observations.published, places),
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
    )


class _Places:
    """What each place became, and what each place was made of."""

    def __init__(self, cities: pd.DataFrame) -> None:
        self.cities = cities.set_index("city", drop=False)
        self.valid = dates_of(cities)
        into = dict(zip(cities["city"], cities["merged_into"], strict=True))
        self.final = _ends(into)
        self.parts: dict[str, list[str]] = {}
        for city, target in self.final.items():
            if city != target:
                self.parts.setdefault(target, []).append(city)
        self.of = cache(self._of)

    def _of(self, city: str, period: str) -> tuple[str, ...]:
        """The places whose values make that of a city in a period: itself where it is alone.

        Those that exist at the end of the period; a city that takes others in is one of them.
        """
        parts = existing(self.valid, self.parts.get(city, ()), period)
        return (*parts, *existing(self.valid, [city], period)) if parts else (city,)

    def ended(self, city: str, period: str) -> tuple[str, ...]:
        """The places of before that ended within a period."""
        start, end = first_day(period), last_day(period)
        last = self.cities.loc[self.parts.get(city, []), "valid_to"]
        return tuple(str(place) for place, day in last.items() if start <= str(day) <= end)

    def names(self, cities: Sequence[str]) -> str:
        return ", ".join(str(self.cities.at[city, NAMES[0]]) for city in cities)


def _merged(table: pd.DataFrame, places: _Places, method: Method, summed: set[str]) -> pd.DataFrame:
    """Put rows of new places for those of the places they are made of."""
    target = table["city"].map(places.final)
    touched = target.isin(list(places.parts))
    rows = []
    keys = [target[touched], table.loc[touched, "period"], table.loc[touched, "indicator"]]
    for (city, period, code), some in table[touched].groupby(keys, sort=False):
        found = {str(r["city"]): {str(k): x for k, x in r.items()} for r in some.to_dict("records")}
        cell = _Cell(str(city), str(period), str(code))
        made_of = _made_of(cell, found, places)
        if len(made_of) > 1:
            rows.append(_value(cell, made_of, found, places, method, cell.code in summed))
        elif made_of[0] in found:
            rows.append(found[made_of[0]] | {"city": cell.city})
    made = pd.DataFrame(rows, columns=table.columns).astype(table.dtypes.to_dict())
    return pd.concat([table[~touched], made], ignore_index=True)


def _made_of(cell: _Cell, found: Rows, places: _Places) -> tuple[str, ...]:
    """The places whose values make a value, given the rows that there are."""
    members = places.of(cell.city, cell.period)
    own = cell.city in found and not math.isnan(found[cell.city]["value"])
    if own and (len(members) == 1 or cell.city not in members):
        return (cell.city,)  # after the merger, or worked out for a time before it
    if members == (cell.city,):
        ended = places.ended(*cell[:2])
        return ended if any(place in found for place in ended) else members
    return members


def _value(
    cell: _Cell,
    made_of: tuple[str, ...],
    found: Rows,
    places: _Places,
    method: Method,
    summed: bool,
) -> dict[str, Any]:
    """Make one row of a new place; missing where a place it is made of has no value."""
    row: dict[str, Any] = {"city": cell.city, "period": cell.period, "indicator": cell.code}
    row |= {"numerator": math.nan, "denominator": math.nan, "quality": f"{MERGED}{method}"}
    for name in ("unit", "source"):
        texts = [str(found[place].get(name, "")) for place in made_of if place in found]
        row[name] = "; ".join(dict.fromkeys(text for text in texts if text))
    values = np.array([found[p]["value"] if p in found else math.nan for p in made_of], dtype=float)
    absent = [place for place, value in zip(made_of, values, strict=True) if math.isnan(value)]
    if absent:
        return row | {
            "value": math.nan,
            "se": math.nan,
            "note": f"not reported; {places.names(absent)}",
        }
    shares = np.ones(len(values))
    if method == "mean" and not summed:
        shares /= len(values)
    elif not summed:
        shares = np.array(_populations(places, made_of))
        shares /= shares.sum()
    # The errors of different places are independent; one that is not given is not 0.
    errors = np.array([found[place].get("se", math.nan) for place in made_of], dtype=float)
    value, error = shares @ values, math.sqrt(np.sum((shares * errors) ** 2))
    return row | {"value": float(value), "se": error, "note": places.names(made_of)}


def _populations(places: _Places, cities: Sequence[str]) -> list[float]:
    found = places.cities.loc[list(cities), "population"].astype(float)
    absent = found.index[found.isna()]
    if len(absent):
        raise InputError(
            Problem(
                msg(
                    "a mean weighted by population lacks that of {absent}.",
                    absent=", ".join(map(str, absent)),
                ),
                msg("Enter it in the cities file (population), or take the plain mean."),
            )
        )
    return found.to_list()


def _cities(cities: pd.DataFrame, places: _Places) -> pd.DataFrame:
    """The places that are left; a number that is not given is the sum of the parts'."""
    left = cities[cities["merged_into"] == ""].set_index("city", drop=False)
    for name in left.select_dtypes("number").columns:
        for city in left.index[left[name].isna()].intersection(list(places.parts)):
            left.loc[city, name] = places.cities.loc[places.parts[city], name].sum(skipna=False)
    return left.reset_index(drop=True)


def _of_one_part(entries: pd.DataFrame, places: _Places) -> pd.DataFrame:
    """What was said of one part was not said of the whole: kept where there is one part."""
    final = entries["city"].map(places.final)
    alone = [
        len(places.of(str(city), str(period))) == 1
        for city, period in zip(final, entries["period"], strict=True)
    ]
    kept = pd.Series(alone, index=entries.index, dtype=bool)
    return entries.assign(city=final)[kept].reset_index(drop=True)


def _ends(into: dict[str, str]) -> dict[str, str]:
    """Give what each place has become in the end."""
    final: dict[str, str] = {}
    for city in into:
        way = [city]
        while way[-1] not in final and (after := into[way[-1]]):
            way.append(after)
        end = final.get(way[-1], way[-1])
        final |= dict.fromkeys(way, end)
    return final
