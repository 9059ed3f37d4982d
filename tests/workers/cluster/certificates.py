"""A certificate authority of a test's own, and certificates that it signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Pem:
    """The files of one side."""

    ca: Path
    cert: Path
    key: Path

    @property
    def options(self) -> list[str]:
        """The options of facecli that name them."""
        named = (("ca", self.ca), ("cert", self.cert), ("key", self.key))
        return [word for name, path in named for word in (f"--cluster-{name}", str(path))]


class Authority:
    """A new authority, whose certificate is in `folder`."""

    def __init__(self, folder: Path, name: str = "ours") -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self.ca = folder / "ca.pem"
        made = _certificate(self._name, self._name, self._key.public_key(), self._key, ca=True)
        self.ca.write_bytes(made)

    def sign(self, name: str, *, bits: int | None = None, itself: bool = False, **more: Any) -> Pem:
        """Return new files for one side.

        bits: of an RSA key, instead of a key on a curve. itself: the certificate signs itself, as a
        camera's does. more: see `_certificate`.
        """
        key: Key = ec.generate_private_key(ec.SECP256R1())
        if bits is not None:
            key = rsa.generate_private_key(65537, bits)
        issuer, signer = (_named(name), key) if itself else (self._name, self._key)
        made = _certificate(_named(name), issuer, key.public_key(), signer, ca=False, **more)
        pem = Pem(self.ca, self._folder / f"{name}.pem", self._folder / f"{name}.key")
        pem.cert.write_bytes(made)
        pem.key.touch(mode=0o600)
        pem.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return pem


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    signer: Key,
    *,
    ca: bool,
    names: Sequence[x509.GeneralName] = (),
    days: tuple[int, int] = (-1, 1),
) -> bytes:
    """Return a certificate in PEM.

    names: those that it is for, beside the subject. days: from and until when it is valid, from now
    on.
    """
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
