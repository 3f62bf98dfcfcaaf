"""What the report of a city shows of itself, in the language of messages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import message_language
from kpi_lib.locale.display import Display
from kpi_lib.locale.words import number, percent, period_name, word
from kpi_lib.observations.cities import name_of
from kpi_lib.observations.describe import limits_of

if TYPE_CHECKING:
    from kpi_lib.report.view.city import CityView


def of_view(view: CityView, report: str = "") -> Display:
    """A city's row: its score, rank and coverage, under the name of a report where it is one."""
    lang, rank, coverage = message_language(), view.ranks[TOTAL], view.coverage[TOTAL]
    place = "" if pd.isna(rank) else number(rank, lang, 0)
    ranked = number(view.ranked(), lang, 0)
    facts = [
        (word("framework", lang), view.board.framework.name),
        (word("score", lang), replace(view, lang=lang).out_of(TOTAL)),
        (word("rank", lang), f"{place}/{ranked}" if place else "–"),
        (word("coverage", lang), "–" if pd.isna(coverage) else percent(float(coverage), lang)),
    ]
    name = name_of(view.board.observations.places, view.city, lang)
    title = f"{name} – {period_name(view.period, lang)}"
    title = f"{report}: {title}" if report else title
    return Display(title, limits_of(view.board.observations), facts)
