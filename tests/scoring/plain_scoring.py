"""A second implementation of scoring: plain Python, exact fractions, one city at a time.

It is written from the method as it is described, shares no code with kpi_lib, and is slow. A
framework is what its file holds, an observation is a mapping with ``city, period, indicator,
value`` and ``unit``; a value is a number, a word, or None where it is missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

Number = Fraction | float
Unit = tuple[str, str]
"""City and period."""

Node = Mapping[str, Any]

NOT_APPLICABLE = "not applicable"
IN_POINTS = "điểm"
BOUNDED = {"goalposts", "target", "fraction_of_max", "percentile", "pass_fail", "minmax"}
RULES = {"bands": "steps", "piecewise": "knots", "categories": "scores"}


class NotTakenError(Exception):
    """A method cannot take a value, such as a geometric mean a zero."""


@dataclass(frozen=True)
class Scored:
    """What scoring says of one code in one city and period; None where it says nothing."""

    score: Number | None
    coverage: Number | None
    maximum: Number | None = None
    rank: int | None = None


@dataclass(frozen=True)
class Part:
    """A child as it enters its group, where anything in it applies.

    ``observed`` is the share of its weight that is observed, ``seen`` that which is observed or
    imputed, None where it has no weight; ``shown`` is its score as it is published, ``counted``
    as it enters its group. ``told`` says whether anything in it is known.
    """

    shown: Number | None
    counted: Number | None
    weight: Number
    observed: Number | None
    seen: Number | None
    maximum: Number = Fraction(0)
    told: bool = False


def exact(number: Any) -> Number:
    """A number of a file as the decimal that is written there."""
    return Fraction(str(number)) if isinstance(number, int | float) else Fraction(number)


def digits(number: Number) -> Decimal:
    """A number to twelve significant digits: those that agree in them are the same."""
    return Decimal(f"{float(number):.11e}")


def half_up(number: Number, decimals: int | None) -> Number:
    """A number to decimals, a half away from 0."""
    if decimals is None:
        return number
    step = Fraction(10) ** decimals
    size = Fraction(math.floor(abs(Fraction(digits(number * step))) + Fraction(1, 2))) / step
    return size if number >= 0 else -size


def children(node: Node) -> list[Node]:
    return [*node.get("groups", ()), *node.get("indicators", ())]


def is_group(node: Node) -> bool:
    return "groups" in node or "indicators" in node


def leaves(node: Node) -> Iterator[Node]:
    for child in children(node):
        if is_group(child):
            yield from leaves(child)
        else:
            yield child


def groups(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        if is_group(child):
            yield from groups(child)


def method(told: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(told, str):
        return told, {}
    return told["method"], {key: value for key, value in told.items() if key != "method"}


# Normalisation


def of_kind(table: Any, by: str | None, city: Mapping[str, str]) -> Any:
    """A rule, or that for the class of a city where it differs by one."""
    return table if by is None else table[city[by]]


def share(value: Number, low: Number, high: Number, direction: str) -> Number:
    done = (value - low) / (high - low)
    return done if direction == "higher" else 1 - done


def clipped(score: Number) -> Number:
    return min(max(score, Fraction(0)), Fraction(100))


def reached(value: Number, aim: Number, direction: str) -> Number:
    """The share of an aim that is reached, in percent; all of it where the aim is met."""
    if value >= aim if direction == "higher" else value <= aim:
        return Fraction(100)
    return clipped(100 * (value / aim if direction == "higher" else aim / value))


def bands(value: Number, steps: Sequence[Sequence[Any]], closed: str) -> Number:
    earned = exact(steps[0][1])
    for number, score, *above in steps:
        bound, here = digits(exact(number)), digits(value)
        if here > bound or (here == bound and closed == "low" and not above):
            earned = exact(score)
    return earned


def piecewise(value: Number, knots: Sequence[Sequence[Any]], closed: str) -> Number:
    points = [(exact(number), exact(score)) for number, score, *_ in knots]
    on = [at for at, (number, _) in enumerate(points) if digits(number) == digits(value)]
    if on:
        later = closed == "low" and "above" not in knots[on[-1]]
        return points[on[-1] if later else on[0]][1]
    under = [point for point in points if point[0] < value]
    above = [point for point in points if point[0] > value]
    if not under or not above:
        return above[0][1] if above else under[-1][1]
    (left, low), (right, high) = under[-1], above[0]
    return low + (value - left) / (right - left) * (high - low)


def target_of(leaf: Node, period: str, city: Mapping[str, str]) -> Number:
    """The next target that is due, else the last one."""
    told = leaf["targets"]
    dated = of_kind(told, told.get("by"), city)
    years = sorted(int(year) for year in dated)
    due = next((year for year in years if year >= int(period)), years[-1])
    return exact({int(year): value for year, value in dated.items()}[due])


def places(values: Sequence[Number], direction: str) -> list[int]:
    """Places counted from the worst value up; ties share the lower."""
    marks = [digits(v if direction == "higher" else -v) for v in values]
    return [1 + sum(other < mark for other in marks) for mark in marks]


def relative(
    name: str, told: Mapping[str, Any], values: Sequence[Number], direction: str
) -> list[Number]:
    """Scores of cities against each other."""
    count = len(values)
    if name in {"rank", "borda", "percentile"}:
        ranks = [Fraction(place) for place in places(values, direction)]
        if name == "rank":
            return list(ranks)
        if name == "borda":
            return [rank - 1 for rank in ranks]
        return [100 * (rank - 1) / (count - 1) if count > 1 else Fraction(50) for rank in ranks]
    low, high = min(values), max(values)
    equal = digits(low) == digits(high)
    if name == "minmax":
        least, most = exact(told.get("low", 0)), exact(told.get("high", 100))
        if equal:
            return [(least + most) / 2] * count
        return [least + share(v, low, high, direction) * (most - least) for v in values]
    if name == "fraction_of_max":
        if low < 0:
            raise NotTakenError
        return [reached(v, high if direction == "higher" else low, direction) for v in values]
    assert name == "zscore"
    middle, width = exact(told.get("mean", 0)), exact(told.get("sd", 1))
    if equal:
        return [middle] * count
    mean = sum(values) / Fraction(count)
    spread = math.sqrt(sum((v - mean) ** 2 for v in values) / (count - 1))
    sign = 1 if direction == "higher" else -1
    return [middle + width * sign * (v - mean) / spread for v in values]


def absolute(
    leaf: Node,
    name: str,
    told: Mapping[str, Any],
    value: Any,
    period: str,
    city: Mapping[str, str],
) -> Number:
    """The score of a value that no other city has a say in."""
    direction = leaf.get("direction")
    if name == "categories":
        words = of_kind(told["scores"], told.get("by"), city)
        return exact(words[value])
    if name in RULES:
        table = of_kind(told[RULES[name]], told.get("by"), city)
        return (bands if name == "bands" else piecewise)(value, table, told.get("closed", "low"))
    if name in {"goalposts", "scaled"}:
        posts = leaf.get("goalposts")
        if isinstance(posts, Mapping):
            posts = posts[city[posts["by"]]]
        low, high = (
            (exact(told["low"]), exact(told["high"])) if "low" in told else map(exact, posts)
        )
        if told.get("scale") == "log":
            low, high = math.log(low), math.log(high)
            value = math.log(value) if value > 0 else -math.inf
        score = 100 * share(value, low, high, direction)
        return score if name == "scaled" else clipped(score)
    if name == "none":
        return value if direction == "higher" else -value
    aim = target_of(leaf, period, city)
    if name == "target":
        return reached(value, aim, direction)
    assert name == "pass_fail"
    better = digits(value) >= digits(aim) if direction == "higher" else digits(value) <= digits(aim)
    return Fraction(100 if better else 0)


# The framework as a whole


class Plain:
    """The scores of all cities and periods under a framework."""

    def __init__(
        self,
        spec: Mapping[str, Any],
        rows: Sequence[Mapping[str, Any]],
        cities: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.spec, self.cities = spec, cities
        self.points = spec.get("scale") == "points"
        self.top = Fraction(1 if spec.get("scale") == "one" else 100)
        usual: dict[str, Any] = {"policy": "rescale", "min_coverage": 0.5}
        if self.points:
            usual = {"policy": "zero", "min_coverage": 0}
        self.missing = usual | dict(spec.get("missing", {}))
        self.units: list[Unit] = sorted({(row["city"], row["period"]) for row in rows})
        self.rows = {(row["city"], row["period"], row["indicator"]): row for row in rows}
        self.root = {"code": "TOTAL", "groups": spec["groups"]}
        self.known: set[Unit] = set()
        self.parts = {
            (*unit, leaf["code"]): part
            for leaf in leaves(self.root)
            for unit, part in self.of_leaf(leaf).items()
        }

    def scores(self) -> dict[tuple[str, str, str], Scored]:
        """Everything by city, period and code, with ranks."""
        found: dict[tuple[str, str, str], Scored] = {}
        for unit in self.units:
            self.roll_up(self.root, unit, found)
        ranked = {}
        most = {node["code"]: self.most(node) for node in (*groups(self.root), *leaves(self.root))}
        for (city, period, code), one in found.items():
            others = [
                other
                for (_, when, what), other in found.items()
                if (when, what) == (period, code) and self.takes_part(other, most[code])
            ]
            rank = None
            if self.takes_part(one, most[code]):
                rank = 1 + sum(self.compared(other) > self.compared(one) for other in others)
            ranked[city, period, code] = Scored(one.score, one.coverage, one.maximum, rank)
        return ranked

    def most(self, node: Node) -> Number:
        """The most points of a node, where all of it that is scored applies."""
        if not is_group(node):
            scored = self.points and (not self.without_rule(node) or self.in_points(node))
            return exact(node.get("points", 0)) if scored else Fraction(0)
        return self.limit(node, [self.most(child) for child in children(node)])

    def limit(self, node: Node, parts: Sequence[Number]) -> Number:
        """The most points of a group, from those of its parts."""
        whole = max(parts, default=Fraction(0))
        if node.get("aggregate") != "max":
            whole = sum(parts, Fraction(0))
        return min(whole, exact(node["cap"])) if "cap" in node else whole

    def takes_part(self, one: Scored, most: Number) -> bool:
        """Whether a score is compared: where others have a share, it has one too."""
        return one.score is not None and (most == 0 or one.maximum != 0)

    def compared(self, one: Scored) -> Decimal:
        """By what cities are compared: the share of the maximum where there is one."""
        assert one.score is not None
        own = 100 * one.score / one.maximum if one.maximum else one.score
        cancelled = isinstance(own, float) and abs(own) < 1e-12  # nothing on paper
        return digits(0 if cancelled else own)

    # Indicators

    def of_leaf(self, leaf: Node) -> dict[Unit, Part]:
        """The part that an indicator is of its group, where it applies and can be scored."""
        if self.without_rule(leaf) and not self.in_points(leaf):
            return {}
        scores, imputed = self.normalised(leaf)
        applying = list(self.units)
        for unit in self.units:
            if self.value(unit, leaf) == NOT_APPLICABLE:
                way = leaf.get("not_applicable", self.spec.get("not_applicable", "exclude"))
                if way == "exclude":
                    applying.remove(unit)
                else:
                    settled = self.settled(leaf, way, self.cities[unit[0]])
                    scores[unit] = self.rounded(settled)
        self.known |= scores.keys()
        extra = "bonus" in leaf or "deduction" in leaf
        maximum = exact(leaf.get("points", 0)) if self.points else Fraction(0)
        weight = maximum if self.points else exact(leaf.get("weight", 1))
        return {
            unit: Part(
                scores.get(unit),
                scores.get(unit, Fraction(0) if extra else None),
                weight,
                Fraction(int(unit in scores and unit not in imputed)),
                Fraction(int(unit in scores)),
                maximum,
                unit in scores,
            )
            for unit in applying
        }

    def without_rule(self, leaf: Node) -> bool:
        """Whether nothing says which points a value earns: only points given count."""
        return self.points and not leaf.keys() & {"normalise", "goalposts"}

    def in_points(self, leaf: Node) -> bool:
        """Whether any row gives the points of an indicator."""
        rows = [self.rows.get((*unit, leaf["code"])) for unit in self.units]
        return any(row and row["unit"] == IN_POINTS and row["value"] is not None for row in rows)

    def filled(self, part: Part, unit: Unit, code: str) -> Part:
        """The indicator as its group counts it: a missing score is filled by the policy."""
        policy = self.missing["policy"]
        if part.counted is not None or unit not in self.known or policy in {"rescale", "strict"}:
            return part
        filling: Number | None = Fraction(0)
        if policy == "worst":
            others = [self.parts.get((c, p, code)) for c, p in self.units if p == unit[1]]
            known = [other.shown for other in others if other and other.shown is not None]
            filling = min(known, default=None)
        return replace(part, counted=filling)

    def value(self, unit: Unit, leaf: Node) -> Any:
        return self.rows.get((*unit, leaf["code"]), {"value": None})["value"]

    def settled(self, leaf: Node, way: str, city: Mapping[str, str]) -> Number:
        """The score of an indicator that does not apply, where that is not left out.

        In full it is the best that the rule gives the city.
        """
        if way == "zero":
            return Fraction(0)
        name, told = method(leaf.get("normalise", self.spec.get("normalise", "goalposts")))
        if name in RULES:
            table = of_kind(told[RULES[name]], told.get("by"), city)
            scores = table.values() if name == "categories" else [score for _, score, *_ in table]
            return max(exact(score) for score in scores)
        if self.points:
            return exact(leaf.get("points", leaf.get("bonus", 0)))
        if name == "minmax" and "high" in told:
            return exact(told["high"])
        return self.top

    def normalised(self, leaf: Node) -> tuple[dict[Unit, Number], set[Unit]]:
        """Scores of what is observed or imputed, and what was imputed.

        Scores are on the scale of the framework; points under points.
        """
        code = leaf["code"]
        name, told = method(leaf.get("normalise", self.spec.get("normalise", "goalposts")))
        values, found = {}, {}
        for unit in self.units:
            row = self.rows.get((*unit, code), {"value": None})
            if row["value"] is None or row["value"] == NOT_APPLICABLE:
                continue
            if self.points and row["unit"] == IN_POINTS:
                found[unit] = row["value"]
            elif not self.without_rule(leaf):
                values[unit] = row["value"]
        missing = [
            unit
            for unit in self.units
            if unit not in values and unit not in found and self.value(unit, leaf) is None
        ]
        imputed = self.imputed(code, values, missing)
        values |= imputed
        for unit, score in self.on_own_scale(leaf, name, told, values).items():
            found[unit] = self.scaled(leaf, name, told, score)
        return {unit: self.rounded(score) for unit, score in found.items()}, set(imputed)

    def imputed(
        self, code: str, values: Mapping[Unit, Any], missing: Sequence[Unit]
    ) -> dict[Unit, Number]:
        """Estimates of missing values, by the values of other cities."""
        found: dict[Unit, Number] = {}
        for step in self.spec.get("treatment", ()):
            for unit in missing if code in step["indicators"] else ():
                city, period = unit
                others = [
                    value
                    for (other, when), value in (values | found).items()
                    if (step.get("across") == "panel" or when == period)
                    and (step["by"] != "group_mean" or self.alike(city, other, step["group"]))
                    and (other, when) not in found
                ]
                if others:
                    found[unit] = middle(others) if step["by"] == "median" else mean(others)
        return found

    def alike(self, one: str, other: str, column: str) -> bool:
        return self.cities[one][column] == self.cities[other][column]

    def rounded(self, score: Number) -> Number:
        """The points of an indicator to the framework's decimals; other scores as they are."""
        return half_up(score, self.spec.get("decimals")) if self.points else score

    def on_own_scale(
        self, leaf: Node, name: str, told: Mapping[str, Any], values: Mapping[Unit, Any]
    ) -> dict[Unit, Number]:
        if name in {"rank", "borda", "percentile", "minmax", "fraction_of_max", "zscore"}:
            found: dict[Unit, Number] = {}
            across = told.get("across") == "panel"
            for period in {unit[1] for unit in values}:
                own = [unit for unit in values if across or unit[1] == period]
                scores = relative(name, told, [values[unit] for unit in own], leaf["direction"])
                found |= dict(zip(own, scores, strict=True))
            return found
        return {
            unit: absolute(leaf, name, told, value, unit[1], self.cities[unit[0]])
            for unit, value in values.items()
        }

    def scaled(self, leaf: Node, name: str, told: Mapping[str, Any], score: Number) -> Number:
        if self.points:
            if name in RULES:
                return score
            if "deduction" in leaf:
                return (score / 100 - 1) * exact(leaf["deduction"])
            return score / 100 * exact(leaf.get("points", leaf.get("bonus")))
        own = name not in BOUNDED or (name == "minmax" and "high" in told)
        return score if own else score / 100 * self.top

    # Groups

    def roll_up(
        self, node: Node, unit: Unit, found: dict[tuple[str, str, str], Scored]
    ) -> Part | None:
        """The part that a group is of its own group; None where nothing in it applies."""
        parts: list[Part] = []
        for child in children(node):
            if is_group(child):
                part = self.roll_up(child, unit, found)
            else:
                part = self.parts.get((*unit, child["code"]))
                found[(*unit, child["code"])] = self.told(part)
                if part is not None:
                    part = self.filled(part, unit, child["code"])
            if part is not None:
                parts.append(part)
        whole = None
        if parts:
            whole = self.of_points(node, parts) if self.points else self.of_weights(node, parts)
        found[(*unit, node["code"])] = self.told(whole)
        return whole

    def told(self, part: Part | None) -> Scored:
        if part is None:
            return Scored(None, None, Fraction(0) if self.points else None)
        return Scored(part.shown, part.observed, part.maximum if self.points else None)

    def enough(self, coverage: Number) -> bool:
        """Whether enough is observed for a score; nothing is, but where 0 is what it earns."""
        least = exact(self.missing["min_coverage"])
        if coverage == 0 and (least > 0 or self.missing["policy"] != "zero"):
            return False
        return digits(coverage) >= digits(least)

    def entered(self, score: Number | None, coverage: Number) -> Number | None:
        """A group's score as it enters the group above: left out, or as it was filled."""
        left_out = self.missing["policy"] in {"rescale", "strict"}
        return None if left_out and not self.enough(coverage) else score

    def of_weights(self, node: Node, parts: Sequence[Part]) -> Part | None:
        """A group of parts with weights; one in which nothing has a weight is left out."""
        parts = [part for part in parts if part.weight > 0]
        if not parts:
            return None
        coverage, observed = covered(parts), covered(parts, "observed")
        score = None
        if self.missing["policy"] not in {"rescale", "strict"} or self.enough(coverage):
            score = self.aggregated(node, parts)
        if score is not None:
            score = half_up(score, self.spec.get("decimals"))
        shown = score if self.enough(coverage) else None
        counted = self.entered(score, coverage)
        return Part(shown, counted, exact(node.get("weight", 1)), observed, coverage)

    def aggregated(self, node: Node, parts: Sequence[Part]) -> Number | None:
        there = [(part.counted, part.weight) for part in parts if part.counted is not None]
        if not there or (self.missing["policy"] == "strict" and len(there) < len(parts)):
            return None
        name, told = method(node.get("aggregate", self.spec.get("aggregate", "arithmetic")))
        scores, weights = [score for score, _ in there], [weight for _, weight in there]
        if name == "sum":
            whole = sum((part.weight for part in parts), Fraction(0))
            return arithmetic(scores, weights) * whole
        if name == "power":
            return power(scores, weights, told["p"])
        return MEANS[name](scores, weights)

    def of_points(self, node: Node, parts: Sequence[Part]) -> Part:
        """A group of points: those with a maximum are summed, the others add to that."""
        best = node.get("aggregate") == "max"
        regular = [part for part in parts if part.maximum > 0]
        extras = [part.counted for part in parts if part.maximum == 0]
        most = [part.maximum for part in regular]
        whole = max(most, default=Fraction(0)) if best else sum(most, Fraction(0))
        there = [part for part in regular if part.counted is not None]
        earned = [part.counted for part in there if part.counted is not None]
        score: Number | None = (
            max(earned, default=Fraction(0)) if best else sum(earned, Fraction(0))
        )
        policy = self.missing["policy"]
        if regular and (not there or (policy == "strict" and len(there) < len(regular))):
            score = None
        elif there and policy == "rescale" and not best:
            score = score / sum((part.maximum for part in there), Fraction(0)) * whole
        maximum = self.limit(node, most)
        known = any(part.told for part in parts)
        if score is not None:
            score += sum((extra for extra in extras if extra is not None), Fraction(0))
            score = min(score, exact(node["cap"])) if "cap" in node else score
            score = max(score, exact(node["floor"])) if "floor" in node else score
            score = half_up(score, self.spec.get("decimals"))
        if not regular:
            shown = None if self.most(node) > 0 and not known else score
            return Part(shown, score, maximum, None, None, maximum, known)
        coverage, observed = covered(regular), covered(regular, "observed")
        shown = score if self.enough(coverage) else None
        counted = self.entered(score, coverage)
        return Part(shown, counted, maximum, observed, coverage, maximum, known)


