"""Lapses: what was due when a subject consented anew stays due, until it is erased."""

from __future__ import annotations

import pytest

from facecli.consent import consents, holds, lapses, retention_facts, subjects
from facecli.consent import gate as gates
from facecli.consent.agreements import Evidence
from facecli.erasure import purge
from facecli.erasure.erasing import Erasable
from facecli.errors.base import Unknown
from facecli.errors.consent import FormAlreadyUsed, NoConsent
from tests.consent.conftest import World

ENGINE = "engine/1"


def _lapses(world: World) -> list[tuple[str, str]]:
    return world.db.tuples("SELECT due_at, reason FROM lapse")


def _purge(world: World) -> list[str]:
    done = purge.run(purge.survey(world.db, world.now), world.act)
    return sorted(d.what for one, _ in done if isinstance(one, Erasable) for d in one.decisions)


@pytest.fixture
def ended(gate: World) -> World:
    """A-1, whose consent ended yesterday, and no purge ran."""
    gate.record(expires="30d")
    gate.template()
    gate.wait(days=31)
    return gate


def test_a_first_and_a_renewed_consent_leave_no_lapse(gate: World) -> None:
    gate.record(expires="30d")
    gate.template()
    gate.wait(days=29)
    gate.record(expires="60d")
    assert _lapses(gate) == []


def test_a_late_consent_leaves_one_with_the_old_reason(ended: World) -> None:
    ended.record()
    assert _lapses(ended) == [("2026-12-23T09:00:00Z", "consent-expired")]


def test_the_purge_takes_what_was_due_and_the_lapse_and_keeps_the_new(ended: World) -> None:
    ended.record()
    ended.wait(days=1)
    ended.template()
    assert _purge(ended) == ["consent", "template"]
    assert _lapses(ended) == []
    [consent] = consents.of_subject(ended.db, 1)
    assert consent.expires_at > ended.now
    found = gates.permitted(ended.db, ended.purpose(), ENGINE, ended.now)
    assert len(found) == 1


def test_a_lapse_of_one_purpose_touches_no_other(ended: World) -> None:
    ended.apply("door")
    ended.record(code="door")
    ended.template(code="door")
    ended.record()
    assert len(gates.permitted(ended.db, ended.purpose("door"), ENGINE, ended.now)) == 1
    assert len(gates.permitted(ended.db, ended.purpose(), ENGINE, ended.now)) == 0


def test_a_hold_keeps_what_was_due_and_the_lapse(ended: World) -> None:
    with ended.act() as act:
        holds.hold(act, "A-1", "case 7", "2099-01-01T00:00:00Z")
    ended.record()
    assert _purge(ended) == []
    assert len(_lapses(ended)) == 1
    with ended.act() as act:
        holds.release(act, "A-1")
    assert len(gates.permitted(ended.db, ended.purpose(), ENGINE, ended.now)) == 0
    assert _purge(ended) == ["consent", "template"]


def test_new_and_old_are_not_told_apart_by_a_clock_that_is_behind(ended: World) -> None:
    with ended.act() as act:
        act.record("test")
    ended.wait(hours=-1)
    with pytest.raises(NoConsent, match="the clock is behind"):
        ended.record()
    assert _lapses(ended) == []


@pytest.mark.rule("due-is-not-used")
def test_nobody_can_be_enrolled_under_the_consent_that_lapsed(gate: World) -> None:
    gate.apply(inactive_after="10d")
    gate.record(expires="1y")
    gate.template()
    gate.wait(days=12)
    subject = subjects.find(gate.db, "A-1")
    with pytest.raises(NoConsent, match="inactive since"):
        gates.require(gate.db, subject, gate.purpose(), gate.now)
    gate.wait(seconds=1)
    gate.record(expires="1y")
    assert gates.require(gate.db, subject, gate.purpose(), gate.now)
    fact = retention_facts.of_one(gate.db, subject)
    assert [one.reason for one in fact.lapses] == ["inactive"]
    assert lapses.of_purpose(gate.db, gate.purpose().purpose_id) == {1: gate.now}


