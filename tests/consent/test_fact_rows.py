"""The rows from which retention is decided: whose, in which order, and who may need a decision."""

from __future__ import annotations

import pytest

from facecli.consent import (
    consents,
    fact_rows,
    holds,
    interactions,
    purpose_revisions,
    purposes,
    subjects,
)
from facecli.store.database import id_list
from tests.consent.conftest import World


@pytest.fixture
def three(gate: World) -> World:
    """A-1 to A-3, who agreed in the opposite order; A-2 agreed to a second purpose too."""
    gate.apply("door")
    for ref in ("A-2", "A-3"):
        gate.add(ref)
    for ref in ("A-3", "A-2", "A-1"):
        gate.record(ref)
    gate.record("A-2", "door")
    return gate


def test_consents_are_sorted_by_subject_with_the_last_day_of_that_purpose(three: World) -> None:
    with three.act() as act:
        interactions.note(act, 2, three.purpose("door").purpose_id)
        act.record("test")
    three.db.execute(
        "UPDATE interaction SET day_number = unixepoch('2026-12-24') / 86400 WHERE subject_id = 2"
    )
    three.db.execute(
        "DELETE FROM interaction WHERE purpose_id = ?", (three.purpose("gate").purpose_id,)
    )
    found = list(fact_rows.consents(three.db, None))
    assert [row[0] for row in found] == [1, 2, 2, 3]
    codes = purpose_revisions.codes(three.db)
    days = {(row[0], codes[row[2]]): row[7] for row in found}
    assert days == {
        (1, "gate"): None, (2, "gate"): None, (2, "door"): "2026-12-24", (3, "gate"): None,
    }  # fmt: skip


def test_only_the_subjects_asked_for_are_returned(three: World) -> None:
    among = id_list([3, 1])
    assert [row[0] for row in fact_rows.subjects(three.db, among)] == [1, 3]
    assert [row[0] for row in fact_rows.consents(three.db, among)] == [1, 3]
    assert list(fact_rows.subjects(three.db, id_list([]))) == []
    assert [row[1] for row in fact_rows.subjects(three.db, None)] == ["A-1", "A-2", "A-3"]


def test_a_hold_comes_with_its_subject(three: World) -> None:
    with three.act() as act:
        holds.hold(act, "A-2", "case 7", "2027-06-30T00:00:00Z")
    held = {row[1]: row[4] for row in fact_rows.subjects(three.db, None)}
    assert held == {"A-1": None, "A-2": "2027-06-30T00:00:00Z", "A-3": None}


def test_lapses_are_sorted_by_subject(three: World) -> None:
    for subject_id in (3, 1):
        three.db.insert(
            "lapse", subject_id=subject_id, purpose_id=1, before="b", due_at="d", reason="inactive"
        )
    assert list(fact_rows.lapses(three.db, None)) == [
        (1, 1, "b", "d", "inactive"),
        (3, 1, "b", "d", "inactive"),
    ]
    assert [row[0] for row in fact_rows.lapses(three.db, id_list([3]))] == [3]


def test_nobody_whose_consents_last_needs_a_decision(three: World) -> None:
    assert fact_rows.ending(three.db, three.now) == []


def test_a_consent_that_ends_by_then_needs_one(three: World) -> None:
    end = three.db.value("SELECT min(expires_at) FROM consent")
    before = three.db.value("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', ?, '-1 second')", (end,))
    assert fact_rows.ending(three.db, before) == []
    assert sorted(fact_rows.ending(three.db, end)) == [1, 2, 3]


def test_each_reason_for_a_decision_is_found(three: World) -> None:
    with three.act() as act:
        consents.withdraw(act, subjects.find(act.db, "A-1"), None)
        act.record("consent.withdraw")
    assert fact_rows.ending(three.db, three.now) == [1]
    three.add("A-4")  # never agreed
    assert fact_rows.ending(three.db, three.now) == [1, 4]
    three.apply("door", scope="another door")  # A-2 agreed to the version before
    assert fact_rows.ending(three.db, three.now) == [1, 2, 4]
    with three.act() as act:
        holds.hold(act, "A-3", "case 7", "2027-06-30T00:00:00Z")
    assert fact_rows.ending(three.db, three.now) == [1, 2, 3, 4]


def test_a_retired_purpose_needs_a_decision_for_everybody_who_agreed_to_it(three: World) -> None:
    with three.act() as act:
        purposes.retire(act, "door")
    assert fact_rows.ending(three.db, three.now) == [2]


def test_a_lapse_needs_a_decision(three: World) -> None:
    three.db.insert("lapse", subject_id=3, purpose_id=1, before="b", due_at="d", reason="inactive")
    assert fact_rows.ending(three.db, three.now) == [3]
