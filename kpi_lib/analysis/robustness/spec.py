"""What is uncertain: a checked list of choices of weights, methods and data.

A specification is a list of choices, in Python or as a YAML file::

    choices:
      - {vary: weights, draw: noise, size: {1: 0.25, 2: 0.1}}
      - {vary: normalise, among: [minmax, {method: zscore, mean: 50, sd: 10}]}
      - {vary: aggregate, among: [arithmetic, geometric], groups: [TOTAL]}
      - {vary: missing, among: [rescale, worst]}
      - {vary: data, draw: errors, relative: 0.05}

:func:`read_spec` says what each choice takes. A choice that cannot be applied, or that could
change nothing in any period, is an error; one that changes nothing in the period at hand is
noted: nothing is left out in silence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kpi_lib.analysis.robustness.spec_faults import SIZES, NoiseOn, faults_of
from kpi_lib.errors import InputError, Problem
from kpi_lib.io.cells.numbers import Fault
from kpi_lib.io.yaml import read_yaml
from kpi_lib.locale.catalogue import mark, msg
from kpi_lib.scoring.scoreboard import Scoreboard

WeightDraw = Literal["noise", "dirichlet", "simplex"]
MethodKind = Literal["normalise", "aggregate", "missing", "impute", "treat"]

Spec = str | Path | Mapping[str, Any] | Sequence[Mapping[str, Any]]

DEFAULT: Sequence[Mapping[str, Any]] = ({"vary": "weights", "draw": "noise", "size": 0.25},)
"""Each weight by up to ±25 % relative to its siblings: drawn where nothing else is said."""

_LEVEL = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class WeightChoice:
    """Weights of the groups and indicators of some levels are drawn.

    ``sizes`` gives the size of the noise or the spread by level (1 is below ``TOTAL``);
    ``every`` is that of all other levels, None where they keep their weights. Noise is ``on``
    each weight relative to its ``siblings``, or on the ``effective`` weight of each indicator
    in the whole.
    """

    name: str
    draw: WeightDraw
    every: float | None
    sizes: Mapping[int, float] = field(default_factory=dict)
    on: NoiseOn = "siblings"

    def size(self, level: int) -> float | None:
        """The size or spread for the weights of one level, None where they are kept."""
        return self.sizes.get(level, self.every)


@dataclass(frozen=True)
class MethodChoice:
    """One method of several is drawn, each with the same chance.

    ``among`` holds methods as they were given; ``groups`` the codes of the groups that take
    the drawn aggregation (none: those that follow the framework's default).
    """

    name: str
    vary: MethodKind
    among: tuple[Any, ...]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class ErrorChoice:
    """Values are drawn around the observed ones, from normal distributions.

    ``standard_error`` is by indicator, or a table of single values, and goes before the
    standard errors that the observations have; ``relative`` is a share of the value where
    neither says any.
    """

    name: str
    standard_error: Any = None
    relative: float | None = None


@dataclass(frozen=True)
class JackknifeChoice:
    """One scored indicator, each with the same chance, is left out."""

    name: str


Choice = WeightChoice | MethodChoice | ErrorChoice | JackknifeChoice


def read_spec(spec: Spec | None) -> tuple[Choice, ...]:
    """Read a list of choices, a mapping with one under ``choices``, or a YAML file of that form.

    Each choice names what it varies; ``name`` may say what to call it.

    - ``vary: weights`` with ``draw: noise`` multiplies each weight by a uniform factor from
      ``1 - size`` to ``1 + size``, relative to its siblings at every level, so that the
      indicators' shares of the whole move by more; with ``on: effective`` it multiplies these
      shares instead, and each group weighs what is below it. ``dirichlet`` draws the shares of
      siblings around the nominal ones, so that a share of k equal ones has the relative standard
      deviation ``spread`` (the parameters sum to ``(k - 1) / spread² - 1``); ``simplex`` draws
      them uniformly from all there are. ``size`` and ``spread`` are a number, or one for each
      level (``{1: 0.25, 2: 0.1}``); ``levels: [1]`` keeps other levels' weights. A level is the
      depth of the part that has the weight: 1 for the groups below ``TOTAL``.
    - ``vary: normalise``, ``aggregate`` or ``missing`` with ``among``, a list of methods as in
      a framework file; for ``aggregate``, ``groups`` names groups that take the drawn one
      (else those that follow the framework's default do).
    - ``vary: impute`` or ``treat`` with ``among``, a list of steps of a treatment, or of lists
      of them, or ``none``: ``impute`` replaces the imputations of the framework (``mean``
      stands for ``{method: impute, by: mean}``), ``treat`` all its other steps but ``screen``.
    - ``vary: data`` with ``draw: errors`` adds normal errors: those of the observations' column
      ``se``; before them ``standard_error`` by indicator in its unit, or a table or CSV file
      with the columns ``indicator, standard_error`` and optionally ``city, period``; after
      them ``relative`` as a share of the value. ``jackknife`` leaves out one indicator.

    None stands for :data:`DEFAULT`. Raises :class:`InputError` with every fault of the form;
    whether a choice applies to the data is checked where it is used.
    """
    file, items = _items(DEFAULT if spec is None else spec)
    problems: list[Problem] = []
    choices: list[Choice] = []
    for number, item in enumerate(items, start=1):
        faults = faults_of(item)
        label = msg("choice {number}", number=number)
        if isinstance(item, Mapping) and isinstance(item.get("vary"), str):
            label += f" ({item['vary']})"
        problems += [Problem(f"{label}: {message}", fix, file=file) for message, fix in faults]
        if not faults:
            choices.append(_choice(item))
    if not problems:
        problems = [Problem(message, fix, file=file) for message, fix in _clashes(choices)]
    if problems:
        raise InputError(problems)
    return tuple(choices)


def spec_of(board: Scoreboard) -> Spec | None:
    """What a board says is uncertain; None for :data:`DEFAULT`."""
    return None if board.spec is None else _numbered(board.spec)


def noise_spec(spec: Spec | None, noise: NoiseOn | None) -> Spec | None:
    """The default choice with its noise on what is said; raises for noise beside a spec."""
    if noise is None:
        return spec
    if spec is not None:
        raise InputError(
            Problem(
                msg("both a list of choices and the kind of noise are given."),
                msg("Write 'on: {noise}' beside 'draw: noise' in the list.", noise=noise),
            )
        )
    return [{**DEFAULT[0], "on": noise}]


def _numbered(value: Any) -> Any:
    """Give keys that are whole numbers as such: levels."""
    if isinstance(value, dict):
        return {int(k) if _LEVEL.fullmatch(k) else k: _numbered(v) for k, v in value.items()}
    return [_numbered(item) for item in value] if isinstance(value, list) else value


def _items(spec: Spec) -> tuple[str, Sequence[Any]]:
    file = ""
    data: Any = spec
    if isinstance(spec, str | Path):
        file = str(spec)
        data = _numbered(read_yaml(Path(spec))[0])
    if isinstance(data, Mapping):
        unknown = [str(key) for key in data if key not in {"choices", "title"}]
        if unknown:
            raise InputError(
                Problem(
                    msg("unknown key '{unknown}'.", unknown=unknown[0]),
                    msg("Expected: choices."),
                    file=file,
                )
            )
        data = data.get("choices")
    if not isinstance(data, Sequence) or isinstance(data, str) or not data:
        raise InputError(
            Problem(
                msg("there is no list of choices."),
                msg(
                    "Write 'choices:' and below it a line such as '- {vary: weights, draw: "
                    "noise, size: 0.25}' for each."
                ),
                file=file,
            )
        )
    return file, data


def _choice(item: Mapping[str, Any]) -> Choice:
    vary = item["vary"]
    name = item.get("name", vary)
    if vary == "weights":
        key, default, _ = SIZES.get(item["draw"], ("", 1.0, 1.0))
        size = item.get(key, default)
        if isinstance(size, Mapping):
            return WeightChoice(name, item["draw"], None, dict(size))
        if "levels" in item:
            return WeightChoice(name, item["draw"], None, dict.fromkeys(item["levels"], size))
        return WeightChoice(name, item["draw"], size, on=item.get("on", "siblings"))
    if vary == "data":
        if item["draw"] == "jackknife":
            return JackknifeChoice(name)
        return ErrorChoice(name, item.get("standard_error"), item.get("relative"))
    return MethodChoice(name, vary, tuple(item["among"]), tuple(item.get("groups", ())))


def _clashes(choices: Sequence[Choice]) -> list[Fault]:
    names = Counter(choice.name for choice in choices)
    faults: list[Fault] = [
        (
            msg("{count} choices are called '{name}'.", count=count, name=name),
            msg("Give each a name: of its own."),
        )
        for name, count in names.items()
        if count > 1
    ]
    weights = [choice for choice in choices if isinstance(choice, WeightChoice)]
    for i, one in enumerate(weights):
        for other in weights[:i]:
            levels = {*one.sizes, *other.sizes}
            both = [x for x in sorted(levels) if one.size(x) and other.size(x)]
            if both or (one.every and other.every):
                at = msg("level {both}", both=both[0]) if both else msg("every level")
                faults.append(
                    (
                        msg(
                            "'{name}' and '{name_2}' both draw weights of {at}.",
                            name=other.name,
                            name_2=one.name,
                            at=at,
                        ),
                        "",
                    )
                )
    methods = [choice for choice in choices if isinstance(choice, MethodChoice)]
    for i, this in enumerate(methods):
        for that in methods[:i]:
            shared = set(this.groups) & set(that.groups)
            if this.vary == that.vary and (shared or not (this.groups or that.groups)):
                text = (
                    mark("'{name}' and '{name_2}' both vary {vary} of {groups}.")
                    if shared
                    else mark("'{name}' and '{name_2}' both vary {vary}.")
                )
                groups = ", ".join(sorted(shared))
                said = msg(text, name=that.name, name_2=this.name, vary=this.vary, groups=groups)
                faults.append((said, ""))
    for kind, what in ((ErrorChoice, "errors"), (JackknifeChoice, "jackknife")):
        if sum(isinstance(choice, kind) for choice in choices) > 1:
            faults.append((msg("data are drawn by '{what}' more than once.", what=what), ""))
    return faults
