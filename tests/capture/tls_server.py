"""Servers that speak TLS on loopback, as cameras do."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.workers.cluster.certificates import Pem

Answer = Callable[[socket.socket], object]
"""What a server does with a connection."""


def shown(pem: Pem) -> ssl.SSLContext:
    """What a server with this certificate speaks: any version, and keys of any length."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.load_cert_chain(pem.cert, pem.key)
    return context


def echo_over(context: ssl.SSLContext) -> Answer:
    """An answer that sends back what comes over TLS, until the client ends."""

    def answer(raw: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(raw, server_side=True) as secure:
            while found := secure.recv(1 << 16):
                secure.sendall(found)

    return answer


def forwarding(context: ssl.SSLContext, port: int) -> Answer:
    """An answer that takes TLS off, and carries the bytes to and from another server."""

    def carry(here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while found := here.recv(1 << 16):
                there.sendall(found)
        with suppress(OSError):
            there.shutdown(socket.SHUT_RDWR)

    def answer(raw: socket.socket) -> None:
        with (
            suppress(OSError),
            context.wrap_socket(raw, server_side=True) as secure,
            socket.create_connection(("127.0.0.1", port)) as plain,
        ):
            back = threading.Thread(target=carry, args=(plain, secure), daemon=True)
            back.start()
            carry(secure, plain)
            back.join()

    return answer


@contextmanager
def serving(answer: Answer, host: str = "127.0.0.1") -> Iterator[int]:
    """A server, whose port it yields. Each connection has a thread."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as server:

        def handle(raw: socket.socket) -> None:
            with raw:
                answer(raw)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    raw, _ = server.accept()
                    threading.Thread(target=handle, args=(raw,), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
