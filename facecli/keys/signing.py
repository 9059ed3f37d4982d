"""Ed25519 keys of the log, in the forms of the C2SP signed-note specification.

A key has a name (the log's origin) and a 32-bit id. The id only identifies the key; trust comes
from comparing the whole public key. The seed of a signing key is a secret. It never appears in a
`repr`, and must be erased wherever it is stored: the chain of keys proves nothing otherwise.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass, field
from hashlib import sha256

# Signature type identifier bytes are assigned in c2sp.org/signed-note; this one is Ed25519.
ED25519 = b"\x01"
KEY_SIZE = 32
SIGNATURE_SIZE = 64
NOT_IN_NAMES = re.compile(r"[\s+\x00-\x1f]")


def check_name(name: str) -> None:
    """Refuse a key name that signed-note does not allow.

    Raises:
        ValueError: it is empty or contains a space, a plus sign or a control character.
    """
    if not name or NOT_IN_NAMES.search(name):
        raise ValueError("a key name is not empty and holds no space, plus or control character")


@dataclass(frozen=True)
class VerifierKey:
    """A public key and its name. Its text is a verifier key of signed-note."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != KEY_SIZE:
            raise ValueError("an Ed25519 public key has 32 bytes")

    def __str__(self) -> str:
        data = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{data}"

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name || 0x0A || 0x01 || public key)."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read `name+hash+base64(0x01 || public key)`; only this one spelling is accepted.

        Raises:
            ValueError: it is malformed, of another algorithm, or its hash belongs to another key.
        """
        name, _, rest = text.partition("+")
        _, _, data = rest.partition("+")
        try:
            decoded = base64.b64decode(data.encode("ascii"), validate=True)
            if not decoded:
                raise ValueError
        except ValueError as error:  # binascii.Error and UnicodeEncodeError are ValueErrors
            raise ValueError("it is not of the form name+hash+base64") from error
        if decoded[:1] != ED25519:
            raise ValueError("it is of another algorithm than Ed25519")
        key = cls(name, decoded[1:])
        if str(key) != text:
            raise ValueError("its parts do not fit each other, so it is not whole")
        return key

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Return True if the holder of this key signed `message`."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A signing key of the log: a name and a 32-byte seed (RFC 8032's private key)."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.seed) != KEY_SIZE:
            raise ValueError("an Ed25519 seed has 32 bytes")

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """Return a new random key.

        Raises:
            ValueError: `name` is not allowed as a key name.
        """
        return cls(name, os.urandom(KEY_SIZE))

    def verifier(self) -> VerifierKey:
        """Return the public key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return VerifierKey(self.name, private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)
