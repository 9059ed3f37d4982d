"""Is it gone? A look over all tables, whatever rooms they belong to.

The tables are asked of the database itself, so that a table which somebody adds later and forgets
to erase from is found here.
"""

from __future__ import annotations

from facecli.store.database import Database


def of_subject(db: Database, subject_id: int) -> list[str]:
    """The tables that still hold something of a subject; empty is what is wanted."""
    left = []
    for table in _tables(db):
        columns = [row["name"] for row in db.rows(f"PRAGMA table_info({table})")]
        wanted = [name for name in columns if name == "subject_id"]
        if table == "subject":
            wanted = ["id"]
        for column in wanted:
            found = db.value(f"SELECT 1 FROM {table} WHERE {column} = ? LIMIT 1", (subject_id,))  # noqa: S608
            if found is not None:
                left.append(table)
    return left


def _tables(db: Database) -> list[str]:
    rows = db.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [str(row["name"]) for row in rows]
