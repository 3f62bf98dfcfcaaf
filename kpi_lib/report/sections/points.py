"""Points of a city: lost, added, taken off, not applicable, and changed by a review."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from kpi_lib.analysis.points import (
    extra_points,
    lost_points,
    not_applicable,
    of_quality,
    reviewed,
    verified_of,
)
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import tr
from kpi_lib.locale.words import in_language, listed, reason, word
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.sentences import Named, Sentence, said, said_n, together
from kpi_lib.report.page.tables import table
from kpi_lib.report.page.templating import render
from kpi_lib.report.view import named
from kpi_lib.report.view.city import CityView
from kpi_lib.scoring.scoreboard import row_of

# A loss under this much of a point is rounding.
_NOTHING = 1e-9


def data(view: CityView) -> pd.DataFrame:
    """Criteria by what they lose, then bonus and deductions.

    Columns: ``criterion`` (its title), ``earned``, ``maximum``, ``lost`` (points), ``missing``
    (whether there is no value), ``agency``.
    """
    lost = lost_points(view.board, view.city, view.period)
    extra = extra_points(view.board, view.city, view.period)
    extra = extra.rename(columns={"points": "earned", "limit": "maximum"})
    table = pd.concat([lost, extra])
    codes = [str(code) for code in table.index]
    table.insert(0, "criterion", [view.title(code) for code in codes])
    agencies = [in_language(view.indicator(code).agency, view.lang) for code in codes]
    return table.assign(agency=agencies)


def piece(view: CityView) -> Piece | None:
    """Points lost, won and taken off, and what a review changed; None where there are none."""
    if not view.board.framework.sums_points:
        return None
    texts = points(view)
    html = render(
        "sections/points.html.j2",
        view.lang,
        lead=texts,
        tables=[t for t in (lost_table(view), extra_table(view), review_table(view)) if t],
    )
    changed = reviewed(view.board, view.city, view.period)
    return Piece(data(view), html, texts, beside={"review": changed})


def points(view: CityView) -> list[Sentence]:
    """Say in sentences how many points are lost, where most, and what was added or taken."""
    lost = lost_points(view.board, view.city, view.period)
    extra = extra_points(view.board, view.city, view.period)
    texts = [_lost(view, lost, float(extra["points"].sum()))]
    added, taken = extra["points"].clip(lower=0).sum(), -extra["points"].clip(upper=0).sum()
    if added > _NOTHING:
        texts.append(said(view.lang, "Bonus points add {n}.", n=_points(view, added, "bonus")))
    if taken > _NOTHING:
        texts.append(said(view.lang, "Deductions take {n}.", n=_points(view, taken, "deducted")))
    absent = not_applicable(view.board, view.city, view.period)
    if len(absent):
        names = [_titled(view, code, note) for code, note in absent["note"].items()]
        texts.append(said(view.lang, "Not applicable: {named}.", named=listed(names, view.lang)))
    return [together(texts)]


def _points(view: CityView, n: float, what: str, code: str = TOTAL) -> Named:
    return Named(view.score(n), float(n), what, {"code": code})


def _lost(view: CityView, lost: pd.DataFrame, extra: float) -> Sentence:
    """What the whole lacks of its maximum: a cap makes some of what parts lose unreachable."""
    assert view.maximum is not None
    whole = float(view.maximum[TOTAL] - (view.points[TOTAL] - extra))
    if pd.isna(whole):
        return Sentence("", {})
    if whole <= _NOTHING or lost.empty:
        return said(view.lang, "No points are lost.")
    first = str(lost.index[0])
    told = said(
        view.lang,
        "{n} points are lost, most of them in “{title}” ({most} of {maximum}).",
        n=_points(view, whole, "points lost"),
        title=view.title(first),
        most=_points(view, lost["lost"].iloc[0], "points lost of", first),
        maximum=_points(view, lost["maximum"].iloc[0], "maximum of", first),
    )
    if abs(lost["lost"].sum() - whole) <= _NOTHING:
        return told
    why = said(
        view.lang,
        "The losses listed have another sum: of some groups only the best part counts, or a cap "
        "or a floor limits what they earn.",
    )
    return together([told, why])


def _titled(view: CityView, code: object, note: str) -> str:
    title = f"“{view.title(str(code))}”"
    return f"{title} ({reason(note, view.lang)})" if note and note != "not applicable" else title


def lost_table(view: CityView) -> Markup | None:
    """Give the points lost by criterion, largest first, with agency and evidence; None if none."""
    lost = lost_points(view.board, view.city, view.period)
    lost = lost[lost["lost"] > _NOTHING]
    if lost.empty:
        return None
    rows: list[tuple[str, ...]] = [
        (
            view.title(str(code)),
            _value(view, str(code), row["missing"]),
            view.of(row["earned"], row["maximum"]),
            view.score(row["lost"]),
            in_language(view.indicator(str(code)).agency, view.lang) or "–",
            _evidence(view, str(code)),
        )
        for code, row in lost.iterrows()
    ]
    heads = [
        word("indicator", view.lang),
        word("value", view.lang),
        tr(view.lang, "Points"),
        tr(view.lang, "Lost"),
        tr(view.lang, "Agency"),
        tr(view.lang, "Evidence"),
    ]
    if len({row[-1] for row in rows}) == 1 < len(rows):  # the same for all says nothing of any
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    return table(tr(view.lang, "Points lost, the largest loss first"), heads, rows, (1, 2, 3))


def extra_table(view: CityView) -> Markup | None:
    """Give bonus and deductions, a line each; None where the framework has none."""
    extra = extra_points(view.board, view.city, view.period)
    if extra.empty:
        return None
    rows = [
        (
            view.title(str(code)),
            _value(view, str(code), row["missing"]),
            view.change(row["points"]) if row["points"] else view.score(0.0),
            view.change(row["limit"]),
        )
        for code, row in extra.iterrows()
    ]
    heads = [
        word("indicator", view.lang),
        word("value", view.lang),
        tr(view.lang, "Points"),
        tr(view.lang, "At most"),
    ]
    return table(tr(view.lang, "Bonus points and deductions"), heads, rows, (1, 2, 3))


def review_table(view: CityView) -> Markup | None:
    """Give what the city reported of itself and a review has changed; None where nothing was."""
    found = reviewed(view.board, view.city, view.period)
    found = found[found["difference"].abs() > _NOTHING]
    if found.empty:
        return None
    rows = [
        (
            view.title(str(code)),
            view.score(row["reported"]),
            view.score(row["verified"]),
            view.change(row["difference"]),
            str(row["note"]) or "–",
        )
        for code, row in found.iterrows()
    ]
    heads = [
        word("indicator", view.lang),
        tr(view.lang, "Self-scored"),
        tr(view.lang, "Verified"),
        tr(view.lang, "Difference"),
        tr(view.lang, "Reason"),
    ]
    return table(tr(view.lang, "What the review changed"), heads, rows, (1, 2, 3))


def review(view: CityView) -> Sentence | None:
    """How much is verified, and both totals; None where nothing is self-scored."""
    verified, both = verified_of(view.board, view.city, view.period)
    if not both:
        return None
    told = said_n(
        view.lang,
        "{verified} of {n} value is verified.",
        "{verified} of {n} values are verified.",
        both,
        n=named.count(view, both, "reported or verified"),
        verified=named.count(view, verified, "verified"),
    )
    if view.board.observations.reported.empty:
        return told
    unit = (view.city, view.period)
    before, after = (
        row_of(of_quality(view.board, quality).points, unit)[TOTAL]
        for quality in ("reported", "verified")
    )
    if pd.isna(before) or pd.isna(after):
        return told
    totals = said(
        view.lang,
        "By what was reported the total is {reported}, by what is verified {verified}.",
        reported=Named(view.score(before), float(before), "reported total"),
        verified=Named(view.score(after), float(after), "verified total"),
    )
    return together([told, totals])


def _value(view: CityView, code: str, missing: bool) -> str:
    return word("no_data", view.lang) if missing else view.measured(code)


def _evidence(view: CityView, code: str) -> str:
    if code not in view.rows.index:
        return "–"
    own = view.rows.loc[code]
    return str(own["source"]) or reason(str(own["note"]), view.lang) or "–"
