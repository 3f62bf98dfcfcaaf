"""Frameworks of any shape with observations for them, drawn at random.

A draw is a function of its seed: a framework as its file holds it, rows of observations and the
columns of the cities.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
from scoring.plain_scoring import IN_POINTS, NOT_APPLICABLE

from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Framework
from kpi_lib.observations.read import Observations

RELATIVE = ("minmax", "rank", "borda", "percentile", "zscore", "fraction_of_max")
ABSOLUTE = ("goalposts", "goalposts", "log", "scaled", "target", "pass_fail", "none")
OF_THEIR_OWN_SCALE = ("rank", "borda", "zscore", "scaled", "none")
"""Methods whose scores are no share of points."""
OF_RULES = ("bands", "piecewise", "categories")
WORDS = ("không", "một phần", "phần lớn", "có")
CLASSES = ("I", "II")
PERIODS = ("2023", "2024")


@dataclass(frozen=True)
class Draw:
    """A framework, rows of observations, and the columns of each city."""

    spec: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    cities: Mapping[str, Mapping[str, str]]


def draw(seed: int, scale: str | None = None) -> Draw:
    """Draw a framework and observations; ``scale`` leaves the rest to chance."""
    return _Drawing(Random(seed), scale).whole()


def most(node: Mapping[str, Any]) -> float:
    """The most points of a group."""
    parts = [most(part) for part in (*node.get("groups", ()), *node.get("indicators", ()))]
    if not parts:
        return float(node.get("points", 0))
    whole = max(parts) if node.get("aggregate") == "max" else sum(parts)
    return min(whole, node.get("cap", whole))


def framework_of(draw: Draw, folder: Path) -> Framework:
    """The drawn framework, by way of a file, which refuses what is no framework."""
    path = folder / "drawn.yaml"
    path.write_text(json.dumps(draw.spec, ensure_ascii=False), encoding="utf-8")
    return load_framework(path)


def read(draw: Draw, framework: Framework, folder: Path) -> Observations:
    """The drawn rows by way of CSV files."""
    rows = pd.DataFrame(draw.rows)
    rows["value"] = [v if isinstance(v, str | None) else repr(float(v)) for v in rows["value"]]
    rows.to_csv(folder / "observations.csv", index=False)
    cities = pd.DataFrame([{"city": city, **own} for city, own in draw.cities.items()])
    cities.to_csv(folder / "cities.csv", index=False)
    return read_observations(folder / "observations.csv", framework)


class _Drawing:
    def __init__(self, random: Random, scale: str | None) -> None:
        self.random = random
        self.scale = scale or random.choice(["hundred", "hundred", "one", "points", "points"])
        self.points = self.scale == "points"
        # Means that take no zero need scores above it, or most draws would only be refused.
        self.positive = not self.points and random.random() < 0.35
        self.leaves: list[dict[str, Any]] = []
        self.decimals: int | None = None
        self.top = 1 if self.scale == "one" else 100

    def whole(self) -> Draw:
        random = self.random
        depth = random.randint(1, 4)
        spec: dict[str, Any] = {"id": "drawn", "version": "1", "title": "Drawn"}
        if self.scale != "hundred" or random.random() < 0.5:
            spec["scale"] = self.scale
        if random.random() < 0.35:
            self.decimals = spec["decimals"] = random.randint(0, 3)
        if random.random() < 0.8:
            policies = ["rescale", "strict", "worst", "zero"]
            if self.positive:
                policies = ["rescale", "rescale", "strict"]
            spec["missing"] = {
                "policy": random.choice(policies),
                "min_coverage": random.choice([0, 0, 0.25, 0.5, 0.6, 1]),
            }
        if random.random() < 0.3:
            spec["not_applicable"] = random.choice(["exclude", "full", "zero"])
        if not self.points and random.random() < 0.5:
            spec["aggregate"] = self.aggregate()
        spec["groups"] = [self.group(f"G{i}", depth) for i in range(random.randint(1, 3))]
        self.some_weight(spec["groups"])
        measured = [leaf["code"] for leaf in self.leaves if self.is_measured(leaf)]
        if measured and random.random() < 0.25:
            spec["treatment"] = [self.imputation(measured)]
        cities = {f"c{i}": {"class": random.choice(CLASSES)} for i in range(random.randint(1, 6))}
        return Draw(spec, self.rows(cities), cities)

    # The framework

    def group(self, code: str, depth: int) -> dict[str, Any]:
        random = self.random
        node: dict[str, Any] = {"code": code, "title": code}
        children = range(1, 1 + random.choice([1, 2, 2, 3, 4]))
        if depth > 1 and random.random() < 0.75:
            node["groups"] = [self.group(f"{code}.{i}", depth - 1) for i in children]
            parts = node["groups"]
        else:
            node["indicators"] = [self.indicator(f"{code}.{i}") for i in children]
            parts = node["indicators"]
        if self.points:
            self.bounds(node)
            return node
        self.some_weight(parts)
        if random.random() < 0.7:
            node["weight"] = self.weight()
        if random.random() < 0.6:
            node["aggregate"] = self.aggregate()
        return node

    def bounds(self, node: dict[str, Any]) -> None:
        random = self.random
        if random.random() < 0.2:
            node["aggregate"] = "max"
        if random.random() < 0.25:
            node["cap"] = random.choice(self.whole_points([3, 5, 10, 12.5, 20]))
        if random.random() < 0.15:
            node["floor"] = random.choice([-5, -1, 0, 1, 2.5])
            if node["floor"] >= node.get("cap", 100) or node["floor"] > most(node):
                del node["floor"]

    def whole_points(self, points: Sequence[float]) -> Sequence[float]:
        """Those that are not rounded."""
        return [one for one in points if self.decimals is None or one == round(one, self.decimals)]

    def weight(self) -> Any:
        return self.random.choice([0, 0.5, 1, 1, 2, 2.5, 3, 10])

    def some_weight(self, parts: Sequence[dict[str, Any]]) -> None:
        if all(part.get("weight", 1) == 0 for part in parts):
            parts[0]["weight"] = 1

    def aggregate(self) -> Any:
        random = self.random
        named: list[Any] = ["arithmetic", "arithmetic", "sum", "min", "median"]
        exponents: list[Any] = [1, 2, 0.5, 3]
        if self.positive or random.random() < 0.05:
            named += ["geometric", "geometric", "harmonic", "harmonic"]
            exponents += [-1, 0, -2.5]
        named.append({"method": "power", "p": random.choice(exponents)})
        return random.choice(named)

    def indicator(self, code: str) -> dict[str, Any]:
        random = self.random
        node: dict[str, Any] = {"code": code, "title": code, "unit": "ha"}
        top = self.top
        if self.points:
            kind = random.choice(["points", "points", "points", "points", "bonus", "deduction"])
            top = random.choice(self.whole_points([1, 2, 5, 7.5, 10, 20]))
            node[kind] = top
        elif random.random() < 0.7:
            node["weight"] = self.weight()
        if random.random() < 0.3:
            node["not_applicable"] = random.choice(["exclude", "full", "zero"])
        rules = OF_RULES if not self.positive else OF_RULES[:1]
        names = [*ABSOLUTE, *(() if self.positive else RELATIVE), *rules, *rules]
        if self.points:
            names = [*(name for name in names if name not in OF_THEIR_OWN_SCALE), "percentile"]
        if self.positive:
            names = [*names, "rank", "fraction_of_max"]
        name = "bands" if "deduction" in node else random.choice(names)
        if "deduction" in node:
            name = random.choice(OF_RULES)
        if self.points and random.random() < 0.15:
            pass  # its rule could not be read: points given score it, if any are
        elif name in OF_RULES:
            self.rule(node, name, top)
        else:
            node["direction"] = "higher" if name == "none" else random.choice(["higher", "lower"])
            self.plain_method(node, name)
        self.leaves.append(node)
        return node

    def plain_method(self, node: dict[str, Any], name: str) -> None:
        random = self.random
        told: dict[str, Any] = {"method": name}
        if name in {"goalposts", "log", "scaled"}:
            if name == "log":
                told = {"method": "goalposts", "scale": "log"}
            posts = (
                [[1, 100], [2, 50], [0.5, 80]] if name == "log" else [[0, 100], [10, 60], [-5, 90]]
            )
            if self.positive:
                posts = [[0.5, 120], [0.25, 200]]
            if random.random() < 0.25:
                node["goalposts"] = {"by": "class"} | {c: random.choice(posts) for c in CLASSES}
            elif random.random() < 0.2:
                told["low"], told["high"] = random.choice(posts)
            else:
                node["goalposts"] = random.choice(posts)
            if told == {"method": "goalposts"} and random.random() < 0.5:
                return
        elif name in {"target", "pass_fail"}:
            if random.random() < 0.25:
                node["targets"] = {"by": "class"} | {c: self.targets() for c in CLASSES}
            else:
                node["targets"] = self.targets()
        elif name == "minmax" and random.random() < 0.3:
            told["low"], told["high"] = random.choice([(1, 100), (0.5, 1), (10, 20)])
        elif name == "zscore" and random.random() < 0.5:
            told["mean"], told["sd"] = 50, 10
        if name in RELATIVE and random.random() < 0.3:
            told["across"] = "panel"
        node["normalise"] = told if len(told) > 1 or random.random() < 0.5 else name

    def targets(self) -> dict[int, Any]:
        years = self.random.sample([2022, 2023, 2024, 2025, 2030], self.random.randint(1, 3))
        return {year: self.random.choice([20, 50, 62.5, 80]) for year in sorted(years)}

    def rule(self, node: dict[str, Any], name: str, top: Any) -> None:
        random = self.random
        key = {"bands": "steps", "piecewise": "knots", "categories": "scores"}[name]
        told: dict[str, Any] = {"method": name}
        if random.random() < 0.3:
            told["by"] = "class"
            told[key] = {c: self.rule_table(node, name, top) for c in CLASSES}
        else:
            told[key] = self.rule_table(node, name, top)
        if name != "categories" and random.random() < 0.5:
            told["closed"] = random.choice(["low", "high"])
        node["normalise"] = told

    def rule_table(self, node: dict[str, Any], name: str, top: Any) -> Any:
        random = self.random
        parts = [0, 0.1, 0.25, 0.5, 0.8, 1]
        if self.positive:
            parts = parts[1:]
        if "deduction" in node:
            parts = [-part for part in parts]
        elif self.points and random.random() < 0.2:
            parts = [-0.5, *parts]
        if name == "categories":
            return {word: random.choice(parts) * top for word in WORDS}
        numbers = sorted(
            random.sample([0, 10, 20, 33.3, 50, 62.5, 80, 90, 100], random.randint(1, 5))
        )
        if name == "piecewise":
            numbers += random.sample(numbers, random.randint(0, min(2, len(numbers))))
        scores = [random.choice(parts) * top for _ in numbers]
        if random.random() < 0.6:
            scores.sort()
        table = [[number, score] for number, score in zip(sorted(numbers), scores, strict=True)]
        for before, pair in itertools.pairwise(table):
            if (name == "bands" or before[0] == pair[0]) and random.random() < 0.3:
                pair.append("above")
        return table

    def in_words(self, leaf: Mapping[str, Any]) -> bool:
        told = leaf.get("normalise", {})
        return isinstance(told, Mapping) and told.get("method") == "categories"

    def is_measured(self, leaf: Mapping[str, Any]) -> bool:
        """Whether a rule scores the values of an indicator, and these are numbers."""
        ruled = not self.points or bool(leaf.keys() & {"normalise", "goalposts"})
        return ruled and not self.in_words(leaf)

    def imputation(self, codes: Sequence[str]) -> dict[str, Any]:
        random = self.random
        step: dict[str, Any] = {"method": "impute", "by": random.choice(["mean", "median"])}
        if random.random() < 0.3:
            step |= {"by": "group_mean", "group": "class"}
        if random.random() < 0.3:
            step["across"] = "panel"
        return step | {"indicators": random.sample(codes, random.randint(1, len(codes)))}

    # Observations

    def rows(self, cities: Mapping[str, Any]) -> list[dict[str, Any]]:
        random = self.random
        missing, absent = random.choice([0, 0.1, 0.4]), random.choice([0, 0, 0.15, 0.4])
        in_points = random.choice([0, 0.2]) if self.points else 0
        rows = []
        for city in cities:
            for period in PERIODS[: random.randint(1, 2)]:
                for leaf in self.leaves:
                    row = {"city": city, "period": period, "indicator": leaf["code"], "unit": ""}
                    row["value"] = self.value(leaf)
                    if random.random() < in_points:
                        row |= {"unit": IN_POINTS, "value": self.earned(leaf)}
                    if random.random() < missing:
                        row |= {"unit": "", "value": None}
                    if random.random() < absent:
                        row |= {"unit": "", "value": NOT_APPLICABLE}
                    rows.append(row)
        return rows

    def earned(self, leaf: Mapping[str, Any]) -> Fraction:
        most = Fraction(str(leaf.get("points", leaf.get("bonus", leaf.get("deduction")))))
        part = Fraction(self.random.randint(0, 40), 40)
        return -part * most if "deduction" in leaf else part * most

    def value(self, leaf: Mapping[str, Any]) -> Any:
        """A value, often one that stands in a rule."""
        random = self.random
        if self.in_words(leaf):
            return random.choice(WORDS)
        if random.random() < 0.4:
            on = random.choice(["1", "10", "20", "33.3", "50", "60", "62.5", "80", "90", "100"])
            return Fraction(on)
        if self.positive:
            return Fraction(random.randint(1, 1000), 10)
        return Fraction(random.choice([random.randint(-50, 1300), random.randint(0, 100)]), 10)
