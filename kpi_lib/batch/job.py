"""One report to be made, and what came of it: plain data, passed between processes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from kpi_lib.errors import InputError, Problem
from kpi_lib.io.paths import bytes_of
from kpi_lib.locale.catalogue import Lang, msg
from kpi_lib.report.page.look import Look

_PACKAGE = Path(str(resources.files("kpi_lib")))


TRIES = 2
PASSING = frozenset({"DeadKernel", "NoKernel", "TimeLimit"})
"""Failures of the kernel rather than of the notebook's code: another try may do."""


@dataclass(frozen=True)
class Link:
    """A link to another page: its text, and its address as seen from the page."""

    text: str
    address: str


@dataclass(frozen=True)
class Job:
    """The report of a city: where it goes, what the notebook and what the page is told.

    ``stem`` is the path of both files without their endings. ``series`` is the set's title,
    which leads to the list of the set at the address ``index``; ``framework`` and ``when`` name
    framework and period as people read them, ``demo`` says that the figures are made up.
    ``previous`` and ``next`` are the neighbours in the list, ``others`` the addresses of the same
    page in other languages. ``forms`` are the endings of its other forms, which it leads to, and
    ``mark`` is in each of them. ``inputs`` stands for all that the report depends on: another text,
    another report. ``look`` is what the project gives its pages; ``edition`` says in which edition
    the page is published and what has changed since an earlier one; ``made`` says what makes the
    report, as JSON (see :mod:`kpi_lib.batch.provenance`).
    """

    city: str
    name: str
    title: str
    stem: Path
    parameters: Mapping[str, Any]
    lang: Lang
    series: str = ""
    framework: str = ""
    when: str = ""
    demo: bool = False
    index: str = ""
    previous: Link | None = None
    next: Link | None = None
    others: Mapping[Lang, str] = field(default_factory=dict)
    forms: Sequence[str] = ()
    mark: str = field(default="", repr=False)
    inputs: str = ""
    look: Look | None = field(default=None, repr=False)
    edition: str = ""
    made: str = field(default="", repr=False)

    @property
    def notebook(self) -> Path:
        """Where the executed notebook goes."""
        return self.file("ipynb")

    @property
    def data(self) -> Path:
        """Where the data of the page go."""
        return self.file("csv")

    @property
    def page(self) -> Path:
        """Where the page goes."""
        return self.file("html")

    def file(self, ending: str) -> Path:
        """Where the report goes in a form: ``pdf``, ``docx``."""
        return self.stem.with_name(f"{self.stem.name}.{ending}")


def check_project(folder: Path, pages: Iterable[Mapping[str, str]], own: str) -> None:
    """Raise :class:`InputError` where a page, by its hashes, is of another project than ``own``.

    A page or a project without an id is nobody's.
    """
    theirs = next((one["project"] for one in pages if one.get("project", own) not in ("", own)), "")
    if theirs and own:
        message = msg(
            "these are reports of another project ('{theirs}'; this one is '{own}').",
            theirs=theirs,
            own=own,
        )
        fix = msg(
            "Give another folder (--output), or say in kpi.toml that it is the same: {example}.",
            example=f'id = "{theirs}"',
        )
        raise InputError(Problem(message, fix, str(folder)))


def default_notebook() -> Path:
    """The notebook of a city's report that comes with the library."""
    in_package = _PACKAGE / "notebooks" / "city_report.ipynb"
    in_checkout = _PACKAGE.parent / "notebooks" / "city_report.ipynb"
    return in_package if in_package.is_file() else in_checkout


def notebook_source(path: Path) -> str:
    """Give the text of a notebook that takes parameters; say what is wrong with one that cannot."""
    try:
        text = bytes_of(path).decode()
    except UnicodeDecodeError:
        raise InputError(
            msg("{path}: this is not a Jupyter notebook (it is not UTF-8).", path=path)
        ) from None
    try:
        tags = [cell["metadata"].get("tags", ()) for cell in json.loads(text)["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            msg("{path}: this is not a Jupyter notebook ({error}).", path=path, error=error)
        ) from None
    if not any("parameters" in each for each in tags):
        raise InputError(
            msg(
                "{path}: no cell has the tag 'parameters'. Give the cell that sets city, "
                "period, framework, data and lang this tag (in JupyterLab: Property "
                "Inspector, Cell Tags).",
                path=path,
            )
        )
    return text


def check_parameter(path: Path, name: str) -> None:
    """Raise :class:`InputError` where the cell of parameters of a notebook does not set one."""
    sources = (
        "".join(cell["source"])
        for cell in json.loads(notebook_source(path))["cells"]
        if "parameters" in cell["metadata"].get("tags", ())
    )
    if not any(re.search(rf"^{name}\s*(:[^=\n]*)?=(?!=)", each, re.MULTILINE) for each in sources):
        raise InputError(
            msg(
                "{path}: the notebook has no parameter '{name}', so that choosing it would change "
                "nothing. Set it in the cell with the tag 'parameters', or leave --{name} out.",
                path=path,
                name=name,
            )
        )


class CityFailure(Exception):
    """The notebook of a city did not run to its end.

    ``cell`` is the number that Jupyter shows at the cell, 0 where no cell is to blame;
    ``source`` is the start of its code; ``error`` and ``message`` are the error's name and text.
    """

    def __init__(
        self, city: str, error: str, message: str, cell: int = 0, source: str = ""
    ) -> None:
        """Keep what a person needs to find the fault."""
        super().__init__(city, error, message, cell, source)
        self.city, self.error, self.message = city, error, message
        self.cell, self.source = cell, source

    def __str__(self) -> str:
        """Give one line: cell, error, message, code."""
        where = msg("cell [{cell}]: ", cell=self.cell) if self.cell else ""
        code = msg(" (in: {source})", source=self.source) if self.source else ""
        return f"{where}{self.error}: {self.message}{code}"


@dataclass(frozen=True)
class Outcome:
    """What came of a job: its failure if there was one, and what it took.

    ``seconds`` is wall time, ``cpu`` processor time, ``memory`` the most bytes the process
    held of its own; ``cells`` are seconds by the number of the cell.
    """

    job: Job
    seconds: float
    failure: CityFailure | None = None
    cpu: float = 0.0
    memory: int = 0
    cells: Mapping[int, float] = field(default_factory=dict)
