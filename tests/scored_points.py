"""A small table of criteria with points, and two cities that it scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from builders import ROOT, observe, table

import kpi_lib as kpi
from kpi_lib.framework.model import Framework
from kpi_lib.scoring.scoreboard import Scoreboard

FILE = ROOT / "tests/frameworks/points@1.yaml"

DATA = """\
city,period,indicator,value,unit,quality,note
a,2025,A1,60,%,,
a,2025,A2,90,%,,
a,2025,A3,3,,,
a,2025,A4,2,,,
a,2025,A5,7,%,,
a,2025,A6,85,%,provisional,
a,2025,B1,một phần,,,
a,2025,B2,10,,,
a,2025,C1,Có,,,
b,2025,A1,9.5,điểm,tự chấm,
b,2025,A1,8.25,điểm,thẩm định,hồ sơ thiếu
b,2025,A2,80,%,,
b,2025,A3,không phát sinh,,,
b,2025,A4,6,,,
b,2025,A5,,%,,
b,2025,A6,85,%,,
b,2025,B1,co,,,
b,2025,B2,0,,,
"""

CITIES = "city,name_vi,name_en,class\na,A,A,I\nb,B,B,II\n"


def scored(folder: Path, data: str = DATA, framework: Framework | None = None) -> Scoreboard:
    """Read the data from files, and score them."""
    (folder / "data.csv").write_text(data, encoding="utf-8")
    (folder / "cities.csv").write_text(CITIES, encoding="utf-8")
    loaded = framework or kpi.load_framework(FILE)
    return kpi.score(kpi.read_observations(folder / "data.csv", loaded), loaded)


NOT_APPLICABLE = float("inf")
"""Stands for what does not apply in :func:`scored_by`."""


def scored_by(
    frame: Framework, columns: Mapping[str, Sequence[float]], **options: Any
) -> Scoreboard:
    """Score values by indicator, one of each city c0, c1, …; some may not apply."""
    values = table(columns)
    absent = np.isinf(values.to_numpy(dtype=float))
    observations = observe(values.mask(absent))
    said = values.mask(absent).isna().where(absent, False)
    long = said.stack(future_stack=True).reset_index(drop=True)
    observations.table["said"] = long.map({True: "not applicable", False: ""})
    return kpi.score(observations, frame, **options)
