"""The page of a set's index: its pieces in their frame, and the data beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kpi_lib.locale.catalogue import Lang
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import capital
from kpi_lib.report.index import files, package, ranking, summary, trial, workbook
from kpi_lib.report.index.overview import Overview
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.page.look import look_of
from kpi_lib.report.page.templating import render
from kpi_lib.report.sections.about import chosen, extract_said, origin


@dataclass(frozen=True, repr=False)
class Index(Displayed):
    """An index: what is on the page, the tables beside it, and the other files, by name."""

    lang: Lang
    shown: Mapping[str, object]
    tables: dict[str, pd.DataFrame]
    files: dict[str, str | bytes]

    def html(self, links: Sequence[tuple[str, str]] = ()) -> str:
        """Give the page; ``links`` are texts and addresses of others of the set (audit, PDF)."""
        return render("index.html.j2", self.lang, **self.shown, links=links)


def index_of(
    cities: CitySet,
    languages: Sequence[tuple[Lang, str]] = (),
    notes: Sequence[str] = (),
    columns: Mapping[str, Sequence[str]] | None = None,
) -> Index:
    """Make the index of a set.

    ``languages`` are those in which the index is there as well, with their names, ``notes``
    sentences above the findings, ``columns`` those of the data beside the page of each city that
    has such data.
    """
    board, lang = cities.board, cities.lang
    overview = Overview(cities)
    tables = files.tables(cities, overview.findings().data)
    refused = trial.refused(cities)
    beside: dict[str, str | bytes] = {
        workbook.NAME: workbook.as_workbook(cities),
        summary.NAME: summary.as_json(cities),
        summary.SCHEMA: summary.schema_text(),
    }
    beside |= package.described(cities, tables, columns or {}, list(beside))
    shown = dict(
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
        limits=[*filter(None, [extract_said(board, lang)]), *chosen(board, lang)],
        notes=notes,
        languages=languages,
        scored=cities.scored,
        findings=overview.findings(),
        ranking=overview.ranking(),
        map=overview.map(),
        targets=overview.targets(),
        values=overview.values(),
        method=overview.method(),
        trial=not refused,
        stacked=ranking.width(cities) > ranking.BESIDE,
        refused=refused,
        model=trial.as_json(cities),
        files=files.described([workbook.NAME, *tables, summary.NAME, package.NAME], lang),
    )
    return Index(lang, shown, tables, beside)
