"""The reference of `kpi_lib` from its docstrings."""

from __future__ import annotations

import inspect
from pathlib import Path

from markdown import page

import kpi_lib as kpi

GROUPS = {
    "Frameworks": {"framework", "methods"},
    "Data": {"observations", "exchange", "io", "errors", "datasets"},
    "Scores": {"scoring"},
    "Analysis": {"analysis"},
    "Reports": {"report"},
}
"""The headings, each with the rooms whose names stand under it."""


def pages(folder: Path) -> dict[str, str]:
    """The one page of all public names."""
    parts = []
    for title, rooms in GROUPS.items():
        names = sorted((name for name in kpi.__all__ if _room(name) in rooms), key=str.lower)
        parts.append(f"## {title}\n\n" + "\n\n".join(_entry(name) for name in names))
    intro = "All names are those of `import kpi_lib as kpi`. Nothing else is promised to stay."
    return {"python": page("The Python library", intro, *parts)}


def _room(name: str) -> str:
    said = kpi._MODULES.get(name, name)
    return said.partition(".")[0]


def _entry(name: str) -> str:
    thing = getattr(kpi, name)
    if inspect.ismodule(thing):
        body = f".. automodule:: kpi_lib.{name}\n   :members:"
    elif inspect.isclass(thing):
        body = f".. autoclass:: kpi_lib.{name}\n   :members:"
    elif callable(thing):
        body = f".. autofunction:: kpi_lib.{name}"
    else:
        body = f".. autodata:: kpi_lib.{name}\n   :no-value:"
    return f"### `{name}`\n\n```{{eval-rst}}\n{body}\n```"
