"""Connect to a SQLCipher file with its key, and turn the library's errors into our own."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from facecli.errors.store import Locked, PageDamaged, StoreFailed
from facecli.keys.slots import DatabaseKey
from facecli.store.files import PAGE_SIZE
from facecli.store.lock_wait import Waiter

CACHE_KIB = 16384  # erasing 20,000 of 200,000 subjects: 5.7 s; with SQLite's 2,000 it takes 6.8 s
LARGEST_CACHE_KIB = 2**18
TEMPLATE_BYTES = 192  # with its subject, in indexes of random values
CHANGED_BYTES = 560  # in all pages that an erasure of many reads again before it changes them
SHARE_OF_MEMORY = 4


def keyed(
    path: Path, key: DatabaseKey, waiter: Waiter, *, guarded: bool, read_only: bool
) -> sqlcipher.Connection:
    """Return a connection to the file. A wrong key fails here or at the first read.

    Args:
        waiter: waits for other processes, from the first read on.
        guarded, read_only: see `database.Database`.
    """
    name = path.absolute().as_uri() + "?mode=ro" if read_only else str(path)
    connection = sqlcipher.connect(name, isolation_level=None, uri=read_only)
    try:
        run = connection.execute
        run("PRAGMA cipher_log_level = NONE")  # otherwise a wrong key prints to stderr
        if guarded:  # must come before the key
            run("PRAGMA cipher_memory_security = ON")
        run(f"PRAGMA key = \"x'{key.raw.hex()}'\"")
        run(f"PRAGMA cipher_page_size = {PAGE_SIZE}")
        connection.set_busy_handler(waiter.try_again)  # the next statements read the file
        run(f"PRAGMA cache_size = -{CACHE_KIB}")
        run("PRAGMA trusted_schema = OFF")
        run("PRAGMA cell_size_check = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def large_cache_kib(templates: int, free: int, each: int = TEMPLATE_BYTES) -> int:
    """Return the KiB of a cache that holds the indexes that are visited in no order.

    Args:
        templates: their number. The log, which may be larger, has no such index.
        free: bytes of memory that this process may still take.
        each: bytes of a template with its subject, in the pages to hold.
    """
    wanted = min(templates * each // 1024, LARGEST_CACHE_KIB)
    return max(CACHE_KIB, min(wanted, free // SHARE_OF_MEMORY // 1024))


def translate(error: Exception, path: Path, waited: float) -> Exception:
    """Return an error of the library as one of ours, or unchanged if it is another.

    Args:
        waited: seconds that were spent waiting for a lock.
    """
    text = str(error)
    if "locked" in text:
        return Locked(seconds=waited)
    if "malformed" in text or "not a database" in text or "no such rowid" in text:
        return PageDamaged(path=path)
    if "full" in text:
        return StoreFailed(path=path, why=text, errno=errno.ENOSPC)
    if "disk I/O" in text:
        return StoreFailed(path=path, why=text, errno=errno.EIO)
    if "readonly" in text or "unable to open" in text:
        return StoreFailed(path=path, why=text, errno=_closed_to_writing(path))
    return error


def _closed_to_writing(path: Path) -> int:
    """Return EROFS for a read-only file system, else EACCES: the library does not distinguish."""
    try:
        read_only = os.statvfs(path).f_flag & os.ST_RDONLY
    except OSError as error:
        return error.errno or errno.EACCES
    return errno.EROFS if read_only else errno.EACCES
