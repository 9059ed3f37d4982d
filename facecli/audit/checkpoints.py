"""Checkpoints (c2sp.org/tlog-checkpoint): a signed statement of the log's size and root.

    facecli.log/9f86d081884c7d65
    812
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — facecli.log/9f86d081884c7d65 <by the identity key, which stock tools verify>
    — facecli.log/9f86d081884c7d65 <by the epoch key, with all that the trust key needs>

It fixes the first 812 entries: no other entries have that root. The second signature line holds
the number of the epoch, its beginning, its key, and the two keys that the trust key commits to.
The file is this note alone, of the same size for ever; witnesses append lines to it.
facecli-log(5) gives every byte, and the proofs that each step of `open_checkpoint` adds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from facecli.audit import notes
from facecli.audit.merkle import HASH_SIZE
from facecli.audit.notes import Note, Signature
from facecli.audit.trust_key import TrustKey
from facecli.audit.words import counted_entries
from facecli.errors.audit import AnotherLog, LogAltered, LogTruncated
from facecli.keys.signing import KEY_SIZE, SIGNATURE_SIZE, SigningKey, VerifierKey

NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
SEAL_TEXT = "facecli.log/seal/2"
EPOCH_BYTES, BEGAN_BYTES = 4, 8
SEAL_SIZE = EPOCH_BYTES + BEGAN_BYTES + 3 * KEY_SIZE + SIGNATURE_SIZE


class Epoch(NamedTuple):
    """An epoch: its number, the log's size before its entry, and its public key (32 bytes)."""

    number: int
    began: int
    key: bytes


@dataclass(frozen=True)
class Statement:
    """The text of a checkpoint: the first `size` entries of the log `origin` have this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{notes.encode_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Statement:
        """Read the text of a checkpoint without extension lines.

        Raises:
            ValueError: it is anything else.
        """
        lines = text.removesuffix("\n").split("\n")
        if not text.endswith("\n") or len(lines) != 3 or not lines[0]:
            raise ValueError("a checkpoint has three lines: origin, size and root")
        return cls(lines[0], number(lines[1]), hash_of(lines[2]))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that the trust key proved, with the epoch in force at its size.

    Attributes:
        signed: the note as it was given. A chain of thousands of files holds as many.
    """

    size: int
    root: bytes
    epoch: Epoch
    signed: bytes

    @property
    def note(self) -> Note:
        """The signed note."""
        return notes.parse(self.signed.decode())


def make_checkpoint(
    statement: Statement, trust_key: TrustKey, identity: SigningKey, epoch: Epoch, key: SigningKey,
    first: bytes,
) -> str:  # fmt: skip
    """Return the note of a checkpoint.

    Args:
        statement: the log's size, larger than `epoch.began`, and its root.
        trust_key: the log's trust key.
        identity: the identity key.
        epoch: the present epoch.
        key: its key.
        first: the public half of the key of epoch 0.
    """
    identified = notes.sign(statement.text, [identity])
    signed = key.sign(_sealed_text(statement, trust_key, epoch))
    value = b"".join([
        epoch.number.to_bytes(EPOCH_BYTES, "big"), epoch.began.to_bytes(BEGAN_BYTES, "big"),
        epoch.key, identity.verifier().public, first, signed,
    ])  # fmt: skip
    seal = Signature(trust_key.name, trust_key.key_id, value)
    return str(Note(statement.text, (*identified.signatures, seal)))


def open_checkpoint(text: str | bytes, trust_key: TrustKey) -> Checkpoint:
    """Verify a checkpoint with the trust key.

    Raises:
        AnotherLog: its origin is another one than the trust key's.
        LogAltered: it is damaged, or signed by keys that the trust key does not commit to.
        LogTruncated: it seals no entry of its own epoch.
    """
    try:
        signed = text if isinstance(text, bytes) else text.encode()
        note = notes.parse(signed.decode())
        statement = Statement.parse(note.text)
        if statement.origin != trust_key.name:
            raise AnotherLog(
                why=f"the checkpoint is of the log {statement.origin[:80]}, the trust key of "
                f"{trust_key.name}"
            )
        seals = note.by(trust_key.name, trust_key.key_id)
        if len(seals) != 1 or len(seals[0]) != SEAL_SIZE:
            raise ValueError("it has no line that belongs to this trust key")
        epoch, identity, first, signature = _taken_apart(seals[0], trust_key.name)
        if not trust_key.commits_to(identity.public, first):
            raise ValueError("its keys are not those of the trust key")
        if epoch.number == 0 and (epoch.began, epoch.key) != (0, first):
            raise ValueError("its epoch 0 is not the one of the trust key")
        key = VerifierKey(trust_key.name, epoch.key)
        if not key.verify(signature, _sealed_text(statement, trust_key, epoch)):
            raise ValueError("the key of its epoch did not sign it")
        if not note.is_signed_by(identity):
            raise ValueError("the identity key did not sign it")
    except ValueError as error:
        raise LogAltered(why=f"the checkpoint does not verify ({error})") from error
    if statement.size <= epoch.began:
        raise LogTruncated(
            why=f"the checkpoint covers {counted_entries(statement.size)}, and its key was made "
            f"when there were {epoch.began}"
        )
    return Checkpoint(statement.size, statement.root, epoch, signed)


