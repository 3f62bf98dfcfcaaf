"""What a page says, worked out again from the raw files: nothing of kpi_lib is used.

Data are CSV files in the long form, frameworks are YAML as it stands in the file; scores come
from the second implementation in tests/scoring.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import yaml
from scipy import stats
from scoring.plain_scoring import NOT_APPLICABLE, Scored, children, groups, leaves, plain_scores

WORDS = {"không áp dụng", "không phát sinh", "not applicable"}
TOTAL = "TOTAL"


class Raw:
    """A set of data and its framework, as they stand in their files."""

    def __init__(self, framework: Path, data: Path, cities: Path | None) -> None:
        self.spec: Mapping[str, Any] = yaml.safe_load(framework.read_text(encoding="utf-8"))
        self.root = {"code": TOTAL, "groups": self.spec["groups"]}
        self.leaves = {leaf["code"]: leaf for leaf in leaves(self.root)}
        self.cities = {row["city"]: row for row in rows_of(cities)} if cities else {}
        self.given = [
            row for row in long_form(rows_of(data), self.leaves) if row["indicator"] in self.leaves
        ]
        self.points = self.spec.get("scale") == "points"

    @cached_property
    def rows(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """What counts, by city, period and indicator: of reported and verified the latter."""
        found: dict[tuple[str, str, str], dict[str, Any]] = {}
        for row in self.given:
            key = (row["city"], row["period"], row["indicator"])
            if key not in found or row.get("quality") == "verified":
                found[key] = row | {"value": self.value_of(row)}
        return found

    def value_of(self, row: Mapping[str, str]) -> Any:
        """The value that a row gives: as it stands, or by the formula."""
        text = row["value"].strip()
        above, below = row.get("numerator", ""), row.get("denominator", "")
        if not text and above and below:
            if Fraction(above) == Fraction(below) == 0:
                return NOT_APPLICABLE
            formula = self.leaves[row["indicator"]].get("formula", {})
            times = Fraction(str(formula.get("multiplier", 1)))
            return times * Fraction(above) / Fraction(below)
        if text.casefold() in WORDS:
            return NOT_APPLICABLE
        try:
            return Fraction(text) if text else None
        except ValueError:
            return text

    @cached_property
    def scores(self) -> dict[tuple[str, str, str], Scored]:
        return plain_scores(self.spec, list(self.rows.values()), self.cities)

    def changed(self, city: str, period: str, code: str, value: float) -> Fraction:
        """What another value of one indicator would add to the composite."""
        rows = [dict(row) for row in self.rows.values() if row["period"] == period]
        for row in rows:
            if (row["city"], row["indicator"]) == (city, code):
                row["value"] = Fraction(str(value))
        new = plain_scores(self.spec, rows, self.cities)[city, period, TOTAL].score
        old = self.scores[city, period, TOTAL].score
        assert new is not None
        assert old is not None
        return Fraction(new) - Fraction(old)

    @cache  # noqa: B019
    def weights(self) -> Mapping[str, float]:
        """The share of all weight that each indicator has."""
        found: dict[str, float] = {}
        self._weigh(self.root, 1.0, found)
        return found

    def _weigh(self, node: Mapping[str, Any], share: float, found: dict[str, float]) -> None:
        below = children(node)
        if not below:
            found[node["code"]] = share
            return
        own = [self._own(child) for child in below]
        for child, weight in zip(below, own, strict=True):
            self._weigh(child, share * weight / sum(own) if sum(own) else 0.0, found)

    def _own(self, node: Mapping[str, Any]) -> float:
        """The weight of a node among its siblings: that of points is what can be earned."""
        if self.points:
            return self._maximum(node)
        below = list(leaves(node)) or [node]
        if not any(self._scorable(leaf) for leaf in below):
            return 0.0
        return float(node.get("weight", 1))

    def _maximum(self, node: Mapping[str, Any]) -> float:
        """The most points of a node: those of its parts, or of the best of them, up to its cap."""
        below = [self._maximum(child) for child in children(node)]
        if not below:
            return float(node.get("points", 0))
        most = max(below) if node.get("aggregate") == "max" else sum(below)
        return min(most, float(node["cap"])) if "cap" in node else most

    def _scorable(self, leaf: Mapping[str, Any]) -> bool:
        told = leaf.get("normalise") or self.spec.get("normalise") or {"method": "goalposts"}
        name = told if isinstance(told, str) else told["method"]
        if name in {"bands", "piecewise", "categories"}:
            return True
        needs = {"goalposts": "goalposts", "target": "targets", "pass_fail": "targets"}.get(name)
        return bool(leaf.get("direction")) and (needs is None or bool(leaf.get(needs)))


class Page:
    """One city in one period: each quantity that a sentence may name, by its name."""

    def __init__(self, raw: Raw, city: str, period: str, peers: list[str]) -> None:
        self.raw, self.city, self.period, self.peers = raw, city, period, peers

    def value(self, what: str, of: Mapping[str, str]) -> float:
        """The number that a sentence names."""
        code = of.get("code", TOTAL)
        if what in {"provisional", "estimated", "imputed"}:
            return sum(row.get("quality", "").casefold() == what for row in self.known)
        if what.startswith("targets"):
            return self.targets(what.removeprefix("targets").strip())
        return float(getattr(self, what.replace(" ", "_"))(code))

    # Changes since the period before, on the indicators of both and in all

    @cached_property
    def before(self) -> str:
        own = {period for city, period, _ in self.raw.scores if city == self.city}
        return max(period for period in own if period < self.period)

    @cached_property
    def counting(self) -> tuple[set[str], set[str]]:
        """The indicators that count in the period before and in this one."""
        found = []
        for period in (self.before, self.period):
            scored = {
                code
                for city, own, code in self.raw.scores
                if (city, own) == (self.city, period)
                and self.raw.scores[city, own, code].score is not None
            }
            found.append(self._under(self.raw.root, scored) & set(self.raw.leaves))
        return found[0], found[1]

    def _under(self, node: Mapping[str, Any], scored: set[str]) -> set[str]:
        if node["code"] not in scored:
            return set()
        below = children(node) if "groups" in node or "indicators" in node else []
        return {node["code"]}.union(*(self._under(child, scored) for child in below))

    @cached_property
    def alike(self) -> tuple[float, float]:
        """The composite of both periods from the indicators that count in both."""
        first, second = self.counting
        gone = first ^ second
        if self.raw.spec.get("missing", {}).get("policy", "rescale") not in {"zero", "worst"}:
            gone = set(self.raw.leaves) - (first & second)
        rows = [dict(row) for row in self.raw.rows.values()]
        for row in rows:
            if row["city"] == self.city and row["indicator"] in gone:
                row["value"] = NOT_APPLICABLE
        scores = plain_scores(self.raw.spec, rows, self.raw.cities)
        told = [scores[self.city, period, TOTAL].score for period in (self.before, self.period)]
        assert None not in told
        return float(told[0] or 0), float(told[1] or 0)

    def change_change(self, code: str) -> float:
        return self.score(code) - float(self.raw.scores[self.city, self.before, code].score or 0)

    def change_like(self, code: str) -> float:
        return self.alike[1] - self.alike[0]

    def change_left(self, code: str) -> float:
        return self.alike[0] - float(self.raw.scores[self.city, self.before, code].score or 0)

    def change_entered(self, code: str) -> float:
        return self.score(code) - self.alike[1]

    # Scores and ranks

    def told(self, code: str = TOTAL, city: str | None = None) -> Scored:
        return self.raw.scores[city or self.city, self.period, code]

    def compared(self, city: str, code: str) -> float | None:
        """What cities are compared by: the score, of points the share of the maximum."""
        one = self.raw.scores.get((city, self.period, code))
        if one is None or one.score is None:
            return None
        return float(100 * one.score / one.maximum) if one.maximum else float(one.score)

    def everyone(self) -> list[str]:
        return sorted({city for city, period, _ in self.raw.scores if period == self.period})

    def among(self, cities: list[str], code: str) -> list[float]:
        found = [self.compared(city, code) for city in cities]
        return [score for score in found if score is not None]

    def score(self, code: str) -> float:
        found = self.told(code).score
        assert found is not None
        return float(found)

    def rank(self, code: str) -> int:
        return self.told(code).rank or 0

    def ranked(self, code: str) -> int:
        return len(self.among(self.everyone(), code))

    def peer_rank(self, code: str) -> int:
        own = self.compared(self.city, code)
        assert own is not None
        return 1 + sum(other > own + 1e-9 for other in self.among(self.peers, code))

    def peers_ranked(self, code: str) -> int:
        return len(self.among([self.city, *self.peers], code))

    def coverage(self, code: str) -> float:
        return float(self.told(code).coverage or 0)

    def min_coverage(self, code: str) -> float:
        missing = self.raw.spec.get("missing", {})
        return 1.0 if missing.get("policy") == "strict" else missing.get("min_coverage", 0.5)

    def beside(self) -> list[str]:
        """The peers, where there are two of them; else all others."""
        everyone = [city for city in self.everyone() if city != self.city]
        return self.peers if len(self.peers) >= 2 else everyone

    def compared_indicators(self) -> list[float]:
        """Score less the median of the peers, of every indicator that two of them have."""
        found = []
        for code in self.raw.leaves:
            others = self.among(self.beside(), code)
            own = self.compared(self.city, code)
            if own is not None and len(others) >= 2:
                found.append(own - median(others))
        return found

    def compared_count(self, code: str) -> int:
        return len(self.compared_indicators())

    def better(self, code: str) -> int:
        return sum(ahead > 1e-9 for ahead in self.compared_indicators())

    def worse(self, code: str) -> int:
        return sum(ahead < -1e-9 for ahead in self.compared_indicators())

    def interval(self) -> tuple[float, float]:
        """Where the rank lies in nine of ten draws of the weights, each ±25 % of its own."""
        rng = np.random.default_rng(7)
        cities = self.everyone()
        ranks = []
        for _ in range(400):
            factor = {node["code"]: rng.uniform(0.75, 1.25) for node in self._nodes()}
            totals = np.array([self._drawn(self.raw.root, city, factor)[0] for city in cities])
            own = totals[cities.index(self.city)]
            ranks.append(1 + int((np.round(totals, 9) > np.round(own, 9)).sum()))
        low, high = np.quantile(ranks, [0.05, 0.95], method="nearest")
        return float(low), float(high)

    def _nodes(self) -> Iterator[Mapping[str, Any]]:
        yield from groups(self.raw.root)
        yield from leaves(self.raw.root)

    def _drawn(
        self, node: Mapping[str, Any], city: str, factor: Mapping[str, float]
    ) -> tuple[float, float]:
        """Score and share observed of a node in a draw: weighted means, gaps left out."""
        below = children(node)
        if not below:
            score = self.compared(city, node["code"])
            return (np.nan, 0.0) if score is None else (score, 1.0)
        if self.raw.scores[city, self.period, node["code"]].score is None:
            return np.nan, 0.0
        parts = [self._drawn(child, city, factor) for child in below]
        weights = [self.raw._own(child) * factor[child["code"]] for child in below]
        there = [(s, w) for (s, _), w in zip(parts, weights, strict=True) if not np.isnan(s)]
        return sum(s * w for s, w in there) / sum(w for _, w in there), 1.0

    # Points

    def earned(self, code: str) -> float:
        return float(self.told(code).score or 0)

    def extras(self) -> list[float]:
        """What bonus and deductions add or take."""
        kinds = {"bonus", "deduction"}
        return [self.earned(c) for c, leaf in self.raw.leaves.items() if kinds & set(leaf)]

    def bonus(self, code: str) -> float:
        return sum(points for points in self.extras() if points > 0)

    def deducted(self, code: str) -> float:
        return -sum(points for points in self.extras() if points < 0)

    def points_lost(self, code: str) -> float:
        whole = self.told()
        assert whole.maximum is not None
        return float(whole.maximum) - (self.earned(TOTAL) - sum(self.extras()))

    def points_lost_of(self, code: str) -> float:
        return self.maximum_of(code) - self.earned(code)

    def maximum_of(self, code: str) -> float:
        return float(self.told(code).maximum or 0)

    # Values and what is missing

    @property
    def known(self) -> list[Mapping[str, Any]]:
        """The rows of the city that have a value."""
        rows = self.raw.rows
        own = [rows.get((self.city, self.period, code)) for code in self.raw.leaves]
        return [row for row in own if row and row["value"] not in (None, NOT_APPLICABLE)]

    def amount(self, code: str, city: str | None = None, period: str | None = None) -> Any:
        row = self.raw.rows.get((city or self.city, period or self.period, code))
        return row["value"] if row else None

    def value_of(self, code: str) -> float:
        return float(self.amount(code))

    def observed(self, code: str) -> int:
        return len(self.known)

    values = observed

    def indicators(self, code: str) -> int:
        return len(self.raw.leaves)

    def absent(self, code: str) -> int:
        return len(self.raw.leaves) - len(self.known)

    def lacking(self) -> list[str]:
        """Indicators without a value that apply to the city."""
        return [code for code in self.raw.leaves if self.amount(code) is None]

    def needed(self, code: str) -> int:
        return len(self.lacking())

    def weight_needed(self, code: str) -> float:
        return sum(self.raw.weights()[each] for each in self.lacking())

    def in_no_data(self, code: str) -> int:
        known = {c for (_, _, c), row in self.raw.rows.items() if row["value"] is not None}
        return len(set(self.lacking()) - known)

    def weight(self, code: str) -> float:
        return max(self.raw.weights()[each] for each in self.lacking())

    def scored_indicators(self, code: str) -> int:
        return sum(self.raw._scorable(leaf) for leaf in self.raw.leaves.values())

    def verified(self, code: str) -> int:
        return sum(row.get("quality") == "verified" for row in self.known)

    def reported_or_verified(self, code: str) -> int:
        return len(self.known)

    def verified_total(self, code: str) -> float:
        return self.score(TOTAL)

    def reported_total(self, code: str) -> float:
        """The composite by what the city has scored itself, where it has."""
        rows = dict(self.raw.rows)
        for row in self.raw.given:
            if row.get("quality") == "reported":
                key = (row["city"], row["period"], row["indicator"])
                rows[key] = row | {"value": self.raw.value_of(row)}
        scores = plain_scores(self.raw.spec, list(rows.values()), self.raw.cities)
        found = scores[self.city, self.period, TOTAL].score
        assert found is not None
        return float(found)

    # Targets

    def all_targets(self, code: str) -> Mapping[int, float]:
        """The targets by year, of the class of the city where they differ by it."""
        targets = dict(self.raw.leaves[code].get("targets") or {})
        if by := targets.pop("by", None):
            targets = targets.get(self.raw.cities[self.city][by], {})
        return {int(year): float(target) for year, target in targets.items()}

    def in_force(self, code: str) -> tuple[int, float] | None:
        """The target that is due next, else the last."""
        targets = self.all_targets(code)
        if not targets or not self.better_is(code):
            return None
        year = int(self.period[:4])
        due = [y for y in targets if y >= year]
        chosen = min(due) if due else max(targets)
        return chosen, targets[chosen]

    def better_is(self, code: str) -> int:
        """1 where higher values are better, -1 where lower are, 0 where nothing says it."""
        leaf = self.raw.leaves[code]
        told = leaf.get("normalise")
        if leaf.get("direction"):
            return 1 if leaf["direction"] == "higher" else -1
        rule = (told or {}).get("steps") or (told or {}).get("knots")
        if isinstance(rule, dict):
            rule = next(iter(rule.values()))
        return int(np.sign(rule[-1][1] - rule[0][1])) if rule else 0

    def target(self, code: str) -> float:
        found = self.in_force(code)
        assert found is not None
        return found[1]

    def target_gain(self, code: str) -> float:
        return float(self.raw.changed(self.city, self.period, code, self.target(code)))

    def targets(self, status: str) -> int:
        """How many targets are in force where they apply, or have a status."""
        own = [code for code in self.raw.leaves if self.amount(code) != NOT_APPLICABLE]
        found = [self.status(code) for code in own if self.in_force(code)]
        return sum(each == status for each in found) if status else len(found)

    def series(self, code: str) -> list[tuple[float, float]]:
        """The values up to this period by the year at whose end they stand."""
        years = sorted({p for c, p, i in self.raw.rows if (c, i) == (self.city, code)})
        known = [(float(p), self.amount(code, period=p)) for p in years if p <= self.period]
        return [(year, float(v)) for year, v in known if v not in (None, NOT_APPLICABLE)]

    def status(self, code: str) -> str:
        """Met, ahead, on track, too slow, behind, starting, no data: by hand."""
        found = self.in_force(code)
        assert found is not None
        (due, aim), now, value = found, float(self.period), self.amount(code)
        if value is None:
            return "no data"
        up = self.better_is(code)
        if up * (float(value) - aim) >= -1e-12 * abs(aim):
            return "met"
        if now >= due:
            return "behind"
        series = self.series(code)
        if len(series) < 2:
            return "starting"
        start, base = series[0]
        stops = [(start, base)] + [
            (float(y), t) for y, t in sorted(self.all_targets(code).items()) if start < y <= due
        ]
        expected = float(np.interp(now, *zip(*stops, strict=True)))
        slack = up * (float(value) - expected) / abs(aim - base)
        if slack < -0.05:
            return "behind"
        when, what = zip(*series, strict=True)
        middle, _, low, high = stats.theilslopes(what, when, alpha=0.9)
        paces = [middle] + ([low if up > 0 else high] if len(series) >= 4 else [])
        for pace in paces:
            reached = now + (aim - float(value)) / pace if up * pace > 0 else np.inf
            if reached > due + 1e-9:
                return "too slow"
        return "ahead" if slack > 0.05 else "on track"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def long_form(rows: list[dict[str, str]], codes: Mapping[str, Any]) -> list[dict[str, str]]:
    """A row for each value, also of a table with a column for each indicator."""
    if "indicator" in rows[0]:
        return rows
    return [
        {"city": row["city"], "period": row["period"], "indicator": code, "value": row[code]}
        for row in rows
        for code in codes
        if code in row
    ]


def same_class(raw: Raw, city: str) -> list[str]:
    """The other cities with the same class."""
    own = raw.cities.get(city, {}).get("class", "")
    there = {c for c, _, _ in raw.scores}
    return [
        c
        for c, row in raw.cities.items()
        if own and row["class"] == own and c != city and c in there
    ]
