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
from typing import Any, Literal, get_args

from kpi_lib.errors import InputError, Problem, choose_from, did_you_mean
from kpi_lib.io.yaml import read_yaml
from kpi_lib.locale.catalogue import mark, msg
from kpi_lib.scoring.scoreboard import Scoreboard

WeightDraw = Literal["noise", "dirichlet", "simplex"]
NoiseOn = Literal["siblings", "effective"]
MethodKind = Literal["normalise", "aggregate", "missing", "impute", "treat"]

Spec = str | Path | Mapping[str, Any] | Sequence[Mapping[str, Any]]

DEFAULT: Sequence[Mapping[str, Any]] = ({"vary": "weights", "draw": "noise", "size": 0.25},)
"""Each weight by up to ±25 % relative to its siblings: drawn where nothing else is said."""

_MOST_AMONG = 1000
_LEVEL = re.compile("[0-9]{1,9}")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "weights": ("draw", "on", "size", "spread", "levels"),
    "normalise": ("among",),
    "aggregate": ("among", "groups"),
    "missing": ("among",),
    "impute": ("among",),
    "treat": ("among",),
    "data": ("draw", "standard_error", "relative"),
}
_DRAWS: Mapping[str, tuple[str, ...]] = {
    "weights": ("noise", "dirichlet", "simplex"),
    "data": ("errors", "jackknife"),
}
# The parameter of each draw of weights, its default, and the most it can be.
_SIZES: Mapping[str, tuple[str, float, float]] = {
    "noise": ("size", 0.25, 1.0),
    "dirichlet": ("spread", 0.25, 0.5),
}


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
        faults = _faults(item)
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


Fault = tuple[str, str]


def _faults(item: Any) -> list[Fault]:
    if not isinstance(item, Mapping):
        return [
            (
                msg("found {item}; expected a choice.", item=repr(item)),
                msg("Write {vary: …} with its options."),
            )
        ]
    vary: Any = item.get("vary")
    if not isinstance(vary, str) or vary not in _KEYS:
        fix = choose_from(str(vary), _KEYS)
        return [(msg("nothing is called {vary} under 'vary'.", vary=repr(vary)), fix)]
    allowed = ("vary", "name", *_KEYS[vary])
    known = msg("Keys: {keys}.", keys=", ".join(allowed))
    faults = [
        (
            msg("unknown key '{key}'.", key=key),
            f"{did_you_mean(str(key), allowed)} {known}".strip(),
        )
        for key in item
        if key not in allowed
    ]
    if not isinstance(item.get("name", ""), str):
        faults.append((msg("the name is {name}; expected a text.", name=repr(item["name"])), ""))
    if vary in _DRAWS and item.get("draw") not in _DRAWS[vary]:
        drawn = ", ".join(_DRAWS[vary])
        faults.append(
            (
                msg(
                    "'draw' is {part}; expected one of: {drawn}.",
                    part=repr(item["draw"]) if "draw" in item else msg("nothing"),
                    drawn=drawn,
                ),
                "",
            )
        )
    elif vary == "weights":
        faults += _weight_faults(item)
    elif vary == "data":
        faults += _data_faults(item)
    else:
        faults += _among_faults(item)
    return faults


def _weight_faults(item: Mapping[str, Any]) -> list[Fault]:
    draw = item["draw"]
    faults = _on_faults(item)
    key, _, most = _SIZES.get(draw, ("", 0.0, 0.0))
    for other in {"size", "spread"} - {key}:
        if other in item:
            fix = msg("It takes '{key}'.", key=key) if key else msg("It takes 'levels' only.")
            faults.append((msg("'{draw}' takes no '{other}'.", draw=draw, other=other), fix))
    size = item.get(key)
    if size is not None:
        sizes = list(size.values()) if isinstance(size, Mapping) else [size]
        faults += [
            (
                msg(
                    "'{key}' is {value}; expected a number above 0 and at most {most}.",
                    key=key,
                    value=repr(value),
                    most=format(most, "g"),
                ),
                "",
            )
            for value in sizes
            if not _is_number(value) or not 0 < value <= most
        ]
        if isinstance(size, Mapping):
            faults += _level_faults(list(size))
            if "levels" in item:
                faults.append(
                    (msg("'{key}' already names the levels.", key=key), msg("Leave 'levels' out."))
                )
    if "levels" in item:
        levels = item["levels"]
        faults += (
            _level_faults(levels)
            if isinstance(levels, list | tuple)
            else [
                (
                    msg(
                        "'levels' is {levels}; expected a list such as [1, 2].", levels=repr(levels)
                    ),
                    "",
                )
            ]
        )
    return faults


def _on_faults(item: Mapping[str, Any]) -> list[Fault]:
    """Faults of ``on``, which only noise takes, and for which there are no levels."""
    on, kinds = item.get("on", "siblings"), get_args(NoiseOn)
    if on not in kinds:
        found = msg("'on' is {on}; expected one of: {kinds}.", on=repr(on), kinds=", ".join(kinds))
        return [(found, did_you_mean(str(on), kinds))]
    if "on" in item and item["draw"] != "noise":
        return [(msg("'{draw}' takes no '{other}'.", draw=item["draw"], other="on"), "")]
    if on == "effective" and ("levels" in item or isinstance(item.get("size"), Mapping)):
        return [
            (
                msg("noise on effective weights is the same at all levels."),
                msg("Give one size, without levels."),
            )
        ]
    return []


def _level_faults(levels: Sequence[Any]) -> list[Fault]:
    wrong = [x for x in levels if not isinstance(x, int) or isinstance(x, bool) or x < 1]
    faults: list[Fault] = [
        (
            msg("the level {x} is not a whole number of 1 or more.", x=repr(x)),
            msg("1 is the level below TOTAL."),
        )
        for x in wrong
    ]
    return faults or ([] if levels else [(msg("no level is named."), "")])


def _data_faults(item: Mapping[str, Any]) -> list[Fault]:
    given = [key for key in ("standard_error", "relative") if item.get(key) is not None]
    if item["draw"] == "jackknife":
        return [(msg("'jackknife' takes no '{key}'.", key=key), "") for key in given]
    relative = item.get("relative")
    if relative is not None and not (_is_number(relative) and relative > 0):
        return [
            (
                msg(
                    "'relative' is {relative}; expected a share above 0, such as 0.05.",
                    relative=repr(relative),
                ),
                "",
            )
        ]
    return []


def _among_faults(item: Mapping[str, Any]) -> list[Fault]:
    among = item.get("among")
    if not isinstance(among, list | tuple) or len(among) < 2:
        return [(msg("'among' needs two methods or more."), msg("Write among: [one, another]."))]
    if len(among) > _MOST_AMONG:
        found = msg(
            "'among' has {n} methods; expected at most {most}.", n=len(among), most=_MOST_AMONG
        )
        return [(found, "")]
    faults: list[Fault] = [
        (msg("{option} is there twice.", option=repr(option)), "")
        for i, option in enumerate(among)
        if option in among[:i]
    ]
    groups = item.get("groups", [])
    if not isinstance(groups, list | tuple) or not all(isinstance(g, str) for g in groups):
        faults.append(
            (msg("'groups' is {groups}; expected a list of codes.", groups=repr(groups)), "")
        )
    return faults


def _choice(item: Mapping[str, Any]) -> Choice:
    vary = item["vary"]
    name = item.get("name", vary)
    if vary == "weights":
        key, default, _ = _SIZES.get(item["draw"], ("", 1.0, 1.0))
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


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
