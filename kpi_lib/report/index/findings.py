"""The findings of a set in sentences: who leads and how surely, who moved, where data are missing.

Nothing is said that the tables beside the page do not hold: a sentence keeps the values it names.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import tr, tr_in
from kpi_lib.locale.words import listed, number, percent, period_name
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.sentences import Named, Sentence, said, said_n, together
from kpi_lib.report.page.templating import render
from kpi_lib.report.sections.methods import relative_said
from kpi_lib.report.sections.unscored import no_scores, scored_count

NAMED = 3
"""Cities that a sentence names; of more, their number."""
FULL = 0.995
"""The share of data from which nothing is said to be missing."""


def piece(cities: CitySet) -> Piece:
    """The findings, each under its label."""
    found = findings(cities)
    table = pd.DataFrame(
        [
            {"label": label, "sentence": sentence.text, "what": value.what, "value": value.value}
            for label, sentence in found
            for value in sentence.named
        ],
        columns=["label", "sentence", "what", "value"],
    )
    html = render("index/findings.html.j2", cities.lang, findings=found)
    return Piece(table, html, [sentence for _, sentence in found])


def findings(cities: CitySet) -> list[tuple[str, Sentence]]:
    """The sentences that there is something to say for, each with its label."""
    lang = cities.lang
    told = [
        (tr(lang, "Who leads"), leads(cities)),
        (tr(lang, "What changed"), changed(cities)),
        (tr_in(lang, "figure", "Data"), data(cities)),
    ]
    return [(label, sentence) for label, sentence in told if sentence.text]


def leads(cities: CitySet) -> Sentence:
    """Who is first, how far the others are apart, and how far ranks depend on the weights."""
    if text := no_scores(cities.board.framework, cities.lang):
        return Sentence(text, {})
    found = _latest(cities)
    ranked = found.dropna(subset="score")
    if ranked.empty:
        return said_n(
            cities.lang,
            "The only {unit} does not have enough data for a composite score.",
            "None of the {cities} {unit} has enough data for a composite score.",
            len(found),
            unit=cities.noun(len(found)),
            cities=_count(cities, len(found), "cities"),
        )
    if len(ranked) == 1:
        first = ranked.iloc[0]
        return said_n(
            cities.lang,
            "{name} is the only {unit}, with a composite score of {score}.",
            "{name} is the only one of {cities} {unit} with a composite score: {score}.",
            len(found),
            name=str(first["name"]),
            unit=cities.noun(len(found)),
            cities=_count(cities, len(found), "cities"),
            score=_score(cities, first),
        )
    count = scored_count(cities.board.framework, cities.lang)
    return together(
        [
            _range(cities, found, ranked),
            _sure(cities, ranked),
            Sentence(f"{count}.", {}) if count else None,
        ]
    )


def _range(cities: CitySet, found: pd.DataFrame, ranked: pd.DataFrame) -> Sentence:
    first = ranked[ranked["rank"] == 1]
    last = ranked.iloc[-1]
    facts: dict[str, Named | str] = {
        "cities": _count(cities, len(found), "cities"),
        "unit": cities.noun(len(found)),
        "names": listed(list(first["name"][:NAMED]), cities.lang),
        "score": _score(cities, first.iloc[0]),
        "worst": str(last["name"]),
        "low": _score(cities, last),
        "middle": Named(
            cities.total(float(ranked["score"].median()), float(ranked["maximum"].median())),
            float(ranked["score"].median()),
            "median",
        ),
    }
    if len(ranked) == len(found):
        return said_n(
            cities.lang,
            "{names} leads the {cities} {unit} with {score}; the last is {worst} ({low}), the "
            "median {middle}.",
            "{names} lead the {cities} {unit} with {score}; the last is {worst} ({low}), the "
            "median {middle}.",
            len(first),
            **facts,
        )
    return said_n(
        cities.lang,
        "{names} leads {n} of {cities} {unit} that have a composite score, with {score}; the last "
        "is {worst} ({low}), the median {middle}.",
        "{names} lead {n} of {cities} {unit} that have a composite score, with {score}; the last "
        "is {worst} ({low}), the median {middle}.",
        len(first),
        n=_count(cities, len(ranked), "ranked"),
        **facts,
    )


def _sure(cities: CitySet, ranked: pd.DataFrame) -> Sentence | None:
    """How many ranks stay when weights vary, and whether the first is among them."""
    known = ranked.dropna(subset="low")
    if known.empty:
        return None
    lang, first = cities.lang, known.iloc[0]
    by = Named(tr_in(lang, "weights", "±25%"), 0.25, "weight range")
    keep = int((known["low"] == known["high"]).sum())
    facts: dict[str, Named | str] = {
        "name": str(first["name"]),
        "by": by,
        "keep": _count(cities, keep, "ranks that stay"),
        "n": _count(cities, len(known), "ranked"),
        "high": Named(number(first["high"], lang, 0), float(first["high"]), "rank high"),
    }
    stays = first["rank"] == 1 and first["high"] == 1
    if cities.board.spec is not None:
        if stays:
            return said(
                lang,
                "The first place does not depend much on what was drawn; {keep} of {n} ranks stay.",
                **facts,
            )
        return said(
            lang,
            "The first place is uncertain: {name} lies between 1 and {high} in 90% of the draws; "
            "{keep} of {n} ranks stay.",
            **facts,
        )
    if stays:
        return said(
            lang,
            "The first place does not depend much on the weights: it stays when each weight varies "
            "by up to {by} relative to its siblings; so do {keep} of {n} ranks.",
            **facts,
        )
    return said(
        lang,
        "The first place depends on the weights: when each weight varies by up to {by} relative to "
        "its siblings, {name} lies between 1 and {high}; {keep} of {n} ranks stay.",
        **facts,
    )


def changed(cities: CitySet) -> Sentence:
    """How many scores rose and fell since the period before, on the same indicators."""
    found = _latest(cities).dropna(subset="change")
    earlier = found["before"].unique()
    if len(found) < 2 or len(earlier) != 1:
        return Sentence("", {})
    digits = cities.view.digits
    moves = found["change"].round(digits)
    up, down = found[moves > 0], found[moves < 0]
    clauses = [_most(cities, side, key) for key, side in (("up", up), ("down", down)) if len(side)]
    told = relative_said(cities.board.framework, cities.lang)
    relative = [Sentence(told, {})]
    facts: dict[str, Named | str] = {
        "period": Named(period_name(earlier[0], cities.lang), str(earlier[0]), "period"),
        "n": _count(cities, len(found), "compared"),
    }
    if len(up) == len(found):
        every = said(
            cities.lang,
            "Since {period}, all {n} composite scores rose, on the indicators of both periods.",
            **facts,
        )
        return together([every, *clauses, *relative])
    some = said(
        cities.lang,
        "Since {period}, {up} of {n} composite scores rose and {down} fell, on the indicators of "
        "both periods.",
        up=_count(cities, len(up), "rose"),
        down=_count(cities, len(down), "fell"),
        **facts,
    )
    return together([some, *clauses, *relative])


def _most(cities: CitySet, side: pd.DataFrame, key: str) -> Sentence:
    """Whose score moved most one way."""
    most = side.iloc[int(side["change"].abs().argmax())]
    facts: dict[str, Named | str] = {
        "name": str(most["name"]),
        "points": Named(
            cities.view.change(float(most["change"])),
            float(most["change"]),
            "change",
            {"city": str(most.name)},
        ),
    }
    if key == "up":
        return said(cities.lang, "The largest rise is that of {name} ({points}).", **facts)
    return said(cities.lang, "The largest fall is that of {name} ({points}).", **facts)


def data(cities: CitySet) -> Sentence:
    """Who lacks most data, who has none, and how many values are not final."""
    lang = cities.lang
    lacking = cities.table[cities.table["coverage"] < FULL].sort_values("coverage", kind="stable")
    few = [
        tr(lang, "{name} ({share})", name=row["name"], share=percent(row["coverage"], lang))
        for _, row in lacking.head(NAMED).iterrows()
    ]
    missing = None
    if len(lacking):
        missing = said_n(
            lang,
            "{n} of {all} has gaps in its data. Share of data: {names}.",
            "{n} of {all} have gaps in their data. Lowest shares of data: {names}.",
            len(lacking),
            n=_count(cities, len(lacking), "incomplete"),
            all=Named(cities.number_of(len(cities.table)), len(cities.table), "cities"),
            names=listed(few, lang),
        )
    none = None
    if cities.others:
        none = said_n(
            lang,
            "{n} has no data in this period.",
            "{n} have no data in this period.",
            len(cities.others),
            n=Named(cities.number_of(len(cities.others)), len(cities.others), "without data"),
        )
    return together([_not_final(cities), missing, none])


def _not_final(cities: CitySet) -> Sentence | None:
    """How many of the values are provisional, estimated or imputed."""
    table = cities.board.observations.table
    keys = pd.MultiIndex.from_frame(table[["city", "period"]])
    own = table[keys.isin(list(cities.periods.items())) & table["value"].notna().to_numpy()]
    marked = own["quality"].map(str.casefold).isin(("provisional", "estimated", "imputed"))
    n = int(marked.sum())
    if not n:
        return None
    if n == len(own) > 1:
        return said(
            cities.lang,
            "All {n} values are provisional, estimated or imputed.",
            n=_count(cities, n, "not final"),
        )
    return said_n(
        cities.lang,
        "{n} of {all} values is provisional, estimated or imputed.",
        "{n} of {all} values are provisional, estimated or imputed.",
        n,
        n=_count(cities, n, "not final"),
        all=_count(cities, len(own), "values"),
    )


def _latest(cities: CitySet) -> pd.DataFrame:
    """The cities of the last period that has ranks: those of different periods are not compared."""
    table = cities.table
    ranked = table.dropna(subset="score")
    if not ranked.empty:
        table = table[table["period"] == max(ranked["period"])]
    return table


def _score(cities: CitySet, row: pd.Series[Any]) -> Named:
    score, maximum = float(row["score"]), float(row["maximum"])
    return Named(
        cities.total(score, maximum), score, "score", {"code": TOTAL, "city": str(row.name)}
    )


def _count(cities: CitySet, n: int, what: str) -> Named:
    return Named(number(n, cities.lang, 0), n, what)
