"""The address of a scheduler, and the certificates with which it is reached."""

from __future__ import annotations

import ipaddress
import os
import re
import stat
from dataclasses import dataclass, replace

from facecli.errors.command_line import BadText
from facecli.errors.workers import ClusterFailed, NotEncrypted

_ADDRESS = re.compile(r"(tls|tcp)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")


@dataclass(frozen=True)
class Certificates:
    """Paths of PEM files. ca: the authority of the cluster's own. cert, key: of this side."""

    ca: str
    cert: str
    key: str


@dataclass(frozen=True)
class Access:
    """The way to a scheduler. certificates: None stands for a connection without TLS."""

    host: str
    port: int
    certificates: Certificates | None

    @property
    def address(self) -> str:
        """The address as Dask takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tcp' if self.certificates is None else 'tls'}://{host}:{self.port}"

    @property
    def files(self) -> tuple[str, ...]:
        """The files that a confined process reads while it sets up."""
        found = self.certificates
        return () if found is None else (found.ca, found.cert, found.key)

    def at(self, number: str) -> Access:
        """Return the same with the host as a number."""
        return replace(self, host=number.strip("[]"))


def access(address: str, ca: str | None, cert: str | None, key: str | None) -> Access:
    """Return the way to the scheduler at `address`, `tls://HOST:PORT` or `tcp://HOST:PORT`.

    Args:
        ca, cert, key: paths of the certificates, which TLS needs.

    Raises:
        BadText: the address or the certificates are not usable.
        NotEncrypted: it is beyond this machine, and not over TLS.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[3]) < 2**16:
        raise BadText(what=f"The address {address!r}", why="it is not of the form tls://HOST:PORT")
    host, port = found[2].strip("[]"), int(found[3])
    if found[1] == "tcp":
        if not is_loopback(host):
            raise NotEncrypted(address=address)
        return Access(host, port, None)
    if ca is None or cert is None or key is None:
        why = "TLS needs --cluster-ca, --cluster-cert and --cluster-key"
        raise BadText(what=f"The address {address}", why=why)
    return Access(host, port, Certificates(*map(os.path.abspath, (ca, cert, key))))


def check_files(way: Access) -> None:
    """Refuse certificates that are missing or do not fit, and a private key that others can read.

    Raises:
        ClusterFailed
    """
    for path in way.files:
        try:
            status = os.stat(path)
        except OSError as error:
            why = f"{path} cannot be read ({(error.strerror or 'no reason given').lower()})"
            raise _failed(way, why, "Give the certificates of this side") from None
        if not stat.S_ISREG(status.st_mode) or not os.access(path, os.R_OK):
            raise _failed(way, f"{path} cannot be read", "Let this user read it")
        is_key = way.certificates is not None and path == way.certificates.key
        if is_key and status.st_mode & 0o007:
            raise _failed(way, f"everybody can read its key {path}", f"Run `chmod 600 {path}`")
    if way.certificates is not None:
        _check_content(way, way.certificates)


def _check_content(way: Access, files: Certificates) -> None:
    """Refuse files that OpenSSL does not take. Raises `ClusterFailed`."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(files.ca)
    except (ssl.SSLError, ValueError):
        why = f"{files.ca} is no certificate in PEM"
        raise _failed(way, why, "Give the certificate of the cluster's authority") from None
    try:
        context.load_cert_chain(files.cert, files.key, password=_no_passphrase)
    except (ssl.SSLError, ValueError):
        why = f"{files.key} is not the private key of the certificate {files.cert}"
        cure = "Give both in PEM, from the same request, and the key without a passphrase"
        raise _failed(way, why, cure) from None


def _no_passphrase() -> str:
    """Return none: OpenSSL would ask at the terminal."""
    return ""


def _failed(way: Access, why: str, cure: str) -> ClusterFailed:
    return ClusterFailed(address=way.address, why=why, cure=cure)


def is_loopback(host: str) -> bool:
    """Return True for a number of this machine itself, and for `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
