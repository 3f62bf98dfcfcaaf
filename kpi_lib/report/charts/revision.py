"""The figure of a revision: what moved each city's score, and how far."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.analysis.revision import PARTS
from kpi_lib.locale.catalogue import Lang, tr, tr_in, tr_n
from kpi_lib.locale.words import listed, signed
from kpi_lib.report.page.theme import COLOURS as THEME

MOST_CITIES = 40
"""With more cities, those that moved furthest down and furthest up are drawn."""

COLOURS = {
    "data": THEME["me"],
    "weights": THEME["down"],
    "membership": THEME["up"],
    "rules": THEME["violet"],
}


def part_name(part: str, lang: Lang) -> str:
    """Name a part of a change."""
    return {
        "data": tr_in(lang, "cause of a change", "data"),
        "weights": tr_in(lang, "cause of a change", "weights"),
        "membership": tr_in(lang, "cause of a change", "membership"),
        "rules": tr_in(lang, "cause of a change", "rules"),
    }[part]


def parts_shown(table: pd.DataFrame) -> list[str]:
    """Parts to show: ``rules`` only where they change a score."""
    rules = bool((table["rules"].abs() > 1e-9).any())
    return [part for part in PARTS if rules or part != "rules"]


def draw_changes(table: pd.DataFrame, names: pd.Series[str], lang: Lang, ax: Axes) -> None:
    """Draw the change of each city as bars of its parts, the greatest gain first.

    ``table`` is that of :func:`kpi_lib.analysis.revision.split`, ``names`` the cities' names. Parts
    that raise the score run right from 0, parts that lower it left; the dot is the change.
    """
    known = known_changes(table)
    half = MOST_CITIES // 2
    kept = known if len(known) <= MOST_CITIES else pd.concat([known.head(half), known.tail(half)])
    rows = [names[str(city)] for city in kept.index]
    ends = {True: np.zeros(len(kept)), False: np.zeros(len(kept))}
    for part in parts_shown(known):
        size = kept[part].to_numpy(dtype=float)
        start = np.where(size > 0, ends[True], ends[False])
        ax.barh(
            rows, size, left=start, color=COLOURS[part], height=0.6, label=part_name(part, lang)
        )
        ends[True] += np.where(size > 0, size, 0)
        ends[False] += np.where(size > 0, 0, size)
    ax.plot(
        kept["change"].to_numpy(),
        rows,
        "o",
        mfc=THEME["paper"],
        mec=THEME["ink"],
        label=tr(lang, "change"),
    )
    ax.axvline(0, color=THEME["soft"], lw=1)
    ax.invert_yaxis()
    ax.legend(ncols=5, loc="lower right", bbox_to_anchor=(1, 1))
    ax.set(xlabel=tr(lang, "Change of the composite score (points)"), ylabel=None)


def known_changes(table: pd.DataFrame) -> pd.DataFrame:
    """The cities whose change is split, the greatest gain first."""
    split = table.dropna(subset=list(PARTS))
    return split.sort_values("change", ascending=False, kind="stable")


def describe_changes(table: pd.DataFrame, names: pd.Series[str], lang: Lang) -> str:
    """Give the words for :func:`draw_changes` where it is not seen."""
    known = known_changes(table)
    parts = parts_shown(known)

    def told(row: Mapping[Hashable, Any]) -> str:
        pieces = [f"{part_name(part, lang)} {signed(row[part], lang)}" for part in parts]
        return f"{names[row['city']]} {signed(row['change'], lang)} ({listed(pieces, lang)})"

    records = known.reset_index().to_dict("records")
    some = records if len(records) <= 6 else [*records[:3], *records[-3:]]
    return (
        tr_n(
            lang,
            "Change of {n} composite score, split by cause: ",
            "Change of {n} composite scores, split by cause: ",
            len(known),
            n=len(known),
        )
        + "; ".join(told(row) for row in some)
        + "."
    )
