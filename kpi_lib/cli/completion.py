"""What the shell offers at the Tab key: frameworks, cities of the data, methods, and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import click
from click.shell_completion import CompletionItem

from kpi_lib.errors import InputError, plain

Offer = Callable[[click.Context], Iterable[tuple[str, str]]]
"""The texts to choose from, each with what is said of it."""


def _frameworks(_: click.Context) -> Iterable[tuple[str, str]]:
    from kpi_lib.framework.load import bundled_frameworks

    return ((name, "") for name in bundled_frameworks())


def _cities(ctx: click.Context) -> Iterable[tuple[str, str]]:
    """Codes of the cities of the data that the command names, with their names."""
    # Behind an option without its value, click has not come to the arguments.
    data = ctx.params.get("data") or next(iter(ctx.args), None)
    framework = ctx.params.get("framework")
    if not data or not framework:
        return []
    from kpi_lib.exchange.files import read_observations
    from kpi_lib.framework.load import load_framework
    from kpi_lib.io.paths import find

    found = read_observations(find(data), load_framework(framework), ctx.params.get("cities_file"))
    names = found.cities.get("name_vi", found.cities["city"])
    return zip(found.cities["city"], names, strict=True)


def _normalisations(_: click.Context) -> Iterable[tuple[str, str]]:
    from kpi_lib.methods.normalise import NORMALISE

    return ((entry.name, entry.title) for entry in NORMALISE.values())


def _aggregations(_: click.Context) -> Iterable[tuple[str, str]]:
    from kpi_lib.methods.aggregate import AGGREGATE

    return ((entry.name, entry.title) for entry in AGGREGATE.values())


_OFFERS: Mapping[str, Offer] = {
    "framework": _frameworks,
    "old": _frameworks,
    "new": _frameworks,
    "cities": _cities,
    "city": _cities,
    "normalise": _normalisations,
    "aggregate": _aggregations,
}
"""By the name of the parameter, whichever command has it."""

_FILES = ("FILE", "FOLDER", "DATA", "ANNEX", "F.yaml", "FILE.py")
"""What parameters are called that are files; a framework may be one, too."""


def offered(parameter: click.Parameter, ctx: click.Context, begun: str) -> list[CompletionItem]:
    """What may stand for a parameter, of which a beginning is written; accents do not count."""
    offer = _OFFERS.get(parameter.name or "")
    items: list[CompletionItem] = []
    if offer:
        try:
            every = [(str(text), str(said)) for text, said in offer(ctx)]
        except InputError:  # which the command itself will tell
            every = []
        start = plain(begun)
        items = [
            CompletionItem(text, help=said)
            for text, said in every
            if plain(text).startswith(start) or (offer is _cities and plain(said).startswith(start))
        ]
    if not items and (offer is _frameworks or parameter.metavar in _FILES):
        return [CompletionItem(begun, type="file")]
    return items
