"""A database that a restore replaces keeps its file under a second name."""

from __future__ import annotations

import pytest

from facecli.errors.store import AlreadyThere
from facecli.keys import slots
from facecli.store import copy_marks, set_aside
from facecli.store.copy_marks import CopyMark
from facecli.store.set_aside import SetAside
from tests.store.conftest import NOW, SlottedStore
from tests.store.test_copy_marks import NEW

MARK = CopyMark("set-aside", "0a1b2c3d", NOW, 12, "")


def test_the_second_name_is_beside_the_file_itself(slotted: SlottedStore) -> None:
    link = slotted.path.with_name("link.db")
    link.symlink_to(slotted.path)
    assert set_aside.path_of(link).name == "facecli.db.before-restore"


def test_what_an_earlier_restore_has_kept_is_not_replaced(slotted: SlottedStore) -> None:
    set_aside.path_of(slotted.path).touch()
    with pytest.raises(AlreadyThere):
        SetAside(slotted.path, MARK)


def test_each_step_can_be_put_back(slotted: SlottedStore) -> None:
    before = slotted.beside()
    aside = SetAside(slotted.path, MARK)
    with slotted.open() as found:
        aside.mark(found.db, NEW)
        marked = copy_marks.read(found.db)
        assert marked is not None
        assert marked.successor == NEW.salt.hex()
        set_aside.put_back(found.db)
        assert copy_marks.read(found.db) is None
        slots.write(aside.path, slots.read(slotted.path))  # and a crash before the link
        set_aside.put_back(found.db)
    assert slotted.beside() == before
    aside.keep(slotted.path, slots.read(slotted.path))
    assert aside.path.samefile(slotted.path)
