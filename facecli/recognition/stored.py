"""Store what recognition found: a template with its photo, and a match event."""

from __future__ import annotations

import uuid
from typing import Literal, NamedTuple

from facecli.audit.entries import Act
from facecli.consent import interactions
from facecli.consent.purposes import Purpose
from facecli.store import shards
from facecli.store.database import Database
from facecli.times import is_nothing


class Capture(NamedTuple):
    """Where a template comes from: a capture of a subject for a purpose, by row ids.

    sha256: of the image file, in hex. sample_id: of the photo, if it is kept. at: time of capture,
    from which the retention counts.
    """

    subject_id: int
    purpose_id: int
    sample_id: int | None
    sha256: str
    at: str


def store_template(
    act: Act, capture: Capture, engine_id: str, template: bytes, quality: int | None
) -> str:
    """Store one template in its shard, and the row that says whose it is.

    Args:
        template: little-endian float32.
        quality: unified, 0..100, higher is better; None: not assessed.

    Returns:
        The random id of the template.
    """
    place = shards.append(act.db, capture.purpose_id, engine_id, template)
    template_id = str(uuid.uuid4())
    act.db.insert(
        "template",
        template_id=template_id,
        subject_id=capture.subject_id,
        purpose_id=capture.purpose_id,
        sample_id=capture.sample_id,
        shard_id=place.shard_id,
        slot=place.slot,
        quality=quality,
        capture_sha256=capture.sha256,
        created_at=capture.at,
    )
    return template_id


def store_photo(act: Act, subject_id: int, purpose_id: int, photo: bytes) -> int:
    """Store a photo that is kept; its row id."""
    return act.db.insert(
        "sample",
        subject_id=subject_id,
        purpose_id=purpose_id,
        captured_at=act.now,
        photo=photo,
    )


def capture_of_photo(db: Database, sample_id: int) -> tuple[str, str]:
    """The SHA-256 of the file that a kept photo came from, and the time of the capture."""
    row = db.row(
        "SELECT capture_sha256, created_at FROM template WHERE sample_id = ?"
        " ORDER BY created_at LIMIT 1",
        (sample_id,),
    )
    if row is None:
        raise AssertionError("a kept photo without a template")
    return str(row["capture_sha256"]), str(row["created_at"])


def has_capture(
    db: Database, subject_id: int, purpose_id: int, engine_id: str, sha256: str
) -> bool:
    """Has this engine a template of this very image file?"""
    found = db.value(
        "SELECT 1 FROM template t JOIN template_shard h ON h.id = t.shard_id"
        " WHERE t.subject_id = ? AND t.purpose_id = ? AND h.engine_id = ?"
        " AND t.capture_sha256 = ?",
        (subject_id, purpose_id, engine_id, sha256),
    )
    return found is not None


def store_match(
    act: Act,
    purpose: Purpose,
    subject_id: int,
    kind: Literal["identification", "verification"],
    distance: float,
    threshold: float,
) -> None:
    """Store a match event, if the purpose keeps any; it counts as an interaction either way."""
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
    )
