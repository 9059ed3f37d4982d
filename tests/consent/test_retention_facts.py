"""The facts and terms from which the policy decides."""

from __future__ import annotations

import pytest

from facecli.consent import consents, purposes, retention_facts, subjects
from facecli.consent.retention import ALWAYS, NEVER, Span, due_or_held
from tests.consent.conftest import World


@pytest.fixture
def two(gate: World) -> World:
    """A-1 with a consent and a template; A-2 with nothing; A-3 with two templates."""
    gate.record()
    gate.template()
    gate.add("A-2")
    gate.add("A-3")
    gate.record("A-3")
    gate.template("A-3")
    gate.template("A-3")
    return gate


def test_everything_of_a_subject_is_in_their_facts_and_nothing_of_others(two: World) -> None:
    facts = {fact.ref: fact for fact in retention_facts.everybody(two.db)}
    assert {ref: (len(fact.consents), len(fact.things)) for ref, fact in facts.items()} == {
        "A-1": (1, 1), "A-2": (0, 0), "A-3": (1, 2),
    }  # fmt: skip
    [thing] = facts["A-1"].things
    assert (thing.what, thing.purpose, thing.created_at) == ("template", "gate", two.now)
    [consent] = facts["A-1"].consents
    assert (consent.purpose, consent.version, consent.withdrawn_at) == ("gate", 1, None)


def test_the_facts_of_some_are_as_among_everybody(two: World) -> None:
    whole = {fact.item_id: fact for fact in retention_facts.everybody(two.db)}
    assert list(retention_facts.among(two.db, [3, 1])) == [whole[1], whole[3]]
    assert list(retention_facts.among(two.db, [])) == []
    assert retention_facts.of_one(two.db, subjects.find(two.db, "A-3")) == whole[3]


def test_a_subject_read_again_is_the_same_person_or_none(two: World) -> None:
    fact = retention_facts.of_one(two.db, subjects.find(two.db, "A-1"))
    two.template()
    now = retention_facts.again(two.db, fact)
    assert now is not None
    assert len(now.things) == 2
    # Another person with the same REF is not the subject that was read before.
    assert retention_facts.again(two.db, fact._replace(pseudonym="other")) is None
    assert retention_facts.again(two.db, fact._replace(ref="A-9")) is None


def test_the_present_terms_count_from_their_revision_on(gate: World) -> None:
    first = retention_facts.rules_of(gate.db, "gate").retain["match"]
    assert first == (Span("30d", ALWAYS, NEVER),)
    gate.wait(days=10)
    gate.apply(retain_match="7d")
    revised = gate.now
    assert retention_facts.rules_of(gate.db, "gate").retain["match"] == (
        # the longer length of the past ended nothing that the present one would not
        Span("7d", revised, NEVER),
    )


def test_a_shorter_length_of_the_past_counts_for_its_time(gate: World) -> None:
    gate.wait(days=10)
    gate.apply(retain_match="90d")
    revised = gate.now
    rules = retention_facts.rules_of(gate.db, "gate")
    assert rules.retain["match"] == (Span("30d", ALWAYS, revised), Span("90d", revised, NEVER))
    [(version, since, _)] = rules.superseded
    assert (version, since) == (2, revised)


def test_each_purpose_has_its_own_terms(gate: World) -> None:
    gate.apply("door", inactive_after="1d")
    with gate.act() as act:
        purposes.retire(act, "gate")
    rules = retention_facts.rules(gate.db)
    assert rules.keys() == {"gate", "door"}
    assert (rules["gate"].retired_at, rules["door"].retired_at) == (gate.now, None)
    assert rules["door"].inactive_after == (Span("1d", ALWAYS, NEVER),)


def test_whoever_the_policy_finds_may_be_due(two: World) -> None:
    rules = retention_facts.rules(two.db)
    assert retention_facts.maybe_due(two.db, rules, two.now) == [2]  # without a consent
    with two.act() as act:
        consents.withdraw(act, subjects.find(act.db, "A-1"), None)
        act.record("consent.withdraw")
    assert retention_facts.maybe_due(two.db, rules, two.now) == [1, 2]
    two.wait(days=3000)
    everybody = list(retention_facts.everybody(two.db))
    due = [one.item_id for one in everybody if due_or_held(one, rules, two.now)]
    assert due == [1, 2, 3]
    assert retention_facts.maybe_due(two.db, rules, two.now) == due


def test_things_can_be_due_by_their_own_retention_only(gate: World) -> None:
    gate.apply(retain_template="5d")
    gate.record()
    gate.template()
    rules = retention_facts.rules(gate.db)
    assert retention_facts.maybe_due(gate.db, rules, gate.now) == []
    gate.wait(days=6)
    assert retention_facts.doubtful(gate.db, rules, gate.now) == []
    assert retention_facts.maybe_due(gate.db, rules, gate.now) == [1]


def _groups(world: World, until: str = "2090-01-01T00:00:00Z") -> list[tuple[str, int]]:
    rules = retention_facts.rules(world.db)
    ids = [fact.item_id for fact in retention_facts.everybody(world.db)]
    alike = retention_facts.alike(world.db, ids, rules, until)
    return [(fact.ref, number) for fact, number in alike]


@pytest.mark.parametrize(
    ("change", "ended_first"),
    [
        ("UPDATE consent SET expires = unixepoch('2027-01-01') WHERE subject_id = 2", True),
        ("UPDATE interaction SET day_number = 20454 WHERE subject_id = 2", True),
        ("UPDATE template SET created = unixepoch('2026-01-01') WHERE subject_id = 2", True),
        ("UPDATE consent SET version = 2 WHERE subject_id = 2", False),
        ("UPDATE consent SET withdrawn_at = '2026-01-01T00:00:00Z' WHERE subject_id = 2", False),
        ("UPDATE subject SET state = 'alternative-only' WHERE id = 2", False),
        ("INSERT INTO lapse (subject_id, purpose_id, before, due_at, reason)"
         " VALUES (2, 1, '2026', '2026', 'inactive')", False),
        ("INSERT INTO subject_hold (subject_id, reason, set_at, until, state_before)"
         " VALUES (2, 'r', '2026', '2027', 'active')", False),
    ],
)  # fmt: skip
def test_subjects_are_alike_if_all_that_decides_by_then_is_equal(
    gate: World, change: str, ended_first: bool
) -> None:
    for ref in ("A-1", "A-2", "A-3"):
        if ref != "A-1":
            gate.add(ref)
        gate.record(ref)
        gate.template(ref)
    assert _groups(gate) == [("A-1", 3)]
    gate.db.execute(change)
    assert _groups(gate) == [("A-1", 2), ("A-2", 1)]
    # What ends only after the time in question does not tell subjects apart.
    assert _groups(gate, "2026-01-01T00:00:00Z") == ([("A-1", 3)] if ended_first else _groups(gate))


def test_nobody_is_like_a_subject_without_a_consent(two: World) -> None:
    two.add("A-4")
    assert _groups(two) == [("A-1", 1), ("A-2", 1), ("A-3", 1), ("A-4", 1)]
