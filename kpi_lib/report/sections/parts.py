"""The table of parts: each with its score among the others, over the years, and its rank."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from kpi_lib.framework.model import TOTAL, Indicator
from kpi_lib.locale.catalogue import tr
from kpi_lib.locale.words import percent, period_name, word
from kpi_lib.report.page.piece import ChartPiece
from kpi_lib.report.page.templating import render
from kpi_lib.report.page.theme import COLOURS
from kpi_lib.report.sections.changes import change_since
from kpi_lib.report.view import graphics
from kpi_lib.report.view.city import CityView


def data(view: CityView) -> pd.DataFrame:
    """The composite and its parts as a table, a row for each code.

    Columns: ``part`` (its title), ``score``, ``median`` (of the others), ``change`` (since the
    period before, on the indicators of both), ``rank``, ``ranked``, ``peer_rank``,
    ``peers_ranked``, ``coverage`` (0–1), ``scored`` of ``indicators`` (how many have a score, and
    how many there are). Scores of points stand beside ``maximum``; ``median``
    is then a share of the maximum in per cent.
    """
    codes = [TOTAL, *(node.code for node in view.objectives)]
    change, framework = _changes(view), view.board.framework
    leaves = [[leaf.code for leaf in framework.leaves(code)] for code in codes]
    table = pd.DataFrame(
        {
            "part": [view.title(code) for code in codes],
            "score": view.points[codes].to_numpy(),
            "median": view.compared.medians[codes].to_numpy(),
            "change": change.reindex(codes).to_numpy(),
            "rank": view.ranks[codes].to_numpy(),
            "ranked": [view.ranked(code) for code in codes],
            "peer_rank": view.peer_ranks.reindex(codes).to_numpy(),
            "peers_ranked": [view.peers_ranked(code) for code in codes],
            "coverage": view.coverage[codes].to_numpy(),
            "scored": [int(view.points[own].notna().sum()) for own in leaves],
            "indicators": [len(own) for own in leaves],
        },
        index=pd.Index(codes, name="code"),
    )
    if view.maximum is not None:
        table.insert(2, "maximum", view.maximum[codes].to_numpy())
    return table


def _changes(view: CityView) -> pd.Series[float]:
    """Change of each group since the period before, on the indicators of both periods."""
    if view.before is None:
        return pd.Series(dtype=float)
    like = change_since(view, view.before.period).table["like"]
    leaves = [node.code for node in view.objectives if isinstance(node, Indicator)]
    own: pd.Series[float] = view.points[leaves] - view.before.points[leaves]
    found: pd.Series[float] = pd.concat([like, own])
    return found


def piece(view: CityView) -> ChartPiece | None:
    """The table with its graphics; None where nothing is scored."""
    if not view.scored or not view.observed:
        return None
    found = data(view)
    first, last = graphics.span(view)
    html = render(
        "sections/parts.html.j2",
        view.lang,
        name=view.name,
        others=tr(view.lang, "other {nouns}", nouns=view.noun(2)),
        n_others=len(view.others),
        scale=graphics.scale_of(view),
        rows=[_row(view, str(code), row) for code, row in found.to_dict("index").items()],
        years=(first, last),
        lines=first != last,
        before=period_name(view.before.period, view.lang) if view.before else "",
        group=view.peer_group.label if view.peer_group else "",
        period=period_name(view.period, view.lang),
    )
    return ChartPiece.of(
        view,
        found,
        html,
        lambda ax: draw(view, found, ax),
        text=found.to_string(),
        beside={"history": _histories(view, list(found.index))},
    )


def _histories(view: CityView, codes: list[str]) -> pd.DataFrame:
    """Scores of the periods before this one, as cities are compared by them."""
    earlier = view.compared.history[codes].drop(index=view.period)
    long = earlier.rename_axis("period").reset_index().melt("period", None, "code", "share")
    return long.dropna(subset="share")[["code", "period", "share"]]


def _row(view: CityView, code: str, row: Mapping[Hashable, Any]) -> dict[str, object]:
    """What the template shows of a part."""
    score, median = view.out_of(code), view.median(code)
    known = pd.notna(row["change"]) and view.score(abs(row["change"])) != view.score(0.0)
    return {
        "code": code,
        "title": row["part"],
        "score": "–" if pd.isna(row["score"]) else view.score(row["score"]),
        "of": view.score(row["maximum"]) if row.get("maximum") else "",
        "counted": view.scored_text(code),
        "strip": graphics.strips(view)[code] if row.get("maximum", 1) else None,
        "line": graphics.lines(view)[code] if row.get("maximum", 1) else None,
        "label": tr(
            view.lang,
            "{name} {score}; median of the others {median}",
            name=view.name,
            score=score,
            median=median,
        ),
        "median": median,
        "change": view.change(row["change"]),
        "good": 0 if not known else 1 if row["change"] > 0 else -1,
        "rank": "–" if pd.isna(row["rank"]) else f"{row['rank']:.0f}/{row['ranked']}",
        "peers": "–"
        if pd.isna(row["peer_rank"])
        else f"{row['peer_rank']:.0f}/{row['peers_ranked']}",
        "coverage": "–" if pd.isna(row["coverage"]) else percent(row["coverage"], view.lang),
        "history": _history(view, code),
    }


def _history(view: CityView, code: str) -> str:
    """First and last score over the years, in words."""
    line = graphics.lines(view)[code]
    if line.first == line.last:
        return tr(view.lang, "no line: a score in fewer than two periods")
    history = view.compared.history[code]
    return tr(
        view.lang,
        "{first}: {start}; {last}: {end}",
        first=line.first,
        start=view.compared.score(history[line.first]),
        last=line.last,
        end=view.compared.score(history[line.last]),
    )


def draw(view: CityView, parts: pd.DataFrame, ax: Axes) -> None:
    """Draw each part's score among those of the others: a row for each part."""
    shared = view.compared
    codes = list(parts.index)
    others = (
        shared.others[codes]
        .rename(columns=dict(parts["part"]))
        .melt(var_name="part", value_name="score")
    )
    sns.stripplot(
        others, x="score", y="part", color=COLOURS["o"], jitter=False, ax=ax, legend=False
    )
    ax.plot(
        shared.points[codes].to_numpy(),
        range(len(codes)),
        "o",
        color=COLOURS["me"],
        ms=8,
        label=view.name,
        zorder=3,
    )
    ax.plot(
        parts["median"].to_numpy(),
        range(len(codes)),
        "|",
        color=COLOURS["ink"],
        ms=16,
        label=tr(view.lang, "median of the others"),
    )
    ax.set(xlabel=word("score", view.lang), ylabel=None)
    ax.legend(loc="best", frameon=False)
