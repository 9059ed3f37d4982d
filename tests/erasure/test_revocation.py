"""Withdrawal: for one purpose or all, under a hold, and of somebody who never consented."""

from __future__ import annotations

import pytest

from facecli.consent import consents, holds, subjects
from facecli.erasure import revocation
from facecli.errors.base import Unknown
from facecli.errors.erasure import SubjectHeld
from tests.consent.conftest import World

END = "2027-06-30T00:00:00Z"


def _revoke(world: World, purpose: str | None = None) -> revocation.Revocation:
    with world.act() as act:
        return revocation.revoke(act, "A-1", purpose, None)


def _hold(world: World) -> None:
    with world.act() as act:
        holds.hold(act, "A-1", "case 7", END)


@pytest.fixture
def enrolled(gate: World) -> World:
    """A-1, enrolled for two purposes."""
    gate.apply("door")
    for code in ("gate", "door"):
        gate.record(code=code)
        gate.template(code=code)
    return gate


def test_withdrawing_for_one_purpose_leaves_the_other(enrolled: World) -> None:
    done = _revoke(enrolled, "gate")
    assert [one.what for one in done.decisions] == ["template", "consent"]
    kept = consents.of_subject(enrolled.db, 1)
    assert [one.purpose for one in kept] == ["door"]


def test_withdrawing_all_erases_the_subject(enrolled: World) -> None:
    done = _revoke(enrolled)
    assert sorted(one.what for one in done.decisions) == [
        "consent", "consent", "subject", "template", "template",
    ]  # fmt: skip
    assert subjects.find_any(enrolled.db, "A-1") is None


def test_a_hold_postpones_the_erasure_and_not_the_withdrawal(enrolled: World) -> None:
    _hold(enrolled)
    assert _revoke(enrolled).held
    assert all(one.withdrawn_at == enrolled.now for one in consents.of_subject(enrolled.db, 1))
    assert enrolled.db.value("SELECT count(*) FROM template") == 2


def test_the_plan_is_what_is_done_and_changes_nothing(enrolled: World) -> None:
    planned = revocation.plan(enrolled.db, "A-1", "gate", enrolled.now)
    assert enrolled.db.value("SELECT count(*) FROM consent WHERE withdrawn_at IS NOT NULL") == 0
    assert _revoke(enrolled, "gate") == planned


def test_somebody_without_a_consent_is_removed_from_the_list(gate: World) -> None:
    assert [one.what for one in _revoke(gate).decisions] == ["subject"]


def test_what_cannot_be_withdrawn_is_refused(gate: World) -> None:
    for ref, purpose in (("nobody", None), ("A-1", "none"), ("A-1", "gate")):
        with pytest.raises(Unknown):
            revocation.plan(gate.db, ref, purpose, gate.now)
    _hold(gate)
    with pytest.raises(SubjectHeld):
        revocation.plan(gate.db, "A-1", None, gate.now)
