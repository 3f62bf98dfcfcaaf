"""The list of the cities of a set of reports, and the list of all sets in a folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, cast

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kpi_lib.batch.job import TEMPLATES
from kpi_lib.framework.model import TOTAL
from kpi_lib.io.store import beginnings, names, write_whole
from kpi_lib.locale.words import (
    Lang,
    capital,
    count,
    in_language,
    listed,
    percent,
    period_name,
    say,
    word,
)
from kpi_lib.report.view import city_name, view_of
from kpi_lib.scoring.score import Scoreboard

INDEX = "index.html"

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_LANGUAGE_NAMES = {"vi": "tiếng Việt", "en": "English"}


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
        for city in _all_cities(board)
    ]
    rows.sort(key=lambda row: (row["rank_value"] == "", row["rank_value"] or 0, row["name"]))
    found = sorted(set(periods.values()))
    when = period_name(found[0], lang) if len(found) == 1 else say(lang, "kỳ gần nhất", "latest")
    framework = board.framework
    facts = {
        "lang": lang,
        "title": f"{framework.title[lang]}: {when}",
        "series": framework.name,
        "demo": board.observations.demo,
        "mark": "",
    }
    page = (
        _templates()
        .get_template("index.html.j2")
        .render(
            resources=facts,
            status=capital(word(framework.status, lang)),
            official=in_language(framework.note, lang),
            notes=_notes(lang, periods, failures),
            rows=rows,
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
        if title is None or lang not in _LANGUAGE_NAMES:
            continue
        own: Lang = "vi" if lang == "vi" else "en"
        sets.append(
            {
                "address": "/".join((*parts, INDEX)),
                "title": unescape(title[1]),
                "framework": framework,
                "lang": lang,
                "lang_name": _LANGUAGE_NAMES[lang],
                "count": count(pages[parts] - 1, own, "báo cáo", "report"),
            }
        )
    facts = {"lang": "vi", "title": "Các bộ báo cáo · Sets of reports", "demo": False, "mark": ""}
    page_of_sets = _templates().get_template("sets.html.j2").render(resources=facts, sets=sets)
    write_whole(output / INDEX, page_of_sets)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )


def _all_cities(board: Scoreboard) -> list[str]:
    """Every city of the cities table, then any other that the data have."""
    return list(dict.fromkeys([*board.observations.cities["city"], *board.latest]))


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
        row["note"] = say(lang, "không có số liệu trong kỳ này", "no data in this period")
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


def _notes(lang: Lang, periods: Mapping[str, str], failures: Mapping[str, str]) -> list[str]:
    notes = []
    if len(set(periods.values())) > 1:
        cities = [
            f"{period_name(period, lang)} ({number_of(n, lang)})"
            for period, n in sorted(Counter(periods.values()).items(), reverse=True)
        ]
        notes.append(
            say(
                lang,
                f"Kỳ gần nhất không giống nhau: {listed(cities, lang)}. "
                "Thứ hạng tính trong từng kỳ.",
                f"The latest period is not the same for all: {listed(cities, lang)}. "
                "Ranks are within each period.",
            )
        )
    if failures:
        notes.append(
            say(
                lang,
                f"{number_of(len(failures), lang)} chưa lập được báo cáo; lý do ghi bên dưới.",
                f"No report could be made of {number_of(len(failures), lang)}; "
                "the reason is given below.",
            )
        )
    return notes


def number_of(cities: int, lang: Lang) -> str:
    """Write a number of cities."""
    return count(cities, lang, "đô thị", "city", "cities")
