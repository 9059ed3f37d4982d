"""Offers of the alternative: who was offered it, who took it, who chose otherwise later."""

from __future__ import annotations

import pytest

from facecli.consent import subject_states, subjects
from facecli.consent.register import alternatives
from facecli.consent.register.alternatives import Offer
from tests.consent.conftest import World
from tests.consent.register.conftest import entries


def offers(world: World, ref: str = "A-1") -> list[Offer]:
    return alternatives.of_subject(world.db, subjects.find(world.db, ref).subject_id)


@pytest.mark.rule("free-choice")
def test_a_consent_after_the_offer_is_a_choice_of_the_face(world: World) -> None:
    world.apply()
    world.add(offered_alternative=True)
    day = world.now[:10]
    assert offers(world) == [Offer(None, day, None, False)]
    world.record(offered_alternative=True)
    assert offers(world) == [Offer(None, day, "face", False), Offer("gate", day, "face", False)]
    assert [one["action"] for one in entries(world)].count("alternative.offer") == 2
    none_taken = {"offered": 1, "taken": 0, "changed": 0}
    assert alternatives.count(world.db) == {"": none_taken, "gate": {**none_taken, "offered": 0}}


def test_without_an_offer_a_choice_leaves_nothing(world: World) -> None:
    world.apply()
    world.add()
    world.record()
    assert offers(world) == []


def test_the_same_agreement_again_is_no_second_offer(world: World) -> None:
    world.apply()
    world.add()
    given = {"given": world.now[:10]}
    world.ensure(**given)
    assert offers(world) == []
    for _ in range(2):
        world.ensure(**given, offered_alternative=True)
    assert [one.purpose for one in offers(world)] == ["gate"]


@pytest.mark.rule("free-choice")
def test_alternative_only_is_a_choice_and_a_later_consent_a_change(world: World) -> None:
    world.apply()
    world.add("A-1", alternative_only=True, offered_alternative=True)
    world.add("A-2", offered_alternative=True)
    world.record("A-2")
    with world.act() as act:
        subject_states.begin_alternative_only(act, "A-2")
    with world.act() as act:
        subject_states.end_alternative_only(act, "A-1")
    assert [one.choice for one in offers(world)] == ["alternative"]
    assert not offers(world)[0].changed
    world.record("A-1")
    assert [(one.choice, one.changed) for one in offers(world)] == [("alternative", True)]
    assert [(one.choice, one.changed) for one in offers(world, "A-2")] == [("face", True)]
    assert alternatives.count(world.db)[""] == {"offered": 2, "taken": 1, "changed": 2}


def test_a_choice_for_one_purpose_leaves_the_offer_for_another(world: World) -> None:
    world.apply("gate")
    world.apply("staff")
    world.add()
    world.record("A-1", "gate", offered_alternative=True)
    number = subjects.find(world.db, "A-1").subject_id
    with world.db.transaction():
        alternatives.choose(world.db, number, "alternative", world.purpose("staff").purpose_id)
    assert [(one.purpose, one.choice) for one in offers(world)] == [("gate", "face")]
    assert not offers(world)[0].changed


@pytest.mark.rule("pseudonyms-after-erasure")
def test_the_numbers_survive_and_nothing_else(world: World) -> None:
    world.apply()
    for ref in ("A-1", "A-2"):
        world.add(ref)
        world.record(ref, offered_alternative=True)
    before = alternatives.count(world.db)
    with world.db.transaction():
        alternatives.leave(world.db, [subjects.find(world.db, "A-1").subject_id])
    assert offers(world, "A-1") == []
    assert alternatives.count(world.db) == before
    assert before["gate"] == {"offered": 2, "taken": 0, "changed": 0}


def test_a_person_counts_once_before_and_after_the_erasure(world: World) -> None:
    world.apply()
    world.add("A-1", offered_alternative=True)
    world.record("A-1", offered_alternative=True)
    world.add("A-2")
    world.record("A-2", offered_alternative=True)
    for ref in ("A-1", "A-2"):
        with world.act() as act:
            subject_states.begin_alternative_only(act, ref)
    once = {"offered": 1, "taken": 0, "changed": 1}
    assert alternatives.count(world.db) == {"": once, "gate": once}
    numbers = [subjects.find(world.db, ref).subject_id for ref in ("A-1", "A-2")]
    for number in numbers:
        with world.db.transaction():
            alternatives.leave(world.db, [number])
        assert alternatives.count(world.db) == {"": once, "gate": once}
