"""What a worker process runs: set itself up, then one task after another until the pipe ends.

Started by `facecli.workers.process` as a script of its own, so that it depends on nothing of the
parent's `__main__`; until the parent's import path has arrived it needs the standard library
alone. It is never imported by the parent.

Frames in both directions: 8 bytes of length (little-endian), 1 byte of kind, the content.
Parent to child: the terms, the pickled setup, then tasks. Child to parent: see `Kind`.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypedDict

HEADER = struct.Struct("<QB")
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Kind(IntEnum):
    """What a frame says."""

    TERMS = 1
    SETUP = 2
    TASK = 3
    READY = 4  # set up
    REFUSED = 5  # setup raised: a pickled FacecliError, or the name of another exception's type
    STARTED = 6  # a task was taken up
    RESULT = 7  # the pickled result
    FAILED = 8  # pickled (code, message)


class Terms(TypedDict):
    """What the parent imposes: its import path, its id, bytes of address space (0: no limit)."""

    path: list[str]
    parent: int
    memory_limit: int


def main(tasks: int, results: int) -> None:
    """Serve the pipe of tasks `tasks`, answering on `results`, both file descriptors."""
    for handle in (tasks, results):
        os.set_inheritable(handle, False)
    terms: Terms = pickle.loads(_receive(tasks))  # noqa: S301 - from the parent
    _restrain(terms)
    sys.path[:] = terms["path"]
    work = _set_up(_receive(tasks), results)
    _send(results, Kind.READY)
    while True:
        task = _receive(tasks)
        _send(results, Kind.STARTED)
        _send(results, *_outcome(work, task, terms["memory_limit"]))


def _restrain(terms: Terms) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C ends
    _die_with(terms["parent"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold somebody's photo
    limit = terms["memory_limit"]
    if limit:
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        except (OSError, ValueError):  # macOS has the name, not the limit
            return
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("800")  # when memory runs out, rather this process than the parent
    except OSError:
        return


def _die_with(parent: int) -> None:
    """Be killed when the parent dies, even amid native code that no longer reads the pipe."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before that took effect
        os._exit(0)


def _set_up(setup: bytes, results: int) -> Callable[[Any], Any]:
    try:
        return pickle.loads(setup)()  # type: ignore[no-any-return]  # noqa: S301 - from the parent
    except BaseException as error:
        from facecli.errors.base import FacecliError

        told = error if isinstance(error, FacecliError) else type(error).__name__
        _send(results, Kind.REFUSED, pickle.dumps(told))
        os._exit(1)


def _outcome(work: Callable[[Any], Any], task: bytes, memory_limit: int) -> tuple[Kind, bytes]:
    """What became of one task. An exception's own text stays here: it may quote the image."""
    from facecli.errors.base import FacecliError

    try:
        result = work(pickle.loads(task))  # noqa: S301 - from the parent
        return Kind.RESULT, pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
    except FacecliError as error:
        failure = error.reason, error.message
    except MemoryError:
        allowed = f"the {memory_limit // 2**20:,} MiB allowed to a worker"
        failure = "worker-crashed", f"it needs more memory than {allowed}"
    except BaseException as error:
        failure = "failed", f"an unexpected {type(error).__name__} ended the work on it"
    return Kind.FAILED, pickle.dumps(failure)


def _receive(handle: int) -> bytes:
    length, _ = HEADER.unpack(_read(handle, HEADER.size))
    return _read(handle, length)


def _read(handle: int, length: int) -> bytes:
    """Exactly `length` bytes; the process ends, its work done, where the pipe does."""
    data = bytearray()
    while len(data) < length:
        part = os.read(handle, min(length - len(data), 1 << 20))
        if not part:
            os._exit(0)
        data += part
    return bytes(data)


def _send(handle: int, kind: Kind, content: bytes = b"") -> None:
    frame = memoryview(HEADER.pack(len(content), kind) + content)
    try:
        while frame:
            frame = frame[os.write(handle, frame) :]
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
