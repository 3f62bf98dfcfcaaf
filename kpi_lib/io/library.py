"""The library's own hash: other code, or another version of what computes, may score otherwise."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path

COMPUTES = ("numpy", "pandas", "scipy")
"""The packages on whose arithmetic scores depend."""


@cache
def library(*packages: str) -> str:
    """Hash every file of the package, the Python and the versions of packages.

    Parameters
    ----------
    *packages
        Names of packages, by default those that compute (:data:`COMPUTES`).

    Returns
    -------
    str
        SHA-256 as 64 hexadecimal digits; the same wherever the package is installed.
    """
    package = Path(str(resources.files("kpi_lib")))
    digest = hashlib.sha256(platform.python_version().encode())
    for name in packages or COMPUTES:
        digest.update(f"{name} {version(name)}\n".encode())
    for path in sorted(package.rglob("*")):
        if path.is_file() and path.suffix not in {".pyc", ".ipynb"}:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(package).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()
