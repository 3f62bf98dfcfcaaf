"""Draws of weights: which of them a choice draws, how, and what that does to effective weights."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field

import numpy as np
import numpy.typing as npt

from kpi_lib.analysis.robustness.spec import WeightChoice
from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.model import Framework
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.scoring.ensemble import effective_weights
from kpi_lib.scoring.tree import Tree

Array = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, repr=False)
class Moved(Displayed):
    """Weights that a choice draws: ``nodes`` among the columns, with the draw's parameter each.

    ``centre`` are the weights around which noise is drawn. ``parameters`` are sizes of the
    noise, or parameters of a Dirichlet distribution.
    """

    nodes: Positions
    centre: Array
    parameters: Array


def moved_by(choice: WeightChoice, tree: Tree, weights: Array, framework: Framework) -> Moved:
    """Find the weights that a choice draws: those of parts that have siblings with weight.

    Noise on effective weights draws those of all indicators. ``weights`` has shape
    ``(nodes,)``. Raises :class:`InputError` where a level that is named has none to draw.
    """
    if choice.on == "effective":
        shares = effective_weights(tree, weights[np.newaxis])[0]
        some = np.flatnonzero(shares > 0)
        some = some if len(some) > 1 else some[:0]
        return Moved(tree.leaf_nodes[some], shares[some], np.full(len(some), choice.every))
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
                    reached=", ".join(map(str, sorted(reached))),
                )
                if reached
                else msg("No level has such a group."),
            )
        )
    at = np.array(nodes, dtype=np.intp)
    return Moved(at, weights[at], np.array(parameters))


def draw_weights(
    choice: WeightChoice, moved: Moved, random: np.random.Generator, count: int
) -> Array:
    """Draw the moved weights ``count`` times: shape ``(count, moved)``."""
    shape = (count, len(moved.nodes))
    if choice.draw == "dirichlet":
        # Gamma variables in proportion are Dirichlet shares (Devroye, 1986, chapter XI.4).
        return random.standard_gamma(moved.parameters, size=shape)
    if choice.draw == "simplex":
        return random.standard_exponential(shape)
    factor = 1 + moved.parameters * (2 * random.random(shape) - 1)
    return moved.centre * factor


def put_weights(
    weights: Array, choice: WeightChoice, moved: Moved, drawn: Array, tree: Tree
) -> None:
    """Put drawn weights in their places among ``weights`` (draws, nodes), in place.

    Where effective weights were drawn, each group weighs what is below it, so that the share
    of an indicator in the whole is as drawn.
    """
    weights[:, moved.nodes] = drawn
    if choice.on == "effective" and len(moved.nodes):
        for branch in tree.branches:
            weights[:, branch.node] = weights[:, branch.below].sum(axis=1)


@dataclass(repr=False)
class WeightSpan(Displayed):
    """Least and most effective weight of each indicator over draws, shape ``(leaves,)``.

    An effective weight is the share of all weight: the product of the shares among siblings on
    the way up the tree.
    """

    own: InitVar[Array]
    least: Array = field(init=False)
    most: Array = field(init=False)

    def __post_init__(self, own: Array) -> None:
        """Begin with no draw, but with the weights as they stand: ``own``, shape (1, leaves)."""
        self.least, self.most = own[0], own[0]

    def add(self, shares: Array) -> None:
        """Take in effective weights, shape ``(draws, leaves)``."""
        self.least = np.minimum(self.least, shares.min(axis=0))
        self.most = np.maximum(self.most, shares.max(axis=0))

    def merge(self, other: WeightSpan) -> None:
        """Take in the span of other draws."""
        self.least = np.minimum(self.least, other.least)
        self.most = np.maximum(self.most, other.most)
