"""Running a notebook for many cities: in kernels forked from a warm process, or in plain ones."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import partial
from multiprocessing.connection import Pipe
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from kpi_lib.batch.job import PASSING, TRIES, CityFailure, Job, Outcome
from kpi_lib.batch.kernels.limits import OUTPUT
from kpi_lib.locale.catalogue import message_language, msg

if TYPE_CHECKING:
    from kpi_lib.batch.kernels.warm import Setup

Kind = Literal["auto", "warm", "plain"]

GIGABYTE = 2**30
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
) -> Generator[Outcome]:
    """Run the notebook for each job, ``workers`` at a time; outcomes as they come.

    ``seconds`` and ``memory`` (bytes) are the most for one notebook; plain kernels have no
    limit of memory. ``hold`` is a file descriptor that warm kernels keep open while they
    live. Whoever stops early ends everything that runs.
    """
    if is_plain(kind):
        from kpi_lib.batch.kernels.own import run_plain

        yield from run_plain(notebook, jobs, workers, seconds)
    elif jobs:
        from kpi_lib.batch.kernels.warm import Setup

        setup = Setup(notebook, jobs[0], seconds, memory, OUTPUT)
        kernels = WarmKernels(setup, [] if hold is None else [hold])
        try:
            yield from kernels.run(jobs, workers)
        finally:
            kernels.close()


def is_plain(kind: Kind) -> bool:
    """Say whether kernels of a kind are plain ones here."""
    return kind == "plain" or (kind == "auto" and not can_fork())


class WarmKernels:
    """A warm process that runs notebooks; it is started again when it dies.

    ``hold`` are file descriptors that it keeps open while it lives, ``environment`` what
    notebooks find in theirs beside what this process has.
    """

    def __init__(
        self,
        setup: Setup,
        hold: Sequence[int] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Start the process; one that dies before it is ready is started once more."""
        self._start_one = partial(_Nursery, setup, hold, environment)
        self._stopped = False
        self._nursery = self._start()

    def _start(self) -> _Nursery:
        for _ in range(1, TRIES):
            with contextlib.suppress(ChildProcessError):
                return self._start_one()
        return self._start_one()

    def run(self, jobs: Sequence[Job], workers: int = 1) -> Iterator[Outcome]:
        """Run the notebook for each job, ``workers`` at a time; outcomes as they come."""
        waiting = deque(jobs)
        suspects: deque[Job] = deque()
        tries: Counter[str] = Counter()
        while not self._stopped and (waiting or suspects or self._nursery.under_way):
            if suspects and not self._nursery.under_way:
                self._nursery.send(suspects.popleft())
            while waiting and not suspects and len(self._nursery.under_way) < workers:
                self._nursery.send(waiting.popleft())
            outcomes = self._nursery.receive()
            if not outcomes and self._stopped:
                return
            if not outcomes:
                lost = self._nursery.lost()
                self._nursery.close()
                self._nursery = self._start()
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

    def stop(self) -> None:
        """End what runs, from any thread: :meth:`run` gives no more outcomes."""
        self._stopped = True
        self._nursery.end()

    def close(self) -> None:
        """End the process and all that it has forked."""
        self._nursery.close()


class _Nursery:
    """The warm process, from outside: takes jobs, gives outcomes."""

    def __init__(self, setup: Setup, hold: Sequence[int], environment: Mapping[str, str]) -> None:
        self.under_way: dict[str, Job] = {}
        self._connection, theirs = Pipe()
        code = "from kpi_lib.batch.kernels.warm import main; main()"
        number = theirs.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", code, str(os.getpid()), str(number)],
            stdin=subprocess.DEVNULL,
            env={
                **os.environ,
                "KPI_LANG": message_language(),
                "MPLBACKEND": os.environ.get("MPLBACKEND") or INLINE,
                **environment,
            },
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
                msg(
                    "the process that runs the notebooks did not start; --kernel plain does "
                    "without it."
                )
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
            Outcome(job, 0.0, CityFailure(job.city, "DeadKernel", msg("the kernel died")))
            for job in self.under_way.values()
        ]

    def end(self) -> None:
        """Ask it to end, with all that it has forked."""
        self._process.terminate()

    def close(self) -> None:
        """End it and all that it has forked."""
        self._connection.close()
        self.end()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
