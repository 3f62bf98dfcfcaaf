"""Objects that show themselves in a screen or less: as text, and as HTML in a notebook.

A class says what it shows (:meth:`Displayed._display`); how much of that is shown, and the two
forms, are the same for all. What is shown is in the language of messages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from functools import cache
from importlib import resources
from pathlib import PurePath
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from kpi_lib.locale.catalogue import languages, message_language, msg
from kpi_lib.locale.words import amount, in_language, number

if TYPE_CHECKING:
    from jinja2 import Template

# A screen: lines and columns of text, and what is in the folds of a page.
_LINES, _WIDTH, _BRANCHES = 36, 100, 100
# Rows, columns and characters of a table, lines of a tree as text, items and characters of a value.
_ROWS, _COLUMNS, _CELL, _TWIGS, _ITEMS, _VALUE = 12, 8, 80, 18, 5, 200
# Characters of the narrowest column where a table is text.
_LEAST = 12


# White space, but for the kind that keeps a number and its unit together.
_SPACE = re.compile(r"[^\S\N{NO-BREAK SPACE}]+")


@dataclass(frozen=True)
class Table:
    """A table of texts: ``numeric`` columns are flush right, ``left_out`` rows are not there."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Collection[int] = ()
    left_out: int = 0

    @property
    def more(self) -> str:
        """Say how many rows are left out; nothing where none is."""
        if not self.left_out:
            return ""
        return msg("… and {n} more", n=number(self.left_out, message_language(), 0))


@dataclass(frozen=True)
class Branch:
    """A line of a tree, with what is below it."""

    label: str
    detail: str = ""
    children: Sequence[Branch] = ()


@dataclass(frozen=True)
class Display:
    """What an object shows of itself: a title, sentences, facts by name, tables, and a tree."""

    title: str
    notes: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    tables: Sequence[Table] = ()
    tree: Sequence[Branch] = ()


class Displayed:
    """Shows itself in a screen or less; by default the fields of a dataclass that are set."""

    def _display(self) -> Display:
        told = {name: value for name, value in _told(self) if value is not None}
        frames = {name: value for name, value in told.items() if _is_table(value)}
        facts = [(name, in_short(value)) for name, value in told.items() if name not in frames]
        tables = [table_of(frame, name) for name, frame in frames.items()]
        return Display(type(self).__name__, facts=facts, tables=tables)

    def __repr__(self) -> str:
        """Give what is shown as text."""
        return "\n".join(_lines(_within_a_screen(self._display())))

    def _repr_html_(self) -> str:
        return _template().render(shown=_within_a_screen(self._display()))


