"""A report's words and tables on readiness: what can be computed, and what is to be supplied."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpi_lib.analysis.readiness import HALF, LAPSED, NEEDED, READY
from kpi_lib.framework.model import Indicator
from kpi_lib.locale.catalogue import mark, tr, tr_n
from kpi_lib.locale.words import counted, in_language, listed, percent, quantity, reason, word
from kpi_lib.report.html import Fragment
from kpi_lib.report.sections import listings
from kpi_lib.report.sections.listings import table
from kpi_lib.report.view import CityView

MOST = 10
"""Rows of the table of what to collect first."""

_PARTS = {"numerator": mark("Numerator"), "denominator": mark("Denominator")}


def readiness(view: CityView, found: pd.DataFrame) -> list[str]:
    """Say how many indicators can be computed today, and what the others lack.

    ``found`` is from :func:`kpi_lib.analysis.readiness.readiness`.
    """
    total, numbers = len(found), found["state"].value_counts()
    ready = int(numbers.get(READY, 0))
    if ready == total:
        return []
    parts = []
    if n := int(numbers.get(HALF, 0)):
        parts.append(
            tr_n(view.lang, "{n} lacks one number only", "{n} lack one number", n, n=n),
        )
    if n := int(numbers.get(LAPSED, 0)):
        parts.append(tr(view.lang, "{n} had a value before", n=n))
    if n := int(numbers.get(NEEDED, 0)):
        parts.append(tr(view.lang, "{n} never had a value", n=n))
    return [
        tr(
            view.lang,
            "{ready} of {total} indicators can be computed today; of the others, {parts}.",
            ready=ready,
            total=total,
            parts=listed(parts, view.lang),
        )
    ]


def checklist(view: CityView, found: pd.DataFrame) -> Fragment | None:
    """Give what is to be supplied, by agency; None where nothing is.

    Where the framework names no agency, the table of what is missing by group.
    """
    lacking = found[found["state"] != READY]
    leaves = [view.indicator(str(code)) for code in lacking.index]
    if not leaves:
        return None
    if not any(leaf.agency for leaf in leaves):
        return listings.absences(view)
    unknown = word("unknown_agency", view.lang)
    by_agency: dict[str, list[Indicator]] = {}
    for leaf in leaves:
        by_agency.setdefault(in_language(leaf.agency, view.lang) or unknown, []).append(leaf)
    states = {str(code): row for code, row in lacking.iterrows()}
    rows, kinds = [], []
    for agency in sorted(by_agency, key=lambda name: (name == unknown, name)):
        own = by_agency[agency]
        rows.append((f"{agency} ({len(own)})", "", "", ""))
        kinds.append("depth-0 group")
        for leaf in own:
            rows.append(_row(view, leaf, states[leaf.code]))
            kinds.append("depth-1")
    heads = [
        tr(view.lang, "Agency, indicator"),
        tr(view.lang, "To be supplied"),
        word("frequency", view.lang),
        tr(view.lang, "At present"),
    ]
    caption = tr(view.lang, "Data to be supplied, by agency")
    return table(caption, heads, rows, kinds=kinds)


def _row(view: CityView, leaf: Indicator, row: pd.Series[Any]) -> tuple[str, str, str, str]:
    often = word(leaf.frequency, view.lang) if leaf.frequency else "–"
    return (
        in_language(leaf.title, view.lang),
        _needed(view, leaf, str(row["lacks"])),
        often,
        _now(view, row),
    )


def _needed(view: CityView, leaf: Indicator, lacks: str) -> str:
    """What an agency is asked for: the numbers of the formula, else the value in its unit."""
    if leaf.formula is not None and leaf.formula.denominator is not None:
        texts = {"numerator": leaf.formula.numerator, "denominator": leaf.formula.denominator}
        asked = [part for part in lacks.split("+") if part in texts]
        if asked:
            return "; ".join(
                f"{tr(view.lang, _PARTS[part])}: {in_language(texts[part], view.lang)}"
                for part in asked
            )
    if lacks == "denominator" and leaf.denominator is not None:
        return f"{tr(view.lang, _PARTS['denominator'])}: {leaf.denominator}"
    unit = in_language(leaf.unit, view.lang)
    value = word("value", view.lang)
    return f"{value} ({unit})" if unit else value


def _now(view: CityView, row: pd.Series[Any]) -> str:
    """Why there is no value, and since when."""
    parts = [reason(str(row["note"]), view.lang)]
    if row["state"] == HALF:
        parts.append(tr(view.lang, "one part is there"))
    if row["last"]:
        parts.append(tr(view.lang, "last value: {last}", last=row["last"]))
    said = "; ".join(part for part in parts if part)
    return said or tr(view.lang, "none yet")


def leverage(view: CityView, missing: pd.DataFrame) -> list[str]:
    """Say which missing values weigh most; ``missing`` is from :func:`kpi_lib.leverage`."""
    if len(missing) < 2:
        return []
    first = [f"“{view.title(str(code))}”" for code in missing.index[:3]]
    total = percent(float(missing["weight"].sum()), view.lang)
    part = percent(float(missing["weight"].head(3).sum()), view.lang)
    n = counted(len(missing), view.lang, "{n} indicator", "{n} indicators")
    return [
        tr(
            view.lang,
            "The {n} that are missing have {total} of the framework's weight. First "
            "to collect: {first} ({part} together).",
            n=n,
            total=total,
            first=listed(first, view.lang),
            part=part,
        )
    ]


def leverage_table(view: CityView, missing: pd.DataFrame) -> Fragment | None:
    """Give the missing indicators by what they weigh in the whole framework."""
    if len(missing) < 2:
        return None
    heads = [
        word("indicator", view.lang),
        word("agency", view.lang),
        tr(view.lang, "Share of the weight"),
    ]
    return table(
        tr(view.lang, "What to collect first"),
        heads,
        [
            (
                view.title(str(code)),
                in_language(view.indicator(str(code)).agency, view.lang) or "–",
                quantity(round(100 * row["weight"], 1), "%", view.lang),
            )
            for code, row in missing.head(MOST).iterrows()
        ],
        numeric=(2,),
    )
