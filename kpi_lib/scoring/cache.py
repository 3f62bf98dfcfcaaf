"""Scores of all cities, computed once and kept in data/processed/ for every notebook to read."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_lib.errors import InputError, Problem
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Framework
from kpi_lib.io.paths import find
from kpi_lib.io.store import remove_drafts, whole_folder
from kpi_lib.observations.read import Observations
from kpi_lib.observations.sources import gather
from kpi_lib.scoring.score import Scoreboard, score

_TABLES = ("values", "points", "coverage")
_OBSERVED = ("table", "cities", "quantities", "evidence")

GIVEN = "KPI_GIVEN"
_BOARD = "board.pickle"

# The last board of this process: one run makes many notebooks from the same one.
_recent: dict[str, Scoreboard] = {}
_given: dict[tuple[str, str, str], Scoreboard] = {}


def scoreboard(
    data: str | Path, framework: str | Path | Framework, cities: str | Path | None = None
) -> Scoreboard:
    """Give the scores of all cities, from data/processed/scores/ where they are kept by content.

    ``data`` is a file or folder of observations, ``framework`` a framework, its ``id@version`` or
    its file, ``cities`` the cities file where it is not beside the data. Computes and keeps
    them where data, framework or library are new. Raises :class:`InputError` for wrong input.
    """
    _take()
    if (given := _given.get(_names(data, framework, cities))) is not None:
        return given
    if not isinstance(framework, Framework):
        framework = load_framework(_framework_path(framework))
    path, places = find(data), None if cities is None else find(cities)
    key = _key(framework, gather(path, places).fingerprint)
    if key not in _recent:
        folder = scores_folder() / key
        try:
            board = _read(folder, framework)
        except (OSError, ValueError, KeyError):  # not there, or not whole
            board = score(read_observations(path, framework, places), framework)
            _keep(board, folder)
        _recent.clear()
        _recent[key] = board
    return _recent[key]


def give(
    board: Scoreboard, data: str | Path, framework: str | Path, cities: str | Path | None = None
) -> None:
    """Let :func:`scoreboard` answer these names with this board, for as long as the process lives.

    All reports of a run show the same scores then, and none of them reads the data again.
    """
    _given[_names(data, framework, cities)] = board


def parcel(
    board: Scoreboard, data: str, framework: str, cities: str | None = None
) -> dict[str, bytes]:
    """Pack a board, and what is kept with it, as files by name, for processes without its inputs.

    Such a process has the files in the folder that its environment names as :data:`GIVEN`.
    """
    key = key_of(board)
    kept = (scores_folder() / key).glob("intervals-*.parquet")
    whole = pickle.dumps((replace(board), data, framework, cities))  # a copy has no caches
    return {_BOARD: whole, **{f"{key}/{path.name}": path.read_bytes() for path in kept}}


@cache
def _take() -> None:
    """Take the board that was laid down for this process, if one was."""
    if folder := os.environ.get(GIVEN):
        give(*pickle.loads((Path(folder) / _BOARD).read_bytes()))


def _names(
    data: str | Path, framework: str | Path | Framework, cities: str | Path | None
) -> tuple[str, str, str]:
    return str(data), "" if isinstance(framework, Framework) else str(framework), str(cities or "")


def scores_folder() -> Path:
    """The folder of kept scores: in the nearest data/processed/ from here up, else made here.

    A process that was given a board keeps what belongs to it beside it.
    """
    if given := os.environ.get(GIVEN):
        return Path(given)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "data" / "processed").is_dir():
            return folder / "data" / "processed" / "scores"
    return here / "data" / "processed" / "scores"


def _framework_path(name: str | Path) -> str | Path:
    """A file is looked for upwards, as data are; an ``id@version`` stands for itself."""
    if not str(name).endswith((".yaml", ".yml")):
        return name
    try:
        return find(name)
    except InputError:
        return name


def key_of(board: Scoreboard) -> str:
    """The name of the folder in which a board is kept: a hash of all that it follows from."""
    return _key(board.framework, board.observations.fingerprint)


def _key(framework: Framework, data: str) -> str:
    text = "\n".join([framework.fingerprint, data, _library()])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


@cache
def _library() -> str:
    """A hash of the library's source: other code may score otherwise."""
    sources = sorted(Path(str(resources.files("kpi_lib"))).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def _keep(board: Scoreboard, folder: Path) -> None:
    """Write a board, whole or not at all: then it is computed again where it is needed."""
    observations = board.observations
    about = {
        "files": [str(path) for path in observations.files],
        "warnings": [asdict(problem) for problem in observations.warnings],
        "demo": observations.demo,
        "fingerprint": observations.fingerprint,
        "weights": dict(board.weights),
    }
    # The folder cannot be written, or another process was first: its board is the same.
    with suppress(OSError), whole_folder(folder) as draft:
        for name in _TABLES:
            # copy(): one block of memory, of which pandas adds columns without a warning.
            getattr(board, name).copy().reset_index().to_parquet(draft / f"{name}.parquet")
        for name in _OBSERVED:
            getattr(observations, name).to_parquet(draft / f"{name}.parquet")
        (draft / "about.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")


def _read(folder: Path, framework: Framework) -> Scoreboard:
    about: Any = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    with suppress(OSError):  # of intervals; who still writes one goes without keeping them
        remove_drafts(folder)
    wide = {
        name: pd.read_parquet(folder / f"{name}.parquet").set_index(["city", "period"])
        for name in _TABLES
    }
    observations = Observations(
        **{name: pd.read_parquet(folder / f"{name}.parquet") for name in _OBSERVED},
        files=tuple(Path(path) for path in about["files"]),
        warnings=tuple(Problem(**problem) for problem in about["warnings"]),
        demo=about["demo"],
        fingerprint=about["fingerprint"],
    )
    return Scoreboard(framework, observations, about["weights"], **wide)
