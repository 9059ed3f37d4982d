"""Witnesses: cosignatures of checkpoints (c2sp.org/tlog-cosignature), checked and made.

A witness keeps the last size and root that it saw of each log, and cosigns only what goes on from
there. Who requires a witness's line sees no second history of a log, whoever holds its keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from facecli.audit import notes
from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import Checkpoint, Statement, hash_of
from facecli.audit.links import Link
from facecli.audit.merkle import EMPTY_ROOT, verify_consistency
from facecli.audit.notes import Note, Signature
from facecli.audit.trust_key import TrustKey
from facecli.audit.words import counted_entries
from facecli.errors.audit import (
    LogAltered,
    LogTruncated,
    NoTrustKey,
    SeenUnlinked,
    TooFewWitnesses,
    WitnessRefused,
)
from facecli.errors.command_line import BadInput
from facecli.keys.signing import KEY_SIZE, SIGNATURE_SIZE, SigningKey, VerifierKey, check_name

COSIGNATURE = b"\x04"
TIME_SIZE = 8
SCHEMA = "facecli.witness-state/1"


@dataclass(frozen=True)
class WitnessKey:
    """A witness's public key: its name, and 32 bytes of Ed25519."""

    name: str
    public: bytes

    def __str__(self) -> str:
        data = notes.encode_base64(COSIGNATURE + self.public)
        return f"{self.name}+{self.key_id.hex()}+{data}"

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name || 0x0A || 0x04 || public key)."""
        return sha256(self.name.encode() + b"\n" + COSIGNATURE + self.public).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> WitnessKey:
        """Read a witness's key as it publishes it.

        Raises:
            WitnessRefused: it is no key of the type cosignature/v1.
        """
        text = text.strip()
        name, _, rest = text.partition("+")
        _, _, data = rest.partition("+")
        try:
            check_name(name)
            decoded = notes.decode_base64(data)
        except ValueError:
            raise WitnessRefused(
                what=text[:100], why="it is not of the form name+hash+base64"
            ) from None
        if decoded[:1] != COSIGNATURE or len(decoded) != 1 + KEY_SIZE:
            raise WitnessRefused(what=name, why="it is no key for cosignatures (type 4)")
        key = cls(name, decoded[1:])
        if str(key) != text:
            raise WitnessRefused(what=name, why="its parts do not fit each other")
        return key

    def cosigned(self, note: Note) -> bool:
        """Return True if this witness cosigned a checkpoint.

        Raises:
            LogAltered: a line in its name does not verify.
        """
        lines = note.by(self.name, self.key_id)
        for value in lines:
            moment = int.from_bytes(value[:TIME_SIZE], "big")
            key = VerifierKey(self.name, self.public)
            if len(value) != TIME_SIZE + SIGNATURE_SIZE or not key.verify(
                value[TIME_SIZE:], cosigned_text(note.text, moment)
            ):
                raise LogAltered(why=f"the line of the witness {self.name} does not verify")
        return bool(lines)


def cosigned_text(text: str, moment: int) -> bytes:
    """Return the text that a witness signs: a checkpoint's, at a time in seconds since 1970."""
    return f"cosignature/v1\ntime {moment}\n{text}".encode()


def check_quorum(checkpoints: Iterable[Note], witnesses: Sequence[WitnessKey], quorum: int) -> int:
    """Check that one checkpoint has the lines of enough witnesses; return the largest such size.

    Raises:
        LogAltered: a line in the name of one of the witnesses does not verify.
        TooFewWitnesses: no checkpoint has enough of them.
    """
    best, covered = 0, None
    for note in checkpoints:
        count = len({str(witness) for witness in witnesses if witness.cosigned(note)})
        best = max(best, count)
        if count >= quorum:
            covered = max(covered or 0, Statement.parse(note.text).size)
    if covered is None:
        raise TooFewWitnesses(why=f"{best} of the {quorum} that were asked for")
    return covered


