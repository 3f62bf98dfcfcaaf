"""Running the notebooks that come with the library, as papermill and ``make data`` do."""

from __future__ import annotations

from pathlib import Path

import nbformat
import papermill
from builders import ROOT


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
