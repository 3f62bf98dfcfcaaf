"""Method and trust: how sure the figures are, how scores are made, and from what."""

from __future__ import annotations

import pandas as pd

from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.templating import render
from kpi_lib.report.sections import about
from kpi_lib.report.sections.listings import treated
from kpi_lib.report.sections.merged import merged
from kpi_lib.report.sections.sureness import sureness
from kpi_lib.report.view.city import CityView


def data(view: CityView) -> pd.DataFrame:
    """Versions, methods and sources, a row for each.

    Columns: ``what`` (framework, method, version, source), ``text``.
    """
    board, lang = view.board, view.lang
    rows = [
        *(("framework", about.official(each, lang)) for each in board.framework.stack),
        *(("method", text) for text in about.scoring(board.framework, lang)),
        *(("method", text) for text in about.chosen(board, lang)),
        *(("version", text) for text in about.versions(board, lang, view.rows)),
        *(("source", text) for text in about.sources(view.rows)),
    ]
    return pd.DataFrame(rows, columns=["what", "text"])


def piece(view: CityView) -> Piece:
    """How sure the rank is, how scores are made, versions and sources."""
    found, lang = data(view), view.lang
    texts = {what: list(own["text"]) for what, own in found.groupby("what", sort=False)}
    sure = sureness(view)
    html = render(
        "sections/method.html.j2",
        lang,
        sure=[text for text in (sure, *merged(view)) if text],
        treated=treated(view),
        framework=texts["framework"],
        method=texts["method"],
        versions=texts["version"],
        sources=[(text, about.is_address(text)) for text in texts.get("source", [])],
    )
    return Piece(found, html, [sure] if sure else [], text="\n".join(found["text"]))
