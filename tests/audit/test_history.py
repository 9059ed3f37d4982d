"""The log's own history: last times, and restores by which it went back."""

from __future__ import annotations

import pytest

from facecli.audit import history
from tests.consent.conftest import World, world

__all__ = ["world"]


def _restore(world: World, entries: int, log: str = "continued") -> str:
    at = world.wait(hours=1)
    with world.act() as act:
        act.record("backup.restore", details={"backup_entries": entries, "log": log})
    return at


def test_the_last_time_of_an_action_is_of_one_that_was_done(world: World) -> None:
    at = world.wait(hours=1)
    with world.act() as act:
        act.record("purge")
        act.record("backup.create")
    world.wait(hours=1)
    with world.act() as act:
        act.record("purge", "failed")
        act.record("purge.erase")
    wanted = {"purge": "purge", "backup": "backup.create", "restore": "backup.restore"}
    assert history.last_done(world.db, wanted) == {"purge": at, "backup": at, "restore": None}


def test_only_the_end_of_a_long_log_is_looked_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.act() as act:
        for action in ("purge", "match", "match"):
            act.record(action)
    for within, found in ((2, None), (3, world.now)):
        monkeypatch.setattr(history, "WITHIN", within)
        assert history.last_done(world.db, {"purge": "purge"}) == {"purge": found}


def test_a_log_that_was_never_sealed_has_no_time(world: World) -> None:
    assert history.last_sealed(world.db) is None
    world.db.execute("INSERT INTO checkpoint (id, size, note, at) VALUES (1, 1, '', 'then')")
    assert history.last_sealed(world.db) == "then"


def test_restores_that_continued_the_log_come_last_first(world: World) -> None:
    assert history.last_restore(world.db) is None
    first = _restore(world, 7)
    _restore(world, 8, "taken over")
    second = _restore(world, 9)
    with world.act() as act:
        act.record("test", details={"log": "continued"})
    assert list(history.restores(world.db)) == [(second, 3, 9), (first, 1, 7)]
    assert history.last_restore(world.db) == (second, 3, 9)


def test_something_kept_is_explained_by_the_last_restore_below_it(world: World) -> None:
    _restore(world, 7)
    _restore(world, 9)
    assert history.restored_below(world.db, 7) is None
    for size, seq, first in ((8, 1, 8), (9, 1, 8), (10, 2, 10)):
        error = history.restored_below(world.db, size)
        assert error is not None
        found = (error.details["seq"], error.details["first"], error.details["last"])
        assert found == (seq, first, size)
