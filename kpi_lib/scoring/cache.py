"""Scores of all cities, computed once and kept for every notebook to read.

They lie in a folder of the user's own: ``KPI_CACHE``, else the user's cache folder. Each file has
a checksum, and what is damaged or foreign is computed again.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import stat
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs

from kpi_lib.errors import InputError, Problem
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import Named, load_framework
from kpi_lib.framework.model import Framework, Policy
from kpi_lib.io.library import library
from kpi_lib.io.paths import bytes_of, find
from kpi_lib.io.store import remove_drafts, whole_folder, write_whole
from kpi_lib.io.yaml import read_yaml
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.registry import users_digest
from kpi_lib.observations.project.file import Project
from kpi_lib.observations.quality import Quality, check_quality
from kpi_lib.observations.read import Observations
from kpi_lib.observations.sources import gather
from kpi_lib.scoring.facts import with_given
from kpi_lib.scoring.score import score, with_methods
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.weights import Weights, given, read_weights

_TABLES = ("values", "points", "coverage")
_OBSERVED = ("table", "cities", "quantities", "evidence", "published", "reported")

GIVEN = "KPI_GIVEN"
_BOARD = "board.pickle"
_SYSTEM = 0  # the number of the user that is the system's

# The last board of this process: one run makes many notebooks from the same one.
_recent: dict[str, Scoreboard] = {}
_given: dict[tuple[str, ...], Scoreboard] = {}


def scoreboard(
    data: str | Path | pd.DataFrame,
    framework: Named,
    cities: str | Path | pd.DataFrame | None = None,
    quality: str = "verified",
    weights: str | Path | None = None,
    normalise: str | None = None,
    aggregate: str | None = None,
    missing: Policy | None = None,
    spec: str | Path | None = None,
) -> Scoreboard:
    """Give the scores of all cities, from the folder where they are kept by content.

    ``data`` is a file or folder of observations, ``framework`` a framework, its ``id@version`` or
    its file, ``cities`` the cities file where it is not beside the data. ``quality`` is which
    counts where a city scored itself and an agency verified it: ``verified`` or ``reported``.
    ``weights`` is a file of weights (:func:`kpi_lib.read_weights`) in place of the framework's.
    ``normalise``, ``aggregate`` and ``missing`` are methods in place of its defaults, as
    :func:`kpi_lib.score` takes them. ``spec`` is a file that lists what is uncertain, for the
    intervals of ranks.
    Computes and keeps them where data, framework or library are new. What is read from a
    DataFrame, ``data`` or ``cities``, is scored each time and not kept. Raises
    :class:`InputError` for wrong input.
    """
    counted = check_quality(quality)
    name = framework if isinstance(framework, str | Path) else ""
    _take()
    asked = (data, name, cities, counted, weights, normalise, aggregate, missing, spec)
    tables = isinstance(data, pd.DataFrame) or isinstance(cities, pd.DataFrame)
    if not tables and (board := _given.get(_names(*asked))) is not None:
        return board
    plain = load_framework(framework if name == "" else _framework_path(name))
    loaded = with_methods(plain, normalise, aggregate, missing)
    changed = None if weights is None else read_weights(find(weights))
    drawn = None if spec is None else uncertain_in(find(spec))

    def made(data: Any, cities: Any) -> Scoreboard:
        observations = read_observations(data, plain, cities).of_quality(counted)
        chosen: Any = {"normalise": normalise, "aggregate": aggregate, "missing": missing}
        return score(observations, plain, weights=changed, **chosen)

    if isinstance(data, pd.DataFrame) or isinstance(cities, pd.DataFrame):
        return replace(made(data, cities), spec=drawn)
    path, places = find(data), None if cities is None else find(cities)
    sources = gather(path, places)
    names = [file.name for file in sources.files]
    key = _key(loaded, sources.fingerprint, names, counted, given(loaded, changed or {}))
    recent = f"{key} {spec_digest(drawn)} {files_named(drawn)}"
    if recent not in _recent:
        folder = scores_folder() / key
        found = _kept(folder, loaded, plain)
        if found is None:
            found = made(path, places)
            _keep(found, folder)
        _recent.clear()
        _recent[recent] = found if drawn is None else replace(found, spec=drawn)
    return _recent[recent]


def uncertain_in(file: Path) -> Any:
    """Read what is uncertain; files that it names lie beside it, or are found as it is."""
    data, _ = read_yaml(file)
    for each in data.get("choices") or () if isinstance(data, dict) else ():
        if isinstance(each, dict) and isinstance(errors := each.get("standard_error"), str):
            beside = file.with_name(Path(errors).name)
            with suppress(InputError):  # what is not there is said where it is used
                each["standard_error"] = str(beside if beside.is_file() else find(errors))
    return data


def files_named(spec: Any) -> list[Path]:
    """The files that a list of what is uncertain names, as far as they are there."""
    choices = spec.get("choices") if isinstance(spec, dict) else ()
    named = [each.get("standard_error") for each in choices or () if isinstance(each, dict)]
    return [Path(one) for one in named if isinstance(one, str) and Path(one).is_file()]


def spec_digest(spec: Any) -> str:
    """Hash what is uncertain, with the content of the files that it names; '' for None.

    Where the files are does not matter.
    """
    if spec is None:
        return ""
    files = files_named(spec)
    text = json.dumps(spec, sort_keys=True, default=str)
    for path in files:
        text = text.replace(json.dumps(str(path)), json.dumps(path.name))
    said = hashlib.sha256(text.encode())
    for path in files:
        with suppress(InputError):
            said.update(bytes_of(path))
    return said.hexdigest()


CHOICES = ("quality", "weights", "normalise", "aggregate", "missing", "spec")
"""What may be chosen of scores, by the names of the arguments of :func:`scoreboard`."""


def chosen_in(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What :func:`scoreboard` takes beside data and framework, of a notebook's parameters."""
    return {name: parameters[name] for name in ("cities", *CHOICES) if name in parameters}


