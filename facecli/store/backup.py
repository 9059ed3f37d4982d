"""Backups: `FILE`, encrypted under a database key of its own, and its slots in `FILE.keys`.

A backup opens with the secrets that opened the database when it was made: its slots wrap the
backup's key with the slot keys of that day. A secret that is removed later still opens the backups
made before.

`create` works in this order: it completes the copy on disk under another name, while nobody has its
key; it logs the backup; it writes `FILE.keys`; it renames the copy to `FILE`. A backup that can be
opened therefore always has its entry in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from facecli.errors.base import FacecliError
from facecli.errors.keys import NoSlots
from facecli.errors.store import (
    AlreadyThere,
    BackupDamaged,
    BackupRefused,
    NoBackup,
    NoDatabase,
    NotABackup,
    NotOurs,
    PageDamaged,
)
from facecli.keys import slots
from facecli.keys.slots import DatabaseKey, Secret, SlotFile, Unlocked
from facecli.store import copies, keyring
from facecli.store.database import Database
from facecli.store.files import check_file, in_use
from facecli.store.integrity import check_pages, check_structure
from facecli.store.names import journal_of
from facecli.store.opening import open_database

Record = Callable[[str], None]  # called with the outcome: done, failed


def create(
    db: Database,
    unlocked: Unlocked,
    path: Path,
    record: Record,
    *,
    key: DatabaseKey | None = None,
    fill: copies.Fill | None = None,
) -> None:
    """Make a backup of one state of `db`. Others may read and write meanwhile.

    Args:
        record: logs the backup in a transaction of its own, before it can be opened.
        key: the backup's key; a random one if None.
        fill: marks the copy as a backup before it appears (see `copy_marks`).

    Raises:
        AlreadyThere: there is a file at `path`, or a slots file beside it.
        Locked: another process is making a backup there.
        StoreFailed, PageDamaged, UnsafePermissions: no backup was made.
    """
    known = keyring.slot_keys(db, unlocked)
    key = key or DatabaseKey.random()
    slot_file = slots.read(db.path).with_keys([key], known)
    with _place_for(path, known) as place:
        copies.make(db, place, key, fill)
        record("done")
        try:
            _publish(place, path, slot_file)
        except BaseException:
            with suppress(FacecliError):
                record("failed")
            raise


def remove_unfinished(db: Database, path: Path, salt: bytes) -> bool:
    """Remove what a killed `create` has left for `path`. Return False if one is at work there.

    Args:
        salt: that of the backup; only its own slots are removed.
    """
    known = keyring.slot_keys(db, None)
    with suppress(NoSlots):
        if any(key.salt == salt for key in slots.read(path).keys_under(known)):
            return copies.remove_leftover(path, slots.slots_path(path))
    return copies.remove_leftover(path)


def look(path: Path) -> None:
    """Check that a backup and its slots file are there, before asking for a passphrase.

    Raises:
        NoBackup, NotABackup, UnsafePermissions, NoSlots
    """
    try:
        check_file(path)
    except NoDatabase:
        raise NoBackup(path=path) from None
    except NotOurs as error:
        raise NotABackup(path=path, why=error.details["why"]) from None
    slots.read(path)


@contextmanager
def opened(
    path: Path, secret: Secret, lock_wait: float, *, read_only: bool = True
) -> Iterator[tuple[Database, Unlocked]]:
    """Open a copy, read-only or to erase in it. Yield it and the slot that `secret` opened.

    An erasure that was cut short in it is undone first.

    Raises:
        NoDatabase, NotOurs, UnsafePermissions, NoSlots, WrongKey, NewerSchema
        BackupRefused: the file does not belong to the slots beside it.
        BackupDamaged: it was cut off or altered.
    """
    salt = check_file(path)
    unlocked = slots.read(path).unlock(secret, path)
    if all(key.salt != salt for key in unlocked.database_keys):
        raise BackupRefused(path=path, why="its first bytes differ from those that its slots name")
    keys = unlocked.database_keys
    with in_use(path, lock_wait), _as_backup(path):
        if read_only and journal_of(path).exists():
            _undo_unfinished(path, keys, lock_wait)
        db = open_database(path, keys, lock_wait, read_only=read_only, copy=True)
        try:
            yield db, unlocked
        finally:
            db.close()


def _undo_unfinished(path: Path, keys: Sequence[DatabaseKey], lock_wait: float) -> None:
    """Let SQLite undo a write that was cut short, and change nothing else."""
    salt = check_file(path)
    key = next(key for key in keys if key.salt == salt)
    Database(path, key, lock_wait).close()


@contextmanager
def _as_backup(path: Path) -> Iterator[None]:
    """Raise a damaged page of the backup as `BackupDamaged`."""
    try:
        yield
    except PageDamaged as error:
        if error.details["path"] == path:
            raise BackupDamaged(path=path) from None
        raise


def check(db: Database) -> None:
    """Check every page of a backup, and that pages fit each other. Raises BackupDamaged."""
    with _as_backup(db.path):
        check_pages(db)
        check_structure(db)


def restore_anew(
    source: Database,
    unlocked: Unlocked,
    path: Path,
    fill: copies.Fill,
    removed: Collection[str] = (),
) -> None:
    """Create a database from a backup where there is none, under a new database key.

    It has the backup's slots. If root does this, both files belong to the owner of the folder.

    Args:
        fill: brings the copy up to date before it appears.
        removed: labels of slots to leave out; the slot of `unlocked` always stays.

    Raises:
        AlreadyThere, StoreFailed, BackupDamaged, and what `fill` raises: no database was created.
    """
    known = keyring.slot_keys(source, unlocked)
    kept = {n: key for n, key in known.items() if n not in removed or n == unlocked.label}
    key = DatabaseKey.random()
    slot_file = slots.read(source.path).with_keys([key], kept)
    with _place_for(path, known, path.parent) as place:
        copies.make(source, place, key, fill)
        _publish(place, path, slot_file, path.parent)


@contextmanager
def _place_for(path: Path, known: Mapping[str, bytes], like: Path | None = None) -> Iterator[Path]:
    """Yield an empty file for a copy that is to appear at `path`, where nothing may be yet."""
    if path.exists():
        raise AlreadyThere(path=path)
    leftover = _leftover(path, known)
    with copies.claimed(path, like) as place:
        if leftover:
            slots.slots_path(path).unlink(missing_ok=True)
        if slots.slots_path(path).exists():
            raise AlreadyThere(path=slots.slots_path(path))
        yield place


def _leftover(path: Path, known: Mapping[str, bytes]) -> bool:
    """Return True if the slots for `path` belong to a copy that was cut short."""
    try:
        present = slots.read(path)
        with copies.partial(path).open("rb") as stream:
            salt = stream.read(16)
    except (NoSlots, OSError):
        return False
    return any(key.salt == salt for key in present.keys_under(known))


def _publish(place: Path, path: Path, slot_file: SlotFile, like: Path | None = None) -> None:
    """Write the slots first: without slots nobody could ever open the file."""
    slots.create(path, slot_file, like)
    try:
        copies.put_in_place(place, path)
    except BaseException:
        if not path.exists():
            slots.slots_path(path).unlink(missing_ok=True)
        raise
