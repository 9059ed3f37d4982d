"""What an intruder who holds the database key can do to the log, and somebody who also signs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from facecli.audit import sealing
from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import make_seal
from facecli.audit.merkle import Frontier, leaf_hash
from facecli.keys.signing import SigningKey
from facecli.store.database import Database

Records = list[dict[str, Any]]


def records(db: Database) -> Records:
    """The log's entries, parsed."""
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
    """Seal what stands there with today's key, whatever was sealed before."""
    row = db.row("SELECT * FROM signing_key ORDER BY epoch DESC LIMIT 1")
    notes = db.rows("SELECT succession FROM signing_key WHERE epoch > 0 ORDER BY epoch")
    size = db.value("SELECT size FROM audit_frontier")
    seal = make_seal(
        SigningKey(sealing.trust_key(db).name, row["seed"]),
        [note[0] for note in notes],
        began=row["began"],
        size=size,
        tree=sealing.tree(db),
    )
    db.execute("UPDATE checkpoint SET size = ?, seal = ?", (size, seal))


def edited(index: int) -> Callable[[Records], Records]:
    """One entry says something else."""

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
