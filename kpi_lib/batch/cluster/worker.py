"""The side of a Dask worker: where it makes the reports of a run, and what it needs for them."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from threading import Lock, Thread
from typing import Any, ClassVar
from weakref import WeakSet

from kpi_lib.batch.fingerprint import library
from kpi_lib.batch.job import Job, Outcome, notebook_source
from kpi_lib.batch.kernels.launch import Kind, WarmKernels, is_plain
from kpi_lib.batch.kernels.limits import OUTPUT
from kpi_lib.errors import InputError
from kpi_lib.io.store import is_remote, names
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.loading import FILE as METHODS
from kpi_lib.scoring.cache import GIVEN, chosen_in, parcel
from kpi_lib.scoring.scoreboard import Scoreboard

_END = 15.0
"""Seconds in which kernels that are asked to end must have ended."""


_METHODS_FILE = "methods/own.py"


@dataclass(frozen=True)
class Order:
    """What all reports of a run have in common; ``parts`` are compressed files by name."""

    run: str
    library: str
    notebook: str
    parts: Mapping[str, bytes]
    kind: Kind
    seconds: float
    memory: int


def pack(board: Scoreboard, notebook: Path, parameters: Mapping[str, Any]) -> dict[str, bytes]:
    """Pack what a notebook needs where its inputs are not: itself and the scores."""
    chosen = chosen_in(parameters)
    parts = parcel(board, parameters["data"], parameters["framework"], **chosen)
    parts[notebook.name] = notebook_source(notebook).encode()
    if methods := os.environ.get(METHODS):
        parts[_METHODS_FILE] = Path(methods).read_bytes()
    return {name: zlib.compress(content, 1) for name, content in parts.items()}


def inspect(folder: Path | None = None, sign: str = "") -> dict[str, str]:
    """Say which kpi-lib is here, and what keeps it from writing into a folder.

    ``sign`` is the name of a file in the folder by which it is known to be the same. ``fault``
    is ``hidden``, ``closed`` or ''.
    """
    fault = ""
    if folder is not None and is_remote(folder):
        names(folder)
    elif folder is not None and sign not in names(folder):
        fault = "hidden"
    elif folder is not None and not os.access(folder, os.W_OK):
        fault = "closed"
    return {
        "version": version("kpi-lib"),
        "library": library(),
        "python": platform.python_version(),
        "fault": fault,
    }


def make(job: Job, bench: Workbench) -> Outcome:
    """Make the report of a city: a task."""
    return bench.make(job)


def end(run: str) -> None:
    """End what this worker does for a run."""
    for bench in list(Workbench.here):
        if bench.order.run == run:
            bench.end()


class Workbench:
    """Where a worker makes the reports of a run: its copy of the inputs, and its kernels.

    Taken to another worker, it is set up anew there. It ends with the run, or when Dask lets
    go of it because the one who asked for the run has gone.
    """

    here: ClassVar[WeakSet[Workbench]] = WeakSet()

    def __init__(self, order: Order) -> None:
        """Take the order; the rest is set up when the first job comes."""
        self.order = order
        self._kernels = _Kernels(order)
        self.here.add(self)

    def __reduce__(self) -> tuple[type[Workbench], tuple[Order]]:
        return Workbench, (self.order,)

    def __del__(self) -> None:
        # Not here: this may be the thread by which the worker talks to the scheduler.
        with suppress(RuntimeError):  # the worker itself is ending
            Thread(target=self._kernels.end, daemon=True).start()

    def make(self, job: Job) -> Outcome:
        """Make a report and say what came of it."""
        if library() != self.order.library:
            raise InputError(
                msg("a worker with another kpi-lib has joined: {node}.", node=platform.node())
            )
        return self._kernels.run(job)

    def end(self) -> None:
        """End everything that runs here."""
        self._kernels.end()


class _Kernels:
    """The kernels of a workbench: a warm process for each thread that works at a time."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._lock = Lock()
        self._folder: Path | None = None
        self._idle: list[WarmKernels] = []
        self._busy: set[WarmKernels] = set()
        self._running = 0
        self._ended = False

    def run(self, job: Job) -> Outcome:
        with self._lock:
            if self._ended:
                raise RuntimeError(msg("the run has ended"))
            self._running += 1
            folder = self._folder = self._folder or _unpack(self._order)
        try:
            return self._run_in(folder, job)
        finally:
            with self._lock:
                self._running -= 1

    def _run_in(self, folder: Path, job: Job) -> Outcome:
        order = self._order
        notebook, environment = folder / order.notebook, {GIVEN: str(folder)}
        if _METHODS_FILE in order.parts:
            environment[METHODS] = str(folder / _METHODS_FILE)
        if is_plain(order.kind):
            from kpi_lib.batch.kernels.own import run_plain

            (outcome,) = run_plain(notebook, [job], 1, order.seconds, environment)
            return outcome
        with self._lock:
            kernels = self._idle.pop() if self._idle else None
        if kernels is None:
            from kpi_lib.batch.kernels.warm import Setup

            setup = Setup(notebook, job, order.seconds, order.memory, OUTPUT)
            kernels = WarmKernels(setup, environment=environment)
        self._busy.add(kernels)
        try:
            outcomes = list(kernels.run([job]))
            if not outcomes:
                raise RuntimeError(msg("the run has ended"))
        except BaseException:
            kernels.close()
            raise
        finally:
            self._busy.discard(kernels)
        self._idle.append(kernels)
        return outcomes[0]

    def end(self) -> None:
        self._ended = True
        until = time.monotonic() + _END
        while time.monotonic() < until:
            while self._idle:
                self._idle.pop().close()
            if not self._running:
                break
            for kernels in list(self._busy):
                kernels.stop()
            if is_plain(self._order.kind):
                from kpi_lib.batch.kernels.own import stop_kernels

                stop_kernels()
            time.sleep(0.1)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _unpack(order: Order) -> Path:
    """Lay the inputs down in a folder of this user's, which Dask removes where we cannot."""
    from distributed import get_worker

    folder = Path(tempfile.mkdtemp(prefix="kpi-", dir=get_worker().local_directory))
    for name, content in order.parts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(zlib.decompress(content))
    return folder
