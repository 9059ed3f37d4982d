"""The table of calibrations that were measured in a gallery. A purge asks which of them is stale.

A record is JSON text that `recognition.matching.site_calibration` writes and reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from facecli.store import shards
from facecli.store.database import Database

GROWN = 1.25
"""Growth of a gallery, in templates, from which on it is another one."""
GONE = 0.1
"""Share of its templates whose erasure makes it another one."""


@dataclass(frozen=True)
class GalleryCounts:
    """The number of templates of a gallery. made: stored so far, erased ones too. held: of them."""

    made: int
    held: int


@dataclass(frozen=True)
class StoredCalibration:
    """A calibration and the state of its gallery when it was measured.

    made: templates stored until then, erased ones too. templates: held then.
    """

    purpose_id: int
    engine_id: str
    at: str
    made: int
    templates: int
    record: str


def is_stale(templates: int, made_since: int, erased_since: int) -> bool:
    """Return True if a gallery has grown by a quarter, or a tenth of it has gone.

    Args:
        templates: held when it was measured.
        made_since: stored after that.
        erased_since: erased after that.
    """
    grown = templates + made_since - erased_since >= GROWN * templates
    return grown or erased_since >= GONE * templates


def find(db: Database, purpose_id: int, engine_id: str) -> StoredCalibration | None:
    """Return the calibration of a gallery, or None."""
    return next((one for one in _all(db, engine_id) if one.purpose_id == purpose_id), None)


def stale(db: Database) -> list[StoredCalibration]:
    """Return the calibrations of the database's engine whose gallery has changed much since."""
    engine_id = db.value("SELECT value FROM meta WHERE name = 'engine_id'")
    return [one for one in _all(db, engine_id) if _has_changed(db, one)]


def put(
    db: Database, purpose_id: int, engine_id: str, at: str, gallery: GalleryCounts, record: str
) -> None:
    """Store a calibration in place of the earlier one. Call it inside a transaction.

    Args:
        gallery: as it was when it was measured; others may have changed it since.
    """
    drop(db, purpose_id, engine_id)
    new = StoredCalibration(purpose_id, engine_id, at, gallery.made, gallery.held, record)
    db.insert("site_calibration", **vars(new))


def drop(db: Database, purpose_id: int, engine_id: str) -> None:
    """Delete the calibration of a gallery, if there is one. Call it inside a transaction."""
    db.execute(
        "DELETE FROM site_calibration WHERE purpose_id = ? AND engine_id = ?",
        (purpose_id, engine_id),
    )


def drop_of_others(db: Database, engine_id: str) -> None:
    """Delete the calibrations of all other engines. Call it inside a transaction.

    Their galleries end. One that begins anew counts its templates from zero, and would pass for
    the one that was measured.
    """
    db.execute("DELETE FROM site_calibration WHERE engine_id <> ?", (engine_id,))


def _all(db: Database, engine_id: str) -> list[StoredCalibration]:
    rows = db.tuples(
        "SELECT purpose_id, engine_id, at, made, templates, record FROM site_calibration"
        " WHERE engine_id = ? ORDER BY purpose_id",
        (engine_id,),
    )
    return [StoredCalibration(*row) for row in rows]


def _has_changed(db: Database, one: StoredCalibration) -> bool:
    now = counts(db, one.purpose_id, one.engine_id)
    erased_since = (now.made - now.held) - (one.made - one.templates)
    return is_stale(one.templates, now.made - one.made, erased_since)


def counts(db: Database, purpose_id: int, engine_id: str) -> GalleryCounts:
    """Count the templates of a gallery.

    No slot is used twice, so the used slots are the templates ever stored.
    """
    held = db.value(
        "SELECT count(*) FROM template WHERE shard_id IN"
        " (SELECT id FROM template_shard WHERE purpose_id = ? AND engine_id = ?)",
        (purpose_id, engine_id),
    )
    made = sum(one.used for one in shards.of_gallery(db, purpose_id, engine_id))
    return GalleryCounts(made, int(held))
