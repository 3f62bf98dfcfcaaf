"""The page of a set's index: its pieces in their frame, and the data beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from kpi_lib.locale.catalogue import Lang
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import capital
from kpi_lib.report.index import files, package, trial
from kpi_lib.report.index.overview import Overview
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.look import look_of
from kpi_lib.report.sections.about import chosen, extract_said, origin
from kpi_lib.report.templating import render


@dataclass(frozen=True, repr=False)
class Index(Displayed):
    """An index as it is written: the page, the tables beside it by file, and what they hold."""

    html: str
    tables: dict[str, pd.DataFrame]
    package: str


def index_of(
    cities: CitySet,
    links: Sequence[tuple[str, str]] = (),
    languages: Sequence[tuple[Lang, str]] = (),
    notes: Sequence[str] = (),
) -> Index:
    """Make the index of a set.

    ``links`` are texts and addresses of pages of the same set (audit, review), ``languages`` those
    in which the index is there as well, with their names, ``notes`` sentences above the findings.
    """
    board, lang = cities.board, cities.lang
    overview = Overview(cities)
    tables = files.tables(cities, overview.findings().data)
    refused = trial.refused(cities)
    html = render(
        "index.html.j2",
        lang,
        resources={
            "lang": lang,
            "title": f"{cities.series}: {cities.when}",
            "series": cities.series,
            "demo": board.observations.demo,
            "mark": "",
            "look": look_of(board.observations.project, lang),
        },
        heading=cities.heading(),
        status=capital(cities.status),
        framework=board.framework.name,
        noun=board.framework.unit_noun(lang, first=True),
        origin=origin(board, lang, cities.found[0]) if len(cities.found) == 1 else [],
        notes=[*filter(None, [extract_said(board, lang)]), *chosen(board, lang), *notes],
        links=links,
        languages=languages,
        scored=cities.scored,
        findings=overview.findings(),
        ranking=overview.ranking(),
        map=overview.map(),
        targets=overview.targets(),
        values=overview.values(),
        method=overview.method(),
        trial=not refused,
        refused=refused,
        model=trial.as_json(cities),
        files=files.described(tables, lang),
        package=package.NAME,
    )
    return Index(html, tables, package.described(cities, tables))
