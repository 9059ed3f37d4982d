"""Connections of a sealed worker, made by its parent: to one peer, whatever the worker asks.

The peer is a camera on the network, or the scheduler of a cluster.

Landlock restricts ports, not hosts. So the worker's `connect` is stopped by seccomp and reported
here (SECCOMP_RET_USER_NOTIF, Linux 5.9). The address that it asks for is never read, because
another thread of it could change it meanwhile: a socket of this process is connected to the peer
and put in the place of the worker's. Names are resolved here too.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import struct
import threading
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, TypeAlias

MOST_CONNECTIONS = 16
"""Connections of one worker. A source that is opened again has another worker."""
_Address: TypeAlias = tuple[Any, ...]

# linux/seccomp.h
_RECEIVE, _REPLY, _ADD_DESCRIPTOR = 0xC0502100, 0xC0182101, 0x40182103
_REPLACE = 1  # SECCOMP_ADDFD_FLAG_SETFD
_NOTICE = struct.Struct("=QIIiIQ6Q")  # id, process, flags, call, architecture, pointer, arguments
_FIRST_ARGUMENT = 6
_RESPONSE = struct.Struct("=QqiI")  # id, value, error, flags
_ADDED = struct.Struct("=QIIII")  # id, flags, our descriptor, the worker's, its flags


class Peer(NamedTuple):
    """The addresses of a host, as `socket.getaddrinfo` returns them."""

    addresses: list[tuple[Any, Any, int, str, _Address]]

    @property
    def number(self) -> str:
        """The first address as a URL has it."""
        text = str(self.addresses[0][4][0])
        return f"[{text}]" if ":" in text else text

    def connect(self, seconds: float) -> socket.socket:
        """Return a socket that is connected to the first address that answers.

        Raises:
            OSError: none does.
        """
        failed = OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
        for family, kind, protocol, _, address in self.addresses:
            own = socket.socket(family, kind, protocol)
            try:
                own.settimeout(seconds)
                own.connect(address)
                return own
            except TimeoutError:
                failed = OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            except OSError as error:
                failed = error
            own.close()
        raise failed


class Connectable(Protocol):
    """A peer of a worker."""

    def connect(self, seconds: float, /) -> socket.socket:
        """Return a connected socket. Raises `OSError` if none is connected within `seconds`."""


def resolve(host: str, port: int, seconds: float) -> Peer | None:
    """Return the addresses of a host; None if there is no such host, or no answer in time."""
    found: list[Peer] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            found.append(Peer(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None


class Gate:
    """Connects one worker to one peer, in a thread that ends with the worker.

    seconds: for each connection.
    """

    def __init__(self, peer: Connectable, seconds: float) -> None:
        self._peer = peer
        self._seconds = seconds
        self._left = MOST_CONNECTIONS

    def serve(self, listener: int) -> None:
        """Answer on the listener of a worker, which is closed at the end."""
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def _serve(self, listener: int) -> None:
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        try:
            while poll.poll()[0][1] & select.POLLIN:
                notice = bytearray(_NOTICE.size)
                try:
                    fcntl.ioctl(listener, _RECEIVE, notice)
                except FileNotFoundError:  # the thread that asked was interrupted or has ended
                    continue
                identity, *_ = fields = _NOTICE.unpack(notice)
                error = self._connect(listener, identity, fields[_FIRST_ARGUMENT] & 0xFFFFFFFF)
                with suppress(OSError):
                    fcntl.ioctl(listener, _REPLY, bytearray(_RESPONSE.pack(identity, 0, -error, 0)))
        except OSError:  # the worker is gone
            return
        finally:
            os.close(listener)

    def _connect(self, listener: int, identity: int, descriptor: int) -> int:
        """Put a connected socket in the place of the worker's; return 0 or an error number."""
        self._left -= 1
        if self._left < 0:
            return errno.EACCES
        try:
            with self._peer.connect(self._seconds) as own:
                own.setblocking(False)
                added = _ADDED.pack(identity, _REPLACE, own.fileno(), descriptor, os.O_CLOEXEC)
                fcntl.ioctl(listener, _ADD_DESCRIPTOR, bytearray(added))
                return 0
        except OSError as failed:
            return failed.errno or errno.EHOSTUNREACH
