"""What is wrong with a choice of what is uncertain: its keys, draws, sizes and methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from kpi_lib.errors import choose_from, did_you_mean
from kpi_lib.io.cells.numbers import Fault
from kpi_lib.locale.catalogue import msg

NoiseOn = Literal["siblings", "effective"]

_MOST_AMONG = 1000
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
SIZES: Mapping[str, tuple[str, float, float]] = {
    "noise": ("size", 0.25, 1.0),
    "dirichlet": ("spread", 0.25, 0.5),
}


def faults_of(item: Any) -> list[Fault]:
    """Find every fault of the form of one choice."""
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
    key, _, most = SIZES.get(draw, ("", 0.0, 0.0))
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


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