def test_a_form_whose_consent_lapsed_counts_no_second_time(gate: World) -> None:
    form = Evidence("ab" * 32, None)
    gate.apply(inactive_after="10d")
    first = gate.record(expires="1y", evidence=form)
    gate.wait(days=5)
    assert gate.ensure(expires="1y", evidence=form) == first  # a retry, while it counts
    gate.wait(days=12)
    for again in (gate.record, gate.ensure):
        with pytest.raises(FormAlreadyUsed):
            again(expires="1y", evidence=form)


@pytest.mark.rule("due-is-not-used")
def test_a_photo_that_lapsed_is_not_looked_at(ended: World) -> None:
    with ended.db.transaction():
        old = ended.db.insert(
            "sample", subject_id=1, purpose_id=1, captured_at="2026-11-24T00:00:00Z", photo=b"x"
        )
    ended.apply(retain_photo="1y")
    ended.record()
    with ended.db.transaction():
        ended.db.insert("sample", subject_id=1, purpose_id=1, captured_at=ended.now, photo=b"y")
    assert gates.due_photos(ended.db, subjects.find(ended.db, "A-1"), ended.now) == {old}


def test_a_clock_that_is_far_ahead_ends_nothing_for_good(gate: World) -> None:
    """While it is ahead, nothing is used and nothing can be consented to; then all is as before."""
    gate.record(expires="60d")
    gate.template()
    right = gate.moment
    gate.wait(days=393)
    with pytest.raises(NoConsent, match="too far ahead"):
        gate.record(expires="30d")
    with gate.act() as act:
        act.record("match")
    gate.moment = right
    assert gate.db.value("SELECT count(*) FROM lapse") == 0
    subject, purpose = subjects.find(gate.db, "A-1"), gate.purpose()
    assert lapses.left_behind(gate.db, subject, purpose, gate.now) is None


# -- a purpose that is met ------------------------------------------------------------------


def complete(world: World, code: str = "gate") -> None:
    with world.act() as act:
        lapses.complete(act, subjects.find(act.db, "A-1"), world.purpose(code))


def found(world: World, code: str = "gate") -> int:
    return len(gates.permitted(world.db, world.purpose(code), ENGINE, world.now))


@pytest.mark.rule("earliest-deletion")
def test_what_is_held_for_a_purpose_that_is_met_is_due_at_once(gate: World) -> None:
    gate.apply("door")
    for code in ("gate", "door"):
        gate.record(code=code)
        gate.template(code=code)
    complete(gate)  # in the same second
    assert (found(gate), found(gate, "door")) == (0, 1)
    surveyed = purge.survey(gate.db, gate.now)
    assert {d.reason for one in surveyed.found for d in one.decisions} == {"purpose-met"}
    assert _purge(gate) == ["consent", "template"]
    assert _lapses(gate) == []
    assert found(gate, "door") == 1


def test_the_last_purpose_that_is_met_takes_the_subject(gate: World) -> None:
    gate.record()
    complete(gate)
    complete(gate)  # twice is once
    gate.wait(days=1)
    assert _purge(gate) == ["consent", "subject"]


def test_the_next_parcel_is_a_new_consent_and_a_new_enrolment(gate: World) -> None:
    gate.record()
    gate.template()
    complete(gate)
    with pytest.raises(NoConsent, match="in this very second"):
        gate.record()
    gate.wait(seconds=1)
    gate.record()
    gate.template()
    assert found(gate) == 1
    assert _purge(gate) == ["consent", "template"]
    assert found(gate) == 1


def test_a_hold_keeps_what_is_met_and_it_stays_due(gate: World) -> None:
    gate.record()
    gate.template()
    with gate.act() as act:
        holds.hold(act, "A-1", "case 7", "2099-01-01T00:00:00Z")
    complete(gate)
    assert _purge(gate) == []
    with gate.act() as act:
        holds.release(act, "A-1")
    assert found(gate) == 0
    assert _purge(gate) == ["consent", "subject", "template"]


def test_nothing_to_complete_is_an_error(gate: World) -> None:
    with pytest.raises(Unknown, match="of A-1 to the purpose gate"):
        complete(gate)


def test_a_clock_that_is_behind_completes_what_was_made_before_it_was_set(gate: World) -> None:
    gate.record()
    gate.template()
    gate.wait(hours=-1)
    complete(gate)
    assert found(gate) == 0
