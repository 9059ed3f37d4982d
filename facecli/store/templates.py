"""The rows of templates: which subject, purpose and engine each is of, and where its vector lies.

The vectors themselves are in `shards`. Whether a template may be compared is the gate's to decide.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from facecli.errors.store import ShardDamaged
from facecli.store import shards
from facecli.store.database import Database
from facecli.store.packed import id_text, seconds
from facecli.store.shards import Shard

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_WITH_ENGINE = "template t JOIN template_shard h ON h.id = t.shard_id"


@dataclass(frozen=True)
class Capture:
    """The capture that a template comes from.

    sha256: of the image file, hexadecimal. sample_id: of the photo, if it is kept. quality:
    unified, 0..100, higher is better, or None if it was not assessed. source: where the photo
    comes from, as stated, or None. other_face: why it counts as the subject's although it looks
    like another person's, or None.
    """

    sha256: str
    sample_id: int | None = None
    quality: int | None = None
    source: str | None = None
    other_face: str | None = None


def add(db: Database, new: shards.NewSlot, capture: Capture) -> str:
    """Store a template and its row. Return its random id. Call it inside a transaction.

    Raises:
        ValueError: see `shards.append`.
    """
    place = shards.append(db, new)
    template_id = uuid.uuid4()
    db.insert(
        "template",
        template_id=template_id.bytes,
        subject_id=new.subject_id,
        purpose_id=new.purpose_id,
        sample_id=capture.sample_id,
        shard_id=place.shard_id,
        slot=place.slot,
        quality=capture.quality,
        capture_sha256=bytes.fromhex(capture.sha256),
        source=capture.source,
        created=seconds(new.created_at),
        other_face=capture.other_face,
    )
    return str(template_id)


def purposes_of(db: Database, subject_id: int) -> list[int]:
    """Return the row ids of the purposes for which a subject has templates, rising."""
    found = db.tuples(
        "SELECT DISTINCT purpose_id FROM template WHERE subject_id = ? ORDER BY 1", (subject_id,)
    )
    return [purpose_id for (purpose_id,) in found]


def places_of(
    db: Database, subject_id: int, purpose_id: int, engine_id: str
) -> list[tuple[int, int, str]]:
    """Return `(shard_id, slot, created_at)` of a subject's templates for a purpose."""
    return db.tuples(
        f"SELECT t.shard_id, t.slot, t.created_at FROM {_WITH_ENGINE}"
        " WHERE t.subject_id = ? AND t.purpose_id = ? AND h.engine_id = ?",
        (subject_id, purpose_id, engine_id),
    )


def older_than(db: Database, shard_id: int, moment: str) -> list[tuple[int, str]]:
    """Return `(slot, created_at)` of a shard's templates made before a moment."""
    return db.tuples(
        "SELECT slot, created_at FROM template WHERE shard_id = ? AND created_at < ?",
        (shard_id, moment),
    )


