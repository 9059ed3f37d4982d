"""Complete encrypted copies, made beside the place where they are to appear.

A copy is written under another name (`.NAME.partial`), checked page by page, brought to the disk,
and only then renamed. The name is always the same, so that what a crash leaves behind is found
and removed by the next run; a lock (flock) tells a leftover from a copy in the making.
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


def partial(path: Path) -> Path:
    """Where the copy that is to appear at `path` is made."""
    return path.with_name(f".{path.name}.partial")


@contextmanager
def claimed(path: Path, like: Path | None = None) -> Iterator[Path]:
    """An empty file of our own, mode 0600, to make the copy for `path` in; gone in the end.

    Args:
        like: whose the copy is to be (see `newfile.owned_as`), if not that of what is at `path`.

    Raises:
        Locked: another process is making a copy for the same place.
        OutputFailed: there is no such folder.
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
    """Copy `source` to the empty file `place` under `key`: checked, complete and on disk.

    Args:
        fill: brings the copy up to date; runs after the copy is complete.

    Raises:
        PageDamaged: a page of the source is damaged.
        StoreFailed, and what `fill` raises
    """
    with _writing(place):
        copy = Database(place, key, lock_wait=0)
        try:
            copy.journal_in_memory()
            source.copy_into(copy)
            if fill is not None:
                migrate(copy)
                fill(copy)
            check_pages(copy)
        finally:
            copy.close()
        _fsync(place)


def put_in_place(place: Path, path: Path) -> None:
    """Let the copy appear at `path`, in place of whatever is there. Raises StoreFailed."""
    with _writing(path):
        os.rename(place, path)
        _fsync(path.parent)


def remove_leftover(path: Path) -> None:
    """Remove what a crash left of a copy for `path`; one in the making is let alone."""
    place = partial(path)
    if not place.exists():
        return
    with suppress(Locked, StoreFailed):
        descriptor = _lock(place)
        place.unlink(missing_ok=True)
        os.close(descriptor)


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
