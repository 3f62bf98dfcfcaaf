"""A warm process that forks a kernel for each notebook.

It imports what notebooks import and makes one report to fill every cache, then waits for jobs.
For each it forks a child, which forks another that runs the cells and hands back the executed
notebook; the child converts it and writes the files, out of the notebook's reach. Nothing that a
notebook does to its process reaches its files or the next city's. The child is killed with all
that it has started where it takes too long, and with this process; memory and output are bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import io
import os
import random
import resource
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from threading import Event
from typing import Any, cast

from kpi_lib.batch.job import CityFailure, Job, Outcome, default_notebook
from kpi_lib.batch.kernels.limits import too_much
from kpi_lib.errors import refusal
from kpi_lib.io.store import prepare
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import numeral

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_TICK = 0.1


@dataclass(frozen=True)
class Setup:
    """How notebooks are run: which one, and the most that each may take.

    ``seconds`` is wall time, ``memory`` bytes on top of what the warm process has, ``output``
    bytes of all outputs. ``first`` is a job like the others, by which to warm up.
    """

    notebook: Path
    first: Job
    seconds: float
    memory: int
    output: int


_Found = tuple[CityFailure | None, dict[int, float]]
"""What came of a report: its failure, and the seconds that each cell took."""

_Told = tuple[str | CityFailure, dict[int, float]]
"""The same of its cells: the executed notebook as a text, or the failure."""


@dataclass
class _Child:
    job: Job
    pid: int
    results: Connection
    begun: float


def main() -> None:
    """Serve the process whose connection and number are the arguments, until it goes."""
    parent, connection = int(sys.argv[1]), Connection(int(sys.argv[2]))
    _end_with(parent, signal.SIGTERM)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    sys.argv = sys.argv[:1]
    import_all()
    from kpi_lib.batch import notebook

    try:
        _Nursery(connection, connection.recv(), notebook).serve()
    except (EOFError, ConnectionError):
        return


def import_all() -> None:
    """Import what notebooks import, so that a fork has it."""
    # A debugger would listen on a port. Without this one ipykernel does without it.
    if "ipykernel.debugger" not in sys.modules:
        sys.modules["debugpy"] = cast(Any, None)
        import_module("ipykernel.debugger")
        del sys.modules["debugpy"]
    for drawing in ("matplotlib.pyplot", "seaborn"):
        import_module(drawing)
    front = import_module("kpi_lib")
    for name in front.__all__:  # which are imported when they are first used
        getattr(front, name)


class _Nursery:
    def __init__(self, connection: Connection, setup: Setup, report: Any) -> None:
        from kpi_lib.batch.kernels.inprocess import KernelHere

        self._connection, self._setup, self._report = connection, setup, report
        self._children: list[_Child] = []
        self._ended = Event()
        self._notebook = report.read_notebook(setup.notebook)
        kernel = KernelHere(setup.output)
        with _state_kept():
            self._warm_up(kernel)
        kernel.forget()
        prepare(setup.first.stem)
        self._kernel = KernelHere(setup.output)
        gc.collect()
        gc.freeze()  # what is here already is never looked at, and so never copied, again

    def _warm_up(self, kernel: Any) -> None:
        """Make one report of the library's own notebook, which is known to leave no trace."""
        from kpi_lib.batch.files.page import to_html
        from kpi_lib.scoring import cache

        report = self._report
        notebook = report.read_notebook(default_notebook())
        # Whatever goes wrong here goes wrong where it is reported: in the report of a city.
        with contextlib.suppress(Exception):
            job = self._setup.first
            names = str(job.parameters["data"]), str(job.parameters["framework"])
            chosen = cache.chosen_in(job.parameters)
            cache.give(cache.scoreboard(*names, **chosen), *names, **chosen)
            executed = copy_context().run(report.execute, notebook, job.parameters, km=kernel)
            to_html(executed, job)

    def serve(self) -> None:
        """Fork a child for each job that comes, and tell what came of it."""
        # The end of the run, or of this process, is that of all that its notebooks have started.
        # Nothing is raised: where Python forks or frees, it would be dropped.
        signal.signal(signal.SIGTERM, lambda *_: self._ended.set())
        try:
            self._connection.send("ready")
            while not self._ended.is_set():
                waited = wait([self._connection, *(c.results for c in self._children)], _TICK)
                if self._connection in waited:
                    self._fork(self._connection.recv())
                for child in list(self._children):
                    self._look_after(child, child.results in waited)
                self._end_strays()
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            self._children.clear()
            while self._end_strays():
                pass

    def _fork(self, job: Job) -> None:
        results, own_end = Pipe(duplex=False)
        nursery = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                _end_with(nursery, signal.SIGKILL)
                self._connection.close()
                results.close()
                for child in self._children:
                    child.results.close()
                run = _Run(job, self._setup, self._kernel, own_end)
                own_end.send(_make(run, self._report, self._notebook))
            finally:
                os._exit(1)
        own_end.close()
        self._children.append(_Child(job, pid, results, time.monotonic()))

    def _look_after(self, child: _Child, has_spoken: bool) -> None:
        seconds = time.monotonic() - child.begun
        found: _Found | None = None
        if has_spoken:
            try:
                found = child.results.recv()
            except (EOFError, OSError):
                found = CityFailure(child.job.city, "DeadKernel", msg("the kernel died")), {}
        elif seconds > self._setup.seconds:
            late = msg("not done in {seconds} s", seconds=numeral(self._setup.seconds))
            found = CityFailure(child.job.city, "TimeLimit", late), {}
        elif _has_ended(child.pid) and not child.results.poll():
            # A process that it started holds the connection open.
            found = CityFailure(child.job.city, "DeadKernel", msg("the kernel died")), {}
        if found is None:
            return
        self._children.remove(child)
        child.results.close()
        _kill(child.pid)
        _, _, used = os.wait4(child.pid, 0)
        failure, cells = found
        self._connection.send(
            Outcome(
                job=child.job,
                seconds=seconds,
                failure=failure,
                cpu=used.ru_utime + used.ru_stime,
                memory=used.ru_maxrss * 1024,
                cells=cells,
            )
        )

    def _end_strays(self) -> bool:
        """Kill what a notebook left running that had made itself independent of its kernel.

        What a stray has started itself is found, as a stray, the next time.
        """
        try:
            listed = Path("/proc/thread-self/children").read_text()
        except OSError:
            return False
        strays = set(map(int, listed.split())) - {child.pid for child in self._children}
        for pid in strays:
            _kill(pid)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        return bool(strays)


