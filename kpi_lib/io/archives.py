"""Zip archives that are the same bytes for the same files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable


def packed(files: Iterable[tuple[str, bytes]], plain: str = "") -> bytes:
    """Pack files by their names, in the order given: no time and no system is in the archive.

    The file called ``plain`` is stored as it is; the others are compressed.
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name)  # of the first day that a zip file knows
            entry.create_system = 3
            method = zipfile.ZIP_STORED if name == plain else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, method)
    return written.getvalue()
