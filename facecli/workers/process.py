"""The parent's half of a worker process: start it, exchange messages with it, end it.

Tasks travel over a socket, which can carry the descriptor of an open file; answers come through a
pipe, which cannot. Both are non-blocking and everything is buffered. A worker that hangs, is
stopped, or dies in the middle of a message therefore holds up nobody.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facecli import free_memory
from facecli.errors.workers import TooLittleForWorkers, WorkersFailed
from facecli.interruption import Held
from facecli.workers import files, shared_memory
from facecli.workers.child import HEADER, MessageKind, Terms
from facecli.workers.confinement.bounds import Bounds

MEMORY_LIMIT = 3 * 2**30
"""Bytes of address space that a worker may use."""
LEAST_MEMORY = 640 * 2**20
"""Bytes of address space with which a worker can load an engine and analyse a small photo.

Measured with the engine `sface`: 515 MiB to load it, 580 MiB for a photo of 300 kilobytes.
"""
SETUP_LIMIT = 300.0
"""Seconds that a worker may take to set up: converting a network for the cache is slow, once."""
_TICK = 1.0  # seconds between two checks that a silent process still lives
_CHILD = Path(__file__).with_name("child.py")
_MAX_MESSAGE = 1 << 29  # bytes; the largest answers are photos and frames
_READ = 1 << 20
_KINDS = frozenset(MessageKind)
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
# For glibc. Each arena reserves 64 MiB of address space. Memory of one large photo is kept for the
# next: returning it and asking again takes as long as decoding. (Huge pages made networks 3 %
# faster, and start-up slower by up to half a second where memory was fragmented.)
_MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
}
# A worker needs neither the places of keys nor a camera's password.
_SECRETS = (
    "CREDENTIALS_DIRECTORY",
    "FACECLI_CAMERA_URL",
    "FACECLI_KEY_FILE",
    "FACECLI_PASSPHRASE_COMMAND",
    "FACECLI_PASSPHRASE_FILE",
)
# A preloaded library, such as fakeroot's, makes calls that a sealed worker may not make; and a
# worker connects to its camera, never to a proxy.
_MISLEADING = ("LD_PRELOAD", "http_proxy")


@dataclass(slots=True)
class _Part:
    """A part of a message that is not sent yet, and the open file that goes with its first byte."""

    unsent: memoryview
    descriptor: int | None = None

    def send(self, channel: socket.socket) -> int:
        """Send what the channel takes; return the number of bytes."""
        if self.descriptor is None:
            return channel.send(self.unsent)
        sent = socket.send_fds(channel, [self.unsent], [self.descriptor])
        self.close()
        return sent

    def close(self) -> None:
        """Close the file."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


