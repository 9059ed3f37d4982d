"""Store templates packed into shards, the only place in the database with vectors.

A shard has `capacity` slots of `slot_bytes` bytes each, all of one purpose and one engine. What the
bytes mean is the engine's to say (`recognition.engines.scoring`). Slots are filled in order and
written in place. An erased slot is zeroed and not used again. The first shards are small, so that a
small gallery makes a small file.

Beside its templates a shard keeps the subject of each slot, so that a search need not read a row
for each template. Triggers keep sums of the rows, with which it compares them; `check_subjects`
compares them with the rows themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facecli.errors.store import ShardDamaged
from facecli.store.database import Database
from facecli.store.files import PAGE_SIZE

CAPACITIES = (64, 512, 4096)  # slots of the first, the second, and every further shard
OTHER_SUBJECTS = "the subjects in it are not those of its templates' rows"
OTHER_AGE = "a template in it is older than it states"
SUBJECT_BYTES = 4  # a little-endian subject id; 0: nobody


@dataclass(frozen=True)
class TemplatePlace:
    """Place of one template: its shard's id, and its slot from 0."""

    shard_id: int
    slot: int


@dataclass(frozen=True)
class NewSlot:
    """A template to store.

    content: as the engine stores it. created_at: time of the capture.
    """

    subject_id: int
    purpose_id: int
    engine_id: str
    dimension: int
    content: bytes
    created_at: str


@dataclass(frozen=True)
class Shard:
    """One shard without its content. oldest: no template in it is older, or "" if it has none."""

    shard_id: int
    used: int
    dimension: int
    slot_bytes: int
    oldest: str


def append(db: Database, new: NewSlot) -> TemplatePlace:
    """Store one template in the next free slot. Call it inside a transaction.

    Raises:
        ValueError: the engine's templates have another size.
    """
    shard = _with_room(db, new)
    slot = shard.used
    db.write_blob("shard_vectors", "vectors", shard.shard_id, slot * shard.slot_bytes, new.content)
    subject = new.subject_id.to_bytes(SUBJECT_BYTES, "little")
    db.write_blob("shard_subjects", "subjects", shard.shard_id, slot * SUBJECT_BYTES, subject)
    oldest = min(shard.oldest or new.created_at, new.created_at)
    db.execute(
        "UPDATE template_shard SET used = ?, oldest = ? WHERE id = ?",
        (slot + 1, oldest, shard.shard_id),
    )
    return TemplatePlace(shard.shard_id, slot)


def of_gallery(db: Database, purpose_id: int, engine_id: str) -> list[Shard]:
    """Return the shards of one gallery in order of their ids."""
    rows = db.tuples(
        "SELECT id, used, dimension, slot_bytes, oldest FROM template_shard"
        " WHERE purpose_id = ? AND engine_id = ? ORDER BY id",
        (purpose_id, engine_id),
    )
    return [Shard(*row) for row in rows]


def read(db: Database, shard: Shard) -> bytes:
    """Return the templates of the used slots of a shard, one after another."""
    return _read(db, "shard_vectors", "vectors", shard, shard.slot_bytes)


def read_subjects(db: Database, shard: Shard) -> bytes:
    """Return the subject ids of the used slots of a shard: little-endian, 32 bits; 0: nobody."""
    return _read(db, "shard_subjects", "subjects", shard, SUBJECT_BYTES)


def read_one(db: Database, place: TemplatePlace) -> bytes:
    """Return one template, as the engine stores it."""
    size = _slot_bytes(db, place.shard_id)
    return db.read_blob("shard_vectors", "vectors", place.shard_id, place.slot * size, size)


def read_own(db: Database, place: TemplatePlace, subject_id: int) -> bytes:
    """Return one template of a subject, as the engine stores it.

    Raises:
        ShardDamaged: the shard has it for another subject.
    """
    subject = db.read_blob(
        "shard_subjects", "subjects", place.shard_id, place.slot * SUBJECT_BYTES, SUBJECT_BYTES
    )
    if int.from_bytes(subject, "little") != subject_id:
        raise ShardDamaged(path=db.path, shard=place.shard_id, why=OTHER_SUBJECTS)
    return read_one(db, place)


