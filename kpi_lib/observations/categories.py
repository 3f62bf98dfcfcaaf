"""Kinds of cities in the words of a reader: their class, region, or what else cities.csv holds."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from kpi_lib.errors import plain
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.locale.catalogue import Lang, languages, mark, mark_n, tr, tr_n

_SPECIAL = "special"

# Texts of cities.csv that have words in each language; all others are shown as they stand.
_REGIONS = (
    mark("Red River Delta"),
    mark("Northern Midlands and Mountains"),
    mark("North Central and Central Coast"),
    mark("Central Highlands"),
    mark("Southeast"),
    mark("Mekong River Delta"),
)
_PLACES = {
    "province": mark_n("province", "provinces"),
    "city": mark_n("municipality", "municipalities"),
}


def kind_name(column: str, value: Any, lang: Lang) -> str:
    """Name what a city has in a column of cities.csv.

    Parameters
    ----------
    column : str
        The column: ``class``, ``region`` or one of one's own.
    value
        What stands in it, in any language: ``I``, ``special``, ``Mekong River Delta``.
    lang : str
        The language of the reader.

    Returns
    -------
    str
        ``class I``, ``special class``, ``province``, a region's name; else the value as it stands.
    """
    if column == "class":
        grade = _grade(value)
        if grade:
            return (
                tr(lang, "special class")
                if grade == _SPECIAL
                else tr(lang, "class {grade}", grade=grade)
            )
        if place := _known_places().get(plain(str(value))):
            return tr_n(lang, *place, 1)
    region = _known_regions().get(plain(str(value))) if column == "region" else None
    return tr(lang, region) if region else str(value)


def cities_of_kind(column: str, value: Any, lang: Lang, noun: str) -> str:
    """Name the cities that have the same in a column of cities.csv: ``class I cities``.

    ``noun`` is what several of those that are scored are called: cities, provinces.
    """
    if column == "class":
        grade = _grade(value)
        if grade == _SPECIAL:
            return tr(lang, "special-class {noun}", noun=noun)
        if grade:
            return tr(lang, "class {grade} {noun}", grade=grade, noun=noun)
        if place := _known_places().get(plain(str(value))):
            return tr_n(lang, *place, 2)
        return tr(lang, "{noun} of the class “{kind}”", noun=noun, kind=value)
    kind = kind_name(column, value, lang)
    if column == "region":
        return tr(lang, "{noun} of the same region ({kind})", noun=noun, kind=kind)
    return tr(lang, "{noun} with the same {column} ({kind})", noun=noun, column=column, kind=kind)


def _grade(value: Any) -> str:
    """The class that a text names, as I, II or special; '' for what is no such class."""
    found = _classes().fullmatch(plain(str(value)))
    if found is None:
        return ""
    return found["number"].upper() if found["number"] else _SPECIAL


@cache
def _classes() -> re.Pattern[str]:
    words = vocabulary(__package__)
    before, special = (any_of(map(plain, words[key])) for key in ("class", "special class"))
    return re.compile(rf"(?:(?:{before}) )?(?:(?P<number>[ivx]+|[0-9])|(?:{special})(?: class)?)")


@cache
def _known_regions() -> dict[str, str]:
    return {plain(tr(lang, region)): region for region in _REGIONS for lang in languages()}


@cache
def _known_places() -> dict[str, tuple[str, str]]:
    named = {plain(tr_n(lang, *p, 1)): p for p in _PLACES.values() for lang in languages()}
    return {**_PLACES, **named}
