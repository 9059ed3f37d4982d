"""Opening, creating and using the SQLCipher file.

One connection a process, one transaction an act. At rest there is the file and nothing beside
it (rollback journal, truncated), deleted content is overwritten (`secure_delete`), and every
failure of the file arrives as one of our own errors.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlcipher3 import dbapi2 as sqlcipher

from facecli.errors.base import FacecliError
from facecli.errors.store import PageDamaged
from facecli.keys.slots import DatabaseKey
from facecli.store.background import Beside
from facecli.store.connection import keyed, translate
from facecli.store.files import SALT_BYTES, journal_of
from facecli.store.lock_wait import Waiter

CHECK_PAGES = "PRAGMA cipher_integrity_check"
CHECK_STRUCTURE = "PRAGMA integrity_check(1)"
COPIED_AT_ONCE = 256  # pages: 4 MiB, 30 ms here

Row = sqlcipher.Row
Parameters = Sequence[Any] | dict[str, Any]


class Checked(NamedTuple):
    """Do all pages fit their authentication codes, and each other?"""

    pages: bool
    structure: bool


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
            guarded: keep the library's memory out of swap and wipe it when freed (slower).
            read_only: never write to the file, not even a newer schema.
        """
        self.path = path
        self.salt = key.salt
        self._waiter = Waiter(lock_wait)
        self._again = partial(keyed, path, key, guarded=guarded, read_only=True)
        with self._translated():
            self._connection = keyed(path, key, self._waiter, guarded=guarded, read_only=read_only)
        # Closing any descriptor of the file drops SQLite's locks on it, so this one stays open.
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
        """Run one statement. Errors of the file arrive as ours (see `connection`)."""
        with self._translated():
            return self._connection.execute(sql, parameters)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Any]:
        """Every row of a query; reading them is where a damaged page shows."""
        with self._translated():
            return list(self._connection.execute(sql, parameters))

    def tuples(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Every row of a query as a plain tuple, which is quicker where there are many."""
        with self._translated():
            return list(self._plain(sql, parameters))

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[tuple[Any, ...]]:
        """The same one by one, in constant memory."""
        with self._translated():
            yield from self._plain(sql, parameters)

    def _plain(self, sql: str, parameters: Parameters) -> sqlcipher.Cursor:
        cursor = self._connection.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, parameters)

    def row(self, sql: str, parameters: Parameters = ()) -> Any | None:
        """The first row of a query, or None."""
        with self._translated():
            return self._connection.execute(sql, parameters).fetchone()

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, parameters)
        return None if row is None else row[0]

    def insert(self, table: str, **columns: Any) -> int:
        """Insert one row and return its rowid. Names come from our code, never from input."""
        names = ", ".join(columns)
        marks = ", ".join(f":{name}" for name in columns)
        cursor = self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", columns)
        return int(cursor.lastrowid)

    def many(self, sql: str, parameters: Iterable[Parameters]) -> None:
        """Run one statement for each set of parameters."""
        with self._translated():
            self._connection.executemany(sql, parameters)

    def delete(self, table: str, ids: Sequence[int]) -> None:
        """Delete rows by their ids. The name comes from our code, never from input."""
        self.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", (id_list(ids),)
        )

    def write_blob(self, table: str, column: str, rowid: int, offset: int, data: bytes) -> None:
        """Overwrite part of a blob in place: only the pages it covers are written."""
        self.write_blobs(table, column, rowid, [(offset, data)])

    def write_blobs(
        self, table: str, column: str, rowid: int, parts: Iterable[tuple[int, bytes]]
    ) -> None:
        """The same for several parts, each at its offset."""
        with self._translated():
            blob = self._connection.open_blob(table, column, rowid)
            try:
                for offset, data in parts:
                    blob.seek(offset)
                    blob.write(data)
            finally:
                blob.close()

    def read_blob(self, table: str, column: str, rowid: int, offset: int, size: int) -> bytes:
        """Part of a blob: only the pages it covers are read."""
        with self._translated():
            blob = self._connection.open_blob(table, column, rowid, True)  # read-only
            try:
                blob.seek(offset)
                return bytes(blob.read(size))
            finally:
                blob.close()

    @property
    def in_transaction(self) -> bool:
        """Is a transaction open?"""
        return bool(self._connection.in_transaction)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Waits for another writer as long as `lock_wait` allows."""
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
    def savepoint(self) -> Iterator[None]:
        """Inside a transaction: undo this part alone if it fails."""
        self.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self.in_transaction:  # a full disk has undone all of it already
                self.execute("ROLLBACK TO part")
                self.execute("RELEASE part")
            raise
        self.execute("RELEASE part")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Several reads of one state of the database; inside a transaction, simply that."""
        if self.in_transaction:
            yield
            return
        with self._translated():
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._rollback()

    def copy_into(self, target: Database) -> None:
        """Copy every page into `target`, which is empty and under a key of its own.

        What is copied is one state of this database. Others may read it meanwhile; who wants to
        commit waits. Between two steps an interruption is heard.
        """
        with self.snapshot():
            self.value("SELECT count(*) FROM sqlite_master")  # the snapshot begins with a read
            with self._translated():
                self._connection.backup(
                    target._connection, pages=COPIED_AT_ONCE, progress=lambda *_: None
                )

    def journal_in_memory(self) -> None:
        """For a file that is thrown away unless it is completed: leave no journal beside it."""
        self.execute("PRAGMA journal_mode = MEMORY")

    def check_pages(self) -> None:
        """Check every page's authentication code.

        Raises:
            PageDamaged: one does not fit.
        """
        if self.rows(CHECK_PAGES):
            raise PageDamaged(path=self.path)

    def check_structure(self) -> None:
        """Check that pages fit each other, and indexes their tables.

        Raises:
            PageDamaged: they do not, as after an old page was put back.
        """
        if [row[0] for row in self.rows(CHECK_STRUCTURE)] != ["ok"]:
            raise PageDamaged(path=self.path)

    @contextmanager
    def checked_meanwhile(self) -> Iterator[None]:
        """Both checks while the block reads something else: they need no Python, and it may.

        Raises:
            PageDamaged: a check failed. If the block fails too, its own error says more, unless
                a page's authentication code does not fit.
        """
        check = Beside(self._check_apart)
        try:
            yield
        except FacecliError:
            if not check.result().pages:
                raise PageDamaged(path=self.path) from None
            raise
        finally:
            check.join()
        if not all(check.result()):
            raise PageDamaged(path=self.path)

    def _check_apart(self) -> Checked:
        """Both checks on a connection of their own, as another thread needs one."""
        waiter = Waiter(self._waiter.seconds)
        try:
            waiter.start()
            with closing(self._again(waiter)) as connection:
                pages = connection.execute(CHECK_PAGES).fetchall()
                waiter.start()
                structure = connection.execute(CHECK_STRUCTURE).fetchall()
        except sqlcipher.Error as error:
            raise translate(error, self.path, waiter.seconds) from None
        return Checked(not pages, structure == [("ok",)])

    def changes_of_others(self) -> int:
        """A number that changes when another connection commits something."""
        return self._data_version() - self._own_changes

    def _data_version(self) -> int:
        return int(self.value("PRAGMA data_version"))

    def close(self) -> None:
        """Close the file; an open transaction is rolled back, and no journal stays behind."""
        self._rollback()
        if journal_of(self.path).exists():
            with suppress(sqlcipher.Error):  # SQLite leaves a journal alone that others are using
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
            pass  # the cause is already on its way; closing the file rolls back as well

    def _disown(self, state: bytes, version: int) -> None:
        """SQLCipher can take our own rollback for a commit of others: the journal holds the first
        page under another nonce than the file. If the file is as it was, there was none."""
        change = self._data_version() - version
        if self._state() == state:
            self._own_changes += change

    def _state(self) -> bytes:
        """Bytes of the file that every commit changes: of its first page, encrypted anew."""
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
    """Ids as one parameter, for `IN (SELECT value FROM json_each(?))`."""
    return json.dumps(list(ids))


def database_id(db: Database) -> str:
    """Return the random id that a database keeps through rotations and restores."""
    return str(db.value("SELECT value FROM meta WHERE name = 'database_id'"))
