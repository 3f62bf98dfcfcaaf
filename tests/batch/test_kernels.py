"""Warm kernels: nothing passes from one notebook to the next, and none harms another."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import nbformat
import pytest
from processes import processes, start_python, until
from small_report import notebook

from kpi_lib.batch.job import Job, Outcome
from kpi_lib.batch.kernels.launch import can_fork, run_jobs
from kpi_lib.batch.kernels.own import run_notebook

pytestmark = pytest.mark.skipif(not can_fork(), reason="warm kernels need Linux")

# Told apart by nothing but the process: identifiers that are random or count processes.
STATE = """\
import decimal, gc, json, locale, os, sys
import matplotlib, numpy, pandas
of_the_process = {
    "JPY_PARENT_PID", "JPY_SESSION_NAME", "JPY_INTERRUPT_EVENT", "PYDEVD_USE_FRAME_EVAL"
}
OPTIONS = ("display.max_rows", "display.max_columns", "display.width")
told = {
    "environment": {k: v for k, v in os.environ.items() if k not in of_the_process},
    "folder": os.getcwd(),
    "path": sys.path,
    "settings": {k: repr(v) for k, v in matplotlib.rcParams.items()},
    "locale": locale.setlocale(locale.LC_ALL),
    "decimal": repr(decimal.getcontext()),
    "pandas": {k: repr(pandas.get_option(k)) for k in OPTIONS},
    "numpy": numpy.geterr(),
    "limit": sys.getrecursionlimit(),
    "collector": [gc.isenabled(), gc.get_threshold()],
    "mask": os.umask(0o22),
    "hook": sys.displayhook.__class__.__name__,
    "main": sys.modules["__main__"].__name__,
    "names": sorted(n for n in globals() if not n.startswith("_i")),
}
print(json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1))"""


def job(folder: Path, city: str = "a") -> Job:
    asked = {"city": city, "period": "2024", "framework": "f", "data": "d", "lang": "vi"}
    return Job(city=city, name=city, title=city, stem=folder / city, parameters=asked, lang="vi")


def run_warm(
    folder: Path, cells: list[str], cities: str = "a", **options: object
) -> dict[str, Outcome]:
    """Run a notebook of these cells in warm kernels, for each letter as a city."""
    path = folder / "n.ipynb"
    nbformat.write(notebook(*cells), path)
    jobs = [job(folder, city) for city in cities]
    return {o.job.city: o for o in run_jobs(path, jobs, 2, kind="warm", **options)}  # type: ignore[arg-type]


def outputs(folder: Path, city: str = "a") -> list[nbformat.NotebookNode]:
    made = nbformat.read(folder / f"{city}.ipynb", as_version=4)
    return [cell.outputs for cell in made.cells[3:]]


def text(folder: Path, city: str = "a", cell: int = 0) -> str:
    return outputs(folder, city)[cell][0].text


def test_the_process_looks_like_a_new_kernel(tmp_path: Path) -> None:
    made = run_warm(tmp_path, [STATE])
    assert made["a"].failure is None
    plain = run_notebook(notebook(STATE), job(tmp_path).parameters)
    assert text(tmp_path).splitlines() == plain.cells[3].outputs[0].text.splitlines()


DRAWING = {
    "inline": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "before_a_style": "fig, ax = plt.subplots()\nax.plot([1, 3]);",
    "style": "import kpi_lib as kpi, pandas as pd, seaborn as sns\nkpi.chart_style()",
    "line": """
table = pd.DataFrame({"year": [2024, 2025] * 2, "score": [40, 61.8, 50, 52], "city": list("aabb")})
ax = sns.lineplot(table, x="year", y="score", hue="city")
ax.set_title("Điểm tổng hợp → ▲", weight="bold");""",
    "strip": 'sns.stripplot(table, x="score", y="city", jitter=False);',
    "map": 'sns.heatmap(table.pivot(index="city", columns="year", values="score"), cmap="kpi");',
    "shown_again": "display(ax.figure, table)",
    "not_shown": "plt.figure(); plt.close()",
    "of_pandas": 'table.plot(x="year", y="score");',
    "file": """
