"""The place of a copy in the course of the log: its end, and how far erasures were applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from facecli.audit.entries import recorded
from facecli.audit.stored_entries import tree
from facecli.errors.store import BackupRefused
from facecli.printable import counted
from facecli.store import copy_marks, meta
from facecli.store.database import Database


def check(present: Database, copy: Database) -> None:
    """Check that a copy's log is the beginning of the present one.

    Raises:
        BackupRefused: the copy is of another database, newer, or of another course of its log.
    """
    path = copy.path
    if meta.database_id(present) != meta.database_id(copy):
        raise BackupRefused(path=path, why="it belongs to another database")
    frontier, now = recorded(copy), recorded(present)
    if frontier.size > now.size:
        size = counted(frontier.size, "entry", "entries")
        raise BackupRefused(
            path=path,
            why=f"it is newer than the present database (its log has {size}, the present one "
            f"{now.size:,}); if an old file was put there, move it away and give exports",
        )
    if tree(present).root(frontier.size) != frontier.root():
        raise BackupRefused(path=path, why="its log is not the beginning of the present one")


def position(present: Database, copy: Database) -> int:
    """Return the number of entries of the present log whose erasures were applied to a copy.

    Without a mark, or with that of another course of the log, it is the size of the copy's log.
    """
    size, mark = recorded(copy).size, copy_marks.read(copy)
    if mark is None or not size <= mark.applied <= recorded(present).size:
        return size
    return mark.applied if tree(present).root(mark.applied).hex() == mark.root else size


def position_in(later: Sequence[Mapping[str, Any]], copy: Database) -> int:
    """Return the same number by the entries that exports have after the copy's end."""
    frontier, mark = recorded(copy), copy_marks.read(copy)
    size = frontier.size
    if mark is None or not size <= mark.applied <= size + len(later):
        return size
    for entry in later[: mark.applied - size]:
        frontier = frontier.append(bytes.fromhex(entry["leaf_hash"]))
    return mark.applied if frontier.root().hex() == mark.root else size
