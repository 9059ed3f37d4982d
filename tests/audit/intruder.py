"""Attacks on the log by an intruder with the database key, and with today's signing key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from facecli.audit import sealing
from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import Epoch, Statement, make_checkpoint
from facecli.audit.merkle import Frontier, leaf_hash
from facecli.audit.stored_entries import tree
from facecli.keys.signing import SigningKey
from facecli.store.database import Database

Records = list[dict[str, Any]]


def records(db: Database) -> Records:
    """Return the log's entries, parsed."""
    rows = db.rows("SELECT record FROM audit_entry ORDER BY seq")
    return [json.loads(row["record"]) for row in rows]


def rewrite(db: Database, change: Callable[[Records], Records]) -> None:
    """Change the log and recompute every hash that depends on it: leaves, nodes, frontier."""
    changed = change(records(db))
    frontier = Frontier()
    for table in ("audit_entry", "audit_node", "audit_frontier"):
        db.execute(f"DELETE FROM {table}")
    for seq, record in enumerate(changed, start=1):
        text = canonical({**record, "seq": seq})
        leaf = leaf_hash(text)
        frontier = frontier.append(leaf)
        db.insert("audit_entry", seq=seq, record=text.decode(), leaf_hash=leaf)
        for node in frontier.completed:
            db.insert("audit_node", **node._asdict())
    db.insert("audit_frontier", id=1, size=frontier.size, frontier=frontier.to_bytes())


def sign(db: Database) -> None:
    """Seal the log as it stands with today's key, whatever was sealed before."""
    row = db.row("SELECT * FROM signing_key ORDER BY epoch DESC LIMIT 1")
    size = db.value("SELECT size FROM audit_frontier")
    trusted = sealing.trust_key(db)
    note = make_checkpoint(
        Statement(trusted.name, size, tree(db).root(size)),
        trusted,
        sealing.identity_key(db),
        Epoch(row["epoch"], row["began"], row["public"]),
        SigningKey(trusted.name, row["seed"]),
        db.value("SELECT public FROM signing_key WHERE epoch = 0"),
    )
    db.execute("UPDATE checkpoint SET size = ?, note = ?", (size, note))


def edited(index: int) -> Callable[[Records], Records]:
    """One entry is changed."""

    def change(found: Records) -> Records:
        changed = {**found[index], "outcome": "refused"}
        return [*found[:index], changed, *found[index + 1 :]]

    return change


def deleted(index: int) -> Callable[[Records], Records]:
    """One entry is gone, and those after it are numbered anew."""
    return lambda found: found[:index] + found[index + 1 :]


def inserted(index: int) -> Callable[[Records], Records]:
    """One entry more."""
    return lambda found: [*found[:index], {**found[index], "action": "forged"}, *found[index:]]


def swapped(index: int) -> Callable[[Records], Records]:
    """Two entries have changed places."""
    return lambda found: [
        *found[:index], found[index + 1], found[index], *found[index + 2 :],
    ]  # fmt: skip


def cut(count: int) -> Callable[[Records], Records]:
    """The last entries are gone."""
    return lambda found: found[:-count]
