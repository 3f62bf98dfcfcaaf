"""Scoring: values are normalised, weighed and aggregated, from the leaves up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import InputError, Problem, choose_from, expected
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import Named, load_framework
from kpi_lib.framework.model import Framework, Missing, Policy
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.choice import as_method
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.registry import Method
from kpi_lib.observations.read import Observations
from kpi_lib.observations.sources import Paths
from kpi_lib.scoring.facts import facts_of, with_given
from kpi_lib.scoring.indicators import (
    check_points,
    fill,
    score_values,
    summed_already,
)
from kpi_lib.scoring.rollup import coverage_of, roll_up
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.treatment import (
    Step,
    as_steps,
    known_values,
    treated_values,
    values_of,
)
from kpi_lib.scoring.weights import Weights, given

Array = npt.NDArray[np.float64]


def score(
    observations: Observations | Paths | pd.DataFrame,
    framework: Named,
    *,
    cities: str | Path | pd.DataFrame | None = None,
    period: str | int | None = None,
    normalise: str | Method | Mapping[str, Any] | None = None,
    aggregate: str | Method | Mapping[str, Any] | None = None,
    missing: Policy | Missing | None = None,
    weights: Weights | None = None,
    treatment: Sequence[Step] | None = None,
) -> Scoreboard:
    """Score every city and period of the observations under a framework.

    Parameters
    ----------
    observations
        Such as were read, or what :func:`kpi_lib.read_observations` takes: a DataFrame or files.
    framework
        A framework, or what :func:`kpi_lib.load_framework` takes.
    cities
        The table of cities, a file or a DataFrame, where ``observations`` are still to be read.
    period
        Keep one period only.
    normalise, aggregate, missing, treatment
        In place of the framework's, a method also as text (``power:p=0.5``). A group or
        indicator with a method of its own keeps it; points are summed, and take no other
        aggregate.
    weights
        Relative weights by code in place of the framework's.

    Raises
    ------
    InputError
        Where the data are wrong, and where a method cannot take a value, naming city, group and
        indicator.
    """
    framework = plain = load_framework(framework)
    if not isinstance(observations, Observations):
        observations = read_observations(observations, framework, cities)
    elif cities is not None:
        raise InputError(
            msg("cities: the observations were read with their cities; give these when reading.")
        )
    framework = with_methods(framework, normalise, aggregate, missing)
    if treatment is not None:
        framework = replace(framework, treatment=as_steps(treatment))
    framework = with_given(framework, observations)
    all_weights = given(framework, {} if weights is None else weights)
    values = values_of(observations, framework)
    inputs = treated_values(values, observations, framework).values
    facts = facts_of(observations, framework, values.index)
    scores = score_values(inputs, framework, framework.indicators, facts)
    if period is not None:
        kept = values.index.get_level_values("period") == str(period)
        if not kept.any():
            there = ", ".join(sorted(set(values.index.get_level_values("period"))))
            raise InputError(
                msg(
                    "there are no data for the period '{period}'; there are: {there}.",
                    period=period,
                    there=there,
                )
            )
        values, inputs, scores = values[kept], inputs[kept], scores[kept]
        facts = facts.at(kept)
    counted = fill(scores, framework)
    known = known_values(values, inputs, facts)
    points, coverage = roll_up(counted, known, framework, all_weights, facts.applies)
    if framework.treatment:
        seen = known_values(values, values, facts)
        coverage = coverage_of(seen, framework, all_weights, facts.applies)
    # An indicator is shown without the score by which the policy fills it.
    groups = [group.code for group in framework.all_groups]
    order = list(framework.nodes)
    points = pd.concat([points[groups], scores], axis=1)[order]
    tables = (values, points, coverage[order])
    return Scoreboard(framework, observations, all_weights, *tables, issued=plain)


def with_methods(
    framework: Framework,
    normalise: str | Method | Mapping[str, Any] | None = None,
    aggregate: str | Method | Mapping[str, Any] | None = None,
    missing: Policy | Missing | None = None,
) -> Framework:
    """Put methods in place of a framework's defaults.

    Parameters
    ----------
    framework
        The framework; its groups and indicators keep the methods of their own.
    normalise, aggregate
        A method, or as text: ``minmax``, ``power:p=0.5``.
    missing
        A policy for missing values.

    Raises
    ------
    InputError
        For an unknown method or policy, and where points are summed already.
    """
    if normalise is not None:
        chosen = as_method(normalise, NORMALISE, also=["across"], complete=False)
        framework = replace(framework, normalise=chosen)
        check_points(framework)
    if aggregate is not None:
        if framework.sums_points:
            raise InputError(summed_already(framework))
        framework = replace(framework, aggregate=as_method(aggregate, AGGREGATE))
    if missing is not None:
        framework = replace(framework, missing=_as_missing(missing, framework.missing))
    return framework


def _as_missing(asked: Policy | Missing, default: Missing) -> Missing:
    missing = Missing(asked, default.min_coverage) if isinstance(asked, str) else asked
    if not isinstance(missing, Missing):
        raise expected(asked, msg("the name of a policy, or kpi.Missing"), "missing")
    policies = get_args(Policy)
    if missing.policy not in policies:
        raise InputError(
            Problem(
                msg("there is no policy '{policy}' for missing values.", policy=missing.policy),
                choose_from(missing.policy, policies),
            )
        )
    return missing
