"""Changing slots: what each act leaves, also when it is cut short between its two files."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.errors.keys import (
    DuplicateSlot,
    LastSlot,
    NoSuchSlot,
    OldKeyLeft,
    SameSecret,
    WrongKey,
)
from facecli.errors.store import CopyAsDatabase, PageDamaged, StoreFailed
from facecli.keys import slots
from facecli.keys.slots import DatabaseKey, SlotFile
from facecli.store import copies, copy_marks, keyring, set_aside
from facecli.store.copy_marks import CopyMark
from facecli.store.database import Database
from facecli.store.files import PAGE_SIZE
from facecli.store.opening import open_database
from facecli.store.set_aside import SetAside
from tests.store.conftest import KEY, NOW, OTHER, SECRET, SlottedStore, purpose


class Log:
    """The entries of a log: label and outcome."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []

    def __call__(self, label: str, outcome: str) -> None:
        self.entries.append((label, outcome))


MARK = CopyMark("set-aside", "4f2a", NOW, 0, "")


def without_mark(db: Database) -> None:
    """What a restore writes into the file to come."""
    with db.transaction():
        copy_marks.remove(db)


def known(slotted: SlottedStore) -> list[str]:
    """The labels that the database knows."""
    with slotted.open() as found:
        return sorted(keyring.slot_keys(found.db, None))


def add(slotted: SlottedStore, log: Log, label: str = "second") -> None:
    with slotted.open(exclusive=True) as found:
        keyring.add(found.db, found.unlocked, label, OTHER, NOW, log)


def fail_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(database: Path, _: SlotFile) -> None:
        raise StoreFailed(path=database, why="no space left on device")

    monkeypatch.setattr(slots, "write", fail)


# -- adding ---------------------------------------------------------------------------------


def test_an_added_slot_opens_and_is_logged(slotted: SlottedStore) -> None:
    log = Log()
    add(slotted, log)
    assert log.entries == [("second", "done")]
    assert slotted.labels == known(slotted) == ["first", "second"]
    with slotted.open(OTHER) as found:
        assert found.unlocked.label == "second"


def test_a_label_that_is_taken_is_refused(slotted: SlottedStore) -> None:
    with slotted.open() as found, pytest.raises(DuplicateSlot):
        keyring.check_new(found.db, "first")
    with pytest.raises(DuplicateSlot):
        add(slotted, Log(), "first")


def test_a_secret_that_opens_a_slot_already_is_refused(slotted: SlottedStore) -> None:
    log = Log()
    with slotted.open(exclusive=True) as found, pytest.raises(SameSecret, match="first"):
        keyring.add(found.db, found.unlocked, "second", SECRET, NOW, log)
    assert (log.entries, slotted.labels) == ([], ["first"])


