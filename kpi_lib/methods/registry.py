"""Methods by name: what a framework file or a call asks for, checked before it is used."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kpi_lib.errors import InputError, did_you_mean

Direction = Literal["higher", "lower"]


@dataclass(frozen=True)
class Method:
    """A method by name, with the parameters that were set for it."""

    name: str
    parameters: Mapping[str, float | str | bool | tuple[str, ...]] = field(default_factory=dict)


def as_method(
    asked: str | Method | Mapping[str, Any],
    known: Mapping[str, Callable[..., Any]],
    also: Collection[str] = (),
    complete: bool = True,
) -> Method:
    """Give a method that is known and whose parameters it takes.

    ``asked`` is a name, a :class:`Method`, or a mapping as in a framework file
    (``{"method": "power", "p": 0.5}``). A method takes the keyword-only parameters of its
    function in ``known``, and those in ``also``. Raises :class:`InputError` for an unknown
    method, an unknown parameter, and, where it is to be ``complete``, for one that is missing.
    """
    if isinstance(asked, str):
        asked = Method(asked)
    elif not isinstance(asked, Method):
        if not isinstance(asked.get("method"), str):
            raise InputError(f"found {dict(asked)}; expected a method by its name under 'method'.")
        asked = Method(asked["method"], {k: v for k, v in asked.items() if k != "method"})
    name = asked.name
    if name not in known:
        raise InputError(
            f"there is no method '{name}'. {did_you_mean(name, known)} Methods: {', '.join(known)}."
        )
    needed, optional = parameters_of(known[name])
    options = [*needed, *optional, *also]
    for parameter in asked.parameters:
        if parameter not in options:
            taken = f"It takes: {', '.join(options)}." if options else "It takes no parameters."
            raise InputError(
                f"'{name}' has no parameter '{parameter}'. {did_you_mean(parameter, options)} "
                f"{taken}"
            )
    missing = [parameter for parameter in needed if parameter not in asked.parameters]
    if complete and missing:
        example = ", ".join(["method: " + name, *(f"{parameter}: …" for parameter in missing)])
        raise InputError(f"'{name}' needs {' and '.join(missing)}: {{{example}}}.")
    return asked


def parameters_of(function: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """Give the names of the keyword-only parameters: those without a default, and the others."""
    found = [
        p
        for p in inspect.signature(function).parameters.values()
        if p.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    needed = [p.name for p in found if p.default is inspect.Parameter.empty]
    return needed, [p.name for p in found if p.name not in needed]
