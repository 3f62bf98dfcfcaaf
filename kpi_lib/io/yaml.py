"""YAML read with a safe loader, with the line of every key, so that a fault can be found."""

from __future__ import annotations

import datetime
import math
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from kpi_lib.errors import InputError, Problem, answer_of_system
from kpi_lib.io import limits
from kpi_lib.io.names import COMMANDS
from kpi_lib.locale.catalogue import mark, message_language, msg
from kpi_lib.locale.words import number

Place = tuple[str | int, ...]
"""Keys and positions from the top of a file down to a value."""

Lines = dict[Place, int]
"""The line (from 1) of each key and item."""

Fault = tuple[int, str]
"""A line and what is wrong there."""

# libyaml's parser where PyYAML was built with it: the same result, ten times as fast.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

UNBUILDABLE = (ValueError, LookupError, AttributeError, TypeError, RecursionError, OverflowError)
"""What a safe loader raises for values with a tag that does not fit, beside its own errors."""


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """Read a file into plain data (keys as text, dates as ISO text) and the line of every key.

    Raises :class:`InputError` by file and line for what is not UTF-8 or not YAML, for a key
    that is there twice, and for a number that is not finite.
    """
    data, lines, faults = parse_yaml(path)
    refuse(faults, path)
    return data, lines


def parse_yaml(path: Path) -> tuple[Any, Lines, list[Fault]]:
    """Read a file as :func:`read_yaml` does, and give the faults of its values beside the rest.

    A value at fault is None.
    """
    node = _compose(_text_of(path), path)
    if node is None:
        raise InputError(Problem(msg("the file is empty."), file=str(path)))
    reading = _Reading()
    try:
        data = reading.plain_data(node, ())
    except RecursionError:
        raise InputError(Problem(msg("the file is nested too deeply."), file=str(path))) from None
    if reading.cut_off:
        refuse(reading.faults, path)
    return data, reading.lines, reading.faults


_MOST = 1000  # faults that are said one by one
_LONGEST = 1000  # characters of a value that is no text

_REFERENCE = re.compile("\x1e(\\d+)\x1e")


def reference(line: int) -> str:
    """A place that a fault's message points at; whoever knows the file says where that is."""
    return f"\x1e{line}\x1e"


def with_places(message: str, said: Callable[[int], str]) -> str:
    """Put the places that a message points at into words: ``in line 12``."""
    return _REFERENCE.sub(lambda found: said(int(found[1])), message)


def _in_line(line: int) -> str:
    return msg("in line {line}", line=line)


def refuse(faults: Sequence[Fault], path: Path) -> None:
    """Raise :class:`InputError` with all faults of a file in order of their lines, if any."""
    if faults:
        ordered = sorted(dict.fromkeys(faults), key=lambda fault: fault[0])
        said = [
            Problem(
                msg("line {line}: {message}", line=line, message=with_places(text, _in_line)),
                file=str(path),
            )
            for line, text in ordered[:_MOST]
        ]
        if more := ordered[_MOST:]:
            found = msg("{n} more faults, from line {line} on.", n=len(more), line=more[0][0])
            said.append(Problem(found, file=str(path)))
        raise InputError(said)


def line_of(place: Sequence[str | int], lines: Lines) -> int:
    """Give the line of a place, or of the nearest place around it that is in the file."""
    for end in range(len(place), -1, -1):
        if tuple(place[:end]) in lines:
            return lines[tuple(place[:end])]
    return 1


