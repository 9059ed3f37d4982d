"""The table `meta`: single values of a database, by name."""

from __future__ import annotations

from facecli.store.database import Database


def find(db: Database, name: str) -> str | None:
    """Return the value stored under a name, or None."""
    found = db.value("SELECT value FROM meta WHERE name = ?", (name,))
    return None if found is None else str(found)


def put(db: Database, name: str, value: str) -> None:
    """Store a value under a name, in place of an earlier one."""
    db.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def drop(db: Database, name: str) -> None:
    """Remove the value under a name, if there is one."""
    db.execute("DELETE FROM meta WHERE name = ?", (name,))


def find_all(db: Database, prefix: str) -> dict[str, str]:
    """Return every value whose name starts with `prefix`, by its name."""
    rows = db.tuples(
        "SELECT name, value FROM meta WHERE substr(name, 1, ?) = ?", (len(prefix), prefix)
    )
    return dict(rows)


def database_id(db: Database) -> str:
    """Return the random id that a database keeps through rotations and restores."""
    return str(find(db, "database_id"))
