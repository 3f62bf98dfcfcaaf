"""Targets: how far each is, whether its path is kept, and when the present pace reaches it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.analysis.targets import CONFIDENCE, STATUSES, TOLERANCE, track
from kpi_lib.io.cells.periods import years
from kpi_lib.locale.catalogue import Lang, tr, tr_in, tr_n
from kpi_lib.locale.words import in_language, listed, percent
from kpi_lib.report.page.piece import ChartPiece
from kpi_lib.report.page.sentences import Sentence, said_n
from kpi_lib.report.page.templating import render
from kpi_lib.report.page.theme import COLOURS
from kpi_lib.report.view import named
from kpi_lib.report.view.city import CityView

FAR = 50
"""Years ahead beyond which no year is named: a pace says nothing about so far a time."""

TOO_SLOW = "too slow"
"""The path is kept so far, but the present pace reaches the target after it is due."""


@lru_cache(maxsize=8)
def tracked(view: CityView) -> pd.DataFrame:
    """Each target of the city as :func:`track` gives it, with what its forecast says of it.

    ``status`` is ``too slow`` where the path is kept by now, and the pace or the end of its
    interval reaches the target after it is due.
    """
    found = track(view.board, view.city, view.period)
    late = (found["met_by"] > found["year"] + 1e-9) | (found["met_latest"] > found["year"] + 1e-9)
    kept = found["status"].isin(["ahead", "on track"])
    return found.assign(status=found["status"].where(~(kept & late), TOO_SLOW))


def status(key: str, lang: Lang) -> str:
    """Name a status of a target."""
    return {
        "met": tr_in(lang, "target", "met"),
        "ahead": tr_in(lang, "target", "ahead"),
        "on track": tr_in(lang, "target", "on track"),
        TOO_SLOW: tr_in(lang, "target", "on the path, too slow"),
        "behind": tr_in(lang, "target", "behind"),
        "starting": tr_in(lang, "target", "first value"),
        "no data": tr_in(lang, "target", "no data"),
    }[key]


def data(view: CityView) -> pd.DataFrame:
    """Every target in force, open ones first, by the points that reaching each would add.

    Columns: ``title``, ``baseline`` (first value) and ``baseline_period``, ``value``,
    ``expected`` (by the path, now), ``target``, ``year``, ``way`` (covered, %), ``status``,
    ``met_by, met_earliest, met_latest`` (years at the present pace; inf: never), ``gain``
    (points of the composite), ``agency``, ``basis`` (of the target).
    """
    found = tracked(view)
    order = found.assign(met=found["status"] == "met", none=found["status"] == "no data")
    order = order.sort_values(["met", "none", "gain"], ascending=[True, True, False], kind="stable")
    codes = [str(code) for code in order.index]
    leaves = [view.indicator(code) for code in codes]
    columns = ["baseline", "baseline_period", "value", "expected", "target", "year", "way"]
    columns += ["status", "met_by", "met_earliest", "met_latest", "gain"]
    table = order[columns].copy()
    table.insert(0, "title", [view.title(code) for code in codes])
    table["agency"] = [in_language(leaf.agency, view.lang) for leaf in leaves]
    table["basis"] = [in_language(leaf.target_source, view.lang) for leaf in leaves]
    return table.rename_axis("code")


def sentences(view: CityView, found: pd.DataFrame) -> list[Sentence]:
    """How many targets are met, on their path, and behind."""
    numbers = found["status"].value_counts()
    order = (*STATUSES[:3], TOO_SLOW, *STATUSES[3:])
    clauses = {key: _clause(view, key, int(numbers[key])) for key in order if key in numbers}
    named_in = {f"{k}_{i}": v for i, c in enumerate(clauses.values()) for k, v in c.values.items()}
    joined = Sentence(listed([c.text for c in clauses.values()], view.lang), named_in)
    return [
        said_n(
            view.lang,
            "{name} has {n} target in force: {clauses}.",
            "{name} has {n} targets in force: {clauses}.",
            len(found),
            name=view.name,
            n=named.count(view, len(found), "targets"),
            clauses=joined,
        )
    ]


def _clause(view: CityView, key: str, n: int) -> Sentence:
    """Say how many targets have a status."""
    what = named.count(view, n, f"targets {key}")
    text = {
        "met": tr_in(view.lang, "targets", "{n} met"),
        "ahead": tr_in(view.lang, "targets", "{n} ahead"),
        "on track": tr_in(view.lang, "targets", "{n} on track"),
        TOO_SLOW: tr_in(view.lang, "targets", "{n} on the path but too slow"),
        "behind": tr_in(view.lang, "targets", "{n} behind"),
        "starting": tr_in(view.lang, "targets", "{n} with a first value only"),
        "no data": tr_in(view.lang, "targets", "{n} without data"),
    }[key]
    return Sentence(text.format(n=what), {"n": what})


def piece(view: CityView) -> ChartPiece | None:
    """One table of all targets; None where no target is in force."""
    found = data(view)
    if found.empty:
        return None
    texts = sentences(view, found)
    rows = [_row(view, str(code), row) for code, row in found.to_dict("index").items()]
    html = render(
        "sections/targets.html.j2",
        view.lang,
        lead=texts,
        groups=[
            (tr_n(view.lang, "Not met ({n})", "Not met ({n})", len(open_), n=len(open_)), open_)
            if key == "open"
            else (tr_n(view.lang, "Met ({n})", "Met ({n})", len(open_), n=len(open_)), open_)
            for key, open_ in (
                ("open", [row for row in rows if row["status"] != "met"]),
                ("met", [row for row in rows if row["status"] == "met"]),
            )
            if open_
        ],
        paced=bool(found["met_by"].notna().any()),
        basis=sorted({text for text in found["basis"] if text}),
        period=named.period(view),
        slack=percent(TOLERANCE, view.lang),
        sure=percent(CONFIDENCE, view.lang),
    )
    return ChartPiece.of(view, found, html, lambda ax: draw(view, found, ax), texts)


def _row(view: CityView, code: str, row: Mapping[Hashable, Any]) -> dict[str, object]:
    """What the template shows of a target."""
    known = pd.notna(row["value"])
    now = years(view.period)
    return {
        "title": row["title"],
        "agency": row["agency"],
        "status": row["status"],
        "status_text": status(row["status"], view.lang) + _due(row, now, view.lang),
        "value": view.measured(code) if known else "",
        "base": _base(view, code, row),
        "target": f"{view.with_unit(code, row['target'])} ({row['year']:.0f})",
        "at": _place(row["value"], row) if known and pd.notna(row["baseline"]) else None,
        "path": None if row["status"] == "met" else _place(row["expected"], row),
        "label": _label(view, code, row),
        "year": _when(row, now, view.lang),
        "interval": _interval(row, now, view.lang),
        "gain": view.gain(row["gain"]) if row["status"] != "met" and row["gain"] > 0 else "",
    }


def _due(row: Mapping[Hashable, Any], now: float, lang: Lang) -> str:
    return tr(lang, ", due") if row["status"] == "behind" and now >= row["year"] else ""


def _base(view: CityView, code: str, row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["baseline"]):
        return ""
    return f"{view.with_unit(code, row['baseline'])} ({row['baseline_period']})"


def _place(value: float, row: Mapping[Hashable, Any]) -> float | None:
    """Place a value between baseline and target, in per cent of the way."""
    if pd.isna(value) or pd.isna(row["baseline"]):
        return None
    length = row["target"] - row["baseline"]
    if row["status"] == "met":
        return 100.0
    if length == 0:
        return 0.0
    return round(float(100 * min(max((value - row["baseline"]) / length, 0.0), 1.0)), 1)


def _label(view: CityView, code: str, row: Mapping[Hashable, Any]) -> str:
    """What the graphic says in words."""
    if pd.isna(row["value"]) or pd.isna(row["baseline"]):
        return status(row["status"], view.lang)
    texts = [
        f"{_base(view, code, row)} → {view.measured(code)} → {view.with_unit(code, row['target'])}"
    ]
    if row["status"] != "met" and pd.notna(row["expected"]):
        path = view.with_unit(code, row["expected"])
        texts.append(tr(view.lang, "the path asks for {path} by now", path=path))
    return "; ".join(texts)


def _when(row: Mapping[Hashable, Any], now: float, lang: Lang) -> str:
    """The year in which the present pace reaches the target."""
    if row["status"] == "met" or pd.isna(row["met_by"]):
        return ""
    return _year(row["met_by"], now, lang)


def _interval(row: Mapping[Hashable, Any], now: float, lang: Lang) -> str:
    """The interval of that year; nothing where there is none, or it is that year only."""
    if row["status"] == "met" or pd.isna(row["met_by"]) or pd.isna(row["met_earliest"]):
        return ""
    first, last = (_year(row[end], now, lang) for end in ("met_earliest", "met_latest"))
    return "" if first == last == _when(row, now, lang) else f"{first}–{last}"


def _year(at: float, now: float, lang: Lang) -> str:
    """The year at the end of which something is so; none is named that is too far."""
    if at - now > FAR:
        return tr_in(lang, "year", "never")
    return str(math.ceil(at - 1e-9))


def draw(view: CityView, found: pd.DataFrame, ax: Axes) -> None:
    """Draw the way to each target: covered share, and the share that its path asks for."""
    order = found[found["baseline"].notna() & found["value"].notna()].iloc[::-1]
    way = [_place(row["value"], row) or 0.0 for row in order.to_dict("records")]
    path = [_place(row["expected"], row) for row in order.to_dict("records")]
    ax.barh(order["title"], 100, color=COLOURS["line"], height=0.4)
    ax.barh(order["title"], way, height=0.4, color=COLOURS["me"], label=tr(view.lang, "covered"))
    marks = [(share, i) for i, share in enumerate(path) if share is not None]
    ax.plot(
        *zip(*marks, strict=True),
        "|",
        color=COLOURS["ink"],
        ms=14,
        label=tr(view.lang, "asked for by now"),
    ) if marks else None
    ax.set(xlabel=tr(view.lang, "way from the first value to the target, %"), ylabel=None)
    ax.legend(frameon=False)
