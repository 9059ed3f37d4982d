"""Opening, creating and using the file: whose it is, what it holds, and what is refused."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facecli.errors.base import FacecliError
from facecli.errors.store import (
    NewerSchema,
    NotOurs,
    PageDamaged,
)
from facecli.store import schema
from facecli.store.connection import CACHE_KIB
from facecli.store.database import Database
from facecli.store.files import PAGE_SIZE, check_file
from facecli.store.integrity import check_structure
from facecli.store.opening import create, open_database
from tests.store.conftest import KEY, Store, purpose

MARK = "THE-MARKED-NAME"


@pytest.fixture(params=[0o022, 0o000], ids=["umask 022", "umask 000"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def fail_in_the_middle(db: Database, error: type[BaseException]) -> None:
    def act() -> None:
        with db.transaction():
            purpose(db, "undone")
            raise error

    with pytest.raises(error):
        act()


# -- the file at rest -----------------------------------------------------------------------


@pytest.mark.usefixtures("umask")
def test_the_file_and_its_journal_are_the_owners_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    create(tmp_path / "facecli.db", KEY, lambda db: None)
    db = open_database(tmp_path / "facecli.db", [KEY], 0)
    with db.transaction():
        purpose(db)
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    db.close()
    assert modes == {"facecli.db": 0o600, "facecli.db-journal": 0o600}


def test_at_rest_there_is_nothing_beside_it(store: Store) -> None:
    assert store.beside() == ["facecli.db"]
    with store.open() as db, db.transaction():
        purpose(db)
    assert store.beside() == ["facecli.db"]
    with store.open() as db:
        fail_in_the_middle(db, ZeroDivisionError)
    assert store.beside() == ["facecli.db"]


def test_a_reader_leaves_the_journal_of_a_writer_alone(store: Store) -> None:
    with store.open() as writer, writer.transaction():
        purpose(writer)
        with store.open() as reader:
            assert reader.value("SELECT count(*) FROM purpose") == 0
        assert store.beside() == ["facecli.db", "facecli.db-journal"]
        assert (store.path.parent / "facecli.db-journal").stat().st_size > 0
    with store.open() as db:
        assert db.value("SELECT code FROM purpose") == "gate"


def test_nothing_readable_is_in_the_file_or_its_journal(store: Store) -> None:
    with store.open() as db:
        with db.transaction():
            db.insert("meta", name="a", value=MARK * 100)
        with db.transaction():
            db.execute("UPDATE meta SET value = 'b'")
            raw = b"".join(path.read_bytes() for path in store.path.parent.iterdir())
    assert MARK.encode() not in raw
    assert b"SQLite format" not in raw
    assert b"CREATE TABLE" not in raw


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("synchronous", 3),
        ("journal_mode", "truncate"),
        ("trusted_schema", 0),
        ("page_size", str(PAGE_SIZE)),
        ("application_id", schema.APPLICATION_ID),
    ],
)
def test_how_a_connection_is_set(db: Database, pragma: str, value: object) -> None:
    assert db.value(f"PRAGMA {pragma}") == value


def test_a_cache_is_enlarged_for_this_connection_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "facecli.store.database.large_cache_kib", lambda templates, free, each: 54321
    )
    with store.open() as db, store.open() as other:
        db.enlarge_cache()
        cached = [one.value("PRAGMA cache_size") for one in (db, other)]
    assert cached == [-54321, -CACHE_KIB]


def test_a_table_is_empty_until_it_has_a_row(db: Database) -> None:
    assert db.is_empty("subject_hold")
    with db.transaction():
        db.execute("CREATE TABLE badge (id INTEGER PRIMARY KEY, subject_id INTEGER)")
        assert db.is_empty("badge")
        db.execute("INSERT INTO badge VALUES (7, NULL)")
        assert not db.is_empty("badge")


def test_the_file_begins_with_the_keys_salt(store: Store) -> None:
    assert store.path.read_bytes()[:16] == KEY.salt
    assert check_file(store.path) == KEY.salt


# -- damage ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose tables span several pages."""
    folder = tmp_path_factory.mktemp("filled")
    store = Store(folder / "facecli.db")
    with store.open() as db, db.transaction():
        for number in range(20):
            db.insert("meta", name=f"{number:03}", value=f"{number}" * 3000)
            purpose(db, f"purpose-{number}")
    return store.path


