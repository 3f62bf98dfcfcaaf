"""The parts of a city beside the others, on matplotlib axes."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from kpi_lib.locale.catalogue import tr
from kpi_lib.locale.words import word
from kpi_lib.report.view import CityView


def draw(view: CityView, parts: pd.DataFrame, ax: Axes) -> None:
    """Draw each part's score among those of the others: a row for each part."""
    shared = view.compared
    codes = list(parts.index)
    others = (
        shared.others[codes].rename(columns=dict(parts["part"])).melt(var_name="part", value_name="score")
    )
    sns.stripplot(others, x="score", y="part", color="0.6", jitter=False, ax=ax, legend=False)
    ax.plot(
        shared.points[codes].to_numpy(), range(len(codes)), "o", ms=8, label=view.name, zorder=3
    )
    ax.plot(
        parts["median"].to_numpy(),
        range(len(codes)),
        "k|",
        ms=16,
        label=tr(view.lang, "median of the others"),
    )
    ax.set(xlabel=word("score", view.lang), ylabel=None)
    ax.legend(loc="best", frameon=False)
