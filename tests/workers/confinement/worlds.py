"""Work for workers of these tests, which tell what they may still do."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from facecli.workers.confinement import kernel, landlock
from facecli.workers.confinement.landlock import READ, Grant

FAST_OPEN = 0x20000000
MPTCP = 262


def told(act: Callable[[], object]) -> str:
    """The value of an act, or the name of its error."""
    try:
        return str(act())
    except (LookupError, OSError) as error:
        return type(error).__name__


def connecting() -> Callable[[tuple[str, Any]], str]:
    """A worker that connects as it is told, and answers the address that it reached."""
    return lambda order: told(lambda: WAYS[order[0]](order[1]))


def _reached(address: Any, kind: int = socket.SOCK_STREAM, protocol: int = 0) -> object:
    with socket.socket(socket.AF_INET, kind, protocol) as own:
        own.connect(address)
        return own.getpeername()


def _often(address: Any) -> int:
    """The number of connections out of forty."""
    kept = []
    for _ in range(40):
        own = socket.socket()
        try:
            own.connect(address)
        except OSError:
            break
        kept.append(own)
    return len(kept)


def _listening(_: Any) -> object:
    own = socket.socket()
    own.bind(("127.0.0.1", 0))
    return own.listen()


WAYS: dict[str, Callable[[Any], object]] = {
    "connect": _reached,
    "UDP": lambda address: _reached(address, socket.SOCK_DGRAM),
    "MPTCP": lambda address: _reached(address, protocol=MPTCP),
    "UNIX": lambda _: socket.socket(socket.AF_UNIX),
    "fast open": lambda address: socket.socket().sendto(b"x", FAST_OPEN, address),
    "fast open by sendmsg": lambda address: socket.socket().sendmsg([b"x"], [], FAST_OPEN, address),
    "listen": _listening,
    "resolve": lambda _: socket.getaddrinfo("example.org", 80),
    "read": lambda _: Path("/etc/passwd").read_bytes(),
    "often": _often,
}


def restricted(folder: str, port: int) -> Callable[[str], str]:
    """A worker that restricts itself to a folder and a port, and tells what it can do."""
    abi = landlock.restrict([Grant(folder, READ), Grant(f"{folder}/none", READ)], [port])
    acts: dict[str, Callable[[], object]] = {
        "abi": lambda: abi,
        "read inside": lambda: Path(folder, "file").read_text(),
        "list inside": lambda: sorted(os.listdir(folder)),
        "write inside": lambda: Path(folder, "file").write_text("x"),
        "make inside": lambda: Path(folder, "made").touch(),
        "read outside": lambda: Path("/etc/passwd").read_bytes(),
        "connect": lambda: _reached(("127.0.0.1", port)),
        "connect elsewhere": lambda: _reached(("127.0.0.1", port + 1)),
        "signal": lambda: os.kill(os.getppid(), 0),
        "restrict further": lambda: landlock.restrict([]),
    }
    return lambda name: told(acts[name])


def hidden() -> Callable[[str], str]:
    """A worker that hides its memory, and tells whether it may be dumped."""
    kernel.hide_memory()
    return lambda _: str(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE
