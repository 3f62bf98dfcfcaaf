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
    spec_of,
)
from kpi_lib.analysis.robustness.weights import Moved, draw_weights, moved_by, put_weights
from kpi_lib.errors import InputError
from kpi_lib.framework.model import TOTAL, Policy
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.scoring.ensemble import totals
from kpi_lib.scoring.facts import Facts, facts_of
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.treatment import errors_of, values_of
from kpi_lib.scoring.tree import Tree, pruned, tree_of

Array = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
Drawn = Mapping[str, npt.NDArray[Any]]
"""What was drawn, by the name of the choice: arrays whose first axis is the draw."""

# Draws in one block: fixed, so that the numbers do not depend on who computes which block.
_BLOCK = 1000

# Normal errors in one block, which bound its memory.
_ERRORS = 2_000_000


@dataclass(frozen=True, repr=False)
class Plan(Displayed):
    """A scoreboard, a period, and what is drawn: all that does not change by draw.

    ``nominal`` are the totals by which cities are compared as things stand and ``weights`` the
    weights by node; ``leaves`` are those that can be left out. ``values`` are those that are
    drawn, a row for each ``(city, period)``, and ``errors`` their standard errors; both have no
    rows where none are. ``places`` has the columns of the cities. ``notes`` are sentences on
    choices that change nothing in this period.
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
    notes: tuple[str, ...] = ()

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


def plan_of(board: Scoreboard, spec: Spec | None, period: str) -> Plan:
    """Check that every choice applies to a board and lay out what the draws need.

    Evaluates each combination of methods once with the weights as they are, so that one that
    cannot be computed is an error before anything is drawn. Raises :class:`InputError` for a
    choice that cannot be applied or could change nothing in any period; what changes nothing
    in this one only is among the notes.
    """
    choices = read_spec(spec_of(board) if spec is None else spec)
    period = board.period(period)
    methods = [choice for choice in choices if isinstance(choice, MethodChoice)]
    scenarios, notes = scenarios_of(board, methods, period)
    here = np.asarray(board.values.index.get_level_values("period") == period)
    values, errors = _errors(choices, board, list(scenarios.values()), period, notes)
    tree = tree_of(board.framework)
    weights = np.array([board.weights.get(code, 1.0) for code in tree.codes], dtype=float)
    scored = np.any([scenario.scored for scenario in scenarios.values()], axis=0)
    weights[tree.leaf_nodes[~scored]] = 0.0
    weights = pruned(tree, weights[np.newaxis])[0, 0]
    leaves = np.flatnonzero(_shares(tree, weights) > 0)
    if len(leaves) < 2 and any(isinstance(choice, JackknifeChoice) for choice in choices):
        raise InputError(msg("only one indicator is scored, so that none can be left out."))
    moved = {
        choice.name: moved_by(choice, tree, weights, board.framework)
        for choice in choices
        if isinstance(choice, WeightChoice)
    }
    plan = Plan(
        period=period,
        cities=board.values.index[here].get_level_values("city"),
        nominal=board.shares.loc[here, TOTAL].to_numpy(dtype=float),
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
        notes=tuple(notes),
    )
    for picked in scenarios:
        _totals_of(plan, picked, weights[np.newaxis], weights[np.newaxis], None)
    return plan


def _errors(
    choices: Sequence[Choice],
    board: Scoreboard,
    scenarios: Sequence[Scenario],
    period: str,
    notes: list[str],
) -> tuple[pd.DataFrame, Array]:
    """The values that are drawn and their standard errors; no rows where none are.

    Adds to ``notes`` where only other periods have errors.
    """
    choice = next((choice for choice in choices if isinstance(choice, ErrorChoice)), None)
    if choice is None:
        return board.values.iloc[:0], np.zeros((0, board.values.shape[1]))
    values = values_of(board.observations, board.framework)
    observed = errors_of(board.observations, board.framework)
    errors = standard_errors(choice, values, observed)
    errors[:, ~np.any([scenario.scored for scenario in scenarios], axis=0)] = 0.0
    rows = np.asarray(values.index.get_level_values("period") == period)
    if not errors.any():
        raise InputError(msg("{name}: no scored value has an error above 0.", name=choice.name))
    if not errors[rows].any():
        notes.append(
            msg(
                "{name}: no scored value has an error above 0 in {period}.",
                name=choice.name,
                period=period,
            )
        )
    if any(needs_panel(scenario.framework) for scenario in scenarios):
        rows = np.ones(len(rows), dtype=bool)
    return values[rows], errors[rows]


def _shares(tree: Tree, weights: Array) -> Array:
    """Whether each leaf counts: the product of the weights on its way to ``TOTAL``."""
    reach = np.ones(len(tree.codes))
    for branch in reversed(tree.branches):
        reach[branch.below] = np.sign(weights[branch.below]) * reach[branch.node]
    return reach[tree.leaf_nodes]


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
    return draw_weights(choice, plan.moved[choice.name], random, count)


def drawn_weights(plan: Plan, drawn: Drawn, count: int) -> Array:
    """Weights by draw, nothing left out: ``(draws, nodes)``, in the order of the tree."""
    # The draws of a node stand side by side in memory: what follows takes nodes out of all draws.
    weights = np.repeat(plan.weights[:, np.newaxis], count, axis=1).T
    for choice in plan.choices:
        if isinstance(choice, WeightChoice):
            put_weights(weights, choice, plan.moved[choice.name], drawn[choice.name], plan.tree)
    return weights


def weights_of(plan: Plan, drawn: Drawn, count: int) -> Array:
    """Weights by draw, 0 for what is left out: ``(draws, nodes)``."""
    return _left_out(plan, drawn, drawn_weights(plan, drawn, count))


def _left_out(plan: Plan, drawn: Drawn, weights: Array) -> Array:
    """The weights with 0 for the indicator that a draw leaves out; one row serves all draws."""
    for choice in plan.choices:
        if isinstance(choice, JackknifeChoice):
            left_out = plan.tree.leaf_nodes[plan.leaves[drawn[choice.name]]]
            weights = np.repeat(weights, len(left_out) // len(weights), axis=0)
            weights[np.arange(len(weights)), left_out] = 0.0
    return weights


def evaluate(plan: Plan, drawn: Drawn, weights: Array) -> Array:
    """Give ``TOTAL`` of each city in each draw, shape ``(draws, cities)``, NaN where none.

    ``weights`` are the :func:`drawn_weights`. Raises :class:`InputError` where a method cannot
    take a drawn value or score.
    """
    weights = _left_out(plan, drawn, weights)
    # A threshold of coverage is judged by the framework's own weights, as the score itself is.
    judged = _left_out(plan, drawn, plan.weights[np.newaxis])
    normal = next((drawn[c.name] for c in plan.choices if isinstance(c, ErrorChoice)), None)
    if not plan.methods:
        return _totals_of(plan, (), weights, judged, normal)
    picked = np.column_stack([drawn[choice.name] for choice in plan.methods])
    combinations, which = np.unique(picked, axis=0, return_inverse=True)
    result = np.empty((len(weights), len(plan.cities)))
    for i, combination in enumerate(combinations):
        rows = np.flatnonzero(which == i)
        key = tuple(int(option) for option in combination)
        part = None if normal is None else normal[rows]
        own = judged if len(judged) == 1 else judged[rows]
        result[rows] = _totals_of(plan, key, weights[rows], own, part)
    return result


def _totals_of(
    plan: Plan, picked: Picked, weights: Array, judged: Array, normal: Array | None
) -> Array:
    scenario = plan.scenarios[picked]
    framework = scenario.framework
    weights, judged = (_scored_only(plan, scenario, some) for some in (weights, judged))
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
            weights,
            scenario.methods,
            framework.missing,
            plan.applies,
            judged,
        )
    except InputError as error:
        raise in_words(error, plan.methods, picked) from None


def _scored_only(plan: Plan, scenario: Scenario, weights: Array) -> Array:
    """The weights that count: 0 for what a combination of methods cannot score."""
    if not scenario.scored.all():
        weights = weights.copy(order="K")
        weights[:, plan.tree.leaf_nodes[~scenario.scored]] = 0.0
    return pruned(plan.tree, weights, plan.applies)


def _filled(scores: Array, policy: Policy) -> Array:
    """Fill missing scores by the policy, within each draw: ``(draws, cities, leaves)``."""
    if policy == "zero":
        return np.nan_to_num(scores, nan=0.0)
    if policy == "worst":
        worst = np.fmin.reduce(scores, axis=1, keepdims=True)
        return np.where(np.isnan(scores), worst, scores)
    return scores
