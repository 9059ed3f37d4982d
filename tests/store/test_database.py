"""Opening, creating and using the file: whose it is, what it holds, and what is refused."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from facecli.errors.base import FacecliError
from facecli.errors.keys import WrongKey
from facecli.errors.store import (
    AlreadyThere,
    NewerSchema,
    NoDatabase,
    NotOurs,
    PageDamaged,
    SharedFolder,
    UnsafePermissions,
)
from facecli.keys.slots import DatabaseKey
from facecli.store import schema
from facecli.store.database import Database
from facecli.store.files import PAGE_SIZE, check_file
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


def test_the_file_begins_with_the_keys_salt(store: Store) -> None:
    assert store.path.read_bytes()[:16] == KEY.salt
    assert check_file(store.path) == KEY.salt


# -- creating -------------------------------------------------------------------------------


def test_create_never_replaces_a_file(store: Store) -> None:
    before = store.path.read_bytes()
    with pytest.raises(AlreadyThere) as refused:
        create(store.path, DatabaseKey.random(), lambda db: None)
    assert refused.value.exit_code == 1
    assert store.path.read_bytes() == before


def test_create_does_not_follow_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "facecli.db").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AlreadyThere):
        create(tmp_path / "facecli.db", KEY, lambda db: None)
    assert [path.name for path in tmp_path.iterdir()] == ["facecli.db"]


def test_a_create_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fill(db: Database) -> None:
        purpose(db)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        create(tmp_path / "facecli.db", KEY, fill)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o720])
def test_a_folder_that_others_can_write_is_refused(store: Store, mode: int) -> None:
    store.path.parent.chmod(mode)
    with pytest.raises(UnsafePermissions, match=rf"mode {mode:04o}.*chmod go-w") as refused:
        check_file(store.path)
    assert refused.value.exit_code == 1
    with pytest.raises(UnsafePermissions):
        create(store.path.with_name("new.db"), KEY, lambda db: None)
    assert store.beside() == ["facecli.db"]


@pytest.mark.parametrize("mode", [0o1777, 0o1770])
def test_nobody_is_told_to_close_a_folder_that_is_for_all(store: Store, mode: int) -> None:
    store.path.parent.chmod(mode)
    for act in (check_file, lambda path: create(path.with_name("new.db"), KEY, lambda db: None)):
        with pytest.raises(SharedFolder, match=rf"mode {mode:04o}.*a folder of your own") as shared:
            act(store.path)
        assert (shared.value.exit_code, "chmod" in str(shared.value)) == (1, False)
    assert store.beside() == ["facecli.db"]


def test_a_folder_that_others_can_read_is_not_refused(store: Store) -> None:
    store.path.parent.chmod(0o755)
    with store.open():
        pass


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_reach_is_refused(store: Store, mode: int) -> None:
    store.path.chmod(mode)
    with pytest.raises(UnsafePermissions, match="chmod 600"):
        check_file(store.path)


def test_a_link_is_followed_to_where_the_file_lies(store: Store, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(store.path)
    db = open_database(link, [KEY], 0)
    with db.transaction():
        purpose(db)
    db.close()
    assert store.beside() == ["facecli.db"]
    store.path.parent.chmod(0o777)  # the link's own folder is safe, the file's is not
    with pytest.raises(UnsafePermissions):
        open_database(link, [KEY], 0)


# -- what is no database of ours ------------------------------------------------------------


def plaintext(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE a (b)")
    connection.commit()
    connection.close()


NOT_OURS: dict[str, tuple[Callable[[Path], object], str]] = {
    "plaintext": (plaintext, "plaintext SQLite"),
    "text": (lambda path: path.write_text("Dear Sir\n" * 40), "size"),
    "nothing in it": (lambda path: path.write_bytes(b""), "size"),
    "ten bytes": (lambda path: path.write_bytes(bytes(10)), "size"),
    "a page and a bit": (lambda path: path.write_bytes(os.urandom(PAGE_SIZE + 1)), "size"),
    "a folder": (os.mkdir, "not a regular file"),
    "a pipe": (os.mkfifo, "not a regular file"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
    "a link to itself": (lambda path: path.symlink_to(path), "symbolic links"),
}


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_is_not_ours_is_refused_and_not_touched(tmp_path: Path, name: str) -> None:
    make, why = NOT_OURS[name]
    path = tmp_path / "facecli.db"
    make(path)
    if path.is_file() and not path.is_symlink():
        path.chmod(0o600)
    before = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    with pytest.raises(NotOurs, match=why) as refused:
        open_database(path, [KEY], 0)
    assert refused.value.exit_code == 10
    if before is not None:
        assert path.read_bytes() == before


@pytest.mark.parametrize("path", ["none.db", "none/none.db", "file/none.db", "dangling.db"])
def test_no_database_there(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "dangling.db").symlink_to(tmp_path / "nowhere")
    with pytest.raises(NoDatabase) as refused:
        open_database(tmp_path / path, [KEY], 0)
    assert refused.value.exit_code == 10


def test_a_database_of_another_program_with_our_key(tmp_path: Path) -> None:
    path = tmp_path / "facecli.db"
    os.close(os.open(path, os.O_CREAT, 0o600))
    db = Database(path, KEY, 0)
    db.execute("CREATE TABLE theirs (a)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(NotOurs, match="another program"):
        open_database(path, [KEY], 0)
    assert path.read_bytes() == before


def test_a_key_with_another_salt_is_the_wrong_key(store: Store) -> None:
    with pytest.raises(WrongKey) as refused:
        open_database(store.path, [DatabaseKey.random()], 0)
    assert refused.value.exit_code == 12


def test_of_several_keys_the_one_that_fits_is_taken(store: Store) -> None:
    open_database(store.path, [DatabaseKey.random(), KEY, DatabaseKey.random()], 0).close()


def test_the_right_salt_with_another_key_is_refused(
    store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PageDamaged):
        open_database(store.path, [DatabaseKey(bytes(32) + KEY.salt)], 0)
    assert capfd.readouterr() == ("", "")  # SQLCipher's own messages are off


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
        rows["check"] = [tuple(row) for row in db.rows("PRAGMA integrity_check")]
        return rows
    finally:
        db.close()


def test_a_flipped_byte_in_any_page_is_noticed(filled: Path, tmp_path: Path) -> None:
    right = everything(filled)
    assert right["check"] == [("ok",)]
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
    assert rows["check"] == [("ok",)]
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