def give(board: Scoreboard, data: str, framework: str, **chosen: Any) -> None:
    """Let :func:`scoreboard` answer these arguments with this board, while the process lives.

    All reports of a run show the same scores then, and none of them reads the data again.
    """
    _given[_names(data, framework, **chosen)] = board


def parcel(board: Scoreboard, data: str, framework: str, **chosen: Any) -> dict[str, bytes]:
    """Pack a board, and what is kept with it, as files by name, for processes without its inputs.

    Such a process has the files in the folder that its environment names as :data:`GIVEN`.
    """
    key = key_of(board)
    kept = (scores_folder() / key).glob("intervals-*.parquet")
    alone = replace(board)  # a copy has no caches
    whole = pickle.dumps(((alone, data, framework), chosen))
    return {_BOARD: whole, **{f"{key}/{path.name}": path.read_bytes() for path in kept}}


@cache
def _take() -> None:
    """Take the board that was laid down for this process, if one was."""
    if folder := os.environ.get(GIVEN):
        names, chosen = pickle.loads((Path(folder) / _BOARD).read_bytes())
        give(*names, **chosen)


def _names(
    data: Any,
    framework: Any,
    cities: Any = None,
    quality: str = "verified",
    weights: Any = None,
    normalise: str | None = None,
    aggregate: str | None = None,
    missing: str | None = None,
    spec: Any = None,
) -> tuple[str, ...]:
    """What :func:`scoreboard` was asked, as texts."""
    given = (cities, quality, weights, normalise, aggregate, missing, spec)
    return str(data), str(framework), *(str(each or "") for each in given)


def scores_folder() -> Path:
    """The folder of kept scores: ``KPI_CACHE``, else in the user's cache folder.

    A process that was given a board keeps what belongs to it beside it.
    """
    if folder := os.environ.get(GIVEN):
        return Path(folder)
    if chosen := os.environ.get("KPI_CACHE"):
        return Path(chosen) / "scores"
    return platformdirs.user_cache_path("kpi-lib", appauthor=False) / "scores"


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
    names = [path.name for path in board.observations.files]
    observations = board.observations
    fingerprint, quality = observations.fingerprint, observations.quality
    return _key(board.framework, fingerprint, names, quality, board.weights)


