"""Bringing a copy up to date from the present database, room by room."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from facecli.audit import sealing
from facecli.audit.entries import recorded
from facecli.consent import consents, holds, interactions, lapses, subject_states, subjects
from facecli.consent import gate as gates
from facecli.erasure import purge
from facecli.erasure.restore import restore
from facecli.errors.store import BackupRefused
from facecli.store import meta, time_reached
from tests.consent.conftest import World


@pytest.fixture
def present(gate: World) -> World:
    """A database in which A-1 is enrolled."""
    with gate.act() as act:
        sealing.first_key(act, sealing.origin(str(meta.find(gate.db, "database_id"))))
    gate.record(expires="30d")
    gate.template()
    return gate


def _finish(copy: World, world: World) -> int:
    since = restore.since_in(world.db, copy.db)
    with copy.act() as act:
        return restore.finish(act, since, world.db)


def test_whoever_was_erased_since_is_erased_again(present: World, tmp_path: Path) -> None:
    copy = present.copy(tmp_path / "copy.db")
    present.wait(days=31)
    list(purge.run(purge.survey(present.db, present.now), present.act))
    size = recorded(present.db).size
    copy.moment = present.moment
    assert _finish(copy, present) == 1
    assert subjects.list_all(copy.db) == []
    assert recorded(copy.db).size > size  # the log of the present database goes on
    copy.db.close()


def test_a_withdrawal_under_a_hold_and_the_hold_come_along(present: World, tmp_path: Path) -> None:
    copy = present.copy(tmp_path / "copy.db")
    with present.act() as act:
        holds.hold(act, "A-1", "case 7", "2027-06-30T00:00:00Z")
    with present.act() as act:
        consents.withdraw(act, subjects.find(act.db, "A-1"), None)
        act.record("consent.withdraw", subject_id=subjects.find(act.db, "A-1").pseudonym)
    assert _finish(copy, present) == 0
    assert subjects.find(copy.db, "A-1").state == "restricted"
    assert [one.withdrawn_at for one in consents.of_subject(copy.db, 1)] == [present.now]
    copy.db.close()


def test_a_purpose_that_is_met_stays_met(present: World, tmp_path: Path) -> None:
    copy = present.copy(tmp_path / "copy.db")
    with present.act() as act:
        lapses.complete(act, subjects.find(act.db, "A-1"), present.purpose())
    with copy.db.transaction():  # once before, so that it is not taken over twice
        lapses.take_over(copy.db, present.db)
    present.wait(days=1)
    copy.moment = present.moment
    _finish(copy, present)
    assert len(gates.permitted(copy.db, copy.purpose(), "engine/1", copy.now)) == 0
    due = "SELECT due_at, reason FROM lapse"
    assert copy.db.tuples(due) == present.db.tuples(due) != []
    copy.db.close()


@pytest.mark.parametrize("held", [False, True])
def test_a_choice_of_the_alternative_comes_along(
    present: World, tmp_path: Path, held: bool
) -> None:
    """It begins for A-1 and ends for A-2, who waits for a consent from then on."""
    present.add("A-2")
    with present.act() as act:
        subject_states.begin_alternative_only(act, "A-2")
    copy = present.copy(tmp_path / "copy.db")
    present.wait(days=3)
    with present.act() as act:
        subject_states.begin_alternative_only(act, "A-1")
    with present.act() as act:
        subject_states.end_alternative_only(act, "A-2")
    if held:
        with present.act() as act:
            holds.hold(act, "A-1", "case 7", "2027-06-30T00:00:00Z")
    copy.moment = present.moment
    _finish(copy, present)
    states = "SELECT pseudonym, state, waiting_since FROM subject ORDER BY pseudonym"
    assert copy.db.tuples(states) == present.db.tuples(states)
    held_then = "SELECT state_before, until FROM subject_hold"
    assert copy.db.tuples(held_then) == present.db.tuples(held_then)
    copy.db.close()


def test_what_was_corrected_since_stays_corrected(present: World, tmp_path: Path) -> None:
    """Two subjects exchange their REFs, one has a name, and the day of a visit goes on."""
    present.add("A-2")
    present.record("A-2")
    copy = present.copy(tmp_path / "copy.db")
    present.wait(days=3)
    for old, new in (("A-1", "X"), ("A-2", "A-1"), ("X", "A-2")):
        with present.act() as act:
            subjects.correct(act, old, {"ref": new, "name": f"once {old}"})
    present.record("A-1", expires="60d")
    _finish(copy, present)
    for ref in ("A-1", "A-2"):
        found, wanted = subjects.find(copy.db, ref), subjects.find(present.db, ref)
        assert (found.pseudonym, found.name) == (wanted.pseudonym, wanted.name)
        assert found.last_interaction == wanted.last_interaction
    days = "SELECT day FROM interaction ORDER BY subject_id"
    assert copy.db.tuples(days) == present.db.tuples(days)
    copy.db.close()


def test_records_that_are_as_they_were_are_not_written_again(
    present: World, tmp_path: Path
) -> None:
    for number in range(2, 6):
        present.add(f"A-{number}")
    copy = present.copy(tmp_path / "copy.db")
    with present.act() as act:
        subjects.correct(act, "A-3", {"name": "Li Na"})
    present.add("A-6")
    with copy.db.transaction():
        before = copy.db.value("SELECT total_changes()")
        subjects.take_over_records(copy.db, present.db)
        assert copy.db.value("SELECT total_changes()") == before + 2  # one row, twice
        holds.take_over_states(copy.db, present.db)
        interactions.take_over(copy.db, present.db)
        assert copy.db.value("SELECT total_changes()") == before + 2
    assert subjects.find(copy.db, "A-3").name == "Li Na"
    assert subjects.find_any(copy.db, "A-6") is None
    copy.db.close()


def test_the_time_that_the_present_database_reached_stays_reached(
    present: World, tmp_path: Path
) -> None:
    copy = present.copy(tmp_path / "copy.db")
    present.wait(days=20)
    with present.act() as act:
        act.record("test")
    reached = present.now
    copy.moment = present.moment - timedelta(days=15)  # and the clock is set back
    _finish(copy, present)
    assert time_reached.reached(copy.db) == reached
    copy.db.close()


def test_another_database_and_a_newer_backup_are_refused(present: World, tmp_path: Path) -> None:
    copy = present.copy(tmp_path / "copy.db")
    with copy.act() as act:
        act.record("test")
    with pytest.raises(BackupRefused, match="newer"):
        restore.since_in(present.db, copy.db)
    with copy.db.transaction():
        meta.put(copy.db, "database_id", "e" * 32)
    with pytest.raises(BackupRefused, match="another database"):
        restore.since_in(present.db, copy.db)
    copy.db.close()
