"""Match events over their retention: an entry a purpose, no subject, the same after a restore."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.audit import stored_entries
from facecli.consent import holds, retention_facts, subjects
from facecli.erasure import match_retention
from facecli.erasure.match_retention import CutOff, MatchesOver
from tests.consent.conftest import World


def visit(world: World, ref: str = "A-1", code: str = "gate") -> None:
    with world.db.transaction():
        world.db.insert(
            "match_event",
            subject_id=subjects.find(world.db, ref).subject_id,
            purpose_id=world.purpose(code).purpose_id,
            at=world.now,
            kind="verification",
            distance=0.5,
            threshold=0.6,
            event_id="e",
        )


def over(world: World) -> list[MatchesOver]:
    return match_retention.survey(world.db, retention_facts.rules(world.db), world.now)


def left(world: World) -> list[str]:
    return [at for (at,) in world.db.tuples("SELECT at FROM match_event ORDER BY at")]


def last_entry(world: World) -> dict[str, Any]:
    return list(stored_entries.after(world.db, 0))[-1]


@pytest.fixture
def visited(world: World) -> World:
    """A-1 and A-2 visited the gate and the shop; A-2 is under a hold since. 30 days passed."""
    for code in ("gate", "shop"):
        world.apply(code)
    for ref in ("A-1", "A-2"):
        world.add(ref)
        for code in ("gate", "shop"):
            visit(world, ref, code)
    world.wait(days=1)
    with world.act() as act:
        holds.hold(act, "A-2", "a case", "2027-06-01T00:00:00Z")
    world.wait(days=28, hours=23, minutes=59)
    return world


def test_a_visit_is_over_at_the_end_of_its_retention_and_not_before(visited: World) -> None:
    assert over(visited) == []
    visited.wait(minutes=1)
    assert over(visited) == [
        MatchesOver("gate", (1,), (3,), "2026-11-23T09:00:00Z"),
        MatchesOver("shop", (2,), (4,), "2026-11-23T09:00:00Z"),
    ]


def test_an_entry_a_purpose_names_nobody(visited: World) -> None:
    visited.wait(hours=3, minutes=1)
    with visited.act() as act:
        match_retention.erase(act, over(visited))
    assert last_entry(visited)["subject_id"] is None
    assert last_entry(visited)["details"] == {"count": 1, "until": "2026-11-23T12:00:00Z"}
    assert [(len(one.due), len(one.held)) for one in over(visited)] == [(0, 1), (0, 1)]


def test_nothing_over_is_no_entry(visited: World) -> None:
    before = last_entry(visited)
    with visited.act() as act:
        act.record("test")
        match_retention.erase(act, over(visited))
    assert last_entry(visited)["seq"] == before["seq"] + 1


@pytest.mark.rule("log-forgets-visits")
@pytest.mark.rule("erased-after-restore")
def test_a_backup_loses_the_same_visits_again(visited: World) -> None:
    backup = visited.copy(visited.db.path.with_name("backup.db"))
    visited.wait(hours=3, minutes=1)
    visit(backup, "A-1")
    with visited.act() as act:
        match_retention.erase(act, over(visited))
    entries = list(stored_entries.after(visited.db, 0))
    cut_offs = match_retention.cut_offs(entries)
    assert cut_offs == [
        CutOff(code, "2026-11-23T12:00:00Z", visited.now) for code in ("gate", "shop")
    ]
    backup.moment = visited.moment
    with backup.act() as act:
        act.record("test")
        match_retention.reapply(act, [*cut_offs, CutOff("later", act.now, act.now)])
    assert left(backup)[:-1] == left(visited)  # those of A-2, who was under a hold
    assert len(left(backup)) == 3
    again = match_retention.cut_offs(stored_entries.after(backup.db, 0))
    assert [one.until for one in again] == ["2026-11-23T12:00:00Z"] * 2


def test_a_hold_that_came_later_brings_no_visit_back(visited: World) -> None:
    """A-1 came under a hold after the purge; the backup was made before both."""
    cut_offs = [CutOff("gate", "2026-11-23T12:00:00Z", visited.now)]
    visited.wait(days=1)
    with visited.act() as act:
        holds.hold(act, "A-1", "a case", "2027-06-01T00:00:00Z")
        match_retention.reapply(act, cut_offs)
    assert left(visited) == ["2026-11-23T09:00:00Z"] * 3
