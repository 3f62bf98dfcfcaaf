"""What each city's report depends on, as short hashes: an equal hash, an equal report.

A report shows its own city among all others, so it depends on the whole set: nothing that is
stale is ever kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_lib.batch.job import notebook_source
from kpi_lib.io.library import COMPUTES
from kpi_lib.io.library import library as package_hash
from kpi_lib.methods.registry import users_digest
from kpi_lib.scoring.cache import spec_digest
from kpi_lib.scoring.national import national_board
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.weights import nominal

# What draws, writes and computes: another version may give another page.
_PACKAGES = (
    *COMPUTES,
    "babel",
    "ipykernel",
    "ipython",
    "matplotlib",
    "nbconvert",
    "papermill",
    "seaborn",
)


def hashed(*parts: str | bytes) -> str:
    """Give 16 hexadecimal digits for some texts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


@cache
def library() -> str:
    """Hash the library with its templates and word lists, and the packages that it builds on."""
    return hashed(package_hash(*_PACKAGES))


def common(board: Scoreboard, notebook: Path, peers: str = "") -> dict[str, str]:
    """Hash what all reports of a set depend on, by its name; ``project`` is its id."""
    project = board.observations.project
    plain, own = (board.issued or board.framework).fingerprint, board.framework.fingerprint
    usual = nominal(board.framework)
    weights = {code: one for code, one in board.weights.items() if one != usual[code]}
    chosen = (_json(weights), "" if own == plain else own, spec_digest(board.spec))
    return {
        "library": hashed(library(), users_digest()),
        "framework": hashed(plain),
        "choices": hashed(*chosen, board.observations.quality, peers),
        "look": hashed(_json(project.data)),
        "project": project.id,
        "notebook": hashed(notebook_source(notebook)),
    }


def of_cities(board: Scoreboard, periods: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Hash the data that each city's report may show: all that a notebook can reach.

    That is every city in every period, by the extended framework and by the national one: what
    is compared, ranked or drawn beside the others cannot be listed without forgetting something.
    One changed value makes all reports of a set again.
    """
    everything = _everything(board)
    return {city: {"data": hashed(everything, city, period)} for city, period in periods.items()}


def text_of(parts: Mapping[str, str]) -> str:
    """Write hashes by their names as one text."""
    return " ".join(f"{name}:{value}" for name, value in sorted(parts.items()))


def parts_of(text: str) -> dict[str, str]:
    """Read what :func:`text_of` has written; what is no hash with a name is left out."""
    return dict(part.split(":", 1) for part in text.split() if ":" in part)


def changed(before: str, now: str) -> list[str]:
    """Give the names of the parts in which two such texts differ."""
    old, new = parts_of(before), parts_of(now)
    found = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    if "choices" in found:  # they change what is computed, and the page
        found -= {"data", "page"}
    if "look" in found:
        found -= {"page"}
    return sorted(found)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _everything(board: Scoreboard) -> str:
    """Hash the tables of a board and of its national board, of all cities and periods."""
    observations = board.observations
    parts = [
        _json([path.name for path in observations.files]),
        str(observations.demo),
        _json(dict(observations.extract)),
        *(_table(getattr(observations, name)) for name in ("table", "cities", "quantities")),
        *(_table(getattr(observations, name)) for name in ("evidence", "published", "reported")),
        observations.quality,
    ]
    return hashed(*parts, board.digest, national_board(board).digest)


def _table(table: pd.DataFrame) -> str:
    """Hash the names of the columns and every row, in their order."""
    rows = pd.util.hash_pandas_object(table).to_numpy()
    return hashed(_json([str(column) for column in table.columns]), rows.tobytes())
