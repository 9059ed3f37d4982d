"""The storage of recognition: templates with their photos, and match events.

`store.holdings` erases them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple, Protocol

from facecli.audit.entries import Act
from facecli.consent import interactions
from facecli.consent.purpose_terms import Purpose
from facecli.store import calibrations, holdings, shards, templates
from facecli.store.database import Database
from facecli.times import is_nothing


class TemplateOrigin(NamedTuple):
    """The capture that a template comes from, by row ids.

    sha256: of the image file, hexadecimal. sample_id: of the photo, if it is kept. at: time of
    capture, from which the retention counts. source: where the photo comes from, if it is stated.
    other_face: see `templates.Capture`.
    """

    subject_id: int
    purpose_id: int
    sample_id: int | None
    sha256: str
    at: str
    source: str | None = None
    other_face: str | None = None


class TemplateMaker(Protocol):
    """An engine, as far as its templates are stored."""

    @property
    def engine_id(self) -> str:
        """Its id."""

    @property
    def dimension(self) -> int:
        """Components of a template."""


class KeptPhoto(NamedTuple):
    """A photo that is kept, by its row id, and the time of its capture."""

    sample_id: int
    captured_at: str


# -- templates ----------------------------------------------------------------------------


def store_template(
    act: Act, origin: TemplateOrigin, maker: TemplateMaker, template: bytes, quality: int | None
) -> str:
    """Store one template in its shard, and the row that connects it to its subject.

    Args:
        template: as the engine stores it.
        quality: unified, 0..100, higher is better, or None if it was not assessed.

    Returns:
        The random id of the template.
    """
    slot = shards.NewSlot(
        origin.subject_id, origin.purpose_id, maker.engine_id, maker.dimension, template, origin.at
    )
    capture = templates.Capture(
        origin.sha256, origin.sample_id, quality, origin.source, origin.other_face
    )
    return templates.add(act.db, slot, capture)


def has_capture(
    db: Database, subject_id: int, purpose_id: int, engine_id: str, sha256: str
) -> bool:
    """Return True if the engine has a template of this image file."""
    found = db.value(
        "SELECT 1 FROM template t JOIN template_shard h ON h.id = t.shard_id"
        " WHERE t.subject_id = ? AND t.purpose_id = ? AND h.engine_id = ?"
        " AND t.capture_sha256 = ?",
        (subject_id, purpose_id, engine_id, bytes.fromhex(sha256)),
    )
    return found is not None


def count_templates(db: Database, subject_id: int, purpose_id: int, engine_id: str) -> int:
    """Return the number of templates that the engine has of a subject for a purpose."""
    found = db.value(
        "SELECT count(*) FROM template t JOIN template_shard h ON h.id = t.shard_id"
        " WHERE t.subject_id = ? AND t.purpose_id = ? AND h.engine_id = ?",
        (subject_id, purpose_id, engine_id),
    )
    return int(found)


def in_other_engines(db: Database, engine_id: str) -> list[tuple[int, int]]:
    """Return (subject id, purpose id) of everything that another engine has a template of."""
    rows = db.rows(
        "SELECT DISTINCT t.subject_id, t.purpose_id FROM template t"
        " JOIN template_shard h ON h.id = t.shard_id WHERE h.engine_id <> ?",
        (engine_id,),
    )
    return [(row[0], row[1]) for row in rows]


def erase_other_engines(db: Database, engine_id: str, but_of: Collection[int]) -> int:
    """Erase the templates of all other engines, the shards that are empty then, and thresholds.

    but_of: ids of subjects whose templates stay. Return the number of erased templates.
    """
    rows = db.rows(
        "SELECT t.id, t.subject_id FROM template t JOIN template_shard h ON h.id = t.shard_id"
        " WHERE h.engine_id <> ?",
        (engine_id,),
    )
    ids = [row_id for row_id, subject_id in rows if subject_id not in but_of]
    holdings.erase_templates(db, ids)
    shards.drop_empty(db, engine_id)
    calibrations.drop_of_others(db, engine_id)
    return len(ids)


# -- photos -------------------------------------------------------------------------------


def store_photo(act: Act, subject_id: int, purpose_id: int, photo: bytes) -> int:
    """Store a photo to keep. Return its row id."""
    return act.db.insert(
        "sample",
        subject_id=subject_id,
        purpose_id=purpose_id,
        captured_at=act.now,
        photo=photo,
    )


def photos_without_template(
    db: Database, subject_id: int, purpose_id: int, engine_id: str
) -> list[KeptPhoto]:
    """Return the photos that another engine has a template of, and this one has not, by id."""
    rows = db.rows(
        "SELECT p.id, p.captured_at FROM sample p WHERE p.subject_id = :subject"
        " AND p.purpose_id = :purpose"
        " AND EXISTS (SELECT 1 FROM template t JOIN template_shard h ON h.id = t.shard_id"
        "  WHERE t.sample_id = p.id AND h.engine_id <> :engine)"
        " AND NOT EXISTS (SELECT 1 FROM template t JOIN template_shard h ON h.id = t.shard_id"
        "  WHERE t.sample_id = p.id AND h.engine_id = :engine) ORDER BY p.id",
        {"subject": subject_id, "purpose": purpose_id, "engine": engine_id},
    )
    return [KeptPhoto(row[0], str(row[1])) for row in rows]


def capture_of_photo(db: Database, sample_id: int) -> tuple[str, str, str | None, str | None]:
    """Return the SHA-256 of the file of a kept photo, the time of its capture, and its source.

    The last is the reason why it may show another face (see `templates.Capture`).

    Raises:
        LookupError: no template refers to the photo.
    """
    row = db.row(
        "SELECT capture_sha256, created_at, source, other_face FROM template WHERE sample_id = ?"
        " ORDER BY created_at LIMIT 1",
        (sample_id,),
    )
    if row is None:
        raise LookupError("a kept photo without a template")
    sha256, at = row["capture_sha256"].hex(), str(row["created_at"])
    return sha256, at, row["source"], row["other_face"]


# -- match events -------------------------------------------------------------------------


def store_match(
    act: Act,
    purpose: Purpose,
    subject_id: int,
    kind: Literal["identification", "verification"],
    distance: float,
    threshold: float,
    event_id: str,
) -> None:
    """Record an interaction and, if the purpose keeps match events, store one.

    distance, threshold: as compared; lower is closer. event_id: names the search in the log, whose
    entry names no subject.
    """
    interactions.note(act, subject_id, purpose.purpose_id)
    if is_nothing(purpose.terms.retain_match):
        return
    act.db.insert(
        "match_event",
        subject_id=subject_id,
        purpose_id=purpose.purpose_id,
        at=act.now,
        kind=kind,
        distance=distance,
        threshold=threshold,
        event_id=event_id,
    )
