"""Starting `kpi report` many times: as a command, or forked from a process that has imported it.

Most of the life of a short run is imports, in which nothing is written. A forked start goes
through the same code, in processes as many and as separate as those of the command.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

COMMAND = Path(sys.executable).with_name("kpi")
_NURSERY = "from kpi_lib.batch.kernels.warm import main; main()"
_PR_SET_CHILD_SUBREAPER = 36


class Process:
    """A process that was started, by its number."""

    returncode: int | None = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float = 3600.0) -> int:
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.001)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def start_command(arguments: Sequence[str], folder: Path, told: Path) -> Process:
    """Start the command in a folder; what it says goes to a file."""
    with told.open("w") as file:
        started = subprocess.Popen(
            [COMMAND, *arguments],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    started.returncode = 0  # it is waited for here, not there
    return Process(started.pid)


def start_forked(
    arguments: Sequence[str], folder: Path, told: Path, before: Callable[[], None] | None = None
) -> Process:
    """Do the same in a fork of this process, after :func:`prepare`, and ``before`` in it first."""

    def command() -> None:
        from kpi_lib.cli.main import main

        if before:
            before()
        os.chdir(folder)
        with told.open("w") as file, open(os.devnull) as nothing:
            for number, end in enumerate((nothing, file, file)):
                os.dup2(end.fileno(), number)
        os.environ.update(environment(folder))
        tempfile.tempdir = None
        main(list(arguments))

    return _fork(command)


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "TMPDIR": str(folder / "tmp"),
        "KPI_CACHE": str(folder / "data" / "processed"),
        "COLUMNS": "200",
    }


def prepare(notebook: Path) -> None:
    """Import what runs import, and let the warm process be a fork that warms up by ``notebook``."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"  # a fork has no threads but its own
    import nbconvert  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    import kpi_lib.batch.fingerprint
    import kpi_lib.batch.kernels.inprocess
    import kpi_lib.batch.kernels.launch
    import kpi_lib.batch.kernels.warm
    import kpi_lib.batch.notebook
    import kpi_lib.batch.plan
    import kpi_lib.cli.main
    import kpi_lib.io.library
    import kpi_lib.scoring.cache

    for name in kpi_lib.__all__:  # of which many are imported when they are first used
        getattr(kpi_lib, name)
    kpi_lib.batch.fingerprint.library()
    kpi_lib.io.library.library()
    kpi_lib.batch.kernels.warm.default_notebook = lambda: notebook  # type: ignore[attr-defined]
    own = SimpleNamespace(**{name: getattr(subprocess, name) for name in subprocess.__all__})
    own.Popen = _popen
    kpi_lib.batch.kernels.launch.subprocess = own  # type: ignore[attr-defined]


def _popen(
    command: Sequence[str],
    env: Mapping[str, str],
    pass_fds: Sequence[int],
    start_new_session: bool,
    stdin: int,
) -> Process:
    """Fork where the warm process would be started, and leave it what it would have."""
    assert _NURSERY in command
    assert start_new_session
    assert stdin == subprocess.DEVNULL

    def warm() -> None:
        from kpi_lib.batch.kernels import warm as nursery
        from kpi_lib.scoring import cache as processed

        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with open(os.devnull) as nothing:
            # Whoever owns a file here may still close its number, which must then be no other's.
            for number in map(int, os.listdir("/proc/self/fd")):
                if number not in (1, 2, *pass_fds, nothing.fileno()):
                    os.dup2(nothing.fileno(), number)
        os.environ.update(env)
        sys.argv = ["-c", *command[command.index(_NURSERY) + 1 :]]
        processed._recent.clear()
        nursery.main()

    return _fork(warm)


def _fork(run: Callable[[], None]) -> Process:
    """Run a function in a process of its own, which ends with it as Python does."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Process(pid)
    _end(run)


def _end(run: Callable[[], None]) -> NoReturn:
    code: Any = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        run()
        code = 0
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        traceback.print_exc()
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else code is not None)


def adopt_orphans() -> None:
    """Become the parent of every process below this one that loses its own."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(pid: int) -> list[int]:
    """The children of a process that have not ended."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            listed = Path(f"/proc/{pid}/task/{task}/children").read_text()
            found += [int(number) for number in listed.split()]
    return [number for number in found if _lives(number)]


def _lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def left_of(mine: int, within: float) -> list[str]:
    """The processes below this one that are still there after some seconds, by what they run."""
    deadline = time.monotonic() + within
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not (left := _below(mine)) or time.monotonic() > deadline:
            return [f"{pid} {_name(pid)}" for pid in left]
        time.sleep(0.01)


def _below(pid: int) -> list[int]:
    direct = children(pid)
    return [*direct, *(deeper for child in direct for deeper in _below(child))]


def _name(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    return "?"
