"""The log's own history: the last time of an action or a checkpoint, and restores.

A restore without the live database continues from the backup's end (`erasure.restore`), so a
checkpoint or cursor kept of a later entry no longer fits the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from facecli.errors.audit import LogRestored
from facecli.store.database import Database

# Canonical JSON sorts its members, and none comes before `action`.
_RESTORES = """
    SELECT record FROM audit_entry WHERE substr(record, 1, length(:start)) = :start
        AND record ->> '$.details.log' = 'continued'
    ORDER BY seq DESC
"""


class Restore(NamedTuple):
    """A restore without the live database: its time, as text, its entry, and the backup's size."""

    at: str
    seq: int
    entries: int


def restores(db: Database) -> Iterator[Restore]:
    """Yield the restores by which the log went back, the last one first."""
    for (record,) in db.tuples(_RESTORES, {"start": '{"action":"backup.restore",'}):
        entry = json.loads(record)
        yield Restore(str(entry["at"]), entry["seq"], int(entry["details"]["backup_entries"]))


def last_restore(db: Database) -> Restore | None:
    """Return the last restore by which the log went back, or None."""
    return next(restores(db), None)


def restored_below(db: Database, size: int) -> LogRestored | None:
    """Return the error for something kept of entry `size`, if a restore went back before it."""
    for back in restores(db):
        if back.entries < size:
            return LogRestored(**back._asdict(), first=back.entries + 1, last=size)
    return None


WITHIN = 200_000
"""Entries that are looked through, so that a long log answers as quickly as a short one."""

_OF_ACTION = """
    SELECT record FROM audit_entry WHERE seq > :first
        AND substr(record, 1, length(:start)) = :start AND record ->> 'outcome' = 'done'
    ORDER BY seq DESC LIMIT 1
"""


def last_done(db: Database, actions: Mapping[str, str]) -> dict[str, str | None]:
    """Return the last time of each of these actions, by a name, or None.

    Only the last `WITHIN` entries are looked through.
    """
    first = int(db.value("SELECT coalesce(max(seq), 0) FROM audit_entry")) - WITHIN
    return {name: _last(db, action, first) for name, action in actions.items()}


def last_sealed(db: Database) -> str | None:
    """Return the time of the last checkpoint, whichever command made it, or None.

    `log checkpoint`, every `log export` and every certificate seal the log.
    """
    at = db.value("SELECT at FROM checkpoint WHERE id = 1")
    return None if at is None else str(at)


def _last(db: Database, action: str, first: int) -> str | None:
    start = f'{{"action":{json.dumps(action)},'
    record = db.value(_OF_ACTION, {"first": first, "start": start})
    return None if record is None else str(json.loads(record)["at"])


_TALLY = """
    SELECT substr(record ->> '$.at', 1, 16), record ->> '$.action', record ->> '$.outcome', count(*)
    FROM audit_entry WHERE record ->> '$.at' >= ? GROUP BY 1, 2, 3
"""


def tally(db: Database, since: str) -> list[tuple[str, str, str, int]]:
    """Count the entries since a moment as `(minute, action, outcome, count)`.

    A minute is the beginning of a moment, such as `2026-11-23T21:00`. No time zone divides one.
    """
    return db.tuples(_TALLY, (since,))
