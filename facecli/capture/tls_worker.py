"""Carry the bytes of a network camera over TLS, in a process that `capture.tls` starts.

It is confined as a decoder of streams is: it opens no file, and its parent connects it to the one
camera. It sees what the camera sends, and the password of its URL.
"""

from __future__ import annotations

import os
import re
import select
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum

from facecli.workers import files

HTTPS = 443
"""The port of an address that states none."""
_MOST = 1 << 16  # bytes that wait for one side
_TICK = 1.0  # seconds between two looks at a silent connection
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_REDIRECTION = re.compile(rb"HTTP/1\.[01] 30[12378] ")
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Trouble(IntEnum):
    """A reason why there is no connection: one byte to the parent, which has the words."""

    ABSENT = 1
    LATE = 2
    UNTRUSTED = 3
    OTHER_HOST = 4
    EXPIRED = 5
    NOT_YET = 6
    WEAK = 7
    NO_TLS = 8


# openssl/x509_vfy.h
_NOT_YET, _EXPIRED, _OTHER_NAME, _OTHER_NUMBER = 9, 10, 62, 64
_SHORT_KEY, _SHORT_KEY_OF_SIGNER, _WEAK_DIGEST = 66, 67, 68
_VERIFICATION = {
    _NOT_YET: Trouble.NOT_YET,
    _EXPIRED: Trouble.EXPIRED,
    _OTHER_NAME: Trouble.OTHER_HOST,
    _OTHER_NUMBER: Trouble.OTHER_HOST,
    _SHORT_KEY: Trouble.WEAK,
    _SHORT_KEY_OF_SIGNER: Trouble.WEAK,
    _WEAK_DIGEST: Trouble.WEAK,
}


@dataclass(frozen=True)
class Camera:
    """A camera and what it is trusted by.

    host: the name that its certificate must have. number: its address. seconds: for a connection.
    authorities: certificates in PEM. named: the user named them; one that the camera itself shows
    then counts for any name.
    """

    host: str
    number: str
    port: int
    seconds: float
    named: bool
    authorities: str


@dataclass(frozen=True)
class Orders:
    """The only question.

    room: the descriptor of a socket, from which the process takes one end of each connection, and
    to which it sends a `Trouble`.
    """

    room: int


def carry_over_tls_worker(camera: Camera) -> Callable[[Orders], bool]:
    """Return the function that begins to carry; it returns at once."""
    context = _context(camera.authorities)
    with suppress(ValueError):  # loads what the check of a name needs; a wrong name fails later
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=camera.host)
    carrier = _Carrier(camera, context)

    def begin(_: Orders) -> bool:
        with files.opened("orders") as handle:
            orders = socket.socket(fileno=os.dup(handle))
        threading.Thread(target=carrier.take, args=(orders,), daemon=True).start()
        return True

    return begin


def certificates(text: str) -> list[str]:
    """Return the certificates in a text, each in PEM."""
    return _CERTIFICATE.findall(text)


def are_sound(authorities: str) -> bool:
    """Return True if these are one or more certificates in PEM."""
    try:
        _trusting(authorities)
    except (ssl.SSLError, ValueError):
        return False
    return bool(authorities)


def _context(authorities: str) -> ssl.SSLContext:
    """Return what checks certificates. Where the system's own are damaged, it trusts none."""
    try:
        return _trusting(authorities)
    except (ssl.SSLError, ValueError):
        return _trusting("")


def _trusting(authorities: str) -> ssl.SSLContext:
    """Return what checks certificates. Raises `SSLError` or `ValueError` if one is damaged."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a camera's own certificate is enough
    if not authorities.isascii():
        raise ValueError("a certificate in PEM is ASCII")
    if authorities:
        context.load_verify_locations(cadata=authorities)
    return context


class _Carrier:
    """Makes connections to one camera, and carries their bytes."""

    def __init__(self, camera: Camera, context: ssl.SSLContext) -> None:
        self._camera = camera
        self._context = context
        self._pinned = _der(camera.authorities) if camera.named else frozenset()

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
                _carry_both_ways(plain, secure, self._camera)

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
            nameless = _context(self._camera.authorities)
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


def _der(authorities: str) -> frozenset[bytes]:
    return frozenset(map(ssl.PEM_cert_to_DER_cert, certificates(authorities)))


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
    camera: Camera | None = None  # which answers, until its first bytes have come
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
                if self.camera is not None:
                    self.held, self.camera = led_within(self.camera, self.held), None
            self.held = self.held[self.sink.send(self.held) :]
        except _WOULD_BLOCK:
            return False
        return True


def led_within(camera: Camera, answer: bytes) -> bytes:
    """Return the first bytes of an answer, with a redirection to the camera itself as a path.

    The decoder does not speak TLS, and would refuse an address that begins with https.
    """
    if not _REDIRECTION.match(answer):
        return answer
    host = f"[{camera.host}]" if ":" in camera.host else camera.host
    port = "(:443)?" if camera.port == HTTPS else f":{camera.port}"
    address = f"(?im)^(Location:[ \t]*)https://{re.escape(host)}{port}(?=/(?!/))"
    return re.sub(address.encode(), rb"\1", answer, count=1)


def _carry_both_ways(plain: socket.socket, secure: ssl.SSLSocket, camera: Camera) -> None:
    """Carry until one side ends. Raises `EOFError` or `OSError` then."""
    plain.setblocking(False)
    secure.setblocking(False)
    inward, outward = _Flow(secure, plain, camera), _Flow(plain, secure)
    while True:
        if any([inward.move(), outward.move()]):  # a list: both move
            continue
        poll = select.poll()
        for here, given, taken in ((secure, inward, outward), (plain, outward, inward)):
            wanted = 0 if given.held else select.POLLIN
            poll.register(here, wanted | (select.POLLOUT if taken.held else 0))
        if (plain.fileno(), select.POLLHUP) in poll.poll(1000 * _TICK):  # nobody reads any more
            return
