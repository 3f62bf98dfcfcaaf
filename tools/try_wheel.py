"""Try a wheel as whoever installs it does: in a clean environment, far from the repository.

    python tools/try_wheel.py dist/kpi_lib-0.1.0-py3-none-any.whl [PYTHON ...]

Each Python (this one by default) gets an environment with the wheel and the versions that
requirements.txt pins. In it a project is begun, the report of one city made twice, in surroundings
that differ in all that must not matter, the explorer run by the papermill engine, and its notebook
turned into a page by the nbconvert template. The pages of all runs are the same bytes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SURROUNDINGS = (
    {"LC_ALL": "C", "TZ": "UTC", "HOME": "/nonexistent"},
    {"LC_ALL": "C.UTF-8", "TZ": "Asia/Ho_Chi_Minh", "PYTHONHASHSEED": "7"},
)


def run(folder: Path, *command: str, **surroundings: str) -> None:
    """Run a command of the environment ``folder/env`` in a folder beside it."""
    binaries = folder / "env/bin"
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("KPI_", "PY"))
    }
    environment = {**kept, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", **surroundings}
    print("$", *command, flush=True)
    subprocess.run([binaries / command[0], *command[1:]], cwd=folder, env=environment, check=True)


def install(python: str, wheel: Path, folder: Path) -> None:
    """Make the environment, with pinned versions and nothing of the repository."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^[\w.-]+==.*?(?= \\$|$)", text, flags=re.MULTILINE)
    (folder / "pins.txt").write_text("\n".join(pins) + "\n", encoding="utf-8")
    subprocess.run([python, "-m", "venv", folder / "env"], check=True)
    wanted = f"kpi-lib[lab] @ {wheel.resolve().as_uri()}"
    options = ("--quiet", "--no-input", "--disable-pip-version-check", "--retries", "10")
    run(folder, "python", "-m", "pip", "install", *options, "-c", "pins.txt", wanted)


def use(folder: Path) -> dict[str, bytes]:
    """Do what a newcomer does; give the pages that were made."""
    run(folder, "kpi", "init", "Dự án", "--lang", "en")
    made = {}
    for number, surroundings in enumerate(SURROUNDINGS):
        place = f"pages {number}"
        report = ("kpi", "report", "Dự án/data", "-f", "Dự án/framework.yaml", "--city", "mau-a")
        run(folder, *report, "-o", place, KPI_CACHE=str(folder / f"cache{number}"), **surroundings)
        for page in sorted((folder / place).rglob("*.html")):
            made[f"{number} {page.name}"] = page.read_bytes()
    notebooks = "Dự án/notebooks"
    explorer = (f"{notebooks}/explore_weights.ipynb", "explored.ipynb", "--cwd", notebooks)
    run(folder, "papermill", "--engine", "kpi", "--no-progress-bar", *explorer)
    run(folder, "jupyter", "nbconvert", "--to", "html", "--template", "kpi", "explored.ipynb")
    page = (folder / "explored.html").read_text(encoding="utf-8")
    if 'body class="kpi"' not in page or "--paper" not in page or "<script" in page:
        sys.exit("the template made a page of another look")
    for name in {name.partition(" ")[2] for name in made}:
        if made[f"0 {name}"] != made[f"1 {name}"]:
            sys.exit(f"{name} differs with the surroundings")
    return made


def main() -> None:
    """Try the wheel with each Python."""
    wheel, *pythons = sys.argv[1:]
    for python in pythons or [sys.executable]:
        with tempfile.TemporaryDirectory(prefix="kpi-wheel-") as made:
            install(python, Path(wheel), Path(made))
            pages = use(Path(made))
        print(f"{python}: {len(pages)} pages, the same in both surroundings")


if __name__ == "__main__":
    main()
