"""Making reports on the workers of a Dask cluster.

Each city is a task, and what all cities need is one more: the scores and the notebook, which Dask
takes to every worker once, keeps there while the run lasts, and makes again where they are lost.
With them live the worker's warm kernels. The files go straight from the worker to their place.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, cast

from kpi_lib.batch.cluster.worker import Order, Workbench, end, inspect, make, pack
from kpi_lib.batch.fingerprint import library
from kpi_lib.batch.job import CityFailure, Job, Outcome
from kpi_lib.batch.kernels.launch import Kind
from kpi_lib.errors import InputError, needs_extra
from kpi_lib.io.store import is_remote, mark
from kpi_lib.locale.catalogue import msg
from kpi_lib.scoring.scoreboard import Scoreboard

ANSWER, WORKERS = 5, 30
"""Seconds in which a scheduler must answer, and in which it must have a worker."""
_TICK, _RESULT = 2, 60


def run_on_cluster(
    scheduler: str,
    board: Scoreboard,
    notebook: Path,
    jobs: Sequence[Job],
    *,
    kind: Kind,
    seconds: float,
    memory: int,
) -> Generator[Outcome]:
    """Run the notebook for each job on the workers of a scheduler; outcomes as they come.

    ``scheduler`` is an address such as ``tcp://host:8786``; the rest is as in
    :func:`kpi_lib.batch.kernels.launch.run_jobs`. What a worker that dies had under way
    is given to another. Raises :class:`InputError` where the scheduler does not answer or has
    no workers, or where a worker has another kpi-lib or does not see the folder of the
    reports. Whoever stops early ends everything that runs.
    """
    if not jobs:
        return
    order = Order(
        run=secrets.token_hex(8),
        library=library(),
        notebook=notebook.name,
        parts=pack(board, notebook, jobs[0].parameters),
        kind=kind,
        seconds=seconds,
        memory=memory,
    )
    with _connected(scheduler) as client:
        _check_workers(client, scheduler, jobs[0].stem.parent)
        yield from _Run(client, scheduler, order, jobs).outcomes()


@contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    with needs_extra("dask"):
        from distributed import Client
    try:
        asyncio.run(_answer(scheduler))
    except (OSError, ValueError) as error:
        raise InputError(
            msg(
                "{scheduler}: no Dask scheduler answers there ({error}). Start one with "
                "`dask scheduler`, and give the address that it prints, such as "
                "tcp://host:8786.",
                scheduler=scheduler,
                error=error,
            )
        ) from None
    client: Any = cast(Any, Client)(scheduler, timeout=ANSWER, set_as_default=False)
    try:
        yield client
    finally:
        client.close(timeout=_TICK)


async def _answer(scheduler: str) -> None:
    """Have an answer from a scheduler; a client that gets none is long in giving up."""
    from distributed.comm.core import connect
    from distributed.security import Security

    security: Any = cast(Any, Security)().get_connection_args("client")
    comm: Any = await cast(Any, connect)(scheduler, timeout=ANSWER, **security)
    await comm.close()


def _check_workers(client: Any, scheduler: str, folder: Path) -> None:
    """Raise an error that names each worker on which reports cannot be made as here."""
    try:
        client.wait_for_workers(1, timeout=WORKERS)
    except TimeoutError:
        raise InputError(
            msg(
                "{scheduler}: the scheduler has no workers after {seconds} s. Start "
                "some: dask worker {scheduler}",
                scheduler=scheduler,
                seconds=WORKERS,
            )
        ) from None
    if is_remote(folder):
        found = client.run(inspect, folder, "", on_error="return")
    else:
        with mark(folder) as sign:
            found = client.run(inspect, folder.absolute(), sign, on_error="return")
    faults = []
    for worker, answer in sorted(found.items()):
        if isinstance(answer, BaseException):
            faults.append(
                msg(
                    "worker {worker} cannot make reports ({name}: {answer}).",
                    worker=worker,
                    name=type(answer).__name__,
                    answer=answer,
                )
            )
        elif answer["library"] != library():
            faults.append(
                msg(
                    "worker {worker} has {answer}, this machine {inspect}. Install the same "
                    "kpi-lib, packages and Python on both.",
                    worker=worker,
                    answer=_versions(answer),
                    inspect=_versions(inspect()),
                )
            )
        elif answer["fault"] == "hidden":
            faults.append(
                msg(
                    "worker {worker} does not see {folder}. Give -o a folder that all machines "
                    "share under one name, or a URL such as s3://bucket/reports.",
                    worker=worker,
                    folder=folder.absolute(),
                )
            )
        elif answer["fault"] == "closed":
            faults.append(
                msg(
                    "worker {worker} may not write into {folder}. Give the one who started it the "
                    "right to.",
                    worker=worker,
                    folder=folder.absolute(),
                )
            )
    if faults:
        raise InputError("\n".join(faults))


def _versions(about: dict[str, str]) -> str:
    return msg(
        "kpi-lib {version} ({library}, Python {python})",
        version=about["version"],
        library=about["library"][:8],
        python=about["python"],
    )


class _Run:
    """The tasks of a run, from outside."""

    def __init__(self, client: Any, scheduler: str, order: Order, jobs: Sequence[Job]) -> None:
        self._client, self._scheduler, self._order = client, scheduler, order
        self._jobs = {f"kpi-{order.run}-{job.city}": job for job in jobs}
        self._done: SimpleQueue[Any] = SimpleQueue()
        self._seen = time.monotonic()

    def outcomes(self) -> Iterator[Outcome]:
        """Give outcomes as they come; end everything when this ends."""
        from dask import config

        # It goes to each worker once, so that its size (11 MB for 862 cities) is no cause to warn.
        with cast(Any, config).set({"distributed.admin.large-graph-warning-threshold": "1GiB"}):
            bench = self._client.submit(Workbench, self._order, key=f"kpi-{self._order.run}")
        jobs = [job if is_remote(job.stem) else _absolute(job) for job in self._jobs.values()]
        futures = self._client.map(make, jobs, bench=bench, key=list(self._jobs), pure=False)
        under_way = {future.key: future for future in futures}
        del futures  # a future that is kept keeps its result on the scheduler
        try:
            for future in under_way.values():
                future.add_done_callback(self._done.put)
            while under_way:
                try:
                    future = self._done.get(timeout=_TICK)
                except Empty:
                    self._look_round()
                    continue
                try:
                    outcome = self._outcome(future)
                except TimeoutError:  # its worker died with the result: it is made again
                    future.add_done_callback(self._done.put)
                    continue
                del under_way[future.key]
                yield outcome
        finally:
            with suppress(Exception):  # a scheduler that has gone has nothing to end
                self._client.cancel(list(under_way.values()))
                self._client.run(end, self._order.run, on_error="ignore")

    def _outcome(self, future: Any) -> Outcome:
        from distributed import KilledWorker

        job = self._jobs[future.key]
        if future.status == "cancelled":
            raise self._gone()
        try:
            outcome: Outcome = future.result(timeout=_RESULT)
        except TimeoutError:
            raise
        except InputError:
            raise
        except KilledWorker as error:
            said = msg(
                "{allowed_failures} workers died while they made this report",
                allowed_failures=error.allowed_failures + 1,
            )
            return Outcome(job, 0.0, CityFailure(job.city, "KilledWorker", said))
        except Exception as error:
            return Outcome(job, 0.0, CityFailure(job.city, type(error).__name__, str(error)))
        return replace(outcome, job=job)

    def _look_round(self) -> None:
        """Stop where there has been no worker for a while, as nothing will come any more."""
        now = time.monotonic()
        with suppress(OSError, TimeoutError):
            if self._client.nthreads():
                self._seen = now
        if now - self._seen > WORKERS:
            raise self._gone()

    def _gone(self) -> InputError:
        return InputError(
            msg(
                "{scheduler}: the scheduler or its workers have gone. What is made "
                "stays; give the same command again when they are back.",
                scheduler=self._scheduler,
            )
        )


def _absolute(job: Job) -> Job:
    return replace(job, stem=job.stem.absolute())
