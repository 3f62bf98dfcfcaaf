"""The report of one city as a Word file: the pieces of its page, and their charts as pictures."""

from __future__ import annotations

import io
import zipfile
from threading import Lock
from typing import Any

import docx
import matplotlib.pyplot as plt
import pandas as pd
from babel.core import get_global
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from matplotlib.figure import Figure

from kpi_lib.io.archives import packed
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import period_name
from kpi_lib.report.city import CityReport
from kpi_lib.report.document.pieces import Writer
from kpi_lib.report.document.tables import clean
from kpi_lib.report.page.axes import shorten
from kpi_lib.report.page.piece import ChartPiece
from kpi_lib.report.page.theme import chart_style

FONT = "Times New Roman"
"""The typeface of official documents in Viet Nam (Decree 30/2020, annex I)."""

_FIRST = "docProps/core.xml"
_DRAWING = Lock()  # settings of matplotlib are those of the whole process


def city_document(report: CityReport, mark: str = "") -> bytes:
    """Make the Word file of a city.

    Parameters
    ----------
    report
        What :func:`kpi_lib.city_report` gives.
    mark
        What the file is made from, in few letters; it stands among the file's properties.

    Returns
    -------
    bytes
        The file; the same report gives the same bytes.
    """
    document = docx.Document()
    _describe(document, report, mark)
    _lay_out(document, report.lang)
    _frame(document, report)
    writer = Writer(document, report.lang)
    writer.add(report.title().html)
    writer.add(report.glance().html)
    for key, piece in report.sections():
        writer.heading(report.label(key), 1)
        writer.add(piece.html)
        if isinstance(piece, ChartPiece) and _says_something(piece.data):
            _picture(document, report, report.label(key), piece)
    written = io.BytesIO()
    document.save(written)
    return _packed(written)


def _says_something(data: pd.DataFrame) -> bool:
    return bool(len(data)) and not ("score" in data and data["score"].isna().all())


def _describe(document: Document, report: CityReport, mark: str) -> None:
    about = document.core_properties
    about.title, about.subject = clean(_title(report)), report.board.framework.name
    about.author, about.last_modified_by, about.comments = "kpi-lib", "", ""
    about.language, about.identifier = _locale(report.lang), mark
    about.keywords = "DEMO" if report.board.observations.demo else ""
    for date in ("created", "modified"):  # which would be those of the template
        for element in about._element.findall(qn(f"dcterms:{date}")):
            about._element.remove(element)


def _title(report: CityReport) -> str:
    title = report.board.framework.report_title(report.lang)
    return f"{title}: {report.name} – {period_name(report.period, report.lang)}"


def _locale(lang: Lang) -> str:
    """A language with the country that it is of, as Word knows it: vi-VN."""
    language, *_, country = str(get_global("likely_subtags").get(lang, lang)).split("_")
    return f"{language}-{country}" if country != language else language


def _lay_out(document: Document, lang: Lang) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    section.header_distance = section.footer_distance = Cm(1)
    styles: Any = document.styles
    for name in ("Cell", "Gap", "Note", "Limits"):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    sizes = {"Normal": 11, "Title": 22, "Heading 1": 14, "Heading 2": 12, "Heading 3": 11,
             "Cell": 9, "Gap": 4, "Note": 9, "Limits": 10, "List Bullet": 10, "List Number": 10,
             "Header": 9, "Footer": 9}  # fmt: skip
    for name, size in sizes.items():
        style = styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()  # a typeface of the theme would come before one that is named
        for script in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{script}"), FONT)
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        heading = name == "Title" or name.startswith("Heading")
        style.font.bold = heading or None
        style.paragraph_format.space_before = Pt(12 if name == "Heading 1" else 8 if heading else 0)
        style.paragraph_format.space_after = Pt(0 if name in {"Cell", "Gap"} else 4)
        style.paragraph_format.keep_with_next = heading or name == "Note" or None
    styles["Limits"].font.bold = True
    shade = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="FFF4DE"/>'
    limits = styles["Limits"].element.get_or_add_pPr()
    limits.insert_element_before(
        parse_xml(shade), "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )
    for border in styles["Title"].element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
    language = styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    language.set(qn("w:val"), _locale(lang))


def _frame(document: Document, report: CityReport) -> None:
    """Head and foot of every page: what it is of, its number, and DEMO of made-up figures."""
    section = document.sections[0]
    section.header.paragraphs[0].text = clean(_title(report))
    demo = f"DEMO – {tr(report.lang, 'made-up figures')}" if report.board.observations.demo else ""
    foot = section.footer.paragraphs[0]
    foot.text = f"{demo}\t\t" if demo else "\t\t"
    fields = "".join(
        f'<w:fldSimple w:instr="{field}"><w:r><w:t>1</w:t></w:r></w:fldSimple>{after}'
        for field, after in (("PAGE", "<w:r><w:t>/</w:t></w:r>"), ("NUMPAGES", ""))
    )
    for part in parse_xml(f"<w:p {nsdecls('w')}>{fields}</w:p>"):
        foot._p.append(part)


def _picture(document: Document, report: CityReport, title: str, piece: ChartPiece) -> None:
    """A chart as a picture, with what it shows in words for who cannot see it."""
    drawn = io.BytesIO()
    with _DRAWING, plt.rc_context():
        chart_style()
        height = min(8.0, max(2.4, 0.32 * len(piece.data) + 1))
        figure = Figure(figsize=(7, height), layout="constrained")
        ax = figure.add_subplot()
        piece.plot(ax)
        demo = "DEMO: " if report.board.observations.demo else ""
        ax.set_title(f"{demo}{title}", loc="left")
        if legend := ax.get_legend():
            legend.remove()
            figure.legend(loc="outside lower left", ncols=3, frameon=False)
        ticks = [shorten(tick.get_text()) for tick in ax.get_yticklabels()]
        if any(ticks):
            ax.set_yticks(ax.get_yticks(), ticks)
        figure.savefig(drawn, format="png", dpi=120, metadata={"Software": None})
    picture: Any = document.add_picture(drawn, width=Cm(17))
    said = " ".join(map(str, piece.sentences))
    picture._inline.docPr.set("descr", clean(f"{demo}{title}: {_title(report)}. {said}".strip()))


def _packed(written: io.BytesIO) -> bytes:
    """Pack a file again: its properties first and plain, and no time of day anywhere."""
    with zipfile.ZipFile(written) as given:
        inner = sorted(given.namelist(), key=lambda name: (name != _FIRST, name))
        return packed(((name, given.read(name)) for name in inner), plain=_FIRST)
