"""What an audit finds first: one sentence each, by the weight of what it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from kpi_lib.analysis.audit import missingness, outliers, reliability, rows_of, statistics
from kpi_lib.analysis.correlations import (
    COLLINEAR,
    JUDGED,
    LOST,
    NEGATIVE,
    effective_weights,
    links,
    pairs,
    rows_in_common,
)
from kpi_lib.analysis.leave_out import LeftOut
from kpi_lib.analysis.published import agreement
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang, mark_n
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import in_language, number, percent, word
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.sentences import Named, Sentence, said, said_n
from kpi_lib.report.page.templating import render
from kpi_lib.report.sections.weights import effective_weights as shares_of
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.scoreboard import Scoreboard

MOST = 5
"""Findings that are shown."""
_ALPHA = 0.7

_LINKS = {
    "negative": (
        "own",
        *mark_n(
            "{n} of {parts} parts goes against its group, “{title}” (correlation {r}): what is "
            "better in it lowers the group beside others.",
            "{n} of {parts} parts go against their group, most “{title}” (correlation {r}): what "
            "is better in them lowers the group beside others.",
        ),
    ),
    "lost": (
        "total",
        *mark_n(
            "{n} of {parts} parts hardly shows in the composite score (correlation under {limit}): "
            "“{title}” ({r}).",
            "{n} of {parts} parts hardly show in the composite score (correlation under {limit}), "
            "least “{title}” ({r}).",
        ),
    ),
}
_PAIRS = {
    "collinear": (
        COLLINEAR,
        *mark_n(
            "{n} pair of indicators says the same twice (correlation over {limit}): “{first}” "
            "and “{second}” ({r}).",
            "{n} pairs of indicators say the same twice (correlation over {limit}), most "
            "“{first}” and “{second}” ({r}).",
        ),
    ),
    "negative": (
        NEGATIVE,
        *mark_n(
            "{n} pair of indicators pulls apart (correlation under {limit}): “{first}” and "
            "“{second}” ({r}).",
            "{n} pairs of indicators pull apart (correlation under {limit}), most “{first}” and "
            "“{second}” ({r}).",
        ),
    ),
}


@dataclass(frozen=True)
class Finding:
    """A sentence, and the share (0–1) of the whole weight that it concerns."""

    kind: str
    concerns: float
    sentence: Sentence


@dataclass(frozen=True, repr=False)
class _Audit(Displayed):
    board: Scoreboard
    period: str
    left_out: LeftOut
    lang: Lang

    def title(self, code: str) -> str:
        if code == TOTAL:
            return word("total", self.lang)
        return in_language(self.board.framework.node(code).title, self.lang)

    def concerns(self, codes: Iterable[str]) -> float:
        """The share of the whole weight that the indicators at or below some codes have."""
        found = {leaf.code for code in codes for leaf in self.board.framework.leaves(code)}
        return float(shares_of(self.board).reindex(sorted(found)).sum())

    def count(self, n: int, what: str) -> Named:
        return Named(number(n, self.lang, 0), n, what)

    def measure(self, x: float, what: str, *codes: str) -> Named:
        return Named(number(x, self.lang, 2), float(x), what, {"code": " ".join(codes)})

    def share(self, x: float, what: str, code: str = TOTAL) -> Named:
        return Named(percent(x, self.lang), float(x), what, {"code": code})

    def noun(self, n: int = 2) -> str:
        return self.board.framework.unit_noun(self.lang, n)


def findings(board: Scoreboard, period: str, left_out: LeftOut, lang: Lang) -> list[Finding]:
    """Everything that an audit finds, the weightiest first."""
    audit = _Audit(board, period, left_out, lang)
    found = [finding for kind in _KINDS for finding in kind(audit)]
    if rows_in_common(board, period) < JUDGED:
        found = [*_too_few(audit), *(each for each in found if each.kind not in _CORRELATED)]
    return sorted(found, key=lambda each: -each.concerns)


def piece(board: Scoreboard, period: str, left_out: LeftOut, lang: Lang) -> Piece:
    """The first five findings as a list, and all of them as a table: ``kind, concerns, text``."""
    found = findings(board, period, left_out, lang)
    table = pd.DataFrame(
        [(each.kind, each.concerns, str(each.sentence)) for each in found],
        columns=["kind", "concerns", "text"],
    )
    shown = [(each.sentence, percent(each.concerns, lang)) for each in found[:MOST]]
    html = render("sections/findings.html.j2", lang, findings=shown)
    return Piece(table, html, [each.sentence for each in found[:MOST]])


def _too_few(audit: _Audit) -> Iterator[Finding]:
    """Correlations of few rows are chance."""
    common = rows_in_common(audit.board, audit.period)
    sentence = said(
        audit.lang,
        "There are too few {cities} to judge what goes with what: that takes {least} with both "
        "values, and there are {n} at most.",
        cities=audit.noun(),
        least=str(JUDGED),
        n=audit.count(common, "rows in common"),
    )
    yield Finding("too few", 1.0, sentence)


def _published(audit: _Audit) -> Iterator[Finding]:
    found = agreement(audit.board)
    if found.empty or found["agrees"].all():
        return
    apart = found[~found["agrees"].astype(bool)]
    sentence = said(
        audit.lang,
        "In {n} of {all_of} comparisons with what was published, the scores do not follow from "
        "the data.",
        n=audit.count(len(apart), "comparisons apart"),
        all_of=audit.count(len(found), "comparisons"),
    )
    codes = apart.index.get_level_values("code").unique()
    yield Finding("published", audit.concerns(map(str, codes)), sentence)


def _links(audit: _Audit) -> Iterator[Finding]:
    table = links(audit.board, audit.period)
    for kind, (by, one, other) in _LINKS.items():
        flagged = table[table[kind]][by].sort_values() if len(table) else pd.Series(dtype=float)
        if flagged.empty:
            continue
        first, lowest = next((str(code), float(x)) for code, x in flagged.items())
        sentence = said_n(
            audit.lang,
            one,
            other,
            len(flagged),
            n=audit.count(len(flagged), f"parts {kind}"),
            parts=audit.count(len(table), "parts"),
            title=audit.title(first),
            r=audit.measure(lowest, "correlation", first),
            limit=number(LOST, audit.lang, 1),
        )
        yield Finding(kind, audit.concerns(map(str, flagged.index)), sentence)


def _pairs(audit: _Audit) -> Iterator[Finding]:
    table = pairs(audit.board, audit.period)
    for kind, (limit, one, other) in _PAIRS.items():
        own = table[table["flag"] == kind]
        if own.empty:
            continue
        first = own.to_dict("records")[0]
        sentence = said_n(
            audit.lang,
            one,
            other,
            len(own),
            n=audit.count(len(own), f"{kind} pairs"),
            limit=number(limit, audit.lang, 2),
            first=audit.title(first["one"]),
            second=audit.title(first["other"]),
            r=audit.measure(first["correlation"], "correlation", first["one"], first["other"]),
        )
        yield Finding(kind, audit.concerns([*own["one"], *own["other"]]), sentence)


def _reliability(audit: _Audit) -> Iterator[Finding]:
    table = reliability(audit.board, audit.period)
    alphas = table["alpha"] if len(table) else pd.Series(dtype=float)
    low = alphas[alphas < _ALPHA].sort_values()
    if low.empty:
        return
    first, alpha = next((str(code), float(x)) for code, x in low.items())
    sentence = said_n(
        audit.lang,
        "The parts of {n} of {groups} groups measure different things (Cronbach's alpha under "
        "{limit}): “{title}” ({alpha}).",
        "The parts of {n} of {groups} groups measure different things (Cronbach's alpha under "
        "{limit}), most so “{title}” ({alpha}).",
        len(low),
        n=audit.count(len(low), "groups apart"),
        groups=audit.count(len(table), "groups"),
        limit=number(_ALPHA, audit.lang, 1),
        title=audit.title(first),
        alpha=audit.measure(alpha, "alpha", first),
    )
    yield Finding("reliability", audit.concerns(map(str, low.index)), sentence)


def _drivers(audit: _Audit) -> Iterator[Finding]:
    top = audit.board.framework.groups
    codes = [node.code for node in (top[0].children if len(top) == 1 else top)]
    table = effective_weights(audit.board, audit.period)
    table = table[table.index.isin(codes)]
    apart = (table["effective"] - table["weight"]).dropna() if len(table) else table
    if apart.empty:
        return
    first = str(apart.abs().idxmax())
    row = table.to_dict("index")[first]
    sentence = said(
        audit.lang,
        "“{title}” has {weight} of the weight, and makes {effective} of the differences in the "
        "composite score.",
        title=audit.title(first),
        weight=audit.share(row["weight"], "weight", first),
        effective=audit.share(row["effective"], "effective weight", first),
    )
    yield Finding("drivers", abs(row["effective"] - row["weight"]), sentence)


def _left_out(audit: _Audit) -> Iterator[Finding]:
    table = audit.left_out.summary()
    if table.empty or not table["mean_move"].iloc[0] > 0:
        return
    first, row = next(iter(table.to_dict("index").items()))
    sentence = said(
        audit.lang,
        "The ranking depends most on “{title}”: without it, {moved} of the {cities} have another "
        "rank, and the mean move is {places} places.",
        title=audit.title(str(first)),
        moved=audit.share(row["moved"], "share moved", str(first)),
        cities=audit.noun(),
        places=audit.measure(row["mean_move"], "mean move", str(first)),
    )
    yield Finding("left out", audit.concerns([str(first)]), sentence)


def _missing(audit: _Audit) -> Iterator[Finding]:
    there = rows_of(audit.board, audit.period).index
    lacking = 1 - float(audit.board.coverage.loc[there, TOTAL].mean())
    shares = missingness(audit.board)[audit.period]
    weights = shares_of(audit.board)
    scored = shares[shares.index.isin(weights[weights > 0].index)]
    if not lacking > 0 or scored.empty:
        return
    first = str(scored.idxmax())
    sentence = said(
        audit.lang,
        "Data are missing for {share} of the weight on average, most often of “{title}”: "
        "{lacking} of the {cities} have no value.",
        share=audit.share(lacking, "missing weight"),
        title=audit.title(first),
        lacking=audit.share(scored[first], "share without a value", first),
        cities=audit.noun(),
    )
    yield Finding("missing", lacking, sentence)


def _values(audit: _Audit) -> Iterator[Finding]:
    values = audit.board.measured.loc[rows_of(audit.board, audit.period).index]
    table = outliers(values)
    if len(table):
        far = table.to_dict("records")[0]
        sentence = said_n(
            audit.lang,
            "{n} value is far from the others: “{title}” of {city}, {distance} interquartile "
            "ranges away.",
            "{n} values are far from the others, most “{title}” of {city}, {distance} "
            "interquartile ranges away.",
            len(table),
            n=audit.count(len(table), "outliers"),
            title=audit.title(far["code"]),
            city=city_name(audit.board, far["city"], audit.lang),
            distance=audit.measure(far["distance"], "distance", far["code"], far["city"]),
        )
        yield Finding("outliers", audit.concerns(table["code"].unique()), sentence)
    described = statistics(values)
    odd = described[described[["few_values", "many_zeros", "few_distinct"]].any(axis=1)]
    if len(odd):
        sentence = said_n(
            audit.lang,
            "{n} of {all_of} indicators has few values, many zeros or few distinct values, and "
            "tells the {cities} apart badly.",
            "{n} of {all_of} indicators have few values, many zeros or few distinct values, and "
            "tell the {cities} apart badly.",
            len(odd),
            n=audit.count(len(odd), "odd indicators"),
            all_of=audit.count(len(described), "indicators"),
            cities=audit.noun(),
        )
        yield Finding("distribution", audit.concerns(map(str, odd.index)), sentence)


_CORRELATED = {*_LINKS, *_PAIRS, "reliability", "drivers"}
_KINDS: tuple[Callable[[_Audit], Iterator[Finding]], ...] = (
    _published,
    _links,
    _pairs,
    _reliability,
    _drivers,
    _left_out,
    _missing,
    _values,
)
