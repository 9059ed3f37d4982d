"""New files: complete under their name, or not there at all, on every kind of file system."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from facecli.nameless_file import nameless_file


@pytest.fixture(params=["nameless", "named"])
def _kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that knows nameless files, and one that does not."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE")


pytestmark = pytest.mark.usefixtures("_kind")


def test_a_new_file_appears_complete_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "new"
    with nameless_file(path) as file:
        file.stream.write(b"whole")
        assert not path.exists()
        file.appear()
        assert path.read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["new"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_file_never_replaces_another(tmp_path: Path) -> None:
    path = tmp_path / "there"
    path.write_text("before")
    with pytest.raises(FileExistsError), nameless_file(path) as file:
        file.appear()
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["there"]


def test_a_new_file_never_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError), nameless_file(tmp_path / "link") as file:
        file.appear()
    assert os.listdir(tmp_path) == ["link"]


@pytest.mark.parametrize("before", [None, "before"])
def test_a_replacement_takes_the_place_of_what_was_there(
    tmp_path: Path, before: str | None
) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_text(before)
    with nameless_file(path) as file:
        file.stream.write(b"after")
        file.replace()
    assert path.read_text() == "after"
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_that_gets_no_name_leaves_nothing(tmp_path: Path) -> None:
    with nameless_file(tmp_path / "never") as file:
        file.stream.write(b"secret")
        file.stream.flush()
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), nameless_file(tmp_path / "none" / "file"):
        pass


def test_a_name_that_is_not_on_disk_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fails when the folder is synced: the new file does not stay."""
    sync = os.fsync

    def fail_for_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail_for_folders)
    with pytest.raises(OSError, match="Input/output"), nameless_file(tmp_path / "new") as file:
        file.appear()
    assert os.listdir(tmp_path) == []


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    with nameless_file(tmp_path / "new") as file:
        file.appear()
    assert os.listdir("/proc/self/fd") == before
