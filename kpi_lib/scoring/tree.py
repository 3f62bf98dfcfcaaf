"""Scores of indicators from their values, and of groups from their indicators, up the tree.

Everything here works on wide tables: a row for each ``(city, period)``, a column for each
code. Which cities are compared with each other follows from the ``period`` of the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import InputError, Problem, did_you_mean
from kpi_lib.framework.model import Framework, Group, Indicator, Policy
from kpi_lib.io.periods import periods_of
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.aggregate import AGGREGATE, RELATIVE, SLOPES, domain, outside
from kpi_lib.methods.normalise import NEEDS, NORMALISE, scale
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.weights import Weights

Array = npt.NDArray[np.float64]

# Coverage is a sum of shares: a group at exactly its threshold must not fail by rounding.
_ROUNDING = 1e-9

# Methods by which a period has its own score for the same value, whatever it is across.
_BY_TARGET = frozenset({"target", "pass_fail"})
_BY_PERIOD = _BY_TARGET | {"reference"}


def scorable(indicator: Indicator, framework: Framework) -> bool:
    """Say whether an indicator has all that its normalisation needs.

    One that has not is shown and compared, but has no score and no weight.
    """
    method = framework.normalisation_of(indicator)
    if indicator.direction is None:
        return False
    if method.name not in NEEDS:
        return True
    field, parameters = NEEDS[method.name]
    return bool(getattr(indicator, field)) or all(p in method.parameters for p in parameters)


def best_score(indicator: Indicator, framework: Framework) -> float | None:
    """The highest score that an indicator can have, or None where it has no bound."""
    if not scorable(indicator, framework):
        return None
    method = framework.normalisation_of(indicator)
    bounds = scale(method.name, method.parameters)
    if bounds is not None:
        return bounds[1]
    if method.name in {"none", "scaled"} and indicator.valid:
        best = indicator.valid[1 if indicator.direction == "higher" else 0]
        if best is not None:
            return float(_apply(method, np.array([best], dtype=float), indicator, "")[0])
    return None


def across_panel(indicator: Indicator, framework: Framework) -> bool:
    """Say whether an indicator's values are compared over all periods at once."""
    method = framework.normalisation_of(indicator)
    return method.parameters.get("across") == "panel" and method.name not in _BY_PERIOD


def score_values(
    values: pd.DataFrame, framework: Framework, indicators: Sequence[Indicator]
) -> pd.DataFrame:
    """Normalise the values of some indicators, each by its own method.

    Gives a table of the same shape; NaN where the value is missing or the indicator is not
    scored. Raises :class:`InputError` where a method cannot take a value.
    """
    blocks = periods_of(values.index)
    scores = np.full(values.shape, np.nan)
    for indicator in indicators:
        at = values.columns.get_loc(indicator.code)
        column = values[indicator.code].to_numpy(dtype=float)
        if across_panel(indicator, framework):
            scores[:, at] = score_column(column, framework, indicator, "", values.index)
            continue
        for period, rows in blocks:
            there = values.index[rows]
            scores[rows, at] = score_column(column[rows], framework, indicator, period, there)
    return pd.DataFrame(scores, index=values.index, columns=values.columns)


def score_column(
    values: Array, framework: Framework, indicator: Indicator, period: str, units: pd.Index[Any]
) -> Array:
    """Normalise the values that are compared with each other: of a period, or of all (``""``).

    ``units`` are their rows ``(city, period)``, among which a reference city is found.
    """
    if not scorable(indicator, framework):
        return np.full(len(values), np.nan)
    method = framework.normalisation_of(indicator)
    if method.name == "reference":
        place = _place_of(method, values, indicator, period, units)
        method = Method(method.name, {"city": place})
    return _apply(method, values, indicator, period)


def _place_of(
    method: Method, values: Array, indicator: Indicator, period: str, units: pd.Index[Any]
) -> int:
    """Where the reference city of a method stands among the rows of a period."""
    cities = list(units.get_level_values("city"))
    city = method.parameters.get("city")
    place = cities.index(city) if city in cities else -1
    if np.isnan(values).all() or (place >= 0 and not np.isnan(values[place])):
        return place
    raise InputError(
        Problem(
            msg(
                "{code} cannot be scored by 'reference': the reference city '{city}' has no "
                "value of it in {period}.",
                code=indicator.code,
                city=city,
                period=period,
            ),
            (did_you_mean(str(city), [str(one) for one in cities]) if place < 0 else "")
            or msg("Name a city that has a value in every period, or choose another normalise:."),
        )
    )