import ipykernel, json
{"key", "ip"} <= set(json.load(open(ipykernel.get_connection_file())))""",
    "backend": "import matplotlib\nmatplotlib.get_backend(), matplotlib.is_interactive()",
    "pixels": "%config InlineBackend.figure_formats = ['png']\nplt.plot([1, 2]);",
}


def test_figures_are_shown_as_in_a_new_kernel(tmp_path: Path) -> None:
    made = run_warm(tmp_path, list(DRAWING.values()))
    assert made["a"].failure is None
    plain = run_notebook(notebook(*DRAWING.values()), job(tmp_path).parameters)
    for name, warm, cell in zip(DRAWING, outputs(tmp_path), plain.cells[3:], strict=True):
        assert shown(warm) == shown(cell.outputs), name
    drawn = [name for name, cell in zip(DRAWING, outputs(tmp_path), strict=True) if shown(cell)]
    assert set(DRAWING) - set(drawn) == {"style", "not_shown"}


def shown(outputs: list[nbformat.NotebookNode]) -> list[object]:
    """What outputs show; of a drawing in the style of matplotlib, not its random ids and time."""
    return [
        {
            kind: re.sub(r"#?\b[pm][0-9a-f]{10}\b|<dc:date>.*?</dc:date>", "", data)
            for kind, data in output.get("data", {"text": output.get("text")}).items()
        }
        for output in outputs
    ]


CHANGES = """\
import os, random, sys, warnings, matplotlib, numpy, pandas, locale
before = [
    matplotlib.rcParams["font.size"], os.getcwd(), os.environ.get("LEFT"), "wave" in sys.modules,
    len(sys.path), pandas.get_option("display.max_rows"), getattr(pandas, "left", None),
    len(warnings.filters), numpy.geterr()["divide"], "left" in globals(), os.nice(0),
]
print(before)
matplotlib.rcParams["font.size"] = 77
os.makedirs("/tmp/kpi-left", exist_ok=True); os.chdir("/tmp/kpi-left"); os.rmdir("/tmp/kpi-left")
os.environ["LEFT"] = "1"
import wave
sys.path.append("/left")
pandas.set_option("display.max_rows", 3)
pandas.left = 1
warnings.simplefilter("error")
numpy.seterr(divide="raise")
left = 1
os.nice(5)"""


def test_nothing_passes_from_one_city_to_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    made = run_warm(folder, [CHANGES], cities="abcd")
    assert [o.failure for o in made.values()] == [None] * 4
    said = {text(folder, city) for city in "abcd"}
    assert len(said) == 1
    assert "77" not in said.pop()


def test_random_numbers_differ_between_cities(tmp_path: Path) -> None:
    draw = "import random, numpy, uuid\nprint(random.random(), numpy.random.rand(), uuid.uuid4())"
    run_warm(tmp_path, [draw], cities="abc")
    drawn = [word for city in "abc" for word in text(tmp_path, city).split()]
    assert len(set(drawn)) == 9


HARM = """\
import os, subprocess, sys, time
if city == "b":
    os._exit(3)
if city == "c":
    while True:
        pass
if city == "d":
    kept = []
    while True:
        kept.append(bytearray(10**7))
if city == "e":
    for _ in range(100):
        print("x" * 10**6)
if city == "f":
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(987)"])
if city == "g":
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(987)"], start_new_session=True)
if city == "h":
    os.system("yes")
if city == "i":
    os.kill(os.getpid(), 11)
if city == "j":
    os.kill(os.getppid(), 9); time.sleep(9)"""


@pytest.mark.system
def test_a_notebook_that_runs_wild_harms_no_other(tmp_path: Path) -> None:
    made = run_warm(
        tmp_path, ["", HARM, "print(city)"], cities="abcdefghik", seconds=12, memory=400 * 2**20
    )
    errors = {city: o.failure.error if o.failure else "" for city, o in made.items()}
    assert errors == {
        "a": "",
        "b": "DeadKernel",
        "c": "TimeLimit",
        "d": "MemoryError",
        "e": "OutputLimit",
        "f": "",
        "g": "",
        "h": "OutputLimit",
        "i": "DeadKernel",
        "k": "",
    }
    assert made["e"].failure is not None
    assert made["e"].failure.source == "import os, subprocess, sys, time"
    for city in "afgk":
        assert text(tmp_path, city, 2) == f"{city}\n"
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"n.ipynb"} | {f"{c}.{e}" for c in "afgk" for e in ("ipynb", "html")}
    assert processes("time.sleep.987") == []


def test_a_warm_process_that_is_killed_is_started_again(tmp_path: Path) -> None:
    made = run_warm(tmp_path, ["", HARM], cities="akj")
    assert made["a"].failure is None
    assert made["k"].failure is None
    assert made["j"].failure is not None
    assert made["j"].failure.error == "DeadKernel"


def test_a_kernel_that_died_once_is_tried_again(tmp_path: Path) -> None:
    once = f"""\
