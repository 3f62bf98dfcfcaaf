"""Pages that are written from the code when the documentation is built, in `docs/generated`."""

from __future__ import annotations

from pathlib import Path

import command_line
import dependencies
import keys
import methods
import python
from sphinx.application import Sphinx

PARTS = (methods, keys, command_line, python, dependencies)
"""Each has ``pages(folder)``: the text of each page by its name; pictures go into the folder."""


def write(app: Sphinx) -> None:
    """Write the pages, and take out those that nothing writes any more."""
    folder = Path(app.srcdir) / "generated"
    folder.mkdir(exist_ok=True)
    known = {}
    for part in PARTS:
        known |= part.pages(folder)
    for name, text in known.items():
        page = folder / f"{name}.md"
        page.parent.mkdir(exist_ok=True)
        if not page.is_file() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
    for page in folder.rglob("*.md"):
        if page.relative_to(folder).with_suffix("").as_posix() not in known:
            page.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Write them before Sphinx looks which pages there are."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True}