def _text_of(path: Path) -> str:
    if os.path.isdir(path):
        inside = ", ".join(sorted(file.name for file in path.glob("*.y*ml"))[:5])
        raise InputError(
            Problem(
                msg("this is a folder; expected a YAML file."),
                msg("Give the path of a file in it: {inside}.", inside=inside) if inside else "",
                file=str(path),
            )
        )
    no_file = InputError(Problem(msg("this is no file that can be read."), file=str(path)))
    if os.path.exists(path) and not os.path.isfile(path):
        raise no_file
    try:
        if path.stat().st_size > limits.limit(limits.TEXT):
            found = msg("the file has over {n} MB.", n=limits.limit(limits.TEXT) // limits.MB)
            raise InputError(limits.over(found, str(path)))
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(
            Problem(
                msg(
                    "line {line}: byte {object} is not UTF-8.",
                    line=line,
                    object=format(error.object[error.start], "#04x"),
                ),
                msg("Save the file as UTF-8."),
                file=str(path),
            )
        ) from None
    except OSError as error:
        raise InputError(
            Problem(
                msg("the file cannot be read: {strerror}.", strerror=answer_of_system(error)),
                file=str(path),
            )
        ) from None
    except ValueError:  # a name that no file can have
        raise no_file from None


# What libyaml says most often: where it was, and what was wrong.
_OF_LIBYAML = (
    mark("while scanning for the next token"),
    mark("while scanning a simple key"),
    mark("while scanning a plain scalar"),
    mark("while scanning a quoted scalar"),
    mark("while scanning a block scalar"),
    mark("while scanning an alias"),
    mark("while scanning an anchor"),
    mark("while parsing a node"),
    mark("while parsing a block mapping"),
    mark("while parsing a block collection"),
    mark("while parsing a flow mapping"),
    mark("while parsing a flow sequence"),
    mark("while parsing a quoted scalar"),
    mark("found character that cannot start any token"),
    mark("found a tab character that violates indentation"),
    mark("found unexpected end of stream"),
    mark("found unknown escape character"),
    mark("found undefined alias"),
    mark("found undefined tag handle"),
    mark("could not find expected ':'"),
    mark("did not find expected key"),
    mark("did not find expected '-' indicator"),
    mark("did not find expected ',' or ']'"),
    mark("did not find expected ',' or '}'"),
    mark("did not find expected node content"),
    mark("did not find expected <document start>"),
    mark("did not find expected alphabetic or numeric character"),
    mark("did not find expected hexdecimal number"),
    mark("mapping values are not allowed in this context"),
    mark("block sequence entries are not allowed in this context"),
    mark("control characters are not allowed"),
)


def _compose(text: str, path: Path) -> yaml.Node | None:
    try:
        # libyaml composes by recursion in C, which nothing stops before the stack is full.
        _weigh(text, path)
        node: yaml.Node | None = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark
        where = msg("line {line}: ", line=at.line + 1) if at else ""
        found = ", ".join(msg(part) for part in (error.context, error.problem) if part)
        raise InputError(
            Problem(
                msg("{where}this is not YAML: {found}.", where=where, found=found),
                msg("Mind the indentation, and put a text with ':' or '#' in quotes."),
                file=str(path),
            )
        ) from None
    except RecursionError:
        raise InputError(Problem(msg("the file is nested too deeply."), file=str(path))) from None
    except yaml.YAMLError as error:
        found = " ".join(str(error).split())
        raise InputError(
            Problem(msg("this is not YAML: {found}.", found=found), file=str(path))
        ) from None
    return node


def _weigh(text: str, path: Path) -> None:
    """Refuse a file of too many values, or with too many lists and maps inside each other."""
    deep = values = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.NodeEvent):
            values += 1
            if values > limits.limit(limits.NODES):
                raise InputError(limits.over(_too_many(), str(path)))
        if isinstance(event, yaml.CollectionStartEvent):
            deep += 1
            if deep > limits.DEPTH:
                raise RecursionError
        elif isinstance(event, yaml.CollectionEndEvent):
            deep -= 1


def _too_many() -> str:
    most = number(limits.limit(limits.NODES), message_language(), 0)
    return msg("the file unfolds to over {MOST_VALUES} values.", MOST_VALUES=most)


def unseen(text: str) -> str:
    """Say which letter of a text commands a screen, and is none; '' where there is none."""
    if text.isprintable() or not (found := COMMANDS.search(text)):
        return ""
    return msg(
        "the text '{text}' has a control character ({code}). Take it out.",
        text=COMMANDS.sub("", text),
        code=f"U+{ord(found[0]):04X}",
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


class _Reading:
    """Plain data from YAML nodes, with the lines and the faults that were met on the way."""

    def __init__(self) -> None:
        self.lines: Lines = {}
        self.faults: list[Fault] = []
        self._open: set[int] = set()
        self._values = 0
        self._most = limits.limit(limits.NODES)
        self._build = yaml.constructor.SafeConstructor().construct_object

    @property
    def cut_off(self) -> bool:
        """Whether there was too much to read all of it."""
        return self._values > self._most

    def plain_data(self, node: yaml.Node, place: Place) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        self._values += 1
        if id(node) in self._open:
            self.faults.append((line, msg("the alias stands inside what it stands for.")))
            return None
        if self.cut_off:
            if self._values == self._most + 1:
                self.faults.append((line, f"{_too_many()} {limits.how_to_raise()}"))
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.plain_data(child, (*place, i)) for i, child in enumerate(node.value)]
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, place)
            return self._scalar(node, line)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append((line, msg("a key must be a plain word.")))
                continue
            key = str(key_node.value)
            if key in data:
                first = self.lines[(*place, key)]
                self.faults.append(
                    (
                        line,
                        msg(
                            "the key '{key}' is there already, in line {first}. Keep one of them.",
                            key=key,
                            first=first,
                        ),
                    )
                )
                continue
            self.lines[(*place, key)] = line
            data[key] = self.plain_data(value_node, (*place, key))
        return data

    def _scalar(self, node: yaml.Node, line: int) -> Any:
        try:
            if len(node.value) > _LONGEST and not str(node.tag).endswith(":str"):
                raise ValueError
            value = self._build(node)
            finite = not isinstance(value, int | float) or math.isfinite(value)
        except OverflowError:
            finite = False
        except (yaml.YAMLError, *UNBUILDABLE):
            self.faults.append(
                (
                    line,
                    msg(
                        "'{value}' cannot be read. Put it in quotes if it is a text.",
                        value=_short(node.value),
                    ),
                )
            )
            return None
        if not finite:
            self.faults.append(
                (line, msg("{value} is not a number that can be scored.", value=_short(node.value)))
            )
            return None
        if isinstance(value, str) and (fault := unseen(value)):
            self.faults.append((line, fault))
        if isinstance(value, float):
            return value + 0.0  # -0.0 says what 0.0 says
        return value.isoformat() if isinstance(value, datetime.date) else value
