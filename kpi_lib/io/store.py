"""Writing files so that they appear whole or not at all, and by one run at a time.

A place is a folder of this machine, or one that fsspec reaches (``s3://bucket/reports``), then a
``UPath``: what this module and pathlib's path arithmetic offer works with either.
"""

from __future__ import annotations

import errno
import mimetypes
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from kpi_lib.errors import InputError, needs_extra
from kpi_lib.locale.catalogue import msg

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_DRAFT = ".draft"
# How stores are told what a file is: without it, browsers save a page instead of showing it.
_TYPE = {"s3": "ContentType", "s3a": "ContentType", "gs": "content_type", "gcs": "content_type"}
_AT_ONCE = 64
T = TypeVar("T")


def place(text: str) -> Path:
    """Give the place that a text names: a folder of this machine, or a URL that fsspec knows.

    Raises :class:`InputError` for a URL of a kind that is unknown or needs a package that is
    not installed.
    """
    if "://" not in text:
        return Path(text)
    url = urlsplit(text)
    if url.scheme in ("file", "local"):
        if url.netloc not in ("", "localhost"):
            raise InputError(
                msg(
                    "{text}: expected a folder of this machine, as in file:///srv/reports.",
                    text=text,
                )
            )
        return Path(url2pathname(url.path))
    with needs_extra("dask"):
        from fsspec import get_filesystem_class
        from upath import UPath

    try:
        get_filesystem_class(text.split("://")[0])
    except (ImportError, ValueError) as error:  # fsspec names the package that is missing
        hint = msg("Name a folder, or a URL that fsspec can write to, as s3://bucket/reports.")
        raise InputError(f"{text}: {error}. {hint}") from None
    return cast(Path, UPath(text))


def is_remote(path: Path) -> bool:
    """Say whether a place is reached through fsspec."""
    return not isinstance(path, Path)


def prepare(path: Path) -> None:
    """Import what reaches a place, so that processes that are forked from this one need not.

    Connects to nothing: a connection does not survive a fork.
    """
    if is_remote(path):
        from fsspec import get_filesystem_class

        get_filesystem_class(cast(Any, path).protocol)


def _through_fsspec(
    path: Path, what: Literal["written", "listed", "read"], act: Callable[[Any], T]
) -> T:
    """Do something with the file system of a remote path; every failure is an ``OSError``.

    The file system is asked for each time: fsspec keeps one for each thread and process, where
    a path would take its own along into a fork.
    """
    import fsspec

    remote = cast(Any, path)
    try:
        return act(fsspec.filesystem(remote.protocol, **remote.storage_options))
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, str(error), str(path)) from error
    except Exception as error:  # each file system has errors of its own
        why = str(error) or type(error).__name__
        said = {
            "written": msg("cannot be written ({error})", error=why),
            "listed": msg("cannot be listed ({error})", error=why),
            "read": msg("cannot be read ({error})", error=why),
        }[what]
        raise OSError(errno.EIO, said, str(path)) from error


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and move it there once all of it is on the disk.

    A reader, or a run after a power cut, finds the old file or the new one; once this is done,
    the new one. Makes the folder. Raises ``OSError`` with the name of the file.
    """
    data = content.encode() if isinstance(content, str) else content
    if is_remote(path):
        _through_fsspec(path, "written", lambda store: _put(store, path, data))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}{_DRAFT}")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        settle(path.parent)
    except BaseException as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        if isinstance(error, OSError):  # which may name the draft, or nothing
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def settle(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before anything else is done."""
    with suppress(OSError):  # Windows opens no folders, and some network folders cannot
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _put(store: Any, path: Path, data: bytes) -> None:
    name = cast(Any, path).path
    if store.async_impl:  # an object store, where an object is there whole or not at all
        kind = mimetypes.guess_type(name)[0]
        word = _TYPE.get(cast(Any, path).protocol)
        store.pipe_file(name, data, **({word: kind} if word and kind else {}))
        return
    store.makedirs(cast(Any, path.parent).path, exist_ok=True)
    with store.transaction, store.open(name, "wb") as file:
        file.write(data)


