"""Which weights it would take: for a city to overtake another, to reach a rank, or to lead.

Totals that are arithmetic means are linear in the weights, so each question is a linear
programme, solved exactly or shown to have no answer. The region of weights in which a city
leads generalises the weight stability intervals of Mareschal (1988); the smallest change
that turns a pair round is that of Triantaphyllou and Sánchez, A sensitivity analysis
approach for some deterministic multi-criteria decision making methods (1997).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.inverse.linear_parts import Of, Parts, parts_of
from kpi_lib.analysis.inverse.nearest import Near, Norm, choose, nearest, solve
from kpi_lib.errors import InputError, did_you_mean
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.display import Display, Displayed, Table
from kpi_lib.locale.words import numeral, quantity, word
from kpi_lib.observations.cities import name_of
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
    does; it is false only where the time for a search ran out. ``question`` is what was asked.
    """

    possible: bool
    distance: float
    shares: pd.DataFrame
    weights: Mapping[str, float]
    proven: bool = True
    question: str = ""

    @property
    def data(self) -> pd.DataFrame:
        """The shares, as ``shares`` has them."""
        return self.shares

    def _display(self) -> Display:
        """The question, its answer in a sentence, and the shares that change."""
        if not self.possible:
            return Display(self.question, [msg("No weights do that.")])
        said = msg(
            "The smallest change of weights that does it: {size}.", size=_share_of(self.distance)
        )
        notes = (
            [said]
            if self.proven
            else [said, msg("The search ran out of time: there may be a smaller one.")]
        )
        heads = [
            word("code", message_language()),
            msg("Share now"),
            msg("Share then"),
            msg("Change"),
        ]
        moved = self.shares[self.shares["change"].abs() > _SHOWN]
        return Display(self.question, notes, tables=[_table(heads, moved)])


@dataclass(frozen=True, repr=False)
class LeadRegion(Displayed):
    """The weights by which a city leads (or shares the lead).

    ``extent`` has, by code, the share ``now``, the lowest and the highest share (``low``,
    ``high``) with which it can lead, and ``best``, the shares with the largest lead: ``lead``
    points (0 where it can only share the lead). ``share`` is the part (0–1) of all weights by
    which the city leads, from ``draws`` that fill them evenly. Where no weights do, ``extent``
    and ``lead`` are NaN. ``question`` is what was asked.
    """

    possible: bool
    extent: pd.DataFrame
    lead: float
    share: float
    draws: int
    question: str = ""

    @property
    def data(self) -> pd.DataFrame:
        """The extent, as ``extent`` has it."""
        return self.extent

    def _display(self) -> Display:
        """The question, its answer in sentences, and the extent by code."""
        if not self.possible:
            return Display(self.question, [msg("No weights do that.")])
        said = msg("It leads under {share} of all weights there are.", share=_share_of(self.share))
        heads = [msg("Share now"), msg("Lowest"), msg("Highest"), msg("With the largest lead")]
        heads = [word("code", message_language()), *heads]
        return Display(self.question, [said], tables=[_table(heads, self.extent)])


# Changes of a share that are not shown: rounding of the solver.
_SHOWN = 5e-5


def _table(heads: Sequence[str], shares: pd.DataFrame) -> Table:
    rows = [(str(code), *map(_share_of, row)) for code, *row in shares.itertuples()]
    return Table("", heads, rows, numeric=range(1, len(heads)))


def _share_of(share: float) -> str:
    return quantity(100 * share, "%", message_language(), 1)


