"""The database that a restore replaces: kept beside the new one, and marked as a copy.

It keeps its file. A second name, `DB.before-restore`, is linked to it before the new file takes the
first name. `put_back` undoes what a restore that was cut short has left.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from facecli.errors.base import because
from facecli.errors.store import AlreadyThere, StoreFailed
from facecli.keys import slots
from facecli.keys.slots import DatabaseKey, SlotFile
from facecli.store import copy_marks
from facecli.store.copy_marks import CopyMark
from facecli.store.database import Database
from facecli.store.names import ASIDE


def path_of(db: Path) -> Path:
    """Return the path for the database that a restore of `db` sets aside."""
    real = db.resolve()
    return real.with_name(real.name + ASIDE)


class SetAside:
    """The steps that keep a database under its second name."""

    def __init__(self, db: Path, mark: CopyMark) -> None:
        """Choose the place.

        Raises:
            AlreadyThere: an earlier restore has kept a database there.
        """
        self.path = path_of(db)
        self._mark = mark
        if self.path.exists():
            raise AlreadyThere(path=self.path)

    def mark(self, db: Database, successor: DatabaseKey) -> None:
        """Mark the open database, which is to be replaced by a file under `successor`."""
        with db.transaction():
            copy_marks.write(db, self._mark._replace(successor=successor.salt.hex()))

    def keep(self, path: Path, slot_file: SlotFile) -> None:
        """Give the closed database at `path` its second name. Raises StoreFailed."""
        slots.write(self.path, slot_file)
        try:
            os.link(path, self.path)
        except OSError as error:
            raise StoreFailed(path=self.path, **because(error)) from None


def put_back(db: Database) -> None:
    """Make a database that was not replaced in the end a database again."""
    if copy_marks.read(db) is not None:
        with db.transaction():
            copy_marks.remove(db)
    aside = path_of(db.path)
    with suppress(OSError):
        if aside.exists() and not aside.samefile(db.path):
            return
        aside.unlink(missing_ok=True)
        slots.slots_path(aside).unlink(missing_ok=True)
