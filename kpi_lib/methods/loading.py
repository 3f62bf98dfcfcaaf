"""Where users' methods come from: a file that was named, and installed packages."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any
from uuid import uuid4

from kpi_lib.errors import InputError, Problem, refusal
from kpi_lib.io.environment import variable_set
from kpi_lib.locale.catalogue import msg

GROUP = "kpi_lib.methods"
"""The group of entry points; each names a module, or an object, that registers methods."""

FILE = "KPI_METHODS"
"""The variable by which processes learn of the file of methods; ``--methods`` sets it."""

_lock = RLock()
_files: dict[str, ModuleType] = {}
_installed: set[str] = set()


def load_all() -> None:
    """Load the file that the environment names, and what installed packages have.

    Each once. Raises :class:`InputError` for what cannot be loaded, naming it.
    """
    with _lock:
        if path := os.environ.get(FILE):
            load_file(path)
        for point in importlib.metadata.entry_points(group=GROUP):
            if f"{point.name} = {point.value}" not in _installed:
                _load_installed(point)
                _installed.add(f"{point.name} = {point.value}")


def _load_installed(point: importlib.metadata.EntryPoint) -> None:
    package = point.dist.name if point.dist else point.value
    try:
        point.load()
    except Exception as error:
        raise InputError(
            Problem(
                msg(
                    "the methods of the package {package} ({value}) cannot be loaded: {error}.",
                    package=package,
                    value=point.value,
                    error=_told(error),
                ),
                msg("Mend the package, or uninstall it."),
            )
        ) from error


def load_file(path: str | Path) -> str:
    """Run a Python file that registers methods, once; gives the name of its module.

    Raises :class:`InputError` where it cannot be read or fails.
    """
    place = str(Path(path).resolve())
    with _lock:
        if place in _files:
            return _files[place].__name__
        try:
            source = Path(place).read_bytes()
        except OSError as error:
            raise InputError(
                msg("the methods cannot be read: {error}", error=refusal(error))
            ) from None
        module = ModuleType(f"kpi_methods_{hashlib.sha256(place.encode()).hexdigest()[:12]}")
        module.__file__ = place
        sys.modules[module.__name__] = module
        try:
            exec(compile(source, place, "exec"), vars(module))
        except Exception as error:
            del sys.modules[module.__name__]
            line = _line(error, place)
            raise InputError(
                Problem(
                    msg("the methods cannot be loaded: {error}.", error=_told(error)),
                    file=str(path),
                    row=line,
                )
            ) from error
        _files[place] = module
        return module.__name__


@contextmanager
def named(path: str | Path) -> Iterator[str]:
    """Load a file, and let the processes that are started meanwhile load it too."""
    name = load_file(path)
    try:
        with variable_set(FILE, str(Path(path).resolve())):
            yield name
    finally:
        for place in [place for place, module in _files.items() if module.__name__ == name]:
            del _files[place]
        sys.modules.pop(name, None)


def digest_of(function: Callable[..., Any]) -> str:
    """SHA-256 (hex) of the source of a function.

    The source is all Python of the package that it is in, else its file. What was written in
    a session can refer to anything that was done there before: its digest is new each time.
    """
    name = str(getattr(function, "__module__", ""))
    top = sys.modules.get(name.partition(".")[0])
    files: list[Path] = []
    for folder in getattr(top, "__path__", ()):
        files += sorted(Path(folder).rglob("*.py"))
    own = getattr(sys.modules.get(name), "__file__", None)
    if not files and own:
        files = [Path(own)]
    try:
        contents = [path.read_bytes() for path in files]
    except OSError:
        contents = []
    if not contents:
        return uuid4().hex
    sizes = " ".join(str(len(content)) for content in contents).encode()
    return hashlib.sha256(b"\n".join([sizes, *contents])).hexdigest()


def _told(error: Exception) -> str:
    if isinstance(error, InputError):
        return str(error).rstrip(".")
    return f"{type(error).__name__}: {error}"


def _line(error: Exception, place: str) -> int | None:
    """The line of the file at which it failed."""
    if isinstance(error, SyntaxError):
        return error.lineno
    step, line = error.__traceback__, None
    while step is not None:
        if step.tb_frame.f_code.co_filename == place:
            line = step.tb_lineno
        step = step.tb_next
    return line
