"""The TLS of a network camera, in a process that has neither frames nor key nor database.

FFmpeg speaks plain HTTP or RTSP, to one end of a pair of sockets that the gate gives it. The
process of `tls_worker` has the other end. It carries the bytes to the camera over TLS, and checks
the camera's certificate: FFmpeg's own TLS would check none, and a sealed decoder could read no
authorities.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from functools import partial
from pathlib import Path

from facecli.capture import tls_worker
from facecli.capture.sources import Source
from facecli.capture.tls_worker import Camera, Orders, Trouble
from facecli.errors.command_line import BadInput
from facecli.printable import printable
from facecli.workers.closing import Closing
from facecli.workers.companion import Companion
from facecli.workers.confinement.bounds import Bounds
from facecli.workers.confinement.gate import Gate, Peer
from facecli.workers.confinement.profiles import Profile

LONGEST = 4 * 2**20
"""Bytes of the longest file of certificates that is read; Debian's authorities have 220 kB."""
# The system's authorities on Debian, Fedora, SUSE; Python's own OpenSSL may look elsewhere.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_NAME_IT = "name its certificate, or the authority that signed it, with --camera-ca"
_REASONS = {
    Trouble.ABSENT: "nothing listens on that port",
    Trouble.LATE: "it did not answer in time",
    Trouble.UNTRUSTED: f"this machine does not know who signed its certificate; {_NAME_IT}",
    Trouble.OTHER_HOST: f"its certificate is for another name; use that name, or {_NAME_IT}",
    Trouble.EXPIRED: "its certificate has expired",
    Trouble.NOT_YET: "its certificate is not valid yet; check both clocks",
    Trouble.NO_TLS: "it does not speak TLS 1.2 or newer there",
}
NO_GATE = "https and rtsps need a Linux kernel that lets the command connect for a decoder (5.9)"


class SecureCamera(Closing):
    """A camera behind TLS, as the peer of a `Gate`.

    Args:
        source: the camera, with its host's name.
        peer: its addresses.
        seconds: for each connection.

    Raises:
        BadInput: the file of `--camera-ca` cannot be read, or has no certificate.
        WorkersFailed: no process can be started.
    """

    def __init__(self, source: Source, peer: Peer, seconds: float) -> None:
        host, port = source.endpoint
        camera = Camera(
            host, peer.number.strip("[]"), port, seconds, source.ca, _authorities(source)
        )
        self._process: Companion[Orders, bool] = Companion(
            partial(tls_worker.carry_over_tls_worker, camera),
            bounds=Bounds(Profile.STREAM, port=port, caches=False),
            gate=Gate(peer, seconds),
        )
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process.ask(Orders(theirs.fileno()))
        self._orders.setblocking(False)

    def close(self) -> None:
        """End the process and its connections. Calling it again does nothing."""
        self._orders.close()
        self._process.close()

    def can_connect(self) -> bool:
        """Return True if the kernel lets this process connect the other one. Wait for its start.

        Raises:
            FacecliError: see the class.
        """
        self._process.wait()
        confinement = self._process.confinement
        return confinement is not None and confinement.gate

    def connect(self, _seconds: float) -> socket.socket:
        """Return a socket whose bytes go to the camera over TLS, once that connection is made.

        Raises:
            OSError: the process has ended.
        """
        own, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._orders, [b"C"], [theirs.fileno()])
        return own

    @property
    def trouble(self) -> str:
        """Why the last connection could not be made, as a clause; empty if it was made."""
        last = b""
        with suppress(OSError):
            while found := self._orders.recv(1):
                last = found
        return _REASONS[Trouble(last[0])] if last and last[0] in set(Trouble) else ""


def _authorities(source: Source) -> str:
    """Return the certificates that are trusted, as PEM.

    Raises:
        BadInput: the file of `--camera-ca` cannot be read.
    """
    if source.ca is not None:
        return read(Path(source.ca))
    named = (os.environ.get("SSL_CERT_FILE", ""), *_BUNDLES)
    return next((_text(Path(path)) for path in named if path and os.path.isfile(path)), "")


def read(path: Path) -> str:
    """Return the text of a file of certificates.

    Raises:
        BadInput: it cannot be read, or it is none.
    """
    try:
        found = _text(path)
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadInput(what=f"The file {printable(str(path))} of --camera-ca", why=why) from None
    if "-----BEGIN CERTIFICATE-----" not in found:
        raise tls_worker.no_certificate(str(path))
    return found


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LONGEST).decode("ascii", "ignore")