def test_one_that_cannot_be_written_is_not_added_and_logged_as_failed(
    slotted: SlottedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    with monkeypatch.context() as patch:
        fail_to_write(patch)
        with pytest.raises(StoreFailed):
            add(slotted, log)
    assert log.entries == [("second", "done"), ("second", "failed")]
    assert slotted.labels == known(slotted) == ["first"]


def test_one_that_was_cut_short_is_taken_back_by_the_next_change(slotted: SlottedStore) -> None:
    """A kill between the database and the slots file."""
    add(slotted, Log())
    slotted.close_slot("second")
    log = Log()
    with slotted.open(exclusive=True) as found:
        keyring.complete(found.db, log)
    assert log.entries == [("second", "interrupted")]
    assert known(slotted) == ["first"]


# -- removing -------------------------------------------------------------------------------


def test_a_removed_slot_opens_no_more(slotted: SlottedStore) -> None:
    add(slotted, Log())
    log = Log()
    with slotted.open(exclusive=True) as found:
        keyring.remove(found.db, "second", log)
    assert log.entries == [("second", "done")]
    assert slotted.labels == known(slotted) == ["first"]
    with pytest.raises(WrongKey), slotted.open(OTHER):
        pass


def test_the_last_slot_and_one_that_is_not_there_are_not_removed(slotted: SlottedStore) -> None:
    log = Log()
    with slotted.open(exclusive=True) as found:
        with pytest.raises(LastSlot):
            keyring.remove(found.db, "first", log)
        with pytest.raises(NoSuchSlot):
            keyring.remove(found.db, "none", log)
    assert (log.entries, slotted.labels) == ([], ["first"])


def test_a_removal_that_cannot_be_committed_is_undone(slotted: SlottedStore) -> None:
    add(slotted, Log())

    def fail(_label: str, _outcome: str) -> None:
        raise ZeroDivisionError

    with slotted.open(exclusive=True) as found, pytest.raises(ZeroDivisionError):
        keyring.remove(found.db, "second", fail)
    assert slotted.labels == known(slotted) == ["first", "second"]


# -- replacing the database key ---------------------------------------------------------------


def fill(db: Database) -> None:
    """The entry of the rotation."""
    with db.transaction():
        purpose(db, "rotated")


def rotate(slotted: SlottedStore) -> None:
    with slotted.open(exclusive=True) as found:
        keyring.replace(found.db, found.unlocked, found.db, fill)


def test_a_rotation_changes_the_key_and_keeps_the_slots(slotted: SlottedStore) -> None:
    add(slotted, Log())
    before = slotted.path.read_bytes()[:16]
    with slotted.open() as found:
        old = found.unlocked.database_keys
    rotate(slotted)
    assert slotted.path.read_bytes()[:16] != before
    for secret in (SECRET, OTHER):
        with slotted.open(secret) as found:
            assert found.db.value("SELECT code FROM purpose") == "rotated"
            assert len(found.unlocked.database_keys) == 1
    with pytest.raises(WrongKey):
        open_database(slotted.path, old, 0)


def test_a_rotation_that_fails_changes_nothing(slotted: SlottedStore) -> None:
    before, beside = slotted.path.read_bytes(), slotted.beside()

    def fail(_: Database) -> None:
        raise ZeroDivisionError

    with slotted.open(exclusive=True) as found, pytest.raises(ZeroDivisionError):
        keyring.replace(found.db, found.unlocked, found.db, fail)
    assert (slotted.path.read_bytes(), slotted.beside()) == (before, beside)
    with slotted.open() as found:
        assert len(found.unlocked.database_keys) == 1


def test_a_damaged_database_is_not_rotated(slotted: SlottedStore) -> None:
    """The new key would give the damaged page a valid code."""
    with slotted.open() as found, found.db.transaction():
        for number in range(20):
            found.db.insert("meta", name=f"{number}", value="x" * 3000)
    content = bytearray(slotted.path.read_bytes())
    content[-PAGE_SIZE // 2] ^= 1
    slotted.path.write_bytes(content)
    with pytest.raises(PageDamaged):
        rotate(slotted)
    assert slotted.path.read_bytes() == bytes(content)


def test_a_rotation_cut_short_before_the_rename_opens_with_the_old_key(
    slotted: SlottedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(_place: Path, _path: Path) -> None:
        raise Killed

    before = slotted.path.read_bytes()[:16]
    with monkeypatch.context() as patch:
        patch.setattr(copies, "put_in_place", kill)
        with pytest.raises(Killed):
            rotate(slotted)
    assert slotted.path.read_bytes()[:16] == before
    with slotted.open() as found:
        assert found.db.value("SELECT count(*) FROM purpose") == 0


def test_after_the_rename_it_opens_with_the_new_key_and_settling_removes_the_old(
    slotted: SlottedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last write of the slots file fails: both keys are left until the next opening."""
    write, written = slots.write, 0

    def fail_at_the_last(database: Path, slot_file: SlotFile) -> None:
        nonlocal written
        written += 1
        if written > 1:
            raise StoreFailed(path=database, why="no space left on device")
        write(database, slot_file)

    with monkeypatch.context() as patch:
        patch.setattr(slots, "write", fail_at_the_last)
        with pytest.raises(OldKeyLeft):
            rotate(slotted)
    with slotted.open() as found:
        assert len(found.unlocked.database_keys) == 2
        assert found.db.value("SELECT code FROM purpose") == "rotated"
        copies.partial(slotted.path).write_text("what a crash left")
        keyring.settle(found.db, found.unlocked)
    assert not copies.partial(slotted.path).exists()
    with slotted.open() as found:
        assert len(found.unlocked.database_keys) == 1


def test_settling_does_nothing_where_nothing_is_left(slotted: SlottedStore) -> None:
    before = slots.slots_path(slotted.path).read_bytes()
    with slotted.open() as found:
        keyring.settle(found.db, found.unlocked)
    assert slots.slots_path(slotted.path).read_bytes() == before


def test_the_file_before_can_be_kept_and_is_a_copy_from_then_on(slotted: SlottedStore) -> None:
    with slotted.open(exclusive=True) as found:
        aside = SetAside(found.db.path, MARK)
        keyring.replace(found.db, found.unlocked, found.db, without_mark, aside)
    kept = set_aside.path_of(slotted.path)
    keys = slots.read(kept).unlock(SECRET, kept).database_keys
    with pytest.raises(CopyAsDatabase, match="set aside"):
        open_database(kept, keys, 0)
    open_database(kept, keys, 0, copy=True).close()
    with slotted.open() as found:
        assert copy_marks.read(found.db) is None


def test_a_database_that_was_not_replaced_in_the_end_is_no_copy(slotted: SlottedStore) -> None:
    class Full(SetAside):
        def keep(self, path: Path, slot_file: SlotFile) -> None:
            super().keep(path, slot_file)
            raise StoreFailed(path=path, why="disk full")

    before = slotted.beside()
    aside = Full(slotted.path, MARK)
    with slotted.open(exclusive=True) as found, pytest.raises(StoreFailed):
        keyring.replace(found.db, found.unlocked, found.db, without_mark, aside)
    with slotted.open() as found:
        assert copy_marks.read(found.db) is None
    assert slotted.beside() == before


def test_a_crash_before_the_rename_is_put_back_by_the_next_opening(slotted: SlottedStore) -> None:
    before = slotted.beside()
    with slotted.open(exclusive=True) as found:
        present, new = slots.read(slotted.path), DatabaseKey.random()
        known = keyring.slot_keys(found.db, found.unlocked)
        slots.write(slotted.path, present.with_keys([KEY, new], known))
        aside = SetAside(found.db.path, MARK)
        aside.mark(found.db, new)
        found.db.close()
        aside.keep(slotted.path, present)
    with slotted.open() as found:
        assert copy_marks.read(found.db) is not None
        keyring.settle(found.db, found.unlocked)
        assert copy_marks.read(found.db) is None
    assert slotted.beside() == before
