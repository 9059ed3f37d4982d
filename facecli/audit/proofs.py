"""Inclusion proofs that a person can keep: the text form of c2sp.org/tlog-proof.

    c2sp.org/tlog-proof@v1
    index 73894
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
    …

    <checkpoint note>

With the entry itself, a seal and the trust key, it shows that the entry is in the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from facecli.audit import notes
from facecli.audit.checkpoints import Seal
from facecli.audit.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from facecli.errors.audit import LogAltered, LogUnsealed

MAGIC = "c2sp.org/tlog-proof@v1"
INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True)
class Proof:
    """That leaf `index` is in the tree that `checkpoint` (a signed note) states."""

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
        """Read a `.tlog-proof` file; nothing in it is verified yet.

        Raises:
            ValueError: it is none.
        """
        head, gap, checkpoint = text.partition("\n\n")
        magic, *lines = head.split("\n")
        if magic != MAGIC or not gap:
            raise ValueError(f"a proof begins with {MAGIC} and ends with a checkpoint")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = notes.decode_base64(lines.pop(0).removeprefix("extra "))
        index = INDEX.fullmatch(lines[0]) if lines else None
        if index is None:
            raise ValueError("a proof says the index of its entry")
        path = tuple(notes.decode_base64(line) for line in lines[1:])
        if any(len(value) != HASH_SIZE for value in path):
            raise ValueError("a hash has 32 bytes")
        return cls(int(index[1]), path, checkpoint, extra)


def verify_entry(record: bytes, proof: Proof, seal: Seal) -> None:
    """Check that an entry is in the log that `seal` seals.

    Args:
        record: the entry as it was hashed: canonical JSON without `leaf_hash` and `schema`.
        proof: its inclusion proof; the checkpoint in it is not looked at.
        seal: a seal that was opened with the trust key.

    Raises:
        LogUnsealed: the entry is younger than the seal.
        LogAltered: this entry is not in the log at this place, or the proof is for a seal of
            another size.
    """
    checkpoint = seal.checkpoint
    if proof.index >= checkpoint.size:
        raise LogUnsealed(
            why=f"entry {proof.index + 1} is younger than the checkpoint of {checkpoint.size}"
        )
    leaf = leaf_hash(record)
    if not verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root):
        raise LogAltered(
            why=f"entry {proof.index + 1} is not as it stands in the log that was sealed with "
            f"{checkpoint.size} entries"
        )
