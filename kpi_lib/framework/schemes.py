"""Maturity schemes: levels of criteria, read from YAML and checked.

A criterion is a condition on an indicator, or evidence that a document gives.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kpi_lib.errors import InputError, Problem, did_you_mean
from kpi_lib.framework.check import issue_faults, shape_faults
from kpi_lib.framework.level_rules import level_faults
from kpi_lib.framework.load import load_named
from kpi_lib.framework.model import Framework, Issued
from kpi_lib.io.yaml import Lines, line_of, read_yaml, refuse
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.display import Display, Displayed, Table
from kpi_lib.locale.words import Text, in_language, number, text_of
from kpi_lib.methods.digits import at_bound

Kind = Literal["basic", "chosen"]


@dataclass(frozen=True)
class Rule:
    """What must be met of a level's criteria; where nothing is said, all of them.

    ``share`` (0–1) of all criteria, ``basic`` (0–1) of the basic ones, and ``chosen`` of the
    chosen ones, as a number.
    """

    share: float | None = None
    basic: float | None = None
    chosen: int | None = None


@dataclass(frozen=True)
class Criterion:
    """A condition on an indicator (bounds in its unit), or ``evidence``: the document needed."""

    code: str
    title: Text
    kind: Kind = "basic"
    indicator: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    evidence: Text | None = None

    def short(self, value: float) -> float:
        """How far a value is from the condition, in the indicator's unit; 0 where it is met."""
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        value = float(at_bound(at_bound(np.asarray(value), low), high))
        return max(0.0, low - value, value - high)


@dataclass(frozen=True, repr=False)
class Level(Displayed):
    """One level of a scheme."""

    code: str
    title: Text
    rule: Rule = Rule()
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, repr=False)
class Scheme(Displayed):
    """Levels from the lowest up.

    ``status`` is ``structure`` where the criteria are still to be entered, and ``demo`` where
    they are made up. ``expects`` is how many criteria the document has, by kind or ``all``;
    ``framework`` names the framework of the indicators.
    """

    id: str
    version: str
    title: Text
    levels: tuple[Level, ...]
    status: Literal["structure", "demo", "working", "official"] = "working"
    note: Text | None = None
    issued: Issued | None = None
    framework: str | None = None
    expects: Mapping[str, int] = field(default_factory=dict)

    def _display(self) -> Display:
        lang = message_language()
        rows = [
            (level.code, in_language(level.title, lang), number(len(level.criteria), lang, 0))
            for level in self.levels
        ]
        heads = [msg("Level"), msg("Title"), msg("Criteria")]
        title = f"{self.name}: {in_language(self.title, lang)}"
        notes = [note] if (note := in_language(self.note, lang)) else []
        return Display(title, notes, tables=[Table("", heads, rows, numeric=(2,))])

    @property
    def name(self) -> str:
        """``id@version``, by which a bundled scheme is asked for."""
        return f"{self.id}@{self.version}"

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria, in order of the levels."""
        return tuple(criterion for level in self.levels for criterion in level.criteria)

    @property
    def entered(self) -> Mapping[str, int]:
        """How many criteria the scheme has, ``all`` and by kind."""
        kinds = [criterion.kind for criterion in self.criteria]
        return {"all": len(kinds), "basic": kinds.count("basic"), "chosen": kinds.count("chosen")}

    @property
    def complete(self) -> bool:
        """Whether all criteria are there: only then a level can be said to be reached."""
        return all(level.criteria for level in self.levels) and all(
            self.entered[kind] >= count for kind, count in self.expects.items()
        )


def bundled_schemes() -> dict[str, Path]:
    """Give the schemes that come with the package: ``id@version`` → file."""
    folder = Path(str(resources.files(__package__) / "schemes_bundled"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_scheme(name: str | Path, framework: Framework | None = None) -> Scheme:
    """Load a maturity scheme by ``id@version`` (a bundled one) or from a YAML file.

    Where the scheme names its framework, the conditions are checked against it; ``framework``
    saves reading it again. Raises :class:`InputError` with every fault of the file, by file,
    line and key.
    """
    bundled = bundled_schemes()
    path = bundled.get(str(name), Path(name))
    if not os.path.isfile(path):
        raise InputError(
            Problem(
                msg("there is no maturity scheme '{name}'.", name=name),
                msg(
                    "{hint} Bundled: {bundled}. A file of your own is given by its path and "
                    "ends in .yaml.",
                    hint=did_you_mean(str(name), bundled),
                    bundled=", ".join(bundled),
                ).strip(),
            )
        )
    data, lines = read_yaml(path)
    refuse(list(shape_faults(data, lines, "scheme_schema.yaml")), path)
    indicators = None
    if "framework" in data:
        stack = {below.name: below for below in framework.stack} if framework else {}
        of = stack.get(data["framework"]) or _framework_of(data, lines, path)
        indicators = {i.code: {"valid": i.valid} for i in of.indicators}
    faults = [
        *level_faults(data["levels"], lines, indicators, data.get("rule", {})),
        *issue_faults(data, lines),
    ]
    refuse(faults, path)
    return _scheme(data)


def scheme_of(framework: Framework) -> Scheme | None:
    """Give the scheme under ``levels:`` of a framework file, or None where it has none."""
    if not framework.levels:
        return None
    return Scheme(
        id=framework.id,
        version=framework.version,
        title=framework.title,
        levels=tuple(_level(dict(level), Rule()) for level in framework.levels),
        status=framework.status,
        issued=framework.issued,
        framework=framework.name,
    )


def schemes_for(framework: Framework) -> tuple[Scheme, ...]:
    """Give the bundled schemes whose conditions are on a framework, or on what it extends."""
    key = framework.fingerprint
    if key not in _known:
        names = {below.name for below in framework.stack}
        schemes = [load_scheme(name, framework) for name in bundled_schemes()]
        _known[key] = tuple(scheme for scheme in schemes if scheme.framework in names)
    return _known[key]


# What :func:`schemes_for` has found, by the framework's fingerprint.
_known: dict[str, tuple[Scheme, ...]] = {}


def _framework_of(data: Mapping[str, Any], lines: Lines, path: Path) -> Framework:
    try:
        return load_named(str(data["framework"]), path)
    except InputError as error:
        refuse([(line_of(("framework",), lines), str(error.problems[0]))], path)
        raise


def _scheme(data: Mapping[str, Any]) -> Scheme:
    issued, note = data.get("issued"), data.get("note")
    default = Rule(**data.get("rule", {}))
    return Scheme(
        id=data["id"],
        version=data["version"],
        title=text_of(data["title"]),
        levels=tuple(_level(level, default) for level in data["levels"]),
        status=data.get("status", "working"),
        note=None if note is None else text_of(note),
        issued=None
        if issued is None
        else Issued(
            text_of(issued.get("by", "")), issued.get("document", ""), issued.get("date", "")
        ),
        framework=data.get("framework"),
        expects=data.get("expects", {}),
    )


def _level(data: Mapping[str, Any], default: Rule) -> Level:
    criteria: Sequence[Mapping[str, Any]] = data.get("criteria", ())
    return Level(
        code=data["code"],
        title=text_of(data["title"]),
        rule=Rule(**data["rule"]) if "rule" in data else default,
        criteria=tuple(
            Criterion(
                code=item["code"],
                title=text_of(item["title"]),
                kind=item.get("kind", "basic"),
                indicator=item.get("indicator"),
                at_least=item.get("at_least"),
                at_most=item.get("at_most"),
                evidence=text_of(item["evidence"]) if "evidence" in item else None,
            )
            for item in criteria
        ),
    )
