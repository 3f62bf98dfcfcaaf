"""Weights that follow from the scores themselves.

Each method takes the scores of a group's children, shape ``(cities, children)``, and gives
relative weights that sum to 1, shape ``(children,)``. Statistical weights say which parts
tell cities apart or go together, not which matter: OECD and JRC, *Handbook on Constructing
Composite Indicators* (2008), section 1.6, on when that is wanted. The weights by which
:func:`kpi_lib.methods.aggregate.benefit_of_the_doubt` scores each city follow from the scores too,
but differ from city to city, and so are part of that aggregation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import optimize

from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.model import TOTAL, Framework, Group
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import number
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.choice import as_method
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.facts import facts_of
from kpi_lib.scoring.indicators import fill
from kpi_lib.scoring.rollup import roll_up, scored_weights
from kpi_lib.scoring.scoreboard import Scoreboard

Array = npt.NDArray[np.float64]
Merge = Callable[[Array, Array], Array]
PcaVariant = Literal["rotated", "first"]

# Correlations of fewer cities than this say nothing.
_LEAST_CITIES = 8


class OpposedError(ValueError):
    """A part that goes against the others: ``part`` is its place, ``weight`` what it would be."""

    def __init__(self, part: int, weight: float) -> None:
        super().__init__(
            msg(
                "part {part} goes against the others: on the first component its weight would "
                "be {weight}, and a weight cannot be negative",
                part=part + 1,
                weight=number(weight, message_language(), 2),
            )
        )
        self.part, self.weight = part, weight


def pca(scores: Array, *, variant: PcaVariant = "rotated", components: int | None = None) -> Array:
    """Weigh by principal components of the correlations, over cities that have every child.

    Variant ``rotated``: the components (by default those with an eigenvalue above 1, at least
    one) are rotated by varimax; a child's weight is its highest squared loading. Source:
    Nicoletti, Scarpetta and Boylaud, Summary indicators of product market regulation (2000);
    OECD and JRC (2008), section 1.6.

    Variant ``first``: the loadings on the first component with their signs, which are turned
    so that their sum is above 0; the whole is then that component but for its scale. A child
    that goes against the others would weigh less than nothing: raises :class:`OpposedError`.
    Source: Filmer and Pritchett, Estimating wealth effects without expenditure data (2001);
    ``get_PCA`` of COINr. It takes no ``components``.
    """
    if variant not in get_args(PcaVariant):
        raise ValueError(
            msg(
                "the variant is '{variant}'; expected one of: {known}",
                variant=variant,
                known=", ".join(get_args(PcaVariant)),
            )
        )
    values, vectors = np.linalg.eigh(_correlations(scores))
    values, vectors = values[::-1], vectors[:, ::-1]
    if variant == "first":
        if components is not None:
            raise ValueError(msg("the variant 'first' takes no components"))
        return _signed(vectors[:, 0])
    count = max(int(np.sum(values > 1 + 1e-9)), 1) if components is None else components
    if not 1 <= count <= len(values):
        raise ValueError(
            msg("components is {count}; expected 1 to {n}", count=count, n=len(values))
        )
    loadings = varimax(vectors[:, :count] * np.sqrt(np.maximum(values[:count], 0.0)))
    return _shares(np.max(loadings**2, axis=1))


def _signed(loadings: Array) -> Array:
    """Signed loadings as weights, none of which may be negative but by rounding."""
    # Where they sum to nothing, the greatest counts as positive.
    total = float(loadings.sum())
    turn = total if abs(total) > 1e-9 else float(loadings[np.argmax(np.abs(loadings))])
    turned = loadings if turn > 0 else -loadings
    least = int(np.argmin(turned))
    if turned[least] < -1e-9:
        raise OpposedError(least, float(turned[least] / np.sum(np.abs(turned))))
    return _shares(np.maximum(turned, 0.0))


def entropy(scores: Array) -> Array:
    """Weigh by how unevenly a child's points are spread over the cities (Shannon entropy).

    A child in which all cities score the same has no weight. Each child over the cities that
    have it; scores must not be negative. Source: Zeleny, Multiple Criteria Decision Making
    (1982), section 7.3; Hwang and Yoon, Multiple Attribute Decision Making (1981).
    """
    if np.any(scores < 0):
        raise ValueError(msg("shares of points need scores of 0 or more"))
    there = ~np.isnan(scores)
    points = np.where(there, scores, 0.0)
    total = points.sum(axis=0)
    share = points / np.where(total > 0, total, 1.0)
    logs = np.log(np.where(share > 0, share, 1.0))
    most = np.log(np.maximum(there.sum(axis=0), 2))
    spread = 1 + np.sum(share * logs, axis=0) / most
    return _shares(np.where(total > 0, np.maximum(spread, 0.0), 0.0))


def critic(scores: Array) -> Array:
    """Weigh by contrast and conflict: spread, and how little it goes with the other children.

    The standard deviation on a scale of 0–1 times the sum of ``1 − correlation``. Over the
    cities that have every child. Source: Diakoulaki, Mavrotas and Papayannakis, Determining
    objective weights in multiple criteria problems: the CRITIC method (1995).
    """
    correlations = _correlations(scores)
    known = scores[~np.isnan(scores).any(axis=1)]
    spread = known.std(axis=0, ddof=1) / np.ptp(known, axis=0)
    return _shares(spread * np.sum(1 - correlations, axis=0))


@dataclass(frozen=True, repr=False)
class Balance(Displayed):
    """Weights by which each child matters as wanted, as nearly as weights can bring about.

    All are shares, shape ``(children,)``: ``wanted`` and ``reached`` of importance.
    """

    weights: Array
    wanted: Array
    reached: Array

    @property
    def gap(self) -> float:
        """How far the importance of a child is from what is wanted, at most (0–1)."""
        return float(np.max(np.abs(self.wanted - self.reached)))


def balance(
    scores: Array, wanted: Array, *, merge: Merge | None = None, squared: bool = False
) -> Balance:
    """Find weights under which the importance of each child is in proportion to ``wanted``.

    Importance is the correlation with the whole, or its square (the share of variance it
    explains alone), each over the cities that have the child; ``merge`` makes the whole, by
    default as an arithmetic mean. Children that go against the others cannot be balanced:
    :attr:`Balance.gap` says how near it is. Source: Becker, Saisana, Paruolo and
    Vandecasteele, Weights and importance in composite indicators (2017);
    ``get_opt_weights`` of COINr.
    """
    merged = merge or AGGREGATE["arithmetic"]
    goal = _shares(wanted)

    def reached(logs: Array) -> Array:
        importance = correlation_with_whole(scores, merged(scores, _soft(logs)))
        importance = importance**2 if squared else importance
        total = importance.sum()
        return importance / (total if abs(total) > 1e-9 else 1e-9)

    def missed(logs: Array) -> Array:
        # Only the ratios of weights count; the last term settles their size.
        return np.append(reached(logs) - goal, 1e-6 * np.mean(logs))

    start = np.log(np.maximum(goal, 1e-3))
    found = optimize.least_squares(
        missed, start, bounds=(-9.0, 9.0), xtol=1e-12, ftol=1e-12, gtol=1e-12
    )
    return Balance(_soft(found.x), goal, reached(found.x))


def correlation_with_whole(scores: Array, whole: Array) -> Array:
    """Correlation of each child with the whole, over the cities that have both; 0 for a constant.

    Shape ``(children,)``.
    """
    there = ~np.isnan(scores) & ~np.isnan(whole)[:, np.newaxis]
    count = np.maximum(there.sum(axis=0), 1)
    one = np.where(there, scores, 0.0)
    two = np.where(there, whole[:, np.newaxis], 0.0)
    one = np.where(there, one - one.sum(axis=0) / count, 0.0)
    two = np.where(there, two - two.sum(axis=0) / count, 0.0)
    below = np.sqrt(np.sum(one**2, axis=0) * np.sum(two**2, axis=0))
    correlation: Array = np.sum(one * two, axis=0) / np.where(below > 0, below, np.inf)
    return correlation


def varimax(loadings: Array) -> Array:
    """Turn loadings ``(children, components)`` so that each child is near one component.

    Source: Kaiser, The varimax criterion for analytic rotation in factor analysis (1958), by
    the singular values of its gradient.
    """
    count = loadings.shape[1]
    turn, before = np.eye(count), 0.0
    for _ in range(500):
        turned = loadings @ turn
        gradient = turned**3 - turned * np.mean(turned**2, axis=0)
        left, sizes, right = np.linalg.svd(loadings.T @ gradient)
        turn = left @ right
        if sizes.sum() <= before * (1 + 1e-12):
            break
        before = sizes.sum()
    result: Array = loadings @ turn
    return result


DATA_WEIGHTS: Mapping[str, Callable[..., Any]] = {
    "pca": pca,
    "entropy": entropy,
    "critic": critic,
    "balance": balance,
}
"""The methods by name."""


def weigh(
    board: Scoreboard,
    method: str | Mapping[str, Any],
    *,
    groups: Collection[str] | None = None,
    period: str | int | None = None,
) -> dict[str, float]:
    """Weights of the children of some groups (by default all) by a method of this module.

    Gives weights for :func:`kpi_lib.score`: ``score(..., weights=weigh(board, "pca"))``, or with
    its parameters, ``{"method": "pca", "variant": "first"}``. The groups are weighed from the
    leaves up, each by the scores that its children have under the new weights, over all periods of
    the board or one. ``balance`` takes the weights of the board as the importance that is wanted.
    Other groups keep their weights. Raises :class:`InputError` where a group has too few cities
    with data, naming it.
    """
    chosen = as_method(method, DATA_WEIGHTS)
    framework = board.framework
    asked = {group.code for group in framework.all_groups} if groups is None else set(groups)
    weights = dict(board.weights)
    kept = board.points.index
    if period is not None:
        kept = kept[kept.get_level_values("period") == board.period(period)]
    leaves = [leaf.code for leaf in framework.indicators]
    counted = fill(board.points.loc[kept, leaves], framework)
    known = board.known.loc[kept]
    applies = facts_of(board.observations, framework, kept).applies
    points = counted
    for code in [code for code in asked if not isinstance(framework.node(code), Group)]:
        raise InputError(
            msg("'{code}' is an indicator; only a group has parts to weigh.", code=code)
        )
    for group in reversed(framework.all_groups):
        share = scored_weights(framework, weights)
        parts = [child.code for child in group.children if share[child.code] > 0]
        if group.code not in asked or len(parts) < 2:
            continue
        if group.groups:
            points, _ = roll_up(counted, known, framework, weights, applies)
        scores = points[parts].to_numpy(dtype=float)
        nominal = np.array([share[part] for part in parts])
        found = _weights_of(chosen, parts, scores, nominal, framework, group)
        weights |= {part: float(x) for part, x in zip(parts, found, strict=True)}
    weights.pop(TOTAL, None)
    return weights


def _weights_of(
    chosen: Method,
    parts: Sequence[str],
    scores: Array,
    nominal: Array,
    framework: Framework,
    group: Group,
) -> Array:
    name, parameters = chosen.name, dict(chosen.parameters)
    try:
        if name != "balance":
            return np.asarray(DATA_WEIGHTS[name](scores, **parameters), dtype=np.float64)
        method = framework.method_of(group)
        if AGGREGATE[method.name].relative or method.name in {"min", "max", "median"}:
            raise ValueError(
                msg("importance under '{name}' does not change smoothly", name=method.name)
            )
        _complete(scores)

        def merge(children: Array, weights: Array) -> Array:
            return AGGREGATE[method.name](children, weights, **method.parameters)

        return balance(scores, nominal, merge=merge, **parameters).weights
    except OpposedError as error:
        raise InputError(
            Problem(
                msg(
                    "{part} goes against the other parts of {code}: on the first component its "
                    "weight would be {weight}, and a weight cannot be negative.",
                    part=parts[error.part],
                    code=group.code,
                    weight=number(error.weight, message_language(), 2),
                ),
                msg(
                    "Check its direction, take {method: pca, variant: rotated}, or leave the "
                    "group out (groups:)."
                ),
            )
        ) from None
    except ValueError as error:
        raise InputError(
            Problem(
                msg(
                    "the parts of {code} cannot be weighed by '{name}': {error}.",
                    code=group.code,
                    name=name,
                    error=error,
                ),
                msg("Choose another method for this group, or leave it out (groups:)."),
            )
        ) from None


def _correlations(scores: Array) -> Array:
    known = _complete(scores)
    if np.any(np.ptp(known, axis=0) == 0):
        raise ValueError(msg("one of them is the same in all cities"))
    return np.asarray(np.corrcoef(known, rowvar=False), dtype=np.float64).reshape(
        scores.shape[1], scores.shape[1]
    )


def _complete(scores: Array) -> Array:
    known = scores[~np.isnan(scores).any(axis=1)]
    least = max(_LEAST_CITIES, scores.shape[1] + 1)
    if len(known) < least:
        raise ValueError(
            msg(
                "{n} rows (a city in a period each) have all of them; it takes {least}",
                n=len(known),
                least=least,
            )
        )
    return known


def _shares(sizes: Array) -> Array:
    """Sizes in proportion, summing to 1; equal where all are 0."""
    total = sizes.sum()
    return sizes / total if total > 0 else np.full(sizes.shape, 1 / sizes.size)


def _soft(logs: Array) -> Array:
    return _shares(np.exp(logs - logs.max()))
