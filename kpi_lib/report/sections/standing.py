"""Sentences on where a city stands: score, rank and how sure it is, coverage, best and worst."""

from __future__ import annotations

import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import mark_n, tr, tr_n
from kpi_lib.locale.words import (
    amount,
    capital,
    counted,
    listed,
    number,
    ordinal,
    percent,
    period_name,
)
from kpi_lib.report.sections.changes import against
from kpi_lib.report.sections.points import review
from kpi_lib.report.sections.unscored import no_scores, scored_count
from kpi_lib.report.view import CityView

_NOT_FINAL = {
    "provisional": mark_n("{n} is provisional", "{n} are provisional"),
    "estimated": mark_n("{n} is estimated", "{n} are estimated"),
    "imputed": mark_n("{n} is imputed", "{n} are imputed"),
}


def standing(view: CityView) -> list[str]:
    """Say where the city stands: score, rank, coverage, change, best and weakest part."""
    if not view.observed:
        return [_nothing_reported(view)]
    if not view.scored:
        return _said(no_scores(view.board.framework, view.lang), _national(view))
    if pd.isna(view.points[TOTAL]):
        return _said(_no_total(view), _national(view), _parts_scored(view))
    return _said(
        " ".join(part for part in (_total(view), _change(view)) if part),
        _national(view),
        sureness(view),
        _class(view),
        _coverage(view),
        _quality(view),
        _extremes(view),
    )


def _said(*texts: str) -> list[str]:
    return [text for text in texts if text]


def _nothing_reported(view: CityView) -> str:
    total = len(view.board.framework.indicators)
    return tr(
        view.lang,
        "{name} has no data for {period}: all {total} indicators are empty. This "
        "report therefore only lists what is to be collected, and from whom.",
        name=view.name,
        period=view.period,
        total=total,
        period_2=period_name(view.period, view.lang),
    )


def _no_total(view: CityView) -> str:
    least = percent(view.board.framework.missing.min_coverage, view.lang)
    have = percent(float(view.coverage[TOTAL]), view.lang)
    seen, all_of = len(view.observed), len(view.board.framework.indicators)
    if view.board.framework.missing.policy == "strict":
        least = percent(1.0, view.lang)
    said = tr(
        view.lang,
        "No composite score can be given for {name} in {period}: the data cover "
        "{have} of the framework's weight, and at least {least} is needed. There "
        "are data for {seen} of the {all_of} indicators.",
        name=view.name,
        period=view.period,
        have=have,
        least=least,
        seen=seen,
        all_of=all_of,
        period_2=period_name(view.period, view.lang),
    )
    count = scored_count(view.board.framework, view.lang)
    if not count:
        return said
    rest = tr(view.lang, "Only indicators that are scored have weight: {count}.", count=count)
    return f"{said} {rest}"


def _parts_scored(view: CityView) -> str:
    groups = [g.code for g in view.board.framework.all_groups if g.code != TOTAL]
    scored = view.points[groups].dropna()
    if scored.empty:
        return ""
    named = listed(
        [f"“{view.title(code)}” ({view.score(scored[code])})" for code in scored.index[:4]],
        view.lang,
    )
    n = len(scored)
    if n > 4:
        return tr(
            view.lang,
            "{n} groups have enough data for a score, among them {named}.",
            n=n,
            named=named,
        )
    return tr_n(
        view.lang,
        "{n} group has enough data for a score: {named}.",
        "{n} groups have enough data for a score: {named}.",
        n,
        n=n,
        named=named,
    )


def _total(view: CityView) -> str:
    score, n = view.total(), view.ranked()
    out_of = ""
    if view.top is not None and view.board.framework.shown in {None, "points"}:
        top = amount(view.top, view.lang)
        out_of = (
            tr(view.lang, " of {top} points", top=top)
            if view.maximum is not None
            else tr(view.lang, " out of {top}", top=top)
        )
    rank = int(view.ranks[TOTAL])
    if n == 1:
        place = tr(view.lang, ", the only city with a score")
    else:
        place = tr(view.lang, " and ranks {rank} of {n} cities", rank=ordinal(rank, view.lang), n=n)
    said = tr(
        view.lang,
        "In {period} {name} scores {score}{out_of}{place}.",
        period=view.period,
        name=view.name,
        score=score,
        out_of=out_of,
        place=place,
        period_2=capital(period_name(view.period, view.lang)),
    )
    count = view.scored_text()
    return f"{said} {count}." if count else said


def _class(view: CityView) -> str:
    """Name the class that the composite reaches, where the framework has classes."""
    reached = view.scored_class()
    return tr(view.lang, "That is class {name}.", name=reached) if reached else ""


