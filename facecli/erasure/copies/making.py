"""Make a backup that the database knows, from before its first byte is written."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from facecli.audit import sealing
from facecli.audit.entries import Act, recorded
from facecli.erasure.copies import known
from facecli.erasure.copies.known import KnownCopy
from facecli.errors.base import FacecliError
from facecli.errors.store import AlreadyThere
from facecli.keys.slots import DatabaseKey, Unlocked, slots_path
from facecli.store import backup, copy_marks, time_reached
from facecli.store.copy_marks import CopyMark, Role
from facecli.store.database import Database
from facecli.store.files import salt_of
from facecli.store.set_aside import SetAside

Begin = Callable[[], AbstractContextManager[Act]]
ID_BYTES = 4  # short enough for a sentence; new ids are compared with the known ones


def create(db: Database, unlocked: Unlocked, path: Path, begin: Begin, now: str) -> KnownCopy:
    """Make a backup at `path`, and return it as it is known from now on.

    Args:
        begin: begins an act for the log.
        now: the time by the clock. Where that was set back, the backup counts as made at the time
            that the log has reached: nothing that it holds is younger.

    Raises:
        every error of `store.backup.create`
        UnstorablePath
    """
    known.check_place(path)
    clean(db, begin)
    if os.path.exists(path):  # Path.exists fails in a folder that cannot be entered
        raise AlreadyThere(path=path)
    key, made_at = DatabaseKey.random(), time_reached.later(db, now)
    made = KnownCopy(new_id(db), "backup", "making", path, key.salt, made_at, recorded(db).size)
    with db.transaction():
        known.put(db, made)

    def record(outcome: str) -> None:
        with begin() as act:
            if outcome == "done":
                sealing.begin_epoch(act)  # the copy holds the key of the one that ends
            act.record("backup.create", outcome, details={"copy": made.copy_id})

    def fill(copy: Database) -> None:
        with copy.transaction():
            known.forget(copy, made.copy_id)
            copy_marks.write(copy, mark_of(made.copy_id, "backup", made_at, copy))

    try:
        backup.create(db, unlocked, path, record, key=key, fill=fill)
    except BaseException:
        with suppress(FacecliError):
            _settle(db, made)
        raise
    _settle(db, made)
    return replace(made, state="kept")


class PutAside(NamedTuple):
    """The database that a restore sets aside: what is known of it, and the steps that do it."""

    known: KnownCopy
    steps: SetAside


def set_aside(db: Database, now: str) -> PutAside:
    """Prepare to set a database aside: nothing is erased since, and it becomes a known copy.

    Raises:
        AlreadyThere: an earlier restore has kept a database there.
    """
    mark = mark_of(new_id(db), "set-aside", time_reached.later(db, now), db)
    steps = SetAside(db.path, mark)
    copy = KnownCopy(
        mark.copy_id, mark.role, "kept", steps.path, db.salt, mark.made_at, mark.applied
    )
    return PutAside(copy, steps)


def mark_of(copy_id: str, role: Role, now: str, db: Database) -> CopyMark:
    """Return the mark of a copy to which every erasure in its own log was applied."""
    frontier = recorded(db)
    return CopyMark(role, copy_id, now, frontier.size, frontier.root().hex())


def new_id(db: Database) -> str:
    """Return an id that no known copy has."""
    while known.find(db, found := os.urandom(ID_BYTES).hex()) is not None:
        pass
    return found


def name_in(folder: Path, now: str) -> Path:
    """Return a free path for a backup in a folder: `facecli-20261123T210000Z.db`.

    Raises:
        AlreadyThere: a thousand backups of that second are there.
    """
    stem = f"facecli-{now.replace('-', '').replace(':', '')}"
    names = [f"{stem}.db", *(f"{stem}-{number}.db" for number in range(2, 1000))]
    for path in (folder / name for name in names):
        if not os.path.exists(path) and not os.path.exists(slots_path(path)):
            return path
    raise AlreadyThere(path=folder / names[-1])


def clean(db: Database, begin: Begin) -> None:
    """Settle backups that were cut short: known if they are complete, else removed and logged."""
    for copy in known.list_all(db):
        if copy.state == "making" and _settle(db, copy) == "removed":
            with begin() as act:
                details = {"copy": copy.copy_id, "reason": "interrupted"}
                act.record("backup.create", "failed", details=details)


def _settle(db: Database, copy: KnownCopy) -> str:
    """Find what became of a backup, and return it: `kept`, `making` or `removed`."""
    if salt_of(copy.path) == copy.salt:
        with db.transaction():
            known.put(db, replace(copy, state="kept"))
        return "kept"
    if not backup.remove_unfinished(db, copy.path, copy.salt):
        return "making"
    with db.transaction():
        known.forget(db, copy.copy_id)
    return "removed"
