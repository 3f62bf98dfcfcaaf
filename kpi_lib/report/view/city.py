"""What a report says of one city in one period, in one language."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.locale.words import amount, in_language, number, percent, quantity, signed, word
from kpi_lib.methods.digits import at_bound
from kpi_lib.methods.rules import words_of
from kpi_lib.report.view.decimals import decimals
from kpi_lib.report.view.describe import of_view
from kpi_lib.report.view.names import node_title
from kpi_lib.report.view.peers import PeerGroup, peer_group
from kpi_lib.report.view.row import CityRow
from kpi_lib.scoring.indicators import best_score
from kpi_lib.scoring.national import national_board
from kpi_lib.scoring.scoreboard import Scoreboard


@dataclass(frozen=True, repr=False)
class CityView(CityRow, Displayed):
    """A city's row as a report writes it: titles, values with units, scores, points."""

    def _display(self) -> Display:
        return of_view(self)

    @property
    def before(self) -> CityView | None:
        """The same city one period earlier, where there is one."""
        earlier = self.periods[:-1]
        return (
            view_of(self.board, self.city, earlier[-1], self.lang, self.in_shares, self.peers)
            if earlier
            else None
        )

    def scored_text(self, code: str = TOTAL) -> str:
        """Say how many indicators of a group are scored; empty where all can be."""
        found = self.scored_of(code)
        if found is None:
            return ""
        n, all_of = (number(x, self.lang, 0) for x in found)
        return tr(self.lang, "{n} of {all_of} indicators scored", n=n, all_of=all_of)

    @cached_property
    def national(self) -> CityView | None:
        """The city under the national framework alone; None where nothing local is added."""
        if self.board.framework.base is None:
            return None
        return view_of(
            national_board(self.board), self.city, self.period, self.lang, peers=self.peers
        )

    @cached_property
    def compared(self) -> CityView:
        """The view in which cities are compared: of points, their share of the maximum in %."""
        if self.maximum is None:
            return self
        return view_of(self.board, self.city, self.period, self.lang, True, self.peers)

    @cached_property
    def ahead(self) -> pd.Series[float]:
        """Score of each indicator less the median of the others, highest first.

        Only where at least two other cities have a score: a median of one is that one city.
        """
        if self.maximum is not None and not self.in_shares:
            return self.compared.ahead
        codes = self._compared_codes
        enough = np.array([self._scored_others[code] >= 2 for code in codes], dtype=bool)
        difference = (self.points[codes] - self.medians[codes]).where(enough).dropna()
        return difference.sort_values(ascending=False, kind="stable")

    @property
    def _compared_codes(self) -> list[str]:
        """The indicators in which the city is compared with others: scored, and applicable."""
        return [i.code for i in self.scored if i.code not in self.not_applicable]

    @cached_property
    def peer_group(self) -> PeerGroup | None:
        """The city's peers, as ``peers`` asks for them; None where nothing is known of any."""
        noun = self.noun(2)
        return peer_group(self.board, self.city, self.period, self.lang, self.peers, noun)

    @property
    def peer_codes(self) -> tuple[str, ...]:
        """The other cities of the peer group."""
        return self.peer_group.others if self.peer_group else ()

    @cached_property
    def peer_ranks(self) -> pd.Series[float]:
        """The city's ranks within its peer group, by code; empty where it has none."""
        return self.peer_group.ranks if self.peer_group else pd.Series(dtype=float)

    def peers_ranked(self, code: str = TOTAL) -> int:
        """How many of the peer group, the city among them, have a score."""
        return int(self.peer_group.counts[code]) if self.peer_group else 0

    @property
    def median_group(self) -> PeerGroup | None:
        """The peer group, where it has two others or more; None: medians are those of all."""
        return self.peer_group if len(self.peer_codes) >= 2 else None

    @cached_property
    def peer_value_medians(self) -> pd.Series[float]:
        """The median of the peers by indicator; of all others without a group of three.

        Of values in the indicator's unit; of points where the city's own row gives points.
        """
        group = self.median_group or self
        found, own = group.value_medians.copy(), list(self._in_points)
        if own and self.maximum is not None:  # points stand beside points
            found[own] = (group.medians * self.maximum / 100)[own]
        return found

    @cached_property
    def ahead_of_peers(self) -> pd.Series[float]:
        """Score of each indicator less the median that :attr:`median_group` says."""
        group = self.median_group
        if group is None:
            return self.ahead
        codes = self._compared_codes
        enough = group.counts[codes] - self.points[codes].notna() >= 2
        ahead = (self.compared.points - group.medians)[codes].where(enough).dropna()
        return ahead.sort_values(ascending=False, kind="stable")

    def noun(self, n: int = 1) -> str:
        """What is scored, one or many: ``city``, ``cities``."""
        return self.board.framework.unit_noun(self.lang, n)

    def title(self, code: str) -> str:
        """Give the title of a group or indicator."""
        return node_title(self.board, code, self.lang)

    def peer_median(self, code: str) -> str:
        """Write :attr:`peer_value_medians` as the city's own value: in its unit or in points."""
        value = self.peer_value_medians[code]
        return self._points(value) if code in self._in_points else self.with_unit(code, value)

    def _points(self, value: float) -> str:
        return f"{self.score(value)} {word('points', self.lang)}"

    def with_unit(self, code: str, value: float) -> str:
        """Write a value of an indicator with its unit; of categories, its word."""
        if code in self._words and pd.notna(value):
            points = f"{amount(value, self.lang)} {word('points', self.lang)}"  # between two words
            return self._words[code].get(float(value), points)
        unit = in_language(self.indicator(code).unit, self.lang)
        return quantity(value, unit, self.lang, decimals(self.board)[code].of(value))

    def plain(self, code: str, value: float) -> str:
        """Write a value where its unit is known already: without, but for a per cent sign."""
        written, unit = (
            self.with_unit(code, value),
            in_language(self.indicator(code).unit, self.lang),
        )
        return written.removesuffix(f"\N{NO-BREAK SPACE}{unit}") if unit else written

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
        said = self._said.get(code, "")
        if code in self.not_applicable:
            return tr(self.lang, "not applicable")
        if said:
            return str(said)
        if code in self._in_points:
            return self._points(self.values[code])
        if code not in self.errors.index:
            return self.with_unit(code, self.values[code])
        digits = decimals(self.board)[code].of(self.values[code])
        value = quantity(self.values[code], "", self.lang, digits)
        return f"{value} ± {self.with_unit(code, self.errors[code])}"

    @cached_property
    def _said(self) -> Mapping[Hashable, object]:
        """The values as the data say them, by indicator, where they are words."""
        return self.rows["said"].to_dict() if "said" in self.rows.columns else {}

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
        return quantity(abs(difference), unit, self.lang, decimals(self.board)[code].usual)

    @cached_property
    def top(self) -> float | None:
        """The highest score there is on the framework's scale, or None where it has no end."""
        if self.maximum is not None:
            return 100.0 if self.in_shares else float(self.maximum[TOTAL])
        best = {best_score(i, self.board.framework) for i in self.scored}
        return best.pop() if len(best) == 1 else None

    @property
    def digits(self) -> int:
        """Decimals of a score: those of the framework, else by its scale.

        Four on a scale of 0–1, as such indices are published, two of points and on a scale
        without an end (a z-score, say), one on any other. Shares of points have one.
        """
        if self.maximum is not None and self.in_shares:
            return 1
        if self.board.framework.decimals is not None:
            return self.board.framework.decimals
        if self.maximum is not None:
            return 2
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
        """Write points of TOTAL, with a decimal more than scores that are no points have."""
        more = 1 if self.maximum is None else 0
        return "–" if pd.isna(value) else signed(value, self.lang, self.digits + more)

    def weight(self, code: str) -> str:
        """Write the relative weight of a node among its siblings."""
        return amount(self.board.weights[code], self.lang)


@lru_cache(maxsize=8)
def view_of(
    board: Scoreboard,
    city: str,
    period: str,
    lang: Lang,
    in_shares: bool = False,
    peers: str | None = "auto",
) -> CityView:
    """Give the view of a city; those that show it one after the other share it."""
    return CityView(board, city, period, lang, in_shares, peers)


def _at_least(value: float, least: float) -> bool:
    return float(at_bound(np.asarray(value), least)) >= least