def overtake(
    board: Scoreboard,
    city: str,
    other: str,
    *,
    period: str | int = "latest",
    of: Of = "groups",
    norm: Norm = "sum",
    bounds: Bounds | None = None,
) -> WeightChange:
    """Find the smallest change of weights by which a city is ahead of another.

    Parameters
    ----------
    board
        The scores of all cities.
    city, other
        Codes or names.
    period
        A period, or ``latest``: the last one of the board.
    of
        What may change: the weights of the ``groups`` below ``TOTAL``, or the effective weight
        of all ``indicators``. A part without weight keeps none.
    norm
        Whether the ``sum`` of the changes of the shares is to be smallest, or the ``largest``.
    bounds
        The least and the most share (0–1) by code.

    Returns
    -------
    WeightChange
        Every city that has a score keeps it.

    Raises
    ------
    InputError
        Where the total is not linear in the weights: another mean, or cities that lack different
        parts.

    References
    ----------
    Triantaphyllou and Sánchez, A sensitivity analysis approach for some deterministic
    multi-criteria decision making methods (1997).
    """
    parts = parts_of(board, period, of)
    a, b = parts.position(city), parts.position(other)
    if a == b:
        raise InputError(msg("'{city}' cannot overtake itself.", city=city))
    ahead = parts.ahead(a, np.array([b]), _MARGIN)
    near = _near(parts, norm, bounds)
    asked = msg(
        "Which weights put {city} ahead of {other}?",
        city=_name(parts, a),
        other=_name(parts, b),
    )
    return _answer(parts, near, nearest(near, ahead), asked)


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

    Which of the others stay ahead is part of the answer (a mixed-integer programme).

    Parameters
    ----------
    board, city, period, of, norm, bounds
        As for :func:`overtake`. Cities without a score are left aside.
    rank
        The rank to be reached, 1 for the best.
    seconds
        The most time that is spent on searching.

    Returns
    -------
    WeightChange
        Its ``proven`` is false where the time ran out before the smallest was known.

    Raises
    ------
    InputError
        As for :func:`overtake`, and where no answer was found in time.
    """
    parts = parts_of(board, period, of)
    a = parts.position(city)
    if not 1 <= rank <= len(parts.cities):
        raise InputError(
            msg("the rank is {rank}; expected one from 1 to {n}.", rank=rank, n=len(parts.cities))
        )
    near = _near(parts, norm, bounds)
    asked = msg("Which weights give {city} rank {rank}?", city=_name(parts, a), rank=rank)
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
        return _answer(parts, near, None, asked)
    beaten, proven = np.zeros(int(open_.sum()), dtype=bool), True
    if allowed < len(beaten):
        wide = parts.ahead(a, others[open_], _MARGIN_OPEN)
        chosen, proven = choose(near, wide, allowed, seconds)
        if chosen is None:
            return _answer(parts, near, None, asked)
        beaten = chosen
    return _answer(parts, near, nearest(near, ahead[open_][beaten]), asked, proven)


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

    Parameters
    ----------
    board, city, period, of
        As for :func:`overtake`. Cities without a score are left aside.
    draws, seed
        How many weights are drawn, evenly from all there are, to say under what share of them the
        city leads; the seed fixes them.

    Returns
    -------
    LeadRegion
        The lowest and highest share of each part with which the city can lead.

    Raises
    ------
    InputError
        As for :func:`overtake`.

    References
    ----------
    Mareschal, Weight stability intervals in multicriteria decision aid (1988).
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
    asked = msg("Under which weights does {city} lead?", city=_name(parts, a))
    return LeadRegion(best is not None, extent, lead, share, draws, asked)


def _name(parts: Parts, at: int) -> str:
    return name_of(parts.board.observations.places, str(parts.cities[at]), message_language())


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


def _answer(
    parts: Parts, near: Near, shares: Array | None, asked: str, proven: bool = True
) -> WeightChange:
    then = np.full(len(parts.codes), np.nan) if shares is None else shares
    table = pd.DataFrame(
        {"now": parts.now, "then": then, "change": then - parts.now},
        index=pd.Index(parts.codes, name="code"),
    )
    weights = {} if shares is None else parts.weights(shares)
    return WeightChange(shares is not None, near.size(then), table, weights, proven, asked)


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
