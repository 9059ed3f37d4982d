"""Subjects: adding, correcting, and legal holds with their copy in a restored backup."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.consent import subjects
from facecli.consent.subjects import NewSubject
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput
from facecli.errors.consent import NoHold
from tests.consent.conftest import World


def test_a_subject_is_found_by_ref_and_by_pseudonym(gate: World) -> None:
    found = subjects.find(gate.db, "A-1")
    assert subjects.find_pseudonym(gate.db, found.pseudonym) == found
    assert subjects.pseudonym_of(gate.db, "A-1") == found.pseudonym
    assert subjects.pseudonym_of(gate.db, "nobody") is None
    with pytest.raises(Unknown):
        subjects.find(gate.db, "nobody")


def test_a_ref_is_taken_once(gate: World) -> None:
    with pytest.raises(BadInput), gate.act() as act:
        subjects.add(act, NewSubject("A-1"))


def test_a_minor_needs_a_guardian(gate: World) -> None:
    with pytest.raises(BadInput, match="guardian"):
        NewSubject("M-1", minor=True).checked()


def test_correcting_keeps_the_pseudonym_and_logs_no_value(gate: World) -> None:
    before = subjects.find(gate.db, "A-1")
    with gate.act() as act:
        after = subjects.correct(act, "A-1", {"ref": "B-1", "name": "Jo Doe"})
    assert (after.ref, after.name, after.pseudonym) == ("B-1", "Jo Doe", before.pseudonym)
    entry = gate.db.value("SELECT record FROM audit_entry ORDER BY seq DESC LIMIT 1")
    assert "Jo" not in entry
    assert "B-1" not in entry


def test_a_hold_restricts_and_its_release_brings_the_state_back(gate: World) -> None:
    gate.add("C-1", alternative_only=True)
    end = "2027-01-01T00:00:00Z"
    for ref, state in (("A-1", "active"), ("C-1", "alternative-only")):
        with gate.act() as act:
            held = subjects.hold(act, ref, "case 7", end)
        assert (held.state, subjects.held_until(gate.db, held)) == ("restricted", end)
        assert subjects.hold_of(gate.db, held) == {
            "reason": "case 7", "until": end, "set_at": gate.now,
        }  # fmt: skip
        with gate.act() as act:
            assert subjects.release(act, ref).state == state
        with pytest.raises(NoHold), gate.act() as act:
            subjects.release(act, ref)


def test_the_holds_of_the_present_database_replace_those_of_a_copy(
    gate: World, tmp_path: Path
) -> None:
    gate.add("A-2")
    with gate.act() as act:
        subjects.hold(act, "A-2", "over since", "2027-01-01T00:00:00Z")
    copy = gate.copy(tmp_path / "copy.db")
    with gate.act() as act:
        subjects.release(act, "A-2")
    with gate.act() as act:
        subjects.hold(act, "A-1", "case 7", "2027-01-01T00:00:00Z")
    with copy.db.transaction():
        subjects.take_over_holds(copy.db, gate.db)
    states = {one.ref: one.state for one in subjects.list_all(copy.db)}
    assert states == {"A-1": "restricted", "A-2": "active"}
    assert subjects.holds(copy.db, gate.now) == (1, "2027-01-01T00:00:00Z")
    copy.db.close()
