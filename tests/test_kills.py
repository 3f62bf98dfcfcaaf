"""Runs that are killed, stopped, or find the disk full: nothing is lost, nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from disturbances import KINDS, why_not
from small_report import TITLE, write_inputs

from kpi_lib.batch.kernels.launch import can_fork

pytestmark = pytest.mark.skipif(not can_fork(), reason="warm kernels need Linux")

LOOP = Path(__file__).with_name("kill_runs.py")
EACH = 2


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """A few turns of the loop of disturbed runs, which can be run a thousand times by hand."""
    folder = tmp_path_factory.mktemp("kills")
    asked = ["--times", str(EACH * len(KINDS)), "--seed", "5", "--commands", "0"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    command = [sys.executable, LOOP, *asked, "--output", folder / "trials"]
    subprocess.run(command, env=environment, check=False)
    return [json.loads(line) for line in (folder / "trials").read_text().splitlines()]


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_run_is_disturbed_another_ends_as_if_nothing_had_been(
    trials: list[dict[str, Any]], kind: str
) -> None:
    if reason := why_not(KINDS[kind]):
        pytest.skip(reason)
    own = [trial for trial in trials if trial["kind"] == kind]
    assert [trial["faults"] for trial in own] == [[]] * EACH


def test_most_runs_are_hit(trials: list[dict[str, Any]]) -> None:
    assert sum(trial["hit"] for trial in trials) > len(trials) / 2


STARTS_MORE = """\
import pathlib, subprocess, time
subprocess.Popen(["sleep", {seconds!r}], start_new_session=True)
pathlib.Path(city + ".begun").touch()
time.sleep(600)"""


def running(mark: str) -> list[str]:
    found = subprocess.run(["pgrep", "-fx", mark], capture_output=True, text=True, check=False)
    return found.stdout.split()


def gone(mark: str, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while running(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not running(mark)


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGTERM, 143, "Stopped.\n"), (signal.SIGKILL, -9, "")],
)
def test_a_run_that_ends_takes_along_all_that_its_notebooks_have_started(
    tmp_path: Path, number: int, code: int, said: str
) -> None:
    seconds = f"86400.{os.getpid()}{number}"
    write_inputs(tmp_path, [TITLE, STARTS_MORE.format(seconds=seconds)])
    command = [
        *(Path(sys.executable).with_name("kpi"), "report", "observations.csv", "-f", "small.yaml"),
        *("--notebook", "report.ipynb", "--workers", "2", "--period", "2024"),
    ]
    run = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while len(list(tmp_path.glob("*.begun"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(running(f"sleep {seconds}")) == 2
    begun = time.monotonic()
    run.send_signal(number)
    _, told = run.communicate(timeout=30)
    assert time.monotonic() - begun < 5
    assert (run.returncode, told) == (code, said)
    assert gone(f"sleep {seconds}")
    assert not list((tmp_path / "reports").rglob("*.draft"))
