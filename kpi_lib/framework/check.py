"""What a framework file must hold: the shape of its keys, and what they mean together."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from kpi_lib.errors import did_you_mean, plain
from kpi_lib.framework.level_rules import level_faults
from kpi_lib.framework.model import TOTAL
from kpi_lib.framework.point_faults import group_faults, point_faults, whole_faults
from kpi_lib.framework.rule_faults import rule_faults
from kpi_lib.io.schema import KINDS, Draft202012Validator, ValidationError
from kpi_lib.io.yaml import Fault, Lines, Loader, Place, line_of, reference
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.parameters import SAID, method_schemas

_FRAMEWORK = "framework_schema.yaml"


def shape_faults(data: Any, lines: Lines, schema: str = _FRAMEWORK) -> Iterator[Fault]:
    """Compare a file with a schema of this package: keys, types, and single values.

    A schema may refer to what framework_schema.yaml defines.
    """
    for place, _, message in shape_errors(data, lines, schema):
        yield line_of(place, lines), message


def shape_errors(
    data: Any, lines: Lines, schema: str = _FRAMEWORK
) -> Iterator[tuple[Place, str, str]]:
    """Give each fault of shape: its place, the key that is missing there (or ''), what it is."""
    if not isinstance(data, dict):
        said = msg("expected keys such as id:, version:, title: and groups: at the left edge.")
        yield (), "", said
        return
    _ask_for_methods(data)
    for error in _validator(schema).iter_errors(data):
        place = tuple(error.absolute_path)
        address = _address(place, data)
        missing = (
            [key for key in error.validator_value if key not in error.instance]
            if (error.validator == "required")
            else []
        )
        for at, (key, message) in enumerate(_messages(error, address)):
            where = (*place, key) if key is not None else place
            yield where, missing[at] if at < len(missing) else "", message


def meaning_faults(
    data: Mapping[str, Any], lines: Lines, extends: bool = False, scale: str | None = None
) -> Iterator[Fault]:
    """Check what the schema cannot say of a file that has its shape.

    A file that ``extends`` another may go without groups, and a group in it without a title;
    ``scale`` is that of what it extends.
    """
    nodes = list(nodes_of(data))
    untitled = [] if extends else [(p, n) for p, n in nodes if "title" not in n]
    for place, node in untitled:
        yield line_of(place, lines), _missing("title", node["code"])
    if not extends and "groups" not in data:
        yield 1, _missing("groups")
    yield from _code_faults(nodes, lines)
    yield from _name_faults(nodes, lines)
    yield from whole_faults(data, lines)
    scale = scale or data.get("scale", "hundred")
    for place, node in nodes:
        if not is_group(node):
            yield from _indicator_faults(place, node, lines)
            yield from point_faults(place, node, lines, scale, data)
            yield from rule_faults(place, node, lines, scale, data)
            continue
        yield from group_faults(place, node, lines, scale, data)
        if "title" in node and _weigh_nothing(
            (*node.get("groups", ()), *node.get("indicators", ()))
        ):
            yield line_of(place, lines), msg("{code}: all weights in it are 0.", code=node["code"])
    if not extends and _weigh_nothing(data.get("groups", ())):
        yield line_of(("groups",), lines), msg("all weights of the groups are 0.")
    # The levels of an extension may speak of indicators that it does not hold itself.
    known = None if extends else {n["code"]: n for _, n in nodes if not is_group(n)}
    yield from level_faults(data.get("levels", ()), lines, known)
    yield from issue_faults(data, lines)


def _weigh_nothing(parts: Sequence[Mapping[str, Any]]) -> bool:
    return bool(parts) and all(part.get("weight", 1) == 0 for part in parts)


def nodes_of(data: Mapping[str, Any]) -> Iterator[tuple[Place, Any]]:
    """Give every group and indicator of a file with its place, parents before children."""
    yield from _nodes(data.get("groups", ()), ("groups",))


def _nodes(items: Sequence[Any], place: Place) -> Iterator[tuple[Place, Any]]:
    for i, item in enumerate(items):
        yield (*place, i), item
        for key in ("groups", "indicators"):
            yield from _nodes(item.get(key, ()), (*place, i, key))


def is_group(node: Mapping[str, Any]) -> bool:
    """Say whether a node of a file holds others."""
    return "groups" in node or "indicators" in node


def titles_of(value: Any) -> set[str]:
    """Give the one or two texts of a title."""
    return set(value.values()) if isinstance(value, dict) else {str(value)}


def _validator(schema: str) -> Draft202012Validator:
    # A user's own methods may join at any time.
    return _made(schema, (*NORMALISE, *AGGREGATE))


@cache
def _made(schema: str, _: tuple[str, ...]) -> Draft202012Validator:
    own, shared = (
        yaml.load((resources.files(__package__) / name).read_text(encoding="utf-8"), Loader=Loader)
        for name in (schema, _FRAMEWORK)
    )
    defined = {**shared["$defs"], **own.get("$defs", {}), **method_schemas()}
    return Draft202012Validator({**own, "$defs": defined})


def _ask_for_methods(data: Any) -> None:
    """Look for the methods that are named: the first unknown one loads installed packages."""
    all(name in known for name, known in _methods_in(data))


def _methods_in(data: Any) -> Iterator[tuple[str, Container[str]]]:
    """Give each method that is named, and the registry in which it would be."""
    if isinstance(data, dict):
        for key, known in (("normalise", NORMALISE), ("aggregate", AGGREGATE)):
            asked = data.get(key)
            name = asked.get("method") if isinstance(asked, dict) else asked
            if isinstance(name, str):
                yield name, known
        data = list(data.values())
    if isinstance(data, list):
        for part in data:
            yield from _methods_in(part)


def _address(place: Sequence[str | int], data: Any) -> str:
    """Name a place in the file by codes where there are any: ``PS.ONL.1 › goalposts``."""
    names: list[str] = []
    for step in place:
        data = data[step]
        if isinstance(step, int):
            code = data.get("code") if isinstance(data, dict) else None
            names = [str(code)] if code else [*names, msg("item {step}", step=step + 1)]
        elif step not in {"groups", "indicators"} or step == place[-1]:
            names.append(step)
    return " › ".join(names)


def _messages(error: ValidationError, address: str) -> Iterator[tuple[str | None, str]]:
    """Give what is wrong, with the key at fault where it is one."""
    schema: Any = error.schema
    found: Any = error.instance
    rule: Any = error.validator_value
    if error.validator == "additionalProperties":
        known = list(schema.get("properties", {}))
        for key in sorted(set(found) - set(known)):
            hint = did_you_mean(key, known)
            listed = msg("Known keys: {known}.", known=", ".join(known))
            yield key, " ".join(filter(None, [_unknown(key, address), hint, listed]))
        return
    if error.validator == "required":
        for key in rule:
            if key not in found:
                yield None, _missing(key, address)
        return
    yield None, f"{address}: {_value_message(error)}" if address else _value_message(error)


def _unknown(key: str, address: str) -> str:
    if not address:
        return msg("unknown key '{key}'.", key=key)
    return msg("unknown key '{key}' of {address}.", key=key, address=address)


def _missing(key: str, address: str = "") -> str:
    if not address:
        return msg("the key '{key}' is missing.", key=key)
    return msg("the key '{key}' of {address} is missing.", key=key, address=address)


def _value_message(error: ValidationError) -> str:
    schema: Any = error.schema
    rule: Any = error.validator_value
    found = _shown(error.instance)
    if error.validator == "enum":
        options = [str(option) for option in rule]
        hint = did_you_mean(str(error.instance), options)
        return msg(
            "found {found}; expected one of {options}. {hint}",
            found=found,
            options=", ".join(options),
            hint=hint,
        ).strip()
    told = schema.get("description") or KINDS.get(str(rule))
    if told is None:
        return msg("found {found}: {message}.", found=found, message=error.message)
    message = msg(
        "found {found}; expected {expected}.",
        found=found,
        expected=msg(told, **schema.get(SAID, {})),
    )
    if isinstance(error.instance, bool | int | float) and _takes_text(schema):
        message += msg(" Put it in quotes to make it a text.")
    return message


def _takes_text(schema: Mapping[str, Any]) -> bool:
    """Say whether a text would do; YAML reads 1.0, no and on as other things than text."""
    kinds = schema.get("type", [])
    return "string" in ([kinds] if isinstance(kinds, str) else kinds) or any(
        _takes_text(option) for option in schema.get("anyOf", ())
    )


def _shown(value: Any) -> str:
    if value is None:
        return msg("nothing")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return msg("the keys {value}", value=", ".join(value)) if value else msg("no keys")
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _code_faults(nodes: Sequence[tuple[Place, Any]], lines: Lines) -> Iterator[Fault]:
    codes: dict[str, int] = {}
    former: dict[str, int] = {}
    for place, node in nodes:
        code, line = node["code"], line_of((*place, "code"), lines)
        if code == TOTAL:
            yield (
                line,
                msg(
                    "the code '{TOTAL}' is kept for the composite of the whole framework.",
                    TOTAL=TOTAL,
                ),
            )
        elif code in codes:
            yield (
                line,
                msg(
                    "the code '{code}' is there already, {place}.",
                    code=code,
                    place=reference(codes[code]),
                ),
            )
        codes.setdefault(code, line)
        if was := node.get("was"):
            line = line_of((*place, "was"), lines)
            if was in former:
                yield (
                    line,
                    msg(
                        "{code}: was: {was} is there already, {place}.",
                        code=code,
                        was=was,
                        place=reference(former[was]),
                    ),
                )
            former.setdefault(was, line)


def _name_faults(nodes: Sequence[tuple[Place, Any]], lines: Lines) -> Iterator[Fault]:
    """An alias must lead to one indicator: it is no other's alias, code or sole title."""
    leaves = [(place, node) for place, node in nodes if not is_group(node)]
    titles = Counter(plain(title) for _, leaf in leaves for title in titles_of(leaf["title"]))
    owner = {plain(leaf["code"]): leaf["code"] for _, leaf in leaves}
    for _, leaf in leaves:
        for title in titles_of(leaf["title"]):
            if titles[plain(title)] == 1:
                owner.setdefault(plain(title), leaf["code"])
    for place, leaf in leaves:
        for i, alias in enumerate(leaf.get("aliases", ())):
            other = owner.setdefault(plain(alias), leaf["code"])
            if other != leaf["code"]:
                yield (
                    line_of((*place, "aliases", i), lines),
                    msg(
                        "{code}: the alias '{alias}' already stands for {other}.",
                        code=leaf["code"],
                        alias=alias,
                        other=other,
                    ),
                )