class WorkerProcess:
    """A running worker.

    Args:
        setup: the pickled callable that returns the function for the tasks.
        memory_limit: bytes of address space, 0 for none.
        threads: threads that numeric libraries may use.
        debug: leave the worker's stderr connected.
        bounds: what it may ask of the kernel; None: everything.
        film: the open file that it writes, for the profile `FILM`. It is closed here.

    Raises:
        TooLittleForWorkers: this process may not have the memory that a worker needs.
        WorkersFailed: no process can be started.
    """

    def __init__(
        self,
        setup: bytes,
        *,
        memory_limit: int,
        threads: int,
        debug: bool,
        bounds: Bounds | None = None,
        film: int | None = None,
    ) -> None:
        check_memory()
        try:
            self._connect(threads, debug)
        except OSError as error:
            raise WorkersFailed(why=(error.strerror or "no reason given").lower()) from None
        self._out.setblocking(False)
        os.set_blocking(self._in, False)
        self._unsent: deque[_Part] = deque()
        self._received = bytearray()
        self._malformed = False
        self._open = True
        self.send(
            MessageKind.TERMS,
            pickle.dumps(
                Terms(
                    path=[entry or os.getcwd() for entry in sys.path],
                    parent=os.getpid(),
                    memory_limit=memory_limit,
                )
            ),
        )
        self.send(MessageKind.BOUNDS, pickle.dumps(bounds), film)
        self.send(MessageKind.SETUP, setup)

    def _connect(self, threads: int, debug: bool) -> None:
        self._out, task_end = socket.socketpair()
        self._in, result_end = os.pipe()
        try:
            self._process = _start(task_end.fileno(), result_end, threads, debug)
        except BaseException:
            self._out.close()
            os.close(self._in)
            raise
        finally:
            task_end.close()
            os.close(result_end)

    @property
    def results(self) -> int:
        """The file descriptor that becomes readable when the worker has sent something."""
        return self._in

    @property
    def tasks(self) -> int:
        """The file descriptor that becomes writable when the worker can take more."""
        return self._out.fileno()

    @property
    def has_unsent(self) -> bool:
        """True while something waits for `tasks` to become writable."""
        return bool(self._unsent)

    def send(self, kind: MessageKind, content: bytes, descriptor: int | None = None) -> None:
        """Send a message: write what fits now, and leave the rest to `flush`.

        descriptor: an open file to send along. It is closed here once it is sent.
        """
        with Held():
            message = HEADER.pack(len(content), kind) + content
            self._unsent.append(_Part(memoryview(message), descriptor))
            self._write()

    def send_task(self, task: Any) -> None:
        """Send a task, after the file that it names or the room that it has (see `files`).

        Raises:
            WorkersFailed: there is no memory to share a large array of it.
        """
        path, room = getattr(task, "file", None), getattr(task, "room", None)
        with Held():
            content, shared = shared_memory.pickled(task)
            if path is not None:
                descriptor, error_number = files.open_for_worker(path)
                self.send(MessageKind.FILE, pickle.dumps(error_number), descriptor)
            elif room is not None:
                self.send(MessageKind.FILE, pickle.dumps(0), os.dup(room))
            self.send(MessageKind.TASK, content, shared)

    def receive_listener(self) -> int:
        """Return the listener of the gate, which a worker sends before it reports being ready.

        Raises:
            OSError: it has not sent one.
        """
        _, descriptors, _, _ = socket.recv_fds(self._out, 1, 1)
        if not descriptors:
            raise FileNotFoundError
        return descriptors[0]

    def flush(self) -> None:
        """Write what the socket takes. The end of a worker shows in `receive`, not here."""
        with Held():
            self._write()

    def _write(self) -> None:
        try:
            while self._unsent:
                part = self._unsent[0]
                if part.unsent:
                    part.unsent = part.unsent[part.send(self._out) :]
                if not part.unsent:
                    self._unsent.popleft()
        except BlockingIOError:
            return
        except OSError:
            self._drop_unsent()

    def _drop_unsent(self) -> None:
        for part in self._unsent:
            part.close()
        self._unsent.clear()

    def receive(self) -> tuple[list[tuple[MessageKind, bytes]], bool]:
        """Return the messages that have arrived complete, and whether more can come."""
        ended = self._process.poll() is not None  # asked first: all that it sent is then here
        with Held():
            messages, more = self._read()
        return messages, more and not ended

    def _read(self) -> tuple[list[tuple[MessageKind, bytes]], bool]:
        alive = True
        while True:
            try:
                part = os.read(self._in, _READ)
            except BlockingIOError:
                break
            if not part:
                alive = False
                break
            self._received += part
        return self._messages(), alive and not self._malformed

    def _messages(self) -> list[tuple[MessageKind, bytes]]:
        messages = []
        start = 0
        while len(self._received) - start >= HEADER.size:
            length, kind = HEADER.unpack_from(self._received, start)
            if length > _MAX_MESSAGE or kind not in _KINDS:
                self._malformed = True
                break
            end = start + HEADER.size + length
            if len(self._received) < end:
                break
            with memoryview(self._received) as received:
                content = bytes(received[start + HEADER.size : end])
            messages.append((MessageKind(kind), content))
            start = end
        del self._received[:start]
        return messages

    def epitaph(self) -> str:
        """Return how it ended, as part of a sentence. Wait for a process that closed its pipe."""
        if self._malformed:
            return "sent something that is not a message"
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "stopped answering"
        if code >= 0:
            return f"ended itself (exit code {code})"
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            return f"was killed ({name}{', perhaps for lack of memory' if code == -9 else ''})"
        return f"was killed (signal {-code})"

    def kill(self) -> None:
        """Kill the process and all that it has started. Calling it again does nothing."""
        if not self._open:
            return
        self._open = False
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            with contextlib.suppress(OSError):  # the act that it worked for is done or undone
                self._process.kill()
        self._drop_unsent()
        self._out.close()
        os.close(self._in)

    def bury(self) -> None:
        """Wait for a killed process to end, so that no zombie is left."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)


def check_memory() -> None:
    """Check that workers may have the memory that they need, which they inherit.

    Raises:
        TooLittleForWorkers: they may not.
    """
    limit = free_memory.address_limit()
    if limit is not None and limit < LEAST_MEMORY:
        needed, allowed = LEAST_MEMORY // 2**20, limit // 2**20
        why = f"each needs {needed} MiB of address space, and {allowed} MiB are allowed"
        raise TooLittleForWorkers(why=why)


def exchange(processes: Sequence[WorkerProcess], deadline: float) -> None:
    """Write what the workers' pipes take, and wait until a worker has sent something.

    Return at `deadline` (of the monotonic clock), and after a second at the latest, so that the
    end of a silent process is noticed.
    """
    poll = select.poll()
    for process in processes:
        poll.register(process.results, select.POLLIN)
        if process.has_unsent:
            poll.register(process.tasks, select.POLLOUT)
    seconds = min(_TICK, max(0.0, deadline - time.monotonic()))
    happened = {handle for handle, _ in poll.poll(1000 * seconds)}
    for process in processes:
        if process.tasks in happened:
            process.flush()


def end(processes: Sequence[WorkerProcess]) -> None:
    """Kill all the processes, then wait for all."""
    for process in processes:
        process.kill()
    for process in processes:
        process.bury()


def _start(tasks: int, results: int, threads: int, debug: bool) -> subprocess.Popen[bytes]:
    dropped = {*_SECRETS, *_MISLEADING}
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    environment.update(dict.fromkeys(_THREADS, str(threads)))
    environment["ORT_DISABLE_TELEMETRY"] = "1"  # ONNX Runtime would call home
    for name, value in _MALLOC.items():
        environment.setdefault(name, value)
    return subprocess.Popen(  # noqa: S603 - our own interpreter on our own file
        [sys.executable, *_flags(), str(_CHILD), str(tasks), str(results)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None if debug else subprocess.DEVNULL,
        pass_fds=(tasks, results),
        env=environment,
        # A group of its own: a terminal's Ctrl-C does not reach it, not even while it starts.
        process_group=0,
    )


def _flags() -> list[str]:
    """Return the flags with which the child reads paths and modules as the parent does."""
    flags = ["-I" if sys.flags.isolated else "-P", "-X", f"utf8={sys.flags.utf8_mode}"]
    if sys.flags.ignore_environment and not sys.flags.isolated:
        flags.append("-E")
    return flags
