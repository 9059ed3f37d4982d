"""What is held of people in pictures and vectors, and taking it away. Needs no pixels.

Templates are zeroed in their shard, which is their only home, before their row goes; deleted rows
are overwritten by the database (`secure_delete`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from facecli.audit.entries import Act
from facecli.store import shards
from facecli.store.database import Database

# (subject_id, what, id, purpose_id, moment) of everything held, by subject.
ALL_HELD = """
    SELECT subject_id, 'template', id, purpose_id, created_at FROM template {where}
    UNION ALL SELECT subject_id, 'photo', id, purpose_id, captured_at FROM sample {where}
    UNION ALL SELECT subject_id, 'match', id, purpose_id, at FROM match_event {where}
    ORDER BY subject_id
"""


def all_held(db: Database) -> Any:
    """An iterator over `(subject_id, what, id, purpose_id, moment)`, by subject."""
    return db.execute(ALL_HELD.format(where=""))


def held_of(db: Database, subject_id: int) -> Any:
    """The same of one subject."""
    return db.execute(ALL_HELD.format(where="WHERE subject_id = :id"), {"id": subject_id})


class TemplatePlace(NamedTuple):
    """Where a template lies, and how many numbers it has."""

    place: shards.Place
    dimension: int


def places(db: Database, ids: Sequence[int]) -> list[TemplatePlace]:
    """Where these templates lie."""
    found = []
    for template_id in ids:
        row = db.row(
            "SELECT t.shard_id, t.slot, h.dimension FROM template t"
            " JOIN template_shard h ON h.id = t.shard_id WHERE t.id = ?",
            (template_id,),
        )
        if row is not None:
            found.append(TemplatePlace(shards.Place(row[0], row[1]), row[2]))
    return found


def are_erased(db: Database, erased: Sequence[TemplatePlace]) -> bool:
    """Is there nothing but zeros where these templates were?"""
    return all(shards.is_erased(db, one.place, one.dimension) for one in erased)


def erase_templates(act: Act, ids: Sequence[int]) -> None:
    """Zero the vectors of these templates and delete their rows."""
    for template_id in ids:
        row = act.db.row("SELECT shard_id, slot FROM template WHERE id = ?", (template_id,))
        if row is not None:
            shards.erase(act.db, shards.Place(row["shard_id"], row["slot"]))
            act.db.execute("DELETE FROM template WHERE id = ?", (template_id,))


def erase_photos(act: Act, ids: Sequence[int]) -> None:
    """Delete kept photos; templates made from them go on without."""
    for sample_id in ids:
        act.db.execute("UPDATE template SET sample_id = NULL WHERE sample_id = ?", (sample_id,))
        act.db.execute("DELETE FROM sample WHERE id = ?", (sample_id,))


def erase_matches(act: Act, ids: Sequence[int]) -> None:
    """Delete match events."""
    for event_id in ids:
        act.db.execute("DELETE FROM match_event WHERE id = ?", (event_id,))
