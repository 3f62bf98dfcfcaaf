"""How reading, checking, scoring and reporting grow with the number of places.

    .venv/bin/python benchmarks/country.py [--full] [--only read scored bad growth reports cluster]

Without --full, a fifth of the places or fewer: some minutes, 2 GB. Figures are DEMO, made from
seeds (made_up.py). Each measurement has processes of its own; seconds are of the processors, as
another load on the machine moves them less than the clock, and memory is the most that was
resident. The marks are those of --full on an idle machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from batch import FRAMEWORK, measure, prepared
from made_up import BAD, BESIDE, make_bad, make_bad_beside, make_framework, make_panel

# The same reading and arithmetic in pyarrow and numpy alone: codes, duplicates, range, jumps.
BOUND = """
import sys, numpy as np, pyarrow as pa
from pyarrow import parquet
begin()
names = ["city", "indicator", "period"]
table = parquet.read_table(sys.argv[1], read_dictionary=names)
key, value = np.zeros(table.num_rows, dtype=np.int64), table["value"].to_numpy()
for name in names:
    column = table[name].unify_dictionaries().combine_chunks()
    texts = column.dictionary.to_numpy(zero_copy_only=False).astype(str)
    key = key * len(texts) + np.argsort(np.argsort(texts))[column.indices.to_numpy()]
twice = (np.bincount(key) > 1).sum()
outside = ((value < 0) | (value > 100)).sum()
order = np.argsort(key, kind="stable") if twice else np.empty(len(key), dtype=np.intp)
if not twice:
    order[key] = np.arange(len(key))
value, series = value[order], key[order] // len(texts)
jumps = ((np.abs(np.diff(value)) > 50) & (series[1:] == series[:-1])).sum()
end()
"""
READ = """
import sys, kpi_lib as kpi
framework = kpi.load_framework(sys.argv[2]); kpi.read_observations
begin()
kpi.read_observations(sys.argv[1], framework)
end()
"""
SCORED = """
import sys, kpi_lib as kpi
framework = kpi.load_framework(sys.argv[2]); kpi.score
begin()
board = kpi.score(kpi.read_observations(sys.argv[1], framework), framework)
board.points["TOTAL"].mean()
end()
"""
INDEX = """
import sys, kpi_lib as kpi
from pathlib import Path
from kpi_lib.batch.site import write_index
board = kpi.scoreboard(*sys.argv[1:3])
Path("index").mkdir(exist_ok=True)
begin()
write_index(board, Path("index"), "vi", dict(board.latest), {})
end()
"""
TIMED = """
import json, resource, time
def begin():
    global begun
    begun = time.process_time()
def end():
    cpu, most = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([cpu, most / 2**20]))
