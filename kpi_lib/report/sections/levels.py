"""A report's words and tables on maturity levels: the level, and what the next one takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_lib.analysis.levels import MET, NO_EVIDENCE, NOT_MET, Assessment, assess
from kpi_lib.framework.schemes import Criterion, Level, Scheme, load_scheme, scheme_of, schemes_for
from kpi_lib.locale.catalogue import Lang, tr, tr_in
from kpi_lib.locale.words import in_language, listed
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.sentences import Named, Sentence, said, said_n, together
from kpi_lib.report.page.tables import table
from kpi_lib.report.page.templating import render
from kpi_lib.report.view import named
from kpi_lib.report.view.city import CityView
from kpi_lib.scoring.scoreboard import Scoreboard


@lru_cache(maxsize=4)
def _own_scheme(board: Scoreboard) -> Scheme | None:
    """Choose the scheme of a report where none is named: the framework's own.

    For figures that are made up there is the demonstration on the framework; without any of
    these there is None: no real city is given a level by criteria that nobody issued.
    """
    own = scheme_of(board.framework)
    if own is None and board.observations.demo:
        return next((s for s in schemes_for(board.framework) if s.status == "demo"), None)
    return own


@lru_cache(maxsize=4)
def _by_own_scheme(view: CityView) -> Assessment | None:
    """Assess a city once for all sections; None where there is no scheme."""
    own = _own_scheme(view.board)
    return None if own is None else assess(own, view.board, view.city, view.period)


def _by_scheme(view: CityView, scheme: str | Path | Scheme) -> Assessment:
    """Assess a city by a scheme, its name or its file."""
    chosen = scheme if isinstance(scheme, Scheme) else load_scheme(scheme, view.board.framework)
    return assess(chosen, view.board, view.city, view.period)


@dataclass(frozen=True)
class Reached:
    """The level that a city has reached: its number of how many, and its title."""

    at: int
    of: int
    title: str


def reached(view: CityView) -> Reached | None:
    """The level that a city has reached; None where there is no scheme that is complete."""
    found = _by_own_scheme(view)
    if found is None or not found.scheme.complete:
        return None
    at = int(found.levels["reached"].sum())
    title = in_language(found.reached.title, view.lang) if found.reached else ""
    return Reached(at, len(found.scheme.levels), title)


def data(view: CityView, found: Assessment) -> pd.DataFrame:
    """The criteria of the next level (of the last, where all are reached), unmet ones first.

    Columns: ``criterion`` (its title), ``level``, ``kind``, ``status`` (met, not met, no
    evidence), ``value`` (of its indicator), ``short`` (what it lacks, in the unit), ``document``,
    ``since``, ``at_least`` and ``at_most`` (what is asked of the value).
    """
    at = found.next or found.scheme.levels[-1]
    titles = {c.code: in_language(c.title, view.lang) for c in at.criteria}
    table = found.criteria.loc[list(titles)].rename_axis("code")
    table.insert(0, "criterion", list(titles.values()))
    table["at_least"] = [c.at_least for c in at.criteria]
    table["at_most"] = [c.at_most for c in at.criteria]
    order = table["status"].map({NOT_MET: 0, NO_EVIDENCE: 1, MET: 2})
    return table.assign(order=order).sort_values("order", kind="stable").drop(columns="order")


def piece(view: CityView, scheme: str | Path | Scheme | None = None) -> Piece | None:
    """Level, what it takes to reach the next, and the scheme; None where there is no scheme."""
    found = _by_own_scheme(view) if scheme is None else _by_scheme(view, scheme)
    if found is None:
        return None
    texts = level(view, found)
    found_data = data(view, found) if found.scheme.complete else found.criteria
    html = render(
        "sections/level.html.j2",
        view.lang,
        lead=texts,
        levels=level_table(view, found),
        criteria=criteria_table(view, found),
        about=about_scheme(view, found.scheme),
    )
    return Piece(found_data, html, texts, beside={"levels": found.levels})


def level(view: CityView, found: Assessment) -> list[Sentence]:
    """Say which level a city reaches, what the next one lacks, and how to reach it shortest."""
    scheme = found.scheme
    if not scheme.complete:
        return [_incomplete(view, scheme)]
    texts = [_reached(view, found)]
    if found.next is not None:
        texts.append(_next(view, found, found.next))
    unproven = int((found.criteria["status"] == NO_EVIDENCE).sum())
    if unproven:
        texts.append(
            said_n(
                view.lang,
                "In all levels, {n} criterion is not met because data or evidence are missing.",
                "In all levels, {n} criteria are not met because data or evidence are missing.",
                unproven,
                n=named.count(view, unproven, "criteria without evidence"),
            )
        )
    if found.unknown:
        texts.append(
            said(
                view.lang,
                "Evidence is entered for criteria that the scheme does not have: {names}.",
                names=", ".join(found.unknown),
            )
        )
    return [together(texts)]


def about_scheme(view: CityView, scheme: Scheme) -> str:
    """Say what the scheme is, and what of it is not official."""
    note = in_language(scheme.note, view.lang)
    name = f"{in_language(scheme.title, view.lang)} ({scheme.name})"
    return tr(view.lang, "Scheme: {name}. {note}", name=name, note=note).strip()


def _incomplete(view: CityView, scheme: Scheme) -> Sentence:
    entered = scheme.entered
    parts = [f"{entered[kind]}/{expected}" for kind, expected in scheme.expects.items()]
    return said(
        view.lang,
        "No level can be given to {name}: the criteria of this scheme have not "
        "all been entered{state}.",
        name=view.name,
        state=f" ({', '.join(parts)})" if parts else "",
    )


def _reached(view: CityView, found: Assessment) -> Sentence:
    total = named.count(view, len(found.scheme.levels), "levels")
    if found.reached is None:
        return said(
            view.lang,
            "{name} has reached none of the {total} levels yet.",
            name=view.name,
            total=total,
        )
    at = found.scheme.levels.index(found.reached) + 1
    return said(
        view.lang,
        "{name} is at level {at} of {total}: {reached}{top}.",
        name=view.name,
        at=named.count(view, at, "level"),
        total=total,
        reached=_titled(view, found.reached),
        top=tr(view.lang, ", the highest") if at == total.value else "",
    )


def _next(view: CityView, found: Assessment, next_: Level) -> Sentence:
    titles = {c.code: in_language(c.title, view.lang) for c in next_.criteria}
    row, n = found.levels.T[next_.code], len(found.shortest)
    facts: dict[str, Named | Sentence | str] = {
        "level": _titled(view, next_),
        "met": named.count(view, int(row["met"]), "criteria met"),
        "criteria": named.count(view, int(row["criteria"]), "criteria"),
        "n": said_n(
            view.lang,
            "{n} criterion",
            "{n} criteria",
            n,
            n=named.count(view, n, "criteria to be met"),
        ),
        "names": listed([f"“{titles[code]}”" for code in found.shortest], view.lang),
    }
    if found.reached is None:
        return said(
            view.lang,
            "Of the first level, {level}, {met} of {criteria} criteria are met; at least "
            "{n} must still be met: {names}.",
            **facts,
        )
    return said(
        view.lang,
        "Of the next level, {level}, {met} of {criteria} criteria are met; at least "
        "{n} must still be met: {names}.",
        **facts,
    )


def _titled(view: CityView, level: Level) -> str:
    return f"“{in_language(level.title, view.lang)}”"


def level_table(view: CityView, found: Assessment) -> Markup | None:
    """Give each level with how many of its criteria are met; None where none are entered."""
    if not found.scheme.complete:
        return None
    heads = [
        tr(view.lang, "Level"),
        tr(view.lang, "Criteria met"),
        tr(view.lang, "Still to be met"),
        tr(view.lang, "Result"),
    ]
    rows = []
    for level in found.scheme.levels:
        row = found.levels.loc[level.code]
        reached = tr(view.lang, "reached") if row["reached"] else tr(view.lang, "not reached")
        met = f"{row['met']}/{row['criteria']}"
        rows.append((in_language(level.title, view.lang), met, str(row["short"]), reached))
    caption = tr(view.lang, "Levels and criteria met")
    return table(caption, heads, rows, numeric=(1, 2))


def criteria_table(view: CityView, found: Assessment) -> Markup | None:
    """Give each criterion of the next level, or of the last where all are reached."""
    if not found.scheme.complete:
        return None
    level = found.next or found.scheme.levels[-1]
    rows = {str(code): row for code, row in found.criteria.iterrows()}
    heads = [
        tr(view.lang, "Criterion"),
        tr(view.lang, "Kind"),
        tr(view.lang, "Result"),
        tr(view.lang, "What there is, and what is lacking"),
    ]
    name = in_language(level.title, view.lang)
    return table(
        tr(view.lang, "Criteria of the level “{name}”", name=name),
        heads,
        [
            (
                in_language(criterion.title, view.lang),
                _kind(criterion, view.lang),
                _status(rows[criterion.code]["status"], view.lang),
                _lacks(view, criterion, rows[criterion.code]),
            )
            for criterion in sorted(level.criteria, key=lambda c: rows[c.code]["status"] == MET)
        ],
    )


def _kind(criterion: Criterion, lang: Lang) -> str:
    return {
        "basic": tr_in(lang, "criterion", "basic"),
        "chosen": tr_in(lang, "criterion", "elective"),
    }[criterion.kind]


def _status(status: str, lang: Lang) -> str:
    return {
        MET: tr_in(lang, "criterion", "met"),
        NOT_MET: tr_in(lang, "criterion", "not met"),
        NO_EVIDENCE: tr_in(lang, "criterion", "not met, no evidence"),
    }[status]


def _lacks(view: CityView, criterion: Criterion, row: pd.Series[Any]) -> str:
    if criterion.indicator is None:
        if row["document"]:
            return f"{row['document']} ({row['since']})"
        if row["status"] == NO_EVIDENCE:
            needed = in_language(criterion.evidence, view.lang)
            return tr(view.lang, "needed: {needed}", needed=needed)
        return f"({row['since']})"
    asked = _condition(view, criterion)
    if math.isnan(row["value"]):
        return tr(view.lang, "no data; {asked} is required", asked=asked)
    value = view.with_unit(criterion.indicator, row["value"])
    if row["short"] == 0:
        return tr(view.lang, "{value} ({asked} is required)", value=value, asked=asked)
    short = view.distance(criterion.indicator, row["short"])
    over = criterion.at_most is not None and row["value"] > criterion.at_most
    if over:
        return tr(
            view.lang,
            "{value}, {short} over ({asked} is required)",
            value=value,
            short=short,
            asked=asked,
        )
    return tr(
        view.lang,
        "{value}, {short} short ({asked} is required)",
        value=value,
        short=short,
        asked=asked,
    )


def _condition(view: CityView, criterion: Criterion) -> str:
    assert criterion.indicator is not None
    parts = []
    if criterion.at_least is not None:
        bound = view.with_unit(criterion.indicator, criterion.at_least)
        parts.append(tr(view.lang, "at least {bound}", bound=bound))
    if criterion.at_most is not None:
        bound = view.with_unit(criterion.indicator, criterion.at_most)
        parts.append(tr(view.lang, "at most {bound}", bound=bound))
    return listed(parts, view.lang)
