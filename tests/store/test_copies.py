"""Copies of a database: complete under their name or not there, and never two at once."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from facecli.errors.command_line import OutputFailed
from facecli.errors.store import Locked, NotOurs, PageDamaged
from facecli.keys.slots import DatabaseKey
from facecli.store import copies
from facecli.store.database import Database
from facecli.store.files import PAGE_SIZE
from facecli.store.opening import open_database
from tests.store.conftest import Store, purpose

NEW_KEY = DatabaseKey(bytes(range(48, 96)))


@pytest.fixture
def filled(store: Store) -> Store:
    """A database of several pages."""
    with store.open() as db, db.transaction():
        for number in range(20):
            db.insert("meta", name=f"{number:03}", value=f"{number}" * 3000)
    return store


def test_a_copy_appears_complete_under_its_own_key(filled: Store) -> None:
    target = filled.path.with_name("copy.db")
    with filled.open() as db, copies.claimed(target) as place:
        copies.make(db, place, NEW_KEY, lambda copy: _note(copy, "filled"))
        assert not target.exists()
        copies.put_in_place(place, target)
    assert filled.beside() == ["copy.db", "facecli.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy = open_database(target, [NEW_KEY], 0)
    try:
        assert copy.value("SELECT count(*) FROM meta") == 20
        assert copy.value("SELECT count(*) FROM purpose WHERE code = 'filled'") == 1
    finally:
        copy.close()
    with filled.open() as db:
        assert db.value("SELECT count(*) FROM purpose") == 0


def _note(copy: Database, code: str) -> None:
    with copy.transaction():
        purpose(copy, code)


def test_a_copy_that_fails_leaves_nothing(filled: Store) -> None:
    target = filled.path.with_name("copy.db")

    def fail(_: Database) -> None:
        raise ZeroDivisionError

    with (
        filled.open() as db,
        pytest.raises(ZeroDivisionError),
        copies.claimed(target) as place,
    ):
        copies.make(db, place, NEW_KEY, fail)
    assert filled.beside() == ["facecli.db"]


@pytest.mark.parametrize("page", [1, 20, -1])
def test_a_database_with_a_damaged_page_is_not_copied(filled: Store, page: int) -> None:
    """In the copy the page would be zeros with a valid code: nobody would notice any more."""
    content = bytearray(filled.path.read_bytes())
    content[page % (len(content) // PAGE_SIZE) * PAGE_SIZE + 100] ^= 1
    filled.path.write_bytes(content)
    target = filled.path.with_name("copy.db")
    with pytest.raises(PageDamaged), filled.open() as db, copies.claimed(target) as place:
        copies.make(db, place, NEW_KEY)
    assert filled.beside() == ["facecli.db"]


def test_a_copy_replaces_what_is_there(filled: Store) -> None:
    target = filled.path.with_name("copy.db")
    target.write_text("before")
    with filled.open() as db, copies.claimed(target) as place:
        copies.make(db, place, NEW_KEY)
        assert target.read_text() == "before"
        copies.put_in_place(place, target)
    open_database(target, [NEW_KEY], 0).close()


def test_two_copies_for_one_place_are_never_made_at_once(store: Store) -> None:
    target = store.path.with_name("copy.db")
    with copies.claimed(target), pytest.raises(Locked), copies.claimed(target):
        pass
    with copies.claimed(target):
        pass


def test_a_leftover_is_emptied_by_the_next_copy(store: Store) -> None:
    target = store.path.with_name("copy.db")
    copies.partial(target).write_text("what a crash left")
    with copies.claimed(target) as place:
        assert place.read_bytes() == b""
    assert store.beside() == ["facecli.db"]


def test_a_leftover_is_removed_and_a_copy_in_the_making_is_not(store: Store) -> None:
    target = store.path.with_name("copy.db")
    copies.remove_leftover(target)  # there is none
    copies.partial(target).write_text("what a crash left")
    copies.remove_leftover(target)
    assert store.beside() == ["facecli.db"]
    with copies.claimed(target) as place:
        copies.remove_leftover(target)
        assert place.exists()


def test_a_link_or_a_pipe_in_the_place_of_a_copy_is_not_written_to(store: Store) -> None:
    target = store.path.with_name("copy.db")
    os.mkfifo(copies.partial(target))
    with pytest.raises(NotOurs), copies.claimed(target):
        pass


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed) as failed, copies.claimed(tmp_path / "none" / "copy.db"):
        pass
    assert "no folder" in str(failed.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_copy_of_root_belongs_to_the_owner_of_what_it_replaces(store: Store) -> None:
    target = store.path.with_name("copy.db")
    target.write_text("before")
    os.chown(target, 4321, 4321)
    with copies.claimed(target) as place:
        assert place.stat().st_uid == 4321
