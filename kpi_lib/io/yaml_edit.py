"""YAML files changed as text, so that comments, order and layout stay as people wrote them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from kpi_lib.io.yaml import Loader, Place

Added = Mapping[str, tuple[str, str]]
"""Keys to add, each with its value as YAML in one line and a comment."""


def with_comments(text: str, comments: Mapping[Place, str]) -> str:
    """Write a comment at the end of the line on which each value begins."""
    return _commented(text, {line: comments[place] for line, place in _lines(text, comments)})


def with_keys(text: str, keys: Mapping[Place, Added], after: Sequence[str]) -> str:
    """Add keys to mappings of a YAML text, each on a line of its own with a comment.

    Parameters
    ----------
    text:
        The file. Its comments, order and quotes stay as they are.
    keys:
        The keys of each mapping, by its place, with their values as YAML in one line and the
        comment beside each.
    after:
        The keys below which new ones stand: the last of them that a mapping has.
    """
    lines = text.split("\n")
    root = yaml.compose(text, Loader=Loader)
    found = [(_node(root, place), own) for place, own in keys.items()]
    for node, own in sorted(found, key=lambda one: -one[0].start_mark.index):
        if node.flow_style:
            _add_in_line(lines, node, own)
        else:
            _add_lines(lines, node, own, after)
    return "\n".join(lines)


def holds(text: str, data: Any) -> bool:
    """Whether a YAML text holds these data, keys and dates as texts."""
    try:
        return bool(_plain(yaml.load(text, Loader=Loader)) == _plain(data))
    except yaml.YAMLError:
        return False


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def _add_lines(lines: list[str], node: yaml.MappingNode, own: Added, after: Sequence[str]) -> None:
    keys = [key for key, _ in node.value]
    at = max((i for i, key in enumerate(keys) if key.value in after), default=0)
    line = _end(node.value[at][1])
    while line > keys[at].start_mark.line + 1 and _is_empty(lines[line - 1]):
        line -= 1
    indent = " " * keys[0].start_mark.column
    lines[line:line] = [
        f"{indent}{key}: {value}  # {comment}" for key, (value, comment) in own.items()
    ]


def _end(node: yaml.Node) -> int:
    """The line after a value; the mark of a block stands where the next token begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
    return int(node.end_mark.line) + (0 if block else 1)


def _is_empty(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _add_in_line(lines: list[str], node: yaml.MappingNode, own: Added) -> None:
    """Add keys before the bracket that closes a mapping, and the comment at the line's end."""
    mark = node.end_mark
    line, column = lines[mark.line], mark.column - 1
    added = "".join(f", {key}: {value}" for key, (value, _) in own.items())
    beside = "; ".join(dict.fromkeys(comment for _, comment in own.values()))
    lines[mark.line] = f"{line[:column].rstrip()}{added}{line[column:]}  # {beside}"


def _commented(text: str, comments: Mapping[int, str]) -> str:
    lines = text.split("\n")
    for at, comment in comments.items():
        lines[at] += f"  # {' '.join(comment.split())}"
    return "\n".join(lines)


def _lines(text: str, places: Mapping[Place, Any]) -> list[tuple[int, Place]]:
    root = yaml.compose(text, Loader=Loader)
    return [(_at(root, place).start_mark.line, place) for place in places]


def _node(root: yaml.Node | None, place: Place) -> yaml.MappingNode:
    node = _at(root, place)
    if not isinstance(node, yaml.MappingNode):
        raise KeyError(place)
    return node


def _at(node: yaml.Node | None, place: Place) -> yaml.Node:
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == part)
    if node is None:
        raise KeyError(place)
    return node
