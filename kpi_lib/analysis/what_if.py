"""What a change would bring: new values scored again, and the gaps that pay most to close."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd

from kpi_lib.errors import InputError, Problem, did_you_mean, expected, plain
from kpi_lib.framework.model import TOTAL, Indicator, Node
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.words import amount, numeral
from kpi_lib.methods.digits import at_bound
from kpi_lib.methods.rules import next_bound
from kpi_lib.observations.kinds import own_words
from kpi_lib.observations.layout import SAID
from kpi_lib.observations.read import Observations
from kpi_lib.observations.values import Known, unit_of_points
from kpi_lib.scoring.ensemble import effective_weights
from kpi_lib.scoring.rollup import scored_weights
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard, row_of
from kpi_lib.scoring.tree import pruned, tree_of

_AMOUNTS = frozenset({"value", "numerator", "denominator", "se"})

SHARE = 0.1
"""The share of each gap that :func:`priorities` closes."""


def what_if(
    board: Scoreboard,
    values: Mapping[str, float | str],
    city: str | None = None,
    period: str | int = "latest",
) -> Scoreboard:
    """Score all cities again with other values for one of them, or for each where none is named.

    ``values`` holds the new value of an indicator by code, as data give it: in its unit, as one
    of its words where its scores are those of words, and in points where only points given score
    it. Without ``city``, every city gets them in its latest period, or in ``period`` where it
    has data of it. The result is exactly that of a scoring in which the new values had been
    measured. Raises :class:`InputError` for a group, an unknown code, city or period, or a value
    that is not valid.
    """
    _check(board, values)
    units = [board.unit(city, period)] if city is not None else _units(board, period)
    observations = _supposed(board, values, units)
    # A board of one period may still compare across all: those are scored as well.
    kept = board.periods[0] if len(board.periods) == 1 else None
    return score(observations, board.framework, period=kept, weights=board.weights)


def priorities(
    board: Scoreboard, city: str, period: str | int = "latest", share: float = SHARE
) -> pd.DataFrame:
    """Order a city's open gaps by the points of TOTAL that closing a share of each brings.

    A row for each code, best first: ``value, year, target`` (in force), ``gap`` (in the
    unit), ``step`` (the value with ``share``, 0–1, of the gap closed), ``gain`` (points of
    TOTAL from that step alone), ``whole`` (from closing all of it). What has no effect or no
    score comes last. Under means that are not arithmetic the first step of a gap may bring
    more, or less, than its share of the whole.
    """
    if not 0 < share <= 1:
        raise InputError(
            msg(
                "share is {share}; expected a number above 0 and at most 1.",
                share=numeral(share),
            )
        )
    unit = board.unit(city, period)
    own, rows = row_of(board.values, unit), {}
    for indicator in board.indicators_of(*unit):
        value, due = own[indicator.code], indicator.target(unit[1])
        if due is None or indicator.direction is None or math.isnan(value):
            continue
        gap = due[1] - value if indicator.direction == "higher" else value - due[1]
        if gap > 0:
            step = value + share * (due[1] - value)
            rows[indicator.code] = (value, due[0], due[1], gap, step)
    columns = ["value", "year", "target", "gap", "step"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    for name, values in (("gain", "step"), ("whole", "target")):
        table[name] = board.gains(*unit, {str(code): x for code, x in table[values].items()})
    return table.sort_values("gain", ascending=False, kind="stable")


def next_bounds(board: Scoreboard, city: str, period: str | int = "latest") -> pd.DataFrame:
    """Give the next bound of each indicator that is scored by bands and could score more.

    A row for each code, best first: ``value``; ``bound`` (in the unit) and ``side``, on which of
    its sides the next band lies (``from``, ``above``, ``up to``, ``below``: the first and the
    third are with the bound itself); ``score`` of that band; ``gain`` (points of TOTAL from that
    step alone). Values that are points already have no bounds.
    """
    unit = board.unit(city, period)
    own, here = row_of(board.values, unit), board.values.index.get_loc(unit)
    earned = board.facts.earned
    rows, inside = {}, {}
    for at, indicator in enumerate(board.framework.indicators):
        kinds = board.facts.kind(indicator)
        rule = indicator if kinds is None else indicator.of(str(kinds[here]))
        method, value = board.framework.normalisation_of(rule), own[indicator.code]
        in_points = earned is not None and earned[here, at]
        if method.name != "bands" or math.isnan(value) or in_points:
            continue
        bound = next_bound(method, float(value))
        if bound is not None:
            rows[indicator.code] = (value, bound.number, bound.side, bound.score)
            inside[indicator.code] = bound.inside
    columns = ["value", "bound", "side", "score"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("code")
    table["gain"] = board.gains(*unit, inside)
    return table.sort_values("gain", ascending=False, kind="stable")


def leverage(board: Scoreboard, city: str, period: str | int = "latest") -> pd.DataFrame:
    """Order the scored indicators that a city has no value of, but should, by what they weigh.

    A row for each code, heaviest first: ``weight`` (share, 0–1, of all that can be scored and
    applies to the city: coverage rises by it once there is a value) and ``best`` (points of
    TOTAL that the best possible value would add to the present score; NaN where there is none).
    """
    unit = board.unit(city, period)
    weights = weights_in_all(board, unit)
    observed = row_of(board.coverage, unit)[weights.index]
    absent = weights.index[(weights > 0) & (observed == 0)]
    table = pd.DataFrame({"weight": weights[absent]})
    table["best"] = board.potential(*unit).reindex(absent)
    return table.sort_values("weight", ascending=False, kind="stable")


def weights_in_all(board: Scoreboard, unit: tuple[str, str] | None = None) -> pd.Series[float]:
    """The share (0–1) of the whole framework's weight that each indicator has, by code.

    What cannot be scored has none, nor what does not apply to the city and period ``unit``; the
    sum is 1.
    """
    tree = tree_of(board.framework)
    kept = scored_weights(board.framework, board.weights)
    weights = np.array([[kept[code] for code in tree.codes]], dtype=float)
    applies = board.applies
    if applies is not None:
        here = None if unit is None else pd.MultiIndex.from_tuples([unit])
        applies = None if here is None else applies[board.points.index.get_indexer(here)]
    shares = effective_weights(tree, pruned(tree, weights, applies)[:, 0])
    return pd.Series(shares[0], index=list(tree.leaf_codes))


def _supposed(
    board: Scoreboard, values: Mapping[str, float | str], units: list[tuple[str, str]]
) -> Observations:
    """The observations with other values in some units; what is divided is given undivided."""
    changes = _rows(board, values, units)
    divided = [code for code in values if cast(Indicator, board.framework.node(code)).denominator]
    if divided:
        one = _with(board, changes.assign(value=1.0))
        parts = score(one, board.framework, weights=board.weights).values
        for row in changes.index[changes["indicator"].isin(divided)]:
            city, period, code, value = changes.loc[row, ["city", "period", "indicator", "value"]]
            changes.at[row, "value"] = value / parts.at[(city, period), code]
    return _with(board, changes)


def _rows(
    board: Scoreboard, values: Mapping[str, float | str], units: list[tuple[str, str]]
) -> pd.DataFrame:
    """Rows of new values: a word with its score, points with their unit."""
    known = Known(board.framework)
    told: list[tuple[str, float, str, str]] = []
    for code, value in values.items():
        word, score = known.words.get(code, {}).get(plain(str(value)), ("", value))
        unit = unit_of_points(code, known) if code in board.framework.given else ""
        told.append((code, float(score), word, unit))
    rows = pd.DataFrame(
        [(city, period, *each) for city, period in units for each in told],
        columns=["city", "period", "indicator", "value", SAID, "unit"],
    )
    rows, strange = own_words(rows, board.observations.cities, board.framework)
    for fault in strange:
        word, cities = str(fault.rows[SAID].iloc[0]), fault.rows["city"]
        raise InputError(Problem(*fault.told(word, cities)))
    return rows


def _with(board: Scoreboard, changes: pd.DataFrame) -> Observations:
    """Put rows in place of those of the same city, period and indicator."""
    key = ["city", "period", "indicator"]
    observations = board.observations
    table = observations.table
    index = pd.MultiIndex.from_frame(changes[key])
    others = table[~pd.MultiIndex.from_frame(table[key]).isin(index)]
    empty = {name: math.nan if name in _AMOUNTS else "" for name in table.columns}
    rows = changes.assign(**{k: v for k, v in empty.items() if k not in changes.columns})
    order = {leaf.code: at for at, leaf in enumerate(board.framework.indicators)}
    changed = pd.concat([others, rows[list(table.columns)]], ignore_index=True)
    ranks = [changed["indicator"].map(order), changed["period"], changed["city"]]
    said = observations.fingerprint + changes.to_csv(index=False)
    return replace(
        observations,
        table=changed.iloc[np.lexsort(ranks)].reset_index(drop=True),
        fingerprint=hashlib.sha256(said.encode()).hexdigest(),
    )


def _units(board: Scoreboard, period: str | int) -> list[tuple[str, str]]:
    if period == "latest":
        return list(board.latest.items())
    board.table(TOTAL, period)  # says which periods there are
    return [(city, p) for city, p in board.values.index if p == str(period)]


def _check(board: Scoreboard, values: Mapping[str, float | str]) -> None:
    if not isinstance(values, Mapping):
        raise expected(
            values, msg("values by code, as in {example}", example="{'A1': 50}"), "values"
        )
    known = Known(board.framework)
    faults = (_fault(board.framework.node(code), value, known) for code, value in values.items())
    if problems := [Problem(fault) for fault in faults if fault]:
        raise InputError(problems)


def _fault(node: Node, value: float | str, known: Known) -> str:
    """Say what is wrong with a new value of an indicator; '' where it can be scored."""
    code = node.code
    if not isinstance(node, Indicator):
        return msg("'{code}' is a group; only an indicator has a value to change.", code=code)
    if words := known.words.get(code):
        if value in [score for _, score in words.values()] or plain(str(value)) in words:
            return ""
        listed = [word for word, _ in words.values()]
        said = msg(
            "found '{found}' for {code}; expected one of {listed}.",
            found=value,
            code=code,
            listed=", ".join(listed),
        )
        return f"{said} {did_you_mean(str(value), listed)}".strip()
    number = not isinstance(value, bool) and isinstance(value, int | float | np.number)
    low, high = node.range if code in known.framework.given else node.valid or (None, None)
    if number and math.isfinite(float(value)) and _within(float(value), low, high):
        return ""
    return msg(
        "{code}: found {value}; expected {number}.",
        code=code,
        value=value if number else repr(value),
        number=_wanted(low, high),
    )


def _within(value: float, low: float | None, high: float | None) -> bool:
    least, most = (np.nan if bound is None else bound for bound in (low, high))
    kept = float(at_bound(at_bound(np.asarray(value), least), most))
    return not (kept < least or kept > most)


def _wanted(low: float | None, high: float | None) -> str:
    """The number that is expected, with its bounds."""
    ends = {
        name: amount(bound, message_language())
        for name, bound in (("low", low), ("high", high))
        if bound is not None
    }
    if len(ends) == 2:
        return msg("a number from {low} to {high}", **ends)
    if "low" in ends:
        return msg("a number of {low} or more", **ends)
    return msg("a number of {high} or less", **ends) if ends else msg("a number")
