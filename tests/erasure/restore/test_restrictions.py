"""Repeating restrictions from log entries alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.audit import stored_entries
from facecli.consent import consents, dates, holds, lapses, purposes, subject_states, subjects
from facecli.consent import gate as gates
from facecli.consent.register import elsewhere, requests
from facecli.consent.register.elsewhere import Case
from facecli.erasure.restore import restrictions
from tests.consent.conftest import World


def _repeat(world: World, copy: World, size: int) -> None:
    """Do in the copy what the log of the world records after the first `size` entries."""
    entries = [
        {**one, restrictions.BELIEVED: one["at"]}
        for one in stored_entries.after(world.db, size)
        if one["action"] in restrictions.ACTIONS
    ]
    with copy.act() as act:
        act.record("test")
        restrictions.restrict(act, entries)
        restrictions.restrict(act, entries[-1:])  # an entry of two exports


def test_restrictions_since_a_backup_are_repeated(gate: World, tmp_path: Path) -> None:
    gate.apply("door")
    gate.apply("shop")
    for ref in ("A-2", "A-3"):
        gate.add(ref)
    for ref in ("A-1", "A-2", "A-3"):
        gate.record(ref)
    copy = gate.copy(tmp_path / "copy.db")
    size = gate.db.value("SELECT count(*) FROM audit_entry")
    withdrawn_at = gate.wait(days=1)
    with gate.act() as act:
        withdrawn = consents.withdraw(act, subjects.find(act.db, "A-1"), None)
        pseudonym = subjects.find(act.db, "A-1").pseudonym
        act.record("consent.withdraw", subject_id=pseudonym, details={"consents": withdrawn})
    for ref in ("A-2", "A-3"):
        with gate.act() as act:
            holds.hold(act, ref, "case 7", "2027-06-30T00:00:00Z")
    with gate.act() as act:
        holds.release(act, "A-3")
    gate.apply("door", scope="wider")
    with gate.act() as act:
        purposes.retire(act, "shop")
    with gate.act() as act:
        dates.set_zone(act, "Asia/Shanghai")
    copy.wait(days=5)
    _repeat(gate, copy, size)
    assert [one.withdrawn_at for one in consents.of_subject(copy.db, 1)] == [withdrawn_at]
    states = {one.ref: one.state for one in subjects.list_all(copy.db)}
    assert states == {"A-1": "active", "A-2": "restricted", "A-3": "active"}
    hold = holds.of(copy.db, subjects.find(copy.db, "A-2"))
    assert hold is not None
    assert "case 7" not in hold["reason"]
    door, shop = copy.purpose("door"), copy.purpose("shop")
    assert door.is_lost
    assert door.version == 2
    assert shop.retired_at == gate.now
    assert dates.zone_of(copy.db) == "Asia/Shanghai"
    copy.apply("door", scope="wider")
    assert not copy.purpose("door").is_lost
    assert copy.purpose("door").version == 2
    copy.db.close()


def test_subjects_and_purposes_that_a_backup_lacks_are_skipped(
    world: World, tmp_path: Path
) -> None:
    copy = world.copy(tmp_path / "copy.db")
    world.apply()
    world.add()
    with world.act() as act:
        holds.hold(act, "A-1", "case 7", "2027-06-30T00:00:00Z")
    with world.act() as act:
        purposes.retire(act, "gate")
    _repeat(world, copy, 0)
    assert subjects.list_all(copy.db) == []
    assert purposes.list_all(copy.db) == []
    copy.db.close()


def test_purposes_that_are_met_and_choices_are_repeated(gate: World, tmp_path: Path) -> None:
    for ref in ("A-2", "A-3"):
        gate.add(ref)
    for ref in ("A-1", "A-2", "A-3"):
        gate.record(ref)
        gate.template(ref)
    copy = gate.copy(tmp_path / "copy.db")
    size = gate.db.value("SELECT count(*) FROM audit_entry")
    gate.wait(days=1)
    with gate.act() as act:
        lapses.complete(act, subjects.find(act.db, "A-1"), gate.purpose())
    with gate.act() as act:
        subject_states.begin_alternative_only(act, "A-2")
    with gate.act() as act:
        subject_states.begin_alternative_only(act, "A-3")
    with gate.act() as act:
        subject_states.end_alternative_only(act, "A-3")
    copy.wait(days=5)
    _repeat(gate, copy, size)
    states = {one.ref: one.state for one in subjects.list_all(copy.db)}
    assert states == {"A-1": "active", "A-2": "alternative-only", "A-3": "active"}
    assert len(gates.permitted(copy.db, copy.purpose(), "engine/1", copy.now)) == 0
    done = [one["action"] for one in stored_entries.after(copy.db, size)]
    assert done.count("subject.complete") == 1
    copy.db.close()


@pytest.mark.rule("held-elsewhere")
def test_requests_answers_and_confirmations_are_repeated(gate: World, tmp_path: Path) -> None:
    with gate.act() as act:
        subject = subjects.find(act.db, "A-1")
        items = [elsewhere.add(act, subject, "photo", "Vendor", None) for _ in range(3)]
        old = requests.record(act, subject, "access", None)
    copy = gate.copy(tmp_path / "copy.db")
    size = gate.db.value("SELECT count(*) FROM audit_entry")
    gate.wait(days=1)
    with gate.act() as act:
        requests.answer(act, old.request_id, "no", "a reason")
        new = requests.record(act, subject, "complain", None)
        elsewhere.confirm(act, items[0].item_id, "e" * 64)
        elsewhere.leave(act.db, [subject.subject_id], {1: Case("c" * 16, act.now)})
        elsewhere.confirm(act, items[1].item_id, "e" * 64)
    gate.wait(days=400)
    with gate.act() as act:
        act.record("test")
        elsewhere.expire(act)
    with copy.db.transaction():  # the erasure is repeated before
        elsewhere.leave(copy.db, [subject.subject_id], {1: Case("c" * 16, copy.now)})
    copy.wait(days=5)
    _repeat(gate, copy, size)
    assert elsewhere.list_all(copy.db) == []
    refused, still_open = requests.list_all(copy.db)
    assert (refused.request_id, refused.answer) == (old.request_id, requests.LOST)
    assert refused.refused == requests.LOST
    assert (still_open.request_id, still_open.state(copy.now)) == (new.request_id, "open")
    copy.db.close()


def test_an_item_of_a_subject_is_confirmed_again(gate: World, tmp_path: Path) -> None:
    with gate.act() as act:
        item = elsewhere.add(act, subjects.find(act.db, "A-1"), "photo", "Vendor", None)
    copy = gate.copy(tmp_path / "copy.db")
    size = gate.db.value("SELECT count(*) FROM audit_entry")
    gate.wait(days=1)
    with gate.act() as act:
        elsewhere.confirm(act, item.item_id, "e" * 64)
    copy.wait(days=5)
    _repeat(gate, copy, size)
    assert elsewhere.list_all(copy.db) == elsewhere.list_all(gate.db)
    copy.db.close()
