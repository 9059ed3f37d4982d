"""Make complete encrypted copies of a database beside the place where they are to appear.

A copy is written as `.NAME.partial`, checked page by page, synced to disk, and only then renamed.
The name is always the same, so that the next run finds and removes the leftover of a crash. A lock
(flock) distinguishes a leftover from a copy that is being made.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from facecli.errors.base import because
from facecli.errors.command_line import OutputFailed
from facecli.errors.store import Locked, NoDatabase, NotOurs, StoreFailed
from facecli.keys import newfile
from facecli.keys.slots import DatabaseKey
from facecli.store.database import Database
from facecli.store.files import check_folder
from facecli.store.integrity import check_pages
from facecli.store.schema import migrate

Fill = Callable[[Database], None]
"""Changes a copy before it appears, for instance to bring it up to date."""


def partial(path: Path) -> Path:
    """Return the path at which the copy for `path` is made."""
    return path.with_name(f".{path.name}.partial")


@contextmanager
def claimed(path: Path, like: Path | None = None) -> Iterator[Path]:
    """Yield an empty file, mode 0600, for the copy for `path`. Remove it in the end.

    Args:
        like: path of which the copy gets the owner (see `newfile.owned_as`); default: `path`.

    Raises:
        Locked: another process is making a copy for the same place.
        OutputFailed: the folder does not exist.
        StoreFailed, UnsafePermissions
    """
    try:
        check_folder(path.parent)
    except NoDatabase:
        why = f"there is no folder {path.parent}"
        raise OutputFailed(path=path, why=why, errno=errno.ENOENT) from None
    place = partial(path)
    with _writing(path):
        descriptor = _lock(place)
        try:
            os.ftruncate(descriptor, 0)
            newfile.owned_as(descriptor, like or path)
            yield place
        finally:
            with suppress(OSError):
                if os.path.samestat(os.fstat(descriptor), place.stat()):
                    place.unlink()
            os.close(descriptor)


def make(source: Database, place: Path, key: DatabaseKey, fill: Fill | None = None) -> None:
    """Copy `source` to the empty file `place` under `key`, check the copy, and sync it.

    Args:
        fill: changes the copy after it is complete and its schema is the newest.

    Raises:
        PageDamaged: a page of the source is damaged.
        StoreFailed, and what `fill` raises
    """
    with _writing(place):
        copy = Database(place, key, lock_wait=0)
        try:
            copy.journal_in_memory()
            with source.snapshot():
                source.copy_into(copy)
                check_pages(source)  # a damaged page is copied, and has a valid code in the copy
            if fill is not None:
                migrate(copy)
                fill(copy)
            check_pages(copy)
        finally:
            copy.close()
        _fsync(place)


def put_in_place(place: Path, path: Path) -> None:
    """Rename the copy to `path`, in place of whatever is there. Raises StoreFailed."""
    with _writing(path):
        os.rename(place, path)
        _fsync(path.parent)


def remove_leftover(path: Path, *beside: Path) -> bool:
    """Remove what a crash left of a copy for `path`, and other files of it.

    Returns:
        False if it stays: a process is making a copy there now, or it cannot be removed.
    """
    place = partial(path)
    if not any(file.exists() for file in (place, *beside)):
        return True
    try:
        descriptor = _lock(place)
    except (Locked, StoreFailed, NotOurs, OSError):
        return False
    try:
        for file in (*beside, place):
            file.unlink(missing_ok=True)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _lock(place: Path) -> int:
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(place, flags, 0o600)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise NotOurs(path=place, why="it is not a regular file")
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(status, place.stat()):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise Locked(seconds=0) from None
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreFailed(path=path, **because(error)) from None
