"""Which files hold the observations, and which the cities."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_lib.errors import InputError, Problem, expected
from kpi_lib.io.paths import bytes_of, find
from kpi_lib.io.tables.frames import CITIES, DATA, Content, digest
from kpi_lib.io.tables.read import ENDINGS
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed
from kpi_lib.observations.project.file import NAME as PROJECT
from kpi_lib.observations.project.file import files_named

COLUMNS, WHERE = "KPI_COLUMNS", "KPI_WHERE"
"""Environment variables: a file that says what columns are, and which rows count, a line each."""

Paths = str | Path | Sequence[str | Path]
"""Files, or folders of files."""


@dataclass(frozen=True, repr=False)
class Sources(Displayed):
    """Files and their content, in order of their names.

    ``cities`` is one file or none; ``project`` is what a project says, first, and its files. A
    DataFrame stands among them under a name that is no file's.
    """

    data: Mapping[Path, Content]
    cities: Mapping[Path, Content]
    evidence: Mapping[Path, bytes] = field(default_factory=dict)
    published: Mapping[Path, bytes] = field(default_factory=dict)
    project: Mapping[Path, bytes] = field(default_factory=dict)
    columns: Mapping[Path, bytes] = field(default_factory=dict)
    where: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that are read, the cities file last."""
        given = (*self.data, *self.evidence, *self.published, *self.columns, *self.cities)
        return tuple(file for file in given if file not in (DATA, CITIES))

    @property
    def contents(self) -> dict[Path, bytes]:
        """The content of every file, the cities file and those of the project last."""
        others = {**self.evidence, **self.published, **self.columns}
        every = {**self.data, **others, **self.cities, **self.project}
        return {file: content for file, content in every.items() if isinstance(content, bytes)}

    @property
    def named_demo(self) -> bool:
        """Whether the name of a file says that its figures are made up."""
        return any("demo" in file.name.lower() for file in self.files)

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of all content, whatever the order and the names of the files."""
        sums = [
            f"{kind} {_digest(content)}"
            for kind, files in (
                ("data", self.data),
                ("cities", self.cities),
                ("evidence", self.evidence),
                ("published", self.published),
                ("project", self.project),
                ("columns", self.columns),
            )
            for content in files.values()
        ]
        sums += [f"where {text}" for text in self.where]
        return hashlib.sha256("\n".join(sorted(sums)).encode()).hexdigest()


def _digest(content: Content) -> str:
    if isinstance(content, pd.DataFrame):
        return digest(content)
    return hashlib.sha256(content).hexdigest()


def shown(path: Paths | pd.DataFrame) -> str:
    """How what was given is called in a message."""
    return str(DATA if isinstance(path, pd.DataFrame) else path)


def gather(path: Paths | pd.DataFrame, cities: str | Path | pd.DataFrame | None = None) -> Sources:
    """Read the content of all files of observations and of what lies beside them.

    ``path`` is a file, a folder (its .csv, .xlsx and .parquet files), several of either, or a
    DataFrame, beside which nothing lies; ``cities`` is a file or a DataFrame.
    Without ``cities``, the one file ``cities*.csv`` beside the data is taken if there is one.
    Files beside the data whose name begins with ``evidence`` are evidence for maturity levels,
    those whose name begins with ``published`` are printed scores and ranks; ``kpi.toml`` says
    what the project says of them; one YAML file whose name begins with ``columns`` says what the
    columns of the data are, unless ``KPI_COLUMNS`` names another.
    Raises ``InputError`` for anything else, where a path does not exist, a folder has no data or
    more than one cities file, several ``kpi.toml`` differ, or a file cannot be opened.
    """
    data: dict[Path, None] = {}
    for one in [] if isinstance(path, pd.DataFrame) else _several(path):
        data.update(dict.fromkeys(_data_files(_existing(one))))
    read: dict[Path, Content] = {
        file: bytes_of(file) for file in sorted(data, key=lambda file: (file.name, file))
    }
    if isinstance(path, pd.DataFrame):
        read = {DATA: path}
    if not read:
        raise InputError(msg("no file of observations was given."))
    return Sources(
        read,
        _cities(cities, data),
        {file: bytes_of(file) for file in _beside_data(data, "evidence")},
        {file: bytes_of(file) for file in _beside_data(data, "published")},
        _project(data),
        {file: bytes_of(file) for file in _columns_file(data)},
        rows_chosen(),
    )


def rows_chosen() -> tuple[str, ...]:
    """Which rows of the data count, as in ``sex=all`` (``--where``); all where nothing is given."""
    return tuple(filter(None, os.environ.get(WHERE, "").splitlines()))


def content_of(path: Paths, cities: str | Path | None = None) -> dict[Path, bytes]:
    """Give the content of every file that reading the observations would read."""
    return gather(path, cities).contents


def _several(path: Any) -> list[str | Path]:
    """Give the paths that were given; anything else is refused."""
    given = [path] if isinstance(path, str | Path) else path
    if not isinstance(given, Sequence) or not all(isinstance(one, str | Path) for one in given):
        raise expected(
            path, msg("a DataFrame, or the path of a file or folder of observations, or several")
        )
    return list(given)


def _cities(given: Any, data: Mapping[Path, None]) -> dict[Path, Content]:
    """Read the cities file, or what was given in its place."""
    if isinstance(given, pd.DataFrame):
        return {CITIES: given}
    if given is not None and not isinstance(given, str | Path):
        raise expected(given, msg("a DataFrame, or the path of a cities file"), "cities")
    places = [_existing(given)] if given is not None else _beside(data)
    return {file: bytes_of(file) for file in places}


def _existing(path: str | Path) -> Path:
    return Path(path) if os.path.exists(path) else find(path)


def _data_files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    files = [
        file
        for file in sorted(path.iterdir())
        if file.suffix.lower() in ENDINGS
        and file.is_file()
        and not _is_cities(file)
        and not _is(file, "evidence")
        and not _is(file, "published")
        and not file.name.startswith((".", "~$"))  # "~$" is the lock of a workbook that is open
    ]
    if not files:
        raise InputError(
            Problem(
                msg(
                    "there is no file of observations ({ENDINGS}) in this folder.",
                    ENDINGS=", ".join(ENDINGS),
                ),
                "",
                str(path),
            )
        )
    yield from files


def _is_cities(file: Path) -> bool:
    return file.name.lower().startswith("cities") and file.suffix.lower() == ".csv"


def _is(file: Path, kind: str) -> bool:
    return file.name.lower().startswith(kind) and file.suffix.lower() in ENDINGS


def _beside_data(data: Mapping[Path, None], kind: str) -> list[Path]:
    """Find the files of a kind in the folders of the data, by name."""
    folders = dict.fromkeys(file.parent for file in data)
    found = [file for folder in folders for file in folder.iterdir() if _is(file, kind)]
    return sorted((file for file in found if file not in data), key=lambda f: (f.name, f))


def _project(data: Mapping[Path, None]) -> dict[Path, bytes]:
    """The one ``kpi.toml`` of the folders of the data, first, and the files that it names.

    Of several that are equal it is the first.
    """
    beside = dict.fromkeys(file.parent / PROJECT for file in data)
    found = {file: bytes_of(file) for file in beside if file.exists()}
    if len(set(found.values())) > 1:
        message = msg("the files {files} differ.", files=", ".join(map(str, found)))
        raise InputError(Problem(message, msg("Give data of one project at a time.")))
    first = list(found.items())[:1]
    return dict(first) | {each: bytes_of(each) for one in first for each in files_named(*one)}


def _columns_file(data: Mapping[Path, None]) -> list[Path]:
    """Find the one file that says what the columns of the data are."""
    if named := os.environ.get(COLUMNS):
        return [_existing(named)]
    folders = dict.fromkeys(file.parent for file in data)
    found = [file for folder in folders for file in sorted(folder.glob("columns*.y*ml"))]
    if len(found) > 1:
        listed = ", ".join(map(str, found))
        raise InputError(
            Problem(
                msg("several files say what the columns are: {listed}.", listed=listed),
                msg("Say which to use (--columns)."),
            )
        )
    return found


def _beside(data: Mapping[Path, None]) -> list[Path]:
    """Find the one cities file in the folders of the data."""
    folders = dict.fromkeys(file.parent for file in data)
    found = [
        file
        for folder in folders
        for file in sorted(folder.iterdir())
        if _is_cities(file) and file not in data
    ]
    if len(found) > 1:
        raise InputError(
            Problem(
                msg(
                    "there are {n} cities files: {found}.",
                    n=len(found),
                    found=", ".join(map(str, found)),
                ),
                msg("Say which to use (--cities)."),
            )
        )
    return found
