"""The log's own history: when an action was last done, the log last sealed, or a backup restored.

A restore without the live database continues from the backup's end (`erasure.restore`), so a
checkpoint or cursor kept of a later entry no longer fits the log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from facecli.store.database import Database

# Canonical JSON sorts its members, and none comes before `action`.
_RESTORES = """
    SELECT record FROM audit_entry WHERE substr(record, 1, length(:start)) = :start
        AND record ->> '$.details.log' = 'continued'
    ORDER BY seq DESC LIMIT 1
"""


class Restore(NamedTuple):
    """When it was, as text, and how many entries of the log the backup had."""

    at: str
    entries: int


def last_restore(db: Database) -> Restore | None:
    """The last restore by which the log went back, as the log tells it; None if there was none."""
    record = db.value(_RESTORES, {"start": '{"action":"backup.restore",'})
    if record is None:
        return None
    entry = json.loads(record)
    return Restore(str(entry["at"]), int(entry["details"]["backup_entries"]))


WITHIN = 200_000
"""Entries that are looked through, so that a log of millions answers as quickly as a short one."""

_OF_ACTION = """
    SELECT record FROM audit_entry WHERE seq > :first
        AND substr(record, 1, length(:start)) = :start AND record ->> 'outcome' = 'done'
    ORDER BY seq DESC LIMIT 1
"""


def last_done(db: Database, actions: Mapping[str, str]) -> dict[str, str | None]:
    """When each of these actions, by a name, was last done, as text; None: not in the last `WITHIN`
    entries."""
    first = int(db.value("SELECT coalesce(max(seq), 0) FROM audit_entry")) - WITHIN
    return {name: _last(db, action, first) for name, action in actions.items()}


def last_sealed(db: Database) -> str | None:
    """When a checkpoint was last made, as text, whichever command made it; None: never.

    `log checkpoint`, every `log export` and every certificate seal the log.
    """
    at = db.value("SELECT at FROM checkpoint WHERE id = 1")
    return None if at is None else str(at)


def _last(db: Database, action: str, first: int) -> str | None:
    start = f'{{"action":{json.dumps(action)},'
    record = db.value(_OF_ACTION, {"first": first, "start": start})
    return None if record is None else str(json.loads(record)["at"])
