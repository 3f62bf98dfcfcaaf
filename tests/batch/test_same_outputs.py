"""Warm and plain kernels give the same outputs, cell by cell."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
import pytest
from builders import ROOT
from nbclient import NotebookClient
from small_report import notebook

from kpi_lib.batch.job import default_notebook
from kpi_lib.batch.kernels.launch import INLINE, can_fork
from kpi_lib.batch.kernels.own import OwnKernel
from kpi_lib.batch.notebook import without_traces

pytestmark = pytest.mark.skipif(not can_fork(), reason="warm kernels need Linux")

TRICKY = """\
print('một'); print('hai', end='')
import sys; print('lỗi', file=sys.stderr)
3 + 4
---
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(2, 1))
axes.plot([1, 2]);
---
plt.plot([2, 1])
plt.show()
plt.rcParams['figure.dpi'], plt.get_backend(), plt.isinteractive()
---
from IPython.display import HTML, Markdown, clear_output, display, update_display
display(HTML('<b>a</b>'), Markdown('*b*'))
print('giữa')
HTML('<i>c</i>')
---
shown = display('chờ', display_id='x')
print('xong')
---
update_display('đã thay', display_id='x')
---
print('mất'); clear_output(); print('còn')
---
print('mất', flush=True); clear_output(wait=True); display('còn')
---
import asyncio
await asyncio.sleep(0.01)
'đã chờ'
---
import pandas as pd
pd.DataFrame({'a': [1.5, 2], 'b': ['x', 'y']})
---
import warnings
warnings.warn('cẩn thận')
import numpy as np
np.float64(1) / 0
---
import os
os.system('echo từ hệ thống; echo sai >&2')
import time; time.sleep(1)  # a plain kernel loses what it has not yet read as the cell ends
---
!echo tiến trình con
---
import subprocess
subprocess.run(['echo', 'một tiến trình'])
time.sleep(1)
print('sau')
---
import logging
logging.warning('nhật ký')
logging.getLogger().handlers
---
print('a\\rb'); print('c\\x08d')
---
%%capture kept
print('giữ')
---
kept.stdout, _, In[2][:10], len(Out) > 3, __name__
---
input('?')
---
def f():
    return 1 / 0
f()
---
{'a': 1}[2]
---
raise SystemExit('dừng')
---
class Odd:
    def _repr_html_(self): raise ValueError('không hiện được')
    def __repr__(self): return 'lạ'
Odd()
---
import ipywidgets
ipywidgets.IntSlider(value=3, description='k')
---
shell = get_ipython()
shell.__class__.__name__, shell.kernel is not None, 'IPKernelApp' in shell.config
---
exec('1 +')
---
1 +
""".split("---\n")  # noqa: SIM905


# As nbclient runs them, which goes on after an error; papermill would stop.
HERE = """
import os
import sys
import nbformat
from nbclient import NotebookClient
import kpi_lib
from kpi_lib.batch.kernels.inprocess import KernelHere
for name in kpi_lib.__all__:
    getattr(kpi_lib, name)
for path in sys.argv[1:]:
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
        continue
    kernel = KernelHere(10**8)
    kernel.catch_prints(sys.exit)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, km=kernel, allow_errors=True, coalesce_streams=True).execute()
    nbformat.write(notebook, path)
    os._exit(0)"""

CELLS = re.compile(r"^```\{code-cell\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Ids of widgets and of tables that pandas styles, and where in memory an object is.
RANDOM = re.compile(r"\b[0-9a-f]{32}\b|\bT_[0-9a-f]{5}|\b0x[0-9a-f]+\b")


def differences(
    warm: Path, plain: Path, names: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Run notebooks in two folders, where they are; name the cells that are not the same."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # with it, kernels do not catch what C prints
    subprocess.run(
        [sys.executable, "-P", "-c", HERE, *(f"notebooks/{name}" for name in names)],
        env={**os.environ, "MPLBACKEND": INLINE},
        cwd=warm,
        check=True,
    )
    monkeypatch.chdir(plain)
    for name in names:
        theirs = nbformat.read(Path("notebooks", name), as_version=4)
        NotebookClient(
            theirs,
            kernel_manager_class=OwnKernel,
            allow_errors=True,
            coalesce_streams=True,
            record_timing=False,
        ).execute()
        mine = nbformat.read(warm / "notebooks" / name, as_version=4)
        told = [notebook.metadata.pop("widgets", {}) for notebook in (mine, theirs)]
        assert len(told[0]) == len(told[1])
        mine, theirs = without_traces(mine), without_traces(theirs)
        for number, pair in enumerate(zip(mine.cells, theirs.cells, strict=True)):
            texts = [RANDOM.sub("", json.dumps(cell, sort_keys=True)) for cell in pair]
            if texts[0].replace(str(warm), "") != texts[1].replace(str(plain), ""):
                yield f"{name}, cell {number}: {pair[0].source}"


def test_of_cells_that_are_hard_to_get_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm, plain = tmp_path / "warm", tmp_path / "plain"
    for folder in (warm, plain):
        (folder / "notebooks").mkdir(parents=True)
        nbformat.write(notebook(*TRICKY), folder / "notebooks" / "tricky.ipynb")
    assert list(differences(warm, plain, ["tricky.ipynb"], monkeypatch)) == []
    made = nbformat.read(warm / "notebooks" / "tricky.ipynb", as_version=4)
    assert [o.output_type for o in made.cells[3].outputs] == ["display_data"]
    assert "image/png" in made.cells[3].outputs[0].data
    assert len(made.metadata.widgets) == 1


@pytest.mark.system
def test_of_every_bundled_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warm, plain = tmp_path / "warm", tmp_path / "plain"
    source = default_notebook().parent
    for folder in (warm, plain):
        shutil.copytree(source, folder / "notebooks")
        shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    # Those that prepare the data come first, and make what the others read.
    names = sorted((path.name for path in source.glob("*.ipynb")), key=_prepares, reverse=True)
    assert len(names) >= 8
    assert list(differences(warm, plain, names, monkeypatch)) == []
    made = [nbformat.read(warm / "notebooks" / name, as_version=4) for name in names]
    outputs = [o for n in made for c in n.cells for o in c.get("outputs", ())]
    assert [o for o in outputs if o.output_type == "error"] == []
    assert len(outputs) > 70


@pytest.mark.system
def test_of_every_page_of_the_documentation_that_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm, plain = tmp_path / "warm", tmp_path / "plain"
    pages = {page: page.read_text(encoding="utf-8") for page in sorted(ROOT.glob("docs/**/*.md"))}
    run = {page.stem: text for page, text in pages.items() if "file_format: mystnb" in text}
    del run["start"]  # its commands go through a shell, whose output comes in another order
    assert {"annex", "country", "dataframe", "merger", "weights"} <= set(run)
    for folder in (warm, plain):
        shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
        (folder / "notebooks").mkdir()
        for name, text in run.items():
            nbformat.write(notebook(*CELLS.findall(text)), folder / "notebooks" / f"{name}.ipynb")
    names = [f"{name}.ipynb" for name in run]
    assert list(differences(warm, plain, names, monkeypatch)) == []


def _prepares(name: str) -> bool:
    return name.startswith("prepare_")
