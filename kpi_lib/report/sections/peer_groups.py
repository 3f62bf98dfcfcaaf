"""Peer groups of all cities: what they have in common, and what that does to scores."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kpi_lib.analysis.peers import Peers, explained, group_name, grouping
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import amount, capital, in_language, number, percent, word
from kpi_lib.report.page.html import Fragment, heading, joined, paragraphs
from kpi_lib.report.sections import listings


def section(found: Peers, parts: Iterable[str], lang: Lang) -> Fragment:
    """Show under a heading what peer groups do to the composite and some of its parts."""
    return joined(
        heading(tr(lang, "Peer groups"), "peer-groups"),
        _about(found, lang),
        _explained(found, [TOTAL, *parts], lang),
        _groups(found, lang),
    )


def _about(found: Peers, lang: Lang) -> Fragment:
    """Say who is a peer of whom, and how much of the composite goes with that."""
    share = float(explained(found)["explained"][TOTAL])
    texts = [grouping(found, lang, found.board.framework.unit_noun(lang, 2))]
    if not pd.isna(share):
        texts.append(
            tr(
                lang,
                "{share} of the variance of composite scores goes with what makes the groups "
                "(adjusted R²). Where this share is high, a rank among peers says more of what "
                "has been done than a rank among all.",
                share=percent(share, lang),
            )
        )
    return paragraphs(*texts)


def _explained(found: Peers, codes: Iterable[str], lang: Lang) -> Fragment:
    """List how much of the differences in each part goes with what makes the groups."""
    table, framework = explained(found), found.board.framework
    rows = []
    for code in codes:
        cities, share = int(table["cities"][code]), float(table["explained"][code])
        name = word("total", lang)
        if code != TOTAL:
            name = in_language(framework.node(code).title, lang)
        said = "–" if pd.isna(share) else percent(share, lang)
        rows.append((name, number(cities, lang, 0), said))
    scored = capital(framework.unit_noun(lang, 2))
    heads = [tr(lang, "Part"), scored, tr(lang, "Share of the variance (adjusted R²)")]
    caption = tr(lang, "Variance of scores that goes with what makes the groups")
    return listings.table(caption, heads, rows, numeric=(1, 2))


def _groups(found: Peers, lang: Lang) -> Fragment | None:
    """List the groups with their composite scores; None where each city has its own."""
    if found.k is not None or not len(found):
        return None
    noun = found.board.framework.unit_noun(lang, 2)
    totals = found.board.shares.xs(found.period, level="period")[TOTAL]
    rows = []
    for _, cities in found.kinds[list(found)].groupby(found.kinds, sort=False).groups.items():
        own = totals[cities].dropna()
        ends = [own.min(), own.median(), own.max()] if len(own) else [float("nan")] * 3
        rows.append(
            (
                capital(group_name(found, str(cities[0]), lang, noun)),
                number(len(cities), lang, 0),
                *(amount(float(end), lang) for end in ends),
            )
        )
    rows.sort(key=lambda row: row[0])
    heads = [
        word("group", lang),
        capital(noun),
        tr(lang, "Lowest"),
        tr(lang, "Median"),
        tr(lang, "Highest"),
    ]
    caption = tr(lang, "Composite scores by peer group")
    return listings.table(caption, heads, rows, numeric=(1, 2, 3, 4))
