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
    """Hash the code of the package with its texts, the Python and the versions of packages.

    Data and notebooks, which travel inside a wheel and stand beside the package in a clone, are
    hashed where they are used.

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
        beside = path.is_relative_to(package / "data") or path.suffix in {".pyc", ".ipynb"}
        if path.is_file() and not beside:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(package).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()
