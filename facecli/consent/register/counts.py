"""Numbers of the register's entries that were erased with their subjects. They name nobody."""

from __future__ import annotations

from collections.abc import Iterable

from facecli.store.database import Database

Counted = tuple[str, str]
"""The kind of an entry, and the code of its purpose; empty where it has none."""


def add(db: Database, erased: Iterable[Counted]) -> None:
    """Count entries that are erased, each once."""
    for what, purpose in erased:
        db.execute(
            "INSERT INTO register_count (what, purpose, number) VALUES (?, ?, 1)"
            " ON CONFLICT (what, purpose) DO UPDATE SET number = number + 1",
            (what, purpose),
        )


def of_erased(db: Database) -> dict[Counted, int]:
    """Return the number of erased entries of each kind."""
    rows = db.tuples("SELECT what, purpose, number FROM register_count")
    return {(what, purpose): number for what, purpose, number in rows}
