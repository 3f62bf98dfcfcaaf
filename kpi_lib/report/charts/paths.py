"""The figure of the ways to targets: how much of each is covered, and how much should be."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_lib.locale.catalogue import tr
from kpi_lib.locale.words import counted, word
from kpi_lib.report.charts.sheet import Rows
from kpi_lib.report.charts.style import BELOW, CITY, FAINT, INK, PALE, SOFT
from kpi_lib.report.sections.targets import percent_of, status
from kpi_lib.report.view import CityView

MOST = 12
"""Rows of the figure."""

_COLORS = {"behind": BELOW, "on track": CITY, "ahead": CITY}


def open_ways(tracked: pd.DataFrame) -> pd.DataFrame:
    """The targets on whose way a city is: those furthest short of their path first.

    Adds ``asked``, what the path asks for in per cent of the way.
    """
    ways = tracked[tracked["status"].isin(list(_COLORS)) & tracked["way"].notna()].copy()
    length = ways["target"].astype(float) - ways["baseline"].astype(float)
    ways["asked"] = 100 * (ways["expected"].astype(float) - ways["baseline"].astype(float)) / length
    order = (ways["asked"] - ways["way"].astype(float)).sort_values(ascending=False, kind="stable")
    return ways.loc[order.index[:MOST]]


def paths(view: CityView, tracked: pd.DataFrame) -> Figure | None:
    """Draw the way from baseline to target of each open target: covered, and asked for by now.

    ``tracked`` is from :func:`kpi_lib.analysis.targets.track`; at most twelve
    rows. None where the city is on no such way.
    """
    ways = open_ways(tracked)
    if ways.empty:
        return None
    rows = Rows(0.0, 100.0)
    covered = ways["way"].astype(float).clip(0.0, 100.0)
    heights: list[float] = []
    for key, row in ways.iterrows():
        code = str(key)
        color = _COLORS[str(row["status"])]
        rows.label(view.title(code), [(status(str(row["status"]), view.lang), color)])
        heights.append(rows.band(16))
        goal = f"{view.with_unit(code, row['target'])} ({row['year']:.0f})"
        start = f"{view.with_unit(code, row['baseline'])} ({row['baseline_period']})"
        if len(heights) == 1:
            goal = f"{word('target', view.lang).lower()} {goal}"
        places = [(0.0, start, SOFT), (covered[code], view.with_unit(code, row["value"]), CITY)]
        rows.place([*places, (100.0, goal, INK)])
        rows.gap(7)
    rows.across(heights, 0, 100, FAINT, 4)
    rows.across(heights, 0, covered, PALE, 4, zorder=2)
    low, high = np.array(heights) - 8, np.array(heights) + 8
    asked = ways["asked"].astype(float)
    rows.upright(asked, low, high, INK, 1.6, zorder=3)
    rows.dots(covered, heights)
    axis = tr(view.lang, "Part of the way from baseline to target (%); black mark: the path by now")
    return rows.finish(view.lang, axis, view.board.observations.demo)


def describe_paths(view: CityView, tracked: pd.DataFrame) -> str:
    """Say how many ways are open, and which is furthest short of its path."""
    ways = open_ways(tracked)
    if ways.empty:
        return ""
    n = counted(len(ways), view.lang, "{n} open target", "{n} open targets")
    code, row = str(ways.index[0]), ways.iloc[0]
    done, asked = (percent_of(float(row[name]), view.lang) for name in ("way", "asked"))
    return tr(
        view.lang,
        "{n}. Least beside its path: {code}, {done} of the way covered, {asked} asked for.",
        n=n,
        code=view.title(code),
        done=done,
        asked=asked,
    )
