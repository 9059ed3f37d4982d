"""The log's entries: actor, action, outcome, the pseudonym concerned, and the purpose.

An entry is appended in the transaction of the act that it records, so that neither is ever
there without the other. Entries hold no name, no REF, no path, no vector and no image.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from facecli.audit.canonical import canonical, joined, quoted
from facecli.audit.login import Login, login, user_name
from facecli.audit.merkle import Frontier, leaf_hash
from facecli.errors.audit import LogAltered
from facecli.store import time_reached
from facecli.store.database import Database
from facecli.times import stamp


class Actor(NamedTuple):  # not a dataclass: exports look it up for every entry
    """The actor: the operating system's user, the key slot that was opened, the host, the login.

    login: None in entries from before logins were recorded.
    """

    uid: int
    user: str
    slot: str
    host: str
    login: Login | None = None

    @property
    def members(self) -> dict[str, Any]:
        """The actor as an entry states it."""
        members = self._asdict()
        login = members.pop("login")
        return {**members, "login": login._asdict()} if login else members

    @property
    def in_words(self) -> str:
        """The actor in a few words: `desk`, `li as facecli`, `li (claimed) as facecli`."""
        login = self.login
        if login is None or login.user is None or login.user == self.user:
            return self.user
        claimed = " (claimed)" if login.source == "claimed" else ""
        return f"{login.user}{claimed} as {self.user}"

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Actor:
        """Return the actor that an entry states."""
        stated = members.get("login")
        return cls(**{**members, "login": Login(**stated)}) if stated else cls(**members)


def actor(slot: str, environ: Mapping[str, str]) -> Actor:
    """Return the actor of this process."""
    uid = os.getuid()
    return Actor(uid, user_name(uid), slot, os.uname().nodename, login(environ))


class NewEntry(NamedTuple):
    """An entry to record.

    action: the act, as `noun.verb`: `consent.record`. outcome: `done`, `refused` or `failed`.
    subject_id: the subject's pseudonym, never a ref or a name. purpose: the purpose's code.
    details: canonical JSON values only; nothing that names a person. written: their canonical form,
    where the caller has it.
    """

    action: str
    outcome: str = "done"
    subject_id: str | None = None
    purpose: str | None = None
    details: Mapping[str, Any] = MappingProxyType({})
    written: str | None = None


@dataclass
class Act:
    """An act in progress: the database inside a transaction, the time, and the actor."""

    db: Database
    actor: Actor
    at: datetime
    recorded: int = 0
    committed: ClassVar[int] = 0
    """The number of acts that this process has committed."""

    @cached_property
    def now(self) -> str:
        """The act's time as text (see `times.stamp`)."""
        return stamp(self.at)

    @cached_property
    def _same(self) -> dict[str, str]:
        """The canonical forms of what all its entries have."""
        return {"at": quoted(self.now), "actor": canonical(self.actor.members).decode()}

    def record(
        self,
        action: str,
        outcome: str = "done",
        *,
        subject_id: str | None = None,
        purpose: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> int:
        """Append one entry to the log and return its `seq`; see `NewEntry` and `record_all`."""
        (seq,) = self.record_all([NewEntry(action, outcome, subject_id, purpose, details or {})])
        return seq

    def record_all(self, entries: Sequence[NewEntry]) -> range:
        """Append entries to the log and return the `seq` of each, in order.

        Raises:
            LogAltered: there is an entry in the next places already.
        """
        if not self.recorded:
            time_reached.advance(self.db, self.now)
        before = recorded(self.db)
        seqs = range(before.size + 1, before.size + 1 + len(entries))
        records = list(map(self._as_recorded, seqs, entries))
        leaves = [leaf_hash(record.encode()) for record in records]
        grown = before.append(*leaves)
        self._append(list(zip(seqs, records, leaves, strict=True)), grown)
        self.recorded += len(records)
        return seqs

    def _as_recorded(self, seq: int, entry: NewEntry) -> str:
        action, outcome, subject_id, purpose, details, written = entry
        members = {
            **self._same,
            "seq": str(seq),
            "action": quoted(action),
            "outcome": quoted(outcome),
            "subject_id": quoted(subject_id),
            "purpose": quoted(purpose),
            "details": canonical(dict(details)).decode() if written is None else written,
        }
        return joined(members)

    def _append(self, rows: Sequence[tuple[int, str, bytes]], grown: Frontier) -> None:
        """Store entries, with the right edge of the tree that they grow and its whole subtrees."""
        added = self.db.many(
            "INSERT INTO audit_entry (seq, record, leaf_hash) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            rows,
        )
        if added != len(rows):
            raise LogAltered(why=f"there is an entry {rows[0][0]} or a later one already")
        self.db.execute(
            "INSERT INTO audit_frontier (id, size, frontier) VALUES (1, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET size = excluded.size, frontier = excluded.frontier",
            (grown.size, grown.to_bytes()),
        )
        self.db.many(
            "INSERT INTO audit_node (level, place, hash) VALUES (?, ?, ?)", grown.completed
        )


@contextmanager
def acting(db: Database, who: Actor, at: datetime) -> Iterator[Act]:
    """Begin a transaction whose act must leave at least one log entry."""
    act = Act(db, who, at)
    with db.transaction():
        yield act
        if not act.recorded:
            raise AssertionError("an act without a log entry")
    Act.committed += 1


def last_moment(db: Database) -> str | None:
    """Return the time of the last entry, as text, or None while the log is empty."""
    record = db.value("SELECT record FROM audit_entry ORDER BY seq DESC LIMIT 1")
    return None if record is None else str(json.loads(record)["at"])


def recorded(db: Database) -> Frontier:
    """Return the right edge of the log's tree, as the last append left it."""
    stored = db.value("SELECT frontier FROM audit_frontier WHERE id = 1")
    return Frontier() if stored is None else Frontier.from_bytes(stored)