def covered(parts: Sequence[Part], of: str = "seen") -> Number:
    """The share of the weight of some parts that is seen, or observed."""
    seen = sum((part.weight * (getattr(part, of) or 0) for part in parts), Fraction(0))
    return seen / sum((part.weight for part in parts), Fraction(0))


def mean(values: Sequence[Number]) -> Number:
    return sum(values) / Fraction(len(values))


def middle(values: Sequence[Number]) -> Number:
    """The median."""
    ordered = sorted(values)
    return mean([ordered[(len(values) - 1) // 2], ordered[len(values) // 2]])


# Aggregation


def arithmetic(scores: Sequence[Number], weights: Sequence[Number]) -> Number:
    weighed = sum(s * w for s, w in zip(scores, weights, strict=True))
    return weighed / sum(weights, Fraction(0))


def power(scores: Sequence[Number], weights: Sequence[Number], p: float) -> Number:
    if p == 0:
        return geometric(scores, weights)
    if any(score < 0 or (score == 0 and p < 0) for score in scores):
        raise NotTakenError
    return float(arithmetic([float(score) ** p for score in scores], weights)) ** (1 / p)


def geometric(scores: Sequence[Number], weights: Sequence[Number]) -> Number:
    if any(score <= 0 for score in scores):
        raise NotTakenError
    return math.exp(arithmetic([math.log(score) for score in scores], weights))


def harmonic(scores: Sequence[Number], weights: Sequence[Number]) -> Number:
    if any(score <= 0 for score in scores):
        raise NotTakenError
    return 1 / arithmetic([1 / score for score in scores], weights)


def lowest(scores: Sequence[Number], weights: Sequence[Number]) -> Number:
    return min(scores)


def median(scores: Sequence[Number], weights: Sequence[Number]) -> Number:
    """The score at which half of the weight is reached; the mean of two where it is reached on."""
    ordered = sorted(zip(scores, weights, strict=True))
    half, below = sum(weights, Fraction(0)) / 2, Fraction(0)
    for i, (score, weight) in enumerate(ordered):
        below += weight
        if below == half:
            return (score + ordered[i + 1][0]) / 2
        if below > half:
            return score
    raise AssertionError


MEANS: Mapping[str, Callable[[Sequence[Number], Sequence[Number]], Number]] = {
    "arithmetic": arithmetic,
    "geometric": geometric,
    "harmonic": harmonic,
    "min": lowest,
    "median": median,
}


def plain_scores(
    spec: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    cities: Mapping[str, Mapping[str, str]],
) -> dict[tuple[str, str, str], Scored]:
    """Score the rows under a framework, by city, period and code.

    Raises :class:`NotTakenError` where a method cannot take a score.
    """
    return Plain(spec, rows, cities).scores()
