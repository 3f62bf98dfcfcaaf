"""A set of reports in short as JSON, for programs: see ``summary.schema.json``."""

from __future__ import annotations

import json
import math
from importlib import resources
from typing import Any

from kpi_lib.locale.words import in_language
from kpi_lib.report.index import findings
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.page.sentences import Sentence
from kpi_lib.report.sections.about import chosen
from kpi_lib.report.sections.levels import reached
from kpi_lib.report.view.city import view_of

NAME = "summary.json"
SCHEMA = "summary.schema.json"


def schema_text() -> str:
    """The JSON Schema that every summary follows."""
    return (resources.files(__package__) / SCHEMA).read_text(encoding="utf-8")


def as_json(cities: CitySet) -> str:
    """The summary as it is written; numbers are unrounded, and what is missing is null."""
    return json.dumps(summary(cities), ensure_ascii=False, indent=1) + "\n"


def summary(cities: CitySet) -> dict[str, Any]:
    """Framework, periods, findings, and of each city score, rank, interval, level and parts."""
    framework, lang = cities.board.framework, cities.lang
    scores = cities.scores.to_numpy(dtype=float)
    codes = [node.code for node in cities.parts]
    extract = in_language(cities.board.observations.extract, lang)
    return {
        "schema": json.loads(schema_text())["$id"],
        "lang": lang,
        "demo": cities.board.observations.demo,
        "extract": extract or None,
        "framework": {
            "id": framework.id,
            "version": framework.version,
            "title": cities.series,
            "status": framework.status,
        },
        "chosen": [str(text) for text in chosen(cities.board, lang)],
        "periods": cities.found,
        "parts": [{"code": code, "title": cities.title(code)} for code in codes],
        "findings": [
            {"about": about, **_sentence(sentence)} for about, sentence in findings.findings(cities)
        ],
        "cities": [
            {
                **_city(cities, str(row["city"]), row),
                "parts": dict(zip(codes, map(_number, own), strict=True)),
            }
            for row, own in zip(
                cities.table.reset_index().to_dict("records"), scores.tolist(), strict=True
            )
        ],
        "without_data": list(cities.others),
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    values = [
        {"what": named.what, "value": _number(named.value), **named.of}
        for named in sentence.named
        if not isinstance(named.value, str)
    ]
    return {"sentence": sentence.text, "values": values}


def _city(cities: CitySet, city: str, row: Any) -> dict[str, Any]:
    level = reached(view_of(cities.board, city, str(row["period"]), cities.lang))
    low, high, same = (_number(row[name]) for name in ("low", "high", "same"))
    since = row["before"] if isinstance(row["before"], str) and row["before"] else None
    return {
        "city": city,
        "name": row["name"],
        "period": row["period"],
        "page": cities.pages.get(city),
        "score": _number(row["score"]),
        "maximum": _number(row["maximum"]),
        "rank": _number(row["rank"]),
        "ranked": _number(row["ranked"]),
        "interval": None if low is None else {"low": low, "high": high, "same": same},
        "coverage": _number(row["coverage"]),
        "change": None
        if since is None or _number(row["change"]) is None
        else {"since": since, "score": _number(row["change"])},
        "level": None if level is None else {"at": level.at, "of": level.of, "title": level.title},
    }


def _number(value: Any) -> int | float | None:
    """A number as JSON has it, whole ones without a point; None where it is missing."""
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
