"""Whom to ask again after a new version: everybody that it has suspended, and nobody else."""

from __future__ import annotations

import pytest

from facecli.consent import asking_again, subject_states
from tests.consent.conftest import World


def asked(world: World, code: str = "gate") -> dict[str, asking_again.AskAgain]:
    found = asking_again.people(world.db, world.purpose(code), world.now)
    assert [one.subject.ref for one in found] == sorted(one.subject.ref for one in found)
    return {one.subject.ref: one for one in found}


@pytest.mark.rule("agree-again-in-time")
def test_those_whom_a_new_version_suspends_are_asked_until_their_data_is_due(world: World) -> None:
    world.apply()
    for ref in ("B", "A", "ended", "withdrawn", "other-way", "again"):
        world.add(ref, name=f"Name of {ref}")
        consent = world.record(ref, expires="5d" if ref == "ended" else "1y")
        if ref == "withdrawn":
            world.withdraw(consent)
    world.add("never")
    world.wait(days=10)
    with world.act() as act:
        subject_states.begin_alternative_only(act, "other-way")
    assert asked(world) == {}
    since = world.wait(hours=1)
    world.apply(scope="two more gates", ask_again_within="20d")
    world.record("again")
    found = asked(world)
    assert list(found) == ["A", "B"]
    one = found["A"]
    assert (one.agreed, one.purpose.version, one.subject.name) == (1, 2, "Name of A")
    assert {name for name, _, _ in one.changes} == {"scope", "ask_again_within"}
    assert one.due_at == since.replace("2026-12-03", "2026-12-23")
    assert one.last_day == "2026-12-22"
    assert one.notice_lang == "en"
    world.wait(days=21)  # it is due, and nobody purged: they can still be told
    assert list(asked(world)) == ["A", "B"]


def test_what_changed_is_told_from_the_version_agreed_to(world: World) -> None:
    world.apply()
    world.add("A")
    world.record("A")
    world.wait(days=1)
    world.apply(scope="second")
    world.add("B")
    world.record("B")
    world.wait(days=1)
    world.apply(scope="third", necessity="another")
    found = asked(world)
    assert [(one.agreed, len(one.changes)) for one in found.values()] == [(1, 2), (2, 2)]
    assert ("scope", "second", "third") in found["B"].changes
    assert found["A"].due_at < found["B"].due_at


def test_the_guardian_is_asked_for_a_minor(world: World) -> None:
    world.apply()
    world.add("M", minor=True, guardian="Li Na")
    world.record("M", guardian="Li Na")
    world.wait(days=1)
    world.apply(scope="second")
    assert asked(world)["M"].subject.guardian == "Li Na"