def everything(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, and by all indexes."""
    db = open_database(path, [KEY], 0)
    try:
        names = [row[0] for row in db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: [tuple(row) for row in db.rows(f"SELECT * FROM {name}")] for name in names}
        check_structure(db)  # of many damaged indexes, SQLite lists the first and raises nothing
        return rows
    finally:
        db.close()


def test_a_flipped_byte_in_any_page_is_noticed(filled: Path, tmp_path: Path) -> None:
    assert everything(filled)
    whole = filled.read_bytes()
    path = tmp_path / "facecli.db"
    path.touch(0o600)
    assert len(whole) // PAGE_SIZE > 30
    for page in range(len(whole) // PAGE_SIZE):
        for offset in (16, 5000, PAGE_SIZE - 1):
            damaged = bytearray(whole)
            damaged[page * PAGE_SIZE + offset] ^= 0x10
            path.write_bytes(damaged)
            with pytest.raises(PageDamaged) as refused:
                everything(path)
            assert refused.value.exit_code == 33


def test_a_flipped_byte_in_the_salt_opens_nothing(filled: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(filled, tmp_path / "facecli.db"))
    damaged = bytearray(path.read_bytes())
    damaged[3] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(FacecliError) as refused:
        everything(path)
    assert refused.value.exit_code in (12, 33)


def test_two_pages_that_changed_places_are_noticed(filled: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(filled, tmp_path / "facecli.db"))
    whole = path.read_bytes()
    pages = [whole[at : at + PAGE_SIZE] for at in range(0, len(whole), PAGE_SIZE)]
    pages[5], pages[6] = pages[6], pages[5]
    path.write_bytes(b"".join(pages))
    with pytest.raises(PageDamaged):
        everything(path)


@pytest.mark.parametrize("pages", [1, 3])
def test_a_file_cut_at_a_page_is_damaged(filled: Path, tmp_path: Path, pages: int) -> None:
    path = Path(shutil.copy(filled, tmp_path / "facecli.db"))
    os.truncate(path, path.stat().st_size - pages * PAGE_SIZE)
    with pytest.raises(PageDamaged):
        everything(path)


def test_a_file_cut_within_a_page_is_refused(filled: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(filled, tmp_path / "facecli.db"))
    os.truncate(path, path.stat().st_size - 100)
    with pytest.raises(NotOurs, match="size"):
        everything(path)


def test_a_write_that_was_cut_short_is_undone(store: Store, tmp_path: Path) -> None:
    """The process died while the file grew: its size is odd, and its journal puts it right."""
    with store.open() as db:
        db.execute("PRAGMA cache_size = 5")
        with db.transaction():
            for number in range(40):
                db.insert("meta", name=f"{number}", value="x" * 20_000)
            after = tmp_path / "after"
            shutil.copytree(store.path.parent, after)
    path = after / "facecli.db"
    grown = path.stat().st_size
    os.truncate(path, grown - 1000)
    assert sorted(os.listdir(after)) == ["facecli.db", "facecli.db-journal"]
    rows = everything(path)
    assert rows["meta"] == []
    assert path.stat().st_size < grown
    assert path.stat().st_size % PAGE_SIZE == 0
    assert os.listdir(after) == ["facecli.db"]


# -- the schema -----------------------------------------------------------------------------


def test_an_empty_file_is_brought_to_the_present_schema(tmp_path: Path) -> None:
    path = tmp_path / "facecli.db"
    os.close(os.open(path, os.O_CREAT, 0o600))
    db = Database(path, KEY, 0)
    schema.migrate(db)
    tables = {row[0] for row in db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"meta", "purpose", "subject", "consent", "template", "audit_entry"} <= tables
    strict = dict(map(tuple, db.rows("SELECT name, strict FROM pragma_table_list")))
    assert all(strict[table] for table in tables if not table.startswith("sqlite_"))
    version = db.value("PRAGMA user_version")
    schema.migrate(db)
    assert db.value("PRAGMA user_version") == version == len(schema._migrations())
    db.close()
    open_database(path, [KEY], 0).close()


def test_a_migration_is_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "facecli.db"
    os.close(os.open(path, os.O_CREAT, 0o600))
    db = Database(path, KEY, 0)
    good, bad = "CREATE TABLE a (b);", "CREATE TABLE c (d);\nCREATE TABLE c (d);"
    monkeypatch.setattr(schema, "_migrations", lambda: [good, bad])
    with pytest.raises(Exception, match="already exists"):
        schema.migrate(db)
    assert db.value("PRAGMA user_version") == 1
    assert [row[0] for row in db.rows("SELECT name FROM sqlite_master")] == ["a"]
    db.close()


def test_every_statement_of_the_migrations_is_complete() -> None:
    for script in schema._migrations():
        rest = script
        for statement in schema._statements(script):
            rest = rest.replace(statement, "", 1)
        assert not rest.strip()


def test_a_database_of_a_later_facecli_is_not_touched(store: Store) -> None:
    with store.open() as db, db.transaction():
        db.execute("PRAGMA user_version = 4711")
    before = store.path.read_bytes()
    with pytest.raises(NewerSchema, match=r"schema 4711.*Upgrade") as refused, store.open():
        pass
    assert refused.value.exit_code == 10
    assert store.path.read_bytes() == before


# -- transactions ---------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_an_act_that_fails_is_rolled_back(store: Store, error: type[BaseException]) -> None:
    with store.open() as db:
        fail_in_the_middle(db, error)
        assert not db.in_transaction
        assert db.value("SELECT count(*) FROM purpose") == 0
        with db.transaction():
            purpose(db)
    with store.open() as db:
        assert db.value("SELECT count(*) FROM purpose") == 1


def test_closing_in_the_middle_of_a_transaction_undoes_it(store: Store) -> None:
    db = open_database(store.path, [KEY], 0)
    db.execute("BEGIN IMMEDIATE")
    purpose(db)
    db.close()
    db.close()
    assert store.beside() == ["facecli.db"]
    with store.open() as db:
        assert db.value("SELECT count(*) FROM purpose") == 0


def test_foreign_keys_hold(db: Database) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY"), db.transaction():
        db.insert("sample", subject_id=99, purpose_id=99,
                  captured_at="now", photo=b"")  # fmt: skip


def test_a_snapshot_shows_one_state(store: Store) -> None:
    with store.open() as reader, store.open() as writer:
        before = reader.changes_of_others()
        with reader.snapshot():
            assert reader.value("SELECT count(*) FROM purpose") == 0
        with writer.transaction():
            purpose(writer)
        assert reader.changes_of_others() != before
        with reader.snapshot():
            assert reader.value("SELECT count(*) FROM purpose") == 1
        with writer.transaction(), writer.snapshot():
            assert writer.in_transaction
        assert not reader.in_transaction


def test_part_of_a_blob_is_read_and_written_in_place(db: Database) -> None:
    with db.transaction():
        gate = purpose(db)
        shard = db.insert("template_shard", purpose_id=gate, engine_id="e", dimension=1,
                          capacity=4, used=0)  # fmt: skip
        db.insert("shard_vectors", shard_id=shard, vectors=bytes(16))
        db.write_blob("shard_vectors", "vectors", shard, 4, b"abcd")
    assert db.value("SELECT vectors FROM shard_vectors") == b"\0\0\0\0abcd" + bytes(8)
    assert db.read_blob("shard_vectors", "vectors", shard, 3, 4) == b"\0abc"
