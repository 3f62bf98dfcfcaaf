"""Names of cities, groups and indicators: as they are called, and as they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang
from kpi_lib.locale.words import in_language, word
from kpi_lib.observations.cities import name_of
from kpi_lib.scoring.scoreboard import Scoreboard


def city_name(board: Scoreboard, city: str, lang: Lang) -> str:
    """Give a city's name in the language, else as it stands in the data."""
    return _names(board, lang).get(city, city)


@lru_cache(maxsize=8)
def _names(board: Scoreboard, lang: Lang) -> Mapping[str, str]:
    """The names of all cities, found once: a report may list them all."""
    places = board.observations.places
    return {str(city): name_of(places, str(city), lang) for city in places.index}


def node_title(board: Scoreboard, code: str, lang: Lang) -> str:
    """Give the title of a group or an indicator in the language."""
    if code == TOTAL:
        return word("total", lang)
    return in_language(board.framework.node(code).title, lang)
