"""Runs that are killed, stopped, or find the disk full: nothing is lost, nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from commands import REPORT
from disturbances import KINDS, why_not
from processes import processes, until
from small_report import TITLE, write_inputs

from kpi_lib.batch.kernels.launch import can_fork

pytestmark = pytest.mark.skipif(not can_fork(), reason="warm kernels need Linux")

LOOP = Path(__file__).parents[1] / "kill_runs.py"
Turn = Callable[[int], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Turn:
    """A turn of the loop of disturbed runs, each kind once; by hand it can run a thousand times."""

    @cache
    def trials(number: int) -> list[dict[str, Any]]:
        folder = tmp_path_factory.mktemp("kills")
        first = str(number * len(KINDS))
        asked = ["--first", first, "--times", str(len(KINDS)), "--seed", "5", "--commands", "0"]
        environment = {**os.environ, "TMPDIR": str(folder)}
        command = [sys.executable, LOOP, *asked, "--output", folder / "trials"]
        subprocess.run(command, env=environment, check=False)
        return [json.loads(line) for line in (folder / "trials").read_text().splitlines()]

    return trials


@pytest.mark.parametrize("number", [0, pytest.param(1, marks=pytest.mark.system)])
@pytest.mark.parametrize("kind", KINDS)
def test_after_a_run_is_disturbed_another_ends_as_if_nothing_had_been(
    turn: Turn, kind: str, number: int
) -> None:
    if reason := why_not(KINDS[kind]):
        pytest.skip(reason)
    own = [trial for trial in turn(number) if trial["kind"] == kind]
    assert [trial["faults"] for trial in own] == [[]]


@pytest.mark.system
def test_most_runs_are_hit(turn: Turn) -> None:
    trials = [*turn(0), *turn(1)]
    assert sum(trial["hit"] for trial in trials) > len(trials) / 2


STARTS_MORE = """\
import pathlib, subprocess, time
subprocess.Popen(["sleep", {seconds!r}], start_new_session=True)
pathlib.Path(city + ".begun").touch()
time.sleep(600)"""


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGTERM, 143, "Stopped.\n"), (signal.SIGKILL, -9, "")],
)
def test_a_run_that_ends_takes_along_all_that_its_notebooks_have_started(
    tmp_path: Path, number: int, code: int, said: str
) -> None:
    seconds = f"86400.{os.getpid()}{number}"
    write_inputs(tmp_path, [TITLE, STARTS_MORE.format(seconds=seconds)])
    kpi = Path(sys.executable).with_name("kpi")
    command = [kpi, *REPORT, "--workers", "2", "--period", "2024"]
    run = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    sleeping = f"^sleep {seconds}$"
    until(lambda: len(list(tmp_path.glob("*.begun"))) == 2)
    assert len(processes(sleeping)) == 2
    begun = time.monotonic()
    run.send_signal(number)
    _, told = run.communicate(timeout=30)
    assert time.monotonic() - begun < 5
    assert (run.returncode, told) == (code, said)
    until(lambda: not processes(sleeping), seconds=5)
    assert not list((tmp_path / "reports").rglob("*.draft"))


WRITES_A_WORKBOOK = """\
import os, signal
from openpyxl import Workbook
from kpi_lib.cli.base import Commands, Command
sheet = Workbook(write_only=True).create_sheet()
def write():
    sheet.append(["one"])  # begins a temporary file
    assert os.listdir(os.environ["TMPDIR"])
    os.kill(os.getpid(), signal.SIGTERM)
Commands("kpi", {"write": Command("write", callback=write)}).main(["write"])
"""


def test_a_run_that_is_told_to_end_takes_its_temporary_files_along(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "KPI_LANG": "en"}
    command = [sys.executable, "-c", WRITES_A_WORKBOOK]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (143, "Stopped.\n")
    assert not list(tmp_path.iterdir())
