"""Create a database, or open one: check the file, read its slots, lock it, unlock it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from facecli.errors.base import because
from facecli.errors.keys import WrongKey
from facecli.errors.store import AlreadyThere, CutShort, StoreFailed
from facecli.keys import slots
from facecli.keys.slots import DatabaseKey
from facecli.store import copy_marks, files
from facecli.store.database import Database
from facecli.store.files import check_file, check_folder
from facecli.store.names import journal_of
from facecli.store.schema import check_application, check_schema, migrate


class Opened(NamedTuple):
    """An open database, the secret that opened it, and the key slot of that secret."""

    db: Database
    secret: slots.Secret
    unlocked: slots.Unlocked


@contextmanager
def opened(
    path: Path,
    find_secret: Callable[[], slots.Secret],
    lock_wait: float,
    *,
    exclusive: bool = False,
    guarded: bool = False,
    read_only: bool = False,
) -> Iterator[Opened]:
    """Open the database at `path`, and close it when the block ends.

    The file and its slots are checked before anybody is asked for a passphrase, and again under the
    lock, because another process may have replaced them meanwhile.

    Args:
        find_secret: returns the passphrase or key; called once, before the file is locked.
        exclusive: no other process may have the database open.
        guarded, read_only: see `Database`.

    Raises:
        CutShort: with `read_only`; a write must be undone before anything can be read.
        CopyAsDatabase: it is a backup, or a database that a restore set aside.
        FacecliError: any other error of `keys` and `store`.
    """
    check_file(path)
    slots.read(path)
    secret = find_secret()
    with files.in_use(path, lock_wait, exclusive=exclusive):
        unlocked = slots.read(path).unlock(secret, path)
        try:
            db = open_database(
                path, unlocked.database_keys, lock_wait, guarded=guarded, read_only=read_only
            )
        except StoreFailed:
            if read_only and journal_of(path).exists():
                raise CutShort(path=path) from None
            raise
        try:
            yield Opened(db, secret, unlocked)
        finally:
            db.close()


def create(path: Path, key: DatabaseKey, fill: Callable[[Database], None]) -> None:
    """Create a database at `path`. It is completed under another name, then linked into place.

    Args:
        fill: writes the first rows, in one transaction, after the schema was created.

    Raises:
        AlreadyThere: something is at `path` already; it is not touched.
        UnsafePermissions: others can write to the folder.
    """
    check_folder(path.parent)
    if path.exists():
        raise AlreadyThere(path=path)
    temporary = path.with_name(f"{path.name}.{os.urandom(4).hex()}.new")
    try:
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        database = Database(temporary, key, lock_wait=0)
        try:
            migrate(database)
            with database.transaction():
                fill(database)
        finally:
            database.close()
        os.link(temporary, path)  # unlike rename, never replaces a file
    except FileExistsError:
        raise AlreadyThere(path=path) from None
    except OSError as error:
        raise StoreFailed(path=path, **because(error)) from None
    finally:
        temporary.unlink(missing_ok=True)
        temporary.with_name(temporary.name + "-journal").unlink(missing_ok=True)


def open_database(
    path: Path,
    keys: Sequence[DatabaseKey],
    lock_wait: float,
    *,
    guarded: bool = False,
    read_only: bool = False,
    copy: bool = False,
) -> Database:
    """Open the database at `path` with the first of `keys` that fits its salt.

    Args:
        guarded, read_only: see `Database`.
        copy: a copy may be opened; no other command than `backup` does so.

    Raises:
        NoDatabase, NotOurs, EarlierDatabase, UnsafePermissions, WrongKey, PageDamaged,
            NewerSchema, Locked, CopyAsDatabase
    """
    salt = check_file(path)
    key = next((key for key in keys if key.salt == salt), None)
    if key is None:
        raise WrongKey(path=path)
    database = Database(path, key, lock_wait, guarded=guarded, read_only=read_only)
    try:
        check_application(database)
        if not copy:
            copy_marks.refuse_copy(database, keys)
        if read_only:
            check_schema(database)
        else:
            migrate(database)
    except BaseException:
        database.close()
        raise
    return database
