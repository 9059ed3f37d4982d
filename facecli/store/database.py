"""The open SQLCipher file: statements, transactions, and copying it.

One connection for each process, one transaction for each act. Between acts there is only the file
(the rollback journal is truncated). Deleted content is overwritten (`secure_delete`). Every failure
of the file is raised as one of our own errors.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from facecli.errors.base import FacecliError
from facecli.keys.slots import DatabaseKey
from facecli.steps import counting
from facecli.store.connection import TEMPLATE_BYTES, keyed, large_cache_kib, translate
from facecli.store.files import PAGE_SIZE
from facecli.store.lock_wait import Waiter
from facecli.store.names import SALT_BYTES, journal_of
from facecli.store.pages import PageCheck

IDS_AT_ONCE = 2**20
"""Row ids in one statement: SQLite takes and makes no text of more than 1e9 bytes."""
LISTED_AT_ONCE = 2**17
"""Row ids that a statement lists as one text: 1 MB."""
LAST_ID = 2**63 - 1
COPIED_AT_ONCE = 256  # pages: 4 MiB, 30 ms here

Parameters = Sequence[Any] | dict[str, Any]


class Database:
    """An open database. Use `transaction()` for every act that changes something."""

    def __init__(
        self,
        path: Path,
        key: DatabaseKey,
        lock_wait: float,
        *,
        guarded: bool = False,
        read_only: bool = False,
    ) -> None:
        """Open the file with `key`.

        Args:
            guarded: keep the library's memory out of swap, and wipe it when it is freed (slower).
            read_only: never write to the file, not even a newer schema.
        """
        self.path = path
        self.salt = key.salt
        self._key = key
        self._waiter = Waiter(lock_wait)
        self._connect_again = partial(keyed, path, key, guarded=guarded, read_only=True)
        with self._translated():
            self._connection = keyed(path, key, self._waiter, guarded=guarded, read_only=read_only)
        # Closing any descriptor of the file drops SQLite's locks on it. This one stays open.
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._own_changes = 0
        try:
            with self._translated():
                self._prepare()
                if not read_only:
                    self._connection.execute("PRAGMA journal_mode = TRUNCATE")
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        run = self._connection.execute
        self._connection.row_factory = sqlcipher.Row
        run("SELECT count(*) FROM sqlite_master")  # fails unless the key fits
        run("PRAGMA synchronous = EXTRA")
        run("PRAGMA secure_delete = ON")
        run("PRAGMA foreign_keys = ON")

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlcipher.Cursor:
        """Run one statement. Errors of the file are raised as ours (see `connection`)."""
        with self._translated():
            return self._connection.execute(sql, parameters)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Any]:
        """Return every row of a query. A damaged page is found while reading them."""
        with self._translated():
            return list(self._connection.execute(sql, parameters))

    def tuples(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Return every row of a query as a plain tuple, which is faster for many rows."""
        with self._translated():
            return list(self._plain(sql, parameters))

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[tuple[Any, ...]]:
        """Yield every row of a query as a plain tuple, in constant memory."""
        with self._translated():
            yield from self._plain(sql, parameters)

    def _plain(self, sql: str, parameters: Parameters) -> sqlcipher.Cursor:
        cursor = self._connection.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, parameters)

    def row(self, sql: str, parameters: Parameters = ()) -> Any | None:
        """Return the first row of a query, or None."""
        with self._translated():
            return self._connection.execute(sql, parameters).fetchone()

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """Return the first column of the first row, or None."""
        row = self.row(sql, parameters)
        return None if row is None else row[0]

    def insert(self, table: str, **columns: Any) -> int:
        """Insert one row and return its rowid. Names come from our code, never from input."""
        names = ", ".join(columns)
        marks = ", ".join(f":{name}" for name in columns)
        cursor = self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", columns)
        return int(cursor.lastrowid)

    def many(self, sql: str, parameters: Iterable[Parameters]) -> int:
        """Run one statement for each set of parameters. Return the number of rows changed."""
        with self._translated():
            return int(self._connection.executemany(sql, parameters).rowcount)

    def delete(self, table: str, ids: Sequence[int]) -> None:
        """Delete rows by their ids. The name comes from our code, never from input."""
        for listed in id_lists(ids):
            self.execute(
                f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", (listed,)
            )

    def is_empty(self, table: str) -> bool:
        """Return True if a table has no row: then no list of ids need be sought in it."""
        return not self.value(f"SELECT EXISTS (SELECT 1 FROM {table})")

    def write_blob(self, table: str, column: str, rowid: int, offset: int, data: bytes) -> None:
        """Overwrite part of a blob in place: only the pages it covers are written."""
        self.write_blobs(table, column, rowid, [(offset, data)])

    def write_blobs(
        self, table: str, column: str, rowid: int, parts: Iterable[tuple[int, bytes]]
    ) -> None:
        """Overwrite several parts of a blob in place, each at its offset in bytes."""
        with self._translated():
            blob = self._connection.open_blob(table, column, rowid)
            try:
                for offset, data in parts:
                    blob.seek(offset)
                    blob.write(data)
            finally:
                blob.close()

    def read_blob(self, table: str, column: str, rowid: int, offset: int, size: int) -> bytes:
        """Return `size` bytes of a blob from `offset`: only the pages they cover are read."""
        with self._translated():
            blob = self._connection.open_blob(table, column, rowid, True)  # read-only
            try:
                blob.seek(offset)
                return bytes(blob.read(size))
            finally:
                blob.close()

    @property
    def in_transaction(self) -> bool:
        """True while a transaction is open."""
        return bool(self._connection.in_transaction)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all of the block or nothing. Wait for another writer for `lock_wait` seconds."""
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with self._translated():
                self._connection.execute("COMMIT")
        except BaseException:
            self._rollback()
            raise

    @contextmanager
    def without_foreign_keys(self) -> Iterator[None]:
        """Check no foreign keys in the block's transactions, which make tables anew."""
        self.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            self.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo this part of a transaction if it fails."""
        self.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self.in_transaction:  # a full disk has already undone all of it
                self.execute("ROLLBACK TO part")
                self.execute("RELEASE part")
            raise
        self.execute("RELEASE part")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state of the database in the whole block."""
        if self.in_transaction:
            yield
            return
        with self._translated():
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._rollback()

    def enlarge_cache(self, each: int = TEMPLATE_BYTES) -> None:
        """Keep more pages in memory from now on, for work that visits an index in no order.

        The indexes of random values are visited so when many rows are deleted or compared with
        them. Without room for the whole of such an index, each row decrypts a page.

        Args:
            each: see `connection.large_cache_kib`.
        """
        self.execute(f"PRAGMA cache_size = -{self.large_cache_kib(each)}")

    def large_cache_kib(self, each: int = TEMPLATE_BYTES) -> int:
        """Return the KiB of a cache with which an index is visited in no order."""
        from facecli import free_memory  # most nights nothing is due

        free = free_memory.available()
        return large_cache_kib(self.value("SELECT max(id) FROM template") or 0, free, each)

    def copy_into(self, target: Database) -> None:
        """Copy every page into `target`, which is empty and under a key of its own.

        The copy is one state of this database. Others may read it meanwhile and wait to commit.
        An interruption takes effect between two steps.
        """
        with self.snapshot():
            pages = self.pages()
            with self._translated(), counting("B", pages * PAGE_SIZE) as step:
                left = pages

                def copied(_: int, remaining: int, __: int) -> None:
                    nonlocal left
                    step((left - remaining) * PAGE_SIZE)
                    left = remaining

                self._connection.backup(target._connection, pages=COPIED_AT_ONCE, progress=copied)

    def pages(self) -> int:
        """Return the number of pages. In a snapshot it begins with this read."""
        return int(self.value("PRAGMA page_count"))

    def page_check(self) -> PageCheck:
        """Return a check of single pages. Use it in a snapshot, after the first read."""
        return PageCheck(self._file, self._key)

    def file_identity(self) -> str:
        """Return text that another file in this place does not have: its salt and its inode."""
        return f"{self.salt.hex()}-{os.fstat(self._file).st_ino}"

    def journal_in_memory(self) -> None:
        """Write no journal file: for a copy that is deleted unless it is completed."""
        self.execute("PRAGMA journal_mode = MEMORY")

    @contextmanager
    def another_reader(self, cache_kib: int) -> Iterator[Callable[[str], list[Any]]]:
        """Open a second, read-only connection, for another thread, with a cache of that size.

        Yields:
            A function that runs one statement and returns its rows as plain tuples.
        """
        waiter = Waiter(self._waiter.seconds)

        def rows(sql: str) -> list[Any]:
            waiter.start()
            return connection.execute(sql).fetchall()  # type: ignore[no-any-return]

        try:
            waiter.start()
            with closing(self._connect_again(waiter)) as connection:
                connection.execute(f"PRAGMA cache_size = -{cache_kib}")
                yield rows
        except sqlcipher.Error as error:
            raise translate(error, self.path, waiter.seconds) from None

    def changes_of_others(self) -> int:
        """Return a number that changes when another connection commits something."""
        return self._data_version() - self._own_changes

    def _data_version(self) -> int:
        return int(self.value("PRAGMA data_version"))

    def close(self) -> None:
        """Close the file. Roll back an open transaction, and leave no journal behind."""
        self._rollback()
        if journal_of(self.path).exists():
            with suppress(sqlcipher.Error):  # SQLite does not delete a journal that others use
                self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _rollback(self) -> None:
        try:
            if self._connection.in_transaction:
                try:
                    state, version = self._state(), self._data_version()
                finally:
                    self._connection.execute("ROLLBACK")
                self._disown(state, version)
        except (sqlcipher.Error, FacecliError):
            pass  # the cause is being raised already; closing the file rolls back as well

    def _disown(self, state: bytes, version: int) -> None:
        """Do not count our own rollback as a commit of others.

        SQLCipher can do so, because the journal has the first page under another nonce than the
        file. If the file is unchanged, there was no commit.
        """
        change = self._data_version() - version
        if self._state() == state:
            self._own_changes += change

    def _state(self) -> bytes:
        """Return bytes of the first page, which every commit encrypts anew."""
        return os.pread(self._file, SALT_BYTES, 64)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        self._waiter.start()
        try:
            yield
        except sqlcipher.Error as error:
            self._waiter.raise_if_interrupted()
            raise translate(error, self.path, self._waiter.seconds) from None


