"""Reports made by the workers of a real Dask cluster, which share nothing with us but a folder."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from builders import DEMO
from commands import REPORT, done, kpi
from processes import LONG, processes, start_python, until
from small_report import FIGURE, TITLE, write_inputs

from kpi_lib.batch.job import Outcome
from kpi_lib.batch.kernels.launch import can_fork
from kpi_lib.batch.plan import Batch, due, plan
from kpi_lib.batch.run import run
from kpi_lib.errors import InputError
from kpi_lib.io.store import beginnings, names, place, write_whole
from kpi_lib.scoring.cache import scoreboard

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(not can_fork(), reason="warm kernels need Linux")

STANDING = """\
import kpi_lib as kpi
report = kpi.city_report(city, period, framework, data, lang)
report.glance()"""
SOMETIMES = 'if city == "dong-ha":\n    raise ValueError("hỏng <i>")'
WAIT = """\
import os, time
from pathlib import Path
marks = Path({!r})
(marks / f"{{city}}-{{os.getppid()}}").touch()
while not (marks / "go").exists():
    time.sleep(0.05)"""


class Cluster:
    """A scheduler and workers, each a process with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1")
        until(self._file.exists)
        self.address = json.loads(self._file.read_text())["address"]
        self.workers = [self.add_worker(), self.add_worker()]

    def add_worker(self) -> subprocess.Popen[bytes]:
        return self._start("worker", "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")

    def _start(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        place = self._folder / f"{kind}-{time.monotonic_ns()}"
        place.mkdir()
        given = ["--scheduler-file", self._file, "--no-dashboard", *options]
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *given]
        with (place / "log").open("wb") as log:
            return subprocess.Popen(command, cwd=place, stdout=log, stderr=log)

    def end(self) -> None:
        for process in [*self.workers, self._scheduler]:
            process.kill()
            process.wait()

    def kernels(self) -> list[str]:
        """The command lines of warm processes of any worker."""
        pids = "|".join(str(worker.pid) for worker in self.workers)
        mark = rf"kpi_lib.batch.kernels.warm import main; main\(\) ({pids}) "
        return processes(mark)

    def unpacked(self) -> list[Path]:
        """The inputs that workers have laid down for runs."""
        return list(self._folder.glob("**/kpi-*/board.pickle"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.end()


@contextmanager
def working_in(folder: Path, *cells: str) -> Iterator[None]:
    """Make a folder with inputs the working directory, which no worker has."""
    with pytest.MonkeyPatch.context() as patch:
        folder.mkdir(parents=True, exist_ok=True)
        patch.chdir(folder)
        write_inputs(folder, cells)
        yield


def planned(output: str) -> Batch:
    parameters = {"framework": "small.yaml", "data": "observations.csv"}
    board = scoreboard("observations.csv", "small.yaml")
    return plan(board, parameters, Path(output), notebook=Path("report.ipynb"))


def said(outcomes: list[Outcome]) -> dict[str, str]:
    return {outcome.job.city: str(outcome.failure or "") for outcome in outcomes}


def files(folder: str | Path) -> dict[str, bytes]:
    """All files of a run but the record of it, which has times."""
    found = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {str(p.relative_to(folder)): p.read_bytes() for p in found if p.name != "run.json"}


def test_a_cluster_gives_the_bytes_of_a_local_run(cluster: Cluster, tmp_path: Path) -> None:
    with working_in(tmp_path, TITLE, STANDING, FIGURE, SOMETIMES):
        here = kpi(*REPORT, "-o", "here")
        there = kpi(*REPORT, "-o", "there", "--scheduler", cluster.address)
        assert (here.exit_code, there.exit_code) == (3, 3), there.output
        assert "dong-ha: cell [6]: ValueError: hỏng <i>" in there.stderr
        made = files("there")
        assert made == files("here")
        assert sum(name.endswith(".html") for name in made) == 4
        record = json.loads(Path("there/small@1/latest/vi/run.json").read_text(encoding="utf-8"))
        assert record["counts"] == {"made": 2, "failed": 1, "kept": 0}
        assert record["cities"]["x-y"]["memory"] > 0
        again = kpi(*REPORT, "-o", "there", "--scheduler", cluster.address, "--dry-run")
        assert "1 report to be made, 2 up to date." in again.stdout
    until(lambda: not cluster.kernels() and not cluster.unpacked())


@pytest.mark.system
def test_a_real_report_is_the_same_too(cluster: Cluster, tmp_path: Path) -> None:
    asked = ["report", str(DEMO), "-f", "vn-smart-city@1.0", "--city", "hue"]
    with working_in(tmp_path):
        for output, more in (("here", []), ("there", ["--scheduler", cluster.address])):
            done(*asked, "-o", output, *more)
        assert {"hue.html", "hue.ipynb", "hue.csv", "index.html"} <= {
            Path(name).name for name in files("here")
        }
        assert files("here") == files("there")


@pytest.mark.system
def test_a_worker_that_is_killed_leaves_its_city_to_another(
    cluster: Cluster, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    with working_in(tmp_path / "in", TITLE, WAIT.format(str(marks))), ThreadPoolExecutor(1) as pool:
        batch = planned("there")
        outcomes = pool.submit(lambda: list(run(batch, scheduler=cluster.address)))
        try:
            until(lambda: len(list(marks.iterdir())) == 2)
            begun = {path.name.rsplit("-", 1)[1] for path in marks.iterdir()}
            killed = next(worker for worker in cluster.workers if worker.pid in ancestors(begun))
            killed.send_signal(signal.SIGKILL)
            killed.wait()
        finally:
            (marks / "go").touch()
        assert said(outcomes.result(LONG)) == {"an-binh": "", "dong-ha": "", "x-y": ""}
        tried = [path.name.rsplit("-", 1)[0] for path in marks.iterdir()]
        assert len(tried) > len(set(tried))
        assert due(batch) == {}
        list(run(planned("here")))
        assert files("here") == files("there")
    until(lambda: not cluster.kernels())


def ancestors(pids: set[str]) -> set[int]:
    """The numbers of the processes that started these, and of those that started them."""
    found: set[int] = set()
    for pid in map(int, pids):
        while pid > 1:
            stat = Path("/proc", str(pid), "stat").read_text()
            pid = int(stat.rsplit(")", 1)[1].split()[1])
            found.add(pid)
    return found


@pytest.mark.system
def test_who_stops_early_ends_what_runs_on_the_workers(cluster: Cluster, tmp_path: Path) -> None:
    wait = "import time\ntime.sleep(0 if city == 'an-binh' else 600)"
    with working_in(tmp_path / "in", TITLE, wait):
        with closing(run(planned("there"), scheduler=cluster.address)) as outcomes:
            assert said([next(outcomes)]) == {"an-binh": ""}
            assert cluster.kernels()
        assert cluster.kernels() == []
        assert cluster.unpacked() == []
        assert set(due(planned("there"))) == {"dong-ha", "x-y"}


CLIENT = """\
from test_cluster import planned, run
list(run(planned("there"), scheduler={address!r}))"""


@pytest.mark.system
def test_kernels_end_when_the_one_who_asked_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    with working_in(tmp_path / "in", TITLE, WAIT.format(str(marks))):
        client = start_python(CLIENT.format(address=cluster.address), "batch")
        try:
            until(lambda: any(marks.iterdir()))
        finally:
            client.kill()
            client.wait()
            (marks / "go").touch()
        until(lambda: not cluster.kernels() and not cluster.unpacked())


@pytest.mark.system
def test_plain_kernels_find_the_scores_too(cluster: Cluster, tmp_path: Path) -> None:
    with working_in(tmp_path, TITLE, STANDING):
        batch = planned("there")
        outcomes = run(batch, ["x-y"], scheduler=cluster.address, kind="plain")
        assert said(list(outcomes)) == {"x-y": ""}
        assert b"X &amp; Y" in files("there")["small@1/latest/vi/x-y.ipynb"]


def test_a_place_that_fsspec_knows_gets_the_same_bytes(tmp_path: Path) -> None:
    with working_in(tmp_path, TITLE, FIGURE):
        assert kpi(*REPORT, "-o", (tmp_path / "here").as_uri(), "--city", "x-y").exit_code == 0
        asked = ("-o", "memory://reports", "--city", "x-y", "--kernel", "plain")
        assert "1 report made" in kpi(*REPORT, *asked).stdout
        assert "1 up to date" in kpi(*REPORT, *asked).stdout
        import fsspec

        store = fsspec.filesystem("memory")
        there = {name.removeprefix("/reports/"): store.cat(name) for name in store.find("/reports")}
        there.pop("small@1/latest/vi/run.json")
        assert there == files("here")


def test_an_object_store_is_told_what_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on S3: each file is one request, and a browser shows a page instead of saving it."""
    from fsspec.implementations.memory import MemoryFileSystem
    from fsspec.registry import _registry

    told: dict[str, dict[str, str]] = {}

    class Store(MemoryFileSystem):
        protocol = ("s3", "s3a")
        async_impl, mirror_sync_methods = True, False

        def pipe_file(self, path: str, value: bytes, **options: str) -> None:
            told[path.rsplit("/", 1)[1]] = options
            super().pipe_file(path, value)

    monkeypatch.setitem(_registry, "s3", Store)
    folder = place("s3://bucket/reports")
    assert names(folder) == set()
    write_whole(folder / "a.html", "<title>Á</title>")
    write_whole(folder / "a.ipynb", "{}")
    assert told == {"a.html": {"ContentType": "text/html"}, "a.ipynb": {}}
    assert names(folder) == {"a.html", "a.ipynb"}
    there = [folder / "a.html", folder / "b.html"]
    assert beginnings(there, 9) == ["<title>Á", ""]


def refused(*arguments: str) -> str:
    begun = time.monotonic()
    result = kpi(*REPORT, "-o", "out", *arguments)
    assert result.exit_code == 1, result.output
    assert time.monotonic() - begun < LONG / 4
    assert not list(Path("out").rglob("*.ipynb"))
    return result.stderr


def test_what_cannot_work_is_said_before_anything_is_run(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with working_in(tmp_path, TITLE):
        assert kpi(*REPORT, "--scheduler", cluster.address, "--workers", "2").exit_code == 2
        assert "no Dask scheduler answers" in refused("--scheduler", "tcp://127.0.0.1:1")
        assert "Protocol not known: ftpx" in refused("-o", "ftpx://host/reports")
        with monkeypatch.context() as patch:
            patch.setattr("kpi_lib.batch.cluster.dask.library", lambda: "another")
            told = refused("--scheduler", cluster.address)
            assert "worker tcp://127.0.0.1:" in told
            assert "Install the same kpi-lib" in told
        with monkeypatch.context() as patch:
            patch.setattr(Path, "touch", lambda *_: None)  # the worker's folder is another one
            assert "does not see" in refused("--scheduler", cluster.address)
        for missing, arguments in (
            ("distributed", ("--scheduler", cluster.address)),
            ("upath", ("-o", "s3://bucket/reports")),
        ):
            with monkeypatch.context() as patch:
                patch.setitem(sys.modules, missing, None)
                assert "pip install 'kpi-lib[dask]'" in refused(*arguments)


def test_a_scheduler_without_workers_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpi_lib.batch.cluster.dask.WORKERS", 1)
    monkeypatch.setattr(Cluster, "add_worker", lambda _: subprocess.Popen(["true"]))
    empty = Cluster(tmp_path)
    try:
        with working_in(tmp_path / "in", TITLE), pytest.raises(InputError, match="no workers"):
            list(run(planned("out"), scheduler=empty.address))
    finally:
        empty.end()
