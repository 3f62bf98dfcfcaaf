"""What made a report, as its page and its notebook say it to programs.

JSON in the page's ``<meta name="made">`` and in the notebook's metadata ``kpi``: versions, hashes
of data, framework and notebook, parameters, the command, and every figure of the city unrounded,
by which the report can be recomputed (``kpi verify``).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape, unescape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_lib.batch.fingerprint import library
from kpi_lib.batch.job import Job, Link, default_notebook
from kpi_lib.io.library import COMPUTES
from kpi_lib.io.paths import find
from kpi_lib.methods.loading import FILE as METHODS
from kpi_lib.observations.sources import COLUMNS, content_of, rows_chosen
from kpi_lib.scoring.cache import files_named, uncertain_in
from kpi_lib.scoring.scoreboard import Scoreboard

FIGURES = ("value", "score", "rank", "coverage")
"""What is stated of each code, in this order; None where there is none."""

SEED = 1
"""Of every draw on a page: the same input gives the same figures."""

_MADE = re.compile(r'<meta name="made" content="([^"]*)">')


def with_provenance(
    board: Scoreboard,
    notebook: Path,
    jobs: Sequence[Job],
    read: Mapping[str, Any] | None = None,
    around: Mapping[str, Any] | None = None,
) -> list[Job]:
    """Have each job know what makes its report.

    ``read`` are parameters that lead to the files, where those of the jobs do not; ``around`` is
    what is said in place of :func:`surroundings`.
    """
    if not jobs:
        return []
    around = surroundings() if around is None else around
    shared = {
        **origin(board),
        "data": data_files(read or jobs[0].parameters),
        "notebook": {"name": notebook.name, "sha256": digest(notebook.read_bytes())},
        "seed": SEED,
        **around,
    }
    return [
        replace(job, made=_text({**shared, **_own(board, notebook, job, around)})) for job in jobs
    ]


AROUND = ("where", "columns", "methods")
"""What :func:`surroundings` may say."""


def surroundings() -> dict[str, Any]:
    """What the environment says of reading and scoring (:data:`AROUND`).

    That is which rows count, which file says what columns are, and which file of methods there is;
    only what is said.
    """
    columns, methods = (Path(os.environ.get(name, "")) for name in (COLUMNS, METHODS))
    below = columns.is_relative_to(Path.cwd())  # elsewhere, it has another path on each machine
    named = columns.relative_to(Path.cwd()).as_posix() if below else columns.name
    found: dict[str, Any] = {"where": list(rows_chosen()), "columns": named}
    if methods.name:
        found["methods"] = {"name": methods.name, "sha256": digest(methods.read_bytes())}
    return {name: said for name, said in found.items() if said}


def with_origin(board: Scoreboard, package: str, files: Mapping[str, bytes]) -> str:
    """Add to the description of a Data Package what made it, and the hashes of its files."""
    described = json.loads(package)
    described["kpi"] = {**origin(board), "data": board.observations.fingerprint}
    for resource in described["resources"]:
        if (content := files.get(resource["path"])) is not None:
            resource["hash"] = f"sha256:{digest(content)}"
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"


def origin(board: Scoreboard) -> dict[str, Any]:
    """Versions and hashes of what computes, and of the framework."""
    return {
        "kpi-lib": version("kpi-lib"),
        "library": library(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in COMPUTES},
        "framework": {"name": board.framework.name, "sha256": board.framework.fingerprint},
    }


def _own(board: Scoreboard, notebook: Path, job: Job, around: Mapping[str, Any]) -> dict[str, Any]:
    links = {"previous": job.previous, "next": job.next}
    beside: dict[str, Any] = {
        name: [link.text, link.address] for name, link in links.items() if link
    }
    if job.edition:
        beside["edition"] = job.edition
    return {
        "parameters": dict(job.parameters),
        "command": _command(notebook, job.parameters, around),
        "page": {**beside, "others": dict(job.others), "forms": list(job.forms)},
        "figures": figures(board, job.city, str(job.parameters["period"])),
    }


def _command(notebook: Path, parameters: Mapping[str, Any], around: Mapping[str, Any]) -> str:
    words = ["kpi", "report", str(parameters["data"])]
    for name, value in parameters.items():
        if name != "data":
            words += [f"--{name}", str(value)]
    for chosen in around.get("where", ()):
        words += ["--where", chosen]
    if "columns" in around:
        words += ["--columns", around["columns"]]
    if "methods" in around:
        words += ["--methods", around["methods"]["name"]]
    if notebook.read_bytes() != default_notebook().read_bytes():
        words += ["--notebook", notebook.name]
    return shlex.join(words)


def data_files(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Hash the files from which a report's observations are read, by their names."""
    cities = parameters.get("cities")
    found = content_of(find(parameters["data"]), None if cities is None else find(cities))
    chosen = [find(parameters[name]) for name in ("weights", "spec") if name in parameters]
    if "spec" in parameters:
        chosen += files_named(uncertain_in(find(parameters["spec"])))
    found.update((path, path.read_bytes()) for path in chosen)
    return {path.name: digest(content) for path, content in sorted(found.items())}


def figures(board: Scoreboard, city: str, period: str) -> dict[str, list[float | None]]:
    """Give the figures of a city (:data:`FIGURES`) by code, unrounded."""
    tables = (board.values, board.points, board.ranks, board.coverage)
    rows: list[Any] = [table.loc[(city, period), :] for table in tables]
    return {
        str(code): [None if pd.isna(each.get(code)) else float(each[code]) for each in rows]
        for code in board.points.columns
    }


def digest(content: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _text(made: Mapping[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def marked(page: str, made: str) -> str:
    """Put what made a page at the end of its head."""
    mark = f'<meta name="made" content="{escape(made)}">\n</head>'
    return page.replace("</head>", mark, 1) if made else page


def stated(page: str) -> dict[str, Any] | None:
    """Give what a page says of how it was made; None where it says nothing."""
    found = _MADE.search(page)
    try:
        made = json.loads(unescape(found[1])) if found else None
    except ValueError:
        return None
    return made if isinstance(made, dict) and "figures" in made else None


def as_stated(job: Job, page: Mapping[str, Any]) -> Job:
    """Let the page of a job lead to what a published one leads to, and name the same edition."""
    links: dict[str, Any] = {
        name: Link(*page[name]) if name in page else None for name in ("previous", "next")
    }
    said = {"others": page["others"], "edition": page.get("edition", "")}
    return replace(job, **links, **said, forms=tuple(page["forms"]))
