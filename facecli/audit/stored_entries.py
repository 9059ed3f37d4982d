"""The entries and hashes that a database holds: read in order, and checked against each other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import repeat
from typing import TYPE_CHECKING, Any

from facecli.audit.export_text import PLACE, SEQ
from facecli.audit.merkle import Tree, leaf_hash
from facecli.errors.audit import LogAltered

if TYPE_CHECKING:
    from facecli.store.database import Database

# An entry in the database: `seq`, canonical JSON, leaf hash.
Row = tuple[int, bytes, bytes]

# Entries read at once: few enough for a processor's cache. Between two reads the file is free for
# writers.
CHUNK = 250


def rows(db: Database, after: int, until: int) -> Iterator[list[Row]]:
    """Yield the entries from `after + 1` to `until` in order, some at a time.

    They are read piece by piece without a transaction: the log only grows, and a slow reader
    must not keep anybody from writing.
    """
    sql = (
        "SELECT seq, CAST(record AS BLOB), leaf_hash FROM audit_entry WHERE seq > ? AND seq <= ?"
        " ORDER BY seq LIMIT ?"
    )
    while found := db.tuples(sql, (after, until, CHUNK)):
        yield found
        after = found[-1][0]


def tree(db: Database) -> Tree:
    """Return the log's tree over the stored hashes; a proof reads a few thousand at most."""

    def leaves(begin: int, end: int) -> list[bytes]:
        sql = "SELECT leaf_hash FROM audit_entry WHERE seq > ? AND seq <= ? ORDER BY seq"
        return [row[0] for row in db.rows(sql, (begin, end))]

    def nodes(level: int, begin: int, end: int) -> list[bytes]:
        sql = (
            "SELECT hash FROM audit_node WHERE level = ? AND place >= ? AND place < ?"
            " ORDER BY place"
        )
        return [row[0] for row in db.rows(sql, (level, begin, end))]

    return Tree(leaves, nodes)


def leaves_of(rows: Sequence[Row], after: int) -> list[bytes]:
    """Return the leaf hashes of some entries, each checked against its text and its place.

    Args:
        rows: entries in the order of `seq`.
        after: how many there are before them.

    Raises:
        LogAltered: an entry does not have its hash, or does not state its place.
    """
    seqs, records, stored = zip(*rows, strict=True)
    leaves = [sha256(b"\x00" + record).digest() for record in records]  # `leaf_hash`, in place
    # All at once, since a million comparisons of bytes in Python take longer than hashing them.
    if (
        seqs != tuple(range(after + 1, after + 1 + len(rows)))
        or leaves != list(stored)
        or not _state_places(seqs, records)
    ):
        raise _first_fault(rows, after)
    return leaves


def _state_places(seqs: Sequence[int], records: Sequence[bytes]) -> bool:
    starts = map(bytes.rfind, records, repeat(SEQ))
    return all(map(bytes.startswith, records, map(PLACE.__mod__, seqs), starts))


def _first_fault(rows: Sequence[Row], after: int) -> LogAltered:
    for expected, (seq, _, _) in enumerate(rows, start=after + 1):
        if seq != expected:
            return LogAltered(why=f"entry {seq} stands where entry {expected} belongs")
    wrong = next(
        seq
        for seq, record, stored in rows
        if leaf_hash(record) != stored or not record.startswith(PLACE % seq, record.rfind(SEQ))
    )
    return LogAltered(why=f"entry {wrong} does not have the hash that was recorded")


def after(db: Database, size: int) -> Iterator[dict[str, Any]]:
    """Return the entries after the first `size`, oldest first."""
    yield from _entries(db, "seq > ?", size)


def chosen(db: Database, actions: Sequence[str], after: int, until: int) -> list[dict[str, Any]]:
    """Return the entries of some actions from `after + 1` to `until`, oldest first.

    Canonical JSON begins with the action, so that the others need not be parsed.
    """
    found = db.tuples(
        "SELECT record FROM audit_entry WHERE seq > ? AND seq <= ? AND EXISTS ("
        "SELECT 1 FROM json_each(?) WHERE substr(record, 1, length(value)) = value) ORDER BY seq",
        (after, until, json.dumps([f'{{"action":{json.dumps(action)},' for action in actions])),
    )
    return [json.loads(record) for (record,) in found]


def of_subject(
    db: Database, pseudonym: str, events: Sequence[str | None] = ()
) -> Iterator[dict[str, Any]]:
    """Return the entries about one subject, oldest first.

    Args:
        events: the ids of searches that led to the subject: their entries name no subject.
    """
    yield from _entries(
        db,
        "record ->> '$.subject_id' = ? OR record ->> '$.details.event_id' IN"
        " (SELECT value FROM json_each(?))",
        pseudonym,
        json.dumps([event for event in events if event is not None]),
    )


def _entries(db: Database, where: str, *parameters: object) -> Iterator[dict[str, Any]]:
    sql = f"SELECT record FROM audit_entry WHERE {where} ORDER BY seq"  # noqa: S608 -- our own
    for row in db.execute(sql, parameters):
        yield json.loads(row["record"])
