"""Peer groups: with which others a city is compared beside all, and where it stands among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.groups import Groups, Same, nearest
from kpi_lib.errors import InputError, Problem, did_you_mean
from kpi_lib.locale.catalogue import Lang, message_language, msg, tr, tr_in
from kpi_lib.locale.display import Display, Displayed, Table
from kpi_lib.locale.words import capital, number, period_name, word
from kpi_lib.observations.categories import cities_of_kind
from kpi_lib.observations.cities import NUMBERS, TEXTS
from kpi_lib.observations.describe import limits_of
from kpi_lib.scoring.scoreboard import Scoreboard

AUTO, NONE = "auto", "none"
CLASS, REGION, POPULATION, AREA = "class", "region", "population", "area_km2"

NEAREST = 8
"""How many others are the nearest, where groups are of the nearest."""

# Columns of cities.csv that tell one city from all others, or say when it was there.
_NO_KINDS = frozenset({"city", "slug", "valid_from", "valid_to", "merged_into"})


@dataclass(frozen=True, eq=False, repr=False)
class Peers(Displayed, Mapping[str, tuple[str, ...]]):
    """The peers of each city of a board in a period: the codes of the others, by city.

    A city is among the keys where it has peers: not where nothing is known of it, and not where
    it is alone of its kind. ``by`` is the column of cities.csv that makes the groups: the others
    with the same text in it, or, where it holds numbers, the ``k`` nearest on a log scale (``k``
    is None otherwise). ``kinds`` holds the column, by city.
    """

    board: Scoreboard
    period: str
    by: str
    k: int | None
    kinds: pd.Series[str] | pd.Series[float]

    def _display(self) -> Display:
        lang = message_language()
        facts = [
            (msg("Cities"), number(len(self.cities), lang, 0)),
            (msg("Cities with peers"), number(len(self), lang, 0)),
        ]
        title = msg("Peer groups, {period}", period=period_name(self.period, lang))
        tables = [] if self.k is not None else [self._kinds_shown(lang)]
        notes = [*limits_of(self.board.observations), grouping(self, lang)]
        return Display(title, notes, facts, tables)

    def _kinds_shown(self, lang: Lang) -> Table:
        """Each group with its name and number, the largest first."""
        kinds = self.kinds[self.groups.grouped]
        named = kinds.groupby(kinds).agg(lambda own: str(own.index[0]))
        counts = kinds.value_counts()
        rows = [
            (capital(group_name(self, str(named[str(kind)]), lang)), number(n, lang, 0))
            for kind, n in counts.items()
        ]
        return Table("", [word("group", lang), msg("Cities")], rows, numeric=(1,))

    def __getitem__(self, city: str) -> tuple[str, ...]:
        """Codes of a city's peers: in the order of the board, or the nearest first."""
        at = self._at[city if city in self._at else self.board.unit(city)[0]]
        if not self.groups.grouped[at]:
            raise KeyError(city)
        return tuple(self.cities[self.groups.others(at)])

    def __iter__(self) -> Iterator[str]:
        """The cities that have peers, in the order of the board."""
        return iter(self.cities[self.groups.grouped])

    def __len__(self) -> int:
        """How many cities have peers."""
        return int(self.groups.grouped.sum())

    @property
    def cities(self) -> pd.Index[str]:
        """Codes of the cities with data in the period, in the order of the board."""
        return cast("pd.Index[str]", self.kinds.index)

    @cached_property
    def _at(self) -> Mapping[str, int]:
        return {str(city): at for at, city in enumerate(self.cities)}

    @cached_property
    def groups(self) -> Groups:
        """The groups as positions among the ``cities``."""
        if self.k is not None:
            return nearest(np.asarray(self.kinds, dtype=float), self.k)
        labels, _ = pd.factorize(self.kinds.where(_filled(self.kinds)))
        return Same(np.asarray(labels, dtype=np.intp))

    @cached_property
    def ranks(self) -> pd.DataFrame:
        """Rank of each city among itself and its peers, by code; ties share the better rank.

        As on the board, points of cities with other maxima are compared by their share.
        """
        return self._wide(self.groups.ranks(self._here(self.board.ranks)))

    @cached_property
    def counts(self) -> pd.DataFrame:
        """How many of each city and its peers have a score, by code: the n of "2nd of n"."""
        return self._wide(self.groups.counts(~np.isnan(self._here(self.board.points))))

    @cached_property
    def medians(self) -> pd.DataFrame:
        """Median score of each city's peers, itself not among them, by code (in ``shares``)."""
        return self.medians_of(self.board.shares)

    @cached_property
    def value_medians(self) -> pd.DataFrame:
        """Median value of each city's peers, itself not among them, in the indicators' units."""
        return self.medians_of(self.board.measured)

    def medians_of(self, wide: pd.DataFrame) -> pd.DataFrame:
        """Median of each city's peers in a wide table of the board: a row for each city.

        ``wide`` has the rows of ``board.points``; itself is not among a city's peers.
        """
        found = self.groups.medians(self._here(wide))
        return pd.DataFrame(found, index=self._cities_index, columns=wide.columns)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """``board.scores`` of the period with ``peer_rank``, ``peers`` and ``peer_median``.

        ``peers`` counts those of the group that have a score, the city included.
        """
        scores = self.board.scores
        here = scores[scores["period"] == self.period].reset_index(drop=True)
        return here.assign(
            peer_rank=pd.array(self.ranks.to_numpy().ravel()).astype("Int64"),
            peers=pd.array(self.counts.to_numpy().ravel()).astype("Int64"),
            peer_median=self.medians.to_numpy().ravel(),
        )

    def _here(self, wide: pd.DataFrame) -> npt.NDArray[np.float64]:
        return wide.to_numpy(dtype=float)[self.board.by_period[self.period]]

    def _wide(self, table: npt.NDArray[np.float64]) -> pd.DataFrame:
        return pd.DataFrame(table, index=self._cities_index, columns=self.board.points.columns)

    @property
    def _cities_index(self) -> pd.Index[str]:
        return self.cities.rename("city")


