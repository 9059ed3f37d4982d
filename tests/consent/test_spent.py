"""A consent that ended counts only once: by form, by REF, and over a change of the REF."""

from __future__ import annotations

from pathlib import Path

from facecli.consent import spent
from tests.consent.conftest import World

FORM = "ab" * 32
OTHER = "cd" * 32


def _remember(world: World, consent_id: int) -> str:
    with world.db.transaction():
        spent.remember(world.db, [consent_id], world.now)
    return world.now


def test_an_ended_consent_is_known_by_its_form_and_without_one(gate: World) -> None:
    from facecli.consent.consents import Evidence

    consent = gate.record(evidence=Evidence(FORM, None))
    at = _remember(gate, consent.consent_id)
    assert spent.ended_at(gate.db, "A-1", "gate", FORM) == at
    assert spent.ended_at(gate.db, "A-1", "gate") == at
    assert spent.ended_at(gate.db, "A-1", "gate", OTHER) is None
    assert spent.ended_at(gate.db, "A-2", "gate", FORM) is None
    assert spent.ended_at(gate.db, "A-1", "door", FORM) is None


def test_the_latest_end_counts(gate: World) -> None:
    consent = gate.record()
    _remember(gate, consent.consent_id)
    gate.wait(days=3)
    last = _remember(gate, consent.consent_id)
    gate.moment = gate.moment.replace(year=2020)
    _remember(gate, consent.consent_id)
    assert spent.ended_at(gate.db, "A-1", "gate") == last


def test_a_changed_ref_takes_its_ends_along_and_closes_the_old_one(gate: World) -> None:
    first = gate.record()
    ended = _remember(gate, first.consent_id)
    gate.wait(days=1)
    with gate.db.transaction():
        spent.follow(gate.db, 1, "A-1", "B-1", gate.now)
    assert spent.ended_at(gate.db, "B-1", "gate") == ended
    assert spent.ended_at(gate.db, "A-1", "gate") == gate.now


def test_only_digests_are_kept(gate: World) -> None:
    consent = gate.record()
    _remember(gate, consent.consent_id)
    (row,) = gate.db.tuples("SELECT tag FROM spent_consent LIMIT 1")
    assert len(row[0]) == 32
    assert b"A-1" not in row[0]


def test_what_a_restore_cannot_know_is_noted(gate: World) -> None:
    assert spent.unknown_until(gate.db) is None
    with gate.db.transaction():
        spent.forget_before(gate.db, gate.now)
    assert spent.unknown_until(gate.db) == gate.now


def test_the_present_databases_ends_replace_those_of_a_copy(gate: World, tmp_path: Path) -> None:
    consent = gate.record()
    copy = gate.copy(tmp_path / "copy.db")
    ended = _remember(gate, consent.consent_id)
    copy.wait(days=9)
    _remember(copy, consent.consent_id)  # as a restore that erases again does
    with copy.db.transaction():
        spent.take_over(copy.db, gate.db)
    assert spent.ended_at(copy.db, "A-1", "gate") == ended
    copy.db.close()
