"""A check of pages in parts: it goes on where it was, and begins anew for another file."""

from __future__ import annotations

import json

import pytest

from facecli.errors.store import PageDamaged
from facecli.store import meta, part_check
from facecli.store.files import PAGE_SIZE
from facecli.store.pages import PageCheck
from facecli.store.part_check import NAME, check
from tests.store.conftest import Store
from tests.store.test_integrity import filled

__all__ = ["filled"]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_check, "AT_ONCE", 3)


def test_each_run_goes_on_until_the_round_is_complete(filled: Store) -> None:
    with filled.open() as db:
        first = check(db, "2026-01-01T00:00:00Z", 0)
        assert (first.first, first.last) == (1, 3)
        assert (first.place.next_page, first.place.complete_at) == (4, None)
        second = check(db, "2026-01-02T00:00:00Z", 0)
        assert (second.first, second.last, second.place.began_at[:10]) == (4, 6, "2026-01-01")
        rest = check(db, "2026-01-03T00:00:00Z", 60)
        assert (rest.first, rest.last, rest.place.next_page) == (7, rest.pages, 1)
        anew = check(db, "2026-01-04T00:00:00Z", 0)
        assert (anew.first, anew.place.complete_at) == (1, "2026-01-03T00:00:00Z")


def test_a_database_that_grew_or_shrank_is_checked_to_its_end(filled: Store) -> None:
    with filled.open() as db:
        check(db, "2026-01-01T00:00:00Z", 0)
        with db.transaction():
            db.execute("DELETE FROM meta WHERE name < '9'")
        db.execute("VACUUM")
        pages = db.pages()
        found = check(db, "2026-01-02T00:00:00Z", 60)
        assert (found.last, found.place.next_page) == (pages, 1)


def test_another_file_in_its_place_is_checked_from_the_first_page_on(filled: Store) -> None:
    with filled.open() as db:
        check(db, "2026-01-01T00:00:00Z", 0)
    kept = filled.path.with_name("kept")
    filled.path.rename(kept)
    filled.path.write_bytes(kept.read_bytes())  # as a restore does
    filled.path.chmod(0o600)
    with filled.open() as db:
        assert check(db, "2026-01-02T00:00:00Z", 0).first == 1


def test_a_damaged_page_keeps_the_place_before_it(filled: Store) -> None:
    content = bytearray(filled.path.read_bytes())
    content[-PAGE_SIZE // 2] ^= 1
    filled.path.write_bytes(content)
    with filled.open() as db:
        for _ in range(2):  # it is found again
            with pytest.raises(PageDamaged):
                check(db, "2026-01-01T00:00:00Z", 60)
    with filled.open() as db:
        kept = meta.find(db, NAME)  # unless the damage is where it would be written
        assert kept is None or json.loads(kept)["next_page"] > db.pages() - 3


def test_an_interruption_keeps_what_was_checked(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    authentic = PageCheck.is_authentic

    def interrupted(self: PageCheck, number: int) -> bool:
        if number == 5:
            raise KeyboardInterrupt
        return authentic(self, number)

    monkeypatch.setattr(PageCheck, "is_authentic", interrupted)
    with filled.open() as db:
        with pytest.raises(KeyboardInterrupt):
            check(db, "2026-01-01T00:00:00Z", 60)
        assert json.loads(meta.find(db, NAME) or "")["next_page"] == 4
