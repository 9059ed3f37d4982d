"""The mark that makes a file a copy, whatever its name."""

from __future__ import annotations

import pytest

from facecli.errors.store import CopyAsDatabase
from facecli.keys.slots import DatabaseKey
from facecli.store import copy_marks
from facecli.store.copy_marks import CopyMark
from facecli.store.opening import open_database
from tests.store.conftest import KEY, NOW, Store

MARK = CopyMark("backup", "0a1b2c3d", NOW, 12, "ab" * 32)
NEW = DatabaseKey(bytes(range(1, 49)))


def mark(store: Store, wanted: CopyMark = MARK) -> None:
    with store.open() as db, db.transaction():
        copy_marks.write(db, wanted)


def test_a_mark_is_read_as_it_was_written_and_removed(store: Store) -> None:
    with store.open() as db:
        assert copy_marks.read(db) is None
        with db.transaction():
            copy_marks.write(db, MARK)
        assert copy_marks.read(db) == MARK
        with db.transaction():
            copy_marks.remove(db)
        assert copy_marks.read(db) is None


@pytest.mark.parametrize(
    ("wanted", "said"),
    [(MARK, "is a backup"), (MARK._replace(role="set-aside"), "that a restore set aside")],
)
def test_a_marked_file_is_no_database(store: Store, wanted: CopyMark, said: str) -> None:
    mark(store, wanted)
    before = store.path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(CopyAsDatabase, match=said):
            open_database(store.path, [KEY], 0, read_only=read_only)
    assert store.path.read_bytes() == before
    open_database(store.path, [KEY], 0, copy=True).close()


def test_a_database_that_is_about_to_be_replaced_is_none_while_its_successor_is_awaited(
    store: Store,
) -> None:
    aside = MARK._replace(role="set-aside", successor=NEW.salt.hex())
    mark(store, aside)
    open_database(store.path, [KEY, NEW], 0).close()
    with pytest.raises(CopyAsDatabase):
        open_database(store.path, [KEY], 0)
