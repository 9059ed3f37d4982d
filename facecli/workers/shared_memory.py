"""Bytes that processes share, such as a frame: written once, and then by nobody.

A frame crosses no pipe: the parent makes room in memory and passes its descriptor to the process
that decodes, then to the one that analyses. In between, the kernel seals what was written, so that
a worker that a stream has taken over cannot change a frame while it is analysed.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import pickle
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from facecli.errors.workers import WorkersFailed

LEAST = 1 << 16
"""Bytes below which a copy through the socket is quicker."""
_WRITTEN = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


class SharedBytes(mmap.mmap):
    """Sealed bytes of a descriptor, which is open as long as they are in use."""

    descriptor: int

    @classmethod
    def sealed(cls, descriptor: int, size: int) -> SharedBytes:
        """Seal what was written to memory of `room`, and map it.

        Args:
            descriptor: of the memory. It belongs to the result from now on.
            size: bytes that were written.

        Raises:
            OSError: the writer can still change it, or has made it shorter.
        """
        try:
            os.ftruncate(descriptor, size)
            # Refused while somebody has it mapped for writing.
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _WRITTEN)
            found = cls(descriptor, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
        except BaseException:
            os.close(descriptor)
            raise
        found.descriptor = descriptor
        weakref.finalize(found, os.close, descriptor)
        return found


def room(size: int) -> int:
    """Return the descriptor of new memory for at most `size` bytes. It takes none until written.

    Raises:
        WorkersFailed: no memory or no descriptor is left.
    """
    with _explained():
        descriptor = os.memfd_create("facecli", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(descriptor, size)
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor


def pickled(task: Any) -> tuple[bytes, int | None]:
    """Return a task as a pickle, and the descriptor of its one large array, which is left out.

    The caller closes the descriptor. Other arrays are in the pickle.

    Raises:
        WorkersFailed: no memory or no descriptor is left.
    """
    apart: list[pickle.PickleBuffer] = []

    def keep(buffer: pickle.PickleBuffer) -> bool:
        if apart or memoryview(buffer).nbytes < LEAST:
            return True
        apart.append(buffer)
        return False

    content = pickle.dumps(task, pickle.HIGHEST_PROTOCOL, buffer_callback=keep)
    with _explained():
        return content, _shared(apart[0].raw()) if apart else None


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WorkersFailed(why=(error.strerror or "no reason given").lower()) from None


def unpickled(content: bytes, descriptor: int | None) -> Any:
    """Return the task that `pickled` was given. Its large array cannot be written to."""
    if descriptor is None:
        return pickle.loads(content)  # noqa: S301 - from the parent
    size = os.fstat(descriptor).st_size
    apart = mmap.mmap(descriptor, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    os.close(descriptor)  # the map has its own
    return pickle.loads(content, buffers=[apart])  # noqa: S301 - from the parent


def _shared(data: memoryview) -> int:
    """Return a descriptor of these bytes: that of the memory they lie in, or of a copy."""
    owner: Any = data.obj
    while owner is not None and not isinstance(owner, SharedBytes):
        owner = owner.obj if isinstance(owner, memoryview) else getattr(owner, "base", None)
    if owner is not None and len(owner) == data.nbytes:
        return os.dup(owner.descriptor)
    descriptor = room(data.nbytes)
    write(descriptor, data)
    return descriptor


def write(descriptor: int, data: memoryview) -> None:
    """Write bytes to memory of `room`.

    Raises:
        OSError: there is too little room, or no memory is left.
    """
    unsent = data.cast("B")
    while unsent:
        unsent = unsent[os.write(descriptor, unsent) :]
