"""Combinations of methods that are to be compared, each checked to apply and scored once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.robustness.spec import MethodChoice
from kpi_lib.errors import InputError, Problem, choose_from, did_you_mean
from kpi_lib.framework.model import Framework, Group, Indicator, Missing, Policy
from kpi_lib.io.cells.numbers import Fault
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.choice import as_method
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.facts import Facts, facts_of
from kpi_lib.scoring.indicators import (
    check_points,
    few,
    fill,
    scorable,
    score_values,
    summed_already,
)
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.treatment import Treated, as_steps, check_units, known_values, treat, values_of

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Picked = tuple[int, ...]
"""Which option of each choice of methods, by position."""


@dataclass(frozen=True, repr=False)
class Scenario(Displayed):
    """One combination of methods: what all its draws share.

    ``framework`` has the chosen defaults and ``methods`` the aggregation of each group.
    ``counted`` (cities, leaves) are scores of one period as they enter the means, ``known``
    what is observed or imputed. ``scored`` (leaves) says which can have weight.
    """

    framework: Framework
    methods: Mapping[str, Method]
    counted: Array
    known: Bools
    scored: Bools


def scenarios_of(
    board: Scoreboard, choices: Sequence[MethodChoice], period: str
) -> tuple[dict[Picked, Scenario], list[str]]:
    """Score a period by every combination of methods.

    Gives the scenarios, and a note on each choice that changes nothing in this period but does
    in others. Raises :class:`InputError` for choices that cannot be applied to the board or
    could change nothing in any period, with every fault.
    """
    problems = []
    options: list[list[Any]] = []
    leaf_scores = _LeafScores(board)
    for choice in choices:
        faults = list(_choice_faults(choice, board.framework, leaf_scores))
        parsed = []
        for option in choice.among:
            try:
                parsed.append(_option(choice, option, board.framework))
                faults += _option_faults(choice, parsed[-1], board.framework)
            except InputError as error:
                faults += [(problem.message, problem.fix) for problem in error.problems]
        options.append(parsed)
        problems += [Problem(f"{choice.name}: {message}", fix) for message, fix in faults]
    if problems:
        raise InputError(problems)
    scenarios = {}
    scored_by = leaf_scores.of if _values_vary(choices) else leaf_scores.as_they_stand
    for picked in product(*(range(len(parsed)) for parsed in options)):
        chosen = [parsed[i] for parsed, i in zip(options, picked, strict=True)]
        try:
            framework, methods = _chosen(board.framework, list(zip(choices, chosen, strict=True)))
            scenarios[picked] = _scenario(framework, methods, *scored_by(framework), period)
        except InputError as error:
            raise in_words(error, choices, picked) from None
    return scenarios, _notes(choices, scenarios, leaf_scores, period)


def _values_vary(choices: Sequence[MethodChoice]) -> bool:
    return any(choice.vary in {"normalise", "impute", "treat"} for choice in choices)


def _notes(
    choices: Sequence[MethodChoice],
    scenarios: Mapping[Picked, Scenario],
    leaf_scores: _LeafScores,
    period: str,
) -> list[str]:
    """Sentences on choices that change nothing in a period; refuses what never does."""
    notes = []
    for i, choice in enumerate(choices):
        if choice.vary == "missing" and leaf_scores.complete[period]:
            notes.append(
                msg(
                    "{name}: no value is missing in {period}, so that it changes nothing there.",
                    name=choice.name,
                    period=period,
                )
            )
        if choice.vary not in {"impute", "treat"}:
            continue
        pairs = [
            (scenario, scenarios[(*picked[:i], 0, *picked[i + 1 :])])
            for picked, scenario in scenarios.items()
        ]
        if not all(
            np.array_equal(one.counted, other.counted, equal_nan=True) for one, other in pairs
        ):
            continue
        if all(
            leaf_scores.of(one.framework)[0].equals(leaf_scores.of(other.framework)[0])
            for one, other in pairs
        ):
            raise InputError(
                Problem(
                    msg(
                        "{name}: every option gives the same scores in {period}, so that it "
                        "changes nothing.",
                        name=choice.name,
                        period=", ".join(leaf_scores.complete),
                    ),
                    msg("Leave it out."),
                )
            )
        notes.append(
            msg(
                "{name}: every option gives the same scores in {period}, so that it changes "
                "nothing there.",
                name=choice.name,
                period=period,
            )
        )
    return notes


def in_words(error: InputError, choices: Sequence[MethodChoice], picked: Picked) -> InputError:
    """The error with the combination of methods in which it arose."""
    if not choices:
        return error
    said = ", ".join(
        f"{choice.name} = {choice.among[i]}" for choice, i in zip(choices, picked, strict=True)
    )
    return InputError(
        [
            replace(p, message=msg("with {options}: {message}", options=said, message=p.message))
            for p in error.problems
        ]
    )


def _choice_faults(
    choice: MethodChoice, framework: Framework, leaf_scores: _LeafScores
) -> Iterator[Fault]:
    scored = _scored(framework)
    if choice.vary == "normalise" and all(leaf.normalise for leaf in scored):
        yield (
            msg("every scored indicator has a normalise: of its own, so that no other is used."),
            msg("Leave this choice out."),
        )
    if choice.vary == "aggregate" and framework.sums_points:
        summed = summed_already(framework)
        yield summed.message, summed.fix
    elif choice.vary == "aggregate":
        for code in choice.groups:
            if not isinstance(framework.nodes.get(code), Group):
                known = [group.code for group in framework.all_groups]
                yield (
                    msg("{name} has no group '{code}'.", name=framework.name, code=code),
                    did_you_mean(code, known),
                )
        if not choice.groups and all(group.aggregate for group in framework.all_groups):
            yield (
                msg("every group has an aggregate: of its own, so that no other is used."),
                msg("Name groups: that are to take the drawn one."),
            )
    if choice.vary in {"missing", "impute"} and all(leaf_scores.complete.values()):
        yield (
            msg(
                "no value is missing in {period}, so that it changes nothing.",
                period=", ".join(leaf_scores.complete),
            ),
            msg("Leave it out."),
        )


def _option(choice: MethodChoice, option: Any, framework: Framework) -> Any:
    if choice.vary == "normalise":
        return as_method(option, NORMALISE, also=["across"], complete=False)
    if choice.vary == "aggregate":
        return as_method(option, AGGREGATE)
    if choice.vary in {"impute", "treat"}:
        return _steps(choice.vary, option)
    return _missing(option, framework.missing)


def _steps(vary: str, option: Any) -> tuple[Method, ...]:
    """The steps of an option: a list of them, one of them, or ``none``."""
    if option == "none":
        return ()
    steps = []
    for step in option if isinstance(option, list | tuple) else [option]:
        if vary == "impute" and isinstance(step, str):
            step = {"by": step}
        if vary == "impute" and isinstance(step, Mapping):
            step = {"method": "impute", **step}
        steps.append(step)
    checked = as_steps(steps)
    for method in checked:
        if (method.name == "impute") != (vary == "impute"):
            raise InputError(
                msg(
                    "'{name}' is not among the steps that '{vary}' varies. Imputations go "
                    "under vary: impute, all else under vary: treat.",
                    name=method.name,
                    vary=vary,
                )
            )
    return checked


def _replaced(
    steps: tuple[Method, ...], vary: str, chosen: tuple[Method, ...]
) -> tuple[Method, ...]:
    """Put the chosen steps where the first of their kind is, else where it would be.

    Imputations come first, all else last; a screen of cities stays as it is.
    """
    imputes = vary == "impute"
    own = [step.name != "screen" and (step.name == "impute") == imputes for step in steps]
    at = own.index(True) if any(own) else (0 if imputes else len(steps))
    kept = [step for step, mine in zip(steps, own, strict=True) if not mine]
    before = sum(not mine for mine in own[:at])
    return (*kept[:before], *chosen, *kept[before:])


def _missing(option: Any, default: Missing) -> Missing:
    given = option if isinstance(option, Mapping) else {"policy": option}
    unknown = [str(key) for key in given if key not in {"policy", "min_coverage"}]
    policies = get_args(Policy)
    policy = given.get("policy", default.policy)
    least = given.get("min_coverage", default.min_coverage)
    if unknown:
        raise InputError(
            msg("unknown key '{unknown}'. Keys: policy, min_coverage.", unknown=unknown[0])
        )
    if policy not in policies:
        raise InputError(
            Problem(
                msg("there is no policy {policy} for missing values.", policy=repr(policy)),
                choose_from(str(policy), policies),
            )
        )
    if isinstance(least, bool) or not isinstance(least, int | float) or not 0 <= least <= 1:
        raise InputError(
            msg("'min_coverage' is {least}; expected a share from 0 to 1.", least=repr(least))
        )
    return Missing(policy, float(least))


def _option_faults(choice: MethodChoice, option: Any, framework: Framework) -> list[Fault]:
    if choice.vary != "normalise":
        return []
    changed = replace(framework, normalise=option)
    try:
        check_points(changed)
    except InputError as error:
        return [(problem.message, problem.fix) for problem in error.problems]
    lost = [
        leaf.code
        for leaf in framework.indicators
        if scorable(leaf, framework) and not scorable(leaf, changed)
    ]
    if not lost:
        return []
    return [
        (
            msg(
                "'{name}' cannot score {which}, which lack what it needs.",
                name=option.name,
                which=few(lost),
            ),
            msg("Choose another method, or give them a normalise: of their own."),
        )
    ]


def _chosen(
    framework: Framework, chosen: Sequence[tuple[MethodChoice, Any]]
) -> tuple[Framework, dict[str, Method]]:
    """The framework with the chosen options, and the aggregation of each group."""
    for choice, option in chosen:
        if choice.vary == "normalise":
            framework = replace(framework, normalise=option)
        elif choice.vary == "missing":
            framework = replace(framework, missing=option)
        elif choice.vary in {"impute", "treat"}:
            steps = _replaced(framework.treatment, choice.vary, option)
            framework = replace(framework, treatment=steps)
        elif not choice.groups:
            framework = replace(framework, aggregate=option)
    methods = {group.code: framework.method_of(group) for group in framework.all_groups}
    for choice, option in chosen:
        if choice.vary == "aggregate":
            methods |= dict.fromkeys(choice.groups, option)
    return framework, methods


class _LeafScores:
    """Scores of the indicators under a framework; each treatment is applied once."""

    def __init__(self, board: Scoreboard) -> None:
        self.board = board
        self.treated: dict[str, tuple[Treated, pd.DataFrame]] = {}
        self.scores: dict[str, pd.DataFrame] = {}

    @cached_property
    def values(self) -> pd.DataFrame:
        """The values of all periods, denominated."""
        return values_of(self.board.observations, self.board.framework)

    @cached_property
    def facts(self) -> Facts:
        """What the observations say beside values, which no choice changes."""
        return facts_of(self.board.observations, self.board.framework, self.values.index)

    @cached_property
    def complete(self) -> dict[str, bool]:
        """Whether no value of the scored indicators is missing, by period."""
        there = self.values[[leaf.code for leaf in _scored(self.board.framework)]]
        whole = there.notna().all(axis=1).groupby(level="period").all()
        return {str(period): bool(complete) for period, complete in whole.items()}

    def as_they_stand(self, framework: Framework) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Give what :meth:`of` gives where no choice changes it."""
        return self.board.points[list(framework.positions)], self.board.known

    def of(self, framework: Framework) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Give the scores, and which of their values are observed or imputed."""
        scored = _scored(framework)
        key = repr((framework.treatment, [leaf.code for leaf in scored]))
        if key not in self.treated:
            cities = self.board.observations.cities
            made = treat(self.values, framework.treatment, scored, cities, self.facts)
            self.treated[key] = made, known_values(self.values, made.values, self.facts)
        treated, known = self.treated[key]
        own = key + repr(framework.normalise)
        if own not in self.scores:
            check_units(treated, framework)
            self.scores[own] = score_values(
                treated.values, framework, framework.indicators, self.facts
            )
        return self.scores[own], known


def _scenario(
    framework: Framework,
    methods: Mapping[str, Method],
    points: pd.DataFrame,
    known: pd.DataFrame,
    period: str,
) -> Scenario:
    here = np.asarray(points.index.get_level_values("period") == period)
    counted = fill(points[here], framework).to_numpy(dtype=float)
    scored = np.array([scorable(leaf, framework) for leaf in framework.indicators])
    return Scenario(framework, methods, counted, known.to_numpy()[here] & scored, scored)


def _scored(framework: Framework) -> list[Indicator]:
    return [leaf for leaf in framework.indicators if scorable(leaf, framework)]
