"""Maps of a set: a tile for each province, and points where the cities' places are known.

Every map of Viet Nam shows Hoàng Sa and Trường Sa, named in full.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.errors import plain
from kpi_lib.io.periods import last_day
from kpi_lib.report.index.ranking import shading
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.piece import ChartPiece, Piece
from kpi_lib.report.templating import render
from kpi_lib.report.theme import COLOURS

MERGED = "2025-07-01"
"""From when Viet Nam has 34 provinces in place of 63."""

MOST = 0.9
"""The share of a set that must be provinces for tiles: a city is not the province of its name."""

# What stands before or after a province's name, and other names of provinces.
_KIND = re.compile(r"^(thanh pho|tinh|tp\.?) | (city|province)$")
_OTHER_NAMES = {"thua thien hue": "hue", "hcm": "ho chi minh"}

_ISLANDS = {"hoang sa": (16.5, 112.0), "truong sa": (9.5, 113.5)}
"""Latitude and longitude of the middle of both."""

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
    places = cities.board.observations.places
    names: dict[str, int] = {}
    for at, (city, period) in enumerate(zip(table.index, table["period"], strict=True)):
        if period != cities.found[-1]:
            continue
        own = [str(city)]
        if city in places.index:
            columns = [c for c in places.columns if str(c).startswith("name_")]
            own += [str(places.at[city, column]) for column in columns]
        for name in own:
            names.setdefault(key(name), at)
    made = []
    for tile in provinces(number):
        at = None if tile.islands else names.get(key(tile.name))
        if at is None:
            made.append(tile)
            continue
        row = table.iloc[at]
        made.append(
            Tile(
                tile.name,
                tile.col,
                tile.row,
                at,
                cities.total(row["score"], row["maximum"]),
                cities.step(row["share"]),
                cities.pages.get(str(table.index[at]), ""),
            )
        )
    return tuple(made)


@dataclass(frozen=True)
class Point:
    """A city on a map: its place in per cent of the frame, from the left and from the top."""

    name: str
    x: float
    y: float
    at: int | None = None
    score: str = ""
    step: int | None = None
    page: str = ""


def coordinates(cities: CitySet) -> pd.DataFrame:
    """``lat`` and ``lon`` by city, of those that have both, in degrees."""
    places = cities.board.observations.places
    if not {"lat", "lon"} <= set(places.columns):
        return pd.DataFrame(columns=["lat", "lon"], dtype=float)
    return places.reindex(cities.table.index)[["lat", "lon"]].dropna()


@dataclass(frozen=True)
class Chart:
    """A map of points: how wide it is for its height, its points, and the islands on it."""

    ratio: float
    points: tuple[Point, ...]
    islands: tuple[Point, ...]


def chart(cities: CitySet) -> Chart | None:
    """The cities on a map by latitude and longitude; None where fewer than two have both."""
    found = coordinates(cities)
    if len(found) < 2:
        return None
    south, north, west, east = _frame(found)
    squeeze = float(np.cos(np.radians((south + north) / 2)))

    def at(lat: float, lon: float) -> tuple[float, float]:
        x, y = (lon - west) / (east - west), (north - lat) / (north - south)
        return round(100 * x, 2), round(100 * y, 2)

    points = []
    for i, (city, row) in enumerate(cities.table.iterrows()):
        if city not in found.index:
            continue
        x, y = at(float(found.at[city, "lat"]), float(found.at[city, "lon"]))
        score = cities.total(row["score"], row["maximum"])
        page = cities.pages.get(str(city), "")
        points.append(Point(row["name"], x, y, i, score, cities.step(row["share"]), page))
    islands: list[Point] = []
    if _in_viet_nam(found):
        names = {plain(tile.name): tile.name for tile in provinces(34) if tile.islands}
        islands = [Point(names[code], *at(*place)) for code, place in _ISLANDS.items()]
    ratio = round(squeeze * (east - west) / (north - south), 3)
    return Chart(ratio, tuple(points), tuple(islands))


def _in_viet_nam(found: pd.DataFrame) -> bool:
    south, north, west, east = _FRAME
    return bool(found["lat"].between(south, north).all() and found["lon"].between(west, east).all())


def _frame(found: pd.DataFrame) -> tuple[float, float, float, float]:
    """The degrees that a map shows: Viet Nam with its islands, else what the cities span."""
    if _in_viet_nam(found):
        return _FRAME
    spans: Mapping[str, float] = {c: max(float(np.ptp(found[c])), 1.0) * 0.08 for c in found}
    ends = [(float(found[c].min()) - spans[c], float(found[c].max()) + spans[c]) for c in found]
    (south, north), (west, east) = ends
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
    return ChartPiece(table, html, lambda ax: draw(cities, ax), text=table.to_string())


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
