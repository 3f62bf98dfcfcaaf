"""What an audit says of correlations: which parts go with their group, and how sure that is."""

from __future__ import annotations

import pandas as pd

from kpi_lib.analysis.correlations import JUDGED, rows_in_common
from kpi_lib.framework.model import Framework
from kpi_lib.locale.catalogue import Lang, tr, tr_n
from kpi_lib.locale.words import in_language, listed, number
from kpi_lib.scoring.scoreboard import Scoreboard

_LEAST_P = 0.001


def links_said(
    framework: Framework, table: pd.DataFrame, lang: Lang, judged: bool = True
) -> list[str]:
    """Say how many parts go against group or total, and what was not looked at.

    ``table`` is from :func:`kpi_lib.analysis.correlations.links`; ``judged`` says whether there
    are enough cities to tell.
    """
    apart = table["negative"] | table["lost"]
    texts = []
    if judged:
        texts.append(
            tr(
                lang,
                "{n} of {parts} parts do not go with their group or with the total.",
                n=int(apart.sum()),
                parts=len(table),
            )
        )
    if judged and (n := int((table["stray"] & ~apart).sum())):
        texts.append(
            tr_n(
                lang,
                "{n} goes with its group, and better with another.",
                "{n} go with their group, and better with another.",
                n,
                n=n,
            )
        )
    if extra := [in_language(leaf.title, lang) for leaf in framework.indicators if leaf.extra]:
        texts.append(
            tr(
                lang,
                "Bonus points and deductions have no weight and are not looked at: {which}.",
                which=listed([f"“{title}”" for title in extra], lang),
            )
        )
    return [*texts, about_p(lang)]


def too_few(board: Scoreboard, period: str, lang: Lang) -> str:
    """Say that no pair of indicators is judged for want of cities; '' where any is."""
    common = rows_in_common(board, period)
    if common >= JUDGED:
        return ""
    return tr(
        lang,
        "No pair is judged: that takes {least} cities with both values, and there are {common} at "
        "most.",
        least=JUDGED,
        common=common,
    )


def about_p(lang: Lang) -> str:
    """Say what the p-values beside correlations are."""
    return tr(
        lang,
        "p: how often so strong a correlation would come about by chance alone, corrected "
        "for the number of correlations (Benjamini–Hochberg 1995).",
    )


def p_value(p: float, lang: Lang) -> str:
    """Write a p-value: ``< 0.001``, ``0.042``, or a dash."""
    if pd.isna(p):
        return "–"
    return f"< {number(_LEAST_P, lang, 3)}" if p < _LEAST_P else number(float(p), lang, 3)
