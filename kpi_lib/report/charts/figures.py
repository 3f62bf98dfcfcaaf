"""The figures of the reports: one function per figure, a matplotlib figure out.

Each is drawn without pyplot and leaves no state behind. A function gives None where there
is nothing to draw; its docstring says when. ``describe_…`` gives the words that stand for
the figure of that name where it is not seen.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import amount, counted, in_language, number, quantity, word
from kpi_lib.report.charts.sheet import Rows
from kpi_lib.report.charts.style import (
    BELOW,
    CITY,
    FAINT,
    INK,
    INNER,
    LABEL,
    LINE,
    PALE,
    SMALL,
    SOFT,
    score_axis,
    score_limits,
    text_width,
    wrap,
)
from kpi_lib.report.charts.timelines import availability, progress
from kpi_lib.report.names import city_name
from kpi_lib.report.sections import shown
from kpi_lib.report.sections.describe import (
    describe_availability,
    describe_compare_values,
    describe_contributions,
    describe_gaps,
    describe_profile,
    describe_progress,
    describe_ranking,
    describe_strengths,
)
from kpi_lib.report.view import CityView, view_of
from kpi_lib.scoring.scoreboard import Scoreboard

__all__ = [
    "availability",
    "compare_values",
    "contributions",
    "describe_availability",
    "describe_compare_values",
    "describe_contributions",
    "describe_gaps",
    "describe_profile",
    "describe_progress",
    "describe_ranking",
    "describe_strengths",
    "gaps",
    "profile",
    "progress",
    "ranking",
    "strengths",
]

MOST_DOTS = 150
"""With more cities than this their dots run together: a band of quantiles stands for them."""

# A unit longer than this stands once beside the title instead of at every value.
_SHORT_UNIT = 6


def profile(board: Scoreboard, city: str, period: str, lang: Lang) -> Figure | None:
    """Draw the composite and each objective of a city among the scores of the other cities.

    None where the city has no score at any of these.
    """
    view = view_of(board, city, period, lang).compared
    codes = shown.profile_codes(view)
    if not codes:
        return None
    others = view.others[codes]
    medians, points = view.medians[codes], view.points[codes]
    there = pd.concat([others, points.to_frame().T])
    rows = Rows(*score_limits(view, there.to_numpy()))
    middles, first = {}, _first(medians, points)
    for code in codes:
        score, median = points[code], medians[code]
        absent = pd.isna(score)
        cell = (word("no_score", lang), SOFT) if absent else (view.score(score), CITY)
        rows.label(view.title(code), [cell], bold=code == TOTAL)
        if code == first:
            names = [(score, "" if absent else view.name, CITY)]
            if pd.notna(median):
                names.append((median, tr(lang, "median"), SOFT))
            rows.place(names)
        middles[code] = rows.band(16)
        rows.gap()
    _draw_others(rows, others.rename(columns=middles))
    heights = [middles[code] for code in codes]
    rows.upright(medians, np.array(heights) - 8, np.array(heights) + 8, INK, 1.6)
    rows.dots(points, heights)
    return rows.finish(
        lang, f"{score_axis(view)}{_grey(len(others), lang)}", board.observations.demo
    )


def _first(medians: pd.Series[float], points: pd.Series[float]) -> str:
    """The first row on which both city and median can be named, else one of them."""
    said = medians.notna().astype(int) + points.notna()
    return str(said.idxmax())


def _draw_others(rows: Rows, others: pd.DataFrame) -> None:
    """Draw the numbers of a wide table at the heights that are its columns: dots, or bands."""
    if len(others) > MOST_DOTS:
        low, high = others.quantile(0.1), others.quantile(0.9)
        rows.bars(others.columns.to_numpy(dtype=float), high - low, 10, FAINT, left=low)
        return
    heights = np.tile(others.columns.to_numpy(dtype=float), len(others))
    rows.crowd(others.to_numpy(dtype=float).ravel(), heights)


def _grey(others: int, lang: Lang) -> str:
    """Say what is grey, after a semicolon; nothing where there are no other cities."""
    if others > MOST_DOTS:
        return tr(lang, "; grey band: the middle 80 % of the other cities")
    grey = tr(lang, "; grey dots: the other cities")
    return grey if others else ""


def contributions(board: Scoreboard, city: str, period: str, lang: Lang) -> Figure | None:
    """Draw the points of the composite that each objective gives, and those it could still give.

    What it could still give is drawn where shares add up, under weighted arithmetic means.
    None where the city has no composite score, or one that does not split.
    """
    view = view_of(board, city, period, lang)
    table = shown.shares(view)
    if table.empty:
        return None
    full = bool(table["left"].notna().all())
    ends = table["given"] + table["left"].fillna(0.0)
    rows = Rows(min(0.0, table["given"].min()), max(ends.max(), 1e-9))
    names = [tr(lang, "given"), tr(lang, "to gain")]
    names, colors = names[: 1 + full], [CITY, SOFT]
    column = max(text_width(name, LABEL, bold=True) for name in names) + 10
    total = f"{word('total', lang)}: {view.score(view.points[TOTAL])}"
    rows.label(total, zip(names, colors, strict=False), column, bold=True)
    heights = []
    for code, given, left in table.itertuples():
        rows.gap(6)
        cells = zip([view.score(given), view.score(left)][: 1 + full], colors, strict=False)
        absent = pd.isna(view.points[code])
        rows.label(view.title(code), [(word("no_score", lang), SOFT)] if absent else cells, column)
        heights.append(rows.band(14))
    rows.bars(heights, table["given"], 11, CITY)
    if full:
        rows.bars(heights, table["left"], 11, PALE, left=table["given"])
    axis = tr(lang, "Points of the composite score")
    return rows.finish(lang, axis, board.observations.demo)


def strengths(board: Scoreboard, city: str, period: str, lang: Lang) -> Figure | None:
    """Draw the indicators furthest above and furthest below the median of the other cities.

    In score points, at most five on each side. None where no indicator has a score in at
    least three cities, or all of them are at the median.
    """
    view = view_of(board, city, period, lang).compared
    table = shown.furthest(view)
    if table.empty:
        return None
    rows = Rows(min(0.0, table["ahead"].min()), max(0.0, table["ahead"].max()))
    heights = []
    for code, ahead, value, median in table.itertuples():
        color = CITY if ahead > 0 else BELOW
        rows.label(_title(view, code), [(view.change(ahead), color)])
        label = tr(lang, "median")
        middle = f"{label} {_value(view, code, median)}"
        rows.note(f"{_value(view, code, value)}; {middle}")
        heights.append(rows.band(14))
        rows.gap()
    rows.bars(heights, table["ahead"].clip(lower=0.0), 9, CITY)
    rows.bars(heights, table["ahead"].clip(upper=0.0), 9, BELOW)
    rows.upright(0, np.array(heights) - 7, np.array(heights) + 7, SOFT, 1)
    axis = tr(lang, "Score points above or below the median of the other cities")
    return rows.finish(lang, axis, board.observations.demo)


def gaps(board: Scoreboard, city: str, period: str, lang: Lang) -> Figure | None:
    """Draw the indicators short of their target: value and target on a scale of 0–100.

    At most twelve, by the points of the composite that reaching the target alone would
    bring. The scale runs between the goalposts; where an indicator has none, it is the
    share of the target reached, for all. None where no target in force is open.
    """
    view = view_of(board, city, period, lang)
    table = shown.open_gaps(view)
    if table.empty:
        return None
    rows = Rows(0.0, 100.0)
    heights = []
    for code, row in table.iterrows():
        gain = "" if pd.isna(row["gain"]) else f"{view.gain(row['gain'])} {word('points', lang)}"
        rows.label(_title(view, str(code)), [(gain, CITY)] if gain else [])
        heights.append(rows.band(16))
        due = tr(lang, "target") + " " if len(heights) == 1 else ""
        goal = f"{due}{_value(view, str(code), row['target'])} ({row['year']:.0f})"
        value = _value(view, str(code), row["value"])
        rows.place([(row["from"], value, CITY), (row["to"], goal, INK)])
        rows.gap(7)
    rows.across(heights, table["from"], table["to"], PALE, 4)
    rows.dots(table["from"], heights)
    rows.dots(table["to"], heights, fill="none", edge=INK, size=7.7, stroke=1.5)
    if shown.by_goalposts(view):
        axis = tr(lang, "Score of the indicator (0–100)")
    else:
        axis = tr(lang, "Share of the target reached (%)")
    return rows.finish(lang, axis, board.observations.demo)


def compare_values(board: Scoreboard, city: str, period: str, lang: Lang) -> Figure | None:
    """Draw where the city's values lie between the lowest and the highest of all cities.

    At most fifteen indicators, those of the most cities. For these there need be no score.
    Where no other city has values in the period, the others are in their latest one, and
    the figure says so. None where no value of the city has another city's beside it.
    """
    view = view_of(board, city, period, lang)
    table = shown.compared(view)
    others, same_period = shown.beside(view)
    if table.empty:
        return None
    ends = table[["low", "high"]].apply(
        lambda column: [_value(view, str(code), x) for code, x in column.items()]
    )
    left, right = (max(text_width(text, SMALL) for text in ends[end]) + 14 for end in ends)
    # The scale is the middle part of the rows, between the columns of the lowest and highest.
    unit = 1 / (INNER - left - right)
    rows = Rows(-left * unit, 1 + right * unit)
    heights = []
    for code, low, high in ends.itertuples():
        rows.label(_title(view, code), [(_value(view, code, view.values[code]), CITY)])
        heights.append(rows.band(18))
        rows.write(low, left - 14, heights[-1] + 4, "right", SOFT)
        rows.write(high, INNER - right + 14, heights[-1] + 4, color=SOFT)
        rows.gap(5)
    span = (table["high"] - table["low"]).where(lambda x: x > 0)
    values = pd.concat([others[table.index], table["value"].to_frame().T])
    # Where all cities have the same value there is no span, and all are in the middle.
    places = ((values - table["low"]) / span).where(span.notna() | values.isna(), 0.5)
    rows.across(heights, 0, 1, FAINT, 1.5, zorder=0)
    _draw_others(rows, places.iloc[:-1].set_axis(heights, axis=1))
    rows.dots(places.iloc[-1], heights)
    span_name = tr(lang, "From the lowest to the highest value")
    rows.note(f"{span_name}{_grey(len(others), lang)}{'' if same_period else _latest(lang)}")
    return rows.finish(lang, "", board.observations.demo)


def _latest(lang: Lang) -> str:
    return tr(lang, " (each in its latest period)")


def ranking(board: Scoreboard, period: str, lang: Lang) -> Figure | None:
    """Draw the composite of every city of a period, best first.

    With more than forty cities, the first twenty and the last twenty. None where no city
    has a composite score.
    """
    table = shown.ranked(board, period)
    if table.empty:
        return None
    view = view_of(board, str(table.index[0]), period, lang)
    half = shown.MOST_RANKED // 2
    few = len(table) <= shown.MOST_RANKED
    parts = [table] if few else [table.head(half), table.tail(half)]
    kept = pd.concat(parts)
    digits = len(f"{kept['rank'].max():.0f}")
    prefix = text_width("0" * digits + "\u2002", SMALL)
    names = {city: city_name(board, str(city), lang) for city in kept.index}
    widest = max(text_width(name, SMALL) for name in names.values())
    aside = min(widest, 0.4 * INNER) + prefix + 10
    low, high = score_limits(view, kept["score"].to_numpy())
    end = max(text_width(view.score(score), SMALL) for score in kept["score"]) + 10
    high += (high - low) * end / (INNER - aside - end)  # room for the score of a best city
    rows = Rows(low, high, aside)
    heights: list[float] = []
    for i, part in enumerate(parts):
        if i:
            hidden = counted(len(table) - len(kept), lang, "{n} other city", "{n} other cities")
            rows.gap(4)
            rows.write(f"… {hidden} …", -aside, rows.y + LINE - 4, color=SOFT)
            rows.gap(LINE + 4)
        for city, score, rank in part[["score", "rank"]].itertuples():
            lines = wrap(names[city], aside - prefix - 9, SMALL)
            middle = rows.band(LINE)
            y = middle + 4
            rows.write(number(rank, lang, 0), prefix - aside - 6, y, "right", SOFT)
            for j, line in enumerate(lines):
                rows.write(line, prefix - aside, y + j * LINE)
            rows.gap(LINE * (len(lines) - 1))
            heights.append(middle)
            rows.write(view.score(score), rows.points(score) + 7, y, color=INK)
    rows.across(heights, max(low, 0.0), kept["score"], PALE, 3)
    rows.dots(kept["score"], heights, size=6.7)
    return rows.finish(lang, score_axis(view), board.observations.demo)


def _title(view: CityView, code: str) -> str:
    """The title of an indicator, with the unit where it is too long to stand at a value."""
    unit = in_language(view.indicator(code).unit, view.lang)
    title = view.title(code)
    return f"{title}, {unit}" if len(unit) > _SHORT_UNIT else title


def _value(view: CityView, code: str, value: float) -> str:
    unit = in_language(view.indicator(code).unit, view.lang)
    if len(unit) > _SHORT_UNIT:
        return amount(value, view.lang)
    return quantity(value, unit, view.lang)
