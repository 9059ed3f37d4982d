"""Single pages: authentic as they were written, and nothing else."""

from __future__ import annotations

from facecli.store.files import PAGE_SIZE
from facecli.store.pages import LOCK_PAGE
from tests.store.conftest import Store
from tests.store.test_integrity import filled

__all__ = ["filled"]


def _damaged(store: Store) -> list[int]:
    with store.open() as db, db.snapshot():
        pages, check = db.pages(), db.page_check()
        assert store.path.stat().st_size == pages * PAGE_SIZE
        return [number for number in range(1, pages + 1) if not check.is_authentic(number)]


def test_every_page_of_a_whole_file_is_authentic(filled: Store) -> None:
    assert _damaged(filled) == []


def test_a_changed_byte_is_found_wherever_it_is(filled: Store) -> None:
    content = filled.path.read_bytes()
    last = len(content) // PAGE_SIZE
    for place in (0, 40, PAGE_SIZE - 81, PAGE_SIZE - 1):  # content, vector, code
        altered = bytearray(content)
        altered[(last - 1) * PAGE_SIZE + place] ^= 1
        filled.path.write_bytes(altered)
        assert _damaged(filled) == [last]


def test_a_page_in_the_place_of_another_is_found(filled: Store) -> None:
    content = bytearray(filled.path.read_bytes())
    last, before = slice(-PAGE_SIZE, None), slice(-2 * PAGE_SIZE, -PAGE_SIZE)
    content[last], content[before] = content[before], content[last]
    filled.path.write_bytes(content)
    pages = len(content) // PAGE_SIZE
    assert _damaged(filled) == [pages - 1, pages]


def test_the_page_of_locks_holds_nothing(filled: Store) -> None:
    with filled.open() as db, db.snapshot():
        assert db.pages() < LOCK_PAGE
        assert db.page_check().is_authentic(LOCK_PAGE)
        assert not db.page_check().is_authentic(LOCK_PAGE + 1)  # beyond the end
