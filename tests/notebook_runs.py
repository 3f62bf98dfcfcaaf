"""Running the notebooks that come with the library, as papermill does or in this process."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import papermill
from builders import ROOT
from matplotlib.figure import Figure


def run(name: str, output: Path, cwd: Path = ROOT, **parameters: str) -> nbformat.NotebookNode:
    """Run one of the notebooks and give what it became."""
    return papermill.execute_notebook(
        str(ROOT / f"notebooks/{name}.ipynb"),
        str(output),
        parameters=parameters,
        kernel_name="python3",
        cwd=str(cwd),
        progress_bar=False,
    )


def prepare(name: str, folder: Path) -> Path:
    """Run a prepare notebook as ``make data`` does and give the folder it wrote."""
    run(f"prepare_{name}", folder / "prepare.ipynb", processed=str(folder / "processed"))
    return folder / "processed"


def kinds_of_output(done: nbformat.NotebookNode) -> set[str]:
    """The media types that the cells of an executed notebook show."""
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    return {kind for output in outputs for kind in output.get("data", {})}


def pictures(done: nbformat.NotebookNode) -> int:
    """How many pictures an executed notebook shows."""
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    kinds = {"image/png", "image/svg+xml"}
    return sum(not kinds.isdisjoint(output.get("data", {})) for output in outputs)


def printed(done: nbformat.NotebookNode, stream: str = "stdout") -> str:
    """All that the cells of an executed notebook printed."""
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    return "".join(output["text"] for output in outputs if output.get("name") == stream)


def too_long(name: str, most: int = 12) -> dict[str, int]:
    """The cells of a notebook with more lines of code than one reads at a glance."""
    cells = [cell for cell in read(name).cells if cell.cell_type == "code"]
    lines = {cell.id: sum(map(bool, map(str.strip, cell.source.splitlines()))) for cell in cells}
    return {cell: n for cell, n in lines.items() if n > most}


def read(name: str) -> nbformat.NotebookNode:
    """One of the notebooks as it is kept."""
    return nbformat.read(ROOT / f"notebooks/{name}.ipynb", as_version=4)


@dataclass
class Session:
    """What a notebook left behind: its variables, what it printed, its figures by cell."""

    names: dict[str, Any] = field(default_factory=dict)
    printed: str = ""
    figures: dict[str, Figure] = field(default_factory=dict)

    @property
    def checks(self) -> int:
        """How many tables agreed."""
        return sum(line.startswith("✓") for line in self.printed.splitlines())

    @property
    def titles(self) -> dict[str, list[str]]:
        """The title of each figure, else those of its axes; by cell."""
        return {cell: _titles(figure) for cell, figure in self.figures.items()}


def session(name: str, until: str = "", cwd: Path = ROOT, **parameters: Any) -> Session:
    """Run the cells of a notebook in this process, up to the cell ``until``.

    Quicker than a kernel, and its figures are still Axes that a test can ask.
    """
    done, out, here = Session(), io.StringIO(), Path.cwd()
    plt.close("all")  # pyplot keeps what other tests of this process drew
    os.chdir(cwd)
    try:
        with (
            contextlib.redirect_stdout(out),
            plt.rc_context({"backend": "agg"}),
            pd.option_context("display.float_format", None),
        ):
            for cell in read(name).cells:
                if cell.cell_type != "code":
                    continue
                exec(compile(cell.source, f"{name}: {cell.id}", "exec"), done.names)
                if cell.id == "parameters":
                    done.names |= parameters
                for number in plt.get_fignums():
                    done.figures[cell.id] = plt.figure(number)
                plt.close("all")
                if cell.id == until:
                    break
    finally:
        os.chdir(here)
        done.printed = out.getvalue()
    return done


def _titles(figure: Figure) -> list[str]:
    """The title of a figure, else those of its axes."""
    if figure.get_suptitle():
        return [figure.get_suptitle()]
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    return [title for title in titles if title]
