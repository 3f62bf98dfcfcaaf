"""What drives a ranking: Sobol indices of the choices behind it.

A first-order index is the share of an output's variance that a choice makes alone, a total
index the share that it makes with all others (Sobol, 2001). Sampling and estimators are
those of Saltelli and others, Variance based sensitivity analysis of model output (2010), as
SALib computes them; confidence intervals are from its bootstrap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.robustness.counts import ranks_of
from kpi_lib.analysis.robustness.draws import Plan, draw, drawn_weights, evaluate, pick, plan_of
from kpi_lib.analysis.robustness.spec import Spec
from kpi_lib.errors import InputError, needs_extra
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import percent
from kpi_lib.scoring.scoreboard import Scoreboard

with needs_extra("sensitivity"):
    from SALib.analyze import sobol as sobol_analysis
    from SALib.sample import sobol as sobol_sample

Array = npt.NDArray[np.float64]
Sides = npt.NDArray[np.bool_]

_RESAMPLES = 200


@dataclass(frozen=True, repr=False)
class Sample(Displayed):
    """A sample in which choices are exchanged one at a time.

    ``uniform`` (rows, choices) holds numbers from 0 to 1. Each base sample has ``choices + 2``
    rows: one from side A, one for each choice in which that choice alone is from side B, and
    one from side B. ``base`` (rows) is the base sample of a row, ``other`` (rows, choices)
    whether a choice is from side B. A choice that is not one number takes a draw of its own
    for each base sample and side.
    """

    uniform: Array
    base: npt.NDArray[np.intp]
    other: Sides


def sobol_design(choices: int, samples: int, seed: int) -> Sample:
    """Sample ``samples`` base points (a power of 2), scrambled with the seed."""
    if samples < 2 or samples & (samples - 1):
        raise InputError(
            msg(
                "there are {samples} samples; expected a power of 2, such as 1024.", samples=samples
            )
        )
    uniform = sobol_sample.sample(
        _problem(choices), samples, calc_second_order=False, scramble=True, seed=seed
    )
    rows = choices + 2
    pattern = np.zeros((rows, choices), dtype=bool)
    pattern[np.arange(1, choices + 1), np.arange(choices)] = True
    pattern[-1] = True
    return Sample(uniform, np.repeat(np.arange(samples), rows), np.tile(pattern, (samples, 1)))


def sobol_indices(outputs: Array, choices: int, seed: int, level: float = 0.95) -> pd.DataFrame:
    """Indices of each choice from the outputs of a :func:`sobol_design`, in its order.

    Columns ``first, first_low, first_high, total, total_low, total_high``; the intervals have
    the confidence ``level`` (0–1). An output that never varies has indices of NaN.
    """
    columns = [f"{kind}{end}" for kind in ("first", "total") for end in ("", "_low", "_high")]
    if np.ptp(outputs) <= 1e-12 * max(1.0, float(np.max(np.abs(outputs)))):
        return pd.DataFrame(np.nan, index=range(choices), columns=columns)
    found = sobol_analysis.analyze(
        _problem(choices),
        outputs,
        calc_second_order=False,
        num_resamples=_RESAMPLES,
        conf_level=level,
        # 0 would stand for no seed.
        seed=seed + 1,
    )
    table = {}
    for kind, key in (("first", "S1"), ("total", "ST")):
        table[kind] = found[key]
        table[f"{kind}_low"] = found[key] - found[f"{key}_conf"]
        table[f"{kind}_high"] = found[key] + found[f"{key}_conf"]
    return pd.DataFrame(table)


def sensitivity(
    board: Scoreboard,
    spec: Spec,
    *,
    samples: int = 1024,
    seed: int = 1,
    period: str | int = "latest",
    cities: Sequence[str] = (),
    level: float = 0.95,
    workers: int = 1,
) -> pd.DataFrame:
    """Say how much of the uncertainty of a ranking each choice makes.

    ``spec`` lists two or more choices (:func:`kpi_lib.analysis.robustness.spec.read_spec`); each is
    one input, however many weights or values it draws. It takes ``samples · (choices + 2)``
    evaluations. Gives a row for each output and choice: ``output`` is ``mean rank shift`` (the mean
    over cities of how far the rank is from the rank as it stands) and for each of ``cities``
    ``rank`` and ``score``; then ``city, choice`` and the columns of :func:`sobol_indices`;
    ``attrs["notes"]`` has sentences on choices that change nothing in this period. An output that
    nothing moves has indices of NaN. The seed fixes every number, whatever the number of
    ``workers``. Raises :class:`InputError` for a choice that cannot be applied, and where a city of
    ``cities`` has no score in some evaluation.
    """
    period = board.period(period)
    plan = plan_of(board, spec, period)
    if len(plan.choices) < 2:
        raise InputError(msg("the shares of one choice are its whole: give two choices or more."))
    cities = [board.unit(city, period)[0] for city in cities]
    design = sobol_design(len(plan.choices), samples, seed)
    at = plan.cities.get_indexer(pd.Index(list(cities)))
    shifts, ranks, scores = _evaluate(plan, design, seed, at, workers)
    outputs: list[tuple[str, str, Array]] = [("mean rank shift", "", shifts)]
    for i, city in enumerate(cities):
        absent = np.isnan(scores[:, i]).mean()
        if absent > 0:
            raise InputError(
                msg(
                    "'{city}' has no score in {absent} of the evaluations (its coverage is "
                    "too low there), so that its indices have no meaning. Leave it out of "
                    "cities.",
                    city=city,
                    absent=percent(absent, message_language()),
                )
            )
        outputs += [("rank", city, ranks[:, i]), ("score", city, scores[:, i])]
    tables = []
    for output, city, values in outputs:
        table = sobol_indices(values, len(plan.choices), seed, level)
        table.insert(0, "choice", [choice.name for choice in plan.choices])
        table.insert(0, "city", city)
        table.insert(0, "output", output)
        tables.append(table)
    found = pd.concat(tables, ignore_index=True)
    found.attrs["notes"] = list(plan.notes)
    return found


def _problem(choices: int) -> dict[str, Any]:
    names = [f"choice {i}" for i in range(choices)]
    return {"num_vars": choices, "names": names, "bounds": [[0.0, 1.0]] * choices}


def _evaluate(
    plan: Plan, design: Sample, seed: int, at: npt.NDArray[np.intp], workers: int
) -> tuple[Array, Array, Array]:
    """Mean rank shift by row, and rank and score of some cities: (rows), (rows, cities) twice."""
    rows = len(plan.choices) + 2
    samples = len(design.base) // rows
    size = max(1, plan.block // rows)
    nominal = ranks_of(plan.nominal[np.newaxis]).astype(float)
    nominal[nominal == 0] = np.nan
    shifts = np.empty(len(design.base))
    ranks = np.empty((len(design.base), len(at)))
    scores = np.empty_like(ranks)

    def work(first: int) -> None:
        count = min(size, samples - first)
        mine = slice(first * rows, (first + count) * rows)
        drawn = _drawn(plan, design, seed, first, count)
        totals = evaluate(plan, drawn, drawn_weights(plan, drawn, count * rows))
        placed = ranks_of(totals).astype(float)
        placed[placed == 0] = np.nan
        apart = np.abs(placed - nominal)
        known = ~np.isnan(apart)
        shifts[mine] = np.where(known, apart, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        ranks[mine], scores[mine] = placed[:, at], totals[:, at]

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(0, samples, size)))
    return shifts, ranks, scores


def _drawn(
    plan: Plan, design: Sample, seed: int, first: int, count: int
) -> Mapping[str, npt.NDArray[Any]]:
    """Draws of the rows of some base samples, from both sides as the design says."""
    rows = len(plan.choices) + 2
    mine = slice(first * rows, (first + count) * rows)
    sides = [draw(plan, seed, (side, first), count) for side in (0, 1)]
    base = design.base[mine] - first
    drawn: dict[str, npt.NDArray[Any]] = {}
    for i, choice in enumerate(plan.choices):
        options = plan.options(choice)
        if options is not None:
            drawn[choice.name] = pick(design.uniform[mine, i], options)
        else:
            other = design.other[mine, i].astype(np.intp)
            both = np.stack([side[choice.name] for side in sides])
            drawn[choice.name] = both[other, base]
    return drawn
