"""Carry the bytes of a network camera over TLS, in a process that `capture.tls` starts.

It is confined as a decoder of streams is: it opens no file, and its parent connects it to the one
camera. It sees what the camera sends, and the password of its URL.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum

from facecli.errors.command_line import BadInput
from facecli.printable import printable
from facecli.workers import files

_MOST = 1 << 16  # bytes that wait for one side
_TICK = 1.0  # seconds between two looks at a silent connection
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Trouble(IntEnum):
    """Why there is no connection; one byte to the parent, which has the words."""

    ABSENT = 1
    LATE = 2
    UNTRUSTED = 3
    OTHER_HOST = 4
    EXPIRED = 5
    NOT_YET = 6
    NO_TLS = 7


# openssl/x509_vfy.h
_NOT_YET, _EXPIRED, _OTHER_NAME, _OTHER_NUMBER = 9, 10, 62, 64
_VERIFICATION = {
    _NOT_YET: Trouble.NOT_YET,
    _EXPIRED: Trouble.EXPIRED,
    _OTHER_NAME: Trouble.OTHER_HOST,
    _OTHER_NUMBER: Trouble.OTHER_HOST,
}


@dataclass(frozen=True)
class Camera:
    """A camera and what it is trusted by.

    host: the name that its certificate must have. number: its address. seconds: for a connection.
    ca: the path of the file that the user named, or None. authorities: certificates in PEM.
    """

    host: str
    number: str
    port: int
    seconds: float
    ca: str | None
    authorities: str


@dataclass(frozen=True)
class Orders:
    """The only question.

    room: the descriptor of a socket, from which the process takes one end of each connection, and
    to which it sends a `Trouble`.
    """

    room: int


def carry_over_tls_worker(camera: Camera) -> Callable[[Orders], bool]:
    """Return the function that begins to carry; it returns at once.

    Raises:
        BadInput: the file that the user named has no certificate.
    """
    context = _context(camera)
    with suppress(ValueError):  # loads what the check of a name needs; a wrong name fails later
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=camera.host)
    carrier = _Carrier(camera, context)

    def begin(_: Orders) -> bool:
        with files.opened("orders") as handle:
            orders = socket.socket(fileno=os.dup(handle))
        threading.Thread(target=carrier.take, args=(orders,), daemon=True).start()
        return True

    return begin


def no_certificate(path: str) -> BadInput:
    """Return the refusal of a file that is not made of certificates."""
    return BadInput(
        what=f"The file {printable(path)} of --camera-ca", why="it has no certificate in PEM"
    )


def _context(camera: Camera) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a camera's own certificate is enough
    try:
        if camera.authorities:
            context.load_verify_locations(cadata=camera.authorities)
    except (ssl.SSLError, ValueError):
        raise no_certificate(camera.ca or "of the system") from None
    return context


class _Carrier:
    """Makes connections to one camera, and carries their bytes."""

    def __init__(self, camera: Camera, context: ssl.SSLContext) -> None:
        self._camera = camera
        self._context = context
        self._pinned = _certificates(camera) if camera.ca is not None else frozenset()

    def take(self, orders: socket.socket) -> None:
        """Carry for each end that comes from `orders`, until the parent closes it."""
        while True:
            sign, handles, _, _ = socket.recv_fds(orders, 1, 1)
            if not sign or not handles:
                return
            plain = socket.socket(fileno=handles[0])
            threading.Thread(target=self._carry, args=(plain, orders), daemon=True).start()

    def _carry(self, plain: socket.socket, orders: socket.socket) -> None:
        with plain:
            try:
                secure = self._connected()
            except (OSError, ValueError) as error:
                orders.send(bytes([_trouble(error)]))
                return
            with secure, suppress(OSError, EOFError):
                _carry_both_ways(plain, secure)

    def _connected(self) -> ssl.SSLSocket:
        """Return a connection whose certificate is trusted.

        Of a certificate that the user named itself, the name does not matter: cameras come with
        certificates for any name.
        """
        try:
            return self._handshake(self._context)
        except ssl.SSLCertVerificationError as error:
            if not self._pinned or _trouble(error) is not Trouble.OTHER_HOST:
                raise
            nameless = _context(self._camera)
            nameless.check_hostname = False
            secure = self._handshake(nameless)
            if secure.getpeercert(binary_form=True) not in self._pinned:
                secure.close()
                raise
            return secure

    def _handshake(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        numbered = socket.AF_INET6 if ":" in self._camera.number else socket.AF_INET
        raw = socket.socket(numbered)
        try:
            raw.settimeout(self._camera.seconds)
            raw.connect((self._camera.number, self._camera.port))
            return context.wrap_socket(raw, server_hostname=self._camera.host)
        except BaseException:
            raw.close()
            raise


def _certificates(camera: Camera) -> frozenset[bytes]:
    """Return the certificates of the user's file in DER."""
    end = "-----END CERTIFICATE-----"
    parts = camera.authorities.split(end)[:-1]
    begin = "-----BEGIN CERTIFICATE-----"
    return frozenset(
        ssl.PEM_cert_to_DER_cert(part[part.index(begin) :] + end) for part in parts if begin in part
    )


def _trouble(error: Exception) -> Trouble:
    match error:
        case ssl.SSLCertVerificationError():
            return _VERIFICATION.get(error.verify_code, Trouble.UNTRUSTED)
        case TimeoutError():
            return Trouble.LATE
        case ssl.SSLError() | ConnectionResetError():
            return Trouble.NO_TLS
        case ValueError():  # no certificate can have this name
            return Trouble.OTHER_HOST
        case _:
            return Trouble.ABSENT


@dataclass(slots=True)
class _Flow:
    """The bytes of one direction."""

    source: socket.socket
    sink: socket.socket
    held: bytes = b""

    def move(self) -> bool:
        """Take some bytes and pass some on; return False if neither was possible.

        Raises:
            EOFError: the source has ended.
        """
        try:
            if not self.held:
                self.held = self.source.recv(_MOST)
                if not self.held:
                    raise EOFError
            self.held = self.held[self.sink.send(self.held) :]
        except _WOULD_BLOCK:
            return False
        return True


def _carry_both_ways(plain: socket.socket, secure: ssl.SSLSocket) -> None:
    """Carry until one side ends. Raises `EOFError` or `OSError` then."""
    plain.setblocking(False)
    secure.setblocking(False)
    inward, outward = _Flow(secure, plain), _Flow(plain, secure)
    while True:
        if any([inward.move(), outward.move()]):  # a list: both move
            continue
        poll = select.poll()
        for here, given, taken in ((secure, inward, outward), (plain, outward, inward)):
            wanted = 0 if given.held else select.POLLIN
            poll.register(here, wanted | (select.POLLOUT if taken.held else 0))
        poll.poll(1000 * _TICK)
