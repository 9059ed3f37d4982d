"""Entries of the log, read from the database that holds it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from facecli.store.database import Database


def after(db: Database, size: int) -> Iterator[dict[str, Any]]:
    """Return the entries after the first `size`, oldest first."""
    yield from _entries(db, "seq > ?", size)


def of_subject(db: Database, pseudonym: str) -> Iterator[dict[str, Any]]:
    """Return the entries about one subject, oldest first."""
    yield from _entries(db, "json_extract(record, '$.subject_id') = ?", pseudonym)


def _entries(db: Database, where: str, parameter: object) -> Iterator[dict[str, Any]]:
    sql = f"SELECT record FROM audit_entry WHERE {where} ORDER BY seq"  # noqa: S608 -- our own
    for row in db.execute(sql, (parameter,)):
        yield json.loads(row["record"])
