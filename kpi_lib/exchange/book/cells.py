"""Cells of the workbook of a framework: numbers, methods and rules, a line for each part.

Lists that people edit have a line for each item; what a line cannot hold without doubt is
written as JSON, so that every framework comes back as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from kpi_lib.io.cells.numbers import Column
from kpi_lib.io.names import tidy
from kpi_lib.locale.catalogue import msg

Kind = Literal[
    "text",
    "noun",
    "word",
    "number",
    "numbers",
    "choice",
    "method",
    "methods",
    "rule",
    "classes",
    "aliases",
    "references",
]

ABOVE = "> "
"""Before the number of a step: the score holds above the number, and not on it."""

_ARROW = "→"
_ARROWS = re.compile(r"\s*(?:→|⇒|=>|->)\s*")


def to_cell(kind: Kind, value: Any) -> str | int | float:
    """Give what stands in a cell for a value of a framework file."""
    if kind == "noun":
        return _noun_cell(value)
    if kind == "number":
        return _number_cell(value)
    if kind == "numbers":
        return _numbers_cell(value)
    if kind == "method":
        return _method_cell(value)
    if kind == "methods":
        return "\n".join(map(_method_cell, value))
    if kind == "rule":
        return _rule_cell(value)
    if kind == "classes":
        return _lined([(_shown(least), name) for least, name in value], value)
    if kind == "aliases":
        lines = list(value)
        whole = all(_is_line(line) for line in lines)
        return "\n".join(lines) if whole else json.dumps(lines, ensure_ascii=False)
    if kind == "references":
        pairs = [(one["standard"], one.get("code", "")) for one in value]
        if all(_is_line(part) and "|" not in part for pair in pairs for part in pair if part):
            return "\n".join(f"{name} | {code}" if code else name for name, code in pairs)
        return json.dumps(pairs, ensure_ascii=False)
    return str(value)


def from_cell(kind: Kind, cell: Any) -> Any:
    """Read a cell that is not empty; raises ``ValueError`` with what is wrong and what to do.

    A choice is given as it stands: whether it is one is for the rules of framework files.
    """
    if kind == "number":
        return _read_number(cell)
    if kind == "text" and isinstance(cell, str):
        return cell
    text = tidy(cell).removesuffix("T00:00:00")
    whole = cell.strip() if isinstance(cell, str) else text
    if kind == "noun":
        return _read_noun(whole)
    if kind == "numbers":
        return _read_numbers(cell, whole)
    if kind == "method":
        return _read_method(whole)
    if kind == "methods":
        return [_stepped(_read_method(line)) for line in whole.splitlines() if line.strip()]
    if kind == "rule":
        return _read_rule(whole)
    if kind == "classes":
        return _read_classes(whole)
    if kind in ("aliases", "references"):
        return _read_lines(kind, cell if isinstance(cell, str) else text)
    return text


def _noun_cell(value: Any) -> str:
    """A noun, or its forms for one and for several: ``city | cities``."""
    forms = list(value.values()) if isinstance(value, Mapping) else [value]
    usual = not isinstance(value, Mapping) or list(value) == ["one", "other"]
    if usual and all(_is_part(form) and form[0] != '"' for form in forms):
        return " | ".join(forms)
    return json.dumps(value, ensure_ascii=False)


def _read_noun(text: str) -> Any:
    if text.startswith(("{", '"')):
        return _read_json(text)
    forms = [form.strip() for form in text.split("|")]
    if len(forms) > 2 or not all(forms):
        raise ValueError(
            msg("found '{text}'; expected a noun, or its forms for one and several.", text=text),
            msg("Write it as in 'city | cities'."),
        )
    return forms[0] if len(forms) == 1 else {"one": forms[0], "other": forms[1]}


def _number_cell(value: float) -> str | int | float:
    """Give a number as a cell that is read back the same; workbooks keep 15 digits."""
    if isinstance(value, int) and abs(value) < 1e15:
        return value
    kept = float(f"{value:.15g}")
    return value if kept == value and not float(value).is_integer() else repr(value)


def _read_number(cell: Any) -> int | float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell
    text = tidy(cell)
    for read in (int, float):
        try:
            if "_" not in text:
                return read(text)
        except ValueError:
            continue
    numbers = Column([text]).read()
    if numbers.faults:
        raise ValueError(*numbers.faults[0])
    if numbers.percent[0] or numbers.printed:
        raise ValueError(
            msg("found '{text}'; expected a plain number.", text=text),
            msg("Leave it empty for none."),
        )
    return float(numbers.values[0])


def _method_cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    parameters = [f"{k}={_parameter_cell(v)}" for k, v in value.items() if k != "method"]
    name = str(value["method"])
    return f"{name}: {', '.join(parameters)}" if parameters else name


def _parameter_cell(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = re.fullmatch(r"[A-Za-z_]\w*", value) and value not in ("true", "false")
    return value if plain else json.dumps(value, ensure_ascii=False)


_NAME = re.compile(r"\s*(\w+)\s*=\s*")
_PLAIN = re.compile(r'[^,"]+?(?=\s*(?:,|$))')
_NEXT = re.compile(r"\s*(?:,|$)")


def _read_method(text: str) -> Any:
    name, _, rest = text.partition(":")
    if not rest.strip():
        return name.strip()
    data: dict[str, Any] = {"method": name.strip()}
    at = 0
    while at < len(rest):
        named = _NAME.match(rest, at)
        value, end = _parameter(rest, named.end()) if named else (None, at)
        after = _NEXT.match(rest, end)
        if named is None or after is None:
            raise ValueError(
                msg("found '{text}'; expected a method with its parameters.", text=text),
                msg("Write it as in 'minmax: low=0, high=100'."),
            )
        data[named[1]] = value
        at = after.end()
    return data


def _parameter(text: str, at: int) -> tuple[Any, int]:
    """A value from a place on, and where it ends; the place itself where there is none."""
    try:
        if text[at : at + 1] in {"[", "{", '"'}:
            return json.JSONDecoder().raw_decode(text, at)
    except ValueError:
        return None, -1
    found = _PLAIN.match(text, at)
    if found is None:
        return None, -1
    try:
        return json.loads(found[0]), found.end()
    except ValueError:
        return found[0], found.end()


def _stepped(step: Any) -> dict[str, Any]:
    return {"method": step} if isinstance(step, str) else dict(step)


def _shown(number: float) -> str:
    return str(_number_cell(number))


def _numbers_cell(value: Any) -> str | int | float:
    """A number, or one for each kind of city: ``I | 90``, a line for each."""
    if not isinstance(value, Mapping):
        return _number_cell(value)
    if all(map(_is_part, value)):
        return "\n".join(f"{kind} | {_shown(number)}" for kind, number in value.items())
    return json.dumps(value, ensure_ascii=False)


def _read_numbers(cell: Any, text: str) -> Any:
    if text.startswith("{"):
        return _read_json(text)
    if "|" not in text:
        return _read_number(cell)
    found: dict[str, int | float] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        kind, divided, number = (part.strip() for part in line.partition("|"))
        if not divided or not kind or kind in found:
            raise ValueError(
                msg("found '{line}'; expected a number for each kind of city.", line=line),
                msg("Write a line for each, as in 'I | 90'."),
            )
        found[kind] = _read_number(number)
    return found


def _rule_cell(value: Any) -> str:
    """Steps, knots or words with their scores, or those of each kind of city."""
    tables: Mapping[str, Any] = {"": value}
    if isinstance(value, Mapping) and not all(map(_is_number, value.values())):
        tables = value
    pairs = []
    for kind, table in tables.items():
        lead = f"{kind} | " if kind else ""
        words = isinstance(table, Mapping)
        if (kind and not _is_part(kind)) or (words and not all(map(_is_part, table))):
            return json.dumps(value, ensure_ascii=False)
        for left, score, *above in table.items() if words else table:
            shown = left if words else ABOVE * len(above) + _shown(left)
            pairs.append((f"{lead}{shown}", _shown(score)))
    return "\n".join(f"{left} {_ARROW} {score}" for left, score in pairs)


def _read_rule(text: str) -> Any:
    """Lines of a rule as (kind, number or word, score), or the rule itself from JSON."""
    if text.startswith(("[", "{")):
        return _read_json(text)
    lines = []
    for line in filter(None, map(str.strip, text.splitlines())):
        parts = _ARROWS.split(line)
        if len(parts) != 2 or not all(parts):
            raise ValueError(
                msg("found '{line}'; expected a value and its score.", line=line),
                msg("Write a line for each, as in '80 → 10'; for a class of city, 'I | 90 → 5'."),
            )
        kind, divided, left = parts[0].rpartition("|")
        if divided and not (kind.strip() and left.strip()):
            raise ValueError(
                msg("found '{line}'; expected a kind of city before '|'.", line=line),
                msg("Write it as in 'I | 90 → 5'."),
            )
        lines.append((kind.strip(), left.strip(), _read_number(parts[1])))
    return tuple(lines)


def _lined(pairs: Sequence[tuple[str, str]], value: Any) -> str:
    if all(_is_line(part) and not _ARROWS.search(part) for pair in pairs for part in pair):
        return "\n".join(f"{left} {_ARROW} {right}" for left, right in pairs)
    return json.dumps(value, ensure_ascii=False)


def _read_classes(text: str) -> list[Any]:
    if text.startswith("["):
        return list(_read_json(text))
    classes = []
    for line in filter(None, map(str.strip, text.splitlines())):
        parts = _ARROWS.split(line)
        if len(parts) != 2 or not all(parts):
            raise ValueError(
                msg("found '{line}'; expected the least score of a class and its name.", line=line),
                msg("Write a line for each, as in '80 → B'."),
            )
        classes.append([_read_number(parts[0]), parts[1]])
    return classes


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(
            msg("found '{text}', which is no list of lines and no JSON.", text=text),
            msg("Write a line for each part."),
        ) from error


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _is_part(text: str) -> bool:
    """Whether a text stands in a line for itself: nothing in it divides the line."""
    return _is_line(text) and "|" not in text and not _ARROWS.search(text) and text[0] != "{"


def _is_line(text: str) -> bool:
    return text == text.strip() and len(text.splitlines()) == 1 and not text.startswith("[")


def _read_lines(kind: Kind, text: str) -> list[Any]:
    try:
        listed: Any = json.loads(text) if text.startswith("[") else None
    except ValueError:
        listed = None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if kind == "aliases":
        return listed or lines
    pairs = listed or [[part.strip() for part in line.split("|", 1)] for line in lines]
    keys = ("standard", "code")
    return [
        {key: str(part) for key, part in zip(keys, pair, strict=False) if part} for pair in pairs
    ]
