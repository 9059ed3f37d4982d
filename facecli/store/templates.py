"""The rows of templates: which subject, purpose and engine each is of, and where its vector lies.

The vectors themselves are in `shards`. Whether a template may be compared is the gate's to decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from facecli.store.database import Database

_WITH_ENGINE = "template t JOIN template_shard h ON h.id = t.shard_id"


def places_of(
    db: Database, subject_id: int, purpose_id: int, engine_id: str
) -> list[tuple[int, int, str]]:
    """Return `(shard_id, slot, created_at)` of a subject's templates for a purpose."""
    return db.tuples(
        f"SELECT t.shard_id, t.slot, t.created_at FROM {_WITH_ENGINE}"
        " WHERE t.subject_id = ? AND t.purpose_id = ? AND h.engine_id = ?",
        (subject_id, purpose_id, engine_id),
    )


def listed(db: Database, purpose_id: int, engine_id: str) -> tuple[str | None, ...]:
    """Return three lists of numbers as text: shard, slot and subject of every template.

    As text, a million of them take a third of the time that rows take. None stands for no template.
    """
    rows = db.tuples(
        "SELECT group_concat(shard_id), group_concat(slot), group_concat(subject_id) FROM template"
        " WHERE +purpose_id = ?"  # by the index that holds all of it
        " AND +shard_id IN (SELECT id FROM template_shard WHERE engine_id = ?)",
        (purpose_id, engine_id),
    )
    return rows[0]


def older_than(db: Database, purpose_id: int, moment: str) -> list[tuple[int, int, str]]:
    """Return `(shard_id, slot, created_at)` of a purpose's templates made before a moment."""
    return db.tuples(
        "SELECT shard_id, slot, created_at FROM template WHERE purpose_id = ? AND created_at < ?",
        (purpose_id, moment),
    )


def first_from(db: Database, purpose_id: int, moment: str) -> str | None:
    """Return when a purpose's first template at or after a moment was made, or None."""
    found = db.value(
        "SELECT min(created_at) FROM template WHERE purpose_id = ? AND created_at >= ?",
        (purpose_id, moment),
    )
    return None if found is None else str(found)


def places_before(
    db: Database, subject_id: int, purpose_id: int, moment: str
) -> list[tuple[int, int]]:
    """Return `(shard_id, slot)` of a subject's templates made before a moment."""
    return db.tuples(
        "SELECT shard_id, slot FROM template"
        " WHERE subject_id = ? AND purpose_id = ? AND created_at < ?",
        (subject_id, purpose_id, moment),
    )


def photo(db: Database, sample_id: int) -> bytes | None:
    """Return the content of a kept photo, or None."""
    content = db.value("SELECT photo FROM sample WHERE id = ?", (sample_id,))
    return None if content is None else bytes(content)


def rows_of_subject(db: Database, subject_id: int) -> Iterator[Any]:
    """Return every template's row with `engine_id` and `dimension`, oldest first."""
    yield from db.rows(
        f"SELECT t.*, h.engine_id, h.dimension FROM {_WITH_ENGINE}"
        " WHERE t.subject_id = ? ORDER BY t.created_at, t.id",
        (subject_id,),
    )


def photos_of_subject(db: Database, subject_id: int) -> list[Any]:
    """Return `id`, `purpose_id` and `captured_at` of every kept photo, oldest first."""
    return db.rows(
        "SELECT id, purpose_id, captured_at FROM sample WHERE subject_id = ?"
        " ORDER BY captured_at, id",
        (subject_id,),
    )


def matches_of_subject(db: Database, subject_id: int) -> list[Any]:
    """Return every match event's row, oldest first."""
    return db.rows("SELECT * FROM match_event WHERE subject_id = ? ORDER BY at, id", (subject_id,))
