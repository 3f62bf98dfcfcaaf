"""Disturb runs of `kpi report` at random moments, again and again, and see that nothing is lost.

    .venv/bin/python tests/kill_runs.py --times 1000 --seed 1

Each trial has a folder of its own. A run is disturbed at a random moment of its life, or as it
writes a file; then no process may be left, every file that can be seen is whole, and the same
command, run again, gives the files of an undisturbed run, byte for byte, without making again
what was done.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from disturbances import KINDS, Kind, mend, own_disk, strike, target, why_not
from quick_start import (
    Process,
    adopt_orphans,
    children,
    left_of,
    prepare,
    start_command,
    start_forked,
)
from small_report import FIGURE, TITLE, write_inputs

PATIENCE = 300.0
SOON = 5.0
"""Seconds within which every process of a run that was killed is gone."""

DRAFT = ".draft"
REPORTS = "reports"
COMMAND = ["report", "observations.csv", "-f", "small.yaml", "--notebook", "report.ipynb"]
START = {"forked": start_forked, "command": start_command}

NAMES = ["an-binh", "dong-ha", "hoa-lac", "x-y"]
SCORES = """\
import kpi_lib
from kpi_lib.analysis.robustness.kept import intervals
board = kpi_lib.scoreboard(data, framework)
print(intervals(board, period).loc[city].to_dict())"""
SLOW = "import subprocess, time\ntime.sleep(0.03)\nsubprocess.run(['sleep', '0.02'])"


@dataclass
class Trial:
    """What came of a trial: whether the run was hit, with what code it ended, what was wrong."""

    number: int
    kind: str
    start: str
    moment: str
    hit: bool = False
    code: int | None = None
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Life:
    """An undisturbed run: its files, and the seconds after which parts of it began and ended."""

    files: dict[str, bytes]
    scores: dict[str, bytes]
    warm: float
    cells: float
    idle: float
    end: float

    def span(self, kind: Kind) -> float:
        """Give the seconds for which what is to be disturbed is there."""
        begun = {"kernel": self.cells, "cells": self.cells, "warm": self.warm}
        return self.idle - begun[kind.who] if kind.who in begun else self.end


def set_up(place: Path) -> Path:
    """Write the inputs of a run into a folder."""
    write_inputs(place, [TITLE, SLOW, FIGURE, SCORES])
    cities = [f"{name},{name.title()},{name.title()}" for name in NAMES]
    (place / "cities.csv").write_text("\n".join(["city,name_vi,name_en", *cities, ""]))
    values = [f"{name},2024,A{j},{11 * i + 7 * j}" for i, name in enumerate(NAMES) for j in (1, 2)]
    (place / "observations.csv").write_text("\n".join(["city,period,indicator,value", *values, ""]))
    (place / "data" / "processed").mkdir(parents=True, exist_ok=True)
    for name in ("tmp", REPORTS):
        (place / name).mkdir(exist_ok=True)
    return place


def live(start: str, place: Path) -> Life:
    """Run undisturbed, and watch."""
    set_up(place)
    begun = time.monotonic()
    run = START[start]([*COMMAND, "--workers", "2"], place, place / "told")
    seen: dict[str, float] = {}
    while run.poll() is None:
        now = time.monotonic() - begun
        for pid in children(run.pid):
            seen.setdefault("warm", now)
            if children(pid):
                seen.setdefault("cells", now)
                seen["idle"] = now
        time.sleep(0.002)
    end = time.monotonic() - begun
    told = (place / "told").read_text()
    if run.returncode != 0 or left_of(os.getpid(), SOON):
        raise SystemExit(f"The undisturbed run failed ({run.returncode}): {told}")
    files, kept = files_of(place / REPORTS), files_of(place / "data" / "processed")
    scores = {name: without_place(content, place) for name, content in kept.items()}
    assert len([name for name in files if name.endswith(".html")]) == len(NAMES) + 2
    return Life(files, scores, end=end, **seen)


def without_place(kept: bytes, place: Path) -> bytes:
    """What a kept file says but for where it lies, which its checksum is of as well."""
    return kept.partition(b"\n")[2].replace(bytes(place), b"")


def files_of(folder: Path) -> dict[str, bytes]:
    """Give the files below a folder, but for the record of the run, which has times."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


