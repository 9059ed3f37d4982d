"""Erasing in a copy: in one transaction, by the entries since, and written down afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from facecli.cli.copy_erasure import copyist
from facecli.erasure import residue
from facecli.erasure.copies import applying, known
from facecli.erasure.copies.applying import Reached, Unreached
from facecli.errors.erasure import ResidueLeft
from facecli.keys import slots
from facecli.store import backup, copy_marks
from tests.conftest import Facecli
from tests.faults.worlds import World, populate
from tests.prepared import opened

REFS = ["P-00", "P-01", "P-02"]


@pytest.fixture
def copy(ready: Facecli) -> Path:
    """A backup of a few people, some of whom are erased afterwards."""
    populate(World(ready.folder), 8)
    path = ready.folder / "one.db"
    assert ready("backup", "create", path).code == 0
    assert ready("revoke", *REFS, "--yes").code == 0
    return path


def position(facecli: Facecli, path: Path) -> int:
    with opened(facecli) as found, backup.opened(path, found.secret, 0) as (db, _):
        mark = copy_marks.read(db)
        assert mark is not None
        return mark.applied


def test_a_copy_has_what_it_lacked_and_its_position(ready: Facecli, copy: Path) -> None:
    with opened(ready) as found:
        size = found.db.value("SELECT count(*) FROM audit_entry")
        reached = applying.apply(copyist(found), copy)
        assert (reached.people, reached.copy.applied) == (3, size)
        assert reached.erased == {"consent": 3, "match": 3, "subject": 3, "template": 3}
        assert known.find(found.db, reached.copy.copy_id) == reached.copy
        assert applying.apply(copyist(found), copy).people == 0
    assert position(ready, copy) == size


def test_an_older_twin_of_a_copy_is_reached_too(ready: Facecli, copy: Path) -> None:
    """Put back from a tape: the position in the file counts, not what is known of it."""
    before = copy.read_bytes()
    with opened(ready) as found:
        applying.apply(copyist(found), copy)
        copy.write_bytes(before)
        assert applying.apply(copyist(found), copy).people == 3


def test_a_copy_in_which_something_would_be_left_is_as_it_was(
    ready: Facecli, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = copy.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(residue, "of_subjects", lambda db, ids: {ids[0]: ["badge"]})
        with opened(ready) as found, pytest.raises(ResidueLeft):
            applying.apply(copyist(found), copy)
    assert copy.read_bytes() == before
    assert {path.name for path in ready.folder.iterdir() if "one" in path.name} == {
        "one.db",
        "one.db.keys",
    }


def test_one_that_cannot_be_reached_does_not_stop_the_others(ready: Facecli, copy: Path) -> None:
    with opened(ready) as found:
        first, second = applying.apply_all(copyist(found), [copy.with_name("none.db"), copy])
    assert isinstance(first, Unreached)
    assert isinstance(second, Reached)


def test_a_moved_copy_is_known_at_its_new_place(ready: Facecli, copy: Path) -> None:
    with opened(ready) as found:
        applying.apply(copyist(found), copy)
        size = found.db.value("SELECT count(*) FROM audit_entry")
        moved = copy.rename(copy.with_name("moved.db"))
        copy.with_name("one.db.keys").rename(copy.with_name("moved.db.keys"))
        reached = applying.apply(copyist(found), moved)
        assert [one.path for one in known.list_all(found.db)] == [moved]
        assert found.db.value("SELECT count(*) FROM audit_entry") == size
        assert reached.people == 0


def twin_of(copy: Path, place: Path) -> Path:
    """What `cp` makes of a copy and its slots."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(copy, place)
    shutil.copy(slots.slots_path(copy), slots.slots_path(place))
    return place


@pytest.mark.parametrize("first_is_there", [True, False])
def test_an_erasure_in_a_second_copy_is_none_in_the_first(
    ready: Facecli, copy: Path, first_is_there: bool
) -> None:
    """The first may be on a disk that is not mounted now."""
    twin = twin_of(copy, ready.folder / "elsewhere" / "one.db")
    away = copy.with_name("away")
    if not first_is_there:
        copy.rename(away)
    with opened(ready) as found:
        reached = applying.apply(copyist(found), twin)
        assert (reached.people, reached.original and reached.original.path) == (3, copy)
        assert [(one.path, missing) for one, missing in known.behind(found.db)] == [(copy, 3)]
        again = applying.apply(copyist(found), twin)
        assert (again.people, again.original) == (0, None)
        assert again.copy.copy_id == reached.copy.copy_id
        if not first_is_there:
            away.rename(copy)
        assert applying.apply(copyist(found), copy).people == 3
        assert known.behind(found.db) == []
        assert {one.path for one in known.list_all(found.db)} == {copy, twin}
        third = applying.apply(copyist(found), twin_of(twin, ready.folder / "third" / "one.db"))
        assert (third.people, third.copy_of) == (0, reached.copy.copy_id)


def test_a_second_copy_is_no_file_of_before_that_was_renamed_in_its_folder(
    ready: Facecli, copy: Path
) -> None:
    """Backups are rotated so: the name of the first is soon that of another."""
    with opened(ready) as found:
        for name in ("two.db", "three.db"):
            moved = copy.rename(copy.with_name(name))
            slots.slots_path(copy).rename(slots.slots_path(moved))
            copy.write_bytes(b"another file")
            assert applying.apply(copyist(found), moved).original is None
            copy = moved
        assert [one.path for one in known.list_all(found.db)] == [copy]


def test_an_older_state_that_was_put_back_is_told_from_a_copy_that_lacked_nothing(
    ready: Facecli, copy: Path
) -> None:
    before = copy.read_bytes()
    with opened(ready) as found:
        assert not applying.apply(copyist(found), copy).older
        copy.write_bytes(before)
        assert applying.apply(copyist(found), copy).older
        for refs in (["B-1"], ["B-2"]):  # whom the copy never held
            ready("subject", "add", *refs)
            ready("revoke", *refs, "--yes")
            assert not applying.apply(copyist(found), copy).older
