"""The ranking: every city's rank with its interval, its score and those of its parts, shaded."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.analysis.robustness.words import drawn
from kpi_lib.locale.catalogue import tr
from kpi_lib.locale.words import amount, capital, number, period_name, word
from kpi_lib.observations.categories import kind_name
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.page.piece import ChartPiece
from kpi_lib.report.page.templating import render
from kpi_lib.report.page.theme import COLOURS
from kpi_lib.report.view.names import city_name

BESIDE = 924
"""The width in pixels that the table has beside the sliders in a window of 1,280."""

_GAPS_WIDTH = 56

MOST = 40
"""Cities up to which all are drawn; of more, the first and the last twenty."""


@dataclass(frozen=True)
class Cell:
    """A score as it stands in a cell: its text, and the step of its shading (0–4, or None)."""

    text: str
    step: int | None


@dataclass(frozen=True)
class Line:
    """A row of the ranking as the page writes it; ``interval`` is low and high, or None."""

    code: str
    name: str
    page: str
    period: str
    region: str
    kind: str
    rank: str
    total: str
    interval: tuple[int, int] | None
    change: str
    good: int
    parts: tuple[Cell, ...]
    coverage: str
    note: str = ""
    failure: str = ""


def data(cities: CitySet) -> pd.DataFrame:
    """The table of the set with the scores of the parts beside it, by their codes."""
    return cities.table.join(cities.scores)


def piece(cities: CitySet) -> ChartPiece:
    """The ranking as a table that can be drawn: every city in a row, also those without a score."""
    lang, rows = cities.lang, lines(cities)
    html = render(
        "index/ranking.html.j2",
        lang,
        lines=rows,
        parts=_heads(cities),
        noun=cities.board.framework.unit_noun(lang, first=True),
        drawn=drawn(cities.board, lang),
        scored=cities.scored,
        periods_differ=len(cities.found) > 1,
        changes=cities.table["change"].notna().any(),
        before=_before(cities),
        intervals=cities.table["low"].notna().any(),
        gaps=gaps(cities),
        ranked=int(cities.table["ranked"].max()),
        shading=shading(cities),
        fixed=_fixed_width(cities),
        letters=_letters(cities),
        part_width=_part_width(cities),
        regions=_values(cities, "region"),
        classes=_values(cities, "class"),
        by_period=[period_name(period, lang) for period in reversed(cities.found)],
    )
    shown = "\n".join(f"{line.rank} | {line.name} | {line.total}" for line in rows)
    return ChartPiece.of(cities, data(cities), html, lambda ax: draw(cities, ax), text=shown)


def width(cities: CitySet) -> float:
    """How wide the table is at least, in pixels."""
    return _fixed_width(cities) + len(_heads(cities)) * _part_width(cities)


def _fixed_width(cities: CitySet) -> float:
    """How wide all columns but the parts are: those of scores and changes have as many letters."""
    return 374 + _GAPS_WIDTH * gaps(cities) + 9.5 * _letters(cities)


def _letters(cities: CitySet) -> int:
    return cities.view.digits + 4


def gaps(cities: CitySet) -> bool:
    """Say whether any city lacks data; where none does, a column of 100% would say nothing."""
    return bool(cities.others) or not (cities.table["coverage"] == 1).all()


def _part_width(cities: CitySet) -> int:
    """How wide the column of a part is, in pixels: the longest word of a head should fit."""
    words = [word for node in cities.parts for word in cities.title(node.code).split()]
    return min(max(6 * max(map(len, words), default=0) + 8, 50), 112)


def _heads(cities: CitySet) -> list[tuple[str, str]]:
    """The title of each part, and the most points there are of it."""
    if not cities.scored:
        return []
    codes = [node.code for node in cities.parts]
    return [(cities.title(code), _of(cities, code)) for code in codes]


def _of(cities: CitySet, code: str) -> str:
    """The most points of a part, where scores are points."""
    if cities.board.maximum is None:
        return ""
    most = float(cities.board.framework.maxima[code])
    return amount(most, cities.lang) if most else ""  # bonus and deductions are out of nothing


def _before(cities: CitySet) -> str:
    """The period that changes are counted from, where it is one."""
    before = {str(period) for period in cities.table["before"] if period}
    return period_name(before.pop(), cities.lang) if len(before) == 1 else ""


def _values(cities: CitySet, column: str) -> list[tuple[str, str]]:
    """The values of a column, each with its name; none where there are fewer than two."""
    found = [str(value) for value in sorted(set(cities.table[column]) - {""})]
    named = [(value, capital(kind_name(column, value, cities.lang))) for value in found]
    return named if len(found) > 1 else []


def shading(cities: CitySet) -> list[str]:
    """What each step of shading stands for, as the key says it."""
    lang = cities.lang
    bounds = [amount(float(bound), lang) for bound in cities.bounds]
    between = [f"{low}–{high}" for low, high in pairwise(bounds)]
    return [
        tr(lang, "under {bound}", bound=bounds[0]),
        *between,
        tr(lang, "from {bound}", bound=bounds[-1]),
    ]


def lines(cities: CitySet) -> list[Line]:
    """The rows of the ranking: the cities with data, then those without."""
    shares, scores = cities.shares.to_numpy(dtype=float), cities.scores.to_numpy(dtype=float)
    found = [
        _line(cities, row, zip(scores[i], shares[i], strict=True))
        for i, row in enumerate(cities.table.reset_index().to_dict("records"))
    ]
    note = tr(cities.lang, "no data in this period")
    return [*found, *(_without_data(cities, city, note) for city in cities.others)]


def _without_data(cities: CitySet, city: str, note: str) -> Line:
    place = cities.groups([city]).iloc[0]
    return Line(
        code=city,
        name=city_name(cities.board, city, cities.lang),
        page=cities.pages.get(city, ""),
        period="",
        region=str(place["region"]),
        kind=str(place["class"]),
        rank="–",
        total="–",
        interval=None,
        change="",
        good=0,
        parts=tuple(Cell("–", None) for _ in cities.parts) if cities.scored else (),
        coverage="–",
        note=note,
    )


def _line(
    cities: CitySet, row: Mapping[Hashable, Any], cells: Iterable[tuple[float, float]]
) -> Line:
    """One city's row; ``cells`` are the score and the share of each part."""
    city, rank, change = str(row["city"]), row["rank"], float(row["change"])
    known = not np.isnan(row["low"])
    digits = cities.view.digits
    return Line(
        code=city,
        name=str(row["name"]),
        page=cities.pages.get(city, ""),
        period=period_name(str(row["period"]), cities.lang),
        region=str(row["region"]),
        kind=str(row["class"]),
        rank="–" if np.isnan(rank) else number(rank, cities.lang, 0),
        total=cities.total(row["score"], row["maximum"]),
        interval=(int(row["low"]), int(row["high"])) if known else None,
        change="" if np.isnan(change) else cities.view.change(change),
        good=0 if np.isnan(change) else int(np.sign(round(change, digits))),
        parts=tuple(Cell(cities.view.score(score), cities.step(share)) for score, share in cells),
        coverage=cities.covered(row["coverage"]),
        failure=cities.failures.get(city, ""),
    )


def draw(cities: CitySet, ax: Axes) -> None:
    """Draw the composite of every city, best first."""
    found = cities.table.dropna(subset="score")
    if len(found) > MOST:
        found = pd.concat([found.head(MOST // 2), found.tail(MOST // 2)])
    names = [f"{row['rank']:.0f}  {row['name']}" for _, row in found.iterrows()]
    ax.hlines(names, 0, found["score"].to_numpy(), color=COLOURS["line"], lw=3)
    ax.plot(found["score"].to_numpy(), names, "o", color=COLOURS["me"])
    ax.invert_yaxis()
    ax.set(xlabel=word("score", cities.lang), ylabel=None)