def id_list(ids: Iterable[int]) -> str:
    """Return ids as one parameter, for `IN (SELECT value FROM json_each(?))`."""
    return json.dumps(list(ids))


def id_lists(ids: Iterable[int]) -> Iterator[str]:
    """Yield the same for any number of ids, at most IDS_AT_ONCE in each, in their order.

    With no ids it yields nothing.
    """
    left = iter(ids)
    while some := list(islice(left, IDS_AT_ONCE)):
        yield id_list(some)


def id_ranges(last: int) -> Iterator[tuple[int, int]]:
    """Yield first and last of ranges of ids up to `last`, each LISTED_AT_ONCE wide."""
    for first in range(0, last + 1, LISTED_AT_ONCE):
        yield first, first + LISTED_AT_ONCE - 1


def id_spans(ids: Iterable[int]) -> Iterator[tuple[int, int, str]]:
    """Yield ranges that cover every row id, with those of `ids` that lie in each, as `id_list`.

    A range holds at most IDS_AT_ONCE of them. With few ids there is one range.
    """
    left = sorted(set(ids))
    first = 0
    for start in range(0, max(1, len(left)), IDS_AT_ONCE):
        own = left[start : start + IDS_AT_ONCE]
        last = own[-1] if start + IDS_AT_ONCE < len(left) else LAST_ID
        yield first, last, id_list(own)
        first = last + 1
