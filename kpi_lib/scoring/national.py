"""The national score beside the extended one: the same cities without any local part."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from kpi_lib.framework.model import Framework
from kpi_lib.scoring.facts import facts_of
from kpi_lib.scoring.indicators import fill
from kpi_lib.scoring.rollup import roll_up
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.treatment import known_values


@lru_cache(maxsize=2)
def national_board(board: Scoreboard) -> Scoreboard:
    """Give the scores by the framework that is extended, from the same observations.

    It has the rows of ``board``, its methods and its weights; local indicators take no part,
    so that every score is, to the last digit, that of the national framework alone. A board
    whose framework extends nothing is given back.
    """
    if board.framework.base is None:
        return board
    framework = national_framework(board.framework)
    weights = {code: weight for code, weight in board.weights.items() if code in framework.nodes}
    if framework.treatment:  # a local value may have had a part in what was done to another
        alone = score(board.observations, framework, weights=weights)
        rows = board.points.index
        values, points, coverage = (
            table.loc[rows] for table in (alone.values, alone.points, alone.coverage)
        )
    else:
        leaves = [indicator.code for indicator in framework.indicators]
        values, scores = board.values[leaves], board.points[leaves]
        counted = fill(scores, framework)
        facts = facts_of(board.observations, framework, board.points.index)
        known = known_values(values, values, facts)
        points, coverage = roll_up(counted, known, framework, weights, facts.applies)
        points[leaves] = scores
    order = list(framework.nodes)
    return replace(
        board,
        framework=framework,
        weights=weights,
        values=values,
        points=points[order],
        coverage=coverage[order],
    )


def national_framework(framework: Framework) -> Framework:
    """Give what a framework extends at the bottom, with its methods as they stand now.

    They differ from those of the file where a call to :func:`kpi_lib.score` replaced them.
    """
    return replace(
        framework.national,
        normalise=framework.normalise,
        aggregate=framework.aggregate,
        missing=framework.missing,
        treatment=framework.treatment,
        given=framework.given,
        own_title=framework.own_title,
        own_noun=framework.own_noun,
    )
