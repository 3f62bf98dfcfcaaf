"""Files and folders that appear whole, stay through a power cut, and are written by one run."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

import pytest

from kpi_lib.errors import refusal
from kpi_lib.io.store import only_one, whole_folder, write_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks Linux what is open")
def test_a_file_is_on_the_disk_before_its_name_is_and_its_name_before_the_work_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, replace = os.fsync, os.replace

    def told_sync(number: int) -> None:
        done.append(f"sync {Path(os.readlink(f'/proc/self/fd/{number}')).name}")
        sync(number)

    def told_replace(old: Path, new: Path) -> None:
        done.append(f"name {new.name}")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", told_sync)
    monkeypatch.setattr(os, "replace", told_replace)
    write_whole(tmp_path / "page.html", "trang")
    draft = f".page.html.{os.getpid()}.draft"
    assert done == [f"sync {draft}", "name page.html", f"sync {tmp_path.name}"]


def test_what_the_system_refuses_is_said_with_the_file_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space") as caught:
        write_whole(tmp_path / "page.html", "trang")
    assert refusal(caught.value) == (
        f"{tmp_path}/page.html: No space left on device. "
        "Make room there and run this again: what is done stays."
    )
    assert names(tmp_path) == []


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    with suppress(InterruptedError), whole_folder(tmp_path / "kept") as draft:
        (draft / "a").write_text("một")
        raise InterruptedError
    assert names(tmp_path) == []
    with whole_folder(tmp_path / "kept") as draft:
        (draft / "a").write_text("một")
        assert not (tmp_path / "kept").exists()
    assert names(tmp_path) == ["kept"]
    assert (tmp_path / "kept" / "a").read_text() == "một"


def test_a_folder_replaces_one_that_was_damaged(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "half").touch()
    with whole_folder(tmp_path / "kept") as draft:
        (draft / "a").touch()
    assert names(tmp_path) == ["kept"]
    assert names(tmp_path / "kept") == ["a"]


def test_folders_of_processes_that_were_killed_are_removed_and_those_of_others_are_not(
    tmp_path: Path,
) -> None:
    (tmp_path / ".kept.killed.draft").mkdir()
    (tmp_path / ".kept.killed.draft" / "a").touch()
    with whole_folder(tmp_path / "other") as others:
        (others / "b").touch()
        with whole_folder(tmp_path / "kept"):
            assert not (tmp_path / ".kept.killed.draft").exists()
        assert (others / "b").exists()
    assert names(tmp_path) == ["kept", "other"]


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "a"),
        pytest.raises(ValueError, match="another run"),
        only_one(tmp_path / "a", patience=0.3),
    ):
        pass
    with only_one(tmp_path / "a", patience=0.3), only_one(tmp_path / "b", patience=0.3):
        pass