def _key(
    framework: Framework, data: str, names: Iterable[str], quality: Quality, weights: Weights
) -> str:
    """Hash framework, data, which of them count, weights, all code, and the names of the files.

    A name may say ``demo``.
    """
    code = [library(), users_digest()]
    weighed = json.dumps(dict(weights), sort_keys=True)
    text = "\n".join([framework.fingerprint, data, quality, weighed, *code, *sorted(names)])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def keep_file(path: Path, content: bytes) -> None:
    """Write a file whose first line is the checksum of the rest; whole or not at all."""
    write_whole(path, _sealed(content, f"{path.parent.name}/{path.name}"))


def kept_file(path: Path) -> bytes:
    """Read such a file.

    :class:`Damaged` where it is not what was written, was written as another file or for other
    scores, or lies where others than its owner may have written it.
    """
    with path.open("rb") as file:
        if not _is_own(os.fstat(file.fileno())):
            raise Damaged(path)
        content = file.read()
    seal, _, rest = content.partition(b"\n")
    if seal != _checksum(rest, f"{path.parent.name}/{path.name}"):
        raise Damaged(path)
    return rest


def _is_own(found: os.stat_result) -> bool:
    """Whether a file is the user's own or the system's, and nobody else may write to it."""
    if not hasattr(os, "getuid"):
        return True
    return found.st_uid in (os.getuid(), _SYSTEM) and not found.st_mode & stat.S_IWOTH


class Damaged(ValueError):
    """A kept file is not what was written."""


def say_damaged(folder: Path) -> None:
    """Say that kept scores are not used, on standard error."""
    print(
        msg("The scores kept in {folder} are damaged; they are computed again.", folder=folder),
        file=sys.stderr,
    )


def _sealed(content: bytes, name: str) -> bytes:
    return _checksum(content, name) + b"\n" + content


def _checksum(content: bytes, name: str) -> bytes:
    """Hash a file's content and, so that files do not stand in for each other, key and name."""
    return hashlib.sha256(name.encode() + b"\n" + content).hexdigest().encode()


def _keep(board: Scoreboard, folder: Path) -> None:
    """Write a board, whole or not at all: then it is computed again where it is needed."""
    observations = board.observations
    about = {
        "files": [str(path) for path in observations.files],
        "warnings": [asdict(problem) for problem in observations.warnings],
        "demo": observations.demo,
        "fingerprint": observations.fingerprint,
        "quality": observations.quality,
        "project": observations.project.data,
        "weights": dict(board.weights),
    }
    # The folder cannot be written, or another process was first: its board is the same.
    with suppress(OSError), whole_folder(folder) as draft:
        # copy(): one block of memory, of which pandas adds columns without a warning.
        tables = {name: getattr(board, name).copy().reset_index() for name in _TABLES}
        tables |= {name: getattr(observations, name) for name in _OBSERVED}
        files = {f"{name}.parquet": table.to_parquet() for name, table in tables.items()}
        files["about.json"] = json.dumps(about, ensure_ascii=False).encode()
        for name, content in files.items():
            (draft / name).write_bytes(_sealed(content, f"{folder.name}/{name}"))


def _kept(folder: Path, framework: Framework, issued: Framework) -> Scoreboard | None:
    """Read a board that is kept; None where there is none, or not as it was written."""
    if not folder.is_dir():
        return None
    try:
        return _read(folder, framework, issued)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        say_damaged(folder)
        with suppress(OSError):
            shutil.rmtree(folder)
        return None


def _read(folder: Path, framework: Framework, issued: Framework) -> Scoreboard:
    about: Any = json.loads(kept_file(folder / "about.json"))
    with suppress(OSError):  # of intervals; who still writes one goes without keeping them
        remove_drafts(folder)
    wide = {name: _table(folder, name).set_index(["city", "period"]) for name in _TABLES}
    observations = Observations(
        **{name: _table(folder, name) for name in _OBSERVED},
        files=tuple(Path(path) for path in about["files"]),
        warnings=tuple(Problem(**problem) for problem in about["warnings"]),
        demo=about["demo"],
        fingerprint=about["fingerprint"],
        quality=about["quality"],
        project=Project(**about["project"]),
    )
    framework = with_given(framework, observations)
    return Scoreboard(framework, observations, about["weights"], **wide, issued=issued)


def _table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(kept_file(folder / f"{name}.parquet")))
