"""Pieces of a report, which are HTML, as paragraphs and tables of a Word document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from lxml import html

from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import word
from kpi_lib.report.document.tables import Cell, Run, Table, runs_xml, table_xml

# Not no-break spaces: those are meant.
_SPACE = re.compile(r"[ \t\r\n]+")
_UNSEEN = frozenset({"hidden", "key", "filters", "ind-head"})
_GRAPHICS = frozenset({"strips", "line"})
"""Columns of graphics: what they show stands in figures beside them, and in the chart."""

_HEADINGS = {"h1": "Title", "h2": "Heading 1", "h3": "Heading 2", "h4": "Heading 3"}
_STYLES = {
    "limits": "Limits",
    "lead": "Note",
    "notice": "Note",
    "kicker": "Note",
    "on-paper": "Note",
}


class Writer:
    """Writes pieces into a document, in their order."""

    def __init__(self, document: Document, lang: Lang) -> None:
        self._document, self._lang = document, lang

    def add(self, piece: str) -> None:
        """Add what a piece of HTML shows."""
        self._blocks(html.fragment_fromstring(piece, create_parent="div"))

    def heading(self, text: str, level: int) -> None:
        """Add a heading."""
        self._document.add_heading(text, level)

    def _blocks(self, parent: Any) -> None:
        for element in parent.iterchildren(tag=html.etree.Element):
            self._block(element)

    def _block(self, element: Any) -> None:
        kinds = _classes(element)
        if kinds & _UNSEEN or element.tag in {"svg", "style", "fieldset"}:
            return
        if element.tag in _HEADINGS:
            self._paragraph(list(_runs(element)), _HEADINGS[element.tag])
        elif element.tag == "table":
            self._table(element)
        elif "indicators" in kinds:
            self._indicators(element)
        elif "facts" in kinds:
            self._facts(element)
        elif "bars" in kinds:
            self._bars(element)
        elif "findings" in kinds:
            for item in element.iterchildren("li"):
                self._paragraph(_named(item), "Normal")
        elif element.tag in {"ul", "ol"}:
            style = "List Number" if element.tag == "ol" else "List Bullet"
            for item in element.iterchildren("li"):
                self._paragraph(list(_runs(item)), style)
        elif element.tag == "summary":
            self._blocks(element)
        elif element.tag in {"p", "pre", "dt", "dd"}:
            style = next((style for kind, style in _STYLES.items() if kind in kinds), "Normal")
            self._paragraph(list(_runs(element)), style)
        elif element.tag != "span":
            self._blocks(element)

    def _paragraph(self, runs: Sequence[Run], style: str) -> None:
        if runs:
            added = self._document.add_paragraph(style=style)
            for run in parse_xml(f"<w:p {nsdecls('w')}>{runs_xml(runs)}</w:p>"):
                added._p.append(run)

    def _write(self, table: Table) -> None:
        """Add a table, and the paragraph that keeps it from the next."""
        body = self._document.element.body
        body.insert(len(body) - 1, table_xml(table))  # before the properties of the section
        self._document.add_paragraph(style="Gap")

    def _table(self, element: Any) -> None:
        rows = element.xpath(".//tr")
        heads = [row for row in rows if row.getparent().tag == "thead"][:1]
        cells = heads[0].xpath("./th|./td") if heads else []
        found: list[list[Cell]] = []
        strong: set[int] = set()
        for row in rows:
            own = row.xpath("./th|./td")
            if row in heads or not own:
                continue
            if "total" in _classes(row):
                strong.add(len(found))
            whole = len(own) == len(cells)
            found.append([_cell(cell) for cell in (own if whole else own[:1])])
        kept = [
            at
            for at, cell in enumerate(cells)
            if not _classes(cell) & _GRAPHICS
            and any(row[at].runs for row in found if len(row) == len(cells))
        ]
        found = [[row[at] for at in kept] if len(row) == len(cells) else row for row in found]
        caption = element.find("caption")
        said = "" if caption is None else _text(caption)
        if caption is not None and "hidden" not in _classes(caption):
            self._paragraph([Run(said)], "Note")
        self._write(Table([_cell(cells[at]) for at in kept], found, said, frozenset(strong)))

    def _facts(self, element: Any) -> None:
        """Figures at one glance: their labels as the head of a table of one row."""
        pairs = [(fact.find("dt"), fact.find("dd")) for fact in element.iterchildren("div")]
        heads = [Cell(list(_runs(label))) for label, _ in pairs]
        self._write(Table(heads, [[Cell(list(_runs(figure))) for _, figure in pairs]]))

    def _bars(self, element: Any) -> None:
        rows = [
            [Cell(list(_runs(item.find("div")))), Cell(list(_runs(item.find("b"))), right=True)]
            for item in element.iterchildren("li")
        ]
        heads = (tr(self._lang, "Indicator"), tr(self._lang, "points of score from the median"))
        self._write(Table([Cell([Run(head)], bool(at)) for at, head in enumerate(heads)], rows))

    def _indicators(self, element: Any) -> None:
        """Every indicator, a table for each part."""
        for part in element.iterchildren("details", "p"):
            if part.tag == "p":
                self._block(part)
            elif "ind" not in _classes(part):
                title = part.find("summary/h3")
                self._paragraph(list(_runs(title)), "Heading 2")
                said = _text(part.find("summary/span"))
                self._paragraph([Run(said)], "Note")
                self._lines(part, _text(title))
        self._lines(element, tr(self._lang, "All indicators"))

    def _lines(self, part: Any, caption: str) -> None:
        lang = self._lang
        labels = (word("score", lang), tr(lang, "Median of the others"))
        heads = [
            tr(lang, "Indicator"), word("value", lang), *labels,
            tr(lang, "Target"), tr(lang, "Rank"),
        ]  # fmt: skip
        rows = []
        for line in part.iterchildren("h4", "details"):
            if line.tag == "h4":
                rows.append([Cell(list(_runs(line)))])
            elif "ind" in _classes(line):
                rows.append(_line(line, labels))
        full = [row for row in rows if len(row) > 1]
        if not full:
            return
        kept = [at for at in range(len(heads)) if any(row[at].runs for row in full)]
        shown = [row if len(row) == 1 else [row[at] for at in kept] for row in rows]
        head = [Cell([Run(heads[at])], right=at in {1, 2, 3, 5}) for at in kept]
        self._write(Table(head, shown, caption))


def _line(line: Any, labels: Sequence[str]) -> list[Cell]:
    """An indicator: title, value with its unit and quality, score, median, target, rank."""
    summary, facts = line.find("summary"), line.find("dl")
    told = {
        _text(label): _text(text)
        for label, text in zip(facts.iterchildren("dt"), facts.iterchildren("dd"), strict=True)
    }
    of = {kind: each for each in summary.iterchildren("span") for kind in _classes(each)}
    value, unit = _text(of["value"]), of["unit"]
    own = [Run(f"{value}\N{NO-BREAK SPACE}{unit.text}" if unit.text else value)]
    own += [Run(_text(small), small=True, begins=True) for small in unit.iterchildren("small")]
    return [
        Cell(list(_runs(of["name"]))),
        Cell(own, right=True),
        *(Cell([Run(told[label])] if told.get(label) else [], right=True) for label in labels),
        Cell(list(_runs(of["status"]))),
        Cell(list(_runs(of["rank-of"])), right=True),
    ]


def _named(item: Any) -> list[Run]:
    """A sentence behind its label."""
    first, *rest = _runs(item)
    return [Run(f"{first.text}: ", bold=True), *rest]


def _cell(element: Any) -> Cell:
    return Cell(list(_runs(element)), "n" in _classes(element))


def _text(element: Any) -> str:
    return "".join(f" {run.text}" if run.begins else run.text for run in _runs(element)).strip()


def _classes(element: Any) -> set[str]:
    return set(element.get("class", "").split())


def _runs(element: Any) -> list[Run]:
    """The text of an element as it is seen, without spaces at its ends."""
    found: list[Run] = []
    for run in _pieces(element, bold=False, small=False):
        text = _SPACE.sub(" ", run.text)
        if run.begins or not found or found[-1].text.endswith(" "):
            text = text.lstrip(" ")
        if text:
            found.append(Run(text, run.bold, run.small, run.begins and bool(found)))
    if found and not found[-1].text.rstrip(" "):
        found.pop()
    if found:
        last = found[-1]
        found[-1] = Run(last.text.rstrip(" "), last.bold, last.small, last.begins)
    return found


def _pieces(element: Any, bold: bool, small: bool, begins: bool = False) -> Iterator[Run]:
    yield Run(element.text or "", bold, small, begins)
    for child in element.iterchildren(tag=html.etree.Element):
        if child.tag == "svg":
            if "ways" in _classes(element):
                yield Run(child.get("aria-label", ""), bold, small)
        elif not (_classes(child) & _UNSEEN or "ends" in _classes(child)):
            apart = child.tag in {"small", "br", "div", "li"}
            yield from _pieces(
                child, bold or child.tag in {"b", "strong"}, small or child.tag == "small", apart
            )
        yield Run(child.tail or "", bold, small)