def fill(scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Fill missing scores by the policy; ``rescale`` and ``strict`` leave them.

    ``zero`` puts 0, ``worst`` the lowest score of the period. A city without any score in a
    period stays without: it is not known to be bad.
    """
    if policy in {"rescale", "strict"}:
        return scores
    known = scores.notna().any(axis=1)
    if policy == "zero":
        return scores.fillna(0.0).where(known)
    return scores.fillna(scores.groupby(level="period").transform("min")).where(known)


def scored_weights(framework: Framework, weights: Weights) -> dict[str, float]:
    """The weights, with 0 for whatever holds nothing that can be scored."""
    kept: dict[str, float] = {}
    for code, node in reversed(list(framework.nodes.items())):
        if isinstance(node, Group):
            counts = any(kept[child.code] > 0 for child in node.children)
        else:
            counts = scorable(node, framework)
        kept[code] = weights.get(code, 1.0) if counts else 0.0
    return kept


def roll_up(
    scores: pd.DataFrame, known: pd.DataFrame, framework: Framework, weights: Weights
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Aggregate indicator scores up the tree.

    ``scores`` (filled by the policy) and ``known`` (bool: a value is observed or imputed) have
    a column for each indicator and rows ``(city, period)``. Gives points and the share (0–1)
    that is known, with the same rows and a column for each code. A group under the framework's
    ``min_coverage`` has no points; into the group above it enters as the policy says, left out
    or as filled. Raises :class:`InputError` where a method cannot take a score, naming city,
    group and part.
    """
    points, coverage = _climb(scores, known, framework, weights)
    for group in framework.all_groups:
        shown = _enough(coverage[group.code], framework)
        points[group.code] = np.where(shown, points[group.code], np.nan)
    return _wide(points, scores.index), _wide(coverage, scores.index)


def coverage_of(observed: pd.DataFrame, framework: Framework, weights: Weights) -> pd.DataFrame:
    """Give the share (0–1) of the weight of each code that is observed; as in :func:`roll_up`."""
    return _wide(_covered(observed, framework, weights), observed.index)


def _covered(observed: pd.DataFrame, framework: Framework, weights: Weights) -> dict[str, Array]:
    scored = scored_weights(framework, weights)
    coverage = _columns(observed)
    for indicator in framework.indicators:
        if not scorable(indicator, framework):
            coverage[indicator.code] = np.full(len(observed), np.nan)
    for group in reversed(framework.all_groups):
        codes = [child.code for child in group.children]
        known = np.nan_to_num(np.column_stack([coverage[code] for code in codes]))
        share = np.array([scored[code] for code in codes])
        total = share.sum()
        none = np.full(len(observed), np.nan)
        coverage[group.code] = known @ share / total if total > 0 else none
    return coverage


def _climb(
    scores: pd.DataFrame, known: pd.DataFrame, framework: Framework, weights: Weights
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Points as they enter the group above, and the share that is known, by code."""
    scored = scored_weights(framework, weights)
    blocks = periods_of(scores.index)
    policy = framework.missing.policy
    points = _columns(scores)
    coverage = _covered(known, framework, weights)
    for group in reversed(framework.all_groups):
        codes = [child.code for child in group.children]
        parts = np.column_stack([points[code] for code in codes])
        share = np.array([scored[code] for code in codes])
        if policy in {"rescale", "strict"}:
            counts = _enough(coverage[group.code], framework)
            if policy == "strict":
                counts &= ~np.any(np.isnan(parts) & (share > 0), axis=1)
            # A city that is not scored is not compared with others either.
            parts = np.where(counts[:, np.newaxis], parts, np.nan)
        points[group.code] = _merge(parts, share, group, framework.method_of(group), scores, blocks)
    return points, coverage


def _wide(columns: dict[str, Array], rows: pd.Index[Any]) -> pd.DataFrame:
    """Put arrays side by side: quicker than a table made of a dictionary."""
    return pd.DataFrame(np.column_stack(list(columns.values())), index=rows, columns=list(columns))


def _columns(wide: pd.DataFrame) -> dict[str, Array]:
    """The columns as arrays: quicker than asking the table for each."""
    return dict(zip(wide.columns, wide.to_numpy(dtype=float).T, strict=True))


def _enough(cover: Array, framework: Framework) -> npt.NDArray[np.bool_]:
    return (cover > 0) & (cover >= framework.missing.min_coverage - _ROUNDING)


def contributions(
    scores: pd.DataFrame, known: pd.DataFrame, framework: Framework, weights: Weights
) -> pd.DataFrame:
    """Points of ``TOTAL`` that each indicator gives; arguments as in :func:`roll_up`.

    A score times its partial derivative, which sums to the whole for every mean of degree one
    (Euler's theorem). NaN where there is no ``TOTAL``, and below a group whose method does
    not split.
    """
    points, coverage = _climb(scores, known, framework, weights)
    total = framework.root.code
    has_total = ~np.isnan(points[total]) & _enough(coverage[total], framework)
    scored = scored_weights(framework, weights)
    blocks = periods_of(scores.index)
    slope = {total: np.ones(len(scores))}
    for group in framework.all_groups:
        codes = [child.code for child in group.children]
        has_score = ~np.isnan(points[group.code])[:, np.newaxis]
        parts = np.where(has_score, np.column_stack([points[code] for code in codes]), np.nan)
        share = np.array([scored[code] for code in codes])
        method = framework.method_of(group)
        slopes = np.where(has_score, np.full(parts.shape, np.nan), 0.0)
        if method.name in RELATIVE & SLOPES.keys():
            for _, rows in blocks:
                slopes[rows] = SLOPES[method.name](parts[rows], share, **method.parameters)
        elif method.name in SLOPES:
            slopes = SLOPES[method.name](parts, share, **method.parameters)
        for i, code in enumerate(codes):
            slope[code] = slope[group.code] * slopes[:, i]
    leaves = [indicator.code for indicator in framework.indicators]
    gained = {c: np.where(has_total, slope[c] * np.nan_to_num(points[c]), np.nan) for c in leaves}
    return _wide(gained, scores.index)


def _merge(
    parts: Array,
    share: Array,
    group: Group,
    method: Method,
    scores: pd.DataFrame,
    blocks: Sequence[tuple[str, npt.NDArray[np.intp]]],
) -> Array:
    bad = outside(parts, domain(method.name, method.parameters)) & (share > 0)
    if bad.any():
        row, child = np.argwhere(bad)[0]
        raise InputError(
            Problem(
                msg(
                    "the {name} mean of {code} cannot take the score {parts} of {code_2} "
                    "({index}).",
                    name=method.name,
                    code=group.code,
                    parts=format(parts[row, child], "g"),
                    code_2=group.children[child].code,
                    index=_unit_name(scores.index, row),
                ),
                msg(
                    "Set aggregate: arithmetic for {code}, or goalposts or a normalise: "
                    "range that keep scores above 0.",
                    code=group.code,
                ),
            )
        )
    function = AGGREGATE[method.name]
    try:
        if method.name not in RELATIVE:
            return function(parts, share, **method.parameters)
        merged = np.full(len(parts), np.nan)
        for _, rows in blocks:
            merged[rows] = function(parts[rows], share, **method.parameters)
        return merged
    except (TypeError, ValueError) as error:
        raise InputError(
            Problem(
                msg(
                    "{code} cannot be aggregated by '{name}': {error}.",
                    code=group.code,
                    name=method.name,
                    error=error,
                ),
                msg(
                    "Mend its parameters, or choose another aggregate: for {code}.", code=group.code
                ),
            )
        ) from None


def _unit_name(rows: pd.Index[Any], row: int) -> str:
    return " ".join(str(part) for part in np.atleast_1d(np.asarray(rows[row], dtype=object)))


def _apply(method: Method, values: Array, indicator: Indicator, period: str) -> Array:
    needed: dict[str, Any] = {k: v for k, v in method.parameters.items() if k != "across"}
    name = method.name
    if name in {"goalposts", "scaled"} and indicator.goalposts:
        needed.setdefault("low", indicator.goalposts[0])
        needed.setdefault("high", indicator.goalposts[1])
    if name in _BY_TARGET and "target" not in needed:
        due = indicator.target(period)
        assert due is not None
        needed["target"] = due[1]
    try:
        return NORMALISE[name](values, indicator.direction, **needed)
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
