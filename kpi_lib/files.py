"""Writing files so that they appear whole or not at all, and by one run at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kpi_lib.errors import InputError

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_DRAFT = ".draft"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and move it there once all of it is on the disk.

    A reader, or a run after a power cut, finds the old file or the new one. Makes the folder.
    """
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}{_DRAFT}")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def remove_drafts(folder: Path) -> None:
    """Remove what a run that was killed left half-written in a folder."""
    for draft in folder.glob(f".*{_DRAFT}"):
        draft.unlink(missing_ok=True)


@contextmanager
def only_one(folder: Path, patience: float = 10.0) -> Iterator[int | None]:
    """Keep a folder for one run at a time, where the system can tell.

    Gives what holds the folder: whoever has it open holds it too, so that processes of a run
    that was killed keep the next one waiting until they are gone. Raises ``InputError`` where
    another run goes on for longer than ``patience`` seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield None
        return
    holder = os.open(folder, os.O_RDONLY)
    try:
        deadline = time.monotonic() + patience
        while not _lock(holder):
            if time.monotonic() > deadline:
                raise InputError(f"{folder}: another run is writing here. Wait until it is done.")
            time.sleep(0.1)
        yield holder
    finally:
        os.close(holder)


def _lock(holder: int) -> bool:
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a network folder that knows no locks
    return True
