"""What the figures show: which rows each of them picks, in what order, with which numbers.

Plain tables, so that a figure and the words that stand for it say the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import numpy as np
import pandas as pd

from kpi_lib.framework.model import TOTAL, Group
from kpi_lib.io.periods import kind, years
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import in_language
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.report.view import CityView
from kpi_lib.scoring.scoreboard import Scoreboard

MOST_SIDE, MOST_GAPS, MOST_COMPARED, MOST_RANKED = 5, 12, 15, 40
"""Rows of a figure: each side of the strengths, gaps, compared values, ranked cities."""


_kept = lru_cache(maxsize=8)
"""Keeps a table between the figure and the words that stand for it; nobody changes one."""


def profile_codes(view: CityView) -> list[str]:
    """Give the codes of the composite and the objectives, where any of them has a score."""
    codes = [TOTAL, *(node.code for node in view.objectives)]
    if view.maximum is not None:
        codes = [code for code in codes if view.maximum[code] > 0]
    return codes if view.points[codes].notna().any() else []


@_kept
def shares(view: CityView) -> pd.DataFrame:
    """Points of the composite by objective: ``given``, and ``left``, which it could still give.

    ``left`` is the objective's full share of the composite less what it gives; NaN where
    shares do not add up to a best score, as under any mean but the weighted arithmetic one.
    Empty where the city has no composite score, or it does not split.
    """
    board, codes = view.board, [node.code for node in view.objectives]
    row = board.contributions.loc[(view.city, view.period), :]
    given = cast("pd.Series[float]", row)
    if given.isna().any():
        return pd.DataFrame({"given": [], "left": []}, dtype=float)
    each = dict(zip(given.index, given.to_numpy(), strict=True))
    sums = [sum(each[leaf.code] for leaf in board.framework.leaves(code)) for code in codes]
    table = pd.DataFrame({"given": sums, "left": np.nan}, index=codes)
    above = [board.framework.node(code) for code in board.framework.ancestors(codes[0])]
    adds_up = all(
        isinstance(group, Group) and board.framework.method_of(group).name == "arithmetic"
        for group in above
    )
    points = view.points[codes]
    if view.top is not None and adds_up and points.min() >= 0:
        weights = pd.Series({code: board.weights[code] for code in codes})
        weights = weights.where(points.notna(), 0.0)  # the share of a part without a score is nil
        table["left"] = weights / weights.sum() * view.top - table["given"]
    return table


@_kept
def furthest(view: CityView) -> pd.DataFrame:
    """The indicators furthest from the median of the others: ``ahead``, ``value``, ``median``.

    ``ahead`` is in score points, highest first, at most five above 0 and five below;
    ``value`` and ``median`` are in the indicator's unit.
    """
    above, below = view.ahead[view.ahead > 0], view.ahead[view.ahead < 0]
    ahead = pd.concat([above.head(MOST_SIDE), below.tail(MOST_SIDE)])
    codes = list(ahead.index)
    return pd.DataFrame(
        {"ahead": ahead, "value": view.values[codes], "median": view.value_medians[codes]},
        index=codes,
    )


@_kept
def open_gaps(view: CityView) -> pd.DataFrame:
    """The targets in force that are not met: ``value, target, year, gain, from, to``.

    At most twelve, by ``gain``, the points of the composite that reaching the target alone
    would bring. ``from`` and ``to`` place value and target on a scale of 0–100: between the
    goalposts where every one of them has these, else as the share of the target reached.
    """
    gains = view.target_gains.head(MOST_GAPS)
    indicators = [view.indicator(str(code)) for code in gains.index]
    between = by_goalposts(view)
    rows = []
    for indicator in indicators:
        year, target = view.open_targets[indicator.code]
        value = float(view.values[indicator.code])
        both = np.array([value, target])
        assert indicator.direction is not None
        if between and indicator.goalposts:
            low, high = indicator.goalposts
            ends = NORMALISE["goalposts"](both, indicator.direction, low=low, high=high)
        else:
            ends = NORMALISE["target"](both, indicator.direction, target=target)
        rows.append((value, target, year, *ends))
    table = pd.DataFrame(rows, index=gains.index, columns=["value", "target", "year", "from", "to"])
    return table.assign(gain=gains)


def by_goalposts(view: CityView) -> bool:
    """Say whether :func:`open_gaps` places values between goalposts."""
    return all(view.indicator(str(c)).goalposts for c in view.target_gains.head(MOST_GAPS).index)


@_kept
def series(view: CityView) -> pd.DataFrame:
    """The city's scores over its periods up to the view's: a row for each, a column for each code.

    Only periods of the same kind (years, quarters or months) as the view's.
    """
    periods = same_kind(view)
    return view.history.loc[periods]


def same_kind(view: CityView) -> list[str]:
    """The city's periods up to the view's that are years, quarters or months as it is."""
    return [p for p in view.periods if kind(p) == kind(view.period)]


@_kept
def followed(view: CityView) -> list[str]:
    """The composite and the objectives that have a score in at least two periods."""
    scores = series(view)
    codes = [TOTAL, *(node.code for node in view.objectives)]
    return [code for code in codes if scores[code].notna().sum() >= 2]


def others_over_time(view: CityView, codes: list[str]) -> list[pd.DataFrame]:
    """The 10 %, 50 % and 90 % quantiles of the other cities' scores, wide as :func:`series`."""
    points, periods = view.board.points, same_kind(view)
    there = points.index.get_level_values("period").isin(periods)
    away = points.index.get_level_values("city") != view.city
    groups = points.loc[there & away, codes].groupby(level="period")
    return [groups.quantile(q).reindex(periods) for q in (0.1, 0.5, 0.9)]


