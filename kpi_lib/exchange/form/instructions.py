"""The sheet of a form that says how to fill it in."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpi_lib.exchange.form import layout
from kpi_lib.framework.model import Framework
from kpi_lib.io.tables.workbook import fit_height, for_paper, heading, put
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import in_language, word


def write_help(book: Workbook, framework: Framework, lang: Lang, name: str) -> None:
    """Add the sheet to a form, under a name."""
    sheet: Worksheet = book.create_sheet(name)
    heading(sheet, 1, 1, in_language(framework.title, lang), 100)
    lines = [
        tr(
            lang,
            "Each sheet is the form of one agency. Fill in the yellow cells only; nothing is to be "
            "entered in the grey ones.",
        ),
        tr(
            lang,
            "Fill in city and period (2025, 2025-Q1 or 2025-03) at the top where they are empty.",
        ),
        tr(
            lang,
            "Where an indicator has a formula, give numerator and denominator; the value is "
            "computed from them. If only the value is known, give the value.",
        ),
        tr(
            lang,
            "Give numbers in the unit that is stated, without words.",
        ),
        tr(
            lang,
            "Where there is no value, leave it empty and choose the reason under Note: {reasons}.",
            reasons=", ".join(layout.reasons(lang)),
        ),
        *_on_quality(framework, lang),
        tr(
            lang,
            "Do not add, delete or move rows and columns; the sheets are protected against it "
            "(there is no password).",
        ),
    ]
    if framework.note is not None:
        lines.append(in_language(framework.note, lang))
    lines.append(f"{framework.name}, {word(framework.status, lang)}.")
    for row, line in enumerate(lines, start=2):
        put(sheet, row, 1, line)
        fit_height(sheet, row)
    sheet.protection.enable()
    for_paper(sheet, "1:1")


def _on_quality(framework: Framework, lang: Lang) -> list[str]:
    """How good values are; in a form of points, how points are given."""
    if not framework.sums_points:
        qualities = ", ".join(layout.qualities(lang))
        return [tr(lang, "Quality: {qualities}.", qualities=qualities)]
    return [
        tr(
            lang,
            "Give the value, and the rule gives its points; or give the points that are "
            "self-scored. Who verifies gives the verified points, which then count. Name the "
            "document that proves it.",
        ),
        tr(
            lang,
            "Where an indicator does not apply, write '{absent}' as the value, or choose it as "
            "the reason under Note; it then leaves the maximum, unless the framework says "
            "otherwise.",
            absent=tr(lang, "not applicable"),
        ),
    ]