def peers(
    board: Scoreboard, by: str | None = AUTO, period: str | int = "latest", *, k: int = NEAREST
) -> Peers | None:
    """Find the peers of each city: those of its kind, or those nearest to it in size.

    Parameters
    ----------
    board : Scoreboard
        The scores of all cities.
    by : str, default ``"auto"``
        A column of cities.csv: of texts, such as ``class`` or ``region``, the peers of a city
        have the same; of numbers, such as ``population``, they are the ``k`` nearest on a log
        scale. ``auto``: as kpi.toml beside the data says, else by ``class`` where that gives at
        least half of the cities a peer and tells any two apart, else by ``population`` where it
        is known for at least half and there are others than the ``k`` nearest, else none.
        ``none`` or None: none.
    period : str or int, default ``"latest"``
        A period of the board; ``latest`` is the last of all.
    k : int, default 8
        How many others are nearest.

    Returns
    -------
    Peers or None
        Codes of the peers by city, with ranks, counts and medians; None without any.

    Raises
    ------
    InputError
        For an unknown period, and for a column that is not there or is empty.
    """
    chosen = board.period(period)
    if k < 1:
        raise InputError(msg("the nearest {k} are none: k must be 1 or more.", k=k))
    if by == AUTO:
        by = board.observations.project.peers or AUTO
    if by is None or by == NONE:
        return None
    return _peers(board, by, chosen, k)


@lru_cache(maxsize=4)
def _peers(board: Scoreboard, by: str, period: str, k: int) -> Peers | None:
    """Make the peers once for all reports that are made one after the other."""
    if by == AUTO:
        return _chosen(board, period, k)
    check_column(board, by)
    return _by_column(board, by, period, k)


def check_column(board: Scoreboard, by: str) -> None:
    """Raise :class:`InputError` for what cannot make peer groups; no more is worked out."""
    if by in (AUTO, NONE):
        return
    columns = [column for column in map(str, board.cities.columns) if _makes_kinds(column)]
    filled = [column for column in columns if _filled(board.cities[column]).any()]
    if by in filled:
        return
    there = ", ".join([*filled, AUTO, NONE])
    if by in columns:
        message = msg(
            "the column '{by}' of the cities is empty, so it makes no peer groups.", by=by
        )
    else:
        message = msg("the cities have no column '{by}' that makes peer groups.", by=by)
    fix = msg("Choose one of: {there}; or fill the column in cities.csv.", there=there)
    raise InputError(Problem(message, f"{did_you_mean(by, filled)} {fix}".strip()))


def _chosen(board: Scoreboard, period: str, k: int) -> Peers | None:
    """By class, else by population, where that says anything of most cities."""
    columns = board.cities.columns
    if CLASS in columns:
        found = _by_column(board, CLASS, period, k)
        kinds = found.kinds[_filled(found.kinds)]
        if found.k is None and kinds.nunique() > 1 and 2 * len(found) >= len(found.cities):
            return found
    if POPULATION in columns:
        found = _by_column(board, POPULATION, period, k)
        if len(found) > k + 1 and 2 * len(found) >= len(found.cities):
            return found
    return None


def _by_column(board: Scoreboard, by: str, period: str, k: int) -> Peers:
    here = board.points.index[board.by_period[period]].get_level_values("city")
    kinds = board.cities[by].reindex(here)
    # What is read as a number is a quantity; whole numbers of one's own are names of kinds.
    amounts = by in NUMBERS or (by not in TEXTS and pd.api.types.is_float_dtype(kinds))
    return Peers(board, period, by, k if amounts else None, kinds)


