"""A method as a framework file or a call asks for it, checked before it is used."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

import yaml

from kpi_lib.errors import InputError, Problem, choose_from, did_you_mean, expected
from kpi_lib.io.yaml import UNBUILDABLE
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.words import listed
from kpi_lib.methods.parameters import keyword_only, wrong_parameters
from kpi_lib.methods.registry import Entry, Method


def as_method(
    asked: str | Method | Mapping[str, Any],
    known: Mapping[str, Callable[..., Any]],
    also: Collection[str] = (),
    complete: bool = True,
) -> Method:
    """Give a method that is known and whose parameters it takes.

    ``asked`` is a name, a text with parameters as on the command line (``power:p=0.5``), a
    :class:`Method`, or a mapping as in a framework file (``{"method": "power", "p": 0.5}``). A
    method takes the keyword-only parameters of its function in ``known``, and those in ``also``;
    what to do is said in the form in which it was asked. Raises :class:`InputError` for an unknown
    method, an unknown parameter, and, where it is to be ``complete``, for one that is missing.
    """
    typed = isinstance(asked, str)
    if isinstance(asked, str):
        asked = _typed(asked)
    elif not isinstance(asked, Method):
        if not isinstance(asked, Mapping):
            raise expected(asked, msg("the name of a method, or a mapping with 'method'"))
        if not isinstance(asked.get("method"), str):
            raise InputError(
                msg(
                    "found {asked}; expected a method by its name under 'method'.",
                    asked=dict(asked),
                )
            )
        asked = Method(asked["method"], {k: v for k, v in asked.items() if k != "method"})
    name = asked.name
    if name not in known:
        raise InputError(
            Problem(msg("there is no method '{name}'.", name=name), choose_from(name, known))
        )
    needed, optional = parameters_of(known[name])
    options = [*needed, *optional, *also]
    for parameter in asked.parameters:
        if parameter not in options:
            taken = (
                msg("It takes: {options}.", options=", ".join(options))
                if options
                else msg("It takes no parameters.")
            )
            raise InputError(
                Problem(
                    msg("'{name}' has no parameter '{parameter}'.", name=name, parameter=parameter),
                    f"{did_you_mean(parameter, options)} {taken}".strip(),
                )
            )
    entry: Any = known[name]
    if isinstance(entry, Entry) and (wrong := wrong_parameters(entry, asked.parameters)):
        raise InputError([Problem(f"'{name}': {one}") for one in wrong])
    missing = [parameter for parameter in needed if parameter not in asked.parameters]
    if complete and missing:
        sign = "=" if typed else ": "
        options = [f"{parameter}{sign}{_example(entry, parameter)}" for parameter in missing]
        example = ", ".join(options)
        example = f"{name}:{example}" if typed else f"{{method: {name}, {example}}}"
        raise InputError(
            msg(
                "'{name}' needs {missing}: {example}.",
                name=name,
                missing=listed(missing, message_language()),
                example=example,
            )
        )
    return asked


def _typed(text: str) -> Method:
    """Read a method with its parameters: ``power:p=0.5``."""
    name, _, rest = text.partition(":")
    parameters: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        try:
            if not equals:
                raise ValueError
            parameters[key.strip()] = yaml.safe_load(value)
        except (yaml.YAMLError, *UNBUILDABLE):
            raise InputError(
                msg("found '{text}'; expected a method such as power:p=0.5.", text=text)
            ) from None
    return Method(name.strip(), parameters)


def method_in(told: str | Mapping[str, Any]) -> Method:
    """Give a method as it stands in a file that has been checked: its name, or a mapping."""
    if isinstance(told, str):
        return Method(told)
    parameters = {key: frozen(value) for key, value in told.items()}
    return Method(str(parameters.pop("method")), parameters)


def frozen(value: Any) -> Any:
    """Give lists as tuples, at any depth."""
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: frozen(item) for key, item in value.items()}
    return value


def _example(function: Callable[..., Any], parameter: str) -> str:
    """A value that a parameter might have: a number where it is one."""
    annotation = str(inspect.signature(function).parameters[parameter].annotation)
    return "0.5" if "float" in annotation else "…"


def parameters_of(function: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """Give the names of the keyword-only parameters: those without a default, and the others."""
    found = keyword_only(function)
    needed = [p.name for p in found if p.default is inspect.Parameter.empty]
    return needed, [p.name for p in found if p.name not in needed]
