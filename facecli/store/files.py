"""Check a database's file and folder without opening the database, and lock the file."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from facecli.errors.store import (
    Locked,
    NoDatabase,
    NoLocks,
    NotOurs,
    NotPermitted,
    SharedFolder,
    UnsafePermissions,
)
from facecli.store.lock_wait import Waiter
from facecli.store.names import SALT_BYTES, check_names, journal_of

PAGE_SIZE = 16384  # measured: a slot written in 1.7 ms (64 KiB: 3.7), shards read as fast
WITHOUT_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
PLAINTEXT_MAGIC = b"SQLite format 3\x00"


@contextmanager
def in_use(path: Path, lock_wait: float, *, exclusive: bool = False) -> Iterator[None]:
    """Hold the file at `path` together with its other users, or alone.

    SQLite's own locks do not protect against replacing the file: a connection to the old file would
    continue to write to a file that nobody sees, and would use the new file's journal. So every
    user holds the file shared from before it is opened until after it is closed, and a process that
    replaces it holds it alone. The kernel releases the lock (flock) with the process.

    Raises:
        Locked: others hold it for longer than `lock_wait` seconds.
        NoDatabase, NotOurs, NotPermitted: it cannot be opened.
    """
    kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    waiter = Waiter(lock_wait)
    waiter.start()
    attempts = 0
    while (descriptor := _lock_file(path, kind)) is None:
        if not waiter.try_again(attempts):
            waiter.raise_if_interrupted()
            raise Locked(seconds=lock_wait)
        attempts += 1
    try:
        yield
    finally:
        os.close(descriptor)


def _lock_file(path: Path, kind: int) -> int | None:
    """Return a locked descriptor of the file at `path`, or None if others hold it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        raise NoDatabase(path=path) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):  # it was not replaced meanwhile
            return descriptor
    except BlockingIOError:
        pass
    except FileNotFoundError:
        pass
    except OSError as error:
        os.close(descriptor)
        if error.errno in WITHOUT_LOCKS:
            raise NoLocks(path=path, why=(error.strerror or "no locks").lower()) from None
        raise
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def check_file(path: Path) -> bytes:
    """Check a database file without opening it, and return its salt, the first 16 bytes.

    Raises:
        NoDatabase, NotOurs, NotPermitted, UnsafePermissions, TwoNames, MountedAlone, ForeignJournal
    """
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise NoDatabase(path=path) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    if not stat.S_ISREG(status.st_mode):
        raise NotOurs(path=path, why="it is not a regular file")
    try:
        with path.open("rb") as stream:
            salt = stream.read(SALT_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from None
    if salt == PLAINTEXT_MAGIC:
        raise NotOurs(path=path, why="it is a plaintext SQLite file")
    # A journal beside it means that a write was cut short; SQLite then restores the size itself.
    broken_off = status.st_size % PAGE_SIZE and not journal_of(path).exists()
    if len(salt) < SALT_BYTES or broken_off:
        raise NotOurs(path=path, why="its size is not that of a database")
    if status.st_mode & 0o077:
        _refuse_mode(path, status.st_mode, "read or written", "600")
    check_folder(path.parent)
    check_folder(path.resolve().parent)
    check_names(path, salt)
    return salt


def salt_of(path: Path) -> bytes | None:
    """Return the first bytes of a file, which tell a copy from every other; None if unreadable."""
    try:
        if path.is_file():  # reading a pipe would wait
            with path.open("rb") as stream:
                return stream.read(SALT_BYTES)
    except OSError:
        pass
    return None


def check_folder(folder: Path) -> None:
    """Refuse a folder in which others can create or replace files.

    Raises:
        NoDatabase: the folder does not exist.
        UnsafePermissions: group or others can write to it.
        SharedFolder: it is a folder for everybody's files, such as /tmp.
    """
    try:
        mode = folder.stat().st_mode
    except OSError:
        raise NoDatabase(path=folder) from None
    if not stat.S_ISDIR(mode):
        raise NoDatabase(path=folder)
    if mode & 0o022:
        if mode & stat.S_ISVTX:
            raise SharedFolder(path=folder, verb="written", mode=_octal(mode))
        _refuse_mode(folder, mode, "written", "go-w")


def _unreadable(path: Path, error: OSError) -> NotOurs:
    if isinstance(error, PermissionError):
        return NotPermitted(path=path)
    return NotOurs(path=path, why=(error.strerror or "it cannot be read").lower())


def _refuse_mode(path: Path, mode: int, verb: str, chmod: str) -> None:
    raise UnsafePermissions(path=path, verb=verb, mode=_octal(mode), chmod=chmod)


def _octal(mode: int) -> str:
    return f"{stat.S_IMODE(mode):04o}"
