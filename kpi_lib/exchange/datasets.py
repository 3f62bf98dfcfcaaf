"""Reading data under two versions of a framework, whichever version's codes they are in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from kpi_lib.errors import InputError, plain
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.diff import match
from kpi_lib.framework.model import Framework, Group, Indicator
from kpi_lib.io.paths import find
from kpi_lib.locale.catalogue import SOURCE, languages, msg
from kpi_lib.locale.words import in_language
from kpi_lib.observations.read import Observations
from kpi_lib.observations.sources import Paths

# The group, without weight, of the indicators that only the other version holds.
_REST = "other version"


def read_for_both(
    old: Framework,
    new: Framework,
    data_old: Paths,
    data_new: Paths | None = None,
    cities: str | Path | None = None,
) -> tuple[Observations, Observations]:
    """Read the data of each version; without ``data_new`` both have the same.

    ``cities`` is the cities file of both where it is not beside the data.

    What only the other version holds may be in the data and is passed over. Raises
    :class:`InputError` for wrong data, and where both have the same data and these use a code
    that passed from one indicator to another.
    """
    before = _read(data_old, old, new, cities)
    after = _read(data_old if data_new is None else data_new, new, old, cities)
    if data_new is None:
        _refuse_two_meanings(before, old, new)
    return before, after


def _read(data: Paths, own: Framework, other: Framework, cities: str | Path | None) -> Observations:
    paths = [data] if isinstance(data, str | Path) else list(data)
    places = None if cities is None else find(cities)
    return read_observations([find(path) for path in paths], readable(own, other), places)


def readable(own: Framework, other: Framework) -> Framework:
    """Give a framework to read data with that may name what only the other version holds.

    An indicator that both hold is known by its names in either; one that only the other
    holds is read, but stands in a group without weight. A name that means another indicator
    in ``own`` means that one.
    """
    pairs = match(own, other)
    taken = {plain(name) for one in own.indicators for name in _names(one)}

    def free(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in names if plain(name) not in taken))

    def known(group: Group) -> Group:
        indicators = []
        for one in group.indicators:
            same = other.nodes.get(pairs.get(one.code, ""))
            extra = free(_names(same)) if isinstance(same, Indicator) else ()
            indicators.append(replace(one, aliases=(*one.aliases, *extra)))
        groups = tuple(known(child) for child in group.groups)
        return replace(group, groups=groups, indicators=tuple(indicators))

    held = {*own.nodes, *pairs.values()}
    strangers = tuple(
        replace(one, title=dict.fromkeys(languages(), one.code), aliases=free(_names(one)))
        for one in other.indicators
        if one.code not in held and plain(one.code) not in taken
    )
    groups = tuple(known(group) for group in own.groups)
    if strangers:
        title = dict.fromkeys(languages(), _REST)
        groups = (*groups, Group(_REST, title, weight=0.0, indicators=strangers))
    return replace(own, groups=groups)


def _names(indicator: Indicator) -> tuple[str, ...]:
    return (indicator.code, *indicator.title.values(), *indicator.aliases)


def _refuse_two_meanings(observations: Observations, old: Framework, new: Framework) -> None:
    pairs = match(old, new)
    seen = set(observations.table["indicator"])
    for code in (one.code for one in old.indicators):
        if code in seen and code in new.nodes and pairs.get(code) != code:
            titles = [in_language(framework.node(code).title, SOURCE) for framework in (old, new)]
            raise InputError(
                msg(
                    "the code {code} means '{titles}' in {name} and '{titles_2}' in "
                    "{name_2}. Give the data of each version by themselves (--data-new, or "
                    "data_new in a notebook).",
                    code=code,
                    titles=titles[0],
                    name=old.name,
                    titles_2=titles[1],
                    name_2=new.name,
                )
            )
