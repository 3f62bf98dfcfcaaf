"""The nearest weights that satisfy linear conditions, or all but some of them.

A condition is a row r with ``r · x <= 0``, where x are shares that sum to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize

from kpi_lib.errors import InputError, Problem
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import numeral

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Norm = Literal["sum", "largest"]

# To which conditions hold, far within any margin that a question asks for.
_TOLERANCE = 1e-10

# Draws of shares among which a first answer is looked for, and how many of them are improved.
_GUESSES = 4000
_IMPROVED = 3


@dataclass(frozen=True, repr=False)
class Near(Displayed):
    """What is near: the shares ``now``, and how the change of them is measured.

    ``norm`` is the ``sum`` of the changes or the ``largest`` of them. ``kept`` are conditions
    that always hold, shape ``(conditions, shares)``; ``limits`` the least and the most share.
    """

    now: Array
    kept: Array
    norm: Norm
    limits: tuple[tuple[float, float], ...]

    def size(self, shares: Array) -> float:
        """How far shares are from what they are now."""
        change = np.abs(shares - self.now)
        return float(change.sum() if self.norm == "sum" else change.max())

    def reach(self, rows: Array) -> Array:
        """The most that a change of size 1 can do to ``rows @ shares``."""
        if self.norm == "sum":
            # What leaves one share goes to another, and counts twice.
            reach = (rows.max(axis=1) - rows.min(axis=1)) / 2
        else:
            reach = np.abs(rows - np.median(rows, axis=1, keepdims=True)).sum(axis=1)
        return np.asarray(reach, dtype=np.float64)


def solve(
    cost: Array,
    inequalities: Array,
    ends: Array,
    equality: Array,
    bounds: Sequence[tuple[float, float | None]],
) -> Array | None:
    """Solve a linear programme whose only equality is to 1; None where nothing is feasible."""
    solved = optimize.linprog(
        cost,
        A_ub=inequalities,
        b_ub=ends,
        A_eq=equality,
        b_eq=[1.0],
        bounds=bounds,
        method="highs",
        options={"primal_feasibility_tolerance": _TOLERANCE},
    )
    if solved.status == 2:
        return None
    if solved.status != 0 or solved.x is None:
        raise RuntimeError(
            msg("the linear programme was not solved: {message}", message=solved.message)
        )
    return np.asarray(solved.x, dtype=np.float64)


def nearest(near: Near, rows: Array) -> Array | None:
    """Give the nearest shares for which ``rows @ shares <= 0``, or None where there are none."""
    found = solve(*_programme(near, rows))
    if found is None:
        return None
    shares = np.clip(found[: len(near.now)], 0.0, 1.0)
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def choose(near: Near, rows: Array, allowed: int, seconds: float) -> tuple[Bools | None, bool]:
    """Choose which rows to satisfy when all but ``allowed`` must be, to stay nearest.

    Gives None where it cannot be, and whether that, or that nothing is nearer, is proven: the
    search stops after so many ``seconds``. Raises :class:`InputError` where nothing is found
    by then.
    """
    guess = _guess(near, rows, allowed)
    most = np.inf if guess is None else near.size(guess) + 1e-9
    value, reach = rows @ near.now, near.reach(rows)
    # Within that size these rows hold, and those cannot.
    satisfied: Bools = value + most * reach <= 0 if np.isfinite(most) else np.all(rows <= 0, axis=1)
    never = value - most * reach > 0 if np.isfinite(most) else np.all(rows > 0, axis=1)
    open_ = ~satisfied & ~never
    left = allowed - int(never.sum())
    found, proven = _search(near, rows[open_], left, most, seconds)
    if found is not None:
        satisfied[open_] = found
        if proven:
            return satisfied, True
        best = nearest(near, rows[satisfied])
        guess = guess if best is None else _improve(near, rows, allowed, best)
    if guess is not None:
        return rows @ guess <= _TOLERANCE, False
    if proven:
        return None, True
    raise InputError(
        Problem(
            msg("no answer was found in {seconds} seconds.", seconds=numeral(seconds)),
            msg("Ask for a rank nearer to the present one, or give it more seconds."),
        )
    )


def _programme(
    near: Near, rows: Array
) -> tuple[Array, Array, Array, Array, list[tuple[float, float | None]]]:
    """Cost, inequalities, their ends, equality and bounds of the smallest change.

    Variables are the shares, and by how much each is away from what it is now; with the norm
    ``largest`` these share one bound, the last variable.
    """
    count = len(near.now)
    eye = np.eye(count)
    extra = count if near.norm == "sum" else 1
    away = eye if near.norm == "sum" else np.ones((count, 1))
    rows = np.vstack([rows, near.kept])
    inequalities = np.block([[rows, np.zeros((len(rows), extra))], [eye, -away], [-eye, -away]])
    ends = np.concatenate([np.zeros(len(rows)), near.now, -near.now])
    cost = np.concatenate([np.zeros(count), np.ones(extra)])
    equality = np.concatenate([np.ones(count), np.zeros(extra)])[np.newaxis]
    bounds: list[tuple[float, float | None]] = [*near.limits, *([(0.0, None)] * extra)]
    return cost, inequalities, ends, equality, bounds


def _guess(near: Near, rows: Array, allowed: int) -> Array | None:
    """Shares that satisfy all but ``allowed`` rows, near but not always nearest."""
    reach = np.maximum(near.reach(rows), 1e-300)
    easiest = np.argsort(rows @ near.now / reach, kind="stable")[: len(rows) - allowed]
    starts = [nearest(near, rows[easiest])]
    random = np.random.Generator(np.random.PCG64(1))
    # Some of them near to what they are now and some far, some even and some to one side.
    evenness = np.repeat([1.0, 0.3], _GUESSES // 2)[:, np.newaxis]
    gamma = random.standard_gamma(np.broadcast_to(evenness, (_GUESSES, len(near.now)))) + 1e-300
    drawn = gamma / gamma.sum(axis=1, keepdims=True)
    drawn = near.now + random.random((_GUESSES, 1)) * (drawn - near.now)
    fit = ((drawn @ rows.T > 0).sum(axis=1) <= allowed) & np.all(drawn @ near.kept.T <= 0, axis=1)
    low, high = np.array(near.limits).T
    fit &= np.all((drawn >= low) & (drawn <= high), axis=1)
    sizes = np.array([near.size(shares) for shares in drawn[fit]])
    starts += list(drawn[fit][np.argsort(sizes)[:_IMPROVED]])
    improved = [_improve(near, rows, allowed, start) for start in starts if start is not None]
    return min(improved, key=near.size, default=None)


def _improve(near: Near, rows: Array, allowed: int, shares: Array) -> Array:
    """Go back towards what the shares are now as long as enough rows are satisfied."""
    value = rows @ near.now
    while True:
        moved = rows @ shares - value
        with np.errstate(divide="ignore", invalid="ignore"):
            turns = -value / moved
        steps = np.append(np.sort(turns[(turns > 0) & (turns < 1)]), 1.0)
        # Just beyond each turn; rows that are level hold.
        open_rows = (value + np.outer(steps * (1 + 1e-12), moved) > 1e-12).sum(axis=1)
        at = int(np.argmax(open_rows <= allowed))
        if open_rows[at] > allowed:
            return shares
        holds = value + steps[at] * (1 + 1e-12) * moved <= 1e-12
        closer = nearest(near, rows[holds])
        if closer is None or near.size(closer) >= near.size(shares) - 1e-9:
            return shares
        shares = closer


def _search(
    near: Near, rows: Array, allowed: int, most: float, seconds: float
) -> tuple[Bools | None, bool]:
    """The mixed-integer programme of :func:`choose`, for changes of ``most`` at most."""
    cost, inequalities, ends, equality, bounds = _programme(near, rows[:0])
    count, free = len(rows), len(cost)
    padding = np.zeros((count, free - rows.shape[1]))
    # A row that is not satisfied is at most this.
    top = rows.max(axis=1)
    if np.isfinite(most):
        top = np.minimum(top, rows @ near.now + most * near.reach(rows))
    freed = np.hstack([rows, padding, -np.diag(top)])
    whole = np.zeros((1, count))
    constraints = [
        optimize.LinearConstraint(freed, -np.inf, 0.0),
        optimize.LinearConstraint(
            np.hstack([inequalities, np.zeros((len(ends), count))]), -np.inf, ends
        ),
        optimize.LinearConstraint(np.hstack([equality, whole]), 1.0, 1.0),
        optimize.LinearConstraint(np.hstack([cost[np.newaxis], whole]), -np.inf, most),
        optimize.LinearConstraint(np.hstack([np.zeros((1, free)), whole + 1]), 0, allowed),
    ]
    lows = [low for low, _ in bounds] + [0.0] * count
    highs = [np.inf if high is None else high for _, high in bounds] + [1.0] * count
    solved = optimize.milp(
        np.concatenate([cost, whole[0]]),
        constraints=constraints,
        bounds=optimize.Bounds(lows, highs),
        integrality=np.concatenate([np.zeros(free), np.ones(count)]),
        options={"mip_rel_gap": 1e-6, "time_limit": seconds},
    )
    if solved.x is not None:
        satisfied: Bools = solved.x[free:] < 0.5
        return satisfied, solved.status == 0
    if solved.status not in {1, 2}:
        raise RuntimeError(
            msg("the mixed-integer programme was not solved: {message}", message=solved.message)
        )
    return None, solved.status == 2
