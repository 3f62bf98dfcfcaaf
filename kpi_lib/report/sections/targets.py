"""A report's words and tables on targets over the years: on track or not, and what pays most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from kpi_lib.analysis.targets import CONFIDENCE, FEWEST, STATUSES, TOLERANCE
from kpi_lib.analysis.what_if import SHARE
from kpi_lib.io.periods import years
from kpi_lib.locale.catalogue import Lang, tr, tr_in
from kpi_lib.locale.words import counted, listed, number, percent, period_name, word
from kpi_lib.observations.merge import MERGED
from kpi_lib.report.html import Fragment
from kpi_lib.report.sections.listings import table
from kpi_lib.report.view import CityView

FAR = 50
"""Years ahead beyond which no year is named: a pace says nothing about so far a time."""

MOST = 10
"""Rows of the table of priorities."""


def status(key: str, lang: Lang) -> str:
    """Name a status of :func:`kpi_lib.analysis.targets.track`."""
    return {
        "met": tr_in(lang, "target", "met"),
        "ahead": tr_in(lang, "target", "ahead"),
        "on track": tr_in(lang, "target", "on track"),
        "behind": tr_in(lang, "target", "behind"),
        "starting": tr_in(lang, "target", "first value"),
        "no data": tr_in(lang, "target", "no data"),
    }[key]


def _counted(n: int, key: str, lang: Lang) -> str:
    """Say how many targets have a status."""
    return {
        "met": tr_in(lang, "targets", "{n} met", n=n),
        "ahead": tr_in(lang, "targets", "{n} ahead", n=n),
        "on track": tr_in(lang, "targets", "{n} on track", n=n),
        "behind": tr_in(lang, "targets", "{n} behind", n=n),
        "starting": tr_in(lang, "targets", "{n} with a first value only", n=n),
        "no data": tr_in(lang, "targets", "{n} without data", n=n),
    }[key]


def tracking(view: CityView, tracked: pd.DataFrame) -> list[str]:
    """Say how many targets are met, on track or behind, and which the pace will not meet in time.

    ``tracked`` is from :func:`kpi_lib.analysis.targets.track`. Nothing where there is no target.
    """
    if tracked.empty:
        return []
    sentences = [_counts(view, tracked), _furthest_behind(view, tracked), _outlook(view, tracked)]
    return [" ".join(text for text in sentences if text), _method(view.lang)]


def _counts(view: CityView, tracked: pd.DataFrame) -> str:
    numbers = tracked["status"].value_counts()
    parts = [_counted(numbers[key], key, view.lang) for key in STATUSES if key in numbers]
    total = counted(len(tracked), view.lang, "{n} target", "{n} targets")
    return tr(
        view.lang,
        "{name} has {total} in force: {parts}.",
        name=view.name,
        total=total,
        parts=listed(parts, view.lang),
    )


def _furthest_behind(view: CityView, tracked: pd.DataFrame) -> str:
    """Name what is furthest behind its path, in per cent of the way."""
    behind = tracked[tracked["status"] == "behind"]
    length = (behind["target"] - behind["baseline"]).abs()
    lacking = ((behind["expected"] - behind["value"]).abs() / length)[length > 0]
    if lacking.empty:
        return ""
    code = str(lacking.astype(float).idxmax())
    row = dict(zip(behind.columns, behind.loc[[code]].to_numpy()[0], strict=True))
    asked, value = (view.with_unit(code, row[name]) for name in ("expected", "value"))
    return tr(
        view.lang,
        "Furthest behind is “{code}”: the path asks for {asked}, and it has {value}.",
        code=view.title(code),
        asked=asked,
        value=value,
    )


def _outlook(view: CityView, tracked: pd.DataFrame) -> str:
    """Say which open targets the present pace meets in time, later, or not at all."""
    open_ = tracked[(tracked["gap"] > 0) & tracked["met_by"].notna()]
    ahead = open_[open_["year"] > years(view.period)]
    if ahead.empty:
        never = int((open_["met_by"] - years(view.period) > FAR).sum())
        if not never:
            return ""
        return counted(
            never,
            view.lang,
            "At the present pace, {n} target past due will not be met.",
            "At the present pace, {n} targets past due will not be met.",
        )
    late = ahead[ahead["met_by"] > ahead["year"] + 1e-9]
    if late.empty:
        return tr(
            view.lang, "At the present pace, every target that is not yet due will be met in time."
        )
    named = [f"“{view.title(str(code))}”" for code in late.index[:3]]
    if len(late) > len(named):
        named.append(counted(len(late) - len(named), view.lang, "{n} other", "{n} others"))
    return tr(view.lang, "At the present pace, too late: {named}.", named=listed(named, view.lang))


def _method(lang: Lang) -> str:
    slack, sure = percent(TOLERANCE, lang), percent(CONFIDENCE, lang)
    return tr(
        lang,
        "The path runs straight from the first value (the baseline) through the "
        "targets by year; on track is within {slack} of the way from baseline to "
        "target. The pace is the median of slopes (Theil–Sen) with the {sure} "
        "interval of Sen (1968), given from {FEWEST} values on.",
        slack=slack,
        sure=sure,
        FEWEST=FEWEST,
    )


def track_table(view: CityView, tracked: pd.DataFrame) -> Fragment | None:
    """Give each target with its path, status, and the year in which the pace meets it."""
    if tracked.empty:
        return None
    order = {key: at for at, key in enumerate(("behind", "on track", "ahead"))}
    ordered = tracked.sort_values(
        "status", key=lambda column: column.map(lambda s: order.get(s, 9)), kind="stable"
    )
    heads = [
        word("indicator", view.lang),
        tr(view.lang, "Baseline"),
        word("value", view.lang),
        tr(view.lang, "Path"),
        word("target", view.lang),
        tr(view.lang, "Way covered"),
        tr(view.lang, "Status"),
        tr(view.lang, "Met at this pace"),
    ]
    return table(
        tr(view.lang, "Progress towards each target"),
        heads,
        [_row(view, str(code), row) for code, row in ordered.iterrows()],
        numeric=(1, 2, 3, 4, 5),
    )


def _row(view: CityView, code: str, row: pd.Series[Any]) -> tuple[str, ...]:
    def written(name: str) -> str:
        return "–" if pd.isna(row[name]) else view.with_unit(code, row[name])

    start = f" ({row['baseline_period']})" if pd.notna(row["baseline"]) else ""
    return (
        view.title(code),
        f"{written('baseline')}{start}",
        written("value"),
        written("expected"),
        f"{written('target')} ({row['year']:.0f})",
        "–" if pd.isna(row["way"]) else percent_of(row["way"], view.lang),
        _state(row, years(view.period), view.lang),
        when_met(row, years(view.period), view.lang),
    )


def _state(row: pd.Series[Any], now: float, lang: Lang) -> str:
    due = row["status"] == "behind" and now >= row["year"]
    return status(row["status"], lang) + (tr(lang, ", due") if due else "")


def percent_of(way: float, lang: Lang) -> str:
    """Write the part of a way that is covered, 100 % at the most; backwards has a real minus."""
    if way < 0:
        return "\N{MINUS SIGN}" + percent(-way / 100, lang)
    return percent(min(1.0, way / 100), lang)


def when_met(row: pd.Series[Any], now: float, lang: Lang) -> str:
    """Write the year in which a pace meets a target, with its interval."""
    if pd.isna(row["met_by"]):
        return "–"
    by = _year(row["met_by"], now, lang)
    if pd.isna(row["met_earliest"]):
        return by
    first, last = (_year(row[end], now, lang) for end in ("met_earliest", "met_latest"))
    return by if first == last == by else f"{by} ({first}–{last})"


def _year(at: float, now: float, lang: Lang) -> str:
    """The year at the end of which something is so; none is named that is too far."""
    if at - now > FAR:
        return tr(lang, "never")
    return str(math.ceil(at - 1e-9))


def priorities(view: CityView, gaps: pd.DataFrame) -> list[str]:
    """Say which gaps bring the most points for each tenth closed; ``gaps`` from ``priorities``."""
    paying = gaps[gaps["gain"] > 0]
    if paying.empty:
        return []
    share = percent(SHARE, view.lang)
    first = str(paying.index[0])
    points = number(paying["gain"].iloc[0], view.lang, view.digits + 2)
    now, step = (view.with_unit(first, paying[name].iloc[0]) for name in ("value", "step"))
    text = tr(
        view.lang,
        "Closing {share} of the gap in “{first}” (from {now} to {step}) brings "
        "the most: {points} points of the composite score.",
        share=share,
        first=view.title(first),
        now=now,
        step=step,
        points=points,
    )
    others = [f"“{view.title(str(code))}”" for code in paying.index[1:3]]
    if others:
        text += tr(view.lang, " Next: {others}.", others=listed(others, view.lang))
    return [text]


def priority_table(view: CityView, gaps: pd.DataFrame) -> Fragment | None:
    """Give the gaps by what a first step, a tenth of each, brings."""
    paying = gaps[gaps["gain"] > 0].head(MOST)
    if paying.empty:
        return None
    share = percent(SHARE, view.lang)
    heads = [
        word("indicator", view.lang),
        word("value", view.lang),
        tr(view.lang, "First step ({share})", share=share),
        tr(view.lang, "Points from {share}", share=share),
    ]
    return table(
        tr(view.lang, "Priorities: points of the composite score for each part of a gap closed"),
        heads,
        [
            (
                view.title(str(code)),
                view.with_unit(str(code), row["value"]),
                view.with_unit(str(code), row["step"]),
                "+" + number(row["gain"], view.lang, view.digits + 2),
            )
            for code, row in paying.iterrows()
        ],
        numeric=(1, 2, 3),
    )


def merged(view: CityView) -> list[str]:
    """Say which values were made of those of places that have merged, and by which method."""
    own = view.board.observations.of_city(view.city)
    own = own[own["quality"].str.startswith(MERGED)]
    own = own[own["period"].map(years) <= years(view.period)]
    sentences = []
    for quality, some in own.groupby("quality", sort=False):
        known = some[some["value"].notna()]
        method = str(quality).removeprefix(MERGED)
        how = (
            tr(view.lang, "the mean weighted by population")
            if method == "population"
            else tr(view.lang, "the plain mean")
        )
        names = "; ".join(dict.fromkeys(known["note"]))
        spans = _span(sorted(set(some["period"])), view.lang)
        if known.empty:
            continue
        sentences.append(
            tr(
                view.lang,
                "Before the merger ({spans}), the values of {name} are {how} of {names}; "
                "where one of them has no value, there is none.",
                spans=spans,
                name=view.name,
                how=how,
                names=names,
            )
        )
    return sentences


def _span(periods: Sequence[str], lang: Lang) -> str:
    if len(periods) == 1:
        return period_name(periods[0], lang)
    return f"{periods[0]}–{periods[-1]}"