def erase(db: Database, shard_id: int, slots: Sequence[int]) -> None:
    """Overwrite templates of one shard, and their subjects, by zeros. Call it in a transaction."""
    first, last = min(slots), max(slots)
    for table, column, size in _columns(db, shard_id):
        nothing = bytes(size)
        if len(slots) * PAGE_SIZE < (last + 1 - first) * size:  # some pages have none of them
            parts = ((slot * size, nothing) for slot in sorted(slots))
            db.write_blobs(table, column, shard_id, parts)
            continue
        whole = (last + 1 - first) * size
        content = bytearray(db.read_blob(table, column, shard_id, first * size, whole))
        for place in (size * (slot - first) for slot in slots):
            content[place : place + size] = nothing
        db.write_blob(table, column, shard_id, first * size, bytes(content))


def are_erased(db: Database, shard_id: int, slots: Sequence[int]) -> bool:
    """Return True if these slots hold nothing but zeros."""
    first, last = min(slots), max(slots)
    for table, column, size in _columns(db, shard_id):
        nothing = bytes(size)
        content = db.read_blob(table, column, shard_id, first * size, (last + 1 - first) * size)
        places = (size * (slot - first) for slot in slots)
        if any(content[place : place + size] != nothing for place in places):
            return False
    return True


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
        db.execute("DELETE FROM shard_subjects WHERE shard_id = ?", (shard_id,))
        db.execute("DELETE FROM template_shard WHERE id = ?", (shard_id,))


def _columns(db: Database, shard_id: int) -> list[tuple[str, str, int]]:
    """Return `(table, column, bytes of a slot)` of both blobs of a shard."""
    return [
        ("shard_vectors", "vectors", _slot_bytes(db, shard_id)),
        ("shard_subjects", "subjects", SUBJECT_BYTES),
    ]


def _read(db: Database, table: str, column: str, shard: Shard, size: int) -> bytes:
    if not shard.used:
        return b""
    content = db.read_blob(table, column, shard.shard_id, 0, shard.used * size)
    if len(content) != shard.used * size:
        raise ShardDamaged(path=db.path, shard=shard.shard_id, why="it is too short")
    return content


def _slot_bytes(db: Database, shard_id: int) -> int:
    return int(db.value("SELECT slot_bytes FROM template_shard WHERE id = ?", (shard_id,)))


def _with_room(db: Database, new: NewSlot) -> Shard:
    """Return a shard with a free slot, a new one if need be."""
    row = db.row(
        "SELECT id, used, dimension, slot_bytes, oldest FROM template_shard"
        " WHERE purpose_id = ? AND engine_id = ? AND used < capacity ORDER BY id LIMIT 1",
        (new.purpose_id, new.engine_id),
    )
    if row is None:
        return _new_shard(db, new)
    shard = Shard(*row)
    if (shard.dimension, shard.slot_bytes) != (new.dimension, len(new.content)):
        raise ValueError("a template of another size than its engine's")
    return shard


def _new_shard(db: Database, new: NewSlot) -> Shard:
    existing = len(of_gallery(db, new.purpose_id, new.engine_id))
    capacity = CAPACITIES[min(existing, len(CAPACITIES) - 1)]
    slot_bytes = len(new.content)
    shard_id = db.insert(
        "template_shard",
        purpose_id=new.purpose_id,
        engine_id=new.engine_id,
        dimension=new.dimension,
        capacity=capacity,
        used=0,
        slot_bytes=slot_bytes,
    )
    db.insert("shard_vectors", shard_id=shard_id, vectors=bytes(capacity * slot_bytes))
    db.insert("shard_subjects", shard_id=shard_id, subjects=bytes(capacity * SUBJECT_BYTES))
    return Shard(shard_id, 0, new.dimension, slot_bytes, "")
