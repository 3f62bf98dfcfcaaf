"""What the tables beside an index hold, as a Data Package (``datapackage.json``) says it."""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from kpi_lib.locale.catalogue import Lang, mark, tr
from kpi_lib.locale.words import in_language
from kpi_lib.report.index.files import ABOUT
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.page import page_data
from kpi_lib.report.sections import about

NAME = "datapackage.json"

COLUMNS: Mapping[str, str] = {
    "city": mark("code of what is scored"),
    "name": mark("name"),
    "period": mark("period"),
    "region": mark("region, as in the data"),
    "class": mark("class, as in the data"),
    "rank": mark("rank within the period; ties share the better rank"),
    "ranked": mark("how many have a rank in the period"),
    "low": mark("lowest likely rank: with high it holds 90% of draws of what is uncertain"),
    "high": mark("highest likely rank"),
    "same": mark("share of the draws in which the rank stays (0–1)"),
    "score": mark("score; where scores are points, the points earned"),
    "maximum": mark("the most points there are"),
    "share": mark("score by which all are compared; of points, the share of the maximum in %"),
    "coverage": mark("share of the weight that is observed (0–1)"),
    "before": mark("the period before that changes are counted from"),
    "change": mark("change of the score since then, on the indicators of both periods"),
    "code": mark("code of a group or indicator; TOTAL is the composite"),
    "title": mark("title of the group or indicator"),
    "level": mark("0 for the composite, 1 for its parts, and so on down"),
    "reason": mark("why there is no score"),
    "value": mark("value"),
    "unit": mark("unit of the value"),
    "indicator": mark("title of the indicator"),
    "year": mark("year of the target"),
    "target": mark("target, in the unit of the indicator"),
    "median": mark("median of those with a target"),
    "meet": mark("how many meet the target"),
    "cities": mark("how many have a value"),
    "group": mark("code of the group that it is in"),
    "weight": mark("weight beside the siblings"),
    "share_of_whole": mark("share of the weight of the whole (0–1)"),
    "label": mark("what the sentence is about"),
    "sentence": mark("sentence of the page"),
    "what": mark("what the number is"),
}
"""What each column holds, by its name."""

_KEYS: Mapping[str, list[str]] = {
    "ranks.csv": ["city"],
    "scores.csv": ["city", "period", "code"],
    "values.csv": ["city", "period", "code"],
    "targets.csv": ["code"],
    "weights.csv": ["code"],
}


PAGE_SCHEMA = "page.schema.json"
"""The columns of the data beside each page, which all are alike."""

SOURCES = 100
"""The most sources that are named."""


def described(
    cities: CitySet,
    tables: Mapping[str, pd.DataFrame],
    pages: Mapping[str, Sequence[str]],
    others: Sequence[str] = (),
) -> dict[str, str]:
    """What the files of a set hold, as JSON by the name of the file that says so.

    ``tables`` are those of the set, ``pages`` the columns of the data beside the page of each city
    that has such data, ``others`` the names of files that hold no single table.
    """
    framework, lang = cities.board.framework, cities.lang
    name = f"{framework.id}-{framework.version}-{'-'.join(cities.found)}-{lang}".lower()
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": re.sub(r"[^a-z0-9._-]+", "-", name),
        "title": f"{cities.series}: {cities.heading()}",
        "description": " ".join(_told(cities)),
        "version": framework.version,
        "sources": list(_sources(cities)),
        "resources": [
            *(_resource(file, table, cities) for file, table in tables.items()),
            *(_of_page(city, columns, cities) for city, columns in pages.items()),
            *(_other(file) for file in others),
        ],
    }
    if cities.board.observations.demo:
        package["keywords"] = ["DEMO"]
    found = {NAME: _json(package)}
    if pages:
        found[PAGE_SCHEMA] = _json(_page_schema(page_data.COLUMNS, lang))
    return found


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _told(cities: CitySet) -> Iterator[str]:
    lang, framework = cities.lang, cities.board.framework
    if cities.board.observations.demo:
        yield about.demo_said(lang)
    if extract := about.extract_said(cities.board, lang):
        yield str(extract)
    if framework.licence:
        yield tr(
            lang,
            "Licence of the framework: {licence}.",
            licence=in_language(framework.licence, lang),
        )
    yield tr(
        lang,
        "In the CSV files an apostrophe stands before each text that a spreadsheet would run as a "
        "formula.",
    )


def _sources(cities: CitySet) -> Iterator[dict[str, str]]:
    """Where the values of the set come from, as the data say it."""
    table = cities.board.observations.table
    for source in about.sources(table[table["period"].isin(cities.found)])[:SOURCES]:
        yield {"title": source, **({"path": source} if about.is_address(source) else {})}


def _of_page(city: str, columns: Sequence[str], cities: CitySet) -> dict[str, Any]:
    """The data beside a page; only where it shows pieces of one's own has it other columns."""
    file, name = data_of(cities.pages[city]), str(cities.table["name"].get(city, city))
    usual = list(columns) == list(page_data.COLUMNS)
    return {
        "profile": "tabular-data-resource",
        "name": file.removesuffix(".csv").lower(),
        "path": file,
        "title": name,
        "description": tr(cities.lang, page_data.ABOUT, name=name),
        "schema": PAGE_SCHEMA if usual else _page_schema(columns, cities.lang),
    }


def data_of(page: str) -> str:
    """The name of the file of the data beside a page."""
    return page.removesuffix(".html") + ".csv"


def _page_schema(columns: Iterable[str], lang: Lang) -> dict[str, Any]:
    known = page_data.COLUMNS
    fields = [
        {"name": name, "type": page_data.type_of(name), "description": tr(lang, known[name])}
        if name in known
        else {"name": name, "type": "any"}
        for name in columns
    ]
    return {"fields": fields, "missingValues": [""]}


def _other(file: str) -> dict[str, Any]:
    """A file that holds no single table."""
    name, _, form = file.rpartition(".")
    kind = mimetypes.guess_type(file)[0]
    return {
        "name": f"{name}-{form}",
        "path": file,
        "format": form,
        "mediatype": kind,
        "type": "file",
    }


def _resource(file: str, table: pd.DataFrame, cities: CitySet) -> dict[str, Any]:
    fields = [
        {
            "name": str(column),
            "type": _type(table[column]),
            "description": tr(cities.lang, COLUMNS[str(column)]),
        }
        for column in table.columns
    ]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if file in _KEYS:
        schema["primaryKey"] = _KEYS[file]
    return {
        "profile": "tabular-data-resource",
        "name": file.removesuffix(".csv"),
        "path": file,
        "description": tr(cities.lang, ABOUT[file]),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _type(column: pd.Series[Any]) -> str:
    if pd.api.types.is_integer_dtype(column):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(column) else "string"
