"""Checks of a database: pages that were altered, and old pages that were put back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from facecli.errors.base import FacecliError
from facecli.errors.store import NoDatabase, PageDamaged, StoreFailed
from facecli.store.files import PAGE_SIZE
from facecli.store.integrity import check_pages, check_structure, checked_meanwhile
from tests.store.conftest import Store


@pytest.fixture
def filled(store: Store) -> Store:
    """A database whose tables span several pages."""
    with store.open() as db, db.transaction():
        for number in range(20):
            db.insert("meta", name=f"{number:03}", value=f"{number}" * 3000)
    return store


def alter_a_page(store: Store) -> None:
    """Flip a byte of the last page, which opening does not read."""
    content = bytearray(store.path.read_bytes())
    content[-PAGE_SIZE // 2] ^= 1
    store.path.write_bytes(content)


def put_an_old_page_back(store: Store) -> None:
    """A page of an earlier state: authentic, but it does not fit the others."""
    before = store.path.read_bytes()
    with store.open() as db, db.transaction():
        db.execute("DELETE FROM meta WHERE name >= '005'")
        for number in range(20):
            db.insert("purpose", code=f"{number}" * 2000)
    after = bytearray(store.path.read_bytes())
    for at in range(PAGE_SIZE, len(before), PAGE_SIZE):
        if before[at : at + PAGE_SIZE] != after[at : at + PAGE_SIZE]:
            mixed = bytearray(after)
            mixed[at : at + PAGE_SIZE] = before[at : at + PAGE_SIZE]
            store.path.write_bytes(mixed)
            if not _fits(store):
                return
    raise AssertionError("no old page was noticed")


def _fits(store: Store) -> bool:
    with store.open() as db:
        check_pages(db)
        try:
            check_structure(db)
        except PageDamaged:
            return False
    return True


def test_a_whole_database_passes(filled: Store) -> None:
    with filled.open() as db:
        check_pages(db)
        check_structure(db)
        with checked_meanwhile(db):
            assert db.value("SELECT count(*) FROM meta") == 20


def test_an_altered_page_is_found(filled: Store) -> None:
    alter_a_page(filled)
    with filled.open() as db, pytest.raises(PageDamaged) as damaged:
        check_pages(db)
    assert damaged.value.exit_code == 33


def test_an_old_page_that_was_put_back_is_found(filled: Store) -> None:
    put_an_old_page_back(filled)
    with filled.open() as db, pytest.raises(PageDamaged):
        check_structure(db)


@pytest.mark.parametrize("damage", [alter_a_page, put_an_old_page_back])
def test_the_check_in_the_background_finds_both(
    filled: Store, damage: Callable[[Store], None]
) -> None:
    damage(filled)
    with filled.open() as db, pytest.raises(PageDamaged), checked_meanwhile(db):
        pass


@pytest.mark.parametrize(("damage", "raised"), [(None, NoDatabase), (alter_a_page, PageDamaged)])
def test_an_error_of_the_block_counts_unless_a_page_was_altered(
    filled: Store, damage: Callable[[Store], None] | None, raised: type[FacecliError]
) -> None:
    if damage is not None:
        damage(filled)
    with filled.open() as db, pytest.raises(raised), checked_meanwhile(db):
        raise NoDatabase(path=Path("elsewhere"))


def test_an_error_that_is_not_ours_is_raised_as_it_is(filled: Store) -> None:
    alter_a_page(filled)
    with filled.open() as db, pytest.raises(ZeroDivisionError), checked_meanwhile(db):
        raise ZeroDivisionError


def test_the_check_writes_nothing(filled: Store) -> None:
    before = filled.path.read_bytes()
    with filled.open() as db, checked_meanwhile(db):
        pass
    assert filled.path.read_bytes() == before


def test_the_second_connection_cannot_write(filled: Store) -> None:
    with filled.open() as db, pytest.raises(StoreFailed), db.another_reader(1024) as read:
        read("DELETE FROM meta")
