"""The list of the cities of a set of reports, and the list of all sets in a folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any, cast

import pandas as pd
from babel import Locale

from kpi_lib.framework.model import TOTAL, Framework
from kpi_lib.io.store import beginnings, names, write_whole
from kpi_lib.locale.catalogue import Lang, languages, tr
from kpi_lib.locale.words import (
    capital,
    counted,
    in_language,
    listed,
    number,
    percent,
    period_name,
    word,
)
from kpi_lib.observations.cities import existing
from kpi_lib.report.names import city_name
from kpi_lib.report.sections.about import chosen, extract_said, origin
from kpi_lib.report.sections.unscored import no_scores, scored_count
from kpi_lib.report.templating import environment
from kpi_lib.report.view import view_of
from kpi_lib.scoring.scoreboard import Scoreboard

INDEX = "index.html"

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


def write_index(
    board: Scoreboard,
    folder: Path,
    lang: Lang,
    periods: Mapping[str, str],
    failures: Mapping[str, str],
) -> None:
    """Write the list of all cities of the data beside their pages.

    ``periods`` holds the period of each city in this set, ``failures`` what went wrong with a
    city's report. A city without a page is listed without a link.
    """
    there = names(folder)
    rows = [
        _row(board, there, lang, city, periods.get(city, ""), failures.get(city, ""))
        for city in _all_cities(board, set(periods.values()))
    ]
    rows.sort(key=lambda row: (row["rank_value"] == "", row["rank_value"] or 0, row["name"]))
    found = sorted(set(periods.values()))
    when = period_name(found[0], lang) if len(found) == 1 else tr(lang, "latest")
    framework = board.framework
    facts = {
        "lang": lang,
        "title": f"{in_language(framework.title, lang)}: {when}",
        "series": framework.name,
        "demo": board.observations.demo,
        "mark": "",
    }
    page = (
        environment()
        .get_template("index.html.j2")
        .render(
            resources=facts,
            status=capital(word(framework.status, lang)),
            official=in_language(framework.note, lang),
            notes=[
                *filter(None, [extract_said(board, lang)]),
                *(origin(board, lang, found[0]) if len(found) == 1 else []),
                *chosen(board, lang),
                *_scored(board, lang),
                *_notes(framework, lang, periods, failures),
            ],
            rows=rows,
            noun=framework.unit_noun(lang, first=True),
            periods_differ=len(found) > 1,
        )
    )
    write_whole(folder / INDEX, page)


def write_sets(output: Path) -> None:
    """Write the list of all sets found in a folder of reports, by framework, period, language."""
    pages = Counter(page.parent.relative_to(output).parts for page in output.glob("*/*/*/*.html"))
    lists = {parts: output.joinpath(*parts, INDEX) for parts in sorted(pages)}
    sets = []
    for parts, start in zip(lists, beginnings(list(lists.values()), 4096), strict=True):
        framework, _, lang = parts
        title = _TITLE.search(start)
        if title is None or lang not in languages():
            continue
        sets.append(
            {
                "address": "/".join((*parts, INDEX)),
                "title": unescape(title[1]),
                "framework": framework,
                "lang": lang,
                "lang_name": Locale.parse(lang).get_display_name(lang),
                "count": counted(pages[parts] - 1, lang, "{n} report", "{n} reports"),
            }
        )
    titles = [(lang, tr(lang, "Sets of reports")) for lang in languages()]
    title_of_sets = " · ".join(title for _, title in titles)
    facts = {"lang": languages()[0], "title": title_of_sets, "demo": False, "mark": ""}
    template = environment().get_template("sets.html.j2")
    page_of_sets = template.render(resources=facts, sets=sets, titles=titles)
    write_whole(output / INDEX, page_of_sets)


def _all_cities(board: Scoreboard, periods: set[str]) -> list[str]:
    """Every city that exists in any of the periods, then any other that the data have."""
    cities = board.observations.cities
    listed = [str(city) for city in cities["city"]]
    there = {code for period in periods for code in existing(cities, listed, period)}
    return list(dict.fromkeys([*(c for c in listed if c in there), *board.latest]))


def _row(
    board: Scoreboard, there: set[str], lang: Lang, city: str, period: str, failure: str
) -> dict[str, Any]:
    places = board.observations.places
    stem = str(places.at[city, "slug"]) if city in places.index else city
    row: dict[str, Any] = {
        "name": city_name(board, city, lang),
        "period": period,
        "failure": failure,
        "note": "",
        "page": "",
        "notebook": "",
        **dict.fromkeys(("rank", "score", "coverage"), "–"),
        **dict.fromkeys(("rank_value", "score_value", "coverage_value"), ""),
    }
    if not period:
        row["note"] = tr(lang, "no data in this period")
        return row
    if not failure:
        for key, ending in (("page", "html"), ("notebook", "ipynb")):
            if f"{stem}.{ending}" in there:
                row[key] = f"{stem}.{ending}"
    totals, at = board.points[TOTAL], cast(int, board.points.index.get_loc((city, period)))
    score, share = float(totals.iloc[at]), float(board.coverage[TOTAL].iloc[at])
    if pd.notna(score):
        rank = int(board.ranks[TOTAL].iloc[at])
        ranked = int(totals.iloc[board.by_period[period]].notna().sum())
        # Any city's view writes scores as the framework's scale asks.
        view = view_of(board, str(totals.index[0][0]), str(totals.index[0][1]), lang)
        row.update(rank=f"{rank}/{ranked}", rank_value=rank)
        row.update(score=view.score(score), score_value=score)
    if pd.notna(share):
        row.update(coverage=percent(share, lang), coverage_value=share)
    return row


def _scored(board: Scoreboard, lang: Lang) -> list[str]:
    """Say how many indicators are scored, where not all are; of none, what a score takes."""
    count = scored_count(board.framework, lang)
    nothing = no_scores(board.framework, lang)
    return [nothing or f"{count}."] if count else []


def _notes(
    framework: Framework, lang: Lang, periods: Mapping[str, str], failures: Mapping[str, str]
) -> list[str]:
    notes = []
    if len(set(periods.values())) > 1:
        cities = [
            f"{period_name(period, lang)} ({_number_of(framework, n, lang)})"
            for period, n in sorted(Counter(periods.values()).items(), reverse=True)
        ]
        notes.append(
            tr(
                lang,
                "The latest period is not the same for all: {cities}. Ranks are within "
                "each period.",
                cities=listed(cities, lang),
            )
        )
    if failures:
        notes.append(
            tr(
                lang,
                "No report could be made of {n}; the reason is given below.",
                n=_number_of(framework, len(failures), lang),
            )
        )
    return notes


def _number_of(framework: Framework, cities: int, lang: Lang) -> str:
    """Write a number of what is scored."""
    nouns = framework.unit_noun(lang, cities)
    return tr(lang, "{n} {nouns}", n=number(cities, lang, 0), nouns=nouns)
