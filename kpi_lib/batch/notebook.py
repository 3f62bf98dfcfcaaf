"""The report of one city: a notebook, run with the city's parameters."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from threading import Event
from typing import Any, cast

import nbformat
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors, remove_error_markers
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from kpi_lib.batch.files.forms import WORD, write_word
from kpi_lib.batch.files.page import to_html
from kpi_lib.batch.files.seal import write_sealed
from kpi_lib.batch.job import CityFailure, Job, notebook_source
from kpi_lib.batch.provenance import marked
from kpi_lib.errors import InputError
from kpi_lib.locale.catalogue import msg
from kpi_lib.report.page.page_data import MIME, as_csv

_SVG = "image/svg+xml"
_CLIP = re.compile(r'<clipPath id="(p[0-9a-f]{10})">\s*(<[^>]*>)')
# The file that a cell is compiled as is named after the process. A path is tried where it begins
# only: of a long text without a space, not every letter is such a place.
_CELL_FILE = re.compile(r"(?<![^\s\"'])[^\s\"']*ipykernel_[0-9]+[/\\]([0-9]+)\.py")


def publish(job: Job, executed: NotebookNode, late: Event | None = None) -> None:
    """Write the executed notebook of a city, its data, other forms and, last, its page.

    Each appears whole or not at all. There are data where the notebook shows sections of a report.
    Nothing is written once ``late`` is set.
    """
    if job.made:
        executed.metadata["kpi"] = json.loads(job.made)
    data = _data(executed)
    files: dict[str, str | bytes] = {job.notebook.name: to_text(executed)}
    if data:
        files[job.data.name] = as_csv(data)
    html = marked(to_html(executed, job, [job.data.name] if data else []), job.made)
    if late and late.is_set():
        return
    if WORD in job.forms:
        write_word(job)
    write_sealed(job.stem.parent, job.page.name, html, files)


def to_text(executed: NotebookNode) -> str:
    """Write a notebook as the text of its file."""
    return str(nbformat.v4.writes(executed)) + "\n"  # type: ignore[no-untyped-call]


def from_text(text: str) -> NotebookNode:
    """Read what :func:`to_text` has written."""
    return cast(NotebookNode, nbformat.v4.reads(text))  # type: ignore[no-untyped-call]


def _data(executed: NotebookNode) -> list[str]:
    """Take out of a notebook what its pieces give to the data beside the page."""
    outputs = [output for cell in executed.cells for output in cell.get("outputs", ())]
    found = [output.data.pop(MIME, "") for output in outputs if "data" in output]
    return [each for each in found if each]


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook that takes parameters; say what is wrong with one that cannot."""
    source = notebook_source(path)
    try:
        read = load_notebook_node(nbformat.reads(source, as_version=4))  # type: ignore[no-untyped-call]
        return cast(NotebookNode, remove_error_markers(read))
    except Exception as error:  # nbformat fails in many ways on what is no notebook
        raise InputError(
            msg("{path}: this is not a Jupyter notebook ({error}).", path=path, error=error)
        ) from None


def execute(notebook: NotebookNode, parameters: Mapping[str, Any], **kernel: Any) -> NotebookNode:
    """Run a notebook with papermill and give it with its outputs.

    ``kernel`` says to nbclient in which kernel. Raises :class:`CityFailure` where a cell fails.
    What differs from run to run (times, paths, random ids) is left out, so that the same input
    gives the same bytes.
    """
    try:
        known = "papermill" in notebook.metadata  # as from read_notebook
        given = deepcopy(notebook) if known else load_notebook_node(notebook)
        given = parameterize_notebook(given, dict(parameters))
        # What papermill.execute_notebook does, without writing the notebook twice more.
        executed = papermill_engines.execute_notebook_with_engine(
            None,
            given,
            kernel_name=papermill_engines.nb_kernel_name(None, given),
            progress_bar=False,
            **kernel,
        )
        raise_for_execution_errors(executed, None)
        _check_ended(executed, str(parameters.get("city", "")))
    except PapermillExecutionError as error:
        raise _failure(str(parameters.get("city", "")), error) from None
    except DeadKernelError:
        city = str(parameters.get("city", ""))
        raise CityFailure(city, "DeadKernel", msg("the kernel died")) from None
    return without_traces(executed)


def _check_ended(executed: NotebookNode, city: str) -> None:
    """Raise :class:`CityFailure` where a cell ended the run, which papermill lets pass."""
    for cell in executed.cells:
        if cell.cell_type == "code" and cell.metadata.papermill.status == "failed":
            first = next(filter(str.strip, cell.source.splitlines()), "")
            said = msg("the notebook ended itself in this cell")
            raise CityFailure(city, "SystemExit", said, cell.execution_count or 0, first[:120])


def _failure(city: str, error: PapermillExecutionError) -> CityFailure:
    lines = [line for line in error.source.splitlines() if line.strip()]
    source = lines[0] if lines else ""
    # An error with a long story (all problems of a file) begins with what matters.
    message = "\n".join(str(error.evalue).splitlines()[:20])
    return CityFailure(city, error.ename, message, error.exec_count or 0, source[:120])


def without_traces(notebook: NotebookNode) -> NotebookNode:
    """Take times, paths and random ids out of an executed notebook, in place.

    What was printed is one output for each stream, however it came in pieces.
    """
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.id = "injected-parameters"
        if "outputs" in cell:
            cell.outputs = _streams_joined(cell.outputs)
        for output in cell.get("outputs", ()):
            if isinstance(drawn := output.get("data", {}).get(_SVG), str):
                output.data[_SVG] = _clips_by_shape(drawn)
    return notebook


def _clips_by_shape(svg: str) -> str:
    """Name clip paths after what they draw: matplotlib hashes bounds to the last bit.

    These come from a layout whose last bits are not the same in every process.
    """
    for name, shape in _CLIP.findall(svg):
        svg = svg.replace(name, f"p{hashlib.sha256(shape.encode()).hexdigest()[:10]}")
    return svg


def _streams_joined(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Join the pieces of a stream where its first one stands; stdout comes before stderr."""
    texts: dict[str, list[str]] = {}
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type != "stream":
            kept.append(output)
            continue
        if output.name not in texts:
            kept.append(output)
        texts.setdefault(output.name, []).append(output.text)
    for i, output in enumerate(kept):
        if output.output_type == "stream":
            output.text = _CELL_FILE.sub(r"cell_\1.py", _as_shown("".join(texts[output.name])))
            if output.name == "stdout" and i and kept[i - 1].get("name") == "stderr":
                kept[i - 1], kept[i] = output, kept[i - 1]
    return kept


def _as_shown(text: str) -> str:
    """Leave of each line what a terminal shows: what follows its last carriage return."""
    if "\r" not in text:
        return text
    lines = text.split("\n")
    # A return at the very end of a line overwrites nothing.
    return "\n".join(line[line.rfind("\r", 0, -1) + 1 :] for line in lines)
