"""Logs to verify and to tamper with, made with the rooms' own parts, without a database."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from facecli.audit.canonical import canonical
from facecli.audit.chain_end import Kept
from facecli.audit.checkpoints import Checkpoint, Epoch, Statement, make_checkpoint, open_checkpoint
from facecli.audit.entry_shapes import MARKED
from facecli.audit.epochs import first_details, handover_details
from facecli.audit.export_files import ExportFile
from facecli.audit.export_text import ENTRY_SCHEMA, EpochProof, Trailer
from facecli.audit.log_verification import Verified, verify_chain
from facecli.audit.merkle import Tree, leaf_hash
from facecli.audit.trust_key import TrustKey
from facecli.keys.signing import SigningKey

ORIGIN = "facecli.log/9f86d081884c7d65"
WORDS = [
    "",
    "gate",
    "café",
    "\U0001f600",
    '"',
    "\\",
    '\\","leaf_hash":"',
    ',"outcome":"',
    "\x01",
    "}",
]


def entry(seq: int, details: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a log entry without its leaf hash."""
    return {
        "seq": seq,
        "at": f"2026-11-23T21:{seq // 60 % 60:02}:{seq % 60:02}Z",
        "actor": {
            "uid": 1000,
            "user": "desk",
            "slot": "cron",
            "host": "gate.example",
            "login": {"source": "loginuid", "uid": 1001, "user": "li"},
        },
        "action": "consent.record",
        "outcome": "done",
        "subject_id": None,
        "purpose": "gate",
        "details": details or {},
        **changes,
    }


def line_of(record: dict[str, Any]) -> bytes:
    """Return the export line of an entry, with the leaf hash that it has."""
    return line_of_text(canonical(record))


def line_of_text(text: bytes) -> bytes:
    """Return the export line of a text that may be no entry: every reader must take it apart."""
    outcome, seq = text.rfind(b',"outcome":"'), text.rfind(b',"seq":')
    stated = b',"leaf_hash":"%b"' % leaf_hash(text).hex().encode()
    schema = b',"schema":"%b"' % ENTRY_SCHEMA.encode()
    return text[:outcome] + stated + text[outcome:seq] + schema + text[seq:] + b"\n"


def marked_of(records: Sequence[dict[str, Any]]) -> list[tuple[int, bytes]]:
    """Return places and canonical JSON of the entries that a walk looks into."""
    texts = enumerate(map(canonical, records))
    return [(at, text) for at, text in texts if text.startswith(MARKED)]


@dataclass
class Log:
    """A log in memory. `key` is the present epoch's; earlier ones are erased."""

    identity: SigningKey = field(default_factory=lambda: SigningKey.generate(ORIGIN))
    first: SigningKey = field(default_factory=lambda: SigningKey.generate(ORIGIN))
    records: list[dict[str, Any]] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = self.first
        identity, first = self.identity.verifier().public, self.first.verifier().public
        self.trust_key = TrustKey.of(self.identity.name, identity, first)
        if not self.records:
            self.epochs.append(Epoch(0, 0, first))
            self._announce(first_details(identity, first))

    def copy(self) -> Log:
        """Return the whole state, keys included, as a copy of the database file holds it."""
        other = Log(self.identity, self.first, list(self.records), list(self.epochs))
        other.key = self.key
        return other

    @property
    def size(self) -> int:
        return len(self.records)

    def _announce(self, details: dict[str, Any]) -> None:
        changes = {"action": "log.epoch", "purpose": None}
        self.records.append(entry(self.size + 1, details, **changes))

    def leaves(self) -> list[bytes]:
        return [leaf_hash(canonical(record)) for record in self.records]

    def tree(self) -> Tree:
        leaves = self.leaves()
        return Tree(lambda begin, end: leaves[begin:end])

    def append(self, count: int = 1, dice: random.Random | None = None) -> Log:
        for _ in range(count):
            details = {} if dice is None else {dice.choice(WORDS): dice.choice([1, *WORDS])}
            subject = None if dice is None else dice.choice([None, "s-1", *WORDS])
            self.records.append(entry(self.size + 1, details, subject_id=subject))
        return self

    def succeed(self, key: SigningKey | None = None) -> Log:
        """Hand over to a new key."""
        successor = key or SigningKey.generate(ORIGIN)
        before = self.epochs[-1]
        epoch = Epoch(before.number + 1, self.size, successor.verifier().public)
        root = self.tree().root(self.size)
        self._announce(handover_details(self.key, self.trust_key, epoch, root))
        self.epochs.append(epoch)
        self.key = successor
        return self

    def seal(self, size: int | None = None) -> str:
        size = self.size if size is None else size
        statement = Statement(ORIGIN, size, self.tree().root(size))
        first = self.first.verifier().public
        return make_checkpoint(
            statement, self.trust_key, self.identity, self.epochs[-1], self.key, first
        )

    def opened(self, size: int | None = None) -> Checkpoint:
        return open_checkpoint(self.seal(size), self.trust_key)

    def lines(self, after: int = 0, until: int | None = None) -> list[bytes]:
        return [line_of(record) for record in self.records[after:until]]

    def epoch_at(self, size: int) -> Epoch | None:
        return next((epoch for epoch in reversed(self.epochs) if epoch.began < size), None)

    def trailer(self, after: int = 0, until: int | None = None, seal: str | None = None) -> Trailer:
        tree, end, size = self.tree(), self.size if until is None else until, self.size
        proofs = [
            EpochProof(
                canonical(self.records[epoch.began]).decode(),
                tree.frontier(epoch.began).hashes,
                tuple(tree.consistency(epoch.began + 1, size)),
            )
            for epoch in self.epochs
            if end <= epoch.began
        ]
        return Trailer(
            after=after,
            until=end,
            frontier=tree.frontier(after).hashes,
            consistency=tuple(tree.consistency(end, size)) if end <= size else (),
            opening=self.epoch_at(after),
            epochs=tuple(proofs),
            seal=self.seal() if seal is None else seal,
        )

    def export(
        self, after: int = 0, until: int | None = None, seal: str | None = None
    ) -> list[bytes]:
        trailer = self.trailer(after, until, seal)
        return [*self.lines(after, trailer.until), trailer.line]


def file_of(lines: Sequence[bytes], name: str = "log.jsonl") -> ExportFile:
    """Return an export as a file."""
    return ExportFile(partial(nullcontext, io.BytesIO(b"".join(lines))), name)


def check(log: Log, *exports: Sequence[bytes], held: Sequence[str | bytes] = ()) -> Verified:
    """Verify exports with the trust key of `log` and checkpoints that were kept."""
    kept = [Kept(open_checkpoint(text, log.trust_key), "kept") for text in held]
    files = [file_of(lines, f"{number}.jsonl") for number, lines in enumerate(exports, 1)]
    return verify_chain(files, log.trust_key, kept)
