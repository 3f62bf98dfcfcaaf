"""Other processes of this machine: which there are, and waiting for what they do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

LONG = 120.0
"""Seconds; far more than anything takes, even where the machine has much else to do."""


def processes(mark: str) -> list[str]:
    """The processes of this machine that have a pattern in their command line, but for this one."""
    found = subprocess.run(["pgrep", "-fa", mark], capture_output=True, text=True, check=False)
    lines = [line for line in found.stdout.splitlines() if "pgrep" not in line]
    return [line for line in lines if line.split()[0] != str(os.getpid())]


def until(true: Callable[[], object], seconds: float = LONG) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.05)


def start_python(code: str, *rooms: str) -> subprocess.Popen[bytes]:
    """Start a Python that finds what tests share, and the tests of some rooms."""
    tests = Path(__file__).parent
    paths = [str(tests), *(str(tests / room) for room in rooms)]
    return subprocess.Popen([sys.executable, "-c", f"import sys; sys.path[:0] = {paths}\n{code}"])
