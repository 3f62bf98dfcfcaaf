"""What each figure shows, in a sentence or two for those who do not see it.

At most 300 characters, so that a screen reader gives it in one breath; the tables beside
the figures have the rest. Empty where the figure itself is None.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.words import Lang, capital, count, listed, period_name, say, word
from kpi_lib.report.sections import shown
from kpi_lib.report.view import CityView, city_name, view_of
from kpi_lib.scoring.score import Scoreboard

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
        first += say(lang, f", trung vị các đô thị khác {text}", f", median of the others {text}")
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
        say(
            lang,
            f"Trong {total} điểm tổng hợp, {view.title(most)} đóng góp nhiều nhất: "
            f"{view.score(table['given'].max())}.",
            f"Of the composite score of {total}, {view.title(most)} gives the most: "
            f"{view.score(table['given'].max())}.",
        )
    ]
    if table["left"].notna().all():
        left = str(table["left"].idxmax())
        points = view.score(table["left"].max())
        texts.append(
            say(
                lang,
                f"{view.title(left)} còn có thể thêm nhiều nhất: {points}.",
                f"{view.title(left)} could still add the most: {points}.",
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
        texts.append(
            _named(view, above, "Cao hơn trung vị nhiều nhất", "Furthest above the median")
        )
    if len(below):
        texts.append(
            _named(view, below, "Thấp hơn trung vị nhiều nhất", "Furthest below the median")
        )
    return _fit(texts)


def describe_gaps(board: Scoreboard, city: str, period: str, lang: Lang) -> str:
    """Give the number of open targets and the gap that it pays most to close."""
    view = view_of(board, city, period, lang)
    table = shown.open_gaps(view)
    if table.empty:
        return ""
    code, row = str(table.index[0]), table.iloc[0]
    n = count(len(view.open_targets), lang, "chỉ số", "indicator")
    value, target = (view.with_unit(code, row[end]) for end in ("value", "target"))
    gain = "" if pd.isna(row["gain"]) else f" ({view.gain(row['gain'])} {word('points', lang)})"
    return _fit(
        [
            say(lang, f"{n} chưa đạt mục tiêu.", f"{n} short of the target."),
            say(
                lang,
                f"{view.title(code)}: {value}, mục tiêu {target}{gain}.",
                f"{view.title(code)}: {value}, target {target}{gain}.",
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
        rise = say(lang, "Thay đổi tốt nhất", "Best change")
        texts.append(f"{rise}: {view.title(most)}, {_course(view, own[most])}.")
    if len(changes) > 1:
        least = str(changes.idxmin())
        fall = say(lang, "kém nhất", "weakest")
        texts.append(f"{capital(fall)}: {view.title(least)}, {view.change(changes[least])}.")
    return _fit(texts)


def describe_availability(board: Scoreboard, city: str, period: str, lang: Lang) -> str:
    """Give how many indicators have a value, and how many fields have none."""
    view = view_of(board, city, period, lang)
    n, all_ = len(view.observed), len(board.framework.indicators)
    empty = int((shown.observed(view, 1).iloc[:, -1] == 0).sum())
    texts = [
        say(
            lang,
            f"{capital(period_name(period, lang))}: {n} trong {all_} chỉ số có số liệu.",
            f"{period_name(period, lang)}: {n} of {all_} indicators have a value.",
        )
    ]
    if empty:
        texts.append(
            say(
                lang,
                f"{empty} lĩnh vực chưa có số liệu nào.",
                f"{count(empty, lang, '', 'field')} without any value.",
            )
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
    n = count(len(table), lang, "chỉ số", "indicator")
    _, same_period = shown.beside(view)
    latest = say(lang, " (kỳ gần nhất của mỗi đô thị)", " (each in its latest period)")
    when = "" if same_period else latest
    return _fit(
        [
            say(
                lang,
                f"So sánh {n} với các đô thị khác{when}: cao nhất ở {high}, thấp nhất ở {low}.",
                f"{n} beside the other cities{when}: highest in {high}, lowest in {low}.",
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
    n = count(len(table), lang, "đô thị", "city", "cities")
    texts = [
        say(
            lang,
            f"{n} có điểm {period_name(period, lang)}; cao nhất là {first} ({score[0]}).",
            f"{n} with a score in {period_name(period, lang)}; the highest is {first} "
            f"({score[0]}).",
        )
    ]
    if len(table) > 1:
        texts.append(
            say(
                lang,
                f"Thấp nhất là {last} ({score[-1]}).",
                f"The lowest is {last} ({score[-1]}).",
            )
        )
    return _fit(texts)


def _score(view: CityView, score: float) -> str:
    return word("no_score", view.lang) if pd.isna(score) else view.score(score)


def _extremes(view: CityView, parts: pd.Series[float]) -> str:
    best, worst = str(parts.idxmax()), str(parts.idxmin())
    high, low = view.score(parts[best]), view.score(parts[worst])
    return say(
        view.lang,
        f"Cao nhất: {view.title(best)} ({high}); thấp nhất: {view.title(worst)} ({low}).",
        f"Highest: {view.title(best)} ({high}); lowest: {view.title(worst)} ({low}).",
    )


def _named(view: CityView, ahead: pd.Series[float], vi: str, en: str) -> str:
    """Name the first two of a list of differences."""
    items = [f"{view.title(str(c))} ({view.change(x)})" for c, x in ahead.head(2).items()]
    return f"{say(view.lang, vi, en)}: {listed(items, view.lang)}."


def _course(view: CityView, scores: pd.Series[float]) -> str:
    """Say from which score in which period to which."""
    there = scores.dropna()
    first, last = (
        f"{view.score(there.iloc[i])} ({period_name(str(there.index[i]), view.lang)})"
        for i in (0, -1)
    )
    return say(view.lang, f"từ {first} tới {last}", f"from {first} to {last}")


def _fit(texts: Sequence[str]) -> str:
    """Join as many sentences as the limit allows; cut the first where it alone is too long."""
    said = ""
    for text in texts:
        longer = f"{said} {text}".strip()
        if len(longer) <= MOST:
            said = longer
    return said or texts[0][: MOST - 1].rstrip() + "…" if texts else ""
