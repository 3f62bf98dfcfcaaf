"""Sentences on a change over time: on the indicators of both periods, and the rest apart."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from kpi_lib.analysis.changes import Change, like_for_like
from kpi_lib.io.periods import year_of
from kpi_lib.locale.catalogue import Lang, tr, tr_n
from kpi_lib.locale.words import counted, listed, period_name
from kpi_lib.methods.digits import half_up
from kpi_lib.report.view import CityView
from kpi_lib.scoring.scoreboard import Scoreboard

# How many indicators are named one by one.
_NAMED = 2


@lru_cache(maxsize=8)
def _split(board: Scoreboard, city: str, before: str, after: str) -> Change:
    return like_for_like(board, city, before, after)


def change_since(view: CityView, before: str) -> Change:
    """Split the city's change since an earlier period: see :func:`like_for_like`."""
    return _split(view.board, view.city, before, view.period)


def against(view: CityView, before: str, moved: str) -> str:
    """Say how the score changed since an earlier period, and how the rank did (``moved``)."""
    change = change_since(view, before)
    like = change.total["like"]
    facts = {
        "period": before,
        "period_2": period_name(before, view.lang),
        "by": view.score(abs(like)),
        "moved": moved,
        "whole": view.change(change.total["change"]),
    }
    if not change.differs:
        return _on_all(view, like, facts)
    if pd.isna(like):
        return tr(
            view.lang,
            "Against {period} it {moved}; its score changes by {whole} points, but too few "
            "indicators count in both periods to compare the two.",
            **facts,
        )
    facts["indicators"] = _shared(view, change)
    return f"{_on_shared(view, like, facts)} {rest(view, change)}"


def _on_all(view: CityView, like: float, facts: dict[str, str]) -> str:
    if facts["by"] == view.score(0):
        same = tr(view.lang, "its score is unchanged")
        return tr(view.lang, "Against {period}, {same} and it {moved}.", same=same, **facts)
    if like > 0:
        return tr(view.lang, "Against {period} it gains {by} points and {moved}.", **facts)
    return tr(view.lang, "Against {period} it loses {by} points and {moved}.", **facts)


def _on_shared(view: CityView, like: float, facts: dict[str, str]) -> str:
    if facts["by"] == view.score(0):
        return tr(
            view.lang,
            "Against {period}, its score on the {indicators} of both periods is unchanged and it "
            "{moved}.",
            **facts,
        )
    if like > 0:
        return tr(
            view.lang,
            "Against {period} it gains {by} points on the {indicators} of both periods and "
            "{moved}.",
            **facts,
        )
    return tr(
        view.lang,
        "Against {period} it loses {by} points on the {indicators} of both periods and {moved}.",
        **facts,
    )


def course(view: CityView, first: str, last: str) -> str:
    """Say how the composite moved from one period to another, with the points a year."""
    change = _split(view.board, view.city, first, last)
    row = change.total
    like_is_known = change.differs and pd.notna(row["like"])
    keys = ("before_like", "after_like", "like") if like_is_known else ("before", "after", "change")
    start, end, moved = (row[key] for key in keys)
    facts = {
        "first": first,
        "last": last,
        "first_name": period_name(first, view.lang),
        "last_name": _until(first, last, view.lang),
        "name": view.name,
        "start": view.score(start),
        "end": view.score(end),
        "pace": _pace(view, moved, first, last),
    }
    if like_is_known:
        facts["indicators"] = _shared(view, change)
        return f"{_course_on_shared(view, moved, facts)} {rest(view, change)}"
    said = _course_on_all(view, moved, facts)
    if change.differs:
        said += " " + tr(
            view.lang,
            "Too few indicators count in both periods: the two scores are not comparable.",
        )
    return said


def _course_on_all(view: CityView, moved: float, facts: dict[str, str]) -> str:
    if moved > 0:
        return tr(
            view.lang,
            "From {first} to {last} the composite score of {name} rose from {start} "
            "to {end}{pace}.",
            **facts,
        )
    return tr(
        view.lang,
        "From {first} to {last} the composite score of {name} fell from {start} to {end}{pace}.",
        **facts,
    )


def _course_on_shared(view: CityView, moved: float, facts: dict[str, str]) -> str:
    if moved > 0:
        return tr(
            view.lang,
            "From {first} to {last} the score of {name} on the {indicators} of both periods rose "
            "from {start} to {end}{pace}.",
            **facts,
        )
    return tr(
        view.lang,
        "From {first} to {last} the score of {name} on the {indicators} of both periods fell "
        "from {start} to {end}{pace}.",
        **facts,
    )


def rest(view: CityView, change: Change) -> str:
    """Say what comes from indicators that entered or left, and what both make together.

    As the numbers are printed, the two sum to the whole.
    """
    row = change.total
    whole, like = (float(half_up(np.asarray(row[key]), view.digits)) for key in ("change", "like"))
    reasons = []
    if change.left:
        reasons.append(
            tr_n(
                view.lang,
                "{names} is no longer counted",
                "{names} are no longer counted",
                len(change.left),
                names=_names(view, change.left),
            )
        )
    if change.entered:
        reasons.append(
            tr_n(
                view.lang,
                "{names} is newly counted",
                "{names} are newly counted",
                len(change.entered),
                names=_names(view, change.entered),
            )
        )
    return tr(
        view.lang,
        "A further {rest} points come about because {reasons}: together {whole}, from {before} "
        "to {after}.",
        rest=view.change(whole - like),
        reasons=listed(reasons, view.lang),
        whole=view.change(whole),
        before=view.score(row["before"]),
        after=view.score(row["after"]),
    )


def _shared(view: CityView, change: Change) -> str:
    return counted(len(change.shared), view.lang, "{n} indicator", "{n} indicators")


def _names(view: CityView, codes: tuple[str, ...]) -> str:
    if len(codes) > _NAMED:
        return counted(len(codes), view.lang, "{n} indicator", "{n} indicators")
    return listed([f"“{view.title(code)}”" for code in codes], view.lang)


def _pace(view: CityView, moved: float, first: str, last: str) -> str:
    span = year_of(last) - year_of(first)
    if span <= 1:
        return ""
    return tr(view.lang, ", {rate} points a year on average", rate=view.score(abs(moved) / span))


def _until(first: str, last: str, lang: Lang) -> str:
    """The end of a span of years is a bare number, for languages that name the first a year."""
    return last if len(first) == len(last) == 4 else period_name(last, lang)


def moves(view: CityView, first: str, last: str) -> pd.Series[float]:
    """Change of each objective on the indicators of both periods, largest first."""
    change = _split(view.board, view.city, first, last)
    codes = [node.code for node in view.objectives]
    own = view.history.loc[last, codes] - view.history.loc[first, codes]
    like = change.table["like"].reindex(codes)
    found = like.where(like.index.isin(change.table.index), own)
    return found.dropna().sort_values(ascending=False, kind="stable")
