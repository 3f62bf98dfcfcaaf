"""Finding a file of the project from wherever a notebook or a command runs."""

from __future__ import annotations

from pathlib import Path

from kpi_lib.errors import InputError
from kpi_lib.locale.catalogue import msg


def find(path: str | Path) -> Path:
    """Give the absolute path of an existing file or folder.

    A relative path is looked for in the working directory, then in each folder above
    it, so that a notebook in ``notebooks/`` and a command in the root mean the same file.
    Raises ``InputError`` where it is in none of them.
    """
    wanted = Path(path).expanduser()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (candidate := folder / wanted).exists():
            return candidate.resolve()
    message = msg("There is no '{path}'.", path=path)
    if not wanted.is_absolute():
        message += msg(" It was looked for in {here} and every folder above it.", here=here)
    if wanted.as_posix().startswith("data/processed"):
        message += msg(" `make data` makes data/processed from data/raw.")
    raise InputError(message)
