"""A framework in memory: a mapping read as the YAML file of the same keys is."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kpi_lib.errors import InputError, Problem
from kpi_lib.io.yaml import Fault, Lines, Place, unseen, with_places
from kpi_lib.locale.catalogue import msg


class Given:
    """Plain data from a mapping: keys as text, dates as ISO text, lists.

    ``lines`` stands in for the lines of a file: each number is one of the places of the mapping,
    so that the rules of framework files apply as they are. A value at fault is None.
    """

    def __init__(self, given: Mapping[Any, Any]) -> None:
        """Take the mapping; raises :class:`InputError` where it holds itself."""
        self.lines: Lines = {}
        self.faults: list[Fault] = []
        self._places: list[Place] = []
        try:
            self.data: Any = self._plain(given, ())
        except RecursionError:
            raise InputError(msg("the mapping is nested too deeply.")) from None

    def refuse(self, faults: Sequence[Fault]) -> None:
        """Raise :class:`InputError` with all faults, each by its place in the mapping, if any."""
        if faults:
            ordered = sorted(dict.fromkeys(faults), key=lambda fault: fault[0])
            raise InputError([Problem(self._said(number, text)) for number, text in ordered])

    def _said(self, number: int, text: str) -> str:
        name = self._name(number)
        said = with_places(text, lambda at: msg("at {place}", place=self._name(at)))
        return said if not name or said.startswith(f"{name}:") else f"{name}: {said}"

    def _name(self, number: int) -> str:
        """A place as it is written in Python: groups[0]['indicators'] is groups[0].indicators."""
        parts = (f"[{at}]" if isinstance(at, int) else f".{at}" for at in self._places[number - 1])
        return "".join(parts).removeprefix(".")

    def _plain(self, value: Any, place: Place) -> Any:
        self._places.append(place)
        line = self.lines[place] = len(self._places)
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, Mapping):
            return {str(key): self._plain(own, (*place, str(key))) for key, own in value.items()}
        if isinstance(value, list | tuple | np.ndarray):
            return [self._plain(own, (*place, at)) for at, own in enumerate(value)]
        if isinstance(value, float) and not math.isfinite(value):
            self.faults.append(
                (line, msg("{value} is not a number that can be scored.", value=value))
            )
            return None
        if isinstance(value, float):
            return value + 0.0  # -0.0 says what 0.0 says
        if isinstance(value, datetime.date):
            return value.isoformat()
        if isinstance(value, str) and (fault := unseen(value)):
            self.faults.append((line, fault))
        if value is None or isinstance(value, str | int):
            return value
        found = msg(
            "found {found}; expected a text, a number, a list or a mapping.",
            found=type(value).__name__,
        )
        self.faults.append((line, found))
        return None