import os, pathlib
mark = pathlib.Path({str(tmp_path)!r}, "tried-" + city)
if not mark.exists():
    mark.touch()
    os._exit(1)"""
    made = run_warm(tmp_path, [once], cities="ab")
    assert [o.failure for o in made.values()] == [None, None]


def test_a_warm_process_that_dies_before_it_is_ready_is_started_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    class Dying(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[call-overload]
            if len(begun) in deaths:
                self.kill()
            begun.append(self)

    monkeypatch.setattr("kpi_lib.batch.kernels.launch.subprocess.Popen", Dying)
    deaths = {0}
    assert run_warm(tmp_path, ["1"])["a"].failure is None
    assert len(begun) == 2
    deaths = {2, 3}
    with pytest.raises(ChildProcessError, match="--kernel plain does without it"):
        run_warm(tmp_path, ["1"])
    assert len(begun) == 4


def test_who_stops_early_ends_every_process(tmp_path: Path) -> None:
    cells = ["import time\ntime.sleep(0 if city == 'a' else 600)"]
    nbformat.write(notebook(*cells), tmp_path / "n.ipynb")
    jobs = [job(tmp_path, city) for city in "abc"]
    outcomes = run_jobs(tmp_path / "n.ipynb", jobs, 2, kind="warm")
    assert next(outcomes).job.city == "a"
    assert processes(f"kpi_lib.batch.kernels.warm.*{os.getpid()}")
    outcomes.close()  # type: ignore[attr-defined]
    assert processes(f"kpi_lib.batch.kernels.warm.*{os.getpid()}") == []


SERVE = """\
from pathlib import Path
from test_kernels import job
from kpi_lib.batch.kernels.launch import run_jobs
folder = Path({folder!r})
for outcome in run_jobs(folder / "n.ipynb", [job(folder, c) for c in "ab"], 2, kind="warm"):
    print(outcome)
"""


@pytest.mark.system
def test_kernels_end_with_the_run_that_is_killed(tmp_path: Path) -> None:
    cells = [
        f"import pathlib, time\npathlib.Path({str(tmp_path)!r}, city).touch()\ntime.sleep(600)"
    ]
    nbformat.write(notebook(*cells), tmp_path / "n.ipynb")
    run = start_python(SERVE.format(folder=str(tmp_path)), "batch")
    mark = f"kpi_lib.batch.kernels.warm import main; main.. {run.pid} "
    until(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())
    assert len(processes(mark)) == 5
    run.send_signal(signal.SIGKILL)
    run.wait()
    until(lambda: not processes(mark), seconds=10)


def test_kernels_listen_on_no_port(tmp_path: Path) -> None:
    listening = """\
import os, pathlib
opened = [os.readlink(f) for f in pathlib.Path("/proc/self/fd").iterdir() if f.is_symlink()]
inodes = {name[8:-1] for name in opened if name.startswith("socket:")}
rows = [
    line.split()
    for table in ("tcp", "tcp6", "udp", "udp6")
    for line in pathlib.Path("/proc/net", table).read_text().splitlines()[1:]
]
print([row for row in rows if row[9] in inodes])"""
    made = run_warm(tmp_path, [listening])
    assert made["a"].failure is None
    assert text(tmp_path) == "[]\n"


def test_plain_kernels_do_the_same_where_there_is_no_fork(tmp_path: Path) -> None:
    nbformat.write(notebook("print(city)"), tmp_path / "n.ipynb")
    outcomes = list(run_jobs(tmp_path / "n.ipynb", [job(tmp_path)], 1, kind="plain"))
    assert [o.failure for o in outcomes] == [None]
    plain = (tmp_path / "a.ipynb").read_bytes(), (tmp_path / "a.html").read_bytes()
    list(run_jobs(tmp_path / "n.ipynb", [job(tmp_path)], 1, kind="warm"))
    assert ((tmp_path / "a.ipynb").read_bytes(), (tmp_path / "a.html").read_bytes()) == plain
