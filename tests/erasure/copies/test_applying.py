"""Erasing in a copy: in one transaction, by the entries since, and written down afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.cli.copy_erasure import copyist
from facecli.erasure import residue
from facecli.erasure.copies import applying, known
from facecli.erasure.copies.applying import Reached, Unreached
from facecli.errors.erasure import ResidueLeft
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
