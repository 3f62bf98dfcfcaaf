"""What is measured: a framework of groups and indicators, with its weights and targets.

The types here are plain data, made from a YAML file by :mod:`kpi_lib.framework.load`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from kpi_lib.errors import InputError, did_you_mean
from kpi_lib.framework.describe import of_framework, of_group
from kpi_lib.io.cells.periods import year_of
from kpi_lib.locale.catalogue import Lang, languages, msg, tr_in
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.locale.words import Noun, Text, capital, in_language, noun_form, word
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.registry import Direction, Method
from kpi_lib.methods.rules import scores_in

Policy = Literal["rescale", "zero", "worst", "strict"]
Scale = Literal["hundred", "one", "points"]
Shown = Literal["points", "percent", "unit"]
NotApplicable = Literal["exclude", "full", "zero"]

_GOALPOSTS = Method("goalposts")
_ARITHMETIC = Method("arithmetic")

TOTAL = "TOTAL"
"""The code of the composite of a whole framework."""


@dataclass(frozen=True)
class Missing:
    """What to do about missing values.

    ``min_coverage`` is the share (0–1) of a group's weight that must be observed
    or imputed for the group to have a score.
    """

    policy: Policy = "rescale"
    min_coverage: float = 0.5


@dataclass(frozen=True)
class Formula:
    """``value = multiplier · numerator / denominator`` (no denominator: a plain quantity)."""

    numerator: Text
    denominator: Text | None = None
    multiplier: float = 1.0


@dataclass(frozen=True)
class Reference:
    """A clause of a published standard."""

    standard: str
    code: str = ""

    def __str__(self) -> str:
        """Give the standard and its clause."""
        return f"{self.standard} {self.code}".strip()


@dataclass(frozen=True, repr=False)
class Indicator(Displayed):
    """One measured quantity. ``goalposts`` and ``valid`` are in the indicator's own unit.

    Under ``scale: points`` one of ``points`` (the most that it earns), ``bonus`` and
    ``deduction`` (the most that it adds or takes) is given. ``goalposts_by`` and
    ``targets_by`` hold those of each value of the column ``by`` of the cities; so may the
    rule of ``normalise``.
    """

    code: str
    title: Text
    unit: Text = field(default_factory=lambda: dict.fromkeys(languages(), ""))
    definition: Text | None = None
    direction: Direction | None = None
    weight: float = 1.0
    goalposts: tuple[float, float] | None = None
    normalise: Method | None = None
    denominator: str | None = None
    formula: Formula | None = None
    valid: tuple[float | None, float | None] | None = None
    targets: Mapping[int, float] = field(default_factory=dict)
    target_source: Text | None = None
    aliases: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    agency: Text | None = None
    frequency: str | None = None
    provenance: str = "adapted"
    was: str | None = None
    points: float | None = None
    bonus: float | None = None
    deduction: float | None = None
    not_applicable: NotApplicable | None = None
    goalposts_by: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    targets_by: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    by: str | None = None

    @property
    def extra(self) -> bool:
        """Whether it adds or takes points that are in no maximum and no coverage."""
        return self.bonus is not None or self.deduction is not None

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest points that it can earn, but for what a rule gives."""
        return 0.0 - (self.deduction or 0.0), (self.points or 0.0) + (self.bonus or 0.0)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The values of the column ``by`` for which there is a rule, in order; none without."""
        found: dict[str, None] = dict.fromkeys((*self.goalposts_by, *self.targets_by))
        if self.normalise is not None and "by" in self.normalise.parameters:
            for value in self.normalise.parameters.values():
                if isinstance(value, Mapping):
                    found |= dict.fromkeys(value)
        return tuple(found)

    def of(self, kind: str) -> Indicator:
        """Give the indicator with the rules for one value of the column ``by``."""
        method = self.normalise
        if method is not None and "by" in method.parameters:
            own = {
                name: value.get(kind) if isinstance(value, Mapping) else value
                for name, value in method.parameters.items()
                if name != "by"
            }
            method = Method(method.name, {k: v for k, v in own.items() if v is not None})
        return replace(
            self,
            by=None,
            normalise=method,
            goalposts=self.goalposts_by.get(kind, self.goalposts),
            targets=self.targets_by.get(kind, self.targets),
            goalposts_by={},
            targets_by={},
        )

    def target(self, period: str) -> tuple[int, float] | None:
        """Give (year, value) of the target in force: the next one due, else the last one."""
        if not self.targets:
            return None
        year = year_of(period)
        due = min((y for y in self.targets if y >= year), default=max(self.targets))
        return due, self.targets[due]


@dataclass(frozen=True, repr=False)
class Group(Displayed):
    """A set of groups and indicators whose scores are aggregated into one.

    ``cap`` and ``floor`` are the most and the least points that it earns, under
    ``scale: points``.
    """

    code: str
    title: Text
    weight: float = 1.0
    aggregate: Method | None = None
    groups: tuple[Group, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    provenance: str = "adapted"
    was: str | None = None
    cap: float | None = None
    floor: float | None = None

    def _display(self) -> Display:
        return of_group(self)

    @property
    def children(self) -> tuple[Group | Indicator, ...]:
        """Groups first, then indicators, in the order of the file."""
        return (*self.groups, *self.indicators)


Node = Group | Indicator


@dataclass(frozen=True)
class Issued:
    """Who issued a framework, in which document, and when (ISO date)."""

    by: Text
    document: str = ""
    date: str = ""


@dataclass(frozen=True, repr=False)
class Framework(Displayed):
    """A versioned tree of groups and indicators and the default way to score it.

    ``report_titles`` and ``unit_nouns`` are those of its file, or of what it extends, in every
    language; :meth:`report_title` and :meth:`unit_noun` are what a page says.
    ``given`` are the codes of indicators without a rule of which the data give points, and which
    those points score; ``own_title`` and ``own_noun`` are what a project calls its reports and
    what is scored: not the framework's word, so that they are not in its ``fingerprint``.
    """

    id: str
    version: str
    title: Text
    groups: tuple[Group, ...]
    status: Literal["working", "official"] = "working"
    report_titles: Text | None = None
    unit_nouns: Noun | None = None
    note: Text | None = None
    issued: Issued | None = None
    contact: Text | None = None
    licence: Text | None = None
    extends: str | None = None
    normalise: Method = _GOALPOSTS
    aggregate: Method = _ARITHMETIC
    missing: Missing = Missing()
    treatment: tuple[Method, ...] = ()
    levels: tuple[Mapping[str, object], ...] = ()
    base: Framework | None = field(default=None, repr=False)
    path: Path | None = field(default=None, compare=False)
    scale: Scale = "hundred"
    decimals: int | None = None
    shown: Shown | None = None
    classes: tuple[tuple[float, str], ...] = ()
    not_applicable: NotApplicable = "exclude"
    given: frozenset[str] = frozenset()
    own_title: Text | None = None
    own_noun: Noun | None = None

    def _display(self) -> Display:
        return of_framework(self)

    @property
    def sums_points(self) -> bool:
        """Whether scores are points that add up, each indicator with a maximum of its own."""
        return self.scale == "points"

    @property
    def top(self) -> float:
        """The score of the best, where methods have bounds: 100, or 1 on the scale of one."""
        return 1.0 if self.scale == "one" else 100.0

    @property
    def name(self) -> str:
        """``id@version``, by which a bundled framework is asked for."""
        return f"{self.id}@{self.version}"

    def report_title(self, lang: Lang) -> str:
        """What a report made with it is called: "Smart city report" where its file says nothing."""
        return in_language(self.own_title or self.report_titles, lang) or word("report", lang)

    def series(self, lang: Lang) -> str:
        """What a set of reports is called: as the project, else as the framework."""
        return in_language(self.own_title or self.title, lang)

    def unit_noun(self, lang: Lang, count: int = 1, *, first: bool = False) -> str:
        """What is scored, as a sentence says it: a city, a province, a country.

        Parameters
        ----------
        lang:
            The language of the sentence.
        count:
            How many are meant: ``unit_noun("en")`` is "city", ``unit_noun("en", 12)`` "cities".
        first:
            Whether it is the first word of the sentence, which has a capital.
        """
        if (nouns := self.own_noun or self.unit_nouns) is not None:
            said = noun_form(nouns, lang, count)
        elif count == 1:
            said = tr_in(lang, "what is scored", "city")
        else:
            said = tr_in(lang, "what is scored", "cities")
        return capital(said) if first else said

    @property
    def stack(self) -> tuple[Framework, ...]:
        """What it extends, from the national framework up, and itself last."""
        return (self,) if self.base is None else (*self.base.stack, self)

    @property
    def national(self) -> Framework:
        """The framework at the bottom of the stack, without any local part."""
        return self.stack[0]

    @cached_property
    def root(self) -> Group:
        """The whole framework as one group with the code ``TOTAL``."""
        return Group(code=TOTAL, title=self.title, groups=self.groups)

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every group and indicator by its code, parents before children, ``TOTAL`` first."""
        return {node.code: node for node in _walk(self.root)}

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """The leaves, in the order of the file."""
        return tuple(node for node in self.nodes.values() if isinstance(node, Indicator))

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Where each indicator stands among the ``indicators``, by its code."""
        return {indicator.code: at for at, indicator in enumerate(self.indicators)}

    @cached_property
    def all_groups(self) -> tuple[Group, ...]:
        """Every group, parents before children, ``TOTAL`` first."""
        return tuple(node for node in self.nodes.values() if isinstance(node, Group))

    @cached_property
    def parents(self) -> Mapping[str, str]:
        """The code of each node's group."""
        return {child.code: group.code for group in self.all_groups for child in group.children}

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Codes from the node's group up to ``TOTAL``."""
        above: list[str] = []
        while code in self.parents:
            code = self.parents[code]
            above.append(code)
        return tuple(above)

    def level(self, code: str) -> int:
        """0 for ``TOTAL``, 1 for its children, and so on down."""
        return len(self.ancestors(code))

    def leaves(self, code: str) -> tuple[Indicator, ...]:
        """Every indicator at or below a node."""
        return tuple(n for n in _walk(self.node(code)) if isinstance(n, Indicator))

    def node(self, code: str) -> Node:
        """Give the group or indicator with this code, or say which codes are near."""
        try:
            return self.nodes[code]
        except KeyError:
            raise InputError(
                msg(
                    "{name} has no group or indicator '{code}'. {hint}",
                    name=self.name,
                    code=code,
                    hint=did_you_mean(code, self.nodes),
                )
            ) from None

    def method_of(self, group: Group) -> Method:
        """The aggregation of a group: its own, else the framework's."""
        return group.aggregate or self.aggregate

    def not_applicable_of(self, indicator: Indicator) -> NotApplicable:
        """What happens where an indicator does not apply: its own word, or the framework's."""
        return indicator.not_applicable or self.not_applicable

    @cached_property
    def maxima(self) -> Mapping[str, float]:
        """The most points of each code, under ``scale: points``; bonus and deduction have none.

        Nor has an indicator that cannot be scored. A group's is the sum of those below, or the
        largest where only the best counts, and its ``cap`` where that is less.
        """
        most: dict[str, float] = {}
        for code, node in reversed(list(self.nodes.items())):
            if isinstance(node, Indicator):
                most[code] = 0.0 if self.lacking(node) else node.points or 0.0
                continue
            below = [most[child.code] for child in node.children]
            whole = max(below, default=0.0) if self.takes_best(node) else math.fsum(below)
            most[code] = whole if node.cap is None else min(whole, node.cap)
        return most

    def points_of(self, indicator: Indicator) -> tuple[float, float]:
        """The fewest and the most points of an indicator: a rule may give less than 0."""
        low, high = indicator.range
        return min(low, *scores_in(self.normalisation_of(indicator)), high), high

    def takes_best(self, group: Group) -> bool:
        """Whether only the best child of a group of points counts."""
        return group.aggregate is not None and group.aggregate.name == "max"

    def normalisation_of(self, indicator: Indicator) -> Method:
        """The normalisation of an indicator: its own, else the framework's."""
        return indicator.normalise or self.normalise

    @cached_property
    def normalisations(self) -> tuple[Method, ...]:
        """The normalisations by which indicators are scored, the framework's own first."""
        used = [self.normalisation_of(leaf) for leaf in self.indicators if not self.lacking(leaf)]
        return _distinct([self.normalise, *used], used)

    @cached_property
    def aggregations(self) -> tuple[Method, ...]:
        """The aggregations of groups, the framework's own first; none of sums of points."""
        used = [] if self.sums_points else [self.method_of(group) for group in self.all_groups]
        return _distinct([self.aggregate, *used], used)

    def lacking(self, indicator: Indicator) -> tuple[str, ...]:
        """Name the keys that an indicator must still be given before it can be scored.

        ``direction``, and ``goalposts`` or ``targets`` where its normalisation needs them; empty
        where nothing is missing, or the data give its points.
        """
        entry = NORMALISE[self.normalisation_of(indicator).name]
        if entry.rule or indicator.code in self.given:
            return ()
        absent = [] if indicator.direction else ["direction"]
        kinds = [indicator.of(kind) for kind in indicator.kinds] or [indicator]
        if entry.needs and not all(self._complete(each) for each in kinds):
            absent.append(entry.needs)
        return tuple(absent)

    def _complete(self, indicator: Indicator) -> bool:
        method = self.normalisation_of(indicator)
        entry = NORMALISE[method.name]
        return bool(getattr(indicator, entry.needs)) or all(
            name in method.parameters for name in entry.or_parameters
        )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of everything the framework says; equal content, equal fingerprint."""
        said = asdict(replace(self, base=None, path=None))
        said["base"] = self.base and self.base.fingerprint
        for name in ("given", "own_title", "own_noun"):
            del said[name]
        text = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _distinct(methods: Iterable[Method], used: Collection[Method]) -> tuple[Method, ...]:
    """The methods that are used, each once and in order."""
    found: list[Method] = []
    found += (one for one in methods if one in used and one not in found)
    return tuple(found)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Group):
        for child in node.children:
            yield from _walk(child)
