"""Pages printed into PDF by Chromium, a process for each."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

from kpi_lib.batch.files.forms import MARK_LENGTH, PDF
from kpi_lib.batch.files.seal import inputs_mark, resealed
from kpi_lib.batch.job import TRIES, CityFailure, Job, Outcome
from kpi_lib.errors import refusal
from kpi_lib.io.store import write_whole
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import numeral

NAMED = "KPI_CHROMIUM"
"""The environment variable that names another browser."""

NOT_PRINTED = "NotPrinted"

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
    # where they are on macOS and Windows, which have them on no PATH
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
# What leads to other files would be written with the path of this machine.
_LOCAL_LINK = re.compile(r'<a href="(?!https?:|mailto:|#)[^"]*"')
_DATE = re.compile(rb"/(CreationDate|ModDate) \(D:[^)]*\)")
_LINK = '<a href="{name}" download>PDF</a>'


def browser() -> str | None:
    """The Chromium that prints: that of ``KPI_CHROMIUM``, or the first that is found."""
    named = os.environ.get(NAMED)
    return next(filter(None, map(shutil.which, [named] if named else _NAMES)), None)


@dataclass(frozen=True)
class Printer:
    """Prints pages with a browser, each in at most so many ``seconds``.

    Once ``stopped`` is set, what is under way is ended.
    """

    browser: str
    seconds: float = 600.0
    stopped: Event = field(default_factory=Event)

    def pdf(self, html: str, mark: str, name: str = "") -> bytes:
        """Print a page.

        Parameters
        ----------
        html
            The page, which needs no other file.
        mark
            What it is made from (:func:`kpi_lib.batch.files.forms.mark_of`).
        name
            Whose page it is, for the failure.

        Returns
        -------
        bytes
            A tagged PDF with an outline; the same page gives the same bytes.

        Raises
        ------
        CityFailure
            Where the browser makes no PDF, in two tries.
        """
        for _ in range(1, TRIES):
            with suppress(CityFailure):
                return self._pdf(html, mark, name)
        return self._pdf(html, mark, name)

    def _pdf(self, html: str, mark: str, name: str) -> bytes:
        with tempfile.TemporaryDirectory(prefix="kpi-", ignore_cleanup_errors=True) as folder:
            page, made = Path(folder, "page.html"), Path(folder, "page.pdf")
            page.write_text(_LOCAL_LINK.sub("<a", html), encoding="utf-8")
            said = self._run(
                [
                    self.browser,
                    *_OPTIONS,
                    # Chromium runs in no sandbox of its own where root starts it.
                    *["--no-sandbox"] * (getattr(os, "geteuid", lambda: 1)() == 0),
                    f"--user-data-dir={Path(folder, 'profile')}",
                    f"--print-to-pdf={made}",
                    page.as_uri(),
                ],
                Path(folder, "said"),
                name,
            )
            if not made.is_file():
                lines = [line for line in said.splitlines() if line.strip()] or ["–"]
                told = msg("{browser} made no PDF ({error})", browser=self.browser, error=lines[-1])
                raise CityFailure(name, NOT_PRINTED, told)
            return _dated_by(made.read_bytes(), mark)

    def _run(self, command: Sequence[str], log: Path, name: str) -> str:
        """Run the browser and give what it says; it ends with all that it has started."""
        with log.open("wb") as said:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
            try:
                end = time.monotonic() + self.seconds
                while process.poll() is None and not self.stopped.is_set():
                    if time.monotonic() > end:
                        late = msg("not done in {seconds} s", seconds=numeral(self.seconds))
                        raise CityFailure(name, NOT_PRINTED, late)
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(0.2)
            finally:
                _end(process)
        return log.read_text(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()  # what it has started ends with it
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _dated_by(pdf: bytes, mark: str) -> bytes:
    """Put the mark in the place of the dates: no byte of a PDF may move."""
    assert len(mark) <= MARK_LENGTH
    kept = iter([f"/MadeFrom ({mark})".encode()])
    return _DATE.sub(lambda date: next(kept, b"").ljust(len(date[0])), pdf, count=2)


def printed(
    outcomes: Generator[Outcome], standing: Sequence[Job], printer: Printer, workers: int
) -> Generator[Outcome]:
    """Print the page of each outcome, and those that are ``standing`` already.

    Gives outcomes as they come. Who stops early ends all that runs.
    """
    printer = replace(printer, stopped=Event())  # that of this run: the next has its own
    pool = ThreadPoolExecutor(workers, "print")
    try:
        waiting = {pool.submit(_print, Outcome(job, 0.0), printer) for job in standing}
        for outcome in outcomes:
            if outcome.failure or PDF not in outcome.job.forms:
                yield outcome
            else:
                waiting.add(pool.submit(_print, outcome, printer))
            done: set[Future[Outcome]] = {future for future in waiting if future.done()}
            waiting -= done
            yield from (future.result() for future in done)
        yield from (future.result() for future in as_completed(waiting))
    finally:
        printer.stopped.set()
        pool.shutdown(cancel_futures=True)


def _print(outcome: Outcome, printer: Printer) -> Outcome:
    """Print a page; one that cannot be printed no longer leads to its PDF, and is due again."""
    job, begun = outcome.job, time.monotonic()
    failure: Any = None
    try:
        page = job.page.read_text(encoding="utf-8")
        try:
            write_whole(job.file(PDF), printer.pdf(page, job.mark, job.city))
        except CityFailure as error:
            failure = error
            if not printer.stopped.is_set():
                write_whole(job.page, resealed(_without_pdf(page, job)))
    except OSError as error:
        failure = CityFailure(job.city, NOT_PRINTED, refusal(error))
    seconds = outcome.seconds + time.monotonic() - begun
    return replace(outcome, seconds=seconds, failure=failure)


def _without_pdf(page: str, job: Job) -> str:
    due = re.sub(r"\bpage:\w+", "page:not-printed", job.inputs)
    page = page.replace(inputs_mark(job.inputs), inputs_mark(due))
    return page.replace(_LINK.format(name=job.file(PDF).name), "")
