"""What a report costs, made in four ways, and how the cost grows with the number of cities.

    .venv/bin/python benchmarks/batch.py [--cities N] [--sizes 10 63 300 862] [--quick]

(a) the commands papermill and nbconvert, for one city after the other; (b) a pool of two
processes with plain papermill and nbconvert's HTMLExporter; (c) `kpi report`; (d) the bound:
the cells alone, one city after the other in one warm IPython shell with inline figures. All run
the notebook of the library on the same demo data. Times are per city, on the clock and of the
processors (of every process that took part); memory is the most that all processes of the way
held together (proportional set size); "later" is the clock from the first report to the last, so
without start-up. Another load on the machine moves the clock more than the processor times.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from made_up import make_country

FRAMEWORK = "vn-smart-city@1.0"
WORKERS = 2


def asked(city: str) -> dict[str, str]:
    """What the notebook is told of a city."""
    return {
        "city": city,
        "period": "2025",
        "framework": FRAMEWORK,
        "data": "data/processed/country",
        "lang": "vi",
    }


def by_commands(cities: Sequence[str]) -> None:
    """(a)"""
    from kpi_lib.batch.job import default_notebook

    commands = Path(sys.executable).parent
    for city in cities:
        told = [part for pair in asked(city).items() for part in ("-p", *pair)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
        papermill = [commands / "papermill", default_notebook(), f"a-{city}.ipynb", *told]
        subprocess.run(papermill, **quiet)
        convert = [commands / "jupyter", "nbconvert", "--to", "html", f"a-{city}.ipynb"]
        subprocess.run(convert, **quiet)


def _plainly(city: str) -> None:
    import papermill
    from nbconvert.exporters import HTMLExporter

    from kpi_lib.batch.job import default_notebook

    made = papermill.execute_notebook(
        default_notebook(), f"b-{city}.ipynb", asked(city), progress_bar=False
    )
    page, _ = HTMLExporter().from_notebook_node(made)
    Path(f"b-{city}.html").write_text(page, encoding="utf-8")


def by_pool(cities: Sequence[str]) -> None:
    """(b)"""
    with ProcessPoolExecutor(WORKERS) as pool:
        list(pool.map(_plainly, cities))


def by_kpi(cities: Sequence[str]) -> None:
    """(c)"""
    from kpi_lib.batch.plan import plan
    from kpi_lib.batch.run import run
    from kpi_lib.scoring.cache import scoreboard

    told = {key: asked("")[key] for key in ("framework", "data")}
    board = scoreboard(told["data"], FRAMEWORK)
    batch = plan(board, told, Path("reports"), cities=cities)
    for number, outcome in enumerate(run(batch, workers=WORKERS)):
        assert outcome.failure is None, outcome.failure
        _note("begun" if number == 0 else "ended")


def in_one_shell(cities: Sequence[str]) -> None:
    """(d)"""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from matplotlib import pyplot

    from kpi_lib.batch.job import default_notebook

    source = nbformat.read(default_notebook(), as_version=4)
    parameters, *cells = [cell.source for cell in source.cells if cell.cell_type == "code"]

    class Shell(InteractiveShell):
        def enable_gui(self, gui: str | None = None) -> None:
            """There is no window to wait for."""

    shell = Shell.instance()
    shell.run_line_magic("matplotlib", "inline")
    pyplot.uninstall_repl_displayhook()  # which draws each figure once more than it is shown
    for number, city in enumerate([cities[0], *cities]):
        if number == 1:  # the first was to warm up
            _note("begun")
        shell.run_cell(parameters)
        shell.push(asked(city))
        for cell in cells:
            with capture_output():
                shell.run_cell(cell).raise_error()
    _note("ended")


def _note(name: str) -> None:
    """Write down the time, and the processor time of this process."""
    Path(name).write_text(json.dumps([time.time(), sum(os.times()[:2])]))


WAYS: dict[str, Callable[[Sequence[str]], None]] = {
    "a": by_commands,
    "b": by_pool,
    "c": by_kpi,
    "d": in_one_shell,
}
LABELS = {
    "a": "papermill and nbconvert, by command",
    "b": "a pool of two, papermill and HTMLExporter",
    "c": "kpi report",
    "d": "the cells alone, in one warm shell",
}


def measure(way: str, cities: Sequence[str], place: Path) -> dict[str, float]:
    """Run one way in a process of its own and give what it took in all.

    Two plain kernels that start at once may choose the same port; then the way is run again.
    """
    for _ in range(3):
        took = _measured(way, cities, place)
        if took:
            return took
    raise SystemExit(f"({way}) failed:\n{(place / 'said').read_text()[-3000:]}")


def _measured(way: str, cities: Sequence[str], place: Path) -> dict[str, float] | None:
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    code = f"import sys, batch; batch.WAYS[{way!r}](sys.argv[1:])"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    with (place / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *cities], cwd=place, env=environment, stderr=said
        )
    most = [0]
    watch = threading.Thread(target=_watch, args=(process.pid, most))
    watch.start()
    failed = process.wait()
    watch.join()
    if failed:
        return None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = {
        "wall": time.monotonic() - begun,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "memory": most[0],
    }
    if way in "cd":
        (t0, c0), (t1, c1) = (json.loads((place / n).read_text()) for n in ("begun", "ended"))
    if way == "d":
        took |= {"wall": t1 - t0, "cpu": c1 - c0}
    if way == "c":
        took["later"] = (t1 - t0) / (len(cities) - 1)
    return took


def _watch(pid: int, most: list[int]) -> None:
    """Note the most memory of a process and its descendants until it ends."""
    while psutil.pid_exists(pid):
        total = 0
        try:
            parent = psutil.Process(pid)
            if parent.status() == psutil.STATUS_ZOMBIE:
                return
            for process in (parent, *parent.children(recursive=True)):
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
        except psutil.NoSuchProcess:
            return
        most[0] = max(most[0], total)
        time.sleep(1.0)


def prepared(cities: int, folder: Path) -> tuple[Path, list[str]]:
    """Make a folder with the data of so many cities, scored; give it and the cities."""
    place = folder / str(cities)
    (place / "data" / "processed").mkdir(parents=True)
    make_country(cities, place / "data" / "processed" / "country")
    code = f"import kpi_lib; b = kpi_lib.scoreboard('data/processed/country', {FRAMEWORK!r})"
    listing = f"{code}; print(*b.latest)"
    said = subprocess.run(
        [sys.executable, "-c", listing], cwd=place, check=True, capture_output=True, text=True
    )
    return place, said.stdout.split()


def show(label: str, took: dict[str, float], cities: int) -> None:
    """Print a row: per city, start-up included, but for memory and what comes after the first."""
    print(
        f"{label:44}{took['wall'] / cities:9.2f}{took['cpu'] / cities:9.2f}"
        f"{took['memory'] / 2**20:10.0f}" + (f"{took['later']:12.2f}" if "later" in took else ""),
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cities", type=int, default=12, help="cities of (a), (b), (c), (d)")
    arguments.add_argument("--sizes", type=int, nargs="*", default=[10, 63, 300, 862])
    arguments.add_argument("--quick", action="store_true", help="fewer cities, no growth")
    options = arguments.parse_args()
    compared = {"a": 2, "b": 4, "c": 24, "d": 12} if options.quick else {}
    head = f"{'':44}{'s/city':>9}{'CPU s':>9}{'MB in all':>10}{'s/city later':>13}"
    with TemporaryDirectory() as folder:
        place, cities = prepared(63, Path(folder, "compared"))
        print(head)
        results: dict[str, dict[str, Any]] = {}
        for way, label in LABELS.items():
            count = compared.get(way, 63 if way == "c" else options.cities)
            took = measure(way, cities[:count], place)
            results[way] = {key: value / count for key, value in took.items()}
            show(f"({way}) {label}", took, count)
        wall = {way: each["wall"] for way, each in results.items()}
        print(
            f"\n(c) against (a): {wall['a'] / wall['c']:.1f} times the reports in the same time; "
            f"against (b): {wall['b'] / wall['c']:.1f} times."
            f"\nProcessor time of (c) over (d): {results['c']['cpu'] / results['d']['cpu']:.2f}\n"
        )
        if options.quick:
            return
        print(head)
        for size in options.sizes:
            place, cities = prepared(size, Path(folder, "growth"))
            few = cities[: options.cities]
            took, alone = measure("c", cities, place), measure("d", few, place)
            show(f"(c) {size} cities", took, size)
            show("(d) on the same data", alone, len(few))
            ratio = took["cpu"] / size / (alone["cpu"] / len(few))
            print(f"Processor time of (c) over (d): {ratio:.2f}\n", flush=True)


if __name__ == "__main__":
    main()
