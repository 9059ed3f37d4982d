"""A process that writes without end: `faults.py DATABASE`. It prints each seq once committed.

Killed at any moment, nothing that it printed may be lost.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from facecli.audit.entries import Actor, acting
from facecli.keys.slots import DatabaseKey
from facecli.store import shards
from facecli.store.opening import open_database
from facecli.store.shards import NewSlot

KEY = DatabaseKey(bytes(range(48)))
WHO = Actor(uid=1, user="test", slot="first", host="host")
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)


def main(path: Path) -> None:
    """Append entries and templates, one of each an act, until killed."""
    db = open_database(path, [KEY], 10)
    purpose_id = int(db.value("SELECT id FROM purpose"))
    while True:
        with acting(db, WHO, MOMENT) as act:
            seq = act.record("test.write", details={"filler": "x" * 3000})
            content = seq.to_bytes(4, "little") * 128
            shards.append(db, NewSlot(seq, purpose_id, "e", 128, content, act.now))
        sys.stdout.write(f"{seq}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
