"""Making the reports that were planned, and the lists that lead to them."""

from __future__ import annotations

import os
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from typing import Any

from kpi_lib.batch.files.forms import PDF
from kpi_lib.batch.files.printed import NOT_PRINTED, Printer, printed
from kpi_lib.batch.files.seal import made_from
from kpi_lib.batch.job import CityFailure, Job, Outcome
from kpi_lib.batch.kernels.launch import GIGABYTE, Kind, run_jobs
from kpi_lib.batch.plan import Batch
from kpi_lib.batch.provenance import with_provenance
from kpi_lib.batch.record import Record
from kpi_lib.batch.site import INDEX, write_index, write_sets
from kpi_lib.io.store import only_one, remove_drafts
from kpi_lib.locale.catalogue import msg


def run(
    batch: Batch,
    wanted: Collection[str] | None = None,
    record: Record | None = None,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    kind: Kind = "auto",
    limit: float = 600.0,
    memory: int = 2 * GIGABYTE,
    printer: Printer | None = None,
) -> Generator[Outcome]:
    """Make the reports of the ``wanted`` cities of a plan (of all), and at the end the lists.

    ``workers`` are made at a time, each in at most ``limit`` seconds and ``memory`` bytes; with
    the address of a Dask ``scheduler``, as many as its workers have threads. Gives outcomes as
    they come; a city that fails does not stop the others. Who stops early loses only what is
    under way. ``record`` takes the outcomes and is written beside the reports. With a
    ``printer``, pages that lead to a PDF are printed, and so is the list; where ``wanted`` says
    that a city lacks nothing else, its page is printed as it stands.
    """
    jobs, standing = _lacking(batch, wanted)
    settled = {job.city for job in (*jobs, *standing)}.union(record.kept if record else ())
    looked_at = [job for job in batch.jobs if job.city in settled]
    jobs = with_provenance(batch.board, batch.notebook, jobs)
    failed: dict[str, CityFailure] = {}
    limits: Any = {"kind": kind, "seconds": limit, "memory": memory}

    def start(holder: int | None) -> Generator[Outcome]:
        if not scheduler:
            return run_jobs(batch.notebook, jobs, workers or cores(), hold=holder, **limits)
        from kpi_lib.batch.cluster.dask import run_on_cluster

        return run_on_cluster(scheduler, batch.board, batch.notebook, jobs, **limits)

    with only_one(batch.folder) as holder:
        remove_drafts(batch.folder)
        if not (batch.output / INDEX).is_file():  # every other list leads to it
            _write_sets(batch)
        made = start(holder)
        if printer:
            made = printed(made, standing, printer, workers or cores())
        complete = False
        try:
            with closing(made) as outcomes:
                for outcome in chain(outcomes, _lost(looked_at, failed)):
                    if outcome.failure:
                        failed[outcome.job.city] = outcome.failure
                    if record:
                        record.add(outcome)
                    yield outcome
            complete = True
        finally:
            unprinted = _write_lists(batch, failed, record, printer if complete else None)
        if unprinted:
            yield unprinted


def _lacking(batch: Batch, wanted: Collection[str] | None) -> tuple[list[Job], list[Job]]:
    """Tell the reports that are to be made from those that only lack their PDF."""
    jobs = [job for job in batch.jobs if wanted is None or job.city in wanted]
    if not isinstance(wanted, Mapping):
        return jobs, []
    standing = [job for job in jobs if list(wanted[job.city]) == [PDF]]
    return [job for job in jobs if job not in standing], standing


def _lost(jobs: Sequence[Job], failed: Collection[str]) -> Iterator[Outcome]:
    """Look at the files of all that is said to be made; what a notebook took away has failed."""
    made = [job for job in jobs if job.city not in failed]
    there = made_from(made)
    for job in made:
        if there.get(job.city) != job.inputs:
            said = msg("a file of the report is gone or changed: see what the notebooks remove")
            yield Outcome(job, 0.0, CityFailure(job.city, "NoReport", said))


def _write_lists(
    batch: Batch,
    failed: Mapping[str, CityFailure],
    record: Record | None,
    printer: Printer | None,
) -> Outcome | None:
    """Write the index of a set, the list of sets and the record, as far as the run has come."""
    remove_drafts(batch.folder)
    others = sorted({lang for job in batch.jobs for lang in job.others})
    without_page = {
        city: str(failure)
        for city, failure in failed.items()
        if failure.error != NOT_PRINTED  # then the page is there
    }
    unprinted = write_index(
        batch.board, batch.folder, batch.lang, batch.periods, without_page, others, printer
    )
    if unprinted and record:
        record.add(unprinted)
    _write_sets(batch)
    if record:
        record.write(batch.folder)
    return unprinted


def _write_sets(batch: Batch) -> None:
    """Write the list of sets, one run at a time: those of other sets write the same."""
    with only_one(batch.output):
        remove_drafts(batch.output)
        write_sets(batch.output)


def cores() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
