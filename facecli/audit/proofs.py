"""Inclusion proofs that a person can keep: the text form of c2sp.org/tlog-proof.

    c2sp.org/tlog-proof@v1
    index 73894
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
    …

    <checkpoint>

With the entry itself and the trust key, it shows that the entry is in the log that the checkpoint
seals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from facecli.audit import notes
from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import Checkpoint, hash_of, open_checkpoint
from facecli.audit.merkle import leaf_hash, verify_inclusion
from facecli.audit.trust_key import TrustKey
from facecli.errors.audit import ProofFalse

MAGIC = "c2sp.org/tlog-proof@v1"
INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})", re.ASCII)
LONGEST_PATH = 64


@dataclass(frozen=True)
class Proof:
    """A proof that leaf `index` is in the tree that `checkpoint` (a signed note) states."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    @property
    def text(self) -> str:
        """The proof as a `.tlog-proof` file."""
        lines = [MAGIC]
        if self.extra is not None:
            lines.append(f"extra {notes.encode_base64(self.extra)}")
        lines += [f"index {self.index}", *map(notes.encode_base64, self.path)]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> Proof:
        """Read a `.tlog-proof` file, without verifying it.

        Raises:
            ValueError: it is anything else.
        """
        head, gap, checkpoint = text.partition("\n\n")
        magic, *lines = head.split("\n", LONGEST_PATH + 3)
        if magic != MAGIC or not gap:
            raise ValueError(f"a proof begins with {MAGIC} and ends with a checkpoint")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = notes.decode_base64(lines.pop(0).removeprefix("extra "))
        index = INDEX.fullmatch(lines[0]) if lines else None
        if index is None:
            raise ValueError("a proof states the index of its entry")
        if len(lines) > 1 + LONGEST_PATH:
            raise ValueError("a proof has at most 64 hashes")
        return cls(int(index[1]), tuple(map(hash_of, lines[1:])), checkpoint, extra)


MEMBERS = frozenset({
    "action", "actor", "at", "details", "outcome", "purpose", "seq", "subject_id",
})  # fmt: skip


@dataclass(frozen=True)
class Proven:
    """An entry that a proof and the trust key showed to be in the log, and their checkpoint."""

    entry: dict[str, Any]
    checkpoint: Checkpoint


def prove(entry: object, proof: object, trust_key: TrustKey, kind: str) -> Proven:
    """Verify that an entry is in a log, from a document that holds it with its proof.

    Args:
        entry: the entry, parsed.
        proof: the text of its proof.
        trust_key: the log's trust key.
        kind: the document's kind, for messages.

    Raises:
        ProofFalse: the entry or the proof is damaged, or they do not belong together.
        LogAltered, LogTruncated: the checkpoint does not verify.
    """
    try:
        if not isinstance(entry, dict) or not isinstance(proof, str):
            raise TypeError
        read = Proof.parse(proof)
        leaf = leaf_hash(canonical(entry))
        if (
            entry.keys() != MEMBERS
            or type(entry["seq"]) is not int
            or entry["seq"] != read.index + 1
        ):
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ProofFalse(kind=kind, why="it is damaged") from None
    checkpoint = open_checkpoint(read.checkpoint, trust_key)
    if not verify_inclusion(leaf, read.index, checkpoint.size, read.path, checkpoint.root):
        raise ProofFalse(
            kind=kind, why=f"entry {entry['seq']} is not in the log that its checkpoint seals"
        )
    return Proven(entry, checkpoint)
