"""What is used of jsonschema, imported without what takes most of its import.

Where the packages of ``_CHECKS`` are installed, as JupyterLab has them, jsonschema imports them to
check addresses, and one compiles their grammar for a second or two. Here that waits for an address
to be checked.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_CHECKS = {"rfc3986_validator": "validate_rfc3986", "rfc3987_syntax": "is_valid_syntax"}
"""The function that jsonschema takes from each package."""


def _imported_when_called(package: str, function: str) -> ModuleType:
    def call(*given: Any, **named: Any) -> Any:
        return getattr(import_module(package), function)(*given, **named)

    later = ModuleType(package)
    setattr(later, function, call)
    return later


_later = {
    package: _imported_when_called(package, function)
    for package, function in _CHECKS.items()
    if package not in sys.modules and find_spec(package)
}
sys.modules.update(_later)
try:
    import jsonschema  # noqa: F401
finally:
    for _package in _later:
        del sys.modules[_package]

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
