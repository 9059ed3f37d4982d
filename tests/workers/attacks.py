"""What a decoder that was taken over could try, each as a task of a worker; and a run of them all.

`python -m tests.workers.attacks LAYERS USER KIND` makes every attempt in a worker of a kind and
prints the outcomes as JSON. It is a process of its own, because what it gives up (privileges,
system calls) never comes back.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from facecli.capture.tls_worker import Camera, carry_over_tls_worker
from facecli.workers.companion import Companion
from facecli.workers.confinement import seccomp
from facecli.workers.confinement.bounds import IMAGES, Bounds
from facecli.workers.confinement.gate import Gate, resolve
from facecli.workers.confinement.kernel import hide_memory
from facecli.workers.confinement.profiles import Profile
from facecli.workers.local import Pool

_PR_SET_SECUREBITS, _NOROOT_LOCKED = 28, 3
_CAPABILITY_VERSION = 0x20080522
IMAGE, TLS = "image", "tls"
"""Kinds of workers."""
DONE, REFUSED, KILLED = "done", "refused", "killed"
_LANDLOCK = (444, 445, 446)
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_FAST_OPEN = 0x20000000
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Target:
    """What there is to attack. secret: a key beside the database. pid: of another process."""

    parent: int
    pid: int
    secret: str
    folder: str
    port: int
    unix: str
    abstract: str
    udp: int


def call(number: int, *arguments: Any) -> int:
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def read(path: str) -> None:
    with open(path, "rb") as file:
        file.read(64)


def write(path: str, mode: str) -> None:
    with open(path, mode) as file:
        file.write(b"x")


def connect(family: int, address: Any) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as own:
        own.settimeout(5)
        own.connect(address)


def send(kind: int, flags: int, address: Any) -> None:
    with socket.socket(socket.AF_INET, kind) as own:
        own.sendto(b"secret", flags, address)


def fork() -> None:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)


def run_from_memory() -> None:
    handle = os.memfd_create("x", 0)
    os.write(handle, b"#!/bin/sh\nexit 0\n")
    os.execve(handle, ["x"], {})


def own_a_signal(parent: int) -> None:
    fcntl.fcntl(int(sys.argv[1]), fcntl.F_SETOWN, parent)


def steal_descriptor(parent: int) -> None:
    process = os.pidfd_open(parent)
    last: OSError = OSError(errno.EBADF, "none")
    for number in range(3, 40):
        try:
            call(438, process, number, 0)
        except OSError as error:
            last = error
        else:
            return
    raise last


def many_threads() -> None:
    """More than a worker's address space has room for."""
    started, over = [], threading.Event()
    try:
        for _ in range(3000):
            started.append(threading.Thread(target=over.wait, daemon=True))
            started[-1].start()
    finally:
        over.set()


def vector(size: int) -> bytes:
    buffer = ctypes.create_string_buffer(size)
    return struct.pack("=QQ", ctypes.addressof(buffer), size)


_MAKE_EXECUTABLE = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
ATTACKS: dict[str, Callable[[Target], object]] = {
    "read the key file": lambda to: read(to.secret),
    "append to the key file": lambda to: write(to.secret, "ab"),
    "write a temporary file": lambda to: write(f"{to.folder}/new", "wb"),
    "list the folder": lambda to: os.listdir(to.folder),
    "stat the key file": lambda to: os.stat(to.secret),
    "stat the key file with AT_EMPTY_PATH": lambda to: call(
        262, -100, to.secret.encode(), ctypes.create_string_buffer(144), 0x1000
    ),
    "read /proc/self/fd again": lambda _: read("/proc/self/fd/1"),
    "read /etc/passwd": lambda _: read("/etc/passwd"),
    "make a folder": lambda to: os.mkdir(f"{to.folder}/made"),
    "rename the key file": lambda to: os.rename(to.secret, f"{to.secret}.gone"),
    "connect TCP": lambda to: connect(socket.AF_INET, ("127.0.0.1", to.port)),
    "connect a UNIX socket": lambda to: connect(socket.AF_UNIX, to.unix),
    "connect an abstract socket": lambda to: connect(socket.AF_UNIX, to.abstract),
    "send UDP": lambda to: send(socket.SOCK_DGRAM, 0, ("127.0.0.1", to.udp)),
    "TCP fast open": lambda to: send(socket.SOCK_STREAM, _FAST_OPEN, ("127.0.0.1", to.port)),
    "exec /bin/sh": lambda _: os.execv("/bin/sh", ["sh", "-c", "exit 7"]),
    "spawn /bin/sh": lambda _: subprocess.run(["/bin/sh", "-c", ":"], check=True),
    "exec from memory": lambda _: run_from_memory(),
    "signal the parent": lambda to: os.kill(to.parent, signal.SIGCONT),
    "signal by F_SETOWN": lambda to: own_a_signal(to.parent),
    "signal another process": lambda to: os.kill(to.pid, 0),
    "read the parent's memory": lambda to: read(f"/proc/{to.parent}/mem"),
    "read the parent's environment": lambda to: read(f"/proc/{to.parent}/environ"),
    "list the parent's descriptors": lambda to: os.listdir(f"/proc/{to.parent}/fd"),
    "copy the parent's memory": lambda to: call(310, to.parent, vector(8), 1, vector(8), 1, 0),
    "trace another process": lambda to: call(101, 16, to.pid, None, None),
    "steal a descriptor of the parent": lambda to: steal_descriptor(to.parent),
    "change the parent's limits": lambda to: call(
        302, to.parent, 7, struct.pack("=QQ", 9, 9), None
    ),
    "raise its own limits": lambda _: call(302, 0, 7, struct.pack("=QQ", 9, 9), None),
    "fork": lambda _: fork(),
    "map executable memory": lambda _: mmap.mmap(-1, 4096, prot=_MAKE_EXECUTABLE),
    "load a library": lambda _: ctypes.CDLL("libutil.so.1"),
    "io_uring": lambda _: call(425, 4, ctypes.create_string_buffer(120)),
    "userfaultfd": lambda _: call(323, 1),
    "keyctl": lambda _: call(250, 0, -3, 1),
    "bpf": lambda _: call(321, 0, ctypes.create_string_buffer(72), 72),
    "perf events": lambda _: call(298, ctypes.create_string_buffer(112), 0, -1, -1, 0),
    "a user namespace": lambda _: call(272, ctypes.c_ulong(0x10000000)),
    "3,000 threads": lambda _: many_threads(),
}


