"""Maps of a set: a tile for each province, and points where the cities' places are known.

Every map of Viet Nam shows the archipelagos Hoang Sa and Truong Sa, named in full.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.errors import plain
from kpi_lib.io.cells.periods import last_day
from kpi_lib.report.index.ranking import shading
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.page.piece import ChartPiece, Piece
from kpi_lib.report.page.templating import render
from kpi_lib.report.page.theme import COLOURS

Array = npt.NDArray[np.float64]

MERGED = "2025-07-01"
"""From when Viet Nam has 34 provinces in place of 63."""

MOST = 0.9
"""The share of a set that must be provinces for tiles: a city is not the province of its name."""

# What stands before or after a province's name, and other names of provinces.
_KIND = re.compile(r"^(thanh pho|tinh|tp\.?) | (city|province)$")
_OTHER_NAMES = {"thua thien hue": "hue", "hcm": "ho chi minh"}

_ISLANDS = {"hoang sa": (16.5, 112.0), "truong sa": (9.5, 113.5)}
"""Latitude and longitude of the middle of both."""

WIDTH = 560
"""How wide a map of points is, in pixels."""

# How many points may have a name beside them.
_NAMED = 60
# The width of a letter of a name, and how far above or below its point a name may stand.
_LETTER = 7.2
_LINES = (-8.0, -20.0, 6.0, 20.0, -34.0)

_FRAME = (8.0, 23.5, 102.0, 117.5)
"""The frame of a map of Viet Nam: south, north, west, east."""


@dataclass(frozen=True)
class Tile:
    """A province as a tile: its column and row, and the place of its city in the table, or None."""

    name: str
    col: int
    row: int
    at: int | None = None
    score: str = ""
    step: int | None = None
    page: str = ""
    islands: bool = False


@cache
def provinces(number: int) -> tuple[Tile, ...]:
    """The tiles of the 63 provinces of before July 2025, or of the 34 since then."""
    path = Path(__file__).with_name(f"tiles-{number}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Tile(
            row["name"],
            int(row["col"]),
            int(row["row"]),
            islands=plain(row["name"]) in _ISLANDS,
        )
        for row in rows
    )


def key(name: str) -> str:
    """A province's name as it is compared: without accents, and without what kind it is."""
    text = " ".join(plain(name).replace("-", " ").split())
    text = _KIND.sub("", text)
    return _OTHER_NAMES.get(text, text)


def tiles(cities: CitySet) -> tuple[Tile, ...]:
    """The provinces with the cities of the last period on them; none where most have no tile."""
    found = [_placed(cities, number) for number in _likely(cities)]
    best = max(found, key=lambda each: sum(tile.at is not None for tile in each))
    there = sum(tile.at is not None for tile in best)
    last = int((cities.table["period"] == cities.found[-1]).sum())
    return best if there >= MOST * last else ()


def _likely(cities: CitySet) -> tuple[int, int]:
    """The two numbers of provinces, that of the set's time first: it decides where both fit."""
    return (34, 63) if last_day(cities.found[-1]) >= MERGED else (63, 34)


def _placed(cities: CitySet, number: int) -> tuple[Tile, ...]:
    table = cities.table
    places = cities.board.observations.places.reindex(table.index)
    columns = [list(table.index)]
    columns += [list(places[c]) for c in places.columns if str(c).startswith("name_")]
    names: dict[str, int] = {}
    for at in np.flatnonzero(table["period"] == cities.found[-1]).tolist():
        for column in columns:
            names.setdefault(key(str(column[at])), at)
    return tuple(
        _with_city(cities, tile, names[key(tile.name)])
        if key(tile.name) in names and not tile.islands
        else tile
        for tile in provinces(number)
    )


def _with_city(cities: CitySet, tile: Tile, at: int) -> Tile:
    """Put a city on a tile, which is named as on the pages of another language."""
    row = cities.table.iloc[at]
    return replace(
        tile,
        name=tile.name if cities.lang == "vi" else str(row["name"]),
        at=at,
        score=cities.total(row["score"], row["maximum"]),
        step=cities.step(row["share"]),
        page=cities.pages.get(str(row.name), ""),
    )


@dataclass(frozen=True)
class Point:
    """A city on a map, in pixels from the left and from the top; ``at`` is its place in the table.

    ``label`` is where its name begins, seen from the point; None where no place is free.
    """

    name: str
    x: float
    y: float
    at: int | None = None
    score: str = ""
    step: int | None = None
    page: str = ""
    label: tuple[float, float] | None = None


def coordinates(cities: CitySet) -> pd.DataFrame:
    """``lat`` and ``lon`` by city, of those that have both, in degrees."""
    places = cities.board.observations.places
    if not {"lat", "lon"} <= set(places.columns):
        return pd.DataFrame(columns=["lat", "lon"], dtype=float)
    return places.reindex(cities.table.index)[["lat", "lon"]].dropna()


@dataclass(frozen=True)
class Chart:
    """A map of points: its height in pixels, its points, and the islands on it."""

    height: int
    points: tuple[Point, ...]
    islands: tuple[Point, ...]


def chart(cities: CitySet) -> Chart | None:
    """The cities on a map by latitude and longitude; None where fewer than two have both."""
    found = coordinates(cities)
    if len(found) < 2:
        return None
    south, north, west, east = _frame(found)
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    height = round(WIDTH * (north - south) / (squeeze * (east - west)))

    def at(lat: float, lon: float) -> tuple[float, float]:
        x, y = (lon - west) / (east - west), (north - lat) / (north - south)
        return round(WIDTH * x, 1), round(height * y, 1)

    islands: list[Point] = []
    if _in_viet_nam(found):
        names = {plain(tile.name): tile.name for tile in provinces(34) if tile.islands}
        islands = [Point(names[code], *at(*place)) for code, place in _ISLANDS.items()]
    points = []
    degrees = found.to_dict("index")
    for i, (city, row) in enumerate(cities.table.iterrows()):
        if city in degrees:
            place = at(degrees[city]["lat"], degrees[city]["lon"])
            score = cities.total(row["score"], row["maximum"])
            page = cities.pages.get(str(city), "")
            step = cities.step(row["share"])
            points.append(Point(str(row["name"]), *place, i, score, step, page))
    return Chart(height, tuple(labelled(points, islands)), tuple(islands))


def labelled(points: Sequence[Point], islands: Sequence[Point]) -> list[Point]:
    """Give the best cities the first place for their name that covers no other, where one is free.

    The names of all are in the ranking.
    """
    boxes = [_box(island, (-30.0, -8.0), 60.0) for island in islands]
    boxes += [_box(point, (-7.0, -7.0), 14.0) for point in points]
    taken = np.full((len(boxes) + _NAMED, 4), np.nan)
    taken[: len(boxes)] = boxes
    found = list(points)
    for i, point in enumerate(points[:_NAMED]):
        wide = _LETTER * len(f"{point.name} {point.score}")
        others = np.delete(taken, len(islands) + i, axis=0)
        for side in ((x, y) for y in _LINES for x in (9.0, -9.0 - wide)):
            box = _box(point, side, wide)
            if box[0] >= 0 and box[2] <= WIDTH and not _covers(box, others):
                taken[len(boxes) + i] = box
                found[i] = replace(point, label=side)
                break
    return found


def _box(point: Point, side: tuple[float, float], wide: float) -> tuple[float, float, float, float]:
    left, top = point.x + side[0], point.y + side[1]
    return left, top, left + wide, top + 15


def _covers(box: tuple[float, float, float, float], others: Array) -> bool:
    left, top, right, bottom = box
    apart = (others[:, 0] >= right) | (others[:, 2] <= left)
    apart |= (others[:, 1] >= bottom) | (others[:, 3] <= top)
    return not bool((apart | np.isnan(others[:, 0])).all())


def _in_viet_nam(found: pd.DataFrame) -> bool:
    south, north, west, east = _FRAME
    return bool(found["lat"].between(south, north).all() and found["lon"].between(west, east).all())


def _frame(found: pd.DataFrame) -> tuple[float, float, float, float]:
    """The degrees that a map shows: Viet Nam with its islands, else what the cities span."""
    if _in_viet_nam(found):
        return _FRAME
    least, most = found.min().to_numpy(), found.max().to_numpy()
    margin = np.maximum(most - least, 1.0) * 0.08
    (south, west), (north, east) = (least - margin).tolist(), (most + margin).tolist()
    return south, north, west, east


def piece(cities: CitySet) -> Piece | None:
    """The map: tiles where most are provinces, points where places are known; None without both."""
    found, drawn = tiles(cities), chart(cities)
    if not cities.scored or (not found and drawn is None):
        return None
    html = render(
        "index/map.html.j2",
        cities.lang,
        tiles=found,
        columns=max((tile.col for tile in found), default=0) + 1,
        chart=drawn,
        shading=shading(cities),
        noun=cities.noun(1),
    )
    rows = [(tile.name, tile.col, tile.row, tile.at) for tile in found]
    if drawn is None:
        table = pd.DataFrame(rows, columns=["province", "column", "row", "place"])
        return Piece(table, html, text="\n".join(tile.name for tile in found))
    table = coordinates(cities).join(cities.table[["name", "score"]])
    return ChartPiece.of(cities, table, html, lambda ax: draw(cities, ax), text=table.to_string())


def draw(cities: CitySet, ax: Axes) -> None:
    """Draw the cities by longitude and latitude."""
    found = coordinates(cities).join(cities.table[["name", "score"]])
    ax.scatter(found["lon"], found["lat"], c=found["score"], cmap="kpi", edgecolor=COLOURS["edge"])
    marks = [(row["name"], row["lat"], row["lon"]) for _, row in found.iterrows()]
    drawn = chart(cities)
    if drawn is not None and drawn.islands:
        marks += [(island.name, *_ISLANDS[plain(island.name)]) for island in drawn.islands]
    for name, lat, lon in marks:
        ax.annotate(name, (lon, lat), xytext=(4, 2), textcoords="offset points")
    ax.set_aspect(1 / float(np.cos(np.radians(found["lat"].mean()))))
