"""The other forms of a page, which stand beside it: a PDF and a Word file.

Each names near its beginning what it was made from, as pages do, so that one that does not belong
to its page is known without reading all of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from kpi_lib.batch.job import CityFailure, Job
from kpi_lib.io.store import beginnings, names, write_whole

PDF, WORD = "pdf", "docx"
FORMS = (PDF, WORD)

_MARK = re.compile(r"kpi-lib:[0-9a-f]{16}")
MARK_LENGTH = len("kpi-lib:") + 16


def mark_of(made_from: str) -> str:
    """The mark of what is made from something, by its hash."""
    return f"kpi-lib:{made_from}"


def marks(files: Sequence[Path]) -> dict[Path, str]:
    """The marks of files of one folder that are there; '' where somebody has saved it anew."""
    found = names(files[0].parent) if files else set()
    there = [file for file in files if file.name in found]
    matches = map(_MARK.search, beginnings(there, 2048))
    return {file: match[0] if match else "" for file, match in zip(there, matches, strict=True)}


def standing(jobs: Sequence[Job], forms: Sequence[str] = FORMS) -> dict[Path, bool]:
    """Which files of other forms are there, and whether each belongs to the page as it is.

    A Word file that somebody has saved anew is theirs: it counts as belonging.
    """
    files = {job.file(form): job for job in jobs for form in forms}
    return {
        file: mark == files[file].mark or (not mark and file.suffix == f".{WORD}")
        for file, mark in marks(list(files)).items()
    }


def write_word(job: Job) -> None:
    """Write the Word file of a city; one in which somebody has written is kept beside it."""
    from kpi_lib.report.city import city_report
    from kpi_lib.report.document.city import city_document

    file = job.file(WORD)
    try:
        content = city_document(city_report(**job.parameters), job.mark)
    except Exception as error:  # whatever it is, it is that of this city
        raise CityFailure(job.city, type(error).__name__, str(error)) from error
    if marks([file]).get(file) == "":
        write_whole(_free(file), file.read_bytes())
    write_whole(file, content)


def _free(file: Path) -> Path:
    """A name beside a file that is not taken: ``hue.edited.docx``, ``hue.edited-2.docx``."""
    taken, number = names(file.parent), 1
    while (name := f"{file.stem}.edited{f'-{number}' * (number > 1)}{file.suffix}") in taken:
        number += 1
    return file.with_name(name)
