"""Script of a worker process: set up, then do one task after another until the pipe ends.

`facecli.workers.process` starts it as a script of its own, so that it does not depend on the
parent's `__main__`. Until the parent's import path has arrived, it uses the standard library only.
The parent imports only its message format.

A message, in either direction: 8 bytes of length (little-endian), 1 byte of kind, the content.
The parent sends the terms, the pickled setup, then tasks. See `MessageKind` for the answers.
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


class MessageKind(IntEnum):
    """MessageKind of a message between parent and worker."""

    TERMS = 1
    SETUP = 2
    TASK = 3
    READY = 4  # set up
    REFUSED = 5  # setup raised: a pickled FacecliError, or the name of another exception's type
    STARTED = 6  # work on a task has begun
    RESULT = 7  # the pickled result
    FAILED = 8  # pickled (code, message)


class Terms(TypedDict):
    """Conditions set by the parent.

    path: its import path. parent: its process id. memory_limit: bytes of address space, 0 for none.
    """

    path: list[str]
    parent: int
    memory_limit: int


def main(tasks: int, results: int) -> None:
    """Read tasks from the pipe `tasks` and answer on `results`; both are file descriptors."""
    for handle in (tasks, results):
        os.set_inheritable(handle, False)
    terms: Terms = pickle.loads(_receive(tasks))  # noqa: S301 - from the parent
    _restrain(terms)
    sys.path[:] = terms["path"]
    work = _set_up(_receive(tasks), results)
    _send(results, MessageKind.READY)
    while True:
        task = _receive(tasks)
        _send(results, MessageKind.STARTED)
        _send(results, *_outcome(work, task, terms["memory_limit"]))


def _restrain(terms: Terms) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C ends
    _die_with(terms["parent"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file could contain a photo
    limit = terms["memory_limit"]
    if limit:
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        except (OSError, ValueError):  # macOS defines the name but not the limit
            return
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("800")  # if memory runs out, the kernel ends this process before the parent
    except OSError:
        return


def _die_with(parent: int) -> None:
    """Make the kernel kill this process with its parent, even inside native code."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # the parent died before that took effect
        os._exit(0)


def _set_up(setup: bytes, results: int) -> Callable[[Any], Any]:
    try:
        return pickle.loads(setup)()  # type: ignore[no-any-return]  # noqa: S301 - from the parent
    except BaseException as error:
        from facecli.errors.base import FacecliError

        answer = error if isinstance(error, FacecliError) else type(error).__name__
        _send(results, MessageKind.REFUSED, pickle.dumps(answer))
        os._exit(1)


def _outcome(
    work: Callable[[Any], Any], task: bytes, memory_limit: int
) -> tuple[MessageKind, bytes]:
    """Do one task. The text of an unexpected exception stays here: it may quote the image."""
    from facecli.errors.base import FacecliError

    try:
        result = work(pickle.loads(task))  # noqa: S301 - from the parent
        return MessageKind.RESULT, pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
    except FacecliError as error:
        failure = error.reason, error.message
    except MemoryError:
        allowed = f"the {memory_limit // 2**20:,} MiB allowed to a worker"
        failure = "worker-crashed", f"it needs more memory than {allowed}"
    except BaseException as error:
        failure = "failed", f"an unexpected {type(error).__name__} ended the work on it"
    return MessageKind.FAILED, pickle.dumps(failure)


def _receive(handle: int) -> bytes:
    length, _ = HEADER.unpack(_read(handle, HEADER.size))
    return _read(handle, length)


def _read(handle: int, length: int) -> bytes:
    """Read exactly `length` bytes. End the process, its work done, where the pipe ends."""
    data = bytearray()
    while len(data) < length:
        part = os.read(handle, min(length - len(data), 1 << 20))
        if not part:
            os._exit(0)
        data += part
    return bytes(data)


def _send(handle: int, kind: MessageKind, content: bytes = b"") -> None:
    message = memoryview(HEADER.pack(len(content), kind) + content)
    try:
        while message:
            message = message[os.write(handle, message) :]
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
