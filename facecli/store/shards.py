"""Store templates packed into shards, the only place in the database with vectors.

A shard has `capacity` slots of `dimension` little-endian float32 numbers, all of one purpose and
one engine. Slots are filled in order and written in place. An erased slot is zeroed and not used
again. The first shards are small, so that a small gallery makes a small file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facecli.store.database import Database

FLOAT_BYTES = 4
CAPACITIES = (64, 512, 4096)  # slots of the first, the second, and every further shard


@dataclass(frozen=True)
class TemplatePlace:
    """Place of one template: its shard's id, and its slot from 0."""

    shard_id: int
    slot: int


@dataclass(frozen=True)
class Shard:
    """The used part of one shard: `used * dimension` little-endian float32 numbers."""

    shard_id: int
    used: int
    dimension: int
    vectors: bytes


def append(db: Database, purpose_id: int, engine_id: str, vector: bytes) -> TemplatePlace:
    """Store one template in the next free slot. Call it inside a transaction.

    Args:
        vector: the template, `dimension` little-endian float32 numbers.

    Raises:
        ValueError: the engine's templates have another dimension.
    """
    shard = db.row(
        "SELECT id, used, dimension FROM template_shard"
        " WHERE purpose_id = ? AND engine_id = ? AND used < capacity ORDER BY id LIMIT 1",
        (purpose_id, engine_id),
    )
    dimension = len(vector) // FLOAT_BYTES
    if shard is None:
        shard_id, slot = _new_shard(db, purpose_id, engine_id, dimension), 0
    else:
        shard_id, slot = shard["id"], shard["used"]
        if shard["dimension"] != dimension:
            raise ValueError("a template of another dimension than its engine's")
    db.write_blob("shard_vectors", "vectors", shard_id, slot * len(vector), vector)
    db.execute("UPDATE template_shard SET used = ? WHERE id = ?", (slot + 1, shard_id))
    return TemplatePlace(shard_id, slot)


def read(db: Database, purpose_id: int, engine_id: str) -> Iterator[Shard]:
    """Yield the shards of one gallery in order of their ids."""
    rows = db.tuples(
        "SELECT id, used, dimension FROM template_shard"
        " WHERE purpose_id = ? AND engine_id = ? ORDER BY id",
        (purpose_id, engine_id),
    )
    for shard_id, used, dimension in rows:
        size = used * dimension * FLOAT_BYTES
        vectors = db.read_blob("shard_vectors", "vectors", shard_id, 0, size) if used else b""
        yield Shard(shard_id, used, dimension, vectors)


def read_one(db: Database, place: TemplatePlace, dimension: int) -> bytes:
    """Return one template: `dimension` little-endian float32 numbers."""
    size = dimension * FLOAT_BYTES
    return db.read_blob("shard_vectors", "vectors", place.shard_id, place.slot * size, size)


def erase(db: Database, shard_id: int, slots: Sequence[int]) -> None:
    """Overwrite templates of one shard with zeros. Call it inside a transaction."""
    size = _template_bytes(db, shard_id)
    nothing = bytes(size)
    parts = ((slot * size, nothing) for slot in sorted(slots))
    db.write_blobs("shard_vectors", "vectors", shard_id, parts)


def are_erased(db: Database, shard_id: int, slots: Sequence[int]) -> bool:
    """Return True if these slots hold nothing but zeros."""
    size = _template_bytes(db, shard_id)
    first, last = min(slots), max(slots)
    vectors = db.read_blob(
        "shard_vectors", "vectors", shard_id, first * size, (last + 1 - first) * size
    )
    nothing = bytes(size)
    return all(vectors[at : at + size] == nothing for at in (size * (s - first) for s in slots))


def _template_bytes(db: Database, shard_id: int) -> int:
    dimension = db.value("SELECT dimension FROM template_shard WHERE id = ?", (shard_id,))
    return int(dimension) * FLOAT_BYTES


def _new_shard(db: Database, purpose_id: int, engine_id: str, dimension: int) -> int:
    existing = db.value(
        "SELECT count(*) FROM template_shard WHERE purpose_id = ? AND engine_id = ?",
        (purpose_id, engine_id),
    )
    capacity = CAPACITIES[min(existing, len(CAPACITIES) - 1)]
    shard_id = db.insert(
        "template_shard",
        purpose_id=purpose_id,
        engine_id=engine_id,
        dimension=dimension,
        capacity=capacity,
        used=0,
    )
    db.insert("shard_vectors", shard_id=shard_id, vectors=bytes(capacity * dimension * FLOAT_BYTES))
    return shard_id


def drop_empty(db: Database, engine_id: str) -> None:
    """Delete the shards of all other engines that have no template left.

    Call it inside a transaction. Deleted content is overwritten (`secure_delete`).
    """
    empty = db.rows(
        "SELECT id FROM template_shard WHERE engine_id <> ?"
        " AND NOT EXISTS (SELECT 1 FROM template WHERE shard_id = template_shard.id)",
        (engine_id,),
    )
    for (shard_id,) in empty:
        db.execute("DELETE FROM shard_vectors WHERE shard_id = ?", (shard_id,))
        db.execute("DELETE FROM template_shard WHERE id = ?", (shard_id,))
