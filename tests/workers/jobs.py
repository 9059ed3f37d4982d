"""Work for the workers of these tests. Importable, because a worker imports its setup."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from facecli.errors.capture import CaptureFailed, NotDecoded
from facecli.errors.command_line import BadInput
from facecli.workers.child import HEADER
from tests import waiting


def doubling() -> Callable[[int], int]:
    return lambda number: 2 * number


def measuring() -> Callable[[bytes], int]:
    return len


def telling() -> Callable[[str], Any]:
    """A worker that tells about its own process."""
    return lambda what: ANSWERS[what]()


def obeying() -> Callable[[Any], Any]:
    """A worker that does what it is told, however bad."""
    return obey


def obey(order: tuple[str, Any]) -> Any:
    what, value = order
    return ORDERS[what](value)


def hang(beacon: str | None) -> None:
    if beacon:
        Path(beacon).write_text(str(os.getpid()))
    while True:
        signal.pause()


def meet(folder: str) -> int:
    """Return once two processes are here: only true parallel work gets out."""
    Path(folder, str(os.getpid())).touch()
    waiting.until(lambda: len(os.listdir(folder)) == 2)
    return os.getpid()


def open_gate(path: str) -> str:
    Path(path).touch()
    return "opened"


def wait_at_gate(path: str) -> str:
    waiting.until(Path(path).exists)
    return "passed"


def allocate(size: int) -> int:
    return len(bytearray(size))


def fail_capture(path: str) -> None:
    raise CaptureFailed(path=path, why="it is no image", reason="too-many-pixels")


def decline(path: str) -> None:
    raise NotDecoded(path=path, why="it is no image")


def fail_otherwise(secret: str) -> None:
    raise KeyError(secret)


def chatter(text: str) -> str:
    print(text)
    print(text, file=sys.stderr)
    os.write(1, text.encode())
    os.write(2, text.encode())
    subprocess.run(["/bin/echo", text], check=True)
    return "said"


def stop_and_wait(_: object) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def unpicklable(_: object) -> object:
    return lambda: None


def garble(_: object) -> None:
    os.write(int(sys.argv[2]), b"\xff" * 64)
    hang(None)


def forge(messages: list[tuple[int, bytes]]) -> str:
    """Send messages of our own making, as a worker that was taken over can."""
    for kind, content in messages:
        os.write(int(sys.argv[2]), HEADER.pack(len(content), kind) + content)
    return "the real answer"


ORDERS: dict[str, Callable[[Any], Any]] = {
    "echo": lambda value: value,
    "kill": lambda number: os.kill(os.getpid(), number),
    "abort": lambda _: os.abort(),
    "kill the thread": lambda number: signal.pthread_kill(threading.get_ident(), number),
    "segfault": lambda _: ctypes.string_at(0),
    "exit": os._exit,
    "leave": sys.exit,
    "hang": hang,
    "stop": stop_and_wait,
    "allocate": allocate,
    "capture-failed": fail_capture,
    "decline": decline,
    "fail": fail_otherwise,
    "chatter": chatter,
    "meet": meet,
    "open": open_gate,
    "wait": wait_at_gate,
    "unpicklable": unpicklable,
    "garble": garble,
    "forge": forge,
    "pid": lambda _: os.getpid(),
    "interrupt": lambda _: os.kill(os.getpid(), signal.SIGINT),
}


def limits() -> dict[str, tuple[int, int]]:
    import resource

    return {
        "memory": resource.getrlimit(resource.RLIMIT_AS),
        "core": resource.getrlimit(resource.RLIMIT_CORE),
    }


def open_files() -> list[str]:
    names = []
    for entry in os.listdir("/proc/self/fd"):
        try:
            names.append(os.readlink(f"/proc/self/fd/{entry}"))
        except FileNotFoundError:
            continue  # the directory's own
    return names


ANSWERS: dict[str, Callable[[], Any]] = {
    "pid": os.getpid,
    "limits": limits,
    "environment": lambda: dict(os.environ),
    "files": open_files,
    "path": lambda: sys.path,
    "main": lambda: sys.modules["__main__"].__file__,
    "modules": lambda: sorted(sys.modules),
}


def refusing() -> Callable[[Any], Any]:
    raise BadInput(what="the model", why="its hash is another")


def raising() -> Callable[[Any], Any]:
    raise RuntimeError("secret")


def dying(diary: str) -> Callable[[Any], Any]:
    with Path(diary).open("a") as file:
        file.write(f"{os.getpid()}\n")
    os._exit(9)


def never_ready() -> Callable[[Any], Any]:
    while True:
        signal.pause()


def dying_once(marker: str) -> Callable[[int], int]:
    """The first worker dies in its setup, as if memory had been short for a moment."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return doubling()


def hungry() -> Callable[[Any], Any]:
    """A library takes more memory in the setup than there is, and raises in other words."""
    try:
        bytearray(2**33)
    except MemoryError:
        raise BadInput(what="the model", why="it is not taken") from None
    return str


class Unreadable:
    """A task that cannot be unpickled in the worker."""

    def __reduce__(self) -> tuple[Any, ...]:
        return int, ("no number",)
