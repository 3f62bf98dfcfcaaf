"""What a framework file may set of a method: a JSON schema from the function's parameters.

The annotation of a keyword-only parameter says what its value may be: a number, a text, true or
false, one of several words (``Literal``), or one of the kinds below. ``Annotated`` adds what is
demanded of it, as keywords of JSON Schema with a ``description``.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from kpi_lib.io.schema import KINDS, Draft202012Validator
from kpi_lib.locale.catalogue import mark, msg
from kpi_lib.methods.registry import AGGREGATE, NORMALISE, Aggregation, Entry, Normalisation

ABOVE_0 = {"exclusiveMinimum": 0, "description": mark("a number above 0")}
UP_TO_1 = {"minimum": 0, "maximum": 1, "description": mark("a number from 0 to 1")}
FROM_1 = {"minimum": 1, "description": mark("a number of 1 or more")}

CITY = {"minLength": 1, "description": mark("the code of a city")}

Rule = Annotated[Sequence[Sequence[Any]], {"$ref": "#/$defs/rule_or_rules"}]
"""Pairs of a number and its score, or such pairs for each kind of city; a pair may say "above"."""

Words = Annotated[Mapping[str, float], {"$ref": "#/$defs/words_or_kinds"}]
"""Words and their scores, or such words for each kind of city."""

_TYPES = {float: "number", int: "integer", str: "string", bool: "boolean"}
_IN_WORDS = {**KINDS, "integer": mark("a whole number")}

SAID = "x-said"
"""The key of a schema under which stands what its description names."""

_NORMALISE_EXAMPLE = mark(
    "a method, with its parameters such as {method: minmax, low: 0, high: 100}"
)
_AGGREGATE_EXAMPLE = mark(
    "arithmetic, geometric, … or a method with its parameters such as {method: power, p: 0.5}"
)
_ALONE = mark("{name} with its parameters: {{method: {name}, {needed}}}")


def method_schemas() -> dict[str, Any]:
    """The definitions of methods that the schema of framework files refers to."""
    return {
        "normalisation": {"enum": list(NORMALISE)},
        "aggregation": {"enum": list(AGGREGATE)},
        "normalise": _choice("normalisation", NORMALISE, _NORMALISE_EXAMPLE),
        "aggregate": _choice("aggregation", AGGREGATE, _AGGREGATE_EXAMPLE),
    }


def _choice(names: str, known: Mapping[str, Entry], example: str) -> dict[str, Any]:
    """A method by its name alone, or with parameters; which it takes depends on the name."""
    alone: list[dict[str, Any]] = [{"$ref": f"#/$defs/{names}"}]
    alone += [
        {"not": {"const": entry.name}, "description": _ALONE, SAID: _said(entry)}
        for entry in known.values()
        if _needed(entry)
    ]
    cases = [
        {
            "if": {"properties": {"method": {"const": entry.name}}},
            "then": {
                "additionalProperties": False,
                "required": _needed(entry),
                "properties": {"method": True, **_properties(entry)},
            },
        }
        for entry in known.values()
    ]
    return {
        "if": {"type": ["string", "null"]},
        "then": {"if": {"type": "string"}, "then": {"allOf": alone}},
        "else": {
            "type": "object",
            "required": ["method"],
            "description": example,
            "properties": {"method": {"$ref": f"#/$defs/{names}"}},
            "allOf": cases,
        },
    }


def _said(entry: Entry) -> dict[str, str]:
    needed = ", ".join(f"{name}: …" for name in _needed(entry))
    return {"name": entry.name, "needed": needed}


def _needed(entry: Entry) -> list[str]:
    """The parameters that must be given: those without a default that nothing else gives."""
    given = entry.or_parameters if isinstance(entry, Normalisation) else ()
    return [
        parameter.name
        for parameter in keyword_only(entry)
        if parameter.default is inspect.Parameter.empty and parameter.name not in given
    ]


def _properties(entry: Entry) -> dict[str, Any]:
    hints = typing.get_type_hints(entry.function, include_extras=True)
    found = {p.name: _schema(hints.get(p.name, float)) for p in keyword_only(entry)}
    if isinstance(entry, Aggregation):
        return found
    if isinstance(entry, Normalisation) and entry.rule:
        found["by"] = {"$ref": "#/$defs/column"}
    return {**found, "across": {"$ref": "#/$defs/across"}}


def keyword_only(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters of a method: those of its function that go by keyword alone."""
    parameters = inspect.signature(function).parameters.values()
    return [one for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY]


def wrong_parameters(entry: Entry, given: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with the values of parameters, by what their annotations demand."""
    said = []
    for name, schema in _properties(entry).items():
        if name not in given or "$ref" in schema:
            continue
        found = given[name]
        for error in Draft202012Validator(schema).iter_errors(found):
            said.append(
                msg(
                    "found {found} for '{name}'; expected {expected}.",
                    found=repr(found),
                    name=name,
                    expected=_expected(error.schema),
                )
            )
            break
    return said


def _expected(schema: Mapping[str, Any]) -> str:
    """What a value was to be, in words."""
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    told = schema.get("description") or _IN_WORDS.get(str(schema.get("type")), "")
    return msg(told) if told else str(dict(schema))


def _schema(annotation: Any) -> dict[str, Any]:
    """What a value with this annotation may be."""
    if typing.get_origin(annotation) is Annotated:
        kind, *told = typing.get_args(annotation)
        schema: dict[str, Any] = {}
        for one in told:
            if isinstance(one, Mapping):
                schema |= one
        return schema if "$ref" in schema else {**_schema(kind), **schema}
    if typing.get_origin(annotation) is Literal:
        return {"enum": list(typing.get_args(annotation))}
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return {"anyOf": [_schema(one) for one in typing.get_args(annotation)]}
    if annotation is types.NoneType:
        return {"type": "null"}
    kind = _TYPES.get(annotation)
    return {"type": kind} if kind else {}