def first_from(db: Database, shard_id: int, moment: str) -> str | None:
    """Return when a shard's first template at or after a moment was made, or None."""
    found = db.value(
        "SELECT min(created_at) FROM template WHERE shard_id = ? AND created_at >= ?",
        (shard_id, moment),
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


def made_before(
    db: Database, subject_id: int, purpose_id: int, moment: str
) -> list[tuple[int, str]]:
    """Return the row id and the id of a subject's templates made before a moment."""
    found = db.tuples(
        "SELECT id, template_id FROM template"
        " WHERE subject_id = ? AND purpose_id = ? AND created_at < ?",
        (subject_id, purpose_id, moment),
    )
    return [(row_id, id_text(template_id)) for row_id, template_id in found]


def captures_of(db: Database, subject_id: int, purpose_id: int) -> set[bytes]:
    """Return the SHA-256 of each image file that a subject's templates for a purpose are from."""
    rows = db.tuples(
        "SELECT capture_sha256 FROM template WHERE subject_id = ? AND purpose_id = ?",
        (subject_id, purpose_id),
    )
    return {bytes(digest) for (digest,) in rows}


def photo(db: Database, sample_id: int) -> bytes | None:
    """Return the content of a kept photo, or None."""
    content = db.value("SELECT photo FROM sample WHERE id = ?", (sample_id,))
    return None if content is None else bytes(content)


def rows_of_subject(db: Database, subject_id: int) -> Iterator[Any]:
    """Return every template's row with `engine_id` and `dimension`, oldest first.

    `template_id` and `capture_sha256` are bytes; see `packed.id_text`.
    """
    yield from db.rows(
        f"SELECT t.*, h.engine_id, h.dimension FROM {_WITH_ENGINE}"
        " WHERE t.subject_id = ? ORDER BY t.created_at, t.id",
        (subject_id,),
    )


def photos_of_subject(db: Database, subject_id: int) -> list[Any]:
    """Return `id`, `purpose_id`, `captured_at` and `source` of every kept photo, oldest first.

    The source is that of its templates; None where none states one.
    """
    return db.rows(
        "SELECT id, purpose_id, captured_at,"
        " (SELECT max(source) FROM template t WHERE t.sample_id = sample.id) AS source"
        " FROM sample WHERE subject_id = ? ORDER BY captured_at, id",
        (subject_id,),
    )


def matches_of_subject(db: Database, subject_id: int) -> list[Any]:
    """Return every match event's row, oldest first."""
    return db.rows("SELECT * FROM match_event WHERE subject_id = ? ORDER BY at, id", (subject_id,))


# -- the subjects beside the shards --------------------------------------------------------------


class SlotSums(NamedTuple):
    """Sums over the templates of a shard that tell one assignment of subjects from another.

    templates: their number. subjects: sum of their subjects' ids. weighted: the same, each id
    multiplied by its slot. strange: templates of another purpose than the shard's.
    """

    templates: int = 0
    subjects: int = 0
    weighted: int = 0
    strange: int = 0


def sums_of_rows(db: Database, purpose_id: int, engine_id: str) -> dict[int, SlotSums]:
    """Return the sums over the rows of `template` for each shard that has any, by its id."""
    rows = db.tuples(
        "SELECT shard_id, count(*), sum(subject_id), sum(subject_id * slot), sum(purpose_id <> ?1)"
        " FROM template WHERE shard_id IN"
        " (SELECT id FROM template_shard WHERE purpose_id = ?1 AND engine_id = ?2)"
        " GROUP BY shard_id",
        (purpose_id, engine_id),
    )
    return {shard_id: SlotSums(*sums) for shard_id, *sums in rows}


def kept_sums(db: Database, purpose_id: int, engine_id: str) -> dict[int, SlotSums]:
    """Return the sums of each shard as the database keeps them with each change of a row."""
    shards_of_it = db.tuples(
        "SELECT id, templates, subject_sum, place_sum, strange FROM template_shard"
        " WHERE purpose_id = ? AND engine_id = ?",
        (purpose_id, engine_id),
    )
    return {shard_id: SlotSums(*sums) for shard_id, *sums in shards_of_it}


def subjects_in(db: Database, shard: Shard, expected: SlotSums) -> npt.NDArray[np.uint32]:
    """Return (used,) uint32, the subject of each used slot of a shard; 0: nobody.

    Raises:
        ShardDamaged: they are not the subjects of the shard's templates, or it states no age.
    """
    import numpy as np

    if expected.templates and not shard.oldest:  # nothing in it would ever be due
        raise ShardDamaged(path=db.path, shard=shard.shard_id, why=shards.OTHER_AGE)
    found = np.frombuffer(shards.read_subjects(db, shard), "<u4")
    whole = found.astype(np.int64)
    sums = SlotSums(
        int(np.count_nonzero(whole)), int(whole.sum()), int(whole @ np.arange(len(whole)))
    )
    if sums != expected:
        raise _other_subjects(db, shard)
    return found


def count_of_other_engines(db: Database, engine_id: str | None) -> int:
    """Return the number of templates that another engine made; None: count all."""
    found = db.value(
        f"SELECT count(*) FROM {_WITH_ENGINE} WHERE h.engine_id IS NOT ?", (engine_id,)
    )
    return int(found)


def check_subjects(db: Database) -> None:
    """Check that every shard names the subjects of its templates, and keeps their sums.

    Raises:
        ShardDamaged: one does not.
    """
    galleries = db.tuples("SELECT DISTINCT purpose_id, engine_id FROM template_shard")
    for gallery in galleries:
        rows, kept = sums_of_rows(db, *gallery), kept_sums(db, *gallery)
        for shard in shards.of_gallery(db, *gallery):
            sums = rows.get(shard.shard_id, SlotSums())
            if kept[shard.shard_id] != sums:
                raise _other_subjects(db, shard)
            subjects_in(db, shard, sums)


def check_ages(db: Database) -> None:
    """Check that no template is older than its shard states: its retention would not be asked.

    Raises:
        ShardDamaged: one is.
    """
    found = db.value(
        "SELECT h.id FROM template t JOIN template_shard h ON h.id = t.shard_id"
        " WHERE t.created < unixepoch(h.oldest) OR h.oldest = '' LIMIT 1"
    )
    if found is not None:
        raise ShardDamaged(path=db.path, shard=found, why=shards.OTHER_AGE)


def _other_subjects(db: Database, shard: Shard) -> ShardDamaged:
    return ShardDamaged(path=db.path, shard=shard.shard_id, why=shards.OTHER_SUBJECTS)
