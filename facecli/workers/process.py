"""One worker process seen from the parent: started, fed, listened to, ended.

Nothing here ever waits for a worker: both pipes are non-blocking and everything is buffered, so
that a worker which hangs, is stopped, or dies in the middle of a message can hold up nobody.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from pathlib import Path

from facecli.workers.child import HEADER, Kind, Terms
from facecli.workers.interruption import Held

_CHILD = Path(__file__).with_name("child.py")
_MAX_FRAME = 1 << 30
_READ = 1 << 20
_KINDS = frozenset(Kind)
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
# For glibc. Arenas reserve 64 MiB of address space each. What one large photo needed is kept for
# the next: to give it back and ask again costs as much time as decoding does. (Huge pages made
# networks 3 % quicker, and start-up slower by up to half a second where memory was in pieces.)
_MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
}
# Where keys can be found is none of a worker's business, nor is a camera's password.
_SECRETS = (
    "CREDENTIALS_DIRECTORY",
    "FACECLI_CAMERA_URL",
    "FACECLI_KEY_FILE",
    "FACECLI_PASSPHRASE_COMMAND",
    "FACECLI_PASSPHRASE_FILE",
)


class WorkerProcess:
    """A running worker.

    `setup` is the pickled callable; `memory_limit` is in bytes of address space, 0 for none;
    `debug` leaves the worker's stderr connected. Raises `OSError` if no process can be started.
    """

    def __init__(self, setup: bytes, *, memory_limit: int, threads: int, debug: bool) -> None:
        task_end, self._out = os.pipe()
        self._in, result_end = os.pipe()
        try:
            self._process = _start(task_end, result_end, threads, debug)
        except BaseException:
            os.close(self._out)
            os.close(self._in)
            raise
        finally:
            os.close(task_end)
            os.close(result_end)
        os.set_blocking(self._out, False)
        os.set_blocking(self._in, False)
        self._unsent: deque[memoryview] = deque()
        self._received = bytearray()
        self._babbled = False
        self._open = True
        self.send(
            Kind.TERMS,
            pickle.dumps(
                Terms(
                    path=[entry or os.getcwd() for entry in sys.path],
                    parent=os.getpid(),
                    memory_limit=memory_limit,
                )
            ),
        )
        self.send(Kind.SETUP, setup)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def results(self) -> int:
        """The file descriptor that becomes readable when the worker has said something."""
        return self._in

    @property
    def tasks(self) -> int:
        """The file descriptor that becomes writable when the worker takes more."""
        return self._out

    @property
    def has_unsent(self) -> bool:
        """Whether something waits for `tasks` to become writable."""
        return bool(self._unsent)

    def send(self, kind: Kind, content: bytes) -> None:
        """Hand over a message; as much as fits goes now, the rest with `flush`."""
        with Held():
            self._unsent.append(memoryview(HEADER.pack(len(content), kind)))
            self._unsent.append(memoryview(content))
            self._write()

    def flush(self) -> None:
        """Write what the pipe takes. A worker that is gone shows in `receive`, not here."""
        with Held():
            self._write()

    def _write(self) -> None:
        try:
            while self._unsent:
                part = self._unsent.popleft()
                if part:
                    self._unsent.appendleft(part[os.write(self._out, part) :])
        except BlockingIOError:
            self._unsent.appendleft(part)
        except OSError:
            self._unsent.clear()

    def receive(self) -> tuple[list[tuple[Kind, bytes]], bool]:
        """The messages that have arrived whole, and whether more can come."""
        with Held():
            return self._read()

    def _read(self) -> tuple[list[tuple[Kind, bytes]], bool]:
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
        return self._messages(), alive and not self._babbled

    def _messages(self) -> list[tuple[Kind, bytes]]:
        messages = []
        start = 0
        while len(self._received) - start >= HEADER.size:
            length, kind = HEADER.unpack_from(self._received, start)
            if length > _MAX_FRAME or kind not in _KINDS:
                self._babbled = True
                break
            end = start + HEADER.size + length
            if len(self._received) < end:
                break
            messages.append((Kind(kind), bytes(self._received[start + HEADER.size : end])))
            start = end
        del self._received[:start]
        return messages

    def is_dead(self) -> bool:
        """Whether the process has ended, even if a descendant keeps its pipe open."""
        return self._process.poll() is not None

    def epitaph(self) -> str:
        """How it ended, to stand in a sentence; waits for a process that has let go of its pipe."""
        if self._babbled:
            return "sent what is no message"
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
        """End it at once and all it has started; harmless if it has ended."""
        if not self._open:
            return
        self._open = False
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
        os.close(self._out)
        os.close(self._in)

    def bury(self) -> None:
        """Wait for the end of a killed process, so that no zombie is left."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)


def _start(tasks: int, results: int, threads: int, debug: bool) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
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
    """The interpreter flags under which the child reads paths and modules as the parent does."""
    flags = ["-I" if sys.flags.isolated else "-P", "-X", f"utf8={sys.flags.utf8_mode}"]
    if sys.flags.ignore_environment and not sys.flags.isolated:
        flags.append("-E")
    return flags
