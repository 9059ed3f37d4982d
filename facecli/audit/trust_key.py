"""The trust key: one line that commits to the identity key and to the key of epoch 0.

    facecli.log/9f86…+2b1d3a77+/2ZhY2VjbGkubG9nLzL…

It is written as signed-note (c2sp.org/signed-note) writes keys of types without a number: name,
key id and base64 of `0xff || "facecli.log/2" || material`.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from facecli.audit.notes import decode_base64, encode_base64
from facecli.errors.audit import NoTrustKey
from facecli.keys.signing import ED25519, KEY_SIZE, check_name

TYPE = b"\xfffacecli.log/2"
COMMITMENT = b"facecli.log/trust/1"
MATERIAL_SIZE = 32


@dataclass(frozen=True)
class TrustKey:
    """The log's name, and the commitment to its two first public keys (32 bytes)."""

    name: str
    material: bytes

    @classmethod
    def of(cls, name: str, identity: bytes, first: bytes) -> TrustKey:
        """Make the trust key of a log.

        Args:
            name: the log's origin.
            identity: the identity key's public half, 32 bytes.
            first: the public half of the key of epoch 0, 32 bytes.
        """
        return cls(name, sha256(COMMITMENT + identity + first).digest())

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(TYPE + self.material)}"

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name || 0x0A || type || material)."""
        return sha256(self.name.encode() + b"\n" + TYPE + self.material).digest()[:4]

    def commits_to(self, identity: bytes, first: bytes) -> bool:
        """Return True if these are the two keys that the trust key was made of."""
        return TrustKey.of(self.name, identity, first) == self

    @classmethod
    def parse(cls, text: str) -> TrustKey:
        """Read a trust key as `init` printed it, with or without the end of its line.

        Raises:
            NoTrustKey: it is no trust key, or one of an earlier facecli.
        """
        text = text.strip()
        name, _, rest = text.partition("+")
        _, _, data = rest.partition("+")
        try:
            check_name(name)
            decoded = decode_base64(data)
            if not decoded:
                raise ValueError("there is nothing in it")
        except ValueError:
            raise NoTrustKey(why="it is not of the form name+hash+base64") from None
        if decoded[:1] == ED25519 and len(decoded) == 1 + KEY_SIZE:
            raise NoTrustKey(
                why="it is a plain Ed25519 key: the one that `--vkey` prints, or the trust key of "
                "an earlier facecli, whose logs this one does not read"
            )
        if not decoded.startswith(TYPE) or len(decoded) != len(TYPE) + MATERIAL_SIZE:
            raise NoTrustKey(why="it is of another type than a facecli log's trust key")
        key = cls(name, decoded[len(TYPE) :])
        if str(key) != text:
            raise NoTrustKey(why="its parts do not fit each other, so it is not whole")
        return key
