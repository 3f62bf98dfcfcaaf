"""What may happen to a run: a process is killed, a disk is full, the clock runs backwards."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from quick_start import Process, children

MOST = 8 * 2**20
"""Bytes of a disk that becomes full."""

SMALL = 2048
"""Bytes that a file may have where no file may grow: enough for a message, less than a page."""


@dataclass(frozen=True)
class Kind:
    """A disturbance of a run: what is struck, and how.

    ``who`` is ``kernel``, ``cells``, ``warm`` or ``run`` for a signal, ``another`` for a second
    run of the same command; ``place`` a folder below that of the trial for a disk. ``ends`` are the
    exit codes with which the run may end when it is hit. Where ``linked``, the output is reached
    through a link; ``before`` is done in the process of the run, which is then a forked one.
    """

    ends: frozenset[int]
    who: str = ""
    signal: int = 0
    place: str = ""
    how: str = ""
    linked: bool = False
    before: Callable[[], None] | None = None

    @property
    def cut(self) -> bool:
        """Whether the process that cleans up is killed itself."""
        return self.who == "run" and self.signal == signal.SIGKILL


def run_back() -> None:
    """Let the clock of this process, and of what it forks, run backwards."""
    begun, clock = time.time(), time.time
    time.time = lambda: 2 * begun - clock()


def hide_shared_memory() -> None:
    """Take shared memory from this process, and from what it forks."""
    libc, here = ctypes.CDLL(None, use_errno=True), b"/dev/shm"
    new_mounts, read_only, private = 0x20000, 1, 0x44000
    done = (
        libc.unshare(new_mounts),
        libc.mount(None, b"/", None, private, None),
        libc.mount(b"tmpfs", here, b"tmpfs", read_only, b"size=4k"),
    )
    if any(done):
        raise OSError(ctypes.get_errno(), "shared memory cannot be hidden")


# -15 and -2: so early that the command has not begun, or so late that Python has left it.
KINDS = {
    "kill a kernel": Kind(frozenset({0}), "kernel", signal.SIGKILL),
    "kill the warm process": Kind(frozenset({0}), "warm", signal.SIGKILL),
    "kill the run": Kind(frozenset({-9}), "run", signal.SIGKILL),
    "interrupt the run": Kind(frozenset({130, -2}), "run", signal.SIGINT),
    "terminate the run": Kind(frozenset({143, -15}), "run", signal.SIGTERM),
    "reports: disk full": Kind(frozenset({0, 1, 3}), place="reports", how="full"),
    "scores: disk full": Kind(frozenset({0}), place="data/processed", how="full"),
    "temporary: disk full": Kind(frozenset({0}), place="tmp", how="full"),
    "reports: read-only": Kind(frozenset({0, 1, 3}), place="reports", how="read-only"),
    "scores: read-only": Kind(frozenset({0}), place="data/processed", how="read-only"),
    "kill the cells": Kind(frozenset({0}), "cells", signal.SIGKILL),
    "another run": Kind(frozenset({0}), "another"),
    "through a link": Kind(frozenset({-9}), "run", signal.SIGKILL, linked=True),
    "clock backwards": Kind(frozenset({0}), "kernel", signal.SIGKILL, before=run_back),
    "no shared memory": Kind(frozenset({0}), "kernel", signal.SIGKILL, before=hide_shared_memory),
}


def target(kind: Kind, run: Process, rng: Random) -> int | None:
    """Give the process that is to be struck, if it is there."""
    if kind.who not in ("kernel", "cells", "warm"):
        return run.pid
    warm = children(run.pid)
    if kind.who == "warm" or not warm:
        return warm[0] if warm else None
    kernels = children(warm[0])
    if kind.who == "cells":
        kernels = [own for kernel in kernels for own in children(kernel)]
    return rng.choice(kernels) if kernels else None


def strike(kind: Kind, run: Process, rng: Random, place: Path, patience: float = 0.0) -> bool:
    """Disturb a run; false if there was nothing to be struck within ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while run.poll() is None:
        if kind.place:
            DISKS[kind.how](place / kind.place, run)
            return run.poll() is None
        pid = target(kind, run, rng)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, kind.signal)
                return True
        if time.monotonic() > deadline:
            return False
    return False


@cache
def can_mount() -> bool:
    """Say whether this user may mount a disk of its own."""
    if os.geteuid() != 0:
        return False
    try:
        with tempfile.TemporaryDirectory() as folder, disk(Path(folder)):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def why_not(kind: Kind) -> str:
    """Say why a kind of disturbance cannot be made here, if it cannot."""
    if kind.before is hide_shared_memory and not can_mount():
        return "only root may hide shared memory"
    if not kind.place or can_mount():
        return ""
    if kind.place != "reports":
        return "only root may mount a disk for this folder alone"
    if kind.how == "read-only" and os.geteuid() == 0:
        return "no disk can be mounted, and permissions do not bind root"
    return ""


@contextmanager
def disk(place: Path) -> Iterator[None]:
    """Mount a small disk on a folder."""
    place.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={MOST}", "kill-runs", str(place))
    try:
        yield
    finally:
        for _ in range(50):
            with contextlib.suppress(subprocess.CalledProcessError):
                _run("umount", str(place))
                break
            time.sleep(0.1)
        else:
            _run("umount", "-l", str(place))


@contextmanager
def own_disk(kind: Kind, place: Path) -> Iterator[None]:
    """Give a disk to the folder that is to be disturbed, where one may be mounted."""
    if kind.place and can_mount():
        with disk(place / kind.place):
            yield
    else:
        yield


def fill(folder: Path, run: Process) -> None:
    """Use up all of the disk; without one, let no process of the run write a file any more."""
    if not can_mount():
        for pid in (run.pid, *(p for w in children(run.pid) for p in (w, *children(w)))):
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (SMALL, SMALL))
        return
    with (folder / "filler").open("wb", buffering=0) as filler:
        for size in (2**16, 2**12, 1):
            with contextlib.suppress(OSError):
                while filler.write(b"\0" * size) == size:
                    pass


def close(folder: Path, run: Process) -> None:
    """Let nobody write into a folder any more."""
    if not can_mount():
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir():
                path.chmod(0o555)
        return
    while run.poll() is None:
        with contextlib.suppress(subprocess.CalledProcessError):  # while a file is being written
            _run("mount", "-o", "remount,ro", str(folder))
            return


def mend(kind: Kind, place: Path) -> None:
    """Make room, and let the folder be written again."""
    if not kind.place:
        return
    folder = place / kind.place
    if kind.how == "read-only" and can_mount():
        _run("mount", "-o", "remount,rw", str(folder))
    elif kind.how == "read-only":
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir():
                path.chmod(0o755)
    (folder / "filler").unlink(missing_ok=True)


DISKS = {"full": fill, "read-only": close}


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
