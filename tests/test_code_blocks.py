"""Every block of code in the README and the documentation runs as it stands.

A block of YAML, CSV or TOML is the file that the text before it names last; commands and Python run
one after the other in a folder of the page's own, which has the data of the repository and what
the pages take for granted: an annex, a notebook of one's own.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from annexes import official_annex
from builders import ROOT

from kpi_lib.cli.main import main

WRITTEN = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in WRITTEN if not {"generated", "_build"} & set(page.parts)]
LONG = re.compile(r"^!?kpi (report|audit|framework review)\b", re.MULTILINE)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]
ELSEWHERE = ("tcp://", "s3://")
"""What a line names that needs other machines: tests of the batch try it on this one."""


OF_OTHERS = {"r"}
"""Languages that nothing here runs: a page that comes from R shows what is written there."""


class Block(NamedTuple):
    language: str
    text: str
    file: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, each with the file that the text before it names last."""
    text, end = page.read_text(encoding="utf-8"), 0
    for found in re.finditer(r"^( *)```(\{code-cell\}|\w+)\n(.*?)^\1```$", text, re.M | re.S):
        named = re.findall(r"`([\w./-]+\.(?:yaml|csv|toml))`", text[end : found.start()])
        body = re.sub(rf"^{found[1]}", "", found[3], flags=re.MULTILINE)
        language = "python" if found[2] == "{code-cell}" else found[2]
        yield Block(language, body, named[-1] if named else "", text[: found.start()].count("\n"))
        end = found.end()


def run_shell(line: str, whatever: bool = False) -> None:
    """Run a line of a shell: `kpi` in this process; of others, what can be run here."""
    words = shlex.split(line.partition(" | ")[0], comments=True)
    if not words or "=" in words[0] or any(mark in line for mark in ELSEWHERE):
        return
    said_code = re.search(r"# (?:exit code|mã kết thúc) (\d)", line)
    expected = int(said_code[1]) if said_code else 0
    match words:
        case ["kpi", *arguments]:
            said = io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                code = main(arguments, standalone_mode=False)
            assert whatever or (code or 0) == expected, f"{line}\n{said.getvalue()}"
        case ["make", *arguments]:
            assert {word for word in arguments if "=" not in word} <= TARGETS, line
        case ["pip", "install", *wanted]:
            named = re.findall(r"kpi-lib\[(\w+)\]", " ".join(wanted))
            assert set(named) <= set(EXTRAS), line
        case ["eval" | "papermill" | "jupyter" | "dask" | "conda" | "source", *_]:
            return  # other programs; the tests of packaging start them from a wheel
        case _:
            subprocess.run(["sh", "-c", line], check=True, capture_output=True)


def run_python(block: Block, page: Path, names: dict[str, Any]) -> None:
    """Run Python, in which a line may begin with `!` as in a notebook."""
    lines = [line for line in block.text.splitlines() if not line.startswith(":tags:")]
    plain = [re.sub(r"^!(.*)$", lambda own: f"run_shell({own[1]!r}, True)", one) for one in lines]
    source = "\n" * (block.line + 1) + "\n".join(plain)
    exec(compile(source, str(page), "exec"), names)


def keep(block: Block) -> None:
    """Write a block as the file that it is, or see that it can be read."""
    if block.file and "/" not in block.file:
        Path(block.file).write_text(block.text, encoding="utf-8")
    read: Any = {"yaml": yaml.safe_load, "toml": tomllib.loads}.get(block.language)
    assert read(block.text) if read else list(csv.reader(block.text.splitlines()))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what pages take for granted."""
    official_annex(tmp_path / "annex.xlsx")
    for name in ("data", "notebooks"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "my_report.ipynb").symlink_to(ROOT / "notebooks/city_report.ipynb")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KPI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KPI_LANG", "en")
    monkeypatch.setenv("MPLBACKEND", "agg")
    return tmp_path


def of_page(page: Path) -> Any:
    """A page as a case; those that make reports take long."""
    long = any(LONG.search(one.text) for one in blocks(page))
    name = str(page.relative_to(ROOT))
    return pytest.param(page, id=name, marks=[pytest.mark.system] if long else [])


@pytest.mark.usefixtures("own_methods_forgotten")
@pytest.mark.parametrize("page", [of_page(page) for page in PAGES if list(blocks(page))])
def test_every_block_runs(page: Path, desk: Path) -> None:
    names: dict[str, Any] = {"run_shell": run_shell, "__name__": "page"}
    if page.parent.name == "tutorials" or page.name == "start.md":
        (desk / "data").unlink()  # these begin with nothing
    for block in blocks(page):
        if block.language == "python":
            run_python(block, page, names)
        elif block.language in {"sh", "console"}:
            for line in block.text.replace("\\\n", " ").splitlines():
                run_shell(line.removeprefix("$ "))
        elif block.language in {"yaml", "csv", "toml"}:
            keep(block)
        else:
            assert block.language in OF_OTHERS, f"{page}: nothing runs blocks of {block.language}"
