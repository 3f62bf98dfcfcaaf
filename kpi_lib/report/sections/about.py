"""What a reader must know of a report's origin: method, versions, sources, what is not official."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from importlib.metadata import version

import pandas as pd

from kpi_lib.analysis.robustness.words import drawn
from kpi_lib.framework.model import TOTAL, Framework
from kpi_lib.locale.catalogue import Lang, mark, tr
from kpi_lib.locale.words import amount, date_name, in_language, listed, percent, word
from kpi_lib.methods.rules import gives_share
from kpi_lib.observations.describe import EXTRACT
from kpi_lib.report.page.html import Fragment, bullets, heading, joined, paragraphs
from kpi_lib.report.page.sentences import Sentence, said
from kpi_lib.report.sections.methods import aggregation, normalisation, own_methods, step
from kpi_lib.report.sections.weights import own_weights
from kpi_lib.scoring.scoreboard import Scoreboard


def demo_notice(board: Scoreboard, lang: Lang) -> Fragment | None:
    """Give the notice for made-up figures, or None where the figures are real."""
    if not board.observations.demo:
        return None
    return paragraphs(demo_said(lang), css="demo")


def demo_said(lang: Lang) -> str:
    """Say that figures are made up."""
    return tr(
        lang, "DEMO – Made-up figures for demonstration. They say nothing about any real city."
    )


def extract_said(board: Scoreboard, lang: Lang) -> Sentence | None:
    """Name what the data are an extract of; None where they are whole."""
    extract = in_language(board.observations.extract, lang)
    if not extract:
        return None
    return said(lang, EXTRACT, extract=extract)


def among(board: Scoreboard, lang: Lang, n: int) -> str:
    """What is scored, as one of so many, and that it is those of an extract."""
    nouns = board.framework.unit_noun(lang, n)
    if not board.observations.extract:
        return nouns
    return tr(lang, "{nouns} of this extract", nouns=nouns)


def limits(lang: Lang, *boards: Scoreboard) -> Fragment | None:
    """What limits a page, as its banner: made-up figures, an extract, what was chosen, if any."""
    made_up = next((b for b in boards if b.observations.demo), None)
    extracts = [extract_said(board, lang) for board in boards]
    notes = [
        "" if made_up is None else demo_said(lang),
        *dict.fromkeys(str(each) for each in extracts if each is not None),
        *dict.fromkeys(text for board in boards for text in instead(board, lang)),
    ]
    text = " ".join(filter(None, notes))
    if not text:
        return None
    return Fragment(f'<p class="limits" role="note">{escape(text)}</p>', text)


def page_title(board: Scoreboard, lang: Lang, text: str, period: str) -> Fragment:
    """Give a page's title under what limits it, the framework's name, and whose data it shows."""
    framework = board.framework
    return joined(
        limits(lang, board),
        heading(text, "top", level=1),
        paragraphs(f"{in_language(framework.title, lang)}, {framework.name}", css="subtitle"),
        paragraphs(*origin(board, lang, period)),
    )


def origin(board: Scoreboard, lang: Lang, period: str) -> list[str]:
    """Say whose the data are; nothing of made-up figures.

    Where the data name more than one source, or none, they are listed at the end of the page only.
    """
    sources = _sources_of(board, period)
    if board.observations.demo or len(sources) != 1:
        return []
    return [tr(lang, "source: {source}", source=next(iter(sources)))]


@lru_cache(maxsize=8)
def _sources_of(board: Scoreboard, period: str) -> frozenset[str]:
    """The sources that the data of a period name."""
    table = board.observations.table
    named = table.loc[table["period"] == period, "source"].dropna().unique()
    return frozenset(str(source) for source in named if source)


def about(board: Scoreboard, lang: Lang, rows: pd.DataFrame) -> Fragment:
    """Give method, framework and sources; ``rows`` are the observations that the page shows."""
    return joined(
        paragraphs(*(official(each, lang) for each in board.framework.stack), css="notice"),
        _subheading(lang, mark("How scores are made"), "method-scores"),
        bullets(*scoring(board.framework, lang), *chosen(board, lang)),
        _subheading(lang, mark("Versions"), "method-versions"),
        bullets(*versions(board, lang, rows)),
        _subheading(lang, mark("Sources of the data"), "method-sources"),
        _sources(rows, lang),
        demo_notice(board, lang),
    )


def official(framework: Framework, lang: Lang) -> str:
    """Say in one plain sentence what the framework is, and what of it is not official."""
    status = word(framework.status, lang)
    first = tr(lang, "Framework {name}: {status}.", name=framework.name, status=status)
    return f"{first} {in_language(framework.note, lang)}".strip()


def scoring(framework: Framework, lang: Lang) -> list[str]:
    """Say how values are treated and become scores, and how scores are merged."""
    if not framework.normalisations:
        return [tr(lang, "No indicator is scored yet: values are shown and compared.")]
    texts = [step(each, lang) for each in framework.treatment]
    texts += _points(framework, lang) if framework.sums_points else _means(framework, lang)
    texts.append(tr(lang, "Missing values: {policy}.", policy=word(framework.missing.policy, lang)))
    if framework.missing.policy != "strict" and framework.missing.min_coverage > 0:
        texts.append(
            tr(
                lang,
                "A group has a score only where data cover at least {least} of its weight.",
                least=percent(framework.missing.min_coverage, lang),
            )
        )
    texts.append(
        tr(
            lang,
            "Ranks are by the share of the maximum that is earned within a period; ties share the "
            "better rank.",
        )
        if framework.sums_points
        else tr(
            lang,
            "Ranks are by the composite score within a period; ties share the better rank.",
        )
    )
    return texts


def _means(framework: Framework, lang: Lang) -> Iterable[str]:
    """How scores follow from values, and those of groups from them."""
    kinds = list(dict.fromkeys(normalisation(each, lang) for each in framework.normalisations))
    if kinds:
        other = tr(lang, " (some indicators: {own})", own=listed(kinds[1:], lang))
        yield tr(
            lang,
            "Normalisation: {normalise}.",
            normalise=kinds[0] + (other if kinds[1:] else ""),
        )
        if all(gives_share(each) for each in framework.normalisations):
            top = amount(framework.top, lang)
            yield tr(lang, "Scores of indicators run from 0 to {top}.", top=top)
    first, *others = dict.fromkeys(aggregation(each, lang) for each in framework.aggregations)
    exceptions = tr(lang, " (in some groups: {own})", own=listed(others, lang))
    yield tr(
        lang,
        "Aggregation, from the indicators up: {aggregate}{part}.",
        aggregate=first,
        part=exceptions if others else "",
    )
    if framework.decimals is not None:
        yield tr(
            lang,
            "The score of each group is rounded before it is used (decimals: {n}).",
            n=framework.decimals,
        )


def _points(framework: Framework, lang: Lang) -> Iterable[str]:
    """How points are earned and summed."""
    kinds = list(dict.fromkeys(normalisation(each, lang) for each in framework.normalisations))
    if kinds:
        yield tr(
            lang,
            "Each indicator earns at most its points, by its own rule: {rules}.",
            rules=listed(kinds, lang),
        )
    yield tr(
        lang,
        "Points add up, to at most {most}.",
        most=amount(framework.maxima[TOTAL], lang),
    )
    groups, leaves = framework.all_groups, framework.indicators
    if any(framework.takes_best(group) for group in groups):
        yield tr(lang, "In some groups only the best part counts.")
    if any(group.cap is not None or group.floor is not None for group in groups):
        yield tr(lang, "Some groups earn no more than a cap, or no less than a floor.")
    if any(leaf.extra for leaf in leaves):
        yield tr(lang, "Bonus points and deductions are beside the maximum.")
    if framework.decimals is not None:
        yield tr(
            lang,
            "The points of each indicator and group are rounded before they are used "
            "(decimals: {n}).",
            n=framework.decimals,
        )
    if {framework.not_applicable_of(leaf) for leaf in leaves} == {"exclude"}:
        yield tr(lang, "What does not apply leaves the maximum.")


def chosen(board: Scoreboard, lang: Lang) -> list[str]:
    """Say what was chosen in place of what is usual."""
    texts = []
    if board.observations.quality != "verified":
        texts.append(
            tr(lang, "Where a value was self-scored and verified, the self-scored one counts here.")
        )
    return [*texts, *instead(board, lang)]


def instead(board: Scoreboard, lang: Lang) -> list[str]:
    """Say which weights and methods were put in place of the framework's, and what is drawn."""
    texts = [own_weights(board, lang), own_methods(board, lang)]
    if what := drawn(board, lang):
        texts.append(tr(lang, "Intervals of ranks show what was chosen to vary: {what}", what=what))
    return [text for text in texts if text]


