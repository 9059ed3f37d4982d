"""Files that the parent opens for its workers, which can open none.

The class of a task may have an attribute `file`: the path of the file that its worker reads, or
None. The parent opens it, and the descriptor travels with the task. The bytes do not: two tasks
ahead for each worker could be a gigabyte in the parent.

A task may have an attribute `room` instead: memory in which its worker leaves a large answer.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from facecli.workers import shared_memory

_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_LOOK_AT = getattr(os, "O_PATH", os.O_RDONLY | os.O_NONBLOCK) | os.O_CLOEXEC

_handed: int | OSError | None = None


def open_for_reading(path: str) -> int:
    """Open the file at `path` and return its descriptor.

    What is not a regular file is only opened to be looked at, because opening a device can have
    effects, and a FIFO can block.

    Raises:
        OSError, ValueError
    """
    regular = stat.S_ISREG(os.stat(path).st_mode)
    return os.open(path, _READ if regular else _LOOK_AT)


def open_for_worker(path: str) -> tuple[int | None, int]:
    """Return the descriptor of the file at `path` and 0, or None and an error number.

    (None, 0) stands for a path that no system call takes.
    """
    try:
        return open_for_reading(path), 0
    except OSError as error:
        return None, error.errno or errno.EIO
    except ValueError:
        return None, 0


def hand(descriptor: int | None, error_number: int) -> None:
    """Keep what came for the next task of this worker; see `open_for_worker`."""
    global _handed
    _handed = OSError(error_number, os.strerror(error_number)) if error_number else descriptor


def take_back() -> None:
    """Close the file of a task that is done."""
    global _handed
    if isinstance(_handed, int):
        os.close(_handed)
    _handed = None


def fill(data: memoryview) -> None:
    """Write bytes into the room that came with the task (see `shared_memory.room`).

    Raises:
        OSError: there is too little, or none came.
    """
    if not isinstance(_handed, int):
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    shared_memory.write(_handed, data)


@contextmanager
def opened(path: str) -> Iterator[int]:
    """Yield a descriptor of the file at `path`, which ends with the context.

    In a worker this is the file that came with the task, at any offset; elsewhere it is opened.

    Raises:
        OSError, ValueError
    """
    if isinstance(_handed, OSError):
        raise _handed
    handle = open_for_reading(path) if _handed is None else os.dup(_handed)
    try:
        yield handle
    finally:
        os.close(handle)
