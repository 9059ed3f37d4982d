"""Templates, photos and match events: list them, count them, erase them. Needs no pixels.

A template is zeroed in its shard, the only place where it is stored, before its row is deleted. The
database overwrites deleted rows (`secure_delete`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from facecli.store import shards
from facecli.store.database import Database, id_list

# Rows (subject_id, what, id, purpose_id, moment), in order of subjects.
ALL_HELD = """
    SELECT subject_id, 'template', id, purpose_id, created_at FROM template {where}
    UNION ALL SELECT subject_id, 'photo', id, purpose_id, captured_at FROM sample {where}
    UNION ALL SELECT subject_id, 'match', id, purpose_id, at FROM match_event {where}
    ORDER BY subject_id
"""


def all_held(db: Database) -> Any:
    """Yield `(subject_id, what, id, purpose_id, moment)` of all that is held, by subject."""
    return db.stream(ALL_HELD.format(where=""))


def held_of(db: Database, subject_id: int) -> Any:
    """Yield the same rows of one subject."""
    return db.stream(ALL_HELD.format(where="WHERE subject_id = :id"), {"id": subject_id})


def held_among(db: Database, ids: str) -> Any:
    """Yield the same rows of several subjects; `ids` is a JSON array."""
    where = "WHERE subject_id IN (SELECT value FROM json_each(:ids))"
    return db.stream(ALL_HELD.format(where=where), {"ids": ids})


COUNTED = {"template": "template", "photo": "sample", "match": "match_event"}
"""Table of each kind of record that is counted."""


def counts(db: Database) -> dict[str, int]:
    """Return the number of templates, photos and match events."""
    return {what: int(db.value(f"SELECT count(*) FROM {table}")) for what, table in COUNTED.items()}


def counts_by_purpose(db: Database) -> defaultdict[int, dict[str, int]]:
    """Return the same numbers for each purpose by its id; zeros for a purpose without any."""
    found: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for what, table in COUNTED.items():
        grouped = f"SELECT purpose_id, count(*) FROM {table} GROUP BY 1"
        for purpose_id, count in db.tuples(grouped):
            found[purpose_id][what] = count
    return found


def count_people(db: Database) -> int:
    """Return the number of subjects with a template or a photo."""
    both = "SELECT subject_id FROM template UNION SELECT subject_id FROM sample"
    return int(db.value(f"SELECT count(*) FROM ({both})"))


ShardSlots = dict[int, list[int]]
"""Places of templates: slots by shard id."""


def slots_of(db: Database, ids: Sequence[int]) -> ShardSlots:
    """Return the places of these templates."""
    rows = db.rows(
        "SELECT shard_id, slot FROM template WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    slots: ShardSlots = {}
    for shard_id, slot in rows:
        slots.setdefault(shard_id, []).append(slot)
    return slots


def are_erased(db: Database, slots: ShardSlots) -> bool:
    """Return True if these places hold nothing but zeros."""
    return all(shards.are_erased(db, shard_id, found) for shard_id, found in slots.items())


def erase_templates(db: Database, ids: Sequence[int]) -> None:
    """Zero the vectors of these templates and delete their rows."""
    for shard_id, slots in slots_of(db, ids).items():
        shards.erase(db, shard_id, slots)
    db.delete("template", ids)


def erase_photos(db: Database, ids: Sequence[int]) -> None:
    """Delete kept photos. The templates made from them stay."""
    db.execute(
        "UPDATE template SET sample_id = NULL WHERE sample_id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    db.delete("sample", ids)


def erase_matches(db: Database, ids: Sequence[int]) -> None:
    """Delete match events."""
    db.delete("match_event", ids)
