"""Names of cities, groups and indicators: as they are called, and as they are shown."""

from __future__ import annotations

from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang, message_language, msg
from kpi_lib.locale.words import counted, in_language, word
from kpi_lib.observations.cities import name_of, names_of
from kpi_lib.scoring.scoreboard import Scoreboard


def city_code(board: Scoreboard, city: str) -> str:
    """Give the code of a city called by its code or its name, or say which names are near."""
    if city in board.latest:
        return city
    names = names_of(board.observations.cities)
    found = names.find(city)
    if len(found) != 1 or found[0] not in board.latest:
        raise InputError(
            Problem(
                msg("there are no data of a city '{city}'.", city=city),
                names.nearest(city)
                or counted(
                    len(board.latest),
                    message_language(),
                    "There is {n} city in the data.",
                    "There are {n} cities in the data.",
                ),
            )
        )
    return found[0]


def city_name(board: Scoreboard, city: str, lang: Lang) -> str:
    """Give a city's name in the language, else as it stands in the data."""
    return name_of(board.observations.places, city, lang)


def node_title(board: Scoreboard, code: str, lang: Lang) -> str:
    """Give the title of a group or an indicator in the language."""
    if code == TOTAL:
        return word("total", lang)
    return in_language(board.framework.node(code).title, lang)