def when(period: str) -> float:
    """Place a period on an axis of years."""
    if kind(period) == "financial year":
        return years(period)
    year, _, part = period.partition("-")
    if not part:
        return float(year)
    if part.startswith("Q"):
        return int(year) + (int(part[1:]) - 1) / 4
    return int(year) + (int(part) - 1) / 12


def fields(view: CityView) -> list[tuple[str, str, list[str]]]:
    """The fields below the objectives: (objective, title, codes of its indicators).

    What stands beside fields, or has none, is a field with the title of its objective.
    """
    framework, lang = view.board.framework, view.lang
    found = []
    for objective in view.objectives:
        groups = objective.groups if isinstance(objective, Group) else ()
        inside = [[leaf.code for leaf in framework.leaves(group.code)] for group in groups]
        leaves = [leaf.code for leaf in framework.leaves(objective.code)]
        for group, codes in zip(groups, inside, strict=True):
            found.append((objective.code, in_language(group.title, lang), codes))
        rest = [code for code in leaves if not any(code in codes for codes in inside)]
        if rest:
            title = rest_title(lang) if groups else in_language(objective.title, lang)
            found.append((objective.code, title, rest))
    return found


def rest_title(lang: Lang) -> str:
    """Name the indicators that stand beside the fields of an objective."""
    return tr(lang, "Other indicators")


@_kept
def observed(view: CityView, last: int) -> pd.DataFrame:
    """The share (0–1) of each field's indicators with a value, over the last periods.

    A row for each of :func:`fields`, a column for each period.
    """
    periods = same_kind(view)[-last:]
    own = view.board.values.iloc[view.board.by_city[view.city]].droplevel("city").loc[periods]
    there = dict(zip(own.columns, own.notna().to_numpy().T, strict=True))
    rows = [np.mean([there[code] for code in codes], axis=0) for _, _, codes in fields(view)]
    return pd.DataFrame(np.array(rows), columns=periods)


def beside(view: CityView) -> tuple[pd.DataFrame, bool]:
    """Values of the other cities for the indicators that the city has, and if of its period.

    Where no other city has any of them in the city's period, these are the values of each
    city's latest period: what is published for cities of the world seldom has one year.
    """
    codes = [indicator.code for indicator in view.observed]
    same = view.other_values[codes]
    if same.notna().to_numpy().any():
        return same, True
    values, latest = view.board.values, view.board.latest
    last = [city != view.city and latest[city] == period for city, period in values.index]
    return values.loc[last, codes].droplevel("period"), False


def compared(view: CityView) -> pd.DataFrame:
    """Values that another city has too: ``value, low, high, cities``, by indicator.

    ``low`` and ``high`` are the lowest and the highest value of all ``cities`` that have
    one. At most fifteen, those of the most cities, in the order of the framework.
    """
    others, _ = beside(view)
    own = view.values[others.columns]
    cities = others.notna().sum() + 1
    kept = cities[cities >= 2].sort_values(ascending=False, kind="stable").head(MOST_COMPARED)
    low, high = np.fmin(others.min(), own), np.fmax(others.max(), own)
    table = pd.DataFrame({"value": own, "low": low, "high": high, "cities": cities})
    return table[table.index.isin(kept.index)]


def ranked(board: Scoreboard, period: str, code: str = TOTAL) -> pd.DataFrame:
    """The cities of a period that have a score, best first: ``score, rank, coverage``."""
    return board.table(code, period).dropna(subset=["score"])
