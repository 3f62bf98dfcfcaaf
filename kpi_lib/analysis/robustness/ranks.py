"""How sure a rank is: ranks of cities when weights, methods and data are drawn.

Saisana, Saltelli and Tarantola, Uncertainty and sensitivity analysis techniques as tools for
the quality assessment of composite indicators (2005); *Handbook on Constructing Composite
Indicators* (OECD and JRC, 2008), section 1.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.groups import Groups
from kpi_lib.analysis.peers import peers as peers_of
from kpi_lib.analysis.robustness.counts import RankCounts, Ranks, ranks_of
from kpi_lib.analysis.robustness.draws import (
    Plan,
    draw,
    drawn_weights,
    evaluate,
    plan_of,
    weights_of,
)
from kpi_lib.analysis.robustness.spec import Choice, Spec, WeightChoice, noise_spec
from kpi_lib.analysis.robustness.spec_faults import NoiseOn
from kpi_lib.analysis.robustness.weights import WeightSpan
from kpi_lib.analysis.robustness.words import shown
from kpi_lib.errors import InputError, expected
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.scoring.ensemble import effective_weights
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.tree import pruned

__all__ = ["RankUncertainty", "rank_interval", "rank_uncertainty", "weight_draws"]

Array = npt.NDArray[np.float64]

DRAWS = 10_000
"""Draws where no other number is asked for: the same everywhere, so that shares agree."""


@dataclass(frozen=True, repr=False)
class RankUncertainty(Displayed):
    """Ranks of the cities of one period over many draws.

    ``ranks``, by city: ``rank`` as it stands (best is 1), ``low``, ``median`` and ``high``
    (``level`` of the draws are from low to high), ``mean``, ``p_same`` (share of the draws with
    the rank as it stands) and ``scored`` (share with a score at all; the other columns are of
    these). ``beats``: the share of draws in which the city of the row ranks better than that of
    the column, of those in which both have a score; ties count for neither; empty where pairs
    were not asked for. ``absent`` are cities without data in the period. ``weights``, by
    indicator: its effective ``weight`` (its share of all weight, 0–1) and the ``least`` and
    ``most`` of it in the draws. ``notes`` are sentences on choices that change nothing in this
    period. ``within``: as ``ranks``, of the rank of each city that has peers among itself and
    these, with ``peers``, how many of them have a score as it stands; None without peers.
    ``demo`` says that the figures are made up.
    """

    period: str
    draws: int
    seed: int
    level: float
    choices: tuple[Choice, ...]
    ranks: pd.DataFrame
    beats: pd.DataFrame
    weights: pd.DataFrame
    absent: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    within: pd.DataFrame | None = None
    demo: bool = False
    _counts: RankCounts = field(default_factory=lambda: RankCounts(0))

    def _display(self) -> Display:
        return shown(self)

    @property
    def moves(self) -> bool:
        """Whether any rank is another in any draw than it is as it stands."""
        ranked = self.ranks["rank"].notna()
        stays = self.ranks.loc[ranked, ["p_same", "scored"]].eq(1).all(axis=None)
        return bool(not stays or self.ranks.loc[~ranked, "scored"].any())

    @property
    def weight_ratios(self) -> tuple[float, float] | None:
        """How far effective weights go in the draws, in times their own; None if none moves."""
        return weight_ratios(self.weights)

    def top(self, n: int) -> pd.Series[float]:
        """Probability that each city is among the best ``n``: a share (0–1) of all draws."""
        if n < 1:
            raise InputError(msg("the best {n} are none: n must be 1 or more.", n=n))
        share = self._counts.ranks[:, 1 : n + 1].sum(axis=1) / self.draws
        return pd.Series(share, index=self.ranks.index, name=f"top {n}")

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Draws by city and rank."""
        ranks = pd.RangeIndex(1, len(self.ranks) + 1, name="rank")
        return pd.DataFrame(self._counts.ranks[:, 1:].toarray(), self.ranks.index, ranks)


def weight_ratios(weights: pd.DataFrame) -> tuple[float, float] | None:
    """Least and most effective weight in draws, in times their own; None if none moves.

    ``weights`` is as in :class:`RankUncertainty`.
    """
    ratios = weights[["least", "most"]].div(weights["weight"], axis=0)
    least, most = ratios["least"].min(), ratios["most"].max()
    # What is not drawn is its own weight but for rounding.
    return (float(least), float(most)) if most - least > 1e-9 else None


