"""All that is wrong with a framework file, in one round.

A value that has not its shape hides what it means together with others. Here it is put aside, and
the rest of the file is checked as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import islice
from typing import Any

from kpi_lib.errors import and_more
from kpi_lib.framework.check import meaning_faults, shape_errors
from kpi_lib.io.yaml import Fault, Lines, Place, line_of, unseen

_MOST = 500  # faults of shape, after which the rest of a file is not looked at

# Stands for a code or a title that is missing, so that its node can be looked at.
_UNNAMED = "\x1f"

# What another value would be missed without: a valid one stands in for it.
_STAND_IN: Mapping[str, Any] = {
    "direction": "higher",
    "scale": "hundred",
    "points": 1,
    "groups": [],
    "indicators": [],
}


Errors = Sequence[tuple[Place, str, str]]


def first_errors(data: Any, lines: Lines) -> Errors:
    """Give the faults of shape, as :func:`shape_errors` does, up to so many."""
    return list(islice(shape_errors(data, lines), _MOST))


def all_faults(
    data: Any,
    lines: Lines,
    unread: Sequence[Fault],
    errors: Errors,
    extends: bool,
    scale: str | None,
) -> Iterator[Fault]:
    """Give the faults of values, of shape and of meaning.

    ``errors`` are the first of shape, ``unread`` the values that could not be read as YAML; what
    has no shape only for that is not said twice. ``extends`` and ``scale`` are as for
    :func:`meaning_faults`.
    """
    yield from unread
    bad = {line for line, _ in unread}
    for place, _, message in errors:
        line = line_of(place, lines)
        if line not in bad or not _unread(data, place):
            yield line, message
    if len(errors) == _MOST:
        yield (
            line_of(errors[-1][0], lines),
            and_more(),
        )
        return
    if not isinstance(data, dict):
        return
    whole = deepcopy(data)
    for place, required, _ in errors:
        _put_aside(whole, place, required)
    wrong = {line_of(place, lines) for place, _, _ in errors} | bad
    try:
        for line, message in meaning_faults(whole, lines, extends=extends, scale=scale):
            if _UNNAMED not in message and not (line in wrong and line == 1):
                yield line, message
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        # So much has not its shape that the rest cannot be looked at yet.
        return


def _unread(data: Any, place: Place) -> bool:
    """Whether a value, or one in its list, is none that could be read as YAML."""
    node = data
    for step in place:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return False
    values = node if isinstance(node, list) else [node]
    return any(value is None or (isinstance(value, str) and unseen(value)) for value in values)


def _put_aside(data: Any, place: Place, required: str) -> None:
    """Take a value out of the data, or give what is missing a name that is none."""
    parent: Any = None
    steps = list(place)
    node = data
    for step in steps:
        try:
            parent, node = node, node[step]
        except (KeyError, IndexError, TypeError):
            return
    if required:
        if isinstance(node, dict) and required in {"code", "title", "id", "version"}:
            node[required] = f"{_UNNAMED}{'.'.join(map(str, steps))}"
        return
    if isinstance(parent, dict):
        key = steps[-1]
        if key in {"code", "title", "id", "version"}:
            parent[key] = f"{_UNNAMED}{'.'.join(map(str, steps))}"
        elif key in _STAND_IN:
            parent[key] = _STAND_IN[str(key)]
        else:
            del parent[key]
    elif isinstance(parent, list):
        if isinstance(node, dict) or steps[-2:-1] in (["groups"], ["indicators"]):
            name = f"{_UNNAMED}{'.'.join(map(str, steps))}"
            parent[int(steps[-1])] = {"code": name, "title": name}
        else:
            _put_aside(data, tuple(steps[:-1]), "")
