"""Backups: they open with the secrets of their day, and one is never there without its entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.errors.keys import NoSlots, WrongKey
from facecli.errors.store import (
    AlreadyThere,
    BackupDamaged,
    BackupRefused,
    NoBackup,
    NotABackup,
    PageDamaged,
    StoreFailed,
)
from facecli.keys import slots
from facecli.keys.slots import slots_path
from facecli.store import backup, copies, keyring
from facecli.store.database import Database
from facecli.store.files import PAGE_SIZE
from facecli.store.opening import open_database, opened
from tests.store.conftest import NOW, OTHER, SECRET, SlottedStore, purpose


@pytest.fixture
def target(slotted: SlottedStore) -> Path:
    """The path of the backup."""
    return slotted.path.with_name("kept.db")


def make(slotted: SlottedStore, target: Path) -> list[str]:
    """Make a backup; the outcomes that were logged."""
    logged: list[str] = []
    with slotted.open() as found:
        backup.create(found.db, found.unlocked, target, logged.append)
    return logged


def rows(path: Path) -> int:
    with backup.opened(path, SECRET, 0) as (db, _):
        return int(db.value("SELECT count(*) FROM purpose"))


def test_a_backup_holds_what_the_database_held(slotted: SlottedStore, target: Path) -> None:
    with slotted.open() as found, found.db.transaction():
        purpose(found.db)
    assert make(slotted, target) == ["done"]
    with slotted.open() as found, found.db.transaction():
        purpose(found.db, "later")
    assert rows(target) == 1
    with backup.opened(target, SECRET, 0) as (db, _):
        backup.check(db)
    assert {"kept.db", "kept.db.keys"} <= set(slotted.beside())


def test_a_backup_has_a_key_of_its_own(slotted: SlottedStore, target: Path) -> None:
    make(slotted, target)
    assert target.read_bytes()[:16] != slotted.path.read_bytes()[:16]


def test_a_secret_that_is_removed_later_still_opens_it(slotted: SlottedStore, target: Path) -> None:
    with slotted.open(exclusive=True) as found:
        keyring.add(found.db, found.unlocked, "second", OTHER, NOW, lambda *_: None)
    make(slotted, target)
    with slotted.open(exclusive=True) as found:
        keyring.remove(found.db, "second", lambda *_: None)
    with backup.opened(target, OTHER, 0) as (_, unlocked):
        assert unlocked.label == "second"


def test_it_is_logged_before_it_can_be_opened(slotted: SlottedStore, target: Path) -> None:
    there: list[bool] = []
    with slotted.open() as found:
        backup.create(
            found.db,
            found.unlocked,
            target,
            lambda _: there.append(target.exists() or slots_path(target).exists()),
        )
    assert there == [False]


def test_one_that_cannot_be_logged_is_not_made(slotted: SlottedStore, target: Path) -> None:
    before = slotted.beside()

    def refuse(_: str) -> None:
        raise ZeroDivisionError

    with slotted.open() as found, pytest.raises(ZeroDivisionError):
        backup.create(found.db, found.unlocked, target, refuse)
    assert slotted.beside() == before


def test_one_that_cannot_appear_is_logged_as_failed(
    slotted: SlottedStore, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = slotted.beside()

    def fail(_place: Path, path: Path) -> None:
        raise StoreFailed(path=path, why="no space left on device")

    monkeypatch.setattr(copies, "put_in_place", fail)
    logged: list[str] = []
    with slotted.open() as found, pytest.raises(StoreFailed):
        backup.create(found.db, found.unlocked, target, logged.append)
    assert logged == ["done", "failed"]
    assert slotted.beside() == before


@pytest.mark.parametrize("name", ["kept.db", "kept.db.keys"])
def test_nothing_is_overwritten(slotted: SlottedStore, target: Path, name: str) -> None:
    there = slotted.path.with_name(name)
    there.write_text("mine")
    with pytest.raises(AlreadyThere):
        make(slotted, target)
    assert there.read_text() == "mine"


def test_slots_of_a_copy_that_was_cut_short_are_taken_over(
    slotted: SlottedStore, target: Path
) -> None:
    """A kill between the slots and the rename: the next backup to that place succeeds."""
    make(slotted, target)
    target.rename(copies.partial(target))
    assert make(slotted, target) == ["done"]
    assert rows(target) == 0


def test_a_damaged_database_gets_no_backup(slotted: SlottedStore, target: Path) -> None:
    with slotted.open() as found, found.db.transaction():
        for number in range(20):
            found.db.insert("meta", name=f"{number}", value="x" * 3000)
    content = bytearray(slotted.path.read_bytes())
    content[-PAGE_SIZE // 2] ^= 1
    slotted.path.write_bytes(content)
    before = slotted.beside()
    with pytest.raises(PageDamaged) as damaged:
        make(slotted, target)
    assert damaged.value.exit_code == 33
    assert slotted.beside() == before


# -- opening one ----------------------------------------------------------------------------


def test_what_is_no_backup_is_refused_before_anybody_is_asked(
    slotted: SlottedStore, target: Path
) -> None:
    with pytest.raises(NoBackup):
        backup.look(target)
    target.write_text("Dear Sir\n")
    with pytest.raises(NotABackup, match="size"):
        backup.look(target)
    target.unlink()
    make(slotted, target)
    backup.look(target)
    slots_path(target).unlink()
    with pytest.raises(NoSlots):
        backup.look(target)


def test_another_secret_does_not_open_it(slotted: SlottedStore, target: Path) -> None:
    make(slotted, target)
    with pytest.raises(WrongKey), backup.opened(target, OTHER, 0):
        pass


def test_slots_of_another_file_are_refused(slotted: SlottedStore, target: Path) -> None:
    make(slotted, target)
    slots_path(target).write_bytes(slots_path(slotted.path).read_bytes())
    with pytest.raises(BackupRefused, match="first bytes"), backup.opened(target, SECRET, 0):
        pass


def test_an_altered_page_is_found(slotted: SlottedStore, target: Path) -> None:
    with slotted.open() as found, found.db.transaction():
        for number in range(20):
            found.db.insert("meta", name=f"{number}", value="x" * 3000)
    make(slotted, target)
    content = bytearray(target.read_bytes())
    content[-PAGE_SIZE // 2] ^= 1
    target.write_bytes(content)
    with backup.opened(target, SECRET, 0) as (db, _), pytest.raises(BackupDamaged):
        backup.check(db)


def test_it_is_opened_for_reading_only(slotted: SlottedStore, target: Path) -> None:
    make(slotted, target)
    with backup.opened(target, SECRET, 0) as (db, _), pytest.raises(StoreFailed):
        purpose(db)


# -- restoring where no database is ----------------------------------------------------------


def restore(target: Path, place: Path, removed: tuple[str, ...] = ()) -> None:
    def fill(db: Database) -> None:
        with db.transaction():
            purpose(db, "filled")

    with backup.opened(target, SECRET, 0) as (source, unlocked):
        backup.restore_anew(source, unlocked, place, fill, removed)


def test_a_backup_becomes_a_database_under_a_new_key(slotted: SlottedStore, target: Path) -> None:
    make(slotted, target)
    place = slotted.path.with_name("again.db")
    restore(target, place)
    assert place.read_bytes()[:16] not in (target.read_bytes()[:16], slotted.path.read_bytes()[:16])
    with opened(place, lambda: SECRET, 0) as found:
        assert found.db.value("SELECT code FROM purpose") == "filled"


def test_removed_slots_do_not_come_back_but_for_the_one_in_use(
    slotted: SlottedStore, target: Path
) -> None:
    with slotted.open(exclusive=True) as found:
        keyring.add(found.db, found.unlocked, "second", OTHER, NOW, lambda *_: None)
    make(slotted, target)
    place = slotted.path.with_name("again.db")
    restore(target, place, removed=("first", "second"))
    assert [slot.label for slot in slots.read(place).slots] == ["first"]


def test_a_database_that_is_there_is_not_replaced(slotted: SlottedStore, target: Path) -> None:
    make(slotted, target)
    before = slotted.path.read_bytes()
    with pytest.raises(AlreadyThere):
        restore(target, slotted.path)
    assert slotted.path.read_bytes() == before


def test_a_backup_key_does_not_open_the_database(slotted: SlottedStore, target: Path) -> None:
    make(slotted, target)
    with backup.opened(target, SECRET, 0) as (_, unlocked), pytest.raises(WrongKey):
        open_database(slotted.path, unlocked.database_keys, 0)
