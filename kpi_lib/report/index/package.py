"""What the tables beside an index hold, as a Data Package (``datapackage.json``) says it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from kpi_lib.locale.catalogue import mark, tr
from kpi_lib.report.index.files import ABOUT
from kpi_lib.report.index.rows import CitySet

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


def described(cities: CitySet, tables: Mapping[str, pd.DataFrame]) -> str:
    """The package's description as JSON: files, their columns with types, keys, and DEMO."""
    framework, lang = cities.board.framework, cities.lang
    name = f"{framework.id}-{framework.version}-{'-'.join(cities.found)}-{lang}".lower()
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._-]+", "-", name),
        "title": f"{cities.series}: {cities.heading()}",
        "version": framework.version,
        "resources": [_resource(file, table, cities) for file, table in tables.items()],
    }
    if cities.board.observations.demo:
        told = "DEMO – Made-up figures for demonstration. They say nothing about any real city."
        package["description"] = tr(lang, told)
        package["keywords"] = ["DEMO"]
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


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
