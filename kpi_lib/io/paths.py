"""Finding a file of the project from wherever a notebook or a command runs."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from kpi_lib.errors import InputError, Problem, answer_of_system, expected
from kpi_lib.locale.catalogue import msg

_PACKAGE = Path(str(resources.files("kpi_lib")))


def own_data() -> Path:
    """The folder of the data that come with the library: in it, else data/raw/ of the clone."""
    installed = _PACKAGE / "data"
    return installed if installed.is_dir() else _PACKAGE.parent / "data" / "raw"


def find(path: str | Path) -> Path:
    """Give the absolute path of an existing file or folder.

    A relative path is looked for in the working directory, then in each folder above
    it, so that a notebook in ``notebooks/`` and a command in the root mean the same file; and
    what is below ``data/raw`` among the data that come with the library.
    Raises ``InputError`` where it is in none of them.
    """
    if not isinstance(path, str | Path):
        raise expected(path, msg("the path of a file or a folder"))
    wanted = Path(path).expanduser()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if os.path.exists(candidate := folder / wanted):
            return candidate.resolve()
    if wanted.parts[:2] == ("data", "raw"):
        own = own_data().joinpath(*wanted.parts[2:])
        if own.exists():
            return own.resolve()
    message = msg("There is no '{path}'.", path=path)
    if os.path.islink(here / wanted):
        message = msg("'{path}' is a link to a file that is not there.", path=path)
    if not wanted.is_absolute():
        message += msg(" It was looked for in {here} and every folder above it.", here=here)
    if wanted.as_posix().startswith("data/processed"):
        message += msg(" `make data` makes data/processed from data/raw.")
    raise InputError(message)


def of_another_ending(ending: str, endings: Sequence[str]) -> tuple[str, str]:
    """Say that a file is of no kind that is read, and how one of an older kind becomes one."""
    found = msg(
        "the file ends in '{suffix}'; expected {ENDINGS}.",
        suffix=ending,
        ENDINGS=", ".join(endings),
    )
    new = {".doc": ".docx", ".xls": ".xlsx"}.get(ending.lower(), "")
    return found, msg("Open it and save it as {old}.", old=new) if new in endings else ""


def bytes_of(file: Path) -> bytes:
    """Give the content of a file; a pipe or a device is none.

    Raises ``InputError`` where it cannot be read.
    """
    if os.path.exists(file) and not os.path.isfile(file):
        raise InputError(Problem(msg("this is no file that can be read."), "", str(file)))
    try:
        return file.read_bytes()
    except OSError as error:
        found = msg("cannot be read: {strerror}.", strerror=answer_of_system(error))
        fix = msg("Close it in other programs, or ask for the right to read it.")
        if error.errno == errno.ENOENT:
            fix = msg("It was moved or deleted, or is a link to a file that is not there.")
        raise InputError(Problem(found, fix, str(file))) from None
    except ValueError:  # a name that no file can have
        raise InputError(Problem(msg("this is no file that can be read."), "", str(file))) from None
