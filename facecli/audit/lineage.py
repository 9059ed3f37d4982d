"""Where the log went back by intent: a backup restored when the database was gone.

Such a restore goes on from the backup's end (`erasure.restoring`). What was kept elsewhere of the
entries that came after it, a checkpoint or a cursor, does not fit the log any more.
"""

from __future__ import annotations

import json
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
