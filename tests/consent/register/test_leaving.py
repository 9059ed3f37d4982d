"""The register's part in an erasure and in a restore: every table, every subject."""

from __future__ import annotations

from pathlib import Path

from facecli.consent import subjects
from facecli.consent.register import counts, document, elsewhere, leaving, requests
from facecli.consent.register.elsewhere import Case
from tests.consent.conftest import World
from tests.consent.register.test_document import filled


def test_every_table_with_a_subject_is_left(world: World) -> None:
    tables = {
        name
        for (name,) in world.db.tuples("SELECT name FROM sqlite_master WHERE type = 'table'")
        if "subject_id" in {row["name"] for row in world.db.rows(f"PRAGMA table_info({name})")}
    }
    assert set(leaving.TABLES) <= tables
    filled(world, "A-1")
    filled(world, "A-2")
    numbers = [subjects.find(world.db, ref).subject_id for ref in ("A-1", "A-2")]
    with world.act() as act:
        act.record("test")
        leaving.leave(act.db, numbers, {numbers[0]: Case("c" * 16, act.now)})
        subjects.erase(act, numbers)
    left = {table: world.db.value(f"SELECT count(*) FROM {table}") for table in leaving.TABLES}
    assert left == {
        "held_elsewhere": 1, "disclosure": 0, "subject_request": 0, "alternative_offer": 0,
    }  # fmt: skip
    assert sum(counts.of_erased(world.db).values()) == 6


def test_a_restored_copy_gets_the_present_register(world: World, tmp_path: Path) -> None:
    world.apply()
    filled(world, "A-1")
    copy = world.copy(tmp_path / "copy.db")
    [request] = requests.list_open(world.db)
    [item] = elsewhere.list_all(world.db)
    with world.act() as act:
        requests.answer(act, request.request_id, "done", None)
        elsewhere.confirm(act, item.item_id, "e" * 64)
    world.record(offered_alternative=True)
    filled(world, "A-2")  # who is not in the copy
    with world.db.transaction():
        counts.add(world.db, [("disclosure", "")])
    with copy.db.transaction():
        leaving.take_over(copy.db, world.db)
    subject = subjects.find(world.db, "A-1")
    theirs = document.of_subject(world.db, subject, world.now)
    assert document.of_subject(copy.db, subjects.find(copy.db, "A-1"), world.now) == theirs
    assert [one["purpose"] for one in theirs["alternative_offers"]] == [None, "gate"]
    assert len(requests.list_all(copy.db)) == 1
    assert counts.of_erased(copy.db) == {("disclosure", ""): 1}
