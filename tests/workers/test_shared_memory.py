"""Bytes that processes share: no copy on the way, and no change once they are handed on."""

from __future__ import annotations

import mmap
import os
from functools import partial

import numpy as np
import pytest

from facecli.errors.workers import WorkersFailed
from facecli.workers import shared_memory
from facecli.workers.shared_memory import LEAST, SharedBytes

PICTURE = np.arange(3 * 480 * 640, dtype=np.uint32).astype(np.uint8).reshape(480, 640, 3)


def written(data: memoryview) -> int:
    handle = shared_memory.room(10**8)
    shared_memory.write(handle, data)
    return handle


def shared() -> np.ndarray:
    """The picture as a frame is: in memory that another process has written."""
    sealed = SharedBytes.sealed(written(PICTURE.data), PICTURE.nbytes)
    return np.frombuffer(sealed, np.uint8).reshape(PICTURE.shape)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_an_array_of_shared_memory_is_passed_on_without_a_copy() -> None:
    frame = shared()
    content, handle = shared_memory.pickled(("a name", frame))
    again, other = shared_memory.pickled(frame)
    assert handle is not None
    assert other is not None
    assert os.path.samestat(os.fstat(handle), os.fstat(other))
    assert len(content) < 500
    name, received = shared_memory.unpickled(content, handle)
    assert name == "a name"
    assert (received == PICTURE).all()
    assert (shared_memory.unpickled(again, other) == PICTURE).all()


@pytest.mark.parametrize(
    "array",
    [PICTURE, PICTURE[:100], PICTURE[::2], shared()[5:], PICTURE[:1, :1], np.zeros(0, np.uint8)],
    ids=["whole", "part", "every second line", "part of a frame", "small", "empty"],
)
def test_any_other_array_arrives_too(array: np.ndarray) -> None:
    received = shared_memory.unpickled(*shared_memory.pickled([array, array]))
    assert all((each == array).all() and each.shape == array.shape for each in received)


def test_what_is_sealed_cannot_be_changed_by_whoever_wrote_it() -> None:
    handle = written(PICTURE.data)
    writer = os.dup(handle)
    sealed = SharedBytes.sealed(handle, PICTURE.nbytes)
    try:
        for change in (
            partial(os.pwrite, writer, b"x", 0),
            partial(os.ftruncate, writer, 0),
            partial(os.ftruncate, writer, 2 * PICTURE.nbytes),
            partial(mmap.mmap, writer, PICTURE.nbytes),
        ):
            with pytest.raises(OSError, match="not permitted"):
                change()
    finally:
        os.close(writer)
    assert bytes(sealed) == PICTURE.tobytes()


def test_who_has_it_mapped_for_writing_is_refused() -> None:
    handle = written(PICTURE.data)
    with mmap.mmap(handle, PICTURE.nbytes), pytest.raises(OSError, match="busy"):
        SharedBytes.sealed(handle, PICTURE.nbytes)


def test_nobody_writes_more_than_the_room() -> None:
    handle = shared_memory.room(LEAST)
    with pytest.raises(OSError, match="not permitted"):
        shared_memory.write(handle, memoryview(bytes(2 * LEAST)))
    with pytest.raises(OSError, match="not permitted"):  # nor is more said to be there
        SharedBytes.sealed(handle, 2 * LEAST)


def test_every_descriptor_is_closed() -> None:
    before = descriptors()
    frame = shared()
    shared_memory.unpickled(*shared_memory.pickled(frame))
    with pytest.raises(OSError, match="not permitted"):
        SharedBytes.sealed(shared_memory.room(1), 2)
    del frame
    assert descriptors() == before


def test_without_memory_there_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(24, os.strerror(24))

    monkeypatch.setattr(os, "memfd_create", full)
    with pytest.raises(WorkersFailed, match="too many open files"):
        shared_memory.pickled(PICTURE)
