"""What is said and shown of indicators that are not scored, and what a score would take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.locale.catalogue import Lang, tr, tr_n
from kpi_lib.locale.words import counted, listed, number, word
from kpi_lib.report.page.html import Fragment, joined, paragraphs
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.tables import table as plain_table
from kpi_lib.report.page.templating import render
from kpi_lib.report.sections.listings import table
from kpi_lib.report.sections.shown import beside
from kpi_lib.report.sections.shown import compared as values_beside
from kpi_lib.report.view.city import CityView
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.indicators import lacking, scorable
from kpi_lib.scoring.scoreboard import Scoreboard


def without_score(framework: Framework) -> list[Indicator]:
    """The indicators that the framework cannot score."""
    return [leaf for leaf in framework.indicators if not scorable(leaf, framework)]


def no_scores(framework: Framework, lang: Lang) -> str:
    """Say that nothing is scored and what a score takes; empty where anything is scored."""
    if len(without_score(framework)) < len(framework.indicators):
        return ""
    return tr(
        lang,
        "No indicator of this framework can be scored yet: values are shown and compared. {needs}",
        needs=needs(framework, lang),
    )


def needs(framework: Framework, lang: Lang) -> str:
    """Say what the framework file must still give before all of it is scored; empty: nothing."""
    absent = Counter(key for leaf in framework.indicators for key in lacking(leaf, framework))
    items = []
    if n := absent.pop("direction", 0):
        items.append(
            tr_n(
                lang,
                "for {n} indicator which values are better (direction)",
                "for {n} indicators which values are better (direction)",
                n,
                n=number(n, lang, 0),
            )
        )
    if n := absent.pop("goalposts", 0):
        items.append(
            tr_n(
                lang,
                "for {n} indicator the values of the lowest and the highest score (goalposts)",
                "for {n} indicators the values of the lowest and the highest score (goalposts)",
                n,
                n=number(n, lang, 0),
            )
        )
    items += [
        tr_n(
            lang,
            "for {n} indicator {key}",
            "for {n} indicators {key}",
            n,
            n=number(n, lang, 0),
            key=key,
        )
        for key, n in absent.items()
    ]
    if not items:
        return ""
    return tr(
        lang,
        "For a score, the framework file must still say {what}.",
        what=listed(items, lang),
    )


def compared(view: CityView) -> str:
    """Say with how many cities the values are compared, where nothing is scored."""
    others, same_period = beside(view)
    there = others.notna()
    cities, indicators = int(there.any(axis=1).sum()), int(there.any(axis=0).sum())
    if not cities:
        return tr(
            view.lang,
            "No other {noun} has data for these indicators: there is nothing to compare with.",
            noun=view.noun(),
        )
    facts = {
        "name": view.name,
        "others": tr(
            view.lang,
            "{n} other {nouns}",
            n=number(cities, view.lang, 0),
            nouns=view.noun(cities),
        ),
        "indicators": counted(indicators, view.lang, "{n} indicator", "{n} indicators"),
    }
    if same_period:
        return tr(
            view.lang,
            "The values of {name} are compared with those of {others} in {indicators}.",
            **facts,
        )
    return tr(
        view.lang,
        "The values of {name} are compared with those of {others}, each in its latest period, "
        "in {indicators}.",
        **facts,
    )


def piece(view: CityView) -> Piece | None:
    """Values beside the others', where few indicators are scored; None where most are."""
    if view.ahead.size >= 2 or not view.observed:
        return None
    found = values_beside(view)
    texts = [compared(view), needs(view.board.framework, view.lang)]
    rows = [
        (
            view.title(str(code)),
            view.measured(str(code)),
            view.with_unit(str(code), row["low"]),
            view.with_unit(str(code), row["high"]),
            number(row["cities"], view.lang, 0),
        )
        for code, row in found.iterrows()
    ]
    heads = [
        word("indicator", view.lang),
        word("value", view.lang),
        tr(view.lang, "Lowest"),
        tr(view.lang, "Highest"),
        tr(view.lang, "With a value"),
    ]
    caption = tr(view.lang, "Values within the range of all that have one")
    html = render(
        "sections/points.html.j2",
        view.lang,
        lead=[text for text in texts if text],
        tables=[plain_table(caption, heads, rows, (1, 2, 3, 4))] if rows else [],
    )
    return Piece(found, html, text="\n".join(texts))


def spread(framework: Framework, values: pd.DataFrame) -> pd.DataFrame:
    """The values of the indicators that are not scored: a row for each code.

    ``values`` have a row for each city and a column for each indicator.

    Columns ``cities`` (how many have a value), ``low``, ``median``, ``high`` (in the
    indicator's unit) and ``lowest``, ``highest``: the cities that have the end values, as
    lists of their codes. Indicators without any value are left out.
    """
    rows = {}
    for leaf in without_score(framework):
        own = values[leaf.code].dropna()
        if own.empty:
            continue
        low, high = own.min(), own.max()
        rows[leaf.code] = {
            "cities": len(own),
            "low": low,
            "median": own.median(),
            "high": high,
            "lowest": [str(city) for city in own.index[own == low]],
            "highest": [str(city) for city in own.index[own == high]],
        }
    columns = ["cities", "low", "median", "high", "lowest", "highest"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def spread_table(board: Scoreboard, periods: Mapping[str, str], lang: Lang) -> Fragment | None:
    """Give the lowest, middle and highest values of what is not scored; None where all is.

    ``periods`` are those of the cities that are compared.
    """
    units = list(periods.items())
    found = spread(board.framework, board.values.loc[units].droplevel("period"))
    if found.empty:
        return None
    view = CityView(board, *units[0], lang)
    rows = [
        (
            view.title(str(code)),
            number(row["cities"], lang, 0),
            _end(view, str(code), row["low"], row["lowest"]),
            view.with_unit(str(code), row["median"]),
            _end(view, str(code), row["high"], row["highest"]),
        )
        for code, row in found.to_dict("index").items()
    ]
    heads = [
        word("indicator", lang),
        tr(lang, "With a value"),
        tr(lang, "Lowest"),
        tr(lang, "Median"),
        tr(lang, "Highest"),
    ]
    caption = tr(lang, "Values of the indicators that are not scored")
    scored_too = len(without_score(board.framework)) < len(board.framework.indicators)
    return joined(
        table(caption, heads, rows, numeric=range(1, len(heads))),
        paragraphs(needs(board.framework, lang)) if scored_too else None,
    )


def _end(view: CityView, code: str, value: float, cities: list[str]) -> str:
    """Write an end value with the city that has it, or how many have."""
    who = (
        city_name(view.board, cities[0], view.lang)
        if len(cities) == 1
        else f"{len(cities)} {view.noun(len(cities))}"
    )
    return f"{view.with_unit(code, value)} ({who})"


def scored_count(framework: Framework, lang: Lang) -> str:
    """Say how many indicators the framework scores; empty where it scores all."""
    all_of, without = len(framework.indicators), len(without_score(framework))
    if not without:
        return ""
    return tr(
        lang,
        "{n} of {all_of} indicators scored",
        n=number(all_of - without, lang, 0),
        all_of=number(all_of, lang, 0),
    )
