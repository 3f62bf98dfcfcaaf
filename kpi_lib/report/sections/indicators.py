"""Every indicator, folded by part: a line each, and all that is known of it when opened."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.framework.model import Group, Indicator, Node
from kpi_lib.locale.catalogue import Lang, mark, tr, tr_in
from kpi_lib.locale.words import in_language, number, reason, word
from kpi_lib.observations.quality import not_final, quality_of
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.templating import render
from kpi_lib.report.sections.methods import rule
from kpi_lib.report.sections.targets import status, tracked
from kpi_lib.report.sections.weights import effective_weights
from kpi_lib.report.view import graphics
from kpi_lib.report.view.city import CityView
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.indicators import scorable

QUALITIES = {
    "provisional": mark("provisional"),
    "estimated": mark("estimated"),
    "imputed": mark("imputed"),
    "reported": mark("self-scored"),
    "verified": mark("verified"),
}
"""The qualities that a value may have, in words; any other text is shown as it stands."""


def data(view: CityView) -> pd.DataFrame:
    """All indicators as a table, a row for each code.

    Columns: ``part`` (title of the part that it belongs to), ``title``, ``value`` and ``median``
    (of the others), ``unit``, ``score``, ``ahead`` (of the others' median score), ``rank``,
    ``ranked``, ``status`` (of its target), ``weight`` (effective: share, 0–1, of all weight),
    ``quality``, ``source``, ``note``, ``said`` (the word, of a value that is one).
    """
    framework, lang = view.board.framework, view.lang
    leaves = framework.indicators
    codes = [leaf.code for leaf in leaves]
    rows = view.rows.reindex(codes)
    parts = {
        leaf.code: view.title(node.code)
        for node in view.objectives
        for leaf in framework.leaves(node.code)
    }
    return pd.DataFrame(
        {
            "part": [parts.get(code, "") for code in codes],
            "title": [in_language(leaf.title, lang) for leaf in leaves],
            "value": view.values[codes].to_numpy(),
            "median": view.value_medians[codes].to_numpy(),
            "unit": [in_language(leaf.unit, lang) for leaf in leaves],
            "score": view.points[codes].to_numpy(),
            "ahead": view.ahead.reindex(codes).to_numpy(),
            "rank": view.ranks[codes].to_numpy(),
            "ranked": [view.ranked(code) for code in codes],
            "status": tracked(view)["status"].reindex(codes).to_numpy(),
            "weight": effective_weights(view.board)[codes].to_numpy(),
            "quality": rows["quality"].fillna("").to_numpy(),
            "source": rows["source"].fillna("").to_numpy(),
            "note": rows["note"].fillna("").to_numpy(),
            "said": rows["said"].fillna("").to_numpy() if "said" in rows.columns else "",
        },
        index=pd.Index(codes, name="code"),
    )


def piece(view: CityView) -> Piece | None:
    """All indicators, folded by part, with filters that need no script; None without any data."""
    if not view.observed:
        return None
    found = data(view)
    first, last = graphics.span(view)
    rows = {str(code): _row(view, str(code), row) for code, row in found.to_dict("index").items()}
    html = render(
        "sections/indicators.html.j2",
        view.lang,
        name=view.name,
        parts=_parts(view, rows),
        scale=graphics.scale_of(view),
        years=(first, last),
        lines=first != last,
        counts=_counts(view, found),
        number=lambda n: number(n, view.lang, 0),
    )
    return Piece(
        found,
        html,
        text=found.drop(columns=["note", "source"]).to_string(),
        beside={"history": history(view)},
    )


def _counts(view: CityView, found: pd.DataFrame) -> dict[str, int]:
    """How many indicators each filter shows."""
    return {
        "all": len(found),
        "behind": int((found["status"] == "behind").sum()),
        "better": int((found["ahead"] > 0).sum()),
        "worse": int((found["ahead"] < 0).sum()),
        "missing": len(view.absent),
    }


def _parts(view: CityView, rows: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    """The parts with what is below them; where each is one indicator, all are one open list."""
    nodes = view.objectives
    if not all(isinstance(node, Indicator) for node in nodes):
        return [_part(view, node, rows) for node in nodes]
    lines = [rows[node.code] for node in nodes]
    return [{"title": "", "empty": False, "lines": lines}]


def _part(view: CityView, node: Node, rows: dict[str, dict[str, object]]) -> dict[str, object]:
    """A part with its groups and indicators in their order."""
    framework = view.board.framework
    leaves = framework.leaves(node.code)
    return {
        "title": in_language(node.title, view.lang),
        "score": view.out_of(node.code) if pd.notna(view.points[node.code]) else "",
        "n": len(leaves),
        "empty": all(pd.isna(view.values[leaf.code]) for leaf in leaves),
        "local": node.provenance == "local",
        "lines": list(_lines(node, rows, view.lang)),
    }


def _lines(
    node: Node, rows: dict[str, dict[str, object]], lang: Lang
) -> Iterator[dict[str, object]]:
    """The groups and indicators below a part, from the top down."""
    if isinstance(node, Indicator):
        yield rows[node.code]
        return
    for child in node.children:
        if isinstance(child, Group):
            yield {"group": in_language(child.title, lang)}
        yield from _lines(child, rows, lang)


def _row(view: CityView, code: str, row: Mapping[Hashable, Any]) -> dict[str, object]:
    """What the template shows of an indicator."""
    indicator, there = view.indicator(code), pd.notna(row["value"])
    value, unit = _value_and_unit(view, code) if there else (_absence(view, code), "")
    return {
        "group": "",
        "title": row["title"],
        "value": value,
        "unit": unit,
        "there": there,
        "quality": quality(str(row["quality"]), view.lang) if there else "",
        "local": indicator.provenance == "local",
        "strip": graphics.strips(view)[code] if scorable(indicator, view.board.framework) else None,
        "line": graphics.lines(view)[code],
        "label": _label(view, code),
        "status": row["status"] if isinstance(row["status"], str) else "",
        "status_text": status(row["status"], view.lang) if isinstance(row["status"], str) else "",
        "kinds": " ".join(_kinds(view, code, row)),
        "rank": "" if pd.isna(row["rank"]) else f"{row['rank']:.0f}/{row['ranked']}",
        "facts": [(label, text) for label, text in _facts(view, code, row) if text],
    }


def _kinds(view: CityView, code: str, row: Mapping[Hashable, Any]) -> Iterator[str]:
    """The filters that show an indicator."""
    if row["status"] == "behind":
        yield "behind"
    if pd.isna(row["value"]):
        yield from () if code in view.not_applicable else ("missing",)
    elif row["ahead"] > 0:
        yield "better"
    elif row["ahead"] < 0:
        yield "worse"


def quality(given: str, lang: Lang) -> str:
    """Write the quality of a value where it is not final."""
    known = _known_quality(given)
    return tr(lang, QUALITIES[known]) if known and known != "verified" else ""


def _known_quality(given: str) -> str:
    return not_final(given) or quality_of(given)


def _quality_of_any_kind(given: str, lang: Lang) -> str:
    """Write the quality of a value, also one in words of the data."""
    known = _known_quality(given)
    return tr(lang, QUALITIES[known]) if known else given


def _value_and_unit(view: CityView, code: str) -> tuple[str, str]:
    """A value and its unit apart; a per cent sign stays with the figure."""
    written = view.measured(code)
    unit = in_language(view.indicator(code).unit, view.lang)
    ending = f"\N{NO-BREAK SPACE}{unit}"
    return (
        (written.removesuffix(ending), unit) if unit and written.endswith(ending) else (written, "")
    )


def _absence(view: CityView, code: str) -> str:
    return view.measured(code) if code in view.not_applicable else word("no_data", view.lang)


def _label(view: CityView, code: str) -> str:
    """What a strip says in words: the city's score and the median of the others."""
    if pd.isna(view.points[code]):
        return tr(view.lang, "no score; median of the others {median}", median=view.median(code))
    return tr(
        view.lang,
        "{name} {score}; median of the others {median}",
        name=view.name,
        score=view.out_of(code),
        median=view.median(code),
    )


def _facts(view: CityView, code: str, row: Mapping[Hashable, Any]) -> Iterator[tuple[str, str]]:
    """All that is known of an indicator, each under its label."""
    indicator, lang, framework = view.indicator(code), view.lang, view.board.framework
    scored = scorable(indicator, framework)
    yield tr(lang, "Definition"), in_language(indicator.definition, lang)
    yield tr(lang, "Formula"), _formula(indicator, lang)
    if scored:
        yield word("score", lang), "" if pd.isna(row["score"]) else view.out_of(code)
        yield tr(lang, "How it is scored"), rule(framework, indicator, lang)
        yield (
            tr(lang, "Weight in the whole"),
            tr_in(lang, "unit", "{amount}%", amount=number(100 * row["weight"], lang, 1)),
        )
    else:
        yield word("score", lang), word("not_scored", lang)
    if pd.notna(row["median"]):
        yield tr(lang, "Median of the others"), view.with_unit(code, row["median"])
    yield word("source", lang), str(row["source"])
    yield tr(lang, "Quality of the value"), _quality_of_any_kind(str(row["quality"]), lang)
    yield tr(lang, "Note"), reason(str(row["note"]), lang)
    yield tr(lang, "Over the years"), _histories(view)[code]
    yield tr(lang, "All {nouns}", nouns=view.noun(2)), _everyone(view).get(code, "")
    yield word("agency", lang), _agency(indicator, lang)
    yield (
        tr(lang, "Comes from"),
        "; ".join(
            f"{r.standard}, {r.code}" if r.code else r.standard for r in indicator.references
        ),
    )


def _formula(indicator: Indicator, lang: Lang) -> str:
    formula = indicator.formula
    if formula is None:
        return ""
    times = "" if formula.multiplier == 1 else f"{number(formula.multiplier, lang, 0)} × "
    above = in_language(formula.numerator, lang)
    if formula.denominator is None:
        return f"{times}{above}"
    return f"{times}({above}) / ({in_language(formula.denominator, lang)})"


def _agency(indicator: Indicator, lang: Lang) -> str:
    agency = in_language(indicator.agency, lang)
    often = word(indicator.frequency, lang) if indicator.frequency else ""
    return f"{agency} ({often})" if agency and often else agency or often


def history(view: CityView) -> pd.DataFrame:
    """The city's values of the periods before this one: ``code, period, value``."""
    own = view.board.measured.iloc[view.board.by_city[view.city]].droplevel("city").sort_index()
    long = own[own.index < view.period].T.rename_axis("code").reset_index()
    long = long.melt("code", var_name="period", value_name="value").dropna(subset="value")
    return long.sort_values(["code", "period"], kind="stable").reset_index(drop=True)


@lru_cache(maxsize=4)
def _histories(view: CityView) -> Mapping[str, str]:
    """The city's values of all periods up to this one, by code; of one period, none."""
    own = view.board.measured.iloc[view.board.by_city[view.city]].droplevel("city")
    own = own[own.index <= view.period]
    found = {}
    for code, values in own.to_dict("list").items():
        known = [
            f"{period}: {view.plain(str(code), value)}"
            for period, value in zip(own.index, values, strict=True)
            if not math.isnan(value)
        ]
        found[str(code)] = " · ".join(known) if len(known) > 1 else ""
    return found


@lru_cache(maxsize=4)
def _everyone(view: CityView) -> Mapping[str, str]:
    """Values of all cities of the period by code, best first.

    None of an indicator that the city or nobody else has a value of, or that many have: those
    are in the set's data.
    """
    codes = [
        leaf.code
        for leaf in view.observed
        if 0 < view.valued_others[leaf.code] <= graphics.MOST_SINGLE
    ]
    shared, cities = view.compared, [*view.other_values.index, view.city]
    names = [city_name(view.board, str(city), view.lang) for city in cities] if codes else []
    values = np.vstack([view.other_values[codes], view.comparable[codes]])
    scores = np.vstack([shared.others[codes], shared.points[codes]])
    found = {}
    for code, value, score in zip(codes, values.T, scores.T, strict=True):
        order = np.argsort(np.where(np.isnan(score), np.inf, -score), kind="stable")
        found[code] = " · ".join(
            f"{names[at]} {view.plain(code, float(value[at]))}"
            for at in order
            if not np.isnan(value[at])
        )
    return found
