"""Which weights it would take: for a city to overtake another, to reach a rank, or to lead.

Totals that are arithmetic means are linear in the weights, so each question is a linear
programme, solved exactly or shown to have no answer. The region of weights in which a city
leads generalises the weight stability intervals of Mareschal (1988); the smallest change
that turns a pair round is that of Triantaphyllou and Sánchez, A sensitivity analysis
approach for some deterministic multi-criteria decision making methods (1997).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.inverse.linear_parts import Of, Parts, parts_of
from kpi_lib.analysis.inverse.nearest import Near, Norm, choose, nearest, solve
from kpi_lib.errors import InputError, did_you_mean
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import numeral
from kpi_lib.scoring.scoreboard import Scoreboard

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Bounds = Mapping[str, tuple[float, float]]

# By how much one city must be ahead of another, as a share of the range of scores, so that no
# rounding makes a tie of it; and while it is open which cities to overtake, which is solved to
# whole numbers within 1e-6.
_MARGIN = 1e-6
_MARGIN_OPEN = 3e-6


# Draws of weights that are compared with all cities at once.
_BLOCK = 1000


@dataclass(frozen=True, repr=False)
class WeightChange(Displayed):
    """The smallest change of weights that answers a question, if any weights do.

    ``distance`` is the sum of the changes, or the largest of them, NaN where no weights do.
    ``shares`` has, by code, the share ``now``, the share ``then`` and the ``change``; the
    shares are of ``TOTAL`` and sum to 1. ``weights`` are relative weights for
    :func:`kpi_lib.score`, empty where no weights do. ``proven`` says that nothing smaller
    does; it is false only where the time for a search ran out.
    """

    possible: bool
    distance: float
    shares: pd.DataFrame
    weights: Mapping[str, float]
    proven: bool = True


@dataclass(frozen=True, repr=False)
class LeadRegion(Displayed):
    """The weights by which a city leads (or shares the lead).

    ``extent`` has, by code, the share ``now``, the lowest and the highest share (``low``,
    ``high``) with which it can lead, and ``best``, the shares with the largest lead: ``lead``
    points (0 where it can only share the lead). ``share`` is the part (0–1) of all weights by
    which the city leads, from ``draws`` that fill them evenly. Where no weights do, ``extent``
    and ``lead`` are NaN.
    """

    possible: bool
    extent: pd.DataFrame
    lead: float
    share: float
    draws: int


def overtake(
    board: Scoreboard,
    city: str,
    rival: str,
    *,
    period: str | int = "latest",
    of: Of = "groups",
    norm: Norm = "sum",
    bounds: Bounds | None = None,
) -> WeightChange:
    """Find the smallest change of weights by which a city is ahead of a rival.

    ``of`` is what may change: the weights of the groups below ``TOTAL``, or the effective
    weight of every indicator. ``norm`` measures the change of the shares by their ``sum`` or
    by the ``largest``. ``bounds`` holds the least and the most share (0–1) by code. A part
    without weight keeps none, and every city that has a score keeps it. Raises
    :class:`InputError` where the total is not linear in the weights: another mean, or cities
    that lack different parts.
    """
    parts = parts_of(board, period, of)
    a, b = parts.position(city), parts.position(rival)
    if a == b:
        raise InputError(msg("'{city}' cannot overtake itself.", city=city))
    ahead = parts.ahead(a, np.array([b]), _MARGIN)
    near = _near(parts, norm, bounds)
    return _answer(parts, near, nearest(near, ahead))


def reach_rank(
    board: Scoreboard,
    city: str,
    rank: int,
    *,
    period: str | int = "latest",
    of: Of = "groups",
    norm: Norm = "sum",
    bounds: Bounds | None = None,
    seconds: float = 60.0,
) -> WeightChange:
    """Find the smallest change of weights by which a city has a rank or a better one.

    Arguments and errors as for :func:`overtake`. Cities without a score are left aside. Which
    of the others stay ahead is part of the answer (a mixed-integer programme), for which it
    searches so many ``seconds`` at most. Raises :class:`InputError` where it finds none in
    that time.
    """
    parts = parts_of(board, period, of)
    a = parts.position(city)
    if not 1 <= rank <= len(parts.cities):
        raise InputError(
            msg("the rank is {rank}; expected one from 1 to {n}.", rank=rank, n=len(parts.cities))
        )
    near = _near(parts, norm, bounds)
    # Who has the same score in every part is level whatever the weights, and takes no rank away.
    others = np.flatnonzero(~np.all(parts.level(a), axis=1))
    ahead = parts.ahead(a, others, _MARGIN)
    there = ~np.isnan(parts.scores[a])
    # The shares sum to 1: these rows hold, or fail, whatever they are.
    always = (ahead[:, there] <= 0).all(axis=1)
    never = (ahead[:, there] > 0).all(axis=1)
    open_ = ~always & ~never
    allowed = rank - 1 - int(never.sum())
    if allowed < 0:
        return _answer(parts, near, None)
    beaten, proven = np.zeros(int(open_.sum()), dtype=bool), True
    if allowed < len(beaten):
        wide = parts.ahead(a, others[open_], _MARGIN_OPEN)
        chosen, proven = choose(near, wide, allowed, seconds)
        if chosen is None:
            return _answer(parts, near, None)
        beaten = chosen
    return _answer(parts, near, nearest(near, ahead[open_][beaten]), proven)


def lead_region(
    board: Scoreboard,
    city: str,
    *,
    period: str | int = "latest",
    of: Of = "groups",
    draws: int = 10_000,
    seed: int = 1,
) -> LeadRegion:
    """Find the weights by which a city is ahead of, or level with, every other city.

    Arguments and errors as for :func:`overtake`. Cities without a score are left aside.
    """
    parts = parts_of(board, period, of)
    a = parts.position(city)
    others = np.delete(np.arange(len(parts.cities)), a)
    if not len(others):
        raise InputError(
            msg("'{city}' is the only city with a total, so that it leads nobody.", city=city)
        )
    rows = np.vstack([parts.ahead(a, others, 0.0), parts.kept])
    count = len(parts.codes)
    ends = np.full((count, 2), np.nan)
    best = _largest_lead(rows, len(others))
    lead = float("nan") if best is None else parts.lead(a, others, best)
    if best is not None:
        for i in range(count):
            for j, sign in enumerate((1.0, -1.0)):
                cost = np.zeros(count)
                cost[i] = sign
                found = solve(
                    cost, rows, np.zeros(len(rows)), np.ones((1, count)), [(0.0, 1.0)] * count
                )
                ends[i, j] = best[i] if found is None else np.clip(found[i], 0, 1)
    extent = pd.DataFrame(
        {
            "now": parts.now,
            "low": ends[:, 0],
            "high": ends[:, 1],
            "best": np.full(count, np.nan) if best is None else best,
        },
        index=pd.Index(parts.codes, name="code"),
    )
    share = _share(rows, count, draws, seed) if best is not None else 0.0
    return LeadRegion(best is not None, extent, lead, share, draws)


def _near(parts: Parts, norm: Norm, bounds: Bounds | None) -> Near:
    """How near shares are to those of now, and within which limits they are to stay."""
    if norm not in {"sum", "largest"}:
        raise InputError(msg("'norm' is {norm}; expected sum or largest.", norm=repr(norm)))
    limits = dict.fromkeys(parts.codes, (0.0, 1.0))
    for code, (low, high) in (bounds or {}).items():
        if code not in limits:
            raise InputError(
                msg(
                    "bounds are given for '{code}', whose weight is not asked for. {hint} "
                    "Parts: {limits}.",
                    code=code,
                    hint=did_you_mean(code, limits),
                    limits=", ".join(limits),
                )
            )
        if not 0 <= low <= high <= 1:
            raise InputError(
                msg(
                    "the bounds of '{code}' are {low} and {high}; expected shares.",
                    code=code,
                    low=numeral(low),
                    high=numeral(high),
                )
            )
        limits[code] = (low, high)
    return Near(parts.now, parts.kept, norm, tuple(limits.values()))


def _answer(parts: Parts, near: Near, shares: Array | None, proven: bool = True) -> WeightChange:
    then = np.full(len(parts.codes), np.nan) if shares is None else shares
    table = pd.DataFrame(
        {"now": parts.now, "then": then, "change": then - parts.now},
        index=pd.Index(parts.codes, name="code"),
    )
    weights = {} if shares is None else parts.weights(shares)
    return WeightChange(shares is not None, near.size(then), table, weights, proven)


def _largest_lead(rows: Array, rivals: int) -> Array | None:
    """The shares by which the smallest of some rivals' distances is largest, None if below 0."""
    count = rows.shape[1]
    slack = np.concatenate([np.ones(rivals), np.zeros(len(rows) - rivals)])[:, np.newaxis]
    found = solve(
        np.concatenate([np.zeros(count), [-1.0]]),
        np.hstack([rows, slack]),
        np.zeros(len(rows)),
        np.concatenate([np.ones(count), [0.0]])[np.newaxis],
        [*([(0.0, 1.0)] * count), (0.0, 1.0)],
    )
    return None if found is None else np.clip(found[:count], 0.0, 1.0)


def _share(rows: Array, count: int, draws: int, seed: int) -> float:
    """The part of all weights, which ``draws`` fill evenly, for which ``rows @ shares <= 0``."""
    if draws < 1:
        raise InputError(msg("{draws} draws tell nothing: draws must be 1 or more.", draws=draws))
    random = np.random.Generator(np.random.PCG64(seed))
    inside = 0
    for start in range(0, draws, _BLOCK):
        shares = random.dirichlet(np.ones(count), size=min(_BLOCK, draws - start))
        inside += int(np.all(shares @ rows.T <= 1e-9, axis=1).sum())
    return inside / draws
