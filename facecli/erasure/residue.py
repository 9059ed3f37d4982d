"""Is it gone? A look over all tables, whatever rooms they belong to.

The tables are asked of the database itself, so that a table which somebody adds later and forgets
to erase from is found here.
"""

from __future__ import annotations

from collections.abc import Sequence

from facecli.store.database import Database, id_list


def of_subjects(db: Database, subject_ids: Sequence[int]) -> dict[int, list[str]]:
    """The tables that still hold something, by subject; empty is what is wanted."""
    left: dict[int, list[str]] = {}
    for table in _tables(db):
        column = "id" if table == "subject" else "subject_id"
        if column not in {row["name"] for row in db.rows(f"PRAGMA table_info({table})")}:
            continue
        found = db.rows(
            f"SELECT DISTINCT {column} FROM {table}"  # noqa: S608 -- names from the database
            f" WHERE {column} IN (SELECT value FROM json_each(?))",
            (id_list(subject_ids),),
        )
        for (subject_id,) in found:
            left.setdefault(subject_id, []).append(table)
    return left


def _tables(db: Database) -> list[str]:
    rows = db.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [str(row["name"]) for row in rows]
