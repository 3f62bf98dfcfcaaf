"""Pictures of methods, drawn from the very functions that score."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import kpi_lib as kpi
from kpi_lib.methods import impute, outliers
from kpi_lib.methods.registry import Aggregation, Entry, Normalisation

CITIES = np.array([22.0, 31, 38, 45, 48, 54, 60, 63, 71, 88])
SKEWED = np.array([2.0, 3, 3.5, 4, 5, 5.5, 6, 7, 8, 60])
PARTS = np.array([[90.0, 20], [70, 50], [55, 60], [40, 80], [30, 35], [85, 75]])
GAPS = np.array([80.0, 60, np.nan])


def draw(kind: str, name: str, entry: Entry | None, given: Mapping[str, Any], folder: Path) -> None:
    """Draw the picture of a method as ``<kind>-<name>.svg``."""
    kpi.chart_style()
    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    ax = figure.subplots()
    if isinstance(entry, Normalisation):
        _normalisation(ax, entry, given)
    elif isinstance(entry, Aggregation):
        _aggregation(ax, entry, given)
    else:
        {"missing": _missing, "treatment": _treatment}[kind](ax, name)
    with mpl.rc_context({"svg.hashsalt": "kpi", "svg.fonttype": "path"}):
        figure.savefig(folder / f"{kind}-{name}.svg", metadata={"Date": None})


def _normalisation(ax: Axes, entry: Normalisation, given: Mapping[str, Any]) -> None:
    if entry.rule == "scores":
        words = given["scores"]
        ax.bar(list(words), list(words.values()), color=kpi.COLOURS["me"])
        ax.set(xlabel="word", ylabel="score")
        return
    own = {key: 3 if key == entry.place else value for key, value in given.items()}
    directions = ["higher"] if entry.rule or entry.name == "none" else ["higher", "lower"]
    colours = {"higher": kpi.COLOURS["me"], "lower": kpi.COLOURS["o"]}
    for direction in directions:
        label = "" if entry.rule else f"{direction} is better"
        if not entry.relative:
            line = np.linspace(0, 100, 1001)
            ax.plot(line, entry(line, direction, **own), color=colours[direction], alpha=0.6)
        scores = entry(CITIES, direction, **own)
        ax.plot(CITIES, scores, "o", color=colours[direction], label=label)
    if label:
        ax.legend(frameon=False)
    ax.set(xlabel="value (ten cities)", ylabel="score")


def _aggregation(ax: Axes, entry: Aggregation, given: Mapping[str, Any]) -> None:
    weights = np.array([0.5, 0.5])
    if not entry.relative:
        grid = np.meshgrid(np.linspace(1, 100, 120), np.linspace(1, 100, 120))
        scores = entry(np.stack(grid, axis=-1), weights, **given)
        lines = ax.contour(*grid, scores, levels=np.arange(10, 100, 10), cmap="kpi")
        ax.clabel(lines, fontsize=8)
    else:
        scores = entry(PARTS, weights, **given)
        ax.scatter(*PARTS.T, color=kpi.COLOURS["me"])
        for (one, other), score in zip(PARTS, scores, strict=True):
            ax.annotate(f"{score:.0f}", (one, other), (5, 4), textcoords="offset points")
    ax.set(xlabel="score of one part", ylabel="score of another", xlim=(0, 100), ylim=(0, 100))
    said = "scores of six cities" if entry.relative else "lines of equal score"
    ax.set_title(f"{said}, equal weights", fontsize=9)


def _missing(ax: Axes, policy: str) -> None:
    """Three parts of equal weight in two cities, of which one lacks the third."""
    framework = kpi.load_framework(
        {
            "id": "picture",
            "version": "1",
            "title": "Three parts",
            "missing": {"policy": policy, "min_coverage": 0},
            "groups": [{"code": "G", "title": "G", "indicators": [_part(code) for code in "ABC"]}],
        }
    )
    rows = {"city": ["lacks C", "has all"], "period": 2025, "A": [80, 60], "B": [60, 70]}
    board = kpi.score(pd.DataFrame({**rows, "C": [np.nan, 30]}), framework)
    wide = board.scores.pivot(index="code", columns="city", values="score")
    wide = wide.rename(index={"TOTAL": "score"}).loc[["A", "B", "C", "score"]]
    for at, (city, colour) in enumerate([("lacks C", "me"), ("has all", "o")]):
        places = np.arange(4) + 0.36 * at - 0.18
        ax.bar(places, wide[city].fillna(0), 0.34, label=city, color=kpi.COLOURS[colour])
        for place, score in zip(places, wide[city], strict=True):
            text = "none" if np.isnan(score) else f"{score:.0f}"
            ax.annotate(text, (place, 0 if np.isnan(score) else score), ha="center", va="bottom")
    ax.set_xticks(range(4), wide.index)
    ax.set(ylim=(0, 100))
    ax.legend(frameon=False)


def _part(code: str) -> dict[str, Any]:
    return {"code": code, "title": code, "direction": "higher", "goalposts": [0, 100]}


def _treatment(ax: Axes, name: str) -> None:
    before = SKEWED.copy()
    if name == "impute":
        before[[2, 6]] = np.nan
        after = impute.average(before, lambda values: float(np.median(values)))
    elif name == "screen":
        shares = np.array([1, 0.9, 0.8, 0.55, 1, 0.4, 0.95])
        colours = [kpi.COLOURS["me" if share >= 0.6 else "o"] for share in shares]
        ax.bar(np.arange(1, 8), shares, color=colours)
        ax.axhline(0.6, color=kpi.COLOURS["down"])
        ax.set(xlabel="city", ylabel="share of values there")
        return
    elif name == "winsorise":
        after = outliers.winsorise(before, outliers.Limits())
    else:
        after = {"log": outliers.log_curve, "boxcox": outliers.boxcox_curve}[name](before)(before)
        after = 60 * (after - after.min()) / (after.max() - after.min())
    at = np.arange(1, 11)
    changed = ~(before == after)
    ax.plot(at, before, "o", color=kpi.COLOURS["o"], label="before")
    ax.plot(at[changed], after[changed], "o", color=kpi.COLOURS["me"], label="after", mfc="none")
    rescaled = ", after on the same range" if name in {"log", "boxcox"} else ""
    ax.set(xlabel="city", ylabel=f"value{rescaled}")
    ax.legend(frameon=False)
