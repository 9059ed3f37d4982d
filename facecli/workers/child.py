"""Script of a worker process: set up, then do one task after another until the pipe ends.

`facecli.workers.process` starts it as a script of its own, so that it does not depend on the
parent's `__main__`. Until the parent's import path has arrived, it uses the standard library only.
The parent imports only its message format.

A message, in either direction: 8 bytes of length (little-endian), 1 byte of kind, the content.
The parent sends the terms, the bounds, the setup, then tasks, all pickled, over a socket; a header
can carry a descriptor, as of the large array of a task. The answers (see `MessageKind`) are plain
data, made by `facecli.workers.wire`: the parent does not trust a worker.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from facecli.workers.confinement.bounds import Bounds
    from facecli.workers.confinement.steps import Confinement

HEADER = struct.Struct("<QB")
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class MessageKind(IntEnum):
    """MessageKind of a message between parent and worker."""

    TERMS = 1
    BOUNDS = 2
    SETUP = 3
    FILE = 4  # of the next task: its descriptor, or the error number for which there is none
    TASK = 5
    READY = 6  # set up: the `Confinement`, or None
    REFUSED = 7  # setup raised: a FacecliError
    BROKEN = 8  # setup raised: the name of another exception's type
    STARTED = 9  # work on a task has begun
    RESULT = 10  # the result
    FAILED = 11  # (code, message)
    DECLINED = 12  # the same, and no decoder has read the file


class Terms(TypedDict):
    """Conditions set by the parent.

    path: its import path. parent: its process id. memory_limit: bytes of address space, 0 for none.
    """

    path: list[str]
    parent: int
    memory_limit: int


def main(tasks: int, results: int) -> None:
    """Read tasks from the socket `tasks` and answer on the pipe `results`, two file descriptors."""
    for handle in (tasks, results):
        os.set_inheritable(handle, False)
    channel = socket.socket(fileno=tasks)
    terms: Terms = pickle.loads(_receive(channel)[1])  # noqa: S301 - from the parent
    allowed = _restrain(terms)
    sys.path[:] = terms["path"]
    from facecli.workers import files, shared_memory  # noqa: F401 - nothing is imported later

    work = _set_up(channel, results, allowed)
    answer = b""
    while True:
        if answer and not _has_more(channel):
            _write(results, answer)
            answer = b""
        kind, content, file = _receive(channel)
        if kind == MessageKind.FILE:
            files.hand(file, pickle.loads(content))  # noqa: S301 - from the parent
            continue
        _write(results, answer + _message(MessageKind.STARTED))
        answer = b""  # neither a picture nor an answer is kept while the next one is made
        answer = _message(*_outcome(work, content, file, allowed))
        content = b""
        files.take_back()


def _restrain(terms: Terms) -> int:
    """Bind this process to its terms; return the bytes of address space that it may have."""
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
            return limit
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("800")  # if memory runs out, the kernel ends this process before the parent
    return limit


def _die_with(parent: int) -> None:
    """Make the kernel kill this process with its parent, even inside native code."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # the parent died before that took effect
        os._exit(0)


def _set_up(channel: socket.socket, results: int, allowed: int) -> Callable[[Any], Any]:
    """Confine this process, and return the function for the tasks."""
    from facecli.errors.base import FacecliError
    from facecli.errors.shortage import ran_out
    from facecli.errors.workers import TooLittleForWorkers
    from facecli.workers import wire  # nothing can be imported once the process is sealed

    _, bounds, film = _receive(channel)
    _, setup, _ = _receive(channel)
    try:
        work, confinement = _confined(pickle.loads(bounds), film, setup, channel)  # noqa: S301
    except BaseException as error:
        if ran_out(error):
            error = TooLittleForWorkers(why=f"to begin takes more than {_in_words(allowed)}")
        if isinstance(error, FacecliError):
            _send(results, MessageKind.REFUSED, wire.pack_error(error))
        else:
            _send(results, MessageKind.BROKEN, wire.pack(type(error).__name__))
        os._exit(1)
    _send(results, MessageKind.READY, wire.pack(confinement))
    return work


def _confined(
    bounds: Bounds | None, film: int | None, setup: bytes, channel: socket.socket
) -> tuple[Callable[[Any], Any], Confinement | None]:
    if bounds is None:
        return pickle.loads(setup)(), None  # noqa: S301 - from the parent
    from facecli.workers.confinement import steps

    abi = steps.enclose(bounds, film)
    work = pickle.loads(setup)()  # noqa: S301 - from the parent
    return work, steps.seal(bounds, abi, channel)


def _outcome(
    work: Callable[[Any], Any], task: bytes, shared: int | None, allowed: int
) -> tuple[MessageKind, bytes]:
    """Do one task. The text of an unexpected exception stays here: it may quote the image."""
    from facecli.errors.base import FacecliError
    from facecli.errors.shortage import ran_out
    from facecli.workers import shared_memory, wire

    try:
        result = work(shared_memory.unpickled(task, shared))
        return MessageKind.RESULT, wire.pack(result)
    except FacecliError as error:
        kind = MessageKind.FAILED if error.decoded else MessageKind.DECLINED
        return kind, wire.pack((error.reason, error.message))
    except BaseException as error:
        if ran_out(error):
            failure = "worker-crashed", f"it needs more memory than {_in_words(allowed)}"
        else:
            failure = "failed", f"an unexpected {type(error).__name__} ended the work on it"
    return MessageKind.FAILED, wire.pack(failure)


def _in_words(allowed: int) -> str:
    return f"the {allowed // 2**20:,} MiB allowed to a worker" if allowed else "there is"


def _receive(channel: socket.socket) -> tuple[int, bytes, int | None]:
    """Return the kind and content of the next message, and the descriptor that came with it."""
    header, handles = b"", []
    while len(header) < HEADER.size:
        part, more, _, _ = socket.recv_fds(channel, HEADER.size - len(header), 1)
        if not part:
            os._exit(0)
        header += part
        handles += more
    length, kind = HEADER.unpack(header)
    return kind, _read(channel.fileno(), length), handles[0] if handles else None


def _read(handle: int, length: int) -> bytes:
    """Read exactly `length` bytes. End the process, its work done, where the socket ends."""
    data = bytearray()
    while len(data) < length:
        part = os.read(handle, min(length - len(data), 1 << 20))
        if not part:
            os._exit(0)
        data += part
    return bytes(data)


def _has_more(channel: socket.socket) -> bool:
    """Return True if the next message waits. The last answer then goes with its start."""
    try:
        return bool(channel.recvmsg(1, 0, socket.MSG_PEEK | socket.MSG_DONTWAIT)[0])
    except BlockingIOError:
        return False


def _message(kind: MessageKind, content: bytes = b"") -> bytes:
    return HEADER.pack(len(content), kind) + content


def _send(handle: int, kind: MessageKind, content: bytes = b"") -> None:
    _write(handle, _message(kind, content))


def _write(handle: int, content: bytes) -> None:
    """Write messages in one piece if the pipe takes them: the parent then wakes up once."""
    unsent = memoryview(content)
    try:
        while unsent:
            unsent = unsent[os.write(handle, unsent) :]
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
