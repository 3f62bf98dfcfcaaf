"""Small frameworks and tables for tests, and strategies that draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from kpi_lib.framework.model import Framework, Group, Indicator, Missing
from kpi_lib.locale.catalogue import languages
from kpi_lib.methods.registry import Method
from kpi_lib.observations.read import Observations

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data/raw/demo"
NAN = float("nan")

few = settings(max_examples=40)


def both(text: str) -> dict[str, str]:
    """The same text in every language."""
    return dict.fromkeys(languages(), text)


def indicator(code: str, **changes: Any) -> Indicator:
    """Make an indicator that is better higher and runs from 0 to 100."""
    base = {"title": both(code), "direction": "higher", "goalposts": (0.0, 100.0)}
    return Indicator(code, **(base | changes))


def group(code: str, *children: Group | Indicator, **changes: Any) -> Group:
    """Make a group of groups and indicators."""
    groups = tuple(child for child in children if isinstance(child, Group))
    leaves = tuple(child for child in children if isinstance(child, Indicator))
    return Group(code, both(code), groups=groups, indicators=leaves, **changes)


def framework(*groups: Group, min_coverage: float = 0.0, **changes: Any) -> Framework:
    """Make a framework of groups; coverage has no threshold unless one is given."""
    policy = changes.pop("policy", "rescale")
    for key in ("normalise", "aggregate"):
        if isinstance(changes.get(key), str):
            changes[key] = Method(changes[key])
    return Framework(
        id="test",
        version="1",
        title={"vi": "Thử", "en": "Test"},
        groups=groups,
        missing=Missing(policy, min_coverage),
        **changes,
    )


def table(columns: Mapping[str, Sequence[float]], period: str = "2024") -> pd.DataFrame:
    """Make a wide table of one period; cities are c0, c1, …"""
    count = len(next(iter(columns.values())))
    units = [(f"c{i}", period) for i in range(count)]
    index = pd.MultiIndex.from_tuples(units, names=["city", "period"])
    return pd.DataFrame(columns, index=index, dtype=float)


def panel(values: np.ndarray, codes: Sequence[str], periods: Sequence[str]) -> pd.DataFrame:
    """Make a wide table from an array of shape (cities, periods, indicators)."""
    cities = [f"c{i}" for i in range(values.shape[0])]
    index = pd.MultiIndex.from_product([cities, periods], names=["city", "period"])
    return pd.DataFrame(values.reshape(-1, len(codes)), index=index, columns=list(codes))


def observe(
    values: pd.DataFrame,
    quantities: pd.DataFrame | None = None,
    cities: pd.DataFrame | None = None,
) -> Observations:
    """Make observations from a wide table: index (city, period), a column for each code.

    ``cities`` has a row for each ``city`` with further columns of it.
    """
    long = values.stack(future_stack=True).rename("value").reset_index()
    long.columns = ["city", "period", "indicator", "value"]
    for column in ("numerator", "denominator", "se"):
        long[column] = float("nan")
    for column in ("unit", "source", "quality", "note"):
        long[column] = ""
    long["period"] = long["period"].astype(str)
    if quantities is None:
        quantities = pd.DataFrame(columns=["city", "period", "quantity", "value"])
    own = cities
    cities = pd.DataFrame({"city": sorted(set(long["city"]))})
    if own is not None:
        cities = cities.merge(own, on="city", how="left")
    for column in ("name_vi", "name_en", "slug"):
        cities[column] = cities["city"]
    return Observations(table=long, cities=cities, quantities=quantities)


def arrays(
    shape: tuple[int, ...], low: float, high: float, missing: bool = True
) -> st.SearchStrategy[np.ndarray]:
    """Draw arrays of plain numbers (four decimals), some missing."""
    whole = st.integers(round(low * 10_000), round(high * 10_000)).map(lambda n: n / 10_000)
    elements = whole | st.just(NAN) if missing else whole
    return st_numpy.arrays(float, shape, elements=elements)
