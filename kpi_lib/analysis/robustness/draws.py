"""Evaluations of a scoreboard under drawn weights, methods and data, whole blocks at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.robustness.measurement import (
    drawn_values,
    needs_panel,
    scores_of_draws,
    standard_errors,
)
from kpi_lib.analysis.robustness.scenarios import Picked, Scenario, in_words, scenarios_of
from kpi_lib.analysis.robustness.spec import (
    Choice,
    ErrorChoice,
    JackknifeChoice,
    MethodChoice,
    Spec,
    WeightChoice,
    read_spec,
)
from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.model import TOTAL, Framework, Policy
from kpi_lib.locale.catalogue import msg
from kpi_lib.scoring.ensemble import totals
from kpi_lib.scoring.facts import Facts, facts_of
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.treatment import values_of
from kpi_lib.scoring.tree import Tree, pruned, tree_of

Array = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
Drawn = Mapping[str, npt.NDArray[Any]]
"""What was drawn, by the name of the choice: arrays whose first axis is the draw."""

# Draws in one block: fixed, so that the numbers do not depend on who computes which block.
_BLOCK = 1000

# Normal errors in one block, which bound its memory.
_ERRORS = 2_000_000


@dataclass(frozen=True)
class Plan:
    """A scoreboard, a period, and what is drawn: all that does not change by draw.

    ``nominal`` are the totals as they stand and ``weights`` the weights by node; ``leaves`` are
    those that can be left out. ``values`` are those that are drawn, a row for each ``(city,
    period)``, and ``errors`` their standard errors; both have no rows where none are. ``places``
    has the columns of the cities.
    """

    period: str
    cities: pd.Index[str]
    nominal: Array
    choices: tuple[Choice, ...]
    tree: Tree
    weights: Array
    moved: Mapping[str, Moved]
    leaves: Positions
    scenarios: Mapping[Picked, Scenario]
    values: pd.DataFrame
    errors: Array
    places: pd.DataFrame
    applies: npt.NDArray[np.bool_] | None
    facts: Facts

    @property
    def methods(self) -> tuple[MethodChoice, ...]:
        """The choices of methods, in the order in which ``scenarios`` picks their options."""
        return tuple(choice for choice in self.choices if isinstance(choice, MethodChoice))

    @property
    def block(self) -> int:
        """Draws in one block."""
        width = len(self.errors) * int(self.errors.any(axis=0).sum())
        return max(1, min(_BLOCK, _ERRORS // width)) if width else _BLOCK

    def options(self, choice: Choice) -> int | None:
        """How many options a choice has, None where it draws numbers."""
        if isinstance(choice, MethodChoice):
            return len(choice.among)
        return len(self.leaves) if isinstance(choice, JackknifeChoice) else None


@dataclass(frozen=True)
class Moved:
    """Weights that a choice draws: ``nodes`` among the columns, with the draw's parameter each.

    ``parameters`` are sizes of the noise, or parameters of a Dirichlet distribution.
    """

    nodes: Positions
    parameters: Array


def plan_of(board: Scoreboard, spec: Spec | None, period: str) -> Plan:
    """Check that every choice applies to a board and lay out what the draws need.

    Evaluates each combination of methods once with the weights as they are, so that one that
    cannot be computed is an error before anything is drawn. Raises :class:`InputError` for a
    choice that cannot be applied or could change nothing.
    """
    choices = read_spec(spec)
    period = board.period(period)
    methods = [choice for choice in choices if isinstance(choice, MethodChoice)]
    scenarios = scenarios_of(board, methods, period)
    here = np.asarray(board.values.index.get_level_values("period") == period)
    values, errors = _errors(choices, board, list(scenarios.values()), period)
    tree = tree_of(board.framework)
    weights = np.array([board.weights.get(code, 1.0) for code in tree.codes], dtype=float)
    scored = np.any([scenario.scored for scenario in scenarios.values()], axis=0)
    weights[tree.leaf_nodes[~scored]] = 0.0
    weights = pruned(tree, weights[np.newaxis])[0, 0]
    leaves = np.flatnonzero(_shares(tree, weights) > 0)
    if len(leaves) < 2 and any(isinstance(choice, JackknifeChoice) for choice in choices):
        raise InputError(msg("only one indicator is scored, so that none can be left out."))
    moved = {
        # What nobody asked for may find nothing to draw.
        choice.name: _moved(choice, tree, weights, board.framework, required=spec is not None)
        for choice in choices
        if isinstance(choice, WeightChoice)
    }
    plan = Plan(
        period=period,
        cities=board.values.index[here].get_level_values("city"),
        nominal=board.points.loc[here, TOTAL].to_numpy(dtype=float),
        choices=choices,
        tree=tree,
        weights=weights,
        moved=moved,
        leaves=leaves,
        scenarios=scenarios,
        values=values,
        errors=errors,
        places=board.observations.cities,
        applies=None if board.applies is None else board.applies[here],
        facts=facts_of(board.observations, board.framework, values.index),
    )
    for picked, scenario in scenarios.items():
        _totals_of(plan, picked, scenario, weights[np.newaxis], None)
    return plan


def _errors(
    choices: Sequence[Choice], board: Scoreboard, scenarios: Sequence[Scenario], period: str
) -> tuple[pd.DataFrame, Array]:
    """The values that are drawn and their standard errors; no rows where none are."""
    choice = next((choice for choice in choices if isinstance(choice, ErrorChoice)), None)
    if choice is None:
        return board.values.iloc[:0], np.zeros((0, board.values.shape[1]))
    values = values_of(board.observations, board.framework)
    errors = standard_errors(choice, values, board.framework)
    errors[:, ~np.any([scenario.scored for scenario in scenarios], axis=0)] = 0.0
    rows = np.asarray(values.index.get_level_values("period") == period)
    if not errors[rows].any():
        raise InputError(msg("{name}: no scored value has an error above 0.", name=choice.name))
    if any(needs_panel(scenario.framework) for scenario in scenarios):
        rows = np.ones(len(rows), dtype=bool)
    return values[rows], errors[rows]


def _shares(tree: Tree, weights: Array) -> Array:
    """Whether each leaf counts: the product of the weights on its way to ``TOTAL``."""
    reach = np.ones(len(tree.codes))
    for branch in reversed(tree.branches):
        reach[branch.below] = np.sign(weights[branch.below]) * reach[branch.node]
    return reach[tree.leaf_nodes]


def _moved(
    choice: WeightChoice, tree: Tree, weights: Array, framework: Framework, *, required: bool
) -> Moved:
    """The weights that a choice draws: those of parts that have siblings with weight."""
    nodes: list[int] = []
    parameters: list[float] = []
    reached = set()
    for branch in reversed(tree.branches):
        level = framework.level(branch.code) + 1
        size = choice.size(level)
        below = branch.below[weights[branch.below] > 0]
        if size is None or len(below) < 2:
            continue
        reached.add(level)
        nodes += list(below)
        if choice.draw == "dirichlet":
            shares = weights[below] / weights[below].sum()
            parameters += list(shares * ((len(below) - 1) / size**2 - 1))
        else:
            parameters += [size] * len(below)
    idle = sorted(set(choice.sizes) - reached)
    if idle:
        raise InputError(
            Problem(
                msg(
                    "{name}: at level {idle} no group has two parts with weight, so that no "
                    "weight can be drawn.",
                    name=choice.name,
                    idle=idle[0],
                ),
                msg(
                    "Levels with such groups: {reached}.",
                    reached=", ".join(map(str, sorted(reached))) or "none",
                ),
            )
        )
    if required and not nodes:
        raise InputError(msg("{name}: no group has two parts with weight.", name=choice.name))
    return Moved(np.array(nodes, dtype=np.intp), np.array(parameters))


def draw(plan: Plan, seed: int, key: tuple[int, ...], count: int) -> dict[str, npt.NDArray[Any]]:
    """Draw every choice ``count`` times. The same seed and key give the same draws.

    Each choice has a stream of its own: one more leaves the others' draws as they are.
    """
    drawn: dict[str, npt.NDArray[Any]] = {}
    for i, choice in enumerate(plan.choices):
        stream = np.random.SeedSequence(seed, spawn_key=(*key, i))
        random = np.random.Generator(np.random.PCG64(stream))
        options = plan.options(choice)
        if options is not None:
            drawn[choice.name] = pick(random.random(count), options)
        else:
            drawn[choice.name] = _numbers(plan, choice, random, count)
    return drawn


def pick(uniform: Array, options: int) -> Positions:
    """Map uniform numbers from 0 to 1 to options by equal thresholds."""
    return np.minimum((uniform * options).astype(np.intp), options - 1)


def _numbers(plan: Plan, choice: Choice, random: np.random.Generator, count: int) -> Array:
    if not isinstance(choice, WeightChoice):
        columns = int(plan.errors.any(axis=0).sum())
        return random.standard_normal((count, len(plan.errors), columns))
    moved = plan.moved[choice.name]
    shape = (count, len(moved.nodes))
    if choice.draw == "dirichlet":
        # Gamma variables in proportion are Dirichlet shares (Devroye, 1986, chapter XI.4).
        return random.standard_gamma(moved.parameters, size=shape)
    if choice.draw == "simplex":
        return random.standard_exponential(shape)
    factor = 1 + moved.parameters * (2 * random.random(shape) - 1)
    return plan.weights[moved.nodes] * factor


def weights_of(plan: Plan, drawn: Drawn, count: int) -> Array:
    """Weights by draw, shape ``(draws, nodes)``, in the order of ``plan.tree.codes``."""
    weights = np.repeat(plan.weights[np.newaxis], count, axis=0)
    for choice in plan.choices:
        if isinstance(choice, WeightChoice):
            weights[:, plan.moved[choice.name].nodes] = drawn[choice.name]
        elif isinstance(choice, JackknifeChoice):
            left_out = plan.tree.leaf_nodes[plan.leaves[drawn[choice.name]]]
            weights[np.arange(count), left_out] = 0.0
    return weights


def evaluate(plan: Plan, drawn: Drawn, count: int) -> Array:
    """Give ``TOTAL`` of each city in each draw, shape ``(draws, cities)``, NaN where none.

    Raises :class:`InputError` where a method cannot take a drawn value or score.
    """
    weights = weights_of(plan, drawn, count)
    normal = next((drawn[c.name] for c in plan.choices if isinstance(c, ErrorChoice)), None)
    if not plan.methods:
        return _totals_of(plan, (), plan.scenarios[()], weights, normal)
    picked = np.column_stack([drawn[choice.name] for choice in plan.methods])
    combinations, which = np.unique(picked, axis=0, return_inverse=True)
    result = np.empty((count, len(plan.cities)))
    for i, combination in enumerate(combinations):
        rows = np.flatnonzero(which == i)
        key = tuple(int(option) for option in combination)
        part = None if normal is None else normal[rows]
        result[rows] = _totals_of(plan, key, plan.scenarios[key], weights[rows], part)
    return result


def _totals_of(
    plan: Plan, picked: Picked, scenario: Scenario, weights: Array, normal: Array | None
) -> Array:
    framework = scenario.framework
    if not scenario.scored.all():
        weights = weights.copy()
        weights[:, plan.tree.leaf_nodes[~scenario.scored]] = 0.0
    counts = pruned(plan.tree, weights, plan.applies)
    try:
        counted = scenario.counted
        if normal is not None:
            drawn = drawn_values(plan.values, plan.errors, normal, framework.indicators)
            rows = plan.values.index
            scores = scores_of_draws(drawn, rows, framework, plan.period, plan.places, plan.facts)
            counted = _filled(scores, framework.missing.policy)
        return totals(
            plan.tree,
            counted,
            scenario.known,
            counts,
            scenario.methods,
            framework.missing,
            plan.applies,
        )
    except InputError as error:
        raise in_words(error, plan.methods, picked) from None


def _filled(scores: Array, policy: Policy) -> Array:
    """Fill missing scores by the policy, within each draw: ``(draws, cities, leaves)``."""
    if policy == "zero":
        return np.nan_to_num(scores, nan=0.0)
    if policy == "worst":
        worst = np.fmin.reduce(scores, axis=1, keepdims=True)
        return np.where(np.isnan(scores), worst, scores)
    return scores
