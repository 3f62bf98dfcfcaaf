"""What each figure shows, in a sentence or two for those who do not see it.

At most 300 characters, so that a screen reader gives it in one breath; the tables beside
the figures have the rest. Empty where the figure itself is None.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kpi_lib.analysis.changes import new_sets
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang, mark, tr
from kpi_lib.locale.words import capital, counted, listed, period_name, word
from kpi_lib.report.names import city_name
from kpi_lib.report.sections import shown
from kpi_lib.report.view import CityView, view_of
from kpi_lib.scoring.scoreboard import Scoreboard

MOST = 300


def describe_profile(board: Scoreboard, city: str, period: str, lang: Lang) -> str:
    """Give the composite, the medians beside it, and the best and the weakest objective."""
    view = view_of(board, city, period, lang)
    codes = shown.profile_codes(view)
    if not codes:
        return ""
    total, median = view.points[TOTAL], view.medians[TOTAL]
    first = f"{view.name}, {period_name(period, lang)}: "
    first += f"{view.title(TOTAL).lower()} {_score(view, total)}"
    if pd.notna(median):
        text = view.score(median)
        first += tr(lang, ", median of the others {median}", median=text)
    parts = view.points[[code for code in codes if code != TOTAL]].dropna()
    if len(parts) < 2:
        return _fit([f"{first}."])
    return _fit([f"{first}.", _extremes(view, parts)])


def describe_contributions(board: Scoreboard, city: str, period: str, lang: Lang) -> str:
    """Give the objectives that give the most and could still give the most."""
    view = view_of(board, city, period, lang)
    table = shown.shares(view)
    if table.empty:
        return ""
    total = view.score(view.points[TOTAL])
    most = str(table["given"].idxmax())
    texts = [
        tr(
            lang,
            "Of the composite score of {total}, {title} gives the most: {given}.",
            total=total,
            title=view.title(most),
            given=view.score(table["given"].max()),
        )
    ]
    if table["left"].notna().all():
        left = str(table["left"].idxmax())
        points = view.score(table["left"].max())
        texts.append(
            tr(
                lang,
                "{left} could still add the most: {points}.",
                left=view.title(left),
                points=points,
            )
        )
    return _fit(texts)


def describe_strengths(board: Scoreboard, city: str, period: str, lang: Lang) -> str:
    """Give the indicators furthest above and below the median, and by how much."""
    view = view_of(board, city, period, lang)
    ahead = shown.furthest(view)["ahead"]
    above, below = ahead[ahead > 0], ahead[ahead < 0][::-1]
    texts = []
    if len(above):
        texts.append(_named(view, above, mark("Furthest above the median")))
    if len(below):
        texts.append(_named(view, below, mark("Furthest below the median")))
    return _fit(texts)


def describe_gaps(board: Scoreboard, city: str, period: str, lang: Lang) -> str:
    """Give the number of open targets and the gap that it pays most to close."""
    view = view_of(board, city, period, lang)
    table = shown.open_gaps(view)
    if table.empty:
        return ""
    code, row = str(table.index[0]), table.iloc[0]
    n = counted(len(view.open_targets), lang, "{n} indicator", "{n} indicators")
    value, target = (view.with_unit(code, row[end]) for end in ("value", "target"))
    gain = "" if pd.isna(row["gain"]) else f" ({view.gain(row['gain'])} {word('points', lang)})"
    return _fit(
        [
            tr(lang, "{n} short of the target.", n=n),
            tr(
                lang,
                "{code}: {value}, target {target}{gain}.",
                code=view.title(code),
                value=value,
                target=target,
                gain=gain,
            ),
        ]
    )


def describe_progress(board: Scoreboard, city: str, period: str, lang: Lang) -> str:
    """Give the first and the last composite, and the objectives that changed most and least."""
    view = view_of(board, city, period, lang)
    codes = shown.followed(view)
    if not codes:
        return ""
    own = shown.series(view)[codes]
    texts = []
    if TOTAL in codes:
        texts.append(f"{view.title(TOTAL)}: {_course(view, own[TOTAL])}.")
    parts = own.drop(columns=TOTAL, errors="ignore")
    there = {code: parts[code].dropna() for code in parts}
    changes = pd.Series({c: scores.iloc[-1] - scores.iloc[0] for c, scores in there.items()})
    if len(changes):
        most = str(changes.idxmax())
        rise = tr(lang, "Best change")
        texts.append(f"{rise}: {view.title(most)}, {_course(view, own[most])}.")
    if len(changes) > 1:
        least = str(changes.idxmin())
        fall = tr(lang, "weakest")
        texts.append(f"{capital(fall)}: {view.title(least)}, {view.change(changes[least])}.")
    new = new_sets(board, city, list(own.index), TOTAL)
    if any(new):
        periods = [str(period) for period, differs in zip(own.index, new, strict=True) if differs]
        texts.insert(
            1,
            tr(
                lang,
                "Other indicators count than in the period before: {periods}.",
                periods=listed(periods, lang),
            ),
        )
    return _fit(texts)


def describe_availability(board: Scoreboard, city: str, period: str, lang: Lang) -> str:
    """Give how many indicators have a value, and how many fields have none."""
    view = view_of(board, city, period, lang)
    n, all_ = len(view.observed), len(board.framework.indicators)
    empty = int((shown.observed(view, 1).iloc[:, -1] == 0).sum())
    texts = [
        tr(
            lang,
            "{period}: {n} of {all} indicators have a value.",
            period=period_name(period, lang),
            n=n,
            all=all_,
            period_2=capital(period_name(period, lang)),
        )
    ]
    if empty:
        texts.append(
            counted(empty, lang, "{n} field without any value.", "{n} fields without any value.")
        )
    return _fit(texts)


def describe_compare_values(board: Scoreboard, city: str, period: str, lang: Lang) -> str:
    """Give how many values are compared, and where the city has the highest or lowest."""
    view = view_of(board, city, period, lang)
    table = shown.compared(view)
    if table.empty:
        return ""
    apart = table[table["low"] < table["high"]]
    high = int((apart["value"] == apart["high"]).sum())
    low = int((apart["value"] == apart["low"]).sum())
    n = counted(len(table), lang, "{n} indicator", "{n} indicators")
    _, same_period = shown.beside(view)
    latest = tr(lang, " (each in its latest period)")
    when = "" if same_period else latest
    return _fit(
        [
            tr(
                lang,
                "{n} beside the other cities{when}: highest in {high}, lowest in {low}.",
                n=n,
                when=when,
                high=high,
                low=low,
            )
        ]
    )


def describe_ranking(board: Scoreboard, period: str, lang: Lang) -> str:
    """Give the number of ranked cities, the first and the last."""
    table = shown.ranked(board, period)
    if table.empty:
        return ""
    view = view_of(board, str(table.index[0]), period, lang)
    score = [view.score(x) for x in table["score"]]
    first, last = (city_name(board, str(table.index[i]), lang) for i in (0, -1))
    n = counted(len(table), lang, "{n} city", "{n} cities")
    texts = [
        tr(
            lang,
            "{n} with a score in {period}; the highest is {first} ({score}).",
            n=n,
            period=period_name(period, lang),
            first=first,
            score=score[0],
        )
    ]
    if len(table) > 1:
        texts.append(tr(lang, "The lowest is {last} ({score}).", last=last, score=score[-1]))
    return _fit(texts)


def _score(view: CityView, score: float) -> str:
    return word("no_score", view.lang) if pd.isna(score) else view.score(score)


def _extremes(view: CityView, parts: pd.Series[float]) -> str:
    best, worst = str(parts.idxmax()), str(parts.idxmin())
    high, low = view.score(parts[best]), view.score(parts[worst])
    return tr(
        view.lang,
        "Highest: {best} ({high}); lowest: {worst} ({low}).",
        best=view.title(best),
        high=high,
        worst=view.title(worst),
        low=low,
    )


def _named(view: CityView, ahead: pd.Series[float], text: str) -> str:
    """Name the first two of a list of differences."""
    items = [f"{view.title(str(c))} ({view.change(x)})" for c, x in ahead.head(2).items()]
    return f"{tr(view.lang, text)}: {listed(items, view.lang)}."


def _course(view: CityView, scores: pd.Series[float]) -> str:
    """Say from which score in which period to which."""
    there = scores.dropna()
    first, last = (
        f"{view.score(there.iloc[i])} ({period_name(str(there.index[i]), view.lang)})"
        for i in (0, -1)
    )
    return tr(view.lang, "from {first} to {last}", first=first, last=last)


def _fit(texts: Sequence[str]) -> str:
    """Join as many sentences as the limit allows; cut the first where it alone is too long."""
    said = ""
    for text in texts:
        longer = f"{said} {text}".strip()
        if len(longer) <= MOST:
            said = longer
    return said or texts[0][: MOST - 1].rstrip() + "…" if texts else ""
