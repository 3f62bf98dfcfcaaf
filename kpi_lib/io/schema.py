"""What is used of jsonschema, imported without what takes most of its import.

Where the package rfc3987_syntax is installed, as JupyterLab has it, jsonschema imports it to check
addresses, and it compiles their grammar for a second or two. Here that waits for an address to
be checked.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

_GRAMMAR = "rfc3987_syntax"


def _is_valid_syntax(term: str, value: str) -> bool:
    from rfc3987_syntax import is_valid_syntax  # type: ignore[import-untyped,unused-ignore]

    return bool(is_valid_syntax(term, value))


_later: Any = ModuleType(_GRAMMAR)
_later.is_valid_syntax = _is_valid_syntax

if sys.modules.setdefault(_GRAMMAR, _later) is _later:
    try:
        import jsonschema  # noqa: F401
    finally:
        del sys.modules[_GRAMMAR]

from jsonschema import Draft202012Validator  # noqa: E402
from jsonschema.exceptions import ValidationError  # noqa: E402

from kpi_lib.locale.catalogue import mark  # noqa: E402

__all__ = ["KINDS", "Draft202012Validator", "ValidationError"]

KINDS = {
    "object": mark("keys with values"),
    "array": mark("a list"),
    "string": mark("a text"),
    "number": mark("a number"),
    "boolean": mark("true or false"),
}
"""What a value is to be, by its type in a schema, in words."""
