"""Scores of indicators from their values.

Works on wide tables: a row for each ``(city, period)``, a column for each code. Which cities
are compared with each other follows from the ``period`` of the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import InputError, Problem, did_you_mean
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.framework.point_faults import no_share
from kpi_lib.io.cells.periods import periods_of
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.digits import half_up
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.registry import Method
from kpi_lib.methods.rules import gives_share, rule_parameter, scores_in
from kpi_lib.scoring.facts import Facts, Texts

Array = npt.NDArray[np.float64]


def scorable(indicator: Indicator, framework: Framework) -> bool:
    """Say whether an indicator has all that its normalisation needs.

    One that has not is shown and compared, but has no score and no weight.
    """
    return not framework.lacking(indicator)


def lacking(indicator: Indicator, framework: Framework) -> tuple[str, ...]:
    """Name the keys that an indicator still lacks: see :meth:`Framework.lacking`."""
    return framework.lacking(indicator)


def check_points(framework: Framework) -> None:
    """Check that scores are shares of points, where a framework sums points.

    Raises :class:`InputError` that names the indicators of which they are not.
    """
    if not framework.sums_points:
        return
    wrong: dict[str, list[str]] = {}
    for leaf in framework.indicators:
        method = framework.normalisation_of(leaf)
        if scorable(leaf, framework) and not gives_share(method):
            wrong.setdefault(method.name, []).append(leaf.code)
    if wrong:
        raise InputError([Problem(no_share(name, few(codes))) for name, codes in wrong.items()])


def summed_already(framework: Framework) -> Problem:
    """Say that a sum of points takes no aggregation beside its own."""
    return Problem(
        msg("{name} sums points, so that no other aggregate is used.", name=framework.name),
        msg("Leave this choice out."),
    )


def few(codes: Sequence[str]) -> str:
    """Name the first of many codes, for a message."""
    more = msg(" and {n} more", n=len(codes) - 3) if len(codes) > 3 else ""
    return ", ".join(codes[:3]) + more


def best_score(indicator: Indicator, framework: Framework, kind: str = "") -> float | None:
    """The highest score that an indicator can have, or None where it has no bound.

    ``kind`` is the city's, where the rule differs by kind; without it the highest of all.
    """
    if not scorable(indicator, framework):
        return None
    if kind and indicator.kinds:
        indicator = indicator.of(kind)
    method = framework.normalisation_of(indicator)
    if named := scores_in(method):
        return float(_rounded(np.array(max(named)), framework))
    if framework.sums_points:
        return float(_rounded(np.array(indicator.range[1]), framework))
    bounds = NORMALISE[method.name].scale(method.parameters)
    if bounds is not None:
        return float(bounds[1] / _hundred(framework, method))
    if method.name in {"none", "scaled"} and indicator.valid:
        best = indicator.valid[1 if indicator.direction == "higher" else 0]
        if best is not None:
            return float(_scored(framework, np.array([best], dtype=float), indicator, "")[0])
    return None


def across_panel(indicator: Indicator, framework: Framework) -> bool:
    """Say whether an indicator's values are compared over all periods at once."""
    method = framework.normalisation_of(indicator)
    # Each period has a target, and so a score for the same value, of its own.
    entry = NORMALISE[method.name]
    by_period = entry.needs == "targets" or bool(entry.place)
    return method.parameters.get("across") == "panel" and not by_period


def score_values(
    values: pd.DataFrame,
    framework: Framework,
    indicators: Sequence[Indicator],
    facts: Facts | None = None,
) -> pd.DataFrame:
    """Normalise the values of some indicators, each by its own method.

    ``facts`` are on the rows of ``values`` and the indicators of ``framework``. Gives a table of
    the same shape; NaN where the value is missing or the indicator is not scored. Raises
    :class:`InputError` where a method cannot take a value.
    """
    # Taken apart once: a table is slow to ask for each column, and an index for each block.
    blocks = [
        (period, rows, None if facts is None else facts.at(rows))
        for period, rows in periods_of(values.index)
    ]
    known = values.to_numpy(dtype=float)
    places = {code: at for at, code in enumerate(values.columns)}
    scores = np.full(values.shape, np.nan)
    for indicator in indicators:
        at = places[indicator.code]
        column = known[:, at]
        if across_panel(indicator, framework):
            scores[:, at] = score_column(column, framework, indicator, "", facts)
            continue
        for period, rows, own in blocks:
            scores[rows, at] = score_column(column[rows], framework, indicator, period, own)
    return pd.DataFrame(scores, index=values.index, columns=values.columns)


def score_column(
    values: Array,
    framework: Framework,
    indicator: Indicator,
    period: str,
    facts: Facts | None = None,
) -> Array:
    """Normalise the values that are compared with each other: of a period, or of all (``""``).

    ``facts`` are on the rows of ``values``.
    """
    if not scorable(indicator, framework):
        return np.full(len(values), np.nan)
    if facts is None:
        return _scored(framework, values, indicator, period)
    at = _position(indicator, facts)
    indicator = _placed(values, framework, indicator, period, facts)
    earned = None if at is None or facts.earned is None else facts.earned[:, at]
    kinds = facts.kind(indicator)
    plain = values if earned is None else np.where(earned, np.nan, values)
    if kinds is None:
        scores = _scored(framework, plain, indicator, period)
    else:
        scores = np.full(len(values), np.nan)
        for kind in indicator.kinds:
            rows = kinds == kind
            if rows.any():
                scores[rows] = _scored(framework, plain[rows], indicator.of(kind), period)
    if earned is not None:
        scores = np.where(earned, _rounded(values, framework), scores)
    if at is not None and facts.settled is not None:
        scores = np.where(facts.settled[:, at], _settled(indicator, framework, kinds), scores)
    return scores


