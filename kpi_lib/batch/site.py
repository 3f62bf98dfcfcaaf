"""The index of a set of reports with its data, and the list of all sets in a folder."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Mapping
from html import unescape
from pathlib import Path

from kpi_lib.batch.files.forms import mark_of, marks
from kpi_lib.batch.files.page import language_name
from kpi_lib.batch.files.printed import Printer
from kpi_lib.batch.fingerprint import hashed
from kpi_lib.batch.job import CityFailure, Job, Outcome
from kpi_lib.batch.provenance import with_origin
from kpi_lib.framework.model import Framework
from kpi_lib.io.store import beginnings, names, write_whole
from kpi_lib.io.tables.export import as_csv
from kpi_lib.locale.catalogue import Lang, languages, tr
from kpi_lib.locale.words import counted, listed, number, period_name
from kpi_lib.observations.cities import dates_of, existing
from kpi_lib.report.index.package import NAME as PACKAGE
from kpi_lib.report.index.package import data_of
from kpi_lib.report.index.page import index_of
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.page.templating import environment
from kpi_lib.scoring.scoreboard import Scoreboard

INDEX = "index.html"
INDEX_PDF = "index.pdf"

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


def write_index(
    board: Scoreboard,
    folder: Path,
    lang: Lang,
    periods: Mapping[str, str],
    failures: Mapping[str, str],
    others: Collection[Lang] = (),
    printer: Printer | None = None,
) -> Outcome | None:
    """Write the overview of all cities of the data beside their pages, and its data.

    ``periods`` holds the period of each city in this set, ``failures`` what went wrong with a
    city's report, ``others`` the other languages of the set. A city without a page is listed
    without a link. With a ``printer`` it is printed; gives an outcome where that fails.
    """
    there = names(folder)
    listed = _all_cities(board, set(periods.values()))
    slugs = board.observations.places["slug"].to_dict()
    pages = {city: f"{slugs.get(city, city)}.html" for city in listed if city not in failures}
    cities = CitySet(
        board,
        {city: periods[city] for city in listed if city in periods},
        lang,
        [city for city in listed if city not in periods],
        {city: page for city, page in pages.items() if page in there},
        failures,
    )
    made = index_of(
        cities,
        [(other, language_name(other)) for other in others],
        _notes(board.framework, lang, periods, failures),
        _columns(folder, cities, there),
    )
    links = _links(folder, cities)
    printed, unprinted = "", None
    if printer is not None or INDEX_PDF in there:
        html = made.html([*links, ("PDF", INDEX_PDF)])
        try:
            printed = html if _printed(folder, html, printer) else ""
        except CityFailure as failure:
            job = Job("index", "index", "", folder / "index", {}, lang)
            unprinted = Outcome(job, 0.0, failure)
    tables = {name: as_csv(table) for name, table in made.tables.items()}
    package = with_origin(board, str(made.files[PACKAGE]), tables)
    for name, content in {**made.files, **tables, PACKAGE: package}.items():
        write_whole(folder / name, content)
    write_whole(folder / INDEX, printed or made.html(links))
    return unprinted


def _printed(folder: Path, html: str, printer: Printer | None) -> bool:
    """Print the index where its PDF is not of it; say whether there is one that is."""
    file, mark = folder / INDEX_PDF, mark_of(hashed(html))
    current = marks([file]).get(file) == mark
    if printer and not current:
        write_whole(file, printer.pdf(html, mark, "index"))
    return current or printer is not None


def _columns(folder: Path, cities: CitySet, there: Collection[str]) -> dict[str, list[str]]:
    """The columns of the data beside the pages, by city."""
    files = {city: data_of(page) for city, page in cities.pages.items()}
    found = {city: name for city, name in files.items() if name in there}
    starts = beginnings([folder / name for name in found.values()], 4096)
    heads = (start.removeprefix("\ufeff").partition("\n")[0] for start in starts)
    return {city: next(csv.reader([head])) for city, head in zip(found, heads, strict=True)}


def _links(folder: Path, cities: CitySet) -> list[tuple[str, str]]:
    """Audits and comparisons of the set's periods, and all reviews, in its language."""
    found, place = [], folder.parent.parent
    kinds = {
        "audit": tr(cities.lang, "Audit"),
        "compare": tr(cities.lang, "Comparison"),
        "review": tr(cities.lang, "Review"),
    }
    for period in sorted(names(place)):
        for name in sorted(names(place / period)):
            match = re.fullmatch(rf"(audit|compare|review)(?:-(.+))?\.{cities.lang}\.html", name)
            if match is None or (match[1] != "review" and period not in cities.found):
                continue
            about = [kinds[match[1]], *filter(None, [match[2]])]
            if len(cities.found) > 1 and match[1] != "review":
                about.append(period)
            found.append((" · ".join(about), f"../../{period}/{name}"))
    return found


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
                "lang_name": language_name(lang),
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
    valid = dates_of(cities)
    there = {code for period in periods for code in existing(valid, listed, period)}
    return list(dict.fromkeys([*(c for c in listed if c in there), *board.latest]))


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
