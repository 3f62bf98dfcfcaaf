"""Names of cities, groups and indicators: as they are called, and as they are shown."""

from __future__ import annotations

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang
from kpi_lib.locale.words import in_language, word
from kpi_lib.observations.cities import name_of
from kpi_lib.scoring.scoreboard import Scoreboard


def city_name(board: Scoreboard, city: str, lang: Lang) -> str:
    """Give a city's name in the language, else as it stands in the data."""
    return name_of(board.observations.places, city, lang)


def node_title(board: Scoreboard, code: str, lang: Lang) -> str:
    """Give the title of a group or an indicator in the language."""
    if code == TOTAL:
        return word("total", lang)
    return in_language(board.framework.node(code).title, lang)