def versions(board: Scoreboard, lang: Lang, rows: pd.DataFrame) -> Iterable[str]:
    """Name what a page was made from: framework, data, rows and library."""
    framework, issued = board.framework, board.framework.issued
    plain = board.issued or framework
    yield f"{word('framework', lang)}: {framework.name} (sha256 {plain.fingerprint[:12]})"
    if issued:
        parts = [in_language(issued.by, lang), issued.document, date_name(issued.date, lang)]
        modelled = framework.status != "official"
        label = tr(lang, "Modelled on") if modelled else tr(lang, "Issued")
        yield f"{label}: {', '.join(part for part in parts if part)}"
    names = [path.name for path in board.observations.files]
    files = listed(names or [tr(lang, "a table in memory")], lang)
    yield tr(lang, "Data: {files}", files=files)
    # Of what this page shows: other cities' data may change without changing it.
    shown = hashlib.sha256(rows.to_csv().encode()).hexdigest()[:12]
    yield tr(lang, "Observations on this page: {n} rows (sha256 {shown})", n=len(rows), shown=shown)
    yield f"kpi-lib {version('kpi-lib')}"


def sources(rows: pd.DataFrame) -> list[str]:
    """The sources that observations name."""
    return sorted({str(source) for source in rows["source"].dropna() if str(source)})


def _sources(rows: pd.DataFrame, lang: Lang) -> Fragment:
    named = sources(rows)
    if not named:
        return paragraphs(
            tr(lang, "The data name no source."),
        )
    items = "".join(f"<li>{_linked(source)}</li>" for source in named)
    return Fragment(f'<ul class="sources">{items}</ul>', "\n".join(named))


def is_address(source: str) -> bool:
    """Whether a source is the address of a page."""
    return source.startswith(("https://", "http://")) and " " not in source


def _linked(source: str) -> str:
    """Escape a source; one that is a web address becomes a link."""
    text = escape(source)
    if is_address(source):
        return f'<a href="{text}" rel="noreferrer">{text}</a>'
    return text


def _subheading(lang: Lang, text: str, anchor: str) -> Fragment:
    return heading(tr(lang, text), anchor, level=3)
