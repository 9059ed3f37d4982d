"""Files that the parent opens for a worker."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecli.workers import files


@pytest.fixture(autouse=True)
def _nothing_handed() -> Iterator[None]:
    yield
    files.take_back()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"content")
    return path


def test_a_file_that_was_handed_over_is_read_instead_of_the_path(path: Path) -> None:
    descriptor, error_number = files.open_for_worker(str(path))
    path.unlink()
    files.hand(descriptor, error_number)
    for _ in range(2):
        with files.opened("any name") as handle:
            assert os.pread(handle, 99, 0) == b"content"
    files.take_back()
    with pytest.raises(FileNotFoundError), files.opened(str(path)):
        pass


def test_the_error_of_the_parent_is_raised_in_the_worker(tmp_path: Path) -> None:
    given = files.open_for_worker(str(tmp_path / "none"))
    assert given == (None, errno.ENOENT)
    files.hand(*given)
    with pytest.raises(FileNotFoundError), files.opened("any name"):
        pass


def test_elsewhere_the_path_is_opened(path: Path) -> None:
    with files.opened(str(path)) as handle:
        assert os.read(handle, 99) == b"content"
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(handle)


def test_a_pipe_or_a_folder_is_not_opened_for_reading(tmp_path: Path) -> None:
    """Opening a pipe would wait for a writer; opening a device can have effects."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/null")):
        with files.opened(str(path)) as handle:
            os.fstat(handle)
            with pytest.raises(OSError, match="Bad file"):
                os.read(handle, 1)


def test_a_path_that_no_system_call_takes_is_left_to_the_worker() -> None:
    assert files.open_for_worker("a\0b") == (None, 0)
