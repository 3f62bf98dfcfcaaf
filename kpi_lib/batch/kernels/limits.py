"""The most that a notebook may put out, in any kernel."""

from __future__ import annotations

from typing import Any

from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import numeral

OUTPUT = 50 * 10**6
"""Bytes of all outputs."""


def size_of(content: Any) -> int:
    """Count the bytes of an output, roughly."""
    if isinstance(content, str | bytes):
        return len(content)
    if isinstance(content, dict):
        return sum(map(size_of, content.values()))
    return sum(map(size_of, content)) if isinstance(content, list) else 8


def too_much(most: int = OUTPUT) -> str:
    """Say that outputs exceed the most that a notebook may put out."""
    return msg("the outputs exceed {output} MB", output=numeral(most / 1000000.0))
