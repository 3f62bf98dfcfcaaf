"""The files of a report, and the hashes by which its page knows them again.

A page is written last and names the hash of every file that was made with it, and its own: what
was edited, cut, emptied or lost afterwards is seen without anything but the files themselves.
This finds accidents and careless hands; it is no signature.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from kpi_lib.batch.fingerprint import parts_of
from kpi_lib.batch.job import Job
from kpi_lib.batch.provenance import digest
from kpi_lib.io.store import beginnings, contents, names, write_whole

_INPUTS = re.compile(r'<meta name="inputs" content="([^"]*)">')
_SEAL = re.compile(rb'<meta name="files" content="([^"]*)">')
_OWN = "page"


def inputs_mark(inputs: str) -> str:
    """Give the element by which a page names the inputs it was made from."""
    return f'<meta name="inputs" content="{inputs}">'


def write_sealed(folder: Path, page: str, html: str, files: Mapping[str, str | bytes]) -> None:
    """Write the files of a report by their names, and last the page that names their hashes.

    Each appears whole or not at all.
    """
    known = {name: _bytes(content) for name, content in files.items()}
    for name, content in known.items():
        write_whole(folder / name, content)
    of = {name: digest(content) for name, content in known.items()}
    write_whole(folder / page, _sealed(_bytes(html), of))


def resealed(page: str) -> bytes:
    """Let a page whose text is another name its own hash anew, and those of its files as before."""
    content = page.encode()
    return _sealed(_SEAL.sub(b"", content, count=1), hashes(content))


def hashes(page: bytes) -> dict[str, str]:
    """Give the hashes that a page names, by the names of files; none where it names none."""
    found = _SEAL.search(page)
    pairs = found[1].decode(errors="replace").split() if found else []
    return {name: own for name, _, own in (pair.rpartition(":") for pair in pairs)}


def is_as_made(page: bytes) -> bool:
    """Say whether a page is what was written, to the byte."""
    found = _SEAL.search(page)
    if not found:
        return False
    bare = page[: found.start()] + page[found.end() :]
    return hashes(page).get(_OWN) == digest(bare)


def changed_files(page: Path, content: bytes) -> list[str]:
    """Give the names of the files made with a page that are gone or not as they were made."""
    named = {name: own for name, own in hashes(content).items() if name != _OWN}
    there = zip(named, contents([page.with_name(name) for name in named]), strict=True)
    own = [] if is_as_made(content) else [page.name]
    return [*own, *(name for name, now in there if now is None or digest(now) != named[name])]


def made_from(jobs: Sequence[Job]) -> dict[str, str]:
    """Give the inputs of the reports that are there, by city; '' where a file is not as made.

    The jobs share one folder. A report without its page is not there.
    """
    pages = contents([job.page for job in jobs])
    return {
        job.city: "" if changed_files(job.page, page) else _inputs(page.decode())
        for job, page in zip(jobs, pages, strict=True)
        if page is not None
    }


def marks_in(folder: Path) -> dict[str, dict[str, str]]:
    """Give the hashes of what the pages in a folder are made from, by page and then by name."""
    pages = sorted(name for name in names(folder) if name.endswith(".html"))
    found = map(_inputs, beginnings([folder / page for page in pages], 1024))
    return {page: parts_of(parts) for page, parts in zip(pages, found, strict=True) if parts}


def _inputs(page: str) -> str:
    found = _INPUTS.search(page)
    return found[1] if found else ""


def _sealed(html: bytes, of: Mapping[str, str]) -> bytes:
    """Put the hashes into the head of a page."""
    named = " ".join(f"{name}:{own}" for name, own in {**of, _OWN: digest(html)}.items())
    at = html.index(b'<meta name="viewport"')
    return html[:at] + f'<meta name="files" content="{named}">'.encode() + html[at:]


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