def _national(view: CityView) -> str:
    """Say the score under the national framework alone, where something local is added."""
    if view.national is None:
        return ""
    framework, local = view.national.board.framework.name, len(view.board.framework.local_codes)
    added = tr_n(
        view.lang,
        "This framework adds {n} local part to {framework}.",
        "This framework adds {n} local parts to {framework}.",
        local,
        n=local,
        framework=framework,
    )
    if pd.isna(view.national.points[TOTAL]):
        return added
    score, rank = view.national.score(view.national.points[TOTAL]), view.national.ranks[TOTAL]
    return f"{added} " + tr(
        view.lang,
        "Under the national framework alone the city scores {score} and ranks {rank} of {ranked}.",
        score=score,
        rank=ordinal(int(rank), view.lang),
        ranked=view.national.ranked(),
        rank_2=int(rank),
    )


def _change(view: CityView) -> str:
    before = view.before
    if before is None or pd.isna(before.points[TOTAL]):
        return ""
    up = int(before.ranks[TOTAL] - view.ranks[TOTAL])
    if up == 0:
        moved = tr(view.lang, "keeps its rank")
    elif up > 0:
        moved = counted(up, view.lang, "moves up {n} place", "moves up {n} places")
    else:
        moved = counted(-up, view.lang, "moves down {n} place", "moves down {n} places")
    return against(view, before.period, moved)


def sureness(view: CityView) -> str:
    """Sentences on how far the rank depends on the weights."""
    if view.interval is None:
        return ""
    low, high, same = view.interval
    if view.weight_ratios is None:
        return tr(
            view.lang,
            "The rank does not depend on the weights: no group has two parts with weight.",
        )
    least, most = (number(ratio, view.lang, 2) for ratio in view.weight_ratios)
    effect = tr(
        view.lang,
        "Effective weights (shares of all weight) then run from {least} to {most} times their own.",
        least=least,
        most=most,
    )
    if same == 1:
        said = tr(
            view.lang,
            "The rank hardly depends on the weights: it is the same in every draw when each "
            "weight varies by up to ±25 % relative to its siblings.",
        )
    elif low == high:
        said = tr(
            view.lang,
            "The rank hardly depends on the weights: it is the same in at least 90 % of draws "
            "when each weight varies by up to ±25 % relative to its siblings.",
        )
    else:
        said = tr(
            view.lang,
            "The rank depends {much} on the weights: when each weight varies by up to ±25 % "
            "relative to its siblings, it lies between {low} and {high} in 90 % of draws and "
            "stays as it is in {share}.",
            much=_much(view, same),
            low=low,
            high=high,
            share=percent(same, view.lang),
        )
    return f"{said} {effect}"


def _much(view: CityView, same: float) -> str:
    if same >= 0.75:
        return tr(view.lang, "little")
    return tr(view.lang, "somewhat") if same >= 0.4 else tr(view.lang, "strongly")


def _coverage(view: CityView) -> str:
    seen, all_of = len(view.observed), len(view.board.framework.indicators)
    share = percent(float(view.coverage[TOTAL]), view.lang)
    if seen == all_of:
        return tr(view.lang, "All {all_of} indicators have data.", all_of=all_of)
    return tr(
        view.lang,
        "The score rests on {share} of the framework's weight: {seen} of "
        "{all_of} indicators have data.",
        share=share,
        seen=seen,
        all_of=all_of,
    )


def _quality(view: CityView) -> str:
    """Say how many values are not final, and how many are verified."""
    given = view.rows[view.rows["value"].notna()]
    kinds = given["quality"].map(str.casefold).value_counts()
    named = [
        counted(int(kinds[kind]), view.lang, *said)
        for kind, said in _NOT_FINAL.items()
        if kind in kinds
    ]
    texts = [review(view)]
    if named:
        texts.insert(0, tr(view.lang, "Of the values, {named}.", named=listed(named, view.lang)))
    return " ".join(text for text in texts if text)


def _extremes(view: CityView) -> str:
    codes = [node.code for node in view.objectives]
    if view.maximum is not None:
        codes = [code for code in codes if view.maximum[code] > 0]
    scored, by = view.points[codes].dropna(), view.compared.points[codes].dropna()
    if len(scored) < 2:
        return ""
    best, worst = str(by.idxmax()), str(by.idxmin())
    if by[best] == by[worst]:
        return ""

    def place(code: str) -> str:
        rank, n = int(view.ranks[code]), view.ranked(code)
        return tr(
            view.lang,
            "{scored} points, {rank} of {n}",
            scored=view.out_of(code),
            rank=ordinal(rank, view.lang),
            n=n,
            rank_2=rank,
        )

    return tr(
        view.lang,
        "It does best in “{best}” ({best_2}) and worst in “{worst}” ({worst_2}).",
        best=view.title(best),
        best_2=place(best),
        worst=view.title(worst),
        worst_2=place(worst),
    )
