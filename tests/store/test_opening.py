"""Creating and opening a database: what is refused, what is asked for, and in which order."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from facecli.errors.keys import NoSlots, WrongKey
from facecli.errors.store import (
    AlreadyThere,
    CutShort,
    Locked,
    NoDatabase,
    NotOurs,
    PageDamaged,
    UnsafePermissions,
)
from facecli.keys.slots import DatabaseKey, Secret, slots_path
from facecli.store import names
from facecli.store.database import Database
from facecli.store.files import PAGE_SIZE
from facecli.store.opening import create, open_database, opened
from tests.store.conftest import KEY, SECRET, SlottedStore, Store, purpose

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


def test_a_folder_that_others_can_read_is_not_refused(store: Store) -> None:
    store.path.parent.chmod(0o755)
    with store.open():
        pass


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
    assert "restore a lost one with `facecli backup restore`" in refused.value.remedy


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


# -- opening with a secret ------------------------------------------------------------------


def ask_nobody() -> Secret:
    raise AssertionError("nobody may be asked")


def test_the_secret_opens_its_slot_and_the_database(slotted: SlottedStore) -> None:
    with opened(slotted.path, lambda: SECRET, 0) as found:
        assert found.unlocked.label == "first"
        assert found.secret == SECRET
        assert found.db.value("SELECT count(*) FROM key_slot") == 1


def test_nobody_is_asked_where_nothing_can_be_opened(slotted: SlottedStore) -> None:
    slots_path(slotted.path).unlink()
    with pytest.raises(NoSlots), opened(slotted.path, ask_nobody, 0):
        pass
    slotted.path.unlink()
    with pytest.raises(NoDatabase), opened(slotted.path, ask_nobody, 0):
        pass


def test_slots_that_are_replaced_while_somebody_types_count(slotted: SlottedStore) -> None:
    """The slots are read again under the lock: a slot that was removed meanwhile opens nothing."""

    def slow_secret() -> Secret:
        slotted.close_slot("first")
        return SECRET

    with pytest.raises(WrongKey), opened(slotted.path, slow_secret, 0):
        pass


def test_one_that_is_held_alone_is_not_opened(slotted: SlottedStore) -> None:
    with (
        slotted.open(exclusive=True),
        pytest.raises(Locked),
        opened(slotted.path, lambda: SECRET, 0),
    ):
        pass


def test_reading_and_writing_users_share_it(slotted: SlottedStore) -> None:
    with slotted.open(), opened(slotted.path, lambda: SECRET, 0, read_only=True) as found:
        assert found.db.value("SELECT count(*) FROM key_slot") == 1


def test_reading_refuses_where_a_write_must_be_undone_first(slotted: SlottedStore) -> None:
    """A hot journal, as a kill leaves it: who only reads may not undo the write."""
    with slotted.open() as found:
        found.db.execute("BEGIN IMMEDIATE")
        found.db.execute("PRAGMA cache_size = 1")
        for number in range(200):
            found.db.insert("meta", name=f"{number}", value="x" * 3000)
        before = slotted.path.read_bytes()
        journal = names.journal_of(slotted.path).read_bytes()
    slotted.path.write_bytes(before)
    names.journal_of(slotted.path).write_bytes(journal)
    with pytest.raises(CutShort), opened(slotted.path, lambda: SECRET, 0, read_only=True):
        pass
    with opened(slotted.path, lambda: SECRET, 0) as found:
        assert found.db.value("SELECT count(*) FROM meta") == 0
    with opened(slotted.path, lambda: SECRET, 0, read_only=True):
        pass
