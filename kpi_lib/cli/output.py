"""Scores and frameworks as text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from kpi_lib.analysis.points import verified_of
from kpi_lib.cli.base import number_of
from kpi_lib.exchange.form.rule_words import in_one_line, rule_words
from kpi_lib.framework.model import TOTAL, Framework, Group, Indicator, Node
from kpi_lib.locale.catalogue import Lang, languages, mark, message_language, msg
from kpi_lib.locale.display import aligned
from kpi_lib.locale.words import amount, date_name, in_language, numeral, percent, quantity, word
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.rules import rule_parameter
from kpi_lib.observations.categories import kind_name
from kpi_lib.report.sections.methods import aggregation, normalisation
from kpi_lib.report.sections.unscored import no_scores, scored_count
from kpi_lib.report.view.city import CityView
from kpi_lib.scoring.indicators import scorable
from kpi_lib.scoring.scoreboard import Scoreboard

_ORIGINS = {"official": mark("official"), "adapted": mark("adapted"), "local": mark("local")}
_STATUS = {"working": mark("working"), "official": mark("official")}

# Columns of tables, which keep their names in files; people read them in their language.
_HEADS = (
    *(mark("city"), mark("name"), mark("rank"), mark("low"), mark("median"), mark("high")),
    *(mark("mean"), mark("p_same"), mark("scored"), mark("p_first"), mark("peer_rank")),
    *(mark("peers"), mark("peer_low"), mark("peer_high"), mark("peer_p_same")),
    *(mark("output"), mark("choice"), mark("first"), mark("first_low"), mark("first_high")),
    *(mark("total"), mark("total_low"), mark("total_high"), mark("mean rank shift")),
    *(mark("standard"), mark("clause"), mark("code"), mark("title"), mark("code_a")),
    *(mark("title_a"), mark("code_b"), mark("title_b")),
)


def ranking(board: Scoreboard, period: str, cities: Sequence[str]) -> str:
    """Give the composite and its parts of some cities in one period, best first."""
    lang = message_language()
    views = [CityView(board, city, period, lang) for city in cities]
    views.sort(key=lambda view: (pd.isna(view.ranks[TOTAL]), view.ranks[TOTAL], view.name))
    parts = [node.code for node in views[0].objectives]
    heads = [msg("rank"), msg("city"), TOTAL, msg("coverage"), *parts]
    rows = [heads]
    for view in views:
        rank, share = view.ranks[TOTAL], view.coverage[TOTAL]
        rows.append(
            [
                "–" if pd.isna(rank) else f"{int(rank)}/{view.ranked()}",
                view.name,
                _total(board, view),
                "–" if pd.isna(share) else f"{share:.0%}",
                *(view.score(view.points[code]) for code in parts),
            ]
        )
    nodes = [(code, board.framework.node(code).title) for code in parts]
    titles = [f"  {code}  {in_language(title, lang)}" for code, title in nodes]
    table = "\n".join(aligned(rows, left=(1,)))
    count = scored_count(board.framework, lang)
    said = no_scores(board.framework, lang) or (f"{count}." if count else "")
    seen = [text for text in (said, _verified(board, views)) if text]
    foot = [*titles, *(["", *seen] if seen else [])]
    return f"{board.framework.name}, {period}\n\n{table}\n\n" + "\n".join(foot) + "\n"


def _total(board: Scoreboard, view: CityView) -> str:
    """The composite; points with the maximum, of which they are the share that ranks."""
    score = view.score(view.points[TOTAL])
    if board.maximum is None:
        return score
    most: float = board.maximum[TOTAL][view.city, view.period]
    return f"{score}/{view.score(most)}"


def _verified(board: Scoreboard, views: Sequence[CityView]) -> str:
    """How many of all values that are given are verified; '' where the data do not tell."""
    told = [verified_of(board, view.city, view.period) for view in views]
    if not any(both for _, both in told):
        return ""
    return msg(
        "Values that are verified: {verified} of {n}, of all indicators and the {cities} above.",
        verified=sum(verified for verified, _ in told),
        n=sum(int(view.rows["value"].notna().sum()) for view in views),
        cities=board.framework.unit_noun(message_language(), 2),
    )


def texts(table: pd.DataFrame, lang: Lang) -> str:
    """Set a table of texts in columns, flush left, under its heads; titles in the language."""
    others = tuple(f"_{each}" for each in languages() if each != lang)
    kept = table.loc[:, ~table.columns.str.endswith(others)]
    rows = [heads(kept.columns.str.removesuffix(f"_{lang}")), *kept.astype(str).to_numpy().tolist()]
    return "\n".join(aligned(rows, left=range(len(kept.columns))))


def heads(columns: Iterable[str]) -> list[str]:
    """The names of columns as people read them."""
    return [msg(column) for column in columns]


def tree(framework: Framework, lang: Lang) -> Iterator[str]:
    """Give a framework line by line: what it is, its counts, and the tree with its weights."""
    yield f"{framework.name}: {in_language(framework.title, lang)}"
    yield msg("status: {status}", status=status_of(framework))
    if framework.issued:
        issued = (
            in_language(framework.issued.by, lang),
            framework.issued.document,
            date_name(framework.issued.date, lang),
        )
        yield msg("issued: {by}", by=", ".join(part for part in issued if part))
    if framework.contact:
        yield msg("contact: {contact}", contact=in_language(framework.contact, lang))
    if framework.licence:
        yield msg("licence: {licence}", licence=in_language(framework.licence, lang))
    yield msg("scored: {units}", units=framework.unit_noun(lang, 2))
    if framework.extends:
        yield msg("extends: {framework}", framework=framework.extends)
    if framework.note:
        yield msg("note: {note}", note=in_language(framework.note, lang))
    if framework.sums_points:
        yield msg("sum of points, at most {most}", most=amount(framework.maxima[TOTAL], lang))
    if framework.normalise in framework.normalisations:
        yield msg("normalise: {method}", method=normalisation(framework.normalise, lang))
    if framework.aggregate in framework.aggregations:
        yield msg("aggregate: {method}", method=aggregation(framework.aggregate, lang))
    missing = framework.missing
    yield msg(
        "missing: {policy}; coverage of at least {least}",
        policy=word(missing.policy, lang),
        least=percent(missing.min_coverage, lang),
    )
    if framework.decimals is not None:
        yield msg("decimals: {n}", n=framework.decimals)
    yield counts(framework)
    yield ""
    for depth, node in _below(framework.root):
        yield "  " * depth + _line(node, framework, lang)


def status_of(framework: Framework) -> str:
    """The status of a framework, in the language of messages."""
    return msg(_STATUS[framework.status])


def counts(framework: Framework) -> str:
    """Say how many groups and indicators there are, and how many of these are scored."""
    leaves = framework.indicators
    kinds = Counter(leaf.provenance for leaf in leaves)
    origin = ", ".join(f"{n} {msg(_ORIGINS[kind])}" for kind, n in sorted(kinds.items()))
    return msg(
        "{groups}, {indicators} ({scored} scored, {targets} with targets; {origin})",
        groups=number_of(len(framework.all_groups) - 1, "group"),
        indicators=number_of(len(leaves), "indicator"),
        scored=sum(scorable(leaf, framework) for leaf in leaves),
        targets=sum(bool(leaf.targets or leaf.targets_by) for leaf in leaves),
        origin=origin,
    )


def _below(node: Node, depth: int = 0) -> Iterator[tuple[int, Node]]:
    if isinstance(node, Group):
        for child in node.children:
            yield depth, child
            yield from _below(child, depth + 1)


def _line(node: Node, framework: Framework, lang: Lang) -> str:
    facts = [_counts_for(node, framework, lang)]
    if isinstance(node, Indicator):
        facts += _facts(node, framework, lang)
    elif framework.sums_points:
        facts += _limits(node, framework, lang)
    elif node.aggregate:
        facts.append(aggregation(node.aggregate, lang))
    if node.provenance == "local":
        facts.append(msg(_ORIGINS[node.provenance]))
    said = "; ".join(filter(None, facts))
    return f"{node.code}  {in_language(node.title, lang)}" + (f"  [{said}]" if said else "")


def _counts_for(node: Node, framework: Framework, lang: Lang) -> str:
    """How much a node counts: its weight, or its points."""
    if not framework.sums_points:
        return msg("weight {weight}", weight=numeral(node.weight))
    if isinstance(node, Group):
        most = framework.maxima[node.code]
        return msg("points: {n}", n=amount(most, lang)) if most else ""
    if node.bonus is not None:
        return msg("bonus of at most {n}", n=amount(node.bonus, lang))
    if node.deduction is not None:
        return msg("deduction of at most {n}", n=amount(node.deduction, lang))
    return msg("points: {n}", n=amount(node.points or 0.0, lang))


def _limits(group: Group, framework: Framework, lang: Lang) -> Iterator[str]:
    if framework.takes_best(group):
        yield msg("only the best part counts")
    if group.cap is not None:
        yield msg("at most {n}", n=amount(group.cap, lang))
    if group.floor is not None:
        yield msg("at least {n}", n=amount(group.floor, lang))


def _facts(indicator: Indicator, framework: Framework, lang: Lang) -> Iterator[str]:
    method = framework.normalisation_of(indicator)
    unit = in_language(indicator.unit, lang)
    if unit:
        yield unit
    if indicator.direction and not rule_parameter(method.name):
        higher = indicator.direction == "higher"
        yield msg("higher is better") if higher else msg("lower is better")
    if scorable(indicator, framework):
        yield _rule(indicator, framework, lang)
    for kind in indicator.kinds if indicator.targets_by else ("",):
        own = indicator.of(kind) if kind else indicator
        if own.targets:
            name = f"{kind_name(str(indicator.by), kind, lang)}: " if kind else ""
            dated = ", ".join(
                msg("{value} in {year}", value=quantity(value, unit, lang), year=year)
                for year, value in sorted(own.targets.items())
            )
            yield name + msg("target {dated}", dated=dated)
    if not scorable(indicator, framework):
        yield msg("not scored")


def _rule(indicator: Indicator, framework: Framework, lang: Lang) -> str:
    """The rule of an indicator in words; nothing of what is usual for its framework."""
    if lines := rule_words(framework, indicator, lang):
        return in_one_line(lines)
    method = framework.normalisation_of(indicator)
    said = "" if method == framework.normalise else normalisation(method, lang)
    if NORMALISE[method.name].needs != "goalposts":
        return said
    posts = {"": indicator.goalposts, **indicator.goalposts_by}
    for kind, ends in posts.items():
        if ends is not None:
            name = f"{kind_name(str(indicator.by), kind, lang)}: " if kind else ""
            low, high = (amount(end, lang) for end in ends)
            own = name + msg("goalposts {low} to {high}", low=low, high=high)
            said = f"{said}; {own}" if said else own
    return said
