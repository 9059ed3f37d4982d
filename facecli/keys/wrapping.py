"""Cryptography of key slots: derive a wrapping key from a secret, wrap keys and unwrap them.

A passphrase is derived with Argon2id, a key file with HKDF-SHA256. Keys are wrapped with
AES-256-GCM, bound to the database's id, the slot's label and kind, and the role of the wrapped key.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from typing import Any, Literal

SecretKind = Literal["passphrase", "key-file"]
KeyRole = Literal["slot-key", "database-key"]
"""Kind of the key that is wrapped."""

SCHEMA = "facecli.keys/1"
NONCE_BYTES = 12
SHORTEST_SALT = 8  # bytes; RFC 9106, section 3.1
# RFC 9106, section 4, second recommended option: 64 MiB, 3 passes, 4 lanes
ARGON2ID = {"memory_kib": 65536, "iterations": 3, "lanes": 4}
ARGON2ID_LIMITS = {"memory_kib": 4 * 1024 * 1024, "iterations": 1000, "lanes": 64}


def new_derivation(kind: SecretKind) -> dict[str, Any]:
    """Return the parameters to derive a new slot's wrapping key with, and a random salt."""
    salt = to_base64(os.urandom(16))
    if kind == "passphrase":
        return {"function": "argon2id", "salt": salt, **ARGON2ID}
    return {"function": "hkdf-sha256", "salt": salt}


def check_derivation(kind: SecretKind, derivation: Mapping[str, Any]) -> None:
    """Refuse parameters that would exhaust memory or that do not belong to `kind`.

    Raises:
        ValueError: a value is out of range, or the function is that of another kind.
        KeyError, TypeError: a parameter is missing or of another type.
    """
    if derivation["function"] != ("argon2id" if kind == "passphrase" else "hkdf-sha256"):
        raise ValueError("a derivation that does not fit the kind")
    if len(from_base64(derivation["salt"])) < SHORTEST_SALT:
        raise ValueError("a salt that is too short")
    if kind == "passphrase":
        _check_argon2id(derivation)


def _check_argon2id(derivation: Mapping[str, Any]) -> None:
    for name, limit in ARGON2ID_LIMITS.items():
        value = derivation[name]
        if type(value) is not int or not 1 <= value <= limit:
            raise ValueError("an Argon2id parameter out of range")
    if derivation["memory_kib"] < 8 * derivation["lanes"]:  # RFC 9106, section 3.1
        raise ValueError("an Argon2id parameter out of range")


def derive(secret: bytes, derivation: Mapping[str, Any]) -> bytes:
    """Return the 32-byte wrapping key that a passphrase or a key file's content gives."""
    salt = from_base64(derivation["salt"])
    if derivation["function"] == "argon2id":
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        return Argon2id(
            salt=salt,
            length=32,
            iterations=derivation["iterations"],
            lanes=derivation["lanes"],
            memory_cost=derivation["memory_kib"],
        ).derive(secret)
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=SCHEMA.encode()).derive(secret)


def binding(
    database_id: str, label: str, kind: SecretKind, role: KeyRole, created_at: str | None = None
) -> bytes:
    """Return the associated data of a wrapped key: it opens in this slot and role only.

    Args:
        created_at: when the slot was made; None for slots that an earlier facecli has made.
    """
    bound = [SCHEMA, database_id, label, kind, role]
    return json.dumps(bound if created_at is None else [*bound, created_at]).encode()


def wrap(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Encrypt `plaintext` with the 32-byte `key`: the nonce, then ciphertext and tag."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, associated)


def unwrap(key: bytes, wrapped: bytes, associated: bytes) -> bytes | None:
    """Decrypt what `wrap` returned; None if the key or the associated data does not fit."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError):
        return None


def to_base64(data: bytes) -> str:
    """Encode bytes for the slots file."""
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """Decode bytes of the slots file. Raises ValueError."""
    return base64.b64decode(text, validate=True)
