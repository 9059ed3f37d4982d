"""Logs to verify and to tamper with, made with the rooms' own parts, without a database."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import make_seal, sign_succession
from facecli.audit.exports import jsonl
from facecli.audit.merkle import Tree, leaf_hash
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
    """A log entry without its leaf hash."""
    return {
        "seq": seq,
        "at": f"2026-11-23T21:{seq // 60 % 60:02}:{seq % 60:02}Z",
        "actor": {"uid": 1000, "user": "desk", "slot": "cron", "host": "gate.example"},
        "action": "consent.record",
        "outcome": "done",
        "subject_id": None,
        "purpose": "gate",
        "details": details or {},
        **changes,
    }


def line_of(record: dict[str, Any]) -> bytes:
    """The export line of an entry, with the leaf hash that it has."""
    leaf = leaf_hash(canonical(record))
    line = {**record, "leaf_hash": leaf.hex(), "schema": jsonl.ENTRY_SCHEMA}
    return canonical(line) + b"\n"


@dataclass
class Log:
    """A log in memory. `key` is the present epoch's; earlier ones are erased."""

    trust: SigningKey = field(default_factory=lambda: SigningKey.generate(ORIGIN))
    records: list[dict[str, Any]] = field(default_factory=list)
    successions: list[str] = field(default_factory=list)
    began: int = 0

    def __post_init__(self) -> None:
        self.key = self.trust
        self.trust_key = self.trust.verifier()

    def copy(self) -> Log:
        """The whole state, keys included, as a copy of the database file holds it."""
        other = Log(self.trust, list(self.records), list(self.successions), self.began)
        other.key = self.key
        return other

    @property
    def size(self) -> int:
        return len(self.records)

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

    def succeed(self) -> Log:
        successor = SigningKey.generate(self.trust.name)
        note = sign_succession(
            self.key,
            successor.verifier(),
            epoch=len(self.successions) + 1,
            began=self.began,
            size=self.size,
            tree=self.tree(),
        )
        self.successions.append(note)
        self.key, self.began = successor, self.size
        return self

    def seal(self) -> str:
        return make_seal(
            self.key, self.successions, began=self.began, size=self.size, tree=self.tree()
        )

    def lines(self, after: int = 0, until: int | None = None) -> list[bytes]:
        return [line_of(record) for record in self.records[after:until]]

    def export(
        self, after: int = 0, until: int | None = None, seal: str | None = None
    ) -> list[bytes]:
        tree, end = self.tree(), self.size if until is None else until
        last = jsonl.trailer(
            self.seal() if seal is None else seal,
            frontier=tree.frontier(after),
            until=end,
            consistency=tree.consistency(end, self.size) if end <= self.size else [],
        )
        return [*self.lines(after, end), last.encode() + b"\n"]