def _makes_kinds(column: str) -> bool:
    return column not in _NO_KINDS and not column.startswith("name_")


def _filled(kinds: pd.Series[str] | pd.Series[float]) -> pd.Series[bool]:
    """Which cities have something in a column: a missing text is empty, a number NaN."""
    return kinds.notna() & (kinds.astype(str).str.strip() != "")


def explained(found: Peers) -> pd.DataFrame:
    """Share of the differences between cities that goes with what makes their peer groups.

    Parameters
    ----------
    found : Peers
        The peers of the cities; those without a kind do not count.

    Returns
    -------
    DataFrame
        By code: ``cities`` with a score, and ``explained``, the share (0–1) of the variance of
        their scores between kinds, or along a line in the logarithm of the amount; adjusted for
        the number of kinds, and NaN where there are too few cities, or no differences.

    References
    ----------
    Ezekiel, Methods of Correlation Analysis (1930); Kelley, An unbiased correlation ratio
    measure, PNAS 21 (1935).
    """
    shares = found.board.shares
    known = _filled(found.kinds).to_numpy()
    scores = shares.to_numpy(dtype=float)[found.board.by_period[found.period]][known]
    kinds = found.kinds[known]
    if found.k is None:
        design = pd.get_dummies(kinds.astype(str)).to_numpy(dtype=float)
    else:
        design = np.column_stack([np.ones(len(kinds)), np.log(kinds.to_numpy(dtype=float))])
    rows = [_explained(scores[:, at], design) for at in range(scores.shape[1])]
    table = pd.DataFrame(rows, index=shares.columns.rename("code"), columns=["cities", "explained"])
    return table.astype({"cities": int})


def _explained(
    scores: npt.NDArray[np.float64], design: npt.NDArray[np.float64]
) -> tuple[int, float]:
    there = ~np.isnan(scores)
    own, kinds = scores[there], design[there]
    kinds = kinds[:, kinds.any(axis=0)]
    cities, left = len(own), len(own) - kinds.shape[1]
    whole = float(np.sum((own - own.mean()) ** 2)) if cities else 0.0
    if left < 1 or kinds.shape[1] < 2 or whole <= 1e-12 * cities:
        return cities, float("nan")
    fitted = kinds @ np.linalg.lstsq(kinds, own, rcond=None)[0]
    rest = float(np.sum((own - fitted) ** 2))
    return cities, max(0.0, 1 - rest / left * (cities - 1) / whole)


def no_peers(lang: Lang) -> str:
    """Say that nothing makes peer groups."""
    return tr(
        lang,
        "There are no peer groups: neither class nor population says enough of the cities.",
    )


def group_name(found: Peers, city: str, lang: Lang, noun: str = "") -> str:
    """Name the group with which a city is compared: ``class I cities``; '' where it has none.

    Parameters
    ----------
    found : Peers
        The peers of all cities.
    city : str
        The code of the city.
    lang : str
        The language of the reader.
    noun : str, default ``""``
        What a framework calls several of what it scores: provinces, countries; else cities.
    """
    if city not in found:
        return ""
    if found.k is None:
        return cities_of_kind(found.by, found.kinds[city], lang, noun or _cities(lang))
    return _nearest(found.by, len(found[city]), lang, noun or _cities(lang))


def grouping(found: Peers, lang: Lang, noun: str = "") -> str:
    """Say in a sentence who is a peer of whom; arguments as for :func:`group_name`."""
    noun = noun or _cities(lang)
    if found.k is not None:
        group = _nearest(found.by, found.k, lang, noun)
        return tr(lang, "The peers of each are the {group}, on a log scale.", group=group)
    if found.by == CLASS:
        return tr(lang, "The peers of each are the {noun} of the same class.", noun=noun)
    if found.by == REGION:
        return tr(lang, "The peers of each are the {noun} of the same region.", noun=noun)
    return tr(
        lang,
        "The peers of each are the {noun} with the same {column}.",
        noun=noun,
        column=found.by,
    )


def _nearest(by: str, k: int, lang: Lang, noun: str) -> str:
    n = number(k, lang, 0)
    if by == POPULATION:
        return tr(lang, "{n} {noun} nearest by population", n=n, noun=noun)
    if by == AREA:
        return tr(lang, "{n} {noun} nearest by area", n=n, noun=noun)
    return tr(lang, "{n} {noun} nearest by {column}", n=n, noun=noun, column=by)


def _cities(lang: Lang) -> str:
    return tr_in(lang, "what is scored", "cities")
