"""Making a backup that is known from before its first byte on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facecli.cli.session import Session
from facecli.erasure.copies import known, making
from facecli.errors.store import StoreFailed
from facecli.keys import slots
from facecli.store import copies
from tests.conftest import Clock, Facecli
from tests.prepared import opened

OUTCOMES = "SELECT record ->> '$.outcome' FROM audit_entry WHERE record ->> '$.action' = ?"


def make(found: Session, path: Path) -> known.KnownCopy:
    return making.create(found.db, found.unlocked, path, found.act, found.now)


def outcomes(found: Session) -> list[str]:
    return [row[0] for row in found.db.rows(OUTCOMES, ("backup.create",))]


def test_a_backup_is_known_with_its_place_and_its_salt(ready: Facecli) -> None:
    path = ready.folder / "one.db"
    with opened(ready) as found:
        made = make(found, path)
        assert known.list_all(found.db) == [made]
    assert (made.state, made.salt) == ("kept", path.read_bytes()[:16])


@pytest.mark.parametrize("with_slots", [False, True])
def test_what_a_killed_backup_left_is_removed_by_the_next_under_another_name(
    ready: Facecli, with_slots: bool
) -> None:
    """The moments: while it was copied, and between the slots and the rename."""
    killed, other = ready.folder / "killed.db", ready.folder / "other.db"
    with opened(ready) as found:
        made = make(found, killed)
        with found.db.transaction():
            known.put(found.db, replace(made, state="making"))
        killed.rename(copies.partial(killed))
        if not with_slots:
            slots.slots_path(killed).unlink()
        make(found, other)
        assert [one.path for one in known.list_all(found.db)] == [other]
        assert outcomes(found) == ["done", "failed", "done"]
    left = {path.name for path in ready.folder.iterdir()}
    assert left == {"facecli.db", "facecli.db.keys", "facecli.key", "other.db", "other.db.keys"}


def test_a_backup_that_was_killed_after_the_rename_is_known(ready: Facecli) -> None:
    path = ready.folder / "one.db"
    with opened(ready) as found:
        made = make(found, path)
        with found.db.transaction():
            known.put(found.db, replace(made, state="making"))
        making.clean(found.db, found.act)
        assert known.list_all(found.db) == [made]


def test_a_backup_in_the_making_is_left_alone(ready: Facecli) -> None:
    path = ready.folder / "one.db"
    with opened(ready) as found:
        made = known.KnownCopy("0a", "backup", "making", path, b"salt", found.now, 1)
        with found.db.transaction():
            known.put(found.db, made)
        with copies.claimed(path) as place:
            making.clean(found.db, found.act)
            assert place.exists()
        assert known.list_all(found.db) == [made]


def test_a_backup_that_fails_is_not_known(ready: Facecli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise StoreFailed(path="disk", why="full")

    monkeypatch.setattr(copies, "put_in_place", fail)
    with opened(ready) as found:
        with pytest.raises(StoreFailed):
            make(found, ready.folder / "one.db")
        assert known.list_all(found.db) == []
        assert outcomes(found) == ["done", "failed"]


def test_names_in_a_folder_tell_the_time_and_never_meet(tmp_path: Path) -> None:
    now = "2026-11-23T21:00:05Z"
    first = making.name_in(tmp_path, now)
    assert first.name == "facecli-20261123T210005Z.db"
    first.touch()
    second = making.name_in(tmp_path, now)
    assert second.name == "facecli-20261123T210005Z-2.db"
    slots.slots_path(second).touch()
    assert making.name_in(tmp_path, now).name == "facecli-20261123T210005Z-3.db"


def test_a_clock_that_was_set_back_makes_no_copy_older_than_what_it_holds(
    ready: Facecli, clock: Clock
) -> None:
    """Else the erasure of somebody who was enrolled before would not seem to concern it."""
    with opened(ready) as found:
        reached = make(found, ready.folder / "one.db").made_at
    clock.advance(days=-3)
    with opened(ready) as found:
        assert found.now < reached
        assert make(found, ready.folder / "two.db").made_at == reached
        assert making.set_aside(found.db, found.now).known.made_at == reached
