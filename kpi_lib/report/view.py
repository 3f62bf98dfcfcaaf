"""One city in one period of a scoreboard, in one language: what a report says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from kpi_lib.analysis.robustness.kept import intervals
from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.model import TOTAL, Indicator, Node
from kpi_lib.locale.catalogue import SOURCE, Lang, message_language, msg, tr
from kpi_lib.locale.words import (
    amount,
    counted,
    in_language,
    number,
    percent,
    quantity,
    signed,
    word,
)
from kpi_lib.methods.digits import at_bound
from kpi_lib.methods.rules import words_of
from kpi_lib.observations.cities import names_of
from kpi_lib.observations.values import NOT_APPLICABLE
from kpi_lib.scoring.indicators import best_score, scorable
from kpi_lib.scoring.national import national_board
from kpi_lib.scoring.scoreboard import Scoreboard, row_of
from kpi_lib.scoring.treatment import errors_of


@dataclass(frozen=True)
class CityView:
    """A city's row of a scoreboard beside the other cities of the same period.

    With ``in_shares``, scores are those by which cities are compared: of points, the share of the
    maximum in %.
    """

    board: Scoreboard
    city: str
    period: str
    lang: Lang
    in_shares: bool = False

    @property
    def _scores(self) -> pd.DataFrame:
        return self.board.shares if self.in_shares else self.board.points

    @cached_property
    def name(self) -> str:
        """The city's name in the language, else as it stands in the data."""
        return city_name(self.board, self.city, self.lang)

    @cached_property
    def points(self) -> pd.Series[float]:
        """The city's scores by code."""
        return row_of(self._scores, (self.city, self.period))

    @cached_property
    def values(self) -> pd.Series[float]:
        """The city's values by indicator, in the indicators' units."""
        return row_of(self.board.values, (self.city, self.period))

    @cached_property
    def errors(self) -> pd.Series[float]:
        """The standard errors of the city's values that have one, in the indicators' units."""
        if not self.rows["se"].notna().any():
            return pd.Series(dtype=float)
        observations = self.board.observations
        table = errors_of(observations, self.board.framework)
        return row_of(table, (self.city, self.period)).dropna()

    @cached_property
    def ranks(self) -> pd.Series[float]:
        """The city's ranks by code."""
        return row_of(self.board.ranks, (self.city, self.period))

    @cached_property
    def coverage(self) -> pd.Series[float]:
        """The share (0–1) of each code's weight that is observed."""
        return row_of(self.board.coverage, (self.city, self.period))

    @cached_property
    def contributions(self) -> pd.Series[float]:
        """Points of TOTAL that each indicator gives, by code."""
        return row_of(self.board.contributions, (self.city, self.period))

    @cached_property
    def others(self) -> pd.DataFrame:
        """Scores of the other cities of the period: a row for each city."""
        return self._others(self._scores)

    @cached_property
    def other_values(self) -> pd.DataFrame:
        """Values of the other cities of the period."""
        return self._others(self.board.values)

    @cached_property
    def medians(self) -> pd.Series[float]:
        """The median score of the other cities by code."""
        return self.others.median()

    @cached_property
    def value_medians(self) -> pd.Series[float]:
        """The median value of the other cities by indicator."""
        return self.other_values.median()

    @cached_property
    def _scored_others(self) -> Mapping[str, int]:
        counts = self.others.notna().to_numpy().sum(axis=0)
        return dict(zip(self.others.columns, counts.tolist(), strict=True))

    def _others(self, wide: pd.DataFrame) -> pd.DataFrame:
        there = wide.iloc[self.board.by_period[self.period]]
        return there.droplevel("period").drop(index=self.city)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The city's observations of the period by indicator: value, note, source."""
        return self.board.observations.of_unit(self.city, self.period).set_index("indicator")

    @property
    def periods(self) -> list[str]:
        """The city's periods up to this one."""
        return list(self.history.index)

    @cached_property
    def history(self) -> pd.DataFrame:
        """The city's scores up to this period: a row for each period, in order."""
        own = self._scores.iloc[self.board.by_city[self.city]]
        table = own.droplevel("city").sort_index()
        return table[table.index <= self.period]

    @property
    def before(self) -> CityView | None:
        """The same city one period earlier, where there is one."""
        earlier = self.periods[:-1]
        return (
            view_of(self.board, self.city, earlier[-1], self.lang, self.in_shares)
            if earlier
            else None
        )

    @cached_property
    def observed(self) -> list[Indicator]:
        """The indicators with a value, scored or not."""
        return [i for i in self.board.framework.indicators if pd.notna(self.values[i.code])]

    @cached_property
    def absent(self) -> list[Indicator]:
        """The indicators without a value."""
        return [i for i in self.board.framework.indicators if pd.isna(self.values[i.code])]

    @cached_property
    def scored(self) -> list[Indicator]:
        """The indicators that the framework can score."""
        framework = self.board.framework
        return [i for i in framework.indicators if scorable(i, framework)]

    def scored_of(self, code: str = TOTAL) -> tuple[int, int] | None:
        """How many indicators of a group have a score, of how many; None where all can have one."""
        if len(self.scored) == len(self.board.framework.indicators):
            return None
        leaves = [leaf.code for leaf in self.board.framework.leaves(code)]
        return int(self.points[leaves].notna().sum()), len(leaves)

    def scored_text(self, code: str = TOTAL) -> str:
        """Say how many indicators of a group are scored; empty where all can be."""
        found = self.scored_of(code)
        if found is None:
            return ""
        n, all_of = (number(x, self.lang, 0) for x in found)
        return tr(self.lang, "{n} of {all_of} indicators scored", n=n, all_of=all_of)

    @cached_property
    def objectives(self) -> tuple[Node, ...]:
        """The groups below TOTAL; where there is only one, what is in it."""
        top = self.board.framework.groups
        return top[0].children if len(top) == 1 else top

    @cached_property
    def interval(self) -> tuple[int, int, float] | None:
        """The lowest and highest likely rank and how often the rank stays; None without a rank.

        Of draws in which each weight varies by up to ±25 % relative to its siblings, 90 % lie
        between them.
        """
        if pd.isna(self.points[TOTAL]) or self.ranked() < 2:
            return None
        table = intervals(self.board, self.period)
        low, high, same = table[["low", "high", "p_same"]].to_numpy()[table.index == self.city][0]
        return int(low), int(high), float(same)

    @property
    def weight_ratios(self) -> tuple[float, float] | None:
        """Least and most effective weight in those draws, in times their own; None: none moves."""
        least_most = intervals(self.board, self.period).attrs["weights"]
        return None if least_most is None else (least_most[0], least_most[1])

    @cached_property
    def national(self) -> CityView | None:
        """The city under the national framework alone; None where nothing local is added."""
        if self.board.framework.base is None:
            return None
        return view_of(national_board(self.board), self.city, self.period, self.lang)

    @cached_property
    def maximum(self) -> pd.Series[float] | None:
        """The most points of each code for this city; None where scores are no points."""
        most = self.board.maximum
        return None if most is None else row_of(most, (self.city, self.period))

    @cached_property
    def compared(self) -> CityView:
        """The view in which cities are compared: of points, their share of the maximum in %."""
        if self.maximum is None:
            return self
        return view_of(self.board, self.city, self.period, self.lang, True)

    def ranked(self, code: str = TOTAL) -> int:
        """How many cities of the period have a score."""
        return self._scored_others[code] + bool(pd.notna(self.points[code]))

    @cached_property
    def open_targets(self) -> Mapping[str, tuple[int, float]]:
        """The targets in force that the city's values do not meet: code → (year, value)."""
        return {c: t for c, t in self.targets.items() if not self.meets(c)}

    @cached_property
    def targets(self) -> Mapping[str, tuple[int, float]]:
        """The targets in force for indicators that have a value: code → (year, value)."""
        found = {i.code: i.target(self.period) for i in self.observed if i.direction}
        return {code: target for code, target in found.items() if target is not None}

    def meets(self, code: str) -> bool:
        """Say whether the value is at its target or better."""
        indicator, (_, target) = self.indicator(code), self.targets[code]
        value = float(at_bound(np.asarray(self.values[code]), target))
        return bool(value >= target if indicator.direction == "higher" else value <= target)

    @cached_property
    def target_gains(self) -> pd.Series[float]:
        """Points of TOTAL that closing each open gap alone would bring, largest first."""
        values = {code: target for code, (_, target) in self.open_targets.items()}
        gains = self.board.gains(self.city, self.period, values)
        return gains.sort_values(ascending=False, kind="stable")

    @cached_property
    def ahead(self) -> pd.Series[float]:
        """Score of each indicator less the median of the others, highest first.

        Only where at least two other cities have a score: a median of one is that one city.
        """
        if self.maximum is not None and not self.in_shares:
            return self.compared.ahead
        codes = [i.code for i in self.scored]
        enough = np.array([self._scored_others[code] >= 2 for code in codes], dtype=bool)
        difference = (self.points[codes] - self.medians[codes]).where(enough).dropna()
        return difference.sort_values(ascending=False, kind="stable")

    def indicator(self, code: str) -> Indicator:
        """Give an indicator by its code."""
        node = self.board.framework.node(code)
        assert isinstance(node, Indicator)
        return node

    def title(self, code: str) -> str:
        """Give the title of a group or indicator."""
        if code == TOTAL:
            return word("total", self.lang)
        return in_language(self.board.framework.node(code).title, self.lang)

    def with_unit(self, code: str, value: float) -> str:
        """Write a value of an indicator with its unit; of categories, its word."""
        if code in self._words and pd.notna(value):
            return self._words[code].get(float(value), amount(value, self.lang))
        return quantity(value, in_language(self.indicator(code).unit, self.lang), self.lang)

    @cached_property
    def _words(self) -> Mapping[str, Mapping[float, str]]:
        """The words of indicators whose values are words, by the score that stands for each."""
        methods = {i.code: self.board.framework.normalisation_of(i) for i in self.scored}
        return {
            code: {score: word for word, score in reversed(list(words_of(method)))}
            for code, method in methods.items()
            if method.name == "categories"
        }

    def measured(self, code: str) -> str:
        """Write the city's value with its unit, and its standard error where it has one."""
        said = self.rows["said"].get(code, "") if "said" in self.rows.columns else ""
        if said not in {"", NOT_APPLICABLE}:
            return str(said)
        if code in self._in_points:
            return f"{self.score(self.values[code])} {word('points', self.lang)}"
        if code not in self.errors.index:
            return self.with_unit(code, self.values[code])
        value = amount(self.values[code], self.lang)
        return f"{value} ± {self.with_unit(code, self.errors[code])}"

    @cached_property
    def _in_points(self) -> frozenset[str]:
        """The indicators whose row gives the points that were earned."""
        earned = self.board.facts.earned
        if earned is None:
            return frozenset()
        row = earned[self.board.points.index.get_loc((self.city, self.period))]
        leaves = self.board.framework.indicators
        return frozenset(leaf.code for leaf, given in zip(leaves, row, strict=True) if given)

    def distance(self, code: str, difference: float) -> str:
        """Write a difference of two values: percentage points for shares."""
        unit = in_language(self.indicator(code).unit, self.lang)
        if unit == "%":
            unit = tr(self.lang, "percentage points")
        return quantity(abs(difference), unit, self.lang)

    @cached_property
    def top(self) -> float | None:
        """The highest score there is on the framework's scale, or None where it has no end."""
        if self.maximum is not None:
            return 100.0 if self.in_shares else float(self.maximum[TOTAL])
        best = {best_score(i, self.board.framework) for i in self.scored}
        return best.pop() if len(best) == 1 else None

    @property
    def digits(self) -> int:
        """Decimals of a score: four on a scale of 0–1, as such indices are published.

        One on a scale with another end, two on one without (a z-score, say).
        """
        if self.maximum is not None:
            given = self.board.framework.decimals
            return 1 if self.in_shares else 2 if given is None else given
        if self.top is None:
            return 2
        return 4 if self.top <= 1 else 1

    def score(self, value: float) -> str:
        """Write a score."""
        return "–" if pd.isna(value) else number(value, self.lang, self.digits)

    def of(self, points: float, maximum: float) -> str:
        """Write points of how many: ``13,85 / 20,00``."""
        slash = "\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}"
        return f"{self.score(points)}{slash}{self.score(maximum)}"

    def out_of(self, code: str) -> str:
        """Write a score; of points, with the most there are."""
        if self.maximum is None or pd.isna(self.points[code]) or not self.maximum[code]:
            return self.score(self.points[code])
        return self.of(self.points[code], self.maximum[code])

    def median(self, code: str) -> str:
        """Write the median of the others; of points, their share of the maximum."""
        if self.maximum is None or not self.maximum[code]:
            return self.score(self.medians[code])
        share = self.compared.medians[code]
        return "–" if pd.isna(share) else percent(share / 100, self.lang)

    def total(self) -> str:
        """Write the composite as the framework wants it shown: points, per cent or share."""
        value, shown = self.points[TOTAL], self.board.framework.shown
        if self.maximum is None or shown in {None, "points"} or pd.isna(value):
            return self.score(value)
        share = value / self.maximum[TOTAL]
        if shown == "percent":
            return f"{number(100 * share, self.lang, 2)}\N{NO-BREAK SPACE}%"
        return number(share, self.lang, 4)

    def scored_class(self) -> str:
        """The name of the class that the composite reaches; '' where the framework has none."""
        value, framework = self.points[TOTAL], self.board.framework
        if pd.isna(value):
            return ""
        if self.maximum is not None and framework.shown in {"percent", "unit"}:
            value = value / self.maximum[TOTAL] * (100 if framework.shown == "percent" else 1)
        classes = (name for least, name in framework.classes if _at_least(value, least))
        return next(classes, "")

    def change(self, value: float) -> str:
        """Write a change of a score with its sign."""
        return "–" if pd.isna(value) else signed(value, self.lang, self.digits)

    def gain(self, value: float) -> str:
        """Write points of TOTAL, with a decimal more than scores have."""
        return "–" if pd.isna(value) else signed(value, self.lang, self.digits + 1)

    def weight(self, code: str) -> str:
        """Write the relative weight of a node among its siblings."""
        return amount(self.board.weights[code], self.lang)


@lru_cache(maxsize=8)
def view_of(
    board: Scoreboard, city: str, period: str, lang: Lang, in_shares: bool = False
) -> CityView:
    """Give the view of a city; those that show it one after the other share it."""
    return CityView(board, city, period, lang, in_shares)


def _at_least(value: float, least: float) -> bool:
    return float(at_bound(np.asarray(value), least)) >= least


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
    cities = board.observations.places
    if city not in cities.index:
        return city
    own = [f"name_{lang}", f"name_{SOURCE}"]
    others = [column for column in map(str, cities.columns) if column.startswith("name_")]
    for column in dict.fromkeys([*own, *others]):
        name = cities.at[city, column] if column in cities.columns else ""
        if isinstance(name, str) and name:
            return name
    return city
