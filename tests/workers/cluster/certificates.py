"""A certificate authority of a test's own, and certificates that it signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


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

    def sign(self, name: str) -> Pem:
        """Return new files for one side."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(_named(name), self._name, key.public_key(), self._key, ca=False)
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
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
) -> bytes:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
