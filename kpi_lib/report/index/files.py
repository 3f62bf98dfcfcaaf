"""The data beside the index, as tables: every number of the page is in one of them, unrounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from kpi_lib.analysis.what_if import weights_in_all
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang, mark, tr
from kpi_lib.locale.words import in_language, word
from kpi_lib.report.index import targets
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.view.names import city_name

ABOUT: Mapping[str, str] = {
    "scores.xlsx": mark("all of it as a workbook to be read in Excel"),
    "ranks.csv": mark("the rank of each with its interval, its score, its data and its change"),
    "scores.csv": mark("scores of all groups and indicators, with ranks and data"),
    "values.csv": mark("values of the indicators, in their units"),
    "targets.csv": mark("targets in force and how many meet them"),
    "weights.csv": mark("weights beside the siblings, and in the whole"),
    "findings.csv": mark("the sentences of the page, with the numbers they name"),
    "summary.json": mark("the set in short, for programs; its schema is summary.schema.json"),
    "datapackage.json": mark("what the columns of these files hold (Data Package)"),
}
"""The files by name, with what each holds."""


def tables(cities: CitySet, findings: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables by the names of their files; those that would be empty are left out.

    ``findings`` are those of :func:`kpi_lib.report.index.findings.piece`.
    """
    found = {
        "ranks.csv": _ranks(cities),
        "scores.csv": _scores(cities),
        "values.csv": _values(cities),
        "targets.csv": targets.data(cities)
        .rename_axis("code")
        .reset_index()
        .astype({"year": "Int64", "target": float, "median": float}),
        "weights.csv": _weights(cities),
        "findings.csv": findings,
    }
    return {name: table for name, table in found.items() if not table.empty}


def described(names: Iterable[str], lang: Lang) -> list[tuple[str, str]]:
    """The names of files with what each holds, in a language."""
    return [(name, tr(lang, ABOUT[name])) for name in names]


def _ranks(cities: CitySet) -> pd.DataFrame:
    """A row for each city, as in the ranking; without a period where it has no data."""
    table = cities.table.reset_index()
    if cities.board.maximum is None:
        table = table.drop(columns="maximum")
    whole = dict.fromkeys(("rank", "ranked", "low", "high"), "Int64")
    names = [city_name(cities.board, city, cities.lang) for city in cities.others]
    without = pd.DataFrame({"city": list(cities.others), "name": names}, dtype=object)
    both = pd.concat([table, without], ignore_index=True) if names else table
    return both.astype(whole)


def _scores(cities: CitySet) -> pd.DataFrame:
    """The long table of scores of the set's cities in their periods."""
    codes = len(cities.board.points.columns)
    rows = (cities.rows[:, None] * codes + range(codes)).ravel()
    return _titled(cities, cities.board.scores.iloc[rows].reset_index(drop=True))


def _values(cities: CitySet) -> pd.DataFrame:
    """Values in long form: only those that are there. Points in place of a value say so."""
    board, lang = cities.board, cities.lang
    wide, measured = board.values.iloc[cities.rows], board.measured.iloc[cities.rows]
    long = wide.reset_index().melt(["city", "period"], var_name="code")
    units = {i.code: in_language(i.unit, lang) for i in board.framework.indicators}
    in_points = (wide.notna() & measured.isna()).to_numpy().ravel(order="F")
    long["unit"] = long["code"].map(units).mask(in_points, word("points", lang))
    return _titled(cities, long.dropna(subset="value").reset_index(drop=True))


def _weights(cities: CitySet) -> pd.DataFrame:
    """The weight of each code beside its siblings and, of an indicator, in the whole (0–1)."""
    framework = cities.board.framework
    codes = [code for code in framework.nodes if code != TOTAL]
    whole = weights_in_all(cities.board)
    table = pd.DataFrame(
        {
            "code": codes,
            "group": [framework.parents[code] for code in codes],
            "weight": [cities.board.weights[code] for code in codes],
            "share_of_whole": whole.reindex(codes).to_numpy(),
        }
    )
    return _titled(cities, table)


def _titled(cities: CitySet, table: pd.DataFrame) -> pd.DataFrame:
    """Put titles beside the codes, and names beside the cities."""
    titles = {code: cities.title(code) for code in table["code"].unique()}
    place = list(table.columns).index("code") + 1
    table.insert(place, "title", table["code"].map(titles))
    if "city" in table.columns:
        table.insert(1, "name", table["city"].map(cities.table["name"]))
    return table
