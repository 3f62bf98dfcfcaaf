"""A report's words and tables on maturity levels: the level, and what the next one takes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_lib.analysis.levels import MET, NO_EVIDENCE, NOT_MET, Assessment
from kpi_lib.framework.schemes import Criterion, Level, Scheme, load_scheme, scheme_of, schemes_for
from kpi_lib.locale.words import count, in_language, listed, say
from kpi_lib.report.html import Fragment
from kpi_lib.report.sections.listings import table
from kpi_lib.report.view import CityView
from kpi_lib.scoring.score import Scoreboard

_STATUS = {
    MET: ("đạt", "met"),
    NOT_MET: ("không đạt", "not met"),
    NO_EVIDENCE: ("không đạt, không có minh chứng", "not met, no evidence"),
}
_KIND = {"basic": ("cơ bản", "basic"), "chosen": ("lựa chọn", "chosen")}


def scheme_for(board: Scoreboard, scheme: str | Path | Scheme | None = None) -> Scheme | None:
    """Choose the scheme of a report: the one named, else the framework's own.

    For figures that are made up there is the demonstration on the framework; without any of
    these there is None: no real city is given a level by criteria that nobody issued.
    """
    if isinstance(scheme, Scheme):
        return scheme
    if scheme is not None:
        return load_scheme(scheme, board.framework)
    own = scheme_of(board.framework)
    if own is None and board.observations.demo:
        return next((s for s in schemes_for(board.framework) if s.status == "demo"), None)
    return own


def level(view: CityView, found: Assessment) -> list[str]:
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
            say(
                view.lang,
                f"Trong toàn khung, {count(unproven, 'vi', 'tiêu chí', '')} không đạt vì không có "
                "số liệu hoặc minh chứng.",
                f"In the whole scheme, {count(unproven, 'en', '', 'criterion', 'criteria')} "
                f"{'is' if unproven == 1 else 'are'} not met for want of data or evidence.",
            )
        )
    if found.unknown:
        names = ", ".join(found.unknown)
        texts.append(
            say(
                view.lang,
                f"Minh chứng ghi cho tiêu chí không có trong khung: {names}.",
                f"Evidence is entered for criteria that the scheme does not have: {names}.",
            )
        )
    return [" ".join(texts)]


def about_scheme(view: CityView, scheme: Scheme) -> str:
    """Say what the scheme is, and what of it is not official."""
    note = in_language(scheme.note, view.lang)
    name = f"{scheme.title[view.lang]} ({scheme.name})"
    return say(view.lang, f"Khung cấp độ: {name}. {note}", f"Scheme: {name}. {note}").strip()


def _incomplete(view: CityView, scheme: Scheme) -> str:
    entered, parts = scheme.entered, []
    for kind, expected in scheme.expects.items():
        parts.append(f"{entered[kind]}/{expected}")
    state = f" ({', '.join(parts)})" if parts else ""
    return say(
        view.lang,
        f"Chưa thể xếp cấp độ của {view.name}: khung này chưa được nhập đủ tiêu chí{state}.",
        f"No level can be given to {view.name}: the criteria of this scheme have not all been "
        f"entered{state}.",
    )


def _reached(view: CityView, found: Assessment) -> str:
    total = len(found.scheme.levels)
    if found.reached is None:
        return say(
            view.lang,
            f"{view.name} chưa đạt cấp độ nào trong {total} cấp độ.",
            f"{view.name} has reached none of the {total} levels yet.",
        )
    at = found.scheme.levels.index(found.reached) + 1
    top = ""
    if at == total:
        top = say(view.lang, ", cấp độ cao nhất", ", the highest")
    return say(
        view.lang,
        f"{view.name} đạt cấp độ {at} trong {total} cấp độ: {_named(view, found.reached)}{top}.",
        f"{view.name} is at level {at} of {total}: {_named(view, found.reached)}{top}.",
    )


def _next(view: CityView, found: Assessment, next_: Level) -> str:
    titles = {c.code: c.title[view.lang] for c in next_.criteria}
    names = listed([f"“{titles[code]}”" for code in found.shortest], view.lang)
    row = found.levels.loc[next_.code]
    which_vi, which_en = ("đầu tiên", "first") if found.reached is None else ("tiếp theo", "next")
    n = count(len(found.shortest), view.lang, "tiêu chí", "criterion", "criteria")
    return say(
        view.lang,
        f"Cấp độ {which_vi}, {_named(view, next_)}, đã đạt {row['met']} trong {row['criteria']} "
        f"tiêu chí; con đường ngắn nhất là đạt thêm {n}: {names}.",
        f"Of the {which_en} level, {_named(view, next_)}, {row['met']} of {row['criteria']} "
        f"criteria are met; the shortest way there takes {n} more: {names}.",
    )


def _named(view: CityView, level: Level) -> str:
    return f"“{level.title[view.lang]}”"


def level_table(view: CityView, found: Assessment) -> Fragment | None:
    """Give each level with how many of its criteria are met; None where none are entered."""
    if not found.scheme.complete:
        return None
    heads = [
        say(view.lang, "Cấp độ", "Level"),
        say(view.lang, "Tiêu chí đạt", "Criteria met"),
        say(view.lang, "Còn phải đạt thêm", "Still to be met"),
        say(view.lang, "Kết quả", "Result"),
    ]
    rows = []
    for level in found.scheme.levels:
        row = found.levels.loc[level.code]
        reached = (
            say(view.lang, "đạt", "reached")
            if row["reached"]
            else say(view.lang, "chưa đạt", "not reached")
        )
        met = f"{row['met']}/{row['criteria']}"
        rows.append((level.title[view.lang], met, str(row["short"]), reached))
    caption = say(view.lang, "Các cấp độ và số tiêu chí đạt", "Levels and criteria met")
    return table(caption, heads, rows, numeric=(1, 2))


def criteria_table(view: CityView, found: Assessment) -> Fragment | None:
    """Give each criterion of the next level, or of the last where all are reached."""
    if not found.scheme.complete:
        return None
    level = found.next or found.scheme.levels[-1]
    rows = {str(code): row for code, row in found.criteria.iterrows()}
    heads = [
        say(view.lang, "Tiêu chí", "Criterion"),
        say(view.lang, "Loại", "Kind"),
        say(view.lang, "Kết quả", "Result"),
        say(view.lang, "Hiện có và còn thiếu", "What there is, and what is lacking"),
    ]
    name = level.title[view.lang]
    return table(
        say(view.lang, f"Tiêu chí của cấp độ “{name}”", f"Criteria of the level “{name}”"),
        heads,
        [
            (
                criterion.title[view.lang],
                say(view.lang, *_KIND[criterion.kind]),
                say(view.lang, *_STATUS[rows[criterion.code]["status"]]),
                _lacks(view, criterion, rows[criterion.code]),
            )
            for criterion in level.criteria
        ],
    )


def _lacks(view: CityView, criterion: Criterion, row: pd.Series[Any]) -> str:
    if criterion.indicator is None:
        if row["document"]:
            return f"{row['document']} ({row['since']})"
        if row["status"] == NO_EVIDENCE:
            needed = in_language(criterion.evidence, view.lang)
            return say(view.lang, f"cần: {needed}", f"needed: {needed}")
        return f"({row['since']})"
    asked = _condition(view, criterion)
    if math.isnan(row["value"]):
        return say(view.lang, f"không có số liệu; cần {asked}", f"no data; {asked} is asked")
    value = view.with_unit(criterion.indicator, row["value"])
    if row["short"] == 0:
        return say(view.lang, f"{value} (cần {asked})", f"{value} ({asked} is asked)")
    short = view.distance(criterion.indicator, row["short"])
    over = criterion.at_most is not None and row["value"] > criterion.at_most
    return say(
        view.lang,
        f"{value}, {'còn vượt' if over else 'còn thiếu'} {short} (cần {asked})",
        f"{value}, {short} {'over' if over else 'short'} ({asked} is asked)",
    )


def _condition(view: CityView, criterion: Criterion) -> str:
    assert criterion.indicator is not None
    parts = []
    if criterion.at_least is not None:
        bound = view.with_unit(criterion.indicator, criterion.at_least)
        parts.append(say(view.lang, f"ít nhất {bound}", f"at least {bound}"))
    if criterion.at_most is not None:
        bound = view.with_unit(criterion.indicator, criterion.at_most)
        parts.append(say(view.lang, f"nhiều nhất {bound}", f"at most {bound}"))
    return listed(parts, view.lang)