def attacking() -> Callable[[tuple[str, Target]], str]:
    """A worker that makes one attempt a task, and answers what came of it."""
    return attack


def attack(task: tuple[str, Target]) -> str:
    name, target = task
    try:
        ATTACKS[name](target)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        return f"{REFUSED}: {error}"
    return DONE


def attacking_tls(camera: Camera) -> Callable[[tuple[str, Target]], str]:
    """The process that carries the TLS of a camera, once it was taken over."""
    carry_over_tls_worker(camera)
    return attack


def outcomes_for_tls(target: Target) -> dict[str, str]:
    """Make every attempt in a process that carries TLS; a new one follows one that was killed."""
    peer = resolve("127.0.0.1", target.port, 5)
    assert peer is not None
    camera = Camera("127.0.0.1", "127.0.0.1", target.port, 5, named=False, authorities="")
    bounds = Bounds(Profile.STREAM, port=target.port, caches=False)
    found: dict[str, str] = {}
    while len(found) < len(ATTACKS):
        with Companion(partial(attacking_tls, camera), bounds=bounds, gate=Gate(peer, 5)) as worker:
            for name in [name for name in ATTACKS if name not in found]:
                worker.ask((name, target))
                told = worker.answer(20)
                found[name] = told if isinstance(told, str) else f"{KILLED}: {told.message}"
                if not isinstance(told, str):
                    break
            confinement = repr(worker.confinement)
    return {**found, "confinement": confinement}


def outcomes(target: Target, confined: bool) -> dict[str, str]:
    """Make every attempt in turn in a worker for images, and return what came of each."""
    found = {}
    with Pool(attacking, bounds=IMAGES if confined else None, time_limit=20) as pool:
        for name in ATTACKS:
            [(_, told)] = pool.map([(name, target)])
            found[name] = told if isinstance(told, str) else f"{KILLED}: {told.message}"
        found["confinement"] = repr(pool.confinement)
    return found


def give_up(layers: str) -> None:
    """Make the kernel of this process one that lacks what is not in `layers`."""
    absent = [] if "landlock" in layers else list(_LANDLOCK)
    absent += [] if "seccomp" in layers else list(_SECCOMP.values())
    if absent and layers:
        missing = seccomp.refuse(errno.ENOSYS)
        rules: list[tuple[int, seccomp.Rule]] = [(number, missing) for number in absent]
        seccomp.install(seccomp.assemble(rules, seccomp.ALLOW))


def give_up_privileges() -> None:
    """Leave root without its capabilities: a user to whom the files and processes belong."""
    _libc.prctl(_PR_SET_SECUREBITS, _NOROOT_LOCKED, 0, 0, 0)
    _libc.capset(struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(24))


def main(layers: str, user: str, kind: str) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.socket() as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        unix.bind(f"{folder}/socket")
        abstract.bind(f"\0facecli-{os.getpid()}")
        for server in (tcp, unix, abstract):
            server.listen(50)
        secret = Path(folder, "facecli.key")
        secret.write_bytes(b"secret")
        if user == "ordinary":
            give_up_privileges()
        other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        try:
            hide_memory()
            give_up(layers)
            target = Target(
                os.getpid(), other.pid, str(secret), folder, tcp.getsockname()[1],
                f"{folder}/socket", f"\0facecli-{os.getpid()}", udp.getsockname()[1],
            )  # fmt: skip
            told = outcomes_for_tls(target) if kind == TLS else outcomes(target, bool(layers))
            print(json.dumps(told))
        finally:
            other.kill()
            other.wait()


if __name__ == "__main__":
    from tests.workers import attacks  # so that the worker finds what is pickled

    attacks.main(*sys.argv[1:])