"""
Cost = tuple[float, float]
"""Seconds of processors, and GB."""


def in_python(code: str, *arguments: object) -> Cost:
    """Run a code in a process of its own, and give what the part between its marks took."""
    command = [sys.executable, "-c", TIMED + code, *map(str, arguments)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    cpu, memory = json.loads(said.splitlines()[-1])
    return cpu, memory


def by_command(*arguments: object) -> Cost:
    """Run kpi with some arguments, start-up included."""
    command = [sys.executable, "-m", "kpi_lib.cli", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 1), command
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20


def row(*cells: object) -> None:
    """Print a row of a table in Markdown."""
    shown = (f"{cell:,.2f}" if isinstance(cell, float) else f"{cell}" for cell in cells)
    print("|", " | ".join(shown), "|", flush=True)


def head(title: str, *names: str) -> None:
    """Print the head of a table."""
    print(f"\n{title}\n", flush=True)
    row(*names)
    row(*("---" for _ in names))


def read(full: bool, folder: Path) -> None:
    """(a) Reading and checking, against pyarrow and numpy: the least of three of each."""
    head("(a) read and check; marks: 3 times, 3 times", "values", "", "CPU s", "GB")
    framework = make_framework(58, folder)
    for places in (2_000, 10_000) if full else (2_000,):
        panel = make_panel(places, 58, 10, folder)
        costs = [(in_python(BOUND, panel), in_python(READ, panel, framework)) for _ in range(3)]
        bound, ours = (tuple(map(min, zip(*own, strict=True))) for own in zip(*costs, strict=True))
        values = f"{places * 580:,}"
        row(values, "pyarrow and numpy", *bound)
        row(values, "kpi_lib", *ours)
        row(values, "times", *(mine / least for mine, least in zip(ours, bound, strict=True)))


def scored(full: bool, folder: Path) -> None:
    """(b) Checking and scoring 200 indicators in 20 periods."""
    head("(b) checked and scored; mark: 40 million in 6 GB", "values", "CPU s", "GB")
    framework = make_framework(200, folder)
    for places in (1_000, 2_000, 10_000) if full else (500, 1_000):
        panel = make_panel(places, 200, 20, folder)
        row(f"{places * 4_000:,}", *in_python(SCORED, panel, framework))
        panel.unlink()


def bad(full: bool, folder: Path) -> None:
    """(c) Bad cells in CSV, by `kpi check`."""
    head("(c) bad cells; mark: 300,000 in 3 s", "bad cells", "kind", "CPU s", "GB")
    framework = make_framework(58, folder)
    count = 300_000 if full else 60_000
    panel = make_panel(-(-2 * count // 580), 58, 10, folder)
    for kind in BAD:
        path = make_bad(kind, count, panel, folder)
        row(f"{count:,}", kind, *by_command("check", path, "-f", framework))
        path.unlink()
        (folder / "cities-demo.csv").unlink(missing_ok=True)
    for kind, (file, _) in BESIDE.items():
        path = make_bad_beside(kind, count, panel, folder)
        row(f"{count:,}", kind, *by_command("check", path, "-f", framework))
        (folder / file).unlink()


def growth(full: bool, folder: Path) -> None:
    """(d) Audit, robustness and index; each scores the data itself."""
    head("(d) mark: linear, 10,000 in 4 GB", "places", *("", "CPU s", "ms per place", "GB"))
    framework = make_framework(58, folder)
    for places in (1_000, 2_000, 5_000, 10_000) if full else (500, 1_000, 2_000):
        panel = make_panel(places, 58, 1, folder)
        told = (panel, "-f", framework, "-o")
        for name, (cpu, memory) in (
            ("audit", by_command("audit", *told, folder / "audit")),
            ("robustness", by_command("robustness", *told, folder / "ranks.csv")),
            ("index", in_python(INDEX, panel, framework)),
        ):
            row(f"{places:,}", name, cpu, 1000 * cpu / places, memory)


def reports(full: bool, folder: Path) -> None:
    """(e) `kpi report`: all processes together."""
    names = ("CPU s per city", "GB in all", "s per city later")
    head("(e) reports; mark: flat per city", "cities", *names)
    for size in (50, 200, 500, 1_000, 2_000) if full else (24, 50, 100):
        place, cities = prepared(size, folder / "reports")
        took = measure("c", cities, place)
        row(f"{size:,}", took["cpu"] / size, took["memory"] / 2**30, took["later"])


def cluster(full: bool, folder: Path) -> None:
    """(f) `kpi report` on a Dask cluster: on the clock, so on an idle machine of two processors."""
    head("(f) a Dask cluster; mark: two workers 1.5 times one", "cities", "workers", "s")
    size = 200 if full else 50
    place, _ = prepared(size, folder / "cluster")
    took = []
    for workers in (1, 2):
        took.append(_on_cluster(workers, place))
        row(size, workers, took[-1])
    print(f"\nTwo workers against one: {took[0] / took[1]:.2f} times.", flush=True)


def _on_cluster(workers: int, place: Path) -> float:
    """Make all reports on so many workers, and give the seconds."""
    file = place / f"scheduler-{workers}.json"
    kinds = [("scheduler", "--port", "0", "--host", "127.0.0.1")]
    kinds += [("worker", "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")] * workers
    started = []
    try:
        for kind, *options in kinds:
            command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard"]
            told = [*command, "--scheduler-file", file, *options]
            started.append(subprocess.Popen(told, cwd=place, stderr=subprocess.DEVNULL))
            while not file.exists():
                time.sleep(0.1)
        time.sleep(10)  # workers have come
        address = json.loads(file.read_text())["address"]
        command = [sys.executable, "-m", "kpi_lib.cli", "report", "data/processed/country"]
        told = [*command, "-f", FRAMEWORK, "--scheduler", address, "-o", f"reports-{workers}"]
        begun = time.monotonic()
        subprocess.run(told, cwd=place, check=True, capture_output=True)
        return time.monotonic() - begun
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


PARTS = {each.__name__: each for each in (read, scored, bad, growth, reports, cluster)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="up to 10,000 places: an hour, 6 GB")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        os.environ["KPI_CACHE"] = str(Path(folder, "cache"))
        os.chdir(folder)
        for part in options.only:
            place = Path(folder, part)
            place.mkdir()
            PARTS[part](options.full, place)


if __name__ == "__main__":
    main()
