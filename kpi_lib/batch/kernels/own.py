"""Notebooks in kernels of their own: a new process for each, as any Jupyter would run them."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from pathlib import Path
from threading import Event, Thread, Timer
from types import MappingProxyType
from typing import Any, ClassVar
from weakref import WeakSet

from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode

from kpi_lib.batch.job import PASSING, TRIES, CityFailure, Job, Outcome
from kpi_lib.batch.kernels.limits import OUTPUT, size_of, too_much
from kpi_lib.batch.notebook import execute, publish, read_notebook
from kpi_lib.errors import refusal
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.words import numeral

_END = 3.0
"""Seconds in which what is under way must have ended where a run is stopped."""


class _Counted(AsyncZMQSocketChannel):
    """The channel of outputs, which kills the kernel once there are too many."""

    kernel: OwnKernel
    left = OUTPUT

    async def get_msg(  # type: ignore[override]
        self, *arguments: Any, **options: Any
    ) -> dict[str, Any]:
        """Give a message, and count it."""
        message = await super().get_msg(*arguments, **options)
        self.left -= size_of(message["content"])
        if self.left < 0:
            self.kernel.exceeded = True
            self.kernel.kill_now()
        return message


class OwnKernel(AsyncKernelManager):
    """Starts ipykernel under this very Python, reachable through files of this user only.

    Whatever kernel is installed elsewhere under the name ``python3`` is not asked.
    """

    running: ClassVar[WeakSet[OwnKernel]] = WeakSet()
    exceeded = False
    """Whether it put out more than it may, and was killed for it."""

    def __init__(self, **kwargs: Any) -> None:
        """Set the kernel and, where the system has them, sockets in files instead of ports."""
        super().__init__(**{**kwargs, "kernel_name": "python3"})
        self.kernel_spec_manager = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)
        self.place = tempfile.mkdtemp(prefix="kpi-")
        self.connection_file = str(Path(self.place) / "kernel.json")
        if hasattr(socket, "AF_UNIX"):
            self.transport = "ipc"
        self.running.add(self)

    def client(self, **options: Any) -> Any:
        """Give a client that counts what the kernel puts out."""
        client: Any = super().client(**options)
        client.iopub_channel_class = type("Counted", (_Counted,), {"kernel": self})
        return client

    def cleanup_connection_file(self) -> None:
        """Remove what the kernel was reached through."""
        super().cleanup_connection_file()
        shutil.rmtree(self.place, ignore_errors=True)

    def kill_now(self) -> None:
        """Kill the kernel's process, from any thread."""
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            process.kill()


def stop_kernels() -> None:
    """Kill every kernel that this process started: its notebook fails at once."""
    for kernel in list(OwnKernel.running):
        kernel.kill_now()


def run_notebook(
    notebook: NotebookNode,
    parameters: Mapping[str, Any],
    limit: float | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> NotebookNode:
    """Run a notebook in a new kernel; see :func:`kpi_lib.batch.notebook.execute`.

    ``limit`` is the most seconds that it may take, ``environment`` what its environment has
    beside what this process has.
    """
    city, late = str(parameters.get("city", "")), Event()
    kernels: list[OwnKernel] = []

    class Kernel(OwnKernel):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            kernels.append(self)

        async def start_kernel(self, **kw: Any) -> None:  # type: ignore[override]
            await super().start_kernel(
                env={**os.environ, "KPI_LANG": message_language(), **environment}, **kw
            )

    def stop() -> None:
        late.set()
        for kernel in kernels:
            kernel.kill_now()

    timer = Timer(limit or 0, stop)
    timer.daemon = True
    if limit:
        timer.start()
    try:
        return execute(
            notebook, parameters, kernel_manager_class=Kernel, shutdown_kernel="immediate"
        )
    except CityFailure as failure:
        if any(kernel.exceeded for kernel in kernels):
            raise CityFailure(city, "OutputLimit", too_much()) from None
        if late.is_set() and failure.error == "DeadKernel":
            raise _too_late(city, limit or 0) from None
        raise
    except RuntimeError as error:
        raise CityFailure(city, "NoKernel", str(error)) from None
    finally:
        timer.cancel()


def run_plain(
    notebook: Path,
    jobs: Sequence[Job],
    workers: int,
    limit: float | None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Outcome]:
    """Run the notebook for each job in a new kernel, ``workers`` at a time.

    Gives outcomes as they come. Whoever stops early stops all kernels.
    """
    source = read_notebook(notebook)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="report")
    futures: list[Future[Outcome]] = []
    try:
        futures = [pool.submit(_make, source, job, limit, environment) for job in jobs]
        for future in as_completed(futures):
            yield future.result()
    finally:
        for future in futures:
            future.cancel()
        # Again until all have ended: a kernel may still be starting. A page that is being written
        # is not waited for long: it appears whole or not at all.
        until = time.monotonic() + _END
        while under_way := [future for future in futures if not future.done()]:
            stop_kernels()
            if time.monotonic() > until:
                break
            wait(under_way, timeout=0.2)
        pool.shutdown(wait=False)


def _publish(job: Job, executed: NotebookNode, limit: float | None, started: float) -> None:
    """Write the files of a report; no longer than ``limit`` seconds after it was started.

    A thread cannot be ended: one that is late goes on until this process ends, and writes nothing.
    """
    late, done = Event(), Future[None]()

    def work() -> None:
        try:
            publish(job, executed, late)
            done.set_result(None)
        except BaseException as error:  # is raised where it is waited for
            done.set_exception(error)

    Thread(target=work, daemon=True).start()
    if not wait([done], limit and max(0.0, started + limit - time.monotonic())).done:
        late.set()
        raise _too_late(job.city, limit or 0)
    done.result()


def _too_late(city: str, limit: float) -> CityFailure:
    return CityFailure(city, "TimeLimit", msg("not done in {limit} s", limit=numeral(limit)))


def _make(
    notebook: NotebookNode, job: Job, limit: float | None, environment: Mapping[str, str]
) -> Outcome:
    begun = time.monotonic()
    failure = None
    for _ in range(TRIES):
        started = time.monotonic()
        try:
            executed = run_notebook(notebook, job.parameters, limit, environment)
            _publish(job, executed, limit, started)
            failure = None
        except CityFailure as error:
            failure = error
        except OSError as error:
            failure = CityFailure(job.city, "OSError", refusal(error))
        if failure is None or failure.error not in PASSING:
            break
    return Outcome(job, time.monotonic() - begun, failure)