def _indicator_faults(place: Place, node: Any, lines: Lines) -> Iterator[Fault]:
    code = node["code"]
    goalposts, valid = node.get("goalposts"), node.get("valid")
    for where, posts in _of_kinds(goalposts, (*place, "goalposts")):
        if posts[0] >= posts[1]:
            yield (
                line_of(where, lines),
                msg(
                    "{code}: goalposts {goalposts} must rise from the low to the high value; "
                    "direction: says which of them scores 100.",
                    code=code,
                    goalposts=posts,
                ),
            )
    if goalposts and "direction" not in node:
        yield (
            line_of((*place, "goalposts"), lines),
            msg("{code}: goalposts need direction: higher or lower.", code=code),
        )
    low, high = valid or (None, None)
    if low is not None and high is not None and low >= high:
        yield (
            line_of((*place, "valid"), lines),
            msg(
                "{code}: valid {valid} must rise from the lowest to the highest value.",
                code=code,
                valid=valid,
            ),
        )
        return
    dated = _of_kinds(node.get("targets"), (*place, "targets"))
    for where, year, value in ((w, y, v) for w, own in dated for y, v in own.items()):
        if (low is not None and value < low) or (high is not None and value > high):
            yield (
                line_of((*where, year), lines),
                msg(
                    "{code}: the target {value} for {year} is outside valid {valid}.",
                    code=code,
                    value=value,
                    year=year,
                    valid=valid,
                ),
            )


def _of_kinds(value: Any, place: Place) -> list[tuple[Place, Any]]:
    """Give what holds for all, or for each kind of city, with its place; nothing for None."""
    if not value:
        return []
    if isinstance(value, dict) and "by" in value:
        return [((*place, kind), own) for kind, own in value.items() if kind != "by"]
    return [(place, value)]


def issue_faults(data: Mapping[str, Any], lines: Lines) -> Iterator[Fault]:
    """Check that what is official says by whom, where and when it was issued."""
    issued = data.get("issued", {})
    if data.get("status") == "official":
        for key in ("by", "document", "date"):
            if not issued.get(key):
                yield (
                    line_of(("status",), lines),
                    msg(
                        "status 'official' needs issued: with '{key}'. Add it, or set status: "
                        "working.",
                        key=key,
                    ),
                )
    if not _is_date(issued.get("date", "")):
        yield (
            line_of(("issued", "date"), lines),
            msg(
                "issued: there is no date {date}; expected one such as 2019-09-13.",
                date=issued["date"],
            ),
        )


def _is_date(text: str) -> bool:
    if not text:
        return True
    try:
        datetime.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True
