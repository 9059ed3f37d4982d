"""The copies that a database knows: its backups, and databases that a restore set aside.

A copy is known before it is made, so that the next command finds what a crash has left of it.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from facecli.errors.store import CopyInTheMaking, UnstorablePath
from facecli.store.copy_marks import Role
from facecli.store.database import Database
from facecli.store.files import salt_of

State = Literal["making", "kept", "leaving"]


@dataclass(frozen=True)
class KnownCopy:
    """One copy.

    state: `making` until it is complete; `leaving` from the decision to remove it on.
    path: where it was made or last seen, by no symbolic link. salt: the first bytes of its file,
    in clear.
    applied: the number of log entries whose erasures were applied to it.
    """

    copy_id: str
    kind: Role
    state: State
    path: Path
    salt: bytes
    made_at: str
    applied: int


def put(db: Database, copy: KnownCopy) -> None:
    """Remember a copy, in place of what is known of it. Call it inside a transaction."""
    db.execute(
        "INSERT OR REPLACE INTO known_copy (copy_id, kind, state, path, salt, made_at, applied)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            copy.copy_id,
            copy.kind,
            copy.state,
            str(place_of(copy.path)),
            copy.salt,
            copy.made_at,
            copy.applied,
        ),
    )


def forget(db: Database, copy_id: str) -> None:
    """Forget a copy that is gone. Call it inside a transaction."""
    db.execute("DELETE FROM known_copy WHERE copy_id = ?", (copy_id,))


def find(db: Database, copy_id: str) -> KnownCopy | None:
    """Return the copy with this id, or None."""
    row = db.row("SELECT * FROM known_copy WHERE copy_id = ?", (copy_id,))
    return None if row is None else _from_row(row)


def list_all(db: Database) -> list[KnownCopy]:
    """Return every known copy, oldest first."""
    return [_from_row(row) for row in db.rows("SELECT * FROM known_copy ORDER BY made_at, copy_id")]


def original_of(db: Database, copy_id: str, path: Path) -> KnownCopy | None:
    """Return the known copy of which the file at `path`, with the same id, is a second one.

    Other software makes such a file: `cp`, a tape, a snapshot. A file that was renamed in its
    folder is no second one. In another folder nobody can tell whether it was moved or copied, so
    that the first one stays known too.
    """
    before = find(db, copy_id)
    if before is None or _is_same(before.path, path):
        return None
    is_renamed = _is_same(before.path.parent, path.parent) and not is_there(before)
    return None if is_renamed else before


def place_of(path: Path) -> Path:
    """Return the place of a file that may be gone: its folder without links, and its name."""
    return path.parent.resolve() / path.name


def check_place(path: Path) -> None:
    """Refuse a place whose path the database cannot store.

    Raises:
        UnstorablePath: a name in it is not text in UTF-8.
    """
    place = place_of(path)
    try:
        str(place).encode()
    except UnicodeEncodeError:
        raise UnstorablePath(path=place) from None


def check_made(db: Database, path: Path) -> None:
    """Refuse a backup that another process is making: there is no file yet, or one without slots.

    Raises:
        CopyInTheMaking
    """
    for copy in list_all(db):
        if copy.state == "making" and copy.path == path and not is_there(copy):
            raise CopyInTheMaking(path=path)


def _is_same(one: Path, other: Path) -> bool:
    """Return True for two names of one file or folder: a link, or a mount of its folder."""
    with suppress(OSError):  # one of them is not there
        return one.samefile(other)
    return place_of(one) == place_of(other)


def is_there(copy: KnownCopy) -> bool:
    """Return True if the copy's file is at its known place."""
    return salt_of(copy.path) == copy.salt


_BEHIND = """
    SELECT count(*) FROM erasure
    WHERE seq > :applied AND (held_since IS NULL OR held_since <= substr(:made_at, 1, 10))
"""


def erasures_missing(db: Database, copy: KnownCopy) -> int:
    """Count the erasures that concern a copy and have not reached it.

    An erasure concerns a copy that is not older than the day since which the data was held.
    """
    found = db.value(_BEHIND, {"applied": copy.applied, "made_at": copy.made_at})
    return int(found)


def behind(db: Database) -> list[tuple[KnownCopy, int]]:
    """Return the copies that may still hold erased data, each with the erasures they miss."""
    found = ((copy, erasures_missing(db, copy)) for copy in list_all(db))
    return [(copy, missing) for copy, missing in found if missing]


def holding(db: Database, days: Collection[str]) -> dict[str, list[str]]:
    """Return the ids of the copies that may hold data held since each of these days."""
    rows = db.tuples("SELECT copy_id, substr(made_at, 1, 10) FROM known_copy ORDER BY copy_id")
    return {day: [copy_id for copy_id, made in rows if made >= day] for day in days}


def _from_row(row: Any) -> KnownCopy:
    return KnownCopy(
        copy_id=row["copy_id"],
        kind=row["kind"],
        state=row["state"],
        path=Path(row["path"]),
        salt=bytes(row["salt"]),
        made_at=row["made_at"],
        applied=row["applied"],
    )
