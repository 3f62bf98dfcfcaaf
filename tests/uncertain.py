"""A framework and a board whose ranks hang on drawn weights, methods and data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from builders import NAN, framework, group, indicator, observe

from kpi_lib.framework.model import Framework
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

NOISE = {"vary": "weights", "draw": "noise", "size": 0.5}


def example(**changes: Any) -> Framework:
    """Three groups of different depth and weight, one with an indicator that is not scored."""
    inner = group("B.X", indicator("B.X.1"), indicator("B.X.2", weight=3), weight=2)
    return framework(
        group("A", *[indicator(f"A.{i}", weight=i) for i in (1, 2, 3)], weight=3),
        group("B", inner, indicator("B.1"), indicator("B.2", direction="lower")),
        group("C", indicator("C.1"), indicator("C.2", direction=None), weight=2),
        **changes,
    )


def data(
    frame: Framework, cities: int = 12, missing: float = 0.0, periods: Sequence[str] = ("2024",)
) -> pd.DataFrame:
    random = np.random.default_rng(7)
    codes = [leaf.code for leaf in frame.indicators]
    units = [(f"c{i:02}", period) for i in range(cities) for period in periods]
    values = random.uniform(1, 99, (len(units), len(codes)))
    values[random.random(values.shape) < missing] = NAN
    index = pd.MultiIndex.from_tuples(units, names=["city", "period"])
    return pd.DataFrame(values, index=index, columns=codes)


def a_board(missing: float = 0.0, cities: int = 12, **changes: Any) -> Scoreboard:
    frame = example(**changes)
    return score(observe(data(frame, cities, missing)), frame)
