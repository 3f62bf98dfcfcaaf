"""The data beside a page: what its pieces hold and say, in one table of typed columns."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from kpi_lib.io.tables.export import plain_text
from kpi_lib.locale.catalogue import mark
from kpi_lib.report.page.sentences import Sentence

MIME = "application/x-kpi-piece"
"""The kind of output by which a piece gives its data to who makes the page."""

ABOUT = mark("all that the page of {name} shows, section by section, unrounded")

COLUMNS: Mapping[str, str] = {
    "section": mark("section of the page; sentences name their numbers in rows of their own"),
    "code": mark("code of a group, an indicator or a criterion; TOTAL is the composite"),
    "title": mark("title of the group, the indicator or the criterion"),
    "city": mark("code of what is scored"),
    "part": mark("title of the part that it belongs to"),
    "name": mark("name"),
    "period": mark("period"),
    "value": mark("value, in the unit; of a sentence, the number that it names"),
    "said": mark("the value as the data say it, where it is a word"),
    "unit": mark("unit of the value"),
    "score": mark("score; where scores are points, the points earned"),
    "maximum": mark("the most points there are"),
    "median": mark("median of the others: of values where the row has one, else of scores"),
    "ahead": mark("score less the median of the others"),
    "share": mark("score by which all are compared; of points, the share of the maximum in %"),
    "before": mark("the period before that changes are counted from"),
    "change": mark("change of the score since the period before, on the indicators of both"),
    "rank": mark("rank within the period; ties share the better rank"),
    "ranked": mark("how many have a rank in the period"),
    "rank_low": mark("lowest likely rank: 90% of draws of the weights (±25%) lie up to rank_high"),
    "rank_high": mark("highest likely rank"),
    "rank_stays": mark("share of the draws in which the rank stays (0–1)"),
    "peer_rank": mark("rank within the peer group"),
    "peers_ranked": mark("how many of the peer group have a rank"),
    "coverage": mark("share of the weight that is observed (0–1)"),
    "observed": mark("how many indicators have a value"),
    "scored": mark("how many indicators have a score"),
    "indicators": mark("how many indicators there are"),
    "weight": mark("effective weight: share of the weight of the whole (0–1)"),
    "status": mark("status of the target, or whether the criterion is met"),
    "target": mark("target in force, in the unit of the indicator"),
    "year": mark("year of the target"),
    "baseline": mark("first value, from which the way to the target counts"),
    "baseline_period": mark("period of the first value"),
    "expected": mark("value that the path to the target asks for by now"),
    "way": mark("share of the way covered, in %"),
    "met_by": mark("when the pace so far meets the target, in years (INF: never)"),
    "met_earliest": mark("the same at the fast end of the 90% interval of the pace"),
    "met_latest": mark("the same at its slow end"),
    "gain": mark("points of the composite that closing this gap alone adds"),
    "agency": mark("agency that supplies the data"),
    "basis": mark("document that sets the target"),
    "direction": mark("higher: more is better; lower: less is better"),
    "quality": mark("quality of the value"),
    "source": mark("source of the value"),
    "note": mark("note on the value, or why it is missing"),
    "level": mark("maturity level"),
    "levels": mark("how many levels there are"),
    "criteria": mark("how many criteria the level has"),
    "met": mark("how many of them are met"),
    "reached": mark("whether the level is reached"),
    "kind": mark("kind of criterion: basic (all are needed) or chosen (a share of them is)"),
    "at_least": mark("least value that the criterion asks for"),
    "at_most": mark("greatest value that it allows"),
    "short": mark("how much the value lacks, in its unit; of a level, how many criteria it lacks"),
    "document": mark("evidence"),
    "since": mark("since when"),
    "earned": mark("points earned"),
    "lost": mark("points lost"),
    "missing": mark("whether the value is missing"),
    "reported": mark("points as the city reported them"),
    "verified": mark("points as they were verified"),
    "difference": mark("verified less reported points"),
    "state": mark("whether the value lapsed or never was there"),
    "lacks": mark("which figures are missing"),
    "asked": mark("the figures to be asked for"),
    "why": mark("why they are missing"),
    "last": mark("last period with a value"),
    "what": mark("what the number or the text is"),
    "text": mark("the number as it is written, or the text"),
    "sentence": mark("sentence of the page"),
}
"""What each column holds, in the order of the file."""

_TITLES = ("part", "criterion")
_NUMBERS = frozenset(
    (
        *(
            "value",
            "score",
            "share",
            "maximum",
            "median",
            "ahead",
            "change",
            "rank",
            "ranked",
            "rank_low",
        ),
        *("rank_high", "rank_stays", "peer_rank", "peers_ranked", "coverage", "observed"),
        *("indicators", "weight", "target", "year", "baseline", "expected", "way", "met_by"),
        *("met_earliest", "met_latest", "gain", "short", "earned", "lost", "scored", "levels"),
        *("criteria", "met", "at_least", "at_most", "reported", "verified", "difference"),
    )
)


def type_of(column: str) -> str:
    """The type of a column, as Table Schema names it."""
    if column in _NUMBERS:
        return "number"
    return "boolean" if column in ("missing", "reached") else "string"


def payload(tables: Mapping[str, pd.DataFrame], sentences: Iterable[Sentence]) -> str:
    """The tables of a piece by the names of their sections, and the numbers of its sentences."""
    found = [row for section, table in tables.items() for row in _rows(section, table)]
    section = next(iter(tables))
    found += [row for sentence in sentences for row in _said(section, sentence)]
    return json.dumps(found, ensure_ascii=False, default=lambda number: number.item())


def _rows(section: str, table: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """The rows of a table; what it is of is called its title wherever it has no other."""
    named = table.reset_index() if table.index.name else table
    columns = [str(column) for column in named.columns]
    if "title" not in columns:
        columns = ["title" if column in _TITLES else column for column in columns]
    for row in named.astype(object).to_numpy().tolist():
        yield {"section": section, **dict(zip(columns, row, strict=True))}


def _said(section: str, sentence: Sentence) -> Iterable[dict[str, Any]]:
    """A row for each number of a sentence; one of its own where it has none."""
    row = {"section": section, "sentence": sentence.text}
    for named in sentence.named:
        number = None if isinstance(named.value, str) else float(named.value)
        yield {**row, **named.of, "what": named.what, "value": number, "text": named.text}
    if not sentence.named:
        yield row


def as_csv(payloads: Sequence[str]) -> bytes:
    """The rows of pieces as CSV, in the order of the page; a piece that is shown twice, once.

    Columns of pieces of one's own stand after those that every such file has.
    """
    rows = [row for each in dict.fromkeys(payloads) for row in json.loads(each)]
    others = dict.fromkeys(column for row in rows for column in row if column not in COLUMNS)
    written = io.StringIO()
    writer = csv.DictWriter(written, [*COLUMNS, *others], lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: _cell(value) for column, value in row.items()} for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    """A value as CSV holds it: nothing for what is missing, whole numbers without a point."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if math.isinf(value):
            return "INF" if value > 0 else "-INF"
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return plain_text(value)
