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
from facecli.workers.answers import Failure
from facecli.workers.closing import Closing
from facecli.workers.companion import Companion
from facecli.workers.confinement.bounds import Bounds
from facecli.workers.confinement.gate import MOST_CONNECTIONS, Gate, Peer
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
_BEGIN_SECONDS = 10.0
_REASONS = {
    Trouble.ABSENT: "nothing listens on that port",
    Trouble.LATE: "it did not answer in time",
    Trouble.UNTRUSTED: "this machine does not know who signed its certificate; name its "
    "certificate, or the authority that signed it, with --camera-ca",
    Trouble.OTHER_HOST: "its certificate is for another name; use that name, or name this very "
    "certificate with --camera-ca",
    Trouble.EXPIRED: "its certificate has expired",
    Trouble.NOT_YET: "its certificate is not valid yet; check both clocks",
    Trouble.WEAK: "its certificate has a key or a signature that is too weak",
    Trouble.NO_TLS: "it does not speak TLS 1.2 or newer there",
}
_NOT_NAMED = "no certificate in the file of --camera-ca is its own or that of its signer"
NO_GATE = "https and rtsps need a Linux kernel that lets the command connect for a decoder (5.9)"


class SecureCamera(Closing):
    """A camera behind TLS, as the peer of a `Gate`.

    Args:
        source: the camera, with its host's name.
        peer: its addresses.
        seconds: for each connection.

    Raises:
        WorkersFailed: no process can be started.
    """

    def __init__(self, source: Source, peer: Peer, seconds: float) -> None:
        host, port = source.endpoint
        own = source.ca is not None
        authorities = _system_authorities() if source.ca is None else source.ca
        camera = Camera(host, peer.number.strip("[]"), port, seconds, own, authorities)
        self._reasons = {**_REASONS, Trouble.UNTRUSTED: _NOT_NAMED} if own else _REASONS
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

    def wait(self) -> bool | Failure:
        """Return once the process takes orders, or has failed.

        Raises:
            FacecliError: it cannot be set up.
        """
        return self._process.answer(_BEGIN_SECONDS)

    def connect(self, _seconds: float) -> socket.socket:
        """Return a socket whose bytes go to the camera over TLS, once that connection is made.

        Raises:
            OSError: the process has ended.
        """
        own, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._orders, [b"C"], [theirs.fileno()])
        except OSError:
            own.close()
            raise
        return own

    @property
    def trouble(self) -> str:
        """The reason why the last connection failed, as a clause; empty if none failed."""
        last = b""
        with suppress(OSError):
            for _ in range(MOST_CONNECTIONS):
                last = self._orders.recv(1) or last
        return self._reasons[Trouble(last[0])] if last and last[0] in set(Trouble) else ""


def read_certificates(path: Path) -> str:
    """Return the certificates of the file of `--camera-ca`, in PEM and nothing else.

    Raises:
        BadInput: it cannot be read, is too long, holds a private key, or has no certificate.
    """
    what = f"The file {printable(str(path))} of --camera-ca"
    try:
        text = _text(path)
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadInput(what=what, why=why) from None
    if len(text) > LONGEST:
        raise BadInput(what=what, why=f"it is longer than {LONGEST // 2**20} MiB")
    if "PRIVATE KEY-----" in text:
        raise BadInput(what=what, why="it holds a private key; name a file of certificates only")
    found = "\n".join(tls_worker.certificates(text))
    if not tls_worker.are_sound(found):
        raise BadInput(what=what, why="it has no certificate in PEM, or one that is damaged")
    return found


def _system_authorities() -> str:
    """Return the certificates that this machine trusts; empty if there are none."""
    named = os.environ.get("SSL_CERT_FILE")
    paths = [Path(path) for path in ((named,) if named else _BUNDLES)]
    found = next((path for path in paths if path.is_file()), None)
    try:
        return "" if found is None else "\n".join(tls_worker.certificates(_text(found)))
    except OSError:
        return ""


def _text(path: Path) -> str:
    """Return what a file says in ASCII, and no more than one byte over `LONGEST`."""
    with path.open("rb") as file:
        return file.read(LONGEST + 1).decode("ascii", "replace")