@dataclass(frozen=True)
class Seen:
    """The last size and root that a witness saw of a log, and the log's trust key."""

    trust_key: TrustKey
    size: int = 0
    root: bytes = EMPTY_ROOT

    def to_bytes(self) -> bytes:
        """Return the content of the file that keeps it."""
        record = {"schema": SCHEMA, "trust_key": str(self.trust_key), "size": self.size,
                  "root": notes.encode_base64(self.root)}  # fmt: skip
        return canonical(record) + b"\n"

    @classmethod
    def parse(cls, content: bytes, name: str) -> Seen:
        """Read such a file.

        Raises:
            BadInput: it is anything else.
        """
        try:
            record = json.loads(content)
            key = TrustKey.parse(record["trust_key"])
            found = cls(key, record["size"], hash_of(record["root"]))
            if found.to_bytes() != content or found.size < 0:
                raise ValueError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, NoTrustKey):
            raise BadInput(what=name, why="it is not the state of a witness") from None
        return found


def file_name(origin: str) -> str:
    """Return the name of the file that keeps what a witness saw of a log."""
    return sha256(origin.encode()).hexdigest()[:32] + ".json"


def cosign(
    key: SigningKey, checkpoint: Checkpoint, seen: Seen, link: Link | None, moment: int
) -> tuple[str, Seen]:
    """Cosign a checkpoint that goes on from what was seen; return the line, and the new state.

    Args:
        key: the witness's key.
        checkpoint: the checkpoint, opened with the trust key of `seen`.
        seen: the last state that this witness saw of this log.
        link: the proof from there, if the log has grown.
        moment: the time, in seconds since 1970.

    Raises:
        LogTruncated: it is smaller than what was seen.
        LogAltered: it does not go on from what was seen: a fork.
        SeenUnlinked: it is larger, and no link begins at what was seen.
    """
    size, root = checkpoint.size, checkpoint.root
    if size < seen.size:
        raise LogTruncated(
            why=f"the checkpoint covers {counted_entries(size)}, and {seen.size} were seen"
        )
    proof: tuple[bytes, ...] = ()
    if size > seen.size > 0:
        if link is None or link.old != seen.size:
            raise SeenUnlinked(
                why=f"it covers {counted_entries(size)}, {seen.size} were seen, and no link "
                "leads on",
            )
        proof = link.proof
    if not verify_consistency(seen.size, seen.root, size, root, proof):
        raise LogAltered(
            why=f"the checkpoint does not go on from the {counted_entries(seen.size)} seen"
        )
    text = cosigned_text(checkpoint.note.text, moment)
    value = moment.to_bytes(TIME_SIZE, "big") + key.sign(text)
    public = WitnessKey(key.name, key.verifier().public)
    return str(Signature(key.name, public.key_id, value)), Seen(seen.trust_key, size, root)


def read_secret(text: str) -> SigningKey:
    """Read a witness's secret key, in the form of Go's sumdb/note: PRIVATE+KEY+name+hash+base64.

    Raises:
        BadInput: it is anything else.
    """
    found = re.fullmatch(r"PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+(\S+)", text.strip())
    try:
        if found is None:
            raise ValueError
        decoded = notes.decode_base64(found[3])
        if decoded[:1] not in (COSIGNATURE, b"\x01") or len(decoded) != 1 + KEY_SIZE:
            raise ValueError
        return SigningKey(found[1], decoded[1:])
    except ValueError:
        raise BadInput(
            what="The witness's key", why="it is not of the form PRIVATE+KEY+name+hash+base64"
        ) from None


def write_secret(key: SigningKey) -> str:
    """Return a witness's secret key as `read_secret` reads it."""
    key_id = WitnessKey(key.name, key.verifier().public).key_id
    return f"PRIVATE+KEY+{key.name}+{key_id.hex()}+{notes.encode_base64(COSIGNATURE + key.seed)}\n"