def rank_uncertainty(
    board: Scoreboard,
    draws: int = DRAWS,
    seed: int = 1,
    spec: Spec | None = None,
    *,
    period: str | int = "latest",
    level: float = 0.9,
    workers: int = 1,
    noise: NoiseOn | None = None,
    peers: str | None = None,
    pairs: bool = True,
) -> RankUncertainty:
    """Rank the cities of one period under many draws of what is uncertain.

    ``spec`` lists the choices that are drawn (:func:`kpi_lib.analysis.robustness.spec.read_spec`);
    without it, those of the board, else each weight by up to ±25 % relative to its siblings, or
    with ``noise`` set to ``effective`` the effective weight of each indicator by up to ±25 %.
    ``period`` ``latest`` is the last one of the board; cities without data in it are ``absent``.
    ``level`` is the share of draws within the interval (0–1), the rest in equal parts on both
    sides. The seed fixes every number, whatever the number of ``workers`` (threads). With
    ``peers``, a column of cities.csv or ``auto`` (:func:`kpi_lib.analysis.peers.peers`), cities
    are ranked among their peers as well. ``pairs`` asks who beats whom, which takes seconds and
    memory with the square of the number of cities. Raises :class:`InputError` for a choice that
    cannot be applied.
    """
    period = board.period(period)
    found = peers_of(board, peers, period)
    plan = plan_of(board, noise_spec(spec, noise), period)
    groups = None if found is None else found.groups
    tally = _count(plan, draws, seed, workers, pairs=pairs, groups=groups)
    counts, cities = tally.ranks, plan.cities
    within = None
    if found is not None and tally.within is not None:
        nominal = _within(found.groups, _nominal(plan))
        scored = pd.array(found.counts[TOTAL].to_numpy()).astype("Int64")
        within = _table(plan, nominal, tally.within, level).assign(peers=scored)
        within = within[found.groups.grouped]
    with np.errstate(invalid="ignore", divide="ignore"):
        beats = counts.wins / counts.met
    np.fill_diagonal(beats, np.nan)
    of_pairs = cities if pairs else cities[:0]
    there = set(cities)
    return RankUncertainty(
        period=period,
        draws=draws,
        seed=seed,
        level=level,
        choices=plan.choices,
        ranks=_table(plan, _nominal(plan), counts, level),
        beats=pd.DataFrame(beats, index=of_pairs, columns=of_pairs.rename("other")),
        weights=_weights(plan, tally.span),
        notes=plan.notes,
        absent=tuple(city for city in board.latest if city not in there),
        within=within,
        demo=board.observations.demo,
        _counts=counts,
    )


def rank_interval(
    board: Scoreboard,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    spec: Spec | None = None,
    period: str | int = "latest",
    level: float = 0.9,
    workers: int = 1,
    noise: NoiseOn | None = None,
) -> pd.DataFrame:
    """``rank, low, high, p_same`` by city, as :func:`rank_uncertainty` gives them, and no more.

    The arguments are those of :func:`rank_uncertainty`.
    ``attrs["weights"]`` has the :attr:`RankUncertainty.weight_ratios`, None where no weight
    moves.
    """
    plan = plan_of(board, noise_spec(spec, noise), board.period(period))
    tally = _count(plan, draws, seed, workers, pairs=False)
    table = _table(plan, _nominal(plan), tally.ranks, level)[["rank", "low", "high", "p_same"]]
    table.attrs["weights"] = weight_ratios(_weights(plan, tally.span))
    return table


def weight_draws(
    board: Scoreboard,
    draws: int,
    seed: int = 1,
    spec: Spec | None = None,
    *,
    period: str | int = "latest",
) -> pd.DataFrame:
    """The relative weights that :func:`rank_uncertainty` draws: a row for each, by code."""
    period = board.period(period)
    plan = plan_of(board, spec, period)
    _check(draws, 0.5, 1, seed)
    blocks = [
        weights_of(plan, draw(plan, seed, (block,), count), count)
        for block, count in enumerate(_blocks(plan, draws))
    ]
    return pd.DataFrame(np.vstack(blocks), columns=list(plan.tree.codes)).iloc[:, 1:]


