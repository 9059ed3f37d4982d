"""Signed notes (c2sp.org/signed-note): a text, an empty line, and signatures of the text.

    If you think cryptography is the answer to your problem,
    then you don't know what your problem is.

    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngo…

A note proves nothing until one of its signatures was verified with a key that the reader trusts.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from facecli.keys.signing import SigningKey, VerifierKey, check_name

# The specification asks for room for 16 signatures at least.
MOST_SIGNATURES = 100
KEY_ID_SIZE = 4
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class Signature:
    """One signature line: the name and 4-byte id of a key, and the unverified signature."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"— {self.name} {encode_base64(self.key_id + self.value)}\n"


@dataclass(frozen=True)
class Note:
    """A text that ends in a newline, with its unverified signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def by(self, name: str, key_id: bytes) -> list[bytes]:
        """Return the signatures of the key with this name and id."""
        return [s.value for s in self.signatures if (s.name, s.key_id) == (name, key_id)]

    def is_signed_by(self, key: VerifierKey) -> bool:
        """Return True if `key` signed, and every signature with its name and id verifies.

        Signatures of other keys are passed over, as the specification asks.
        """
        own, message = self.by(key.name, key.key_id), self.text.encode()
        return bool(own) and all(key.verify(value, message) for value in own)


def sign(text: str, keys: Iterable[SigningKey]) -> Note:
    """Return the note of `text` signed by each of `keys`.

    Raises:
        ValueError: the text does not end in a newline, or holds a control character.
    """
    _check_text(text)
    message = text.encode()
    signatures = [Signature(key.name, key.verifier().key_id, key.sign(message)) for key in keys]
    return Note(text, tuple(signatures))


def parse(note: str) -> Note:
    """Read a signed note, without verifying its signatures.

    Raises:
        ValueError: it is not of the form that the specification describes.
    """
    _check_text(note)
    end = note.rfind("\n\n")
    if end < 0:
        raise ValueError("a note has an empty line before its signatures")
    lines = note[end + 2 : -1].split("\n", MOST_SIGNATURES + 1)
    if len(lines) > MOST_SIGNATURES:
        raise ValueError(f"a note has at most {MOST_SIGNATURES} signatures")
    _check_text(note[: end + 1])
    return Note(note[: end + 1], tuple(_signature(line) for line in lines))


def encode_base64(data: bytes) -> str:
    """Return `data` in the standard base64 of RFC 4648, section 4."""
    return base64.b64encode(data).decode()


def decode_base64(text: str) -> bytes:
    """Return the bytes of standard base64, read in its one canonical spelling only.

    Raises:
        ValueError: it is anything else.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
    if encode_base64(data) != text:
        raise ValueError("not the canonical spelling of base64")
    return data


def _signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—":
        raise ValueError("a signature line begins with an em dash")
    check_name(name)
    data = decode_base64(encoded)
    if len(data) <= KEY_ID_SIZE:
        raise ValueError("a signature is longer than its key's id")
    return Signature(name, data[:KEY_ID_SIZE], data[KEY_ID_SIZE:])


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise ValueError("a note's text ends in a newline")
    if CONTROL.search(text):
        raise ValueError("a note holds no control character")
    text.encode()  # a lone surrogate is a ValueError
