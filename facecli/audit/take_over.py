"""The log of the present database, continued in a restored copy of a backup."""

from __future__ import annotations

from facecli.store.database import Database
from facecli.store.take_over import insert_rows, replace_rows

TABLES = ("audit_frontier", "audit_node", "identity_key", "signing_key", "checkpoint")


def take_over_log(copy: Database, present: Database, size: int) -> None:
    """Give `copy` the log of `present`, whose first `size` entries it has already."""
    replace_rows(copy, present, TABLES)
    later = present.execute("SELECT * FROM audit_entry WHERE seq > ? ORDER BY seq", (size,))
    insert_rows(copy, "audit_entry", later)