def in_short(value: Any) -> str:
    """Write a value in a line: tables and arrays by their size, objects by their names."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return (
            f"{type(value).__name__} {' × '.join(number(n, message_language(), 0) for n in shape)}"
        )
    if isinstance(value, float):
        return amount(value, message_language())
    if isinstance(value, str | PurePath):
        return str(value)
    if isinstance(value, Mapping):
        if value and set(value) <= set(languages()):
            return in_language(value, message_language())
        return _items(
            [f"{in_short(key)}: {in_short(one)}" for key, one in _first(value.items())], value
        )
    if isinstance(value, Collection):
        return _items([in_short(one) for one in _first(value)], value)
    if isinstance(value, Displayed):
        own = [getattr(value, key, None) for key in ("name", "code")]
        return next((name for name in own if isinstance(name, str)), type(value).__name__)
    if is_dataclass(value) and type(value).__str__ is object.__str__:
        return ", ".join(in_short(own) for _, own in _told(value))
    return "–" if value is None else str(value)


def _first(values: Collection[Any]) -> Iterator[Any]:
    return (one for one, _ in zip(values, range(_ITEMS), strict=False))


def _items(said: Sequence[str], of: Collection[Any]) -> str:
    rest = len(of) - len(said)
    text = ", ".join(said) or "–"
    return text + msg(" and {n} more", n=number(rest, message_language(), 0)) if rest else text


def table_of(frame: Any, caption: str = "") -> Table:
    """Make a table of a DataFrame of few columns: its index first, its first rows."""
    numeric = [at for at, kind in enumerate(frame.dtypes, start=1) if kind.kind in "iuf"]
    rows = [[in_short(cell) for cell in row] for row in frame.head(_ROWS).itertuples()]
    heads = [str(frame.index.name or ""), *map(str, frame.columns)]
    return Table(caption, heads, rows, numeric, len(frame) - len(rows))


def _is_table(value: Any) -> bool:
    """Whether a value is a DataFrame of few columns and some rows."""
    return hasattr(value, "itertuples") and len(value) > 0 and value.shape[1] <= _COLUMNS


def _told(value: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a dataclass that have another value than they have by default."""
    for field in fields(value):
        own = getattr(value, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if field.repr and (hasattr(own, "shape") or default is MISSING or own != default):
            yield field.name, own


def _within_a_screen(shown: Display) -> Display:
    """Cut long texts and leave out what would be too much, saying how much that is."""
    return Display(
        _cut(shown.title),
        [_cut(note) for note in shown.notes],
        [(_cut(name), _cut(value)) for name, value in shown.facts[:_ROWS]],
        [_short(table) for table in shown.tables],
        _shallow(shown.tree, _BRANCHES),
    )


def _cut(text: str, most: int = _VALUE) -> str:
    text = harmless(_SPACE.sub(" ", text).strip())
    return text if len(text) <= most else text[: most - 1] + "…"


def _short(table: Table) -> Table:
    most = _CELL if len(table.heads) > 1 else _VALUE
    rows = [[_cut(text, most) for text in row] for row in table.rows[:_ROWS]]
    left_out = table.left_out + len(table.rows) - len(rows)
    return replace(table, caption=_cut(table.caption), rows=rows, left_out=left_out)


def _shallow(tree: Sequence[Branch], most: int) -> list[Branch]:
    """Leave out the deepest levels of a tree, each as a whole, where it has too many branches."""
    depth, level, count = 0, list(tree), 0
    while level and count + len(level) <= most:
        count += len(level)
        depth += 1
        level = [child for branch in level for child in branch.children]
    return _down_to(tree, max(depth, 1))[:most]


def _down_to(tree: Sequence[Branch], depth: int) -> list[Branch]:
    if not depth:
        return []
    return [
        Branch(_cut(branch.label), _cut(branch.detail), _down_to(branch.children, depth - 1))
        for branch in tree
    ]


def _lines(shown: Display) -> Iterator[str]:
    lines = [shown.title, *(line for note in shown.notes for line in wrap(note, _WIDTH))]
    lines += [f"{name}: {value}" for name, value in shown.facts]
    for table in shown.tables:
        lines += ["", *([table.caption] if table.caption else [])]
        left = [at for at in range(len(table.heads)) if at not in table.numeric]
        lines += aligned(_narrow([table.heads, *table.rows]), left)
        lines += [table.more] if table.more else []
    if shown.tree:
        lines += ["", *_twigs(_shallow(shown.tree, _TWIGS))]
    for line in lines[: _LINES - 1]:
        yield line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
    if len(lines) >= _LINES:
        yield lines[-1] if len(lines) == _LINES else "…"


def _narrow(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Cut the longest cells, so that the columns of a table stand side by side on a screen."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    room = _WIDTH - 2 * (len(widths) - 1)
    most = max(widths)
    while most > _LEAST and sum(min(wide, most) for wide in widths) > room:
        most -= 1
    return [[_cut(text, most) for text in row] for row in rows]


def _twigs(tree: Sequence[Branch], depth: int = 0) -> Iterator[str]:
    for branch in tree:
        yield "  " * depth + f"{branch.label}  [{branch.detail}]" if branch.detail else branch.label
        yield from _twigs(branch.children, depth + 1)


def harmless(text: str) -> str:
    """Write control characters, which would command a terminal, as they are written in code."""
    return "".join(c if c.isprintable() or c in "\n\t\u00a0" else repr(c)[1:-1] for c in text)


def aligned(rows: Sequence[Sequence[str]], left: Sequence[int] = ()) -> Iterator[str]:
    """Set texts in columns, flush right but for those named in ``left``."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = []
        for i, (text, wide) in enumerate(zip(row, widths, strict=True)):
            space = " " * (wide - width(text))
            cells.append(text + space if i in left else space + text)
        yield "  ".join(cells).rstrip()


def width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) - sum(map(bool, map(unicodedata.combining, text))) + wide


@cache
def _template() -> Template:
    from jinja2 import Environment

    source = (resources.files(__package__) / "display.html.j2").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(source)
