"""Search for residue: rows of erased subjects in any table of the database.

The list of tables comes from the database itself, so that the search covers tables added later.
"""

from __future__ import annotations

from collections.abc import Sequence

from facecli.store.database import Database, id_list


def of_subjects(db: Database, subject_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the tables that still hold rows of these subjects, by subject. Empty means erased."""
    left: dict[int, list[str]] = {}
    listed = id_list(subject_ids)
    for table in _tables(db):
        column = "id" if table == "subject" else "subject_id"
        if column not in {row["name"] for row in db.rows(f"PRAGMA table_info({table})")}:
            continue
        if db.is_empty(table):
            continue
        found = db.rows(
            f"SELECT DISTINCT {column} FROM {table}"  # noqa: S608 -- names from the database
            f" WHERE {column} IN (SELECT value FROM json_each(?))",
            (listed,),
        )
        for (subject_id,) in found:
            left.setdefault(subject_id, []).append(table)
    return left


def _tables(db: Database) -> list[str]:
    rows = db.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [str(row["name"]) for row in rows]
