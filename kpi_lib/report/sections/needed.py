"""Data still needed: by agency, with what each value weighs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_lib.analysis.readiness import HALF, READY, readiness
from kpi_lib.framework.model import Indicator
from kpi_lib.locale.catalogue import mark, mark_n, tr, tr_in
from kpi_lib.locale.words import in_language, number, reason, word
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.sentences import Sentence, said, said_n, together
from kpi_lib.report.page.tables import Row, table
from kpi_lib.report.page.templating import render
from kpi_lib.report.sections.weights import effective_weights
from kpi_lib.report.view import named
from kpi_lib.report.view.city import CityView

ABSENT, NOT_REPORTED = "not in this data set", "not reported"
"""Nobody in the data set has a value of the indicator; others have, and this city has not."""

MOST_OPEN = 12
"""Rows of a table that stands open; a longer one is folded."""

_PARTS = {"numerator": mark("Numerator"), "denominator": mark("Denominator")}

_OF_THE_WHOLE = mark_n(
    "{n} of {all_of} indicators has no value; it has {weight} of the whole weight.",
    "{n} of {all_of} indicators have no value; together they have {weight} of the whole weight.",
)
_OF_WHAT_IS_SCORED = mark_n(
    "{n} of {all_of} indicators has no value; of the weight of what can be scored it has {weight}.",
    "{n} of {all_of} indicators have no value; of the weight of what can be scored they have "
    "{weight}.",
)


def data(view: CityView) -> pd.DataFrame:
    """The indicators that the city has no value of, by agency, the heaviest first.

    Columns: ``agency``, ``title``, ``state`` (see :func:`kpi_lib.readiness`), ``lacks``,
    ``asked`` (what is to be supplied), ``weight`` (effective: share, 0–1, of all weight),
    ``why`` (``not in this data set``: nobody there has a value; ``not reported``), ``last`` (last
    period with a value), ``note``.
    """
    board = view.board
    found = readiness(board.framework, board.observations, view.city, view.period)
    found = found[(found["state"] != READY) & view.values[found.index].isna()]
    codes = [str(code) for code in found.index if code not in view.not_applicable]
    found = found.loc[codes]
    leaves = [view.indicator(code) for code in codes]
    known = board.values[codes].notna().any()
    table = pd.DataFrame(
        {
            "agency": [in_language(leaf.agency, view.lang) for leaf in leaves],
            "title": [view.title(code) for code in codes],
            "state": found["state"].to_numpy(),
            "lacks": found["lacks"].to_numpy(),
            "asked": [
                _asked(view, leaf, str(lacks))
                for leaf, lacks in zip(leaves, found["lacks"], strict=True)
            ],
            "weight": effective_weights(board)[codes].to_numpy(),
            "why": [NOT_REPORTED if known[code] else ABSENT for code in codes],
            "last": found["last"].to_numpy(),
            "note": found["note"].to_numpy(),
        },
        index=pd.Index(codes, name="code"),
    )
    table["none"] = table["agency"] == ""
    table = table.sort_values(
        ["none", "agency", "weight"], ascending=[True, True, False], kind="stable"
    )
    return table.drop(columns="none")


def sentences(view: CityView, found: pd.DataFrame) -> list[Sentence]:
    """How much is missing, what it weighs, and what of it nobody in the data set has."""
    n, all_of = len(found), len(view.applying)
    if not n:
        return [said(view.lang, "No indicator lacks a value.")]
    texts = [
        said_n(
            view.lang,
            *(_OF_THE_WHOLE if view.scored_of() is None else _OF_WHAT_IS_SCORED),
            n,
            n=named.count(view, n, "needed"),
            all_of=named.count(view, all_of, "indicators"),
            weight=named.share(view, float(found["weight"].sum()), "weight needed"),
        )
    ]
    absent = int((found["why"] == ABSENT).sum())
    if absent:
        texts.append(
            said_n(
                view.lang,
                "For {n} of them this data set holds no value at all.",
                "For {n} of them this data set holds no values at all.",
                absent,
                n=named.count(view, absent, "in no data"),
            )
        )
    return [together(texts)]


def piece(view: CityView) -> Piece:
    """What is still to be supplied, apart from what the data set does not hold at all."""
    found = data(view)
    texts = sentences(view, found)
    own, absent = found[found["why"] == NOT_REPORTED], found[found["why"] == ABSENT]
    html = render(
        "sections/needed.html.j2",
        view.lang,
        lead=texts,
        own=_table(view, own, tr(view.lang, "Not reported, by agency")) if len(own) else "",
        absent=_table(view, absent, tr(view.lang, "Not in this data set")) if len(absent) else "",
        n_absent=len(absent),
        n_own=len(own),
        most=MOST_OPEN,
    )
    return Piece(found, html, texts)


def _table(view: CityView, found: pd.DataFrame, caption: str) -> Markup:
    heads = [
        word("indicator", view.lang),
        tr(view.lang, "To be supplied"),
        word("frequency", view.lang),
        tr(view.lang, "At present"),
        tr_in(view.lang, "column", "Weight in the whole"),
    ]
    rows = list(_rows(view, found))
    columns = zip(*(row.cells for row in rows if not row.kind), strict=True)
    kept = [at for at, cells in enumerate(columns) if any(cells)]  # often nobody knows a frequency
    shown = [row if row.kind else Row([row.cells[at] for at in kept]) for row in rows]
    return table(caption, [heads[at] for at in kept], shown, numeric=(len(kept) - 1,))


def _rows(view: CityView, found: pd.DataFrame) -> Iterator[Row]:
    several = found["agency"].any()
    for agency, own in found.groupby("agency", sort=False):
        if several:
            named_so = str(agency) or word("unknown_agency", view.lang)
            yield Row((f"{named_so} ({len(own)})",), "group")
        for code, row in own.iterrows():
            leaf = view.indicator(str(code))
            yield Row(
                (
                    row["title"],
                    row["asked"],
                    word(leaf.frequency, view.lang) if leaf.frequency else "",
                    _now(view, row),
                    "–" if leaf.extra else _weight(view, row["weight"]),
                )
            )


def _weight(view: CityView, share: float) -> str:
    if not share:
        return word("not_scored", view.lang)
    return tr_in(view.lang, "unit", "{amount}%", amount=number(100 * share, view.lang, 1))


def _asked(view: CityView, leaf: Indicator, lacks: str) -> str:
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
    return "; ".join(part for part in parts if part)