def attempt(trial: Trial, kind: Kind, life: Life, base: Path, rng: Random) -> Trial:
    """Disturb a run, run again, and note every fault."""
    place = base / str(trial.number)
    place.mkdir()
    with ExitStack() as stack:
        stack.enter_context(own_disk(kind, place))
        if kind.linked:
            (place / "elsewhere").mkdir()
            (place / REPORTS).symlink_to("elsewhere")
        set_up(place)
        run = start(trial, place, "told", kind)
        try:
            wait_for_moment(trial, kind, life, rng, run, place)
            if kind.who == "another":
                trial.hit = run.poll() is None
                another = start(trial, place, "told-another", kind)
                if another.wait(PATIENCE):
                    told = (place / "told-another").read_text()
                    if another.returncode != 1 or "another run is writing here" not in told:
                        trial.faults.append(f"the other run ended with {another.returncode}")
            else:
                trial.hit = strike(kind, run, rng, place, patience=PATIENCE)
            trial.code = run.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            trial.faults.append("the run did not end")
            run.kill()
            run.wait()
        trial.faults += [f"left running: {name}" for name in left_of(os.getpid(), SOON)]
        told = (place / "told").read_text()
        trial.faults += [f"{fault} ({told!r})" for fault in said(trial, kind, told)]
        trial.faults += seen(place, life, kind.cut and trial.hit)
        if trial.code == 0 and not kind.place:
            trial.faults += complete(place, life)
        mend(kind, place)
        trial.faults += run_again(trial, place, life, kind)
    if not trial.faults:
        shutil.rmtree(place)
    return trial


def start(trial: Trial, place: Path, told: str, kind: Kind) -> Process:
    arguments = [*COMMAND, "--workers", "2"]
    if kind.before:
        return start_forked(arguments, place, place / told, kind.before)
    return START[trial.start](arguments, place, place / told)


def wait_for_moment(
    trial: Trial, kind: Kind, life: Life, rng: Random, run: Process, place: Path
) -> None:
    """Wait until a random moment, or until one of the files, drawn at random, is written."""
    if trial.moment == "any":
        while target(kind, run, rng) is None and run.poll() is None:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, life.span(kind)))
        return
    nth = rng.randint(1, 2 * len(NAMES) + 4)
    files: set[str] = set()
    while len(files) < nth and run.poll() is None:
        files |= set(_written(place))
        time.sleep(0.001)


def _written(place: Path) -> Iterator[str]:
    """Give the files and drafts that a run has written so far."""
    for folder in (place / REPORTS, place / "data" / "processed"):
        for path, folders, files in os.walk(folder):
            yield from (f"{path}/{name}" for name in files)
            yield from (f"{path}/{name}" for name in folders if DRAFT in name)


def said(trial: Trial, kind: Kind, told: str) -> Iterator[str]:
    """Check how the disturbed run ended, and what it said."""
    # A run may end well in the instant in which it is hit.
    expected = {*kind.ends, 0} if trial.hit else {0}
    if trial.code is not None and trial.code not in expected:
        yield f"the run ended with {trial.code}"
    if "Traceback" in told:
        yield "a traceback was shown"
    if kind.place and trial.code and not re.search(rf"{REPORTS}/\S+: .*\. \w+ .*\.", told):
        yield "the message does not name the file and what to do"


def seen(place: Path, life: Life, killed: bool) -> Iterator[str]:
    """Check that whatever a reader sees is whole."""
    for name, content in files_of(place / REPORTS).items():
        path = place / REPORTS / name
        if path.name == "filler" or (killed and DRAFT in path.name):
            continue
        if path.name == "index.html":
            page = content.decode()
            if not page.rstrip().endswith("</html>"):
                yield f"{name} is cut off"
            for link in re.findall(r'href="([^"#:]+)"', page):
                if not (path.parent / link).is_file():
                    yield f"{name} leads to {link}, which is not there"
        elif path.name == "summary.json":
            own, pages = without_pages(content)
            if own != without_pages(life.files[name])[0]:
                yield f"{name} is not what it should be"
            for page in pages:
                if not (path.parent / page).is_file():
                    yield f"{name} names {page}, which is not there"
        elif content != life.files.get(name):
            yield f"{name} is not what it should be"
    for record in (place / REPORTS).rglob("run.json"):
        json.loads(record.read_text())


def without_pages(content: bytes) -> tuple[dict[str, Any], list[str]]:
    """A summary without the names of the pages, and the names: a stopped run has made some."""
    summary = json.loads(content)
    pages = [city.pop("page") for city in summary["cities"]]
    return summary, [page for page in pages if page]


def complete(place: Path, life: Life) -> Iterator[str]:
    """Check that all files are there, and no others."""
    found = files_of(place / REPORTS)
    for name in sorted({*found, *life.files}):
        if found.get(name) != life.files.get(name):
            yield f"{name} differs from that of an undisturbed run"
    if len(list((place / REPORTS).rglob("run.json"))) != 1:
        yield "there is no run.json"


def run_again(trial: Trial, place: Path, life: Life, kind: Kind) -> Iterator[str]:
    """Run the command again, undisturbed, and check that it ends as if nothing had been."""
    before = {path: path.stat().st_ino for path in done(place, life)}
    again = start(trial, place, "told-again", kind)
    try:
        code = again.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        yield "the rerun did not end"
        again.kill()
        code = again.wait()
    told = (place / "told-again").read_text()
    if code or "Traceback" in told:
        yield f"the rerun ended with {code}: {told!r}"
    yield from (f"left running by the rerun: {name}" for name in left_of(os.getpid(), SOON))
    yield from complete(place, life)
    yield from seen(place, life, False)
    yield from (
        f"{path.name} was made again" for path in before if path.stat().st_ino != before[path]
    )
    scores = files_of(place / "data" / "processed")
    for name in sorted(scores):
        if without_place(scores[name], place) != life.scores.get(name):
            yield f"the kept scores have {name}"
    for path in (place / "data" / "processed").rglob(".*"):
        yield f"the kept scores have {path.name}"
    yield from (f"a temporary file is left: {path.name}" for path in (place / "tmp").iterdir())


