"""Weights: how much each child of a group counts beside its siblings."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from pathlib import Path

import pandas as pd

from kpi_lib.errors import InputError, Problem, and_more, did_you_mean, expected
from kpi_lib.framework.model import TOTAL, Framework
from kpi_lib.io.cells.numbers import MOST_NAMED
from kpi_lib.io.yaml import read_yaml
from kpi_lib.locale.catalogue import msg

Weights = Mapping[str, float]
"""The relative weight of each group and indicator by its code (``TOTAL`` has none)."""


def nominal(framework: Framework) -> dict[str, float]:
    """Give the weights that the framework file states: the points, where it sums points."""
    if framework.sums_points:
        return {code: most for code, most in framework.maxima.items() if code != TOTAL}
    return {code: node.weight for code, node in framework.nodes.items() if code != TOTAL}


def equal(framework: Framework) -> dict[str, float]:
    """Give every part the same weight as its siblings; what only adds or takes has none."""
    return {
        code: 1.0 if weight > 0 or not framework.sums_points else 0.0
        for code, weight in nominal(framework).items()
    }


def weightless(framework: Framework, weights: Weights) -> list[str]:
    """Give the codes that count for nothing: their weight is 0, or that of a group they are in."""
    found: dict[str, None] = {}
    for group in framework.all_groups:
        for child in group.children:
            if weights[child.code] == 0 or group.code in found:
                found[child.code] = None
    return list(found)


def given(framework: Framework, changes: Weights) -> dict[str, float]:
    """Give the framework's weights with some of them replaced.

    ``changes`` holds new relative weights (0 or more) by code. Raises
    :class:`InputError` for an unknown code, a negative weight, or a group whose
    weights would all be 0.
    """
    if not isinstance(changes, Mapping | pd.Series):
        raise expected(
            changes, msg("weights by code, as in {example}", example="{'A': 2}"), "weights"
        )
    weights = nominal(framework)
    problems: list[Problem] = []
    for code, weight in changes.items():
        if len(problems) == MOST_NAMED:
            problems.append(Problem(and_more()))
            break
        if code not in weights:
            problems.append(
                Problem(
                    msg(
                        "a weight is given for '{code}', which {name} does not have.",
                        code=code,
                        name=framework.name,
                    ),
                    did_you_mean(code, weights),
                )
            )
        elif isinstance(weight, bool) or not isinstance(weight, Real) or not weight >= 0:
            problems.append(
                Problem(
                    msg(
                        "the weight of '{code}' is {weight}; expected a number of 0 or more.",
                        code=code,
                        weight=repr(weight),
                    )
                )
            )
        else:
            weights[code] = float(weight)
    if not problems:
        problems = [
            Problem(
                msg("all weights in {code} are 0.", code=group.code),
                msg("Give one of its parts a weight."),
            )
            for group in framework.all_groups
            if not any(weights[child.code] for child in group.children)
            and not (framework.sums_points and framework.maxima[group.code] == 0)
        ]
    if problems:
        raise InputError(problems)
    return weights


def read_weights(path: str | Path) -> dict[str, float]:
    """Read a weight set from a YAML file: ``weights:`` with a number for each code.

    Other keys (``title``, ``framework``) may describe the set. Raises
    :class:`InputError` where the file is not of that form.
    """
    data, _ = read_yaml(Path(path))
    weights = data.get("weights") if isinstance(data, dict) else None
    if not isinstance(weights, dict) or not weights:
        raise InputError(
            Problem(
                msg("no weights are in the file."),
                msg("Write 'weights:' and below it a line such as 'PS: 2' for each code."),
                file=str(path),
            )
        )
    return {str(code): weight for code, weight in weights.items()}