def _settled(indicator: Indicator, framework: Framework, kinds: Texts | None) -> Array:
    """Scores of what does not apply and is not left out: 0, or the best by the city's own rule."""
    if framework.not_applicable_of(indicator) != "full":
        return np.zeros(1)
    own = [""] if kinds is None else [str(kind) for kind in kinds]
    best = {kind: best_score(indicator, framework, kind) for kind in dict.fromkeys(own)}
    return np.array([framework.top if (most := best[kind]) is None else most for kind in own])


def _placed(
    values: Array, framework: Framework, indicator: Indicator, period: str, facts: Facts
) -> Indicator:
    """Put the place of a reference city among the values where a method names it."""
    method = framework.normalisation_of(indicator)
    parameter = NORMALISE[method.name].place
    if not parameter or parameter not in method.parameters:
        return indicator
    city, cities = str(method.parameters[parameter]), list(facts.cities)
    if city not in cities:
        city = next((code for code in facts.names.find(city) if code in cities), city)
    place = cities.index(city) if city in cities else -1
    if not np.isnan(values).all() and (place < 0 or np.isnan(values[place])):
        raise InputError(
            Problem(
                msg(
                    "{code} cannot be scored by '{name}': the reference city '{city}' has no "
                    "value of it in {period}.",
                    code=indicator.code,
                    name=method.name,
                    city=city,
                    period=period,
                ),
                (did_you_mean(city, cities) if place < 0 else "")
                or msg(
                    "Name a city that has a value in every period, or choose another normalise:."
                ),
            )
        )
    told = {**method.parameters, parameter: place}
    return replace(indicator, normalise=Method(method.name, told))


def _position(indicator: Indicator, facts: Facts) -> int | None:
    """The column of an indicator in facts; None where there is nothing to look up."""
    if facts.earned is None and facts.settled is None:
        return None
    return facts.framework.positions.get(indicator.code)


def fill(scores: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Fill missing scores by the framework's policy; ``rescale`` and ``strict`` leave them.

    ``scores`` have a column for each of some indicators. ``zero`` puts 0, ``worst`` the lowest
    score of the period, but 0 for a bonus or a deduction. A city without any score in a period
    stays without: it is not known to be bad.
    """
    policy = framework.missing.policy
    if policy in {"rescale", "strict"}:
        return scores
    known = scores.notna().any(axis=1)
    if policy == "zero":
        return scores.fillna(0.0).where(known)
    lowest = scores.groupby(level="period").transform("min")
    extras = [leaf.code for leaf in framework.indicators if leaf.extra]
    lowest[scores.columns.intersection(extras)] = 0.0
    return scores.fillna(lowest).where(known)


def _scored(framework: Framework, values: Array, indicator: Indicator, period: str) -> Array:
    """Scores of values in the indicator's unit, by one rule, on the framework's scale."""
    if indicator.code in framework.given:  # which has no rule
        return np.full(values.shape, np.nan)
    method = framework.normalisation_of(indicator)
    scores = _apply(method, values, indicator, period)
    if not rule_parameter(method.name):
        if framework.sums_points:
            share = scores / 100
            most = (indicator.points or 0.0) + (indicator.bonus or 0.0)
            # The best takes nothing off.
            taken = (indicator.deduction or 0.0) * (1 - share)
            scores = share * most if indicator.deduction is None else 0.0 - taken
        else:
            unit = _hundred(framework, method)
            scores = scores if unit == 1 else scores / unit
    return _rounded(scores, framework)


def _rounded(scores: Array, framework: Framework) -> Array:
    """Points to the framework's decimals; the scores of indicators on other scales stay."""
    if framework.decimals is None or not framework.sums_points:
        return scores
    return half_up(scores, framework.decimals)


def _hundred(framework: Framework, method: Method) -> float:
    """What of a method's scores is 1 on the framework's scale: 100 where that is from 0 to 1."""
    own_scale = NORMALISE[method.name].scale(method.parameters) is None
    given = method.name == "minmax" and bool({"low", "high"} & set(method.parameters))
    return 100.0 if framework.scale == "one" and not own_scale and not given else 1.0


def _apply(method: Method, values: Array, indicator: Indicator, period: str) -> Array:
    needed: dict[str, Any] = {
        k: v for k, v in method.parameters.items() if k not in {"across", "by"}
    }
    name, entry = method.name, NORMALISE[method.name]
    if entry.needs == "goalposts" and indicator.goalposts:
        needed.setdefault("low", indicator.goalposts[0])
        needed.setdefault("high", indicator.goalposts[1])
    if entry.needs == "targets" and "target" not in needed:
        due = indicator.target(period)
        assert due is not None
        needed["target"] = due[1]
    try:
        return entry(values, indicator.direction, **needed)
    except (TypeError, ValueError) as error:
        raise InputError(
            Problem(
                msg(
                    "{code} cannot be scored by '{name}': {error}.",
                    code=indicator.code,
                    name=name,
                    error=error,
                ),
                msg("Choose another normalise: for the indicator or the framework."),
            )
        ) from None
