"""The figure of an audit: how far ranks depend on each part."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from kpi_lib.style import CITY, Rows, styled
from kpi_lib.words import Lang, number, say

# More parts than these would not be read.
_MOST = 12


@styled
def places_moved(
    summary: pd.DataFrame, titles: Mapping[str, str], lang: Lang, demo: bool
) -> Figure | None:
    """Draw the places that cities move on average without each part, most first.

    ``summary`` is that of :class:`kpi_lib.leave_out.LeftOut`, ``titles`` name the parts. None
    where nothing moves.
    """
    moved = summary["mean_move"]
    moved = moved[moved > 0].head(_MOST)
    if moved.empty:
        return None
    rows = Rows(0.0, float(moved.max()))
    for code, places in moved.items():
        rows.gap(6)
        rows.label(titles[str(code)], [(number(float(places), lang, 2), CITY)])
        rows.axes.barh(rows.band(12), places, 10, color=CITY)
    axis = say(lang, "Số bậc thay đổi trung bình", "Places moved, on average")
    return rows.finish(lang, axis, demo)
