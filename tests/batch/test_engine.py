"""The papermill engine `kpi`: the outputs are those of papermill, and nothing reaches the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import papermill
import pytest
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from kpi_lib.batch.kernels.engine import ForkedEngine

CELLS = (
    "import os, sys\nwho = 'nobody'",
    "print(who, getattr(sys, 'left_behind', None))\nsys.left_behind = who",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
)


@pytest.fixture(autouse=True)
def engine() -> None:
    papermill_engines.register("kpi", ForkedEngine)


def run(folder: Path, name: str | None, who: str, *cells: str) -> Any:
    path = folder / "notebook.ipynb"
    notebook: Any = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text) for text in (*CELLS, *cells)],
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    )
    notebook.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, path)
    return papermill.execute_notebook(
        path, None, {"who": who}, engine_name=name, progress_bar=True, cwd=str(folder)
    )


def shown(notebook: Any) -> list[list[str]]:
    """The kinds of outputs of each cell, and what was printed; not what a kernel says itself."""
    return [
        [
            text
            for one in cell.outputs
            if "ebugger" not in (text := one.get("text", one.output_type))
        ]
        for cell in notebook.cells
    ]


def test_each_notebook_has_a_process_and_the_outputs_of_papermill(tmp_path: Path) -> None:
    plt.figure()  # this process has one open; a notebook does not draw on it
    first, second = run(tmp_path, "kpi", "hue"), run(tmp_path, "kpi", "vinh")
    plt.close("all")
    assert shown(first) == shown(run(tmp_path, None, "hue"))
    assert ["vinh None\n"] in shown(second)
    assert ["display_data"] in shown(second)


def test_a_cell_that_fails_is_told_as_papermill_tells_it(tmp_path: Path) -> None:
    with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
        run(tmp_path, "kpi", "hue", "1 / 0")


def test_a_process_that_ends_is_a_dead_kernel(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="kernel died"):
        run(tmp_path, "kpi", "hue", "os._exit(3)")