def _make(run: _Run, report: Any, notebook: Any) -> _Found:
    """Make a report in this process, which its notebook cannot reach: that has one of its own."""
    os.setsid()
    _limit_memory(run.setup.memory)
    with open(os.devnull, "r+") as nothing:
        for stream in (0, 1, 2):
            os.dup2(nothing.fileno(), stream)
    told, cells = _told(run, report, notebook)
    if isinstance(told, CityFailure):
        return told, cells
    with _reported(run.job.city) as failed:
        report.publish(run.job, report.from_text(told))
    return (failed[0] if failed else None), cells


def _told(run: _Run, report: Any, notebook: Any) -> _Told:
    """Fork the process that runs the cells, and wait for what it tells."""
    here, there = Pipe(duplex=False)
    maker, pid = os.getpid(), os.fork()
    if pid == 0:
        try:
            _end_with(maker, signal.SIGKILL)
            here.close()
            run.results.close()
            run.run(report, notebook, there)
        finally:
            os._exit(1)
    there.close()
    told: _Told = CityFailure(run.job.city, "DeadKernel", msg("the kernel died")), {}
    # What the notebook has started may hold the connection open.
    while not here.poll(_TICK) and not _has_ended(pid):
        pass
    if here.poll():
        with contextlib.suppress(Exception):  # cut off, or no message at all
            told = here.recv()
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return told


@contextlib.contextmanager
def _reported(city: str) -> Iterator[list[CityFailure]]:
    """Give a list that has what went wrong as the failure of a city, where something did."""
    failed: list[CityFailure] = []
    try:
        yield failed
    except CityFailure as failure:
        failed.append(failure)
    except OSError as error:
        failed.append(CityFailure(city, "OSError", refusal(error)))
    except MemoryError:
        failed.append(CityFailure(city, "MemoryError", msg("the memory limit is too low")))
    except BaseException as error:  # the process ends here, whatever it is
        failed.append(CityFailure(city, type(error).__name__, str(error)))


class _Run:
    """The run of one notebook; ``results`` leads to the warm process, out of its reach."""

    def __init__(self, job: Job, setup: Setup, kernel: Any, results: Connection) -> None:
        self.job, self.setup, self.results = job, setup, results
        self._kernel = kernel

    def run(self, report: Any, notebook: Any, there: Connection) -> None:
        """Run the cells in the process forked for it, tell what came of them, and end it."""
        _seed()
        self.results = there
        self._kernel.catch_prints(self._too_much)
        told: str | CityFailure = ""
        with _reported(self.job.city) as failed:
            told = report.to_text(report.execute(notebook, self.job.parameters, km=self._kernel))
        self._end(failed[0] if failed else told)

    def _too_much(self) -> None:
        number, code = self._kernel.at
        first = next(filter(str.strip, code.splitlines()), "")
        self._end(
            CityFailure(
                self.job.city, "OutputLimit", too_much(self.setup.output), number, first[:120]
            )
        )

    def _end(self, told: str | CityFailure) -> None:
        self.results.send((told, self._kernel.seconds))
        os._exit(0)


@contextlib.contextmanager
def _state_kept() -> Iterator[None]:
    """Leave the process as it was: what a report might set, and the loop that nbclient makes."""
    import matplotlib
    import numpy as np

    from kpi_lib.report.page.piece import style_anew

    folder, environment, path = Path.cwd(), dict(os.environ), list(sys.path)
    settings = matplotlib.rcParams.copy()
    drawn, numpy_drawn = random.getstate(), np.random.get_state()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        yield
    style_anew()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = path
    dict.update(matplotlib.rcParams, settings)
    random.setstate(drawn)
    np.random.set_state(numpy_drawn)
    with warnings.catch_warnings(), contextlib.suppress(RuntimeError):
        warnings.simplefilter("ignore")
        asyncio.get_event_loop().close()
    asyncio.set_event_loop(None)


def _seed() -> None:
    """Draw random numbers of its own, as a new process does."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def _limit_memory(extra: int) -> None:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return
    most = pages * resource.getpagesize() + extra
    limits = [each for each in resource.getrlimit(resource.RLIMIT_AS) if each >= 0]
    resource.setrlimit(resource.RLIMIT_AS, (min([most, *limits]),) * 2)


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill(pid: int) -> None:
    """Kill a process and its group."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _end_with(parent: int, by: signal.Signals) -> None:
    """Have this process ended with its parent by a signal; now, if that has gone already."""
    _prctl(_PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    """Ask Linux for a property of this process; elsewhere there is none of these."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