def done(place: Path, life: Life) -> Iterator[Path]:
    """Give the pages of the reports that are there already."""
    for page in (place / REPORTS).glob("*/*/*/*.html"):
        notebook = page.with_suffix(".ipynb")
        name = str(page.relative_to(place / REPORTS))
        if notebook.is_file() and page.read_bytes() == life.files[name]:
            yield page


def run_trials(
    numbers: Iterable[int],
    seed: int,
    base: Path,
    kinds: Sequence[str],
    commands: float,
    tell: Callable[[Trial], None],
) -> list[Trial]:
    """Make some trials; ``commands`` is the share that starts the command itself."""
    adopt_orphans()
    base.mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        if reason := why_not(KINDS[kind]):
            print(f"{kind} is left out: {reason}", flush=True)
    prepare(set_up(base / "warm-up") / "report.ipynb")
    needed = ["forked"] * (commands < 1) + ["command"] * (commands > 0)
    lives = {start: live(start, base / start) for start in needed}
    for start, life in lives.items():
        parts = f"warm process {life.warm:.2f} s, cells {life.cells:.2f} to {life.idle:.2f} s"
        print(f"an undisturbed run, {start}: {parts}, end {life.end:.2f} s", flush=True)
    made = []
    for number in numbers:
        rng = Random(f"{seed} {number}")
        kind = kinds[number % len(kinds)]
        if why_not(KINDS[kind]):
            continue
        start = "command" if rng.random() < commands and not KINDS[kind].before else "forked"
        moment = "any" if rng.random() < 0.67 else "writing"
        trial = Trial(number, kind, start, moment)
        made.append(attempt(trial, KINDS[kind], lives[start], base, rng))
        tell(trial)
    return made


def table(trials: Sequence[Trial]) -> str:
    """Count, for each kind, how often it was tried, hit, and failed, and how the runs ended."""
    lines = [f"{'':24}{'tried':>7}{'hit':>7}{'failed':>8}  exit codes"]
    for kind in dict.fromkeys(trial.kind for trial in trials):
        own = [trial for trial in trials if trial.kind == kind]
        codes = Counter(str(trial.code) for trial in own)
        told = ", ".join(f"{code}: {n}" for code, n in sorted(codes.items()))
        hit, failed = sum(t.hit for t in own), sum(bool(t.faults) for t in own)
        lines.append(f"{kind:24}{len(own):7}{hit:7}{failed:8}  {told}")
    hit, failed = sum(t.hit for t in trials), sum(bool(t.faults) for t in trials)
    lines.append(f"{'all':24}{len(trials):7}{hit:7}{failed:8}")
    return "\n".join(lines)


def main() -> None:
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    asked.add_argument("--times", type=int, default=1000, help="how many trials")
    asked.add_argument("--first", type=int, default=0, help="the number of the first trial")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--kind", action="append", choices=list(KINDS), help="may be repeated")
    asked.add_argument("--commands", type=float, default=0.1, help="share started as a command")
    asked.add_argument("--seconds", type=float, default=1e9, help="begin no trial after these")
    asked.add_argument("--output", type=Path, help="a file of JSON lines for all trials")
    given = asked.parse_args()
    begun, trials = time.monotonic(), []

    def tell(trial: Trial) -> None:
        trials.append(trial)
        if trial.faults:
            faults = "\n    ".join(dict.fromkeys(trial.faults))
            what = f"{trial.kind}, {trial.start}, {trial.moment}"
            print(f"trial {trial.number} ({what}):\n    {faults}", flush=True)
        if len(trials) % 50 == 0:
            spent = time.monotonic() - begun
            failed = sum(bool(each.faults) for each in trials)
            print(f"{len(trials)} trials, {failed} failed, {spent:.0f} s", flush=True)
        if given.output:
            with given.output.open("a") as file:
                file.write(json.dumps(vars(trial)) + "\n")

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & has it ignored
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # disks are unmounted on the way out
    base = Path(tempfile.mkdtemp(prefix="kill-runs-"))
    print(f"seed {given.seed}, in {base}", flush=True)
    numbers = range(given.first, given.first + given.times)
    within = itertools.takewhile(lambda _: time.monotonic() - begun < given.seconds, numbers)
    run_trials(within, given.seed, base, given.kind or list(KINDS), given.commands, tell)
    print(table(trials))
    if any(trial.faults for trial in trials):
        sys.exit(1)
    shutil.rmtree(base)


if __name__ == "__main__":
    main()
