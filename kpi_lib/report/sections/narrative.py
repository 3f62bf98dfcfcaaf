"""Sentences about one city, made from its numbers, in the language of the reader.

Every function gives a list of plain paragraphs; an empty one where there is nothing to say.
"""

from __future__ import annotations

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import tr, tr_n
from kpi_lib.locale.words import capital, counted, in_language, listed, number, period_name
from kpi_lib.report.sections.changes import course, moves
from kpi_lib.report.sections.standing import standing
from kpi_lib.report.sections.unscored import compared, needs
from kpi_lib.report.view import CityView

__all__ = ["missing", "peers", "progress", "standing", "targets", "unscored"]

# How many indicators a sentence names before it becomes a list.
_NAMED = 3


def peers(view: CityView) -> list[str]:
    """Say where the city is furthest above and below the other cities' median."""
    ahead = view.ahead
    if not view.observed:
        return [_nothing_to_compare(view)]
    if not view.scored:
        return [compared(view)]
    if ahead.empty:
        return [
            tr(
                view.lang,
                "Too few other cities have data for the same period to compare single "
                "indicators (two at the least).",
            )
        ]
    above, below = ahead[ahead > 0], ahead[ahead < 0].iloc[::-1]
    better = _named(view, list(above.index[:_NAMED]))
    worse = _named(view, list(below.index[:_NAMED]))
    sentences = [_balance(view, len(ahead), len(above), len(below))]
    if better:
        sentences.append(tr(view.lang, "It leads most in {better}.", better=better))
    if worse:
        sentences.append(tr(view.lang, "It trails most in {worse}.", worse=worse))
    return [" ".join(sentences)]


def targets(view: CityView) -> list[str]:
    """Say how many targets are met and what closing the most rewarding gaps would bring."""
    if not view.board.framework.has_targets:
        return []
    if not view.targets:
        return [
            tr(
                view.lang,
                "There are no data for {period} on the indicators that have a target.",
                period=view.period,
                period_2=capital(period_name(view.period, view.lang)),
            )
        ]
    open_, met = view.open_targets, len(view.targets) - len(view.open_targets)
    total = len(view.targets)
    if not open_:
        return [
            tr_n(
                view.lang,
                "{name} meets the one target for which there are data.",
                "{name} meets all {total} targets for which there are data.",
                total,
                name=view.name,
                total=total,
            )
        ]
    if met:
        reached = tr(
            view.lang,
            "{name} meets {met} of the {total} targets for which there are data.",
            name=view.name,
            met=met,
            total=total,
        )
    else:
        reached = tr_n(
            view.lang,
            "{name} does not meet the one target for which there are data.",
            "{name} meets none of the {total} targets for which there are data.",
            total,
            name=view.name,
            total=total,
        )
    sentences = [reached]
    gains = view.target_gains.dropna()
    gains = gains[gains > 0]
    if not gains.empty:
        code = str(gains.index[0])
        year, target = open_[code]
        title, gain = view.title(code), number(gains.iloc[0], view.lang, view.digits + 1)
        now, goal = view.with_unit(code, view.values[code]), view.with_unit(code, target)
        sentences.append(
            tr(
                view.lang,
                "The gap most worth closing is “{title}”: from {now} to the target of "
                "{goal} ({year}) would add {gain} points to the composite score.",
                title=title,
                now=now,
                goal=goal,
                year=year,
                gain=gain,
            )
        )
    return [" ".join(sentences)]


def progress(view: CityView) -> list[str]:
    """Say how the composite and the objectives moved since the first period with a score."""
    totals = view.history[TOTAL].dropna()
    if totals.empty:
        return [
            tr(
                view.lang,
                "{name} has no composite score in any period, hence no trend.",
                name=view.name,
            )
        ]
    if len(totals) < 2:
        return [
            tr(
                view.lang,
                "{name} has a composite score for 1 period only: too few to speak of a trend.",
                name=view.name,
            )
        ]
    first, last = str(totals.index[0]), str(totals.index[-1])
    sentences = [course(view, first, last)]
    found = moves(view, first, last)
    if len(found) > 1 and view.change(found.iloc[0]) != view.change(found.iloc[-1]):
        most, least = str(found.index[0]), str(found.index[-1])
        sentences.append(
            tr(
                view.lang,
                "“{most}” moved up most ({high} points), “{least}” least ({low} points).",
                most=view.title(most),
                high=view.change(found.iloc[0]),
                least=view.title(least),
                low=view.change(found.iloc[-1]),
            )
        )
    return [" ".join(sentences)]


def missing(view: CityView) -> list[str]:
    """Say what is missing, and from how many agencies."""
    absent, all_of = view.absent, len(view.board.framework.indicators)
    if not absent:
        return [tr(view.lang, "All {all_of} indicators have data.", all_of=all_of)]
    agencies = {in_language(i.agency, view.lang) for i in absent if i.agency}
    if len(absent) == all_of:
        text = tr(view.lang, "None of the {all_of} indicators has data", all_of=all_of)
    else:
        text = tr(
            view.lang,
            "Data are missing for {n} of the {all_of} indicators",
            n=len(absent),
            all_of=all_of,
        )
    if agencies:
        text += counted(
            len(agencies),
            view.lang,
            ", to be supplied by {n} agency",
            ", to be supplied by {n} agencies",
        )
    return [text + "."]


def unscored(view: CityView) -> list[str]:
    """Say which indicators are shown and compared, but not scored."""
    without = len(view.board.framework.indicators) - len(view.scored)
    if not without:
        return []
    return [
        counted(
            without,
            view.lang,
            "{n} indicator without natural or published goalposts is shown and compared, "
            "not scored.",
            "{n} indicators without natural or published goalposts are shown and compared, "
            "not scored.",
        ),
        *([needs(view.board.framework, view.lang)] if view.scored else []),
    ]


def _nothing_to_compare(view: CityView) -> str:
    return tr(view.lang, "There are no data to compare.")


def _named(view: CityView, codes: list[str]) -> str:
    return listed(
        [f"“{view.title(code)}” ({view.with_unit(code, view.values[code])})" for code in codes],
        view.lang,
    )


def _balance(view: CityView, n: int, above: int, below: int) -> str:
    """Say in how many of ``n`` indicators the city is above and below the others' median."""
    name = view.name
    indicators = counted(n, view.lang, "{n} indicator", "{n} indicators")
    if n == above:
        return tr(
            view.lang,
            "{name} is above the median of the other cities in all of the "
            "{indicators} that can be compared.",
            name=name,
            indicators=indicators,
        )
    if n == below:
        return tr(
            view.lang,
            "{name} is below the median of the other cities in all of the "
            "{indicators} that can be compared.",
            name=name,
            indicators=indicators,
        )
    return tr(
        view.lang,
        "Of the {indicators} that can be compared, {name} is above the median of "
        "the other cities in {above} and below it in {below}.",
        indicators=indicators,
        name=name,
        above=above,
        below=below,
    )
