"""A keyed connection, and the library's errors as our own."""

from __future__ import annotations

import errno
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from facecli.errors.base import FacecliError
from facecli.errors.store import Locked, PageDamaged, StoreFailed
from facecli.keys.slots import DatabaseKey
from facecli.store.connection import CHANGED_BYTES, keyed, large_cache_kib, translate
from facecli.store.files import PAGE_SIZE
from facecli.store.lock_wait import Waiter
from tests.forked import in_a_copy
from tests.store.conftest import KEY, Store

PATH = Path("facecli.db")


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_connection_reads_the_file(store: Store, guarded: bool, read_only: bool) -> None:
    asked = [
        "SELECT count(*) FROM purpose", "PRAGMA cipher_page_size", "PRAGMA cipher_memory_security",
    ]  # fmt: skip

    def found() -> list[Any]:
        connection = keyed(store.path, KEY, Waiter(0), guarded=guarded, read_only=read_only)
        with closing(connection):
            return [connection.execute(sql).fetchone()[0] for sql in asked]

    assert in_a_copy(found) == [0, str(PAGE_SIZE), str(int(guarded))]


def test_a_read_only_connection_creates_and_writes_nothing(store: Store) -> None:
    connection = keyed(store.path, KEY, Waiter(0), guarded=False, read_only=True)
    with pytest.raises(sqlcipher.OperationalError, match="readonly"):
        connection.execute("INSERT INTO purpose (code) VALUES ('gate')")
    connection.close()
    with pytest.raises(sqlcipher.OperationalError, match="unable to open"):
        keyed(store.path.with_name("none.db"), KEY, Waiter(0), guarded=False, read_only=True)
    assert store.beside() == ["facecli.db"]


def test_a_wrong_key_is_refused_and_prints_nothing(
    store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(sqlcipher.DatabaseError, match="not a database"):
        keyed(store.path, DatabaseKey.random(), Waiter(0), guarded=False, read_only=True)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("database is locked", Locked, None),
        ("database disk image is malformed", PageDamaged, None),
        ("file is not a database", PageDamaged, None),
        ("database or disk is full", StoreFailed, errno.ENOSPC),
        ("disk I/O error", StoreFailed, errno.EIO),
        ("unable to open database file", StoreFailed, errno.ENOENT),
    ],
)
def test_errors_of_the_library_become_ours(
    text: str, kind: type[FacecliError], number: int | None, tmp_path: Path
) -> None:
    error = translate(sqlcipher.OperationalError(text), tmp_path / "none.db", 1.5)
    assert type(error) is kind
    assert isinstance(error, FacecliError)
    assert error.details.get("errno") == number


def test_a_lock_names_the_seconds_that_were_waited() -> None:
    error = translate(sqlcipher.OperationalError("database is locked"), PATH, 1.5)
    assert "waited 1.5 s" in str(error)


def test_an_error_of_our_own_code_stays_what_it_is() -> None:
    error = sqlcipher.IntegrityError("UNIQUE constraint failed: purpose.code")
    assert translate(error, PATH, 0) is error


@pytest.mark.parametrize(
    ("templates", "free", "mib"),
    [
        (0, 2**40, 16),  # never less than any connection has
        (2**20, 2**40, 192),  # a million people with a template each
        (2**40, 2**40, 256),  # and no more than a machine can do without
        (2**40, 2**28, 64),  # a quarter of what is free
        (2**40, 0, 16),
    ],
)
def test_a_large_cache_fits_the_people_and_the_memory(templates: int, free: int, mib: int) -> None:
    assert large_cache_kib(templates, free) == mib * 1024


def test_a_cache_for_what_an_erasure_changes_holds_more_of_each() -> None:
    assert large_cache_kib(2**18, 2**40, CHANGED_BYTES) == 140 * 1024