def names(folder: Path) -> set[str]:
    """Give the names of what is in a folder; none where there is no such folder."""
    try:
        if is_remote(folder):
            return _through_fsspec(folder, "listed", lambda store: _listed(store, folder))
        return set(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return set()


def _listed(store: Any, folder: Path) -> set[str]:
    store.invalidate_cache()  # others write there too
    found = store.ls(cast(Any, folder).path, detail=False)
    return {name.rstrip("/").rsplit("/", 1)[-1] for name in found}


def beginnings(files: Sequence[Path], size: int) -> list[str]:
    """Read the first ``size`` bytes of files as text; one that cannot be read begins with ''."""
    return [(content or b"").decode(errors="replace") for content in contents(files, size)]


def contents(files: Sequence[Path], size: int | None = None) -> Iterator[bytes | None]:
    """Read files, or their first ``size`` bytes, many at once where they are remote.

    None for one that cannot be read.
    """
    if not files or not is_remote(files[0]):
        yield from (_content(file, size) for file in files)
        return
    for some in (files[i : i + _AT_ONCE] for i in range(0, len(files), _AT_ONCE)):
        paths = [cast(Any, file).path for file in some]
        found = _through_fsspec(some[0], "read", partial(_ranges, paths=paths, size=size))
        yield from (content if isinstance(content, bytes) else None for content in found)


def _ranges(store: Any, paths: list[str], size: int | None) -> list[Any]:
    return list(store.cat_ranges(paths, 0, size, on_error="return"))


def _content(file: Path, size: int | None) -> bytes | None:
    try:
        with file.open("rb") as opened:
            return opened.read(-1 if size is None else size)
    except OSError:
        return None


@contextmanager
def mark(folder: Path) -> Iterator[str]:
    """Put a file of no content into a local folder for a while, and give its name.

    Who sees it there sees this folder, not another of its name.
    """
    sign = folder / f".{secrets.token_hex(8)}{_DRAFT}"
    sign.touch()
    try:
        yield sign.name
    finally:
        sign.unlink(missing_ok=True)


def remove_drafts(folder: Path) -> None:
    """Remove what a run that was killed left half-written in a folder.

    Remote places have no drafts. What only bears such a name, as a folder does, stays.
    """
    if is_remote(folder):
        return
    for draft in folder.glob(f".*{_DRAFT}"):
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into, which takes its place once all of it is on the disk.

    Whatever was in its place goes. What processes that were killed left of such folders is
    removed, but not what others are writing.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".*{_DRAFT}"):
        with suppress(OSError), _held(left) as free:
            if free:
                shutil.rmtree(left, ignore_errors=True)
    with _draft_folder(folder) as draft:
        yield draft
        for path in (*draft.rglob("*"), draft):
            settle(path)
        if folder.exists():
            with _draft_folder(folder) as old:
                os.replace(folder, old)
        os.replace(draft, folder)
        settle(folder.parent)


@contextmanager
def _draft_folder(folder: Path) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(_DRAFT, f".{folder.name}.", folder.parent))
    try:
        with _held(made):
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder where the system can; false where another process does."""
    if fcntl is None:
        yield True
        return
    holder = os.open(folder, os.O_RDONLY)
    try:
        yield _lock(holder)
    finally:
        os.close(holder)


@contextmanager
def only_one(folder: Path, patience: float = 10.0) -> Iterator[int | None]:
    """Keep a folder for one run at a time, where the system can tell.

    Gives what holds the folder: whoever has it open holds it too, so that processes of a run
    that was killed keep the next one waiting until they are gone. Raises ``InputError`` where
    another run goes on for longer than ``patience`` seconds. Remote places cannot be held.
    """
    if is_remote(folder):
        yield None
        return
    folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield None
        return
    holder = os.open(folder, os.O_RDONLY)
    try:
        deadline = time.monotonic() + patience
        while not _lock(holder):
            if time.monotonic() > deadline:
                raise InputError(
                    msg(
                        "{folder}: another run is writing here. Wait until it is done.",
                        folder=folder,
                    )
                )
            time.sleep(0.1)
        yield holder
    finally:
        os.close(holder)


def _lock(holder: int) -> bool:
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a network folder that knows no locks
    return True