def _check(draws: int, level: float, workers: int, seed: int = 1) -> None:
    for name, given in (("draws", draws), ("workers", workers), ("seed", seed)):
        if not isinstance(given, int | np.integer):
            raise expected(given, msg("a whole number"), name)
    if not isinstance(level, int | float | np.number):
        raise expected(level, msg("a share between 0 and 1"), "level")
    if draws < 1:
        raise InputError(msg("{draws} draws tell nothing: draws must be 1 or more.", draws=draws))
    if not 0 < level < 1:
        raise InputError(
            msg("the level is {level}; expected a share between 0 and 1.", level=format(level, "g"))
        )
    if workers < 1:
        raise InputError(msg("there are {workers} workers; expected 1 or more.", workers=workers))


def _blocks(plan: Plan, draws: int) -> list[int]:
    """Draws in each block; all blocks but the last are full."""
    full, rest = divmod(draws, plan.block)
    return [plan.block] * full + ([rest] if rest else [])


@dataclass(repr=False)
class _Tally(Displayed):
    """What is counted over draws: ranks among all and among peers, and how far weights go."""

    ranks: RankCounts
    within: RankCounts | None
    span: WeightSpan

    def merge(self, other: _Tally) -> None:
        self.ranks.merge(other.ranks)
        self.span.merge(other.span)
        if self.within is not None and other.within is not None:
            self.within.merge(other.within)


def _count(
    plan: Plan, draws: int, seed: int, workers: int, *, pairs: bool, groups: Groups | None = None
) -> _Tally:
    """Count ranks block by block. Counts are whole numbers: their sum has no order."""
    _check(draws, 0.5, workers, seed)
    blocks = list(enumerate(_blocks(plan, draws)))
    cities = len(plan.cities)
    moved = any(isinstance(choice, WeightChoice) for choice in plan.choices)

    def work(mine: Sequence[tuple[int, int]]) -> _Tally:
        within = None if groups is None else RankCounts(cities, pairs=False)
        span = WeightSpan(_effective(plan, plan.weights[np.newaxis]))
        tally = _Tally(RankCounts(cities, pairs), within, span)
        for block, count in mine:
            drawn = draw(plan, seed, (block,), count)
            weights = drawn_weights(plan, drawn, count)
            ranks = ranks_of(evaluate(plan, drawn, weights))
            tally.ranks.add(ranks)
            if groups is not None and tally.within is not None:
                tally.within.add(_within(groups, ranks))
            if moved:
                tally.span.add(_effective(plan, weights))
        return tally

    if workers == 1:
        return work(blocks)
    with ThreadPoolExecutor(workers) as pool:
        first, *others = pool.map(work, (blocks[i::workers] for i in range(workers)))
    for other in others:
        first.merge(other)
    return first


def _within(groups: Groups, ranks: Ranks) -> Ranks:
    """Ranks among peers from ranks among all, both of shape ``(draws, cities)`` and 0 for none."""
    among_all = np.where(ranks > 0, ranks, np.nan).T
    return np.nan_to_num(groups.ranks(among_all)).T.astype(ranks.dtype)


def _nominal(plan: Plan) -> Ranks:
    """Ranks as they stand, as of one draw."""
    return ranks_of(plan.nominal[np.newaxis])


def _effective(plan: Plan, weights: Array) -> Array:
    return effective_weights(plan.tree, pruned(plan.tree, weights)[:, 0])


def _weights(plan: Plan, span: WeightSpan) -> pd.DataFrame:
    weight = _effective(plan, plan.weights[np.newaxis])[0]
    counts = weight > 0
    return pd.DataFrame(
        {"weight": weight[counts], "least": span.least[counts], "most": span.most[counts]},
        index=pd.Index(plan.tree.leaf_codes, name="code")[counts],
    )


def _table(plan: Plan, as_it_stands: Ranks, counts: RankCounts, level: float) -> pd.DataFrame:
    _check(1, level, 1)
    nominal = np.where(as_it_stands[0] > 0, as_it_stands[0], np.nan)
    cities = len(plan.cities)
    scored = counts.scored
    at = np.where(np.isnan(nominal), 0, nominal).astype(int)
    same = np.where(at > 0, counts.of_rank(at), 0)
    some = np.where(scored > 0, scored, np.nan)
    table = pd.DataFrame(
        {
            "rank": nominal,
            "low": counts.quantile((1 - level) / 2),
            "median": counts.quantile(0.5),
            "high": counts.quantile((1 + level) / 2),
            "mean": counts.ranks[:, 1:] @ np.arange(1, cities + 1) / some,
            "p_same": same / some,
            "scored": scored / counts.draws,
        },
        index=plan.cities.rename("city"),
    )
    return table.astype(dict.fromkeys(["rank", "low", "median", "high"], "Int64"))
