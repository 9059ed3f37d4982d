"""Searches in the lists: by purpose, by a part of the name, and by what soon ends."""

from __future__ import annotations

import pytest

from facecli.consent import searches
from facecli.times import add
from tests.consent.conftest import World


@pytest.fixture
def people(world: World) -> World:
    """Subjects with consents that end at different times."""
    world.apply("gate")
    world.apply("staff")
    for ref, name in (("A", "Li Wei"), ("B", "LI Na"), ("C", None), ("D", "Jo")):
        world.add(ref, name=name)
    world.record("A", "gate", expires="10d")
    world.record("B", "gate", expires="40d")
    world.record("C", "staff", expires="10d")
    return world


def ending(world: World, length: str, purpose: str | None = None) -> list[int]:
    until = add(world.now, length)
    return sorted(searches.expiring(world.db, world.now, until, purpose))


def test_what_ends_within_the_time_is_found(people: World) -> None:
    assert ending(people, "9d") == []
    assert ending(people, "10d") == [1, 3]
    assert ending(people, "10d", "staff") == [3]
    assert ending(people, "40d") == [1, 2, 3]
    people.wait(days=10)
    assert ending(people, "30d") == [2]  # the others are over


def test_what_is_renewed_withdrawn_or_of_an_old_version_is_left_out(people: World) -> None:
    people.record("A", "gate", expires="1y")
    assert ending(people, "30d") == [3]
    assert ending(people, "1y") == [2, 3, 4]
    people.wait(days=1)
    people.apply("staff", scope="wider")
    assert ending(people, "30d") == []


def test_subjects_are_found_by_purpose_and_name(people: World) -> None:
    def refs(**conditions: object) -> list[str]:
        return [one.ref for one in searches.subjects_who(people.db, **conditions)]  # type: ignore[arg-type]

    gate = people.purpose("gate").purpose_id
    assert refs() == ["A", "B", "C", "D"]
    assert refs(purpose_id=gate) == ["A", "B"]
    assert refs(name="li") == ["A", "B"]
    assert refs(name="wei", purpose_id=gate) == ["A"]
    assert refs(name="%") == []
    assert refs(among=set()) == []
    assert refs(among={1, 3}, purpose_id=gate) == ["A"]


def test_the_consents_that_soon_end_are_found_by_their_index(people: World) -> None:
    asked: list[str] = []
    people.db._connection.set_trace_callback(asked.append)
    ending(people, "30d")
    people.db._connection.set_trace_callback(None)
    [sql] = [one for one in asked if "SELECT" in one]
    steps = [row["detail"] for row in people.db.rows(f"EXPLAIN QUERY PLAN {sql}")]
    assert steps[0].startswith("SEARCH c USING COVERING INDEX consent_by_end")
    scanned = [step for step in steps if step.startswith("SCAN")]
    assert scanned == ["SCAN p"]  # the few purposes
