"""Rules that differ by a column of the cities: each city must be of a kind that has a rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kpi_lib.errors import Problem, did_you_mean, plain
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.cells.coded import coded
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.methods.registry import Method
from kpi_lib.methods.rules import words_of
from kpi_lib.observations.layout import SAID
from kpi_lib.observations.values import NOT_APPLICABLE


@dataclass(frozen=True, repr=False)
class Strange(Displayed):
    """Rows whose word stands in the rule of an indicator for another kind of city only."""

    indicator: Indicator
    kind: str
    rule: Method
    rows: pd.DataFrame

    @property
    def listed(self) -> list[str]:
        """The words that are expected."""
        return [word for word, _ in words_of(self.rule)]

    def told(self, word: str, cities: Collection[str]) -> tuple[str, str]:
        """What was found in place of what, and what to do."""
        column = self.indicator.by
        return msg(
            "found '{found}' for {code} of {city}, whose '{column}' is {kind}; expected one "
            "of {listed}.",
            found=word,
            code=self.indicator.code,
            city=", ".join(dict.fromkeys(cities)),
            column=column,
            kind=self.kind,
            listed=", ".join(self.listed),
        ), did_you_mean(word, self.listed) or msg(
            "Correct the word, or the city's '{column}'.", column=column
        )


def own_words(
    rows: pd.DataFrame, places: pd.DataFrame, framework: Framework
) -> tuple[pd.DataFrame, list[Strange]]:
    """Give words the score that the rule for the city's own kind gives them.

    ``rows`` have the columns ``city, indicator, value, said``, with the first kind's score for
    a word whose score differs by kind. Those whose word the rule for their kind does not have
    come apart, too.
    """
    value, known = rows["value"].copy(), places.set_index("city")
    found: list[Strange] = []
    for indicator in framework.indicators:
        rule = framework.normalisation_of(indicator)
        if rule.name != "categories" or indicator.by not in known.columns:
            continue
        worded = (rows["indicator"] == indicator.code) & ~rows[SAID].isin(["", NOT_APPLICABLE])
        kinds = rows["city"].astype(object).map(known[indicator.by].astype(str))
        for kind in indicator.kinds:
            own = worded & (kinds == kind)
            told = indicator.of(kind).normalise or rule
            scores = {plain(word): score for word, score in words_of(told)}
            given = [scores.get(plain(str(word)), float("nan")) for word in rows.loc[own, SAID]]
            value.loc[own] = pd.Series(given, index=value.index[own], dtype=float)
            if not (strange := rows[own & value.isna()]).empty:
                found.append(Strange(indicator, kind, told, strange))
    return rows.assign(value=value), found


def of_another_kind(
    strange: Iterable[Strange], sheets: Mapping[tuple[str, str], Sheet]
) -> Iterator[Problem]:
    """Name the places of words of another kind: ``file, sheet, position, column`` of the rows."""
    for fault in strange:
        places = ["file", "sheet", "column", SAID]
        for (file, sheet, column, word), own in fault.rows.groupby(
            places, sort=False, observed=True
        ):
            yield sheets[str(file), str(sheet)].problem_at(
                own["position"], *fault.told(str(word), own["city"]), str(column)
            )


def without_rule(
    rows: pd.DataFrame, places: pd.DataFrame, framework: Framework, files: Collection[Path]
) -> list[Problem]:
    """Find the cities with a value of an indicator that has no rule for their kind."""
    problems: list[Problem] = []
    file = next((str(file) for file in files), "")
    known = places.set_index("city")
    for indicator in framework.indicators:
        if indicator.by is None:
            continue
        own = rows[(rows["indicator"] == indicator.code) & rows["value"].notna()]
        if not own.empty:
            problems += _without(indicator, indicator.by, own, known, file)
    return problems


def _without(
    indicator: Indicator, column: str, own: pd.DataFrame, places: pd.DataFrame, file: str
) -> list[Problem]:
    cities = [str(city) for city in coded(own["city"])[1]]
    expected = ", ".join(indicator.kinds)
    if not file or column not in places.columns:
        return [
            Problem(
                msg(
                    "the rule of {code} differs by the column '{column}' of the cities, which is "
                    "not there.",
                    code=indicator.code,
                    column=column,
                ),
                msg(
                    "Add the column to cities.csv beside the data, with one of {expected} for each "
                    "city.",
                    expected=expected,
                ),
                file,
            )
        ]
    kinds = places[column].reindex(cities).fillna("").astype(str)
    return [
        Problem(
            msg(
                "'{kind}' in the column '{column}' of {city}; {code} has rules for {expected}.",
                kind=kind,
                column=column,
                city=city,
                code=indicator.code,
                expected=expected,
            ),
            did_you_mean(kind, indicator.kinds)
            or msg("Correct the column, or add a rule to the framework."),
            file,
        )
        for city, kind in kinds.items()
        if kind not in indicator.kinds
    ]
