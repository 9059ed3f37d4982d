"""Rotation of the database key, which `key rotate` and `purge --rotate-key` share."""

from __future__ import annotations

from contextlib import closing, suppress

from facecli.audit.entries import acting
from facecli.cli.session import Session, clock
from facecli.errors.base import FacecliError
from facecli.errors.keys import OldKeyLeft
from facecli.keys import slots
from facecli.store import keyring
from facecli.store.database import Database
from facecli.store.opening import open_database


def rotate_key(opened: Session) -> None:
    """Rotate the key of a session that holds the database alone, and end its use of the database.

    A failure is logged too, where an entry can be written.

    Raises:
        every error of `keyring.replace`
    """
    before = {slot.label for slot in slots.read(opened.settings.db).slots}

    def record(copy: Database) -> None:
        with acting(copy, opened.actor, clock()) as act:
            act.record("key.rotate")

    try:
        keyring.replace(opened.db, opened.unlocked, opened.db, record)
    except OldKeyLeft:  # it is rotated
        raise
    except FacecliError as error:
        _log_failure(opened, error)
        raise
    after = {slot.label for slot in slots.read(opened.settings.db).slots}
    for label in sorted(before - after):
        opened.settings.note(f"Removed the slot {label!r}, which the database did not know.")


def _log_failure(opened: Session, error: FacecliError) -> None:
    """Log a failed rotation by a new connection: the session's may be closed already."""
    settings, keys = opened.settings, opened.unlocked.database_keys
    with suppress(FacecliError):
        db = open_database(settings.db, keys, settings.lock_wait, guarded=True)
        with closing(db), acting(db, opened.actor, clock()) as act:
            act.record("key.rotate", "failed", details={"reason": error.reason})
