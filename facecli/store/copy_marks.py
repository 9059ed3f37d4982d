"""The mark inside a copy: its role, its id, and how far erasures were applied to it.

The mark is in the encrypted table `meta`, so that a copy is still a copy after it was renamed. A
database has no mark.

A restore marks the present database as set aside before it replaces it. Until the rename, the slots
file also has the key of the file to come, whose salt the mark names: see `is_still_in_place`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple

from facecli.errors.store import CopyAsDatabase
from facecli.keys.slots import DatabaseKey
from facecli.store import meta
from facecli.store.database import Database

Role = Literal["backup", "set-aside"]
_PREFIX = "copy_"
_FIELDS = ("role", "id", "made_at", "applied", "root", "successor", "copy_of")


class CopyMark(NamedTuple):
    """The mark of one copy.

    applied: the number of log entries whose erasures were applied. root: the root of the log's tree
    with that many entries, in hex: it shows which course of the log the number belongs to.
    successor: the salt, in hex, of the file that replaced a database set aside; else empty.
    copy_of: the id of the copy that other software made this one of; else empty.
    """

    role: Role
    copy_id: str
    made_at: str
    applied: int
    root: str
    successor: str = ""
    copy_of: str = ""


def write(db: Database, mark: CopyMark) -> None:
    """Mark a database as a copy. Call it inside a transaction."""
    for field, value in zip(_FIELDS, mark, strict=True):
        meta.put(db, _PREFIX + field, str(value))


def read(db: Database) -> CopyMark | None:
    """Return the mark of a copy, or None for a database."""
    found = meta.find_all(db, _PREFIX)
    if not found:
        return None
    role: Role = "set-aside" if found["copy_role"] == "set-aside" else "backup"
    return CopyMark(
        role,
        found["copy_id"],
        found["copy_made_at"],
        int(found["copy_applied"]),
        found["copy_root"],
        found["copy_successor"],
        found.get("copy_copy_of", ""),  # a copy of before has none
    )


def remove(db: Database) -> None:
    """Make a copy a database again. Call it inside a transaction."""
    for field in _FIELDS:
        meta.drop(db, _PREFIX + field)


def refuse_copy(db: Database, keys: Collection[DatabaseKey]) -> None:
    """Refuse a copy that was opened as a database.

    Args:
        keys: the database keys that its slots hold.

    Raises:
        CopyAsDatabase
    """
    mark = read(db)
    if mark is not None and not is_still_in_place(mark, keys):
        what = "a backup" if mark.role == "backup" else "a database that a restore set aside"
        raise CopyAsDatabase(path=db.path, what=what)


def is_still_in_place(mark: CopyMark, keys: Collection[DatabaseKey]) -> bool:
    """Return True if a restore marked this database and was cut short before it replaced it."""
    return bool(mark.successor) and mark.successor in {key.salt.hex() for key in keys}
