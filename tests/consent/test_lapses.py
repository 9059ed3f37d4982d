"""Lapses: what was due when a subject consented anew stays due, until it is erased."""

from __future__ import annotations

import pytest

from facecli.consent import consents, lapses, retention_facts, subjects
from facecli.consent import gate as gates
from facecli.consent.consents import Evidence
from facecli.erasure import purge
from facecli.errors.consent import NoConsent
from tests.consent.conftest import World

ENGINE = "engine/1"


def _lapses(world: World) -> list[tuple[str, str]]:
    return world.db.tuples("SELECT due_at, reason FROM lapse")


def _purge(world: World) -> list[str]:
    done = purge.run(purge.survey(world.db, world.now), world.act)
    return sorted(d.what for one, _ in done for d in one.decisions)


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
        subjects.hold(act, "A-1", "case 7", "2099-01-01T00:00:00Z")
    ended.record()
    assert _purge(ended) == []
    assert len(_lapses(ended)) == 1
    with ended.act() as act:
        subjects.release(act, "A-1")
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
    gate.record(expires="1y", evidence=form)
    gate.wait(days=5)
    gate.record(expires="1y", evidence=form)  # a retry, while the first one counts
    gate.wait(days=12)
    with pytest.raises(NoConsent, match="a form counts once"):
        gate.record(expires="1y", evidence=form)


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
