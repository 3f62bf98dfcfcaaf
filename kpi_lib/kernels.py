"""Running a notebook for many cities: in kernels forked from a warm process, or in plain ones."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kpi_lib.job import PASSING, TRIES, CityFailure, Job, Outcome

if TYPE_CHECKING:
    from kpi_lib.nursery import Setup

Kind = Literal["auto", "warm", "plain"]

GIGABYTE = 2**30
OUTPUT = 50 * 10**6
INLINE = "module://matplotlib_inline.backend_inline"
"""The backend that Jupyter's kernels set before anything is imported."""


def can_fork() -> bool:
    """Say whether warm kernels work here: a forked process is safe to use, as on Linux."""
    return sys.platform == "linux"


def run_jobs(
    notebook: Path,
    jobs: Sequence[Job],
    workers: int,
    *,
    kind: Kind = "auto",
    seconds: float = 600.0,
    memory: int = 2 * GIGABYTE,
    hold: int | None = None,
) -> Iterator[Outcome]:
    """Run the notebook for each job, ``workers`` at a time; outcomes as they come.

    ``seconds`` and ``memory`` (bytes) are the most for one notebook; plain kernels have no
    limit of memory. ``hold`` is a file descriptor that warm kernels keep open while they
    live. Whoever stops early ends everything that runs.
    """
    if kind == "plain" or (kind == "auto" and not can_fork()):
        from kpi_lib.plain import run_plain

        yield from run_plain(notebook, jobs, workers, seconds)
    elif jobs:
        from kpi_lib.nursery import Setup

        setup = Setup(notebook, jobs[0], seconds, memory, OUTPUT)
        yield from _run_warm(setup, jobs, workers, [] if hold is None else [hold])


def _run_warm(
    setup: Setup, jobs: Sequence[Job], workers: int, hold: list[int]
) -> Iterator[Outcome]:
    waiting = deque(jobs)
    suspects: deque[Job] = deque()
    tries: Counter[str] = Counter()
    nursery = _start(setup, hold)
    try:
        while waiting or suspects or nursery.under_way:
            if suspects and not nursery.under_way:
                nursery.send(suspects.popleft())
            while waiting and not suspects and len(nursery.under_way) < workers:
                nursery.send(waiting.popleft())
            outcomes = nursery.receive()
            if not outcomes:
                lost = nursery.lost()
                nursery.close()
                nursery = _start(setup, hold)
                if len(lost) > 1:  # each is tried alone, to find the one that ends the process
                    suspects.extend(outcome.job for outcome in lost)
                    continue
                outcomes = lost
            for outcome in outcomes:
                city, failure = outcome.job.city, outcome.failure
                tries[city] += 1
                if failure and failure.error in PASSING and tries[city] < TRIES:
                    suspects.append(outcome.job)
                else:
                    yield outcome
    finally:
        nursery.close()


def _start(setup: Setup, hold: list[int]) -> _Nursery:
    """Start a warm process; one that dies before it is ready is started once more."""
    for _ in range(1, TRIES):
        with contextlib.suppress(ChildProcessError):
            return _Nursery(setup, hold)
    return _Nursery(setup, hold)


class _Nursery:
    """The warm process, from outside: takes jobs, gives outcomes."""

    def __init__(self, setup: Setup, hold: list[int]) -> None:
        self.under_way: dict[str, Job] = {}
        self._connection, theirs = Pipe()
        code = "from kpi_lib.nursery import main; main()"
        number = theirs.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", code, str(os.getpid()), str(number)],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "MPLBACKEND": os.environ.get("MPLBACKEND") or INLINE},
            pass_fds=[number, *hold],
            start_new_session=True,  # Ctrl-C is for this process, which then ends that one
        )
        theirs.close()
        try:
            self._connection.send(setup)
            self._connection.recv()
        except (EOFError, ConnectionError):
            self.close()
            raise ChildProcessError(
                "the process that runs the notebooks did not start; --kernel plain does without it."
            ) from None
        except BaseException:
            self.close()
            raise

    def send(self, job: Job) -> None:
        """Give it a job; what came of it is received later, even if the process has died."""
        self.under_way[job.city] = job
        with contextlib.suppress(ConnectionError):
            self._connection.send(job)

    def receive(self) -> list[Outcome]:
        """Wait for an outcome; none if the process has died."""
        try:
            outcome: Outcome = self._connection.recv()
        except (EOFError, OSError):  # the latter where it died in the middle of a message
            return []
        del self.under_way[outcome.job.city]
        return [outcome]

    def lost(self) -> list[Outcome]:
        """Give an outcome to each job that was under way as the process died."""
        return [
            Outcome(job, 0.0, CityFailure(job.city, "DeadKernel", "the kernel died"))
            for job in self.under_way.values()
        ]

    def close(self) -> None:
        """End it and all that it has forked."""
        self._connection.close()
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