@contextmanager
def named(name: str) -> Iterator[None]:
    """Name the file in the errors of what is read from it."""
    try:
        yield
    except (LogAltered, LogTruncated) as error:
        details = dict(error.details)
        raise type(error)(**{**details, "why": f"in {name}, {details['why']}"}) from None


def stated_trust_key(text: str | bytes) -> TrustKey:
    """Return the trust key whose line a checkpoint carries. It is proven by nothing.

    Raises:
        LogAltered: there is no such line.
    """
    try:
        note = notes.parse(text.decode() if isinstance(text, bytes) else text)
        name = Statement.parse(note.text).origin
        for signature in note.signatures:
            if signature.name == name and len(signature.value) == SEAL_SIZE:
                _, identity, first, _ = _taken_apart(signature.value, name)
                found = TrustKey.of(name, identity.public, first)
                if found.key_id == signature.key_id:
                    return found
        raise ValueError("it has no line of a facecli log")
    except ValueError as error:
        raise LogAltered(why=f"the checkpoint does not verify ({error})") from error


def compare(one: Checkpoint, other: Checkpoint) -> None:
    """Check that two checkpoints of one trust key come from one course of the log.

    Raises:
        LogTruncated: an epoch began twice, or an erased key signed again: the database was put
            back to an earlier state.
        LogAltered: they state different roots for the same size.
    """
    older, newer = sorted((one, other), key=lambda each: (each.epoch.number, each.size))
    if older.epoch.number == newer.epoch.number:
        if older.epoch != newer.epoch:
            raise LogTruncated(
                why=f"epoch {newer.epoch.number} began twice, so that an earlier state "
                "replaced the database in between"
            )
    elif older.size > newer.epoch.began:
        raise LogTruncated(
            why=f"the key of epoch {older.epoch.number} was erased at "
            f"{counted_entries(newer.epoch.began)} at the latest, and it signed a "
            f"checkpoint of {older.size}"
        )
    if older.size == newer.size and older.root != newer.root:
        raise LogAltered(
            why=f"two checkpoints of {counted_entries(older.size)} have different roots"
        )


def number(text: str) -> int:
    """Read a decimal number of at most 18 digits, without a leading zero.

    Raises:
        ValueError: it is anything else.
    """
    if NUMBER.fullmatch(text) is None:
        raise ValueError("a number is decimal, without a leading zero")
    return int(text)


def hash_of(text: str) -> bytes:
    """Read a hash in base64.

    Raises:
        ValueError: it is anything else.
    """
    value = notes.decode_base64(text)
    if len(value) != HASH_SIZE:
        raise ValueError("a hash has 32 bytes")
    return value


def _taken_apart(value: bytes, name: str) -> tuple[Epoch, VerifierKey, bytes, bytes]:
    """Return epoch, identity key, key of epoch 0 and signature of a line of SEAL_SIZE bytes."""
    count, began = value[:EPOCH_BYTES], value[EPOCH_BYTES : EPOCH_BYTES + BEGAN_BYTES]
    at = EPOCH_BYTES + BEGAN_BYTES
    own, identity, first = (value[at + KEY_SIZE * n : at + KEY_SIZE * (n + 1)] for n in range(3))
    epoch = Epoch(int.from_bytes(count, "big"), int.from_bytes(began, "big"), own)
    return epoch, VerifierKey(name, identity), first, value[at + 3 * KEY_SIZE :]


def _sealed_text(statement: Statement, trust_key: TrustKey, epoch: Epoch) -> bytes:
    head = f"{SEAL_TEXT}\n{trust_key}\n{epoch.number}\n{epoch.began}\n"
    return (head + statement.text).encode()
