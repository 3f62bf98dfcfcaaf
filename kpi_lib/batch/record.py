"""What a run of many reports did: run.json, a log of JSON lines, and the slowest parts."""

from __future__ import annotations

import json
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kpi_lib.batch.job import Outcome
from kpi_lib.io.store import write_whole
from kpi_lib.locale.display import Displayed

RUN = "run.json"


@dataclass(repr=False)
class Record(Displayed):
    """A run under way: when it began, what it was asked, and what came of each city.

    ``why`` says for each city that is made why it is; ``kept`` are the cities whose reports
    were there already.
    """

    asked: Mapping[str, Any]
    why: Mapping[str, Sequence[str]]
    kept: Sequence[str]
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    found: dict[str, Outcome] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Take an outcome; the last one of a city counts."""
        self.found[outcome.job.city] = outcome

    @property
    def outcomes(self) -> list[Outcome]:
        """What came of each city."""
        return list(self.found.values())

    @property
    def failed(self) -> list[Outcome]:
        """The outcomes that are failures, by city."""
        failures = [outcome for outcome in self.outcomes if outcome.failure]
        return sorted(failures, key=lambda outcome: outcome.job.city)

    @property
    def made(self) -> list[Outcome]:
        """The outcomes that are reports, slowest first."""
        made = [outcome for outcome in self.outcomes if not outcome.failure]
        return sorted(made, key=lambda outcome: -outcome.seconds)

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return (datetime.now(UTC) - self.begun).total_seconds()

    def slowest_cells(self, most: int = 3) -> dict[int, float]:
        """Give the cells with the longest median time: seconds by the cell's number."""
        times: dict[int, list[float]] = {}
        for outcome in self.made:
            for cell, seconds in outcome.cells.items():
                times.setdefault(cell, []).append(seconds)
        medians = {cell: statistics.median(found) for cell, found in times.items()}
        return dict(sorted(medians.items(), key=lambda item: -item[1])[:most])

    def write(self, folder: Path) -> None:
        """Write run.json into a folder of reports."""
        done = {outcome.job.city: _facts(outcome) for outcome in self.outcomes}
        kept = {city: {"status": "kept"} for city in self.kept if city not in done}
        left = {city: {"status": "left"} for city in self.why if city not in done}
        cities = {
            city: {**facts, **({"why": list(self.why[city])} if city in self.why else {})}
            for city, facts in sorted({**kept, **left, **done}.items())
        }
        told = {
            "begun": self.begun.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "kpi-lib": version("kpi-lib"),
            "python": platform.python_version(),
            **self.asked,
            "counts": {"made": len(self.made), "failed": len(self.failed), "kept": len(kept)},
            "cities": cities,
        }
        write_whole(folder / RUN, json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def line(event: str, **facts: Any) -> str:
    """Give one line of a log for machines."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": now, "event": event, **facts}, ensure_ascii=False)


def of_city(outcome: Outcome) -> str:
    """Give the line of the log for what came of a city."""
    return line("city", city=outcome.job.city, **_facts(outcome))


def _facts(outcome: Outcome) -> dict[str, Any]:
    failure = outcome.failure
    facts: dict[str, Any] = {
        "status": "failed" if failure else "made",
        "seconds": round(outcome.seconds, 3),
        "cpu": round(outcome.cpu, 3),
        "memory": outcome.memory,
        "inputs": outcome.job.inputs,
    }
    if failure:
        facts["error"] = {
            "cell": failure.cell,
            "source": failure.source,
            "name": failure.error,
            "message": failure.message,
        }
    return facts
