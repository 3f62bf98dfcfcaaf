"""A set as a workbook to be read: ranking, parts, indicators, weights, method, sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from kpi_lib.analysis.what_if import weights_in_all
from kpi_lib.framework.model import TOTAL, Group, Indicator, Node
from kpi_lib.io.tables.workbook import BAND, BOLD, WRAPPED, as_bytes, plain_cell
from kpi_lib.locale.catalogue import Lang, tr, tr_in
from kpi_lib.locale.words import capital, in_language, word
from kpi_lib.observations.categories import kind_name
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.sections import about
from kpi_lib.report.sections.methods import rule
from kpi_lib.report.view.decimals import decimals

NAME = "scores.xlsx"

_TITLE = Font(name="Calibri", bold=True, size=14)
_PERCENT, _WHOLE, _TEXT = "0%", "0", "@"
_NAME_WIDTH, _WIDTH, _LONG = 26, 12, 60


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heads from above, the number format and width, and its cells."""

    heads: Sequence[str]
    cells: Sequence[Any]
    form: str = _TEXT
    width: float = _WIDTH


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, what it holds in sentences, its columns, and how many stay in view."""

    name: str
    texts: Sequence[str]
    columns: Sequence[Column]
    kept: int = 0


def as_workbook(cities: CitySet) -> bytes:
    """The workbook as it is written: texts stay texts, and equal sets give equal bytes."""
    lang, book = cities.lang, Workbook(write_only=True)
    heading = f"{cities.series}: {cities.heading()}"
    if cities.board.observations.demo:
        heading = f"DEMO – {heading}"
    sheets = [_ranking(cities)]
    if cities.scored:
        sheets += [_wide(cities, "groups"), _wide(cities, "scores")]
    sheets += [_wide(cities, "values"), _weights(cities), _method(cities), _sources(cities)]
    listed = [(sheet.name, " ".join(sheet.texts)) for sheet in sheets]
    columns = [
        Column([tr_in(lang, "workbook", "Sheet")], [name for name, _ in listed], width=_NAME_WIDTH),
        Column(
            [tr_in(lang, "workbook", "What it holds")], [text for _, text in listed], _TEXT, 120
        ),
    ]
    first = Sheet(tr_in(lang, "sheet", "About"), list(_limits(cities)), columns)
    for sheet in (first, *sheets):
        _write(book, sheet, heading)
    return as_bytes(book)


def _limits(cities: CitySet) -> Iterator[str]:
    """What limits the figures, and what was chosen."""
    board, lang = cities.board, cities.lang
    if board.observations.demo:
        yield about.demo_said(lang)
    if extract := about.extract_said(board, lang):
        yield str(extract)
    yield about.official(board.framework, lang)
    yield from about.chosen(board, lang)
    yield tr(lang, "Numbers are unrounded; the format of a cell rounds what is shown.")


def _write(book: Workbook, sheet: Sheet, heading: str) -> None:
    """Write a sheet under the title of the set; heads and names stay in view."""
    made = book.create_sheet(sheet.name)
    depth = max(len(column.heads) for column in sheet.columns)
    above = 2 + len(sheet.texts) + depth
    made.freeze_panes = f"{get_column_letter(sheet.kept + 1)}{above + 1}"
    for at, column in enumerate(sheet.columns, start=1):
        made.column_dimensions[get_column_letter(at)].width = column.width
    made.append([plain_cell(made, heading, font=_TITLE)])
    for text in sheet.texts:
        made.append([plain_cell(made, text)])
    made.append([])
    for level in range(depth):
        heads = [
            column.heads[level] if level < len(column.heads) else "" for column in sheet.columns
        ]
        made.append(
            [plain_cell(made, head, font=BOLD, fill=BAND, alignment=WRAPPED) for head in heads]
        )
    columns = [
        [_cell(made, value, column.form) for value in column.cells] for column in sheet.columns
    ]
    for cells in zip(*columns, strict=True):
        made.append(cells)


def _cell(made: Any, value: Any, form: str) -> Any:
    """A cell with its number format; nothing where the value is missing."""
    if isinstance(value, str):
        return plain_cell(made, value, alignment=WRAPPED) if value else None
    if pd.isna(value):
        return None
    cell = WriteOnlyCell(made, int(value) if form == _WHOLE else float(value))
    cell.number_format = form
    return cell


def _ranking(cities: CitySet) -> Sheet:
    table, lang, board = cities.table, cities.lang, cities.board
    form = _decimal(cities.view.digits)
    columns = [
        Column([tr(lang, "Rank")], list(table["rank"]), _WHOLE, 8),
        Column(
            [board.framework.unit_noun(lang, first=True)], list(table["name"]), _TEXT, _NAME_WIDTH
        ),
        Column([tr_in(lang, "column", "Code")], list(table.index), _TEXT, 16),
        Column([tr(lang, "Period")], list(table["period"])),
        Column([tr(lang, "Region")], _named(cities, "region"), _TEXT, 26),
        Column([tr(lang, "Class")], _named(cities, "class")),
        Column([tr(lang, "Composite score")], list(table["score"]), form),
        Column([tr_in(lang, "column", "Maximum")], list(table["maximum"]), form),
        Column([tr_in(lang, "column", "Best rank in 90% of draws")], list(table["low"]), _WHOLE),
        Column([tr_in(lang, "column", "Worst rank in 90% of draws")], list(table["high"]), _WHOLE),
        Column([tr(lang, "Change since the period before")], list(table["change"]), form),
        Column([tr(lang, "Share of the weight with data")], list(table["coverage"]), _PERCENT),
    ]
    kept = [column for column in columns if _has_any(column.cells)]
    text = tr(
        lang,
        "Rank and composite score. Of draws in which each weight varies by up to ±25% relative to "
        "its siblings, 90% lie between the best and the worst likely rank.",
    )
    return Sheet(tr(lang, "Ranking"), [text], kept, 2)


def _named(cities: CitySet, column: str) -> list[str]:
    """Regions or classes as people call them."""
    return [capital(kind_name(column, kind, cities.lang)) for kind in cities.table[column]]


def _has_any(cells: Sequence[Any]) -> bool:
    return any(cell != "" and not pd.isna(cell) for cell in cells)


def _wide(cities: CitySet, what: str) -> Sheet:
    """A row for each city and a column for each group or indicator."""
    board, lang, table = cities.board, cities.lang, cities.table
    nodes: list[Node] = list(board.framework.indicators)
    names = {
        "groups": tr_in(lang, "sheet", "Parts"),
        "scores": tr_in(lang, "sheet", "Scores of indicators"),
        "values": tr_in(lang, "sheet", "Values of indicators"),
    }
    texts = {
        "groups": tr(lang, "Scores of the parts and of the groups in them."),
        "scores": tr(lang, "Scores of the indicators, from which those of the parts are made."),
        "values": tr(lang, "Values of the indicators in their units, as they were observed."),
    }
    if what == "groups":
        nodes = [group for group in board.framework.all_groups if group.code != TOTAL]
    wide = board.values if what == "values" else board.points
    own = wide.iloc[cities.rows]
    forms = decimals(board)
    columns = [
        Column(
            [board.framework.unit_noun(lang, first=True)], list(table["name"]), _TEXT, _NAME_WIDTH
        ),
        Column([tr(lang, "Period")], list(table["period"])),
    ]
    for node in nodes:
        digits = cities.view.digits
        if what == "values":
            digits = max(map(forms[node.code].of, own[node.code]))
        heads = [node.code, cities.title(node.code)]
        if what == "values" and isinstance(node, Indicator):
            heads.append(in_language(node.unit, lang))
        columns.append(Column(heads, own[node.code].tolist(), _decimal(digits), 16))
    return Sheet(names[what], [texts[what]], columns, 2)


def _decimal(digits: int) -> str:
    return "#,##0" + (f".{'0' * digits}" if digits else "")


def _weights(cities: CitySet) -> Sheet:
    """The tree with the weight of each node beside its siblings and in the whole, and its rule."""
    board, lang = cities.board, cities.lang
    framework, whole = board.framework, weights_in_all(board)
    nodes = [framework.node(code) for code in framework.nodes if code != TOTAL]
    shares = [
        float(sum(whole[leaf.code] for leaf in framework.leaves(node.code))) for node in nodes
    ]
    units = [in_language(node.unit, lang) if isinstance(node, Indicator) else "" for node in nodes]
    rules = [
        rule(framework, node, lang) if isinstance(node, Indicator) and share > 0 else ""
        for node, share in zip(nodes, shares, strict=True)
    ]
    above = [framework.parents[node.code] for node in nodes]
    columns = [
        Column([tr_in(lang, "column", "Code")], [node.code for node in nodes], _TEXT, 16),
        Column(
            [tr_in(lang, "column", "Title")], [cities.title(n.code) for n in nodes], _TEXT, _LONG
        ),
        Column(
            [tr_in(lang, "column", "Group")], ["" if a == TOTAL else a for a in above], _TEXT, 16
        ),
        Column([tr_in(lang, "column", "Kind")], [_kind(node, lang) for node in nodes], _TEXT, 12),
        Column([tr(lang, "Unit")], units, _TEXT, 18),
        Column(
            [tr_in(lang, "column", "Weight beside its siblings")],
            [board.weights[node.code] for node in nodes],
            "General",
        ),
        Column([tr(lang, "Weight in the whole")], shares, "0.0%"),
        Column([tr(lang, "How it is scored")], rules, _TEXT, _LONG),
    ]
    text = tr(
        lang,
        "The weight beside its siblings is that of the framework, or what was put in its place; "
        "the weight in the whole is the share that follows from all weights above it.",
    )
    return Sheet(tr_in(lang, "sheet", "Weights"), [text], columns, 2)


def _kind(node: Node, lang: Lang) -> str:
    if isinstance(node, Group):
        return tr_in(lang, "column", "group")
    return tr_in(lang, "column", "indicator")


def _method(cities: CitySet) -> Sheet:
    board, lang = cities.board, cities.lang
    told = [*about.scoring(board.framework, lang), *about.versions(board, lang, _rows(cities))]
    texts = [str(text) for text in told]
    column = Column([tr_in(lang, "sheet", "Method")], texts, _TEXT, 120)
    return Sheet(
        tr_in(lang, "sheet", "Method"), [tr(lang, "How scores are made, and from what.")], [column]
    )


def _rows(cities: CitySet) -> pd.DataFrame:
    table = cities.board.observations.table
    return table[table["period"].isin(cities.found)]


def _sources(cities: CitySet) -> Sheet:
    lang = cities.lang
    named = about.sources(_rows(cities)) or [tr(lang, "The data name no source.")]
    column = Column([capital(word("source", lang))], named, _TEXT, 120)
    return Sheet(
        tr_in(lang, "sheet", "Sources"), [tr(lang, "Where the values come from.")], [column]
    )
